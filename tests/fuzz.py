"""The long run: ``python tests/fuzz.py N_XLSX N_OLD [--seed S] [--jobs J]``. Exit 1 and the seeds if anything fails.

``python tests/fuzz.py --one SEED [--old] [-o FILE]`` makes one mutant again and judges it aloud.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import fcntl
import functools
import hashlib
import io
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import openpyxl

import witness
import xl2report
from mutations import Base, Mutant, mutant, old_mutant
from xl2report.checked import Checked, check_content
from xl2report.printed import as_csv, as_json, as_text
from xl2report.shipped import folder

SECONDS, MEBIBYTES = 10.0, 256
CHUNK = 250
OLD = ("xls ", "ods ")  # begin the names of their bases
FORMATS = ("html", "docx", "md", "json")


class Judged(NamedTuple):
    """One mutant's fate: its status, what is wrong with the program's answer, seconds spent."""

    mutant: Mutant
    status: str
    faults: tuple[str, ...]
    seconds: float
    codes: tuple[str, ...] = ()


# -- what is mutated ---------------------------------------------------------------------------------------------------


def bases(office_folder: Path | None = None) -> list[Base]:
    """The workbooks that mutants are made of, those that LibreOffice saved included if a folder for them is given."""
    found: list[Base] = []
    for path in sorted(folder("samples").glob("*/filled.xlsx")):
        content = path.read_bytes()
        found.append(Base(path.parent.name, content, 4))
        found.append(Base(f"openpyxl {path.parent.name}", _resaved(content)))
        if office_folder:
            found.append(Base(f"office {path.parent.name}", _converted(path, "xlsx", office_folder)))
    found += [Base(f"blank {path.parent.name}", path.read_bytes()) for path in sorted(folder("workbook_templates").glob("*/blank.xlsx"))]
    return [*found, Base("zeros", zeros(), 2), *labelled()]


def old_bases(office_folder: Path) -> list[Base]:
    """The samples as .xls and .ods, converted once into the folder."""
    return [
        Base(f"{kind} {path.parent.name}", _converted(path, kind, office_folder))
        for path in sorted(folder("samples").glob("*/filled.xlsx"))
        for kind in ("xls", "ods")
    ]


def zeros() -> bytes:
    """A workbook that passes although its tables are blank: where a hidden figure would be missed by no sum."""
    source = next(iter(sorted(folder("samples").glob("*/filled.xlsx"))))
    result = check_content("a.xlsx", source.read_bytes())
    assert result.form is not None
    assert result.submission is not None
    values = {entry.field: entry.value for entry in result.submission.entries.values() if entry.value is not None and not result.form.fields[entry.field].parts}
    for table in result.form.tables:
        for field in table.cells:
            values.pop(field.id, None)
        values[table.zero_question.id] = "是"
    prose = {name: tuple(text for text in value if "{" not in text) for name, value in values.items() if isinstance(value, tuple)}
    return xl2report.template(result.form, values={**values, **prose})


def labelled() -> list[Base]:
    """An official table as other offices make it: labels and figures, nothing of ours."""
    source = sorted(folder("samples").glob("*/filled.xlsx"))[0]
    book = openpyxl.load_workbook(source, data_only=True)
    kept = [sheet for sheet in book.worksheets if sheet.merged_cells.ranges and sheet.title not in ("校验", "_meta", "填报说明")]
    other = openpyxl.Workbook()
    for old in kept:
        new = other.create_sheet(old.title)
        for row in old.iter_rows(min_row=2, min_col=2, max_col=None if len(old.merged_cells.ranges) > 10 else 3):  # no hints
            for cell in row:
                if cell.value is not None and not old.row_dimensions[cell.row].hidden:
                    new[cell.coordinate] = cell.value
        for area in old.merged_cells.ranges:
            new.merge_cells(str(area))
    other.remove(other.worksheets[0])
    out = io.BytesIO()
    other.save(out)
    return [Base("labels", out.getvalue())]


def _resaved(content: bytes) -> bytes:
    out = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(content)).save(out)
    return out.getvalue()


def _converted(path: Path, kind: str, target: Path) -> bytes:
    """A file converted by LibreOffice, kept in the folder; several processes may ask for it at once."""
    kept = target / f"{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}.{kind}"
    with (target / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            with tempfile.TemporaryDirectory() as made:
                command = ["soffice", "--headless", f"-env:UserInstallation=file://{target}/profile", "--convert-to", kind, "--outdir", made, str(path)]
                subprocess.run(command, check=True, capture_output=True, timeout=180)
                kept.write_bytes((Path(made) / f"{path.stem}.{kind}").read_bytes())
    return kept.read_bytes()


# -- the judge ---------------------------------------------------------------------------------------------------------


class TooSlow(BaseException):
    """Not an Exception, so that nothing under test can catch it."""


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TooSlow(f"over {seconds} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def judge(one: Mutant, thorough: bool = True) -> Judged:
    """The program's answer to a mutant, judged: no exception, in time, printable, and no figure other than the file's."""
    _bare()
    _forget_most()
    begun = time.perf_counter()
    faults: list[str] = []
    status, codes = "none", ()
    spent = 0.0
    try:
        with alarm(SECONDS):
            result = check_content(f"{one.seed}.xlsx", one.content)
            status, codes = result.status, tuple(sorted({finding.code for finding in result.findings}))
            faults += _printed(one, result, thorough)
        spent = time.perf_counter() - begun
        if _most() - _bare() > MEBIBYTES and (more := alone(one.content)) > MEBIBYTES:  # not this process's own
            faults.append(f"{more} MiB beside the interpreter and its modules")
        if result.submission is not None:
            with alarm(30):
                faults += _true(one, result, thorough)
    except (Exception, TooSlow) as error:  # whatever it is, it is what we look for
        where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__) if frame.name != "ring"]
        faults.append(f"{type(error).__name__}: {error} at {' '.join(where[-3:])}")
    return Judged(one, status, tuple(faults), spent, codes)


def _printed(one: Mutant, result: Checked, thorough: bool) -> Iterator[str]:
    has_errors = any(finding.severity == "error" for finding in result.findings)
    if has_errors != (result.status != "pass"):
        yield f"{result.status} with{'' if has_errors else 'out'} errors"
    for language in ("zh", "en") if thorough else (("zh", "en")[one.seed // 4 % 2],):
        for write in (as_text, as_json, as_csv):
            text = write([result], language)
            text.encode()
            text.encode("gbk", "backslashreplace")
    if result.submission is not None and (result.status == "pass" or one.seed % 4 == 0):
        xl2report.render(result, to=FORMATS[one.seed // 2 % len(FORMATS)], draft=result.status != "pass")


def _true(one: Mutant, result: Checked, thorough: bool) -> Iterator[str]:
    """What the witnesses say. A failing workbook is compared too: it is mended by what its findings say of it."""
    if result.status != "pass" and not thorough and one.seed % 2 and one.seed % 8 != 1:
        return  # its XML is whole
    sheets = witness.wanted(result)
    assert result.form is not None
    assert result.submission is not None
    if result.status == "pass" and (lost := set(result.form.fields) - set(result.submission.entries)):
        yield f"passes without {sorted(lost)[:3]}"
    if not one.base.startswith(OLD):
        try:
            seen = witness.sheets(one.content, sheets)
        except Exception as error:
            yield f"no witness: {type(error).__name__} {error}"
            return
        yield from (f"lie: {text}" for text in witness.lies(result, {name: sheet.cells for name, sheet in seen.items()}))
        if result.status == "pass":
            yield from (f"hidden: {text}" for text in witness.hidden(result, seen))
        others = (witness.sheets_by_openpyxl,)
    elif one.base.startswith("ods "):
        others = (witness.sheets_by_calamine, witness.sheets_of_ods)
    else:
        others = (witness.sheets_by_calamine,)
    for by in others if thorough or one.seed % 16 == 0 or one.base.startswith(OLD) else ():
        try:
            other = by(one.content, sheets)
        except Exception:
            continue  # it refuses many odd files
        if all(other.get(name) for name in sheets):  # and passes over sheets whose relations or namespace it does not know
            yield from (f"lie ({by.__name__}): {text}" for text in witness.lies(result, other))


# -- the long run ------------------------------------------------------------------------------------------------------

_ready: dict[bool, list[Base]] = {}  # of this process: the bases of .xlsx, those of old formats


def start(office_folder: Path | None, old: bool) -> None:
    """What every process has before its first mutant."""
    _bare()
    _ready[old] = old_bases(office_folder) if old and office_folder else bases(office_folder)
    for base in _ready[old]:
        if found := judge(Mutant(0, base.name, (), base.content)).faults:
            raise AssertionError(f"{base.name}: {found}")


def run(seeds: Sequence[int], thorough: bool = True, old: bool = False) -> list[Judged]:
    """The mutants of some seeds, judged in this process; their contents are left out of what is handed back."""
    make = old_mutant if old else mutant
    judged = []
    for seed in seeds:
        one = make(seed, _ready[old])
        judged.append(judge(one, thorough)._replace(mutant=one._replace(content=b"")))
    return judged


_ALONE = """
import sys
from xl2report.checked import check_content
from xl2report.printed import as_csv, as_json, as_text
def peak():
    return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
