"""The hidden sheet with figures of the year before: written where a workbook is issued with some, and read back."""

from __future__ import annotations

from decimal import Decimal

from xl2report.form.language import LAST
from xl2report.form.model import Form
from xl2report.submission import LastYear
from xl2report.workbook.anchors import Anchored, row_ids
from xl2report.workbook.pen import Page
from xl2report.workbook.plan import FIRST_COLUMN, LAST_SHEET, Plan, column_name

_YEAR = "year"  # id of the row with that year
_FIRST = 1


def write_last(page: Page, drawn: Plan, last: LastYear) -> None:
    """The year, and a row for each figure that rules ask for, whether there is one or not."""
    page.text(_FIRST, 0, _YEAR)
    page.number(_FIRST, FIRST_COLUMN, last.year)
    row = _FIRST
    for row, figure in enumerate((row for row in drawn.figures if row.figure and row.figure.last), _FIRST + 1):
        page.text(row, 0, figure.key)
        worth = last.figures.get(figure.key.removeprefix(LAST))
        if worth is None:
            page.text(row, FIRST_COLUMN, "")
        else:
            page.number(row, FIRST_COLUMN, worth)
    for name, column in (("x2r_last_ids", 0), ("x2r_last", FIRST_COLUMN)):
        letter = column_name(column)
        page.pen.define(name, f"'{LAST_SHEET}'!${letter}${_FIRST + 1}:${letter}${row + 1}")


def gather_last(sheet: Anchored | None, form: Form) -> LastYear | None:
    """The figures that a workbook was issued with; None if it was issued with none, or does not say of which year."""
    if sheet is None:
        return None
    found = {
        name: Decimal(raw.text)
        for name, rows in row_ids(sheet).items()
        if (raw := sheet.grid.at(rows[0], sheet.column + FIRST_COLUMN)).kind == "number" and not raw.formula
    }
    year = found.get(_YEAR)
    figures = {name.removeprefix(LAST): value for name, value in found.items() if name.startswith(LAST)}
    return None if year is None else LastYear(int(year), {name: value for name, value in figures.items() if name in form.fields})
