"""``collect``: an inbox against a roster, and the desk that comes of it."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from xl2report.cli.issuing import roster_of, waivers_of
from xl2report.cli.language import words
from xl2report.cli.output import say, show
from xl2report.cli.processes import MANY
from xl2report.collected import collect
from xl2report.desk.collection import Collection, Standing
from xl2report.desk.inbox import SameFolder
from xl2report.desk.ledger import STATES
from xl2report.form.model import Form

_STEP = 0.2  # seconds between two words of progress


class Order(NamedTuple):
    """What the command was asked for."""

    roster: Path
    folder: Path
    agency: str
    deadline: datetime.date | None
    waivers: Path | None


def run(form: Form, year: int, inbox: Path, order: Order) -> int:
    """The exit code: 0 every unit counts, 1 something has to be chased, 2 no roster or no inbox."""
    units = roster_of(form, order.roster)
    if units is None:
        return 2
    if not inbox.exists():
        say(words(f"{inbox}：没有这个文件夹", f"{inbox}: there is no such folder"))
        return 2
    waivers = waivers_of(form, units, order.waivers) if order.waivers else ()
    if waivers is None:
        return 2
    try:
        done = collect(
            inbox, units.units, order.folder, form=form, year=year, agency=order.agency, deadline=order.deadline, waivers=waivers,
            progress=_Progress(),
        )  # fmt: skip
    except SameFolder:
        say(words(
            f"{order.folder} 与收件的文件夹混在一起：-o 请另指定一个文件夹",
            f"{order.folder} and the inbox are in one another's way: name another folder with -o",
        ))  # fmt: skip
        return 2
    for path in done.written:
        show(str(path))
    _say(done.collection, done.files)
    return int(any(not standing.counts and standing.state != "exempt" for standing in done.collection.standings))


class _Progress:
    """How far a run has got, on the last line of a terminal: count, rate, time left. A few files are not worth a word."""

    def __init__(self) -> None:
        self._what, self._begun, self._told = "", 0.0, 0.0

    def __call__(self, what: str, done: int, count: int) -> None:
        now = time.monotonic()
        if what != self._what:
            self._what, self._begun, self._told = what, now, 0.0
        if count < MANY or not sys.stderr.isatty() or (now - self._told < _STEP and done < count):
            return
        self._told = now
        rate = done / max(now - self._begun, 0.001)
        doing = words("读取", "read") if what == "read" else words("退回", "returned")
        left = words(f"还要 {(count - done) / rate:.0f} 秒", f"{(count - done) / rate:.0f} s left")
        print(f"\r{doing} {done}/{count}  {rate:.0f}/s  {left}   ", end="\n" if done == count else "", file=sys.stderr, flush=True)


def _say(found: Collection, files: int) -> None:
    told = []
    for state, word in STATES.items():
        here = [standing for standing in found.standings if standing.state == state]
        if here:
            told.append(f"{word} {len(here)}")
    say(words(f"收到文件 {files} 个；{len(found.standings)} 个单位：{'，'.join(told)}", f"{files} files; {len(found.standings)} units: {', '.join(told)}"))
    if let_through := [standing.unit.name for standing in found.standings if standing.waived]:
        say(words(f"放行 {len(let_through)} 个：{'、'.join(let_through)}", f"waived ({len(let_through)}): {', '.join(let_through)}"))
    if found.strangers:
        say(words(f"不属于名册里任何单位的文件 {len(found.strangers)} 个，见台账", f"files that belong to no unit of the roster: {len(found.strangers)}, see 台账"))
    if chased := names(found.standings):
        say(words(f"还要催办：{chased}", f"to be chased: {chased}"))


def names(standings: Sequence[Standing], most: int = 20) -> str:
    """The units that do not count yet, by name."""
    left = [standing.unit.name for standing in standings if not standing.counts and standing.state != "exempt"]
    more = words(f" 等 {len(left)} 个", f" and {len(left) - most} more") if len(left) > most else ""
    return words("、", ", ").join(left[:most]) + more
