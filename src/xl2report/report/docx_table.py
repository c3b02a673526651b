"""A table for Word: its column widths, its type size, and its rows with every cell that a merge continues through."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from xl2report.report.view import TableCell, TableView

# Type sizes in points and the paragraph styles that carry them. Many columns start at 五号: 小四 would break every label.
_SIZES = ((12.0, "表格文字（小四）"), (10.5, "表格文字（五号）"), (9.0, "表格文字（小五）"))
_WIDE = 7  # columns
_NARROW = 2.6  # characters in a column of figures when room is short: labels of four then break in the middle
_LEADING = 1.3
_ROW = 1.95  # least height of a row, in type sizes
_PADDING = 56  # above and below the text of a cell, in twips
_SLACK = 20  # rules, and the rounding of a word processor, in twips


@dataclass(frozen=True, slots=True)
class WordCell:
    """One ``w:tc``. ``merge`` is "restart", "continue" or ""; width in twips."""

    width: int
    span: int
    merge: str = ""
    text: str = ""
    is_left: bool = False


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
    """The table set into a page of ``width`` by ``height`` twips.

    It gets the largest type that leaves it whole on one page; a table longer than any page is let run on.
    """
    sizes = _SIZES if table.column_count < _WIDE else _SIZES[1:]
    margin = 108 if table.column_count < _WIDE else 40
    gap = 2 * margin + _SLACK
    tried = [(size, style, _columns(table, size, width, gap)) for size, style in sizes]
    roomy = [one for one in tried if _holds_figures(table, one[0], one[2], gap)] or tried[-1:]
    whole = [one for one in roomy if _height(table, one[0], one[2], gap) <= height]
    size, style, columns = (whole or roomy)[0]
    return WordTable(columns, style, margin, round(size * 20 * _ROW), _rows(table, columns, bool(whole)))


def _rows(table: TableView, columns: tuple[int, ...], whole: bool) -> tuple[WordRow, ...]:
    head_rows = table.headers[0][1] if len(table.headers) == 1 else 0
    lines: defaultdict[int, list[tuple[int, WordCell]]] = defaultdict(list)
    for cell in table.cells:
        width = sum(columns[cell.column : cell.column + cell.columns])
        left = cell.kind == "row" and cell.is_leaf
        merge = "restart" if cell.rows > 1 else ""
        lines[cell.row].append((cell.column, WordCell(width, cell.columns, merge, cell.text, left)))
        for row in range(cell.row + 1, cell.row + cell.rows):
            lines[row].append((cell.column, WordCell(width, cell.columns, "continue")))
    return tuple(
        WordRow(
            tuple(cell for _, cell in sorted(lines[row], key=lambda placed: placed[0])),
            row < head_rows,
            whole and row < table.row_count - 1,
        )
        for row in range(table.row_count)
    )


def _columns(table: TableView, size: float, width: int, gap: int) -> tuple[int, ...]:
    """Column widths in twips. Figures share one width; labels take what they need, or what is left to them."""
    labels, count = table.label_columns, table.column_count
    figures = count - labels
    em = size * 20
    room = (width - gap * count) / em
    groups = [_group_width(table, column) for column in range(labels - 1)]
    wanted = _figure_width(table) + 1
    needs = [*groups, _label_width(table) + 1] if labels else []
    if sum(needs) + figures * wanted > room and labels:
        wanted = max(_longest_figure(table), min(wanted, _NARROW))
        needs[-1] = max(min(needs[-1], room - sum(groups) - figures * wanted), 4)
        wanted = max((room - sum(needs)) / figures, 0)
    shares = [*needs, *[wanted] * figures]
    spread = room / sum(shares)
    ends = [round(sum(share * spread * em + gap for share in shares[: n + 1])) for n in range(count)]
    ends[-1] = width
    return tuple(end - start for start, end in zip([0, *ends], ends, strict=False))


def _group_width(table: TableView, column: int) -> float:
    """What a column of group labels needs: each label may run down half the rows it spans, two characters at least."""
    groups = [cell for cell in table.cells if cell.kind == "row" and cell.column == column and cell.columns == 1]
    return max((max(2.0, math.ceil(_ems(cell.text) / (cell.rows / 2))) for cell in groups), default=2.0)


def _label_width(table: TableView) -> float:
    last = table.label_columns - 1
    return max((_ems(cell.text) for cell in table.cells if cell.kind == "row" and cell.column == last), default=2.0)


def _figure_width(table: TableView) -> float:
    single = [cell for cell in table.cells if cell.columns == 1 and (cell.kind == "column" or cell.field)]
    return max((_ems(cell.text) for cell in single), default=2.0)


def _longest_figure(table: TableView) -> float:
    """The widest number, which must not be broken; two characters at least, for the labels above."""
    return max((_ems(cell.text) for cell in table.cells if _is_figure(cell)), default=2.0)


def _is_figure(cell: TableCell) -> bool:
    return cell.value is not None and cell.columns == 1


def _holds_figures(table: TableView, size: float, columns: tuple[int, ...], gap: int) -> bool:
    least = max(_longest_figure(table), 2.0) * size * 20 + gap
    return all(width >= least - _SLACK / 2 for width in columns[table.label_columns :])


def _height(table: TableView, size: float, columns: tuple[int, ...], gap: int) -> float:
    """About how high the table will stand, in twips; a merged cell that needs more than its rows makes the last higher."""
    heights = [size * 20 * _ROW] * table.row_count
    for cell in sorted(table.cells, key=lambda cell: cell.rows):
        room = sum(columns[cell.column : cell.column + cell.columns]) - gap
        # One character less a line: closing brackets and commas may not begin a line and pull one down with them.
        lines = math.ceil(_ems(cell.text) / max(room / (size * 20) - (0.5 if cell.rows == 1 else 0), 1))
        needed = lines * size * 20 * _LEADING + _PADDING
        over = needed - sum(heights[cell.row : cell.row + cell.rows])
        if over > 0:
            heights[cell.row + cell.rows - 1] += over
    return sum(heights)


@lru_cache(maxsize=1024)
def _ems(text: str) -> float:
    """The width of a text in type sizes: Latin letters and digits take half a square."""
    return sum(0.5 if char < "\u2000" else 1.0 for char in text)
