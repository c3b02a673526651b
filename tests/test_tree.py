"""The tree of a roster: sums over several levels with every figure in them once, and summaries against what they sum up."""

from __future__ import annotations

import datetime
import io
import json
import random
import re
import shutil
import subprocess
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from test_collect import filed
from test_report_data import FORMS
from xl2report.cli.app import group
from xl2report.desk.collection import Collection, alike, collection, sums, tree
from xl2report.desk.own_report import own_report
from xl2report.desk.received import Received, received
from xl2report.desk.reconciliation import accounts, notice, reconciliations
from xl2report.desk.reconciliation_book import reconciliation_book
from xl2report.desk.roster import Unit, read_roster
from xl2report.desk.tree import counted, grown
from xl2report.workbook.plan import plan

FORM = FORMS["disclosure-2021"]
FIELDS = FORM.coded_fields
NEW, GRANTED, FEE = "requests.new.natural", "requests.granted.natural", "proactive.fee.amount"

# 市 ─ 县1 ─ 单位1、单位2     The figure of 单位n is n; what a county or the city hands up, its case says.
#    ├ 县2 ─ 单位3、单位4
#    └ 单位5
ABOVE = {"市": "", "县1": "市", "单位1": "县1", "单位2": "县1", "县2": "市", "单位3": "县2", "单位4": "县2", "单位5": "市"}
ROWS = {name: row for row, name in enumerate(ABOVE, 2)}


def units(exempt: str = "", above: Mapping[str, str] = ABOVE) -> list[Unit]:
    return [Unit("", name, "", superior, name not in exempt.split(), "", row) for row, (name, superior) in enumerate(above.items(), 2)]


def figures(given: Mapping[str, str | int]) -> tuple[Decimal, ...]:
    """All figures of a form whose totals add up."""
    assert set(given) <= {field.id for field in FIELDS}

    def number(name: str) -> Decimal:
        parts = FORM.fields[name].parts
        return sum(map(number, parts), Decimal(0)) if parts and name not in given else Decimal(given.get(name, 0))

    return tuple(number(field.id) for field in FIELDS)


def record(name: str, given: Mapping[str, str | int] | int, errors: int = 0) -> Received:
    given = {NEW: given, GRANTED: given} if isinstance(given, int) else given
    when = datetime.datetime(2024, 1, 10)
    status = "fail" if errors else "pass"
    return Received(f"in/{name}.xlsx", name, when, status, FORM.id, name, "", 2023, 1, "", errors, 0, 0, (), (), (), figures(given))


def collected(given: Mapping[str, Mapping[str, str | int] | int], exempt: str = "", office: str = "") -> Collection:
    return collection(FORM, 2023, units(exempt), [record(name, one) for name, one in given.items()], office=office)


def figure(found: tuple[Decimal | None, ...], name: str) -> Decimal | None:
    return dict(zip((field.id for field in FIELDS), found, strict=True))[name]


ALL = {f"单位{n}": n for n in range(1, 6)}


