"""A workbook's sheets, strings and styles, read from its parts.

``<dimension>`` is ignored (WPS writes it wrong), styles are read only to tell dates from numbers.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from xl2report.grid import Book, Grid
from xl2report.submission import Remark
from xl2report.workbook.cells import Count, SheetReader, Skipped, small_whole, unescaped
from xl2report.workbook.package import Package, Unreadable
from xl2report.workbook.parsing import counted, parse
from xl2report.workbook.plan import NAME_PREFIX

_DATE_PARTS = re.compile(r"[ymdhs]", re.IGNORECASE)
_NOT_DATE = re.compile(r"\"[^\"]*(?:\"|\Z)|\[[^\]]*\]|[\\_*!].|General|Standard", re.IGNORECASE)
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})


def read_book(content: bytes, unwanted: frozenset[str] = frozenset()) -> Book:
    """The book in a file's bytes, without the sheets whose stamp has one of the ``unwanted`` keys. Unreadable if it cannot be read."""
    package = Package(content)
    root = _root_part(package)
    listed = _contents(package, root)
    folder = root.rpartition("/")[0]
    count = Count()
    strings = _strings(package, _target(listed.relations, folder, "sharedStrings"), count)
    dates = _date_styles(package, _target(listed.relations, folder, "styles"))
    sheets: list[Grid] = []
    skipped: list[str] = []
    for name, relation in listed.sheets:
        kind, target = listed.relations.get(relation, ("", ""))
        if kind != "worksheet":
            continue
        reader = SheetReader(strings, dates, listed.date1904, count, unwanted)
        try:
            count.removed += parse(package.part(_path(folder, target)), reader.start, reader.end, reader.data, reader.parser)
        except Skipped as sheet:
            skipped.append(sheet.stamp)
            continue
        sheets.append(Grid(name, reader.cells, tuple(reader.merges)))
    names = tuple(name for name, _ in listed.sheets)
    return Book(tuple(sheets), names, defined=listed.defined, remarks=_remarks(package.junk, count.removed), skipped=tuple(skipped))


def _remarks(junk: int, removed: int) -> tuple[Remark, ...]:
    found = (("F115", junk), ("F116", removed))
    return tuple(Remark(code, words=(("count", str(number)),)) for code, number in found if number)


class _Listed(NamedTuple):
    """What the workbook part lists: sheet names with their relation ids, relations (kind and target by id), names."""

    sheets: list[tuple[str, str]]
    relations: dict[str, tuple[str, str]]
    defined: dict[str, str]
    date1904: bool


def _root_part(package: Package) -> str:
    """The workbook part, as the package's relations name it."""
    if not package.has("_rels/.rels") or not package.has("[Content_Types].xml"):
        raise Unreadable("F101", detail="zip")
    found: list[str] = []

    def start(_: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").endswith("/officeDocument"):
            found.append(attributes.get("Target", "").replace("\\", "/").lstrip("/"))

    parse(package.part("_rels/.rels"), counted(start))
    if found and found[0].lower().startswith(("word/", "ppt/")):
        raise Unreadable("F101", detail="word" if found[0].lower().startswith("word/") else "slides")
    if not found or not package.has(found[0]) or not found[0].lower().startswith("xl/"):
        raise Unreadable("F101", detail="zip")
    return found[0]


def _contents(package: Package, root: str) -> _Listed:
    listed = _Listed([], {}, {}, False)
    dates1904: list[bool] = []
    naming: list[str] = []  # the name that is being defined

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        naming.clear()
        if local == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            listed.sheets.append((attributes.get("name", ""), relation))
        elif local == "workbookPr":
            dates1904.append(attributes.get("date1904") in ("1", "true"))
        elif local == "definedName":
            defined = attributes.get("name", "")
            if defined.startswith(NAME_PREFIX) and "localSheetId" not in attributes:  # those are of copied sheets
                naming.append(defined)

    def data(piece: str) -> None:
        if naming:
            listed.defined[naming[0]] = listed.defined.get(naming[0], "") + piece

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            listed.relations[attributes.get("Id", "")] = (kind, attributes.get("Target", "").replace("\\", "/"))

    parse(package.part(root), counted(start), lambda _: naming.clear(), data)
    folder, _, file = root.rpartition("/")
    parse(package.part(f"{folder}/_rels/{file}.rels"), counted(relation))
    return listed._replace(date1904=any(dates1904))


def _target(relations: dict[str, tuple[str, str]], folder: str, kind: str) -> str:
    return next((_path(folder, target) for found, target in relations.values() if found == kind), "")


def _path(folder: str, target: str) -> str:
    return posixpath.normpath(target if target.startswith("/") else f"/{folder}/{target}").lstrip("/")


def _strings(package: Package, name: str, count: Count) -> list[str]:
    """The shared strings; phonetic guides are left out."""
    if not name or not package.has(name):
        return []
    strings: list[str] = []
    text: list[str] = []
    state = {"si": False, "t": False, "phonetic": False}

    def start(name: str, _: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "si":
                if state["si"]:
                    raise Unreadable("F104", detail="broken-xml")
                state["si"] = True
                count.element()
                text.clear()
            case other:
                count.other()
                if other == "t":
                    state["t"] = not state["phonetic"]
                elif other == "rPh":
                    state["phonetic"] = True

    def end(name: str) -> None:
        match name.rpartition(":")[2]:
            case "si":
                state["si"] = False
                strings.append(unescaped("".join(text), count))
            case "t":
                state["t"] = False
            case "rPh":
                state["phonetic"] = False

    def data(piece: str) -> None:
        if state["t"]:
            count.characters(len(piece))
            text.append(piece)

    count.removed += parse(package.part(name), start, end, data)
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

    parse(package.part(name), counted(start), end)

    def is_date(number: str) -> bool:
        if number in custom:
            return bool(_DATE_PARTS.search(_NOT_DATE.sub("", custom[number])))
        return (index := small_whole(number)) is not None and index in _DATE_FORMATS

    return frozenset(str(index) for index, number in enumerate(styles) if is_date(number))
