"""One spanned layout from the header trees of a table: what the workbook and every report format print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from xl2report.form.model import Block, Field, Group, Table, Tree
from xl2report.form.tree import cell_id, depth, leaves, width

CellKind: TypeAlias = Literal["heading", "corner", "column", "row", "input", "total"]


@dataclass(frozen=True, slots=True)
class LayoutCell:
    """One cell, by zero-based row and column, with its spans. ``field`` is the field id of an input or total."""

    row: int
    column: int
    rows: int
    columns: int
    kind: CellKind
    text: str = ""
    field: str = ""
    is_leaf: bool = False


@dataclass(frozen=True, slots=True)
class LayoutBlock:
    """Where one block lies: its header rows, its data rows, its label columns, and the ids of its lines."""

    first_row: int
    first_data_row: int
    end_row: int
    label_columns: int
    row_ids: tuple[str, ...]
    column_ids: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A table as it is printed: its size, its blocks and every cell in reading order."""

    rows: int
    columns: int
    cells: tuple[LayoutCell, ...]
    blocks: tuple[LayoutBlock, ...]

    def figures(self) -> tuple[LayoutCell, ...]:
        """The input and total cells."""
        return tuple(cell for cell in self.cells if cell.field)


def layout(table: Table) -> Layout:
    """The layout of a table: blocks stacked, all as wide as the widest, the last column of a narrow one stretched."""
    label_columns = max(depth(block.rows) for block in table.blocks)
    columns = label_columns + max(sum(map(width, block.columns)) for block in table.blocks)
    fields = {field.id: field for field in table.cells}
    cells: list[LayoutCell] = []
    blocks: list[LayoutBlock] = []
    row = 0
    for block in table.blocks:
        placed = _place_block(table.id, block, fields, row, label_columns, columns)
        cells.extend(placed[0])
        blocks.append(placed[1])
        row = placed[1].end_row
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Layout(row, columns, tuple(cells), tuple(blocks))


def _place_block(
    table_id: str, block: Block, fields: dict[str, Field], top: int, label_columns: int, columns: int
) -> tuple[list[LayoutCell], LayoutBlock]:
    cells: list[LayoutCell] = []
    row = top
    if block.heading:
        cells.append(LayoutCell(row, 0, 1, columns, "heading", block.heading))
        row += 1
    header_rows = depth(block.columns)
    if label_columns:
        cells.append(LayoutCell(row, 0, header_rows, label_columns, "corner", block.corner))
    cells += _place_columns(block.columns, row, label_columns, header_rows, columns)
    data_row = row + header_rows
    cells += _place_rows(block.rows, data_row, 0, label_columns)
    row_leaves = [leaf for leaf, _ in leaves(block.rows)]
    column_leaves = [leaf for leaf, _ in leaves(block.columns)]
    for down, row_leaf in enumerate(row_leaves):
        for across, column_leaf in enumerate(column_leaves):
            field = fields[cell_id(table_id, row_leaf, column_leaf)]
            is_last = across == len(column_leaves) - 1
            span = columns - label_columns - across if is_last else 1
            kind: CellKind = "total" if field.parts else "input"
            cells.append(
                LayoutCell(data_row + down, label_columns + across, 1, span, kind, "", field.id, True)
            )
    place = LayoutBlock(
        first_row=top,
        first_data_row=data_row,
        end_row=data_row + len(row_leaves),
        label_columns=label_columns,
        row_ids=tuple(leaf.id or table_id for leaf in row_leaves),
        column_ids=tuple((leaf.id, label_columns + n) for n, leaf in enumerate(column_leaves)),
    )
    return cells, place


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
