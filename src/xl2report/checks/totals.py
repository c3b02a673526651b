"""What became of the total formulas: overwritten, deleted, replaced, saved without a result, or with a stale one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xl2report.checks.figures import FigureTable
from xl2report.checks.findings import Finding, FoundCell, found_cell, shown
from xl2report.form.model import Field, Form
from xl2report.submission import Entry, Submission

REPLACED = "S205"  # remarked by a reader that finds another formula than the form's in a total


def total_findings(form: Form, submission: Submission, table: FigureTable) -> Iterator[Finding]:
    """The findings about totals, in the order of the form; totals without stored results are one finding."""
    replaced = {remark.field: dict(remark.words) for remark in submission.remarks if remark.code == REPLACED}
    repaired = _has_repairs(submission)
    missing: list[FoundCell] = []
    for field in form.fields.values():
        entry = submission.entries.get(field.id)
        if not field.parts or entry is None:
            continue
        if not entry.formula:
            yield from _without_formula(field, entry, table, submission.shows_formulas)
            continue
        value = table.number(field.id)
        if not submission.shows_formulas:
            if value is not None:
                missing.append(found_cell(entry))
            continue
        if _same(entry, value) or (repaired and entry.raw.kind == "text" and not entry.raw.text):
            continue
        if field.id in replaced:
            words = (*replaced[field.id].items(), ("cached", entry.raw.text or "—"), ("computed", shown(value)))
            yield Finding(REPLACED, "error", (found_cell(entry),), words=words, expected=shown(value))
        elif entry.raw.kind == "blank":
            missing.append(found_cell(entry))
        elif value is not None:  # otherwise nobody knows: what is missing has its own finding
            words = (("cached", entry.raw.text or "—"), ("computed", shown(value)))
            yield Finding("S203", "note", (found_cell(entry),), words=words, expected=shown(value))
    if missing:
        yield Finding("S202", "note", tuple(missing), words=(("count", str(len(missing))),))


def _without_formula(field: Field, entry: Entry, table: FigureTable, shows_formulas: bool) -> Iterator[Finding]:
    """A figure typed over the formula is a note (the rules judge it); an emptied cell is an error.

    Where formulas cannot be seen, only a figure that differs is worth a note.
    """
    computed = table.computed(field.id)
    expected = None if computed is None else shown(computed)
    words: tuple[tuple[str, str], ...] = (("computed", shown(computed)),)
    if entry.blank:
        yield Finding("S206" if shows_formulas else "S209", "error", (found_cell(entry),), "undecided", words=words, expected=expected)
    elif isinstance(entry.value, Decimal):
        words = (("typed", shown(entry.value)), *words)
        if shows_formulas:
            yield Finding("S201", "note", (found_cell(entry),), words=words, expected=expected)
        elif computed is not None and entry.value != computed:
            yield Finding("S208", "note", (found_cell(entry),), words=words, expected=expected)


def _has_repairs(submission: Submission) -> bool:
    """True if a text was accepted as a number: a total over it stays empty in the sheet, and that is no stale result."""
    return any(remark.code == "V201" for remark in submission.remarks) or any(
        entry.blank and entry.raw.text for entry in submission.entries.values()
    )


def _same(entry: Entry, value: Decimal | None) -> bool:
    """True if the stored result is the value; a stored empty text says that parts are missing."""
    if entry.raw.kind == "number":
        return value is not None and Decimal(entry.raw.text) == value
    return value is None and entry.raw.kind == "text" and not entry.raw.text