@pytest.mark.parametrize(
    ("given", "exempt", "total", "in_sums", "lacking"),
    [
        (ALL, "市 县1 县2", 15, "单位1 单位2 单位3 单位4 单位5", ""),  # originals only; superiors need not report
        (ALL, "", 15, "单位1 单位2 单位3 单位4 单位5", ""),  # nor do their summaries matter
        ({"县1": 3, "县2": 7, "单位5": 5}, "", 15, "县1 县2 单位5", ""),  # summaries only
        ({"县1": 3, "县2": 7, "单位5": 5}, "单位1 单位2 单位3 单位4", 15, "县1 县2 单位5", ""),
        (ALL | {"县1": 3, "县2": 7}, "", 15, "单位1 单位2 单位3 单位4 单位5", ""),  # both, and equal
        (ALL | {"县1": 30, "县2": 7}, "", 15, "单位1 单位2 单位3 单位4 单位5", ""),  # both, and different
        (ALL | {"县1": 3, "县2": 7, "市": 99}, "", 15, "单位1 单位2 单位3 单位4 单位5", ""),  # on every level
        ({"县1": 3, "单位3": 3, "单位4": 4, "单位5": 5}, "", 15, "县1 单位3 单位4 单位5", ""),  # one county so, the other so
        ({"单位1": 1, "县1": 3, "县2": 7, "单位5": 5}, "", 15, "县1 县2 单位5", ""),  # 单位2 is lacking: the summary has it
        ({"单位1": 1, "县1": 3, "县2": 7, "单位5": 5}, "单位2", 13, "单位1 县2 单位5", "单位2"),  # who need not report is not lacking
        (ALL | {"县1": 3, "市": 15, "单位4": 0}, "单位4", 11, "单位1 单位2 单位3 单位4 单位5", ""),  # nor wanted, if it has reported
        ({"单位1": 1, "市": 15, "县2": 7, "单位5": 5}, "单位2", 13, "单位1 县2 单位5", "单位2"),  # nor on the level above
        ({"单位3": 3, "单位4": 4, "单位5": 5, "市": 15}, "单位1 单位2", 15, "市", ""),  # 县1 reports for its own, and has not
        ({"单位3": 3, "单位4": 4, "单位5": 5}, "单位1 单位2", 12, "单位3 单位4 单位5", "县1"),
        ({"单位3": 3, "单位4": 4, "单位5": 5, "市": 15}, "县1 单位1 单位2", 12, "单位3 单位4 单位5", "单位1 单位2"),
        ({"单位1": 1, "县2": 7, "单位5": 5}, "", 13, "单位1 县2 单位5", "单位2"),  # nobody has it
        ({"单位1": 1, "县2": 7, "单位5": 5}, "单位2", 13, "单位1 县2 单位5", "单位2"),
        ({"县2": 7, "单位5": 5}, "", 12, "县2 单位5", "单位1 单位2"),  # a county is missing altogether
        ({"市": 15, "县2": 7, "单位5": 5}, "", 15, "市", ""),  # but the city has it
        ({"市": 15}, "", 15, "市", ""),
        ({}, "", 0, "", "单位1 单位2 单位3 单位4 单位5"),
    ],
)
def test_each_figure_is_in_the_sums_once(given, exempt, total, in_sums, lacking):
    found = collected(given, exempt)
    assert figure(sums(found), NEW) == total
    assert figure(sums(found), "requests.handled.total") == total
    rows = counted(tree(found))
    assert rows == {ROWS[name] for name in in_sums.split()}
    assert " ".join(unit.name for unit in tree(found)[ROWS["市"]].left) == lacking
    # what other programs add up from the facts of the units in the sums is the same
    assert sum(figure(one.valid.figures, NEW) for one in found.standings if one.unit.row in rows) == total


def test_a_summary_with_errors_is_none():
    good = [record(name, n) for name, n in ALL.items() if name != "单位2"]
    found = collection(FORM, 2023, units(), [*good, record("县1", 3, errors=1)])
    assert figure(sums(found), NEW) == 13
    assert reconciliations(found) == ()


def test_the_workbook_of_the_office_that_collects_is_never_its_own_source():
    given = {"单位1": 1, "县2": 7, "单位5": 5, "市": 99}
    assert figure(sums(collected(given)), NEW) == 99
    found = collected(given, office="市")
    assert figure(sums(found), NEW) == 13
    assert figure(sums(collected({"市": 99}, office="市")), NEW) == 0
    assert [(one.branch.unit.name, one.verdict) for one in reconciliations(found)] == [("市", "open")]
    assert accounts(found)[ROWS["市"]] == "本单位自己的报告，不计入；与下级合计 2 项待核，见对账"


