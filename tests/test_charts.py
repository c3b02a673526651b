"""Charts: which lines a form asks for, what is drawn of them, and last year's figures beside this year's."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from browser import Browser, chromium
from test_report_data import FORMS, every_figure, read_workbook, report_of
from xl2report.checks.figures import FigureTable
from xl2report.cli.app import group
from xl2report.form.faults import FormError
from xl2report.form.load import load
from xl2report.report import chart, html
from xl2report.report.view import BarView, ChartView, Last, view
from xl2report.workbook.write import write

SOURCE = Path(__file__).resolve().parent.parent / "workbook_templates" / "disclosure-2021" / "form.yaml"
SVG = "{http://www.w3.org/2000/svg}"


def bars(form_id: str, title: str) -> list[tuple[tuple[str, ...], str, int]]:
    charts = [one for table in FORMS[form_id].tables for one in table.charts]
    found = next(one for one in charts if one.title == title)
    return [(bar.group, bar.label, len(bar.fields)) for bar in found.bars]


def test_a_row_is_drawn_by_its_columns_without_the_total():
    organisations = ("法人或其他组织",)
    assert bars("disclosure-2021", "申请来源") == [
        ((), "自然人", 1), (organisations, "商业企业", 1), (organisations, "科研机构", 1), (organisations, "社会公益组织", 1),
        (organisations, "法律服务机构", 1), (organisations, "其他", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("form_id", "others"), [("disclosure-2021", 3), ("disclosure-2019", 1)])
def test_the_parts_of_a_total_are_drawn_and_a_group_among_them_is_one_bar(form_id, others):
    found = bars(form_id, "办理结果")
    assert [(label[:7], count) for _, label, count in found] == [
        ("（一）予以公开", 1), ("（二）部分公开", 1), ("（三）不予公开", 8), ("（四）无法提供", 3), ("（五）不予处理", 5), ("（六）其他处理", others),
    ]  # fmt: skip


def test_the_bars_of_the_results_add_up_to_their_total():
    report = report_of("disclosure-2021")
    total = next(cell.value for cell in report.tables[1].cells if cell.field == "requests.handled.total")
    results = next(one for one in report.charts if one.title == "办理结果")
    assert sum(bar.value for bar in results.bars) == total > 0


FAULTS = [
    ("{title: 图, row: nothing}", "unknown-line", "nothing"),
    ("{title: 图, column: nothing}", "unknown-line", "nothing"),
    ("{title: 图}", "unknown-line", ""),
    ("{title: 图, column: total, parts_of: granted}", "unknown-leaf", "granted"),
    ("{title: 图, column: total, parts_of: nothing}", "unknown-leaf", "nothing"),
    ("{row: new}", "missing-key", ""),
    ("{title: 图, row: new, colour: red}", "unknown-key", "colour"),
]


@pytest.mark.parametrize(("entry", "code", "text"), FAULTS)
def test_a_chart_that_names_nothing_is_a_fault_with_its_place(tmp_path, entry, code, text):
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if "title: 申请来源" in line)
    lines[at] = f"      - {entry}"
    path = tmp_path / "form.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(FormError) as error:
        load(path)
    assert [(fault.code, fault.text, fault.line) for fault in error.value.faults if fault.code == code] == [(code, text, at + 1)]


def drawn(view: ChartView) -> etree._Element:
    return etree.fromstring(chart.svg(view))


def texts(root: etree._Element) -> list[str]:
    return [node.text for node in root.iter(f"{SVG}text")]


def test_a_drawing_shows_every_label_and_figure_and_its_bars_are_in_proportion():
    values = [Decimal(0), Decimal(5), Decimal(10), Decimal(100), None]
    root = drawn(ChartView("标题", "标题（单位：件）", 2023, None, tuple(BarView(f"项{n}", (), value) for n, value in enumerate(values))))
    assert texts(root) == ["项0", "0", "项1", "5", "项2", "10", "项3", "100", "项4", "—"]
    widths = [float(node.get("width")) for node in root.iter(f"{SVG}rect")]
    assert widths == pytest.approx([7.1, 14.2, 142])


def test_nothing_of_a_drawing_lies_outside_it():
    long = "（二）部分公开（区分处理的，只计这一情形，不计其他情形）以及更长的一段说明"
    for last in (None, 2022):
        bars = tuple(BarView(long, ("很长的一个组名" * 6,), Decimal(11398889), Decimal(1)) for _ in range(3))
        root = drawn(ChartView("标题", "标题（单位：件）", 2023, last, bars))
        width, height = map(float, root.get("viewBox").split()[2:])
        for node in root.iter(f"{SVG}text"):
            length = sum(0.6 if char < "\u2000" else 1 for char in node.text) * 13
            x = float(node.get("x"))
            begin, end = (x - length, x) if node.get("text-anchor") == "end" else (x, x + length)
            assert begin >= -1, node.text
            assert end <= width + 1, node.text
            assert 0 < float(node.get("y")) < height
        for node in root.iter(f"{SVG}rect"):
            assert float(node.get("x")) + float(node.get("width")) <= width


@pytest.mark.parametrize(("text", "lines"), [
    ("一二三四五六七八九十（甲）", ("一二三四五六七八九十", "（甲）")),
    ("一二三四五六七八九十，甲", ("一二三四五六七八九", "十，甲")),
    ("一二三四五六七八九）；甲", ("一二三四五六七八", "九）；甲")),
    ("，，，，，，，，，，，，", ("，", "，", "，，，，，，，，，，")),
    ("", ("",)),
])  # fmt: skip
def test_no_line_of_a_label_begins_with_a_closing_mark_or_is_too_long(text, lines):
    assert chart._lines(text, 134) == lines


def test_on_a_phone_the_text_of_a_drawing_is_12_pixels_high(tmp_path):
    if not chromium():
        pytest.skip("Chromium is not installed")
    path = tmp_path / "page.html"
    path.write_bytes(html.render(report_of("disclosure-2021")))
    with Browser(tmp_path / "profile") as browser:
        browser.screen(360)
        browser.open(path)
        heights = browser.run("[...document.querySelectorAll('figure svg text')].map(text => 13 * text.getScreenCTM().a)")
    assert len(heights) > 40
    assert min(heights) >= 12


def test_user_words_in_a_drawing_stay_words():
    root = drawn(ChartView("标题", "标题（单位：件）", 2023, None, (BarView("<b>&\"'</b>", (), Decimal(1)),)))
    assert "<b>&\"'</b>" in texts(root)


def test_a_chart_of_zeros_or_of_blanks_is_left_out():
    form = FORMS["disclosure-2021"]
    zero = {name: Decimal(0) for name, value in every_figure(form).items() if not isinstance(value, str)}
    assert report_of("disclosure-2021", zero).charts == ()
    assert [one.title for one in report_of("disclosure-2021", {**zero, "review.review.pending": Decimal(1)}).charts] == ["复议诉讼结果"]
    assert report_of("disclosure-2021", dict.fromkeys(zero)).charts == ()


def year(form_id: str, number: int, figure: int) -> tuple:
    form = FORMS[form_id]
    values = {"cover.agency": "示例县公安局", "cover.year": Decimal(number)}
    values |= {name: Decimal(figure) for name, value in every_figure(form).items() if not isinstance(value, str)}
    return form, read_workbook(write(form, values))[1]


def test_last_year_stands_beside_this_year_line_by_line_over_two_editions():
    form, submission = year("disclosure-2021", 2021, 7)
    before, filed = year("disclosure-2019", 2020, 3)
    report = view(form, submission, last=Last(before, 2020, FigureTable(before, filed)))
    sources, results, review = report.charts
    assert {(bar.value, bar.last) for bar in sources.bars} == {(Decimal(7), Decimal(3))}
    assert [bar.last for bar in results.bars] == [Decimal(6 * 3 * n) for n in (1, 1, 8, 3, 5, 1)]
    assert (review.year, review.last_year) == (2021, 2020)
    said = chart.alternative(sources)
    assert "2021年 7、2020年 3" in said
    assert texts(drawn(sources))[:2] == ["2021年", "2020年"]


def test_render_with_previous_refuses_what_is_not_last_years_workbook(tmp_path):
    sample = Path(__file__).resolve().parent.parent / "samples" / "example-county-2023" / "filled.xlsx"
    form, _ = year("disclosure-2021", 2022, 1)
    values = {"cover.agency": "示例县发展和改革局", "cover.year": Decimal(2022), "requests.new.natural": Decimal(41)}
    last, other = tmp_path / "last.xlsx", tmp_path / "other.xlsx"
    last.write_bytes(write(form, values))
    other.write_bytes(write(form, {**values, "cover.year": Decimal(2021)}))
    rubbish = tmp_path / "rubbish.xlsx"
    rubbish.write_bytes(b"x")
    run = CliRunner().invoke
    done = run(group, ["render", str(sample), "--to", "html", "-o", str(tmp_path / "a.html"), "--previous", str(last)])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert re.search(r">2022年<", page)
    assert ">41<" in page
    for wrong in (other, rubbish, sample):
        done = run(group, ["render", str(sample), "--to", "html", "-o", str(tmp_path / "b.html"), "--previous", str(wrong)])
        assert done.exit_code == 2, wrong
        assert str(wrong) in done.output
        assert not (tmp_path / "b.html").exists()


def test_no_charts_leaves_them_out_of_every_format(tmp_path):
    sample = Path(__file__).resolve().parent.parent / "samples" / "example-county-2023" / "filled.xlsx"
    for arguments, expected in (([], True), (["--no-charts"], False)):
        done = CliRunner().invoke(group, ["render", str(sample), "--to", "html,html-fragment", "-o", str(tmp_path), *arguments])
        assert done.exit_code == 0
        assert ("申请来源" in (tmp_path / "filled.html").read_text(encoding="utf-8")) is expected
        assert ("申请来源" in (tmp_path / "filled.fragment.html").read_text(encoding="utf-8")) is expected
