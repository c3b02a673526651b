"""The outline of an .xlsb: the records (BIFF12) of its parts that stand for cells."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
from xml.parsers import expat

from xl2report.workbook.outline import (
    BOOLEAN,
    ERRORS,
    NUMBER,
    TEXT,
    UNKNOWN,
    Count,
    Outline,
    Refused,
    part,
    shown_as,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ROW, _RK, _ERROR, _BOOLEAN, _REAL, _TEXT, _SHARED = 0, 2, 3, 4, 5, 6, 7
_FORMULA_TEXT, _FORMULA_NUMBER, _FORMULA_BOOLEAN, _FORMULA_ERROR, _RICH = 8, 9, 10, 11, 62
_FORMAT, _XF, _BEGIN_XFS, _END_XFS, _PROPERTIES, _SHEET, _MERGE = 0x2C, 0x2F, 0x269, 0x26A, 0x99, 0x9C, 0xB0


def sheets(content: bytes, count: Count) -> list[Outline]:
    """The outline of each sheet, in the order in which the workbook lists them."""
    package = zipfile.ZipFile(io.BytesIO(content))
    targets = _targets(package)
    shown = _shown(package)
    date1904, found = False, []
    for kind, record in _records(package, "xl/workbook.bin"):
        if kind == _PROPERTIES:
            date1904 = bool(record[0] & 1)
        elif kind == _SHEET and record[8:12] != b"\xff\xff\xff\xff":
            length = struct.unpack_from("<I", record, 8)[0]
            target = targets.get(record[12 : 12 + 2 * length].decode("utf-16-le"), "")
            found.append(_sheet(package, target, shown, Outline(count, date1904)))
    return found


def _targets(package: zipfile.ZipFile) -> dict[str, str]:
    """The parts that the workbook refers to, by relation id."""
    targets: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            targets[attributes.get("Id", "")] = posixpath.normpath("xl/" + attributes.get("Target", ""))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    for chunk in part(package, "xl/_rels/workbook.bin.rels"):
        parser.Parse(chunk)
    return targets


def _shown(package: zipfile.ZipFile) -> dict[int, str]:
    """What each style shows a number as."""
    formats: dict[int, str] = {}
    styles: list[int] = []
    inside = False
    if "xl/styles.bin" not in package.namelist():
        return {}
    for kind, record in _records(package, "xl/styles.bin"):
        if kind == _FORMAT:
            formats[struct.unpack_from("<H", record)[0]] = record[6:].decode("utf-16-le", "replace")
        elif kind in (_BEGIN_XFS, _END_XFS):
            inside = kind == _BEGIN_XFS
        elif kind == _XF and inside:
            styles.append(struct.unpack_from("<H", record, 2)[0])
    natures = {number: shown_as(number, formats.get(number)) for number in set(styles)}
    return {index: natures[number] for index, number in enumerate(styles)}


def _records(package: zipfile.ZipFile, name: str) -> Iterator[tuple[int, bytes]]:
    """The records of a part: number and content."""
    content = b"".join(part(package, name))
    at = 0
    while at < len(content):
        kind, at = _in_sevens(content, at, 2)
        length, at = _in_sevens(content, at, 4)
        if at + length > len(content):
            raise Refused("F103", "broken-file")
        yield kind, content[at : at + length]
        at += length


def _in_sevens(content: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of 7 bits a byte, the lowest first, and where it ends: at a byte below 128, or after ``most``."""
    number = 0
    for place in range(most):
        byte = content[at + place]
        number |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return number, at + place + 1
    return number, at + most


def _sheet(package: zipfile.ZipFile, name: str, shown: dict[int, str], outline: Outline) -> Outline:
    if not name.startswith("xl/worksheets/"):
        return outline
    row = 0
    for kind, record in _records(package, name):
        if kind == _ROW:
            row = struct.unpack_from("<I", record)[0]
        elif kind == _MERGE:
            top, bottom, left, right = struct.unpack_from("<4I", record)
            outline.merge(top, left, bottom, right)
        elif _RK <= kind <= _FORMULA_ERROR or kind == _RICH:
            column, style = struct.unpack_from("<II", record)
            outline.hold(row, column, _nature(kind, record, shown.get(style & 0xFFFFFF, NUMBER)))
    return outline


def _nature(kind: int, record: bytes, shown: str) -> str:
    """The nature of the cell of one record."""
    if kind in (_ERROR, _FORMULA_ERROR):
        return ERRORS.get(record[8], "#ERROR!")
    if kind in (_BOOLEAN, _FORMULA_BOOLEAN):
        return BOOLEAN
    if kind in (_TEXT, _FORMULA_TEXT):
        return TEXT if record[8:12] != b"\0\0\0\0" else UNKNOWN
    if kind == _RICH:
        return TEXT if record[9:13] != b"\0\0\0\0" else UNKNOWN
    if kind == _SHARED:
        return UNKNOWN
    return shown
