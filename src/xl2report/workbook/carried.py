"""Submission → what a fresh workbook is filled with, and a change for whatever does not go over as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from xl2report.checks.entries import plain_text
from xl2report.checks.numbers import is_blank_text, read_number
from xl2report.checks.totals import REPLACED
from xl2report.form.model import Field, Form
from xl2report.submission import NOWHERE, Entry, Place, Raw, Remark, Submission, Value
from xl2report.workbook.change import Change
from xl2report.workbook.contents import Contents
from xl2report.workbook.plan import Plan, cell_name
from xl2report.workbook.replaced import replaced_totals

CELL_LIMIT = 32_767  # characters that a cell holds
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|\\A<r>")  # the last: xlsxwriter's rich text


@dataclass(slots=True)
class Carried:
    """What goes over: values by field, changes, and for each cell where it stood and where it will stand."""

    values: dict[str, Value] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    places: list[tuple[Place, Place]] = field(default_factory=list)

    def put(self, source: Place, target: Place, value: Value, field_id: str) -> None:
        self.values[field_id] = value
        self.places.append((source, target))


def carried(source: Form, submission: Submission, drawn: Plan) -> Carried:
    """Every input of a submission that the planned workbook has too, read or at least legible."""
    found = Carried()
    remarks = {remark.field: remark for remark in submission.remarks if remark.code[0] == "V"}
    for field_id, entry in submission.entries.items():
        asked = source.fields[field_id]
        if asked.parts and (entry.formula or field_id in drawn.form.fields):
            continue  # totals are added up again, and compared when that is done
        wanted = drawn.form.fields.get(field_id)
        if wanted is None or wanted.parts:
            found.changes += _homeless(entry, "no-item")
        elif (wanted.kind, wanted.unit) != (asked.kind, asked.unit):
            found.changes += _homeless(entry, "no-fit", target_place(drawn, field_id))
        elif wanted.kind == "prose":
            _carry_prose(wanted, entry, drawn, found)
        else:
            _carry_cell(wanted, entry, target_place(drawn, field_id), remarks.get(field_id), found)
    return found


def writable(text: str) -> bool:
    """True if a cell can hold the text as it is."""
    return len(text) <= CELL_LIMIT and not _UNWRITABLE.search(text)


def target_place(drawn: Plan, field_id: str) -> Place:
    at = drawn.places[field_id]
    return Place(at.sheet, at.cell, drawn.form.fields[field_id].path)


def quoted(raw: Raw) -> str:
    """What stood in a cell: its text, or its formula where there is no result."""
    return raw.text or (f"={raw.formula}" if raw.formula else "")


def _homeless(entry: Entry, code: str, place: Place = NOWHERE) -> Iterator[Change]:
    """What stands in a field that the fresh workbook does not have, or has as something else."""
    text = "\n".join(entry.value) if isinstance(entry.value, tuple) else quoted(entry.raw)
    if not is_blank_text(text):
        yield Change("unread", code, entry.place, place, text)


# -- one cell --------------------------------------------------------------------------------------------------------


def _carry_cell(wanted: Field, entry: Entry, place: Place, remark: Remark | None, found: Carried) -> None:
    raw = entry.raw
    if is_blank_text(quoted(raw)):
        return
    if wanted.is_number and entry.blank:
        found.changes.append(Change("repaired", "placeholder", entry.place, place, raw.text))
        return
    typed = typed_number(wanted, entry) if wanted.is_number else _typed_text(entry)
    if typed is None:
        code, words = (remark.code, remark.words) if remark and remark.code != "V201" else ("unwritable", ())
        found.changes.append(Change("unread", code, entry.place, place, quoted(raw), words=words))
        return
    found.put(entry.place, place, typed, wanted.id)
    shown = f"{typed:f}" if isinstance(typed, Decimal) else typed
    if raw.formula:
        found.changes.append(Change("repaired", "formula", entry.place, place, f"={raw.formula}", shown))
    elif raw.kind == "text" and (shown != raw.text or (wanted.is_number and wanted.kind != "amount")):
        words = remark.words if remark and remark.code == "V201" else ()
        found.changes.append(Change("repaired", "V201", entry.place, place, raw.text, shown, words))


def typed_number(wanted: Field, entry: Entry) -> Decimal | str | None:
    """A number as it is to be typed, an amount as a text; None if it would not be read back as the same number."""
    value = entry.value
    if not isinstance(value, Decimal):
        return None
    if wanted.kind != "amount":
        again = read_number(Raw("number", f"{value:f}"), wanted).value
        return value if again == value else None
    # a stored number has no last zeros; a typed one keeps those it has
    text = f"{value:f}" if entry.raw.kind == "text" else f"{value.normalize():f}"
    return text if read_number(Raw("text", text), wanted).value == value else None


def _typed_text(entry: Entry) -> str | None:
    """A text as read; one that is refused (no date, no choice) is legible all the same and goes over as it stands."""
    if entry.raw.kind == "error" or not entry.raw.text:
        return None
    text = entry.value if isinstance(entry.value, str) else plain_text(entry.raw)
    return text if writable(text) else None


# -- paragraphs ------------------------------------------------------------------------------------------------------


def _carry_prose(wanted: Field, entry: Entry, drawn: Plan, found: Carried) -> None:
    paragraphs = entry.value if isinstance(entry.value, tuple) else ()
    cells = entry.cells if len(entry.cells) == len(paragraphs) else ("",) * len(paragraphs)
    place, at = target_place(drawn, wanted.id), drawn.places[wanted.id]
    kept: list[tuple[str, str]] = []
    for cell, text in zip(cells, paragraphs, strict=True):
        if writable(text):
            kept.append((cell, text))
        else:
            found.changes.append(Change("unread", "unwritable", entry.place._replace(cell=cell), place, text))
    rows, lost = folded([text for _, text in kept], max(wanted.paragraphs, 1))
    if lost:
        found.changes.append(Change("unread", "no-room", entry.place, place, "\n".join(lost), cells=len(lost)))
    if rows:
        found.values[wanted.id] = rows
    if len(rows) < len(kept) - len(lost):
        words = (("rows", str(len(rows))),)
        found.changes.append(Change("moved", "joined", entry.place, place, words=words, cells=len(kept) - len(lost)))
    for n, (cell, _) in enumerate(kept[: len(rows)]):
        if cell:
            found.places.append((entry.place._replace(cell=cell), place._replace(cell=cell_name(at.row + n, at.column))))


def folded(paragraphs: list[str], rows: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The paragraphs in at most as many rows, those at the end joined by line ends; and those that no row can hold."""
    packed = list(paragraphs)
    last = len(packed) - 1
    while len(packed) > rows and last > 0:  # from the end: the first paragraphs keep a row of their own
        joined = f"{packed[last - 1]}\n{packed[last]}"
        if len(joined) <= CELL_LIMIT:
            packed[last - 1 : last + 1] = [joined]
        last -= 1
    return tuple(packed[:rows]), tuple(packed[rows:])


# -- totals ----------------------------------------------------------------------------------------------------------


def differing_totals(source: Form, submission: Submission, fresh: Contents) -> Iterator[Change]:
    """Each typed or stored total that is not what the fresh workbook adds up, with both figures."""
    replaced = {remark.field for remark in replaced_totals(source, submission)}
    for total in fresh.form.fields.values():
        entry = submission.entries.get(total.id)
        if not total.parts or entry is None:
            continue
        value = fresh.figures.number(total.id)
        shown, place = "" if value is None else f"{value:f}", target_place(fresh.plan, total.id)
        if is_blank_text(entry.raw.text):
            if entry.raw.formula and total.id in replaced:
                yield Change("total", REPLACED, entry.place, place, quoted(entry.raw), shown)
            continue
        # a stored result is compared at the 15 digits that a spreadsheet keeps
        typed = read_number(entry.raw, total).value if entry.formula else entry.value
        if isinstance(typed, Decimal) and typed == value:
            continue
        legible = entry.formula or entry.blank or isinstance(typed, Decimal)
        code = ("S203" if entry.formula else "S201") if legible else "total-text"
        yield Change("total" if legible else "unread", code, entry.place, place, entry.raw.text, shown)
