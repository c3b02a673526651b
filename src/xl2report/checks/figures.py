"""The figures of a submission: what each bound name of a rule is worth, or None when that is not decided."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from xl2report.checks.numbers import LARGEST_DIGITS
from xl2report.form.language import NOTHING_SAID, TEXT_SPACES, Figure
from xl2report.form.model import YES, Form
from xl2report.submission import Remark, Submission

Figures: TypeAlias = Callable[[Figure], Decimal | None]

BEYOND_DIGITS = Decimal(10) ** LARGEST_DIGITS  # a spreadsheet cannot hold a total of this size: not decided

_DOUBTS = ("S111", "S114", "S121")  # the figure may be another field's
_UNCOUNTED = str.maketrans(dict.fromkeys(TEXT_SPACES, ""))


def casts_doubt(remark: Remark) -> bool:
    """True if a figure with this remark is not to be relied on in another year."""
    return remark.code in _DOUBTS or (remark.code[0] == "V" and remark.code != "V201")


def certain(form: Form, submission: Submission) -> dict[str, Decimal]:
    """The figures of a submission that can be relied on: nothing is said against them, and totals are the sums of their parts."""
    table = FigureTable(form, submission)
    doubted = {remark.field for remark in submission.remarks if casts_doubt(remark)}
    found = {}
    for field in form.coded_fields:
        value = table.number(field.id)
        if value is None or field.id in doubted or abs(value) >= BEYOND_DIGITS:
            continue
        if not field.parts or value == table.computed(field.id):
            found[field.id] = value
    return found


class FigureTable:
    """Figures of one submission, each worked out once. A blank is 0 only where its table says so."""

    def __init__(self, form: Form, submission: Submission) -> None:
        self.form, self._submission = form, submission
        self._zero = {
            table.id: submission.text(table.zero_question.id) == YES for table in form.tables
        }
        self._known: dict[str, Decimal | None] = {}

    def __call__(self, figure: Figure) -> Decimal | None:
        match figure.kind:
            case "field":
                return self.number(figure.key)
            case "attribute":
                return self._attribute(figure)
            case "length":
                return Decimal(sum(map(self._length, figure.fields)))
            case "contains":
                return self._contains(*figure.fields)
            case "last":
                return self._submission.last.figures.get(figure.last) if self._submission.last else None

    def number(self, field_id: str) -> Decimal | None:
        """The value of a number field: typed, computed from its parts while its formula stands, or 0 for a blank."""
        if field_id not in self._known:
            self._known[field_id] = self._number(field_id)
        return self._known[field_id]

    def blank_is_zero(self, field_id: str) -> bool:
        return self._zero.get(field_id.split(".", 1)[0], False)

    def computed(self, field_id: str) -> Decimal | None:
        """A total added up from the inputs alone, whatever is typed in any total; an input is itself."""
        parts = self.form.fields[field_id].parts
        if not parts:
            return self.number(field_id)
        return _total([self.computed(part) for part in parts])

    def _number(self, field_id: str) -> Decimal | None:
        entry = self._submission.entries.get(field_id)
        if entry is None:
            return None
        if entry.formula:
            total = _total([self.number(part) for part in self.form.fields[field_id].parts])
            return total if total is None or abs(total) < BEYOND_DIGITS else None
        if isinstance(entry.value, Decimal):
            return entry.value
        return Decimal(0) if entry.blank and self.blank_is_zero(field_id) else None

    def _attribute(self, figure: Figure) -> Decimal | None:
        choice = self.form.fields[figure.fields[0]].choice(self._submission.text(figure.fields[0]))
        value = choice.attribute(figure.attribute) if choice else None
        return Decimal(value) if isinstance(value, int) else None

    def _length(self, field_id: str) -> int:
        lines = self._submission.entries[field_id].value if field_id in self._submission.entries else None
        if lines is None:
            return 0
        paragraphs = lines if isinstance(lines, tuple) else (str(lines),)
        bare = (paragraph.translate(_UNCOUNTED) for paragraph in paragraphs)
        return sum(len(text) for text in bare if text not in NOTHING_SAID)

    def _contains(self, text_id: str, number_id: str) -> Decimal | None:
        number = self.number(number_id)
        if number is None:
            return None
        return Decimal(int(f"{number:.0f}" in self._submission.text(text_id)))


def _total(values: list[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None