def test_a_branch_says_how_many_of_how_many_are_in_it():
    found = tree(collected({"单位1": 1, "县2": 7}, "单位5"))
    told = {
        branch.unit.name: (branch.depth, branch.used, branch.bottom, branch.due, [unit.name for unit in branch.lacking], [unit.name for unit in branch.overdue])
        for branch in found.values()
        if branch.below
    }
    assert list(found) == sorted(ROWS.values())
    assert told == {
        "市": (0, "added", 5, 4, ["单位2", "单位5"], ["单位2"]),
        "县1": (1, "added", 2, 2, ["单位2"], ["单位2"]),
        "县2": (1, "own", 2, 2, ["单位3", "单位4"], ["单位3", "单位4"]),
    }


def test_superiors_may_stand_anywhere_in_the_roster_by_code_or_name_and_as_deep_as_they_like():
    deep = [Unit(f"C{n}", f"单位{n}", "", f"C{n + 1}" if n % 2 else f"单位{n + 1}", True, "", n + 2) for n in range(3000)]
    deep[-1] = deep[-1]._replace(superior="")
    found = grown(deep, {2: (Decimal(7),)})
    assert [branch.depth for branch in found.values()] == list(range(3000))
    assert next(iter(found.values())).added == (Decimal(7),)
    with pytest.raises(ValueError, match="ring"):
        grown([*deep[:-1], deep[-1]._replace(superior="C0")], {})


def test_figures_counted_agree_with_a_recount_for_any_tree():
    """Whatever is handed up: every unit that nobody covers is in, nobody twice, and the sums are those of the units that are in."""
    for seed in range(200):
        chance = random.Random(seed)
        above = {f"u{n}": f"u{chance.randrange(n)}" if n and chance.random() < 0.9 else "" for n in range(chance.randrange(1, 15))}
        own = {row: (Decimal(chance.randrange(9)),) for row in range(2, len(above) + 2) if chance.random() < 0.6}
        found = grown(units(above=above), own)
        rows = counted(found)
        roots = [branch for branch in found.values() if not branch.depth]
        assert sum(branch.figures[0] for branch in roots if branch.used) == sum(own[row][0] for row in rows)
        for row, branch in found.items():
            line = [row]
            while superior := found[line[-1]].unit.superior:
                line.append(int(superior[1:]) + 2)
            covering = [one for one in line if one in rows]
            assert len(covering) <= 1  # no unit and one above it
            if not branch.below:
                assert bool(covering) == (row not in {unit.row for root in roots for unit in root.left})
                assert covering or not any(one in own for one in line)  # lacking only where nobody speaks for it


# 对账


def differences(found: Collection) -> dict[str, dict[str, tuple]]:
    return {
        one.branch.unit.name: {each.field.id: (each.handed_up, each.added_up, each.sure) for each in one.differences if not each.derived}
        for one in reconciliations(found)
    }


def test_a_reconciliation_names_exactly_what_differs():
    exact = {NEW: 3, GRANTED: 3, FEE: "0.3"}
    given = ALL | {"单位1": {NEW: 1, GRANTED: 1, FEE: "0.1"}, "单位2": {NEW: 2, GRANTED: 2, FEE: "0.2"}, "县2": 7}
    assert differences(collected(given | {"县1": exact})) == {"县1": {}, "县2": {}}
    planted = {NEW: (4, 3, True), "requests.granted.commercial": (1, 0, True), FEE: (Decimal("0.30001"), Decimal("0.3"), True)}
    handed_up = exact | {NEW: 4, "requests.granted.commercial": 1, FEE: "0.30001"}
    found = collected(given | {"县1": handed_up})
    assert differences(found) == {"县1": planted, "县2": {}}
    assert [one.verdict for one in reconciliations(found)] == ["differs", "agrees"]
    # the totals are told as well, as what follows from the three
    derived = {each.field.id for each in reconciliations(found)[0].differences if each.derived}
    assert derived == {"requests.new.total", "requests.handled.commercial", "requests.granted.total", "requests.handled.total"}


