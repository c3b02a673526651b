"""compare: two reports figure by figure, as text, page and workbook."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from lxml import html

import xl2report
from test_report_data import FORMS, every_figure
from xl2report.cli.app import group
from xl2report.compared import CompareRefused
from xl2report.report.comparison import Titled, as_page, as_text
from xl2report.workbook.comparison_book import comparison_book
from xl2report.workbook.write import write

TITLED = Titled("示例县公安局报告", "2023年", "2022年")


def filed(folder: Path, name: str, year: int, form_id: str = "disclosure-2021", **more: object) -> Path:
    """A workbook with every figure 2, or what ``more`` says (``__`` for a dot)."""
    form = FORMS[form_id]
    values: dict = {"cover.agency": "示例县公安局", "cover.year": Decimal(year)}
    values |= {field: "2" if isinstance(value, str) else Decimal(2) for field, value in every_figure(form).items()}
    values |= {field.replace("__", "."): value for field, value in more.items()}
    path = folder / name
    path.write_bytes(write(form, values))
    return path


@pytest.fixture
def pair(tmp_path) -> tuple[Path, Path]:
    this = filed(
        tmp_path, "this.xlsx", 2023, requests__new__natural=Decimal(5), proactive__fee__amount="2.50",
        review__review__pending=Decimal(0), proactive__licence__decisions=None,
    )  # fmt: skip
    return this, filed(tmp_path, "last.xlsx", 2022, proactive__penalty__decisions=Decimal(0))


EXPECTED = {  # last part of the item: last, this, change, percent
    "行政许可 > 本年处理决定数量": (2, None, None, None),
    "行政处罚 > 本年处理决定数量": (0, 2, 2, None),  # from 0 there is no per cent
    "行政事业性收费 > 本年收费金额（单位：万元）": (2, Decimal("2.50"), Decimal("0.50"), Decimal("25.0")),
    "一、本年新收政府信息公开申请数量 > 申请人情况 > 自然人": (2, 5, 3, Decimal("150.0")),
    "一、本年新收政府信息公开申请数量 > 申请人情况 > 总计": (12, 15, 3, Decimal("25.0")),
    "行政复议 > 尚未审结": (2, 0, -2, Decimal("-100.0")),
    "行政复议 > 总计": (8, 6, -2, Decimal("-25.0")),
}


def test_every_figure_that_differs_is_a_line_with_its_change(pair):
    comparison = xl2report.compare(*map(xl2report.check, pair)).comparison
    found = {" > ".join(line.item): (line.last, line.this, line.change, line.percent) for line in comparison.changed}
    assert len(found) == len(EXPECTED)
    for item, line in EXPECTED.items():
        assert next(values for name, values in found.items() if name.endswith(item)) == line, item
    assert len(comparison.lines) == 203
    assert comparison.only_this == comparison.only_last == ()


def test_two_editions_are_compared_where_an_item_is_in_both(tmp_path):
    this = xl2report.check(filed(tmp_path, "this.xlsx", 2021))
    last = xl2report.check(filed(tmp_path, "last.xlsx", 2020, "disclosure-2019"))
    comparison = xl2report.compare(this, last).comparison
    ids = {field.path for field in FORMS["disclosure-2021"].coded_fields}
    assert {line.item for line in (*comparison.lines, *comparison.only_this)} == ids
    assert len(comparison.lines) == 172  # 表三 without （六）其他处理, 表四, three counts of decisions
    assert {line.item[1] for line in comparison.only_this if len(line.item) > 3} == {"（六）其他处理"}
    assert all(line.last is not None for line in comparison.only_last)


def test_two_versions_of_one_year_are_told_apart_by_their_files(tmp_path, pair):
    same = xl2report.compare(*(xl2report.check(pair[0]) for _ in range(2)))
    assert same.comparison.changed == ()
    assert (same.this_name, same.last_name) == (str(pair[0]), str(pair[0]))
    other = xl2report.compare(*map(xl2report.check, pair))
    assert (other.this_name, other.last_name) == ("2023年", "2022年")


def test_a_file_that_cannot_be_read_is_refused(tmp_path, pair):
    rubbish = tmp_path / "rubbish.xlsx"
    rubbish.write_bytes(b"x")
    with pytest.raises(CompareRefused, match=r"rubbish\.xlsx"):
        xl2report.compare(xl2report.check(pair[0]), xl2report.check(rubbish))
    done = CliRunner().invoke(group, ["compare", str(pair[0]), str(rubbish)])
    assert done.exit_code == 2
    assert "rubbish.xlsx" in done.output


def test_the_text_has_a_line_for_each_difference_and_a_count_of_all(pair):
    done = CliRunner().invoke(group, ["compare", *map(str, pair)])
    assert done.exit_code == 0
    for item, (last, this, change, percent) in EXPECTED.items():
        (line,) = (line for line in done.output.splitlines() if item in line and ("→" in line))
        shown = [str(value) if value is not None else "（空）" for value in (last, this)]
        assert f"{shown[0]} → {shown[1]}" in line
        assert change is None or f"  {change:+}" in line
        assert ("%" in line) is (percent is not None)
    assert re.search("203 个，不同 7 个", done.output)
    done.output.encode("gbk", "strict")


def test_the_page_has_every_figure_and_marks_those_that_differ(pair):
    comparison = xl2report.compare(*map(xl2report.check, pair)).comparison
    root = html.document_fromstring(as_page(comparison, TITLED, "zh"))
    rows = root.xpath("//tbody/tr")
    assert len(rows) == 203
    assert len(root.xpath("//tr[@class='differs']")) == len(EXPECTED)
    for row, line in zip(rows, comparison.lines, strict=True):
        cells = [cell.text_content() for cell in row]
        assert cells[1:3] == [f"{value:f}" if value is not None else "（空）" for value in (line.last, line.this)]
    assert not root.xpath("//script")


def test_hostile_words_stay_words_on_the_page(tmp_path, pair):
    comparison = xl2report.compare(*map(xl2report.check, pair)).comparison
    page = as_page(comparison, Titled("<script>alert(1)</script>", "a&b", "c"), "zh").decode()
    assert "<script>" not in page
    assert "a&amp;b" in page


def test_the_workbook_holds_the_figures_and_live_changes_with_their_results(pair):
    comparison = xl2report.compare(*map(xl2report.check, pair)).comparison
    content = comparison_book(comparison, TITLED, "zh")
    assert content == comparison_book(comparison, TITLED, "zh")
    stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True).active
    formulas = openpyxl.load_workbook(io.BytesIO(content)).active
    for row, line in enumerate(comparison.lines, 4):
        values = [stored.cell(row, column).value for column in range(3, 7)]
        expected = [line.last, line.this, line.change, line.percent]
        assert [None if value in (None, "") else Decimal(str(value)) for value in values] == expected
        assert str(formulas.cell(row, 5).value).startswith("=")


def test_the_workbook_recalculates_to_the_same_changes(soffice, tmp_path, pair):
    comparison = xl2report.compare(*map(xl2report.check, pair)).comparison
    book = openpyxl.load_workbook(io.BytesIO(comparison_book(comparison, TITLED, "zh")))
    book.save(tmp_path / "a.xlsx")  # openpyxl stores no results, so that they have to be worked out
    (tmp_path / "out").mkdir()
    soffice(tmp_path / "a.xlsx", "xlsx", tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "a.xlsx", data_only=True).active
    for row, line in enumerate(comparison.lines, 4):
        found = [sheet.cell(row, column).value for column in (5, 6)]
        assert [None if value in (None, "") else Decimal(str(round(value, 4))) for value in found] == [line.change, line.percent]


def test_figures_of_one_side_only_are_listed_in_every_format(tmp_path):
    this = xl2report.check(filed(tmp_path, "this.xlsx", 2021))
    last = xl2report.check(filed(tmp_path, "last.xlsx", 2020, "disclosure-2019"))
    comparison = xl2report.compare(this, last).comparison
    text, page = as_text(comparison, TITLED, "zh"), as_page(comparison, TITLED, "zh").decode()
    sheet = openpyxl.load_workbook(io.BytesIO(comparison_book(comparison, TITLED, "zh"))).active
    cells = {cell.value for row in sheet.iter_rows() for cell in row}
    for line in (*comparison.only_this, *comparison.only_last):
        item = " > ".join(label for label in line.item if label != line.part)
        assert item in text
        assert item.replace(">", "&gt;") in page
        assert item in cells


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--to", "html"], 0),
        (["--to", "xlsx"], 0),
        (["--to", "pdf"], 2),
        (["-o", "a.html"], 2),
        (["--to", "html", "-o", "a.xlsx"], 2),
    ],
)
def test_the_command_writes_beside_the_person_or_says_what_does_not_fit(tmp_path, pair, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(group, ["compare", "this.xlsx", "last.xlsx", *arguments])
    assert done.exit_code == code, done.output
    if not code:
        name = f"this-last.{arguments[1]}"
        assert done.stdout.splitlines() == [name]
        assert (tmp_path / name).stat().st_size > 1000
        done = CliRunner().invoke(group, ["compare", "this.xlsx", "last.xlsx", *arguments])
        assert f"this-last(1).{arguments[1]}" in done.output  # never over somebody's work
