"""One spanned layout from the header trees of a table: what the workbook and every report format print."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from xl2report.form.model import Block, Group, Table, Tree
from xl2report.form.tree import cell_id, depth, leaves, width

CellKind: TypeAlias = Literal["heading", "corner", "column", "row", "input", "total"]


class LayoutCell(NamedTuple):
    """One cell, by zero-based row and column, with its spans. ``field`` is the field id of an input or total."""

    row: int
    column: int
    rows: int
    columns: int
    kind: CellKind
    text: str = ""
    field: str = ""
    is_leaf: bool = False


class LayoutBlock(NamedTuple):
    """Where one block lies: its header rows, its data rows, its label columns, and the ids of its lines."""

    first_row: int
    first_data_row: int
    end_row: int
    label_columns: int
    row_ids: tuple[str, ...]
    column_ids: tuple[tuple[str, int], ...]


class Layout(NamedTuple):
    """A table as it is printed: its size, its blocks and every cell in reading order."""

    rows: int
    columns: int
    cells: tuple[LayoutCell, ...]
    blocks: tuple[LayoutBlock, ...]

    def figures(self) -> tuple[LayoutCell, ...]:
        """The input and total cells."""
        return tuple(cell for cell in self.cells if cell.field)


class _Shape(NamedTuple):
    """What every block of a table shares: how wide it is, and how much of that are labels."""

    table_id: str
    label_columns: int
    columns: int


# By identity: a form stays loaded, and to hash a whole table takes as long as to lay it out.
_LAID: dict[int, tuple[Table, Layout]] = {}
_LAID_MOST = 64


def layout(table: Table) -> Layout:
    """The layout of a table: blocks stacked, all as wide as the widest, the last column of a narrow one stretched."""
    kept = _LAID.get(id(table))
    if kept is None or kept[0] is not table:
        if len(_LAID) >= _LAID_MOST:
            _LAID.clear()
        kept = _LAID[id(table)] = (table, _laid(table))
    return kept[1]


def _laid(table: Table) -> Layout:
    label_columns = max(depth(block.rows) for block in table.blocks)
    columns = label_columns + max(sum(map(width, block.columns)) for block in table.blocks)
    shape = _Shape(table.id, label_columns, columns)
    totals = frozenset(field.id for field in table.cells if field.parts)
    cells: list[LayoutCell] = []
    blocks: list[LayoutBlock] = []
    row = 0
    for block in table.blocks:
        place = _place(block, shape, row)
        blocks.append(place)
        cells += _headers(block, shape, place)
        cells += _figures(block, shape, place, totals)
        row = place.end_row
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Layout(row, columns, tuple(cells), tuple(blocks))


def _place(block: Block, shape: _Shape, top: int) -> LayoutBlock:
    row_leaves = [leaf for leaf, _ in leaves(block.rows)]
    column_leaves = [leaf for leaf, _ in leaves(block.columns)]
    data_row = top + int(bool(block.heading)) + depth(block.columns)
    return LayoutBlock(
        first_row=top,
        first_data_row=data_row,
        end_row=data_row + len(row_leaves),
        label_columns=shape.label_columns,
        row_ids=tuple(leaf.id or shape.table_id for leaf in row_leaves),
        column_ids=tuple((leaf.id, shape.label_columns + n) for n, leaf in enumerate(column_leaves)),
    )


def _headers(block: Block, shape: _Shape, place: LayoutBlock) -> list[LayoutCell]:
    cells: list[LayoutCell] = []
    row, header_rows = place.first_row, depth(block.columns)
    if block.heading:
        cells.append(LayoutCell(row, 0, 1, shape.columns, "heading", block.heading))
        row += 1
    if shape.label_columns:
        cells.append(LayoutCell(row, 0, header_rows, shape.label_columns, "corner", block.corner))
    cells += _place_columns(block.columns, row, shape.label_columns, header_rows, shape.columns)
    return cells + _place_rows(block.rows, place.first_data_row, 0, shape.label_columns)


def _figures(block: Block, shape: _Shape, place: LayoutBlock, totals: frozenset[str]) -> list[LayoutCell]:
    cells: list[LayoutCell] = []
    column_leaves = [leaf for leaf, _ in leaves(block.columns)]
    for row, (row_leaf, _) in enumerate(leaves(block.rows), place.first_data_row):
        for column, column_leaf in enumerate(column_leaves, shape.label_columns):
            field = cell_id(shape.table_id, row_leaf, column_leaf)
            span = shape.columns - column if column_leaf is column_leaves[-1] else 1
            kind: CellKind = "total" if field in totals else "input"
            cells.append(LayoutCell(row, column, 1, span, kind, "", field, True))
    return cells


def _place_columns(tree: Tree, row: int, column: int, rows: int, end: int) -> list[LayoutCell]:
    """Header cells of a column tree; a leaf reaches down to the data, the last node right to the edge ``end``."""
    cells: list[LayoutCell] = []
    for node in tree:
        span = end - column if node is tree[-1] else width(node)
        if isinstance(node, Group):
            cells.append(LayoutCell(row, column, 1, span, "column", node.label))
            cells += _place_columns(node.children, row + 1, column, rows - 1, column + span)
        else:
            cells.append(LayoutCell(row, column, rows, span, "column", node.label, is_leaf=True))
        column += span
    return cells


def _place_rows(tree: Tree, row: int, column: int, end: int) -> list[LayoutCell]:
    """Label cells of a row tree; a leaf reaches right to the data."""
    cells: list[LayoutCell] = []
    for node in tree:
        if isinstance(node, Group):
            cells.append(LayoutCell(row, column, width(node), 1, "row", node.label))
            cells += _place_rows(node.children, row, column + 1, end)
        elif node.label:
            cells.append(LayoutCell(row, column, 1, end - column, "row", node.label, is_leaf=True))
        row += width(node)
    return cells