def test_a_total_that_differs_by_itself_is_told_by_itself():
    found = collected(ALL | {"县1": {NEW: 3, GRANTED: 3, "requests.new.total": 5}})
    assert differences(found) == {"县1": {"requests.new.total": (5, 3, True)}}


def test_what_a_unit_that_is_lacking_may_explain_is_not_sure():
    given = {"单位1": {NEW: 1, GRANTED: 1, FEE: "2"}, "县1": {NEW: 3, GRANTED: 3, FEE: "1"}}
    (one,) = reconciliations(collected(given))
    assert differences(collected(given)) == {"县1": {NEW: (3, 1, False), GRANTED: (3, 1, False), FEE: (1, 2, True)}}
    assert ([unit.name for unit in one.branch.lacking], one.branch.used, one.verdict) == (["单位2"], "own", "differs")
    (one,) = reconciliations(collected({"单位1": 1, "县1": 3}))
    assert one.verdict == "open"
    (one,) = reconciliations(collected({"单位1": 1, "县1": 3}, "单位2"))  # it need not report: the county may know more
    assert one.verdict == "open"


def test_each_level_is_reconciled_with_the_one_below_it():
    found = collected({"县1": 3, "县2": 8, "单位3": 3, "单位4": 4, "单位5": 5, "市": 15})
    assert differences(found) == {"市": {}, "县2": {NEW: (8, 7, True), GRANTED: (8, 7, True)}}
    found = collected({"县1": 3, "县2": 8, "单位3": 3, "单位5": 5, "市": 15})  # 县2 is taken at its word
    assert differences(found) == {
        "市": {NEW: (15, 16, True), GRANTED: (15, 16, True)}, "县2": {NEW: (8, 3, False), GRANTED: (8, 3, False)},
    }  # fmt: skip


def test_the_account_of_a_return_says_what_became_of_its_figures():
    found = collected({"单位1": 1, "县1": 3, "单位3": 3, "单位4": 4, "县2": 7, "单位5": 5})
    assert {name: accounts(found)[row] for name, row in ROWS.items() if row in accounts(found)} == {
        "县1": "下级汇总，已计入，下级报表不另计；与下级合计 2 项待核，见对账", "单位1": "不另计：已含在“县1”的汇总里",
        "县2": "下级汇总，不另计：合计用下级报表；与下级合计相符",
    }  # fmt: skip
    found = collected({"单位1": 1, "县2": 7, "单位5": 5, "市": 20})
    assert {name: accounts(found)[row] for name, row in ROWS.items() if row in accounts(found)} == {
        "市": "下级汇总，已计入，下级报表不另计；与下级合计 2 项待核，见对账", "单位1": "不另计：已含在“市”的汇总里", "县2": "下级汇总，不另计：已含在“市”的汇总里",
        "单位5": "不另计：已含在“市”的汇总里",
    }  # fmt: skip
    found = collected({"单位1": 3, "县1": {NEW: 4, GRANTED: 2}})
    assert accounts(found)[ROWS["县1"]] == "下级汇总，已计入，下级报表不另计；与下级合计 1 项不符，1 项待核，见对账"
    found = collected({"单位3": 3, "单位4": 4, "县2": 7, "市": 20})
    assert accounts(found)[ROWS["县2"]] == "下级汇总，不另计：已含在“市”的汇总里；与下级合计相符"
    found = collected({"县1": 3})
    assert accounts(found) == {ROWS["县1"]: "下级汇总，已计入"}
    found = collected(ALL | {"县1": 4})
    assert accounts(found) == {ROWS["县1"]: "下级汇总，不另计：合计用下级报表；与下级合计 2 项不符，见对账"}


