"""A published page, or a text with ``|`` between its cells, read into a book of grids: its lines and its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from xl2report.grid import Area, Book, Grid
from xl2report.sources import articles as articles  # what is remarked here has its words there
from xl2report.sources.charset import decoded
from xl2report.sources.markup import Item, MarkedTable, page_items
from xl2report.sources.page_grid import Laid, is_data, is_wrapper, laid_out, texts_of
from xl2report.submission import NOWHERE, Raw, Remark

PAGE = "page"  # the kind of such a book
LINES = "正文"  # the grid of everything outside the tables, one line a row
_BETWEEN = re.compile(r"[-—–\s]*(?:第?[0-9]{1,3}页?|[（(]?[续接]上?表?[)）]?)?[-—–\s]*\Z")  # between two pages of a table


class _Piece(NamedTuple):
    """A table with the lines before it."""

    laid: Laid
    follows: bool


def read_page(content: bytes) -> Book:
    """The book in the bytes of a page. Unreadable if it is beyond a limit."""
    text = decoded(content)
    return _book(page_items(text.text), text.remarks)


def _book(items: list[Item], remarks: tuple[Remark, ...]) -> Book:
    lines: list[str] = []
    pieces: list[_Piece] = []
    between = True
    for item in _seen(items):
        if isinstance(item, str):
            lines.append(item)
            between = between and bool(_BETWEEN.match(item))
        else:
            pieces.append(_Piece(laid_out(item, f"第{len(pieces) + 1}个表"), between and bool(pieces)))
            between = True
    grids = _joined(pieces)
    told = tuple(
        Remark("S125", NOWHERE._replace(sheet=piece.laid.grid.name), (("sheet", piece.laid.grid.name), ("count", str(piece.laid.cut))))
        for piece in pieces
        if piece.laid.cut
    )
    body = Grid(LINES, {(n, 0): Raw("text", line) for n, line in enumerate(lines)})
    names = (LINES, *(grid.name for grid in grids))
    return Book((body, *grids), names, PAGE, remarks=(*remarks, *told))


def _seen(items: list[Item]) -> Iterator[str | MarkedTable]:
    """Lines and tables with figures in reading order; a table that only arranges others is what it arranges."""
    for item in items:
        if isinstance(item, str) or is_data(item):
            yield item
        elif is_wrapper(item):
            yield from (inner for inner in texts_of(item) if isinstance(inner, str))
        else:
            yield from _seen(list(texts_of(item)))


def _joined(pieces: list[_Piece]) -> list[Grid]:
    """The grids; a table that goes on over a page, as wide as before and with nothing in between, is one."""
    grids: list[Grid] = []
    rows = columns = 0
    for number, piece in enumerate(pieces, 1):
        grid = piece.laid.grid
        if piece.follows and piece.laid.columns == columns:
            last = grids.pop()
            cells = {**last.cells, **{(row + rows, column): raw for (row, column), raw in grid.cells.items()}}
            merges = (*last.merges, *(Area(a.row + rows, a.column, a.last_row + rows, a.last_column) for a in grid.merges))
            grids.append(Grid(f"{last.name.removesuffix('个表')}、{number}个表", cells, merges))
            rows += piece.laid.rows
        else:
            grids.append(grid)
            rows, columns = piece.laid.rows, piece.laid.columns
    return grids
