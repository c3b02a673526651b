"""The tables of a form found in any grids by their visible labels alone.

A figure is found where a row and a column cross that are each known by their whole label path: its own label, the
groups' labels over it in their order, and nothing else in between. A label in doubt (standing twice, out of the
form's order, with further labels under it) makes its line unread; nothing is taken by position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from xl2report.form.model import Block, Table
from xl2report.form.tree import cell_id, leaves
from xl2report.grid import Area
from xl2report.sources.label_index import REACH, Cell, LabelIndex, Over, label_key, says_words
from xl2report.sources.lines import Line, Lines, judged

LAST = 1 << 30
_MOST_COPIES = 16  # of one block in one grid; more are not looked at
_WIDEST = 100  # sheet lines that one row or column of a form may take up


class FoundBlock(NamedTuple):
    """One block where it stands. ``areas`` has the area of each figure; ``doubted`` the fields on lines in doubt."""

    sheet: LabelIndex
    block: Block
    start: Cell
    rows: Lines
    columns: Lines
    area: Area
    data: Area
    areas: Mapping[str, Area]
    doubted: frozenset[str]


class _Header(NamedTuple):
    """Where a block may begin: its first cell, the row of its outermost column labels, the columns they may stand in."""

    start: Cell
    row: int
    first_column: int
    last_column: int


def form_labels(tables: Sequence[Table]) -> frozenset[str]:
    """The keys of every label that tables are found by."""
    corners = {label_key(block.corner) for table in tables for block in table.blocks if block.corner}
    return frozenset(corners.union(*map(table_labels, tables)))


def table_labels(table: Table) -> frozenset[str]:
    """The keys of the labels of a table, corners left out."""
    keys = {label_key(block.heading) for block in table.blocks if block.heading}
    for block in table.blocks:
        for tree in (block.columns, block.rows):
            keys |= {label_key(label) for _, path in leaves(tree) for label in path}
    return frozenset(keys)


def column_tops(tables: Sequence[Table]) -> frozenset[str]:
    """The keys of all outermost column labels: where one stands under a table, another table begins."""
    return frozenset(label_key(node.label) for table in tables for block in table.blocks for node in block.columns)


def find_blocks(sheet: LabelIndex, table: Table, tops: frozenset[str]) -> Iterator[FoundBlock]:
    """Every place of a grid where a block of a table stands with at least one of its rows and one of its columns."""
    headings = sheet.positions(label_key(block.heading) for block in table.blocks if block.heading)
    ends = sheet.positions(tops)
    for block in table.blocks:
        headers = _under_headings(sheet, block, headings) if block.heading else _bare_headers(sheet, block)
        for header in headers[:_MOST_COPIES]:
            if found := _block_at(sheet, table, block, header, (headings, ends)):
                yield found


# -- where a block begins --------------------------------------------------------------------------------------------


def _tops_by_row(sheet: LabelIndex, block: Block) -> dict[int, list[Cell]]:
    rows: dict[int, list[Cell]] = {}
    for cell in sheet.positions(label_key(node.label) for node in block.columns):
        rows.setdefault(cell[0], []).append(cell)
    return rows


def _under_headings(sheet: LabelIndex, block: Block, headings: list[Cell]) -> list[_Header]:
    """A header directly under each place of the block's heading, and before the next heading of the table."""
    tops = _tops_by_row(sheet, block)
    found = []
    for heading in sheet.where.get(label_key(block.heading), ()):
        first = heading[1] if any(row == heading[0] and column < heading[1] for row, column in headings) else 0
        last = min((column - 1 for row, column in headings if row == heading[0] and column > heading[1]), default=LAST)
        end = min((row for row, _ in headings if row > heading[0]), default=LAST)
        below = sheet.span(heading).last_row + 1
        for row in range(below, min(end, below + REACH)):
            columns = [column for _, column in tops.get(row, ()) if first <= column <= last]
            if columns:
                between = Area(below, min(heading[1], *columns), row - 1, max(columns))
                if not sheet.shown(between):
                    found.append(_Header(heading, row, first, last))
                break
    return found


