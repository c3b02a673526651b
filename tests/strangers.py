"""Files that are none of our workbooks, for tests: other formats, old formats, other people's tables."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

import xl2report
from binary_workbook import Formula, ole, xls, xlsb
from surgery import SAMPLE, packed, saved
from xl2report.checked import open_book, read
from xl2report.form.layout import layout
from xl2report.form.model import Form, Table
from xl2report.grid import Book
from xl2report.submission import Raw, Submission

FORM = xl2report.load_form("disclosure-2021")
HTML = '<html><head><meta charset="utf-8"></head><body><table><tr><td>一、本年新收</td><td>2</td></tr></table></body></html>'
EXCEL_HTML = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">'
    "<table><tr><td x:num>2</td></tr></table></html>"
)
CSV = "项目,自然人,总计\r\n一、本年新收,2,2\r\n二、上年结转,0,0\r\n"
MHTML = 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<table></table>\r\n--b--\r\n'
XML_2003 = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>'
)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(64)
HEIC = b"\0\0\0\x18ftypheic" + bytes(64)
RAR = b"Rar!\x1a\x07\x01\0" + bytes(64)
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(64)
BIFF4 = b"\t\x04\x06\0\0\0\x10\0\0\0" + bytes(64)
BIFF5 = b"\t\x08\x08\0\0\x05\x05\0\0\0\0\0" + bytes(64)


def office_open(part: str) -> bytes:
    """A package whose main part is a document or a presentation."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    return packed({
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships><Relationship Id="rId1" Type="{kind}" Target="{part}"/></Relationships>'.encode(),
        part: b"<document/>",
    })  # fmt: skip


def word_97() -> bytes:
    return ole({"WordDocument": b"\xec\xa5\xc1\0" + bytes(600), "1Table": bytes(600)})


def slides_97() -> bytes:
    return ole({"PowerPoint Document": bytes(600)})


def other_ole() -> bytes:
    """An Outlook message, an installer, a database: a compound file of something else."""
    return ole({"__properties_version1.0": bytes(600)})


# -- our workbook in other formats -------------------------------------------------------------------------------------


@lru_cache
def sample_book() -> Book:
    return open_book(SAMPLE, unwanted=frozenset())[1]


def _value(raw: Raw) -> object:
    return float(raw.text) if raw.kind == "number" else raw.text


def _sheets(change: dict[tuple[str, int, int], object]) -> dict[str, list[tuple[int, int, object]]]:
    """The values of the sample by sheet, some of them changed (None: left out)."""
    found = {}
    for grid in sample_book().sheets:
        values = {(grid.name, *place): _value(raw) for place, raw in grid.cells.items() if raw.text}
        values |= {place: value for place, value in change.items() if place[0] == grid.name}
        found[grid.name] = [(row, column, value) for (_, row, column), value in sorted(values.items()) if value is not None]
    return found


def as_xls(change: dict[tuple[str, int, int], object] | None = None) -> bytes:
    """The sample as another program saves it to .xls; texts as results of formulas, which need no table of strings.

    A changed value may be a pair, with its number format.
    """

    def cell(row: int, column: int, value: object) -> tuple[object, ...]:
        if isinstance(value, tuple):
            return row, column, *value
        return row, column, Formula(value) if isinstance(value, str) else value

    return xls({name: [cell(*one) for one in cells] for name, cells in _sheets(change or {}).items()})


def as_xlsb(change: dict[tuple[str, int, int], object] | None = None) -> bytes:
    return xlsb(_sheets(change or {}))


def as_ods(change: dict[tuple[str, int, int], object] | None = None) -> bytes:
    return ods(_sheets(change or {}))


def ods(sheets: dict[str, list[tuple[int, int, object]]]) -> bytes:
    """An OpenDocument workbook of these values; a pair is a value type with its value."""
    tables = "".join(f"<table:table table:name={quoteattr(name)}>{_rows(cells)}</table:table>" for name, cells in sheets.items())
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", kind, zipfile.ZIP_STORED)
        package.writestr("META-INF/manifest.xml", manifest)
        package.writestr("content.xml", f'<office:document-content {spaces} office:version="1.3">{body}</office:document-content>')
    return buffer.getvalue()


def _rows(cells: list[tuple[int, int, object]]) -> str:
    rows: dict[int, dict[int, object]] = {}
    for row, column, value in cells:
        rows.setdefault(row, {})[column] = value
    return "".join(
        "<table:table-row>" + "".join(_cell(rows.get(row, {}).get(column)) for column in range(max(rows.get(row, {0: 0})) + 1)) + "</table:table-row>"
        for row in range(max(rows, default=-1) + 1)
    )


def _cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, tuple):
        kind, value = value
        return f'<table:table-cell office:value-type="{kind}" office:value="{value}"/>'
    if isinstance(value, float | int):
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'


# -- the official tables in somebody's own workbook --------------------------------------------------------------------


@lru_cache
def _figures() -> tuple[Form, Submission]:
    return read(sample_book())


def own_tables(change: Callable[[openpyxl.Workbook], object] = lambda book: None) -> bytes:
    """A workbook with the three official tables and a sheet of facts, as an office draws them for itself; then changed.

    The tables stand on 表一, 表二, 表三 from B3 on; the totals are typed.
    """
    form, filled = _figures()
    book = openpyxl.Workbook()
    facts = book.active
    facts.title = "基本情况"
    section = next(section for section in form.sections if section.fields)
    for row, field in enumerate((*form.cover, *section.fields), 1):
        facts.cell(row, 1, field.label)
        facts.cell(row, 2, filled.number(field.id) if field.is_number else filled.text(field.id) or None)
    for name, table in zip(("表一", "表二", "表三"), form.tables, strict=True):
        _draw(book.create_sheet(name), table, filled)
    change(book)
    return saved(book)


def _draw(sheet: Worksheet, table: Table, filled: Submission) -> None:
    sheet["B1"] = table.title
    for cell in layout(table).cells:
        row, column = cell.row + 3, cell.column + 2
        value: object = cell.text or None
        if cell.field:
            entry = filled.entries[cell.field]
            value = Decimal(entry.raw.text) if entry.raw.kind == "number" else entry.raw.text
        sheet.cell(row, column, value)
        if cell.rows > 1 or cell.columns > 1:
            sheet.merge_cells(start_row=row, start_column=column, end_row=row + cell.rows - 1, end_column=column + cell.columns - 1)
