"""Marked returns: every finding in its cell and in the list, everything else of the workbook as it was, marks that go away."""

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import GradientFill, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.xml.functions import tostring

import xl2report
from xl2report.checks.findings import Finding, FoundCell
from xl2report.shipped import folder
from xl2report.submission import Place
from xl2report.workbook.book import read_book
from xl2report.workbook.cached import sheet_parts, stored_sheet
from xl2report.workbook.losses import MAIN, REASONS, CannotMark, unpacked, xml
from xl2report.workbook.mark_words import COLOURS, GLYPHS, LIST_SHEET, MARK, MARKS_STAMP, box
from xl2report.workbook.marking import marked

FAULTY = folder("samples") / "faulty-2023" / "filled.xlsx"
CONTENT = FAULTY.read_bytes()
FINDINGS = xl2report.check(FAULTY).findings
HEADING = ("示例县林业局 2023", "× 不通过　错误 9 处，疑问 1 处，提示 2 条")
REQUESTS, REVIEW, PUBLISHED = "三、收到和处理申请", "四、复议和诉讼", "二、主动公开"
RETURNED = Path(__file__).resolve().parents[2] / "shared" / "data" / "returned"
RANKS = ("error", "query", "note")


def opened(content: bytes, **options):
    return openpyxl.load_workbook(io.BytesIO(content), rich_text=True, **options)


