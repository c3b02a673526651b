"""The Word file: its tables read back by python-docx, its page, its styles from the reference, hostile text, drafts."""

from __future__ import annotations

import importlib.util
import io
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table

from test_report_data import FORMS, report_of
from xl2report.form.layout import layout
from xl2report.form.model import Form
from xl2report.report.docx import clean, render, runs
from xl2report.report.view import ChartView, Paragraph, Report, TableView
from xl2report.shipped import folder

TEXT_WIDTH = 11906 - 1587 - 1474
REFERENCE = folder("templates") / "reference.docx"


def opened(content: bytes) -> Document:
    return docx.Document(io.BytesIO(content))


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def with_paragraph(report: Report, *texts: str) -> Report:
    section = replace(report.sections[0], parts=tuple(Paragraph(text) for text in texts))
    return replace(report, sections=(section, *report.sections[1:]))


def spans(table: Table) -> list[tuple[int, int, int, int, str]]:
    """Row, column, rows, columns, text of every cell, from gridSpan and vMerge alone."""
    starts: dict[int, list] = {}
    found: list[list] = []
    for row, line in enumerate(table._tbl.tr_lst):
        column = 0
        for cell in line.tc_lst:
            merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            text = "\n".join("".join(node.text or "" for node in p.iter(qn("w:t"))) for p in cell.p_lst)
            if merge is not None and merge.get(qn("w:val"), "continue") == "continue":
                assert not text
                assert starts[column][3] == cell.grid_span
                starts[column][2] += 1
            else:
                starts[column] = [row, column, 1, cell.grid_span, text]
                found.append(starts[column])
            column += cell.grid_span
        assert column == len(table._tbl.tblGrid.gridCol_lst)
    return sorted(tuple(cell) for cell in found)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_tables_read_back_have_the_labels_figures_and_spans_of_the_layout(form: Form) -> None:
    report = report_of(form.id)
    read = opened(render(report)).tables
    assert len(read) == len(form.tables)
    for table, view, word in zip(form.tables, report.tables, read, strict=True):
        figures = {cell.field: cell.text for cell in view.cells if cell.field}
        assert all(figures.values())
        expected = [
            (cell.row, cell.column, cell.rows, cell.columns, figures[cell.field] if cell.field else cell.text)
            for cell in layout(table).cells
        ]
        assert spans(word) == sorted(expected)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_column_widths_add_up_to_the_text_width_and_cells_to_their_columns(form: Form) -> None:
    for table in opened(render(report_of(form.id))).tables:
        grid = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid.gridCol_lst]
        assert sum(grid) == TEXT_WIDTH
        assert min(grid) > 300
        for line in table._tbl.tr_lst:
            column = 0
            for cell in line.tc_lst:
                assert cell.tcPr.find(qn("w:tcW")).get(qn("w:w")) == str(sum(grid[column : column + cell.grid_span]))
                column += cell.grid_span


def test_headers_repeat_only_where_one_block_makes_the_table_and_rows_never_split() -> None:
    report = report_of("disclosure-2021")
    for view, word in zip(report.tables, opened(render(report)).tables, strict=True):
        headers = [tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for tr in word._tbl.tr_lst]
        first = view.headers[0][1] if len(view.headers) == 1 else 0
        assert headers == [row < first for row in range(view.row_count)]
        assert all(tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for tr in word._tbl.tr_lst)
        caption = word._tbl.tblPr.find(qn("w:tblCaption"))
        assert caption.get(qn("w:val")) == view.caption


def has(row: object, name: str) -> bool:
    return next(row.iter(qn(name)), None) is not None


def with_table(report: Report, table: TableView) -> Table:
    section = replace(report.sections[0], parts=(table,))
    return opened(render(replace(report, sections=(section,)))).tables[0]


def test_a_table_of_one_page_stays_whole_and_with_its_first_note() -> None:
    for note, last in ((), False), (("注：一条",), True):
        for view in report_of("disclosure-2021").tables:
            rows = with_table(report_of("disclosure-2021"), replace(view, notes=note))._tbl.tr_lst
            assert [has(row, "w:keepNext") for row in rows] == [True] * (len(rows) - 1) + [last]


