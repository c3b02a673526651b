"""Prose from a Word or Markdown file: headings known by their words, nothing lost, hostile files refused."""

from __future__ import annotations

import contextlib
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import docx
import pytest
import xlsxwriter

from test_report_data import FORMS, every_figure, report_of
from xl2report.checked import Terms, check_file
from xl2report.report.docx import render
from xl2report.report.markdown import render as markdown_render
from xl2report.report.view import view
from xl2report.sources.numbering import chinese
from xl2report.sources.prose import Prose, ProseError, read_prose
from xl2report.workbook.write import write

FORM = FORMS["disclosure-2021"]
NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SUBS = [field.label for field in FORM.sections[0].prose]
HEADS = [section.heading for section in FORM.sections]


def full(*, drop: str = "") -> list[str]:
    """Every heading of prose with one paragraph under it."""
    lines = ["示例县公安局2023年政府信息公开工作年度报告", "前言一段。", HEADS[0]]
    for n, label in enumerate(SUBS, 1):
        lines += [label, f"第{n}方面。"]
    lines += [HEADS[4], "问题。", "改进。", HEADS[5], "其他 77.4960 万元。"]
    return [line for line in lines if line != drop]


def word(path: Path, lines: list[str], style: str | None = None) -> Path:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line, style=style if line in HEADS + SUBS else None)
    document.save(str(path))
    return path


