"""The Markdown: pipe tables whose labels are the whole path of each figure, and user text that stays text."""

from __future__ import annotations

import re

import pytest

from test_report_data import FORMS, report_of
from xl2report.report import markdown
from xl2report.report.environment import markdown_inline, markdown_line, markdown_link
from xl2report.report.view import Report


def source(report: Report, language: str = "zh") -> str:
    return markdown.render(report, language).decode()


def plain(text: str) -> str:
    """A line as a reader of Markdown sees it."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text.strip())


def pipe_tables(text: str) -> list[list[list[str]]]:
    """The pipe tables of a page, cell by cell, without their rulers."""
    tables: list[list[list[str]]] = []
    inside = False
    for line in text.splitlines():
        if line.startswith("|"):
            if not inside:
                tables.append([])
            tables[-1].append([plain(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        inside = line.startswith("|")
    assert all(set("".join(table[1])) <= set(":-") for table in tables)
    return [[table[0], *table[2:]] for table in tables]


@pytest.mark.parametrize("name", FORMS)
def test_every_figure_stands_under_its_whole_path(name: str) -> None:
    report, form = report_of(name), FORMS[name]
    tables = iter(pipe_tables(source(report)))
    for table in report.tables:
        found = []
        for top, first, end in table.headers:
            columns, *rows = next(tables)
            heading = [cell.text for cell in table.cells if cell.kind == "heading" and top <= cell.row < end]
            assert len(rows) == end - first
            assert {len(row) for row in rows} == {len(columns)}
            for row in rows:
                labels = [label for label in row[: table.label_columns] if label]
                for label, figure in zip(columns[table.label_columns :], row[table.label_columns :], strict=True):
                    found.append(((*heading, *labels, *label.split(" / ")), figure))
        assert found == [(form.fields[cell.field].path, cell.text) for cell in table.cells if cell.field]
    assert next(tables, None) is None


def test_a_label_over_several_rows_is_repeated_and_one_over_several_columns_is_not() -> None:
    rows = pipe_tables(source(report_of("disclosure-2021")))[4]
    assert rows[1][:3] == ["一、本年新收政府信息公开申请数量", "", ""]
    assert rows[4][:3] == ["三、本年度办理结果", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）", ""]
    assert rows[6][:3] == ["三、本年度办理结果", "（三）不予公开", "2.其他法律行政法规禁止公开"]


def test_the_page_prints_everything_in_order() -> None:
    report = report_of("disclosure-2021", {"requests.note": "其中一件为信函"})
    lines = source(report).splitlines()
    assert lines[0] == f"# {report.title}"
    assert [line[3:] for line in lines if line.startswith("## ")] == [section.heading for section in report.sections]
    for line in ("### （一）主动公开", "第一段", "**第二十条第（八）项**", "注：其中一件为信函", "2024年1月18日"):
        at = lines.index(line)
        assert lines[at - 1] == ""
        assert lines[at + 1] == ""
    assert lines[-2:] == ["- 地址：示例县人民路 1 号", f"- 本页网址：<{report.page_url}>"]
    assert "\n\n\n" not in source(report)
    assert not any(line.endswith(" ") for line in lines)


def test_a_draft_says_so_and_ends_with_its_findings() -> None:
    report = report_of("disclosure-2021", {"requests.new.natural": "十*二"}, draft=True)
    text = source(report)
    assert text.startswith("> **草稿**\n\n# ")
    assert f"## 校验发现\n\n1. **错误 {report.findings[0].code}** " in text
    assert "   - “十\\*二”" in text
    assert "\n\n\n" not in text


def test_a_final_report_shows_neither_draft_nor_findings() -> None:
    text = source(report_of("disclosure-2021"))
    assert "草稿" not in text
    assert "校验发现" not in text
    assert "张三不公开" not in text


@pytest.mark.parametrize(("typed", "written"), [
    ("甲|乙", "甲\\|乙"),
    ("a\\|b", "a\\\\\\|b"),
    ("<script>", "\\<script\\>"),
    ("*重* _要_ `码`", "\\*重\\* \\_要\\_ \\`码\\`"),
    ("[链](http://x)", "\\[链\\](http://x)"),
    ("a_b_c", "a_b_c"),
    ("&lt; 与 & 与 &#60;", "\\&lt; 与 & 与 \\&#60;".replace("#", "\\#")),
    ("~~删~~ $x$", "\\~\\~删\\~\\~ \\$x\\$"),
    ("两行\n一段 \t 空", "两行 一段 空"),
    ("{{ 7*7 }}", "{{ 7\\*7 }}"),
])  # fmt: skip
def test_marks_inside_a_line_are_escaped(typed: str, written: str) -> None:
    assert markdown_inline(typed) == written


@pytest.mark.parametrize(("typed", "written"), [
    ("# 标题", "\\# 标题"),
    ("- 项", "\\- 项"),
    ("+ 项", "\\+ 项"),
    ("---", "\\---"),
    ("===", "\\==="),
    ("1. 项", "1\\. 项"),
    ("12) 项", "12\\) 项"),
    ("1.属于国家秘密", "1.属于国家秘密"),
    ("> 引", "\\> 引"),
    ("    码", "码"),
    ("2023年，", "2023年，"),
])  # fmt: skip
def test_marks_at_the_start_of_a_line_are_escaped(typed: str, written: str) -> None:
    assert markdown_line(typed) == written


@pytest.mark.parametrize(("typed", "written"), [
    ("https://a.cn/b_c?d=1&e=2", "<https://a.cn/b_c?d=1&e=2>"),
    ("https://a.cn/<b>", "https://a.cn/\\<b\\>"),
    ("javascript:alert(1)", "javascript:alert(1)"),
])  # fmt: skip
def test_only_whole_web_addresses_become_links(typed: str, written: str) -> None:
    assert markdown_link(typed) == written


def test_user_text_breaks_no_table() -> None:
    report = report_of("disclosure-2021", {"requests.new.natural": "1|2\n# 3"}, draft=True)
    assert pipe_tables(source(report))[4][1][3] == "1|2 # 3"


def test_the_bytes_are_the_same_each_time() -> None:
    assert markdown.render(report_of("disclosure-2021")) == markdown.render(report_of("disclosure-2021"))
