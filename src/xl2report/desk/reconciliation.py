"""对账: what a unit handed up as the summary of those below it, beside what their own returns add up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from xl2report.desk.collection import Collection, tree
from xl2report.desk.received import Received
from xl2report.desk.tree import Branch, Reason, counted, covers, outside
from xl2report.form.model import Field, Form

Verdict: TypeAlias = Literal["agrees", "differs", "open"]


class Difference(NamedTuple):
    """One item with two figures. ``handed_up`` is None where the summary leaves a blank, which is compared as 0.

    ``sure``: no return that is lacking can explain it. ``derived``: a total that differs by what its parts do.
    """

    field: Field
    handed_up: Decimal | None
    added_up: Decimal
    sure: bool
    derived: bool

    @property
    def amount(self) -> Decimal:
        return (self.handed_up or Decimal(0)) - self.added_up


class Reconciliation(NamedTuple):
    """A summary that counts, of a unit below which something else counts too, and every item in which the two differ.

    ``left_out`` is why the summary is not in the sums, "" if it is.
    """

    branch: Branch
    record: Received
    differences: tuple[Difference, ...]
    left_out: Reason | Literal[""]

    @property
    def verdict(self) -> Verdict:
        """agrees: no difference. differs: at least one is sure. open: those that are lacking may be the reason."""
        if not self.differences:
            return "agrees"
        return "differs" if self.sure else "open"

    @property
    def sure(self) -> int:
        """In how many items they surely differ, totals that follow from others left out."""
        return sum(one.sure and not one.derived for one in self.differences)

    @property
    def unsure(self) -> int:
        """In how many they differ for what may be the lack of somebody, without such totals."""
        return sum(not one.sure and not one.derived for one in self.differences)


def reconciliations(found: Collection) -> tuple[Reconciliation, ...]:
    """One for each unit with both, a superior before those below it. The office's own workbook is one of them, if it is in the roster."""
    records = {standing.unit.row: standing.valid for standing in found.standings if standing.valid}
    fields = found.form.coded_fields
    branches = tree(found)
    reasons = outside(branches, found.office)
    both = [(row, branch) for row, branch in branches.items() if branch.own and branch.added]
    return tuple(Reconciliation(branch, records[row], tuple(_differences(fields, branch)), reasons.get(row, "")) for row, branch in both)


def _differences(fields: tuple[Field, ...], branch: Branch) -> Iterator[Difference]:
    amounts = {
        field.id: (own or Decimal(0)) - (added or Decimal(0)) for field, own, added in zip(fields, branch.own, branch.added, strict=True)
    }
    for field, own, added in zip(fields, branch.own, branch.added, strict=True):
        amount = amounts[field.id]
        if amount:
            # what is lacking can only be added, unless the figure may be negative
            sure = not branch.lacking or (amount < 0 and field.kind != "change")
            yield Difference(field, own, added or Decimal(0), sure, _derived(field, amounts))


def _derived(field: Field, amounts: Mapping[str, Decimal]) -> bool:
    """True for a difference that is the sum of those of its parts; an input has none."""
    return amounts[field.id] == sum(amounts.get(part, Decimal(0)) for part in field.parts)


def accounts(found: Collection) -> dict[int, str]:
    """By the row of a unit what is to be known of its return: that it is a summary, whether it agrees, why it is not added to the sums.

    Units whose own return is simply added are not mentioned.
    """
    branches = tree(found)
    rows, reasons, above = counted(branches), outside(branches, found.office), covers(branches)
    known = {one.branch.unit.row: one for one in reconciliations(found)}
    told = {}
    for row, branch in branches.items():
        if row in reasons or (row in rows and branch.below):
            account = _account(branch, reasons.get(row), above[row].name if row in above else "")
            told[row] = account + (_result(known[row]) if row in known else "")
    return told


def _account(branch: Branch, reason: Reason | None, cover: str) -> str:
    if reason == "office":
        return "本单位自己的报告，不计入"
    kind = "下级汇总，" if branch.below else ""
    if reason is None:
        return f"{kind}已计入" + ("，下级报表不另计" if branch.added else "")
    return f"{kind}不另计：" + (f"已含在“{cover}”的汇总里" if reason == "covered" else "合计用下级报表")


def _result(one: Reconciliation) -> str:
    told = [f"{count} 项{word}" for count, word in ((one.sure, "不符"), (one.unsure, "待核")) if count]
    return f"；与下级合计 {'，'.join(told)}，见对账" if told else "；与下级合计相符"


def notice(form: Form, year: int, one: Reconciliation) -> str:
    """What goes back to a unit whose summary is surely not what its units add up to, as text to be pasted; else ""."""
    items = [each for each in one.differences if each.sure and not each.derived]
    if not items:
        return ""
    lines = [
        f"{n}. {' > '.join(each.field.path)}：汇总 {'（空）' if each.handed_up is None else f'{each.handed_up:f}'}，下级合计 {each.added_up:f}，相差 {each.amount:f}"
        for n, each in enumerate(items, 1)
    ]
    lacking = "、".join(unit.name for unit in one.branch.overdue)
    return (
        f"{one.branch.unit.name}：\n\n你单位报来的 {year} 年度{form.name}汇总（{one.record.path.rpartition('/')[2]}）与下级单位报表的合计有 {len(items)} 项不符：\n\n"
        + "\n".join(lines)
        + (f"\n\n下级单位中还没有可用报表的：{lacking}。" if lacking else "")
        + f"\n\n汇总有误的，请改正后重新报送，封面的报送次数填 {one.record.times + 1}；下级单位的报表有误的，请有关单位改正后重新报送。\n"
    )