def markdown(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def body(path: Path, xml: str, head: str = "", parts: dict[str, str] | None = None) -> Path:
    """A minimal .docx around the inside of a body, with further parts."""
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document2.xml"/>'
        "</Relationships>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("_rels/.rels", rels)
        package.writestr("word/document2.xml", f'{head}<w:document xmlns:w="{NAMESPACE}"><w:body>{xml}</w:body></w:document>')
        for name, text in (parts or {}).items():
            package.writestr(f"word/{name}", text)
    return path


def codes(prose: Prose) -> list[tuple[str, str]]:
    return [(remark.code, remark.words[0][1]) for remark in prose.remarks]


EXPECTED = {
    "preface": ("前言一段。",),
    "overview.proactive": ("第1方面。",),
    "overview.on_request": ("第2方面。",),
    "overview.management": ("第3方面。",),
    "overview.platform": ("第4方面。",),
    "overview.supervision": ("第5方面。",),
    "problems.text": ("问题。", "改进。"),
    "other_matters.text": ("其他 77.4960 万元。",),
}
EXPECTED = {FORM.preface.id if key == "preface" else key: value for key, value in EXPECTED.items()}


@pytest.mark.parametrize("style", [None, "Heading 1", "List Number"])
def test_headings_are_known_by_their_words_with_or_without_a_style(tmp_path, style) -> None:
    prose = read_prose(word(tmp_path / "稿.docx", full(), style), FORM)
    assert dict(prose.values) == EXPECTED
    assert prose.remarks == ()


def test_markdown_gives_the_same_as_word(tmp_path) -> None:
    lines = [f"# {line}" if line in HEADS else f"## **{line}** ##" if line in SUBS else line for line in full()]
    prose = read_prose(markdown(tmp_path / "稿.md", "\r\n\r\n".join(lines)), FORM)
    assert dict(prose.values) == EXPECTED
    assert prose.remarks == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_markdown_is_read_in_the_encodings_of_chinese_windows(tmp_path, encoding) -> None:
    assert dict(read_prose(markdown(tmp_path / "稿.md", "\n".join(full()), encoding), FORM).values) == EXPECTED


@pytest.mark.parametrize(
    ("written", "is_heading"),
    [
        ("一、总体情况", True),
        (" 一、 总体\u3000情况 ", True),
        ("一．总体情况", True),
        ("一.总体情况", True),
        ("一、总体情况。", False),
        ("一、总体情况2023年", False),
        ("总体情况", False),
        ("第一、总体情况", False),
    ],
)
def test_section_headings_tolerate_space_and_points_and_nothing_else(tmp_path, written, is_heading) -> None:
    prose = read_prose(markdown(tmp_path / "a.md", f"{written}\n正文"), FORM)
    assert (HEADS[0] not in [heading for _, heading in codes(prose)]) == is_heading


@pytest.mark.parametrize(
    ("written", "is_heading"),
    [
        ("（二）依申请公开", True),
        ("(二)依申请公开", True),
        ("（二) 依申请公开", True),
        ("（二）依申请公开。", False),
        ("（二）依申请公开办理情况。2023年，我局收到2件。", False),
        ("（二）依申请公开。2023年，我局收到2件。", False),
    ],
)
def test_sub_headings_tolerate_brackets_and_no_text_behind_them(tmp_path, written, is_heading) -> None:
    prose = read_prose(markdown(tmp_path / "a.md", f"{HEADS[0]}\n首段\n{written}\n后段"), FORM)
    if is_heading:
        assert prose.values["overview.proactive"] == ("首段",)
        assert prose.values["overview.on_request"] == ("后段",)
    else:
        assert prose.values["overview.proactive"] == ("首段", written, "后段")


def test_a_styled_heading_may_leave_its_number_to_word(tmp_path) -> None:
    document = docx.Document()
    for text, style in (("总体情况", "Heading 1"), ("依申请公开", "Heading 2"), ("正文", None), ("总体情况", None)):
        document.add_paragraph(text, style=style)
    document.save(str(tmp_path / "a.docx"))
    prose = read_prose(tmp_path / "a.docx", FORM)
    assert dict(prose.values) == {"overview.on_request": ("正文", "总体情况")}


def test_each_missing_heading_of_prose_is_named(tmp_path) -> None:
    assert codes(read_prose(word(tmp_path / "a.docx", full(drop=SUBS[2])), FORM)) == [("N103", SUBS[2])]
    assert codes(read_prose(word(tmp_path / "b.docx", full(drop=HEADS[4])), FORM)) == [("N103", HEADS[4])]
    found = read_prose(markdown(tmp_path / "c.md", ""), FORM)
    assert codes(found) == [("N103", HEADS[0]), ("N103", HEADS[4]), ("N103", HEADS[5])]
    assert dict(found.values) == {}
    assert found.remarks[1].field == "problems.text"


def test_paragraphs_under_a_table_section_are_reported_with_their_place_and_tables_are_not(tmp_path) -> None:
    document = docx.Document()
    for line in [*full()[:-4], HEADS[1], "该部分以表格形式报告。"]:
        document.add_paragraph(line)
    document.add_table(2, 2).cell(0, 0).text = "表格里的字"
    for line in full()[-5:]:
        document.add_paragraph(line)
    document.save(str(tmp_path / "稿.docx"))
    prose = read_prose(tmp_path / "稿.docx", FORM)
    assert codes(prose) == [("N104", "该部分以表格形式报告。")]
    place = prose.remarks[0].place
    assert (place.sheet, place.cell) == ("稿.docx", f"第{len(full()) - 4 + 2}段")
    assert "表格里的字" not in str((prose.values, prose.remarks))
    assert dict(prose.values) == EXPECTED


def test_the_title_is_ignored_and_a_preface_that_names_the_form_is_not(tmp_path) -> None:
    preface = f"根据条例和《{FORM.name}格式》要求，编制本报告。"
    lines = ["　示例县公安局2023年政府信息公开工作年度报告　", preface, "第二段", HEADS[0], FORM.name]
    prose = read_prose(markdown(tmp_path / "a.md", "\n".join(lines)), FORM)
    assert prose.values[FORM.preface.id] == (preface, "第二段")
    assert prose.values["overview.proactive"] == (FORM.name,)


def test_line_breaks_tracked_changes_fields_and_text_boxes_are_read_as_they_are_seen(tmp_path) -> None:
    def p(inner: str) -> str:
        return f"<w:p>{inner}</w:p>"

    box = f"<w:r><w:pict><w:txbxContent>{p('<w:r><w:t>框内</w:t></w:r>')}</w:txbxContent></w:pict></w:r>"
    xml = (
        p(f"<w:r><w:t>{HEADS[4]}</w:t><w:br/><w:t>软回车后</w:t></w:r>")
        + p('<w:ins><w:r><w:t>增</w:t></w:r></w:ins><w:del><w:r><w:delText>删</w:delText></w:r></w:del><w:r><w:tab/><w:t xml:space="preserve"> 5 件</w:t></w:r>')
        + p("<w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>域</w:t></w:r>")
        + p(f"{box}<w:r><w:t>框外</w:t></w:r>")
        + f"<w:sdt><w:sdtContent>{p('<w:r><w:t>控件</w:t></w:r>')}</w:sdtContent></w:sdt>"
    )
    prose = read_prose(body(tmp_path / "a.docx", xml), FORM)
    assert prose.values["problems.text"] == ("软回车后", "增\t 5 件", "域", "框内", "框外", "控件")


def test_footnotes_are_reported_for_they_have_no_place_in_the_form(tmp_path) -> None:
    path = word(tmp_path / "a.docx", full())
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("word/footnotes.xml", f'<w:footnotes xmlns:w="{NAMESPACE}"><w:footnote><w:p><w:r><w:t>脚注</w:t></w:r></w:p></w:footnote></w:footnotes>')
    assert codes(read_prose(path, FORM)) == [("N104", "脚注")]


REPORTED = {
    "fee.notices": Decimal(3), "fee.charged": "20.50", "fee.received": "20.50", "requests.note": "其中 2 件。\n第二行",
    "cover.postcode": "000000", "cover.phone": "0000-1234567", "cover.website": "https://example.gov.cn",
    "overview.proactive": ("含 <b> & “引号”", "第二段😀", "1. 带 * 号 [和](括号)"), "other_matters.text": ("其他 77.4960 万元。",),
}  # fmt: skip
RENDER = {"docx": render, "md": markdown_render}


def workbook(path: Path, **more: object) -> Path:
    values = {**EXPECTED, "cover.agency": "测试县教育局", "cover.year": Decimal(2023), "cover.signed_on": "2024-01-18", **every_figure(FORM)}
    path.write_bytes(write(FORM, {**values, **REPORTED, **more}))
    return path


@pytest.mark.parametrize("kind", RENDER)
def test_a_report_rendered_here_gives_its_prose_back_and_what_the_form_prints_is_no_prose(tmp_path, kind) -> None:
    values = {**EXPECTED, **REPORTED}
    report = report_of(FORM.id, dict(values))
    target = tmp_path / f"report.{kind}"
    target.write_bytes(RENDER[kind](report))
    prose = read_prose(target, FORM)
    assert {name: prose.values.get(name) for name in EXPECTED} == {name: values[name] for name in EXPECTED}
    assert set(prose.values) <= set(EXPECTED)
    assert prose.remarks == ()
    kinds = {line.kind for line in prose.lines}
    assert kinds >= {"title", "statement", "note", "name", "date", "contact", "page"}


def prose_findings(book: Path, file: Path) -> list[tuple[str, str, str]]:
    found = check_file(book, Terms(prose=file)).findings
    return [(one.code, one.cells[0].place.cell if one.cells else "", dict(one.words).get("expected", "")) for one in found if one.code[0] == "N"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("通知总金额20.50元", "通知总金额99元", ["按照《政府信息公开信息处理费管理办法》，2023年度发出收费通知3件，通知总金额20.50元，实际收取20.50元。"]),
        ("2024年1月18日", "2024年1月19日", ["2024年1月18日"]),
        ("2024年1月18日", "二〇二四年一月十八日", ["2024年1月18日"]),
        ("电话：0000-1234567", "电话：0000-7654321", ["电话：0000-1234567"]),
        ("其中 2 件", "其中 5 件", ["注：其中 2 件。\n第二行"]),
        ("2023年政府信息公开工作年度报告", "2022年政府信息公开工作年度报告", ["测试县教育局2023年政府信息公开工作年度报告"]),
        ("测试县教育局", "测试县公安局", None),
    ],
    ids=["nothing", "sentence", "date", "date-in-words", "contact", "note", "title", "name"],
)
def test_a_line_of_the_form_that_was_changed_by_hand_is_a_query_with_what_the_report_prints(tmp_path, old, new, expected) -> None:
    book = workbook(tmp_path / "a.xlsx")
    filled = check_file(book)
    document = docx.Document(io.BytesIO(render(view(FORM, filled.submission))))
    if expected is None:  # the name over the date
        expected = ["测试县教育局"]
        chosen = [one for one in document.paragraphs if one.text == old]
    else:
        chosen = document.paragraphs
    for paragraph in chosen:
        for run in paragraph.runs:
            if old and old in run.text:
                run.text = run.text.replace(old, new)
    document.save(str(tmp_path / "a.docx"))
    found = [one for one in prose_findings(book, tmp_path / "a.docx") if one[0] != "N103"]
    assert [(code, said) for code, _, said in found] == [("N109", said) for said in expected]
    assert all(place.startswith("第") for _, place, _ in found)
    both = check_file(book, Terms(prose=tmp_path / "a.docx")).submission
    assert {name: both.entries[name].value for name in EXPECTED} == {name: filled.submission.entries[name].value for name in EXPECTED}