content = sys.stdin.buffer.read()
before = peak()
result = check_content("a.xlsx", content)
for write in (as_text, as_json, as_csv):
    write([result], "zh")
print(peak() - before)
"""


def alone(content: bytes) -> int:
    """The most MiB that a process takes for one file beside the interpreter and its modules."""
    return int(subprocess.run([sys.executable, "-c", _ALONE], input=content, capture_output=True, check=True).stdout)


@functools.lru_cache
def _bare() -> int:
    """MiB of this process when it was first asked for: before any workbook."""
    return _status("VmRSS")


def _most() -> int:
    """The most MiB that this process has had since ``_forget_most``."""
    return _status("VmHWM")


def _forget_most() -> None:
    with contextlib.suppress(OSError), Path("/proc/self/clear_refs").open("w") as file:
        file.write("5")


def _status(name: str) -> int:
    with contextlib.suppress(OSError), Path("/proc/self/status").open() as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith(name))
    return 0


def summary(judged: Sequence[Judged]) -> str:
    """The share of every mutator's mutants that reach the matcher, and of the statuses."""
    lines = []
    by: dict[str, collections.Counter[str]] = {}
    for one in judged:
        for name in set(one.mutant.mutators):
            by.setdefault(name, collections.Counter())[one.status] += 1
    for name, count in sorted(by.items()):
        reached = count["pass"] + count["fail"]
        lines.append(f"{name:18} {count.total():6}  reached {reached / count.total():4.0%}  passed {count['pass'] / count.total():4.0%}")
    total = collections.Counter(one.status for one in judged)
    slowest = max(judged, key=lambda one: one.seconds)
    lines.append(f"{'all':18} {len(judged):6}  {dict(total)}  slowest {slowest.seconds:.2f} s (seed {slowest.mutant.seed})")
    return "\n".join(lines)