def _bare_headers(sheet: LabelIndex, block: Block) -> list[_Header]:
    """A header wherever outermost labels stand in one row; the same label again in that row begins another."""
    found = []
    own = {label_key(label) for _, path in leaves(block.columns) for label in path}
    for row, cells in _tops_by_row(sheet, block).items():
        runs: list[list[Cell]] = [[]]
        for cell in cells:
            if any(over.key in own for over in sheet.above(cell, row - 1)):
                continue  # moved there from the row above
            if any(sheet.keys[cell] == sheet.keys[other] for other in runs[-1]):
                runs.append([])
            runs[-1].append(cell)
        starts = [run[0][1] for run in runs if run]
        for first, following in zip(starts, [*starts[1:], LAST][: len(starts)], strict=True):
            found.append(_Header((row, first), row, first if first != starts[0] else 0, following - 1))
    return found


# -- one block -------------------------------------------------------------------------------------------------------


def _block_at(
    sheet: LabelIndex, table: Table, block: Block, header: _Header, ends: tuple[list[Cell], list[Cell]]
) -> FoundBlock | None:
    columns = _column_lines(sheet, block, header)
    if not columns:
        return None
    bottom = max(sheet.span(line.label).last_row for line in columns)
    left, right = _left_edge(sheet, block, header, columns), max(line.last for line in columns)
    end = min(
        (*(row for row, column in ends[1] if row > bottom and left <= column <= right),
         *(row for row, _ in ends[0] if row > header.row), LAST)
    )  # fmt: skip
    room = Area(bottom + 1, left, end - 1, right)
    rows = _row_lines(sheet, block, room)
    if not rows:
        return None
    top = min(line.first for line in rows)
    words = sheet.words(Area(header.row + 1, left, top - 1, right))
    columns = [line for line in columns if not _has_words_under(sheet, line, words)]
    row_lines, column_lines = judged(rows, block.rows), judged(columns, block.columns)
    last = max(line.last for line in rows)
    first_column = min((*(line.label[1] for line in rows), left, header.start[1]))
    return FoundBlock(
        sheet, block, header.start, row_lines, column_lines,
        area=Area(header.start[0], first_column, last, right),
        data=Area(bottom + 1, left, last, right),
        areas={
            cell_id(table.id, row.leaf, column.leaf): Area(row.first, column.first, row.last, column.last)
            for row in row_lines.sure for column in column_lines.sure
        },
        doubted=_doubted(table, block, row_lines, column_lines),
    )  # fmt: skip


def _column_lines(sheet: LabelIndex, block: Block, header: _Header) -> list[Line]:
    room = Area(header.row, header.first_column, header.row + REACH, header.last_column)
    found = []
    for number, (leaf, path) in enumerate(leaves(block.columns)):
        keys = tuple(map(label_key, path))
        for cell in sheet.within(keys[-1], room):
            groups = _groups(keys, sheet.above(cell, header.row))
            outermost = groups[-1].cell if groups else cell
            span = sheet.span(cell)
            if groups is not None and outermost[0] == header.row and span.last_column - span.column < _WIDEST:
                found.append(Line(number, leaf, cell, span.column, span.last_column, groups))
    bottom = max((sheet.span(line.label).last_row for line in found), default=header.row)
    return _certain(sheet, found, room._replace(last_row=bottom))


