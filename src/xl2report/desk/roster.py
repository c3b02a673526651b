"""The roster: which units an office issues workbooks to, and what it knows of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from xl2report.checks.findings import Finding
from xl2report.desk.listing import Listing, ListRefused, read_listing
from xl2report.form.model import NO, YES

# The columns by what a unit calls them here, each with the heads that offices write.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("代码", "机关代码", "单位代码", "统一社会信用代码"),
    "name": ("名称", "机关名称", "单位名称"),
    "category": ("类别", "机关类别"),
    "superior": ("上级", "上级代码", "上级单位"),
    "reports": ("应报", "是否应报"),
    "last_code": ("上年代码",),
}


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


def read_roster(path: Path, categories: Sequence[str]) -> Roster:
    """The roster in a .csv file or the first filled sheet of a workbook. ListRefused with every fault.

    ``categories`` are those that the form offers. Codes, where given, and names stand once each.
    """
    listing = read_listing(path, COLUMNS, ("name",))
    units = tuple(_unit(listing, row) for row in listing.body)
    if not units:
        raise ListRefused((Finding("C102", "error", words=(("file", path.name),)),))
    faults = [*_cells(listing, units, categories), *_twice(listing, units), *_tree(listing, units)]
    if faults:
        raise ListRefused(tuple(fault for _, fault in sorted(faults, key=lambda fault: fault[0])))
    return Roster(units, listing.unused)


def _unit(listing: Listing, row: int) -> Unit:
    code, name, category, superior, reports, last_code = (listing.text(row, column) for column in COLUMNS)
    return Unit(code, name, category, superior, reports != NO, last_code, row)


Fault = tuple[int, Finding]  # with the row it is in


def _cells(listing: Listing, units: Iterable[Unit], categories: Sequence[str]) -> Iterator[Fault]:
    """Names that are missing, answers that are neither yes nor no; in one finding all categories that the form does not have."""
    unknown = [unit for unit in units if unit.category and unit.category not in categories]
    if unknown:
        raw = "、".join(dict.fromkeys(f"“{unit.category}”" for unit in unknown))
        words = {"raw": raw, "count": str(len(unknown)), "choices": "、".join(categories)}
        cells = tuple(cell for unit in unknown for cell in listing.fault("C105", unit.row, "category", unit.name, raw=unit.category).cells)
        yield unknown[0].row, Finding("C105", "error", cells, words=tuple(words.items()))
    for unit in units:
        if not unit.name:
            yield unit.row, listing.fault("C103", unit.row, "name")
        answer = listing.text(unit.row, "reports")
        if answer and answer not in (YES, NO):
            yield unit.row, listing.fault("C106", unit.row, "reports", unit.name, raw=answer)


def _twice(listing: Listing, units: Iterable[Unit]) -> Iterator[Fault]:
    """Codes and names that stand twice: a finding at each place but the first."""
    for name in ("code", "name"):
        first: dict[str, Unit] = {}
        for unit in units:
            text = getattr(unit, name)
            if text and first.setdefault(text, unit) is not unit:
                yield unit.row, listing.fault("C104", unit.row, name, unit.name, raw=text, row=str(first[text].row))


def _tree(listing: Listing, units: Iterable[Unit]) -> Iterator[Fault]:
    """Superiors that are no unit of the roster, and units that are their own superiors by some way round."""
    by_text: Mapping[str, Unit] = {text: unit for unit in units for text in (unit.name, unit.code) if text}
    for unit in units:
        if unit.superior and unit.superior not in by_text:
            yield unit.row, listing.fault("C107", unit.row, "superior", unit.name, raw=unit.superior)
        seen, above = {unit.row}, by_text.get(unit.superior)
        while above is not None and above.row not in seen:
            seen.add(above.row)
            above = by_text.get(above.superior)
        if above is not None and above.row == unit.row:
            yield unit.row, listing.fault("C108", unit.row, "superior", unit.name, raw=unit.superior)
