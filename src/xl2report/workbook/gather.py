"""Book → Submission: every field of the form is found by its hidden ids and its visible label, never by address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from xl2report.checks.entries import plain_text, read_entry, visible
from xl2report.form.language import NOTHING_SAID
from xl2report.form.layout import LayoutBlock
from xl2report.form.model import Field, Form
from xl2report.grid import Book, Grid
from xl2report.submission import Entry, Place, Remark, Submission
from xl2report.workbook.package import Unreadable
from xl2report.workbook.plan import (
    CHECK_SHEET,
    CONTENT_ID,
    EXPLANATION_ID,
    FIRST_LINE,
    LABEL_ID,
    BlockAt,
    Plan,
    TableAt,
    cell_name,
    plan,
)

STAMP = "xl2report|"


class Stamp(NamedTuple):
    """What a sheet says it is."""

    form: str
    version: str
    key: str


@dataclass(slots=True)
class _Gathered:
    """What has been found so far."""

    entries: dict[str, Entry] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


def stamp_of(sheet: Grid) -> Stamp | None:
    """The stamp in A1 of a sheet, or None."""
    parts = sheet.text(0, 0).split("|")
    return Stamp(*parts[1:]) if len(parts) == 4 and parts[0] + "|" == STAMP else None


def form_id(book: Book) -> tuple[str, str]:
    """Form id and version that the sheets are stamped with; Unreadable (F106) if none is."""
    for sheet in book.sheets:
        if stamp := stamp_of(sheet):
            return stamp.form, stamp.version
    raise Unreadable("F106")


def gather(book: Book, form: Form) -> Submission:
    """The submission in a book of a form; whatever cannot be found is remarked."""
    drawn = plan(form)
    found = _Gathered()
    sheets = _sheets(book, form, found)
    if CHECK_SHEET not in book.names:
        found.remarks.append(Remark("S109", words=(("sheet", CHECK_SHEET),)))
    for key, name in drawn.sheets:
        if key in ("guide", "meta", "checks"):
            continue
        sheet = sheets.get(key)
        if sheet is None:
            found.remarks.append(Remark("S108" if name in book.names else "S101", words=(("sheet", name),)))
        elif sheet.name != name:
            found.remarks.append(Remark("S105", Place(sheet.name, ""), (("expected", name), ("found", sheet.name))))
        if sheet is None:
            continue
        if name in drawn.lines:
            _gather_lines(sheet, drawn, name, found)
        else:
            table = next(at for at in drawn.tables.values() if at.sheet == name)
            _gather_table(sheet, drawn, table, found)
    return Submission(form.id, form.version, found.entries, remarks=tuple(found.remarks))


def gather_explanations(book: Book) -> dict[str, str]:
    """The explanations typed beside rule instances, by instance id."""
    return next((_explanations(sheet) for sheet in book.sheets if (stamp := stamp_of(sheet)) and stamp.key == "checks"), {})


def _sheets(book: Book, form: Form, found: _Gathered) -> dict[str, Grid]:
    sheets: dict[str, Grid] = {}
    for sheet in book.sheets:
        stamp = stamp_of(sheet)
        if stamp is None:
            continue
        if (stamp.form, stamp.version) != (form.id, str(form.version)):
            found.remarks.append(Remark("S110", words=(("sheet", sheet.name), ("found", f"{stamp.form} {stamp.version}"))))
            continue
        if stamp.key in sheets:
            found.remarks.append(Remark("S104", Place(sheet.name, "A1"), (("id", stamp.key),)))
        else:
            sheets[stamp.key] = sheet
    return sheets


def _anchors(sheet: Grid) -> dict[str, list[int]]:
    """Rows by the id in their hidden first column."""
    rows: dict[str, list[int]] = {}
    for row, column in sorted(sheet.cells):
        if column == 0 and row > 0 and (text := sheet.text(row, 0)):
            rows.setdefault(text, []).append(row)
    return rows


def _column_ids(sheet: Grid, row: int, found: _Gathered | None = None) -> dict[str, int]:
    """Columns by the id in a hidden row. An id that stands twice is left out, and remarked: which one would be a guess."""
    columns: dict[str, list[int]] = {}
    for (at, column), raw in sorted(sheet.cells.items()):
        if at == row and column > 0 and raw.text:
            columns.setdefault(raw.text, []).append(column)
    for name, places in columns.items():
        if len(places) > 1 and found is not None:
            found.remarks.append(Remark("S104", Place(sheet.name, cell_name(row, places[1])), (("id", name),)))
    return {name: places[0] for name, places in columns.items() if len(places) == 1}


# -- sheets of lines -------------------------------------------------------------------------------------------------


def _gather_lines(sheet: Grid, drawn: Plan, name: str, found: _Gathered) -> None:
    rows, columns = _anchors(sheet), _column_ids(sheet, 0, found)
    content, label = columns.get(CONTENT_ID), columns.get(LABEL_ID)
    fields = dict.fromkeys(line.field.id for line in drawn.lines[name] if line.field)
    read = {row for name in fields if name in rows for row in range(rows[name][0], rows[name][-1] + 1)}
    for row, column in sorted(sheet.cells):
        if column == content and row >= FIRST_LINE and row not in read:
            _remark_stray(sheet, row, column, set(), found)
    for field_id in fields:
        target = drawn.form.fields[field_id]
        at = rows.get(field_id, [])
        if not at or content is None:
            found.remarks.append(Remark("S102", Place(sheet.name, "", target.path)))
        elif target.kind == "prose":
            _gather_prose(sheet, at, content, target, found)
        else:
            _take(sheet, at, content, target, found)
            if label is not None and not _same_label(sheet.text(at[0], label), target.label):
                _remark_label(sheet, at[0], label, target.label, found)


def _gather_prose(sheet: Grid, rows: list[int], column: int, target: Field, found: _Gathered) -> None:
    """All paragraphs from the first anchored row to the last, rows that someone inserted in between included."""
    inside = sorted(row for row, at in sheet.cells if at == column and rows[0] <= row <= rows[-1])
    for row in inside:
        raw, at = sheet.at(row, column), Place(sheet.name, cell_name(row, column), target.path)
        if raw.formula and raw.kind == "blank":
            found.remarks.append(Remark("V105", at, (("raw", ""), ("formula", visible(raw.formula))), target.id))
        elif raw.kind in ("error", "boolean"):
            found.remarks.append(Remark("V309", at, (("raw", raw.text),), target.id))
    texts = {row: plain_text(sheet.at(row, column)) for row in inside if sheet.at(row, column).kind not in ("error", "boolean")}
    kept = {row: text for row, text in texts.items() if text.strip()}
    place = Place(sheet.name, cell_name(rows[0], column), target.path)
    cells = tuple(cell_name(row, column) for row in kept)
    paragraphs = tuple(kept.values())
    found.entries[target.id] = Entry(target.id, place, paragraphs or None, blank=not paragraphs, cells=cells)


def _take(sheet: Grid, rows: list[int], column: int, target: Field, found: _Gathered) -> None:
    """The entry of a field whose row and column are known; two rows with its id are a fault."""
    place = Place(sheet.name, cell_name(rows[0], column), target.path)
    if len(rows) > 1:
        found.remarks.append(Remark("S104", place, (("id", target.id),), target.id))
        return
    raw = sheet.at(rows[0], column)
    if target.parts and raw.formula:
        found.entries[target.id] = Entry(target.id, place, raw=raw, blank=False, formula=True)
        return
    if raw.formula and raw.kind == "blank":
        found.entries[target.id] = Entry(target.id, place, raw=raw, blank=False)
        found.remarks.append(Remark("V105", place, (("raw", ""), ("formula", visible(raw.formula))), target.id))
        return
    entry, remarks = read_entry(target, raw, place)
    found.entries[target.id] = entry
    found.remarks += remarks
    if raw.formula and raw.kind != "blank":
        words = (("raw", raw.text), ("formula", visible(raw.formula)), ("value", raw.text))
        found.remarks.append(Remark("S204", place, words, target.id))


# -- tables ----------------------------------------------------------------------------------------------------------


class _BlockFound(NamedTuple):
    """A block as its anchors place it on a sheet: rows and columns by id, and the rows of its headers."""

    block: BlockAt
    shape: LayoutBlock
    rows: dict[str, list[int]]
    columns: dict[str, int]
    headers: range

    def column_of(self, layout_column: int) -> int | None:
        return next((self.columns.get(name) for name, column in self.shape.column_ids if column == layout_column), None)

    def rows_of(self, layout_row: int) -> list[int]:
        return self.rows.get(self.block.row_ids[layout_row - self.shape.first_data_row], [])

    @property
    def is_stretched(self) -> bool:
        """True where rows stand between the data rows that the form does not have."""
        found = [at[0] for at in self.rows.values()]
        return len(found) == len(self.block.row_ids) and max(found) - min(found) >= len(found)

    @property
    def first_column(self) -> int | None:
        """The sheet column of the layout's first column."""
        return next((self.columns[name] - at for name, at in self.shape.column_ids if name in self.columns), None)


