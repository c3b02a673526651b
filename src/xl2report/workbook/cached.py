"""What openpyxl drops or rounds although the workbook still has it: stored results, figures to the last digit, row heights.

Taken from the parts of the original and put back, by text, into the parts that openpyxl wrote.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from xl2report.workbook.losses import MAIN, WORKBOOK, CannotMark, Parts, xml
from xl2report.workbook.plan import cell_name

SPREAD_LIMIT = 200_000  # cells under merged areas and links: openpyxl makes each of them
_AREA = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})\Z")
_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_FORMULA = re.compile(r"<f[ />].*?</f>|<f(?: [^>]*)?/>", re.DOTALL)
_TYPE = re.compile(r' t="[^"]*"')
_ROW = re.compile(r'<row r="([0-9]+)"[^>]*>')
_AFTER_IGNORED = re.compile(r"<(?:drawing|legacyDrawing|tableParts)[ />]|</worksheet>")
_FIXED = ' customHeight="1"'
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TRUE = ("1", "true")
_RETURN = {"\r": "&#13;"}  # a bare one is read as a line feed


class StoredCell(NamedTuple):
    """One cell as the file holds it; ``value`` is None where no value is stored, and "" for an empty text."""

    type: str
    style: int
    value: str | None
    is_formula: bool


class StoredSheet(NamedTuple):
    """What must come back to a sheet: its cells by address, the rows whose height follows their content, the marks
    that a number may stand there as a text."""

    cells: Mapping[str, StoredCell]
    free_rows: frozenset[str]
    ignored_errors: str


def sheet_parts(parts: Parts) -> dict[str, str]:
    """The part of each sheet by the sheet's name, in the order of the workbook."""
    targets = {
        relation.get("Id", ""): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
        for relation in xml(parts, "xl/_rels/workbook.xml.rels")
    }
    found: dict[str, str] = {}
    for sheet in xml(parts, WORKBOOK).iter(f"{MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION, ""), "")
        if target not in parts or sheet.get("name", "") in found:
            raise CannotMark("not-opened", target)
        found[sheet.get("name", "")] = target
    return found


def stored_sheet(parts: Parts, name: str) -> StoredSheet:
    """A sheet's stored cells, from the part of that name."""
    tree = xml(parts, name)
    if sum(_size(element.get("ref", "")) for tag in ("mergeCell", "hyperlink") for element in tree.iter(MAIN + tag)) > SPREAD_LIMIT:
        raise CannotMark("not-opened", name)
    free = [row.get("r", "") for row in tree.iter(f"{MAIN}row") if row.get("ht") and row.get("customHeight") not in _TRUE]
    ignored = "".join(
        f"<ignoredError {' '.join(f'{key}={quoteattr(value)}' for key, value in element.items())}/>"
        for element in tree.iter(f"{MAIN}ignoredError")
    )
    try:
        cells = dict(_cells(tree))
    except ValueError as error:  # a style or a row that is no number
        raise CannotMark("not-opened", name) from error
    return StoredSheet(cells, frozenset(free), f"<ignoredErrors>{ignored}</ignoredErrors>" if ignored else "")


def _cells(tree: Element) -> Iterator[tuple[str, StoredCell]]:
    """The cells by address; one without an address stands right of the one before."""
    row = 0
    for line in tree.iterfind(f"{MAIN}sheetData/{MAIN}row"):
        row = int(line.get("r", row + 1))
        column = -1
        for cell in line:
            address = cell.get("r") or cell_name(row - 1, column + 1)
            column = _column(address)
            value = cell.find(f"{MAIN}v")
            stored = None if value is None else value.text or ""
            has_formula = cell.find(f"{MAIN}f") is not None
            yield address, StoredCell(cell.get("t", "n"), int(cell.get("s", "0")), stored, has_formula)


def _size(area: str) -> int:
    """The number of cells of an area."""
    found = _AREA.match(area)
    if not found:
        return 1
    left, top, right, bottom = found.groups()
    return (abs(_column(right) - _column(left)) + 1) * (abs(int(bottom) - int(top)) + 1)


def _column(address: str) -> int:
    column = 0
    for letter in address.rstrip("0123456789"):
        column = column * 26 + ord(letter.upper()) - 64
    return column - 1


def put_back(part: bytes, sheet: StoredSheet) -> bytes:
    """A sheet's part as openpyxl wrote it, with everything of the stored sheet that it left out."""
    head, begin, rest = part.decode("utf-8").partition("<sheetData>")
    body, end, tail = rest.partition("</sheetData>")
    body = _CELL.sub(lambda found: _cell(found, sheet.cells.get(found.group(1))), body)
    body = _ROW.sub(lambda found: found.group().replace(_FIXED, "") if found.group(1) in sheet.free_rows else found.group(), body)
    if sheet.ignored_errors:
        tail = _AFTER_IGNORED.sub(lambda found: sheet.ignored_errors + found.group(), tail, count=1)
    return (head + begin + body + end + tail).encode("utf-8")


def _cell(found: re.Match[str], stored: StoredCell | None) -> str:
    """One cell with its stored type and value; texts stay as they were written, in the cell itself."""
    if stored is None or stored.value is None or (stored.type in ("s", "inlineStr") and not stored.is_formula):
        return found.group()
    if stored.type == "s":
        return found.group()  # a formula whose result is a shared text: the comparison afterwards tells
    attributes = _TYPE.sub("", found.group(2)).rstrip()
    formula = _FORMULA.search(found.group(3) or "") if stored.is_formula else None
    space = ' xml:space="preserve"' if stored.value != stored.value.strip() else ""
    value = f"<v{space}>{escape(stored.value, _RETURN)}</v>"
    kind = "" if stored.type == "n" else f' t="{stored.type}"'
    return f'<c r="{found.group(1)}"{attributes}{kind}>{formula.group() if formula else ""}{value}</c>'
