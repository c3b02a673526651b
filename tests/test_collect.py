"""collect: an inbox against a roster: who has reported, what goes back, what the units add up to."""

from __future__ import annotations

import datetime
import io
import json
import os
import random
import subprocess
import sys
import time
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

import xl2report
from test_report_data import FORMS
from xl2report import checked as checked_module
from xl2report.cli.app import group
from xl2report.desk import last_returns as last_returns_module
from xl2report.desk.collection import Standing, alike, collection, sums
from xl2report.desk.facts import facts
from xl2report.desk.ledger import ledger, marks
from xl2report.desk.letters import letter
from xl2report.desk.listing import ListRefused
from xl2report.desk.occupied import alone
from xl2report.desk.own_report import own_report
from xl2report.desk.received import Received, received
from xl2report.desk.roster import Unit
from xl2report.desk.summary import summary
from xl2report.desk.waivers import Waiver, read_waivers
from xl2report.workbook.plan import plan
from xl2report.workbook.write import write

FORM = FORMS["disclosure-2021"]
ON_TIME, LATER, LATE = datetime.datetime(2024, 1, 10), datetime.datetime(2024, 1, 20), datetime.datetime(2024, 2, 1)


def unit(code: str, name: str, category: str = "县级部门", reports: bool = True, row: int | None = None) -> Unit:
    return Unit(code, name, category, "", reports, "", row if row is not None else int(code[1:] or 0) + 2)


def filed(folder: Path, name: str, number: int, when: datetime.datetime = ON_TIME, **more: object) -> Path:
    """A passing return of unit ``number``; ``more`` are fields with ``__`` for a dot."""
    values: dict = {
        "cover.agency": f"单位{number}", "cover.code": f"U{number}", "cover.category": "县级部门", "cover.year": Decimal(2023), "cover.address": "地址",
        "cover.phone": "1", "cover.signed_on": "2024-01-05", "overview.proactive": ("文字",), "problems.text": ("文字",),
        "fee.notices": Decimal(0), "fee.charged": "0", "fee.received": "0", "proactive.fee.amount": "1.25",
        "requests.new.natural": Decimal(number), "requests.granted.natural": Decimal(number),
    }  # fmt: skip
    values |= {table.zero_question.id: "是" for table in FORM.tables}
    values |= {field.replace("__", "."): value for field, value in more.items()}
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(write(FORM, values))
    os.utime(path, (when.timestamp(),) * 2)
    return path


def records(*paths: Path) -> list:
    return [record for path in paths for record in received(path)]


def standing(folder: Path, *paths: Path, who: Unit | None = None, deadline: datetime.date | None = None) -> Standing:
    """Where unit 1 stands with these files."""
    (one,) = collection(FORM, 2023, [who or unit("U1", "单位1")], records(*paths), deadline=deadline).standings
    return one


BROKEN = {"requests__granted__natural": Decimal(9)}
QUERY = {"proactive__normative__issued": Decimal(9)}


def test_a_unit_stands_where_its_files_put_it(tmp_path):
    ok, again = filed(tmp_path, "a.xlsx", 1), filed(tmp_path, "b.xlsx", 1, LATER, cover__submission=Decimal(2), requests__note="改")
    bad, asked = filed(tmp_path, "c.xlsx", 1, **BROKEN), filed(tmp_path, "d.xlsx", 1, **QUERY)
    other_year, rival = filed(tmp_path, "e.xlsx", 1, cover__year=Decimal(2022)), filed(tmp_path, "f.xlsx", 1, requests__note="另一份")
    worse = filed(tmp_path, "g.xlsx", 1, LATER, cover__submission=Decimal(3), **BROKEN)
    cases = {
        (): ("missing", None, ""),
        (ok,): ("done", "a.xlsx", ""),
        (bad,): ("faulty", None, ""),
        (asked,): ("open", "d.xlsx", ""),
        (other_year,): ("faulty", None, ""),
        (ok, again): ("done", "b.xlsx", "改报"),
        (bad, again): ("done", "b.xlsx", "改报"),  # mended
        (again, worse): ("faulty", None, "改报"),  # what was sent in last counts, and it is wrong
        (ok, rival): ("unclear", None, "改报"),  # nothing tells which is later
    }
    for paths, (state, used, told) in cases.items():
        one = standing(tmp_path, *paths)
        assert (one.state, one.valid and Path(one.valid.path).name, marks(one)) == (state, used, told), paths
        assert one.counts is (state in ("open", "done"))


