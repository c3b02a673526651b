"""What an old-format file itself says of its cells, beside the values that calamine gives of them.

calamine gives an error as an empty cell, some dates as numbers, and leaves out what it does not know. So the file is
read a second time, for no more than this: which cells hold something, which are errors, which numbers are shown as
dates, what is merged. A cell that only the file knows is then never lost in silence.

These modules run in the child process. They import nothing that is slow to import.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
UNPACKED_LIMIT = 256 * 2**20  # bytes of one part
_CHUNK = 2**16
UNKNOWN, NUMBER, TEXT, BOOLEAN, DATE, PERCENT = "", "number", "text", "boolean", "date", "percent"  # any other nature is the text of an error
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_PERCENT_FORMATS = (9, 10)
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # those of Chinese Excel too


class Refused(Exception):
    """The file cannot be read: a code of the catalogue and its detail."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


class Count:
    """How many cells and merged areas the sheets of one file may still have, and how many characters their texts."""

    def __init__(self, cells: int, text: int) -> None:
        self.cells, self.areas, self.text = cells, cells, text

    def cell(self) -> None:
        self.cells -= 1
        if self.cells < 0:
            raise Refused("F105", "cells")

    def area(self) -> None:
        self.areas -= 1
        if self.areas < 0:
            raise Refused("F105", "rows")

    def characters(self, number: int) -> None:
        self.text -= number
        if self.text < 0:
            raise Refused("F105", "text")


class Outline:
    """One sheet: the nature of each cell, by zero-based row and column, and the merged areas.

    A cell of UNKNOWN nature is a text, or empty. ``texts`` are the texts of cells that calamine does not give as they stand in the file.
    """

    def __init__(self, count: Count, date1904: bool = False) -> None:
        self.cells: dict[tuple[int, int], str] = {}
        self.texts: dict[tuple[int, int], str] = {}
        self.merges: list[tuple[int, int, int, int]] = []
        self.date1904 = date1904
        self._count = count

    def hold(self, row: int, column: int, nature: str) -> None:
        if (row, column) in self.cells:
            raise Refused("F104", "doubled-cell")
        if row > LAST_ROW or column > LAST_COLUMN:
            raise Refused("F103", "broken-file")
        self._count.cell()
        self.cells[row, column] = nature

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        if not (top <= bottom <= LAST_ROW and left <= right <= LAST_COLUMN):
            raise Refused("F103", "broken-file")
        self._count.area()
        self.merges.append((top, left, bottom, right))

    def hold_text(self, row: int, column: int, text: str) -> None:
        self.hold(row, column, TEXT)
        self._count.characters(len(text))
        self.texts[row, column] = text


def part(package: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part of a zip, piece by piece; Refused where it is missing or unpacks beyond the limit."""
    size = 0
    try:
        stream = package.open(name)
    except KeyError:
        raise Refused("F103", "broken-file") from None
    with stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > UNPACKED_LIMIT:
                raise Refused("F105", "unpacked")
            yield chunk


def shown_as(number: int, code: str | None) -> str:
    """The nature of a number under a format: by its code outside quotes, brackets and escapes, or by its number."""
    if code is None:
        return PERCENT if number in _PERCENT_FORMATS else DATE if number in _DATE_FORMATS else NUMBER
    letters = frozenset(_bare_letters(code))
    return PERCENT if "%" in letters else DATE if letters & frozenset("ymdhsYMDHS") else NUMBER


def _bare_letters(code: str) -> Iterator[str]:
    closing = ""
    letters = iter(code.replace("General", "").replace("Standard", ""))
    for letter in letters:
        if closing:
            closing = "" if letter == closing else closing
        elif letter in "\\_*!":
            next(letters, "")
        elif letter in '"[':
            closing = '"' if letter == '"' else "]"
        else:
            yield letter
