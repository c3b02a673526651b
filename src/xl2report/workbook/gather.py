"""Book → Submission: every field of the form is found by its hidden ids and its visible label, never by address."""

from __future__ import annotations

from dataclasses import dataclass, field

from xl2report.check.entries import read_entry, visible
from xl2report.form.model import Field, Form
from xl2report.submission import Entry, Place, Remark, Submission
from xl2report.workbook.cells import Book, Sheet
from xl2report.workbook.package import Unreadable
from xl2report.workbook.plan import CONTENT_ID, EXPLANATION_ID, LABEL_ID, BlockAt, Plan, TableAt, cell_name, plan

STAMP = "xl2report|"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a sheet says it is."""

    form: str
    version: str
    key: str


@dataclass(slots=True)
class _Gathered:
    """What has been found so far."""

    entries: dict[str, Entry] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


def stamp_of(sheet: Sheet) -> Stamp | None:
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
    for key, name in drawn.sheets:
        if key in ("guide", "meta", "checks"):
            continue
        sheet = sheets.get(key)
        if sheet is None:
            found.remarks.append(Remark("S101", words=(("sheet", name),)))
        elif name in drawn.lines:
            _gather_lines(sheet, drawn, name, found)
        else:
            table = next(at for at in drawn.tables.values() if at.sheet == name)
            _gather_table(sheet, drawn, table, found)
    explanations = _explanations(sheets["checks"]) if "checks" in sheets else {}
    return Submission(form.id, form.version, found.entries, explanations, tuple(found.remarks))


def _sheets(book: Book, form: Form, found: _Gathered) -> dict[str, Sheet]:
    sheets: dict[str, Sheet] = {}
    for sheet in book.sheets:
        stamp = stamp_of(sheet)
        if stamp is None or stamp.form != form.id:
            continue
        if stamp.key in sheets:
            found.remarks.append(Remark("S104", Place(sheet.name, "A1"), (("id", stamp.key),)))
        else:
            sheets[stamp.key] = sheet
    return sheets


def _anchors(sheet: Sheet) -> dict[str, list[int]]:
    """Rows by the id in their hidden first column."""
    rows: dict[str, list[int]] = {}
    for row, column in sorted(sheet.cells):
        if column == 0 and row > 0 and (text := sheet.text(row, 0)):
            rows.setdefault(text, []).append(row)
    return rows


def _column_ids(sheet: Sheet, row: int) -> dict[str, int]:
    return {raw.text: column for (at, column), raw in sheet.cells.items() if at == row and column > 0 and raw.text}


# -- sheets of lines -------------------------------------------------------------------------------------------------


def _gather_lines(sheet: Sheet, drawn: Plan, name: str, found: _Gathered) -> None:
    rows, columns = _anchors(sheet), _column_ids(sheet, 0)
    content, label = columns.get(CONTENT_ID), columns.get(LABEL_ID)
    fields = dict.fromkeys(line.field.id for line in drawn.lines[name] if line.field)
    for field_id in fields:
        target = drawn.form.fields[field_id]
        at = rows.get(field_id, [])
        if not at or content is None:
            found.remarks.append(Remark("S102", Place(sheet.name, drawn.places[field_id].cell, target.path)))
        elif target.kind == "prose":
            _gather_prose(sheet, at, content, target, found)
        else:
            _take(sheet, at, content, target, found)
            if label is not None and not _same_label(sheet.text(at[0], label), target.label):
                _remark_label(sheet, at[0], label, target.label, found)


def _gather_prose(sheet: Sheet, rows: list[int], column: int, target: Field, found: _Gathered) -> None:
    """All paragraphs from the first anchored row to the last, rows that someone inserted in between included."""
    texts = [sheet.text(row, column) for row in range(rows[0], rows[-1] + 1)]
    paragraphs = tuple(text for text in texts if text.strip())
    place = Place(sheet.name, cell_name(rows[0], column), target.path)
    found.entries[target.id] = Entry(target.id, place, paragraphs or None, blank=not paragraphs)


def _take(sheet: Sheet, rows: list[int], column: int, target: Field, found: _Gathered) -> None:
    """The entry of a field whose row and column are known; two rows with its id are a fault."""
    place = Place(sheet.name, cell_name(rows[0], column), target.path)
    if len(rows) > 1:
        found.remarks.append(Remark("S104", place, (("id", target.id),), target.id))
        return
    raw = sheet.at(rows[0], column)
    if target.parts and raw.formula:
        found.entries[target.id] = Entry(target.id, place, raw=raw, blank=False, formula=True)
        return
    entry, remarks = read_entry(target, raw, place)
    found.entries[target.id] = entry
    found.remarks += remarks
    if raw.formula and raw.kind != "blank":
        words = (("raw", raw.text), ("formula", visible(raw.formula)), ("value", raw.text))
        found.remarks.append(Remark("S204", place, words, target.id))


# -- tables ----------------------------------------------------------------------------------------------------------


def _gather_table(sheet: Sheet, drawn: Plan, at: TableAt, found: _Gathered) -> None:
    rows = _anchors(sheet)
    table = next(table for table in drawn.form.tables if drawn.tables[table.id] is at)
    first_column = None
    for number, block in enumerate(at.blocks):
        ids_row = rows.get(f"#{block.name}", [])
        columns = _column_ids(sheet, ids_row[0]) if len(ids_row) == 1 else {}
        if first_column is None and block.column_ids[0][0] in columns:
            first_column = columns[block.column_ids[0][0]] - (block.column_ids[0][1] - 1)
        _gather_block(sheet, drawn, at, number, rows, columns, found)
    for target, shift in ((table.zero_question, at.layout.columns - 1), (table.note, 1)):
        if first_column is None or target.id not in rows:
            found.remarks.append(Remark("S102", Place(sheet.name, drawn.places[target.id].cell, target.path)))
        else:
            _take(sheet, rows[target.id], first_column + shift, target, found)


def _gather_block(
    sheet: Sheet, drawn: Plan, at: TableAt, number: int, rows: dict[str, list[int]], columns: dict[str, int], found: _Gathered
) -> None:
    block, layout_block = at.blocks[number], at.layout.blocks[number]
    here = _rows_of_block(rows, block)
    for cell in at.layout.figures():
        row, column = cell.row - layout_block.first_data_row, cell.column
        if not 0 <= row < len(block.row_ids):
            continue
        target = drawn.form.fields[cell.field]
        row_at = here.get(block.row_ids[row], [])
        column_at = columns.get(next(name for name, shift in block.column_ids if shift == column + 1))
        if not row_at or column_at is None:
            found.remarks.append(Remark("S102", Place(sheet.name, drawn.places[cell.field].cell, target.path)))
        else:
            _take(sheet, row_at, column_at, target, found)
    _check_labels(sheet, at, number, here, columns, rows, found)


def _rows_of_block(rows: dict[str, list[int]], block: BlockAt) -> dict[str, list[int]]:
    """Rows by id between this block's id row and the next block's."""
    starts = sorted(row for name, found in rows.items() if name.startswith("#") for row in found)
    own = rows.get(f"#{block.name}", [])
    if len(own) != 1:
        return {}
    end = next((row for row in starts if row > own[0]), 1 << 20)
    return {name: inside for name in block.row_ids if (inside := [row for row in rows.get(name, []) if own[0] < row < end])}


def _check_labels(
    sheet: Sheet, at: TableAt, number: int, here: dict[str, list[int]], columns: dict[str, int], rows: dict[str, list[int]], found: _Gathered
) -> None:
    """The visible label of every line must be the form's: the second anchor of its figures."""
    block, layout_block = at.blocks[number], at.layout.blocks[number]
    if not here or block.column_ids[0][0] not in columns:
        return
    shift = columns[block.column_ids[0][0]] - layout_block.column_ids[0][1]
    header_rows = range(rows[f"#{block.name}"][0] + 1, min(min(found_rows) for found_rows in here.values()))
    for cell in at.layout.cells:
        if not cell.is_leaf or cell.field or not layout_block.first_row <= cell.row < layout_block.end_row:
            continue
        if cell.kind == "row":
            row_at = here.get(block.row_ids[cell.row - layout_block.first_data_row], [])
            if row_at and not _same_label(sheet.text(row_at[0], cell.column + shift), cell.text):
                _remark_label(sheet, row_at[0], cell.column + shift, cell.text, found)
        else:
            name = next(name for name, column in layout_block.column_ids if column == cell.column)
            column_at = columns.get(name)
            if column_at is not None and not any(_same_label(sheet.text(row, column_at), cell.text) for row in header_rows):
                row = header_rows[cell.row - layout_block.first_row] if len(header_rows) > cell.row - layout_block.first_row else header_rows[-1]
                _remark_label(sheet, row, column_at, cell.text, found)


def _same_label(found: str, expected: str) -> bool:
    """Labels are equal apart from white space; a required field's label may carry its unit and a star."""
    return "".join(found.split()).startswith("".join(expected.split()))


def _remark_label(sheet: Sheet, row: int, column: int, expected: str, found: _Gathered) -> None:
    words = (("raw", sheet.text(row, column)), ("expected", expected), ("found", visible(sheet.text(row, column)) or "（空）"))
    found.remarks.append(Remark("S103", Place(sheet.name, cell_name(row, column)), words))


def _explanations(sheet: Sheet) -> dict[str, str]:
    column = _column_ids(sheet, 0).get(EXPLANATION_ID)
    if column is None:
        return {}
    return {
        name: text
        for name, rows in _anchors(sheet).items()
        if (text := sheet.text(rows[0], column).strip())
    }
