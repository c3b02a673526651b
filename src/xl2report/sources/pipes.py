"""A text with ``|`` between the cells of its tables → the lines and tables in it, in their order."""

from __future__ import annotations

import re

from xl2report.sources.markup import CELLS_LIMIT, LINES_LIMIT, Cell, Item, MarkedTable
from xl2report.workbook.package import Unreadable

LEAST = 20  # strokes from which a text is taken to have tables
_RULE = re.compile(r"[|\s:-]*-{3}[|\s:-]*\Z")  # the line that Markdown has under a header


def text_items(text: str) -> list[Item]:
    """The items of a text. A line with two strokes, or with one directly under such a line, is a row of a table."""
    items: list[Item] = []
    table: MarkedTable | None = None
    cells = 0
    lines = text.split("\n")
    if len(lines) > LINES_LIMIT:
        raise Unreadable("F105", detail="text")
    for typed in lines:
        line = typed.strip(" \t\r\u00a0\u3000\ufeff")
        strokes = line.count("|")
        cells += strokes
        if cells > CELLS_LIMIT:
            raise Unreadable("F105", detail="cells")
        if strokes >= 2 or (strokes and table is not None):
            if table is None:
                table = MarkedTable()
                items.append(table)
            if not _RULE.match(line):
                table.rows.append([Cell(1, 1, [text] if text else []) for text in _cells(line)])
        else:
            table = None
            if line:
                items.append(line)
    return items


def _cells(line: str) -> list[str]:
    """The texts between the strokes. The strokes at either end belong to no cell."""
    return [text.strip() for text in line.removeprefix("|").removesuffix("|").split("|")]
