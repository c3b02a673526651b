"""Which typed cells must be wrong where hard rules are broken: the fewest that would have to change, and to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from xl2report.checks.equations import (
    UNITS,
    Equation,
    equations,
    figure_now,
    independent_groups,
    is_hard,
    typed_cells,
)
from xl2report.checks.figures import FigureTable
from xl2report.checks.findings import found_cell
from xl2report.checks.judge import judge
from xl2report.checks.likelihood import REASONS, Move, reason, unlikeliness
from xl2report.checks.numbers import LARGEST_DIGITS
from xl2report.checks.smallest import Changes, Matrix, OutOfSteps, Steps, changes
from xl2report.form.language import figures
from xl2report.form.model import Field, Form, Instance
from xl2report.submission import Place, Submission

MOST_CELLS = 6  # of a repair: with more of them nobody learns anything from it
_STEPS = 60_000  # about a fifth of a second, for all groups
_LEAST = 3_000  # for each


class Change(NamedTuple):
    """A typed cell that would have to change: what stands there, and the figure that it would need.

    ``reason`` is a key of REASONS: how the figure may have come about, "" where nothing tells.
    """

    field: str
    place: Place
    now: str
    needed: Decimal
    reason: str

    def why(self, language: str) -> str:
        return REASONS[self.reason].in_language(language)


class Suspicion(NamedTuple):
    """Broken hard rules that hang together, and every smallest set of changes after which all hard rules hold.

    The likeliest repair comes first. No repairs: it would take more than MOST_CELLS, or numbers that the cells cannot
    hold. ``complete`` is False where the search was given up, so that there may be others. ``blanks_as_zero`` tells that blanks
    which nobody has said to be 0 were counted as 0. A set that fixes no figures (only their sum) is not among the repairs.
    """

    broken: tuple[Instance, ...]
    repairs: tuple[tuple[Change, ...], ...]
    complete: bool
    blanks_as_zero: bool


class _Case(NamedTuple):
    """What the repairs of one submission are judged by.

    ``guards`` are hard rules that hold and are no equations, with their cells; ``missing`` are blanks not said to be 0.
    """

    form: Form
    submission: Submission
    missing: frozenset[str]
    guards: tuple[tuple[Instance, frozenset[str]], ...]
    order: Mapping[str, int]


def suspects(form: Form, submission: Submission, table: FigureTable) -> tuple[Suspicion, ...]:
    """One suspicion for each connected group of broken hard equalities, in the order of the form.

    A group that is only broken by blanks which are not said to be 0 is left out unless it has a repair: its blanks are
    found fault with already.
    """
    found = equations(form, submission, table)
    if not any(one.residual for one in found):
        return ()
    case = _Case(
        form,
        submission,
        frozenset(name for one in found for name in one.missing),
        tuple(_guards(form, submission, table, found)),
        {name: at for at, name in enumerate(form.fields)},
    )
    broken = [group for group in independent_groups(found) if any(one.residual for one in group)]
    share = max(_LEAST, _STEPS // len(broken))  # one hard group must not leave the easy ones without an answer
    suspicions = (_suspicion(case, group, Steps(share)) for group in broken)
    return tuple(one for one in suspicions if one.repairs or not one.blanks_as_zero)


def _guards(
    form: Form, submission: Submission, table: FigureTable, found: Sequence[Equation]
) -> Iterator[tuple[Instance, frozenset[str]]]:
    equal = {one.instance.id for one in found}
    for instance in form.instances:
        if not is_hard(instance) or instance.id in equal or judge(instance, table).verdict != "pass":
            continue
        named = (*figures(instance.check), *(figures(instance.when) if instance.when else ()))
        cells = frozenset(cell for one in named for name in one.fields for cell in typed_cells(form, submission, name))
        yield instance, cells


def _suspicion(case: _Case, group: Sequence[Equation], steps: Steps) -> Suspicion:
    broken = tuple(one.instance for one in group if one.residual)
    blanks = any(one.missing for one in group if one.residual)
    names = sorted({name for one in group for name in one.cells}, key=case.order.__getitem__)
    columns: dict[str, dict[int, int]] = {name: {} for name in names}
    for row, one in enumerate(group):
        for name, factor in one.cells.items():
            columns[name][row] = factor
    residual = {row: one.residual for row, one in enumerate(group) if one.residual}
    matrix, repairs = Matrix(columns), list[tuple[Move, ...]]()
    complete = True
    try:
        for size in range(1, MOST_CELLS + 1):
            for found in changes(matrix, residual, size, steps):
                if moves := _moves(case, found):
                    repairs.append(moves)
            if repairs:
                break
    except OutOfSteps:
        complete = False
    addends = partial(_addends, group=group, case=case)
    return Suspicion(broken, _ranked(case, repairs, addends), complete, blanks)


def _moves(case: _Case, found: Changes) -> tuple[Move, ...] | None:
    """The changes in the order of the form, if every cell can hold its figure and no other hard rule is broken by them."""
    moves = []
    for name, change in sorted(found, key=lambda one: case.order[one[0]]):
        now, entry = figure_now(case.submission, name), case.submission.entries[name]
        needed = _held(case.form.fields[name], Fraction(now or 0) + change / UNITS)
        if now is None or needed is None:
            return None
        moves.append(Move(name, now, needed, entry.blank, name in case.missing))
    return tuple(moves) if _all_hold(case, moves) else None


def _held(field: Field, value: Fraction) -> Decimal | None:
    """The value as the cell can hold it; None if it cannot: decimals, a sign or a size that it does not have."""
    scaled = value * 10**field.decimals
    if scaled.denominator != 1 or (value < 0 and field.kind != "change") or abs(value) >= 10**LARGEST_DIGITS:
        return None
    held = Decimal(scaled.numerator).scaleb(-field.decimals)
    if (field.minimum is not None and held < field.minimum) or (field.maximum is not None and held > field.maximum):
        return None
    return held if held % 1 else held.quantize(Decimal(1))


def _all_hold(case: _Case, moves: Sequence[Move]) -> bool:
    """Whether the hard rules that are no equations still hold after the changes."""
    moved = {move.field for move in moves}
    touched = [instance for instance, cells in case.guards if not cells.isdisjoint(moved)]
    if not touched:
        return True
    entries = dict(case.submission.entries)
    for move in moves:
        entries[move.field] = entries[move.field]._replace(value=move.needed, blank=False)
    table = FigureTable(case.form, replace(case.submission, entries=entries))
    return all(judge(instance, table).verdict != "fail" for instance in touched)


def _ranked(case: _Case, repairs: Sequence[tuple[Move, ...]], addends: partial[dict[str, Decimal]]) -> tuple[tuple[Change, ...], ...]:
    """The repairs with their reasons, likeliest first; equals in the order of the form."""

    def told(moves: tuple[Move, ...]) -> tuple[str, ...]:
        return tuple(
            reason(one, tuple(other for other in moves if other is not one), case.form.fields[one.field], addends) for one in moves
        )

    ranked = sorted(
        ((moves, told(moves)) for moves in repairs),
        key=lambda one: (unlikeliness(one[1], one[0]), [case.order[move.field] for move in one[0]]),
    )
    return tuple(
        tuple(_change(case, move, why) for move, why in zip(moves, reasons, strict=True)) for moves, reasons in ranked
    )


def _change(case: _Case, move: Move, why: str) -> Change:
    entry = case.submission.entries[move.field]
    return Change(move.field, entry.place, found_cell(entry).value, move.needed, why)


def _addends(name: str, *, group: Sequence[Equation], case: _Case) -> dict[str, Decimal]:
    """The figures that are added up where a cell is: what stands against it in its equations if it is a total, else with it."""
    opposite = bool(case.form.fields[name].parts)
    found: dict[str, Decimal] = {}
    for one in group:
        if factor := one.cells.get(name):
            for other, weight in one.cells.items():
                if other != name and (weight * factor < 0) == opposite:
                    found[other] = figure_now(case.submission, other) or Decimal(0)
    return found
