"""A workbook's sheets, strings and styles, read from its parts.

``<dimension>`` is ignored (WPS writes it wrong), styles are read only to tell dates and percentages from numbers.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from xl2report.grid import Book, Grid
from xl2report.submission import Remark
from xl2report.workbook.cells import Count, SheetReader, Skipped
from xl2report.workbook.mark_words import MARK
from xl2report.workbook.package import Package, Unreadable
from xl2report.workbook.parsing import listed, main_prefix, parse
from xl2report.workbook.plan import NAME_PREFIX
from xl2report.workbook.stored import small_whole
from xl2report.workbook.texts import RichText

_COMMENT = re.compile(rb"<(?:\w+:)?(?:comment|threadedComment)[ >]")
_DRAWN = re.compile(rb"<(?:\w+:)?(?:sp|pic|graphicFrame)[ >]")
_DATE_PARTS = re.compile(r"[ymdhs]", re.IGNORECASE)
_NOT_DATE = re.compile(r"\"[^\"]*(?:\"|\Z)|\[(?!(?:h+|m+|s+)\])[^\]]*\]|[\\_*!].|General|Standard", re.IGNORECASE)
_STRING_NAMES = ("si", "t", "r", "rPh")
_PERCENT_FORMATS = (9, 10)
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})


def read_book(content: bytes, unwanted: frozenset[str] = frozenset()) -> Book:
    """The book in a file's bytes, without the sheets whose stamp has one of the ``unwanted`` keys. Unreadable if it cannot be read."""
    package = Package(content)
    count = Count()
    root = _root_part(package)
    contents = _contents(package, root, count)
    folder = root.rpartition("/")[0]
    strings = _strings(package, _target(contents.relations, folder, "sharedStrings"), count)
    shown_as = _shown_as(package, _target(contents.relations, folder, "styles"), count)
    sheets: list[Grid] = []
    skipped: list[str] = []
    for name, relation in contents.sheets:
        kind, target = contents.relations.get(relation, ("", ""))
        if kind != "worksheet":
            continue
        reader = SheetReader(strings, shown_as, contents.date1904, count, unwanted)
        try:
            removed = parse(package.part(_path(folder, target)), reader.start, reader.end, reader.data, reader.parser)
            count.removed += removed  # parsing counts there as well
        except Skipped as sheet:
            skipped.append(sheet.stamp)
            continue
        sheets.append(Grid(name, reader.cells, tuple(reader.merges)))
    names = tuple(name for name, _ in contents.sheets)
    return Book(tuple(sheets), names, defined=contents.defined, remarks=_remarks(package, count.removed), skipped=tuple(skipped))


def _remarks(package: Package, removed: int) -> tuple[Remark, ...]:
    found = (("F115", package.junk), ("F116", removed), ("S124", _unread(package)))
    return tuple(Remark(code, words=(("count", str(number)),)) for code, number in found if number)


def _unread(package: Package) -> int:
    """How many comments (other than the marks of a marked copy), pictures and text boxes there are: none of them is read."""
    comments = [b"".join(package.part(name)) for name in package.names("xl/comments", "xl/threadedcomments/")]
    number = sum(max(0, len(_COMMENT.findall(part)) - part.count(MARK.encode())) for part in comments)
    drawings = [b"".join(package.part(name)) for name in package.names("xl/drawings/drawing")]
    return number + sum(len(_DRAWN.findall(part)) for part in drawings)


class _Contents(NamedTuple):
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
            found.append(_path("", attributes.get("Target", "").replace("\\", "/")))

    parse(package.part("_rels/.rels"), *listed("", start))
    if len(set(found)) > 1:
        raise Unreadable("F104", detail="broken-xml")
    if found and found[0].lower().startswith(("word/", "ppt/")):
        raise Unreadable("F101", detail="word" if found[0].lower().startswith("word/") else "slides")
    if not found or not package.has(found[0]) or not found[0].lower().startswith("xl/"):
        raise Unreadable("F101", detail="zip")
    return found[0]


