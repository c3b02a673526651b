"""The generator of returns against the office: every unit stands where its record says, and the sums are the record's to the last digit."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

import xl2report
from xl2report.cli.app import group

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from fates import FATES
from returns import INBOX, LAST, RECORD, ROSTER, YEAR, make, recorded

UNITS = 120


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A folder with generated returns, and the desk that the command makes of them."""
    folder = tmp_path_factory.mktemp("returns") / "all"
    make(folder, UNITS, 7, previous=True, old_formats=shutil.which("soffice") is not None)
    collect(folder, "desk")
    return folder


def collect(folder: Path, desk: str, *more: str) -> None:
    arguments = ["collect", str(folder / INBOX), "--roster", str(folder / ROSTER), "-o", str(folder / desk), "--year", str(YEAR), *more]
    done = CliRunner().invoke(group, arguments)
    assert done.exit_code == 1, done.output


def listed(folder: Path, desk: str = "desk") -> dict[str, dict]:
    """The rows of the ledger by the name of the unit."""
    rows = list(openpyxl.load_workbook(folder / desk / "台账.xlsx")["台账"].iter_rows(min_row=3, values_only=True))
    return {row[1]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}


def test_every_unit_stands_where_the_record_says(desk):
    ledger = listed(desk)
    units = list(recorded(desk))
    assert len(units) == len(ledger) == UNITS
    assert {unit["kind"] for unit in units} == {fate.name for fate in FATES} | {"exempt"}  # nothing is left out
    for unit in units:
        row = ledger[unit["name"]]
        assert row["状态"] == unit["state"], unit
        expected = [word for word, holds in (("迟报", unit["late"]), ("改报", unit["amended"]), ("重复", unit["doubled"])) if holds]
        assert (row["标记"] or "").split("、") == (expected or [""]), unit
        if unit["figures"]:
            assert Path(row["采用的文件"]).relative_to(desk).as_posix() in unit["files"]


def test_files_that_are_nobodys_are_listed_and_no_others(desk):
    rows = list(openpyxl.load_workbook(desk / "desk" / "台账.xlsx")["名册外文件"].iter_rows(min_row=4, max_col=1, values_only=True))
    lines = [json.loads(line) for line in (desk / RECORD).read_text(encoding="utf-8").splitlines()]
    expected = [line["stranger"] for line in lines if "stranger" in line] + [line["files"][0] for line in lines if line.get("unreadable")]
    assert len(expected) > 3
    assert sorted(Path(path).relative_to(desk).as_posix() for (path,) in rows) == sorted(expected)


def test_figures_and_their_sums_are_those_of_the_record_to_the_last_digit(desk):
    expected = {(unit["code"], name): Decimal(value) for unit in recorded(desk) for name, value in (unit["figures"] or {}).items()}
    facts = [json.loads(line) for line in (desk / "desk" / "facts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(fact["code"], fact["item"]): Decimal(fact["value"]) for fact in facts} == expected
    assert len(facts) == len(expected)  # each once
    sums: Counter = Counter()
    for (_, name), value in expected.items():
        sums[name] += value
    assert sum(value % 1 != 0 for value in sums.values()) >= 1  # amounts too
    own = xl2report.check(desk / "desk" / "本级报告.xlsx").submission
    inputs = {name: value for name, value in sums.items() if not name.endswith(".total") and ".handled." not in name}
    assert {name: own.number(name) for name in inputs} == inputs
    matrix = openpyxl.load_workbook(desk / "desk" / "汇总.xlsx", data_only=True)["单位与项目"]
    assert sum(Decimal(str(cell.value)) for cell in matrix[4] if isinstance(cell.value, int | float)) == sum(sums.values())


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    made = []
    for n, seed in enumerate((3, 3, 4)):
        make(tmp_path / str(n), 30, seed, previous=True)
        files = {path.relative_to(tmp_path / str(n)).as_posix(): path for path in (tmp_path / str(n)).rglob("*") if path.is_file()}
        came = {name: path.stat().st_mtime for name, path in files.items() if "/" in name}
        made.append(({name: path.read_bytes() for name, path in files.items()}, came))
    assert made[0] == made[1]
    assert made[0][0][RECORD] != made[2][0][RECORD]
    assert {name.partition("/")[0] for name in made[0][0]} == {INBOX, LAST, RECORD, ROSTER}


def test_last_years_returns_balance_and_hand_on_what_this_year_begins_with(desk):
    units = {unit["code"]: unit for unit in recorded(desk)}
    roster = [line.split(",") for line in (desk / ROSTER).read_text(encoding="utf-8-sig").splitlines()[1:]]
    this_code = {line[5] or line[0]: line[0] for line in roster}
    seen, differing = 0, 0
    for path in sorted((desk / LAST).iterdir()):
        result = xl2report.check(path)
        assert not [finding for finding in result.findings if finding.severity == "error"], path
        now = units[this_code[result.agency_code]]
        if now["figures"]:
            over = {who: result.submission.number(f"requests.carried_out.{who}") for who in ("natural", "commercial", "other_org")}
            differs = [who for who, value in over.items() if value is not None and value != Decimal(now["figures"][f"requests.carried_in.{who}"])]
            assert differs == now["differs_from_last"], path
            seen += 1
            differing += bool(differs)
    assert seen > 80
    assert differing


def test_beside_last_years_returns_only_the_units_that_differ_are_asked_about_it(desk):
    collect(desk, "compared", "--previous", str(desk / LAST))
    ledger = listed(desk, "compared")
    differing = 0
    for unit in recorded(desk):
        is_asked = unit["state"] == "已报" and bool(unit["differs_from_last"])
        assert ledger[unit["name"]]["状态"] == ("待说明" if is_asked else unit["state"]), unit
        differing += is_asked
    assert differing
