"""A grid as labels see it: where each label stands, which label stands over or beside a cell, what an area holds."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from xl2report.checks.numbers import PLACEHOLDERS, is_blank_text
from xl2report.grid import Area, Grid
from xl2report.submission import Raw

Cell: TypeAlias = tuple[int, int]

REACH = 20  # rows or columns, blank ones included, that a group's label may stand away from the labels under it
MOST = 200  # a label that stands more often than this in one grid marks nothing
LONGEST_LABEL = 200
_LARGE_AREA = 2_000  # cells of a merged area that is kept as a whole
_MOST_LARGE = 64
_COVERED_LIMIT = 300_000  # cells under merged areas; a page has hundreds
_AREAS_LIMIT = 200_000

_FOLDED = {
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # full-width ASCII
    **dict(zip("“”‘’。｡､", "\"\"''..、", strict=True)),
}
_TO_FOLD = re.compile("[\\s\\u0000-\\u001f\\u007f-\\u00a0\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ufeff" + "".join(_FOLDED) + "]")


class Over(NamedTuple):
    """A label that covers a cell. A bare one has no merged area, and reaches as far as its neighbours are empty."""

    key: str
    cell: Cell
    is_bare: bool


def label_key(text: str) -> str:
    """What two spellings of one label have in common: no white space, nothing invisible, half-width punctuation."""
    return _TO_FOLD.sub(_folded, text)


def _folded(match: re.Match[str]) -> str:
    return _FOLDED.get(match.group(), "")


def says_words(raw: Raw) -> bool:
    """True for a text with letters: a label or a remark, no figure."""
    return raw.kind == "text" and any(map(str.isalpha, raw.text)) and label_key(raw.text) not in PLACEHOLDERS


class LabelIndex:
    """One grid, read once. ``keys`` has every text cell that is short enough for a label, ``where`` the cells of each
    label asked for, ``areas`` the merged areas by their first cell, ``covered`` the first cell of each cell under one.
    ``spans_told``: a cell without a merged area is one cell, whatever stands beside it.
    """

    def __init__(self, grid: Grid, labels: frozenset[str], *, spans_told: bool = False) -> None:
        self.grid = grid
        self._spans_told = spans_told
        self.areas, self.covered, self.large = _merged(grid.merges)
        self.keys: dict[Cell, str] = {}
        self.where: dict[str, list[Cell]] = {}
        occupied = {*self.covered, *self.areas}
        known: dict[str, str] = {}
        for cell, raw in grid.cells.items():
            if raw.kind != "text" or len(raw.text) > LONGEST_LABEL:
                if holds(raw):
                    occupied.add(cell)
                continue
            key = known.get(raw.text)
            if key is None:
                key = known[raw.text] = label_key(raw.text)
            if key or raw.formula:
                occupied.add(cell)
            if key and cell not in self.covered:  # what a merged area covers is not seen by anybody
                self.keys[cell] = key
                if key in labels:
                    self.where.setdefault(key, []).append(cell)
        self.where = {key: sorted(cells) for key, cells in self.where.items() if len(cells) <= MOST}
        self._rows: dict[int, list[int]] = {}
        self._columns: dict[int, list[int]] = {}
        for row, column in sorted(occupied):
            self._rows.setdefault(row, []).append(column)
            self._columns.setdefault(column, []).append(row)
        self._row_numbers = sorted(self._rows)

    def within(self, key: str, area: Area) -> list[Cell]:
        """The cells of a label inside an area."""
        cells = self.where.get(key, [])
        inside = cells[bisect_left(cells, (area.row, 0)) : bisect_left(cells, (area.last_row + 1, 0))]
        return [cell for cell in inside if area.column <= cell[1] <= area.last_column]

    def positions(self, keys: Iterable[str]) -> list[Cell]:
        """All cells of some labels, in reading order."""
        return sorted(cell for key in set(keys) for cell in self.where.get(key, ()))

    def span(self, cell: Cell) -> Area:
        """The merged area that begins at a cell, or the cell alone."""
        return self.areas.get(cell) or Area(*cell, *cell)

    def above(self, cell: Cell, first_row: int) -> Iterator[Over]:
        """The labels over a cell, nearest first, one a row: of a merged area, or to the left over empty cells."""
        row, column = cell
        for at in range(row - 1, max(first_row, row - REACH) - 1, -1):
            if (start := _last(self._rows.get(at, ()), column)) is not None and (over := self._over((at, start), (at, column))):
                yield over

    def beside(self, cell: Cell, first_row: int) -> Iterator[Over]:
        """The labels to the left of a cell, nearest first, one a column: of a merged area, or above over empty cells."""
        row, column = cell
        for at in range(column - 1, max(0, column - REACH) - 1, -1):
            start = _last(self._columns.get(at, ()), row)
            if start is not None and start >= first_row and (over := self._over((start, at), (row, at))):
                yield over

    def held(self, area: Area) -> Iterator[Cell]:
        """The cells of an area that hold something, in reading order, those under a merged area included."""
        first = bisect_left(self._row_numbers, area.row)
        for row in self._row_numbers[first : bisect_right(self._row_numbers, area.last_row)]:
            columns = self._rows[row]
            for column in columns[bisect_left(columns, area.column) : bisect_right(columns, area.last_column)]:
                if holds(self.grid.at(row, column)):
                    yield row, column

    def shown(self, area: Area) -> list[Cell]:
        """The cells of an area that show something."""
        return [cell for cell in self.held(area) if cell not in self.covered]

    def words(self, area: Area) -> list[Cell]:
        """The cells of an area that show words."""
        return [cell for cell in self.shown(area) if says_words(self.grid.at(*cell))]

    def next_in_row(self, cell: Cell) -> Cell | None:
        """The next cell to the right that shows something, within reach."""
        row, columns, end = cell[0], self._rows.get(cell[0], []), self.span(cell).last_column
        for n in range(bisect_right(columns, end), bisect_right(columns, end + REACH)):
            if (row, columns[n]) not in self.covered and holds(self.grid.at(row, columns[n])):
                return row, columns[n]
        return None

    def _over(self, start: Cell, cell: Cell) -> Over | None:
        """What the nearest occupied cell says about a cell: a merged area ends where it ends, a bare cell reaches on."""
        origin = self.covered.get(start, start)
        area = self.areas.get(origin) or (Area(*origin, *origin) if self._spans_told else None)
        if area and not (area.row <= cell[0] <= area.last_row and area.column <= cell[1] <= area.last_column):
            return None
        key = self.keys.get(origin) or self.grid.text(*origin)
        return Over(key, origin, area is None) if key else None


def holds(raw: Raw) -> bool:
    """True for a cell that is not empty; a formula without a result holds something too."""
    return bool(raw.formula) or (not is_blank_text(raw.text) if raw.kind == "text" else bool(raw.text))


def _last(numbers: Sequence[int], at: int) -> int | None:
    """The last of ascending numbers that is not beyond a limit."""
    n = bisect_right(numbers, at)
    return numbers[n - 1] if n else None


def _merged(merges: Sequence[Area]) -> tuple[dict[Cell, Area], dict[Cell, Cell], tuple[Area, ...]]:
    """Merged areas by first cell, the first cell by covered cell, the large areas. Bounded: a file may claim anything."""
    areas: dict[Cell, Area] = {}
    covered: dict[Cell, Cell] = {}
    large: list[Area] = []
    room = _COVERED_LIMIT
    for area in merges[:_AREAS_LIMIT]:
        first = (area.row, area.column)
        size = (area.last_row - area.row + 1) * (area.last_column - area.column + 1)
        if size < 2 or area.last_row < area.row or min(first) < 0:
            continue
        areas[first] = area
        if size > min(_LARGE_AREA, room):
            large.append(area)
            continue
        room -= size
        for row in range(area.row, area.last_row + 1):
            for column in range(area.column, area.last_column + 1):
                if (row, column) != first:
                    covered.setdefault((row, column), first)
    return areas, covered, tuple(large[:_MOST_LARGE])
