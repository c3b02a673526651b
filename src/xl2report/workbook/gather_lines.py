"""A sheet of lines (cover, prose, single fields) → entries."""

from __future__ import annotations

from collections import Counter

from xl2report.form.model import Field
from xl2report.grid import Grid
from xl2report.workbook.anchors import Anchored, column_ids, row_ids
from xl2report.workbook.plan import CONTENT_ID, FIRST_LINE, LABEL_ID, Line
from xl2report.workbook.taking import Found, locate, remark_label, remark_stray, same_label, take, take_prose

_HELPER_SHIFT = 2  # of the hidden column of lengths from the content, with the hints between


def gather_lines(sheet: Anchored, lines: tuple[Line, ...], found: Found) -> None:
    """Adds what a sheet of lines holds."""
    fields = {line.field.id: line.field for line in lines if line.field}
    rows = row_ids(sheet)
    columns, doubled = column_ids(sheet, sheet.row) if sheet.row >= 0 else ({}, [])
    found.remarks += doubled
    content = columns.get(CONTENT_ID, _named_column(sheet, fields, found))
    label = columns.get(LABEL_ID, None if content is None else content - 1)
    for target in fields.values():
        _gather_field(sheet, target, rows.get(target.id, []), content, label, found)
    last = max((places[-1] for name, places in rows.items() if name in fields), default=0)
    _remark_strays(sheet, lines, (content, label, last), found)


def _named_column(sheet: Anchored, fields: dict[str, Field], found: Found) -> int | None:
    """The column that the names of the sheet's fields point to."""
    spots = [spot for name in fields if (spot := found.names.get(name)) and spot.sheet == sheet.grid.name]
    return Counter(spot.column for spot in spots).most_common(1)[0][0] if spots else None


def _gather_field(
    sheet: Anchored, target: Field, rows: list[int], content: int | None, label: int | None, found: Found
) -> None:
    grid = sheet.grid
    if target.kind == "prose":
        spot = locate(found, sheet, target, rows[:1], content, lambda row, column: _heading_above(grid, row, column, target))
        if spot:
            last = rows[-1] if rows else _last_paragraph(grid, spot.row, spot.column)
            take_prose(found, grid, target, range(spot.row, last + 1), spot.column)
        return
    spot = locate(found, sheet, target, rows, content, lambda row, column: _namedleft(grid, row, column, target))
    take(found, grid, target, spot)
    if spot and rows and label is not None and not _namedleft(grid, spot.row, spot.column, target):
        remark_label(found, grid, spot.row, label, target.label)


def _namedleft(grid: Grid, row: int, column: int, target: Field) -> bool:
    return any(same_label(grid.text(row, at), target.label) for at in range(column))


def _heading_above(grid: Grid, row: int, column: int, target: Field) -> bool:
    """True if the nearest text above and left of a cell is the heading of a prose field."""
    for above in range(row - 1, -1, -1):
        if text := next((text for at in range(column) if (text := grid.text(above, at)).strip()), ""):
            return same_label(text, target.label)
    return False


def _last_paragraph(grid: Grid, first: int, column: int) -> int:
    """The last row of a prose block without ids: the one before the next heading."""
    headings = [row for (row, at), raw in grid.cells.items() if row > first and at < column and raw.text.strip()]
    end = max((row for row, _ in grid.cells), default=first) + 1
    return min(headings, default=end) - 1


def _remark_strays(sheet: Anchored, lines: tuple[Line, ...], edges: tuple[int | None, int | None, int], found: Found) -> None:
    """Cells that are neither inputs nor what was issued: beside or below the lines, or in rows that somebody inserted."""
    content, label, last = edges
    if content is None or label is None:
        return
    known = {(spot.row, spot.column) for spot in found.spots if spot.sheet == sheet.grid.name}
    top = sheet.row + FIRST_LINE if sheet.row >= 0 else min((row for row, _ in known), default=0)
    last = max((last, *(row for row, _ in known)))
    words = [line.text or (line.field.label if line.field else "") for line in lines]
    for (row, column), raw in sorted(sheet.grid.cells.items()):
        if (row, column) in known or row < top or column == sheet.column:
            continue
        helper = column == content + _HELPER_SHIFT and (raw.formula or not found.shows_formulas)
        hint = column == content + 1 and raw.kind == "text"
        named = column == label and any(same_label(raw.text, word) for word in words if word)
        if not (named or (row <= last and (helper or hint))):
            remark_stray(found, sheet.grid, row, column)
