"""How a table is set: the widths of its columns, the size of its type, and where its figures stand.

One geometry serves every format, so that the page, the Word file and the PDF show the same table.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from xl2report.report.view import TableCell, TableView

# GB/T 9704-2012: 156 mm by 225 mm of text in 22 lines; two of them are the heading above and the note below a table.
LINE = 28.95
TEXT_WIDTH, TEXT_HEIGHT = 442.2, 637.8
_ROOM = TEXT_HEIGHT - 2 * LINE

# 小四, 五号, 小五 in points. Many columns start at 五号: 小四 would break every label. 六号 is for figures that fit no other.
_SIZES = (12.0, 10.5, 9.0)
_LAST_SIZE = 7.5
_WIDE = 7  # columns
_NARROW = 2.6  # characters in a column of figures when room is short: labels of four then break in the middle
_PAIR = 2.0  # characters side by side, the least that a label may be broken to
_LEADING = 1.3
_ROWS = (1.95, 1.85, 1.75, 1.65, 1.55)  # least heights of a row, in type sizes: the lower ones are for tables that just do not fit
_PADDING = 2.8  # above and below the text of a cell
_DIGIT = 0.56  # the width of a digit of Noto Serif SC; in Times 0.5
WIDER = 0.64 / _DIGIT  # the same of DejaVu Serif, which programs without Times take for it, to that
_SLACK = 1.0  # rules, and the rounding of a word processor


class Geometry(NamedTuple):
    """A table ready to be set; lengths in points.

    ``columns`` add up to the width of the text. ``margin`` is kept free at the left and right of every cell,
    ``row_height`` is the least height of a row, and ``whole`` says that the table keeps to one page. ``figures`` gives,
    by row and column of each figure, the width in type sizes of the widest of its kind in its column: set flush right in so
    much room in the middle of the cell, digits stand under digits.
    """

    columns: tuple[float, ...]
    size: float
    margin: float
    row_height: float
    whole: bool
    figures: Mapping[tuple[int, int], float]

    @property
    def shares(self) -> tuple[float, ...]:
        """The columns as parts of 1."""
        whole = sum(self.columns)
        return tuple(column / whole for column in self.columns)

    def width(self, cell: TableCell) -> float:
        return sum(self.columns[cell.column : cell.column + cell.columns])

    def centred(self, cell: TableCell) -> float:
        """The space between the figures of a column, flush right under one another in its middle, and the edge of the cell."""
        return max((self.width(cell) - self.figures[cell.row, cell.column] * self.size) / 2, 0.0)

    def indent(self, cell: TableCell) -> float:
        """The same where the face is not known: a tight cell keeps room for the digits of a wide one.

        A program without Times must not break a figure.
        """
        figure = self.figures[cell.row, cell.column] * self.size
        return max(min(self.centred(cell), self.width(cell) - figure * WIDER - _SLACK), 0.0)


def geometry(table: TableView, width: float = TEXT_WIDTH, room: float = _ROOM) -> Geometry:
    """The table set into a width and a height: the largest type that leaves it whole on one page.

    A table longer than any page is let run on.
    """
    sizes = (*(_SIZES if table.column_count < _WIDE else _SIZES[1:]), _LAST_SIZE)
    margin = 5.4 if table.column_count < _WIDE else 2.0
    gap = 2 * margin + _SLACK
    words = _words(table)
    figures = _figures(table)
    tried = [(size, _columns(words, (width - gap * table.column_count) / size, size, gap)) for size in sizes]
    roomy = [one for one in tried if _holds_figures(words, *one)] or tried[-1:]
    legible = [one for one in roomy if one[0] > _LAST_SIZE] or roomy
    for size, columns in legible:
        needs = _needs(table, size, columns, gap)
        for row in _ROWS:
            if _height(table.row_count, size * row, needs) <= room:
                return Geometry(columns, size, margin, size * row, True, figures)
    size, columns = legible[-1]  # it breaks: smaller type leaves the labels room
    return Geometry(columns, size, margin, size * _ROWS[0], False, figures)


class _Words(NamedTuple):
    """What the texts of a table ask for, in type sizes: each column of group labels, the row labels, a column of figures.

    A group label may run down half the rows it spans, two characters at least. ``longest`` gives for each column of
    figures its widest, which must not be broken.
    """

    groups: tuple[float, ...]
    labels: tuple[float, ...]
    figure: float
    longest: tuple[float, ...]


def _words(table: TableView) -> _Words:
    last = table.label_columns - 1
    groups = [_PAIR] * max(last, 0)
    label, figure = 0.0, 0.0
    longest = [_PAIR] * (table.column_count - table.label_columns)
    for cell in table.cells:
        if cell.kind == "row":
            if cell.column == last:
                label = max(label, ems(cell.text))
            elif cell.columns == 1:
                groups[cell.column] = max(groups[cell.column], math.ceil(ems(cell.text) / (cell.rows / 2)))
        elif cell.columns == 1 and (cell.field or cell.kind == "column"):
            figure = max(figure, wide := ems(cell.text))
            if cell.value is not None:
                at = cell.column - table.label_columns
                longest[at] = max(longest[at], wide)
    labels = ((label or _PAIR) + 1,) if table.label_columns else ()
    return _Words(tuple(groups), labels, figure or _PAIR, tuple(longest))


def _columns(words: _Words, room: float, size: float, gap: float) -> tuple[float, ...]:
    """Column widths. Figures share one width while there is room; else each column has what it needs, labels the rest."""
    needs = [*words.groups, *words.labels]
    wanted = words.figure + 1
    figures = [wanted] * len(words.longest)
    if sum(needs) + sum(figures) > room:
        own = [(_least(figure, size) - gap) / size for figure in words.longest]
        figures = [max(figure, min(wanted, _NARROW)) for figure in own]
        if sum(needs[:-1]) + sum(figures) > room:
            figures = [max(figure, _PAIR) for figure in own]
        if needs:
            needs[-1] = max(min(needs[-1], room - sum(words.groups) - sum(figures)), 4)
        over = max((room - sum(needs) - sum(figures)) / len(figures), 0)
        figures = [figure + over for figure in figures]
    shares = [*needs, *figures]
    spread = room / sum(shares)
    return tuple(share * spread * size + gap for share in shares)


def _least(figure: float, size: float) -> float:
    """The width of a column in which a figure is not broken."""
    return figure * WIDER * size + _SLACK


def _holds_figures(words: _Words, size: float, columns: tuple[float, ...]) -> bool:
    widths = columns[-len(words.longest) :]
    return all(width >= _least(figure, size) - 0.1 for width, figure in zip(widths, words.longest, strict=True))


def _needs(table: TableView, size: float, columns: tuple[float, ...], gap: float) -> list[tuple[int, int, float]]:
    """Last row, number of rows and height of each cell of more than one line of text; those of few rows first."""
    found = []
    for cell in table.cells:
        if cell.value is not None:  # a figure is not broken
            continue
        room = sum(columns[cell.column : cell.column + cell.columns]) - gap
        # One character less a line: closing brackets and commas may not begin a line and pull one down with them.
        lines = math.ceil(ems(cell.text) / max(room / size - (0.5 if cell.rows == 1 else 0), 1))
        if lines > 1:
            found.append((cell.row + cell.rows - 1, cell.rows, lines * size * _LEADING + _PADDING))
    return sorted(found, key=lambda need: need[1])


def _height(rows: int, least: float, needs: list[tuple[int, int, float]]) -> float:
    """About how high the table will stand; a merged cell that needs more than its rows makes the last higher."""
    heights = [least] * rows
    for last, spanned, needed in needs:
        over = needed - sum(heights[last - spanned + 1 : last + 1])
        if over > 0:
            heights[last] += over
    return sum(heights)


def _figures(table: TableView) -> dict[tuple[int, int], float]:
    """Counts and amounts of one column stand apart: the decimals of the one would push the others aside."""
    figures = [cell for cell in table.cells if cell.value is not None]
    widest: defaultdict[tuple[int, int, bool], float] = defaultdict(float)
    for cell in figures:
        lane = (cell.column, cell.columns, cell.is_amount)
        widest[lane] = max(widest[lane], ems(cell.text))
    return {(cell.row, cell.column): widest[cell.column, cell.columns, cell.is_amount] for cell in figures}


@lru_cache(maxsize=1024)
def ems(text: str) -> float:
    """The width of a text in type sizes. Digits take 0.5 in Times and 0.56 in Noto Serif SC, characters a square."""
    return sum(_DIGIT if char < "\u2000" else 1.0 for char in text)
