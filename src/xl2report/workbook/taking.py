"""One field at the cell its anchors agree on: what is found so far, and what must be remarked on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from xl2report.checks.entries import plain_text, read_entry, visible
from xl2report.form.model import Field
from xl2report.submission import Entry, Place, Raw, Remark
from xl2report.workbook.anchors import Anchored, Spot
from xl2report.workbook.plan import Plan, cell_name

_SHORT = 120  # characters of a label, at most
_LISTED = 1000  # strays of a sheet: a file may hold 200,000


@dataclass(slots=True)
class Found:
    """What has been found in a workbook so far. ``names`` are the cells that the defined names point to."""

    names: Mapping[str, Spot | None]
    shows_formulas: bool
    entries: dict[str, Entry] = field(default_factory=dict)
    spots: dict[Spot, str] = field(default_factory=dict)
    raws: dict[Spot, str] = field(default_factory=dict)  # what stands in them
    unnamed: int = 0  # fields that no name is left of
    told: set[Spot] = field(default_factory=set)  # cells that an error stands at already
    remarks: list[Remark] = field(default_factory=list)
    strays: Counter[tuple[str, str]] = field(default_factory=Counter)  # by code and sheet

    def unlisted(self) -> list[Remark]:
        """A remark for each sheet with more strays than are listed one by one: how many more there are."""
        more = ((key, count - _LISTED) for key, count in self.strays.items() if count > _LISTED)
        return [Remark(code, Place(sheet, ""), (("more", str(count)),)) for (code, sheet), count in more]


@dataclass(frozen=True, slots=True)
class Here:
    """The sheet at hand, the name it was issued under, the plan of its form, and what has been found so far."""

    sheet: Anchored
    sheet_issued_as: str
    drawn: Plan
    found: Found

    @property
    def name(self) -> str:
        return self.sheet.grid.name

    def text(self, row: int, column: int) -> str:
        return self.sheet.grid.text(row, column)

    def place(self, row: int, column: int, item: tuple[str, ...] = ()) -> Place:
        return Place(self.name, cell_name(row, column), item)

    def named(self, target: Field) -> Spot | None:
        """The cell that a field's name points to, if it is on this sheet."""
        spot = self.found.names.get(target.id)
        return spot if spot and spot.sheet == self.name else None

    def known(self) -> set[tuple[int, int]]:
        """The cells of this sheet that fields have been found at, or faults."""
        spots = (*self.found.spots, *self.found.told)
        return {(spot.row, spot.column) for spot in spots if spot.sheet == self.name}

    def remark(self, code: str, place: Place, field_id: str = "", **words: str) -> None:
        self.found.remarks.append(Remark(code, place, tuple(words.items()), field_id))


def locate(
    here: Here,
    target: Field,
    rows: list[int],
    column: int | None,
    agrees: Callable[[int, int], bool],
    *,
    within: Container[int] = (),
) -> Spot | None:
    """The cell of a field, or None if it is lost. Two of its three anchors must agree: ids, name, label.

    The name of a prose field may point to any of the rows ``within``: a paragraph may be moved among its own. A name that points elsewhere is an error beside the ids' cell; where the ids are lost, ``agrees`` says whether the
    labels around the name's cell are the field's.
    """
    if not rows or column is None:
        return _by_name(here, target, agrees)
    spot = Spot(here.name, rows[0], column)
    if len(rows) > 1:
        _remark_spot(here, "S104", spot, target, id=target.id)
        here.found.told |= {Spot(here.name, row, column) for row in rows}
        return None
    if target.id not in here.found.names:
        here.found.unnamed += 1
    elif (named := here.found.names[target.id]) is None:
        _remark_spot(here, "S121", spot, target)
    elif named != spot and not (named[::2] == spot[::2] and named.row in within):
        _remark_spot(here, "S111", spot, target, target=f"{named.sheet} {named.cell}")
    return spot


def _remark_spot(here: Here, code: str, spot: Spot, field: Field, **words: str) -> None:
    raw = visible(here.text(spot.row, spot.column))
    here.remark(code, here.place(spot.row, spot.column, field.path), field.id, raw=raw, **words)


def _by_name(here: Here, target: Field, agrees: Callable[[int, int], bool]) -> Spot | None:
    """The cell that the name of a field without ids points to, if the labels there are the field's."""
    named = here.named(target)
    if named is None:
        here.remark("S102", Place(here.name, "", target.path), target.id)
        return None
    raw = visible(here.text(named.row, named.column))
    place = here.place(named.row, named.column, target.path)
    if agrees(named.row, named.column):
        here.remark("S112", place, target.id, raw=raw)
        return named
    here.remark("S102", place, target.id, raw=raw)
    return None


