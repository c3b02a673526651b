"""A table for Word: its geometry in twips, and its rows with every cell that a merge continues through."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from xl2report.report.geometry import LINE, Geometry, geometry
from xl2report.report.view import TableCell, TableView

_POINT = 20  # twips
# The paragraph styles that carry the sizes of type of a table.
_STYLES = {12.0: "表格文字（小四）", 10.5: "表格文字（五号）", 9.0: "表格文字（小五）", 7.5: "表格文字（六号）"}


@dataclass(frozen=True, slots=True)
class WordCell:
    """One ``w:tc``; lengths in twips. ``merge`` is "restart", "continue" or "".

    ``align`` is left, center or right; a figure stands flush right, ``indent`` from the edge of its cell.
    """

    width: int
    span: int
    merge: str = ""
    text: str = ""
    align: str = "center"
    indent: int = 0


@dataclass(frozen=True, slots=True)
class WordRow:
    """One ``w:tr``. ``keep`` holds it on the page of the next row; a header is repeated on every page."""

    cells: tuple[WordCell, ...]
    is_header: bool
    keep: bool


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
    head_rows = table.headers[0][1] if len(table.headers) == 1 else 0
    lines: defaultdict[int, list[tuple[int, WordCell]]] = defaultdict(list)
    for cell in table.cells:
        width = sum(columns[cell.column : cell.column + cell.columns])
        lines[cell.row].append((cell.column, _cell(cell, width, set_as)))
        for row in range(cell.row + 1, cell.row + cell.rows):
            lines[row].append((cell.column, WordCell(width, cell.columns, "continue")))
    return tuple(
        WordRow(
            tuple(cell for _, cell in sorted(lines[row], key=lambda placed: placed[0])),
            row < head_rows,
            set_as.whole and row < table.row_count - 1,
        )
        for row in range(table.row_count)
    )


def _cell(cell: TableCell, width: int, set_as: Geometry) -> WordCell:
    merge = "restart" if cell.rows > 1 else ""
    if cell.value is not None:
        return WordCell(width, cell.columns, merge, cell.text, "right", round(set_as.indent(cell) * _POINT))
    return WordCell(width, cell.columns, merge, cell.text, "left" if cell.kind == "row" and cell.is_leaf else "center")
