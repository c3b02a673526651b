"""Whole processes against each other, in turn, in one run: ratios of the median processor time (and of wall time).

Bare times mean little on a shared machine; a ratio of two commands timed in turn does.
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from collecting import offices
from xl2report.shipped import folder

ROUNDS = 15
# Milliseconds of processor time to render one more report in a process that has rendered some, without charts.
WARM = (("html", 3), ("docx", 10), ("pdf", 60))
WARM_SCRIPT = """
import statistics, sys, time, xl2report
to, *paths = sys.argv[1:]
results = [xl2report.check(path) for path in paths]
spent = []
for result in results:  # no two alike: the typesetter keeps what it has set before
    begun = time.process_time()
    xl2report.render(result, to=to, charts=False)
    spent.append(time.process_time() - begun)
print(statistics.median(spent[len(spent) // 3 :]))
"""
COLD_PDF = 0.5  # seconds, by the clock
MANY, MANY_SECONDS, MANY_RATIO = 1000, 10, 5.0
LOADED = 100  # of them, with openpyxl
FAULTY = 20  # of so many workbooks one has faults
LICENCES, REQUESTS = "xl/worksheets/sheet4.xml", "xl/worksheets/sheet5.xml"
STRINGS = "xl/sharedStrings.xml"
FILLED = str(folder("samples") / "example-county-2023" / "filled.xlsx")
PYTHON = sys.executable
TOOL = str(Path(PYTHON).parent / "xl2report")
LOAD = [PYTHON, "-c", f"import openpyxl; openpyxl.load_workbook({FILLED!r})"]

# what, the command, what it is measured against, the ratio that must not be passed, the ratio aimed at
CASES: tuple[tuple[str, list[str], str, list[str], float, float], ...] = (
    ("check", [TOOL, "check", FILLED], "load with openpyxl", LOAD, 0.5, 0.25),
    ("render --to html", [TOOL, "render", FILLED, "--to", "html", "-o", "{folder}/a.html"], "load with openpyxl", LOAD, 1.0, 0.5),
    ("to docx, no charts", [TOOL, "render", FILLED, "--no-charts", "-o", "{folder}/a.docx"], "load with openpyxl", LOAD, 1.0, 0.5),
    ("to docx, charts", [TOOL, "render", FILLED, "-o", "{folder}/a.docx"], "load with openpyxl", LOAD, 1.25, 1.0),
    ("render --to pdf", [TOOL, "render", FILLED, "--to", "pdf", "-o", "{folder}/a.pdf"], "load with openpyxl", LOAD, 1.5, 1.0),
    ("--version", [TOOL, "--version"], "python -c pass", [PYTHON, "-c", "pass"], 5.0, 4.0),
)


def spent(command: list[str], ends: tuple[int, ...] = (0,)) -> tuple[float, float]:
    """Processor seconds (its children's included) and wall seconds of one run of a command."""
    begun = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process.wait()
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode not in ends:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def compared(command: list[str], other: list[str]) -> tuple[float, float]:
    """The ratios of processor and of wall time, each the median over rounds of the two run in turn."""
    for warm in (command, other):
        spent(warm)
    pairs = [(spent(command), spent(other)) for _ in range(ROUNDS)]
    return (
        statistics.median(ours[0] / theirs[0] for ours, theirs in pairs),
        statistics.median(ours[1] / theirs[1] for ours, theirs in pairs),
    )


def distinct(folder: Path, count: int) -> list[str]:
    """The paths of as many different workbooks: the sample with other figures, one in twenty with figures that do not balance."""
    with zipfile.ZipFile(FILLED) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    paths = []
    for n in range(count):
        path = folder / f"{n:04}.xlsx"
        changed = dict(parts)
        changed[STRINGS] = parts[STRINGS].replace(b"2023nb.html", b"2023nb%d.html" % n)  # a code of its own
        if n % FAULTY:  # figures that no total depends on
            changed[LICENCES] = re.sub(rb'(<c r="C1[378]" s="[0-9]+"><v>)[0-9]+(</v>)', rb"\g<1>%d\2" % (n + 1), parts[LICENCES])
        else:
            changed[REQUESTS] = re.sub(rb'(<c r="[E-J]9" s="[0-9]+"><v>)[0-9]+(</v>)', rb"\g<1>%d\2" % (n + 1), parts[REQUESTS])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
            for name, part in changed.items():
                target.writestr(name, part)
        paths.append(str(path))
    return paths


def many(folder: Path) -> bool:
    """Prints what checking many workbooks takes, on all cores and by processor; True if it is too slow."""
    paths = distinct(folder, MANY)
    cpu, wall = spent([TOOL, "check", "--format", "csv", *paths], ends=(0, 1))
    one, _ = spent([TOOL, "check", "--format", "csv", paths[0]], ends=(0, 1))
    load = "import openpyxl, sys\nfor path in sys.argv[1:]: openpyxl.load_workbook(path)"
    some = paths[:: MANY // LOADED]
    others, _ = spent([PYTHON, "-c", load, *some])
    start, _ = spent([PYTHON, "-c", "import openpyxl"])
    cores = os.cpu_count() or 1
    started = 1 + cores  # the command, and a process on each core; each of them starts up
    ratio = ((others - start) / len(some)) / ((cpu - started * one) / (MANY - started))
    print(f"\n{MANY} workbooks checked on {cores} cores: {wall:.1f} s (limit {MANY_SECONDS} on 2 cores), {MANY / wall:.0f} a second")
    print(f"a workbook, without starting up: loading with openpyxl takes {ratio:.1f} x the processor time of checking (aim {MANY_RATIO} or more)")
    return ratio < MANY_RATIO or (cores >= 2 and wall > MANY_SECONDS)


def rendered(folder: Path) -> bool:
    """Prints what one more document takes, and the first PDF of a process; True if one is too slow."""
    paths = [path for n, path in enumerate(distinct(folder, 32)) if n % FAULTY]
    late = False
    for to, limit in WARM:
        done = subprocess.run([PYTHON, "-c", WARM_SCRIPT, to, *paths], capture_output=True, text=True, check=True)
        spent_on = float(done.stdout) * 1000
        late = late or spent_on > limit
        print(f"{to:<5} one more document without charts: {spent_on:5.1f} ms of processor time (limit {limit}){'  TOO SLOW' if spent_on > limit else ''}")
    command = [TOOL, "render", FILLED, "--to", "pdf", "-o", str(folder / "a.pdf")]
    wall = statistics.median(spent(command)[1] for _ in range(ROUNDS))
    print(f"pdf   the first of a process, with charts: {wall:.2f} s by the clock (limit {COLD_PDF}){'  TOO SLOW' if wall > COLD_PDF else ''}")
    return late or wall > COLD_PDF


def main() -> int:
    """1 if a ratio is passed."""
    late = False
    print(f"{'command':<20}{'against':<22}{'cpu':>7}{'wall':>7}{'limit':>7}{'aim':>7}")
    with tempfile.TemporaryDirectory() as scratch:
        for name, command, against, other, limit, aim in CASES:
            cpu, wall = compared([part.replace("{folder}", scratch) for part in command], other)
            late = late or cpu > limit
            print(f"{name:<20}{against:<22}{cpu:>7.2f}{wall:>7.2f}{limit:>7.2f}{aim:>7.2f}{'  TOO SLOW' if cpu > limit else ''}")
        print()
        late = rendered(Path(scratch)) or late
        late = many(Path(scratch)) or late
        print()
        late = offices(Path(scratch)) or late
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
