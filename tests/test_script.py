"""Traditional characters: labels and text converted, figures and addresses as they were, in every format."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import xl2report
from test_report_data import FORMS, report_of
from xl2report.cli.app import group
from xl2report.report import words
from xl2report.report.script import converted, traditional
from xl2report.report.view import Report

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "example-county-2023" / "filled.xlsx"


@pytest.mark.parametrize(
    ("simplified", "printed"),
    [
        ("政府信息公开", "政府信息公開"),  # signs, not words: not 資訊
        ("网络软件", "網絡軟件"),
        ("2023年、77.4960万元", "2023年、77.4960萬元"),
        ("见https://www.example.gov.cn/东/a.html。", "見https://www.example.gov.cn/東/a.html。"),
        ("详见 www.example.gov.cn", "詳見 www.example.gov.cn"),
        ("https://www.示例.cn/东西", "https://www.示例.cn/东西"),  # an address as a whole
        ("plain ASCII", "plain ASCII"),
        ("未经行政复议直接起诉；复议机关", "未經行政復議直接起訴；復議機關"),  # as the law is called
        ("重复议题、反复议论、复印", "重複議題、反覆議論、複印"),
        ("", ""),
    ],
)
def test_signs_are_converted_and_addresses_are_not(simplified, printed):
    assert converted(simplified) == printed


def figures(report: Report) -> list[str]:
    return [cell.text for table in report.tables for cell in table.cells if cell.field]


@pytest.mark.parametrize("form_id", FORMS)
def test_every_text_of_a_report_is_converted_and_no_figure(form_id):
    report = report_of(form_id, {"requests.note": "含上年结转数", "cover.address": "东门大街1号"})
    there = traditional(report)
    assert figures(there) == figures(report)
    assert there.page_url == report.page_url
    assert [bar.value for chart in there.charts for bar in chart.bars] == [bar.value for chart in report.charts for bar in chart.bars]
    everything = re.findall(r"'([^']*)'", repr(there))
    assert [text for text in everything if not text.startswith("http") and converted(text) != text and text not in FORMS] == []


@pytest.mark.parametrize("name", ["html", "html-fragment", "docx", "pdf", "md", "json"])
def test_every_format_can_be_printed_in_traditional_characters(name):
    content = xl2report.render(xl2report.check(SAMPLE), to=name, script="hant")
    assert content != xl2report.render(xl2report.check(SAMPLE), to=name)
    if name not in ("docx", "pdf"):
        assert "依申請公開" in content.decode()
        assert "依申请公开" not in content.decode()
    if name == "json":
        first = json.loads(xl2report.render(xl2report.check(SAMPLE), to=name))
        there = json.loads(content)
        assert [item["value"] for item in there["tables"]["requests"]] == [item["value"] for item in first["tables"]["requests"]]


def test_the_findings_and_words_of_a_draft_are_converted_too():
    report = traditional(report_of("disclosure-2021", {"requests.new.natural": "十二"}, draft=True))
    for line in words.finding_lines(report, "zh"):
        assert converted(line.message) == line.message
        assert converted(line.fix) == line.fix
    assert words.words(report, "zh")["findings"] == "校驗發現"
    assert words.words(report, "en")["page"] == "本頁網址"  # the public's, whoever makes the report


def test_an_unknown_script_is_refused():
    with pytest.raises(ValueError, match="latin"):
        xl2report.render(xl2report.check(SAMPLE), script="latin")


def test_without_the_converter_the_command_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "opencc", None)
    from xl2report.report import script

    script._converter.cache_clear()
    done = CliRunner().invoke(group, ["render", str(SAMPLE), "--to", "html", "--script", "hant", "-o", str(tmp_path / "a.html")])
    script._converter.cache_clear()
    assert done.exit_code == 2
    assert "OpenCC" in done.output
    assert not (tmp_path / "a.html").exists()
