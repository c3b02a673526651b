"""The figures of the year before, as the hidden sheet of an issued workbook holds them."""

from __future__ import annotations

from decimal import Decimal

from xl2report.form.language import LAST
from xl2report.form.model import Form
from xl2report.grid import Book, Grid
from xl2report.submission import LastYear
from xl2report.workbook.anchors import stamp_of
from xl2report.workbook.plan import META_KEY, VALUE

_YEAR = "last"  # id of the row with the year


def gather_last(book: Book, form: Form) -> LastYear | None:
    """The figures that a workbook was issued with; None if it was issued with none."""
    for grid in book.sheets:
        for (row, column), raw in grid.cells.items():
            stamp = stamp_of(raw.text)
            if stamp and stamp.key == META_KEY:
                return _figures(grid, row, column, form)
    return None


def _figures(grid: Grid, top: int, ids: int, form: Form) -> LastYear | None:
    found: dict[str, Decimal] = {}
    year: Decimal | None = None
    for (row, column), raw in grid.cells.items():
        name = raw.text
        if column != ids or row <= top or not name.startswith(_YEAR):
            continue
        number = grid.at(row, ids + VALUE)
        if number.kind != "number" or number.formula:
            continue
        if name == _YEAR:
            year = Decimal(number.text)
        elif name.startswith(LAST) and name.removeprefix(LAST) in form.fields:
            found[name.removeprefix(LAST)] = Decimal(number.text)
    return None if year is None else LastYear(int(year), found)