@pytest.mark.parametrize(("kind", "row"), [("column", 0), ("row", 3)])
def test_a_row_that_no_page_may_hold_is_let_break(kind: str, row: int) -> None:
    view = report_of("disclosure-2021").tables[1]
    at = next(n for n, cell in enumerate(view.cells) if cell.kind == kind and cell.row == row)
    cell = view.cells[at]._replace(text="长" * 3000)
    rows = with_table(report_of("disclosure-2021"), replace(view, cells=(*view.cells[:at], cell, *view.cells[at + 1 :])))._tbl.tr_lst
    long = range(row, row + cell.rows)
    assert [has(line, "w:cantSplit") for line in rows] == [n not in long for n in range(len(rows))]
    assert any(has(line, "w:tblHeader") for line in rows) == (kind == "row")


def test_a_figure_wider_than_its_column_is_narrowed() -> None:
    view = report_of("disclosure-2021").tables[-1]

    def scales(figure: str) -> set[int]:
        cells = tuple(cell._replace(text=figure) if cell.field else cell for cell in view.cells)
        word = with_table(report_of("disclosure-2021"), replace(view, cells=cells))
        return {int(node.get(qn("w:val"))) for node in word._tbl.iter(qn("w:w"))}

    assert scales("123") == set()
    assert len(narrowed := scales("12345678")) == 1
    assert 60 < narrowed.pop() < 80


def test_the_page_is_that_of_the_standard() -> None:
    document = opened(render(report_of("disclosure-2021")))
    page = document.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    for margin, millimetres in ((page.top_margin, 37), (page.bottom_margin, 35), (page.left_margin, 28), (page.right_margin, 26)):
        assert abs(margin - Mm(millimetres)) < Mm(0.1)
    text_height = page.page_height - page.top_margin - page.bottom_margin
    pitch = Pt(int(page._sectPr.find(qn("w:docGrid")).get(qn("w:linePitch"))) / 20)
    assert text_height // pitch == 22
    # Word takes an exact height as it is and LibreOffice the grid's: only if they agree do both set 22 lines.
    exact = {node.get(qn("w:line")) for name in ("Normal", "Heading 1", "Heading 2") for node in document.styles[name].element.iter(qn("w:spacing")) if node.get(qn("w:lineRule"))}
    assert exact == {page._sectPr.find(qn("w:docGrid")).get(qn("w:linePitch"))}
    normal = document.styles["Normal"].element.rPr
    width = Pt(int(normal.find(qn("w:sz")).get(qn("w:val"))) / 2 + int(normal.find(qn("w:spacing")).get(qn("w:val"))) / 20)
    assert (page.page_width - page.left_margin - page.right_margin) // width == 28
    assert re.sub(r"\s", "", page.footer.paragraphs[0].text) == "—1—"


def test_title_headings_and_body_carry_real_styles_with_the_fonts_of_the_standard() -> None:
    report = with_paragraph(report_of("disclosure-2021"), "正文")
    document = opened(render(report))
    by_style: dict[str, list[str]] = {}
    for paragraph in document.paragraphs:
        by_style.setdefault(paragraph.style.name, []).append(paragraph.text)
    assert by_style["Heading 1"] == [section.heading for section in report.sections]
    assert by_style["Title"] == [f"{report.agency}\n{report.title.removeprefix(report.agency)}"]
    assert "正文" in by_style["报告正文"]
    assert by_style["落款"] == list(report.signature)
    assert [line.split("：")[0] for line in by_style["联系方式"]] == [*(label for label, _ in report.contacts), "本页网址"]
    for name, font, size in (("Title", "方正小标宋简体", 22), ("Heading 1", "黑体", 16), ("Heading 2", "楷体_GB2312", 16)):
        style = document.styles[name]
        assert style.element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == font
        assert (style.font.size or document.styles["Normal"].font.size) == Pt(size)
        assert style.paragraph_format.keep_with_next


def test_a_title_too_long_for_a_line_breaks_after_the_agency() -> None:
    report = report_of("disclosure-2021", {"cover.agency": "示例县市场监督管理局"})
    assert opened(render(report)).paragraphs[0].text == "示例县市场监督管理局\n" + report.title.removeprefix(report.agency)
    short = replace(report, title="示例县市场监督管理局年度报告")
    assert opened(render(short)).paragraphs[0].text == short.title


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "A & B &amp; C", "]]>", "{{ 7*7 }}{% x %}", "emoji 😀", "生僻字𬭩", " 前后空格 ", "长" * 30_000, '"引\'号"', "_x0041_"],
    ids=range(10),
)  # fmt: skip
def test_any_text_is_printed_as_it_was_typed(text: str) -> None:
    document = opened(render(with_paragraph(report_of("disclosure-2021"), text)))
    assert text in [paragraph.text for paragraph in document.paragraphs]


