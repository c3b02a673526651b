"""A sheet of lines (cover, prose, single fields) → entries."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import NamedTuple

from xl2report.checks.entries import visible
from xl2report.form.model import Field
from xl2report.workbook.anchors import Anchored, Spot, column_ids, row_ids
from xl2report.workbook.plan import CONTENT_ID, FIRST_LINE, LABEL_ID, Line
from xl2report.workbook.taking import Here, locate, remark_label, remark_stray, same_label, take, take_prose
from xl2report.workbook.wording import field_hint, field_label, paragraph_hint


class _Columns(NamedTuple):
    """The columns of labels and of content, None where neither ids nor names tell them; the rows with a text left of the content."""

    label: int | None
    content: int | None
    headed: list[int]


def gather_lines(here: Here, lines: tuple[Line, ...]) -> None:
    """Adds what a sheet of lines holds."""
    fields = {line.field.id: line.field for line in lines if line.field}
    rows = row_ids(here.sheet)
    columns = _columns(here, fields)
    for target in fields.values():
        _gather_field(here, target, rows.get(target.id, []), columns)
    hinted = {places[0] for name, places in rows.items() if name in fields and _hint(fields[name])}
    last = max((places[-1] for name, places in rows.items() if name in fields), default=0)
    _remark_strays(here, lines, columns, last, hinted)


def _hint(target: Field) -> str:
    return paragraph_hint(target) if target.kind == "prose" else field_hint(target)


def _columns(here: Here, fields: dict[str, Field]) -> _Columns:
    """The columns by their hidden ids, or by the names of the sheet's fields where the ids are lost."""
    ids, doubled = column_ids(here.sheet, here.sheet.row) if here.sheet.row >= 0 else ({}, [])
    here.found.remarks += doubled
    spots = [spot for target in fields.values() if (spot := here.named(target))]
    named = Counter(spot.column for spot in spots).most_common(1)[0][0] if spots else None
    content = ids.get(CONTENT_ID, named)
    headed = [] if content is None else [
        row for row in sorted(here.sheet.filled_columns) if any(text.strip() for text in here.sheet.left_of(row, content))
    ]  # fmt: skip
    return _Columns(ids.get(LABEL_ID, None if content is None else content - 1), content, headed)


def _gather_field(here: Here, target: Field, rows: list[int], columns: _Columns) -> None:
    sheet = here.sheet
    if target.kind == "prose":
        _gather_prose(here, target, rows, columns)
        return

    def label_left(row: int, column: int) -> bool:
        return any(same_label(text, target.label, field_label(target)) for text in sheet.left_of(row, column))

    spot = locate(here, target, rows, columns.content, label_left)
    take(here, target, spot)
    if spot and rows and columns.label is not None and not label_left(spot.row, spot.column):
        remark_label(here, spot.row, columns.label, target.label)


def _gather_prose(here: Here, target: Field, rows: list[int], columns: _Columns) -> None:
    """Takes the rows under a field's own heading; what stands under another one, or under another's id, is not its own."""
    sheet, content = here.sheet, columns.content

    def agrees(row: int, column: int) -> bool:
        """True if the nearest text above and left of a cell is the heading of the field."""
        above = bisect_left(columns.headed, row)
        texts = sheet.left_of(columns.headed[above - 1], column) if above else []
        return same_label(next((text for text in texts if text.strip()), ""), target.label)

    own = rows if content is None else [row for row in rows if agrees(row, content)] or rows
    for row in rows if content is not None else ():
        if row not in own:
            _remark_astray(here, target, row, content or 0)
    within = range(own[0], own[-1] + 1) if own else range(0)
    spot = locate(here, target, own[:1], content, agrees, within=within)
    if spot is None:
        return
    last = own[-1] if own else _last_paragraph(sheet, spot)
    foreign = {row for name, places in row_ids(sheet).items() if name != target.id for row in places}
    take_prose(here, target, [row for row in range(spot.row, last + 1) if row not in foreign], spot.column)
    if own and columns.label is not None and not agrees(spot.row, spot.column):
        remark_label(here, max(0, spot.row - 1), columns.label, target.label)


def _remark_astray(here: Here, target: Field, row: int, column: int) -> None:
    if (text := here.text(row, column)).strip():
        here.found.told.add(Spot(here.name, row, column))
        here.remark("S123", here.place(row, column, target.path), target.id, raw=visible(text))


def _last_paragraph(sheet: Anchored, first: Spot) -> int:
    """The last row of a prose block without ids: the one before the next heading."""
    rows = sorted(row for row in sheet.filled_columns if row > first.row)
    headings = (row for row in rows if any(text.strip() for text in sheet.left_of(row, first.column)))
    return next(headings, rows[-1] + 1 if rows else first.row + 1) - 1


def _labels(line: Line) -> tuple[str, ...]:
    """The labels that a line may bear: its field's own, and as it was issued with unit and star."""
    return (line.field.label, field_label(line.field)) if line.field else ()


def _remark_strays(here: Here, lines: tuple[Line, ...], columns: _Columns, last: int, hinted: set[int]) -> None:
    """Cells that are neither inputs nor what was issued: beside or below the lines, or in rows that somebody inserted."""
    label, content = columns.label, columns.content
    if content is None or label is None:
        return
    sheet, known = here.sheet, here.known()
    top = sheet.row + FIRST_LINE if sheet.row >= 0 else min((row for row, _ in known), default=0)
    last = max((last, *(row for row, _ in known)))
    formulas = Counter(column for (_, column), raw in sheet.grid.cells.items() if column > content and raw.formula)
    lengths = formulas.most_common(1)[0][0] if formulas else content + 2  # the hidden column beside the hints
    words = {word for line in lines for word in (line.text, *_labels(line)) if word}
    for (row, column), raw in sorted(sheet.grid.cells.items()):
        if (row, column) in known or column == sheet.column:
            continue
        if raw.text in (LABEL_ID, CONTENT_ID):
            continue
        if column == label and row >= top and same_label(raw.text, *words):
            continue
        if column == lengths and (raw.formula or (row <= last and not here.found.shows_formulas)):
            continue
        heading = column == label and sheet.row < row < top
        remark_stray(here, row, column, issued=heading or (column == content + 1 and (row in hinted or not hinted)))
