"""A table whose spans are lost or lie, laid out anew by the order of the cells in its rows.

Nothing is taken by position alone: a row counts only if every label in it is the form's next one, as written or as
damaged as pages have them (cut short, a sign missing or doubled), and if it has as many cells as the form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xl2report.form.layout import LayoutCell, layout
from xl2report.form.model import Table
from xl2report.grid import Area, Grid
from xl2report.sources.label_index import label_key, says_words
from xl2report.sources.matching import table_labels
from xl2report.submission import Place, Raw, Remark
from xl2report.workbook.plan import cell_name

_WIDEST = 200  # cells of one row that are looked at
_UNKNOWN_ROWS = 6  # one after the other, after which a block is at its end
_SKIPPED_ROWS = 6  # rows of the form that a page may lack, one after the other
_QUOTED = 80  # characters of a row that was left out
_DOUBLED = re.compile(r"(.{1,6})\1")
_PUNCTUATION = re.compile(r"[^\w]|_")
_REMARKED = re.compile(r"\s*[0-9０-９][0-9０-９,，.]*\s*件?\s*[（(]")  # a number with a remark in brackets behind it


class Aligned(NamedTuple):
    """The grid laid out anew, what is to be remarked about each table in it, and where each cell moved stood before."""

    grid: Grid
    remarks: tuple[Remark, ...]
    sources: dict[str, str]


class _Row(NamedTuple):
    """One row of the form and the row of the grid that it was found in, with its cells."""

    expected: tuple[LayoutCell, ...]
    at: int
    cells: tuple[tuple[int, Raw], ...]


class _Wanted(NamedTuple):
    """One block of a table: its rows of cells, how many of them are headers, the labels of the whole table."""

    rows: tuple[tuple[LayoutCell, ...], ...]
    header: int
    groups: tuple[LayoutCell, ...]
    labels: frozenset[str]


def aligned(grid: Grid, tables: Sequence[Table], *, ragged: bool) -> Aligned | None:
    """The grid with the blocks of some tables laid out as the form has them; None if not one was found in it.

    Rows among them that are no rows of the form are left out, with a remark; of a ragged grid all such rows.
    """
    rows = _rows(grid)
    found: list[_Row] = []
    remarks: list[Remark] = []
    for table in tables:
        here: list[_Row] = []
        for wanted in _wanted(table):
            here += _block(rows, wanted, {row.at for row in found + here})
        if here:
            remarks += _remarks(grid, table, here)
            found += here
    if not found:
        return None
    matched = {row.at for row in found}
    first, last = (0, rows[-1][0]) if ragged else (min(matched), max(matched) + _UNKNOWN_ROWS)
    left = [row for row in rows if first <= row[0] <= last and row[0] not in matched and any(raw.text for _, raw in row[1])]
    remarks += (_left_out(grid, row) for row in left)
    kept = grid._replace(cells={cell: raw for cell, raw in grid.cells.items() if cell[0] not in {row[0] for row in left}})
    return Aligned(_laid(kept, found), tuple(remarks), _sources(found))


def near(text: str, label: str, labels: frozenset[str]) -> bool:
    """True if a text is a label, or can only be that label cut short, misspelled, or without its punctuation."""
    key, whole = label_key(text), label_key(label)
    if key == whole:
        return True
    if key in labels or len(key) < 2:
        return False  # another label is another label
    bare, full = _PUNCTUATION.sub("", key), _PUNCTUATION.sub("", whole)
    if not bare or not full:
        return False
    if bare == full or _DOUBLED.sub(r"\1", bare) == _DOUBLED.sub(r"\1", full) or (len(bare) > 1 and full.startswith(bare)) or (full.endswith(bare) and 3 * len(bare) >= 2 * len(full)):
        return True
    return _apart(bare, full, 1 + len(full) // 8)


def _apart(one: str, other: str, most: int) -> bool:
    """True if at most so many signs have to be put in, left out or changed to turn one text into another."""
    if abs(len(one) - len(other)) > most or most >= max(len(one), len(other)) / 2:
        return False
    before = list(range(len(other) + 1))
    for n, sign in enumerate(one, 1):
        row = [n]
        for m, against in enumerate(other, 1):
            row.append(min(before[m] + 1, row[-1] + 1, before[m - 1] + (sign != against)))
        if min(row) > most:
            return False
        before = row
    return before[-1] <= most


# -- what is wanted, what is there -----------------------------------------------------------------------------------


def _wanted(table: Table) -> Iterator[_Wanted]:
    laid = layout(table)
    labels = table_labels(table)
    for block in laid.blocks:
        cells = [cell for cell in laid.cells if block.first_row <= cell.row < block.end_row]
        rows = tuple(tuple(cell for cell in cells if cell.row == row) for row in range(block.first_row, block.end_row))
        groups = tuple(cell for cell in cells if cell.kind == "row" and not cell.is_leaf)
        yield _Wanted(rows, block.first_data_row - block.first_row, groups, labels)


def _rows(grid: Grid) -> list[tuple[int, tuple[tuple[int, Raw], ...]]]:
    """The cells of each row that holds something, in their order, blank ones between them included."""
    covered = {
        (row, column)
        for area in grid.merges
        for row in range(area.row, area.last_row + 1)
        for column in range(area.column, area.last_column + 1)
        if (row, column) != (area.row, area.column)
    }
    last: dict[int, int] = {}
    for row, column in grid.cells:
        last[row] = max(last.get(row, 0), column)
    return [
        (row, tuple((column, grid.at(row, column)) for column in range(min(last[row], _WIDEST) + 1) if (row, column) not in covered))
        for row in sorted(last)
    ]


def _block(rows: list[tuple[int, tuple[tuple[int, Raw], ...]]], wanted: _Wanted, taken: set[int]) -> list[_Row]:
    """The rows of a block in the order of the form, from the first place where all of its header stands."""
    for start in range(len(rows) - wanted.header + 1):
        header = [_fit(rows[start + n], wanted, n) for n in range(wanted.header)]
        if all(header) and not any(row.at in taken for row in header if row):
            data = list(_data(rows[start + wanted.header :], wanted, taken))
            if sum(bool(row.expected) for row in data) < len(wanted.rows) - wanted.header:
                data = [row for row in data if not _is_ambiguous(row, wanted)]  # by order alone only where none is missing
            if data and not _is_disordered(rows[start + wanted.header :], data, wanted):
                return [row for row in (*header, *data) if row]
    return []


def _is_disordered(rows: Sequence[tuple[int, tuple[tuple[int, Raw], ...]]], data: list[_Row], wanted: _Wanted) -> bool:
    """True if a row that was not matched has a label of the form that is not due where it stands."""
    numbers = {row.at: wanted.rows.index(row.expected) for row in data if row.expected}
    last = max(numbers, default=0) + _UNKNOWN_ROWS
    for at, cells in rows:
        if at > last or any(row.at == at for row in data):
            continue
        texts = {label_key(raw.text) for _, raw in cells if raw.text}
        named = {n for n, row in enumerate(wanted.rows) for cell in row if cell.kind == "row" and cell.is_leaf and label_key(cell.text) in texts}
        before = max((number for row, number in numbers.items() if row < at), default=-1)
        after = min((number for row, number in numbers.items() if row > at), default=len(wanted.rows))
        if named and not any(before < number < after for number in named):
            return True
    return False


def _is_ambiguous(row: _Row, wanted: _Wanted) -> bool:
    """True if a label of a row could be that of more than one line of its table."""
    labels = {cell.text for line in wanted.rows for cell in line if cell.text}
    texts = (raw.text for cell, (_, raw) in zip(row.expected, row.cells, strict=False) if cell.text)
    return any(sum(near(text, label, wanted.labels) for label in labels) > 1 for text in texts)


def _data(rows: Sequence[tuple[int, tuple[tuple[int, Raw], ...]]], wanted: _Wanted, taken: set[int]) -> Iterator[_Row]:
    """The rows under a header. Those that are no row of the form are left where they are; the header may come again."""
    number, unknown = wanted.header, 0
    for row in rows:
        if number >= len(wanted.rows) or unknown > _UNKNOWN_ROWS or row[0] in taken:
            return
        ahead = range(number, min(number + _SKIPPED_ROWS, len(wanted.rows)))
        found = next(((n, fit) for n in ahead if (fit := _fit(row, wanted, n))), None)
        if found:
            yield found[1]
            number, unknown = found[0] + 1, 0
        elif again := next((fit for n in range(wanted.header) if (fit := _fit(row, wanted, n))), None):
            yield again._replace(expected=())  # a header that is repeated on a new page
        else:
            unknown += 1


def _fit(row: tuple[int, tuple[tuple[int, Raw], ...]], wanted: _Wanted, number: int) -> _Row | None:
    """A row as one of the form's, or None. A group's label may be repeated before it, or its blank place."""
    expected, (at, cells) = wanted.rows[number], row
    over = [group for group in wanted.groups if group.row < expected[0].row < group.row + group.rows] if expected else []
    for lead in range(len(over) + 1):
        before, own, after = cells[:lead], cells[lead : lead + len(expected)], cells[lead + len(expected) :]
        if any(raw.text and not any(near(raw.text, group.text, wanted.labels) for group in over) for _, raw in before):
            break
        if len(own) < len(expected) or any(raw.text for _, raw in after):
            continue  # which cell is missing, or too many, nobody can tell
        if after and _ends_blank(expected, own):
            continue
        if not all(_is(cell, raw, wanted.labels) for cell, (_, raw) in zip(expected, own, strict=True)):
            continue
        if any(cell.text for cell in expected) or sum(bool(raw.text) for _, raw in own) * 2 > len(expected):
            return _Row(expected, at, own)
    return None


def _ends_blank(expected: Sequence[LayoutCell], own: Sequence[tuple[int, Raw]]) -> bool:
    """True for a row whose last figures are blank, with blank cells behind them: one further to the left may be missing."""
    figures = [bool(raw.text) for cell, (_, raw) in zip(expected, own, strict=True) if cell.field]
    return any(figures) and not figures[-1]


def _is(cell: LayoutCell, raw: Raw, labels: frozenset[str]) -> bool:
    if cell.field:
        return not says_words(raw) or bool(_REMARKED.match(raw.text)) or raw.text[:1].isdigit()
    if cell.kind == "corner":
        return says_words(raw) or not raw.text
    return raw.kind == "text" and near(raw.text, cell.text, labels)


# -- the grid laid out anew ------------------------------------------------------------------------------------------


def _laid(grid: Grid, found: list[_Row]) -> Grid:
    moved = {row.at for row in found}
    cells = {cell: raw for cell, raw in grid.cells.items() if cell[0] not in moved}
    merges = [area for area in grid.merges if not any(row in moved for row in range(area.row, area.last_row + 1))]
    at = {cell.row: row.at for row in found for cell in row.expected[:1]}
    for row in found:
        for cell, (_, raw) in zip(row.expected, row.cells, strict=False):
            text = cell.kind != "corner" and not cell.field and label_key(raw.text) != label_key(cell.text)
            shown = Raw("text", cell.text) if text else raw
            cells[row.at, cell.column] = shown
            last = max(at[n] for n in range(cell.row, cell.row + cell.rows) if n in at)
            if last > row.at or cell.columns > 1:
                merges.append(Area(row.at, cell.column, last, cell.column + cell.columns - 1))
    return Grid(grid.name, cells, tuple(merges))


def _sources(found: list[_Row]) -> dict[str, str]:
    """The address that each cell had in the page."""
    return {
        cell_name(row.at, cell.column): cell_name(row.at, column)
        for row in found
        for cell, (column, _) in zip(row.expected, row.cells, strict=False)
    }


def _left_out(grid: Grid, row: tuple[int, tuple[tuple[int, Raw], ...]]) -> Remark:
    texts = [raw.text for _, raw in row[1] if raw.text]
    return Remark("S130", Place(grid.name, cell_name(row[0], 0)), (("row", str(row[0] + 1)), ("raw", " | ".join(texts)[:_QUOTED])))


def _remarks(grid: Grid, table: Table, found: list[_Row]) -> Iterator[Remark]:
    """That the order of cells was gone by, and which labels are not written as the form has them."""
    where = next(row for row in found if row.expected)
    yield Remark("S127", Place(grid.name, cell_name(where.at, 0)), (("table", table.title),))
    differing = [
        (row.at, column, raw.text, cell.text)
        for row in found
        for cell, (column, raw) in zip(row.expected, row.cells, strict=False)
        if not cell.field and cell.kind != "corner" and label_key(raw.text) != label_key(cell.text)
    ]
    if differing:
        at, column, raw, label = differing[0]
        words = (("table", table.title), ("count", str(len(differing))), ("raw", raw), ("label", label))
        yield Remark("S126", Place(grid.name, cell_name(at, column)), words)