def edited(change, content: bytes = CONTENT) -> bytes:
    book = opened(content)
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(content: bytes, parts: dict) -> bytes:
    """The package with parts added, or changed by a function from bytes to bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            change = parts.get(name, lambda part: part)
            target.writestr(name, change(source.read(name)) if callable(change) else change)
        for name in parts.keys() - set(source.namelist()):
            target.writestr(name, parts[name])
    return buffer.getvalue()


def one(sheet: str, *cells: str, severity: str = "error", raw: str = "甲") -> tuple[Finding, ...]:
    return (Finding("V300", severity, tuple(FoundCell(Place(sheet, cell), raw) for cell in cells), words=(("raw", raw),)),)


def list_rows(content: bytes) -> list[tuple[str, ...]]:
    sheet = opened(content).worksheets[0]
    rows = [[str(cell.value or "") for cell in row] for row in sheet.iter_rows(min_col=2, max_col=10)]
    header = next(n for n, row in enumerate(rows) if row[0] in ("序号", "no."))
    return [tuple(row) for row in rows[header + 1 :] if row[0]]


def style_of(cell) -> tuple:
    return tuple(repr(part) for part in (cell.font, cell.border, cell.alignment, cell.number_format, cell.protection))


def words(part) -> str:
    return tostring(part.to_tree(part.tagname)).decode() if hasattr(part, "to_tree") else repr(part)


def everything(content: bytes) -> dict:
    """Whatever a person could miss: by sheet its cells, styles, comments and settings; names and properties of the book."""
    book, results = opened(content), opened(content, data_only=True)
    found: dict = {"names": {name: value.attr_text for name, value in book.defined_names.items()}, "active": book.active.title}
    found["properties"] = [(item.name, item.value) for item in book.custom_doc_props.props]
    found["core"] = [getattr(book.properties, name) for name in ("creator", "title", "description", "created", "modified")]
    for sheet in book.worksheets:
        cells = {}
        for place, cell in sheet._cells.items():
            note = cell.comment and (cell.comment.text, cell.comment.author)
            kept = (str(cell.value), results[sheet.title].cell(*place).value, style_of(cell), repr(cell.fill), note)
            if cell.value is not None or cell.has_style or note:
                cells[cell.coordinate] = kept
        found[sheet.title] = {
            "cells": cells,
            "settings": [
                words(part) for part in (
                    sheet.protection, sheet.freeze_panes, sheet.page_setup, sheet.page_margins, sheet.print_area, sheet.print_title_rows,
                    sheet.sheet_state, sheet.HeaderFooter, sheet.sheet_properties, sheet.views, sorted(map(str, sheet.merged_cells.ranges)),
                    *(words(one) + words(one.dxf) for each in sheet.conditional_formatting for one in each.rules), sheet.data_validations,
                    [str(each.sqref) for each in sheet.conditional_formatting],
                    {row: (line.height, line.hidden) for row, line in sheet.row_dimensions.items() if line.height or line.hidden},
                    {column: (line.width, line.hidden, line.min, line.max) for column, line in sheet.column_dimensions.items()},
                )
            ],
        }  # fmt: skip
    return found


def drawn(element) -> tuple:
    """An element of the styles without what says nothing."""
    children = tuple(part for part in map(drawn, element) if part[1:] != ((), ()))
    return element.tag, tuple(sorted((key, value) for key, value in element.items() if value not in ("0", "general"))), children


def raw_styles(content: bytes) -> dict:
    """The border, the lock and the alignment of every cell, those under merged areas too, read without openpyxl."""
    parts = unpacked(content)
    styles = xml(parts, "xl/styles.xml")
    borders = [drawn(border) for border in styles.iterfind(f"{MAIN}borders/{MAIN}border")]
    looks = [
        (borders[int(xf.get("borderId", 0))], tuple(drawn(part) for part in xf if drawn(part)[1:] != ((), ())),
         tuple(part.get("locked", "1") for part in xf.iter(f"{MAIN}protection")) or ("1",))
        for xf in styles.iterfind(f"{MAIN}cellXfs/{MAIN}xf")
    ]  # fmt: skip
    return {
        name: {at: looks[cell.style] for at, cell in stored_sheet(parts, part).cells.items()} for name, part in sheet_parts(parts).items()
    }


def without_marks(found: dict) -> dict:
    """The same without the list, and without fills and comments of cells that have a comment of ours."""
    bare = {key: value for key, value in found.items() if key not in (LIST_SHEET.zh, "active")}
    for name, sheet in bare.items():
        if isinstance(sheet, dict) and "cells" in sheet:
            cells = {at: (*kept[:3], None, None) if kept[4] and MARK in kept[4][0] else kept for at, kept in sheet["cells"].items()}
            settings = [re.sub(r' tabSelected="[01]"', "", setting) for setting in sheet["settings"]]
            bare[name] = {"cells": cells, "settings": settings}
    return bare


def bare_of(found: dict, marks: dict) -> dict:
    """The original with the fills and comments of the marked cells left out, as ``without_marks`` leaves them out."""
    both = {key: value for key, value in found.items() if key != "active"}
    for name, sheet in both.items():
        if isinstance(sheet, dict) and "cells" in sheet:
            cells = {at: (*kept[:3], None, None) if (name, at) in marks else kept for at, kept in sheet["cells"].items()}
            settings = [re.sub(r' tabSelected="[01]"', "", setting) for setting in sheet["settings"]]
            both[name] = {"cells": cells, "settings": settings}
    return both


MARKED = marked(CONTENT, FINDINGS, HEADING)
CELLS = {(cell.place.sheet, cell.place.cell) for finding in FINDINGS for cell in finding.cells}


# -- marks -----------------------------------------------------------------------------------------------------------


def test_every_cell_of_a_finding_wears_the_colour_of_the_worst_and_names_each_of_them():
    book = opened(MARKED)
    assert len(CELLS) > 40
    for sheet, address in CELLS:
        here = [(n, finding) for n, finding in enumerate(FINDINGS, 1) if (sheet, address) in {(c.place.sheet, c.place.cell) for c in finding.cells}]
        worst = min((finding.severity for _, finding in here), key=RANKS.index)
        cell = book[sheet][address]
        assert cell.fill.fgColor.rgb[-6:] == COLOURS[worst], address
        text = cell.comment.text
        assert text.startswith(MARK)
        said = re.findall(r"^第 (\d+) 条 (.) \w+ (\w+)：", text, re.MULTILINE)
        assert sorted(said) == sorted((str(n), GLYPHS[finding.severity], finding.code) for n, finding in here), address
        assert [GLYPHS[severity] for severity in RANKS if GLYPHS[severity] in {glyph for _, glyph, _ in said}] == list(dict.fromkeys(g for _, g, _ in said))


def test_the_worst_finding_comes_first_in_the_comment_in_whatever_order_they_are_given():
    content = marked(CONTENT, FINDINGS[::-1], HEADING)
    cell = opened(content)[REQUESTS]["K32"]
    assert cell.fill.fgColor.rgb[-6:] == COLOURS["error"]
    assert re.findall(r"^第 \d+ 条 (.) ", cell.comment.text, re.MULTILINE) == ["×", "×", "·"]
    assert [row[8] for row in list_rows(content)] == [finding.code for finding in FINDINGS[::-1]]


def test_no_other_cell_is_touched_and_nothing_else_of_the_workbook_changes():
    before, after = everything(CONTENT), everything(MARKED)
    assert {(name, at) for name, sheet in after.items() if isinstance(sheet, dict) and "cells" in sheet and name != LIST_SHEET.zh
            for at, kept in sheet["cells"].items() if kept[4]} == CELLS  # fmt: skip
    assert without_marks(after) == bare_of(before, dict.fromkeys(CELLS))


def test_stamps_locks_and_hidden_rows_and_the_meta_sheet_are_as_issued():
    before, after = opened(CONTENT), opened(MARKED)
    assert after["_meta"].sheet_state == "hidden"
    for sheet in before.worksheets:
        copy = after[sheet.title]
        assert copy["A1"].value == sheet["A1"].value
        assert copy.row_dimensions[1].hidden == sheet.row_dimensions[1].hidden
        assert copy.protection.sheet is True
        assert copy.protection.password is None
    assert after[REQUESTS]["E9"].protection.locked is False
    assert after[REQUESTS]["K11"].protection.locked is True


def test_every_cell_keeps_its_own_border_lock_and_alignment_under_merged_areas_too():
    before, after = raw_styles(CONTENT), raw_styles(MARKED)
    assert before["三、收到和处理申请"]["D34"][2] == ("0",)  # unlocked, under the merged note
    assert {name: cells for name, cells in after.items() if name != LIST_SHEET.zh} == before


def test_a_comment_says_all_on_the_first_cells_and_little_on_the_others():
    cells = [f"{get_column_letter(column)}{row}" for row in range(9, 34) for column in range(5, 11)]
    content = marked(CONTENT, one(REQUESTS, *cells, raw="长" * 300), HEADING)
    sheet = opened(content)[REQUESTS]
    assert len(cells) == 150
    assert {sheet[cell].fill.fgColor.rgb[-6:] for cell in cells} == {COLOURS["error"]}
    assert "\n→ " in sheet[cells[0]].comment.text
    assert all("→" not in sheet[cell].comment.text and len(sheet[cell].comment.text) < 100 for cell in cells[6:])
    assert opened(content).worksheets[0].max_row >= len(cells)  # every fill is remembered


def test_the_expected_value_stands_only_in_the_comment_of_the_cell_it_is_about():
    finding = next(finding for finding in FINDINGS if finding.rule == "applicants_total")
    sheet = opened(marked(CONTENT, (finding,), HEADING))[REQUESTS]
    assert [cell.place.cell for cell in finding.cells if "应为 9" in sheet[cell.place.cell].comment.text] == ["K32"]


def test_a_mark_in_a_merged_area_goes_to_its_first_cell():
    sheet = opened(marked(CONTENT, one(REQUESTS, "F34"), HEADING))[REQUESTS]
    assert "C34:K34" in map(str, sheet.merged_cells.ranges)
    assert sheet["C34"].fill.fgColor.rgb[-6:] == COLOURS["error"]
    assert MARK in sheet["C34"].comment.text


@pytest.mark.parametrize(
    ("sheet", "cell"), [("没有这张表", "B2"), (REQUESTS, ""), ("", ""), (REQUESTS, "XFE1"), (REQUESTS, "A1048577"), (REQUESTS, "c3"), ("_meta", "B11")]
)
def test_a_place_that_nobody_can_go_to_is_only_in_the_list(sheet, cell):
    content = marked(CONTENT, one(sheet, cell), HEADING)
    book = opened(content)
    assert [note for ws in book.worksheets for note in ws._cells.values() if note.comment] == []
    assert list_rows(content)[0][2] == f"{sheet} {cell}".strip()
    assert book.worksheets[0]._hyperlinks == [] or not book.worksheets[0]["D8"].hyperlink


def test_a_cell_that_was_not_there_gets_the_style_of_its_column_under_the_mark():
    def change(book):
        book[REVIEW].column_dimensions["R"].number_format = "0.00"
        book[REVIEW].column_dimensions["R"].width = 9

    sheet = opened(marked(edited(change), one(REVIEW, "R40"), HEADING))[REVIEW]
    assert sheet["R40"].number_format == "0.00"
    assert sheet["R40"].fill.fgColor.rgb[-6:] == COLOURS["error"]


def test_the_box_of_a_comment_stands_beside_its_cell_and_has_room_for_its_text():
    with zipfile.ZipFile(io.BytesIO(MARKED)) as package:
        boxes = {name: package.read(name).decode() for name in package.namelist() if name.endswith(".vml")}
    shapes = [shape for part in boxes.values() for shape in part.split("<v:shape ")[1:]]
    assert len(shapes) == len(CELLS)
    for shape in shapes:
        left, _, top, _, right, _, bottom, _ = map(int, re.search(r"<x:Anchor>([^<]+)", shape).group(1).split(", "))
        row, column = (int(re.search(f"<x:{name}>(\\d+)", shape).group(1)) for name in ("Row", "Column"))
        assert (left, top) == (column + 1, row - 1)
        assert right > left
        assert bottom > top
    assert box("短") < box("长" * 40) < box("长" * 400)


def test_boxes_stay_on_the_sheet_at_its_edge_and_beside_hidden_columns():
    def change(book):
        sheet = book[REVIEW]
        sheet.column_dimensions.group("R", "XFD", hidden=True)

    content = marked(edited(change), (*one(REVIEW, "P9"), *one(REVIEW, "XFD9"), *one(REVIEW, "XEZ1048576")), HEADING)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        part = next(package.read(name).decode() for name in package.namelist() if name.endswith(".vml"))
    anchors = [list(map(int, found.split(", "))) for found in re.findall("<x:Anchor>([^<]+)", part)]
    assert len(anchors) == 3
    assert max(anchor[4] for anchor in anchors) <= 16_383
    assert max(anchor[6] for anchor in anchors) <= 1_048_575
    assert all(anchor[0] <= anchor[4] for anchor in anchors)


# -- the list --------------------------------------------------------------------------------------------------------


def test_the_list_is_the_first_sheet_and_the_one_that_opens():
    book = opened(MARKED)
    sheet = book.worksheets[0]
    assert (sheet.title, book.active.title) == (LIST_SHEET.zh, LIST_SHEET.zh)
    assert [ws.title for ws in book.worksheets if ws.sheet_view.tabSelected] == [LIST_SHEET.zh]
    assert sheet["A1"].value == MARKS_STAMP == "xl2report|marks"
    assert sheet.row_dimensions[1].hidden
    assert sheet.column_dimensions["A"].hidden
    assert [sheet["B2"].value, sheet["B3"].value] == [f"问题清单　{HEADING[0]}", HEADING[1]]


def test_the_list_has_one_row_a_finding_in_the_order_given_with_a_link_to_its_first_cell():
    sheet = opened(MARKED).worksheets[0]
    rows = list_rows(MARKED)
    assert [row[0] for row in rows] == [str(n) for n in range(1, len(FINDINGS) + 1)]
    assert [row[1][0] for row in rows] == [GLYPHS[finding.severity] for finding in FINDINGS]
    assert [row[8] for row in rows] == [finding.code for finding in FINDINGS]
    assert [row[4] for row in rows] == [finding.message() for finding in FINDINGS]
    assert [row[7] for row in rows if row[7]] == ["9", "9"]
    links = {cell.row: cell.hyperlink.location for cell in sheet["D"] if cell.hyperlink}
    first = min(links)
    for n, finding in enumerate(FINDINGS):
        place = finding.cells[0].place
        assert links[first + n] == f"'{place.sheet}'!{place.cell}"
        assert (rows[n][2], rows[n][3]) == (f"{place.sheet} {place.cell}", " > ".join(place.item))


def test_the_list_prints_on_landscape_a4_with_its_header_on_each_page():
    sheet = opened(MARKED).worksheets[0]
    header = next(cell.row for cell in sheet["B"] if cell.value == "序号")
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (1, 0, True)
    assert sheet.print_title_rows == f"${header}:${header}"
    assert sheet.print_area.endswith(f"!$B$2:$J${header + len(FINDINGS)}")
    assert sheet.freeze_panes == f"A{header + 1}"
    assert sheet.protection.sheet is True
    assert all(sheet.column_dimensions[column].hidden for column in "LMN")


def test_a_quoted_text_is_never_a_formula_never_illegal_and_never_endless():
    raw = "=1+1\x01\ud800_x0041_" + "长" * 40_000
    cells = (FoundCell(Place(REQUESTS, "E9", ("项\x02目",)), raw),)
    finding = Finding("V300", "error", cells, words=(("raw", raw),), expected="=2")
    content = marked(CONTENT, (finding,), ("=机关\x03",))
    sheet = opened(content).worksheets[0]
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    row = list_rows(content)[0]
    assert row[6].startswith("=1+1<U+0001><U+D800>_x0041_")
    assert row[3] == "项<U+0002>目"
    assert max(map(len, row)) < 1000
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert b"_x005F_x0041_" in package.read("xl/worksheets/sheet1.xml")


def test_the_english_list_and_comments_say_the_same():
    content = marked(CONTENT, FINDINGS, HEADING, "en")
    sheet = opened(content).worksheets[0]
    assert (sheet.title, sheet["A1"].value) == (LIST_SHEET.en, MARKS_STAMP)
    assert [row[4] for row in list_rows(content)] == [finding.message("en") for finding in FINDINGS]
    comment = opened(content)[REQUESTS]["K32"].comment.text
    assert re.findall(r"^No\. (\d+) . (\w+) ", comment, re.MULTILINE) == [("4", "error"), ("7", "error"), ("11", "note")]


def test_a_sheet_of_the_agency_with_the_name_of_the_list_is_left_alone():
    def change(book):
        book.create_sheet(LIST_SHEET.zh).cell(2, 2, "自己的清单")
        book[LIST_SHEET.zh].print_area = "A1:C9"

    content = edited(change)
    book = opened(marked(content, FINDINGS, HEADING))
    assert book[LIST_SHEET.zh]["B2"].value == "自己的清单"
    assert book.worksheets[0]["A1"].value == MARKS_STAMP


# -- what is checked again ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("case", ["faulty-2023", "example-county-2023", "passing-2020"])
def test_the_marked_copy_has_the_findings_of_the_original(case, language, tmp_path):
    before = xl2report.check(folder("samples") / case / "filled.xlsx")
    path = tmp_path / "marked.xlsx"
    path.write_bytes(marked(before.content, before.findings or one(REQUESTS, "E9"), HEADING, language))
    after = xl2report.check(path)
    assert (after.findings, after.code, after.status) == (before.findings, before.code, before.status)


def test_every_cell_keeps_its_stored_result_and_every_digit():
    stored = {"K9": "7", "E11": "3.0", "E12": "0.30000000000000004", "E13": "1E2", "E14": "12345678901234567890"}

    def change(part: bytes) -> bytes:
        for address, value in stored.items():
            part, count = re.subn(rf'(<c r="{address}"[^>]*?)(?: t="str")?>((?:<f>[^<]*</f>)?)<v>[^<]*</v>'.encode(), rf"\1>\2<v>{value}</v>".encode(), part)
            assert count == 1, address
        return part

    content = repacked(CONTENT, {"xl/worksheets/sheet5.xml": change})
    before, after = read_book(content), read_book(marked(content, FINDINGS, HEADING))
    copies = {sheet.name: sheet.cells for sheet in after.sheets}
    assert {sheet.name: sheet.cells for sheet in before.sheets} == {name: cells for name, cells in copies.items() if name != LIST_SHEET.zh}
    assert {at: copies[REQUESTS][int(at[1:]) - 1, ord(at[0]) - 65].text for at in stored} == stored
    formulas = [cell for sheet in before.sheets for cell in sheet.cells.values() if cell.formula]
    assert len(formulas) > 1000
    assert {cell.kind for cell in formulas} >= {"number", "text"}


def test_a_formula_without_a_stored_result_gets_none():
    content = edited(lambda book: None)
    before, after = opened(content, data_only=True), opened(marked(content, FINDINGS, HEADING), data_only=True)
    assert before[REQUESTS]["K11"].value is None
    assert after[REQUESTS]["K11"].value is None


def test_numbers_kept_as_texts_stay_excused_and_rows_that_follow_their_content_stay_free():
    def change(part: bytes) -> bytes:
        return part.replace(b'<row r="4" spans="1:11" ht="24" customHeight="1"', b'<row r="4" ht="24"')

    content = repacked(CONTENT, {SHEET: change})
    with zipfile.ZipFile(io.BytesIO(marked(content, FINDINGS, HEADING))) as package:
        other = package.read("xl/worksheets/sheet9.xml").decode()
        requests = package.read("xl/worksheets/sheet6.xml").decode()
    assert re.search(r'<ignoredErrors><ignoredError sqref="C5 C6" numberStoredAsText="1"/></ignoredErrors>.*</worksheet>', other)
    assert 'r="4" ht="24">' in requests
    assert 'r="2" ht="30" customHeight="1">' in requests


def test_the_same_input_gives_the_same_bytes_and_no_trace_of_the_hour(monkeypatch):
    with zipfile.ZipFile(io.BytesIO(MARKED)) as package, zipfile.ZipFile(io.BytesIO(CONTENT)) as original:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in ("docProps/core.xml", "docProps/custom.xml"):
            assert package.read(name) == original.read(name)
    assert marked(CONTENT, FINDINGS, HEADING) == MARKED
    dateless = repacked(CONTENT, {"_rels/.rels": lambda part: part})
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(dateless)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in set(source.namelist()) - {"docProps/core.xml"}:
            target.writestr(name, source.read(name))
    with zipfile.ZipFile(io.BytesIO(marked(buffer.getvalue(), FINDINGS, HEADING))) as package:
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+", package.read("docProps/core.xml"))) == {b"2000-01-01T00:00:00"}


# -- marks that go away -------------------------------------------------------------------------------------------------


def test_marking_a_marked_file_gives_what_marking_the_clean_file_gives():
    assert marked(MARKED, FINDINGS, HEADING) == MARKED
    assert everything(marked(MARKED, one(REQUESTS, "E9"), HEADING)) == everything(marked(CONTENT, one(REQUESTS, "E9"), HEADING))


def test_what_somebody_typed_into_the_list_does_not_come_into_the_next_one():
    def change(book):
        for row in book[LIST_SHEET.zh].iter_rows(min_row=5, min_col=2, max_col=10):
            row[-1].value = 7

    assert list_rows(marked(edited(change, MARKED), FINDINGS, HEADING)) == list_rows(MARKED)


@pytest.mark.parametrize(("first", "second"), [("zh", "en"), ("en", "zh")])
def test_marks_in_the_other_language_are_replaced(first, second):
    again = marked(marked(CONTENT, FINDINGS, HEADING, first), FINDINGS, HEADING, second)
    assert everything(again) == everything(marked(CONTENT, FINDINGS, HEADING, second))


def test_without_findings_a_marked_file_comes_back_as_it_was_and_any_other_is_not_touched():
    assert marked(CONTENT, (), HEADING) is CONTENT
    assert everything(marked(MARKED, (), HEADING)) == everything(CONTENT)


def test_a_fill_of_any_kind_comes_back_and_one_changed_since_stays():
    def change(book):
        sheet = book[REQUESTS]
        sheet["E9"].fill = GradientFill(stop=("FF0000", "0000FF"))
        sheet["E10"].fill = PatternFill("darkGrid", fgColor="112233", bgColor="445566")
        sheet["E11"].fill = PatternFill()

    content = edited(change)
    fills = {at: repr(opened(content)[REQUESTS][at].fill) for at in ("E9", "E10", "E11")}
    copy = marked(content, one(REQUESTS, *fills), HEADING)
    assert {repr(opened(copy)[REQUESTS][at].fill) for at in fills}.isdisjoint(fills.values())
    assert {at: repr(opened(marked(copy, (), HEADING))[REQUESTS][at].fill) for at in fills} == fills
    recoloured = edited(lambda book: setattr(book[REQUESTS]["E9"], "fill", PatternFill("solid", fgColor="00FF00")), copy)
    assert opened(marked(recoloured, (), HEADING))[REQUESTS]["E9"].fill.fgColor.rgb[-6:] == "00FF00"


OWN = "张三:\n这个数已与信访办核对  \n\n【核对】完毕"


def test_a_comment_that_a_person_wrote_is_kept_before_ours_and_comes_back_exactly():
    def change(book):
        book[REQUESTS]["E9"].comment = Comment(OWN, "张三")
        book[REQUESTS]["E20"].comment = Comment("别的批注", "李四")

    content = edited(change)
    copy = marked(content, FINDINGS, HEADING)
    note = opened(copy)[REQUESTS]["E9"].comment
    assert note.author == "张三"
    assert note.text == f"{OWN}\n\n{opened(MARKED)[REQUESTS]['E9'].comment.text}"
    for again in (marked(copy, (), HEADING), marked(marked(copy, FINDINGS, HEADING, "en"), (), HEADING)):
        notes = {cell.coordinate: (cell.comment.text, cell.comment.author) for cell in opened(again)[REQUESTS]._cells.values() if cell.comment}
        assert notes == {"E9": (OWN, "张三"), "E20": ("别的批注", "李四")}


def test_a_comment_as_long_as_comments_can_be_is_left_as_it_is():
    long = "长" * 32_700
    content = marked(edited(lambda book: setattr(book[REQUESTS]["E9"], "comment", Comment(long, "张三"))), FINDINGS, HEADING)
    assert opened(content)[REQUESTS]["E9"].comment.text == long
    assert opened(content)[REQUESTS]["E9"].fill.fgColor.rgb[-6:] == COLOURS["error"]


def test_what_a_person_writes_into_a_comment_of_ours_is_kept():
    def answer(book):
        sheet = book[REQUESTS]
        sheet["E9"].comment = Comment(sheet["E9"].comment.text + "\n已与申请人核对", "张三")
        sheet["F9"].comment = Comment(sheet["F9"].comment.text.replace("→ ", "→ 不改："), "张三")

    advice = opened(MARKED)[REQUESTS]["F9"].comment.text.splitlines()[-1]
    sheet = opened(marked(edited(answer, MARKED), (), HEADING))[REQUESTS]
    assert sheet["E9"].comment.text == "已与申请人核对"
    assert sheet["F9"].comment.text == advice.replace("→ ", "→ 不改：")
    assert sheet["K11"].comment is None


def test_where_the_list_was_deleted_comments_go_replies_stay_and_so_do_the_fills():
    def change(book):
        del book[LIST_SHEET.zh]
        book[REQUESTS]["E9"].comment = Comment(book[REQUESTS]["E9"].comment.text + "\n已核对", "张三")
        book[REQUESTS]["E20"].comment = Comment("【核对】\n是我自己写的", "李四")

    book = opened(marked(edited(change, MARKED), (), HEADING))
    notes = {cell.coordinate: cell.comment.text for sheet in book.worksheets for cell in sheet._cells.values() if cell.comment}
    assert notes == {"E9": "已核对", "E20": "【核对】\n是我自己写的"}
    assert book[REQUESTS]["K11"].fill.fgColor.rgb[-6:] == COLOURS["error"]


def test_what_was_to_be_seen_first_is_to_be_seen_first_again():
    def change(book):
        book.active = book.sheetnames.index(REVIEW)
        for sheet in book.worksheets:
            sheet.sheet_view.tabSelected = sheet.title in (REVIEW, REQUESTS)
        book.views[0].firstSheet = 3

    copy = marked(edited(change), FINDINGS, HEADING)
    assert opened(copy).views[0].firstSheet == 0
    book = opened(marked(copy, (), HEADING))
    assert (book.active.title, book.views[0].firstSheet) == (REVIEW, 3)
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == [REQUESTS, REVIEW]


# -- what cannot be marked -----------------------------------------------------------------------------------------------

SHEET = "xl/worksheets/sheet5.xml"
TYPES = "[Content_Types].xml"


def typed(part: str, content_type: str):
    """A part under a content type of its own."""
    override = f'<Override PartName="/{part}" ContentType="{content_type}"/></Types>'.encode()
    return {part: b"<x/>", TYPES: lambda old: old.replace(b"</Types>", override)}


def in_sheet(element: str, before: str = "</worksheet>"):
    return {SHEET: lambda part: part.replace(before.encode(), element.encode() + before.encode())}


def extension(uri: str) -> dict:
    return in_sheet(f'<extLst><ext uri="{uri}"/></extLst>')


MAIN_SPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NOTE_ON_ALL = b'<comments xmlns="%s"><commentList><comment ref="A1:XFD1048576"/></commentList></comments>' % MAIN_SPACE
OFFICE = "application/vnd.openxmlformats-officedocument."
RELATION = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId9"'


@pytest.mark.parametrize(
    ("reason", "parts"),
    [
        ("pictures", typed("xl/media/image1.png", "image/png")),
        ("pictures", typed("xl/cellimages.xml", "application/vnd.wps-officedocument.cellimage+xml")),
        ("pictures", in_sheet(f"<picture {RELATION}/>")),
        ("charts", typed("xl/charts/chart1.xml", OFFICE + "drawingml.chart+xml")),
        ("charts", typed("xl/chartsheets/sheet1.xml", OFFICE + "spreadsheetml.chartsheet+xml")),
        ("drawings", typed("xl/drawings/drawing1.xml", OFFICE + "drawing+xml")),
        ("drawings", in_sheet(f"<drawing {RELATION}/>")),
        ("macros", typed("xl/vbaProject.bin", "application/vnd.ms-office.vbaProject")),
        ("macros", {TYPES: lambda part: part.replace(b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")}),
        ("controls", typed("xl/ctrlProps/ctrlProp1.xml", "application/vnd.ms-excel.controlproperties+xml")),
        ("controls", {**typed("xl/drawings/vmlDrawing1.vml", OFFICE + "vmlDrawing"), "xl/drawings/vmlDrawing1.vml": b'<xml><x:ClientData ObjectType="Button"/></xml>'}),
        ("embedded", typed("xl/embeddings/oleObject1.bin", OFFICE + "oleObject")),
        ("pivots", typed("xl/pivotTables/pivotTable1.xml", OFFICE + "spreadsheetml.pivotTable+xml")),
        ("slicers", typed("xl/slicers/slicer1.xml", "application/vnd.ms-excel.slicer+xml")),
        ("slicers", extension("{A8765BA9-456A-4dab-B4F3-ACF838C121DE}")),
        ("threaded-comments", typed("xl/threadedComments/threadedComment1.xml", "application/vnd.ms-excel.threadedcomments+xml")),
        ("external-links", typed("xl/externalLinks/externalLink1.xml", OFFICE + "spreadsheetml.externalLink+xml")),
        ("custom-xml", typed("customXml/item1.xml", "application/xml")),
        ("validations", extension("{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}")),
        ("formats", extension("{78C0D931-6437-407d-A8EE-F0AAD7539E65}")),
        ("sparklines", extension("{05C60535-1F16-4fd2-B633-F4F36F0B64E0}")),
        ("ranges", in_sheet('<protectedRanges><protectedRange sqref="E9" name="a"/></protectedRanges>', "<mergeCells")),
        ("views", in_sheet("<customSheetViews/>", "<mergeCells")),
        ("phonetic", {"xl/sharedStrings.xml": lambda part: part.replace(b"</si>", b'<rPh sb="0" eb="1"><t>a</t></rPh></si>', 1)}),
        ("other", extension("{00000000-0000-0000-0000-000000000000}")),
        ("other", typed("xl/metadata.xml", OFFICE + "spreadsheetml.sheetMetadata+xml")),
        ("other", in_sheet("<dataConsolidate/>", "<mergeCells")),
        ("other", {"xl/secret.bin": b"x"}),
        ("not-opened", {SHEET: lambda part: part.replace(b"openxmlformats.org/spreadsheetml/2006/main", b"example.org/strict")}),
        ("not-opened", {SHEET: lambda part: part[:-20]}),
        ("not-opened", {SHEET: lambda part: part.replace(b"<worksheet", b"<!DOCTYPE a><worksheet", 1)}),
        ("not-opened", {SHEET: lambda part: re.sub(rb'(<c r="E11"[^>]*><v>)', rb"\1x", part)}),
        ("changed", {SHEET: lambda part: re.sub(rb'(<c r="K11" s="\d+")><f>([^<]*)</f><v>[^<]*</v>', rb'\1 t="s"><f>\2</f><v>0</v>', part)}),
        ("changed", {"xl/workbook.xml": lambda part: part.replace(b"</definedNames>", b'<definedName name="_xlnm.Criteria" localSheetId="4">\'_meta\'!$A$1</definedName></definedNames>')}),
        ("changed", {"xl/workbook.xml": lambda part: re.sub(rb"(<definedName name=.x2r_stamp.>[^<]*</definedName>)", rb"\1\1", part)}),
        ("changed", {"xl/_rels/workbook.xml.rels": lambda part: part.replace(b"/worksheet\" Target=\"worksheets/sheet4", b"/other\" Target=\"worksheets/sheet4")}),
        ("not-opened", {SHEET: lambda part: part.replace(b' s="11"', b' s="x"')}),
        ("not-opened", {SHEET: lambda part: part.replace(b'ref="C34:K34"', b'ref="C34:XFD1048576"')}),
        ("not-opened", in_sheet('<hyperlinks><hyperlink ref="A1:XFD1048576" location="A1"/></hyperlinks>', "<pageMargins")),
        ("not-opened", {**typed("xl/comments1.xml", OFFICE + "spreadsheetml.comments+xml"), "xl/comments1.xml": NOTE_ON_ALL}),
    ],
)  # fmt: skip
def test_a_workbook_that_would_lose_something_is_not_marked(reason, parts):
    content = repacked(CONTENT, parts)
    assert content != repacked(CONTENT, {})
    with pytest.raises(CannotMark) as refused:
        marked(content, FINDINGS, HEADING)
    assert refused.value.reason == reason
    assert refused.value.message("zh") == REASONS[reason].zh
    assert refused.value.message("en") == REASONS[reason].en


def test_every_reason_is_told_in_the_order_of_the_table():
    parts = {**typed("xl/media/image1.png", "image/png"), **in_sheet(f"<drawing {RELATION}/>")}
    with pytest.raises(CannotMark) as refused:
        marked(repacked(CONTENT, parts), FINDINGS, HEADING)
    assert refused.value.reason == "pictures"


@pytest.mark.parametrize(
    "parts",
    [
        typed("xl/calcChain.xml", OFFICE + "spreadsheetml.calcChain+xml"),
        typed("xl/printerSettings/printerSettings1.bin", OFFICE + "spreadsheetml.printerSettings"),
        typed("docProps/thumbnail.jpeg", "image/jpeg"),
        in_sheet('<phoneticPr fontId="1" type="noConversion"/>', "<dataValidations"),
        {"xl/workbook.xml": lambda part: part.replace(b"</workbook>", b'<extLst><ext uri="{B58B0392-4F1F-4190-BB64-5DF3571DCE5F}"/></extLst></workbook>')},
    ],
)  # fmt: skip
def test_what_may_be_lost_without_harm_does_not_stand_in_the_way(parts):
    content = repacked(CONTENT, parts)
    assert opened(marked(content, FINDINGS, HEADING))[REQUESTS]["E9"].comment
    assert content != repacked(CONTENT, {})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>", CONTENT[:5000]])
def test_what_is_no_workbook_at_all_cannot_be_marked(content):
    with pytest.raises(CannotMark) as refused:
        marked(content, FINDINGS, HEADING)
    assert refused.value.reason == "not-opened"


# -- files of other programs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(RETURNED.glob("*.xlsx")) or [None], ids=lambda path: path.stem if path else "absent")
def test_a_workbook_saved_by_wps_or_excel_is_marked_with_every_cell_kept_or_refused(path):
    if path is None:
        pytest.skip("no returned files here")
    content = path.read_bytes()
    refused = {"VSME-Digital-Template-Sample-1.3.0": "pictures", "wps_image": "pictures", "wps_fn": "other"}
    if path.stem in refused:
        with pytest.raises(CannotMark, match=refused[path.stem]):
            marked(content, one("Sheet1", "C3"), HEADING)
        return
    book = read_book(content)
    first = book.sheets[0].name
    copy = marked(content, one(first, "C3"), HEADING)
    assert [cell.comment.text.count(MARK) for cell in opened(copy)[first]._cells.values() if cell.comment] == [1]
    back = {sheet.name: sheet.cells for sheet in read_book(marked(copy, (), HEADING)).sheets}
    for sheet in book.sheets:  # a shared formula is written out in each of its cells
        assert {at: raw[:2] for at, raw in back[sheet.name].items()} == {at: raw[:2] for at, raw in sheet.cells.items()}


@pytest.mark.libreoffice
def test_a_marked_copy_saved_by_libreoffice_keeps_its_marks_and_findings_and_can_be_marked_again(tmp_path, soffice):
    path = tmp_path / "marked.xlsx"
    path.write_bytes(MARKED)
    soffice(path, "xlsx", tmp_path / "saved")
    saved = tmp_path / "saved" / "marked.xlsx"
    after = xl2report.check(saved)
    assert [(f.code, f.rule, [cell.place for cell in f.cells]) for f in after.findings] == [
        (f.code, f.rule, [cell.place for cell in f.cells]) for f in FINDINGS
    ]
    book = opened(saved.read_bytes())
    assert book.worksheets[0]["A1"].value == MARKS_STAMP
    for sheet, address in CELLS:
        cell = book[sheet][address]
        assert cell.fill.fgColor.rgb[-6:] in COLOURS.values()
        assert MARK in cell.comment.text
    again = opened(marked(saved.read_bytes(), FINDINGS, HEADING))
    assert [sheet.title for sheet in again.worksheets].count(LIST_SHEET.zh) == 1
    assert {cell.comment.text.count(MARK) for sheet in again.worksheets for cell in sheet._cells.values() if cell.comment} == {1}
    clean = opened(marked(saved.read_bytes(), (), HEADING))
    assert [cell for sheet in clean.worksheets for cell in sheet._cells.values() if cell.comment] == []
    assert clean[REQUESTS]["E9"].fill.fgColor.rgb[-6:] == "FFFFE0"
    assert clean[REQUESTS]["E9"].protection.locked is False