def test_a_notice_names_what_is_surely_wrong_and_nothing_else():
    given = {"单位1": {NEW: 1, GRANTED: 1, FEE: "2.50"}, "县1": {NEW: 3, GRANTED: 3, FEE: "1"}, "单位3": 3, "县2": 7}
    texts = {one.branch.unit.name: notice(FORM, 2023, one) for one in reconciliations(collected(given))}
    assert texts["县2"] == ""  # 单位4 may explain it
    numbered = [line for line in texts["县1"].splitlines() if line[:1].isdigit()]
    assert numbered == [f"1. {' > '.join(FORM.fields[FEE].path)}：汇总 1，下级合计 2.50，相差 -1.50"]
    assert "县1.xlsx" in texts["县1"]
    assert "单位2" in texts["县1"]
    assert "报送次数填 2" in texts["县1"]


def test_a_summary_like_one_of_its_units_is_no_twin_of_it():
    found = collected({"单位1": 3, "单位2": 0, "县1": 3, "市": 3, "单位5": 3})
    twins = {name: alike(found).get(row) for name, row in ROWS.items()}
    assert {name: who for name, who in twins.items() if who} == {"单位1": ("单位5",), "县1": ("单位5",), "单位5": ("县1", "单位1")}


# the workbook


def sheet(content: bytes, name: str) -> list[tuple]:
    return list(openpyxl.load_workbook(io.BytesIO(content), data_only=True)[name].iter_rows(min_row=4, values_only=True))


MIXED = {
    "单位1": {NEW: 1, GRANTED: 1, FEE: "0.1"}, "单位2": {NEW: 2, GRANTED: 2, FEE: "0.2"}, "县1": {NEW: 4, GRANTED: 4, FEE: "0.30001"},
    "单位3": 3, "县2": 7, "单位5": {NEW: 5, GRANTED: 5, FEE: "0.7"},
}  # fmt: skip


def test_the_workbook_lists_reconciliations_differences_and_sums():
    found = collected(MIXED)
    content = reconciliation_book(found, "测试市")
    assert content == reconciliation_book(found, "测试市")
    assert [row[2:10] for row in sheet(content, "对账")] == [("县1", "不符", 3, 0, "下级合计", 2, 2, None), ("县2", "待核", 0, 2, "报来的汇总", 2, 1, "单位4")]
    lines = sheet(content, "差异")
    path = {name: " > ".join(FORM.fields[name].path) for name in (NEW, GRANTED, FEE)}
    own = [row for row in lines if not row[7]]
    assert [(row[1], row[2], *row[3:7], row[8]) for row in own] == [
        ("县1", path[FEE], 0.30001, 0.3, 0.00001, "不符", None), ("县1", path[NEW], 4, 3, 1, "不符", None), ("县1", path[GRANTED], 4, 3, 1, "不符", None),
        ("县2", path[NEW], 7, 3, 4, "待核", "单位4"), ("县2", path[GRANTED], 7, 3, 4, "待核", "单位4"),
    ]  # fmt: skip
    names, *told = levels(content)
    assert names == ("合计", "市", "县1", "县2")
    assert told == [(None, 1, 2, 2), (None, None, None, None), (None, "下级合计", "下级合计", "报来的汇总"), (None, 5, 2, 2), (None, 0, 0, 0), (15, 15, 3, 7)]


def levels(content: bytes, item: str = NEW) -> list[tuple]:
    """The names of the columns of the sums, what stands above their figures, and an item."""
    rows = [row[1:] for row in openpyxl.load_workbook(io.BytesIO(content), data_only=True)["层级汇总"].iter_rows(min_row=3, values_only=True)]
    return [*rows[:6], rows[6 + [field.id for field in FIELDS].index(item)]]


