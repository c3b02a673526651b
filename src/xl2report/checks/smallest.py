"""The smallest sets of columns of a whole-number matrix that can make up for a residual: exact, in a bounded number of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, TypeAlias

Vector: TypeAlias = Mapping[int, int]
Changes: TypeAlias = tuple[tuple[str, Fraction], ...]

_A_SET = 50  # steps that one more set costs, with what is done with it


class OutOfSteps(Exception):
    """The search has taken all the steps that it was given."""


@dataclass(slots=True)
class Steps:
    """The steps that are left: counted, not timed, so that the same input gives the same answer everywhere."""

    left: int

    def take(self, count: int = 1) -> None:
        self.left -= count
        if self.left < 0:
            raise OutOfSteps


class _Chosen(NamedTuple):
    """A column that is to change, less what those chosen before it account for; ``pivot`` is a row that it alone settles."""

    name: str
    vector: Vector
    pivot: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Columns by name, and by row the names of those with something in it, in the order of the columns."""

    columns: Mapping[str, Vector]
    rows: Mapping[int, Sequence[str]] = field(init=False)
    widest: int = field(init=False)

    def __post_init__(self) -> None:
        rows: dict[int, list[str]] = {}
        for name, column in self.columns.items():
            for row in column:
                rows.setdefault(row, []).append(name)
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "widest", max(map(len, self.columns.values()), default=0))


class _Open(NamedTuple):
    """What is left to do: a residual that the chosen columns cannot account for, and columns that others tried already."""

    residual: Vector
    chosen: tuple[_Chosen, ...] = ()
    tried: frozenset[str] = frozenset()


def changes(matrix: Matrix, residual: Vector, size: int, steps: Steps) -> Iterator[Changes]:
    """Every set of that many independent columns, with the one change of each, none 0, that takes the residual away.

    Each set comes once. OutOfSteps may be raised at any time; what came before is right.
    """
    for names in _sets(matrix, frozenset(residual), _Open(residual), size, steps):
        found = _solved([matrix.columns[name] for name in names], residual)
        steps.take(_A_SET)
        if all(found):
            yield tuple(zip(names, found, strict=True))


def _sets(matrix: Matrix, broken: frozenset[int], state: _Open, size: int, steps: Steps) -> Iterator[tuple[str, ...]]:
    """One of the columns still to come touches a certain row: those that may are tried one by one.

    Gaussian elimination, a column at a time. What was tried is not tried again in its siblings' turns, so that no set
    comes twice.
    """
    residual, chosen, tried = state
    needy = _needy(matrix, broken, chosen)
    if len(needy) > size * matrix.widest:
        return
    row, candidates = _candidates(matrix, state, needy)
    must = needy if size == 1 else ()
    for name in candidates:
        steps.take()
        column = matrix.columns[name]
        if name in tried or any(other not in column for other in must):
            continue
        vector = _reduced(column, chosen)
        if not vector or (not needy and row not in vector):
            continue  # it follows from what was chosen, or does not touch the row after all
        pivot = row if row in vector else min(vector)
        rest = _less(residual, vector, pivot) if pivot in residual else residual
        if size == 1 and not rest:
            yield (*(one.name for one in chosen), name)
        elif size > 1 and rest:
            yield from _sets(matrix, broken, _Open(rest, (*chosen, _Chosen(name, vector, pivot)), tried), size - 1, steps)
        tried |= {name}


def _needy(matrix: Matrix, broken: frozenset[int], chosen: tuple[_Chosen, ...]) -> list[int]:
    """Rows that a column still to come has to touch: broken ones that none does, and whole ones that only one does."""
    once, more = set[int](), set[int]()
    for one in chosen:
        for row in matrix.columns[one.name]:
            (more if row in once else once).add(row)
    return sorted(broken - once | (once - more - broken))


def _candidates(matrix: Matrix, state: _Open, needy: Sequence[int]) -> tuple[int, Sequence[str]]:
    """A row that a column still to come has to touch, one that the fewest do, and those that do.

    Where none is needy it is a row of the residual; columns may touch it through what was chosen, too.
    """
    if needy:
        row = min(needy, key=lambda one: len(matrix.rows[one]))
        return row, matrix.rows[row]
    row = min(state.residual)
    through = {row}
    for one in reversed(state.chosen):
        if not through.isdisjoint(one.vector):
            through.add(one.pivot)
    return row, tuple(dict.fromkeys(name for one in sorted(through) for name in matrix.rows[one]))


def _reduced(column: Vector, chosen: tuple[_Chosen, ...]) -> Vector:
    for one in chosen:
        if one.pivot in column:
            column = _less(column, one.vector, one.pivot)
    return column


def _less(vector: Vector, other: Vector, pivot: int) -> Vector:
    """A multiple of the vector, less as much of the other that nothing is left at the pivot."""
    by, factor = other[pivot], vector[pivot]
    reduced = {row: value * by for row, value in vector.items()}
    for row, value in other.items():
        reduced[row] = reduced.get(row, 0) - value * factor
    return {row: value for row, value in reduced.items() if value}


def _solved(columns: Sequence[Vector], residual: Vector) -> list[Fraction]:
    """The one change of each independent column that takes the residual away."""
    rows = [
        [*(Fraction(column.get(row, 0)) for column in columns), Fraction(-residual.get(row, 0))]
        for row in sorted({row for column in columns for row in column})
    ]
    for at in range(len(columns)):
        pivot = next(row for row in rows[at:] if row[at])
        rows.remove(pivot)
        pivot = [value / pivot[at] for value in pivot]
        rows = [[value - row[at] * own for value, own in zip(row, pivot, strict=True)] if row[at] else row for row in rows]
        rows.insert(at, pivot)
    return [rows[at][-1] for at in range(len(columns))]
