"""The rows or columns of a form as they stand in a grid, and which of them are in doubt."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import NamedTuple

from xl2report.form.model import Leaf, Tree
from xl2report.form.tree import leaves
from xl2report.sources.label_index import Cell, Over


class Line(NamedTuple):
    """One row or column of a form where it stands in a grid. ``number`` counts the leaves in printed order."""

    number: int
    leaf: Leaf
    label: Cell
    first: int
    last: int
    groups: tuple[Over, ...]


class Lines(NamedTuple):
    """The lines of one axis: those known for sure, labels that stand twice, labels out of order with those expected."""

    sure: tuple[Line, ...]
    doubled: tuple[Line, ...]
    displaced: tuple[tuple[Line, Leaf], ...]

    @property
    def all(self) -> tuple[Line, ...]:
        return (*self.sure, *self.doubled, *(line for line, _ in self.displaced))


def judged(lines: list[Line], tree: Tree) -> Lines:
    """The lines of an axis by what can be said of them; labels out of order with the label that the order expects.

    Out of order, it cannot be told whether a label was moved alone or with its figures. Where the order expects the very
    label that stands there, both come to the same.
    """
    lines = sorted(_within_groups(lines), key=lambda line: line.first)
    count = Counter(line.number for line in lines)
    single = [line for line in lines if count[line.number] == 1]
    numbers = [line.number for line in single]
    expected = sorted(numbers)
    steady = {*_steady(numbers), *(n for n, number in enumerate(numbers) if number == expected[n])}
    by_number = [leaf for leaf, _ in leaves(tree)]
    return Lines(
        tuple(line for n, line in enumerate(single) if n in steady),
        tuple(line for line in lines if count[line.number] > 1),
        tuple((line, by_number[expected[n]]) for n, line in enumerate(single) if n not in steady),
    )


def _within_groups(lines: list[Line]) -> list[Line]:
    """The lines without those that a group's bare label may not reach.

    A label without a merged area names what follows as long as its cells stay empty. Where a label under it comes
    again, the next group's label may be missing: what follows from there is not known to belong to it.
    """
    beyond: set[tuple[int, int]] = set()
    under: dict[Cell, list[Line]] = {}
    for line in lines:
        for over in line.groups:
            if over.is_bare:
                under.setdefault(over.cell, []).append(line)
    for members in under.values():
        seen: set[int] = set()
        previous, ended = -1, False
        for line in sorted(members, key=lambda line: line.first):
            ended = ended or (line.number in seen and line.number != previous)
            if ended and line.number not in seen:
                beyond.add((line.number, line.first))
            else:
                seen.add(line.number)
            previous = line.number
    return [line for line in lines if (line.number, line.first) not in beyond]


def _steady(numbers: list[int]) -> list[int]:
    """The positions that belong to every longest ascending selection of different numbers: the rest may be out of order."""
    before = _longest(numbers)
    after = _longest([-number for number in reversed(numbers)])[::-1]
    longest = max(before, default=0)
    level = [one if one + other - 1 == longest else 0 for one, other in zip(before, after, strict=True)]
    count = Counter(level)
    return [n for n, at in enumerate(level) if at and count[at] == 1]


def _longest(numbers: list[int]) -> list[int]:
    """For each number, how many numbers the longest ascending selection that ends with it has."""
    tails: list[int] = []
    lengths = []
    for number in numbers:
        at = bisect_left(tails, number)
        tails[at : at + 1] = [number]
        lengths.append(at + 1)
    return lengths
