"""The change list of a transfer as text: what could not be read first, what moved last; like lines are one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl2report.checks.catalogue import ARTICLES
from xl2report.checks.entries import repair_words, visible
from xl2report.checks.findings import Finding
from xl2report.form.model import Words
from xl2report.submission import Place
from xl2report.workbook.change import KINDS, Change

_QUOTED = 60  # characters of a text that a line quotes
_CELLS = 8  # cells that a line names
_HEADS = {
    "unread": Words("没有转入 {n} 处：请对照原件，逐处处理", "not carried over ({n}): see to each of them, from the original"),
    "doubtful": Words("已转入、需要核对 {n} 处：请对照原件", "carried over, to be compared with the original ({n})"),
    "total": Words("总计不同 {n} 处：新工作簿里的总计由公式算出，请核对各项", "totals that differ ({n}): the fresh workbook adds them up; compare their items"),
    "repaired": Words("写法已改 {n} 处", "written differently ({n})"),
    "dropped": Words("没有用上 {n} 处", "not used ({n})"),
    "moved": Words("位置有变 {n} 格", "cells that stand elsewhere ({n})"),
    "rolled": Words("从上年转入 {n} 处", "taken over from last year ({n})"),
}  # fmt: skip
_REASONS = {  # what a reason of the transfer's own means, and what to do
    "no-item": (Words("新表单没有这一项，原填“{raw}”", "the new form has no such item; it held '{raw}'"),
        Words("新表单里改了名或拆开了的，填到相应的格", "if the new form has renamed or split it, fill in those cells")),
    "no-fit": (Words("新表单里这一项的单位、种类或可选项不同，原填“{raw}”", "the unit, kind or choices of this item are others in the new form; it held '{raw}'"),
        Words("按新表单填写", "write it as the new form asks")),
    "outside": (Words("有 {n} 个格在待填格之外，里面的内容没有转入", "cells outside the inputs hold something ({n})"),
        Words("有用的，填到新工作簿的待填格里", "if it is needed, write it into an input of the fresh workbook")),
    "sheet-unread": (Words("这张工作表没有读取，里面有 {n} 格内容，开头是“{raw}”", "this sheet was not read; {n} cells hold something, the first '{raw}'"),
        Words("有用的，填到新工作簿里", "if it is needed, write it into the fresh workbook")),
    "total-text": (Words("总计格里的“{raw}”不是数字，新工作簿算出 {value}", "'{raw}' in this total is no number; the fresh workbook has {value}"),
        Words("请核对各项", "compare the items")),
    "unwritable": (Words("一个单元格放不下，或者含有不能保存的字符：“{raw}”", "more than a cell holds, or characters that cannot be stored: '{raw}'"),
        Words("分成几段", "break it up")),
    "no-room": (Words("文字太长，末尾 {n} 段放不下，开头是“{raw}”", "too much text: the last {n} paragraphs have no room, the first is '{raw}'"),
        Words("请缩短", "shorten it")),
    "no-figure": (Words("上年的工作簿里没有这个数", "last year's workbook has no such figure"),
        Words("按上年公开的报告填写", "take it from last year's published report")),
    "total-differs": (Words("上年的总计“{raw}”与各项之和不同", "last year's total '{raw}' is not the sum of its items"),
        Words("按上年公开的报告填写", "take it from last year's published report")),
}  # fmt: skip


def change_list(changes: Sequence[Change], language: str) -> str:
    """One paragraph a kind, most pressing first."""
    lines: list[str] = []
    for kind in KINDS:
        here = [change for change in changes if change.kind == kind]
        if here:
            count = sum(change.cells for change in here)
            lines.append(_HEADS[kind].in_language(language).format(n=count))
            for group in _grouped(here):
                lines += _lines(group, language)
    return "\n".join(lines)


def _grouped(changes: list[Change]) -> list[list[Change]]:
    """Changes that say the same of several cells of one sheet, in the order of their first."""
    groups: dict[tuple[str, ...], list[Change]] = {}
    for n, change in enumerate(changes):
        groups.setdefault((change.code, change.source.sheet, change.target.sheet, *_same(change, n)), []).append(change)
    return list(groups.values())


def _same(change: Change, n: int) -> tuple[str, ...]:
    if change.kind in ("moved", "dropped", "total") or change.code == "S103":
        return (str(n),)
    if change.code[0] == "S" or change.code == "outside" or dict(change.words).get("repairs") == "text":
        return ()
    return change.raw, change.value


def _lines(group: list[Change], language: str) -> list[str]:
    match group[0].kind:
        case "unread" | "doubtful":
            return list(_to_do(group, language))
        case "moved":
            return [f"  {_move(group[0], language)}"]
        case "dropped":
            return [f"  {_drop(group[0], language)}"]
    return [f"  {_where(group, language)}{_colon(language)}{_became(group, language)}"]


# -- what a person has to see to -------------------------------------------------------------------------------------


def _to_do(group: list[Change], language: str) -> Iterator[str]:
    first = group[0]
    code = f"[{first.code}] " if first.code in ARTICLES else ""
    yield f"  {code}{_where(group, language)}".rstrip()
    says, fix = _sentences(group, language)
    yield f"      {says}"
    if (first.code[0] == "S" or first.code == "outside") and any(change.raw for change in group):
        told = group if first.kind == "unread" else group[:_CELLS]  # what did not go over is all printed
        quoted = [f"{change.source.cell}={_quote(change.raw)}" for change in told if change.raw]
        yield f"      {'原填' if language != 'en' else 'it held'}{_colon(language)}{_joined(quoted, len(group), language)}"
    target = _address([change.target for change in group], language)
    if all(change.target[:2] == change.source[:2] for change in group):
        target = "the same place" if language == "en" else "的同一格" if len(group) == 1 else "的相同各格"
    if first.kind == "doubtful" or not target:
        into = ""
    elif language == "en":
        into = f", in the fresh workbook at {target}" if fix else f"fill it into the fresh workbook at {target}"
    else:
        into = f"；填在新工作簿{target}" if fix else f"填在新工作簿{target}"
    if fix or into:
        yield f"      → {fix}{into}"


def _sentences(group: list[Change], language: str) -> tuple[str, str]:
    """What is the matter, and what to do about it apart from filling it in."""
    first = group[0]
    if first.code in _REASONS:
        cells = sum(change.cells for change in group)
        says, fix = (words.in_language(language) for words in _REASONS[first.code])
        return says.format(raw=_short(first.raw), value=first.value or "—", n=cells), fix
    finding = Finding(first.code, "error", words=(("count", str(len(group))), *first.words))
    if first.kind == "doubtful":
        return finding.message(language), Words("逐格核对", "compare every cell").in_language(language)
    if first.code[0] == "S":  # their remedies are about the source
        return finding.message(language), "" if first.target.cell else _REASONS["sheet-unread"][1].in_language(language)
    return finding.message(language), finding.fix(language)


# -- the other lines -------------------------------------------------------------------------------------------------


def _became(group: list[Change], language: str) -> str:
    first, english = group[0], language == "en"
    if first.kind == "total":
        return _total(first, english)
    if first.kind == "rolled":
        return first.value if first.raw else f"{first.value}（{'blank, declared 0' if english else '上年为空白，声明为 0'}）"
    if first.code == "placeholder":
        return f"{_quote(first.raw)} → " + ("left empty" if english else "留空，不填符号")
    if first.code == "formula":
        return f"{'the formula' if english else '公式'} {_short(first.raw)} → {first.value}"
    if first.code in ARTICLES and not first.raw:
        return Finding(first.code, "note", words=first.words).message(language)
    repairs = dict(first.words).get("repairs", "")
    if repairs == "text":
        return "numbers stored as text are now numbers" if english else "以文本形式存储的数字，改成了数字"
    told = f"（{repair_words(repairs, language)}）" if repairs else ""
    return f"{_quote(first.raw)} → {_short(first.value)}{told}"


def _total(change: Change, english: bool) -> str:
    if not change.value:
        return f"it was {_short(change.raw)}; items are missing" if english else f"原为 {_short(change.raw)}，各项不全，还算不出"
    return f"it was {_short(change.raw)}, computed {change.value}" if english else f"原为 {_short(change.raw)}，算出 {change.value}"


def _move(change: Change, language: str) -> str:
    english = language == "en"
    source, target = change.source, change.target
    cells = f"（cells: {change.cells}）" if english else f"（{change.cells} 格）"
    if change.code == "joined":
        rows = dict(change.words)["rows"]
        where = _where([change], language)
        return f"{where}: {change.cells} paragraphs in {rows} rows, some joined by line ends" if english else f"{where}：{change.cells} 段写进 {rows} 格，放不下的几段写在一格里，用换行分开"
    if change.code in ("sheet", "layout"):
        other = (", laid out differently" if english else "，排列不同") if change.code == "layout" else ""
        return f"{'sheet ' if english else '工作表'}“{source.sheet}” → “{target.sheet}”{other}{cells}"
    here = target.cell if source.sheet == target.sheet else f"{target.sheet} {target.cell}"
    return f"{source.sheet} {source.cell} → {here}{cells}"


def _drop(change: Change, language: str) -> str:
    english = language == "en"
    if change.code == "gap":
        return (
            f"the source is of {change.raw}, the fresh workbook of {change.value}: with a gap between them only the cover is taken over" if english
            else f"原工作簿是 {change.raw} 年度，新工作簿是 {change.value} 年度，不相连：只转入封面，表内的数请按上年报告填"
        )  # fmt: skip
    rule = change.source.item[0]
    return f"说明 of {rule}: {_quote(change.raw)}" if english else f"{rule} 的说明{_quote(change.raw)}：新工作簿里没有这一条"


# -- places and quotations -------------------------------------------------------------------------------------------


def _where(group: list[Change], language: str) -> str:
    first = group[0]
    place = first.source if first.source.sheet else first.target
    shown = _address([change.source if change.source.sheet else change.target for change in group], language)
    item = " > ".join(_common([change.item for change in group]))
    moved = ""
    if first.kind == "rolled" and first.source[:2] != first.target[:2]:
        moved = f" → {_address([change.target for change in group], language)}"
    return f"{shown or place.sheet}{moved}" + (f"（{item}）" if item else "")


def _common(items: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The labels that all items begin with."""
    shortest = min(items, key=len)
    return next((shortest[:n] for n in range(len(shortest), 0, -1) if all(item[:n] == shortest[:n] for item in items)), ())


def _address(places: list[Place], language: str) -> str:
    """Cells of one sheet; "" for places without any."""
    cells = [place.cell for place in places if place.cell]
    if not cells:
        return places[0].sheet
    return f"{places[0].sheet} {_joined(cells[:_CELLS], len(cells), language)}"


def _joined(parts: list[str], count: int, language: str) -> str:
    shown = (", " if language == "en" else "、").join(parts)
    if count <= len(parts):
        return shown
    return f"{shown} … ({count} in all)" if language == "en" else f"{shown} 等 {count} 格"


def _short(text: str) -> str:
    shown = visible(text.replace("\n", " "))
    return shown if len(shown) <= _QUOTED else f"{shown[:_QUOTED]}…"


def _quote(text: str) -> str:
    return f"“{_short(text)}”"


def _colon(language: str) -> str:
    return ": " if language == "en" else "："
