"""One sheet of an .xlsx as cells, read in one pass: values and formulas together."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from xml.parsers import expat

from xl2report.grid import Area
from xl2report.submission import BLANK, Raw
from xl2report.workbook.package import Unreadable
from xl2report.workbook.parsing import main_prefix
from xl2report.workbook.plan import STAMP
from xl2report.workbook.stored import SPACES, number, other, small_whole
from xl2report.workbook.texts import RichText, unescaped

CELLS_LIMIT = 200_000  # cells that hold something
ELEMENTS_LIMIT = 2_000_000  # rows and cells, empty ones too
OTHERS_LIMIT = 400_000  # other elements of sheets and strings
MERGES_LIMIT = 20_000
KEPT_LIMIT = 200_000  # names, relations, styles
TEXT_LIMIT = 2**23  # characters of all texts of a book
LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
UNKNOWN_FORMULA = "…"  # of a cell that shares its formula with another, where only that one holds the text
_RICH_LOCALS = frozenset(("is", "t", "r", "rPh"))
_LOCALS = _RICH_LOCALS | {"sheetData", "row", "c", "v", "f", "mergeCell"}
_UNKNOWN = ":"  # the prefix before the root has told it
_NOWHERE, _DATA, _ROW, _CELL, _VALUE, _RICH, _OTHER = range(7)  # inside of which element; the last: of none of ours


class Count:
    """What all sheets of a book have in common: how many rows, cells, characters there have been."""

    def __init__(self) -> None:
        self.cells = self.elements = self.others = self.merges = self.lates = self.kept = self.text = self.removed = 0

    def element(self) -> None:
        self.elements += 1
        if self.elements > ELEMENTS_LIMIT:
            raise Unreadable("F105", detail="rows")

    def other(self) -> None:
        self.others += 1
        if self.others > OTHERS_LIMIT:
            raise Unreadable("F105", detail="rows")

    def cell(self) -> None:
        self.cells += 1
        if self.cells > CELLS_LIMIT:
            raise Unreadable("F105", detail="cells")

    def merge(self) -> None:
        self.merges += 1
        if self.merges > MERGES_LIMIT:
            raise Unreadable("F105", detail="rows")

    def late(self) -> None:
        self.lates += 1
        if self.lates > CELLS_LIMIT:
            raise Unreadable("F105", detail="rows")

    def characters(self, number: int) -> None:
        self.text += number
        if self.text > TEXT_LIMIT:
            raise Unreadable("F105", detail="text")

    def keep(self, text: str) -> str:
        """The text of an attribute that is kept for as long as the book is read."""
        self.kept += 1
        if self.kept > KEPT_LIMIT:
            raise Unreadable("F105", detail="names")
        self.characters(len(text))
        return text

    def text_of(self, stored: str) -> str:
        """A stored text without its escapes; characters that no text may hold are counted."""
        text, removed = unescaped(stored)
        self.removed += removed
        return text


class Skipped(Exception):
    """The sheet that is being read is one that need not be: its stamp says so."""

    def __init__(self, stamp: str) -> None:
        super().__init__(stamp)
        self.stamp = stamp


class SheetReader:
    """The handlers of one sheet; ``cells`` and ``merges`` fill as it is parsed.

    Skipped is raised where the first text of a sheet is a stamp that ends with one of the ``unwanted`` keys.
    ``shown_as`` says of every style what it shows a number as: number, date or percent.
    """

    def __init__(
        self, strings: list[str], shown_as: Mapping[str, str], date1904: bool, count: Count, unwanted: frozenset[str]
    ) -> None:
        self.parser = expat.ParserCreate()
        self.cells: dict[tuple[int, int], Raw] = {}
        self.merges: list[Area] = []
        self._empty = array("Q")  # cells that hold nothing, in their order, 8 bytes each: there may be millions
        self._late: set[int] = set()  # cells that stand after a later one, which only damaged or hand-made files have
        self._strings, self._shown_as, self._date1904, self._count = strings, shown_as, date1904, count
        self._unwanted = unwanted
        self._prefix, self._declares = _UNKNOWN, ""
        self._names: dict[str, str] = {}
        self._inside = self._around = _NOWHERE
        self._others = 0  # open elements that are none of ours, ``_around`` them one that is
        self._row, self._column, self._row_is_given = -1, -1, False
        self._place = self._last = (-1, -1)
        self._type = self._style = ""
        self._value: list[str] = []
        self._formula: list[str] = []
        self._rich = RichText()
        self._has_formula = self._has_value = self._has_rich = False
        self._into: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = self._names.get(name) if self._prefix else name
        if self._declares in attributes and local in _LOCALS:
            raise Unreadable("F104", detail="broken-xml")  # one of ours under a foreign name
        if local == "c":
            self._start_cell(attributes)
        elif local == "v":
            if self._inside != _CELL or self._has_value:
                raise Unreadable("F104", detail="broken-xml")
            self._inside, self._into, self._has_value = _VALUE, self._value, True
        elif local == "row":
            self._start_row(attributes)
        elif local == "f":
            self._enter(_CELL, self._has_formula)
            self._inside, self._into, self._has_formula = _VALUE, self._formula, True
        elif local == "sheetData":
            self._enter(_NOWHERE, self._others > 0)
            self._inside = _DATA
        elif local == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif local in _RICH_LOCALS:
            self._start_rich(local)
        else:
            self._start_other(name, attributes)

    def _enter(self, parent: int, is_second: bool) -> None:
        if self._inside != parent or is_second:
            raise Unreadable("F104", detail="broken-xml")  # it can be read in two ways

    def _start_other(self, name: str, attributes: dict[str, str]) -> None:
        self._count.other()
        if self._prefix == _UNKNOWN:
            self._prefix, self._declares = main_prefix(name, "worksheet", attributes)
            self._names = _names(self._prefix)
            return
        if self._inside and (self._inside == _VALUE or name.rpartition(":")[2] in _LOCALS):
            raise Unreadable("F104", detail="broken-xml")  # in a text, or one of ours under a foreign name
        if self._inside == _RICH:
            self._rich.start(name)
        else:
            if not self._others:
                self._around = self._inside
                self._inside = _OTHER if self._inside else _NOWHERE
            self._others += 1

    def _start_rich(self, name: str) -> None:
        self._count.other()
        if name == "is":
            self._enter(_CELL, self._has_rich or self._type != "inlineStr")
            self._inside, self._has_rich = _RICH, True
            self._rich.clear()
        else:
            self._enter(_RICH, False)
            self._rich.start(name)
            self._into = self._rich.pieces if self._rich.takes else None

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._count.element()
        if self._inside != _DATA:
            raise Unreadable("F104", detail="broken-xml")
        number = attributes.get("r")
        self._row_is_given = number is not None
        self._row = self._row + 1 if number is None else (small_whole(number) or 0) - 1
        self._column = -1
        if not 0 <= self._row <= LAST_ROW:
            raise Unreadable("F104", detail="broken-xml")
        self._inside = _ROW

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._count.element()
        if self._inside != _ROW:
            raise Unreadable("F104", detail="broken-xml")
        at = attributes.get("r")
        place = self._place = position(at) if at else (self._row, self._column + 1)
        row, column = place
        self._column = column
        if row != self._row or column > LAST_COLUMN:
            if self._row_is_given or column > LAST_COLUMN:
                raise Unreadable("F104", detail="broken-xml")  # a cell that its row does not have
            self._row, self._row_is_given = row, True
        if place > self._last:
            self._last = place
        else:
            self._take_late(place)
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._value, self._formula = [], []
        self._has_formula = self._has_value = self._has_rich = False
        self._inside = _CELL

    def _take_late(self, place: tuple[int, int]) -> None:
        number = _number(place)
        at = bisect_left(self._empty, number)
        if place in self.cells or number in self._late or self._empty[at : at + 1] == array("Q", (number,)):
            raise Unreadable("F104", detail="doubled-cell")
        self._late.add(number)
        self._count.late()

    def _merge(self, reference: str) -> None:
        self._count.merge()
        first, _, last = reference.partition(":")
        top, bottom = position(first), position(last or first)
        if top > bottom or top[1] > bottom[1]:
            raise Unreadable("F104", detail="broken-xml")
        self.merges.append(Area(*top, *bottom))

    def end(self, name: str) -> None:
        local = self._names.get(name) if self._prefix else name
        if local == "c":
            self._inside = _ROW
            raw = self._raw()
            if raw.kind == "blank" and not raw.formula:
                if self._place == self._last:
                    self._empty.append(_number(self._place))
                return
            if not self.cells and raw.text.startswith(STAMP) and raw.text.rpartition("|")[2] in self._unwanted:
                raise Skipped(raw.text)
            self.cells[self._place] = raw
            self._count.cell()
        elif local in ("v", "f"):
            self._inside, self._into = _CELL, None
        elif local == "row":
            self._inside = _DATA
        elif local == "sheetData":  # what follows is much, and of little interest
            self.parser.StartElementHandler = self._follow
            self.parser.EndElementHandler = self.parser.CharacterDataHandler = None
        elif local == "is":
            self._inside = _CELL
        elif self._inside == _RICH:
            self._into = None
            self._rich.end(local or name)
        elif self._others and local not in _LOCALS:
            self._others -= 1
            if not self._others:
                self._inside = self._around

    def _follow(self, name: str, attributes: dict[str, str]) -> None:
        """The elements behind the cells: merged areas; further cells are a fault."""
        local = self._names.get(name) if self._prefix else name
        if local == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif local in ("sheetData", "row", "c"):
            raise Unreadable("F104", detail="broken-xml")
        else:
            self._count.other()

    def data(self, piece: str) -> None:
        if self._into is not None:
            self._count.characters(len(piece))
            self._into.append(piece)
        elif self._inside and not self._rich.skips and piece.strip():
            raise Unreadable("F104", detail="broken-xml")  # a text beside the values

    def _raw(self) -> Raw:
        text = "".join(self._value)
        formula = ("".join(self._formula) or UNKNOWN_FORMULA) if self._has_formula else ""
        match self._type:
            case "n":
                return number(text, formula, self._style, self._shown_as, self._date1904)
            case "s":
                if not text:
                    return Raw("blank", "", formula)
                index = small_whole(text.strip(SPACES))
                if index is None or index >= len(self._strings):
                    raise Unreadable("F104", detail="broken-xml")
                return Raw("text", self._strings[index], formula) if self._strings[index] else Raw("blank", "", formula)
            case "str":
                # a formula whose result is an empty text is not the same as one without a result
                return Raw("text", self._count.text_of(text), formula) if text or formula else BLANK
            case "inlineStr":
                if text:
                    raise Unreadable("F104", detail="broken-xml")  # shown by some programs only
                text = "".join(self._rich.pieces) if self._has_rich else ""
                return Raw("text", self._count.text_of(text), formula) if text or formula else BLANK
        return other(self._type, text, formula)


@lru_cache(maxsize=8)
def _names(prefix: str) -> dict[str, str]:
    return {prefix + local: local for local in _LOCALS}


def _number(place: tuple[int, int]) -> int:
    return place[0] << 14 | place[1]


@lru_cache(maxsize=8192)  # the same names on every sheet and in every file
def position(name: str) -> tuple[int, int]:
    """Zero-based row and column of a cell name."""
    letters = name.rstrip("0123456789")
    row = small_whole(name[len(letters) :])
    if not row or name[len(letters)] == "0" or not 1 <= len(letters) <= 3 or not (letters.isascii() and letters.isalpha()):
        raise Unreadable("F104", detail="broken-xml")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    place = row - 1, column - 1
    if place[0] > LAST_ROW or place[1] > LAST_COLUMN:
        raise Unreadable("F104", detail="broken-xml")
    return place
