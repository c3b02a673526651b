"""对账.xlsx: summaries beside what they are the sums of, every item in which they differ, and the sums of every superior."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from xl2report.desk.collection import Collection, sums, tree
from xl2report.desk.reconciliation import Difference, Reconciliation, Verdict, reconciliations
from xl2report.desk.roster import Unit
from xl2report.desk.tree import Branch, Tree
from xl2report.form.language import COMPARED_DECIMALS
from xl2report.form.model import Field
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Page, Pen
from xl2report.workbook.plan import cell_name

VERDICTS: Mapping[Verdict, str] = {"agrees": "相符", "differs": "不符", "open": "待核"}
_LOOKS: Mapping[Verdict, str] = {"agrees": "good", "differs": "bad", "open": "open"}
_USED = {"own": "报来的汇总", "added": "下级合计", "": "（没有数字）"}
_HEADS = (
    ("层级", 7), ("代码", 18), ("名称", 28), ("结论", 9), ("差异项数", 10), ("合计采用", 14), ("下级单位", 10), ("其中已有", 10), ("缺的单位", 40), ("报来的汇总", 40),
)  # fmt: skip
_ITEM_HEADS = (
    ("代码", 18), ("名称", 28), ("项目", 72), ("报来的汇总", 14), ("下级合计", 14), ("差额", 14), ("结论", 9), ("说明", 24), ("缺的单位", 40),
)  # fmt: skip
_SUM_HEADS = (("层级", 7), ("代码", 18), ("名称", 32), ("合计采用", 14), ("单位", 8), ("还缺", 8))
_MOST = 10  # units that a cell names
_LINE = 16.0
_FIRST = 3  # the row of the first line, after title, words and heads
_TOTAL = _FIRST  # of the sums: their first line is the total


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
    return f"{len(known)} 个上级报来的汇总与下级合计：{told}。下级到齐的，合计用下级的；没有到齐的，用报来的汇总。"


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
    page.number(row, 4, one.differing, "centre")
    page.text(row, 5, _USED[branch.used], "centre")
    page.number(row, 6, branch.bottom, "centre")
    page.number(row, 7, branch.bottom - len(branch.lacking), "centre")
    page.text(row, 8, named(branch.lacking), "cell")
    page.text(row, 9, one.record.path, "cell")
    _height(page, row, ((branch.unit.name, 28), (named(branch.lacking), 40), (one.record.path, 40)))


def _difference(page: Page, row: int, one: Reconciliation, difference: Difference) -> None:
    unit, field = one.branch.unit, difference.field
    figures, words = ("centre", "cell") if difference.derived else ("total", "label")
    item, lacking = " > ".join(field.path), named(one.branch.lacking)
    page.text(row, 0, unit.code, "cell")
    page.text(row, 1, unit.name, "cell")
    page.text(row, 2, item, words)
    page.number(row, 3, difference.handed_up, figures)
    page.number(row, 4, difference.added_up, figures)
    formula = f"=ROUND({cell_name(row, 3)}-{cell_name(row, 4)},{_decimals(field)})"
    page.formula((row, 5), formula, difference.amount, figures)
    _verdict(page, row, 6, "differs" if difference.sure else "open")
    page.text(row, 7, "由所含各项的差额而来" if difference.derived else "", "cell")
    page.text(row, 8, lacking, "cell")
    _height(page, row, ((unit.name, 28), (item, 72), (lacking, 40)))


def _sums(pen: Pen, found: Collection, branches: Tree, title: str) -> None:
    """A line for each superior and for each unit without one; the total is a formula over the first level."""
    fields = found.form.coded_fields
    shown = [branch for branch in branches.values() if branch.below or not branch.depth]
    line = "每个数字只计一次。第 1 级各行相加是合计；下面各级的数字已含在它的上级里。没有下级的单位只列第 1 级的，其余见汇总表。"
    page = _page(pen, "层级汇总", title, line, (*_SUM_HEADS, *((" > ".join(field.path), 14) for field in fields)))
    page.sheet.set_row(2, 120)
    page.sheet.freeze_panes(_TOTAL + 1, 3)
    page.sheet.repeat_rows(2, _TOTAL)
    page.sheet.repeat_columns(0, 2)
    for column in range(len(_SUM_HEADS)):
        page.text(_TOTAL, column, "合计" if column == 2 else "", "total")
    last = _TOTAL + max(len(shown), 1)
    levels = f"$A${_TOTAL + 2}:$A${last + 1}"
    at = len(_SUM_HEADS)
    for n, (field, total) in enumerate(zip(fields, sums(found), strict=True), at):
        area = f"{cell_name(_TOTAL + 1, n)}:{cell_name(last, n)}"
        page.formula((_TOTAL, n), f"=ROUND(SUMIF({levels},1,{area}),{_decimals(field)})", total, "total")
    for row, branch in enumerate(shown, _TOTAL + 1):
        _branch(page, row, branch, len(fields))


def _branch(page: Page, row: int, branch: Branch, count: int) -> None:
    page.number(row, 0, branch.depth + 1, "centre")
    page.text(row, 1, branch.unit.code, "cell")
    page.text(row, 2, "　" * branch.depth + branch.unit.name, "cell")
    page.text(row, 3, _USED[branch.used] if branch.below else "本单位报表" if branch.used else _USED[""], "centre")
    page.number(row, 4, branch.due, "centre")
    left = sum(unit.reports for unit in branch.left)
    page.number(row, 5, left, "centre")
    if left:
        page.sheet.conditional_format(row, 5, row, 5, {"type": "no_blanks", "format": page.style("bad")})
    for n, value in enumerate(branch.figures or (None,) * count, len(_SUM_HEADS)):
        if branch.used:
            page.number(row, n, value or Decimal(0), "centre")
        else:
            page.text(row, n, "", "centre")
    _height(page, row, (("　" * branch.depth + branch.unit.name, 32),))


def _decimals(field: Field) -> int:
    """To what a spreadsheet's sum is rounded: it adds binary fractions."""
    return max(field.decimals, COMPARED_DECIMALS)


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
