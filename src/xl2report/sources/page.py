"""A published page, or a text with ``|`` between its cells, as it is read: its lines, and its tables as grids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from xl2report.grid import Area, Book, Grid
from xl2report.sources.charset import decoded
from xl2report.sources.markup import Item, MarkedTable, page_items
from xl2report.sources.page_grid import Laid, is_data, is_wrapper, laid_out, texts_of
from xl2report.sources.pipes import LEAST, text_items
from xl2report.sources.spelling import plain_script
from xl2report.submission import NOWHERE, Remark
from xl2report.workbook.package import Unreadable

PAGE = "page"  # the kind of such a book
RAGGED = "S129"  # remarked on a grid whose columns cannot be trusted
_MARKUP = re.compile(r"<(?:!doctype|html|head|meta|body|table|div|p|h[1-6]|style|script|tr|td|span)\b", re.IGNORECASE)
_BEGINS = re.compile(rb"<(?:!doctype html|html|body|table|div|p|h[1-6]|span|section|article|center|font|ul)[\s>]", re.IGNORECASE)
_HEAD = 4096  # bytes in which a page shows that it is one
_BETWEEN = re.compile(r"[-—–\s]*(?:第?[0-9]{1,3}页?|[（(]?[续接]上?表?[)）]?)?[-—–\s]*\Z")  # between two pages of a table


class Page(NamedTuple):
    """The tables of a page as a book, and the lines outside of them."""

    book: Book
    lines: tuple[str, ...]


class _Piece(NamedTuple):
    """A table with the lines before it."""

    laid: Laid
    follows: bool


def is_page(content: bytes, refused: Unreadable) -> bool:
    """True for a file that was refused as a workbook, and is a page, or a text with ``|`` between its cells."""
    detail = refused.words.get("detail")
    if detail not in ("unknown", "csv"):
        return detail == "html"
    return bool(_BEGINS.search(content[:_HEAD])) or (content.count(b"|") >= LEAST and b"\0\0" not in content)


def read_page(content: bytes) -> Page:
    """The page in some bytes, or the text with ``|``. Unreadable if it is beyond a limit."""
    text = decoded(content)
    is_markup = bool(_MARKUP.search(text.text))
    script = plain_script(text.text)
    items = page_items(script.text) if is_markup else text_items(script.text)
    return _page(items, (*text.remarks, *script.remarks))


def _page(items: list[Item], remarks: tuple[Remark, ...]) -> Page:
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
    told = [remark for grid, laid in grids for remark in _spans(grid.name, laid)]
    sheets = tuple(grid for grid, _ in grids)
    return Page(Book(sheets, tuple(grid.name for grid in sheets), PAGE, remarks=(*remarks, *told)), tuple(lines))


def _spans(name: str, laid: list[Laid]) -> Iterator[Remark]:
    """What is wrong with the spans of a table."""
    words = (("sheet", name), ("count", str(sum(one.cut for one in laid))))
    if any(one.ragged for one in laid):
        yield Remark(RAGGED, NOWHERE._replace(sheet=name), words)
    elif any(one.cut for one in laid):
        yield Remark("S125", NOWHERE._replace(sheet=name), words)


def _seen(items: list[Item]) -> Iterator[str | MarkedTable]:
    """Lines and tables with figures in reading order; a table that only arranges others is what it arranges."""
    for item in items:
        if isinstance(item, str) or is_data(item):
            yield item
        elif is_wrapper(item):
            yield from (inner for inner in texts_of(item) if isinstance(inner, str))
        else:
            yield from _seen(list(texts_of(item)))


def _joined(pieces: list[_Piece]) -> list[tuple[Grid, list[Laid]]]:
    """The grids; a table that goes on over a page, as wide as before and with nothing in between, is one."""
    grids: list[tuple[Grid, list[Laid]]] = []
    rows = columns = 0
    for number, piece in enumerate(pieces, 1):
        grid = piece.laid.grid
        if piece.follows and piece.laid.columns == columns:
            last, parts = grids.pop()
            cells = {**last.cells, **{(row + rows, column): raw for (row, column), raw in grid.cells.items()}}
            merges = (*last.merges, *(Area(a.row + rows, a.column, a.last_row + rows, a.last_column) for a in grid.merges))
            grids.append((Grid(f"{last.name.removesuffix('个表')}、{number}个表", cells, merges), [*parts, piece.laid]))
            rows += piece.laid.rows
        else:
            grids.append((grid, [piece.laid]))
            rows, columns = piece.laid.rows, piece.laid.columns
    return grids
