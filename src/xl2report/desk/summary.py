"""汇总.xlsx: the figures of every unit that counts, item by item, with live sums, and the sums in the statutory tables."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping
from decimal import Decimal

from xl2report.desk.collection import Collection, sums
from xl2report.form.layout import layout
from xl2report.form.model import Table
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Page, Pen
from xl2report.workbook.plan import cell_name, column_name, quoted

_MATRIX = "单位与项目"
_FIRST_ROW, _FIRST_COLUMN = 4, 2  # of the figures: title, line, heads and sums stand above, code and name before them
_SUMS = 3
_FIGURE, _GROUP, _LABEL = 12, 18, 48  # widths of columns
_LINE = 16.0


def summary(found: Collection, title: str) -> bytes:
    """The workbook as .xlsx bytes: one sheet a table, whose cells are the sums of the sheet with all units."""
    out = io.BytesIO()
    pen = Pen(out)
    pen.book.set_properties({"created": datetime.datetime(1980, 1, 1), "title": title})
    total = dict(zip((field.id for field in found.form.coded_fields), sums(found), strict=True))
    at = {field.id: f"{quoted(_MATRIX)}!${column_name(_FIRST_COLUMN + n)}${_SUMS + 1}" for n, field in enumerate(found.form.coded_fields)}
    counted = sum(standing.counts for standing in found.standings)
    line = f"{len(found.standings)} 个单位中计入 {counted} 个；没有计入的见台账。"
    for section in found.form.sections:
        if section.table:
            page = pen.page(section.sheet)
            page.text(0, 0, f"{title}：{section.table.title}", "title")
            page.text(1, 0, line)
            _table(page, section.table, at, total)
    _matrix(pen.page(_MATRIX), found, f"{title}：各单位各项目", line, total)
    pen.book.close()
    return out.getvalue()


def _table(page: Page, table: Table, at: Mapping[str, str], total: Mapping[str, Decimal]) -> None:
    printed = layout(table)
    page.sheet.set_row(0, 28)
    labels = printed.blocks[0].label_columns
    widths = [_LABEL if column == labels - 1 else _GROUP if column < labels else _FIGURE for column in range(printed.columns)]
    for column, size in enumerate(widths):
        page.sheet.set_column(column, column, size)
    lines = [1] * printed.rows
    for cell in printed.cells:
        if cell.rows == 1:
            room = sum(widths[cell.column : cell.column + cell.columns]) - 2
            lines[cell.row] = max(lines[cell.row], 1 + width(cell.text) // room)
    for row, count in enumerate(lines, 3):
        page.sheet.set_row(row, _LINE * count + 2)
    for cell in printed.cells:
        row, last_row, last_column = cell.row + 3, cell.row + cell.rows + 2, cell.column + cell.columns - 1
        style = "total" if cell.field else "corner" if cell.kind in ("corner", "heading", "column") else "label"
        page.merged((row, cell.column, last_row, last_column), cell.text, style)
        if cell.field:
            page.formula((row, cell.column), f"={at[cell.field]}", total[cell.field], "total")
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.fit_to_pages(1, 0)


def _matrix(page: Page, found: Collection, title: str, line: str, total: Mapping[str, Decimal]) -> None:
    """One row a unit, one column an item; the sums above them are formulas."""
    page.text(0, 0, title, "title")
    page.text(1, 0, line)
    page.sheet.set_column(0, 0, 18)
    page.sheet.set_column(1, 1, 28)
    page.text(2, 0, "代码", "header")
    page.text(2, 1, "名称", "header")
    page.text(_SUMS, 0, "", "total")
    page.text(_SUMS, 1, "合计", "total")
    rows = [standing for standing in found.standings if standing.counts and standing.valid]
    end = _FIRST_ROW + max(len(rows), 1)
    page.sheet.set_column(_FIRST_COLUMN, _FIRST_COLUMN + len(found.form.coded_fields) - 1, 14)
    page.sheet.set_row(2, 120)
    for n, field in enumerate(found.form.coded_fields, _FIRST_COLUMN):
        page.text(2, n, " > ".join(field.path), "header")
        area = f"{cell_name(_FIRST_ROW, n)}:{cell_name(end - 1, n)}"
        page.formula((_SUMS, n), f"=SUM({area})", total[field.id], "total")
    for row, standing in enumerate(rows, _FIRST_ROW):
        page.text(row, 0, standing.unit.code, "cell")
        page.text(row, 1, standing.unit.name, "cell")
        for n, value in enumerate(standing.valid.figures if standing.valid else (), _FIRST_COLUMN):
            page.number(row, n, value or Decimal(0), "centre")
    page.sheet.freeze_panes(_FIRST_ROW, _FIRST_COLUMN)
