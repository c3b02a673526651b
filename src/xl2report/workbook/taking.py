"""One field at the cell its anchors agree on: what is found so far, and what must be remarked on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from xl2report.checks.entries import plain_text, read_entry, visible
from xl2report.form.model import Field
from xl2report.grid import Grid
from xl2report.submission import Entry, Place, Raw, Remark
from xl2report.workbook.anchors import Anchored, Spot
from xl2report.workbook.plan import cell_name


@dataclass(slots=True)
class Found:
    """What has been found in a workbook so far. ``names`` are the cells that the defined names point to."""

    names: Mapping[str, Spot | None]
    shows_formulas: bool
    entries: dict[str, Entry] = field(default_factory=dict)
    spots: dict[Spot, str] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


def locate(
    found: Found, sheet: Anchored, target: Field, rows: list[int], column: int | None, agrees: Callable[[int, int], bool]
) -> Spot | None:
    """The cell of a field, or None if it is lost. Two of its three anchors must agree: ids, name, label.

    A name that points elsewhere is an error beside the ids' cell; where the ids are lost, ``agrees`` says whether the
    labels around the name's cell are the field's.
    """
    named = found.names.get(target.id)
    if not rows or column is None:
        if named and named.sheet == sheet.grid.name and agrees(named.row, named.column):
            found.remarks.append(Remark("S112", Place(sheet.grid.name, named.cell, target.path), field=target.id))
            return named
        lost = Place(sheet.grid.name, named.cell if named and named.sheet == sheet.grid.name else "", target.path)
        found.remarks.append(Remark("S102", lost, (("raw", visible(sheet.grid.text(named.row, named.column))),) if named and lost.cell else (), target.id))
        return None
    spot = Spot(sheet.grid.name, rows[0], column)
    place = Place(sheet.grid.name, spot.cell, target.path)
    if len(rows) > 1:
        found.remarks.append(Remark("S104", place, (("id", target.id), ("raw", visible(sheet.grid.text(rows[0], column)))), target.id))
        return None
    if target.id in found.names and named != spot:
        elsewhere = f"{named.sheet} {named.cell}" if named else "#REF!"
        words = (("raw", visible(sheet.grid.text(spot.row, spot.column))), ("target", elsewhere))
        found.remarks.append(Remark("S111", place, words, target.id))
    return spot


def take(found: Found, grid: Grid, target: Field, spot: Spot | None) -> None:
    """Adds the entry of a field at its cell."""
    if spot is None:
        return
    found.spots[spot] = target.id
    place = Place(grid.name, spot.cell, target.path)
    raw = grid.at(spot.row, spot.column)
    if target.parts and (raw.formula or (raw.kind == "blank" and not found.shows_formulas)):
        found.entries[target.id] = Entry(target.id, place, raw=raw, blank=False, formula=True)
        return
    if raw.formula and raw.kind == "blank":
        found.entries[target.id] = Entry(target.id, place, raw=raw, blank=False)
        found.remarks.append(Remark("V105", place, (("raw", ""), ("formula", visible(raw.formula))), target.id))
        return
    entry, remarks = read_entry(target, raw, place)
    found.entries[target.id] = entry
    found.remarks += remarks
    if raw.formula:
        words = (("raw", raw.text), ("formula", visible(raw.formula)), ("value", raw.text))
        found.remarks.append(Remark("S204", place, words, target.id))


def take_prose(found: Found, grid: Grid, target: Field, rows: range, column: int) -> None:
    """Adds the paragraphs between two rows, rows that someone inserted in between included."""
    paragraphs: dict[int, str] = {}
    for row in sorted(row for row, at in grid.cells if at == column and row in rows):
        raw = grid.at(row, column)
        found.spots[Spot(grid.name, row, column)] = target.id
        if fault := _prose_fault(target, raw, Place(grid.name, cell_name(row, column), target.path)):
            found.remarks.append(fault)
        elif (text := plain_text(raw)).strip():
            paragraphs[row] = text
    place = Place(grid.name, cell_name(rows.start, column), target.path)
    cells = tuple(cell_name(row, column) for row in paragraphs)
    texts = tuple(paragraphs.values())
    found.entries[target.id] = Entry(target.id, place, texts or None, blank=not texts, cells=cells)


def _prose_fault(target: Field, raw: Raw, place: Place) -> Remark | None:
    if raw.formula and raw.kind == "blank":
        return Remark("V105", place, (("raw", ""), ("formula", visible(raw.formula))), target.id)
    if raw.kind in ("error", "boolean"):
        return Remark("V309", place, (("raw", raw.text),), target.id)
    return None


def remark_stray(found: Found, grid: Grid, row: int, column: int) -> None:
    """A remark on a cell outside the inputs that holds something the form did not put there."""
    text = grid.text(row, column)
    if text.strip():
        found.remarks.append(Remark("S107", Place(grid.name, cell_name(row, column)), (("raw", visible(text)),)))


def same_label(found: str, expected: str) -> bool:
    """Labels are equal apart from white space; a required field's label may carry its unit and a star."""
    return "".join(found.split()).startswith("".join(expected.split()))


def remark_label(found: Found, grid: Grid, row: int, column: int, expected: str) -> None:
    text = grid.text(row, column)
    words = (("raw", text), ("expected", expected), ("found", visible(text) or "（空）"))
    found.remarks.append(Remark("S103", Place(grid.name, cell_name(row, column)), words))
