"""Whole processes against each other, in turn, in one run: ratios of the median processor time (and of wall time).

Bare times mean little on a shared machine; a ratio of two commands timed in turn does.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from xl2report.shipped import folder

ROUNDS = 15
FILLED = str(folder("samples") / "example-county-2023" / "filled.xlsx")
PYTHON = sys.executable
TOOL = str(Path(PYTHON).parent / "xl2report")
LOAD = [PYTHON, "-c", f"import openpyxl; openpyxl.load_workbook({FILLED!r})"]

# what, the command, what it is measured against, the ratio that must not be passed, the ratio aimed at
CASES: tuple[tuple[str, list[str], str, list[str], float, float], ...] = (
    ("check", [TOOL, "check", FILLED], "load with openpyxl", LOAD, 0.5, 0.25),
    ("render --to html", [TOOL, "render", FILLED, "--to", "html", "-o", "{folder}/a.html"], "load with openpyxl", LOAD, 1.0, 0.5),
    ("render --to docx", [TOOL, "render", FILLED, "-o", "{folder}/a.docx"], "load with openpyxl", LOAD, 1.0, 0.5),
    ("--version", [TOOL, "--version"], "python -c pass", [PYTHON, "-c", "pass"], 5.0, 4.0),
)


def spent(command: list[str]) -> tuple[float, float]:
    """Processor seconds and wall seconds of one run of a command."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, wall


def compared(command: list[str], other: list[str]) -> tuple[float, float]:
    """The ratios of processor and of wall time, each the median over rounds of the two run in turn."""
    for warm in (command, other):
        spent(warm)
    pairs = [(spent(command), spent(other)) for _ in range(ROUNDS)]
    return (
        statistics.median(ours[0] / theirs[0] for ours, theirs in pairs),
        statistics.median(ours[1] / theirs[1] for ours, theirs in pairs),
    )


def main() -> int:
    """1 if a ratio is passed."""
    late = False
    print(f"{'command':<18}{'against':<22}{'cpu':>7}{'wall':>7}{'limit':>7}{'aim':>7}")
    with tempfile.TemporaryDirectory() as scratch:
        for name, command, against, other, limit, aim in CASES:
            cpu, wall = compared([part.replace("{folder}", scratch) for part in command], other)
            late = late or cpu > limit
            print(f"{name:<18}{against:<22}{cpu:>7.2f}{wall:>7.2f}{limit:>7.2f}{aim:>7.2f}{'  TOO SLOW' if cpu > limit else ''}")
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
