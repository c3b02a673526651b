"""Sheets of an .xlsx as cells, read with expat in one pass: values and formulas together.

``<dimension>`` is ignored (WPS writes it wrong), styles are read only to tell dates from numbers.
"""

from __future__ import annotations

import datetime
import posixpath
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from xl2report.submission import BLANK, Raw
from xl2report.workbook.package import Package, Unreadable

CELLS_LIMIT = 200_000
ELEMENTS_LIMIT = 2_000_000  # rows and cells, empty ones too
LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
UNKNOWN_FORMULA = "…"  # of a cell that shares its formula with another, where only that one holds the text
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DATE_PARTS = re.compile(r"[ymdhs]", re.IGNORECASE)
_NOT_DATE = re.compile(r"\"[^\"]*(?:\"|\Z)|\[[^\]]*\]|[\\_*!].|General|Standard", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\Z")
_ISO_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_Start = Callable[[str, dict[str, str]], None]


class Sheet(NamedTuple):
    """One sheet: its name, and its non-empty cells by zero-based row and column."""

    name: str
    cells: dict[tuple[int, int], Raw]

    def at(self, row: int, column: int) -> Raw:
        return self.cells.get((row, column), BLANK)

    def text(self, row: int, column: int) -> str:
        return self.at(row, column).text


class Book(NamedTuple):
    """The sheets of a workbook in their order, and the names of all of them, those left unread included."""

    sheets: tuple[Sheet, ...]
    names: tuple[str, ...]


def read_book(content: bytes, skip: frozenset[str] = frozenset()) -> Book:
    """The book in a file's bytes, without the sheets named in ``skip``. Unreadable if it cannot be read."""
    package = Package(content)
    root = _root_part(package)
    names, relations, date1904 = _contents(package, root)
    folder = root.rpartition("/")[0]
    strings = _strings(package, _target(relations, folder, "sharedStrings"))
    dates = _date_styles(package, _target(relations, folder, "styles"))
    sheets = []
    count = _Count()
    for name, relation in names:
        target = relations.get(relation)
        if name in skip or target is None or target[0] != "worksheet":
            continue
        reader = _SheetReader(strings, dates, date1904, count)
        _parse(package.part(_path(folder, target[1])), reader.start, reader.end, reader.data)
        sheets.append(Sheet(name, reader.cells))
    return Book(tuple(sheets), tuple(name for name, _ in names))


def _root_part(package: Package) -> str:
    """The workbook part, as the package's relations name it."""
    if package.has("mimetype") and package.part("mimetype").startswith(b"application/vnd.oasis"):
        raise Unreadable("F103")
    if not package.has("_rels/.rels") or not package.has("[Content_Types].xml"):
        raise Unreadable("F101", detail="zip")
    found: list[str] = []

    def start(_: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").endswith("/officeDocument"):
            found.append(attributes.get("Target", "").lstrip("/"))

    _parse(package.part("_rels/.rels"), start)
    if not found or not package.has(found[0]) or not found[0].lower().startswith("xl/"):
        raise Unreadable("F101", detail="zip")
    return found[0]


def _contents(package: Package, root: str) -> tuple[list[tuple[str, str]], dict[str, tuple[str, str]], bool]:
    """Sheet names with their relation ids, the relations (kind and target by id), the 1904 flag."""
    names: list[tuple[str, str]] = []
    relations: dict[str, tuple[str, str]] = {}
    flags: list[bool] = []

    def sheet(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            names.append((attributes.get("name", ""), relation))
        elif local == "workbookPr":
            flags.append(attributes.get("date1904") in ("1", "true"))

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            relations[attributes.get("Id", "")] = (kind, attributes.get("Target", ""))

    _parse(package.part(root), sheet)
    folder, _, file = root.rpartition("/")
    _parse(package.part(f"{folder}/_rels/{file}.rels"), relation)
    return names, relations, any(flags)


def _target(relations: dict[str, tuple[str, str]], folder: str, kind: str) -> str:
    return next((_path(folder, target) for found, target in relations.values() if found == kind), "")


def _path(folder: str, target: str) -> str:
    return posixpath.normpath(target if target.startswith("/") else f"/{folder}/{target}").lstrip("/")


def _strings(package: Package, name: str) -> list[str]:
    """The shared strings; phonetic guides are left out."""
    if not name or not package.has(name):
        return []
    strings: list[str] = []
    text: list[str] = []
    state = {"t": False, "phonetic": False}

    def start(name: str, _: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "si":
                text.clear()
            case "t":
                state["t"] = not state["phonetic"]
            case "rPh":
                state["phonetic"] = True

    def end(name: str) -> None:
        match name.rpartition(":")[2]:
            case "si":
                strings.append(unescaped("".join(text)))
            case "t":
                state["t"] = False
            case "rPh":
                state["phonetic"] = False

    def data(piece: str) -> None:
        if state["t"]:
            text.append(piece)

    _parse(package.part(name), start, end, data)
    return strings


def _date_styles(package: Package, name: str) -> frozenset[str]:
    """The style numbers that show a number as a date."""
    if not name or not package.has(name):
        return frozenset()
    custom: dict[str, str] = {}
    styles: list[str] = []
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "numFmts":
            inside.append(local)
        elif local == "numFmt" and "numFmts" in inside:  # conditional formats have others under the same numbers
            custom[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif local == "cellXfs":
            inside.append(local)
        elif local == "xf" and "cellXfs" in inside:
            styles.append(attributes.get("numFmtId", "0"))

    def end(name: str) -> None:
        if name.rpartition(":")[2] in ("cellXfs", "numFmts"):
            inside.clear()

    _parse(package.part(name), start, end)

    def is_date(number: str) -> bool:
        if number in custom:
            return bool(_DATE_PARTS.search(_NOT_DATE.sub("", custom[number])))
        return (index := _index(number)) is not None and index in _DATE_FORMATS

    return frozenset(str(index) for index, number in enumerate(styles) if is_date(number))


class _Count:
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


class _SheetReader:
    """The handlers of one sheet; ``cells`` fills as it is parsed."""

    def __init__(self, strings: list[str], dates: frozenset[str], date1904: bool, count: _Count) -> None:
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
        row = self._place[0] + 1 if number is None else (_index(number) or 0) - 1
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
                index = _index(text)
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


def _index(text: str) -> int | None:
    """A small whole number from an attribute, or None: int() would take ² and underscores, and go on for ever."""
    return int(text) if len(text) <= 7 and text.isascii() and text.isdigit() else None


def position(name: str) -> tuple[int, int]:
    """Zero-based row and column of a cell name."""
    letters = name.rstrip("0123456789")
    row = _index(name[len(letters) :])
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


def _parse(
    content: bytes, start: _Start, end: Callable[[str], None] | None = None, data: Callable[[str], None] | None = None
) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    if end:
        parser.EndElementHandler = end
    if data:
        parser.CharacterDataHandler = data
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: encodings that do not exist
        raise Unreadable("F104", detail="broken-xml") from error


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("F104", detail="dtd")