def xml_share(judged: Sequence[Judged]) -> float:
    """The share of the mutants with altered XML that reach the matcher."""
    altered = [one for one in judged if one.mutant.seed % 2 == 0]
    return sum(one.status in ("pass", "fail") for one in altered) / max(len(altered), 1)


def _long(count: int, first: int, jobs: int, office_folder: Path, old: bool) -> bool:
    start(office_folder, old)  # here first, where what is wrong with it can be seen
    chunks = [range(at, min(at + CHUNK, first + count)) for at in range(first, first + count, CHUNK)]
    judged: list[Judged] = []
    bad = 0
    context = multiprocessing.get_context("spawn")
    begun = time.monotonic()
    with context.Pool(jobs, start, (office_folder, old), maxtasksperchild=8) as pool:
        for done in pool.imap_unordered(functools.partial(run, old=old), chunks):
            judged += done
            for one in done:
                if one.faults:
                    bad += 1
                    print(f"seed {one.mutant.seed} {one.mutant.base} {one.mutant.mutators} {one.status}: {'; '.join(one.faults)[:600]}", flush=True)
            print(f"{len(judged)}/{count} in {time.monotonic() - begun:.0f} s, {bad} bad", file=sys.stderr, flush=True)
    print(summary(judged))
    if not old:
        print(f"XML mutants that reach the matcher: {xml_share(judged):.0%}")
    return not bad


def _one(seed: int, old: bool, office_folder: Path, output: Path | None) -> bool:
    start(office_folder, old)
    one = (old_mutant if old else mutant)(seed, _ready[old])
    if output:
        output.write_bytes(one.content)
    found = judge(one)
    print(one.base, one.mutators, found.status, found.codes, f"{found.seconds:.2f} s", *found.faults, sep="\n")
    with alarm(SECONDS):
        print(as_text([check_content(f"{seed}.xlsx", one.content)], "zh")[:3000])
    return not found.faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("xlsx", type=int, nargs="?", default=0)
    parser.add_argument("old", type=int, nargs="?", default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--one", type=int)
    parser.add_argument("--is-old", action="store_true")
    parser.add_argument("--office", type=Path, default=Path(tempfile.gettempdir()) / "xl2report-fuzz")
    parser.add_argument("-o", type=Path)
    given = parser.parse_args()
    given.office.mkdir(exist_ok=True)
    if given.one is not None:
        return 0 if _one(given.one, given.is_old, given.office, given.o) else 1
    good = [_long(count, given.seed, given.jobs, given.office, old) for count, old in ((given.xlsx, False), (given.old, True)) if count]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
