"""A sheet with a statutory table → entries: every figure by the ids of its row and column, its name, its labels."""

from __future__ import annotations

from typing import NamedTuple

from xl2report.form.layout import LayoutBlock, LayoutCell
from xl2report.form.model import Field, Table
from xl2report.submission import Place
from xl2report.workbook.anchors import column_ids, row_ids
from xl2report.workbook.plan import BlockAt, TableAt
from xl2report.workbook.taking import Here, bare, locate, remark_label, remark_stray, same_label, take
from xl2report.workbook.wording import question_words

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
        ids, n = self.shape.column_ids, layout_column - self.shape.label_columns
        return self.columns.get(ids[n][0]) if 0 <= n < len(ids) else None

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


def gather_table(here: Here, table: Table) -> None:
    """Adds what the sheet of a table holds."""
    at = here.drawn.tables[table.id]
    rows = row_ids(here.sheet)
    blocks = [_block_lines(here, at, n, rows) for n in range(len(at.blocks))]
    for block in blocks:
        for cell in at.layout.figures():
            if block.holds(cell):
                _gather_figure(here, block, cell, at)
        _check_labels(here, at, block)
    if any(block.is_stretched for block in blocks):
        here.remark("S106", Place("", ""), sheet=here.name)
    edges = {_edge(here, target, rows.get(target.id, [])) for target in (table.zero_question, table.note)}
    _remark_strays(here, blocks, at, {row for row in edges if row is not None})


# -- figures -----------------------------------------------------------------------------------------------------------


def _block_lines(here: Here, at: TableAt, n: int, rows: dict[str, list[int]]) -> _Lines:
    """The block between its own id row and the next block's; by the names of its figures where that row is lost."""
    block, shape = at.blocks[n], at.layout.blocks[n]
    own = rows.get(f"#{block.name}", [])
    if len(own) != 1:
        return _lines_by_name(here, block, shape, at)
    starts = sorted(row for name, places in rows.items() if name.startswith("#") for row in places)
    end = next((row for row in starts if row > own[0]), _END)
    inside = {name: [row for row in rows.get(name, []) if own[0] < row < end] for name in block.row_ids}
    lines = {name: places for name, places in inside.items() if places}
    columns, doubled = column_ids(here.sheet, own[0])
    here.found.remarks += doubled
    first_data = min((places[0] for places in lines.values()), default=own[0] + 1)
    return _Lines(block, shape, lines, columns, range(own[0] + 1, first_data))


def _lines_by_name(here: Here, block: BlockAt, shape: LayoutBlock, at: TableAt) -> _Lines:
    rows: dict[str, list[int]] = {}
    columns: dict[str, int] = {}
    for cell in at.layout.figures():
        spot = here.named(here.drawn.form.fields[cell.field])
        if spot and shape.first_data_row <= cell.row < shape.end_row:
            rows.setdefault(block.row_ids[cell.row - shape.first_data_row], [spot.row])
            columns.setdefault(next(name for name, column in shape.column_ids if column == cell.column), spot.column)
    first = min((places[0] for places in rows.values()), default=0)
    return _Lines(block, shape, rows, columns, range(max(0, first - (shape.first_data_row - shape.first_row)), first), False)


def _gather_figure(here: Here, block: _Lines, cell: LayoutCell, at: TableAt) -> None:
    target = here.drawn.form.fields[cell.field]

    def agrees(row: int, column: int) -> bool:
        around = here.sheet.left_of(row, column), here.sheet.above(row, column)
        pairs = zip(around, _labels_of(block, cell, at), strict=True)
        return all(any(same_label(text, label) for text in texts) for texts, label in pairs if label)

    rows = block.rows_of(cell.row) if block.has_ids else []
    take(here, target, locate(here, target, rows, block.column_of(cell.column), agrees))


def _labels_of(block: _Lines, cell: LayoutCell, at: TableAt) -> tuple[str, str]:
    """The label of a figure's row and that of its column."""
    row = next((one.text for one in at.layout.cells if one.kind == "row" and one.is_leaf and one.row == cell.row), "")
    columns = (one for one in at.layout.cells if one.kind == "column" and one.is_leaf and block.holds(one))
    return row, next((one.text for one in columns if one.column == cell.column), "")


