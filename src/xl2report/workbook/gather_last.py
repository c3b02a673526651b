"""The sheet with last year's figures → those figures."""

from __future__ import annotations

from decimal import Decimal

from xl2report.form.language import LAST
from xl2report.form.model import Form
from xl2report.submission import LastYear
from xl2report.workbook.anchors import Anchored, row_ids
from xl2report.workbook.plan import FIRST_COLUMN, LAST_YEAR_ID


def gather_last(sheet: Anchored | None, form: Form) -> LastYear | None:
    """The figures that a workbook was issued with; None if it was issued with none, or does not say of which year."""
    if sheet is None:
        return None
    found = {
        name: Decimal(raw.text)
        for name, rows in row_ids(sheet).items()
        if (raw := sheet.grid.at(rows[0], sheet.column + FIRST_COLUMN)).kind == "number" and not raw.formula
    }
    year = found.get(LAST_YEAR_ID)
    figures = {name.removeprefix(LAST): value for name, value in found.items() if name.startswith(LAST)}
    return None if year is None else LastYear(int(year), {name: value for name, value in figures.items() if name in form.fields})
