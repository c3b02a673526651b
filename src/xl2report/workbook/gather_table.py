"""A sheet with a statutory table → entries: every figure by the ids of its row and column, its name, its labels."""

from __future__ import annotations

from typing import NamedTuple

from xl2report.form.layout import LayoutBlock, LayoutCell
from xl2report.form.model import Field, Table
from xl2report.grid import Grid
from xl2report.submission import Remark
from xl2report.workbook.anchors import Anchored, column_ids, row_ids
from xl2report.workbook.plan import BlockAt, Plan, TableAt
from xl2report.workbook.taking import Found, locate, remark_label, remark_stray, same_label, take

_END = 1 << 20


class _Lines(NamedTuple):
    """A block as it lies on a sheet: rows and columns by id, and the rows of its headers.

    ``has_ids`` is False where the names tell the lines, because the ids are lost.
    """

    block: BlockAt
    shape: LayoutBlock
    rows: dict[str, list[int]]
    columns: dict[str, int]
    headers: range
    has_ids: bool = True

    def column_of(self, layout_column: int) -> int | None:
        return next((self.columns.get(name) for name, column in self.shape.column_ids if column == layout_column), None)

    def rows_of(self, layout_row: int) -> list[int]:
        return self.rows.get(self.block.row_ids[layout_row - self.shape.first_data_row], [])

    def holds(self, cell: LayoutCell) -> bool:
        return self.shape.first_row <= cell.row < self.shape.end_row

    @property
    def is_stretched(self) -> bool:
        """True where rows or columns stand between those of the form."""
        rows, columns = [at[0] for at in self.rows.values()], list(self.columns.values())
        return (len(rows) == len(self.block.row_ids) and max(rows) - min(rows) >= len(rows)) or (
            len(columns) == len(self.shape.column_ids) and max(columns) - min(columns) >= len(columns)
        )

    @property
    def first_column(self) -> int | None:
        """The sheet column of the layout's first column."""
        return next((self.columns[name] - at for name, at in self.shape.column_ids if name in self.columns), None)


def gather_table(sheet: Anchored, drawn: Plan, table: Table, found: Found) -> None:
    """Adds what the sheet of a table holds."""
    at = drawn.tables[table.id]
    rows = row_ids(sheet)
    blocks = [_block_lines(sheet, drawn, at, n, rows, found) for n in range(len(at.blocks))]
    for block in blocks:
        for cell in at.layout.figures():
            if block.holds(cell):
                _gather_figure(sheet, drawn, block, cell, at, found)
        _check_labels(sheet.grid, at, block, found)
    if any(block.is_stretched for block in blocks):
        found.remarks.append(Remark("S106", words=(("sheet", sheet.grid.name),)))
    labels = {_edge(sheet, target, rows, found): target for target in (table.zero_question, table.note)}
    _remark_strays(sheet, blocks, at, {row for row in labels if row is not None}, found)


# -- figures -----------------------------------------------------------------------------------------------------------


def _block_lines(sheet: Anchored, drawn: Plan, at: TableAt, n: int, rows: dict[str, list[int]], found: Found) -> _Lines:
    """The block between its own id row and the next block's; by the names of its figures where that row is lost."""
    block, shape = at.blocks[n], at.layout.blocks[n]
    own = rows.get(f"#{block.name}", [])
    if len(own) != 1:
        return _lines_by_name(sheet, drawn, block, shape, at, found)
    starts = sorted(row for name, places in rows.items() if name.startswith("#") for row in places)
    end = next((row for row in starts if row > own[0]), _END)
    inside = {name: [row for row in rows.get(name, []) if own[0] < row < end] for name in block.row_ids}
    lines = {name: places for name, places in inside.items() if places}
    columns, doubled = column_ids(sheet, own[0])
    found.remarks += doubled
    first_data = min((places[0] for places in lines.values()), default=own[0] + 1)
    return _Lines(block, shape, lines, columns, range(own[0] + 1, first_data))


def _lines_by_name(
    sheet: Anchored, drawn: Plan, block: BlockAt, shape: LayoutBlock, at: TableAt, found: Found
) -> _Lines:
    rows: dict[str, list[int]] = {}
    columns: dict[str, int] = {}
    for cell in at.layout.figures():
        spot = found.names.get(cell.field)
        if spot and spot.sheet == sheet.grid.name and shape.first_data_row <= cell.row < shape.end_row:
            rows.setdefault(block.row_ids[cell.row - shape.first_data_row], [spot.row])
            columns.setdefault(next(name for name, column in shape.column_ids if column == cell.column), spot.column)
    first = min((places[0] for places in rows.values()), default=0)
    return _Lines(block, shape, rows, columns, range(max(0, first - (shape.first_data_row - shape.first_row)), first), False)


