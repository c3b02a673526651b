"""Book → Submission: every field of the form is found by its anchors, never by its address."""

from __future__ import annotations

from collections.abc import Mapping

from xl2report.checks.entries import visible
from xl2report.form.language import NOTHING_SAID
from xl2report.form.model import Form
from xl2report.grid import Area, Book, Grid
from xl2report.submission import Place, Remark, Submission
from xl2report.workbook.anchors import (
    UNREAD_KEYS,
    Anchored,
    Spot,
    anchored_sheets,
    column_ids,
    named_spots,
    row_ids,
    stamp_of,
)
from xl2report.workbook.cells import position
from xl2report.workbook.gather_last import gather_last
from xl2report.workbook.gather_lines import gather_lines
from xl2report.workbook.gather_table import gather_table
from xl2report.workbook.plan import CHECK_SHEET, EXPLANATION_ID, GUIDE_SHEET, LAST_KEY, cell_name, plan
from xl2report.workbook.taking import Found, Here, remark_stray

_KINDS = {"xls": ".xls/.et", "ods": ".ods", "xlsb": ".xlsb"}


def gather(book: Book, form: Form, version: str) -> Submission:
    """The submission in a book that is stamped with a version of a form; whatever cannot be found is remarked."""
    drawn = plan(form)
    names = named_spots(book, form)
    found = Found(names, book.shows_formulas)
    found.remarks += book.remarks
    if not book.shows_formulas:
        found.remarks.append(Remark("S207", words=(("kind", _KINDS[book.kind]),)))
    sheets, remarks = anchored_sheets(book, form, version, drawn, names)
    found.remarks += remarks
    others = {dict(remark.words)["sheet"] for remark in remarks if remark.code == "S110"}
    if not _has_checks(book, sheets):
        found.remarks.append(Remark("S109", words=(("sheet", CHECK_SHEET),)))
    for key, name in drawn.sheets:
        if key in UNREAD_KEYS:
            continue
        if key in sheets:
            _gather_sheet(Here(sheets[key], name, drawn, found))
        elif key != "guide" and name not in others:
            found.remarks.append(Remark("S108" if name in book.names else "S101", words=(("sheet", name),)))
    found.remarks += found.unlisted()
    if book.shows_formulas and found.unnamed:
        found.remarks.append(Remark("S115", words=(("count", str(found.unnamed)),)))
    _remark_landed(form, found)
    _remark_merges({sheet.grid.name: sheet.grid for sheet in sheets.values()}, found)
    return Submission(
        form.id, form.version, found.entries, remarks=tuple(found.remarks), shows_formulas=book.shows_formulas, last=gather_last(sheets.get(LAST_KEY), form)
    )


def _has_checks(book: Book, sheets: dict[str, Anchored]) -> bool:
    stamps = (stamp_of(text) for text in book.skipped)
    return "checks" in sheets or CHECK_SHEET in book.names or any(stamp and stamp.key == "checks" for stamp in stamps)


def _gather_sheet(here: Here) -> None:
    drawn, name = here.drawn, here.sheet_issued_as
    if here.name != name:
        here.remark("S105", Place(here.name, ""), expected=name, found=here.name)
    if name == GUIDE_SHEET:
        for row, column in sorted(here.sheet.grid.cells):
            if column != here.sheet.column:
                remark_stray(here, row, column, issued=True)
    elif name in drawn.lines:
        gather_lines(here, drawn.lines[name])
    else:
        gather_table(here, next(table for table in drawn.form.tables if drawn.tables[table.id].sheet == name))


def _remark_landed(form: Form, found: Found) -> None:
    """A remark on every cell that the name of another field points to: what stands in it was cut from there."""
    told = {Spot(remark.place.sheet, *position(remark.place.cell)) for remark in found.remarks if remark.code == "S111"}
    for field_id, spot in found.names.items():
        owner = found.spots.get(spot) if spot else None
        if spot is None or owner is None or owner == field_id or spot in told:
            continue
        source = found.entries.get(field_id)
        target = f"{source.place.sheet} {source.place.cell}" if source else " > ".join(form.fields[field_id].path)
        words = (("raw", visible(found.raws.get(spot, ""))), ("target", target))
        found.remarks.append(Remark("S111", Place(spot.sheet, spot.cell, form.fields[owner].path), words, owner))


def _remark_merges(grids: dict[str, Grid], found: Found) -> None:
    """A remark on every input that a merged area joins with another, or that lies under one and cannot be seen."""
    inputs: dict[str, dict[tuple[int, int], str]] = {}
    for spot, field_id in found.spots.items():
        inputs.setdefault(spot.sheet, {})[spot.row, spot.column] = field_id
    for name, grid in grids.items():
        here = inputs.get(name, {})
        for area in grid.merges:
            covered = _inside(area, here)
            if len({here[place] for place in covered}) > 1 or any(place != (area.row, area.column) for place in covered):
                found.remarks += [_covered(grid, place, here[place], found) for place in sorted(covered)]


def _inside(area: Area, places: Mapping[tuple[int, int], str]) -> list[tuple[int, int]]:
    """The places within an area; most areas are small, some cover a whole sheet."""
    rows, columns = range(area.row, area.last_row + 1), range(area.column, area.last_column + 1)
    if len(rows) * len(columns) > len(places):
        return [place for place in places if place[0] in rows and place[1] in columns]
    return [(row, column) for row in rows for column in columns if (row, column) in places]


def _covered(grid: Grid, place: tuple[int, int], field_id: str, found: Found) -> Remark:
    item = found.entries[field_id].place.item if field_id in found.entries else ()
    return Remark("S114", Place(grid.name, cell_name(*place), item), (("raw", grid.text(*place)),), field_id)


# -- explanations ------------------------------------------------------------------------------------------------------


def gather_explanations(book: Book) -> dict[str, str]:
    """The explanations typed beside rule instances, by instance id."""
    for grid in book.sheets:
        for place, raw in grid.cells.items():
            if (stamp := stamp_of(raw.text)) and stamp.key == "checks":
                return _explanations(Anchored(grid, *place))
    return {}


def _explanations(sheet: Anchored) -> dict[str, str]:
    column = column_ids(sheet, sheet.row)[0].get(EXPLANATION_ID)
    if column is None:
        return {}
    return {
        name: text
        for name, rows in row_ids(sheet).items()
        if sheet.grid.at(rows[0], column).kind in ("text", "number")
        and (text := sheet.grid.text(rows[0], column).strip()) and text not in NOTHING_SAID
    }
