"""The tables of the web page and of the fragment: a skeleton of markup for each layout, filled with figures.

The markup around the figures is the same in every report of a form, and is most of the page: it is made once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import truediv
from typing import NamedTuple

from markupsafe import Markup, escape

from xl2report.report.data import heads
from xl2report.report.environment import template
from xl2report.report.geometry import geometry
from xl2report.report.view import TableCell, TableView

# Room in em: what keeps a label legible on a phone, and what a figure needs, its cell's padding beside it.
_LABEL, _GROUP, _AROUND = 6.5, 3.5, 0.7
_PHONE = 27.0  # as wide as a table may be there
_SKELETONS: dict[tuple[object, ...], str] = {}
_MOST = 256  # more layouts than any shelf of forms has
_MARK = re.compile("\x02(.+?)\x03")


class Look(NamedTuple):
    """How elements are dressed: the attribute of each, and the declarations of those whose style is computed."""

    attributes: Mapping[str, Markup]
    styles: Mapping[str, Markup]
    is_fragment: bool

    @property
    def prefix(self) -> str:
        """What ids begin with, so that none meets one of the page that a fragment is pasted into."""
        return "x2r-" if self.is_fragment else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as its element: ``look`` names its dress, ``headers`` are ids, outermost first, ``room`` that of a figure."""

    tag: str
    look: str
    text: str
    rows: int
    columns: int
    id: str = ""
    scope: str = ""
    headers: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A ``thead`` or a ``tbody`` with its rows. ``whole`` is True for a block that should not break over pages."""

    tag: str
    rows: tuple[tuple[Cell, ...], ...]
    whole: bool = False


def filled(table: TableView, said: bool, look: Look) -> Markup:
    """A table as markup. ``said`` is True if the heading above it has just said its caption."""
    shape = tuple(
        (cell.row, cell.column, cell.rows, cell.columns, cell.kind, cell.field or cell.text) for cell in table.cells
    )
    key = (table.id, table.caption, said, look.is_fragment, shape)
    skeleton = _SKELETONS.get(key)
    if skeleton is None:
        if len(_SKELETONS) == _MOST:
            _SKELETONS.clear()
        skeleton = _SKELETONS[key] = _skeleton(table, said, look)
    return Markup(skeleton % _contents(table))  # every text in it is escaped


def _contents(table: TableView) -> dict[str, str]:
    """What stands at the marks: figures, beside each the digits of the widest in its column, and the measures.

    In a table of stacked blocks amounts stand in the same column as counts, but not digit under digit with them.
    """
    room: dict[tuple[int, int, bool], int] = {}
    for cell in table.cells:
        if cell.value is not None:
            lane = (cell.column, cell.columns, cell.is_amount)
            room[lane] = max(room.get(lane, 0), len(cell.text))
    contents = {}
    for cell in table.cells:
        if cell.field:
            contents[cell.field] = cell.text if cell.value is not None else str(escape(cell.text))
            contents[f"{cell.field} room"] = str(room.get((cell.column, cell.columns, cell.is_amount), 0))
    longest = max((width for (_, columns, _), width in room.items() if columns == 1), default=0)
    return contents | _measures(table, longest / 2)


def _measures(table: TableView, figure: float) -> dict[str, str]:
    """The type size in print, the least widths in em, and each column in per cent: by the geometry, and on a phone.

    On paper labels are wide and figures narrow; on a phone labels break more often, so that figures keep in sight.
    """
    setting = geometry(table)
    shares, last = setting.shares, table.label_columns - 1
    labels = [_LABEL if n == last else min(_GROUP, setting.columns[n] / setting.size) for n in range(last + 1)]
    figures = table.column_count - table.label_columns
    wide = max(map(truediv, [*labels, *[max(figure, 2) + _AROUND] * figures], shares))
    narrow = [*labels, *[max(figure, 1) + _AROUND] * figures]
    if wide > (whole := sum(narrow)) > 0 and wide > _PHONE:
        phone = [need / whole for need in narrow]
    else:
        phone, whole = list(shares), wide
    return {
        "size": f"{setting.size:g}",
        "wide": f"{wide:.1f}",
        "narrow": f"{whole:.1f}",
        **{f"wide {n}": f"{100 * share:.2f}" for n, share in enumerate(shares)},
        **{f"narrow {n}": f"{100 * share:.2f}" for n, share in enumerate(phone)},
    }


def _skeleton(table: TableView, said: bool, look: Look) -> str:
    """The table with the name of what stands there at each mark, ready for ``%``."""
    above = heads(table)
    rows = tuple(tuple(_cell(table, cell, above, look) for cell in row) for row in table.rows())
    text = template("table.html.j2").render(
        table=table,
        said=said,
        groups=[[_marks(f"wide {n}", f"narrow {n}") for n in group] for group in _groups(table)],
        parts=tuple(_parts(table, rows)),
        measure=_marks("size", "wide", "narrow"),
        look=look.attributes,
        styles=look.styles,
        fragment=look.is_fragment,
        prefix=look.prefix,
    )
    return _MARK.sub(r"%(\1)s", text.replace("%", "%%"))


def _mark(name: str) -> str:
    return f"\x02{name}\x03"


def _marks(*names: str) -> dict[str, str]:
    return {name.split()[0]: _mark(name) for name in names}


def _cell(table: TableView, cell: TableCell, above: dict[tuple[int, int], tuple[TableCell, ...]], look: Look) -> Cell:
    """Every figure names its headers: with spans, ``scope`` alone would leave them open."""
    spans = (cell.rows, cell.columns)
    if cell.field:
        headers = " ".join(_id(table, head, look) for head in above[cell.row, cell.column])
        return Cell("td", "td", _mark(cell.field), *spans, headers=headers, room=_mark(f"{cell.field} room"))
    if not cell.text:
        return Cell("td", "td", "", *spans)
    dress = "heading" if cell.kind == "heading" else "row" if cell.kind == "row" and cell.is_leaf else "th"
    return Cell("th", dress, cell.text, *spans, _id(table, cell, look), _scope(cell))


def _id(table: TableView, cell: TableCell, look: Look) -> str:
    return f"{look.prefix}{table.id}-r{cell.row + 1}c{cell.column + 1}"


def _scope(cell: TableCell) -> str:
    """A leaf is the header of one line of figures, however far it was stretched; any other, of a group of lines."""
    if cell.kind == "heading":
        return "rowgroup"
    if cell.kind == "row":
        return "row" if cell.is_leaf else "rowgroup"
    single = cell.is_leaf or (cell.kind == "corner" and cell.columns == 1)
    return "col" if single else "colgroup"


def _groups(table: TableView) -> Iterator[range]:
    """The column groups: the label columns, then what each outermost column label spans.

    Blocks that lie one above the other share no such labels: their figures are one group.
    """
    tops = [cell.columns for cell in table.cells if cell.kind == "column" and cell.row == table.headers[0][0]]
    if len(table.headers) > 1 or not tops:
        tops = [table.column_count - table.label_columns]
    start = 0
    for count in (table.label_columns, *tops):
        if count:
            yield range(start, start + count)
        start += count


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