def test_the_same_bytes_sent_twice_are_one_return_that_came_in_first(tmp_path):
    ok = filed(tmp_path, "a.xlsx", 1)
    copy = tmp_path / "b.xlsx"
    copy.write_bytes(ok.read_bytes())
    os.utime(copy, (LATE.timestamp(),) * 2)
    one = standing(tmp_path, ok, copy)
    assert (one.state, one.repeated, one.amended, one.late) == ("done", 1, False, False)


def test_what_comes_in_after_the_day_of_its_category_is_late(tmp_path):
    late = filed(tmp_path, "a.xlsx", 1, LATE)
    last_day = filed(tmp_path, "b.xlsx", 1, datetime.datetime(2024, 1, 31, 23, 59))
    assert standing(tmp_path, late).late
    assert not standing(tmp_path, last_day).late
    assert not standing(tmp_path, late, who=unit("U1", "单位1", "县级政府")).late  # until 31 March
    assert not standing(tmp_path, late, who=unit("U1", "单位1", "")).late  # nobody knows the day
    assert standing(tmp_path, last_day, deadline=datetime.date(2024, 1, 30)).late


def test_a_unit_is_known_by_its_code_then_by_its_name(tmp_path):
    renamed = filed(tmp_path, "a.xlsx", 1, cover__agency="改了名的单位")
    no_code = filed(tmp_path, "b.xlsx", 2, cover__code="")
    stranger = filed(tmp_path, "c.xlsx", 9)
    found = collection(FORM, 2023, [unit("U1", "单位1"), unit("U2", "单位2")], records(renamed, no_code, stranger))
    assert [one.state for one in found.standings] == ["done", "done"]
    assert [one.agency for one in found.strangers] == ["单位9"]


def test_a_unit_that_need_not_report_is_not_chased(tmp_path):
    who = unit("U1", "单位1", reports=False)
    assert standing(tmp_path, who=who).state == "exempt"
    assert letter(FORM, 2023, standing(tmp_path, who=who)) == ""
    assert standing(tmp_path, filed(tmp_path, "a.xlsx", 1), who=who).state == "done"  # it did all the same


@pytest.fixture
def found(tmp_path):
    """Five units: two that count, one with errors, one that has not reported, one that sent a query; a stranger."""
    inbox = tmp_path / "inbox"
    paths = [
        filed(inbox, "1.xlsx", 1), filed(inbox, "2.xlsx", 2, proactive__fee__amount="0.7500"), filed(inbox, "3.xlsx", 3, **BROKEN),
        filed(inbox, "5.xlsx", 5, **QUERY), filed(inbox, "9.xlsx", 9),
    ]  # fmt: skip
    return collection(FORM, 2023, [unit(f"U{n}", f"单位{n}") for n in range(1, 6)], records(*paths))


def test_sums_are_those_of_the_units_that_count_each_once(found):
    total = dict(zip((field.id for field in FORM.coded_fields), sums(found), strict=True))
    assert total["requests.new.natural"] == 1 + 2 + 5
    assert total["requests.handled.total"] == 1 + 2 + 5
    assert total["proactive.fee.amount"] == Decimal("3.25")
    assert total["proactive.normative.issued"] == 9


def test_the_offices_own_workbook_holds_the_sums_and_lacks_only_words(found, tmp_path):
    path = tmp_path / "own.xlsx"
    path.write_bytes(own_report(found, "示例县人民政府"))
    result = xl2report.check(path)
    figures = {field.id: value for field, value in zip(FORM.coded_fields, sums(found), strict=True) if not field.parts}
    for name, value in figures.items():
        assert result.submission.number(name) == value, name
    assert (result.agency, result.year) == ("示例县人民政府", 2023)
    errors = [finding for finding in result.findings if finding.severity == "error"]
    places = {cell.place.sheet for finding in errors for cell in finding.cells}
    assert places <= {"封面", "一、总体情况", "五、问题及改进"}


def test_facts_are_every_figure_of_every_unit_that_counts(found):
    lines = [json.loads(line) for line in facts(found)]
    assert len(lines) == 3 * len(FORM.coded_fields)
    fees = {line["unit"]: line["value"] for line in lines if line["item"] == "proactive.fee.amount"}
    assert fees == {"单位1": "1.25", "单位2": "0.7500", "单位5": "1.25"}
    assert sum(line["value"] for line in lines if line["item"] == "requests.new.natural") == 8


def test_the_ledger_has_a_line_for_each_unit_and_a_sheet_for_strangers(found):
    content = ledger(found, "示例县")
    assert content == ledger(found, "示例县")
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = {row[1]: row for row in book["台账"].iter_rows(min_row=4, values_only=True)}
    assert {name: row[4] for name, row in rows.items()} == {"单位1": "已报", "单位2": "已报", "单位3": "有误", "单位4": "未报", "单位5": "待说明"}
    assert rows["单位3"][10] == 2
    assert "X201" in rows["单位3"][13]
    assert rows["单位1"][6:8] == ("2024-01-31", "2024-01-10 00:00")
    assert [row[1] for row in book["名册外文件"].iter_rows(min_row=4, values_only=True)] == ["单位9"]


