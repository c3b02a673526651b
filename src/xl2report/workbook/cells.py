"""One sheet of an .xlsx as cells, read in one pass: values and formulas together."""

from __future__ import annotations

import datetime
import re
from array import array
from bisect import bisect_left
from decimal import Decimal
from functools import lru_cache
from xml.parsers import expat

from xl2report.grid import Area
from xl2report.submission import BLANK, Raw
from xl2report.workbook.package import Unreadable
from xl2report.workbook.plan import STAMP

CELLS_LIMIT = 200_000  # cells that hold something
ELEMENTS_LIMIT = 2_000_000  # rows and cells, empty ones too
OTHERS_LIMIT = 600_000  # other elements of sheets and strings
TEXT_LIMIT = 2**24  # characters of all texts of a book
LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
UNKNOWN_FORMULA = "…"  # of a cell that shares its formula with another, where only that one holds the text
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\Z")
_ISO_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_NO_CONTROLS = dict.fromkeys((*(code for code in range(32) if code not in (9, 10, 13)), 0xFFFE, 0xFFFF))
_DIGITS_LIMIT = 400  # of a stored number: more is no figure


class Count:
    """What all sheets of a book have in common: how many rows, cells, characters there have been."""

    def __init__(self) -> None:
        self.cells = self.elements = self.others = self.text = self.removed = 0

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

    def characters(self, number: int) -> None:
        self.text += number
        if self.text > TEXT_LIMIT:
            raise Unreadable("F105", detail="text")


class Skipped(Exception):
    """The sheet that is being read is one that need not be: its stamp says so."""

    def __init__(self, stamp: str) -> None:
        super().__init__(stamp)
        self.stamp = stamp


class SheetReader:
    """The handlers of one sheet; ``cells`` and ``merges`` fill as it is parsed.

    Skipped is raised where the first text of a sheet is a stamp that ends with one of the ``unwanted`` keys.
    """

    def __init__(self, strings: list[str], dates: frozenset[str], date1904: bool, count: Count, unwanted: frozenset[str]) -> None:
        self.parser = expat.ParserCreate()
        self.cells: dict[tuple[int, int], Raw] = {}
        self.merges: list[Area] = []
        self._empty = array("Q")  # cells that hold nothing, in their order, 8 bytes each: there may be millions
        self._late: set[int] = set()  # cells that stand after a later one, which only damaged or hand-made files have
        self._strings, self._dates, self._date1904, self._count = strings, dates, date1904, count
        self._unwanted = unwanted
        self._place = self._last = (-1, -1)
        self._type = self._style = ""
        self._value: list[str] = []
        self._formula: list[str] = []
        self._has_formula = self._has_value = self._in_cell = self._in_row = self._phonetic = False
        self._into: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if self._into is not None:
            raise Unreadable("F104", detail="broken-xml")  # a value or a formula holds text only
        if name == "c":
            self._start_cell(attributes)
        elif name == "v" and self._in_cell:
            if self._has_value:
                raise Unreadable("F104", detail="broken-xml")
            if self._type != "inlineStr":
                self._into, self._has_value = self._value, True
        elif name == "f" and self._in_cell:
            self._into, self._has_formula = self._formula, True
        elif name == "row":
            self._start_row(attributes)
        else:
            self._count.other()
            if name == "t" and self._type == "inlineStr" and self._in_cell and not self._phonetic:
                self._into = self._value
            elif name == "rPh":
                self._phonetic = True

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._count.element()
        number = attributes.get("r")
        row = self._place[0] + 1 if number is None else (small_whole(number) or 0) - 1
        if self._in_row or not 0 <= row <= LAST_ROW:
            raise Unreadable("F104", detail="broken-xml")
        self._in_row = True
        self._place = (row, -1)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._count.element()
        at = attributes.get("r")
        place = self._place = position(at) if at else (max(self._place[0], 0), self._place[1] + 1)
        if self._in_cell:
            raise Unreadable("F104", detail="broken-xml")
        if place > self._last:
            self._last = place
        else:
            self._take_late(place)
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._value, self._formula = [], []
        self._has_formula = self._has_value = self._phonetic = False
        self._in_cell = True

    def _take_late(self, place: tuple[int, int]) -> None:
        number = _number(place)
        at = bisect_left(self._empty, number)
        if place in self.cells or number in self._late or self._empty[at : at + 1] == array("Q", (number,)):
            raise Unreadable("F104", detail="doubled-cell")
        self._late.add(number)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        top, bottom = position(first), position(last or first)
        if top > bottom or top[1] > bottom[1]:
            raise Unreadable("F104", detail="broken-xml")
        self.merges.append(Area(*top, *bottom))

    def end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._in_cell = False
            raw = self._raw()
            if raw.kind == "blank" and not raw.formula:
                if self._place == self._last:
                    self._empty.append(_number(self._place))
                return
            if not self.cells and raw.text.startswith(STAMP) and raw.text.rpartition("|")[2] in self._unwanted:
                raise Skipped(raw.text)
            self.cells[self._place] = raw
            self._count.cell()
        elif name == "row":
            self._in_row = False
        elif name == "rPh":
            self._phonetic = False
        elif name in ("v", "f", "t"):
            self._into = None
        elif name == "sheetData":  # what follows is much, and of little interest
            self.parser.StartElementHandler = self._follow
            self.parser.EndElementHandler = self.parser.CharacterDataHandler = None

    def _follow(self, name: str, attributes: dict[str, str]) -> None:
        """The elements behind the cells: merged areas; further cells are a fault."""
        if ":" in name:
            name = name.rpartition(":")[2]
        self._count.other()
        if name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name in ("sheetData", "row", "c"):
            raise Unreadable("F104", detail="broken-xml")

    def data(self, piece: str) -> None:
        if self._into is not None:
            self._count.characters(len(piece))
            self._into.append(piece)

    def _raw(self) -> Raw:
        text = "".join(self._value)
        formula = ("".join(self._formula) or UNKNOWN_FORMULA) if self._has_formula else ""
        match self._type:
            case "s":
                if not text:
                    return Raw("blank", "", formula)
                index = small_whole(text)
                if index is None or index >= len(self._strings):
                    raise Unreadable("F104", detail="broken-xml")
                return Raw("text", self._strings[index], formula) if self._strings[index] else Raw("blank", "", formula)
            case "inlineStr" | "str":
                # a formula whose result is an empty text is not the same as one without a result
                return Raw("text", unescaped(text, self._count), formula) if text or formula else BLANK
            case "b":
                return Raw("boolean", "TRUE" if text in ("1", "true") else "FALSE", formula)
            case "e":
                return Raw("error", text, formula)
            case "d":
                return Raw("date" if _ISO_DATE.match(text) else "error", text[:10], formula)
        text = text.strip()
        if not text:
            return Raw("blank", "", formula)
        if len(text) > _DIGITS_LIMIT or not _NUMBER.match(text):
            return Raw("error", text[:40], formula)
        if self._style in self._dates and (date := _date(text, self._date1904)):
            return Raw("date", date, formula)
        return Raw("number", text, formula)


