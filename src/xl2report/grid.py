"""What every source is read into: grids of raw cells with their merges, and the book they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from xl2report.submission import BLANK, Raw, Remark


class Area(NamedTuple):
    """A merged area by zero-based rows and columns, the last ones included."""

    row: int
    column: int
    last_row: int
    last_column: int


class Grid(NamedTuple):
    """One sheet or one table: its name, its non-empty cells by zero-based row and column, its merged areas."""

    name: str
    cells: dict[tuple[int, int], Raw]
    merges: tuple[Area, ...] = ()

    def at(self, row: int, column: int) -> Raw:
        return self.cells.get((row, column), BLANK)

    def text(self, row: int, column: int) -> str:
        return self.at(row, column).text


class Book(NamedTuple):
    """The grids of a workbook in their order, and the names of all its sheets, those left unread included.

    ``kind`` is the format as sniffed: xlsx (also .xlsm), xls (also .et), ods, xlsb, docx, page. Only xlsx shows formulas and
    ``defined`` names (the text that each name of ours refers to). ``remarks`` tell what was repaired on the way in,
    ``skipped`` holds the stamps of sheets that were recognised and need not be read.
    """

    sheets: tuple[Grid, ...]
    names: tuple[str, ...]
    kind: str = "xlsx"
    defined: Mapping[str, str] = {}
    remarks: tuple[Remark, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def shows_formulas(self) -> bool:
        return self.kind == "xlsx"