def take(here: Here, target: Field, spot: Spot | None) -> None:
    """Adds the entry of a field at its cell."""
    if spot is None:
        return
    found = here.found
    found.spots[spot] = target.id
    found.raws[spot] = here.text(spot.row, spot.column)
    place = here.place(spot.row, spot.column, target.path)
    raw = here.sheet.grid.at(spot.row, spot.column)
    if target.parts and (raw.formula or (raw.kind == "blank" and not found.shows_formulas)):
        found.entries[target.id] = Entry(target.id, place, raw=raw, blank=False, formula=True)
        return
    if raw.formula and raw.kind == "blank":
        found.entries[target.id] = Entry(target.id, place, raw=raw, blank=False)
        here.remark("V105", place, target.id, raw="", formula=visible(raw.formula))
        return
    entry, remarks = read_entry(target, raw, place)
    found.entries[target.id] = entry
    found.remarks += remarks
    if raw.formula and entry.value is not None:
        here.remark("S204", place, target.id, raw=raw.text, formula=visible(raw.formula), value=visible(raw.text))


def take_prose(here: Here, target: Field, rows: Sequence[int], column: int) -> None:
    """Adds the paragraphs that stand in some rows, rows that someone inserted in between included."""
    paragraphs: dict[int, str] = {}
    if not rows:
        return
    filled = set(here.sheet.filled_rows.get(column, ()))
    for row in (row for row in rows if row in filled):
        raw, place = here.sheet.grid.at(row, column), here.place(row, column, target.path)
        here.found.spots[Spot(here.name, row, column)] = target.id
        here.found.raws[Spot(here.name, row, column)] = raw.text
        if fault := _prose_fault(target, raw, place):
            here.found.remarks.append(fault)
        elif (text := plain_text(raw)).strip():
            paragraphs[row] = text
            if raw.formula:
                here.remark("S204", place, target.id, raw=raw.text, formula=visible(raw.formula), value=visible(text))
    cells = tuple(cell_name(row, column) for row in paragraphs)
    texts = tuple(paragraphs.values())
    entry = Entry(target.id, here.place(rows[0], column, target.path), texts or None, blank=not texts, cells=cells)
    here.found.entries[target.id] = entry


def _prose_fault(target: Field, raw: Raw, place: Place) -> Remark | None:
    if raw.formula and raw.kind == "blank":
        return Remark("V105", place, (("raw", ""), ("formula", visible(raw.formula))), target.id)
    if raw.kind in ("error", "boolean"):
        return Remark("V309" if raw.kind == "error" else "V308", place, (("raw", raw.text),), target.id)
    return None


def remark_stray(here: Here, row: int, column: int, *, issued: bool = False) -> None:
    """A remark on a cell outside the inputs that holds something the form did not put there.

    Where the sheet was ``issued`` with a text, another text is a note only: an older workbook may word its hints otherwise.
    """
    raw = here.sheet.grid.at(row, column)
    text = raw.text if raw.text.strip() or not raw.formula else f"={raw.formula}"
    if not text.strip():
        return
    if raw.kind == "text" and bare(raw.text) in here.drawn.fixed[here.sheet_issued_as]:
        return
    is_hint = issued and raw.kind == "text"
    code = "S119" if is_hint else "S107"
    here.found.strays[code, here.name] += 1
    if here.found.strays[code, here.name] <= _LISTED:
        here.remark(code, here.place(row, column), raw=visible(text))


def same_label(found: str, *expected: str) -> bool:
    """True if a text is one of some labels, apart from white space."""
    seen = bare(found)
    return any(seen == bare(label) for label in expected)


def bare(text: str) -> str:
    """A text without white space."""
    return _bare(text) if len(text) <= _SHORT else "".join(text.split())


@lru_cache(maxsize=4096)  # the same labels in every file
def _bare(text: str) -> str:
    return "".join(text.split())


def remark_label(here: Here, row: int, column: int, expected: str) -> None:
    text = here.text(row, column)
    if Spot(here.name, row, column) in here.found.told:
        return
    here.found.told.add(Spot(here.name, row, column))
    here.remark("S103", here.place(row, column), raw=text, expected=expected, found=visible(text) or "（空）")
