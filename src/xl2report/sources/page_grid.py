"""A table as a page declares it → a grid: its spans laid out, those that cannot be true cut back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xl2report.grid import Area, Grid
from xl2report.sources.markup import TO_THE_END, Cell, Item, MarkedTable
from xl2report.submission import BLANK, Raw
from xl2report.workbook.package import Unreadable

_SLOTS_LIMIT = 400_000  # cells that all spans of a page may cover; a report has two thousand
_WIDEST = 1_000  # columns
_MOST_ABOVE = 64  # spans that reach into one row
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\Z")
_DIGIT = re.compile("[0-9０-９]")
_LONG = 200  # characters of one cell from which a table without figures is there for the layout


class Laid(NamedTuple):
    """A table with its spans laid out; ``cut`` counts the spans that were not true.

    ``ragged``: its rows are not all equally wide even so, and what stands in one column need not belong together.
    """

    grid: Grid
    columns: int
    rows: int
    cut: int
    ragged: bool


class _Placed(NamedTuple):
    """A cell where it stands."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


def is_data(table: MarkedTable) -> bool:
    """True for a table with figures or labels in columns; False for one that only arranges other things."""
    cells = [cell for row in table.rows for cell in row]
    if max((len(row) for row in table.rows), default=0) < 2:
        return False
    if any(not is_wrapper(item) for cell in cells for item in cell.items):
        return False
    texts = [cell.text for cell in cells]
    return any(is_figure(text) for text in texts) or all(len(text) <= _LONG for text in texts)


def is_wrapper(item: Item) -> bool:
    """True for text, and for a table of one cell with nothing but text: a frame around it."""
    if isinstance(item, str):
        return True
    cells = [cell for row in item.rows for cell in row]
    return len(cells) <= 1 and all(isinstance(inner, str) for cell in cells for inner in cell.items)


def is_figure(text: str) -> bool:
    """True for a short text that begins with a digit, or a sign and a digit, and has no more letters than digits."""
    return len(text) <= 20 and bool(_DIGIT.search(text[:2])) and not any(map(str.isalpha, text))


def raw_of(text: str) -> Raw:
    """A cell's text as a raw cell: whole numbers as numbers, since a page has no other way to store one."""
    return Raw("number", text) if _WHOLE.match(text) and text != "-0" else Raw("text", text)


def laid_out(table: MarkedTable, name: str) -> Laid:
    """The grid of a table. A span that reaches past the table's end or width, or over another cell, is cut.

    Whether an uneven row has a cell too many or a span from above is too long nobody can tell: the table is then ragged.
    """
    rows = [row for row in table.rows if row]
    width = _width(rows)
    placed: list[_Placed] = []
    reach: list[int] = []  # for each column, the first row that is free again
    cut = slots = even = 0
    ragged = False
    for number, (row, group_end) in enumerate(zip(rows, _group_ends(table, len(rows)), strict=True)):
        column = 0
        for cell in row:
            while column < len(reach) and reach[column] > number:
                column += 1
            across, down = min(cell.columns, _WIDEST), min(cell.rows, group_end - number)
            wanted = across
            if column < width < column + across:
                across = width - column
            across = next((n for n in range(column, column + across) if n < len(reach) and reach[n] > number), column + across) - column
            cut += across < wanted or (down < cell.rows < TO_THE_END)
            ragged = ragged or (across < wanted and len(row) > 1)
            slots += across * down
            if slots > _SLOTS_LIMIT or column + across > _WIDEST:
                raise Unreadable("F105", detail="cells")
            reach += [0] * (column + across - len(reach))
            reach[column : column + across] = [number + down] * across
            placed.append(_Placed(number, column, down, across, cell.text))
            column += across
        if len(row) > 1 and not ragged:
            filled = sum(end > number for end in reach)
            ragged = even not in (0, filled)
            even = filled
    columns = max((one.column + one.columns for one in placed), default=0)
    return Laid(_grid(placed, name), columns, len(rows), cut, ragged)


def _group_ends(table: MarkedTable, count: int) -> list[int]:
    """For each row with cells, the row after the last of its part of the table: no span reaches over that."""
    ends: list[int] = []
    end = number = count
    for n in range(len(table.rows) - 1, -1, -1):
        if table.rows[n]:
            number -= 1
            ends.append(end)
        if n in table.groups:
            end = number
    return ends[::-1]


def _width(rows: Sequence[Sequence[Cell]]) -> int:
    """The columns that most rows have, 0 if no width is that of more than half of them.

    A row's own cells and what reaches down from above count; a span that lies spoils the rows under it only.
    """
    widths: Counter[int] = Counter()
    above: list[tuple[int, int]] = []  # the row after the last, and the columns, of spans from above
    for number, row in enumerate(rows):
        above = [(end, columns) for end, columns in above if end > number]
        if len(above) > _MOST_ABOVE:
            return 0
        widths[sum(columns for _, columns in above) + sum(min(cell.columns, _WIDEST) for cell in row)] += 1
        above += [(number + cell.rows, min(cell.columns, _WIDEST)) for cell in row if cell.rows > 1]
    width, count = max(widths.items(), key=lambda item: (item[1], -item[0]), default=(0, 0))
    return width if 2 * count > len(rows) else 0


def _grid(placed: Sequence[_Placed], name: str) -> Grid:
    cells: dict[tuple[int, int], Raw] = {}
    merges: list[Area] = []
    for one in placed:
        cells[one.row, one.column] = raw_of(one.text) if one.text else BLANK  # where a cell stands matters, blank or not
        if one.rows * one.columns > 1:
            merges.append(Area(one.row, one.column, one.row + one.rows - 1, one.column + one.columns - 1))
    return Grid(name, cells, tuple(merges))


def texts_of(table: MarkedTable) -> Iterator[Item]:
    """What stands in the cells of a table that only arranges them."""
    for row in table.rows:
        for cell in row:
            yield from cell.items
