"""One sheet of an .xlsx as cells, read in one pass: values and formulas together."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from functools import lru_cache

from xl2report.submission import BLANK, Raw
from xl2report.workbook.package import Unreadable

CELLS_LIMIT = 200_000
ELEMENTS_LIMIT = 2_000_000  # rows and cells, empty ones too
LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
UNKNOWN_FORMULA = "…"  # of a cell that shares its formula with another, where only that one holds the text
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\Z")
_ISO_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


class Count:
    """What all sheets of a book have in common: how many cells there have been."""

    def __init__(self) -> None:
        self.cells = self.elements = 0

    def element(self) -> None:
        self.elements += 1
        if self.elements > ELEMENTS_LIMIT:
            raise Unreadable("F105", detail=f"> {ELEMENTS_LIMIT}")

    def cell(self) -> None:
        self.cells += 1
        if self.cells > CELLS_LIMIT:
            raise Unreadable("F105", detail=f"> {CELLS_LIMIT}")


class SheetReader:
    """The handlers of one sheet; ``cells`` fills as it is parsed."""

    def __init__(self, strings: list[str], dates: frozenset[str], date1904: bool, count: Count) -> None:
        self.cells: dict[tuple[int, int], Raw] = {}
        self._seen: set[tuple[int, int]] = set()
        self._strings, self._dates, self._date1904, self._count = strings, dates, date1904, count
        self._place = (-1, -1)
        self._type = self._style = ""
        self._value: list[str] = []
        self._formula: list[str] = []
        self._has_formula = self._has_value = self._in_cell = self._phonetic = False
        self._into: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if self._into is not None:
            raise Unreadable("F104", detail="broken-xml")  # a value or a formula holds text only
        if name == "c":
            self._start_cell(attributes)
        elif not self._in_cell:
            if name == "row":
                self._start_row(attributes)
        elif name == "v" and self._type != "inlineStr":
            if self._has_value:
                raise Unreadable("F104", detail="broken-xml")
            self._into, self._has_value = self._value, True
        elif name == "t" and self._type == "inlineStr" and not self._phonetic:
            self._into = self._value
        elif name == "f":
            self._into, self._has_formula = self._formula, True
        elif name == "rPh":
            self._phonetic = True

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._count.element()
        number = attributes.get("r")
        row = self._place[0] + 1 if number is None else (small_whole(number) or 0) - 1
        if not 0 <= row <= LAST_ROW:
            raise Unreadable("F104", detail="broken-xml")
        self._place = (row, -1)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._count.element()
        at = attributes.get("r")
        self._place = position(at) if at else (max(self._place[0], 0), self._place[1] + 1)
        if self._place in self._seen:
            raise Unreadable("F104", detail="doubled-cell")
        self._seen.add(self._place)
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._value, self._formula = [], []
        self._has_formula = self._has_value = self._phonetic = False
        self._in_cell = True

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._in_cell = False
            raw = self._raw()
            if raw.kind != "blank" or raw.formula:
                self.cells[self._place] = raw
                self._count.cell()
        elif name == "rPh":
            self._phonetic = False
        elif name in ("v", "f", "t"):
            self._into = None

    def data(self, piece: str) -> None:
        if self._into is not None:
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
                return Raw("text", unescaped(text), formula) if text or formula else BLANK
            case "b":
                return Raw("boolean", "TRUE" if text in ("1", "true") else "FALSE", formula)
            case "e":
                return Raw("error", text, formula)
            case "d":
                return Raw("date" if _ISO_DATE.match(text) else "error", text[:10], formula)
        text = text.strip()
        if not text:
            return Raw("blank", "", formula)
        if not _NUMBER.match(text):
            return Raw("error", text[:40], formula)
        if self._style in self._dates and (date := _date(text, self._date1904)):
            return Raw("date", date, formula)
        return Raw("number", text, formula)


def small_whole(text: str) -> int | None:
    """A small whole number from an attribute, or None: int() would take ² and underscores, and go on for ever."""
    return int(text) if len(text) <= 7 and text.isascii() and text.isdigit() else None


def position(name: str) -> tuple[int, int]:
    """Zero-based row and column of a cell name."""
    letters = name.rstrip("0123456789")
    row = small_whole(name[len(letters) :])
    if not row or not 1 <= len(letters) <= 3 or not (letters.isascii() and letters.isalpha()):
        raise Unreadable("F104", detail="broken-xml")
    place = row - 1, _column(letters)
    if place[0] > LAST_ROW or place[1] > LAST_COLUMN:
        raise Unreadable("F104", detail="broken-xml")
    return place


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column - 1


def unescaped(text: str) -> str:
    """A stored text with ``_x000D_`` and its like decoded."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)


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
