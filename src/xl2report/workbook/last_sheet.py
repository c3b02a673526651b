"""The hidden sheet with figures of the year before: there only where a workbook is issued with some."""

from __future__ import annotations

from xl2report.form.language import LAST
from xl2report.submission import LastYear
from xl2report.workbook.pen import Page
from xl2report.workbook.plan import FIRST_COLUMN, LAST_SHEET, LAST_YEAR_ID, Plan, column_name

_FIRST = 1


def write_last(page: Page, drawn: Plan, last: LastYear) -> None:
    """The year, and a row for each figure that rules ask for, whether there is one or not."""
    page.text(_FIRST, 0, LAST_YEAR_ID)
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
