"""The anchors of a workbook: the stamp of each sheet, the hidden ids of rows and columns, the defined names of cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from xl2report.checks.entries import visible
from xl2report.form.model import Form
from xl2report.grid import Book, Grid
from xl2report.submission import Place, Remark
from xl2report.workbook.cells import position
from xl2report.workbook.package import Unreadable
from xl2report.workbook.plan import NAME_PREFIX, STAMP, Plan, cell_name

UNREAD_KEYS = frozenset({"checks", "meta", "marks"})  # of sheets that are generated, not filled in
_REFERENCE = re.compile(r"=?\$?(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3}\$?[0-9]{1,7})(?::\$?[A-Z]{1,3}\$?[0-9]{1,7})?\Z")


class Stamp(NamedTuple):
    """What a sheet says it is."""

    form: str
    version: str
    key: str


@dataclass(frozen=True, slots=True)
class Anchored:
    """A sheet that was recognised: its grid, and the row and column that hold its hidden ids.

    ``row`` is −1 when the row of the stamp is lost, ``column`` when the ids of rows are. The cells that hold
    something are listed by row and by column: a sheet may be a million rows long with hardly any of them.
    """

    grid: Grid
    row: int
    column: int
    filled_columns: Mapping[int, list[int]] = field(init=False)
    filled_rows: Mapping[int, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        columns: dict[int, list[int]] = {}
        rows: dict[int, list[int]] = {}
        for row, column in self.grid.cells:
            columns.setdefault(row, []).append(column)
            rows.setdefault(column, []).append(row)
        object.__setattr__(self, "filled_columns", columns)
        object.__setattr__(self, "filled_rows", rows)

    def left_of(self, row: int, column: int) -> list[str]:
        """The texts left of a cell, without the ids."""
        columns = sorted(self.filled_columns.get(row, ()))
        return [self.grid.text(row, at) for at in columns if at < column and at != self.column]

    def above(self, row: int, column: int) -> list[str]:
        """The texts above a cell, the nearest first."""
        return [self.grid.text(at, column) for at in sorted(self.filled_rows.get(column, ()), reverse=True) if at < row]


class Spot(NamedTuple):
    """One cell of a workbook, zero-based."""

    sheet: str
    row: int
    column: int

    @property
    def cell(self) -> str:
        return cell_name(self.row, self.column)


def stamp_of(text: str) -> Stamp | None:
    """What a cell's text says about its sheet, or None."""
    parts = text.split("|")
    if parts[0] + "|" != STAMP:
        return None
    return Stamp(*parts[1:]) if len(parts) == 4 else Stamp("", "", parts[-1]) if len(parts) == 2 else None


def form_id(book: Book) -> tuple[str, str] | None:
    """The form id and version that most sheets are stamped with; None if none is."""
    stamps = [stamp for text in _stamps(book) if (stamp := stamp_of(text)) and stamp.form]
    return Counter((stamp.form, stamp.version) for stamp in stamps).most_common(1)[0][0] if stamps else None


def _stamps(book: Book) -> tuple[str, ...]:
    found = (_stamp_place(grid) for grid in book.sheets)
    return (*(at[1] for at in found if at), *book.skipped)


def _stamp_place(grid: Grid) -> tuple[tuple[int, int], str] | None:
    """Where a sheet's stamp stands: A1, or wherever inserted rows and columns have moved it."""
    return next(((place, raw.text) for place, raw in grid.cells.items() if raw.text.startswith(STAMP)), None)


def named_spots(book: Book, form: Form) -> dict[str, Spot | None]:
    """The cell that the defined name of each field points to; None where it points to no cell any more.

    Programs write the dots of a name as underscores when it has been through an .xls.
    """
    fields = {bare_name(field_id): field_id for field_id in form.fields}
    spots: dict[str, Spot | None] = {}
    for name, reference in book.defined.items():
        field_id = fields.get(bare_name(name.removeprefix(NAME_PREFIX)))
        spot = _spot(reference)
        if field_id and (spot is None or spot.sheet in book.names):  # some programs rename a sheet and forget its names
            spots[field_id] = spot
    return spots


def bare_name(name: str) -> str:
    return name.replace(".", "_")


@lru_cache(maxsize=4096)  # the same references in every workbook of a form
def _spot(reference: str) -> Spot | None:
    match = _REFERENCE.match(reference.strip())
    if not match:
        return None
    try:
        row, column = position(match[3].replace("$", ""))
    except Unreadable:
        return None
    return Spot((match[1] or match[2]).replace("''", "'"), row, column)


