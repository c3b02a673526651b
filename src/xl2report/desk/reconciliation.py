"""对账: what a unit handed up as the summary of those below it, beside what their own returns add up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from xl2report.desk.collection import Collection, tree
from xl2report.desk.received import Received
from xl2report.desk.tree import Branch, counted
from xl2report.form.model import Field

Verdict: TypeAlias = Literal["agrees", "differs", "open"]


class Difference(NamedTuple):
    """One item with two figures. ``sure``: no return that is lacking can explain it. ``derived``: a total that differs by what its parts do."""

    field: Field
    handed_up: Decimal
    added_up: Decimal
    sure: bool
    derived: bool

    @property
    def amount(self) -> Decimal:
        return self.handed_up - self.added_up


class Reconciliation(NamedTuple):
    """A summary that counts, of a unit below which something else counts too, and every item in which the two differ."""

    branch: Branch
    record: Received
    differences: tuple[Difference, ...]

    @property
    def verdict(self) -> Verdict:
        """agrees: no difference. differs: at least one is sure. open: those that are lacking may be the reason."""
        if not self.differences:
            return "agrees"
        return "differs" if any(one.sure for one in self.differences) else "open"


def reconciliations(found: Collection) -> tuple[Reconciliation, ...]:
    """One for each unit with both, a superior before those below it. The office's own workbook is one of them, if it is in the roster."""
    records = {standing.unit.row: standing.valid for standing in found.standings if standing.valid}
    fields = found.form.coded_fields
    both = (branch for branch in tree(found).values() if branch.own and branch.added)
    return tuple(Reconciliation(branch, records[branch.unit.row], tuple(_differences(fields, branch))) for branch in both)


def _differences(fields: tuple[Field, ...], branch: Branch) -> Iterator[Difference]:
    amounts = {
        field.id: (own or Decimal(0)) - (added or Decimal(0)) for field, own, added in zip(fields, branch.own, branch.added, strict=True)
    }
    for field, own, added in zip(fields, branch.own, branch.added, strict=True):
        amount = amounts[field.id]
        if amount:
            # what is lacking can only be added, unless the figure may be negative
            sure = not branch.lacking or (amount < 0 and field.kind != "change")
            yield Difference(field, own or Decimal(0), added or Decimal(0), sure, _derived(field, amounts))


def _derived(field: Field, amounts: Mapping[str, Decimal]) -> bool:
    """True for a difference that is the sum of those of its parts; an input has none."""
    return amounts[field.id] == sum(amounts.get(part, Decimal(0)) for part in field.parts)


def accounts(found: Collection) -> dict[int, str]:
    """By the row of a unit what is to be known of its return: that it is a summary, and why its figures are not added to the sums.

    Units whose own return is simply added are not mentioned.
    """
    branches = tree(found)
    rows, told = counted(branches), {}
    cover, depth = "", 0  # the unit whose summary covers those that follow, while they are deeper
    for row, branch in branches.items():
        if branch.depth <= depth:
            cover = ""
        if branch.own and (branch.below or row not in rows):
            told[row] = ("下级汇总，" if branch.below else "") + _account(found, branch, row in rows, cover)
        if row in rows and branch.below:
            cover, depth = branch.unit.name, branch.depth
    return told


def _account(found: Collection, branch: Branch, is_counted: bool, cover: str) -> str:
    if is_counted:
        return "已计入" if not branch.added else "已计入，下级报表不另计"
    if cover:
        return f"不另计：已含在“{cover}”的汇总里"
    return "不计入：是汇总单位自己的" if branch.unit.name == found.office else "不另计：合计用下级报表"
