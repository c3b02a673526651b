"""Where everything of a form stands in its workbook. No address is written by hand anywhere: they all come from here.

Every sheet has a hidden first column with the ids of its rows and a hidden first row with the sheet's stamp; a table
has a further hidden row above each block with the ids of its columns. Rows and columns are zero-based.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from xl2report.form.language import Figure, figures
from xl2report.form.layout import Layout, layout
from xl2report.form.model import Field, Form, Section
from xl2report.workbook.wording import PRIVATE_HEADING, fixed_texts, guide_texts

GUIDE_SHEET, CHECK_SHEET, META_SHEET = "填报说明", "校验", "_meta"
LAST_SHEET, LAST_KEY, LAST_YEAR_ID = "_last", "last", "year"  # only in a workbook that is issued with figures of the year before
LABEL_ID, CONTENT_ID, EXPLANATION_ID = "#label", "#content", "#explanation"  # column ids in the hidden first row
STAMP = "xl2report|"  # begins the hidden id of every sheet
NAME_PREFIX = "x2r_f_"  # of the defined name of each field's cell
FIRST_COLUMN = 1  # column A holds the hidden ids
TABLE_TOP = 4  # rows above a table: stamp, heading, hint, the question about blanks
LABEL, CONTENT, HINT, HELPER = 1, 2, 3, 4  # columns of a sheet of lines
FIRST_LINE = 3
FIRST_CHECK = 6
FIRST_FIGURE = 10
VALUE = 2  # column of the hidden sheet with the figures as rules see them


class At(NamedTuple):
    """One cell or the cells of one merged area, on one sheet."""

    sheet: str
    row: int
    column: int
    columns: int = 1

    @property
    def cell(self) -> str:
        return cell_name(self.row, self.column)

    @property
    def absolute(self) -> str:
        return f"{quoted(self.sheet)}!${column_name(self.column)}${self.row + 1}"


class BlockAt(NamedTuple):
    """One block of a table on its sheet: the area of its data rows and the ids that anchor it."""

    name: str
    sheet: str
    ids_row: int
    first_row: int
    end_row: int
    end_column: int
    row_ids: tuple[str, ...]
    column_ids: tuple[tuple[str, int], ...]


class Line(NamedTuple):
    """One row of a sheet of lines (cover, prose, fields): a heading, a field, or a paragraph of a prose field."""

    row: int
    kind: str
    text: str = ""
    field: Field | None = None


class FigureRow(NamedTuple):
    """One row of the hidden sheet: the figure it works out, and how. ``kind`` is number, text or a figure's kind."""

    row: int
    key: str
    kind: str
    field: Field | None = None
    figure: Figure | None = None


class TableAt(NamedTuple):
    """A table on its sheet: its layout, the rows that hidden id rows have pushed it down by, its blocks."""

    sheet: str
    layout: Layout
    rows: tuple[int, ...]
    blocks: tuple[BlockAt, ...]
    question: At
    note: At


class Plan(NamedTuple):
    """The whole workbook of a form. ``places`` gives the cell of every field (of a prose field its first).

    ``fixed`` holds the texts that each sheet is issued with, without white space.
    """

    form: Form
    sheets: tuple[tuple[str, str], ...]
    lines: dict[str, tuple[Line, ...]]
    tables: dict[str, TableAt]
    places: dict[str, At]
    figures: tuple[FigureRow, ...]
    code_figures: int
    fixed: dict[str, frozenset[str]]


def column_name(column: int) -> str:
    if column < 0:
        raise ValueError(column)
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@lru_cache(maxsize=8192)  # the same cells on every sheet and in every file
def cell_name(row: int, column: int) -> str:
    return f"{column_name(column)}{row + 1}"


def quoted(sheet: str) -> str:
    return "'" + sheet.replace("'", "''") + "'"


def sheet_key_of(plan: Plan, sheet: str) -> str:
    """The id of a sheet, by its name."""
    return next(key for key, name in plan.sheets if name == sheet)


_drawn: dict[int, Plan] = {}  # by the identity of the form, which its plan keeps alive


def plan(form: Form) -> Plan:
    """The plan of a form's workbook; the same form gives the same plan, drawn once."""
    if id(form) not in _drawn:
        _drawn[id(form)] = _draw(form)
    return _drawn[id(form)]