def test_figures_of_its_tables_that_are_not_the_workbooks_are_queried(tmp_path) -> None:
    book = workbook(tmp_path / "a.xlsx")
    document = docx.Document(io.BytesIO(render(view(FORM, check_file(book).submission))))
    for row, column, text in ((7, 4, "98765"), (9, 5, "")):
        document.tables[1].cell(row, column).paragraphs[0].runs[0].text = text
    document.add_paragraph(HEADS[1])
    document.add_table(1, 1).cell(0, 0).text = "别的表"
    document.save(str(tmp_path / "a.docx"))
    found = check_file(book, Terms(prose=tmp_path / "a.docx")).findings
    told = [(one.cells[0].place.sheet, one.cells[0].place.cell, dict(one.words)["raw"]) for one in found if one.code == "N109"]
    assert told == [("第2个表", "E8", "98765"), ("第2个表", "F10", "—")]
    assert [dict(one.words)["raw"] for one in found if one.code == "N106"] == ["第4个表 别的表"]
    other = workbook(tmp_path / "b.xlsx", **{name: Decimal(7) for name in every_figure(FORM)})
    assert len([one for one in check_file(other, Terms(prose=tmp_path / "a.docx")).findings if one.code == "N109"]) == 11


def test_a_sentence_that_only_begins_as_that_of_the_form_is_kept_and_queried(tmp_path) -> None:
    text = "按照《政府信息公开信息处理费管理办法》，我局研究了收费事项。"
    prose = read_prose(markdown(tmp_path / "a.md", f"{HEADS[5]}\n{text}"), FORM)
    assert prose.values["other_matters.text"] == (text,)
    assert [one for one in codes(prose) if one[0] == "N115"] == [("N115", text)]


