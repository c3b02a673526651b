"""A workbook's sheets, strings and styles, read from its parts.

``<dimension>`` is ignored (WPS writes it wrong), styles are read only to tell dates from numbers.
"""

from __future__ import annotations

import posixpath
import re

from xl2report.grid import Book, Grid
from xl2report.workbook.cells import Count, SheetReader, small_whole, unescaped
from xl2report.workbook.package import Package, Unreadable
from xl2report.workbook.parsing import parse

_DATE_PARTS = re.compile(r"[ymdhs]", re.IGNORECASE)
_NOT_DATE = re.compile(r"\"[^\"]*(?:\"|\Z)|\[[^\]]*\]|[\\_*!].|General|Standard", re.IGNORECASE)
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})


def read_book(content: bytes, skip: frozenset[str] = frozenset()) -> Book:
    """The book in a file's bytes, without the sheets named in ``skip``. Unreadable if it cannot be read."""
    package = Package(content)
    root = _root_part(package)
    names, relations, date1904 = _contents(package, root)
    folder = root.rpartition("/")[0]
    strings = _strings(package, _target(relations, folder, "sharedStrings"))
    dates = _date_styles(package, _target(relations, folder, "styles"))
    sheets = []
    count = Count()
    for name, relation in names:
        target = relations.get(relation)
        if name in skip or target is None or target[0] != "worksheet":
            continue
        reader = SheetReader(strings, dates, date1904, count)
        parse(package.part(_path(folder, target[1])), reader.start, reader.end, reader.data)
        sheets.append(Grid(name, reader.cells))
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

    parse(package.part("_rels/.rels"), start)
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

    parse(package.part(root), sheet)
    folder, _, file = root.rpartition("/")
    parse(package.part(f"{folder}/_rels/{file}.rels"), relation)
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

    parse(package.part(name), start, end, data)
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

    parse(package.part(name), start, end)

    def is_date(number: str) -> bool:
        if number in custom:
            return bool(_DATE_PARTS.search(_NOT_DATE.sub("", custom[number])))
        return (index := small_whole(number)) is not None and index in _DATE_FORMATS

    return frozenset(str(index) for index, number in enumerate(styles) if is_date(number))
