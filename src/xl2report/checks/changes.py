"""Two reports figure by figure: what each item was, what it is, and by how much it changed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from xl2report.checks.figures import FigureTable
from xl2report.form.model import Field, Form

_TENTH = Decimal("0.1")


class Line(NamedTuple):
    """One item in both reports. ``part`` is the heading it stands under; None: no figure there."""

    part: str
    item: tuple[str, ...]
    unit: str
    this: Decimal | None
    last: Decimal | None

    @property
    def differs(self) -> bool:
        return self.this != self.last

    @property
    def change(self) -> Decimal | None:
        return None if self.this is None or self.last is None else self.this - self.last

    @property
    def percent(self) -> Decimal | None:
        """The change in per cent of the earlier figure, to one decimal; None from 0, and where a figure is missing."""
        change = self.change
        return None if change is None or not self.last else (change * 100 / abs(self.last)).quantize(_TENTH, ROUND_HALF_UP)


class Comparison(NamedTuple):
    """The items that both reports have, in the order of this one, and those that only one of them has, with figures."""

    lines: tuple[Line, ...]
    only_this: tuple[Line, ...]
    only_last: tuple[Line, ...]

    @property
    def changed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.differs)


def compare(this: FigureTable, last: FigureTable) -> Comparison:
    """The figures of two submissions, of one form or of two editions: an item is the same if its id, kind and unit are."""
    there = {field.id: field for _, field in _figures(last.form)}
    lines, only_this = [], []
    for part, field in _figures(this.form):
        other = there.get(field.id)
        if other is not None and _nature(other) == _nature(field):
            del there[field.id]
            lines.append(Line(part, field.path, field.unit, this.number(field.id), last.number(field.id)))
        else:
            only_this.append(Line(part, field.path, field.unit, this.number(field.id), None))
    only_last = [
        Line(part, field.path, field.unit, None, last.number(field.id)) for part, field in _figures(last.form) if field.id in there
    ]
    return Comparison(tuple(lines), tuple(only_this), tuple(only_last))


def _nature(field: Field) -> tuple[str, str]:
    return field.kind, field.unit


def _figures(form: Form) -> Iterator[tuple[str, Field]]:
    """Every figure of a form with the heading of its section, in printed order."""
    for section in form.sections:
        for field in (*(section.table.cells if section.table else ()), *section.fields):
            if field.is_number:
                yield section.heading, field
