"""References to figures in prose: ``{requests.new.total}`` prints the figure, so that text and tables cannot disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from xl2report.checks.figures import FigureTable
from xl2report.checks.findings import Finding, FoundCell
from xl2report.form.model import Field, Form
from xl2report.submission import Submission

_LIKE = re.compile(r"[{｛][\s\u3000]*([A-Za-z_]\w*(?:[\s\u3000]*[.．。][\s\u3000]*\w+)+)[\s\u3000]*[}｝]?")
REFERENCE = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)\}")


def resolve(text: str, form: Form, submission: Submission, figures: FigureTable) -> str:
    """The text with its references filled in; one that cannot be stays as it was written."""

    def fill(match: re.Match[str]) -> str:
        field = _printable(form, match.group(1))
        printed = printed_value(field, submission, figures) if field else ""
        return printed or match.group(0)

    return REFERENCE.sub(fill, text)


def reference_findings(form: Form, submission: Submission, figures: FigureTable) -> Iterator[Finding]:
    """A finding for each reference in prose that names nothing, or names a cell without a figure."""
    for field in form.fields.values():
        value = submission.entries[field.id].value if field.id in submission.entries else None
        if field.kind != "prose" or not isinstance(value, tuple):
            continue
        entry = submission.entries[field.id]
        for n, paragraph in enumerate(value):
            place = entry.place._replace(cell=entry.cells[n]) if n < len(entry.cells) else entry.place
            for match in _LIKE.finditer(paragraph):
                if not REFERENCE.fullmatch(match.group(0)):  # meant as one, and would be printed as it stands
                    yield Finding("N101", "error", (FoundCell(place, paragraph),), words=(("reference", match.group(0)),))
            for match in REFERENCE.finditer(paragraph):
                target = _printable(form, match.group(1))
                if target and printed_value(target, submission, figures):
                    continue
                cell = FoundCell(place, paragraph)
                yield Finding("N102" if target else "N101", "error", (cell,), words=(("reference", match.group(1)),))


def _printable(form: Form, name: str) -> Field | None:
    """The field that a reference may print: no private one ever, and no prose (which may hold references itself)."""
    field = form.fields.get(name)
    return None if field is None or field.private or field.kind == "prose" else field


def printed_value(field: Field, submission: Submission, figures: FigureTable) -> str:
    """A field as the report prints it: a number as typed, a date in words; "" when there is none."""
    if field.is_number:
        value = figures.number(field.id)
        return "" if value is None else f"{value:f}"
    text = " ".join(submission.text(field.id).split("\n")).strip()
    if field.kind == "date" and text:
        year, month, day = text.split("-")
        return f"{year}年{int(month)}月{int(day)}日"
    return text


def typed_text(field: Field, submission: Submission, value: Decimal | None) -> str:
    """What a table cell prints: its figure, or what stands in it when that is no figure."""
    if value is not None:
        return f"{value:f}"
    entry = submission.entries.get(field.id)
    return entry.raw.text if entry and not entry.formula else ""
