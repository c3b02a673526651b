"""A table for Word: its geometry in twips, and its rows with every cell that a merge continues through."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from xl2report.report.geometry import LINE, WIDER, Geometry, ems, geometry
from xl2report.report.view import TableCell, TableView

_POINT = 20  # twips
# The paragraph styles that carry the sizes of type of a table.
_STYLES = {12.0: "表格文字（小四）", 10.5: "表格文字（五号）", 9.0: "表格文字（小五）", 7.5: "表格文字（六号）"}
_LEADING = 1.3  # of those styles
_FREE = 2.0  # between a figure and the rule to its right
_LONG = 30  # lines of a cell: Word would cut its row off at the end of a page


@dataclass(frozen=True, slots=True)
class WordCell:
    """One ``w:tc``; lengths in twips. ``merge`` is "restart", "continue" or "".

    ``align`` is left, center or right; a figure stands flush right, ``indent`` from the edge of its cell, and where
    it needs more than its cell it is narrowed to ``scale`` percent: it is never broken.
    """

    width: int
    span: int
    merge: str = ""
    text: str = ""
    align: str = "center"
    indent: int = 0
    scale: int = 100


@dataclass(frozen=True, slots=True)
class WordRow:
    """One ``w:tr``. ``keep`` holds it on the page of what follows; a header is repeated on every page."""

    cells: tuple[WordCell, ...]
    is_header: bool
    keep: bool
    splits: bool


@dataclass(frozen=True, slots=True)
class WordTable:
    """A table ready to print: widths in twips that add up to the text width, the style of its text, its rows."""

    columns: tuple[int, ...]
    style: str
    margin: int
    row_height: int
    rows: tuple[WordRow, ...]


def word_table(table: TableView, width: int, height: int) -> WordTable:
    """The table set into a text of ``width`` by ``height`` twips, of which it leaves two lines free."""
    set_as = geometry(table, width / _POINT, height / _POINT - 2 * LINE)
    columns = _columns(set_as, width)
    return WordTable(
        columns,
        _STYLES[set_as.size],
        round(set_as.margin * _POINT),
        round(set_as.row_height * _POINT),
        _rows(table, set_as, columns),
    )


def _columns(set_as: Geometry, width: int) -> tuple[int, ...]:
    ends = [round(sum(set_as.columns[: n + 1]) * _POINT) for n in range(len(set_as.columns))]
    ends[-1] = width
    return tuple(end - start for start, end in zip([0, *ends], ends, strict=False))


def _rows(table: TableView, set_as: Geometry, columns: tuple[int, ...]) -> tuple[WordRow, ...]:
    lines: defaultdict[int, list[tuple[int, WordCell]]] = defaultdict(list)
    for cell in table.cells:
        width = sum(columns[cell.column : cell.column + cell.columns])
        lines[cell.row].append((cell.column, _cell(cell, width, set_as)))
        for row in range(cell.row + 1, cell.row + cell.rows):
            lines[row].append((cell.column, WordCell(width, cell.columns, "continue")))
    long = _long(table, set_as)
    kept = _kept(table, set_as) - long
    # A header that is higher than a page must not come again on each.
    heads = range(table.headers[0][1] if len(table.headers) == 1 and long.isdisjoint(range(table.headers[0][1])) else 0)
    return tuple(
        WordRow(
            tuple(cell for _, cell in sorted(lines[row], key=lambda placed: placed[0])),
            row in heads,
            row in kept,
            row in long,
        )
        for row in range(table.row_count)
    )


def _long(table: TableView, set_as: Geometry) -> frozenset[int]:
    """The rows that may be higher than what is left of any page."""
    cells = (cell for cell in table.cells if cell.value is None and _lines(cell, set_as) > _LONG)
    return frozenset(row for cell in cells for row in range(cell.row, cell.row + cell.rows))


def _kept(table: TableView, set_as: Geometry) -> frozenset[int]:
    """The rows that stay with what follows: all of a table that fits on a page, its first note included.

    Where a table breaks, a header stays with its first row, and so many rows of a group together that its label stays whole.
    """
    if set_as.whole:
        return frozenset(range(table.row_count if table.notes else table.row_count - 1))
    kept = {row for top, first, _ in table.headers for row in range(top, first)}
    for cell in table.cells:
        if cell.kind == "row" and cell.rows > 1:
            rows = math.ceil(_lines(cell, set_as) * set_as.size * _LEADING / set_as.row_height)
            kept.update(range(cell.row, cell.row + min(rows, cell.rows) - 1))
    return frozenset(kept)


def _lines(cell: TableCell, set_as: Geometry) -> int:
    return math.ceil(ems(cell.text) * set_as.size / (set_as.width(cell) - 2 * set_as.margin))


def _cell(cell: TableCell, width: int, set_as: Geometry) -> WordCell:
    merge = "restart" if cell.rows > 1 else ""
    if cell.value is None:
        return WordCell(width, cell.columns, merge, cell.text, "left" if cell.kind == "row" and cell.is_leaf else "center")
    room, figure = width / _POINT - 0.5, set_as.figures[cell.row, cell.column] * set_as.size  # less the rules
    scale = min(int(100 * (room - _FREE) / (figure * WIDER)), 100)
    indent = max(set_as.indent(cell), min(_FREE, (room - figure * scale / 100) / 2))
    return WordCell(width, cell.columns, merge, cell.text, "right", round(indent * _POINT), scale)