def _row_lines(sheet: LabelIndex, block: Block, room: Area) -> list[Line]:
    """The rows under a header. A label with words between it and the figures is a group's, whatever it says."""
    if not block.rows or all(not leaf.label for leaf, _ in leaves(block.rows)):
        return [Line(0, leaf, (row, room.column), row, row, ()) for leaf, _ in leaves(block.rows) for row in _bare_rows(sheet, room)]
    found: list[Line] = []
    zone = Area(room.row, 0, room.last_row, room.column - 1)
    for number, (leaf, path) in enumerate(leaves(block.rows)):
        keys = tuple(map(label_key, path))
        for cell in sheet.within(keys[-1], zone):
            span = sheet.span(cell)
            groups = _groups(keys, sheet.beside(cell, room.row))
            if groups is not None and span.last_row - span.row < _WIDEST:
                found.append(Line(number, leaf, cell, span.row, span.last_row, groups))
    rows: dict[tuple[int, int], Line] = {}
    for line in _certain(sheet, found, zone):
        if not sheet.words(Area(line.first, sheet.span(line.label).last_column + 1, line.last, room.column - 1)):
            rows.setdefault((line.number, line.first), line)
    return list(rows.values())


def _certain(sheet: LabelIndex, lines: list[Line], zone: Area) -> list[Line]:
    """The lines whose label does not also stand where no group of the form is over it.

    That is how it looks when a group's label is missing; and unless merged areas show how far the other groups reach,
    it could be theirs that is missing.
    """
    known = {line.label for line in lines}
    lost = {sheet.keys[line.label] for line in lines if any(over.is_bare for over in line.groups)}
    lost = {key for key in lost if any(cell not in known for cell in sheet.within(key, zone))}
    return [line for line in lines if sheet.keys[line.label] not in lost or not any(over.is_bare for over in line.groups)]


def _bare_rows(sheet: LabelIndex, room: Area) -> list[int]:
    """The rows of a table whose one row has no label: the row under the header, or the first below it with figures.

    A second row with figures makes both doubtful: nothing says which is meant.
    """
    rows: dict[int, list[Cell]] = {}
    for cell in sheet.shown(room._replace(last_row=min(room.last_row, room.row + REACH))):
        rows.setdefault(cell[0], []).append(cell)
    figures = {row: [cell for cell in cells if not says_words(sheet.grid.at(*cell))] for row, cells in rows.items()}
    first = next((row for row in rows if row == room.row or figures[row]), room.row)
    half = (room.last_column - room.column + 2) // 2
    return [first, *(row for row in rows if row > first and figures[row] and (row == first + 1 or len(figures[row]) >= half))]


def _groups(keys: tuple[str, ...], labels: Iterator[Over]) -> tuple[Over, ...] | None:
    """The labels of the groups over a leaf, innermost first, or None if others stand there."""
    expected = keys[-2::-1]
    found: list[Over] = []
    for over in labels if expected else ():
        if found and over.cell == found[-1].cell:
            continue
        if over.key != expected[len(found)]:
            return None
        found.append(over)
        if len(found) == len(expected):
            return tuple(found)
    return None if expected else ()


def _left_edge(sheet: LabelIndex, block: Block, header: _Header, columns: list[Line]) -> int:
    """The first column of figures: of the headers that were found, and of whatever follows the corner."""
    edge = min(min(line.first, *(over.cell[1] for over in line.groups)) if line.groups else line.first for line in columns)
    corners = sheet.within(label_key(block.corner), Area(header.row, header.first_column, header.row, edge - 1))
    after = sheet.next_in_row(corners[-1]) if corners and block.corner else None
    return min(edge, after[1]) if after else edge


def _has_words_under(sheet: LabelIndex, line: Line, words: list[Cell]) -> bool:
    below = sheet.span(line.label).last_row
    return any(row > below and line.first <= column <= line.last for row, column in words)


def _doubted(table: Table, block: Block, rows: Lines, columns: Lines) -> frozenset[str]:
    """The fields on lines that are not sure."""
    doubtful_rows = {line.leaf.id for line in rows.all} - {line.leaf.id for line in rows.sure}
    doubtful_columns = {line.leaf.id for line in columns.all} - {line.leaf.id for line in columns.sure}
    return frozenset(
        cell_id(table.id, row, column)
        for row, _ in leaves(block.rows)
        for column, _ in leaves(block.columns)
        if row.id in doubtful_rows or column.id in doubtful_columns
    )
