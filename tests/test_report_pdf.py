"""The PDF: its words read back, user text that stays text, tags, characters without a glyph, the same bytes."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1

import xl2report
from pages import Page, pages, text
from test_report_data import FORMS, every_figure, report_of
from xl2report.cli.app import group
from xl2report.report import pdf
from xl2report.report.typeset import Unprintable
from xl2report.report.view import Paragraph, Report, view
from xl2report.workbook.write import write

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "example-county-2023" / "filled.xlsx"
# One mark-up character of the typesetter and more after another; every one has to come out as it went in.
HOSTILE = """#panic("x") $x^2$ *b* _i_ `raw` = h - l + n / t: <l> @r \\u{41} \\ ~ -- --- ... "q" 'q' // c /* c */ [x] {y} #{1+1}"""
RARE = "䶮𬭩赟翀祎堃喆"


def spoken(page: Page) -> str:
    """The text of a page in the order it was drawn, without spaces."""
    return re.sub(r"\s", "", "".join(sign.text for sign in page.signs))


def words_of(report: Report, **terms: bool) -> str:
    return "".join(spoken(page) for page in pages(pdf.render(report, **terms)))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", FORMS)
def test_every_line_of_every_table_is_read_back_in_order(name):
    report = report_of(name)
    said = words_of(report)
    for table in report.tables:
        assert [cell.text for cell in table.cells if squeezed(cell.text) not in said] == []
        for row in table.rows():
            line = "".join(squeezed(cell.text) for cell in row if cell.rows == 1 and cell.kind not in ("corner", "column"))
            assert line in said, line  # a label of several rows is drawn when the last of them is


@pytest.mark.parametrize("name", FORMS)
def test_a_reader_of_pdf_text_finds_every_label_and_figure(name, tmp_path):
    if not shutil.which("pdftotext"):
        pytest.skip("poppler-utils is not installed")
    report = report_of(name)
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf.render(report))
    said = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True).stdout
    squashed = squeezed(said)
    words = said.split()
    for table in report.tables:
        assert [cell.text for cell in table.cells if not cell.field and squeezed(cell.text) not in squashed] == []
        assert [cell.text for cell in table.cells if cell.field and cell.text not in words] == []


def test_a_table_over_two_pages_repeats_its_header_and_loses_no_row():
    figures = {name: Decimal(12345678) for name, value in every_figure(FORMS["disclosure-2021"]).items() if not isinstance(value, str)}
    report = report_of("disclosure-2021", figures)
    printed = [spoken(page) for page in pages(pdf.render(report))]
    requests = report.tables[1]
    corner = squeezed(requests.cells[0].text)
    holding = [n for n, text in enumerate(printed) if corner in text]
    assert len(holding) > 1
    assert holding == list(range(holding[0], holding[-1] + 1))
    said = "".join(printed)
    for row in list(requests.rows())[requests.headers[0][1] :]:
        labels = [squeezed(cell.text) for cell in row if cell.text and not cell.field]
        assert all(label in said for label in labels), labels
        assert "".join(squeezed(cell.text) for cell in row if cell.field) in said


def test_the_borders_of_a_table_over_two_pages_are_closed():
    figures = {name: Decimal(12345678) for name, value in every_figure(FORMS["disclosure-2021"]).items() if not isinstance(value, str)}
    printed = pages(pdf.render(report_of("disclosure-2021", figures)))
    corner = squeezed(report_of("disclosure-2021").tables[1].cells[0].text)
    for page in (page for page in printed if corner in spoken(page)):
        left, right = min(rule[0] for rule in page.rules), max(rule[2] for rule in page.rules)
        bottom = max(rule[3] for rule in page.rules if rule[0] < left + 1)  # a chart below it stands further in
        closing = [rule for rule in page.rules if abs(rule[3] - bottom) < 1 and rule[2] - rule[0] > 1]
        covered = sum(rule[2] - rule[0] for rule in closing)
        assert covered == pytest.approx(right - left, abs=8)


def test_user_text_is_never_read_as_markup():
    report = report_of("disclosure-2021", {"overview.proactive": (HOSTILE,), "requests.note": HOSTILE, "cover.address": HOSTILE})
    assert words_of(report).count(squeezed(HOSTILE)) == 3


def test_rare_characters_and_a_long_word_are_printed():
    word = "https://www.example.gov.cn/" + "0123456789abcdef" * 12
    said = words_of(report_of("disclosure-2021", {"overview.proactive": (RARE, f"见{word}。")}))
    assert RARE in said
    assert f"见{word}。" in said