def test_line_ends_and_tabs_become_words_own_and_forbidden_characters_go() -> None:
    document = opened(render(with_paragraph(report_of("disclosure-2021"), "一\n二\r\n三\t四", "甲\x0b乙\x00\x1f\ufffe丙")))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert "一\n二\n三\t四" in texts
    assert "甲乙丙" in texts


def test_half_a_surrogate_pair_stays_visible() -> None:
    document = opened(render(with_paragraph(report_of("disclosure-2021"), "坏\ud83d字")))
    assert "坏\\ud83d字" in [paragraph.text for paragraph in document.paragraphs]


def test_hostile_text_in_every_text_field_leaves_all_parts_well_formed() -> None:
    hostile = "<w:p/>&\"'\x01]]>{{ x }}"
    report = replace(report_of("disclosure-2021", draft=True), title=hostile, agency=hostile, signature=(hostile,), page_url=hostile)
    table = report.sections[1].tables[0]
    table = replace(table, caption=hostile, notes=(hostile,), cells=(*table.cells[:-1], table.cells[-1]._replace(text=hostile)))
    report = replace(report, contacts=((hostile, hostile),), sections=(replace(report.sections[1], heading=hostile, parts=(table,)),))
    for name, content in parts(render(report)).items():
        ElementTree.fromstring(content)
        assert b"{{" not in content or name in ("word/document.xml", "docProps/core.xml")


def test_the_same_report_gives_the_same_bytes_without_a_date_or_a_user() -> None:
    first = render(report_of("disclosure-2021"))
    assert first == render(report_of("disclosure-2021"))
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert package.infolist()[0].filename == "[Content_Types].xml"
    core = opened(first).core_properties
    assert (core.title, core.author, core.last_modified_by) == (report_of("disclosure-2021").title, "示例县公安局", "")
    assert core.created == core.modified
    assert core.created.isoformat() == "2024-01-18T00:00:00+00:00"  # the day of signing


def test_no_part_tells_who_made_it_where_or_when(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "zhangsan")
    traces = ("zhangsan", Path.cwd().as_posix(), folder("templates").as_posix(), Path.home().as_posix() + "/", time.strftime("%Y-%m-%d", time.gmtime()))
    made = parts(render(report_of("disclosure-2021")))
    assert [(name, trace) for name, content in made.items() for trace in traces if trace.encode() in content] == []
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert b">2023-11-14T22:13:20Z<" in parts(render(report_of("disclosure-2021")))["docProps/core.xml"]


def test_private_fields_are_not_in_the_file() -> None:
    assert not any("张三不公开".encode() in content for content in parts(render(report_of("disclosure-2021", draft=True))).values())


def test_a_draft_has_its_mark_in_the_header_of_every_page_and_its_findings_at_the_end() -> None:
    report = report_of("disclosure-2021", draft=True)
    assert report.findings
    content = render(report)
    document = opened(content)
    section = document.sections[0]
    for header in (section.header, section.first_page_header, section.even_page_header):
        assert [paragraph.text for paragraph in header.paragraphs] == ["草稿"]
    texts = [paragraph.text for paragraph in document.paragraphs]
    after = texts[texts.index("校验发现") + 1 :]
    for finding in report.findings:
        assert any(finding.message() in line for line in after)
        assert any(finding.fix() in line for line in after)
    assert any("错误" in line for line in after)
    english = [paragraph.text for paragraph in opened(render(report, "en")).paragraphs]
    assert any(report.findings[0].message("en") in line for line in english)


def test_a_report_that_is_no_draft_says_nowhere_that_it_is_one() -> None:
    content = parts(render(report_of("disclosure-2021")))
    assert "word/header_draft.xml" not in content
    assert not any(word.encode() in part for part in content.values() for word in ("header_draft", "校验发现</w:t>", ">草稿<"))


def restyled(tmp_path: Path, change: Callable[[str, str], str]) -> Path:
    """A copy of the reference with its parts changed: ``change(name, text)``."""
    target = tmp_path / "restyled.docx"
    with zipfile.ZipFile(REFERENCE) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, change(name, source.read(name).decode()))
    return target