def _gather_table(sheet: Grid, drawn: Plan, at: TableAt, found: _Gathered) -> None:
    rows = _anchors(sheet)
    table = next(table for table in drawn.form.tables if drawn.tables[table.id] is at)
    blocks = [_find_block(sheet, block, shape, rows, found) for block, shape in zip(at.blocks, at.layout.blocks, strict=True)]
    for block in blocks:
        _gather_block(sheet, drawn, at, block, found)
        _check_labels(sheet, at, block, found)
    if any(block.is_stretched for block in blocks):
        found.remarks.append(Remark("S106", words=(("sheet", sheet.name),)))
    first_column = next((block.first_column for block in blocks if block.first_column is not None), None)
    _remark_strays(sheet, blocks, at, found)
    for target, shift in ((table.zero_question, at.layout.columns - 1), (table.note, 1)):
        if first_column is None or target.id not in rows:
            found.remarks.append(Remark("S102", Place(sheet.name, "", target.path)))
        else:
            _take(sheet, rows[target.id], first_column + shift, target, found)


def _find_block(
    sheet: Grid, block: BlockAt, shape: LayoutBlock, rows: dict[str, list[int]], gathered: _Gathered
) -> _BlockFound:
    """The block between its own id row and the next block's."""
    own = rows.get(f"#{block.name}", [])
    if len(own) != 1:
        return _BlockFound(block, shape, {}, {}, range(0))
    starts = sorted(row for name, at in rows.items() if name.startswith("#") for row in at)
    end = next((row for row in starts if row > own[0]), 1 << 20)
    inside = {name: [row for row in rows.get(name, []) if own[0] < row < end] for name in block.row_ids}
    found = {name: at for name, at in inside.items() if at}
    first_data = min((at[0] for at in found.values()), default=own[0] + 1)
    return _BlockFound(block, shape, found, _column_ids(sheet, own[0], gathered), range(own[0] + 1, first_data))


