"""放行: rules that need not hold for a unit, because somebody has said so and why."""

from __future__ import annotations

from collections.abc import Collection as Many
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from xl2report.desk.listing import ListRefused, read_listing
from xl2report.desk.roster import Unit

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit": ("代码", "机关代码", "单位代码", "名称", "机关名称", "单位名称"),
    "rule": ("规则",),
    "reason": ("原因",),
    "approver": ("批准人",),
}


_CELL_TESTS = "cells."  # begins the ids of the tests of single cells, which are listed beside the rules


class Waiver(NamedTuple):
    """One rule let through for one unit; ``row`` is the unit's in the roster."""

    row: int
    rule: str
    reason: str
    approver: str

    @property
    def told(self) -> str:
        return f"放行 {self.rule}：{self.reason}（{self.approver}）"


def read_waivers(path: Path, units: Sequence[Unit], rules: Many[str]) -> tuple[Waiver, ...]:
    """The waivers in a .csv file or a workbook. ListRefused with every fault. ``rules`` are those that must hold."""
    listing = read_listing(path, COLUMNS, ("unit", "rule", "reason", "approver"))
    by_text = {text: unit for unit in units for text in (unit.name, unit.code) if text}
    found, faults = [], []
    for row in listing.body:
        text, rule, reason, approver = (listing.text(row, name) for name in COLUMNS)
        unit = by_text.get(text)
        if unit is None:
            faults.append(listing.fault("C201", row, "unit", raw=text))
        if rule.startswith(_CELL_TESTS):
            faults.append(listing.fault("C204", row, "rule", raw=rule))
        elif rule not in rules:
            faults.append(listing.fault("C202", row, "rule", raw=rule))
        if not (reason and approver):
            faults.append(listing.fault("C203", row, "approver" if reason else "reason"))
        if unit is not None:
            found.append(Waiver(unit.row, rule, reason, approver))
    if faults:
        raise ListRefused(tuple(faults))
    return tuple(dict.fromkeys(found))
