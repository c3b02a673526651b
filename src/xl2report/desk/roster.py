"""The roster: which units an office issues workbooks to, and what it knows of each."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from xl2report.checked import open_book
from xl2report.checks.findings import Finding, FoundCell
from xl2report.form.model import NO, YES
from xl2report.submission import Place
from xl2report.workbook.package import Unreadable, file_bytes
from xl2report.workbook.plan import cell_name

# The columns by what a unit calls them here, each with the heads that offices write.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("代码", "机关代码", "单位代码", "统一社会信用代码"),
    "name": ("名称", "机关名称", "单位名称"),
    "category": ("类别", "机关类别"),
    "superior": ("上级", "上级代码", "上级单位"),
    "reports": ("应报", "是否应报"),
    "last_code": ("上年代码",),
}
_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")  # how workbooks begin, whatever their names end with
_LARGEST_HEAD = 20  # rows that titles and notes may take above the head


class Unit(NamedTuple):
    """One unit of a roster. ``last_code`` is the code that it had last year; ``row`` its row in the file, from 1."""

    code: str
    name: str
    category: str
    superior: str
    reports: bool
    last_code: str
    row: int


class Roster(NamedTuple):
    """The units in the order of the file. ``unused`` are the heads of columns that nothing here asks for."""

    units: tuple[Unit, ...]
    unused: tuple[str, ...]


class RosterRefused(ValueError):
    """A roster with faults: ``findings`` has all of them, in the order of the file."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(finding.message("en") for finding in self.findings))


class _Table(NamedTuple):
    """A table as it was read: the sheet's name, and by row (from 1) and column (from 0) what is not blank."""

    sheet: str
    rows: Mapping[int, Mapping[int, str]]


def read_roster(path: Path, categories: Iterable[str]) -> Roster:
    """The roster in a .csv file or the first filled sheet of a workbook. RosterRefused with every fault.

    ``categories`` are those that the form offers. Codes, where given, and names stand once each.
    """
    table = _table(path)
    head, columns = _head(table)
    units = [_unit(row, table.rows[row], columns) for row in sorted(table.rows) if row > head]
    faults = [*_cells(table, columns, units, tuple(categories)), *_twice(table, columns, units), *_tree(table, columns, units)]
    if not units:
        faults.append(Finding("C102", "error", words=(("file", path.name),)))
    if faults:
        raise RosterRefused(sorted(faults, key=_row_of))
    known = set(columns.values())
    unused = tuple(text for column, text in sorted(table.rows[head].items()) if column not in known)
    return Roster(tuple(units), unused)


# -- the file --------------------------------------------------------------------------------------------------------


def _table(path: Path) -> _Table:
    try:
        content = file_bytes(path)
        if path.suffix.lower() in (".csv", ".txt") and not content.startswith(_WORKBOOKS):
            return _Table(path.name, _csv_rows(_decoded(content)))
        book = open_book(content, None, frozenset())[1]
    except Unreadable as error:
        raise RosterRefused([Finding(error.code, "error", words=tuple(error.words.items()))]) from None
    for sheet in book.sheets:
        rows: defaultdict[int, dict[int, str]] = defaultdict(dict)
        for (row, column), raw in sheet.cells.items():
            if text := raw.text.strip():
                rows[row + 1][column] = text
        if rows:
            return _Table(sheet.name, rows)
    return _Table(path.name, {})


def _decoded(content: bytes) -> str:
    """A text as spreadsheets save it in Chinese offices."""
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterRefused([Finding("C101", "error", words=(("columns", "名称"),))])


def _csv_rows(text: str) -> dict[int, dict[int, str]]:
    first = text.splitlines()[0] if text else ""
    divider = max((",", "\t", ";"), key=first.count)
    rows = {}
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=divider), 1):
        filled = {column: cell.strip() for column, cell in enumerate(cells) if cell.strip()}
        if filled:
            rows[number] = filled
    return rows


def _head(table: _Table) -> tuple[int, dict[str, int]]:
    """The row of the heads, and by what it is called here the column of each. RosterRefused if no row names units."""
    for row in sorted(table.rows)[:_LARGEST_HEAD]:
        found: dict[str, int] = {}
        for column, text in sorted(table.rows[row].items()):
            bare = "".join(text.split())
            for name, heads in COLUMNS.items():
                if bare in heads:
                    found.setdefault(name, column)
        if "name" in found:
            return row, found
    raise RosterRefused([Finding("C101", "error", words=(("columns", "、".join(heads[0] for heads in COLUMNS.values())),))])


def _unit(row: int, cells: Mapping[int, str], columns: Mapping[str, int]) -> Unit:
    def text(name: str) -> str:
        return " ".join(cells.get(columns.get(name, -1), "").split())

    return Unit(
        text("code"), text("name"), text("category"), text("superior"), text("reports") != NO, text("last_code"), row
    )


# -- what is wrong with it -------------------------------------------------------------------------------------------


def _cells(
    table: _Table, columns: Mapping[str, int], units: Iterable[Unit], categories: tuple[str, ...]
) -> Iterator[Finding]:
    """Names that are missing, categories that the form does not have, answers that are neither yes nor no."""
    for unit in units:
        if not unit.name:
            yield _finding("C103", table, columns, unit, "name")
        if unit.category and unit.category not in categories:
            yield _finding("C105", table, columns, unit, "category", raw=unit.category, choices="、".join(categories))
        answer = table.rows[unit.row].get(columns.get("reports", -1), "")
        if answer and answer not in (YES, NO):
            yield _finding("C106", table, columns, unit, "reports", raw=answer)


def _twice(table: _Table, columns: Mapping[str, int], units: Iterable[Unit]) -> Iterator[Finding]:
    """Codes and names that stand twice: a finding at each place but the first."""
    for name in ("code", "name"):
        first: dict[str, Unit] = {}
        for unit in units:
            text = getattr(unit, name)
            if text and first.setdefault(text, unit) is not unit:
                yield _finding("C104", table, columns, unit, name, raw=text, row=str(first[text].row))


def _tree(table: _Table, columns: Mapping[str, int], units: Iterable[Unit]) -> Iterator[Finding]:
    """Superiors that are no unit of the roster, and units that are their own superiors by some way round."""
    by_text = {text: unit for unit in units for text in (unit.name, unit.code) if text}
    for unit in units:
        if unit.superior and unit.superior not in by_text:
            yield _finding("C107", table, columns, unit, "superior", raw=unit.superior)
        seen, above = {unit.row}, by_text.get(unit.superior)
        while above is not None and above.row not in seen:
            seen.add(above.row)
            above = by_text.get(above.superior)
        if above is not None and above.row == unit.row:
            yield _finding("C108", table, columns, unit, "superior", raw=unit.superior)


def _finding(code: str, table: _Table, columns: Mapping[str, int], unit: Unit, name: str, **words: str) -> Finding:
    cell = cell_name(unit.row - 1, columns.get(name, 0))
    told = FoundCell(Place(table.sheet, cell, (unit.name,) if unit.name else ()), words.get("raw", ""))
    return Finding(code, "error", (told,), words=tuple(words.items()))


def _row_of(finding: Finding) -> int:
    digits = "".join(char for char in finding.cells[0].place.cell if char.isdigit()) if finding.cells else ""
    return int(digits or 0)
