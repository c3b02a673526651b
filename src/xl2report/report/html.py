"""The report as one web page that needs nothing beside it: no script, no picture, no other file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from xl2report.report.data import finding_lines, heads
from xl2report.report.environment import encoded, template, words
from xl2report.report.view import Report, TableCell, TableView

# Widths in em that keep a label and a figure legible: below their sum a table scrolls in its own box.
_LABEL_WIDTH, _FIGURE_WIDTH = 7.0, 3.4


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as its element: ``id`` and ``scope`` of a header, ``headers`` of a figure (ids, outermost first)."""

    tag: str
    kind: str
    text: str
    rows: int
    columns: int
    id: str = ""
    scope: str = ""
    headers: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A ``thead`` or a ``tbody`` with its rows. ``whole`` is True for a block that should not break over pages."""

    tag: str
    rows: tuple[tuple[Cell, ...], ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Markup:
    """What the template needs of a table. ``width`` is its least width in em.

    ``groups`` are its column groups: how many columns, and the share in per cent of each (0: whatever is left).
    """

    groups: tuple[tuple[int, float], ...]
    width: float
    parts: tuple[Part, ...]


def render(report: Report, language: str = "zh") -> bytes:
    """The page, UTF-8. ``language`` is that of a draft's mark and findings; the report speaks its own."""
    text = template("report.html.j2").render(
        report=report,
        markup={table.id: markup(table) for table in report.tables},
        findings=finding_lines(report, language),
        words=words(language),
        language="en" if language == "en" else "zh-CN",
    )
    return encoded(text)


def markup(table: TableView) -> Markup:
    """A table as elements. Every figure names its headers: with spans, ``scope`` alone would leave them open."""
    above = heads(table)
    rows = tuple(tuple(_cell(table, cell, above) for cell in row) for row in table.rows())
    width = table.label_columns * _LABEL_WIDTH + (table.column_count - table.label_columns) * _FIGURE_WIDTH
    return Markup(_groups(table, round(100 * _FIGURE_WIDTH / width, 2)), round(width, 1), tuple(_parts(table, rows)))


def _cell(table: TableView, cell: TableCell, above: dict[tuple[int, int], tuple[TableCell, ...]]) -> Cell:
    if cell.field:
        headers = " ".join(_id(table, head) for head in above[cell.row, cell.column])
        return Cell("td", cell.kind, cell.text, cell.rows, cell.columns, headers=headers)
    if not cell.text:
        return Cell("td", cell.kind, "", cell.rows, cell.columns)
    return Cell("th", cell.kind, cell.text, cell.rows, cell.columns, _id(table, cell), _scope(cell))


def _id(table: TableView, cell: TableCell) -> str:
    return f"{table.id}-r{cell.row + 1}c{cell.column + 1}"


def _scope(cell: TableCell) -> str:
    """A leaf is the header of one line of figures, however far it was stretched; any other, of a group of lines."""
    if cell.kind == "heading":
        return "rowgroup"
    if cell.kind == "row":
        return "row" if cell.is_leaf else "rowgroup"
    single = cell.is_leaf or (cell.kind == "corner" and cell.columns == 1)
    return "col" if single else "colgroup"


def _groups(table: TableView, share: float) -> tuple[tuple[int, float], ...]:
    """The label columns, then what the outermost column labels span: every figure as wide as the next.

    Blocks that lie one above the other share no such labels: their figures are one group.
    """
    tops = [cell.columns for cell in table.cells if cell.kind == "column" and cell.row == table.headers[0][0]]
    if len(table.headers) > 1 or not tops:
        tops = [table.column_count - table.label_columns]
    labels = [(table.label_columns, 0.0)] if table.label_columns else []
    return (*labels, *((columns, share) for columns in tops))


def _parts(table: TableView, rows: tuple[tuple[Cell, ...], ...]) -> Iterator[Part]:
    """A ``tbody`` a block where blocks are stacked, each with its own headers; else a head and a body a row group."""
    if len(table.headers) > 1 or any(cell.kind == "heading" for cell in table.cells):
        yield from (Part("tbody", rows[top:end], whole=True) for top, _, end in table.headers)
        return
    top, first, end = table.headers[0]
    yield Part("thead", rows[top:first])
    starts = {first, end}
    for cell in table.cells:
        if cell.kind == "row" and cell.column == 0 and not cell.is_leaf:
            starts |= {cell.row, cell.row + cell.rows}
    marks = sorted(starts)
    for start, stop in pairwise(marks):
        yield Part("tbody", rows[start:stop])
