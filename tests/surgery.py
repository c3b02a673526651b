"""Workbooks cut open for tests: parts, cells, lines and sheets changed as people and programs change them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import openpyxl
from openpyxl.utils import coordinate_to_tuple, get_column_letter

from xl2report.shipped import folder

SAMPLE = (folder("samples") / "example-county-2023" / "filled.xlsx").read_bytes()
BOOK, RELATIONS, STRINGS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml"
DATE_STYLE, TEXT_STYLE = 8, 6  # of the sample
CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
ROW = re.compile(rb'<row r="([0-9]+)"([^>]*?)(?:/>|>(.*?)</row>)', re.DOTALL)
_NAME = re.compile(rb'(<definedName name="x2r_f_[^"]*">)\'([^\']*)\'!\$([A-Z]+)\$([0-9]+)(</definedName>)')

Change = Callable[[bytes], bytes]
Place = tuple[int, int]


# -- parts -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _unpacked(content: bytes) -> tuple[tuple[str, bytes], ...]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return tuple((name, package.read(name)) for name in package.namelist())


def unpacked(content: bytes = SAMPLE) -> dict[str, bytes]:
    """The parts of a package by name."""
    return dict(_unpacked(content))


def packed(
    parts: Mapping[str, bytes] | Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED, level: int = 1
) -> bytes:
    """A package of parts; given as pairs, a name may come twice."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, part in parts.items() if isinstance(parts, Mapping) else parts:
            package.writestr(zipfile.ZipInfo(name, (2024, 1, 18, 9, 0, 0)), part, method, level)
    return buffer.getvalue()


def changed(name: str, change: Change | bytes | None, base: bytes = SAMPLE) -> bytes:
    """A package with one part changed, replaced, added, or left out (None)."""
    parts = unpacked(base)
    if change is None:
        del parts[name]
    elif isinstance(change, bytes):
        parts[name] = change
    else:
        before = parts[name]
        parts[name] = change(before)
        assert parts[name] != before, name
    return packed(parts)


def replaced(name: str, old: str, new: str, base: bytes = SAMPLE) -> bytes:
    """A package with a text of one part replaced wherever it stands."""
    return changed(name, lambda part: part.replace(old.encode(), new.encode()), base)


def part_of(sheet: str, base: bytes = SAMPLE) -> str:
    """The name of the part of a sheet."""
    parts = unpacked(base)
    number = re.search(f'<sheet [^>]*name={re.escape(quoteattr(sheet))}[^>]*r:id="([^"]+)"', parts[BOOK].decode())
    assert number, sheet
    relation = next(one for one in re.findall("<Relationship .*?/>", parts[RELATIONS].decode()) if f'"{number[1]}"' in one)
    target = re.search('Target="([^"]+)"', relation)
    assert target
    return target[1].lstrip("/") if target[1].startswith("/") else f"xl/{target[1]}"


# -- cells -------------------------------------------------------------------------------------------------------------


class Body(NamedTuple):
    """What is inside of a cell: attributes but for its place, and its elements. The old style stays if none is given."""

    attributes: str
    inner: str


def text(words: str) -> Body:
    return Body(' t="inlineStr"', f'<is><t xml:space="preserve">{escape(words)}</t></is>')


def number(digits: str, style: int | None = None) -> Body:
    return Body("" if style is None else f' s="{style}"', f"<v>{digits}</v>")


def formula(words: str, result: str = "", attributes: str = "", kind: str = "") -> Body:
    inner = f"<f{attributes}>{escape(words)}</f>" + (f"<v>{escape(result)}</v>" if result else "")
    return Body(f' t="{kind}"' if kind else "", inner)


def typed(kind: str, value: str) -> Body:
    return Body(f' t="{kind}"', f"<v>{value}</v>")


EMPTY = Body("", "")


def put(sheet: str, cells: Mapping[str, Body], base: bytes = SAMPLE) -> bytes:
    """A workbook with these cells in place of what stood there."""

    def change(part: bytes) -> bytes:
        for at, body in cells.items():
            part = _put(part, at, body)
        return part

    return changed(part_of(sheet, base), change, base)


