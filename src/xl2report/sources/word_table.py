"""One table of a Word file, element by element → a grid: the columns that cells span, the cells that go on below."""

from __future__ import annotations

import re

from xl2report.grid import Area, Grid
from xl2report.submission import Raw
from xl2report.workbook.package import Unreadable
from xl2report.workbook.stored import small_whole

_COLUMNS_LIMIT = 1_000
_CELLS_LIMIT = 200_000
_WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,14})\Z")  # digits that nobody could read otherwise


class WordTable:
    """A table that is being read. ``cells`` are the texts, ``first`` is the first of them."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], str] = {}
        self.first = ""
        self._merges: list[Area] = []
        self._going: dict[int, tuple[int, int, int]] = {}  # column: first row, last row, last column
        self._row, self._column = -1, 0
        self._text: list[str] | None = None
        self._span, self._merge = 1, ""
        self._deleted = False
        self._seen = 0

    def start(self, name: str, value: str) -> None:
        if name == "tr":
            self._row, self._column, self._deleted = self._row + 1, 0, False
        elif name == "tc":
            self._text, self._span, self._merge = [], 1, ""
            self._seen += 1
            if self._seen > _CELLS_LIMIT:
                raise Unreadable("F105", detail="cells")
        elif name == "gridBefore":
            self._column += _span(value)
        elif name == "gridSpan" and self._text is not None:
            self._span = max(_span(value), 1)
        elif name in ("vMerge", "hMerge") and self._text is not None:
            self._merge = f"{name[0]}-{value or 'continue'}"

    def say(self, text: str) -> None:
        """One more paragraph of the open cell."""
        if self._text is not None:
            self._text.append(text)

    def delete_row(self) -> None:
        self._deleted = True

    def end(self, name: str) -> None:
        if name == "tc" and self._text is not None:
            self._end_cell("\n".join(text for text in self._text if text.strip()))
            self._text = None
        elif name == "tr" and self._deleted:
            self.cells = {cell: text for cell, text in self.cells.items() if cell[0] != self._row}
            self._row -= 1

    def grid(self, name: str) -> Grid:
        """The table as a grid; what a cell under a merge says is kept, though Word does not show it."""
        self._going_on(None)
        cells = {cell: Raw("number" if _WHOLE.match(text) else "text", text) for cell, text in self.cells.items()}
        return Grid(name, cells, tuple(sorted(self._merges)))

    def _end_cell(self, text: str) -> None:
        row, column, last = self._row, self._column, self._column + self._span - 1
        if last >= _COLUMNS_LIMIT:
            raise Unreadable("F105", detail="cells")
        self._column = last + 1
        if text.strip():
            self.cells[row, column] = text.strip()
            self.first = self.first or text.strip()
        if self._merge == "h-continue" and column:
            self._widen(row, column, last)
            return
        going = self._going.get(column)
        if self._merge == "v-continue" and going and not self._deleted and going[1] >= row - 1 and going[2] == last:
            self._going[column] = (going[0], row, last)
            return
        if going:
            self._going_on(column)
        if not self._deleted:
            self._going[column] = (row, row, last)

    def _widen(self, row: int, column: int, last: int) -> None:
        """An old way to merge: the cell belongs to the one before it."""
        before = max((at for at, going in self._going.items() if at < column and going[1] == row), default=None)
        if before is not None:
            first, _, _ = self._going[before]
            self._going[before] = (first, row, last)

    def _going_on(self, column: int | None) -> None:
        """What began in a column, or in any, is closed: it is an area if it is more than one cell."""
        for at in [column] if column is not None else list(self._going):
            first, last_row, last = self._going.pop(at)
            if (last_row, last) != (first, at):
                self._merges.append(Area(first, at, last_row, last))


def _span(value: str) -> int:
    return small_whole(value) or 0
