"""What is already in a workbook when it is written: prefilled values, and the results its formulas must show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from xl2report.checks.entries import read_entry, reads_plainly
from xl2report.checks.figures import FigureTable
from xl2report.form.model import Field, Form
from xl2report.submission import BLANK, Entry, LastYear, Place, Raw, Submission, Value
from xl2report.workbook.plan import Plan


@dataclass(frozen=True, slots=True)
class Contents:
    """A workbook to be written: its plan, what is filled in, and the figures that its formulas must show.

    ``origins`` says of some prefilled fields where their values come from.
    """

    plan: Plan
    filled: Submission
    figures: FigureTable
    origins: Mapping[str, str]

    @property
    def form(self) -> Form:
        return self.plan.form

    def entry(self, field: Field) -> Entry:
        return self.filled.entries[field.id]


def contents(
    plan: Plan,
    values: Mapping[str, Value],
    overwritten: Mapping[str, Value],
    explanations: Mapping[str, str],
    *,
    origins: Mapping[str, str] | None = None,
    last: LastYear | None = None,
) -> Contents:
    """The contents of a workbook.

    KeyError for a value that is no input, an overwritten one that is no total, an explanation that no rule asks for.
    """
    filled = replace(submission(plan, values, overwritten), explanations=explanations, last=last)
    if unknown := explanations.keys() - explained_ids(plan.form):
        raise KeyError(min(unknown))
    return Contents(plan, filled, FigureTable(plan.form, filled), origins or {})


def explained_ids(form: Form) -> frozenset[str]:
    """The rule instances that take an explanation: those that only ask."""
    return frozenset(instance.id for instance in form.instances if instance.rule.severity == "query")


def submission(plan: Plan, values: Mapping[str, Value], overwritten: Mapping[str, Value]) -> Submission:
    """The submission that the written workbook will hold. ``overwritten`` are totals typed over their formulas.

    KeyError for a value that is no input field of the form, ValueError for more paragraphs than there are rows.
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
            if len(value) > max(field.paragraphs, 1):
                raise ValueError(f"{field.id}: {len(value)} paragraphs, {field.paragraphs} rows")
            entries[field.id] = Entry(field.id, place, value or None, blank=not value)
        else:
            entries[field.id] = _as_the_sheet_sees(field, read_entry(field, _raw(value), place)[0])
    return Submission(form.id, form.version, entries)


def _as_the_sheet_sees(field: Field, entry: Entry) -> Entry:
    """The entry for the sheet's own formulas: they take no text for a number, but for a plain amount."""
    if field.is_number and not reads_plainly(field, entry.raw):
        return entry._replace(value=None, blank=False)
    return entry


def _raw(value: Value) -> Raw:
    if value is None or value == "":
        return BLANK
    if isinstance(value, Decimal):
        return Raw("number", f"{value:f}")
    return Raw("text", str(value))
