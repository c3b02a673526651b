"""Workbooks saved by WPS, old Excel and others: none is our form, and every cell is read as other programs read it."""

from __future__ import annotations

import datetime
import io
import re
import warnings
from decimal import Context, Decimal
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

import xl2report
from xl2report.checked import open_book
from xl2report.grid import Grid
from xl2report.submission import Raw

RETURNED = Path(__file__).resolve().parents[2] / "shared" / "data" / "returned"
FILES = sorted(path for path in RETURNED.glob("*") if path.suffix in (".xlsx", ".xls", ".et"))
FIFTEEN = Context(prec=15)
pytestmark = pytest.mark.skipif(not FILES, reason="the collection of foreign workbooks is not beside the project")
each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


@each
def test_a_foreign_workbook_gets_one_finding_that_it_is_not_our_form(path):
    result = xl2report.check(path)
    assert [(finding.code, finding.severity, finding.cells) for finding in result.findings] == [("F106", "error", ())]
    assert result.status == "unreadable"


@each
def test_every_cell_is_read_as_another_program_reads_it(path):
    content = path.read_bytes()
    book = open_book(content, unwanted=frozenset())[1]
    elsewhere = by_openpyxl(path) if path.suffix == ".xlsx" else by_calamine(path)
    assert [grid.name for grid in book.sheets] == list(elsewhere)
    assert sum(map(len, elsewhere.values()))
    for grid in book.sheets:
        assert differences(grid, elsewhere[grid.name], path.suffix == ".xlsx") == []


def by_openpyxl(path: Path) -> dict[str, dict[tuple[int, int], object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl would lose on saving
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    return {
        sheet.title: {(cell.row - 1, cell.column - 1): cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}
        for sheet in book.worksheets
    }


def by_calamine(path: Path) -> dict[str, dict[tuple[int, int], object]]:
    book = CalamineWorkbook.from_path(path)
    rows = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    return {
        name: {(r, c): value for r, row in enumerate(sheet) for c, value in enumerate(row) if value != ""}
        for name, sheet in rows.items()
    }


def differences(grid: Grid, values: dict[tuple[int, int], object], errors_show: bool) -> list[tuple[tuple[int, int], Raw, object]]:
    """The cells that are not the same on both sides."""
    read = {place for place, raw in grid.cells.items() if raw.text and (errors_show or raw.kind != "error")}
    places = sorted(values.keys() | read)
    return [(place, grid.at(*place), values.get(place)) for place in places if not same(grid.at(*place), values.get(place))]


def same(raw: Raw, value: object) -> bool:
    """True if a cell is what the other program sees.

    Where they are known to differ: openpyxl leaves ``_x005f_`` as it is; calamine gives nothing for an error, and numbers
    for some dates. A number that is shown as a percentage is read as what is shown.
    """
    match value:
        case bool():
            return raw.kind == "boolean" and raw.text == str(value).upper()
        case int() | float() if raw.kind == "percent":
            return FIFTEEN.create_decimal(raw.text.removesuffix("%")) == FIFTEEN.create_decimal(Decimal(repr(value)) * 100)
        case int() | float() if raw.kind == "date":
            return raw.text[:10] == (datetime.date(1899, 12, 30) + datetime.timedelta(int(value))).isoformat()
        case int() | float():
            return raw.kind == "number" and FIFTEEN.create_decimal(raw.text) == FIFTEEN.create_decimal(Decimal(repr(value)))
        case datetime.datetime() | datetime.date():
            return raw.kind == "date" and raw.text[:10] == value.isoformat()[:10]
        case datetime.time() | datetime.timedelta():
            return raw.kind == "date"
        case None:
            return not raw.text
    return raw.text == re.sub("_x005[fF]_", "_", str(value))