def _edge(here: Here, target: Field, rows: list[int]) -> int | None:
    """Takes the answer or the note beside a table, right of its label, and gives its row."""
    grid, named = here.sheet.grid, here.named(target)

    def labels(row: int) -> list[int]:
        columns = sorted(here.sheet.filled_columns.get(row, ()))
        return [across for across in columns if same_label(grid.text(row, across), target.label, question_words(target))]

    column = None
    if rows and named and named.row == rows[0]:
        column = named.column
    elif rows and (label := next(iter(labels(rows[0])), None)) is not None:
        area = next((area for area in grid.merges if (area.row, area.column) == (rows[0], label)), None)
        beside = (across for across in sorted(here.sheet.filled_columns[rows[0]]) if across > label)
        column = next(beside, (area.last_column if area else label) + 1)
    spot = locate(here, target, rows, column, lambda row, _: bool(labels(row)))
    take(here, target, spot)
    return spot.row if spot else None


# -- labels and strays -------------------------------------------------------------------------------------------------


def _check_labels(here: Here, at: TableAt, block: _Lines) -> None:
    """The visible label of every line must be the form's: the second anchor of its figures."""
    edge = min(block.columns.values(), default=0)
    for cell in at.layout.cells:
        if cell.kind not in ("row", "column") or not block.holds(cell):
            continue
        if cell.kind == "row":
            rows, first = _label_rows(block, cell), block.first_column
            texts = [text for row in rows for text in here.sheet.left_of(row, edge)]
            place = (rows[0], max(0, first + cell.column)) if rows and first is not None else None
        else:
            column = block.column_of(cell.column)
            spanned = map(block.column_of, range(cell.column, cell.column + cell.columns))
            across = [found for found in spanned if found is not None]
            texts = [here.text(row, at_column) for row in block.headers for at_column in across]
            top = min(block.headers.start + cell.row - block.shape.first_row, block.headers.stop - 1)
            place = (top, column) if column is not None and block.headers else None
        if place and not any(same_label(text, cell.text) for text in texts):
            remark_label(here, *place, cell.text)


def _label_rows(block: _Lines, cell: LayoutCell) -> list[int]:
    """The sheet rows where a row's label may stand: its own, or those that a group spans, lines whose id is lost included."""
    found = sorted(at[0] for row in range(cell.row, cell.row + cell.rows) if (at := block.rows_of(row)))
    if cell.is_leaf or not found:
        return found[:1]
    lost = cell.rows - len(found)
    return list(range(max(block.headers.stop, found[0] - lost), found[-1] + 1)) if lost else found


def _remark_strays(here: Here, blocks: list[_Lines], at: TableAt, edges: set[int]) -> None:
    """Cells that are neither figures, labels nor ids: beside, between and below the lines of the table."""
    sheet, known = here.sheet, here.known()
    labels = {bare(cell.text) for cell in at.layout.cells if cell.text}
    ids = {name for block in blocks for name, _ in block.shape.column_ids}
    id_rows = {block.headers.start - 1 for block in blocks if block.has_ids and block.headers}
    first = min((block.headers.start for block in blocks if block.columns), default=_END)
    leading: dict[int, int] = {}  # the leftmost text of each row beside the table: heading, hint, question
    for row, column in sheet.grid.cells:
        if column != sheet.column and (row < first or row in edges):
            leading[row] = min(column, leading.get(row, _END))
    for (row, column), raw in sorted(sheet.grid.cells.items()):
        if column == sheet.column or (row, column) in known:
            continue
        if raw.text in ids:
            continue  # one that stands twice has its error already
        if (row < first or row in edges) and row != sheet.row and row not in id_rows:
            remark_stray(here, row, column, issued=leading.get(row) == column)
        elif bare(raw.text) not in labels:
            remark_stray(here, row, column)