def test_units_without_superior_or_inferiors_are_one_column_of_the_sums_of_the_levels():
    found = collection(FORM, 2023, units(above={"单位6": "", "单位7": "", "单位8": "", **ABOVE}), [record("单位6", 6), record("单位7", 5), record("县2", 7)])
    content = reconciliation_book(found, "测试市")
    names, level, _, used, due, left, new = levels(content)
    assert names == ("合计", "市", "县1", "县2", "没有上下级的单位")
    assert level[1:] == (1, 2, 2, 1)
    assert used[1:] == ("下级合计", "（没有数字）", "报来的汇总", "2 个单位的报表")
    assert (due[1:], left[1:]) == ((5, 2, 2, 3), (3, 2, 0, 1))
    assert new == (18, 7, None, 7, 11)
    assert figure(sums(found), NEW) == 18


def test_the_sums_of_the_levels_are_five_pages_of_paper_upright(soffice, tmp_path):
    if not shutil.which("pdfinfo"):
        pytest.skip("pdfinfo is not installed")
    (tmp_path / "a.xlsx").write_bytes(reconciliation_book(collected(MIXED), "测试市"))
    soffice(tmp_path / "a.xlsx", "pdf", tmp_path)
    told = subprocess.run(["pdfinfo", str(tmp_path / "a.pdf")], check=True, capture_output=True, text=True).stdout
    assert int(re.search(r"Pages: +(\d+)", told)[1]) <= 2 + 5


def test_a_blank_of_a_summary_stays_blank_and_is_said_so():
    item = "fee.charged"
    given = figures({NEW: 3, GRANTED: 3})
    blank = tuple(None if field.id == item else value for field, value in zip(FIELDS, given, strict=True))
    found = collection(FORM, 2023, units(), [record("单位1", {NEW: 3, GRANTED: 3, item: "7.50"}), record("县1", 3)._replace(figures=blank)])
    (one,) = reconciliations(found)
    assert [(each.field.id, each.handed_up, each.added_up, each.amount, each.sure) for each in one.differences] == [(item, None, Decimal("7.50"), Decimal("-7.50"), True)]
    assert "汇总 （空），下级合计 7.50，相差 -7.50" in notice(FORM, 2023, one)
    content = reconciliation_book(found, "测试市")
    assert [row[3:8] for row in sheet(content, "差异")] == [(None, 7.5, -7.5, "不符", "报来的汇总没有填，按 0 比较")]
    assert levels(content, item)[-1] == (0, 0, None, None)  # 市 adds up nothing but the blank, 县2 has nothing
    page = openpyxl.load_workbook(io.BytesIO(content))["层级汇总"]
    assert "空着的 1 格" in page["A2"].value
    assert "空着" not in openpyxl.load_workbook(io.BytesIO(reconciliation_book(collected(MIXED), "测试市")))["层级汇总"]["A2"].value


def test_the_workbook_says_which_figures_the_sums_use_and_why():
    def used(found: Collection) -> tuple[str, dict[str, str]]:
        content = reconciliation_book(found, "测试市")
        line = openpyxl.load_workbook(io.BytesIO(content))["对账"]["A2"].value
        return line.partition("。")[2], {row[2]: row[6] for row in sheet(content, "对账")}

    own = "下级合计，本单位的报告不计入"
    assert used(collected({"单位1": 1, "单位2": 2, "市": 9}, office="市")) == ("本单位自己的报告不计入，合计用已有的下级数字。", {"市": own})
    assert used(collected(ALL | {"市": 9}, office="市"))[1] == {"市": own}
    assert used(collected(ALL | {"县1": 3})) == ("应报的下级到齐了，合计用下级的。", {"县1": "下级合计"})
    told, rows = used(collected({"单位1": 1, "县1": 3, "单位3": 3, "单位4": 4, "县2": 7, "市": 15}))
    assert rows == {"市": "报来的汇总", "县1": "上级报来的汇总", "县2": "上级报来的汇总"}  # 县2 is complete, but 单位5 is lacking above
    assert told == "下级没有到齐，合计用报来的汇总；上级的汇总已计入的，下面的不另计。"