def _gather_block(sheet: Grid, drawn: Plan, at: TableAt, block: _BlockFound, found: _Gathered) -> None:
    for cell in at.layout.figures():
        if not block.shape.first_data_row <= cell.row < block.shape.end_row:
            continue
        target = drawn.form.fields[cell.field]
        rows, column = block.rows_of(cell.row), block.column_of(cell.column)
        if not rows or column is None:
            found.remarks.append(Remark("S102", Place(sheet.name, drawn.places[cell.field].cell, target.path)))
        else:
            _take(sheet, rows, column, target, found)


def _check_labels(sheet: Grid, at: TableAt, block: _BlockFound, found: _Gathered) -> None:
    """The visible label of every line must be the form's: the second anchor of its figures."""
    for cell in at.layout.cells:
        if cell.kind not in ("row", "column") or not block.shape.first_row <= cell.row < block.shape.end_row:
            continue
        if cell.kind == "row":
            rows, first_column = block.rows_of(cell.row), block.first_column
            places = [(row, first_column + cell.column) for row in rows[:1] if first_column is not None]
        else:
            column = block.column_of(cell.column)
            places = [(row, column) for row in block.headers if column is not None]
        if places and not any(_same_label(sheet.text(*place), cell.text) for place in places):
            _remark_label(sheet, *places[-1], cell.text, found)


def _remark_strays(sheet: Grid, blocks: list[_BlockFound], at: TableAt, found: _Gathered) -> None:
    """Cells in the columns of figures, from the first headers down, that are neither figures of the form nor labels."""
    labels = {"".join(cell.text.split()) for cell in at.layout.cells if cell.text}
    rows = {row for block in blocks for found_rows in block.rows.values() for row in found_rows}
    known = {(row, column) for row in rows for block in blocks for column in block.columns.values()}
    other_lines = {row for row, column in sheet.cells if column == 0} - rows  # the question, the note, ids of columns
    columns = {column for block in blocks for column in block.columns.values()}
    first = min((block.headers.start for block in blocks if block.columns), default=1 << 20)
    for row, column in sorted(sheet.cells):
        if column in columns and row >= first and row not in other_lines and (row, column) not in known:
            _remark_stray(sheet, row, column, labels, found)


def _remark_stray(sheet: Grid, row: int, column: int, expected: set[str], found: _Gathered) -> None:
    """A remark on a cell outside the inputs that holds something the form did not put there."""
    text = sheet.text(row, column)
    if text.strip() and "".join(text.split()) not in expected:
        place = Place(sheet.name, cell_name(row, column))
        found.remarks.append(Remark("S107", place, (("raw", visible(text)),)))


def _same_label(found: str, expected: str) -> bool:
    """Labels are equal apart from white space; a required field's label may carry its unit and a star."""
    return "".join(found.split()).startswith("".join(expected.split()))


def _remark_label(sheet: Grid, row: int, column: int, expected: str, found: _Gathered) -> None:
    words = (("raw", sheet.text(row, column)), ("expected", expected), ("found", visible(sheet.text(row, column)) or "（空）"))
    found.remarks.append(Remark("S103", Place(sheet.name, cell_name(row, column)), words))


def _explanations(sheet: Grid) -> dict[str, str]:
    column = _column_ids(sheet, 0).get(EXPLANATION_ID)
    if column is None:
        return {}
    return {
        name: text
        for name, rows in _anchors(sheet).items()
        if sheet.at(rows[0], column).kind in ("text", "number")
        and (text := sheet.text(rows[0], column).strip()) and text not in NOTHING_SAID
    }
