"""``collect``: an inbox against a roster, and the desk that comes of it."""

from __future__ import annotations

import datetime
import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from xl2report.checked import check_each
from xl2report.cli.issuing import roster_of, waivers_of
from xl2report.cli.language import words
from xl2report.cli.output import UNFINISHED, say, show, write_file
from xl2report.cli.processes import MANY, spread
from xl2report.cli.targets import file_name
from xl2report.desk.collection import Collection, Standing, collection
from xl2report.desk.facts import facts
from xl2report.desk.ledger import STATES, ledger
from xl2report.desk.letters import letter
from xl2report.desk.memory import NAME, digest, line, mark, placed, remembered
from xl2report.desk.own_report import own_report
from xl2report.desk.received import Received, came_in, received
from xl2report.desk.summary import summary
from xl2report.form.model import Form

_RETURNS, _SIGNS = "退回", ".signs.tsv"


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
    records = list(_records(inbox, order.folder))
    found = collection(form, year, units.units, records, deadline=order.deadline, waivers=waivers)
    _write(found, order)
    _say(found, len(records))
    return int(any(not standing.counts and standing.state != "exempt" for standing in found.standings))


def _records(inbox: Path, desk: Path) -> Iterator[Received]:
    """Every file of the inbox, folders and zips included; never what an earlier run wrote, nor what it has read already.

    What is read is written down at once: a run that was broken off goes on where it was.
    """
    files = [inbox] if inbox.is_file() else sorted(path for path in inbox.rglob("*") if path.is_file() and not path.name.startswith((".", "~$")))
    files = [path for path in files if desk.resolve() not in path.resolve().parents]
    for left in desk.rglob(f"{UNFINISHED}*"):  # of a run that was killed while it wrote
        left.unlink(missing_ok=True)
    judge, memory = mark(), desk / NAME
    known = remembered(memory, judge)
    digests = {path: digest(path) for path in files}
    new = [path for path in files if digests[path] not in known]
    desk.mkdir(parents=True, exist_ok=True)
    fresh: dict[Path, list[Received]] = {}
    with memory.open("a", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write("\n")  # after a line that broke off
        for path, records in zip(new, _told(spread(received, new), len(new)), strict=True):
            fresh[path] = records
            if digests[path]:
                stream.write(line(digests[path], judge, path, records) + "\n")
                stream.flush()
    lines = []
    for path in files:
        records = fresh[path] if path in fresh else list(placed(known[digests[path]], path, came_in(path)))
        lines.append(line(digests[path], judge, path, records))
        yield from records
    write_file(memory, "".join(f"{one}\n" for one in dict.fromkeys(lines)).encode("utf-8", "backslashreplace"))


def _told(results: Iterator[list[Received]], count: int) -> Iterator[list[Received]]:
    """The results, with how far they have got on the last line of a terminal."""
    begun = time.monotonic()
    shown = sys.stderr.isatty() and count >= MANY
    for n, records in enumerate(results, 1):
        yield records
        if shown and (n % 20 == 0 or n == count):
            rate = n / max(time.monotonic() - begun, 0.001)
            left = words(f"还要 {(count - n) / rate:.0f} 秒", f"{(count - n) / rate:.0f} s left")
            print(f"\r{n}/{count}  {rate:.0f}/s  {left}   ", end="\n" if n == count else "", file=sys.stderr, flush=True)


def _write(found: Collection, order: Order) -> None:
    title = f"{order.agency}{found.year}年度{found.form.name}"
    written = {
        "台账.xlsx": ledger(found, title),
        "汇总.xlsx": summary(found, title),
        "本级报告.xlsx": own_report(found, order.agency),
        "facts.jsonl": "".join(f"{line}\n" for line in facts(found)).encode(),
    }
    for name, content in written.items():
        show(str(write_file(order.folder / name, content)))
    _return(found, order.folder / _RETURNS)


class _Job(NamedTuple):
    """What goes back to one unit: the name of its files, the letter, the file that is marked if there is one."""

    stem: str
    text: str
    marked: str
    sha256: str

    @property
    def sign(self) -> str:
        """What the files in the folder were made of."""
        return f"{self.sha256} {hashlib.sha256(self.text.encode()).hexdigest()}"


def _return(found: Collection, folder: Path) -> None:
    """The letters, and with them the marked workbooks; those of an earlier run go, or stay where nothing has changed."""
    jobs = [_job(found, standing) for standing in found.standings]
    signs = folder / _SIGNS
    before = dict(line.rsplit("\t", 1) for line in _text(signs).splitlines() if "\t" in line)
    judge = mark()
    now = {job.stem: f"{judge} {job.sign}" for job in jobs if job.text}
    signs.unlink(missing_ok=True)  # until all is done again nothing is to be relied on
    todo = []
    for job in jobs:
        files = [folder / f"{job.stem}.{ending}" for ending in ("txt", *(["xlsx"] if job.marked else []))]
        if job.text and before.get(job.stem) == now[job.stem] and all(path.exists() for path in files):
            continue
        for ending in ("txt", "xlsx"):
            (folder / f"{job.stem}.{ending}").unlink(missing_ok=True)
        if job.text:
            todo.append(job)
    made = set(now) - {job.stem for job in todo}
    for job, copy in zip(todo, spread(_marked, todo), strict=True):
        write_file(folder / f"{job.stem}.txt", job.text.encode("utf-8-sig"))
        if copy:
            write_file(folder / f"{job.stem}.xlsx", copy)
        if copy or not job.marked:
            made.add(job.stem)
    if now:
        write_file(signs, "".join(f"{stem}\t{now[stem]}\n" for stem in sorted(made)).encode())


def _job(found: Collection, standing: Standing) -> _Job:
    unit, latest = standing.unit, standing.history[0] if standing.history else None
    text = letter(found.form, found.year, standing)
    is_marked = bool(text and latest and standing.state != "unclear" and (latest.errors or latest.queries) and latest.status != "unreadable")
    stem = file_name("_".join(part for part in (unit.code, unit.name) if part))
    return _Job(stem, text, latest.path if latest and is_marked else "", latest.sha256 if latest else "")


def _marked(job: _Job) -> bytes | None:
    """The file with its findings marked; None where there is none, or none can be: the letter says what is wrong."""
    from xl2report.marked import marked_copy
    from xl2report.workbook.losses import CannotMark

    outer = next((path for path in (Path(job.marked), *Path(job.marked).parents) if path.is_file()), None) if job.marked else None
    result = next((one for one in check_each(outer) if one.path == job.marked), None) if outer else None
    try:
        return marked_copy(result).content if result else None
    except CannotMark:
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


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