def _contents(package: Package, root: str, count: Count) -> _Contents:
    contents = _Contents([], {}, {}, False)
    dates1904: list[bool] = []
    naming: list[str] = []  # the name that is being defined
    inside = False  # of the list of sheets

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if naming:
            naming.clear()
        if name == "definedName":
            defined = count.keep(attributes.get("name", ""))
            if defined.startswith(NAME_PREFIX) and "localSheetId" not in attributes:  # those come with sheets from elsewhere
                naming.append(defined)
        elif name == "sheets":
            inside = True
        elif name == "sheet":
            if not inside:
                raise Unreadable("F104", detail="broken-xml")
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            contents.sheets.append((count.keep(attributes.get("name", "")), relation))
        elif name == "workbookPr":
            dates1904.append(attributes.get("date1904") in ("1", "true"))

    def end(name: str) -> None:
        nonlocal inside
        if naming:
            naming.clear()
        if name == "sheets":
            inside = False

    def data(piece: str) -> None:
        if naming:
            count.characters(len(piece))
            contents.defined[naming[0]] = contents.defined.get(naming[0], "") + piece

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            found = kind, count.keep(attributes.get("Target", "")).replace("\\", "/")
            if contents.relations.setdefault(count.keep(attributes.get("Id", "")), found) != found:
                raise Unreadable("F104", detail="broken-xml")

    parse(package.part(root), *listed("workbook", start, end), data)
    names = [name.lower() for name, _ in contents.sheets]
    if "" in names or len(set(names)) != len(names):
        raise Unreadable("F104", detail="broken-xml")  # a place could not be told from another
    folder, _, file = root.rpartition("/")
    parse(package.part(f"{folder}/_rels/{file}.rels"), *listed("", relation))
    return contents._replace(date1904=any(dates1904))


def _target(relations: dict[str, tuple[str, str]], folder: str, kind: str) -> str:
    return next((_path(folder, target) for found, target in relations.values() if found == kind), "")


def _path(folder: str, target: str) -> str:
    return posixpath.normpath(target if target.startswith("/") else f"/{folder}/{target}").lstrip("/")


def _strings(package: Package, name: str, count: Count) -> list[str]:
    """The shared strings; phonetic guides are left out."""
    if not name or not package.has(name):
        return []
    strings: list[str] = []
    rich = RichText()
    known: dict[str, str] = {}
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        local = known.get(name)
        if inside:
            if local is None and name.rpartition(":")[2] in _STRING_NAMES:
                raise Unreadable("F104", detail="broken-xml")  # one of ours under a foreign name
            count.other()
            rich.start(local or name)
        elif local == "si":
            count.element()
            inside = True
            rich.clear()
        elif not known:
            prefix, _ = main_prefix(name, "sst", attributes)
            known.update((prefix + local, local) for local in _STRING_NAMES)
        else:
            count.other()

    def end(name: str) -> None:
        nonlocal inside
        local = known.get(name)
        if local == "si":
            inside = False
            text = "".join(rich.pieces)
            strings.append(count.text_of(text) if "_x" in text else text)
        elif inside:
            rich.end(local or name)

    def data(piece: str) -> None:
        if rich.takes:
            count.characters(len(piece))
            rich.pieces.append(piece)
        elif inside and not rich.skips and piece.strip():
            raise Unreadable("F104", detail="broken-xml")  # a text beside the strings

    removed = parse(package.part(name), start, end, data)
    count.removed += removed  # parsing counts there as well
    return strings


def _shown_as(package: Package, name: str, count: Count) -> dict[str, str]:
    """What every style number shows a number as: number, date or percent."""
    if not name or not package.has(name):
        return {}
    custom: dict[str, str] = {}
    styles: list[str] = []
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "numFmts":
            inside.append(name)
        elif name == "numFmt" and "numFmts" in inside:  # conditional formats have others under the same numbers
            custom[count.keep(attributes.get("numFmtId", ""))] = count.keep(attributes.get("formatCode", ""))
        elif name == "cellXfs":
            inside.append(name)
        elif name == "xf" and "cellXfs" in inside:
            styles.append(count.keep(attributes.get("numFmtId", "")) or "0")

    def end(name: str) -> None:
        if name in ("cellXfs", "numFmts"):
            inside.clear()

    parse(package.part(name), *listed("styleSheet", start, end))

    def kind(number: str) -> str:
        if number in custom:
            bare = _NOT_DATE.sub("", custom[number])
            return "percent" if "%" in bare else "date" if _DATE_PARTS.search(bare) else "number"
        index = small_whole(number)
        return "percent" if index in _PERCENT_FORMATS else "date" if index in _DATE_FORMATS else "number"

    kinds = {number: kind(number) for number in set(styles)}
    return {str(index): kinds[number] for index, number in enumerate(styles)}