def test_a_draft_of_ours_gives_its_prose_without_the_findings_at_its_end(tmp_path) -> None:
    target = tmp_path / "draft.docx"
    target.write_bytes(render(report_of(FORM.id, dict(EXPECTED), draft=True)))
    prose = read_prose(target, FORM)
    assert prose.values["other_matters.text"] == EXPECTED["other_matters.text"]
    assert [code for code, _ in codes(prose)] == ["N117"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("加**粗**的字", True), ("代码`x`", True), ("见[网站](http://a.cn)", True), ("- 一条", True), ("1. 第一条", True),
        ("> 引文", True), ("**整段加粗。**", True), ("~~删~~", True), ("<br>换行", True), ("__粗__", True),
        ("5 * 3 = 15", False), ("1.加强公开。", False), ("a_b_c", False), ("\\*\\*不是粗\\*\\*", False), ("1\\. 第一条", False), ("平常的字。", False),
        ("（1）加强", False), ("-5%", False), ("[附件]", False), ("3 < 5", False),
    ],
)  # fmt: skip
def test_marks_of_markdown_in_the_text_are_queried_and_the_text_is_not_changed(tmp_path, typed, said) -> None:
    prose = read_prose(markdown(tmp_path / "a.md", f"{HEADS[4]}\n{typed}"), FORM)
    text = typed.replace("\\", "")
    assert prose.values["problems.text"] == (text,)
    assert [one for one in codes(prose) if one[0] == "N110"] == ([("N110", text)] if said else [])


LISTS = f"""<w:numbering xmlns:w="{NAMESPACE}">
<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%1）"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%2.%3"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="hebrew1"/><w:lvlText w:val="%1)"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="9"><w:lvl w:ilvl="0"><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/><w:pStyle w:val="H"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="9"/></w:num></w:numbering>"""
STYLES = f"""<w:styles xmlns:w="{NAMESPACE}"><w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="4"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="I"><w:basedOn w:val="H"/></w:style></w:styles>"""