def _put(part: bytes, at: str, body: Body) -> bytes:
    row = coordinate_to_tuple(at)[0]
    if not (line := next((one for one in ROW.finditer(part) if int(one[1]) == row), None)):
        new = f'<row r="{row}">{_cell(at, body, "")}</row>'.encode()
        later = next((one.start() for one in ROW.finditer(part) if int(one[1]) > row), part.index(b"</sheetData>"))
        return part[:later] + new + part[later:]
    cells = [(one[1].decode(), one.group(), one[2].decode()) for one in CELL.finditer(line[3] or b"")]
    old = next((attributes for place, _, attributes in cells if place == at), "")
    kept = [(place, xml) for place, xml, _ in cells if place != at]
    kept.append((at, _cell(at, body, old).encode()))
    kept.sort(key=lambda one: coordinate_to_tuple(one[0]))
    return part[: line.start()] + b'<row r="%d"%b>%b</row>' % (row, line[2], b"".join(xml for _, xml in kept)) + part[line.end() :]


def _cell(at: str, body: Body, old: str) -> str:
    style = re.search(' s="[0-9]+"', old)
    kept = style.group() if style and " s=" not in body.attributes else ""
    return f'<c r="{at}"{kept}{body.attributes}>{body.inner}</c>'


def stripped_results(content: bytes) -> bytes:
    """A workbook whose formulas have no stored results."""
    parts = {name: re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", part) for name, part in unpacked(content).items()}
    return packed(parts)


# -- lines -------------------------------------------------------------------------------------------------------------


def moved(sheet: str, move: Callable[[int, int], Place | None], base: bytes = SAMPLE, names: bool = True) -> bytes:
    """A workbook with the cells of a sheet moved or deleted (None), merged areas with them, and names if they follow.

    ``move`` takes the row and column of a cell, from 1. Formulas stay as they are.
    """

    def address(at: str) -> str:
        place = move(*coordinate_to_tuple(at))
        return f"{get_column_letter(place[1])}{place[0]}" if place else ""

    def cells(part: bytes) -> bytes:
        rows: dict[int, dict[int, bytes]] = {}
        looks: dict[int, bytes] = {}
        for line in ROW.finditer(part):
            first = move(int(line[1]), 1)
            if first:
                looks[first[0]] = line[2]
            for one in CELL.finditer(line[3] or b""):
                place = move(*coordinate_to_tuple(one[1].decode()))
                if place:
                    xml = one.group().replace(b'r="%b"' % one[1], f'r="{address(one[1].decode())}"'.encode(), 1)
                    rows.setdefault(place[0], {})[place[1]] = xml
        lines = b"".join(
            b'<row r="%d"%b>%b</row>' % (row, looks.get(row, b""), b"".join(rows[row][column] for column in sorted(rows[row])))
            for row in sorted(rows)
        )
        head, _, rest = part.partition(b"<sheetData>")
        return head + b"<sheetData>" + lines + b"</sheetData>" + re.sub(rb'<mergeCell ref="([^"]+)"/>', area, rest.partition(b"</sheetData>")[2])

    def area(match: re.Match[bytes]) -> bytes:
        corners = [address(corner) for corner in match[1].decode().split(":")]
        return f'<mergeCell ref="{":".join(corners)}"/>'.encode() if all(corners) else b""

    def name(match: re.Match[bytes]) -> bytes:
        if match[2].decode() != sheet:
            return match.group()
        place = move(int(match[4]), coordinate_to_tuple(match[3].decode() + "1")[1])
        target = f"'{sheet}'!${get_column_letter(place[1])}${place[0]}" if place else f"'{sheet}'!#REF!"
        return match[1] + target.encode() + match[5]

    parts = unpacked(base)
    parts[part_of(sheet, base)] = cells(parts[part_of(sheet, base)])
    if names:
        parts[BOOK] = _NAME.sub(name, parts[BOOK])
    return packed(parts)


def merged(sheet: str, *areas: str, base: bytes = SAMPLE) -> bytes:
    """A workbook with further merged areas."""
    new = "".join(f'<mergeCell ref="{area}"/>' for area in areas)

    def change(part: bytes) -> bytes:
        if b"</mergeCells>" in part:
            return part.replace(b"</mergeCells>", new.encode() + b"</mergeCells>")
        at = re.search(rb"</sheetData>(<sheetProtection[^>]*/>)?", part)
        assert at
        return part[: at.end()] + f"<mergeCells>{new}</mergeCells>".encode() + part[at.end() :]

    return changed(part_of(sheet, base), change, base)


# -- whole workbooks ---------------------------------------------------------------------------------------------------


def by_openpyxl(change: Callable[[openpyxl.Workbook], object], base: bytes = SAMPLE) -> bytes:
    """A workbook edited and saved by openpyxl, which stores no results of formulas."""
    book = openpyxl.load_workbook(io.BytesIO(base))
    change(book)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
