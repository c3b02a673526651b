"""The letter to a unit whose return is of another year, or fills another form."""

from __future__ import annotations

import pytest

from test_collect import FORM, filed
from xl2report.desk.collection import collection
from xl2report.desk.letters import letter
from xl2report.desk.received import Received, Told, received
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
        ({"year": 2022}, ("不是本年度的：封面年度是 2022", "请报送 2023 年度的"), ("错误",)),
        ({"form": "disclosure-2019"}, ("不是本年度的：用的是别的年度的工作簿",), ("封面年度",)),
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
