"""What is already in a workbook when it is written: prefilled values, and the results its formulas must show."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from xl2report.check.entries import read_entry
from xl2report.submission import BLANK, Entry, Place, Raw, Submission, Value
from xl2report.workbook.plan import Plan


def submission(plan: Plan, values: Mapping[str, Value], overwritten: Mapping[str, Value]) -> Submission:
    """The submission that the written workbook will hold. ``overwritten`` are totals typed over their formulas.

    KeyError for a value that is no input field of the form.
    """
    form = plan.form
    entries: dict[str, Entry] = {}
    for name in (*values, *overwritten):
        if name not in form.fields or bool(form.fields[name].parts) != (name in overwritten):
            raise KeyError(name)
    for field in form.fields.values():
        at = plan.places[field.id]
        place = Place(at.sheet, at.cell, field.path)
        if field.parts and field.id not in overwritten:
            entries[field.id] = Entry(field.id, place, formula=True, blank=False)
            continue
        value = overwritten.get(field.id) if field.parts else values.get(field.id)
        if isinstance(value, tuple):
            entries[field.id] = Entry(field.id, place, value or None, blank=not value)
        else:
            entries[field.id] = read_entry(field, _raw(value), place)[0]
    return Submission(form.id, form.version, entries)


def _raw(value: Value) -> Raw:
    if value is None or value == "":
        return BLANK
    if isinstance(value, Decimal):
        return Raw("number", f"{value:f}")
    return Raw("text", str(value))
