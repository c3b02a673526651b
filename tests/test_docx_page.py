"""The page of the Word file as LibreOffice sets it, measured against GB/T 9704-2012.

LibreOffice has none of the standard's faces here and takes others: places are judged, not shapes. A size of 3号 is 16 pt
there, narrowed by 0.25 pt, so that 28 characters fill a line. It sets lines on the grid of the page (28.95 pt) whatever
the exact height that the styles ask for, which Word follows: that both are the same is a test of the file, not of the page.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pages import MM, Page, Sign, pages, text
from test_pdf_page import BOTTOM, LEFT, LINES, PITCH, PLAIN, RIGHT, SIGNED, SIGNS, TOP, long_report, signature
from test_report_data import FORMS, every_figure, report_of
from xl2report.report.docx import render
from xl2report.report.geometry import ems, geometry
from xl2report.report.view import Report, TableCell, TableView

BODY = 16.0
# A line of exact height: LibreOffice sets the foot of the text at 0.757 of it.
FOOT = 0.757


def big() -> Report:
    figures = {name: Decimal(123456) for name, value in every_figure(FORMS["disclosure-2021"]).items() if not isinstance(value, str)}
    return report_of("disclosure-2021", {**figures, "cover.agency": "示例省示例市示例县人民政府政务服务数据管理局" * 2})


def breaking() -> Report:
    """A report whose largest table breaks where its longest group begins."""
    figures = {name: Decimal(123456) for name, value in every_figure(FORMS["disclosure-2021"]).items() if not isinstance(value, str)}
    return report_of("disclosure-2021", {**figures, "overview.proactive": ("字" * 300,)})


def sevens() -> Report:
    """Figures of six digits, the highest there are, and sums of seven and more that no column has room for."""
    figures = {name: Decimal(999_999) for name, value in every_figure(FORMS["disclosure-2021"]).items() if not isinstance(value, str)}
    return report_of("disclosure-2021", {**figures, **dict.fromkeys(filter(re.compile("proactive").match, figures), Decimal(11_398_889))})


def running_on() -> Report:
    """A report whose table is longer than a page: 8 groups of 10 rows."""
    cells = [TableCell(0, column, 1, 1, "column", f"表头{column}", is_leaf=True) for column in range(1, 4)]
    cells.append(TableCell(0, 0, 1, 1, "corner", "项目"))
    for row in range(1, 81):
        if row % 10 == 1:
            cells.append(TableCell(row, 0, 10, 1, "row", f"组{row // 10}"))
        cells.append(TableCell(row, 1, 1, 1, "row", f"第{row}行", is_leaf=True))
        cells += [TableCell(row, column, 1, 1, "input", str(figure), "a", Decimal(figure), True) for column, figure in ((2, row), (3, 0))]
    cells.sort(key=lambda one: (one.row, one.column))
    table = TableView("long", "长表", 81, 4, 2, tuple(cells), ((0, 1, 81),), ())
    report = report_of("disclosure-2021")
    section = replace(report.sections[2], parts=(table,))
    return replace(report, sections=(*report.sections[:2], section, *report.sections[3:]))


REPORTS = {"short": lambda: report_of("disclosure-2021"), "long": long_report, "big": big, "breaking": breaking, "sevens": sevens, "running on": running_on,
           "draft": lambda: report_of("disclosure-2021", draft=True)}  # fmt: skip


@pytest.fixture(scope="module")
def printed(soffice, tmp_path_factory) -> dict[str, list[Page]]:
    folder = tmp_path_factory.mktemp("word")
    found = {}
    for number, (name, report) in enumerate(REPORTS.items()):
        source = folder / f"{number}.docx"
        source.write_bytes(render(report()))
        soffice(source, "pdf", folder)
        found[name] = pages(Path(folder, f"{number}.pdf").read_bytes())
    return found


each_report = pytest.mark.parametrize("name", REPORTS)


def body(page: Page) -> list[list[Sign]]:
    return [line for line in page.lines(BODY) if line[0].y > TOP]


@each_report
def test_the_margins_are_those_of_the_standard(printed, name):
    for page in printed[name]:
        assert (page.width, page.height) == pytest.approx((210 * MM, 297 * MM), abs=0.5)
        for sign in page.signs:
            if sign.size in (14.0, 26.0) or not sign.text.strip():  # the page number, the draft's mark; spaces hang over
                continue
            hanging = sign.text in "，。、；：）》”〕！？"  # may stand half, or in LibreOffice whole, outside
            assert sign.x >= LEFT - 0.5
            assert sign.x + (0 if hanging else sign.width) <= RIGHT + 1, sign
            assert sign.y - 0.7 * sign.size >= TOP
            assert sign.y <= BOTTOM + 0.5
        for left, top, right, bottom in page.rules:
            assert left >= LEFT - 0.6
            assert right <= RIGHT + 0.6
            assert top >= TOP - 0.6
            assert bottom <= BOTTOM + 0.6


def test_a_page_of_text_has_22_lines_of_28_characters(printed):
    full = [page for page in printed["long"] if len(body(page)) == LINES]
    assert len(full) > 15
    for page in full:
        places = [(line[0].y - TOP) / PITCH - FOOT for line in body(page)]
        assert places == pytest.approx(range(LINES), abs=0.02)
    lines = [line for page in full for line in body(page) if re.fullmatch(f"[{PLAIN}]+", text(line)) and line[0].x < LEFT + 1]
    whole = [line for line in lines if line[-1].x + line[-1].width > RIGHT - BODY]
    assert len(whole) > 150
    assert {len(line) for line in whole} == {SIGNS}


@each_report
def test_the_first_page_of_text_stands_on_the_lines_below_the_title(printed, name):
    lines = body(printed[name][0])
    assert len(lines) > 10
    for line in lines:
        at = (line[0].y - TOP) / PITCH - FOOT
        assert at == pytest.approx(round(at), abs=0.05)


def test_a_paragraph_begins_two_characters_in(printed):
    first = next(line for page in printed["long"] for line in body(page) if text(line).startswith(PLAIN[:20]))
    assert first[0].x == pytest.approx(LEFT + 2 * 15.8, abs=0.5)


@each_report
def test_no_heading_is_the_last_thing_on_its_page(printed, name):
    headings = 0
    for page in printed[name]:
        for line in body(page):
            if re.match(r"[一二三四五六]、|（[一二三四五]）", text(line)) and line[0].x > LEFT + 20:
                headings += 1
                below = [sign for sign in page.signs if sign.y > line[0].y + 5 and sign.size != 14.0]
                assert below or page.rules, text(line)
    assert headings >= 6


@each_report
def test_the_number_of_a_page_stands_outside_and_7_mm_below_the_text(printed, name):
    for number, page in enumerate(printed[name], 1):
        line = max(page.lines(14.0), key=lambda line: line[0].y)
        assert re.sub(r"\s", "", text(line)) == f"—{number}—"
        if number % 2:
            assert line[-1].x + line[-1].width == pytest.approx(RIGHT - 14, abs=1.5)
        else:
            assert line[0].x == pytest.approx(LEFT + 14, abs=1.5)
        dash = line[0].y - 0.32 * 14  # in the faces that may serve it lies 0.28 to 0.36 of the type above the foot
        assert (dash - BOTTOM) / MM == pytest.approx(7, abs=0.7)


def test_a_table_that_breaks_repeats_its_header_and_loses_no_row(printed):
    said = [re.sub(r"\s", "", "".join(sign.text for sign in page.signs)) for page in printed["running on"]]
    holding = [page for page in said if "表头1" in page]
    assert len(holding) >= 2
    everything = "".join(said)
    assert [row for row in range(1, 81) if f"第{row}行{row}0" not in everything] == []
    for page in printed["running on"]:
        if page.rules and any("表头" in text(line) for size in (12.0, 10.5, 9.0) for line in page.lines(size)):
            bottom = max(rule[3] for rule in page.rules)
            closing = [rule for rule in page.rules if rule[3] > bottom - 1.5 and rule[2] - rule[0] > 1]
            assert max(rule[2] for rule in closing) - min(rule[0] for rule in closing) == pytest.approx(RIGHT - LEFT, abs=2)


@pytest.mark.parametrize(("agency", "day", "outermost"), SIGNED)
def test_the_name_and_the_date_at_the_end_stand_as_the_standard_asks(soffice, tmp_path, agency, day, outermost):
    path = tmp_path / "a.docx"
    path.write_bytes(render(report_of("disclosure-2021", {"cover.agency": agency, "cover.signed_on": day})))
    soffice(path, "pdf", tmp_path)
    name, date = signature(pages(path.with_suffix(".pdf").read_bytes()), BODY, agency)
    assert date[0].x - name[0].x == pytest.approx(2 * 15.8, abs=0.5)
    if outermost == "name":
        assert RIGHT - name[-1].x - name[-1].width == pytest.approx(2 * 15.8, abs=1.5)
    else:  # LibreOffice sets the date in wider digits than the file asks for, and with spaces beside them
        assert RIGHT - name[0].x == pytest.approx((2 + ems("2024年1月18日") + 2) * 15.8, abs=1.5)


def digits(page: Page) -> list[str]:
    """The figures in the tables of a page: digits that stand side by side, as drawn."""
    found: list[list[Sign]] = []
    for sign in page.signs:
        if sign.size in (12.0, 10.5, 9.0, 7.5) and sign.text in "0123456789":
            last = found[-1][-1] if found else None
            if last and abs(last.y - sign.y) < 0.5 and abs(last.x + last.width - sign.x) < 0.5:
                found[-1].append(sign)
            else:
                found.append([sign])
    return [text(run) for run in found]


def test_the_label_of_a_group_is_whole_on_the_page_where_the_group_begins(printed):
    table = breaking().tables[1]
    label = next(cell for cell in table.cells if cell.kind == "row" and cell.rows > 1)
    width = geometry(table).width(label)
    columns = ["".join(sign.text for line in page.lines(9.0) for sign in line if sign.x < LEFT + width - 1) for page in printed["breaking"]]
    assert sum(label.text in column for column in columns) == 1
    assert sum(bool(column) for column in columns) > 1  # the table breaks


@pytest.mark.parametrize("name", ["short", "big", "sevens"])
def test_no_figure_is_broken(printed, name):
    report = REPORTS[name]()
    counts = [cell.text for table in report.tables for cell in table.cells if cell.field]
    found = [run for page in printed[name] for run in digits(page)]
    for figure in {figure for figure in counts if len(figure) > 1}:
        assert found.count(figure) == counts.count(figure), figure
