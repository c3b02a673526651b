"""汇总.xlsx: a page of charts, the sums in the statutory tables, and the figures of every unit, of which all the rest is made."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from xl2report.desk.collection import Collection
from xl2report.desk.summary_charts import CHARTS, DATA, drawings, write_charts, write_data
from xl2report.desk.summary_matrix import MATRIX, Matrix, matrix, write_matrix
from xl2report.form.layout import layout
from xl2report.form.model import Table
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Page, Pen, exactly

_TOP = 3  # rows above a table
_FIGURE, _GROUP, _LABEL = 12, 18, 48  # widths of columns
_LINE = 16.0


def summary(found: Collection, title: str, desk: Path | None = None) -> bytes:
    """The workbook as .xlsx bytes; the same collection gives the same bytes.

    ``desk`` is the folder that the workbook goes into: names of units link to their files. Without it they are plain text.
    """
    out = io.BytesIO()
    with Pen(out) as pen:
        pen.book.set_properties({"created": datetime.datetime(1980, 1, 1), "title": title})
        shown = matrix(found)
        line, drawn = _counted(found, shown), drawings(found, shown)
        charts = pen.page(CHARTS)
        total = {field.id: (shown.total_at(n), shown.sums[n]) for n, field in enumerate(shown.fields)}
        for section in found.form.sections:
            if section.table:
                page = pen.page(section.sheet)
                page.text(0, 0, f"{title}：{section.table.title}", "title")
                page.text(1, 0, f"各单位合计，逐格取自“{MATRIX}”。{line}")
                _table(page, section.table, total)
        write_matrix(pen.page(MATRIX, streamed=True), shown, f"{title}：各单位各项目", line, desk)
        areas = write_data(pen.page(DATA), drawn)
        write_charts(charts, drawn, areas, title, line)
    return out.getvalue()


def _counted(found: Collection, shown: Matrix) -> str:
    """How many units there are, and whose figures are in the sums."""
    count = len(shown.inside) + len(shown.replaced) + len(shown.covered)
    line = f"{len(found.standings)} 个单位中计入 {count} 个；没有计入的见台账。"
    if count == len(shown.inside):
        return line
    return f"{line}上级报来的是下级的汇总，每个数字只计一次：合计由 {len(shown.inside)} 个单位的数字相加。"


def _table(page: Page, table: Table, total: Mapping[str, tuple[str, Decimal]]) -> None:
    """A statutory table of the sums, on one page when printed. ``total`` has the cell and the value of each item."""
    printed = layout(table)
    page.sheet.set_row(0, 28)
    labels = printed.blocks[0].label_columns
    widths = [_LABEL if column == labels - 1 else _GROUP if column < labels else _FIGURE for column in range(printed.columns)]
    most = max(len(f"{total[cell.field][1]:f}") for cell in printed.figures())
    widths = [max(size, most + 3) if size == _FIGURE else size for size in widths]
    for column, size in enumerate(widths):
        page.sheet.set_column(column, column, size)
    lines = [1] * printed.rows
    for cell in printed.cells:
        room = sum(widths[cell.column : cell.column + cell.columns]) - 2
        needed = -(-width(cell.text) // room)
        spare = sum(lines[cell.row : cell.row + cell.rows])  # cells are in reading order, so what stands above is known
        if needed > spare:
            lines[cell.row + cell.rows - 1] += needed - spare
    for row, count in enumerate(lines, _TOP):
        page.sheet.set_row(row, _LINE * count + 2)
    for cell in printed.cells:
        row, last_row, last_column = cell.row + _TOP, cell.row + cell.rows + _TOP - 1, cell.column + cell.columns - 1
        style = exactly("total", total[cell.field][1]) if cell.field else "corner" if cell.kind in ("corner", "heading", "column") else "label"
        page.merged((row, cell.column, last_row, last_column), cell.text, style)
        if cell.field:
            at, value = total[cell.field]
            page.formula((row, cell.column), f"={at}", value, style)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    page.sheet.center_horizontally()
    page.sheet.print_area(0, 0, _TOP + printed.rows - 1, printed.columns - 1)
    page.sheet.fit_to_pages(1, 1)