def test_the_workbook_stands_without_anything_to_reconcile():
    content = reconciliation_book(collected({}), "测试市")
    assert sheet(content, "对账") == sheet(content, "差异") == []
    names, _, _, used, due, left, new = levels(content)
    assert (names, used) == (("合计", "市", "县1", "县2"), (None, "（没有数字）", "（没有数字）", "（没有数字）"))
    assert (due[1:], left[1:], new) == ((5, 2, 2), (5, 2, 2), (0, None, None, None))


def test_the_workbook_recalculates_to_what_is_stored(soffice, tmp_path):
    content = reconciliation_book(collected(MIXED), "测试市")
    openpyxl.load_workbook(io.BytesIO(content)).save(tmp_path / "a.xlsx")  # openpyxl stores no results
    (tmp_path / "out").mkdir()
    soffice(tmp_path / "a.xlsx", "xlsx", tmp_path / "out")
    worked_out = openpyxl.load_workbook(tmp_path / "out" / "a.xlsx", data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(content))
    stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    seen = 0
    for page in formulas:
        for row in page.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    seen += 1
                    assert worked_out[page.title][cell.coordinate].value == stored[page.title][cell.coordinate].value, (page.title, cell.coordinate)
    assert seen > len(FIELDS)


def test_the_prompt_of_a_summed_figure_says_whose_summaries_are_in_it_and_what_is_lacking():
    def prompts(found: Collection) -> set[str]:
        book = openpyxl.load_workbook(io.BytesIO(own_report(found)))
        found_in = {rule.prompt for page in book for rule in page.data_validations.dataValidation if rule.prompt and "合计" in rule.prompt}
        return {text[text.index("已预填") :].split("。")[0] for text in found_in if "已预填" in text}

    assert prompts(collected(ALL)) == {"已预填：5 个单位的合计"}
    assert prompts(collected({"单位1": 1, "县2": 7, "单位5": 5})) == {"已预填：3 份报表的合计，其中 1 份是下级汇总，还缺 1 个单位"}
    assert prompts(collected({"单位1": 1, "市": 15})) == {"已预填：1 份报表的合计，其中 1 份是下级汇总"}


def test_the_cover_of_the_offices_own_workbook_is_filled_from_the_roster(tmp_path):
    roster = [Unit("X1", "测试县人民政府", "县级政府", "", False, "", 2), Unit("U1", "单位1", "县级部门", "X1", True, "", 3)]
    found = collection(FORM, 2023, roster, [record("单位1", 1)])
    (tmp_path / "own.xlsx").write_bytes(own_report(found, "测试县人民政府"))
    (one,) = received(tmp_path / "own.xlsx")
    assert (one.agency, one.code, one.year, figure(one.figures, NEW)) == ("测试县人民政府", "X1", 2023, 1)
    assert own_report(found._replace(office="测试县人民政府")) == own_report(found, "测试县人民政府") != own_report(found)


# from the counties to the city

COUNTY = "代码,名称,类别,上级,应报\nX{n}00,测试{n}县人民政府,县级政府,,否\n"
UNIT = "U{n},单位{n},县级部门,X{county}00,是\n"


def rosters() -> dict[str, str]:
    county = {n: UNIT.format(n=2 * n - 1, county=n) + UNIT.format(n=2 * n, county=n) for n in (1, 2)}
    head = COUNTY.splitlines(keepends=True)[0]
    node = {n: COUNTY.splitlines(keepends=True)[1].format(n=n) for n in (1, 2)}
    return {
        "county 1": head + node[1] + county[1], "county 2": head + node[2] + county[2],
        "all": head + node[1] + county[1] + node[2] + county[2],
        "summaries": head + "".join(node.values()).replace("否", "是"),
    }  # fmt: skip


