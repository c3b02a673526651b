"""A list that an office keeps, as text or in a workbook: rows of cells under a head."""

from __future__ import annotations

import codecs
import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from xl2report.checked import open_book
from xl2report.checks.findings import Finding, FoundCell
from xl2report.submission import Place
from xl2report.workbook.package import Unreadable, file_bytes
from xl2report.workbook.plan import cell_name
from xl2report.workbook.sniff import kind_of

_TEXT_NAMES = (".csv", ".txt")
_LARGEST_HEAD = 20  # rows that titles and notes may take above the head


class ListRefused(ValueError):
    """A list with faults: ``findings`` has all of them, in the order of the file."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("; ".join(finding.message("en") for finding in findings))


class Listing(NamedTuple):
    """A list as it was read: the sheet's name, and by row (from 1) and column (from 0) what is not blank.

    ``head`` is the row of the heads, ``columns`` say by the name of a column here where it stands.
    """

    sheet: str
    rows: Mapping[int, Mapping[int, str]]
    head: int
    columns: Mapping[str, int]

    @property
    def body(self) -> tuple[int, ...]:
        """The rows below the head."""
        return tuple(row for row in sorted(self.rows) if row > self.head)

    @property
    def unused(self) -> tuple[str, ...]:
        """The heads of columns that nothing here asks for."""
        known = set(self.columns.values())
        return tuple(text for column, text in sorted(self.rows[self.head].items()) if column not in known)

    def text(self, row: int, name: str) -> str:
        """A cell's text, its white space drawn together; "" where the column or the cell is not there."""
        return " ".join(self.rows[row].get(self.columns.get(name, -1), "").split())

    def fault(self, code: str, at: int, name: str, /, *item: str, **words: str) -> Finding:
        """A finding about the cell of a row; ``words`` fill its sentence."""
        place = Place(self.sheet, cell_name(at - 1, self.columns.get(name, 0)), tuple(part for part in item if part))
        return Finding(code, "error", (FoundCell(place, words.get("raw", "")),), words=tuple(words.items()))


def read_listing(path: Path, heads: Mapping[str, tuple[str, ...]], needed: tuple[str, ...]) -> Listing:
    """The list in a .csv file or the first filled sheet of a workbook, its head the first row with the ``needed`` columns.

    ``heads`` are by the name of a column the words that offices write above it. ListRefused for a file that cannot be read
    or has no such row.
    """
    sheet, rows = _table(path)
    for row in sorted(rows)[:_LARGEST_HEAD]:
        found: dict[str, int] = {}
        for column, text in sorted(rows[row].items()):
            bare = "".join(text.split())
            for name, words in heads.items():
                if bare in words:
                    found.setdefault(name, column)
        if set(needed) <= found.keys():
            return Listing(sheet, rows, row, found)
    if not rows:
        raise _refused("C109")
    if sheet == path.name and _is_garbled("".join(text for row in rows.values() for text in row.values())):
        raise _refused("C110")
    raise _refused("C101", needed="、".join(heads[name][0] for name in needed), columns="、".join(words[0] for words in heads.values()))


def _refused(code: str, **words: str) -> ListRefused:
    return ListRefused((Finding(code, "error", words=tuple(words.items())),))


def _table(path: Path) -> tuple[str, Mapping[int, Mapping[int, str]]]:
    try:
        content = file_bytes(path)
        if _is_text(content, path.suffix.lower()):
            return path.name, _csv_rows(_decoded(content))
        book = open_book(content, None, frozenset())[1]
    except Unreadable as error:
        if error.code == "F109":
            raise _refused(error.code, **error.words) from None
        detail = {"F102": "encrypted", "F113": "encrypted"}.get(error.code, error.words.get("detail", "unknown"))
        raise _refused("C111", detail={"zip": "archive", "bundle": "archive"}.get(detail, detail)) from None
    for sheet in book.sheets:
        rows: defaultdict[int, dict[int, str]] = defaultdict(dict)
        for (row, column), raw in sheet.cells.items():
            if text := raw.text.strip():
                rows[row + 1][column] = text
        if rows:
            return sheet.name, rows
    return path.name, {}


def _is_text(content: bytes, suffix: str) -> bool:
    """True for a text with cells, whatever its name, and for one of any kind under the name of a text."""
    try:
        kind_of(content)
    except Unreadable as error:
        detail = error.words.get("detail")
        return detail in ("csv", "empty") or (detail == "unknown" and suffix in _TEXT_NAMES)
    return False


def _decoded(content: bytes) -> str:
    """A text as spreadsheets save it in Chinese offices."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(mark < " " and mark not in "\t\r\n\f" for mark in text):
            return text.lstrip("\ufeff")  # some write a second mark
    raise _refused("C110")


def _is_garbled(text: str) -> bool:
    """True for a text that looks like Big5 read as GBK: characters that offices hardly write, made of bytes that Big5 has."""
    try:
        text.encode("gb18030").decode("big5")
        text.encode("gb2312")
    except UnicodeDecodeError:
        return False
    except UnicodeEncodeError:
        return True
    return False


def _csv_rows(text: str) -> dict[int, dict[int, str]]:
    first = text.splitlines()[0] if text else ""
    divider = max((",", "\t", ";"), key=first.count)
    rows = {}
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=divider), 1):
        filled = {column: cell.strip() for column, cell in enumerate(cells) if cell.strip()}
        if filled:
            rows[number] = filled
    return rows
