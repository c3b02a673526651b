"""Last year's submission → what this year's workbook begins with, as the form says (``from_last``)."""

from __future__ import annotations

from decimal import Decimal

from xl2report.checks.entries import read_entry
from xl2report.checks.figures import FigureTable, casts_doubt
from xl2report.form.model import Field, Form
from xl2report.submission import Entry, Place, Raw, Submission, Value
from xl2report.workbook.carried import quoted, target_place, typed_number, writable
from xl2report.workbook.change import Change
from xl2report.workbook.plan import Plan


def rolled(last: Form, submission: Submission, drawn: Plan, *, figures: bool) -> tuple[dict[str, Value], list[Change]]:
    """The values that roll over, and a change for each of them and for each that should and cannot.

    Without ``figures`` only the facts of the cover roll over: after a gap of years the figures are not last year's.
    """
    values: dict[str, Value] = {}
    changes: list[Change] = []
    table = FigureTable(last, submission)
    faults = {remark.field: remark for remark in submission.remarks if casts_doubt(remark)}
    for field in drawn.form.fields.values():
        if not field.from_last or field.parts or (not figures and field not in drawn.form.cover):
            continue
        asked, entry = last.fields.get(field.from_last), submission.entries.get(field.from_last)
        place = target_place(drawn, field.id)
        if asked is None:
            continue  # last year's edition did not ask for it
        if entry is None:
            changes.append(Change("unread", "no-figure", Place("", "", asked.path), place))
            continue
        fault = faults.get(asked.id)
        value = None if fault else _value(field, asked, entry, table)
        if value is not None:
            values[field.id] = value
            shown = f"{value:f}" if isinstance(value, Decimal) else value
            changes.append(Change("rolled", "rolled", entry.place, place, quoted(entry.raw), shown))
        elif fault or quoted(entry.raw).strip():
            code, words = (fault.code, fault.words) if fault else ("total-differs" if asked.parts else "no-fit", ())
            changes.append(Change("unread", code, entry.place, place, quoted(entry.raw), words=words))
        elif field.is_number:
            changes.append(Change("unread", "no-figure", entry.place, place))
    return values, changes


def _value(field: Field, asked: Field, entry: Entry, table: FigureTable) -> Decimal | str | None:
    """Last year's value as it is to be typed; None if there is none, or none that can be relied on."""
    if asked.measure != field.measure:
        return None
    if not field.is_number:
        text = entry.value if isinstance(entry.value, str) else ""
        fits = text and writable(text) and read_entry(field, Raw("text", text), entry.place)[0].value == text
        return text if fits else None
    number = table.number(asked.id)
    if number is None or (asked.parts and number != table.computed(asked.id)):
        return None
    return typed_number(field, entry._replace(value=number))
