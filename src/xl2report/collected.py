"""An inbox taken in against a roster, and the desk that comes of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

from xl2report.desk.batch import Progress, batch
from xl2report.desk.collection import Collection, collection
from xl2report.desk.facts import facts
from xl2report.desk.inbox import inbox_files
from xl2report.desk.ledger import ledger
from xl2report.desk.memory import NAME
from xl2report.desk.own_report import own_report
from xl2report.desk.returns import write_returns
from xl2report.desk.roster import Unit
from xl2report.desk.summary import summary
from xl2report.desk.waivers import Waiver
from xl2report.desk.written import sweep, write_whole
from xl2report.form.model import Form

RETURNS = "退回"


class Collected(NamedTuple):
    """Where the units stand, how many files that rests on, and the workbooks written, as they are called."""

    collection: Collection
    files: int
    written: tuple[Path, ...]


def collect(
    inbox: Path,
    units: Sequence[Unit],
    folder: Path,
    *,
    form: Form,
    year: int,
    agency: str = "",
    deadline: datetime.date | None = None,
    waivers: Iterable[Waiver] = (),
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Collected:
    """What came in, written into the folder: 台账.xlsx, 汇总.xlsx, 本级报告.xlsx, facts.jsonl, and 退回 with what goes back.

    Another run in the same folder reads only what is new; one that was broken off at any moment goes on where it was.
    Raises as inbox_files and batch do.
    """
    sweep(folder)
    try:
        records = list(batch(inbox_files(inbox, folder, folder / RETURNS), folder / NAME, executor=executor, progress=progress))
        found = collection(form, year, units, records, deadline=deadline, waivers=waivers)
        written = write_whole((folder / name, pieces) for name, pieces in _contents(found, agency))
        write_returns(found, folder / RETURNS, executor=executor, progress=progress)
    except BaseException:
        sweep(folder)
        raise
    return Collected(found, len(records), written)


def _contents(found: Collection, agency: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Each file of the desk with its content, made one after the other."""
    title = f"{agency}{found.year}年度{found.form.name}"
    yield "台账.xlsx", [ledger(found, title)]
    yield "汇总.xlsx", [summary(found, title)]
    yield "本级报告.xlsx", [own_report(found, agency)]
    yield "facts.jsonl", (f"{line}\n".encode() for line in facts(found))
