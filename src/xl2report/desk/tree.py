"""The tree of a roster: who is above whom, and what each unit adds up to with every figure in it once.

A unit that others name as their 上级 stands for all of them: what it sends in is their summary, not one more return. (The report of a
government covers its departments and towns; where the superior's own office has figures of its own, it is one more unit below.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from xl2report.desk.roster import Unit

Figures: TypeAlias = tuple[Decimal | None, ...]
Reason: TypeAlias = Literal["office", "replaced", "covered"]


class Branch(NamedTuple):
    """A unit with all that is below it.

    ``below`` are the rows of the units directly below. ``own`` is what the unit sent in, () where that does not count; ``added`` what those
    below add up to, () where nothing of theirs counts. ``used`` is which of the two goes into the sums. ``bottom`` counts the units with
    nobody below them; ``lacking`` are those whose figures are not in ``added``, ``left`` those whose figures are not in ``figures``.
    """

    unit: Unit
    depth: int
    below: tuple[int, ...]
    own: Figures
    added: Figures
    used: Literal["own", "added", ""]
    bottom: int
    lacking: tuple[Unit, ...]

    @property
    def figures(self) -> Figures:
        return self.own if self.used == "own" else self.added if self.used == "added" else ()

    @property
    def left(self) -> tuple[Unit, ...]:
        return () if self.used == "own" else self.lacking

    @property
    def due(self) -> int:
        """How many units at the bottom report, or have done so without being asked."""
        return self.bottom - sum(not unit.reports for unit in self.lacking)

    @property
    def overdue(self) -> tuple[Unit, ...]:
        """The units at the bottom that ought to be in ``added`` and are not."""
        return tuple(unit for unit in self.lacking if unit.reports)


Tree: TypeAlias = dict[int, Branch]  # by the row of the unit, each superior before those below it, else in the order of the roster


def superiors(units: Iterable[Unit]) -> dict[int, int]:
    """By the row of a unit the row of its superior, where it has one in the roster."""
    units = tuple(units)
    by_text = {text: unit.row for unit in units for text in (unit.name, unit.code) if text}
    return {unit.row: by_text[unit.superior] for unit in units if unit.superior in by_text}


def grown(units: Sequence[Unit], own: Mapping[int, Figures], office: str = "") -> Tree:
    """The tree, with the figures by row of the units whose return counts. ValueError if superiors go round in a ring.

    Of what a superior sent in and what those below add up to, the latter is used if nobody is lacking in it who ought to report, or if
    it is all there is; else the superior's word, which covers them all. ``office`` names the one that collects: its own workbook is made from these sums, so never used.
    """
    above = superiors(units)
    below: defaultdict[int, list[int]] = defaultdict(list)
    for unit in units:
        if unit.row in above:
            below[above[unit.row]].append(unit.row)
    order = list(_downwards([unit.row for unit in units if unit.row not in above], below))
    if len(order) != len(units):
        raise ValueError("superiors that go round in a ring")
    by_row = {unit.row: unit for unit in units}
    made: Tree = {}
    for row, depth in reversed(order):
        made[row] = _branch(by_row[row], depth, [made[one] for one in below[row]], own.get(row, ()), office)
    return {row: made[row] for row, _ in order}


def _downwards(roots: Iterable[int], below: Mapping[int, Sequence[int]]) -> Iterator[tuple[int, int]]:
    """The rows with their depths; no recursion, as nobody limits the depth of a roster."""
    left = [(row, 0) for row in roots][::-1]
    while left:
        row, depth = left.pop()
        yield row, depth
        left.extend((one, depth + 1) for one in reversed(below.get(row, ())))


def _branch(unit: Unit, depth: int, below: Sequence[Branch], own: Figures, office: str) -> Branch:
    if not below:
        return Branch(unit, depth, (), own, (), "own" if own else "", 1, () if own else (unit,))
    added = added_up(branch.figures for branch in below if branch.used)
    lacking = tuple(left for branch in below for left in branch.left)
    bottom, overdue, collects = sum(branch.bottom for branch in below), any(one.reports for one in lacking), unit.name == office
    if unit.reports and not (added or overdue or collects):
        bottom, lacking = 1, (unit,)  # nobody below it need report, nor has: it reports for them
    used: Literal["own", "added", ""] = "own" if own and not collects and (overdue or not added) else "added" if added else ""
    return Branch(unit, depth, tuple(branch.unit.row for branch in below), own, added, used, bottom, lacking)


def added_up(many: Iterable[Figures]) -> Figures:
    """Figures added up item by item, a blank as 0; () where there are none."""
    total: list[Decimal] = []
    for figures in many:
        if not total:
            total = [Decimal(0)] * len(figures)
        for n, value in enumerate(figures):
            if value:  # most are 0
                total[n] += value
    return tuple(total)


def counted(tree: Tree) -> frozenset[int]:
    """The rows of the units whose own returns make up the sums: nobody's figures are in two of them."""
    found, left = set(), [row for row, branch in tree.items() if not branch.depth]
    while left:
        branch = tree[left.pop()]
        if branch.used == "own":
            found.add(branch.unit.row)
        else:
            left.extend(branch.below)
    return frozenset(found)


def covers(tree: Tree) -> dict[int, Unit]:
    """By the row of a unit that one above it whose summary is in the sums, where there is one."""
    rows, found = counted(tree), {}
    cover: Branch | None = None  # while those that follow are deeper
    for row, branch in tree.items():
        if cover and branch.depth > cover.depth:
            found[row] = cover.unit
        else:
            cover = branch if row in rows and branch.below else None
    return found


def outside(tree: Tree, office: str) -> dict[int, Reason]:
    """Why figures that were sent in are not added, by the row of the unit.

    office: they are the sums of the one that collects. covered: a summary above has them. replaced: all below who ought to report have, and are added up instead.
    """
    rows, above = counted(tree), covers(tree)
    left = [branch for row, branch in tree.items() if branch.own and row not in rows]
    return {branch.unit.row: "office" if branch.below and branch.unit.name == office else "covered" if branch.unit.row in above else "replaced" for branch in left}