def _draw(form: Form) -> Plan:
    lines = {form.cover_sheet: _cover_lines(form)}
    tables: dict[str, TableAt] = {}
    places: dict[str, At] = {}
    sheets = [("guide", GUIDE_SHEET), ("cover", form.cover_sheet)]
    for section in form.sections:
        sheets.append((section.id, section.sheet))
        if section.table:
            tables[section.table.id] = _table(section)
        else:
            lines[section.sheet] = _section_lines(section)
    sheets += [("checks", CHECK_SHEET), ("meta", META_SHEET)]
    for sheet, rows in lines.items():
        for line in reversed(rows):
            if line.field:
                places[line.field.id] = At(sheet, line.row, CONTENT)
    for section in form.sections:
        if section.table:
            places.update(_table_places(tables[section.table.id], section.table.zero_question, section.table.note))
    figure_rows, code_figures = _figures(form)
    fixed = {section.sheet: fixed_texts(form, section) for section in form.sections}
    fixed[form.cover_sheet] = fixed_texts(form, None)
    fixed[GUIDE_SHEET] = guide_texts(form)
    return Plan(form, tuple(sheets), lines, tables, places, figure_rows, code_figures, fixed)


def _cover_lines(form: Form) -> tuple[Line, ...]:
    lines: list[Line] = []
    row = FIRST_LINE
    for field in (field for field in form.cover if not field.private):
        lines.append(Line(row, "field", field=field))
        row += 1
    private = [field for field in form.cover if field.private]
    if private:
        lines.append(Line(row, "heading", PRIVATE_HEADING))
        lines += [Line(row + n, "field", field=field) for n, field in enumerate(private, 1)]
        row += len(private) + 1
    return tuple(lines + list(_paragraphs(form.preface, row)))


def _section_lines(section: Section) -> tuple[Line, ...]:
    row = FIRST_LINE
    lines: list[Line] = []
    for field in section.fields:
        lines.append(Line(row, "field", field=field))
        row += 1
    for field in section.prose:
        block = tuple(_paragraphs(field, row))
        lines += block
        row += len(block)
    return tuple(lines)


def _paragraphs(field: Field, row: int) -> Iterator[Line]:
    yield Line(row, "heading", field.label)
    for n in range(max(field.paragraphs, 1)):
        yield Line(row + 1 + n, "paragraph", field=field)


def _table(section: Section) -> TableAt:
    assert section.table is not None
    table = section.table
    printed = layout(table)
    rows: list[int] = []
    blocks: list[BlockAt] = []
    row = TABLE_TOP
    for n, block in enumerate(printed.blocks, 1):
        ids_row = row
        row += 1
        shift = row - block.first_row
        rows += [layout_row + shift for layout_row in range(block.first_row, block.end_row)]
        row += block.end_row - block.first_row
        blocks.append(
            BlockAt(
                name=f"{table.id}_{n}",
                sheet=section.sheet,
                ids_row=ids_row,
                first_row=block.first_data_row + shift,
                end_row=block.end_row + shift,
                end_column=FIRST_COLUMN + printed.columns,
                row_ids=block.row_ids,
                column_ids=tuple((column_id, FIRST_COLUMN + column) for column_id, column in block.column_ids),
            )
        )
    question = At(section.sheet, TABLE_TOP - 1, FIRST_COLUMN + printed.columns - 1)
    note = At(section.sheet, row, FIRST_COLUMN + 1, printed.columns - 1)
    return TableAt(section.sheet, printed, tuple(rows), tuple(blocks), question, note)


def _table_places(at: TableAt, question: Field, note: Field) -> dict[str, At]:
    places = {question.id: at.question, note.id: at.note}
    for cell in at.layout.figures():
        places[cell.field] = At(at.sheet, at.rows[cell.row], FIRST_COLUMN + cell.column, cell.columns)
    return places


def _figures(form: Form) -> tuple[tuple[FigureRow, ...], int]:
    """The figure rows: first the numbers that the check code is made of, then all else that rules ask for."""
    rows: list[FigureRow] = []

    def add(key: str, kind: str, field: Field | None = None, figure: Figure | None = None) -> None:
        rows.append(FigureRow(FIRST_FIGURE + len(rows), key, kind, field, figure))

    for field in form.coded_fields:
        add(field.id, "number", field)
    code_figures = len(rows)
    for table in form.tables:
        add(table.zero_question.id, "text", table.zero_question)
    for field in form.cover:
        add(field.id, "number" if field.is_number else "text", field)
    asked: dict[str, Figure] = {}
    for instance in form.instances:
        for comparison in (instance.check, instance.when):
            if comparison:
                asked.update({figure.key: figure for figure in figures(comparison) if figure.kind != "field"})
    for key, figure in asked.items():
        add(key, figure.kind, figure=figure)
    return tuple(rows), code_figures