def _number(place: tuple[int, int]) -> int:
    return place[0] << 14 | place[1]


def small_whole(text: str) -> int | None:
    """A small whole number from an attribute, or None: int() would take ² and underscores, and go on for ever."""
    return int(text) if len(text) <= 7 and text.isascii() and text.isdigit() else None


@lru_cache(maxsize=8192)  # the same names on every sheet and in every file
def position(name: str) -> tuple[int, int]:
    """Zero-based row and column of a cell name."""
    letters = name.rstrip("0123456789")
    row = small_whole(name[len(letters) :])
    if not row or not 1 <= len(letters) <= 3 or not (letters.isascii() and letters.isalpha()):
        raise Unreadable("F104", detail="broken-xml")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    place = row - 1, column - 1
    if place[0] > LAST_ROW or place[1] > LAST_COLUMN:
        raise Unreadable("F104", detail="broken-xml")
    return place


def unescaped(text: str, count: Count) -> str:
    """A stored text with ``_x000D_`` and its like decoded; characters that no text may hold are counted and left out."""
    if "_x" not in text:
        return text
    units = _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)
    whole = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")  # halves of a pair become one, or go
    clean = whole.translate(_NO_CONTROLS)
    pairs = sum(ord(character) > 0xFFFF for character in clean) - sum(ord(character) > 0xFFFF for character in units)
    count.removed += len(units) - pairs - len(clean)
    return clean


def _date(serial: str, date1904: bool) -> str:
    """The ISO date of a serial number, or "" if it is none (1900 has the day 29 February that never was)."""
    try:
        value = Decimal(serial)
        if value.adjusted() > 7:
            return ""
        days = int(value)
        start = datetime.date(1904, 1, 1) if date1904 else datetime.date(1899, 12, 30 if days > 60 else 31)
        return (start + datetime.timedelta(days)).isoformat() if days > 0 or date1904 else ""
    except (ArithmeticError, ValueError):
        return ""