def test_units_with_the_very_same_figures_are_pointed_out_but_not_those_with_zeros(tmp_path):
    zero = {"proactive__fee__amount": "0", "requests__new__natural": Decimal(0), "requests__granted__natural": Decimal(0)}
    same = {"requests__new__natural": Decimal(7), "requests__granted__natural": Decimal(7)}
    paths = [filed(tmp_path, f"{n}.xlsx", n, **(zero if n < 3 else same if n < 5 else {})) for n in range(1, 6)]
    found = collection(FORM, 2023, [unit(f"U{n}", f"单位{n}") for n in range(1, 6)], records(*paths))
    assert alike(found) == {5: ("单位4",), 6: ("单位3",)}
    rows = {row[1]: row[13] for row in openpyxl.load_workbook(io.BytesIO(ledger(found, ""))).active.iter_rows(min_row=4, values_only=True)}
    assert "单位4" in rows["单位3"]
    assert not rows["单位1"]


def test_the_summary_recalculates_to_the_sums(found, soffice, tmp_path):
    content = summary(found, "示例县")
    assert content == summary(found, "示例县")
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.save(tmp_path / "a.xlsx")  # openpyxl stores no results, so that they have to be worked out
    (tmp_path / "out").mkdir()
    soffice(tmp_path / "a.xlsx", "xlsx", tmp_path / "out")
    worked_out = openpyxl.load_workbook(tmp_path / "out" / "a.xlsx", data_only=True)
    stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    matrix = worked_out["单位与项目"]
    expected = sums(found)
    assert [Decimal(str(matrix.cell(4, column).value)) for column in range(3, 3 + len(expected))] == list(expected)
    for sheet in stored:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, int | float):
                    assert worked_out[sheet.title][cell.coordinate].value == pytest.approx(cell.value), (sheet.title, cell.coordinate)


def test_a_letter_says_what_is_wrong_and_what_to_do(found, tmp_path):
    letters = {one.unit.name: letter(FORM, 2023, one) for one in found.standings}
    assert letters["单位1"] == letters["单位2"] == ""
    assert "错误 2 处" in letters["单位3"]
    assert "报送次数填 2" in letters["单位3"]
    assert "还没有收到" in letters["单位4"]
    assert "2024-01-31" in letters["单位4"]
    assert "说明栏" in letters["单位5"]
    ok, rival = filed(tmp_path, "a.xlsx", 1), filed(tmp_path, "f.xlsx", 1, requests__note="另一份")
    assert "f.xlsx" in letter(FORM, 2023, standing(tmp_path, ok, rival))
    assert "2022" in letter(FORM, 2023, standing(tmp_path, filed(tmp_path, "e.xlsx", 1, cover__year=Decimal(2022))))


def desk_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


LET_THROUGH = (Waiver(3, "balance", "上年漏报", "李主任"),)


def test_a_waiver_lets_a_broken_rule_through_for_its_unit_and_is_printed(tmp_path):
    units = [unit("U1", "单位1"), unit("U2", "单位2")]
    paths = [filed(tmp_path, f"{n}.xlsx", n, **BROKEN) for n in (1, 2)]
    found = collection(FORM, 2023, units, records(*paths), waivers=LET_THROUGH)
    assert [(one.state, len(one.waived)) for one in found.standings] == [("done", 1), ("faulty", 0)]
    assert marks(found.standings[0]) == "放行"
    rows = {row[1]: row[13] for row in openpyxl.load_workbook(io.BytesIO(ledger(found, ""))).active.iter_rows(min_row=4, values_only=True)}
    assert "放行 balance：上年漏报（李主任）" in rows["单位1"]
    assert "放行" not in rows["单位2"]
    assert {tuple(json.loads(line).get("waived", ())) for line in facts(found)} == {("balance",)}
    assert letter(FORM, 2023, found.standings[0]) == ""
    assert sums(found)[[field.id for field in FORM.coded_fields].index("requests.granted.natural")] == 9


@pytest.mark.parametrize(
    "more",
    [
        {**BROKEN, "cover__phone": None},  # something else is wrong as well
        {**BROKEN, "fee__received": "5"},  # another rule, which nobody has let through
        {**BROKEN, "cover__year": Decimal(2022)},
    ],
)
def test_a_waiver_lets_nothing_else_through(tmp_path, more):
    found = collection(FORM, 2023, [unit("U1", "单位1")], records(filed(tmp_path, "a.xlsx", 1, **more)), waivers=LET_THROUGH)
    assert (found.standings[0].state, found.standings[0].waived) == ("faulty", ())


