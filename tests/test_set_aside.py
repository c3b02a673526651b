"""Sheets that no mark goes to do not pass through openpyxl: in a marked copy they are what they were."""

import io
import re
import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment

from test_marking import CONTENT, FINDINGS, HEADING, MARKED, REQUESTS, REVIEW, everything, one, opened, repacked
from xl2report.workbook.cached import sheet_parts
from xl2report.workbook.losses import unpacked
from xl2report.workbook.marking import marked
from xl2report.workbook.set_aside import put_in_place, set_aside

PARTS = unpacked(CONTENT)
SHEETS = sheet_parts(PARTS)


def aside_of(content: bytes, *wanted: str) -> set[str]:
    parts = unpacked(content)
    return set(set_aside(parts, sheet_parts(parts), wanted).sheets)


def test_a_sheet_without_marks_comes_back_byte_for_byte_but_for_its_tab_and_its_shared_texts():
    copy = unpacked(marked(CONTENT, one(REQUESTS, "E9"), HEADING))
    found = sheet_parts(copy)
    for name in SHEETS.keys() - {REQUESTS}:
        before = re.sub(rb' tabSelected="1"', b"", PARTS[SHEETS[name]])
        skeletons = [re.sub(rb' t="(?:s|inlineStr)">(?:<v>[0-9]+</v>|<is>.*?</is>)', b' t="s">', xml, flags=re.DOTALL) for xml in (before, copy[found[name]])]
        assert skeletons[0] == skeletons[1], name
    texts = [{cell.coordinate: cell.value for row in opened(content)["校验"].iter_rows() for cell in row} for content in (CONTENT, MARKED)]
    assert texts[0] == texts[1]


def test_marked_copies_open_with_the_list_selected_and_no_other_sheet():
    for content in (MARKED, marked(CONTENT, one(REVIEW, "B9"), HEADING)):
        assert [sheet.title for sheet in opened(content).worksheets if sheet.sheet_view.tabSelected] == ["问题清单"]


def edited(change) -> bytes:
    book = opened(CONTENT)
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def raw(change) -> bytes:
    return repacked(CONTENT, {SHEETS[REVIEW]: change})


@pytest.mark.parametrize(
    "content",
    [
        edited(lambda book: setattr(book[REVIEW]["B9"], "comment", Comment("甲", "乙"))),
        edited(lambda book: setattr(book[REVIEW]["B9"], "hyperlink", "https://example.com/")),
        edited(lambda book: setattr(book[REVIEW].auto_filter, "ref", "B8:P9")),
        raw(lambda xml: xml.replace(b"<sheetData>", b"<!-- <sheetData> --><sheetData>")),
        raw(lambda xml: xml.replace(b' t="s"', b" t='s'", 1)),
        raw(lambda xml: re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", xml).replace(b"xmlns=", b"xmlns:x=")),
        raw(lambda xml: re.sub(rb'( t="s"[^>]*>)<v>[0-9]+</v>', rb"\1<v>99999</v>", xml, count=1)),
        repacked(CONTENT, {"xl/sharedStrings.xml": lambda xml: xml.replace(b"<sst ", b'<sst xmlns:y="urn:y" ')}),
    ],
    ids=["comment", "link", "filter", "xml comment", "quotes", "prefix", "no such text", "texts with prefixes"],
)
def test_what_cannot_simply_come_back_goes_the_long_way(content):
    assert REVIEW in aside_of(CONTENT, REQUESTS)
    assert REVIEW not in aside_of(content, REQUESTS)


def test_wanted_sheets_stay_and_what_is_put_in_place_has_its_texts_and_its_tab():
    aside = set_aside(PARTS, SHEETS, {REQUESTS})
    assert set(aside.sheets) == SHEETS.keys() - {REQUESTS}
    assert b"<row" not in aside.parts[SHEETS[REVIEW]]
    assert aside.parts[SHEETS[REQUESTS]] == PARTS[SHEETS[REQUESTS]]
    written = {**aside.parts}
    put_in_place(written, SHEETS, aside, [REVIEW])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, part in written.items():
            package.writestr(name, part)
    before, after = openpyxl.load_workbook(io.BytesIO(CONTENT)), openpyxl.load_workbook(io.BytesIO(buffer.getvalue()))
    for sheet in before:
        assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [[cell.value for cell in row] for row in after[sheet.title].iter_rows()]
    assert [sheet.title for sheet in after if sheet.sheet_view.tabSelected] == [REVIEW]


def test_marks_on_every_sheet_go_away_again():
    everywhere = tuple(finding for name in SHEETS if name != "_meta" for finding in one(name, "B2"))
    copy = marked(CONTENT, everywhere, HEADING)
    assert {sheet.title for sheet in opened(copy) if sheet["B2"].comment} == SHEETS.keys() - {"_meta"}
    assert everything(marked(copy, FINDINGS, HEADING)) == everything(MARKED)


def test_a_text_under_a_merged_area_stays_there_and_so_do_validations_of_any_kind():
    def change(xml: bytes) -> bytes:
        xml = re.sub(rb'(<c r="D34"[^>]*)/>', rb'\1 t="inlineStr"><is><t>a</t></is></c>', xml)
        return xml.replace(b"<dataValidation ", b'<dataValidation imeMode="off" xr:uid="{00000000-0000-0000-0000-000000000000}" ', 1).replace(b"<worksheet ", b'<worksheet xmlns:xr="urn:xr" ')

    content = repacked(CONTENT, {SHEETS[REQUESTS]: change})
    copy = unpacked(marked(content, one(REQUESTS, "E9"), HEADING))
    xml = copy[sheet_parts(copy)[REQUESTS]]
    assert re.search(rb'<c r="D34"[^>]*t="inlineStr"><is><t>a</t></is></c>', xml)
    validations = [re.search(rb"<dataValidations.*</dataValidations>", part, re.DOTALL)[0] for part in (unpacked(content)[SHEETS[REQUESTS]], xml)]
    assert re.sub(rb' xr:uid="[^"]*"', b"", validations[0]) == validations[1]
    assert b"xr:" not in validations[1]
    assert validations[1].count(b'imeMode="off"') == 1


def test_validations_with_attributes_from_elsewhere_go_the_long_way():
    def change(xml: bytes) -> bytes:
        return xml.replace(b"<dataValidation ", b'<dataValidation z:a="1" ', 1).replace(b"<worksheet ", b'<worksheet xmlns:z="urn:z" ')

    parts = unpacked(repacked(CONTENT, {SHEETS[REQUESTS]: change}))
    assert REQUESTS not in set_aside(parts, SHEETS, {REQUESTS}).validations
    assert REQUESTS in set_aside(PARTS, SHEETS, {REQUESTS}).validations
    assert opened(marked(repacked(CONTENT, {SHEETS[REQUESTS]: change}), one(REQUESTS, "E9"), HEADING))[REQUESTS]["E9"].comment