ADDRESSES = [
    ("https://www.example.gov.cn/zwgk/zfxxgk/ndbg/2024/01/18/art_4321_9876543.html?spm=a1-b2&from=list&page=3", " /?&=-"),
    ("http://example.gov.cn/" + "0123456789abcdef" * 6 + "/a-b-c?d=e", "/-?=7f"),  # what no line holds is cut every 8 letters
    ("www.example.gov.cn/art/2024", " /"),
]


def broken_at(lines: str, address: str) -> list[str]:
    """What ends each line of an address, wherever it stands; an empty text for one that is not broken."""
    found = [match.group().split("\n") for match in re.finditer("\n?".join(map(re.escape, address)), lines)]
    return [line[-1] for parts in found for line in (parts[:-1] or [" "])]


@pytest.mark.parametrize(("address", "ends"), ADDRESSES)
def test_an_address_is_broken_behind_its_marks_and_read_back_as_it_was_typed(address, ends):
    report = report_of("disclosure-2021", {"requests.note": f"参见{address}。", "cover.address": address})
    prose = tuple(Paragraph(f"{'文' * n}（见{address}）后文后文。") for n in range(28))
    first, *others = report.sections
    content = pdf.render(replace(report, sections=(replace(first, parts=prose), *others)))
    printed = pages(content)
    found = [broken_at("\n".join(text(line) for page in printed for line in page.lines(size)), address) for size in (15.75, 10.5)]
    assert len(found[0]) >= 29  # 28 paragraphs, the contacts
    assert len(found[1]) >= 1
    assert {"/"} <= {*found[0], *found[1]} <= set(ends)
    if shutil.which("pdftotext"):
        said = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()
        assert re.sub(r"\n(?:— \d+ —\n\f)?", "", said).count(address) == 30


def test_prose_with_references_prints_the_figures():
    report = report_of("disclosure-2021", {"overview.proactive": ("收到{requests.new.total}件",), "requests.new.natural": Decimal(77)})
    total = next(cell.text for cell in report.tables[1].cells if cell.field == "requests.new.total")
    assert f"收到{total}件" in words_of(report)


def test_a_draft_says_so_on_every_page_and_lists_its_findings():
    report = report_of("disclosure-2021", draft=True)
    printed = pages(pdf.render(report))
    assert all(marked(page) for page in printed)
    said = "".join(map(spoken, printed))
    for finding in report.findings:
        assert squeezed(finding.fix()) in said
    assert not any(marked(page) for page in pages(pdf.render(report_of("disclosure-2021"))))


def marked(page: Page) -> bool:
    return {"草", "稿"} <= {sign.text for sign in page.signs if sign.size > 100}


def test_private_fields_are_nowhere_in_the_file():
    content = pdf.render(report_of("disclosure-2021"))
    assert "张三不公开" not in "".join(map(spoken, pages(content)))
    assert "张三不公开".encode() not in content
    assert "张三不公开".encode("utf-16-be") not in content


def catalogue(content: bytes) -> tuple[PDFDocument, dict]:
    document = PDFDocument(PDFParser(io.BytesIO(content)))
    return document, document.catalog


def metadata(content: bytes) -> str:
    _, root = catalogue(content)
    return resolve1(root["Metadata"]).get_data().decode()


def kinds(root: dict) -> list[str]:
    """The kinds of the elements of the structure tree, in reading order."""
    found = []

    def walk(node: object) -> None:
        node = resolve1(node)
        if isinstance(node, list):
            for part in node:
                walk(part)
        elif isinstance(node, dict):
            if "S" in node:
                found.append(node["S"].name)
            walk(node.get("K"))

    walk(resolve1(root["StructTreeRoot"]).get("K"))
    return found


@pytest.mark.parametrize("archive", [False, True])
def test_the_file_is_tagged_and_says_which_standards_it_keeps(archive):
    report = report_of("disclosure-2021")
    content = pdf.render(report, archive=archive)
    _, root = catalogue(content)
    assert resolve1(root["MarkInfo"])["Marked"] is True
    assert resolve1(root["Lang"]).decode("utf-8", "replace").lower().startswith("zh")
    assert resolve1(root["ViewerPreferences"])["DisplayDocTitle"] is True
    said = metadata(content)
    assert "<pdfuaid:part>1</pdfuaid:part>" in said
    assert ("<pdfaid:part>2</pdfaid:part>" in said) is archive
    assert ("<pdfaid:conformance>A</pdfaid:conformance>" in said) is archive
    found = kinds(root)
    assert found.count("Table") == 3
    assert found.count("H1") == 6
    assert found.count("Figure") == 4  # three charts, one code
    headers = sum(cell.kind in ("heading", "corner", "column") for table in report.tables for cell in table.cells)
    assert found.count("TH") == headers
    assert found.count("TH") + found.count("TD") == sum(len(table.cells) for table in report.tables)