def taken_in(folder: Path, inbox: Path, roster: str, agency: str, code: int = 0) -> dict[str, bytes]:
    (folder / "名册.csv").write_text(rosters()[roster], encoding="utf-8")
    done = CliRunner().invoke(
        group, ["collect", str(inbox), "--roster", str(folder / "名册.csv"), "-o", str(folder / f"desk {roster}"), "--year", "2023", "--agency", agency]
    )
    assert done.exit_code == code, done.output
    return {path.name: path.read_bytes() for path in (folder / f"desk {roster}").iterdir() if path.is_file()}


def completed(content: bytes, **more: int) -> bytes:
    """The office's own workbook as somebody finishes it: the words that are lacking, typed into their cells; ``more`` are other figures."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    at = plan(FORM).places
    words = {"cover.address": "地址", "cover.phone": "1", "cover.signed_on": datetime.date(2024, 3, 5), "overview.proactive": "文字", "problems.text": "文字"}
    for name, text in (*words.items(), *more.items()):
        place = at[name.replace("__", ".")]
        book[place.sheet].cell(place.row + 1, place.column + 1, text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_summaries_of_counties_add_up_to_what_all_their_units_add_up_to(tmp_path):
    city, everything, owns = tmp_path / "city", tmp_path / "all", []
    city.mkdir()
    for county in (1, 2):
        inbox = tmp_path / f"county{county}"
        for n in (2 * county - 1, 2 * county):
            more = {"proactive__fee__amount": f"{n}.{n}7", "requests__new__commercial": Decimal(10 * n), "requests__granted__commercial": Decimal(10 * n), "fee__charged": f"{n}.50"}
            filed(inbox, f"{n}.xlsx", n, **more)
            (everything / f"{n}.xlsx").parent.mkdir(exist_ok=True)
            (everything / f"{n}.xlsx").write_bytes((inbox / f"{n}.xlsx").read_bytes())
        owns.append(taken_in(tmp_path, inbox, f"county {county}", f"测试{county}县人民政府")["本级报告.xlsx"])
        (city / f"县{county}.xlsx").write_bytes(completed(owns[-1]))
    by_originals = taken_in(tmp_path, everything, "all", "测试市人民政府")
    by_summaries = taken_in(tmp_path, city, "summaries", "测试市人民政府")

    def typed(desk: dict[str, bytes]) -> dict[tuple[str, str], object]:
        book = openpyxl.load_workbook(io.BytesIO(desk["本级报告.xlsx"]), data_only=True)
        return {(page.title, cell.coordinate): cell.value for page in book for row in page.iter_rows() for cell in row if cell.value is not None}

    assert typed(by_originals) == typed(by_summaries)
    totals = [
        {item: sum(Decimal(str(line["value"])) for line in map(json.loads, desk["facts.jsonl"].decode().splitlines()) if line["item"] == item) for item in (NEW, FEE, "requests.handled.total")}
        for desk in (by_originals, by_summaries)
    ]
    assert totals[0] == totals[1] == {NEW: 10, FEE: Decimal("11.28"), "requests.handled.total": 110}
    # both in one inbox, and one figure of a county typed over
    both = [*sorted(everything.iterdir()), *sorted(city.iterdir())]
    (tmp_path / "名册.csv").write_text(rosters()["all"], encoding="utf-8")
    roster = read_roster(tmp_path / "名册.csv", [choice.label for choice in FORM.role("category").choices]).units
    found = collection(FORM, 2023, roster, [one for path in both for one in received(path)])
    assert [one.state for one in found.standings] == ["done"] * 6
    assert (figure(sums(found), NEW), figure(sums(found), FEE)) == (10, Decimal("11.28"))
    assert differences(found) == {"测试1县人民政府": {}, "测试2县人民政府": {}}
    (city / "县2.xlsx").write_bytes(completed(owns[1], requests__new__natural=8, requests__granted__natural=8))
    found = collection(FORM, 2023, roster, [one for path in both for one in received(path)])
    assert differences(found) == {"测试1县人民政府": {}, "测试2县人民政府": {NEW: (8, 7, True), GRANTED: (8, 7, True)}}
    assert figure(sums(found), NEW) == 10
