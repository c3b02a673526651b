"""A filled form as it was read: every value with its place, its raw text, and what was noticed on the way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

Value: TypeAlias = Decimal | str | tuple[str, ...] | None
RawKind: TypeAlias = Literal["blank", "number", "text", "boolean", "error", "date", "percent"]


class Place(NamedTuple):
    """Where a value stands, as the person sees it: sheet name, cell address, labels from the outside in."""

    sheet: str
    cell: str
    item: tuple[str, ...] = ()


NOWHERE = Place("", "")


class Raw(NamedTuple):
    """One cell as the file holds it. ``text`` is the stored text: of a number its decimal digits.

    A date is given as ISO, a number that is shown as a percentage as it is shown: 12%.
    """

    kind: RawKind
    text: str = ""
    formula: str = ""


BLANK = Raw("blank")


class Remark(NamedTuple):
    """Something noticed while reading: a code of the catalogue, where, and the words its sentence needs."""

    code: str
    place: Place = NOWHERE
    words: tuple[tuple[str, str], ...] = ()
    field: str = ""


class Entry(NamedTuple):
    """One field as read.

    ``value`` is a Decimal for numbers, a text, the paragraphs of a prose field, or None when blank or unusable;
    ``blank`` tells those two apart. ``formula`` is True for a total whose own formula is still there: its value
    is then computed, and ``raw`` is the result that the file had stored for it. ``cells`` are the addresses of the
    paragraphs of a prose field.
    """

    field: str
    place: Place
    value: Value = None
    raw: Raw = BLANK
    blank: bool = True
    formula: bool = False
    cells: tuple[str, ...] = ()


class LastYear(NamedTuple):
    """Figures of the report of the year before, by field. A figure that is missing or in doubt is not there."""

    year: int
    figures: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything one file says about one form. ``explanations`` holds the 说明 typed beside rule instances.

    ``shows_formulas`` is False where the source cannot tell a formula from a typed figure (an old format, a page);
    ``by_labels`` is True where it is none of our workbooks, and has no question about blanks. ``last`` are the figures
    of the year before that it is compared with.
    """

    form: str
    version: int
    entries: Mapping[str, Entry]
    explanations: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    shows_formulas: bool = True
    by_labels: bool = False
    last: LastYear | None = None

    def text(self, field_id: str) -> str:
        """The text of a field, "" when blank; prose paragraphs are joined by line ends."""
        entry = self.entries.get(field_id)
        value = entry.value if entry else None
        if isinstance(value, tuple):
            return "\n".join(value)
        return "" if value is None else str(value)

    def number(self, field_id: str) -> Decimal | None:
        entry = self.entries.get(field_id)
        return entry.value if entry and isinstance(entry.value, Decimal) else None
