"""The hard rules of a form as linear equations over the cells that somebody typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import gcd
from typing import NamedTuple, TypeAlias

from xl2report.checks.figures import FigureTable
from xl2report.checks.judge import compare, compared_difference
from xl2report.form.language import COMPARED_DECIMALS, Binary, Expression, Figure, Number, Sum
from xl2report.form.model import Form, Instance
from xl2report.submission import Submission

UNITS = 10**COMPARED_DECIMALS  # residuals are whole numbers of millionths, as rules are compared
_FEW = 3  # blanks of a table that may be slips; with more of them it is not filled in yet

Cells: TypeAlias = dict[str, Decimal]


class Equation(NamedTuple):
    """A rule instance as a sum over typed cells that has to be 0, and is ``residual`` units.

    ``missing`` are blanks in it that nobody has said to be 0; they count as 0 all the same.
    """

    instance: Instance
    cells: Mapping[str, int]
    residual: int
    missing: tuple[str, ...] = ()


class _Linear(NamedTuple):
    cells: Cells
    constant: Decimal


def is_hard(instance: Instance) -> bool:
    return instance.rule.severity == "error"


def equations(form: Form, submission: Submission, table: FigureTable) -> tuple[Equation, ...]:
    """Every hard equality that can be decided, in the order of the form.

    Totals whose formula stands are their parts. A rule with a cell that cannot be read is left out: that cell is to be
    mended first, and may take any value. So are the rules with blanks of a table that has many which are not said to be 0.
    """
    found = [
        equation
        for instance in form.instances
        if is_hard(instance) and instance.check.operator == "==" and (equation := _equation(instance, submission, table))
    ]
    missing = Counter(_table(name) for name in {name for one in found for name in one.missing})
    return tuple(one for one in found if all(missing[_table(name)] <= _FEW for name in one.missing))


def typed_cells(form: Form, submission: Submission, field_id: str) -> Iterator[str]:
    """The typed cells that a number rests on: itself, or the parts of a total whose formula stands."""
    entry = submission.entries.get(field_id)
    if entry is None or not entry.formula:
        yield field_id
        return
    for part in form.fields[field_id].parts:
        yield from typed_cells(form, submission, part)


def figure_now(submission: Submission, name: str) -> Decimal | None:
    """What a typed cell is worth in the equations: its number, 0 if it is blank; None if it cannot be read or is not there."""
    entry = submission.entries.get(name)
    if entry is None:
        return None
    return entry.value if isinstance(entry.value, Decimal) else Decimal(0) if entry.blank else None


def independent_groups(found: tuple[Equation, ...]) -> tuple[tuple[Equation, ...], ...]:
    """The equations that hang together by their cells.

    One that follows from others joins none: in a sheet of formulas the total column would tie all columns together,
    though each can be mended by itself. It is left out where it would, and kept where all its cells are in one group.
    """
    pivots: dict[str, dict[str, int]] = {}
    derived = [_is_derived(one, pivots) for one in found]
    group_of: dict[str, str] = {}  # by cell: another cell of its group, or itself

    def root(name: str) -> str:
        while group_of.setdefault(name, name) != name:
            name = group_of[name]
        return name

    for one, follows in zip(found, derived, strict=True):
        if not follows:
            first, *others = map(root, one.cells)
            for other in others:
                group_of[other] = first = root(first)
    groups: dict[str, list[Equation]] = {}
    for one, follows in zip(found, derived, strict=True):
        roots = set(map(root, one.cells))
        if len(roots) == 1 or not follows:
            groups.setdefault(root(next(iter(one.cells))), []).append(one)
    return tuple(map(tuple, groups.values()))


_RESIDUAL = ""  # beside the cells of a row: what follows from others must be broken as they are


def _is_derived(equation: Equation, pivots: dict[str, dict[str, int]]) -> bool:
    """True if an equation is a combination of those before it; otherwise it joins them, reduced."""
    row = {**equation.cells, **({_RESIDUAL: equation.residual} if equation.residual else {})}
    for pivot, base in pivots.items():
        if factor := row.get(pivot):
            row = _without(row, pivot, base, factor)
    if free := next((name for name in row if name), None):
        pivots[free] = row
    return not row


def _without(row: dict[str, int], pivot: str, base: Mapping[str, int], factor: int) -> dict[str, int]:
    """The row less as much of another that nothing is left at the pivot."""
    by = base[pivot]
    reduced = {name: value * by for name, value in row.items()}
    for name, value in base.items():
        reduced[name] = reduced.get(name, 0) - value * factor
    kept = {name: value for name, value in reduced.items() if value}
    common = gcd(*kept.values())
    return {name: value // common for name, value in kept.items()} if common > 1 else kept


def _equation(instance: Instance, submission: Submission, table: FigureTable) -> Equation | None:
    """A hard equality as an equation; None if it is none now, has no cells or a cell that cannot be read."""
    if instance.when is not None and compare(instance.when, table) is not True:
        return None
    left, right = _linear(instance.check.left, submission, table), _linear(instance.check.right, submission, table)
    if left is None or right is None:
        return None
    both = _added(left, right, Decimal(-1))
    cells = {name: factor for name, factor in both.cells.items() if factor}
    figures = {name: figure_now(submission, name) for name in cells}
    if not cells or None in figures.values():
        return None
    scale = 10 ** max(0, *(-int(factor.as_tuple().exponent) for factor in cells.values()))
    value = sum((factor * (figures[name] or 0) for name, factor in cells.items()), both.constant)
    missing = tuple(name for name in cells if table.number(name) is None)
    return Equation(
        instance,
        {name: int(factor * scale) for name, factor in cells.items()},
        int(compared_difference(value, Decimal(0)) * UNITS * scale),
        missing,
    )


def _linear(node: Expression, submission: Submission, table: FigureTable) -> _Linear | None:
    """An expression as a weighted sum of typed cells; None if it is none, or a figure that is no cell is not decided."""
    match node:
        case Number(value):
            return _Linear({}, value)
        case Figure(key, "field"):
            counted = Counter(typed_cells(table.form, submission, key))
            return _Linear({name: Decimal(times) for name, times in counted.items()}, Decimal(0))
        case Figure(_, "contains"):
            return None  # it rests on digits, not on a value
        case Figure():
            constant = table(node)
            return None if constant is None else _Linear({}, constant)
        case Sum(terms):
            total = _Linear({}, Decimal(0))
            for term in terms:
                part = _linear(term, submission, table)
                if part is None:
                    return None
                total = _added(total, part, Decimal(1))
            return total
        case Binary(operator, left, right):
            first, second = _linear(left, submission, table), _linear(right, submission, table)
            if first is None or second is None:
                return None
            if operator != "*":
                return _added(first, second, Decimal(1 if operator == "+" else -1))
            if first.cells and second.cells:
                return None
            many, times = (first, second.constant) if first.cells else (second, first.constant)
            return _added(_Linear({}, Decimal(0)), many, times)
    return None


def _added(one: _Linear, other: _Linear, times: Decimal) -> _Linear:
    cells = dict(one.cells)
    for name, factor in other.cells.items():
        cells[name] = cells.get(name, Decimal(0)) + factor * times
    return _Linear(cells, one.constant + other.constant * times)


def _table(field_id: str) -> str:
    return field_id.split(".", 1)[0]