def test_an_office_restyles_the_report_in_a_copy_of_the_reference(tmp_path: Path) -> None:
    def change(name: str, text: str) -> str:
        # What Word does when it saves: ids are its own, and a part may be called anything.
        text = text.replace("Heading1", "1").replace("rId4", "rId77").replace("footer1.xml", "footer9.xml")
        text = text.replace('w:eastAsia="黑体"', 'w:eastAsia="方正黑体_GBK"').replace('w:top="2098"', 'w:top="2000"')
        return text.replace('w:left="1587"', 'w:left="1700"')

    reference = restyled(tmp_path, change)
    renamed = tmp_path / "renamed.docx"
    with zipfile.ZipFile(reference) as source, zipfile.ZipFile(renamed, "w") as copy:
        for name in source.namelist():
            copy.writestr(name.replace("footer1.xml", "footer9.xml"), source.read(name))
    document = opened(render(report_of("disclosure-2021"), reference=renamed))
    heading = next(paragraph for paragraph in document.paragraphs if paragraph.text == FORMS["disclosure-2021"].sections[0].heading)
    assert heading.style.style_id == "1"
    assert heading.style.element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "方正黑体_GBK"
    assert document.sections[0].top_margin == Pt(100)
    assert "—" in document.sections[0].footer.paragraphs[0].text
    widths = [int(column.get(qn("w:w"))) for column in document.tables[0]._tbl.tblGrid.gridCol_lst]
    assert sum(widths) == 11906 - 1700 - 1474


def test_a_reference_without_a_style_is_refused_by_that_styles_name(tmp_path: Path) -> None:
    reference = restyled(tmp_path, lambda name, text: text.replace('w:val="落款"', 'w:val="其他"'))
    with pytest.raises(ValueError, match="落款"):
        render(report_of("disclosure-2021"), reference=reference)


def test_the_committed_reference_is_what_its_script_makes() -> None:
    script = Path(__file__).resolve().parent.parent / "tools" / "make_reference.py"
    spec = importlib.util.spec_from_file_location("make_reference", script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.reference() == REFERENCE.read_bytes()


def test_long_figures_take_smaller_type_rather_than_break() -> None:
    report = report_of("disclosure-2021")
    review = report.tables[-1]
    few, many = (
        replace(review, cells=tuple(cell._replace(text=text) if cell.field else cell for cell in review.cells))
        for text in ("12", "123456")
    )

    def style(table: object) -> str:
        section = replace(report.sections[0], parts=(table,))
        word = opened(render(replace(report, sections=(section,)))).tables[0]
        return word.cell(3, 0).paragraphs[0].style.name

    assert style(few) == "表格文字（五号）"
    assert style(many) == "表格文字（六号）"


def test_helpers_keep_markup_out_and_spaces_in() -> None:
    assert clean("a\x08\ufffeb\tc") == "ab\tc"
    assert ' xml:space="preserve"> &lt;b&gt; </w:t>' in runs(" <b> ")


def test_a_warm_report_takes_a_few_milliseconds() -> None:
    report = report_of("disclosure-2021")
    sections = (replace(section, parts=tuple(part for part in section.parts if not isinstance(part, ChartView))) for section in report.sections)
    report = replace(report, sections=tuple(sections))  # a drawing takes the typesetter ten times as long
    render(report)
    times = []
    for _ in range(7):
        start = time.perf_counter()
        render(report)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05  # about 5 ms on the reference machine; a tree rebuilt or a template recompiled costs 50


@pytest.mark.libreoffice
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")
@pytest.mark.parametrize("draft", [False, True])
def test_libreoffice_opens_it_with_twenty_eight_characters_a_line_and_each_table_on_one_page(tmp_path, soffice, draft) -> None:
    report = with_paragraph(report_of("disclosure-2021", draft=draft), "文" * 200)
    source = tmp_path / "report.docx"
    source.write_bytes(render(report))
    soffice(source, "pdf", tmp_path)
    done = subprocess.run(["pdftotext", "-layout", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True)
    pages = done.stdout.rstrip("\f\n").split("\f")
    assert max(len(line.strip()) for line in pages[0].splitlines() if set(line.strip()) == {"文"}) == 28
    for number, page in enumerate(pages, 1):
        assert re.search(rf"— ?{number} ?—", page)
        assert ("草" in page) == draft
    for table in report.tables:
        labels = [cell.text for cell in table.cells if cell.kind == "row" and cell.is_leaf and 2 < len(cell.text) < 10]
        assert len([page for page in pages if all(label in page for label in labels)]) >= 1
