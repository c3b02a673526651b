"""The page of a PDF, measured against GB/T 9704-2012 on every page it has."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from pages import MM, Page, Sign, pages, text
from test_report_data import FORMS, every_figure, report_of
from xl2report.report import pdf
from xl2report.report.view import Paragraph, Report

LEFT, TOP, RIGHT, BOTTOM = 28 * MM, 37 * MM, (210 - 26) * MM, (297 - 35) * MM
BODY, PITCH, LINES, SIGNS = 15.75, 28.95, 22, 28
FIRST = (PITCH - BODY) / 2 + 0.8 * BODY  # from the top of a line to its baseline

PLAIN = "全年收到并办理申请围绕中心工作推进决策执行管理服务结果公开回应社会关切"  # no mark, no digit: 28 characters a line
MARKED = "一是主动公开，做到“应公开尽公开”；二是依申请公开（含补正），按时答复《条例》规定的事项、程序：共3511件。"
LONG = (*(PLAIN * 20 + f"第{n}段" for n in range(40)), *(MARKED * 9 + "完" * n for n in range(28)))


def long_report() -> Report:
    """30,000 characters and more of prose around tables of large figures."""
    figures = {name: value * 97 for name, value in every_figure(FORMS["disclosure-2021"]).items() if not isinstance(value, str)}
    report = report_of("disclosure-2021", {**figures, "requests.note": "一条注"})
    prose = tuple(map(Paragraph, LONG))
    first, *others, last = report.sections
    return replace(report, sections=(replace(first, parts=(*first.parts, *prose)), *others, replace(last, parts=prose[30:])))


REPORTS = {
    "short": lambda: report_of("disclosure-2021"),
    "2019": lambda: report_of("disclosure-2019"),
    "long": long_report,
    "draft": lambda: report_of("disclosure-2021", {"overview.proactive": ("{requests.new}",)}, draft=True),
}


@cache
def printed(name: str) -> tuple[Page, ...]:
    return tuple(pages(pdf.render(REPORTS[name]())))


@pytest.fixture(params=REPORTS)
def name(request) -> str:
    return request.param


def body_lines(page: Page) -> list[list[Sign]]:
    return page.lines(BODY)


OPENING, CLOSING = "（《“【〔〈", "，。、；：）》”】〕〉！？"


def begin(sign: Sign) -> float:
    return sign.x + (sign.width / 2 if sign.text in OPENING and sign.x < LEFT else 0)


def inside(sign: Sign) -> bool:
    """True for a glyph within the text; the empty half of a mark at either end of a line does not count."""
    end = sign.x + sign.width * (0.5 if sign.text in CLOSING else 1)
    across = begin(sign) >= LEFT - 0.1 and end <= RIGHT + 0.1
    return across and sign.y - 0.7 * sign.size >= TOP and sign.y + 0.1 * sign.size <= BOTTOM + 0.1


def test_nothing_but_its_number_stands_outside_the_text_of_a_page(name):
    for page in printed(name):
        assert (page.width, page.height) == pytest.approx((210 * MM, 297 * MM), abs=0.1)
        # the page number, and the draft's mark behind the text
        assert [sign for sign in page.signs if sign.size < 100 and sign.size != 14.0 and sign.text != " " and not inside(sign)] == []
        for left, top, right, bottom in page.rules:
            assert min(left - LEFT, top - TOP, RIGHT - right, BOTTOM - bottom) >= -0.3


def test_text_stands_on_the_22_lines_of_a_page_before_and_after_tables(name):
    seen = set()
    for page in printed(name):
        for line in body_lines(page):
            at = (line[0].y - TOP - FIRST) / PITCH
            assert at == pytest.approx(round(at), abs=0.01), text(line)
            assert 0 <= round(at) < LINES
            seen.add(round(at))
    assert {0, LINES - 1} <= seen or name != "long"


def test_a_page_of_text_has_22_lines_of_28_characters():
    full = [page for page in printed("long") if len(body_lines(page)) == LINES]
    assert len(full) > 15
    lines = [line for page in full for line in body_lines(page) if re.fullmatch(f"[{PLAIN}]+", text(line)) and line[0].x < LEFT + 1]
    whole = [line for line in lines if line[-1].x + line[-1].width > RIGHT - BODY]
    assert len(whole) > 150
    assert {len(line) for line in whole} == {SIGNS}


def test_a_paragraph_begins_two_characters_in(name):
    begins = {round(begin(line[0]) - LEFT, 1) for page in printed(name) for line in body_lines(page)}
    assert begins <= {0.0, 2 * BODY, *(at for at in begins if at > 10 * BODY)}  # the signature
    first = next(line for page in printed("long") for line in body_lines(page) if text(line).startswith(PLAIN[:20]))
    assert first[0].x == pytest.approx(LEFT + 2 * BODY, abs=0.1)


def test_no_line_begins_with_a_mark_that_closes_or_ends_with_one_that_opens():
    for page in printed("long"):
        for line in body_lines(page):
            assert text(line)[0] not in CLOSING, text(line)
            assert text(line)[-1] not in OPENING, text(line)


def is_heading(line: list[Sign]) -> bool:
    return bool(re.match(r"[一二三四五六]、|（[一二三四五六七八九]）", text(line))) and line[0].x > LEFT + BODY


def test_no_heading_is_the_last_thing_on_its_page(name):
    headings = 0
    for page in printed(name):
        for n, line in enumerate(lines := body_lines(page)):
            if is_heading(line):
                headings += 1
                below = any(sign.y > line[0].y + 5 for sign in page.signs if sign.size < 100 and sign.size != 14.0)
                assert below or page.rules or n < len(lines) - 1, text(line)
    assert headings >= 7


def test_headings_are_set_in_the_faces_of_their_level():
    lines = [line for page in printed("short") for line in body_lines(page)]
    first = [line for line in lines if re.match("[一二三四五六]、", text(line))]
    assert len(first) == 6
    assert all("Sans" in sign.font or "Hei" in sign.font for line in first for sign in line)
    assert not any("Sans" in sign.font for line in lines if not is_heading(line) for sign in line)


def test_the_title_is_set_in_22_points_and_stands_in_the_middle(name):
    title = printed(name)[0].lines(22.0)
    assert 1 <= len(title) <= 2
    for line in title:
        middle = (line[0].x + line[-1].x + line[-1].width) / 2
        assert middle == pytest.approx((LEFT + RIGHT) / 2, abs=1)


def test_the_number_of_a_page_stands_outside_below_the_text(name):
    for number, page in enumerate(printed(name), 1):
        (line,) = page.lines(14.0)
        assert text(line) == f"— {number} —"
        if number % 2:
            assert line[-1].x + line[-1].width == pytest.approx(RIGHT - 14, abs=0.5)
        else:
            assert line[0].x == pytest.approx(LEFT + 14, abs=0.5)


@pytest.mark.parametrize("number", [1, 2])
def test_the_dash_beside_the_page_number_is_7_mm_below_the_text(number, tmp_path):
    """Measured in ink: what a reader would put a ruler to."""
    if not shutil.which("pdftoppm"):
        pytest.skip("poppler-utils is not installed")
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf.render(REPORTS["short"]()))
    dpi = 300
    subprocess.run(["pdftoppm", "-gray", "-r", str(dpi), "-f", str(number), "-l", str(number), path, tmp_path / "a"], check=True)
    (picture,) = tmp_path.glob("a*.pgm")
    rows = ink(picture, dpi, top=BOTTOM + 2, bottom=BOTTOM + 16 * MM)
    most = max(width for _, width in rows)
    dash = [y for y, width in rows if width > 0.9 * most]  # the dashes are the longest strokes
    assert (dash[0] + dash[-1]) / 2 / MM == pytest.approx(262 + 7, abs=0.3)


def ink(picture: Path, dpi: int, top: float, bottom: float) -> list[tuple[float, int]]:
    """Rows of a grey picture between two heights in points: height, and how many dots are dark."""
    _head, size, _, dots = re.match(rb"(P5)\s+(\d+\s+\d+)\s+(\d+)\s(.*)", picture.read_bytes(), re.DOTALL).groups()
    width = int(size.split()[0])
    scale = 72 / dpi
    return [(y * scale, sum(dot < 128 for dot in dots[y * width : (y + 1) * width])) for y in range(int(top / scale), int(bottom / scale))]


# 7.3.5.2, without a seal: the name ends 2 characters before the edge, the date begins 2 further in than the name; a date
# that is longer than the name ends 2 characters before the edge itself.
SIGNED = [
    ("测试县教育局", "2024-01-18", "date"),
    ("测试县人民政府", "2024-01-18", "name"),
    ("测试县退役军人事务局", "2024-11-18", "name"),
    ("测试省测试市测试县人力资源和社会保障局", "2024-01-18", "name"),
    ("测试省测试市测试县人力资源和社会保障局" * 3, "2024-01-18", "name"),
]


def signature(found: list[Page], size: float, agency: str) -> tuple[list[Sign], list[Sign]]:
    """The first line of the name at the end, and the date below it."""
    lines = [line for page in found for line in page.lines(size) if line[0].x > LEFT + 3 * size]
    (date,) = (line for line in lines if re.fullmatch(r"2024年\d+月\d+日", text(line)))
    name = lines[lines.index(date) - (len(agency) + 19) // 20]
    assert agency.startswith(text(name))
    return name, date


@pytest.mark.parametrize(("agency", "day", "outermost"), SIGNED)
def test_the_name_and_the_date_at_the_end_stand_as_the_standard_asks(agency, day, outermost):
    content = pdf.render(report_of("disclosure-2021", {"cover.agency": agency, "cover.signed_on": day}))
    name, date = signature(pages(content), BODY, agency)
    assert date[0].x - name[0].x == pytest.approx(2 * BODY, abs=0.1)
    last = (date if outermost == "date" else name)[-1]
    assert RIGHT - last.x - last.width == pytest.approx(2 * BODY, abs=0.3)


@pytest.mark.parametrize("missing", ["cover.agency", "cover.signed_on"])
def test_a_name_or_a_date_alone_ends_two_characters_before_the_edge(missing):
    report = report_of("disclosure-2021", {"cover.agency": "测试县教育局", "cover.address": "", missing: ""}, draft=True)
    (said,) = report.signature
    line = next(line for page in pages(pdf.render(report)) for line in body_lines(page) if text(line) == said)
    assert RIGHT - line[-1].x - line[-1].width == pytest.approx(2 * BODY, abs=0.3)


def test_a_table_keeps_to_one_page_and_the_next_one_follows_on_the_lines(name):
    for page in printed(name):
        heights = [bottom - top for _, top, _, bottom in page.rules]
        assert not heights or max(heights) <= BOTTOM - TOP
