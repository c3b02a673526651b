"""The page: its tables read back cell by cell, its structure for those who listen, and user text that stays text."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from lxml import html as parser
from lxml.etree import _Element

from test_report_data import FORMS, report_of
from xl2report.form.layout import layout
from xl2report.report import chart, html, qr
from xl2report.report.geometry import geometry
from xl2report.report.view import Paragraph, Report, SectionView, TableView
from xl2report.submission import Value

HOSTILE = """<script>alert(1)</script> & "双" '单' {{ 7*7 }} {% raw %} ]]> &amp; </td></table> <!-- {# x #}"""


def page(report: Report, language: str = "zh") -> _Element:
    return parser.document_fromstring(html.render(report, language))


def text(element: _Element) -> str:
    return "".join(element.itertext()).strip()


def table_of(root: _Element, table_id: str) -> _Element:
    return root.xpath("//table[caption/@id=$id]", id=f"{table_id}-caption")[0]


def grid(table: _Element) -> dict[tuple[int, int], _Element]:
    """Every place of a table with the cell that covers it; a place covered twice is a fault of the spans."""
    found: dict[tuple[int, int], _Element] = {}
    for row, line in enumerate(table.iter("tr")):
        column = 0
        for cell in line:
            while (row, column) in found:
                column += 1
            for down in range(int(cell.get("rowspan", 1))):
                for across in range(int(cell.get("colspan", 1))):
                    assert (row + down, column + across) not in found
                    found[row + down, column + across] = cell
    return found


def expected(table: TableView) -> dict[tuple[int, int], str]:
    return {
        (cell.row + down, cell.column + across): cell.text
        for cell in table.cells
        for down in range(cell.rows)
        for across in range(cell.columns)
    }


@pytest.mark.parametrize("name", FORMS)
def test_every_table_read_back_with_its_spans_is_the_layout_of_the_form(name: str) -> None:
    report = report_of(name)
    root = page(report)
    for table, view_of in zip(FORMS[name].tables, report.tables, strict=True):
        printed = layout(table)
        found = grid(table_of(root, table.id))
        assert set(found) == {(row, column) for row in range(printed.rows) for column in range(printed.columns)}
        assert {place: text(cell) for place, cell in found.items()} == expected(view_of)
        assert {place for place, cell in found.items() if cell.tag == "td"} == {
            (cell.row, cell.column + across) for cell in printed.figures() for across in range(cell.columns)
        }


@pytest.mark.parametrize("name", FORMS)
def test_every_figure_names_its_headers_from_the_outside_in(name: str) -> None:
    report = report_of(name)
    root = page(report)
    for table in report.tables:
        found = grid(table_of(root, table.id))
        for cell in table.cells:
            if cell.field:
                ids = found[cell.row, cell.column].get("headers", "").split()
                heads = tuple(text(root.get_element_by_id(head)) for head in ids)
                assert heads == FORMS[name].fields[cell.field].path


@pytest.mark.parametrize("name", FORMS)
def test_scopes_stand_where_their_groups_are_and_no_span_leaves_its_row_group(name: str) -> None:
    root = page(report_of(name))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    for table in root.iter("table"):
        assert text(table.find("caption"))
        assert {cell.get("scope") for cell in table.iter("th")} <= {"col", "colgroup", "row", "rowgroup"}
        columns = len(list(table.iter("col")))
        assert columns == max(column for _, column in grid(table)) + 1
        for part in table:
            if part.tag not in ("thead", "tbody"):
                continue
            lines = part.findall("tr")
            for at, line in enumerate(lines):
                assert all(at + int(cell.get("rowspan", 1)) <= len(lines) for cell in line)


def test_stacked_blocks_are_row_groups_headed_by_their_heading() -> None:
    table = table_of(page(report_of("disclosure-2021")), "proactive")
    bodies = table.findall("tbody")
    assert table.find("thead") is None
    assert [text(body[0][0]) for body in bodies] == [f"第二十条第（{n}）项" for n in "一五六八"]
    assert all(body[0][0].get("scope") == "rowgroup" for body in bodies)
    assert all(cell.get("scope") == "col" for body in bodies for cell in body[1])


def test_a_row_group_has_its_own_body_under_one_head() -> None:
    table = table_of(page(report_of("disclosure-2021")), "requests")
    assert [len(part.findall("tr")) for part in table if part.tag in ("thead", "tbody")] == [3, 2, 22, 1]
    assert text(table.findall("tbody")[1][0][0]) == "三、本年度办理结果"


def test_the_page_prints_everything_in_order() -> None:
    report = report_of("disclosure-2021", {"requests.note": "其中一件为信函"})
    root = page(report)
    assert root.get("lang") == "zh-CN"
    assert text(root.find(".//title")) == report.title == text(root.find(".//h1"))
    assert [text(heading) for heading in root.iter("h2")] == [section.heading for section in report.sections]
    assert [text(heading) for heading in root.iter("h3")] == ["（一）主动公开"]
    paragraphs = [text(paragraph) for paragraph in root.xpath("//article//p")]
    assert paragraphs[:3] == [report.preface[0].text, "第一段", "第二段"]
    assert "注：其中一件为信函" in paragraphs
    assert paragraphs[-2:] == ["示例县公安局", "2024年1月18日"]
    assert [text(entry) for entry in root.xpath("//aside//dd")] == ["示例县人民路 1 号", report.page_url]
    assert root.xpath("//aside//a/@href") == [report.page_url]


def test_the_page_needs_nothing_beside_it() -> None:
    source = html.render(report_of("disclosure-2021")).decode()
    root = parser.document_fromstring(source.encode())
    assert not root.xpath("//script | //link | //img | //iframe | //@onclick | //@src")
    assert not re.search(r"url\(|@import", source)
    assert root.xpath("//meta[@name='viewport']")


def test_the_page_carries_the_tags_that_government_sites_require_each_once() -> None:
    report = report_of("disclosure-2021")
    tags = [(tag.get("name"), tag.get("content")) for tag in page(report).xpath("//meta[@name]")]
    assert [name for name, _ in tags] == [
        "viewport", "color-scheme", "format-detection",
        "ArticleTitle", "PubDate", "ContentSource", "Keywords", "Description", "Url",
    ]  # fmt: skip
    told = dict(tags)
    assert told["ArticleTitle"] == report.title
    assert told["PubDate"] == "2024-01-18"
    assert told["ContentSource"] == "示例县公安局"
    assert told["Keywords"] == "示例县公安局,2023年,政府信息公开工作年度报告"
    assert told["Description"] == report.preface[0].text
    assert told["Url"] == report.page_url == "https://example.gov.cn/a?b=1&c=2"


def test_a_tag_without_content_is_left_out() -> None:
    report = replace(report_of("disclosure-2021"), date="", page_url="", agency="", year=None, preface=())
    told = {tag.get("name"): tag.get("content") for tag in page(report).xpath("//meta[@name]")}
    assert not {"PubDate", "Url", "ContentSource"} & set(told)
    assert told["Keywords"] == "政府信息公开工作年度报告"
    assert told["Description"] == report.title


def test_a_page_in_traditional_characters_says_so() -> None:
    report = replace(report_of("disclosure-2021", {"requests.new.natural": "十二"}, draft=True), script="hant")
    root = page(report)
    assert root.get("lang") == "zh-Hant"
    assert root.xpath("//*[@class='findings']")[0].get("lang") == "zh-Hant"
    assert parser.fragment_fromstring(html.fragment(report).decode()).get("lang") == "zh-Hant"


def test_charts_and_the_code_of_the_address_stand_in_the_page_with_words_for_them() -> None:
    report = report_of("disclosure-2021")
    root = page(report)
    drawings = root.xpath("//figure/div[@role='img'][div[@aria-hidden='true']/*[local-name()='svg']]")
    assert [drawing.get("aria-label") for drawing in drawings] == [
        *map(chart.alternative, report.charts), "扫一扫在手机上查看当前页面",
    ]  # fmt: skip
    assert [text(caption) for caption in root.iter("figcaption")] == [
        *(view.caption for view in report.charts), "扫一扫在手机上查看当前页面",
    ]  # fmt: skip
    pictures = parser.fragment_fromstring(html.fragment(report).decode()).xpath("//figure/img")
    assert [picture.get("alt") for picture in pictures] == [drawing.get("aria-label") for drawing in drawings]
    for picture, view_of in zip(pictures, report.charts, strict=False):
        kind, _, content = picture.get("src").partition(",")
        assert kind == "data:image/svg+xml;base64"
        assert base64.b64decode(content).decode() == chart.svg(view_of)


def test_a_report_without_an_address_has_no_code() -> None:
    assert not page(replace(report_of("disclosure-2021"), page_url="")).xpath("//*[@class='qr']")


class _Nesting(HTMLParser):
    """Elements opened and closed; AssertionError where an end tag does not close the element opened last."""

    EMPTY = frozenset({"meta", "link", "br", "wbr", "col", "img", "path", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.count += 1
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.EMPTY


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("made", [html.render, html.fragment], ids=["page", "fragment"])
def test_every_element_is_closed_where_it_was_opened(name: str, made: Callable[[Report], bytes]) -> None:
    note = f"{FORMS[name].tables[0].id}.note"
    reader = _Nesting()
    reader.feed(made(report_of(name, {note: "说明", "requests.new.natural": HOSTILE}, draft=True)).decode())
    reader.close()
    assert reader.open == []
    assert reader.count > 300


@pytest.mark.parametrize("name", FORMS)
def test_the_fragment_says_what_the_page_says_in_elements_that_bring_their_style(name: str) -> None:
    report = report_of(name, {f"{FORMS[name].tables[0].id}.note": "说明", "requests.new.natural": "十二"}, draft=True)
    source = html.fragment(report).decode()
    root = parser.fragment_fromstring(source)
    assert (root.tag, root.get("lang")) == ("div", "zh-CN")
    assert not root.xpath("//style | //script | //link | //meta | //h1 | //@class | //@onclick | //main | //article")
    assert all(element.get("style") for element in root.iter())
    assert "var(" not in source
    assert all(key.startswith("x2r-") for key in root.xpath("//@id"))
    assert {key for keys in root.xpath("//@headers | //@aria-labelledby") for key in keys.split()} <= set(
        root.xpath("//@id")
    )
    title = root.xpath("./p[strong]")[0]
    assert text(title) == report.title
    whole = page(report)
    both = [
        [text(part) for part in one.xpath("//h2 | //h3 | //table//td | //table//th | //li | //dd")]
        for one in (whole, root)
    ]
    assert both[0] == both[1]
    said = [text(part) for part in whole.xpath("//main//p")]
    assert [text(part) for part in root.xpath("//p")] == [said[0], report.title, *said[1:]]


@pytest.mark.parametrize("name", FORMS)
def test_the_tables_of_the_fragment_keep_their_spans_captions_scopes_and_headers(name: str) -> None:
    report = report_of(name)
    root, whole = parser.fragment_fromstring(html.fragment(report).decode()), page(report)
    for table in report.tables:
        ours, theirs = table_of(root, f"x2r-{table.id}"), table_of(whole, table.id)
        assert text(ours.find("caption")) == table.caption
        found, known = grid(ours), grid(theirs)
        assert {place: text(cell) for place, cell in found.items()} == expected(table)
        for place, cell in found.items():
            assert cell.get("scope") == known[place].get("scope")
            heads = [key.removeprefix("x2r-") for key in cell.get("headers", "").split()]
            assert heads == known[place].get("headers", "").split()


def test_columns_are_as_wide_as_on_paper_and_add_up() -> None:
    report = report_of("disclosure-2021")
    root = page(report)
    for table in report.tables:
        styles = [column.get("style") for column in table_of(root, table.id).iter("col")]
        wide, narrow = (
            [float(re.search(rf"--{name}:([0-9.]+)%", style)[1]) for style in styles] for name in ("wide", "narrow")
        )
        assert wide == pytest.approx([100 * share for share in geometry(table).shares], abs=0.006)
        assert sum(wide) == pytest.approx(100, abs=0.1)
        assert sum(narrow) == pytest.approx(100, abs=0.1)


def test_a_figure_has_room_for_the_widest_of_its_column_and_an_amount_for_the_widest_amount() -> None:
    values: dict[str, Value] = {
        "proactive.licence.decisions": Decimal(6),
        "proactive.penalty.decisions": Decimal(3259),
        "proactive.coercion.decisions": Decimal(707),
        "proactive.fee.amount": "77.4960",
        "requests.new.natural": "十二",
    }
    spans = page(report_of("disclosure-2021", values, draft=True)).xpath("//td/span")
    room = {text(span): span.get("style") for span in spans}
    assert [room[figure] for figure in ("6", "3259", "707", "77.4960")] == [*["min-width:4ch"] * 3, "min-width:7ch"]
    assert room["十二"] == room["17"] == "min-width:4ch"


def test_a_table_made_before_does_not_show_in_the_next_one() -> None:
    """Reports of one form share the markup around their figures, and nothing else."""
    first, second = (
        report_of("disclosure-2021"),
        report_of("disclosure-2021", {"requests.new.natural": "%(size)s %d"}, draft=True),
    )
    renamed = replace(first, sections=tuple(_renamed(section) for section in first.sections))
    pages = [html.render(report) for report in (first, second, renamed, first)]
    assert pages[0] == pages[3]
    assert text(grid(table_of(parser.document_fromstring(pages[1]), "requests"))[3, 3]) == "%(size)s %d"
    assert text(grid(table_of(parser.document_fromstring(pages[2]), "requests"))[3, 0]).startswith("100% ")


def _renamed(section: SectionView) -> SectionView:
    """The section with another label on every row of its tables."""
    tables = {
        table: replace(
            table,
            cells=tuple(
                cell._replace(text=f"100% {cell.text}") if cell.kind == "row" else cell for cell in table.cells
            ),
        )
        for table in section.tables
    }
    return replace(section, parts=tuple(tables.get(part, part) for part in section.parts))


def test_user_text_stays_text_wherever_it_is_printed() -> None:
    report = report_of("disclosure-2021", {
        "cover.agency": HOSTILE,
        "cover.address": HOSTILE,
        "overview.proactive": (HOSTILE,),
        "requests.note": HOSTILE,
        "requests.new.natural": HOSTILE,
    }, draft=True)  # fmt: skip
    root = page(report)
    assert not root.xpath("//script | //comment()")
    assert text(root.find(".//h1")).startswith(HOSTILE)
    assert root.xpath("//meta[@name='ContentSource']/@content") == [HOSTILE]
    assert HOSTILE in [text(paragraph) for paragraph in root.iter("p")]
    assert f"注：{HOSTILE}" in [text(paragraph) for paragraph in root.iter("p")]
    assert HOSTILE in [text(entry) for entry in root.iter("dd")]
    assert text(grid(table_of(root, "requests"))[3, 3]) == HOSTILE
    assert len(root.xpath("//table")) == 3


def test_only_web_addresses_become_links() -> None:
    root = page(report_of("disclosure-2021", {"cover.address": "javascript:alert(1)"}))
    assert [link for link in root.xpath("//a/@href") if not link.startswith("https://")] == []


def test_a_draft_says_so_and_ends_with_its_findings() -> None:
    report = report_of("disclosure-2021", {"requests.new.natural": "十二"}, draft=True)
    root = page(report)
    assert text(root.xpath("//main/*[1]")[0]) == "草稿"
    assert text(root.find(".//title")).startswith("【草稿】")
    assert ".draft { position: fixed;" in html.render(report).decode()
    section = root.xpath("//main/*[last()]")[0]
    assert text(section[0]) == "校验发现"
    lines = section.findall(".//li")
    assert len(lines) == len(report.findings)
    line = next(line for line in lines if "“十二”" in text(line))
    assert text(line.find("b")) == "错误 V305"
    assert "三、收到和处理申请 E9" in text(line.find("span"))
    assert [text(part) for part in line.findall("p")] == ["“十二”是汉字数字", "请改成阿拉伯数字"]


def test_a_final_report_shows_neither_draft_nor_findings() -> None:
    root = page(report_of("disclosure-2021"))
    assert not root.xpath("//*[@class='draft'] | //*[@class='findings']")
    assert "草稿" not in text(root.find("body"))


def test_the_findings_of_a_draft_can_be_in_english() -> None:
    root = page(report_of("disclosure-2021", {"requests.new.natural": "十二"}, draft=True), "en")
    section = root.xpath("//*[@class='findings']")[0]
    assert section.get("lang") == "en"
    assert text(section[0]) == "Findings"
    assert "'十二' is written in Chinese numerals" in text(section)


def test_a_draft_without_findings_says_that_nothing_was_found() -> None:
    report = report_of("disclosure-2021", draft=True)
    assert text(page(replace(report, findings=())).xpath("//*[@class='findings']/p")[0]) == "没有发现问题。"


def test_the_bytes_are_the_same_each_time_and_hold_nothing_private() -> None:
    first, second = html.render(report_of("disclosure-2021")), html.render(report_of("disclosure-2021"))
    assert first == second
    assert "张三不公开" not in first.decode()


def test_half_a_surrogate_pair_stays_visible() -> None:
    report = replace(report_of("disclosure-2021"), preface=(Paragraph("甲\ud83d乙"),))
    assert "甲\\ud83d乙" in html.render(report).decode()


@pytest.mark.parametrize("address", ["https://a.cn/", "https://www.example.gov.cn/art/2024/1/18/art_1_2.html?a=1&b=2", "HTTP://A.CN", "https://示例.cn/" + "字" * 300])
def test_the_code_is_drawn_as_its_own_library_draws_it(address):
    import segno

    drawn = io.BytesIO()
    code = segno.make_qr(address, error="m", mask=0, boost_error=False)
    code.save(drawn, kind="svg", border=4, light="#fff", dark="#000", xmldecl=False, svgclass=None, lineclass=None, omitsize=True)
    assert qr.svg(address) == drawn.getvalue().decode().strip()