def listed(text: str, number: str = "", level: str = "0", style: str = "") -> str:
    list_of = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>' if number else ""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{styled}{list_of}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_automatic_numbers_are_counted_as_word_counts_and_written_in_front_with_a_note(tmp_path) -> None:
    xml = listed(HEADS[4]) + "".join(
        listed(f"段{n}", number, level)
        for n, (number, level) in enumerate([("1", "0"), ("1", "1"), ("1", "1"), ("1", "2"), ("1", "0"), ("1", "1"), ("3", "0"), ("1", "0"), ("0", "0")])
    )
    prose = read_prose(body(tmp_path / "a.docx", xml, parts={"numbering.xml": LISTS}), FORM)
    assert prose.values["problems.text"] == (
        "（一）段0", "1.段1", "2.段2", "1.2.1段3", "（二）段4", "1.段5", "（九）段6", "（十）段7", "段8",
    )  # fmt: skip
    notes = [dict(one.words) for one in prose.remarks if one.code == "N111"]
    assert [(note["count"], note["raw"]) for note in notes] == [("8", "（一）段0")]


def test_a_number_that_cannot_be_told_is_queried_with_its_paragraph(tmp_path) -> None:
    xml = listed(HEADS[4]) + listed("甲", "2") + listed("乙", "99") + listed("丙", "1", "8")
    prose = read_prose(body(tmp_path / "a.docx", xml, parts={"numbering.xml": LISTS}), FORM)
    assert prose.values["problems.text"] == ("甲", "乙", "丙")
    assert [one for one in codes(prose) if one[0] == "N112"] == [("N112", "甲"), ("N112", "乙"), ("N112", "丙")]


def test_headings_whose_style_numbers_them_are_known(tmp_path) -> None:
    xml = "".join(listed(head.partition("、")[2], style="I") + listed(f"文{head}") for head in HEADS)
    prose = read_prose(body(tmp_path / "a.docx", xml, parts={"numbering.xml": LISTS, "styles.xml": STYLES}), FORM)
    assert prose.values["problems.text"] == (f"文{HEADS[4]}",)
    assert "N105" not in [code for code, _ in codes(prose)]


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五"), (100, "一百"), (101, "一百零一"), (110, "一百一十"), (1001, "一千零一"), (1010, "一千零一十"), (10_000, None)],
)
def test_chinese_numbers_are_written_as_word_writes_them(count, expected) -> None:
    assert chinese(count) == expected


def test_tracked_changes_are_read_as_accepted_and_said_once(tmp_path) -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    xml = (
        listed(HEADS[4])
        + f"<w:p>{run.format('收到')}<w:del>{run.format('5')}</w:del><w:ins>{run.format('6')}</w:ins>{run.format('件。')}</w:p>"
        + f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run.format('前半')}</w:p><w:p>{run.format('后半。')}</w:p>"
        + f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run.format('末段')}</w:p>"
    )
    prose = read_prose(body(tmp_path / "a.docx", xml), FORM)
    assert prose.values["problems.text"] == ("收到6件。", "前半后半。", "末段")
    assert [dict(one.words)["count"] for one in prose.remarks if one.code == "N113"] == ["4"]


def test_comments_pictures_and_text_boxes_are_said(tmp_path) -> None:
    drawn = "<w:p><w:r><w:drawing><blip/></w:drawing></w:r></w:p>"
    box = "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>框内</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>"
    comments = f'<w:comments xmlns:w="{NAMESPACE}"><w:comment><w:p><w:r><w:t>改一下</w:t></w:r></w:p></w:comment></w:comments>'
    prose = read_prose(body(tmp_path / "a.docx", listed(HEADS[4]) + drawn + box, parts={"comments.xml": comments}), FORM)
    assert prose.values["problems.text"] == ("框内",)
    found = {one.code: dict(one.words).get("count") for one in prose.remarks}
    assert (found["N114"], found["N116"]) == ("2", "1")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.docx", b"", "F101"),
        ("a.docx", b"plain text", "F101"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "F101"),
        ("a.docx", b"PK\x03\x04" + bytes(100), "F104"),
        ("a.md", b"\x00\x01\x02\xff", "F104"),
        ("a.md", b"x" * (20 * 2**20 + 1), "F105"),
    ],
    ids=["empty", "text", "old", "damaged", "binary", "large"],
)
def test_a_file_that_is_no_prose_is_refused_with_a_code(tmp_path, name, content, code) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ProseError) as caught:
        read_prose(tmp_path / name, FORM)
    assert caught.value.code == code
    assert caught.value.detail