def test_a_waived_unit_is_still_asked_about_its_queries(tmp_path):
    found = collection(FORM, 2023, [unit("U1", "单位1")], records(filed(tmp_path, "a.xlsx", 1, **BROKEN, **QUERY)), waivers=LET_THROUGH)
    assert found.standings[0].state == "open"
    text = letter(FORM, 2023, found.standings[0])
    assert "疑问 1 处" in text
    assert "错误" not in text
    assert "第一项加第二项" not in text


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("代码,规则,原因,批准人\nU1,balance,漏报,李主任\n单位2,review_total,漏报,李主任\n", []),
        ("代码,规则\nU1,balance\n", [("C101", "")]),
        ("代码,规则,原因,批准人\nU9,balance,漏报,李主任\n", [("C201", "A2")]),
        ("代码,规则,原因,批准人\nU1,in_force,漏报,李主任\nU1,none,漏报,李主任\n", [("C202", "B2"), ("C202", "B3")]),
        ("代码,规则,原因,批准人\nU1,balance,,李主任\nU1,balance,漏报,\n", [("C203", "C2"), ("C203", "D3")]),
    ],
)
def test_waivers_are_read_with_every_fault_told(tmp_path, text, faults):
    path = tmp_path / "放行.csv"
    path.write_text(text, encoding="utf-8")
    rules = {rule.id for rule in FORM.rules if rule.severity == "error"}
    told = []
    try:
        assert len(read_waivers(path, [unit("U1", "单位1"), unit("U2", "单位2")], rules)) == 2
    except ListRefused as refused:
        told = [(finding.code, finding.cells[0].place.cell if finding.cells else "") for finding in refused.findings]
    assert told == faults


ROSTER = "代码,名称,类别\nU1,单位1,县级部门\nU2,单位2,县级部门\nU3,单位3,县级部门\nU4,单位4,县级部门\n"


def test_the_command_makes_the_desk_and_says_whom_to_chase(tmp_path):
    inbox = tmp_path / "inbox"
    filed(inbox, "1.xlsx", 1)
    with zipfile.ZipFile(inbox / "others.zip", "w") as bundle:
        bundle.write(filed(tmp_path / "x", "2.xlsx", 2), "2.xlsx")
        bundle.write(filed(tmp_path / "x", "3.xlsx", 3, **BROKEN), "sub/3.xlsx")
    (inbox / "rubbish.xlsx").write_bytes(b"x")
    (tmp_path / "名册.csv").write_text(ROSTER, encoding="utf-8")
    desk = inbox / "desk"  # inside the inbox: its own files are no returns
    arguments = ["collect", str(inbox), "--roster", str(tmp_path / "名册.csv"), "-o", str(desk), "--year", "2023", "--agency", "示例县人民政府"]
    made = []
    for _ in range(2):
        done = CliRunner().invoke(group, arguments)
        assert done.exit_code == 1, done.output
        assert "收到文件 4 个；4 个单位：未报 1，有误 1，已报 2" in done.stderr
        assert "单位3、单位4" in done.stderr
        made.append(desk_of(desk))
    assert made[0] == made[1]
    assert set(made[0]) == {".records.jsonl", ".desk.json", ".lock", "台账.xlsx", "汇总.xlsx", "本级报告.xlsx", "facts.jsonl", "退回/.signs.tsv", "退回/U3_单位3.txt", "退回/U3_单位3.xlsx", "退回/U4_单位4.txt"}
    marked = openpyxl.load_workbook(io.BytesIO(made[0]["退回/U3_单位3.xlsx"]))
    assert "问题清单" in marked.sheetnames


def test_the_command_ends_with_0_when_every_unit_counts_and_2_without_roster_or_inbox(tmp_path):
    inbox = tmp_path / "inbox"
    filed(inbox, "1.xlsx", 1)
    roster = tmp_path / "名册.csv"
    roster.write_text("代码,名称\nU1,单位1\n", encoding="utf-8")
    more = ["-o", str(tmp_path / "desk"), "--year", "2023"]
    waivers = tmp_path / "放行.csv"
    waivers.write_text("代码,规则,原因,批准人\nU1,nothing,漏报,李主任\n", encoding="utf-8")
    done = CliRunner().invoke(group, ["collect", str(inbox), "--roster", str(roster), *more, "--waivers", str(waivers)])
    assert (done.exit_code, "C202" in done.stderr) == (2, True)
    assert CliRunner().invoke(group, ["collect", str(inbox), "--roster", str(roster), *more]).exit_code == 0
    assert CliRunner().invoke(group, ["collect", str(tmp_path / "none"), "--roster", str(roster), *more]).exit_code == 2
    assert CliRunner().invoke(group, ["collect", str(inbox), "--roster", str(tmp_path / "none.csv"), *more]).exit_code == 2
    assert CliRunner().invoke(group, ["collect", str(inbox), "--roster", str(roster), *more, "--deadline", "never"]).exit_code == 2


