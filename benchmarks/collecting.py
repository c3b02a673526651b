"""The office's desk, timed: 42 units, then two sizes of which the larger shows whether memory stays flat; sums are recounted.

``python benchmarks/collecting.py [UNITS]``: 600 units, or as many as are asked for (5,000 take minutes). The sums of
``facts.jsonl`` are compared, to the last digit, with those of the record that the generator keeps, in which no reader has had a hand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from returns import INBOX, ROSTER, YEAR, make, recorded

FEW, FEW_SECONDS = 42, 5.0  # the whole desk
COLD_SECONDS, AGAIN_SECONDS = 60.0, 5.0  # of 5,000 units on 2 cores: reading and checking all, the whole desk when nothing has changed
MANY = 5000
UNITS = 600
SEED = 1
WORKER_GROWTH = 1.1  # times the memory of a process that reads files, for four times as many
# The command in a process that tells in the end what it and the processes that it started took at the most.
# Its own peak comes from the kernel's file: getrusage() also counts what the process that started it held just then.
SCRIPT = """
import json, re, resource, sys
from pathlib import Path
from xl2report.cli import main
try:
    main()
finally:
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    status = Path("/proc/self/status")
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) if status.exists() else own.ru_maxrss
    print(json.dumps([spent, peak / 1024, others.ru_maxrss / 1024]), file=sys.stderr)
"""


class Run(NamedTuple):
    """One run of a command: seconds by the clock and of all processors, megabytes of the command and of its largest child."""

    wall: float
    spent: float
    own: float
    worker: float


def timed(*arguments: str, ends: tuple[int, ...] = (0, 1)) -> Run:
    """Runs xl2report. RuntimeError if it ends otherwise."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    wall = time.perf_counter() - begun
    if done.returncode not in ends:
        raise RuntimeError(done.stderr)
    return Run(wall, *json.loads(done.stderr.splitlines()[-1]))


def collect(folder: Path) -> Run:
    return timed("collect", str(folder / INBOX), "--roster", str(folder / ROSTER), "-o", str(folder / "desk"), "--year", str(YEAR))


def is_recounted(folder: Path) -> bool:
    """True if every figure of every unit, and every sum, is that of the record."""
    expected = {(unit["code"], name): Decimal(value) for unit in recorded(folder) for name, value in (unit["figures"] or {}).items()}
    found: dict[tuple[str, str], Decimal] = {}
    sums: Counter[str] = Counter()
    with (folder / "desk" / "facts.jsonl").open(encoding="utf-8") as lines:
        for fact in map(json.loads, lines):
            value = Decimal(fact["value"])
            found[fact["code"], fact["item"]] = value
            sums[fact["item"]] += value
    for (_, name), value in expected.items():
        sums[name] -= value
    return found == expected and not any(sums.values())


def desk(folder: Path, units: int, limits: tuple[float, float]) -> tuple[Run, bool]:
    """Prints what a desk takes, new and unchanged; the first run, and True if a limit is passed or a sum is wrong."""
    make(folder, units, SEED)
    files = sum(path.is_file() for path in (folder / INBOX).rglob("*"))
    new, again = collect(folder), collect(folder)
    is_right = is_recounted(folder)
    late = new.wall > limits[0] or again.wall > limits[1]
    print(
        f"{units:>6}{files:>7}{new.wall:>9.1f}{new.spent:>9.1f}{units / new.wall:>9.0f}{again.wall:>9.1f}{new.own:>8.0f}{new.worker:>8.0f}{again.own:>8.0f}"
        f"{'  as recorded' if is_right else '  WRONG SUMS'}{'  TOO SLOW' if late else ''}",
        flush=True,
    )
    return new, late or not is_right


def checked(folder: Path, units: int, limit: float) -> bool:
    """Prints what reading and checking alone takes; True if it is too slow."""
    paths = sorted(str(path) for path in (folder / INBOX).rglob("*") if path.suffix in (".xlsx", ".zip") and not path.name.startswith("~$"))
    run = timed("check", "--format", "csv", *paths, ends=(2,))  # one of them cannot be read
    print(f"reading and checking {units} units alone: {run.wall:.1f} s, {run.spent:.1f} s of processor time (limit {limit:.1f} s on 2 cores){'  TOO SLOW' if run.wall > limit else ''}")
    return run.wall > limit


def offices(folder: Path, units: int = UNITS) -> bool:
    """Prints all of it; True if a limit is passed or a sum is wrong. On one core nothing is too slow."""
    slow = 1.0 if (os.cpu_count() or 1) >= 2 else float("inf")
    share = slow * max(units / MANY, 0.12)  # starting up does not get less
    print(f"{'units':>6}{'files':>7}{'new s':>9}{'cpu s':>9}{'units/s':>9}{'again s':>9}{'MB':>8}{'worker':>8}{'again':>8}  sums")
    _, late = desk(folder / "few", FEW, (FEW_SECONDS * slow, FEW_SECONDS * slow))
    some, wrong = desk(folder / "some", units // 4, (float("inf"), AGAIN_SECONDS * slow))
    late = late or wrong
    all_of_them, wrong = desk(folder / "all", units, (float("inf"), max(AGAIN_SECONDS * share, 2.0)))
    late = late or wrong
    growth = all_of_them.worker / some.worker
    print(f"four times as many units: {growth:.2f} x the memory of a process that reads (limit {WORKER_GROWTH}), {all_of_them.own / some.own:.2f} x that of the command")
    return checked(folder / "all", units, COLD_SECONDS * share) or late or growth > WORKER_GROWTH


def main() -> int:
    """1 if a limit is passed."""
    with tempfile.TemporaryDirectory() as scratch:
        return int(offices(Path(scratch), int(sys.argv[1]) if len(sys.argv) > 1 else UNITS))


if __name__ == "__main__":
    sys.exit(main())