def _gather_figure(sheet: Anchored, drawn: Plan, block: _Lines, cell: LayoutCell, at: TableAt, found: Found) -> None:
    target = drawn.form.fields[cell.field]

    def agrees(row: int, column: int) -> bool:
        grid = sheet.grid
        left = [grid.text(row, across) for across in range(column)]
        above = [grid.text(header, column) for header in range(row)]
        pairs = zip((left, above), _labels_of(block, cell, at), strict=True)
        return all(any(same_label(text, label) for text in texts) for texts, label in pairs if label)

    rows = block.rows_of(cell.row) if block.has_ids else []
    spot = locate(found, sheet, target, rows, block.column_of(cell.column), agrees)
    take(found, sheet.grid, target, spot)


def _labels_of(block: _Lines, cell: LayoutCell, at: TableAt) -> tuple[str, str]:
    """The label of a figure's row and that of its column."""
    row = next((one.text for one in at.layout.cells if one.kind == "row" and one.is_leaf and one.row == cell.row), "")
    columns = (one for one in at.layout.cells if one.kind == "column" and one.is_leaf and block.holds(one))
    return row, next((one.text for one in columns if one.column == cell.column), "")


def _edge(sheet: Anchored, target: Field, rows: dict[str, list[int]], found: Found) -> int | None:
    """Takes the answer or the note beside a table, right of its label, and gives its row."""
    grid = sheet.grid
    at = rows.get(target.id, [])
    named = found.names.get(target.id)
    column = None
    if at:
        label = next((across for across in _filled(grid, at[0]) if same_label(grid.text(at[0], across), target.label)), None)
        if named and named.sheet == grid.name and named.row == at[0]:
            column = named.column
        elif label is not None:
            area = next((area for area in grid.merges if (area.row, area.column) == (at[0], label)), None)
            column = next((across for across in _filled(grid, at[0]) if across > label), (area.last_column if area else label) + 1)
    spot = locate(found, sheet, target, at, column, lambda row, _: any(same_label(grid.text(row, across), target.label) for across in _filled(grid, row)))
    take(found, grid, target, spot)
    return spot.row if spot else None


def _filled(grid: Grid, row: int) -> list[int]:
    """The columns of a row that hold something."""
    return sorted(column for at, column in grid.cells if at == row)


# -- labels and strays -------------------------------------------------------------------------------------------------


def _check_labels(grid: Grid, at: TableAt, block: _Lines, found: Found) -> None:
    """The visible label of every line must be the form's: the second anchor of its figures."""
    edge = min(block.columns.values(), default=0)
    for cell in at.layout.cells:
        if cell.kind not in ("row", "column") or not block.holds(cell):
            continue
        if cell.kind == "row":
            rows, first = block.rows_of(cell.row)[:1], block.first_column
            texts = [grid.text(row, column) for row in rows for column in range(edge)]
            place = (rows[0], first + cell.column) if rows and first is not None else None
        else:
            column = block.column_of(cell.column)
            texts = [] if column is None else [grid.text(row, column) for row in block.headers]
            place = (block.headers[-1], column) if column is not None and block.headers else None
        if place and not any(same_label(text, cell.text) for text in texts):
            remark_label(found, grid, *place, cell.text)


def _remark_strays(sheet: Anchored, blocks: list[_Lines], at: TableAt, edges: set[int], found: Found) -> None:
    """Cells that are neither figures, labels nor ids: beside, between and below the lines of the table."""
    grid = sheet.grid
    labels = {"".join(cell.text.split()) for cell in at.layout.cells if cell.text}
    id_rows = {block.headers.start - 1 for block in blocks if block.has_ids and block.headers} | {sheet.row}
    first = min((block.headers.start for block in blocks if block.columns), default=_END)
    leading: dict[int, int] = {}  # the leftmost text of each row beside the table: heading, hint, question
    for row, column in grid.cells:
        if column != sheet.column and (row < first or row in edges):
            leading[row] = min(column, leading.get(row, _END))
    known = {(spot.row, spot.column) for spot in found.spots if spot.sheet == grid.name}
    for (row, column), raw in sorted(grid.cells.items()):
        if column == sheet.column or row in id_rows or (row, column) in known or leading.get(row) == column:
            continue
        if row < first or row in edges or "".join(raw.text.split()) not in labels:
            remark_stray(found, grid, row, column)
