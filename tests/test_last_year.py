"""Comparison with the year before: which rules speak, where last year's figures come from, what becomes of an explanation."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

import xl2report
from test_report_data import FORMS
from xl2report.archive import archive, kept_line, kept_lines, read_archive, with_last
from xl2report.checked import Checked, check_content
from xl2report.checks.checking import judgements
from xl2report.cli.app import group
from xl2report.earlier import Earlier, compared_with
from xl2report.submission import LastYear
from xl2report.workbook.formulas import ABSENT, EXPLAINED, FAIL, PASS
from xl2report.workbook.write import write

FORM, OLDER = FORMS["disclosure-2021"], FORMS["disclosure-2019"]


def values(year: int = 2023, form=FORM, **more: object) -> dict:
    """A passing report; ``more`` are fields with ``__`` for a dot."""
    found: dict = {
        "cover.agency": "示例县林业局", "cover.code": "U1", "cover.category": "县级部门", "cover.year": Decimal(year), "cover.address": "地址",
        "cover.phone": "1", "cover.signed_on": f"{year + 1}-01-05", "overview.proactive": ("文字",), "problems.text": ("文字",),
        "fee.notices": Decimal(0), "fee.charged": "0", "fee.received": "0",
    }  # fmt: skip
    found |= {table.zero_question.id: "是" for table in form.tables}
    found |= {field.replace("__", "."): Decimal(value) if isinstance(value, int) else value for field, value in more.items()}
    return {name: value for name, value in found.items() if name in form.fields}


def checked(last: LastYear | None = None, explanations: dict | None = None, **more: object) -> Checked:
    return check_content("a.xlsx", write(FORM, values(**more), last=last, explanations=explanations))


def asked(result: Checked) -> list[tuple[str | None, str]]:
    """The rules that compare with last year and speak, with the first cell of each."""
    return [(finding.rule, finding.cells[0].place.cell) for finding in result.findings if finding.code == "P201"]


def of(result: Checked, code: str) -> list[dict]:
    return [dict(finding.words) for finding in result.findings if finding.code == code]


@pytest.mark.parametrize(
    "last, this, rules",
    [
        ({"requests.carried_out.natural": 3, "requests.carried_out.total": 3}, {"requests__carried_in__natural": 3, "requests__granted__natural": 3}, []),
        (
            {"requests.carried_out.natural": 4, "requests.carried_out.total": 4}, {"requests__carried_in__natural": 3, "requests__granted__natural": 3},
            [("carried_over", "E10"), ("carried_over", "K10")],
        ),
        # 12 were in force, 2 came and 1 went
        ({"proactive.normative.in_force": 12}, {"proactive__normative__issued": 2, "proactive__normative__repealed": 1, "proactive__normative__in_force": 13}, []),
        ({"proactive.normative.in_force": 12}, {"proactive__normative__issued": 2, "proactive__normative__repealed": 1, "proactive__normative__in_force": 14}, [("in_force_over", "E9")]),
        # ten times as much: from small figures it says nothing
        ({"proactive.licence.decisions": 4}, {"proactive__licence__decisions": 89}, []),
        ({"proactive.licence.decisions": 4}, {"proactive__licence__decisions": 90}, [("leap", "C13")]),
        ({"proactive.licence.decisions": 1050}, {"proactive__licence__decisions": 101}, []),
        ({"proactive.licence.decisions": 1050}, {"proactive__licence__decisions": 99}, [("leap", "C13")]),
        ({"requests.new.total": 700}, {"requests__new__natural": 3, "requests__granted__natural": 3}, [("leap_requests", "K9")]),
        ({"review.review.total": 0}, {"review__review__upheld": 50}, [("leap", "F9")]),
        # in yuan where the unit is ten thousand: once, not twice
        ({"proactive.fee.amount": "77.4960"}, {"proactive__fee__amount": "774960"}, [("fee_unit", "C22")]),
        ({"proactive.fee.amount": "77.4960"}, {"proactive__fee__amount": "1774.96"}, [("fee_leap", "C22")]),
        ({"proactive.fee.amount": "77.4960"}, {"proactive__fee__amount": "97.40"}, []),
    ],
)  # fmt: skip
def test_a_figure_that_does_not_follow_from_last_years_is_asked_about(last, this, rules):
    figures = {name: Decimal(value) for name, value in last.items()}
    result = checked(LastYear(2022, figures), **this)
    assert sorted(asked(result)) == sorted(rules)
    assert all(finding.severity == "query" for finding in result.findings if finding.code == "P201")
    assert result.status == "pass"


def test_a_comparison_without_a_figure_of_last_year_is_not_made_and_that_is_said_where_others_are():
    result = checked(requests__new__natural=70, requests__granted__natural=70)
    of_last = sum(bool(instance.lasts) for instance in FORM.instances)
    assert of_last > 40
    assert asked(result) == of(result, "P101") == []
    assert {one.verdict for one in judgements(FORM, result.submission) if one.instance.lasts} == {"absent"}
    some = checked(LastYear(2022, {"requests.new.total": Decimal(70)}))
    assert of(some, "P101") == [{"count": str(of_last - 1)}]


def test_an_explanation_beside_the_rule_answers_the_query():
    last = LastYear(2022, {"proactive.licence.decisions": Decimal(4)})
    result = checked(last, {"leap:licence.decisions": "新增审批事项"}, proactive__licence__decisions=90)
    [finding] = [finding for finding in result.findings if finding.code == "P201"]
    assert finding.explained == "新增审批事项"
    assert not finding.stands


def test_the_sheet_says_what_the_program_says():
    last = LastYear(2022, {"proactive.licence.decisions": Decimal(4), "proactive.penalty.decisions": Decimal(3), "proactive.fee.amount": Decimal("77.4960")})
    content = write(FORM, values(proactive__licence__decisions=90, proactive__coercion__decisions=1), last=last, explanations={"leap:penalty.decisions": "无"})
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["校验"]
    heads = {str(cell.value): cell.column for cell in sheet[6 + 1 - 1] if cell.value}
    shown = {str(row[0].value): row for row in sheet.iter_rows(min_row=7) if row[0].value}
    verdict, before = heads["结论"] - 1, heads["上年数"] - 1
    assert [(shown[f"leap:{row}"][verdict].value, shown[f"leap:{row}"][before].value) for row in ("licence.decisions", "penalty.decisions", "coercion.decisions")] == [
        (FAIL, 4), (PASS, 3), (ABSENT, None),
    ]  # fmt: skip
    assert shown["fee_unit"][before].value == pytest.approx(77.496)
    assert shown["balance:natural"][before].value is None
    explained = write(FORM, values(proactive__licence__decisions=90), last=last, explanations={"leap:licence.decisions": "新增"})
    rows = openpyxl.load_workbook(io.BytesIO(explained), data_only=True)["校验"].iter_rows(min_row=7)
    assert next(row[verdict].value for row in rows if row[0].value == "leap:licence.decisions") == EXPLAINED


# -- where last year's figures come from -------------------------------------------------------------------------------


def test_a_workbook_issued_with_last_years_figures_brings_them_back():
    result = checked(LastYear(2022, {"proactive.fee.amount": Decimal("77.4960"), "requests.new.total": Decimal(12)}))
    assert result.submission.last == LastYear(2022, {"proactive.fee.amount": Decimal("77.4960"), "requests.new.total": Decimal(12)})
    assert checked().submission.last is None


def test_figures_of_another_year_than_the_one_before_are_asked_about():
    assert of(checked(LastYear(2021, {"requests.new.total": Decimal(1)})), "P102") == [{"found": "2021", "year": "2023"}]
    assert of(checked(LastYear(2022, {"requests.new.total": Decimal(1)})), "P102") == []


def filed(folder: Path, name: str, year: int = 2022, form=FORM, **more: object) -> Path:
    path = folder / name
    path.write_bytes(write(form, values(year, form, **more)))
    return path


def check(*arguments: object) -> tuple[int, list[dict], str]:
    done = CliRunner().invoke(group, ["check", "--format", "json", *map(str, arguments)])
    return done.exit_code, json.loads(done.stdout)["files"] if done.stdout else [], done.stderr


def codes(file: dict) -> list[str]:
    return [finding["code"] for finding in file["findings"] if finding["code"][0] == "P"]


def test_check_compares_with_last_years_workbook(tmp_path):
    last = filed(tmp_path, "last.xlsx", requests__carried_out__natural=4, requests__new__natural=4)
    this = filed(tmp_path, "this.xlsx", 2023, requests__carried_in__natural=3, requests__granted__natural=3)
    code, [file], _ = check(this, "--previous", last)
    assert code == 0
    assert codes(file) == ["P201", "P201"]
    assert [finding["expected"] for finding in file["findings"] if finding["code"] == "P201"] == ["4", "4"]


def test_last_years_workbook_is_believed_before_the_figures_that_were_issued():
    last = Earlier("last.xlsx", FORM.id, 2022, "U1", "示例县林业局", 1, {"requests.new.total": Decimal(700), "requests.carried_out.total": Decimal(0)})
    read = checked(LastYear(2022, {"requests.new.total": Decimal(7), "requests.carried_out.total": Decimal(0)})).submission
    found = compared_with(last, FORM, read)
    assert found.last.figures["requests.new.total"] == 700
    assert [(remark.code, dict(remark.words)) for remark in found.remarks if remark.code[0] == "P"] == [("P103", {"count": "1"})]
    # the same figures: nothing to say
    assert not [one for one in compared_with(last._replace(figures=read.last.figures), FORM, read).remarks if one.code[0] == "P"]


def test_each_file_is_compared_with_its_own_units_workbook_by_code_then_by_name(tmp_path):
    folder = tmp_path / "2022"
    folder.mkdir()
    filed(folder, "a.xlsx", requests__carried_out__natural=4, requests__new__natural=4)
    filed(folder, "b.xlsx", cover__agency="示例县教育局", cover__code="", requests__carried_out__natural=5, requests__new__natural=5)
    (folder / "rubbish.txt").write_text("x")
    one = filed(tmp_path, "one.xlsx", 2023, cover__agency="示例县林业和草原局", requests__carried_in__natural=4, requests__granted__natural=4)
    two = filed(tmp_path, "two.xlsx", 2023, cover__agency="示例县教育局", cover__code="U2", requests__carried_in__natural=4, requests__granted__natural=4)
    none = filed(tmp_path, "none.xlsx", 2023, cover__agency="示例县水利局", cover__code="U3")
    _, files, said = check(one, two, none, "--previous", folder)
    assert [codes(file) for file in files] == [["P106"], ["P201", "P201"], ["P104"]]
    assert "rubbish.txt" in said


def test_of_several_workbooks_of_a_unit_the_last_one_sent_in_counts_and_a_tie_counts_none(tmp_path):
    first = Earlier("a", FORM.id, 2022, "U1", "示例县林业局", 1, {"requests.carried_out.total": Decimal(1)})
    second = first._replace(path="b", times=2, figures={"requests.carried_out.total": Decimal(2)})
    read = checked().submission
    assert with_last(archive([second, first]), FORM, read).last.figures["requests.carried_out.total"] == 2
    tied = with_last(archive([second, first, second._replace(path="c")]), FORM, read)
    assert tied.last is None
    assert (tied.remarks[-1].code, dict(tied.remarks[-1].words)) == ("P105", {"count": "2", "files": "b、c"})
    assert with_last(archive([first._replace(year=2021)]), FORM, read).last is None  # two years ago is not last year


def test_only_what_both_editions_ask_for_is_compared(tmp_path):
    last = filed(tmp_path, "last.xlsx", 2020, OLDER, requests__carried_out__natural=4, requests__new__natural=4, proactive__licence__decisions=7)
    result = xl2report.check(filed(tmp_path, "this.xlsx", 2021, requests__carried_in__natural=4, requests__granted__natural=4), previous=xl2report.check(last))
    assert result.submission.last.figures["requests.carried_out.natural"] == 4
    assert result.submission.last.figures["proactive.licence.decisions"] == 7
    assert "proactive.normative.in_force" not in result.submission.last.figures
    assert asked(result) == []


def test_a_figure_of_last_year_that_is_in_doubt_is_not_compared_with(tmp_path):
    wrong = write(FORM, values(2022, requests__carried_out__natural="三件", requests__new__natural=4), overwritten={"requests.new.total": Decimal(700)})
    handed = check_content("last.xlsx", wrong).handed_on
    assert "requests.carried_out.natural" not in handed.figures
    assert "requests.new.total" not in handed.figures  # it is not the sum of its parts
    assert handed.figures["requests.new.natural"] == 4


def test_a_previous_that_cannot_be_read_is_told_and_nothing_is_checked(tmp_path):
    this = filed(tmp_path, "this.xlsx", 2023)
    bad = tmp_path / "last.xlsx"
    bad.write_text("rubbish")
    code, files, said = check(this, "--previous", bad)
    assert (code, files) == (2, [])
    assert "F101" in said


def test_a_report_survives_the_file_of_the_archive(tmp_path):
    one = Earlier("a/b.zip/c.xlsx", FORM.id, 2022, "U1", "示例县\u2028林业局", 3, {"proactive.fee.amount": Decimal("77.4960"), "requests.new.total": Decimal(0)})
    kept = tmp_path / "reports.jsonl"
    kept.write_text(f"{kept_line(one, 'a')}\n{kept_line(one._replace(path='d', year=2021), 'a')}\n{{", encoding="utf-8")
    assert read_archive(kept).by_code == {(2022, "U1"): (one,), (2021, "U1"): (one._replace(path="d", year=2021),)}
    assert str(kept_lines(kept)["a", ""][0].figures["proactive.fee.amount"]) == "77.4960"


# -- issued with last year's figures -----------------------------------------------------------------------------------


def test_a_workbook_made_from_last_years_shows_its_figures_and_compares_with_them(tmp_path):
    last = filed(tmp_path, "last.xlsx", proactive__normative__in_force=12, requests__carried_out__natural=4, requests__new__natural=4)
    for content in (
        xl2report.template(FORM, year=2023, previous=xl2report.check(last)),
        xl2report.transfer(xl2report.check(last), year=2023).content,
    ):
        read = check_content("a.xlsx", content).submission
        assert read.last.year == 2022
        assert read.last.figures["proactive.normative.in_force"] == 12
    prompts = openpyxl.load_workbook(io.BytesIO(xl2report.template(FORM, year=2023, previous=xl2report.check(last))))["二、主动公开"].data_validations
    told = {str(prompt.sqref): prompt.prompt for prompt in prompts.dataValidation if prompt.prompt}
    assert "上年（2022年度）：12件" in told["E9"]


def test_figures_of_last_year_go_over_into_a_fresh_workbook():
    result = checked(LastYear(2022, {"requests.new.total": Decimal(12)}), {"leap_requests:new": "机构合并"}, requests__new__natural=500, requests__granted__natural=500)
    again = check_content("b.xlsx", xl2report.transfer(result).content)
    assert again.submission.last == result.submission.last
    assert [finding.explained for finding in again.findings if finding.code == "P201"] == ["机构合并"]


# -- render ------------------------------------------------------------------------------------------------------------


def rendered(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(group, ["render", "--to", "html", *map(str, arguments)])
    return done.exit_code, done.stderr


def test_render_looks_last_years_workbook_of_each_unit_up_and_says_what_is_open(tmp_path):
    folder = tmp_path / "2022"
    folder.mkdir()
    filed(folder, "a.xlsx", requests__carried_out__natural=4, requests__new__natural=77, requests__granted__natural=73)
    filed(folder, "b.xlsx", cover__agency="示例县教育局", cover__code="U2", requests__new__natural=55, requests__granted__natural=55)
    one = filed(tmp_path, "one.xlsx", 2023, requests__carried_in__natural=3, requests__granted__natural=3)
    two = filed(tmp_path, "two.xlsx", 2023, cover__agency="示例县教育局", cover__code="U2", requests__new__natural=12, requests__granted__natural=12)
    none = filed(tmp_path, "none.xlsx", 2023, cover__agency="示例县水利局", cover__code="U3", requests__new__natural=1, requests__granted__natural=1)
    code, said = rendered(one, two, none, "--previous", folder, "-o", tmp_path / "out")
    assert code == 0
    assert [line for line in said.splitlines() if "疑问" in line and str(one) in line]
    assert [line for line in said.splitlines() if "没有本单位 2022" in line and str(none) in line]
    pages = {path: (tmp_path / "out" / f"{path.stem}.html").read_text(encoding="utf-8") for path in (one, two, none)}
    assert "2022年 55" in pages[two]
    assert "2022年" not in pages[none]


def test_a_return_with_all_of_last_years_figures_is_told_unless_they_are_few(tmp_path):
    many = {f"proactive__{name}": n for n, name in enumerate(("normative__issued", "normative__in_force", "licence__decisions", "penalty__decisions"), 2)}
    many |= {"requests__new__natural": 5, "requests__granted__natural": 5, "proactive__normative__repealed": 2}
    this = filed(tmp_path, "this.xlsx", 2023, **many)
    told = [of(xl2report.check(this, previous=xl2report.check(filed(tmp_path, "last.xlsx", 2022, **last))), "P107") for last in (many, {**many, "requests__new__natural": 6})]
    assert told == [[{"count": "11"}], []]
    few = {"requests__new__natural": 5, "requests__granted__natural": 5}
    last = xl2report.check(filed(tmp_path, "last.xlsx", 2022, **few))
    assert of(xl2report.check(filed(tmp_path, "this.xlsx", 2023, **few), previous=last), "P107") == []
