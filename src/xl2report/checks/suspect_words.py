"""Suspect cells in sentences."""

from __future__ import annotations

from xl2report.checks.findings import shortened
from xl2report.checks.suspects import MOST_CELLS, Change, Suspicion

SHOWN = 5  # repairs of a group that people are shown


def heading(suspicion: Suspicion, language: str) -> str:
    """Which rules it is about, and what can be done so that they hold."""
    rules = dict.fromkeys(instance.rule.id for instance in suspicion.broken)
    count, cells = len(suspicion.repairs), len(suspicion.repairs[0]) if suspicion.repairs else 0
    if language == "en":
        blank = ", blanks counted as 0" if suspicion.blanks_as_zero else ""
        return f"suspect cells [{', '.join(rules)}]{blank}: {_english(suspicion, count, cells)}"
    blank = "（空格暂按 0 算）" if suspicion.blanks_as_zero else ""
    return f"可能填错的格 [{'、'.join(rules)}]{blank}：{_chinese(suspicion, count, cells)}"


def _chinese(suspicion: Suspicion, count: int, cells: int) -> str:
    if not count:
        if suspicion.complete:
            return f"改动不超过 {MOST_CELLS} 格，不能使这些规则都成立，请对照原始数据逐格核对"
        return "可能的改法太多，没有查完，请对照原始数据逐格核对"
    if count == 1 and suspicion.complete:
        what = f"下面这{'一' if cells == 1 else f' {cells} '}格改为所列的数"
    else:
        what = "下面任一格改为所列的数" if cells == 1 else f"下面任选一种，{cells} 格都改为所列的数"
    return f"{what}，这些规则就都成立；请先对照原始数据"


def _english(suspicion: Suspicion, count: int, cells: int) -> str:
    if not count:
        if suspicion.complete:
            return f"no change of up to {MOST_CELLS} cells makes these rules hold: compare every cell with your records"
        return "there are too many possible changes, the search was given up: compare every cell with your records"
    if count == 1 and suspicion.complete:
        what = "this cell is" if cells == 1 else f"these {cells} cells are"
    else:
        what = "one of these cells is" if cells == 1 else f"{cells} cells, in one of these ways, are"
    return f"these rules hold if {what} changed to the figure given; compare it with your records first"


def needed(change: Change, language: str, *, with_sheet: bool = True) -> str:
    """A cell with the value that it would need."""
    sheet, cell, item = change.place
    where = f"{sheet} {cell}".strip() if with_sheet else cell
    path = " > ".join(item)
    now = shortened(change.now)
    if language == "en":
        return f"{where} ({path}) should be {change.needed:f} (now {now or 'empty'})"
    return f"{where}（{path}） 应为 {change.needed:f}（现为{f' {now}' if now else '空'}）"


def repair(changes: tuple[Change, ...], language: str) -> str:
    """The changes of one repair in a line, with what tells for them."""
    sheets = {change.place.sheet for change in changes}
    told = [needed(one, language, with_sheet=not at or len(sheets) > 1) for at, one in enumerate(changes)]
    reasons = [why for why in dict.fromkeys(change.why(language) for change in changes) if why]
    if language == "en":
        return "; ".join(told) + (f": {', '.join(reasons)}" if reasons else "")
    return "；".join(told) + (f"：{'，'.join(reasons)}" if reasons else "")


def rest(suspicion: Suspicion, language: str) -> str:
    """What is not shown, and whether there may be more; "" if that is all."""
    more, english = len(suspicion.repairs) - SHOWN, language == "en"
    parts = []
    if more > 0:
        parts.append(f"{more} more ways" if english else f"另有 {more} 种改法")
    if suspicion.repairs and not suspicion.complete:
        parts.append("the search was given up, there may be others" if english else "没有查完，可能还有别的改法")
    return (", " if english else "，").join(parts)
