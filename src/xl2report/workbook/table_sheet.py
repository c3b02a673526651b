"""A sheet with one statutory table: the printed layout, inputs, locked totals, the question about blanks, the note."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from xl2report.check.figures import FigureTable
from xl2report.form.layout import LayoutCell
from xl2report.form.model import Field, Table
from xl2report.submission import Submission
from xl2report.workbook.formulas import total
from xl2report.workbook.inputs import style_of, write_prompt, write_value
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Pen, done
from xl2report.workbook.plan import FIRST_COLUMN, TABLE_TOP, BlockAt, Plan, TableAt, column_name, quoted, sheet_key_of

_TOTAL_WIDTH = 96  # characters that the table takes on a page


def write_table(
    pen: Pen, sheet: Worksheet, drawn: Plan, table: Table, heading: str, filled: Submission, figures: FigureTable
) -> None:
    at = drawn.tables[table.id]
    last = FIRST_COLUMN + at.layout.columns - 1
    widths = _column_widths(at)
    for column, size in enumerate(widths, FIRST_COLUMN):
        sheet.set_column(column, column, size)
    pen.text(sheet, 1, FIRST_COLUMN, heading, "title")
    sheet.set_row(1, 30)
    unit = next((field.unit for field in table.cells if field.unit), "")
    pen.merged(sheet, (2, FIRST_COLUMN, 2, last), f"单位：{unit}（另有注明的除外）。浅黄色格填数，灰色总计自动算出。", "hint")
    _write_question(pen, sheet, at, table, filled)
    for block in at.blocks:
        _write_ids(pen, sheet, block)
    for cell in at.layout.cells:
        _write_cell(pen, sheet, drawn, at, cell, filled, figures)
    _set_heights(sheet, at, widths)
    _write_note(pen, sheet, at, table, filled)
    _define_names(pen, drawn, at)
    sheet.print_area(0, 0, at.note.row, last)


def _write_question(pen: Pen, sheet: Worksheet, at: TableAt, table: Table, filled: Submission) -> None:
    place = at.question
    field = table.zero_question
    pen.text(sheet, place.row, 0, field.id)
    pen.merged(sheet, (place.row, FIRST_COLUMN, place.row, place.column - 1), f"{field.label}（选“是”或“否”）→", "question")
    write_value(pen, sheet, place.row, place.column, filled.entries[field.id], "input")
    write_prompt(sheet, place.row, place.column, field)
    sheet.set_row(place.row, 24)


def _write_note(pen: Pen, sheet: Worksheet, at: TableAt, table: Table, filled: Submission) -> None:
    row = at.note.row
    last = at.note.column + at.note.columns - 1
    pen.text(sheet, row, 0, table.note.id)
    pen.text(sheet, row, FIRST_COLUMN, table.note.label, "label")
    pen.merged(sheet, (row, at.note.column, row, last), filled.entries[table.note.id].raw.text, "entry")
    write_prompt(sheet, row, at.note.column, table.note)
    sheet.set_row(row, 40)


def _write_ids(pen: Pen, sheet: Worksheet, block: BlockAt) -> None:
    sheet.set_row(block.ids_row, None, None, {"hidden": True})
    pen.text(sheet, block.ids_row, 0, f"#{block.name}")
    for column_id, column in block.column_ids:
        pen.text(sheet, block.ids_row, column, column_id)
    for row, row_id in enumerate(block.row_ids, block.first_row):
        pen.text(sheet, row, 0, row_id)


def _write_cell(
    pen: Pen, sheet: Worksheet, drawn: Plan, at: TableAt, cell: LayoutCell, filled: Submission, figures: FigureTable
) -> None:
    row, column = at.rows[cell.row], FIRST_COLUMN + cell.column
    area = (row, column, at.rows[cell.row + cell.rows - 1], column + cell.columns - 1)
    if not cell.field:
        style = {"row": "label", "corner": "corner"}.get(cell.kind, "header")
        pen.merged(sheet, area, cell.text, style)
        return
    field = drawn.form.fields[cell.field]
    if cell.kind == "total" and filled.entries[field.id].formula:
        pen.formula(sheet, row, column, total(drawn, field), figures.number(field.id), "total")
        return
    style = "total" if cell.kind == "total" else style_of(field, in_table=True)
    if cell.columns > 1:
        pen.merged(sheet, area, "", style)
    write_value(pen, sheet, row, column, filled.entries[field.id], style)
    if cell.kind == "input":
        _write_manners(sheet, row, column, field)


def _write_manners(sheet: Worksheet, row: int, column: int, field: Field) -> None:
    write_prompt(sheet, row, column, field)
    if field.kind == "amount":
        sheet.ignore_errors({"number_stored_as_text": f"{column_name(column)}{row + 1}"})


def _column_widths(at: TableAt) -> list[float]:
    """Label columns as wide as their labels need, figures share the rest."""
    labels = at.layout.blocks[0].label_columns
    figures = at.layout.columns - labels
    if not labels:
        return [7.5] * figures
    if labels == 1:
        return [26.0] + [(_TOTAL_WIDTH - 26) / figures] * figures
    return [5.0, *[9.0] * (labels - 2), 38.0, *[9.5] * figures]


def _set_heights(sheet: Worksheet, at: TableAt, widths: list[float]) -> None:
    """Rows tall enough for their wrapped labels: merged cells do not grow by themselves."""
    heights = dict.fromkeys(at.rows, 20.0)
    for cell in at.layout.cells:
        if cell.rows == 1 and cell.text:
            room = sum(widths[cell.column : cell.column + cell.columns]) - 1
            lines = -(-width(cell.text) // max(1, int(room)))
            row = at.rows[cell.row]
            heights[row] = max(heights[row], 15.0 * lines + 5)
    for cell in at.layout.cells:
        if cell.rows > 1 and cell.text:
            rows = [at.rows[row] for row in range(cell.row, cell.row + cell.rows)]
            room = sum(widths[cell.column : cell.column + cell.columns]) - 1
            needed = 15.0 * -(-width(cell.text) // max(1, int(room))) + 5
            for row in rows:
                heights[row] += max(0.0, needed - sum(heights[at.rows[r]] for r in range(cell.row, cell.row + cell.rows))) / len(rows)
    for row, height in heights.items():
        sheet.set_row(row, height)


def _define_names(pen: Pen, drawn: Plan, at: TableAt) -> None:
    """Names that formulas look figures up with, and one for every figure: the third anchor of a cell."""
    area = quoted(at.sheet)
    for block in at.blocks:
        first, last = column_name(FIRST_COLUMN), column_name(block.end_column - 1)
        rows = f"{block.first_row + 1}", f"{block.end_row}"
        done(pen.book.define_name(f"x2r_{block.name}", f"={area}!${first}${rows[0]}:${last}${rows[1]}"))
        done(pen.book.define_name(f"x2r_{block.name}_rows", f"={area}!$A${rows[0]}:$A${rows[1]}"))
        ids = block.ids_row + 1
        done(pen.book.define_name(f"x2r_{block.name}_columns", f"={area}!${first}${ids}:${last}${ids}"))
    name = sheet_key_of(drawn, at.sheet)
    column, end = column_name(at.question.column), at.note.row + 1
    done(pen.book.define_name(f"x2r_{name}", f"={area}!${column}${TABLE_TOP}:${column}${end}"))
    done(pen.book.define_name(f"x2r_{name}_rows", f"={area}!$A${TABLE_TOP}:$A${end}"))
    for cell in at.layout.figures():
        done(pen.book.define_name(f"x2r_f_{cell.field}", f"={drawn.places[cell.field].absolute}"))
