"""The report as Markdown, for a quick look: pipe tables have no spans, so labels are joined and repeated."""

from __future__ import annotations

from dataclasses import dataclass

from xl2report.report.data import heads
from xl2report.report.environment import encoded, template
from xl2report.report.view import Report, TableCell, TableView
from xl2report.report.words import finding_lines, words


@dataclass(frozen=True, slots=True)
class Grid:
    """One pipe table: its heading, one line of column labels, and lines of row labels and figures."""

    heading: str
    label_columns: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def render(report: Report, language: str = "zh") -> bytes:
    """The report as GitHub-flavoured Markdown, UTF-8. ``language`` is that of a draft's mark and findings."""
    text = template("report.md.j2").render(
        report=report,
        grids={table.id: grids(table) for table in report.tables},
        findings=finding_lines(report, language),
        words=words(report, language),
    )
    return encoded(text)


def grids(table: TableView) -> tuple[Grid, ...]:
    """One grid a block. A label over several rows is repeated in each; over several columns it stands in the first."""
    above = heads(table)
    found = []
    for top, first, end in table.headers:
        block = [cell for cell in table.cells if top <= cell.row < end]
        across = [cell for cell in block if cell.field and cell.row == first]
        corner = next((cell.text for cell in block if cell.kind == "corner"), "")
        labels = ["" for _ in range(table.label_columns)]
        if labels:
            labels[0] = corner
        columns = [" / ".join(_labels(above[cell.row, cell.column], "column")) for cell in across]
        rows = tuple(_row(table, block, row) for row in range(first, end))
        heading = next((cell.text for cell in block if cell.kind == "heading"), "")
        found.append(Grid(heading, table.label_columns, (*labels, *columns), rows))
    return tuple(found)


def _labels(cells: tuple[TableCell, ...], kind: str) -> list[str]:
    return [cell.text for cell in cells if cell.kind == kind]


def _row(table: TableView, block: list[TableCell], row: int) -> tuple[str, ...]:
    labels = ["" for _ in range(table.label_columns)]
    figures = []
    for cell in block:
        if cell.kind == "row" and cell.row <= row < cell.row + cell.rows:
            labels[cell.column] = cell.text
        elif cell.field and cell.row == row:
            figures.append(cell.text)
    return (*labels, *figures)