@pytest.fixture
def office(tmp_path) -> tuple[Path, list[str], Path]:
    """An inbox with four returns, the command that takes it in, and the desk."""
    inbox = tmp_path / "inbox"
    for number in (1, 2, 3):
        filed(inbox, f"{number}.xlsx", number, **(BROKEN if number == 3 else {}))
    with zipfile.ZipFile(inbox / "b.zip", "w") as bundle:
        bundle.write(filed(tmp_path / "x", "4.xlsx", 4), "甲/4.xlsx")
    (tmp_path / "名册.csv").write_text(ROSTER, encoding="utf-8")
    return inbox, ["collect", str(inbox), "--roster", str(tmp_path / "名册.csv"), "-o", str(tmp_path / "desk"), "--year", "2023"], tmp_path / "desk"


def test_an_unchanged_file_is_not_read_again_and_the_desk_is_the_same(office, monkeypatch):
    inbox, arguments, desk = office
    assert CliRunner().invoke(group, arguments).exit_code == 1
    first = desk_of(desk)
    read: list[Path] = []
    monkeypatch.setattr("xl2report.desk.batch.received", lambda path, last: read.append(path) or received(path, last))
    assert CliRunner().invoke(group, arguments).exit_code == 1
    assert read == []
    assert desk_of(desk) == first
    filed(inbox, "3.xlsx", 3)  # mended
    (inbox / "2.xlsx").rename(inbox / "z.xlsx")  # the same bytes elsewhere
    assert CliRunner().invoke(group, arguments).exit_code == 0
    assert [path.name for path in read] == ["3.xlsx"]
    assert not any(name.startswith("退回/") for name in desk_of(desk))  # nothing is wanted any more
    book = openpyxl.load_workbook(desk / "台账.xlsx")["台账"]
    assert {row[1]: Path(row[15]).name for row in book.iter_rows(min_row=4, values_only=True)} == {"单位1": "1.xlsx", "单位2": "z.xlsx", "单位3": "3.xlsx", "单位4": "4.xlsx"}


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe\x00", b'{"judge": 1}\n[]\n"x"\n', None])
def test_a_memory_that_broke_off_or_of_another_judge_is_not_believed(office, damage, monkeypatch):
    _, arguments, desk = office
    CliRunner().invoke(group, arguments)
    first = desk_of(desk)
    memory = desk / ".records.jsonl"
    lines = memory.read_bytes()
    memory.write_bytes(lines[: len(lines) // 2] if damage is None else damage)
    CliRunner().invoke(group, arguments)
    assert desk_of(desk) == first
    memory.write_bytes(lines.replace(b'"judge": "', b'"judge": "9').replace(b'"errors": 0', b'"errors": 7'))
    CliRunner().invoke(group, arguments)
    assert desk_of(desk) == first


def test_a_run_that_was_killed_at_any_moment_goes_on_to_the_same_desk(office, tmp_path):
    _inbox, arguments, desk = office
    CliRunner().invoke(group, arguments)
    expected = desk_of(desk)
    command = [sys.executable, "-m", "xl2report", *arguments[:-3], str(tmp_path / "other"), *arguments[-2:]]
    for n in range(20):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.Random(n).uniform(0.1, 0.9))
        process.kill()
        process.wait()
        if n % 5 == 4:  # let one through now and then, and look
            subprocess.run(command, check=False, capture_output=True)
            assert desk_of(tmp_path / "other") == expected
            (tmp_path / "other" / ".records.jsonl").unlink()


def test_many_files_are_read_in_several_processes_to_the_same_desk(tmp_path):
    inbox = tmp_path / "inbox"
    for number in range(50):
        filed(inbox, f"{number}.xlsx", number)
    (tmp_path / "名册.csv").write_text("代码,名称\n" + "".join(f"U{n},单位{n}\n" for n in range(50)), encoding="utf-8")
    done = CliRunner().invoke(group, ["collect", str(inbox), "--roster", str(tmp_path / "名册.csv"), "-o", str(tmp_path / "desk"), "--year", "2023"])
    assert done.exit_code == 0, done.output
    total = sum(json.loads(line)["value"] for line in (tmp_path / "desk" / "facts.jsonl").read_text(encoding="utf-8").splitlines() if '"requests.new.natural"' in line)
    assert total == sum(range(50))


# -- last year ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_years(tmp_path):
    """Three units, of which one carried 4 over and says 3, with and without a reason; the arguments of the command; the desk."""
    last, inbox = tmp_path / "2022", tmp_path / "inbox"
    for number in (1, 2, 3):
        filed(last, f"{number}.xlsx", number, cover__year=Decimal(2022), requests__carried_out__natural=Decimal(4), requests__new__natural=Decimal(number + 4))
    (last / "说明.txt").write_text("x")
    over = {"requests__carried_in__natural": Decimal(4), "requests__granted__natural": Decimal(5)}
    filed(inbox, "1.xlsx", 1, **over)
    filed(inbox, "2.xlsx", 2, requests__carried_in__natural=Decimal(3), requests__granted__natural=Decimal(5))
    (tmp_path / "名册.csv").write_text("代码,名称,类别\nU1,单位1,县级部门\nU2,单位2,县级部门\n", encoding="utf-8")
    command = ["collect", str(inbox), "--roster", str(tmp_path / "名册.csv"), "-o", str(tmp_path / "desk"), "--year", "2023"]
    return inbox, last, command, tmp_path / "desk"


def states(desk: Path) -> dict[str, tuple]:
    rows = list(openpyxl.load_workbook(desk / "台账.xlsx")["台账"].iter_rows(min_row=3, values_only=True))
    at = {head: n for n, head in enumerate(rows[0])}
    return {row[1]: (row[at["状态"]], row[at["已作的说明"]]) for row in rows[1:]}


def test_every_unit_is_compared_with_its_return_of_last_year(two_years):
    _, last, command, desk = two_years
    assert CliRunner().invoke(group, command).exit_code == 0
    assert states(desk) == {"单位1": ("已报", None), "单位2": ("已报", None)}
    done = CliRunner().invoke(group, [*command, "--previous", str(last)])
    assert done.exit_code == 0
    assert "3 份" in done.stderr
    assert "说明.txt" in done.stderr
    assert states(desk) == {"单位1": ("已报", None), "单位2": ("待说明", None)}
    letter_ = (desk / "退回" / "U2_单位2.txt").read_text(encoding="utf-8-sig")
    assert "三、收到和处理申请 E10" in letter_
    checks = openpyxl.load_workbook(desk / "退回" / "U2_单位2.xlsx")
    assert any("上年" in str(cell.value) for row in checks.worksheets[0].iter_rows() for cell in row)
    before = desk_of(desk)
    assert CliRunner().invoke(group, [*command, "--previous", str(last)]).exit_code == 0
    assert desk_of(desk) == before


def test_a_query_about_last_year_that_was_answered_is_told_in_the_ledger(two_years):
    inbox, last, command, desk = two_years
    path = inbox / "2.xlsx"
    book = openpyxl.load_workbook(path)
    column = next(cell.column for cell in book["校验"][6] if str(cell.value).startswith("说明"))
    for row in book["校验"].iter_rows():
        if row[0].value in ("carried_over:natural", "carried_over:total"):
            row[column - 1].value = "上年漏报一件"
    book.save(path)
    assert CliRunner().invoke(group, [*command, "--previous", str(last)]).exit_code == 0
    state, told = states(desk)["单位2"]
    assert state == "已报"
    assert told.count("说明：上年漏报一件") == 2
    assert "E10" in told


def test_what_was_read_of_last_year_is_not_read_again_and_other_figures_judge_anew(two_years, monkeypatch):
    _, last, command, desk = two_years
    assert CliRunner().invoke(group, [*command, "--previous", str(last)]).exit_code == 0
    read: list[str] = []
    plain = last_returns_module.check_each
    monkeypatch.setattr(last_returns_module, "check_each", lambda path: read.append(path.name) or plain(path))
    filed(last, "2.xlsx", 2, cover__year=Decimal(2022), requests__carried_out__natural=Decimal(3), requests__new__natural=Decimal(5))
    assert CliRunner().invoke(group, [*command, "--previous", str(last)]).exit_code == 0
    assert sorted(read) == ["2.xlsx", "说明.txt"]
    assert states(desk)["单位2"] == ("已报", None)
    assert not (desk / "退回" / "U2_单位2.txt").exists()


def test_the_offices_own_workbook_begins_with_its_cover_of_last_year_and_renders_when_its_prose_is_written(two_years, tmp_path):
    inbox, last, command, desk = two_years
    (inbox / "2.xlsx").unlink()
    filed(
        last, "own.xlsx", 9, cover__year=Decimal(2022), cover__agency="示例县人民政府", cover__code="", cover__category="县级政府", cover__address="政府路1号",
        requests__carried_out__natural=Decimal(4), requests__new__natural=Decimal(13),
    )  # fmt: skip
    CliRunner().invoke(group, [*command, "--previous", str(last), "--agency", "示例县人民政府"])
    path = desk / "本级报告.xlsx"
    read = xl2report.check(path)
    assert read.submission.text("cover.address") == "政府路1号"
    assert read.submission.last.figures["requests.carried_out.natural"] == 4
    assert not [finding for finding in read.findings if finding.code == "P201"]  # its units carried on what it had
    book = openpyxl.load_workbook(path)
    for field, text in {"overview.proactive": "总体情况。", "problems.text": "问题。", "cover.signed_on": "2024-03-01"}.items():
        at = plan(FORM).places[field]
        book[at.sheet][at.cell] = text
    book.save(path)
    done = CliRunner().invoke(group, ["render", str(path), "-o", str(tmp_path / "report.md")])
    assert done.exit_code == 0, done.stderr
    assert "示例县人民政府2023年" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_a_unit_whose_code_and_name_have_changed_is_found_by_the_code_it_had(two_years):
    inbox, last, command, desk = two_years
    # U2 took over the code that U1 had, and a third unit has gone
    roster = Path(command[3])
    roster.write_text("代码,名称,类别,上年代码\nU9,新一局,县级部门,U1\nU1,新二局,县级部门,U2\n", encoding="utf-8")
    filed(inbox, "1.xlsx", 1, cover__code="U9", cover__agency="新一局", requests__carried_in__natural=Decimal(4), requests__granted__natural=Decimal(5))
    filed(inbox, "2.xlsx", 2, cover__code="U1", cover__agency="新二局", requests__carried_in__natural=Decimal(3), requests__granted__natural=Decimal(5))
    filed(last, "1.xlsx", 1, cover__year=Decimal(2022), requests__carried_out__natural=Decimal(4), requests__new__natural=Decimal(5))
    filed(last, "2.xlsx", 2, cover__year=Decimal(2022), requests__carried_out__natural=Decimal(3), requests__new__natural=Decimal(5))
    assert CliRunner().invoke(group, [*command, "--previous", str(last)]).exit_code == 0
    assert {name: state for name, (state, _) in states(desk).items()} == {"新一局": "已报", "新二局": "已报"}
    roster.write_text("代码,名称,类别,上年代码\nU9,新一局,县级部门,\nU1,新二局,县级部门,U2\n", encoding="utf-8")  # nobody is said to have been U1
    assert CliRunner().invoke(group, [*command, "--previous", str(last)]).exit_code == 0
    assert {name: state for name, (state, _) in states(desk).items()} == {"新一局": "已报", "新二局": "已报"}
    archive = (desk / ".last.jsonl").read_text(encoding="utf-8")
    assert '"code": "U2"' not in archive
    assert archive.count('"code": "U1"') == 1


def test_of_a_zip_only_the_return_that_is_marked_is_read_again(tmp_path, monkeypatch):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with zipfile.ZipFile(inbox / "a.zip", "w") as bundle:
        for number in (1, 2, 3):
            more = {"requests__granted__natural": Decimal(90)} if number == 3 else {}
            bundle.write(filed(tmp_path / "x", f"{number}.xlsx", number, **more), f"{number}.xlsx")
    (tmp_path / "名册.csv").write_text("代码,名称\nU1,单位1\nU2,单位2\nU3,单位3\n", encoding="utf-8")
    read: list[str] = []
    plain = checked_module.check_content
    monkeypatch.setattr(checked_module, "check_content", lambda name, *more: read.append(name.rpartition("/")[2]) or plain(name, *more))
    command = ["collect", str(inbox), "--roster", str(tmp_path / "名册.csv"), "-o", str(tmp_path / "desk"), "--year", "2023", "--jobs", "1"]
    assert CliRunner().invoke(group, command).exit_code == 1
    assert read == ["1.xlsx", "2.xlsx", "3.xlsx", "3.xlsx"]
    assert (tmp_path / "desk" / "退回" / "U3_单位3.xlsx").is_file()


def test_a_file_of_last_year_that_breaks_the_reader_stops_nothing(two_years, monkeypatch):
    _, last, command, desk = two_years
    plain = last_returns_module.check_each

    def breaks(path):
        if path.name == "2.xlsx":
            raise ZeroDivisionError
        return plain(path)

    monkeypatch.setattr(last_returns_module, "check_each", breaks)
    done = CliRunner().invoke(group, [*command, "--previous", str(last)])
    assert done.exit_code == 0
    assert "2.xlsx" in done.stderr
    assert states(desk)["单位2"] == ("已报", None)  # with nothing to compare


# -- what people do at a desk ------------------------------------------------------------------------------------------


def test_what_is_written_into_the_offices_own_workbook_stays_and_its_figures_are_added_up_anew(two_years):
    inbox, _, command, desk = two_years
    own, kept = desk / "本级报告.xlsx", desk / "本级报告.旧.xlsx"
    assert CliRunner().invoke(group, command).exit_code == 0
    assert CliRunner().invoke(group, command).exit_code == 0
    assert not kept.exists()
    book = openpyxl.load_workbook(own)
    at = plan(FORM).places
    for field, value in {"overview.proactive": "全年情况。", "cover.signed_on": "2024-03-01", "requests.note": "含结转", "requests.new.natural": 999}.items():
        book[at[field].sheet][at[field].cell] = value
    book.save(own)
    edited = own.read_bytes()
    filed(inbox, "2.xlsx", 2, requests__new__natural=Decimal(40), requests__granted__natural=Decimal(40))
    done = CliRunner().invoke(group, command)
    assert str(kept) in done.stderr
    assert kept.read_bytes() == edited
    for _ in range(2):  # it stays in further runs, which have nothing more to say
        read = xl2report.check(own).submission
        assert (read.entries["overview.proactive"].value, read.text("cover.signed_on"), read.text("requests.note")) == (("全年情况。",), "2024-03-01", "含结转")
        assert read.number("requests.new.natural") == 41
        assert "旧" not in CliRunner().invoke(group, command).stderr
    assert sorted(path.name for path in desk.glob("本级报告*")) == ["本级报告.xlsx", "本级报告.旧.xlsx"]


def test_a_desk_of_another_year_is_left_as_it_is(two_years):
    _, _, command, desk = two_years
    assert "2023 年度" in CliRunner().invoke(group, command).stderr
    before = desk_of(desk)
    done = CliRunner().invoke(group, [*command[:-1], "2024"])
    assert done.exit_code == 2
    assert "--year 2023" in done.stderr
    assert desk_of(desk) == before


def test_only_one_run_is_at_work_at_a_desk(two_years):
    _, _, command, desk = two_years
    with alone(desk):
        done = CliRunner().invoke(group, command)
        assert done.exit_code == 2
        assert "另一个 collect" in done.stderr
        assert not (desk / "台账.xlsx").exists()
    assert CliRunner().invoke(group, command).exit_code == 0


def test_a_file_whose_code_is_that_of_another_unit_is_nobodys_figures():
    units = [unit("U1", "单位1"), unit("U2", "单位2")]
    wrong = replaced("a.xlsx", code="U1", agency="单位2")
    found = collection(FORM, 2023, units, [wrong])
    assert [standing.state for standing in found.standings] == ["missing", "faulty"]
    assert [told.code for told in found.standings[1].history[0].told] == ["C301"]
    assert "单位1" in letter(FORM, 2023, found.standings[1])
    for code, name in (("U1", "改了名的单位"), ("u 1", "改了名的单位"), ("", "单 位1"), ("另编的代码", "单位1")):
        found = collection(FORM, 2023, units, [replaced("a.xlsx", code=code, agency=name)])
        assert [standing.state for standing in found.standings] == ["done", "missing"], (code, name)


def test_a_workbook_of_a_year_before_is_no_version_of_this_years():
    units = [unit("U1", "单位1")]
    this, last = replaced("this.xlsx", times=2), replaced("last.xlsx", year=2022, times=3, sha256="b")
    found = collection(FORM, 2023, units, [last, this]).standings[0]
    assert (found.state, found.valid, [one.path for one in found.history]) == ("done", this, ["this.xlsx", "last.xlsx"])
    assert collection(FORM, 2023, units, [last._replace(times=2), this]).standings[0].state == "done"
    assert collection(FORM, 2023, units, [last]).standings[0].state == "faulty"  # there is nothing else
    slip = replaced("slip.xlsx", year=2032, times=3, sha256="c")  # a later version with a slip on its cover
    assert collection(FORM, 2023, units, [slip, this]).standings[0].state == "faulty"


def replaced(path: str, **more: object) -> Received:
    """The record of a passing return of unit 1."""
    plain = Received(path, "a", ON_TIME, "pass", FORM.id, "单位1", "U1", 2023, 1, "0000-0000", 0, 0, 0, (), (), (), ())
    return plain._replace(**more)
