"""An inbox taken in against a roster, and the desk that comes of it."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

from xl2report.archive import of_unit, read_archive
from xl2report.checked import check_named
from xl2report.desk.about import ABOUT_NAME, About, OtherDesk, about, about_line
from xl2report.desk.batch import Progress, batch
from xl2report.desk.collection import Collection, collection
from xl2report.desk.facts import facts
from xl2report.desk.filed import Filed, filed
from xl2report.desk.inbox import inbox_files
from xl2report.desk.last_returns import LAST_NAME, LastReturns, last_returns
from xl2report.desk.ledger import ledger
from xl2report.desk.memory import NAME
from xl2report.desk.occupied import alone
from xl2report.desk.own_report import own_report, written_in
from xl2report.desk.reconciliation_book import reconciliation_book
from xl2report.desk.returns import write_returns
from xl2report.desk.roster import Unit
from xl2report.desk.summary import summary
from xl2report.desk.waivers import Waiver
from xl2report.earlier import Earlier
from xl2report.form.model import Form
from xl2report.written import sweep, write_whole

RETURNS, RECONCILED, OWN = "退回", "对账.xlsx", "本级报告.xlsx"


class Collected(NamedTuple):
    """Where the units stand, how many files that rests on, the workbooks written, as they are called, last year's returns.

    ``kept`` is where the office's own workbook is, as somebody had left it, if it had been edited.
    """

    collection: Collection
    files: int
    written: tuple[Path, ...]
    last: LastReturns | None
    kept: Path | None


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
    previous: Path | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Collected:
    """What came in, written into the folder: 台账.xlsx, 汇总.xlsx, 本级报告.xlsx, facts.jsonl, and 退回 with what goes back.

    Where the roster says who is above whom, 对账.xlsx as well. ``previous`` are last year's returns, with which every one of
    this year's is compared; ``agency`` is the office itself, whose own report is not added to the sums.
    Another run in the same folder reads only what is new; one that was broken off at any moment goes on where it was. What
    has been written into 本级报告.xlsx stays, but for its figures. Raises as inbox_files and batch do, Occupied while another
    run is at work in the folder, OtherDesk if it is that of another year.
    """
    files = inbox_files(inbox, folder, folder / RETURNS)
    with alone(folder):
        before = about(folder)
        if before is not None and (before.form, before.year) != (form.id, year):
            raise OtherDesk(before)
        sweep(folder)
        write_whole([(folder / ABOUT_NAME, [about_line(before or About(form.id, year, ""))])])
        try:
            last = _last(previous, units, folder, year, executor)
            records = list(batch(files, folder / NAME, last=last, executor=executor, progress=progress))
            found = collection(form, year, units, records, deadline=deadline, waivers=waivers, office=agency)
            returned = write_returns(found, folder / RETURNS, last=last.path if last else None, executor=executor, progress=progress)
            own, kept = _own(found, last, agency, folder / OWN, before.own if before else "")
            written = write_whole((folder / name, pieces) for name, pieces in _contents(found, agency, folder, returned, own))
            if RECONCILED not in {path.name for path in written}:
                (folder / RECONCILED).unlink(missing_ok=True)  # of a run with another roster
        except BaseException:
            sweep(folder)
            raise
    return Collected(found, len(records), tuple(path for path in written if path.name != ABOUT_NAME), last, kept)


def _own(found: Collection, last: LastReturns | None, agency: str, path: Path, as_written: str) -> tuple[bytes, Path | None]:
    """The office's own workbook, with all that stands in the present one beside its figures; and where that is kept, if it was edited."""
    try:
        present = path.read_bytes()
    except OSError:
        present = b""
    content = own_report(found, agency, _own_last(found, last, agency), written_in(present, found.form) if present else None)
    if not present or present == content or hashlib.sha256(present).hexdigest() == as_written:
        return content, None
    [kept] = write_whole([(path.with_name(f"{path.stem}.旧{path.suffix}"), [present])], overwrite=False)
    return content, kept


def _last(previous: Path | None, units: Sequence[Unit], folder: Path, year: int, executor: Executor | None) -> LastReturns | None:
    if previous is None:
        return None
    files = inbox_files(previous, folder, folder / RETURNS)
    folder.mkdir(parents=True, exist_ok=True)
    return last_returns(files, folder / LAST_NAME, year - 1, units, executor=executor)


def _own_last(found: Collection, last: LastReturns | None, agency: str) -> Filed | None:
    """The office's own workbook of last year, if it is among last year's returns."""
    if last is None or not agency:
        return None
    unit = next((standing.unit for standing in found.standings if standing.unit.name == agency), None)
    report = of_unit(read_archive(last.path), found.year - 1, unit.code if unit else "", agency)
    result = check_named(report.path) if isinstance(report, Earlier) else None
    return filed(result, found.form) if result and result.handed_on else None


def _contents(
    found: Collection, agency: str, folder: Path, returned: Mapping[int, Sequence[Path]], own: bytes
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Each file of the desk with its content, made one after the other."""
    title = f"{agency}{found.year}年度{found.form.name}"
    yield "台账.xlsx", [ledger(found, title, folder, returned)]
    yield "汇总.xlsx", [summary(found, title, folder)]
    if any(standing.unit.superior for standing in found.standings):
        yield RECONCILED, [reconciliation_book(found, title)]
    yield OWN, [own]
    yield ABOUT_NAME, [about_line(About(found.form.id, found.year, hashlib.sha256(own).hexdigest()))]
    yield "facts.jsonl", (f"{line}\n".encode() for line in facts(found))