def test_a_missing_file_is_refused_with_a_code(tmp_path) -> None:
    with pytest.raises(ProseError) as caught:
        read_prose(tmp_path / "none.docx", FORM)
    assert caught.value.code == "F109"


def test_a_workbook_is_no_word_file(tmp_path) -> None:
    book = tmp_path / "a.docx"
    xlsxwriter.Workbook(book).close()
    with pytest.raises(ProseError) as caught:
        read_prose(book, FORM)
    assert caught.value.code == "F101"


@pytest.mark.parametrize(
    ("xml", "head", "code"),
    [
        ("<w:p/>", '<!DOCTYPE x [<!ENTITY a "b">]>', "F104"),
        ("<w:p>" * 100_000, "", "F104"),
        ("<w:p><w:r>", "", "F104"),
        (" " * (8 * 2**20), "", "F105"),
        ("<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 20_001, "", "F105"),
    ],
    ids=["doctype", "deep", "torn", "bomb", "long"],
)
def test_a_hostile_word_file_is_refused(tmp_path, xml, head, code) -> None:
    with pytest.raises(ProseError) as caught:
        read_prose(body(tmp_path / "a.docx", xml, head), FORM)
    assert caught.value.code == code


def test_a_document_type_is_refused_in_any_encoding(tmp_path) -> None:
    content = f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><w:document xmlns:w="{NAMESPACE}"/>'.encode("utf-16")
    body(tmp_path / "a.docx", "")
    with zipfile.ZipFile(tmp_path / "a.docx") as source, zipfile.ZipFile(tmp_path / "b.docx", "w") as copy:
        copy.writestr("_rels/.rels", source.read("_rels/.rels"))
        copy.writestr("word/document2.xml", content)
    with pytest.raises(ProseError):
        read_prose(tmp_path / "b.docx", FORM)


def test_a_damaged_word_file_never_ends_in_another_error(tmp_path) -> None:
    whole = word(tmp_path / "a.docx", full()).read_bytes()
    for step in range(0, len(whole), 331):
        torn = bytearray(whole)
        torn[step] ^= 0xFF
        (tmp_path / "b.docx").write_bytes(torn)
        with contextlib.suppress(ProseError):
            read_prose(tmp_path / "b.docx", FORM)


def written(tmp_path, text: str):
    path = tmp_path / "prose.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_heading_that_the_form_does_not_have_is_an_error_and_its_text_goes_nowhere_else(tmp_path):
    text = "## 一、总体情况\n### （二）依申请公开\n收到申请2件。\n## 五、存在的主要问题及改进\n问题一。\n七、附则\n"
    prose = read_prose(written(tmp_path, text), FORM)
    unknown = [dict(remark.words)["raw"] for remark in prose.remarks if remark.code == "N105"]
    assert unknown == ["五、存在的主要问题及改进", "七、附则"]


def test_a_table_among_prose_is_an_error_and_one_in_a_table_section_is_not(tmp_path):
    text = "## 二、主动公开政府信息情况\n| a | 1 |\n|---|---|\n## 五、存在的主要问题及改进情况\n问题。\n| 项目 | 99 |\n|---|---|\n"
    prose = read_prose(written(tmp_path, text), FORM)
    assert [dict(remark.words)["raw"] for remark in prose.remarks if remark.code == "N106"] == ["| 项目 | 99 |"]
    document = docx.Document()
    document.add_paragraph("五、存在的主要问题及改进情况", style="Heading 1")
    document.add_paragraph("问题。")
    document.add_table(1, 2).cell(0, 0).text = "漏掉的表 123"
    document.save(tmp_path / "a.docx")
    remarks = read_prose(tmp_path / "a.docx", FORM).remarks
    assert [dict(remark.words)["raw"] for remark in remarks if remark.code == "N106"] == ["漏掉的表 123"]


def test_the_title_of_a_prose_file_is_noted_and_does_not_replace_the_preface(tmp_path):
    prose = read_prose(written(tmp_path, "# 总标题\n## 一、总体情况\n### （一）主动公开\n文字。\n"), FORM)
    assert FORM.preface.id not in prose.values
    assert [dict(remark.words)["raw"] for remark in prose.remarks if remark.code == "N107"] == ["总标题"]
