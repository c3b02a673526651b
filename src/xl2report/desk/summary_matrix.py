"""单位与项目: one row a unit, one column an item, live sums above; every other sheet of 汇总.xlsx refers to these cells."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from xl2report.desk.collection import Collection, Standing, sums, tree
from xl2report.desk.links import link
from xl2report.desk.tree import Figures, counted
from xl2report.form.language import COMPARED_DECIMALS
from xl2report.form.model import Field
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Page, exactly
from xl2report.workbook.plan import cell_name, column_name, quoted

MATRIX = "单位与项目"
_NAME, _FIRST_COLUMN = 1, 2  # code and name stand before the figures
_HEADS, _SUMS, _FIRST_ROW = 2, 3, 4  # after title and line
_FIGURE, _LINE, _TALLEST = 14, 15.0, 400.0


class Matrix(NamedTuple):
    """What stands on the sheet. ``inside`` are the units whose own figures make up the sums, each figure once; ``replaced``
    are superiors for whom those below are added up instead; ``covered`` are below one whose summary is used.
    """

    fields: tuple[Field, ...]
    sums: tuple[Decimal, ...]
    inside: tuple[Standing, ...]
    replaced: tuple[Standing, ...]
    covered: tuple[Standing, ...]

    @property
    def places(self) -> dict[str, int]:
        """By the id of an item its place among the figures of a unit."""
        return {field.id: n for n, field in enumerate(self.fields)}

    def total_at(self, place: int) -> str:
        """The cell with the sum of an item, to be used in formulas of other sheets."""
        return f"{quoted(MATRIX)}!${column_name(_FIRST_COLUMN + place)}${_SUMS + 1}"

    def name_at(self, n: int) -> str:
        """The cell with the name of a unit that is inside."""
        return f"{quoted(MATRIX)}!${column_name(_NAME)}${_FIRST_ROW + n + 1}"

    def figure_at(self, n: int, place: int) -> str:
        """The cell with a figure of a unit that is inside."""
        return f"{quoted(MATRIX)}!${column_name(_FIRST_COLUMN + place)}${_FIRST_ROW + n + 1}"


def matrix(found: Collection) -> Matrix:
    """The figures of the units that count, in the order of the roster."""
    branches = tree(found)
    rows = counted(branches)
    valid = [standing for standing in found.standings if standing.counts and standing.valid]
    outside = [standing for standing in valid if standing.unit.row not in rows]
    inside = tuple(standing for standing in valid if standing.unit.row in rows)
    replaced = tuple(standing for standing in outside if branches[standing.unit.row].used == "added")
    covered = tuple(standing for standing in outside if branches[standing.unit.row].used != "added")
    return Matrix(found.form.coded_fields, sums(found), inside, replaced, covered)


def figures(standing: Standing) -> Figures:
    """What a unit reports, in the order of the items; None where it has left a blank that is no 0."""
    return standing.valid.figures if standing.valid else ()


def write_matrix(page: Page, shown: Matrix, title: str, line: str, desk: Path | None) -> None:
    """The sheet; the page is a streamed one, so rows go in order."""
    page.sheet.set_column(0, 0, 20)
    page.sheet.set_column(_NAME, _NAME, 36)
    for n, total in enumerate(shown.sums, _FIRST_COLUMN):
        page.sheet.set_column(n, n, max(_FIGURE, len(f"{total:f}") + 3))
    _set_up(page)
    page.sheet.set_row(0, 28)
    page.text(0, 0, title, "title")
    page.text(1, 0, f"一行一个单位，一列一个项目；“合计”是公式，其他各表和图都取自这里。{line}{_blanks(shown)}")
    heads = ["代码", "名称", *(" > ".join(field.path) for field in shown.fields)]
    lines = max(-(-width(head) // (_FIGURE - 2)) for head in heads)
    page.sheet.set_row(_HEADS, min(_LINE * lines + 4, _TALLEST))
    for column, head in enumerate(heads):
        page.text(_HEADS, column, head, "header")
    page.text(_SUMS, 0, "", "total")
    page.text(_SUMS, _NAME, "合计", "total")
    end = _FIRST_ROW + max(len(shown.inside), 1) - 1
    for n, (field, total) in enumerate(zip(shown.fields, shown.sums, strict=True), _FIRST_COLUMN):
        area = f"{cell_name(_FIRST_ROW, n)}:{cell_name(end, n)}"
        page.formula((_SUMS, n), f"=ROUND(SUM({area}),{_decimals(field, total)})", total, exactly("total", total))
    _units(page, _FIRST_ROW, shown.inside, desk)
    row = end + 1
    for words, standings in (
        ("以下不计入合计：下级的报表到齐了，合计用的是下级的数字", shown.replaced),
        ("以下不计入合计：数字已在上级报来的汇总里", shown.covered),
    ):
        if standings:
            page.text(row, 0, words, "heading")
            _units(page, row + 1, standings, desk)
            row += len(standings) + 1


def _set_up(page: Page) -> None:
    page.sheet.freeze_panes(_FIRST_ROW, _FIRST_COLUMN)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.set_print_scale(55)  # thirteen items a page: sheets of 200 items are pasted side by side
    page.sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    page.sheet.repeat_rows(_HEADS, _SUMS)
    page.sheet.repeat_columns(0, _NAME)
    page.sheet.set_footer("&C第 &P 页，共 &N 页")


def _units(page: Page, first: int, standings: Iterable[Standing], desk: Path | None) -> None:
    for row, standing in enumerate(standings, first):
        unit = standing.unit
        page.sheet.set_row(row, _LINE * max(1, -(-width(unit.name) // 34), -(-width(unit.code) // 18)) + 2)
        page.text(row, 0, unit.code, "cell")
        page.link((row, _NAME), unit.name, link(standing.valid.path, desk) if standing.valid else "")
        page.numbers(row, _FIRST_COLUMN, figures(standing), "centre")


def _blanks(shown: Matrix) -> str:
    """How many figures are lacking though the unit counts."""
    count = sum(figures(standing).count(None) for standing in shown.inside)
    return f"空着的 {count} 格是单位没有填的，不是 0，合计里没有它们。" if count else ""


def _decimals(field: Field, total: Decimal) -> int:
    """To what the sum is rounded: a spreadsheet adds binary fractions."""
    return max(field.decimals, COMPARED_DECIMALS, -int(total.as_tuple().exponent))