def test_every_drawing_has_its_words():
    content = pdf.render(report_of("disclosure-2021"))
    assert content.count(b"/Alt") >= 4 or metadata(content)  # the tags may lie in compressed objects
    _, root = catalogue(content)
    alternatives = []

    def walk(node: object) -> None:
        node = resolve1(node)
        if isinstance(node, list):
            for part in node:
                walk(part)
        elif isinstance(node, dict):
            if node.get("S") is not None and node["S"].name == "Figure":
                alternatives.append(node.get("Alt"))
            walk(node.get("K"))

    walk(resolve1(root["StructTreeRoot"]).get("K"))
    assert len(alternatives) == 4
    assert all(alternatives)


def test_a_report_without_figures_or_charts_or_link_has_no_drawing():
    zero = {name: Decimal(0) for name, value in every_figure(FORMS["disclosure-2021"]).items() if not isinstance(value, str)}
    report = report_of("disclosure-2021", {**zero, "cover.page_url": ""})
    _, root = catalogue(pdf.render(report))
    assert "Figure" not in kinds(root)


def test_a_character_without_a_glyph_refuses_the_pdf_and_is_named():
    report = report_of("disclosure-2021", {"overview.proactive": ("完成😀了", "ༀ"), "cover.title": "😀报告"})
    with pytest.raises(Unprintable) as error:
        pdf.render(report)
    assert set(error.value.characters) == {"😀", "ༀ"}


def test_render_says_where_the_character_stands_and_still_writes_the_others(tmp_path):
    form = FORMS["disclosure-2021"]
    values = dict(xl2report.check(SAMPLE).submission.entries)
    filled = {name: entry.value for name, entry in values.items() if entry.value is not None and not form.fields[name].parts}
    filled = {name: str(value) if form.fields[name].kind == "amount" else value for name, value in filled.items()}
    filled |= {"overview.proactive": ("第一段", "第二段有😀"), "cover.filler": "😀"}
    path = tmp_path / "a.xlsx"
    path.write_bytes(write(form, filled))
    result = xl2report.check(path)
    assert result.status == "pass", [finding.message() for finding in result.findings]
    done = CliRunner().invoke(group, ["render", str(path), "--to", "html,pdf,docx", "-o", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert {made.name for made in (tmp_path / "out").iterdir()} == {"a.html", "a.docx"}
    assert "N108" in done.output
    assert "U+1F600" in done.output
    place = result.submission.entries["overview.proactive"]
    assert f"{place.place.sheet}" in done.output
    assert place.cells[1] in done.output
    assert place.cells[0] not in done.output.replace(place.cells[1], "")
    assert result.submission.entries["cover.filler"].place.cell not in done.output


def test_source_date_epoch_is_the_date_of_the_file(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert b"D:20231114" in pdf.render(report_of("disclosure-2021"))


def test_traditional_characters_leave_figures_and_addresses(monkeypatch):
    result = xl2report.check(SAMPLE)
    content = xl2report.render(result, to="pdf", script="hant")
    said = "".join(map(spoken, pages(content)))
    report = view(result.form, result.submission)
    assert "政府資訊" not in said  # signs are converted, not words
    assert "政府信息公開工作年度報告" in said
    assert "总" not in said
    for table in report.tables:
        for row in table.rows():
            assert "".join(cell.text for cell in row if cell.field) in said
    for _, value in report.contacts:
        if value.isascii():
            assert value in said


def test_a_table_that_breaks_begins_below_its_heading():
    """Also with notes: what keeps to its notes is a whole table, not one that breaks anyway."""
    figures = {name: Decimal(12345678) for name, value in every_figure(FORMS["disclosure-2021"]).items() if not isinstance(value, str)}
    report = report_of("disclosure-2021", {**figures, "requests.note": "一条注\n又一条注"})
    printed = [spoken(page) for page in pages(pdf.render(report))]
    heading, corner = squeezed(report.sections[2].heading), squeezed(report.tables[1].cells[0].text)
    (page,) = (text for text in printed if heading in text.replace(squeezed(report.preface[0].text), ""))
    assert corner in page
