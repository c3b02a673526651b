"""对账.xlsx: summaries beside what they are the sums of, every item in which they differ, and the sums of every superior."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from xl2report.desk.collection import Collection, sums, tree
from xl2report.desk.reconciliation import Difference, Reconciliation, Verdict, reconciliations
from xl2report.desk.roster import Unit
from xl2report.desk.tree import Branch, Figures, Reason, Tree, added_up
from xl2report.form.language import COMPARED_DECIMALS
from xl2report.form.model import Field
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Page, Pen, exactly
from xl2report.workbook.plan import cell_name, column_name

VERDICTS: Mapping[Verdict, str] = {"agrees": "相符", "differs": "不符", "open": "待核"}
_LOOKS: Mapping[Verdict, str] = {"agrees": "good", "differs": "bad", "open": "open"}
_USED = {"own": "报来的汇总", "added": "下级合计", "": "（没有数字）"}
_IN_SUMS: Mapping[Reason | Literal[""], str] = {"": "报来的汇总", "replaced": "下级合计", "office": "下级合计，本单位的报告不计入", "covered": "上级报来的汇总"}
_RULES: Mapping[Reason | Literal[""], str] = {
    "replaced": "应报的下级到齐了，合计用下级的", "": "下级没有到齐，合计用报来的汇总", "covered": "上级的汇总已计入的，下面的不另计",
    "office": "本单位自己的报告不计入，合计用已有的下级数字",
}  # fmt: skip
_HEADS = (
    ("层级", 7), ("代码", 18), ("名称", 28), ("结论", 9), ("不符项数", 10), ("待核项数", 10), ("合计采用", 18), ("下级单位", 10), ("其中已有", 10), ("缺的单位", 40), ("报来的汇总", 40),
)  # fmt: skip
_ITEM_HEADS = (
    ("代码", 18), ("名称", 28), ("项目", 72), ("报来的汇总", 14), ("下级合计", 14), ("差额", 14), ("结论", 9), ("说明", 24), ("缺的单位", 40),
)  # fmt: skip
_SUM_HEADS = ("层级", "代码", "数字取自", "单位", "还缺")  # of the sums: what stands above the figures of a column
_ITEM, _NODE, _AT = 90, 18, 1  # their columns: widths of an item and of a unit, where the total stands
_NARROW = 3  # columns of units that fit on a page upright
_MOST = 10  # units that a cell names
_LINE = 16.0
_FIRST = 3  # the row of the first line, after title, words and heads


def reconciliation_book(found: Collection, title: str) -> bytes:
    """The workbook as .xlsx bytes; the same collection gives the same bytes."""
    out = io.BytesIO()
    pen = Pen(out)
    pen.book.set_properties({"created": datetime.datetime(1980, 1, 1), "title": title})
    known, branches = reconciliations(found), tree(found)
    page = _page(pen, "对账", f"{title}：对账", _told(known), _HEADS)
    for row, one in enumerate(known, _FIRST):
        _reconciliation(page, row, one)
    page.sheet.autofilter(2, 0, max(2 + len(known), 2), len(_HEADS) - 1)
    page.sheet.fit_to_pages(1, 0)
    words = "差额 = 报来的汇总 − 下级合计。不符：缺的单位也解释不了。待核：可能是缺的单位的数字。"
    page = _page(pen, "差异", f"{title}：逐项差异", words, _ITEM_HEADS)
    lines = [(one, difference) for one in known for difference in one.differences]
    for row, (one, difference) in enumerate(lines, _FIRST):
        _difference(page, row, one, difference)
    page.sheet.autofilter(2, 0, max(2 + len(lines), 2), len(_ITEM_HEADS) - 1)
    page.sheet.fit_to_pages(1, 0)
    _sums(pen, found, branches, f"{title}：层级汇总")
    pen.book.close()
    return out.getvalue()


def _told(known: Sequence[Reconciliation]) -> str:
    if not known:
        return "没有一个上级既报了汇总、下面又有计入的报表，不需要对账。"
    numbers = {verdict: sum(one.verdict == verdict for one in known) for verdict in VERDICTS}
    told = "，".join(f"{word} {numbers[verdict]}" for verdict, word in VERDICTS.items() if numbers[verdict])
    rules = [rule for reason, rule in _RULES.items() if any(one.left_out == reason for one in known)]
    return f"{len(known)} 个上级报来的汇总与下级合计：{told}。{'；'.join(rules)}。"


def _page(pen: Pen, name: str, title: str, line: str, heads: Sequence[tuple[str, int]]) -> Page:
    page = pen.page(name)
    page.text(0, 0, title, "title")
    page.sheet.set_row(0, 28)
    page.text(1, 0, line)
    for column, (head, size) in enumerate(heads):
        page.sheet.set_column(column, column, size)
        page.text(2, column, head, "header")
    page.sheet.freeze_panes(_FIRST, 3)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.repeat_rows(2)
    return page


def _reconciliation(page: Page, row: int, one: Reconciliation) -> None:
    branch = one.branch
    page.number(row, 0, branch.depth + 1, "centre")
    page.text(row, 1, branch.unit.code, "cell")
    page.text(row, 2, branch.unit.name, "cell")
    _verdict(page, row, 3, one.verdict)
    page.number(row, 4, one.sure, "centre")
    page.number(row, 5, one.unsure, "centre")
    page.text(row, 6, _IN_SUMS[one.left_out], "centre")
    page.number(row, 7, branch.bottom, "centre")
    page.number(row, 8, branch.bottom - len(branch.lacking), "centre")
    page.text(row, 9, named(branch.lacking), "cell")
    page.text(row, 10, one.record.path, "cell")
    _height(page, row, ((branch.unit.name, 28), (_IN_SUMS[one.left_out], 18), (named(branch.lacking), 40), (one.record.path, 40)))


def _difference(page: Page, row: int, one: Reconciliation, difference: Difference) -> None:
    unit, field = one.branch.unit, difference.field
    figures, label = ("centre", "cell") if difference.derived else ("total", "label")
    item, lacking = " > ".join(field.path), named(one.branch.lacking)
    page.text(row, 0, unit.code, "cell")
    page.text(row, 1, unit.name, "cell")
    page.text(row, 2, item, label)
    _figure(page, row, 3, difference.handed_up, figures)
    _figure(page, row, 4, difference.added_up, figures)
    formula = f"=ROUND({cell_name(row, 3)}-{cell_name(row, 4)},{_decimals(field, difference.amount)})"
    page.formula((row, 5), formula, difference.amount, exactly(figures, difference.amount))
    _verdict(page, row, 6, "differs" if difference.sure else "open")
    known = (("由所含各项的差额而来", difference.derived), ("报来的汇总没有填，按 0 比较", difference.handed_up is None))
    remark = "；".join(words for words, holds in known if holds)
    page.text(row, 7, remark, "cell")
    page.text(row, 8, lacking, "cell")
    _height(page, row, ((unit.name, 28), (item, 72), (remark, 24), (lacking, 40)))


def _figure(page: Page, row: int, column: int, value: Decimal | None, style: str) -> None:
    """A figure, or the empty cell of a blank."""
    if value is None:
        page.text(row, column, "", style)
    else:
        page.number(row, column, value, exactly(style, value))


def _sums(pen: Pen, found: Collection, branches: Tree, title: str) -> None:
    """A line for each item, a column for each superior and one for all that have none and are none; the total is a formula over the first level."""
    fields = found.form.coded_fields
    columns = tuple(_nodes(branches))
    blanks = sum(column.figures.count(None) for column in columns)
    words = "每个数字只计一次。第 1 级各列相加是合计；下面各级的数字已含在它的上级里。" + (f"空着的 {blanks} 格是报来的汇总没有填的，不是 0，合计里没有它们。" if blanks else "")
    page = pen.page("层级汇总")
    _set_up_sums(page, columns, title, words)
    last = column_name(_AT + max(len(columns), 1))
    levels = f"${column_name(_AT + 1)}${_FIRST + 1}:${last}${_FIRST + 1}"
    top = _FIRST + len(_SUM_HEADS)
    for row, (field, total) in enumerate(zip(fields, sums(found), strict=True), top):
        item, area = " > ".join(field.path), f"{cell_name(row, _AT + 1)}:{last}{row + 1}"
        page.text(row, 0, item, "label")
        page.formula((row, _AT), f"=ROUND(SUMIF({levels},1,{area}),{_decimals(field, total)})", total, exactly("total", total))
        _height(page, row, ((item, _ITEM),))
    for n, column in enumerate(columns, _AT + 1):
        _column(page, n, column, top, len(fields))


class _Column(NamedTuple):
    """What stands in a column of the sums; ``figures`` is () where there are none."""

    name: str
    level: int
    code: str
    used: str
    due: int
    left: int
    figures: Figures


def _nodes(branches: Tree) -> Iterator[_Column]:
    for branch in branches.values():
        if branch.below:
            yield _Column(branch.unit.name, branch.depth + 1, branch.unit.code, _USED[branch.used], branch.due, _left(branch), branch.figures)
    alone = [branch for branch in branches.values() if not branch.below and not branch.depth]
    if alone:
        used = sum(bool(branch.used) for branch in alone)
        figures = added_up(branch.figures for branch in alone)
        yield _Column("没有上下级的单位", 1, "", f"{used} 个单位的报表" if used else _USED[""], sum(branch.due for branch in alone), sum(map(_left, alone)), figures)


def _left(branch: Branch) -> int:
    return sum(unit.reports for unit in branch.left)


def _set_up_sums(page: Page, columns: Sequence[_Column], title: str, words: str) -> None:
    page.text(0, 0, title, "title")
    page.sheet.set_row(0, 28)
    page.text(1, 0, words)
    page.sheet.set_column(0, 0, _ITEM)
    page.sheet.set_column(_AT, _AT + len(columns), _NODE)
    for column, head in enumerate(("项目", "合计", *(column.name for column in columns))):
        page.text(2, column, head, "header")
    _height(page, 2, ((column.name, _NODE) for column in columns) if columns else (("", _NODE),))
    for row, head in enumerate(_SUM_HEADS, _FIRST):
        page.text(row, 0, head, "label")
        page.text(row, _AT, "", "total")
    page.sheet.freeze_panes(_FIRST + 1, _AT + 1)
    page.sheet.set_paper(9)
    page.sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    page.sheet.repeat_rows(2)
    page.sheet.set_footer("&C第 &P 页，共 &N 页")
    if len(columns) <= _NARROW:
        page.sheet.fit_to_pages(1, 0)
    else:
        page.sheet.set_landscape()
        page.sheet.set_print_scale(60)
        page.sheet.repeat_columns(0)


def _column(page: Page, n: int, column: _Column, top: int, count: int) -> None:
    page.number(_FIRST, n, column.level, "centre")
    page.text(_FIRST + 1, n, column.code, "centre")
    page.text(_FIRST + 2, n, column.used, "centre")
    page.number(_FIRST + 3, n, column.due, "centre")
    page.number(_FIRST + 4, n, column.left, "centre")
    if column.left:
        page.sheet.conditional_format(_FIRST + 4, n, _FIRST + 4, n, {"type": "no_blanks", "format": page.style("bad")})
    for row, value in enumerate(column.figures or (None,) * count, top):
        _figure(page, row, n, value, "centre")


def _decimals(field: Field, result: Decimal) -> int:
    """To what a spreadsheet's result is rounded: it adds binary fractions."""
    return max(field.decimals, COMPARED_DECIMALS, -int(result.as_tuple().exponent))


def named(units: Sequence[Unit]) -> str:
    """The units by name, the first of them; those that need not report are marked."""
    told = "、".join(unit.name + ("" if unit.reports else "（不报）") for unit in units[:_MOST])
    return told + (f" 等 {len(units)} 个" if len(units) > _MOST else "")


def _verdict(page: Page, row: int, column: int, verdict: Verdict) -> None:
    page.text(row, column, VERDICTS[verdict], "verdict")
    page.sheet.conditional_format(row, column, row, column, {"type": "no_blanks", "format": page.style(_LOOKS[verdict])})


def _height(page: Page, row: int, texts: Iterable[tuple[str, int]]) -> None:
    lines = max(1 + width(text) // (size - 2) for text, size in texts)
    page.sheet.set_row(row, _LINE * min(lines, 20) + 2)
