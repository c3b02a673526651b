"""A sheet with one statutory table: the printed layout, inputs, locked totals, the question about blanks, the note."""

from __future__ import annotations

from xl2report.form.layout import LayoutCell
from xl2report.form.model import Field, Table
from xl2report.submission import Entry
from xl2report.workbook.contents import Contents
from xl2report.workbook.formulas import total
from xl2report.workbook.inputs import style_of, write_prompt, write_value
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Page, Pen
from xl2report.workbook.plan import FIRST_COLUMN, TABLE_TOP, BlockAt, Plan, TableAt, column_name, quoted, sheet_key_of
from xl2report.workbook.wording import question_words, unit_words

_TOTAL_WIDTH = 96  # characters that the table takes on a page


def write_table(page: Page, contents: Contents, table: Table, heading: str) -> None:
    drawn = contents.plan
    at = drawn.tables[table.id]
    last = FIRST_COLUMN + at.layout.columns - 1
    widths = _column_widths(at)
    for column, size in enumerate(widths, FIRST_COLUMN):
        page.sheet.set_column(column, column, size)
    page.text(1, FIRST_COLUMN, heading, "title")
    page.sheet.set_row(1, 30)
    page.merged((2, FIRST_COLUMN, 2, last), unit_words(table), "hint")
    _write_question(page, at, contents.entry(table.zero_question), table.zero_question)
    for block in at.blocks:
        _write_ids(page, block)
    for cell in at.layout.cells:
        _write_cell(page, contents, at, cell)
    _set_heights(page, at, widths)
    _write_note(page, at, contents.entry(table.note), table.note)
    _define_names(page.pen, drawn, at)
    page.sheet.print_area(0, 0, at.note.row, last)


def _write_question(page: Page, at: TableAt, entry: Entry, field: Field) -> None:
    place = at.question
    page.text(place.row, 0, field.id)
    page.merged((place.row, FIRST_COLUMN, place.row, place.column - 1), question_words(field), "question")
    write_value(page, (place.row, place.column), entry, "input")
    write_prompt(page, place.row, place.column, field)
    page.sheet.set_row(place.row, 24)


def _write_note(page: Page, at: TableAt, entry: Entry, field: Field) -> None:
    row = at.note.row
    last = at.note.column + at.note.columns - 1
    page.text(row, 0, field.id)
    page.text(row, FIRST_COLUMN, field.label, "label")
    page.merged((row, at.note.column, row, last), entry.raw.text, "entry")
    write_prompt(page, row, at.note.column, field)
    page.sheet.set_row(row, 40)


def _write_ids(page: Page, block: BlockAt) -> None:
    page.sheet.set_row(block.ids_row, None, None, {"hidden": True})
    page.text(block.ids_row, 0, f"#{block.name}")
    for column_id, column in block.column_ids:
        page.text(block.ids_row, column, column_id)
    for row, row_id in enumerate(block.row_ids, block.first_row):
        page.text(row, 0, row_id)


def _write_cell(page: Page, contents: Contents, at: TableAt, cell: LayoutCell) -> None:
    row, column = at.rows[cell.row], FIRST_COLUMN + cell.column
    area = (row, column, at.rows[cell.row + cell.rows - 1], column + cell.columns - 1)
    if not cell.field:
        style = {"row": "label", "corner": "corner"}.get(cell.kind, "header")
        page.merged(area, cell.text, style)
        return
    field = contents.form.fields[cell.field]
    entry = contents.entry(field)
    if cell.kind == "total" and entry.formula:
        page.formula((row, column), total(contents.plan, field), contents.figures.number(field.id), "total")
        return
    style = "total" if cell.kind == "total" else style_of(field, in_table=True)
    if cell.columns > 1:
        page.merged(area, "", style)
    write_value(page, (row, column), entry, style)
    if cell.kind == "input":
        write_prompt(page, row, column, field, contents.origins.get(field.id, ""))


def _column_widths(at: TableAt) -> list[float]:
    """Label columns as wide as their labels need, figures share the rest."""
    labels = at.layout.blocks[0].label_columns
    figures = at.layout.columns - labels
    if not labels:
        return [7.5] * figures
    if labels == 1:
        return [26.0] + [(_TOTAL_WIDTH - 26) / figures] * figures
    return [5.0, *[9.0] * (labels - 2), 38.0, *[9.5] * figures]


def _set_heights(page: Page, at: TableAt, widths: list[float]) -> None:
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
        page.sheet.set_row(row, height)


def _define_names(pen: Pen, drawn: Plan, at: TableAt) -> None:
    """Names that formulas look figures up with."""
    area = quoted(at.sheet)
    for block in at.blocks:
        first, last = column_name(FIRST_COLUMN), column_name(block.end_column - 1)
        rows = f"{block.first_row + 1}", f"{block.end_row}"
        pen.define(f"x2r_{block.name}", f"{area}!${first}${rows[0]}:${last}${rows[1]}")
        pen.define(f"x2r_{block.name}_rows", f"{area}!$A${rows[0]}:$A${rows[1]}")
        ids = block.ids_row + 1
        pen.define(f"x2r_{block.name}_columns", f"{area}!${first}${ids}:${last}${ids}")
    name = sheet_key_of(drawn, at.sheet)
    column, end = column_name(at.question.column), at.note.row + 1
    pen.define(f"x2r_{name}", f"{area}!${column}${TABLE_TOP}:${column}${end}")
    pen.define(f"x2r_{name}_rows", f"{area}!$A${TABLE_TOP}:$A${end}")