def anchored_sheets(
    book: Book, form: Form, version: str, drawn: Plan, names: dict[str, Spot | None]
) -> tuple[dict[str, Anchored], list[Remark]]:
    """The sheets by key, and what has to be remarked about them: copies, sheets of other forms, lost stamps."""
    sheets: dict[str, Anchored] = {}
    remarks: list[Remark] = []
    homes = _homes(drawn, names)
    unstamped: list[Grid] = []
    issued = {name for _, name in drawn.sheets}
    for grid in book.sheets:
        at = _stamp_place(grid)
        stamp = stamp_of(at[1]) if at else None
        if at is None or stamp is None:
            unstamped.append(grid)
        elif stamp.key == "marks":
            continue
        elif (stamp.form, stamp.version) != (form.id, version):
            remarks.append(Remark("S110", words=(("sheet", grid.name), ("found", f"{stamp.form} {stamp.version}"))))
        elif stamp.key in sheets:
            original, remark = _original(sheets[stamp.key], Anchored(grid, *at[0]), homes.get(stamp.key))
            sheets[stamp.key] = original
            remarks.append(remark)
        else:
            sheets[stamp.key] = Anchored(grid, *at[0])
    for key, name in drawn.sheets:
        if key in sheets or key in UNREAD_KEYS or key == "guide":
            continue
        found = next((grid for grid in unstamped if grid.name == homes.get(key, name)), None)
        if found and (anchored := _without_stamp(found, key, drawn, has_names=key in homes)):
            sheets[key] = anchored
            unstamped.remove(found)
            remarks.append(Remark("S112", Place(found.name, "A1")))
    for grid in unstamped:
        count = sum(bool(raw.text.strip()) for raw in grid.cells.values())
        if count and grid.name not in issued:  # an issued one has its own finding
            remarks.append(Remark("S120", Place(grid.name, ""), (("sheet", grid.name), ("count", str(count)))))
    return sheets, remarks


def _homes(drawn: Plan, names: dict[str, Spot | None]) -> dict[str, str]:
    """The sheet that most names of each sheet's fields point to."""
    keys = {name: key for key, name in drawn.sheets}
    counts: dict[str, Counter[str]] = {}
    for field_id, spot in names.items():
        if spot and field_id in drawn.places:
            counts.setdefault(keys[drawn.places[field_id].sheet], Counter())[spot.sheet] += 1
    return {key: count.most_common(1)[0][0] for key, count in counts.items()}


def _original(first: Anchored, second: Anchored, home: str | None) -> tuple[Anchored, Remark]:
    """Which of two sheets with the same stamp is read: the one that the names point to. Unequal ones are a fault."""
    original, copy = (second, first) if second.grid.name == home != first.grid.name else (first, second)
    ours, theirs = _typed(original.grid), _typed(copy.grid)
    different = sorted(place for place in ours.keys() | theirs.keys() if ours.get(place) != theirs.get(place))
    if not different:
        return original, Remark("S113", Place(copy.grid.name, ""), (("sheet", copy.grid.name),))
    words = (("copy", copy.grid.name), ("sheet", original.grid.name), ("count", str(len(different))))
    raw = ("raw", visible(copy.grid.text(*different[0])))
    return original, Remark("S122", Place(copy.grid.name, cell_name(*different[0])), (*words, raw))


def _typed(grid: Grid) -> dict[tuple[int, int], tuple[str, str]]:
    return {place: (raw.kind, raw.text) for place, raw in grid.cells.items() if not raw.formula}


def _without_stamp(grid: Grid, key: str, drawn: Plan, *, has_names: bool) -> Anchored | None:
    """A sheet whose stamp is gone: its column of ids, if enough of them are left; None without ids and without names."""
    name = dict(drawn.sheets)[key]
    if name in drawn.lines:
        ids = {line.field.id for line in drawn.lines[name] if line.field}
    else:
        ids = {row for at in drawn.tables.values() if at.sheet == name for block in at.blocks for row in block.row_ids}
    columns = Counter(column for (_, column), raw in grid.cells.items() if raw.text in ids)
    column, count = columns.most_common(1)[0] if columns else (-1, 0)
    if 2 * count < len(ids):
        return Anchored(grid, -1, -1) if has_names else None
    return Anchored(grid, -1, column)


def row_ids(sheet: Anchored) -> dict[str, list[int]]:
    """Rows by the id in the hidden column."""
    rows: dict[str, list[int]] = {}
    for row in sorted(sheet.filled_rows.get(sheet.column, ())):
        if row > sheet.row and (text := sheet.grid.text(row, sheet.column)):
            rows.setdefault(text, []).append(row)
    return rows


def column_ids(sheet: Anchored, row: int) -> tuple[dict[str, int], list[Remark]]:
    """Columns by the id in a hidden row. An id that stands twice is left out, and remarked: which one would be a guess."""
    columns: dict[str, list[int]] = {}
    for column in sorted(sheet.filled_columns.get(row, ())):
        if column > sheet.column and (text := sheet.grid.text(row, column)):
            columns.setdefault(text, []).append(column)
    doubled = {name: places for name, places in columns.items() if len(places) > 1}
    remarks = [
        Remark("S104", Place(sheet.grid.name, cell_name(row, places[1])), (("id", name), ("raw", name)))
        for name, places in doubled.items()
    ]
    return {name: places[0] for name, places in columns.items() if name not in doubled}, remarks
