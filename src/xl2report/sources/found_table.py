"""One table of a form over all grids: where each of its figures stands, and everything that stands in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xl2report.form.model import Table
from xl2report.form.tree import crossings
from xl2report.grid import Area
from xl2report.sources.label_index import Cell, LabelIndex, says_words
from xl2report.sources.lines import Line
from xl2report.sources.matching import FoundBlock, find_blocks, table_labels
from xl2report.submission import Raw

_FURTHER = 50  # rows or columns after the last one of a table in which figures are looked for
_GOOD_PART = 12  # cells; a page of a table that goes over several pages


class Spot(NamedTuple):
    """One cell of one grid."""

    sheet: LabelIndex
    cell: Cell

    @property
    def raw(self) -> Raw:
        return self.sheet.grid.at(*self.cell)


class FoundTable(NamedTuple):
    """A table by its labels. ``blocks`` is empty if none was found, ``known`` tells whether its labels stand somewhere.

    ``figures`` has the cell of each field; the fields not in it are ``lost`` (a row or column label is missing),
    ``merged`` (under a merged area that is not theirs alone), or on a label of ``doubled`` (it stands twice) or
    ``displaced`` (out of order; with the label expected there). ``strays`` hold something among the figures that no
    field of the form takes, ``copies`` are where a second, equal copy begins.
    """

    table: Table
    blocks: tuple[FoundBlock, ...]
    known: LabelIndex | None
    figures: dict[str, Spot]
    lost: tuple[str, ...]
    merged: dict[str, Spot]
    doubled: tuple[tuple[str, Spot], ...]
    displaced: tuple[tuple[str, Spot], ...]
    strays: tuple[Spot, ...]
    copies: tuple[Spot, ...]


class _Read(NamedTuple):
    """What the areas of one block hold."""

    figures: dict[str, Spot]
    merged: dict[str, Spot]
    strays: tuple[Spot, ...]


def find_table(sheets: Sequence[LabelIndex], table: Table, tops: frozenset[str]) -> FoundTable:
    """A table, found in any of the grids; its blocks may stand in different ones."""
    known = _best(sheets, table)
    found = [block for sheet in sheets for block in find_blocks(sheet, table, tops) if sheet is known or _is_whole(block)]
    reads = [(block, _read(block)) for block in found]
    reads = [(block, read) for block, read in reads if not (_is_blank(block) and _has_twin(block, found))]
    taken: dict[str, Spot] = {}
    merged: dict[str, Spot] = {}
    doubtful = {name for block, _ in reads for name in block.doubted}
    doubled: list[tuple[str, Spot]] = []
    copies: list[Spot] = []
    strays: list[Spot] = []
    kept: list[FoundBlock] = []
    for block, read in reads:
        start = Spot(block.sheet, block.start)
        again = [name for name in read.figures if name in taken]
        if again and not block.doubted and all(_same(read, taken, name) for name in read.figures):
            copies.append(start)
            strays += read.strays
            continue
        if again:
            doubled.append((block.block.heading or table.title, start))
            doubtful |= {*again}
        kept.append(block)
        taken.update(read.figures)
        merged.update(read.merged)
        strays += read.strays
        doubled += [(line.leaf.label or table.title, _label(block, line)) for line in _second(block)]
    figures = {name: spot for name, spot in taken.items() if name not in doubtful}
    told = {*figures, *merged, *doubtful}
    return FoundTable(
        table, tuple(kept), known or (kept[0].sheet if kept else None), figures,
        tuple(field.id for field in table.cells if field.id not in told),
        {name: spot for name, spot in merged.items() if name not in doubtful},
        tuple(doubled), tuple(_displaced(kept)), _without(strays, taken), tuple(copies),
    )  # fmt: skip


def _is_blank(block: FoundBlock) -> bool:
    return not block.sheet.shown(block.data)


def _has_twin(block: FoundBlock, found: Sequence[FoundBlock]) -> bool:
    """True if all of a block also stands elsewhere, with figures or earlier: nothing is lost without this blank one."""
    twins = [other for other in found if other.block is block.block and other.areas.keys() >= block.areas.keys()]
    return twins[0] is not block or any(not _is_blank(twin) for twin in twins)


def _same(read: _Read, taken: dict[str, Spot], name: str) -> bool:
    return name in taken and read.figures[name].raw == taken[name].raw


def _without(strays: list[Spot], taken: dict[str, Spot]) -> tuple[Spot, ...]:
    """The strays that no other block of the table has taken, each once."""
    used = {(id(spot.sheet), spot.cell) for spot in taken.values()}
    seen = {(id(spot.sheet), spot.cell): spot for spot in strays}
    return tuple(spot for key, spot in seen.items() if key not in used)


def _is_whole(block: FoundBlock) -> bool:
    """True if half of the block is there, or a good part of a large one: a few common words elsewhere make no table."""
    cells, every = len(block.areas) + len(block.doubted), sum(1 for _ in crossings(block.block))
    return 2 * cells >= every or cells >= _GOOD_PART


def _best(sheets: Sequence[LabelIndex], table: Table) -> LabelIndex | None:
    """The grid with most labels of a table, if at least half of them stand there."""
    labels = table_labels(table)
    best = max(sheets, key=lambda sheet: len(labels & sheet.where.keys()), default=None)
    return best if best and 2 * len(labels & best.where.keys()) >= len(labels) else None


# -- labels in doubt -------------------------------------------------------------------------------------------------


def _label(block: FoundBlock, line: Line) -> Spot:
    return Spot(block.sheet, line.label)


def _second(block: FoundBlock) -> Iterator[Line]:
    """Of each label that stands twice, its second place."""
    for lines in (block.rows, block.columns):
        seen: Counter[int] = Counter()
        for line in lines.doubled:
            seen[line.number] += 1
            if seen[line.number] == 2:
                yield line


def _displaced(blocks: Sequence[FoundBlock]) -> Iterator[tuple[str, Spot]]:
    for block in blocks:
        for lines in (block.rows, block.columns):
            for line, expected in lines.displaced:
                yield expected.label, _label(block, line)


# -- what the areas hold ---------------------------------------------------------------------------------------------


def _read(block: FoundBlock) -> _Read:
    """Each field's cell: the one cell of its area that shows something, or the area's first while it is empty."""
    merged = _under_merged(block)
    figures: dict[str, Spot] = {}
    strays: list[Cell] = []
    for name, area in block.areas.items():
        if name in merged:
            continue
        shown = block.sheet.shown(area)
        if len(shown) > 1:
            strays += shown
        else:
            figures[name] = Spot(block.sheet, shown[0] if shown else (area.row, area.column))
    strays += _between(block)
    strays += _around(block)
    return _Read(figures, merged, tuple(Spot(block.sheet, cell) for cell in dict.fromkeys(strays)))


def _under_merged(block: FoundBlock) -> dict[str, Spot]:
    """The fields whose area a merged area covers that begins elsewhere, and those it begins in."""
    sheet = block.sheet
    origins: dict[Cell, set[str]] = {}
    for name, area in block.areas.items():
        for row in range(area.row, area.last_row + 1):
            for column in range(area.column, area.last_column + 1):
                first = sheet.covered.get((row, column))
                if first is not None:
                    origins.setdefault(first, set()).add(name)
                if (row, column) in sheet.areas:
                    origins.setdefault((row, column), set()).add(name)
        for large in sheet.large:
            if _meet(area, large):
                origins.setdefault((large.row, large.column), set()).add(name)
    found: dict[str, Spot] = {}
    for first, names in origins.items():
        if len(names) > 1 or not any(_inside(first, block.areas[name]) for name in names):
            found.update(dict.fromkeys(names, Spot(sheet, first)))
    return found


def _meet(one: Area, other: Area) -> bool:
    rows = one.row <= other.last_row and other.row <= one.last_row
    return rows and one.column <= other.last_column and other.column <= one.last_column


def _inside(cell: Cell, area: Area) -> bool:
    return area.row <= cell[0] <= area.last_row and area.column <= cell[1] <= area.last_column


def _between(block: FoundBlock) -> list[Cell]:
    """Cells among the figures that no row and column of the form cross in, and what merged areas hide."""
    rows, columns = _taken(block.rows.all), _taken(block.columns.all)
    sheet = block.sheet
    found = []
    for cell in sheet.held(block.data):
        first = sheet.covered.get(cell)
        if first is not None:
            if sheet.grid.text(*cell) != sheet.grid.text(*first):
                found.append(cell)
        elif cell[0] not in rows or cell[1] not in columns:
            found.append(cell)
    return found


def _taken(lines: Sequence[Line]) -> set[int]:
    return {at for line in lines for at in range(line.first, line.last + 1)}


def _around(block: FoundBlock) -> list[Cell]:
    """Figures in the rows and columns that directly follow the last known ones, or stand before the first column."""
    data = block.data
    labels = max((block.sheet.span(line.label).last_column for line in block.rows.all if line.leaf.label), default=data.column)
    found: list[Cell] = []
    for row in range(data.last_row + 1, data.last_row + 1 + _FURTHER):
        if not (cells := _figures(block, Area(row, data.column, row, data.last_column))):
            break
        found += cells
    for column in range(data.last_column + 1, data.last_column + 1 + _FURTHER):
        if not (cells := _figures(block, Area(data.row, column, data.last_row, column))):
            break
        found += cells
    for column in range(data.column - 1, labels, -1):
        found += _figures(block, Area(data.row, column, data.last_row, column))
    return found


def _figures(block: FoundBlock, area: Area) -> list[Cell]:
    return [cell for cell in block.sheet.shown(area) if not says_words(block.sheet.grid.at(*cell))]
