"""The Word file that was rendered here comes back: read, checked, transferred, compared, after whatever hands did to it."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from decimal import Decimal

import docx
import pytest

from test_prose import body, listed
from test_published_reports import REPORTS
from test_report_data import FORMS, every_figure
from xl2report.checked import Checked, check_content, read_workbook
from xl2report.checks.figures import FigureTable
from xl2report.compared import compared
from xl2report.report.docx import render
from xl2report.report.view import view
from xl2report.sources.word_document import word_document
from xl2report.transferred import transfer
from xl2report.workbook.package import Unreadable
from xl2report.workbook.write import write

FORM = FORMS["disclosure-2021"]
NEVER_PRINTED = {"cover.category", "cover.code", "cover.filler", "cover.reviewer", "cover.mobile", "cover.submission"}
PROSE = {
    "overview.proactive": ("第一段。", "（1）第二段 “引号” 与 <b>。", "1. 第三段"), "overview.supervision": ("监督。",),
    "problems.text": ("问题。", "改进。"), "other_matters.text": ("其他 77.4960 万元。",), "requests.note": "其中 2 件。\n第二行",
}  # fmt: skip
COVER = {
    "cover.agency": "测试县教育局", "cover.year": Decimal(2023), "cover.category": "县级部门", "cover.signed_on": "2024-01-18", "cover.address": "测试县 1 号",
    "cover.postcode": "000000", "cover.phone": "0000-1234567", "cover.website": "https://example.gov.cn", "cover.page_url": "https://example.gov.cn/a?b=1&c=2",
}  # fmt: skip
FEES = {"fee.notices": Decimal(3), "fee.charged": "20.50", "fee.received": "7"}


def ours(**more: object) -> tuple[Checked, bytes]:
    """A workbook as checked, and the report of it in Word."""
    values = {**COVER, **PROSE, **FEES, **every_figure(FORM), "proactive.fee.amount": "77.4960", **more}
    result = check_content("a.xlsx", write(FORM, {name: value for name, value in values.items() if value is not None}))
    assert result.submission
    return result, render(view(FORM, result.submission))


def differing(one: Checked, other: Checked) -> dict[str, tuple[object, object]]:
    """The fields that two files say something else of, but for what no report prints."""
    assert one.form is other.form
    tables = [FigureTable(one.form, result.submission) for result in (one, other)]
    found = {}
    for field in one.form.fields.values():
        both = [table.number(field.id) if field.is_number else result.submission.text(field.id) for table, result in zip(tables, (one, other), strict=True)]
        is_question = any(field == table.zero_question for table in one.form.tables)
        if both[0] != both[1] and field.id not in NEVER_PRINTED and not is_question:
            found[field.id] = (both[0], both[1])
    return found


def test_our_own_word_file_reads_back_equal_to_the_workbook() -> None:
    workbook, word = ours()
    back = check_content("a.docx", word)
    assert differing(workbook, back) == {}
    assert [one.code for one in back.findings if one.code[0] in "NSV"] == ["S116", "S116", "S116"]
    assert back.submission.entries["requests.granted.natural"].place.sheet == "第2个表"


@pytest.mark.parametrize(
    "more",
    [
        {"fee.notices": Decimal(0), "fee.charged": "0", "fee.received": "0"},
        {"cover.title": "关于 2023 年公开工作的报告"},
        {"preface": ("自己写的前言。", "第二段。")},
        {"cover.postcode": None, "cover.website": None, "cover.page_url": None, "requests.note": None},
        {"overview.proactive": None, "problems.text": None},
        {"cover.agency": "测试省测试市测试县一个名称很长很长很长的人民政府办公室和另一个部门联合办公室"},
    ],
    ids=["no-fees", "title", "preface", "fewer", "blank", "long-name"],
)  # fmt: skip
def test_whatever_the_form_prints_in_another_way_reads_back_equal(more) -> None:
    more = {FORM.preface.id if name == "preface" else name: value for name, value in more.items()}
    workbook, word = ours(**more)
    assert differing(workbook, check_content("a.docx", word)) == {}


@pytest.mark.parametrize("form_id", FORMS)
def test_every_edition_reads_back_as_itself(form_id) -> None:
    form = FORMS[form_id]
    values = {**COVER, "cover.year": Decimal(form.first_year), **every_figure(form), "overview.proactive": ("文字。",)}
    workbook = check_content("a.xlsx", write(form, {name: value for name, value in values.items() if name in form.fields}))
    back = check_content("a.docx", render(view(form, workbook.submission)))
    assert (back.form.id, differing(workbook, back)) == (form_id, {})


def published(key: str) -> Checked:
    """A published report in a workbook; rows that it prints as another edition has them stay empty."""
    data = json.loads((REPORTS / f"{key}.json").read_text(encoding="utf-8"))
    form = FORMS[f"disclosure-{data['edition']}"]
    proactive, requests, review = form.tables
    printed = {}
    for field in proactive.cells:
        by_column = data["table2"][field.path[1]]
        printed[field.id] = next(v for k, v in by_column.items() if k.replace("（万元）", "") == field.path[2].split("（")[0])
    rows = [row["values"] for row in data["table3"]["rows"]]
    if len(rows) == 23 and data["edition"] == "2021":  # one row where the form of the year has three
        rows[21:21] = [[0] * len(rows[20])] * 2
    printed |= dict(zip([field.id for field in requests.cells], [value for row in rows for value in row], strict=True))
    printed |= dict(zip([field.id for field in review.cells], data["table4_list"], strict=True))
    values = {name: value if value is None else str(value) if form.fields[name].kind == "amount" else Decimal(value) for name, value in printed.items()}
    inputs = {name: value for name, value in values.items() if not form.fields[name].parts and value is not None}
    totals = {name: value for name, value in values.items() if form.fields[name].parts}
    cover = {**COVER, "cover.agency": data["agency"], "cover.year": Decimal(data["year"]), "overview.proactive": ("文字。",), "problems.text": ("问题。",)}
    content = write(form, {**cover, **{name: value for name, value in FEES.items() if name in form.fields}, **inputs}, totals)
    return check_content("a.xlsx", content)


@pytest.mark.skipif(not REPORTS.exists(), reason="the published figures are not beside the project")
@pytest.mark.parametrize("key", sorted(path.stem for path in REPORTS.glob("*.json")) if REPORTS.exists() else [])
def test_published_figures_survive_word_and_the_workbook_and_other_totals_are_listed_with_both_figures(key) -> None:
    workbook = published(key)
    form = workbook.form
    back = check_content("a.docx", render(view(form, workbook.submission)))
    assert differing(workbook, back) == {}
    assert sum(isinstance(entry.value, Decimal) for entry in back.submission.entries.values()) > 60
    done = transfer(back)
    fresh = check_content("filled.xlsx", done.content)
    wrong = differing(back, fresh)
    assert all(form.fields[name].parts for name in wrong)
    added = FigureTable(form, back.submission)
    expected = {(str(typed), "" if added.computed(name) is None else str(added.computed(name))) for name, (typed, _) in wrong.items() if typed is not None}
    assert {(one.raw, one.value) for one in done.changes if one.kind == "total"} == expected
    assert [one for one in done.changes if one.kind in ("unread", "doubtful", "dropped")] == []
    # shuyang-fgj-2023 printed totals over cells that it left blank
    assert len(wrong) == {"hongze-2023": 2, "pingtan-2020": 2, "shanghai-kw-2024": 1, "shuyang-fgj-2023": 25}.get(key, 0)


@pytest.mark.skipif(not REPORTS.exists(), reason="the published figures are not beside the project")
def test_an_approved_word_file_passes_and_is_the_same_report_again() -> None:
    workbook = published("suqian-2023")
    word = render(view(workbook.form, workbook.submission))
    back = check_content("a.docx", word)
    assert (back.status, back.code) == ("pass", workbook.code)
    assert render(view(back.form, back.submission)) == word


def test_a_transferred_word_file_renders_the_same_report() -> None:
    _, word = ours()
    content = transfer(check_content("a.docx", word)).content
    form, again = read_workbook(content)
    assert render(view(form, again)) == word


# -- edited by hand --------------------------------------------------------------------------------------------------


def saved(document: docx.document.Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_file_saved_by_another_library_still_reads_back_equal() -> None:
    workbook, word = ours()
    assert differing(workbook, check_content("a.docx", saved(docx.Document(io.BytesIO(word))))) == {}


def test_a_file_saved_by_libreoffice_still_reads_back_equal(tmp_path, soffice) -> None:
    workbook, word = ours()
    (tmp_path / "a.docx").write_bytes(word)
    (tmp_path / "saved").mkdir()
    soffice(tmp_path / "a.docx", "docx:MS Word 2007 XML", tmp_path / "saved")
    again = (tmp_path / "saved" / "a.docx").read_bytes()
    assert again != word
    assert differing(workbook, check_content("a.docx", again)) == {}


def test_one_figure_changed_in_a_table_is_exactly_what_differs() -> None:
    workbook, word = ours()
    document = docx.Document(io.BytesIO(word))
    cell = document.tables[1].cell(7, 4)
    name = next(one.field for one in view(FORM, workbook.submission).tables[1].cells if (one.row, one.column) == (7, 4))
    cell.paragraphs[0].runs[0].text = "98765"
    back = check_content("a.docx", saved(document))
    assert list(differing(workbook, back)) == [name]
    found = compared(back, workbook).comparison
    assert [(one.this, one.last) for one in found.lines if one.this != one.last] == [(Decimal(98765), differing(workbook, back)[name][0])]


def test_text_changed_by_hand_is_what_the_next_report_says() -> None:
    workbook, word = ours()
    document = docx.Document(io.BytesIO(word))
    for paragraph in document.paragraphs:
        if paragraph.text == "改进。":
            paragraph.runs[0].text = "改进，明年再做。"
            paragraph.insert_paragraph_before("新加的一段。")
    back = check_content("a.docx", saved(document))
    assert differing(workbook, back) == {"problems.text": ("问题。\n改进。", "问题。\n新加的一段。\n改进，明年再做。")}


def test_lines_that_contradict_the_rest_of_the_file_are_queried() -> None:
    _, word = ours()
    document = docx.Document(io.BytesIO(word))
    for paragraph in document.paragraphs:
        for run in paragraph.runs:
            if run.text == "测试县教育局":
                run.text = "测试县公安局"
            run.text = run.text.replace("2023年度发出", "2022年度发出")
    back = check_content("a.docx", saved(document))
    assert (back.agency, back.year) == ("测试县教育局", 2023)
    found = [dict(one.words) for one in back.findings if one.code == "N109"]
    assert [one["raw"][:6] for one in found] == ["按照《政府信", "测试县公安局"]


def test_a_removed_heading_row_and_table_are_said() -> None:
    _, word = ours()
    document = docx.Document(io.BytesIO(word))
    heading = next(one for one in document.paragraphs if one.text == FORM.sections[4].heading)
    heading._p.getparent().remove(heading._p)
    row = document.tables[1].rows[10]._tr
    row.getparent().remove(row)
    document.tables[2]._tbl.getparent().remove(document.tables[2]._tbl)
    back = check_content("a.docx", saved(document))
    codes = [one.code for one in back.findings]
    assert {"N119", "S117", "S101"} <= set(codes)
    assert next(len(one.cells) for one in back.findings if one.code == "S117") == 7


def test_a_table_that_the_form_does_not_have_is_said() -> None:
    _, word = ours()
    document = docx.Document(io.BytesIO(word))
    document.add_table(1, 2).cell(0, 0).text = "另一张表"
    back = check_content("a.docx", saved(document))
    assert [(one.cells[0].place.sheet, dict(one.words)["raw"]) for one in back.findings if one.code == "N106"] == [("第4个表", "另一张表")]


def test_a_word_file_of_prose_alone_is_told_to_have_no_statutory_table() -> None:
    document = docx.Document()
    document.add_paragraph("一、总体情况")
    document.add_paragraph("文字。")
    result = check_content("a.docx", saved(document))
    assert (result.status, [one.code for one in result.findings]) == ("unreadable", ["N118"])


# -- tables ----------------------------------------------------------------------------------------------------------


def tc(text: str = "", *properties: str) -> str:
    return f"<w:tc><w:tcPr>{''.join(properties)}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


SPAN, START, GOING = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


@pytest.mark.parametrize(
    ("rows", "cells", "merges"),
    [
        ([tr(tc("甲", SPAN), tc("乙")), tr(tc("1"), tc("2"), tc("3"))], {(0, 0): "甲", (0, 2): "乙", (1, 0): "1", (1, 1): "2", (1, 2): "3"}, [(0, 0, 0, 1)]),
        ([tr(tc("甲", START), tc("1")), tr(tc("", GOING), tc("2")), tr(tc("", GOING), tc("3"))], {(0, 0): "甲", (0, 1): "1", (1, 1): "2", (2, 1): "3"}, [(0, 0, 2, 0)]),
        ([tr(tc("甲", SPAN, START), tc("1")), tr(tc("", SPAN, GOING), tc("2"))], {(0, 0): "甲", (0, 2): "1", (1, 2): "2"}, [(0, 0, 1, 1)]),
        ([tr(tc("甲", START)), tr(tc("乙", START)), tr(tc("", GOING))], {(0, 0): "甲", (1, 0): "乙"}, [(1, 0, 2, 0)]),
        ([tr(tc("甲", START)), tr(tc("藏", GOING))], {(0, 0): "甲", (1, 0): "藏"}, [(0, 0, 1, 0)]),
        ([tr(tc("甲")), tr(tc("", GOING))], {(0, 0): "甲"}, [(0, 0, 1, 0)]),
        ([tr(tc("1", '<w:hMerge w:val="restart"/>'), tc("", "<w:hMerge/>"), tc("2"))], {(0, 0): "1", (0, 2): "2"}, [(0, 0, 0, 1)]),
        ([tr(tc("1"), properties='<w:gridBefore w:val="2"/>')], {(0, 2): "1"}, []),
        ([tr(tc("1")), tr(tc("2"), properties="<w:del/>"), tr(tc("3"))], {(0, 0): "1", (1, 0): "3"}, []),
        ([tr(tc("1"), tc("<w:del/>"))], {(0, 0): "1"}, []),
    ],
    ids=["across", "down", "both", "anew", "hidden", "no-start", "old", "before", "deleted", "empty"],
)  # fmt: skip
def test_spans_of_a_word_table_become_areas_of_a_grid(tmp_path, rows, cells, merges) -> None:
    path = body(tmp_path / "a.docx", f"<w:tbl>{''.join(rows)}</w:tbl>")
    grid = next(one.grid for one in word_document(path.read_bytes()).paragraphs if one.grid)
    assert {cell: raw.text for cell, raw in grid.cells.items()} == cells
    assert [tuple(area) for area in grid.merges] == merges


def test_a_table_inside_a_table_is_a_table_of_its_own(tmp_path) -> None:
    inner = f"<w:tbl>{tr(tc('内'))}</w:tbl>"
    path = body(tmp_path / "a.docx", f"<w:tbl>{tr(f'<w:tc>{inner}<w:p><w:r><w:t>外</w:t></w:r></w:p></w:tc>', tc('5'))}</w:tbl>")
    grids = [one.grid for one in word_document(path.read_bytes()).paragraphs if one.grid]
    assert [{cell: raw.text for cell, raw in grid.cells.items()} for grid in grids] == [{(0, 0): "内"}, {(0, 0): "外", (0, 1): "5"}]


def test_paragraphs_of_a_cell_and_its_automatic_number_are_its_text(tmp_path) -> None:
    numbering = (
        '<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
    )
    cell = f"<w:tc>{listed('属于', '1')}{listed('两段')}</w:tc>"
    path = body(tmp_path / "a.docx", f"<w:tbl>{tr(cell)}</w:tbl>", parts={"numbering.xml": numbering})
    assert [one.grid.cells[0, 0].text for one in word_document(path.read_bytes()).paragraphs if one.grid] == ["1.属于\n两段"]


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (f"<w:tbl>{tr(tc('1', '<w:gridSpan w:val=~9999999~/>'.replace('~', chr(34))))}</w:tbl>", "F105"),
        ("<w:tbl><w:tr>" + "<w:tc/>" * 200_001 + "</w:tr></w:tbl>", "F105"),
        ("<w:tbl><w:tr><w:tc>" * 100, "F104"),
    ],
    ids=["wide", "many", "nested"],
)
def test_a_table_beyond_all_bounds_is_refused(tmp_path, xml, code) -> None:
    with pytest.raises(Unreadable) as caught:
        word_document(body(tmp_path / "a.docx", xml).read_bytes())
    assert caught.value.code == code


def test_a_damaged_report_in_word_is_judged_and_never_ends_in_another_error() -> None:
    _, word = ours()
    statuses = set()
    for step in range(0, len(word), 2503):
        torn = bytearray(word)
        torn[step] ^= 0xFF
        statuses.add(check_content("a.docx", bytes(torn)).status)
    assert "unreadable" in statuses
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        document = package.read("word/document.xml").decode()
    for step in range(0, len(document), 40_009):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(word)) as package, zipfile.ZipFile(out, "w") as copy:
            for name in package.namelist():
                copy.writestr(name, document[:step] if name == "word/document.xml" else package.read(name))
        with contextlib.suppress(ValueError):
            assert check_content("a.docx", out.getvalue()).status == "unreadable"
