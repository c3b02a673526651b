"""Sheets of an .xlsx as cells, read with expat in one pass: values and formulas together.

``<dimension>`` is ignored (WPS writes it wrong), styles are read only to tell dates from numbers.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from xl2report.submission import BLANK, Raw
from xl2report.workbook.package import Package, Unreadable

CELLS_LIMIT = 200_000
UNKNOWN_FORMULA = "…"  # of a cell that shares its formula with another, where only that one holds the text
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DATE_PARTS = re.compile(r"[ymdhs]", re.IGNORECASE)
_NOT_DATE = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|\\.|General", re.IGNORECASE)
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
    for name, relation in names:
        target = relations.get(relation)
        if name in skip or target is None or target[0] != "worksheet":
            continue
        reader = _SheetReader(strings, dates, date1904)
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
    return target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"


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
        if local == "numFmt":
            custom[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif local == "cellXfs":
            inside.append(local)
        elif local == "xf" and inside:
            styles.append(attributes.get("numFmtId", "0"))

    def end(name: str) -> None:
        if name.rpartition(":")[2] == "cellXfs":
            inside.clear()

    _parse(package.part(name), start, end)

    def is_date(number: str) -> bool:
        if number in custom:
            return bool(_DATE_PARTS.search(_NOT_DATE.sub("", custom[number])))
        return number.isdigit() and int(number) in _DATE_FORMATS

    return frozenset(str(index) for index, number in enumerate(styles) if is_date(number))


class _SheetReader:
    """The handlers of one sheet; ``cells`` fills as it is parsed."""

    def __init__(self, strings: list[str], dates: frozenset[str], date1904: bool) -> None:
        self.cells: dict[tuple[int, int], Raw] = {}
        self._strings, self._dates, self._date1904 = strings, dates, date1904
        self._place = (0, -1)
        self._type = self._style = ""
        self._value: list[str] = []
        self._formula: list[str] = []
        self._has_formula = False
        self._into: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            at = attributes.get("r")
            self._place = position(at) if at else (self._place[0], self._place[1] + 1)
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._value, self._formula, self._has_formula = [], [], False
        elif name in ("v", "t"):
            self._into = self._value
        elif name == "f":
            self._into, self._has_formula = self._formula, True
        elif name == "row":
            number = attributes.get("r")
            self._place = (int(number) - 1 if number and number.isdigit() else self._place[0] + 1, -1)
        elif name == "rPh":
            self._into = None

    def end(self, name: str) -> None:
        if name == "c":
            raw = self._raw()
            if raw.kind != "blank" or raw.formula:
                self.cells[self._place] = raw
                if len(self.cells) > CELLS_LIMIT:
                    raise Unreadable("F105", detail=f"> {CELLS_LIMIT}")
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
                index = int(text) if text.isascii() and text.isdigit() else -1
                if not 0 <= index < len(self._strings):
                    raise Unreadable("F104", detail="broken-xml")
                return Raw("text", self._strings[index], formula) if self._strings[index] else Raw("blank", "", formula)
            case "inlineStr" | "str":
                # a formula whose result is an empty text is not the same as one without a result
                return Raw("text", unescaped(text), formula) if text or formula else BLANK
            case "b":
                return Raw("boolean", "TRUE" if text == "1" else "FALSE", formula)
            case "e":
                return Raw("error", text, formula)
            case "d":
                return Raw("date", text[:10], formula)
        if not text.strip():
            return Raw("blank", "", formula)
        if self._style in self._dates and (date := _date(text, self._date1904)):
            return Raw("date", date, formula)
        return Raw("number", text.strip(), formula)


def position(name: str) -> tuple[int, int]:
    """Zero-based row and column of a cell name."""
    letters = name.rstrip("0123456789")
    digits = name[len(letters) :]
    if not digits or len(digits) > 7 or len(letters) > 3 or not letters.isalpha():
        raise Unreadable("F104", detail="broken-xml")
    return int(digits) - 1, _column(letters)


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
        days = int(Decimal(serial))
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
    except expat.ExpatError as error:
        raise Unreadable("F104", detail="broken-xml") from error


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("F104", detail="dtd")
