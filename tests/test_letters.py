"""The letter to a unit: what it says of each fault, what it leaves out, how it asks for the return again."""

from __future__ import annotations

import dataclasses
import re

import openpyxl
import pytest

from test_collect import FORM, QUERY, filed
from xl2report.checked import check_file
from xl2report.checks.catalogue import ARTICLES
from xl2report.desk.collection import collection
from xl2report.desk.letters import letter
from xl2report.desk.received import OFFICE, Received, Told, came_in, received, record
from xl2report.desk.roster import Unit

ERROR = Told("error", "V104", "封面 C10", "必填项没有填", "请填写")


@pytest.fixture(scope="module")
def right(tmp_path_factory) -> Received:
    """The record of a return with nothing wrong."""
    path = filed(tmp_path_factory.mktemp("one"), "甲.xlsx", 1)
    (record,) = received(path)
    assert record.status == "pass"
    return record


def letter_about(record: Received) -> str:
    (standing,) = collection(FORM, 2023, [Unit("U1", "单位1", "县级部门", "", True, "", 2)], [record]).standings
    return letter(FORM, 2023, standing)


@pytest.mark.parametrize(
    ("changes", "said", "not_said"),
    [
        ({}, (), ()),
        ({"year": 2022}, ("不是本年度的：封面年度是 2022", "请报送 2023 年度的", "改成 2023 后重新报送", "报送次数填 2"), ("错误",)),
        ({"form": "disclosure-2019"}, ("不是本年度的：用的是别的年度的工作簿",), ("封面年度", "改成")),
        ({"status": "fail", "errors": 1, "told": (ERROR,)}, ("错误 1 处", "报送次数填 2"), ("年度的（",)),
        ({"status": "fail", "errors": 1, "told": (ERROR,), "year": 2022}, ("错误 1 处", "不是 2023 年度的（封面年度是 2022）"), ()),
        ({"status": "fail", "errors": 1, "told": (ERROR,), "year": None}, ("错误 1 处",), ("年度的（",)),
        ({"status": "fail", "errors": 1, "told": (ERROR,), "path": "D:\\收件\\乙.xlsx"}, ("（乙.xlsx，",), ("D:",)),
    ],
)
def test_a_letter_says_of_a_return_that_it_is_of_another_year_beside_its_errors(right, changes, said, not_said):
    text = letter_about(right._replace(**changes))
    assert bool(text) is bool(said)
    assert all(words in text for words in said), text
    assert not any(words in text for words in not_said), text


def test_a_letter_about_a_total_that_was_typed_says_what_stands_there_what_should_and_why(tmp_path):
    path = filed(tmp_path, "a.xlsx", 7)
    book = openpyxl.load_workbook(path)
    sheet, cell = next((sheet, cell) for sheet in book for row in sheet.iter_rows() for cell in row if sheet.title.startswith("三") and cell.data_type == "f" and cell.row == 9)
    sheet[cell.coordinate] = 5
    book.save(path)
    (found,) = received(path)
    text = letter_about(found._replace(code="U1"))
    total, balance = (one for one in found.told if one.code == "X201")
    assert total.expected == "7"
    assert f"应为 7\n   涉及：{cell.coordinate}=5、E9=7、" in text
    assert "现填 5，按各项计算应为 7" in total.hint
    assert text.count(total.hint) == 1
    assert balance.hint == ""  # told once
    assert re.search(rf"涉及：[^\n]*{cell.coordinate}=5[^\n]* 等 7 格", text)


def test_of_rivals_a_letter_names_those_alone_and_how_to_decide(right):
    when = right.received
    files = [
        right._replace(path=path, times=times, sha256=path, received=when.replace(hour=hour), year=year)
        for path, times, hour, year in (("/in/a.xlsx", 3, 8, 2023), ("/in/b.zip/b.xlsx", 3, 9, 2023), ("/in/c.xlsx", 2, 10, 2023), ("/in/d.xlsx", 3, 11, 2022))
    ]
    (standing,) = collection(FORM, 2023, [Unit("U1", "单位1", "县级部门", "", True, "", 2)], files).standings
    text = letter(FORM, 2023, standing)
    assert [line.strip() for line in text.splitlines() if ".xlsx" in line] == [f"b.xlsx，{when:%Y-%m-%d} 09:00 收到", f"a.xlsx，{when:%Y-%m-%d} 08:00 收到"]
    assert "报送次数填 4" in text


def about_the_office(code: str) -> Told:
    return Told(ARTICLES[code].severity, code, "", "上年的工作簿", "请换一份")


def test_what_the_office_has_to_mend_is_not_asked_of_a_unit(right):
    asked = Told("query", "X201", "二、主动公开 B8", "两边不相等", "请核对")
    alone = right._replace(queries=1, told=(about_the_office("P102"),))
    assert letter_about(alone) == ""
    both = right._replace(queries=2, told=(asked, about_the_office("P102")))
    assert "有疑问 1 处" in letter_about(both)
    assert "上年的工作簿" not in letter_about(both)
    assert "其余" not in letter_about(both)
    assert [ARTICLES[code].severity for code in OFFICE if ARTICLES[code].severity != "note"] == ["query"]  # none other holds a unit open


def test_a_finding_of_the_office_is_kept_behind_any_number_of_others(tmp_path):
    result = check_file(filed(tmp_path, "a.xlsx", 1, **QUERY))
    (query,) = (one for one in result.findings if one.severity == "query")
    office = query._replace(code="P102", words=(("found", "2021"), ("year", "2023")))
    many = tuple(query._replace(rule=f"{n}") for n in range(7))
    kept = record(dataclasses.replace(result, findings=(office, *many)), came_in(tmp_path / "a.xlsx"))
    assert [one.code for one in kept.told] == [query.code] * 5 + ["P102"]
    assert kept.queries == 8
    assert "疑问 7 处" in letter_about(kept._replace(code="U1"))
    assert "其余 2 处" in letter_about(kept._replace(code="U1"))


def test_an_open_query_says_what_counts_as_an_explanation(right):
    query = Told("query", "X201", "某处", "不相等", "请核对")
    assert "“无”" in letter_about(right._replace(queries=1, told=(query,)))
    assert "“无”" in letter_about(right._replace(status="fail", errors=1, queries=1, told=(ERROR, query)))
    assert "“无”" not in letter_about(right._replace(status="fail", errors=1, told=(ERROR,)))


@pytest.mark.parametrize("code", [code for code, article in ARTICLES.items() if article.severity != "note" and code[0] in "FSVXP"] + ["N118"])
def test_no_letter_speaks_of_commands_and_whoever_needs_a_fresh_workbook_is_told_where_it_is_had(right, code):
    article = ARTICLES[code]
    told = Told(article.severity, code, "某处", "有错", article.fix.zh)
    counts = {"errors": 1, "status": "fail"} if article.severity == "error" else {"queries": 1}
    text = letter_about(right._replace(told=(told,), **counts))
    assert (code in OFFICE) is (text == "")
    assert "xl2report" not in text
    assert "--" not in text
    if re.search("空白工作簿|重新填报|填到下发|工作簿填报", article.fix.zh):
        assert "向下发单位要一份空白工作簿" in text
