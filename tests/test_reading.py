"""Reading back: the same figures whatever program saved them, and one clear finding for what is not ours."""

import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

import xl2report
from xl2report.checked import read_workbook
from xl2report.shipped import folder
from xl2report.workbook.package import FILE_LIMIT
from xl2report.workbook.plan import plan

FORM = xl2report.load_form("disclosure-2021")
PLACES = plan(FORM).places
SAMPLES = sorted(folder("samples").glob("*/filled.xlsx"))


def values(content: bytes) -> dict[str, object]:
    return {name: entry.value for name, entry in read_workbook(content)[1].entries.items() if not entry.formula}


def edited(source: Path, target: Path, change) -> Path:
    book = openpyxl.load_workbook(source)
    change(book)
    book.save(target)
    return target


def codes(result) -> list[tuple[str, str]]:
    return [(finding.code, finding.cells[0].place.cell if finding.cells else "") for finding in result.findings]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
@pytest.mark.libreoffice
def test_a_workbook_saved_by_libreoffice_holds_the_same_values(path, tmp_path, soffice):
    soffice(path, "xlsx", tmp_path)
    saved = (tmp_path / path.name).read_bytes()
    assert values(saved) == values(path.read_bytes())
    before, after = xl2report.check(path), xl2report.check(tmp_path / path.name)
    assert after.code == before.code
    assert [(f.code, f.rule) for f in after.findings] == [(f.code, f.rule) for f in before.findings]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_a_workbook_saved_by_openpyxl_holds_the_same_values(path, tmp_path):
    saved = edited(path, tmp_path / "saved.xlsx", lambda book: None)
    assert values(saved.read_bytes()) == values(path.read_bytes())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_every_value_read_is_the_one_openpyxl_sees_in_that_cell(path):
    submission = read_workbook(path.read_bytes())[1]
    book = openpyxl.load_workbook(path, data_only=True)
    for entry in submission.entries.values():
        seen = book[entry.place.sheet][entry.place.cell].value
        if isinstance(entry.value, tuple):
            assert seen == entry.value[0]
        elif entry.raw.kind == "number":
            assert Decimal(str(seen)) == Decimal(entry.raw.text)
        else:
            assert (seen or "") == entry.raw.text


SAMPLE = folder("samples") / "example-county-2023" / "filled.xlsx"


def test_a_total_typed_over_its_formula_is_noted_with_both_figures(tmp_path):
    at = PLACES["requests.handled.natural"]
    path = edited(SAMPLE, tmp_path / "a.xlsx", lambda book: book[at.sheet][at.cell].__setattr__("value", 3))
    result = xl2report.check(path)
    note = next(finding for finding in result.findings if finding.code == "S201")
    assert (note.severity, note.expected, note.cells[0].place.cell, note.cells[0].value) == ("note", "2", at.cell, "3")
    broken = {finding.rule for finding in result.findings if finding.severity == "error"}
    assert broken == {"balance", "handled_total"}  # K32 keeps its formula and follows E32


def test_totals_saved_without_results_are_computed_again_with_one_note(tmp_path):
    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", lambda book: None))
    assert [(f.code, len(f.cells)) for f in result.findings] == [("S202", 34)]
    assert result.code == xl2report.check(SAMPLE).code


def test_a_stale_result_is_noted_and_not_believed(tmp_path):
    def stale(part: bytes) -> bytes:
        return re.sub(rb'(<c r="K9"[^>]*><f>[^<]*</f><v>)2(</v>)', rb"\g<1>7\2", part)

    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(SAMPLE) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, stale(source.read(name)))
    result = xl2report.check(path)
    assert codes(result) == [("S203", "K9")]
    assert result.status == "pass"
    assert dict(result.findings[0].words) == {"cached": "7", "computed": "2"}


def test_a_formula_in_an_input_counts_with_a_note(tmp_path):
    content = SAMPLE.read_bytes()
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, re.sub(rb'(<c r="E9" s="\d+">)<v>2</v>', rb"\1<f>1+1</f><v>2</v>", part))
    result = xl2report.check(path)
    assert codes(result) == [("S204", "E9")]
    assert "=1+1" in result.findings[0].message("zh")


def test_inserted_rows_and_renamed_and_reordered_sheets_do_not_move_a_figure(tmp_path):
    def change(book):
        sheet = book["五、问题及改进"]
        sheet.insert_rows(6)
        sheet["C6"] = "插入行里的一段"
        book["二、主动公开"].title = "表二"
        book.move_sheet("四、复议和诉讼", -3)

    path = edited(SAMPLE, tmp_path / "a.xlsx", change)
    before, after = values(SAMPLE.read_bytes()), values(path.read_bytes())
    assert "S105" in {finding.code for finding in xl2report.check(path).findings}
    assert len(after["problems.text"]) == len(before["problems.text"]) + 1
    assert {k: v for k, v in after.items() if k != "problems.text"} == {k: v for k, v in before.items() if k != "problems.text"}


def test_a_changed_label_is_an_error_at_that_cell(tmp_path):
    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", lambda book: book["三、收到和处理申请"].__setitem__("D13", "其他")))
    assert ("S103", "D13") in codes(result)
    assert result.status == "fail"


def test_swapped_ids_of_two_rows_are_errors_at_both_labels(tmp_path):
    def change(book):
        sheet = book["三、收到和处理申请"]
        sheet["A13"], sheet["A14"] = sheet["A14"].value, sheet["A13"].value

    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", change))
    assert {("S103", "D13"), ("S103", "D14")} <= set(codes(result))


def test_names_stand_in_for_a_deleted_id_but_a_doubled_id_and_a_deleted_sheet_are_errors(tmp_path):
    def change(book):
        book["三、收到和处理申请"]["A13"] = None
        book["二、主动公开"]["A13"] = "licence"
        del book["四、复议和诉讼"]

    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", change))
    found = codes(result)
    named = next(finding for finding in result.findings if finding.code == "S112")
    assert [cell.place.cell for cell in named.cells] == [f"{column}13" for column in "EFGHIJK"]
    assert ("S101", "") in found
    assert result.status == "fail"


def test_an_explanation_typed_beside_a_query_travels_with_it(tmp_path):
    def change(book):
        sheet = book["二、主动公开"]
        sheet[PLACES["proactive.normative.issued"].cell] = 9
        checks = book["校验"]
        row = next(row for row in range(1, 80) if checks.cell(row, 1).value == "in_force:normative")
        checks.cell(row, 12).value = "含上年清理结转"

    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", change))
    query = next(finding for finding in result.findings if finding.rule == "in_force")
    assert (query.severity, query.explained, query.stands) == ("query", "含上年清理结转", False)
    assert result.status == "pass"


# -- not ours, not readable -------------------------------------------------------------------------------------------


def package(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return buffer.getvalue()


def foreign() -> bytes:
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    return buffer.getvalue()


def restamped(before: bytes, after: bytes) -> bytes:
    with zipfile.ZipFile(SAMPLE) as source:
        return package({name: source.read(name).replace(before, after) for name in source.namelist()})


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
REFUSED = {
    "empty": (b"", "F101"),
    "text": (b"hello", "F101"),
    "page": (b"<html><table><tr><td>1</td></tr></table></html>", "F101"),
    "pdf": (b"%PDF-1.7", "F101"),
    "zip": (package({"a.txt": b"a"}), "F101"),
    "docx": (package({"[Content_Types].xml": b"<x/>", "_rels/.rels": b'<R><r Type="a/officeDocument" Target="word/document.xml"/></R>', "word/document.xml": b"<x/>"}), "N118"),  # no table of a form in it
    "encrypted": (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "F102"),
    "old": (OLE + b"\0" * 600, "F101"),
    "truncated": (SAMPLE.read_bytes()[:20_000], "F104"),
    "dtd": (restamped(b"<worksheet ", b"<!DOCTYPE x><worksheet "), "F104"),
    "too-large": (b"PK\x03\x04" + b"\0" * FILE_LIMIT, "F105"),
    "foreign": (foreign(), "F106"),
    "unknown-form": (restamped(b"xl2report|disclosure-2021|1|", b"xl2report|disclosure-2099|1|"), "F108"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_gets_one_finding(name, tmp_path):
    content, code = REFUSED[name]
    path = tmp_path / "填报.xlsx"
    path.write_bytes(content)
    result = xl2report.check(path)
    assert [finding.code for finding in result.findings] == [code]
    assert result.status == "unreadable"
    for language in ("zh", "en"):
        assert "{" not in result.findings[0].message(language) + result.findings[0].fix(language)


def test_a_workbook_of_another_version_is_an_error_and_read_all_the_same(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(restamped(b"xl2report|disclosure-2021|1|", b"xl2report|disclosure-2021|9|"))
    result = xl2report.check(path)
    assert ([finding.code for finding in result.findings], result.status) == (["F107"], "fail")
    assert values(path.read_bytes()) == values(SAMPLE.read_bytes())


def test_a_missing_file_and_a_folder_get_one_finding(tmp_path):
    for path in (tmp_path / "none.xlsx", tmp_path):
        assert [finding.code for finding in xl2report.check(path).findings] == ["F109"]


def test_an_inserted_row_in_a_table_is_noted_and_moves_no_figure(tmp_path):
    def change(book):
        sheet = book["三、收到和处理申请"]
        for row in range(33, 12, -1):  # openpyxl moves cells, not merges: move ids, labels and figures by hand
            for column in range(1, 12):
                source, target = sheet.cell(row, column), sheet.cell(row + 1, column)
                if source.__class__.__name__ == "Cell" and target.__class__.__name__ == "Cell":
                    target.value = source.value
        for column in (1, 5, 6):
            sheet.cell(13, column).value = None

    path = edited(SAMPLE, tmp_path / "a.xlsx", change)
    found = [finding.code for finding in xl2report.check(path).findings]
    assert "S106" in found
    before, after = values(SAMPLE.read_bytes()), values(path.read_bytes())
    assert after["requests.state_secret.natural"] == before["requests.state_secret.natural"]


@pytest.mark.parametrize(("formula", "code"), [("<f>1+2</f>", "V105"), ("<f>1+2</f><v>3</v>", "S204")])
def test_a_formula_typed_into_an_input_is_never_taken_for_a_blank(tmp_path, formula, code):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(SAMPLE) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, re.sub(rb'(<c r="F9" s="\d+">)<v>0</v>', rb"\1" + formula.encode(), part))
    assert code in {finding.code for finding in xl2report.check(path).findings}


def test_a_total_whose_formula_was_replaced_or_deleted_is_an_error_with_the_right_figure(tmp_path):
    def change(book):
        sheet = book["三、收到和处理申请"]
        sheet["K9"] = "=SUM(E9:H9)+5"
        sheet["K11"] = None

    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", change))
    found = {finding.code: finding for finding in result.findings}
    assert dict(found["S205"].words)["computed"] == "2"
    assert (found["S206"].cells[0].place.cell, found["S206"].expected) == ("K11", "2")
    assert result.status == "fail"


def test_a_formula_that_shows_the_right_figure_is_no_finding(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(SAMPLE) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, re.sub(rb'(<c r="K9"[^>]*>)<f>[^<]*</f>', rb"\1<f>SUM(E9:J9)</f>", part))
    assert xl2report.check(path).findings == ()


def test_what_stands_outside_the_inputs_is_an_error_and_not_dropped(tmp_path):
    def change(book):
        book["五、问题及改进"]["C25"] = "格外面的一段"
        book["三、收到和处理申请"]["L9"] = 5
        book["二、主动公开"]["D30"] = 7

    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", change))
    strays = {cell.place.cell: cell.value for finding in result.findings if finding.code == "S107" for cell in finding.cells}
    assert strays == {"C25": "格外面的一段", "D30": "7", "L9": "5"}
    assert result.status == "fail"


def test_a_sheet_without_its_hidden_id_is_known_by_its_names_and_a_missing_check_sheet_is_noted(tmp_path):
    def change(book):
        book["五、问题及改进"]["A1"] = None
        del book["校验"]

    path = edited(SAMPLE, tmp_path / "a.xlsx", change)
    assert {"S109", "S112"} <= {finding.code for finding in xl2report.check(path).findings}
    assert values(path.read_bytes()) == values(SAMPLE.read_bytes())


def test_a_sheet_without_stamp_ids_and_names_is_an_error(tmp_path):
    def change(book):
        sheet = book["五、问题及改进"]
        for row in range(1, 30):
            sheet.cell(row, 1).value = None
        for name in [name for name in book.defined_names if name.startswith("x2r_f_problems")]:
            del book.defined_names[name]

    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", change))
    assert "S108" in {finding.code for finding in result.findings}
    assert result.status == "fail"


def test_the_check_code_is_a_dash_where_only_the_program_can_read_a_figure(tmp_path):
    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", lambda book: book["三、收到和处理申请"].__setitem__("F9", "０")))
    assert (result.status, result.code) == ("pass", "——")


def test_a_reference_in_prose_is_reported_at_its_own_cell(tmp_path):
    def change(book):
        book["五、问题及改进"]["C7"] = "共收到{requests.newest.total}件"

    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", change))
    assert [(f.code, f.cells[0].place.cell) for f in result.findings if f.severity == "error"] == [("N101", "C7")]


# -- hostile and odd cells ---------------------------------------------------------------------------------------------


def with_cell(part: str, at: str, cell: str) -> bytes:
    """The sample with one cell of one sheet part replaced by other XML."""
    with zipfile.ZipFile(SAMPLE) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    name = f"xl/worksheets/{part}.xml"
    pattern = rf'<c r="{at}"(?: [^>]*?)?(?:/>|>.*?</c>)'.encode()
    assert re.search(pattern, parts[name])
    parts[name] = re.sub(pattern, lambda _: cell.encode(), parts[name], count=1)
    return package(parts)


def with_part(name: str, change) -> bytes:
    with zipfile.ZipFile(SAMPLE) as source:
        return package({part: change(source.read(part)) if part == name else source.read(part) for part in source.namelist()})


AMOUNT_CELL = "C22"  # sheet4: 本年收费金额
ODD = {
    # a cell that two readings are possible of is refused, never read as one of them
    "two cells at one place": (with_cell("sheet4", AMOUNT_CELL, '<c r="C22"><v>5</v></c><c r="C22"><v>7</v></c>'), "F104"),
    "two values in one cell": (with_cell("sheet4", AMOUNT_CELL, '<c r="C22"><v>1</v><v>2</v></c>'), "F104"),
    "an element inside a value": (with_cell("sheet4", AMOUNT_CELL, '<c r="C22"><v>2<x>3</x></v></c>'), "F104"),
    "an underscore in a number": (with_cell("sheet4", AMOUNT_CELL, '<c r="C22"><v>1_0</v></c>'), "V309"),
    "foreign digits in a number": (with_cell("sheet4", AMOUNT_CELL, '<c r="C22"><v>\u0663\u0664</v></c>'), "V309"),
    "a word in a number": (with_cell("sheet2", "C11", '<c r="C11"><v>abc</v></c>'), "V309"),
    "a huge exponent": (with_cell("sheet5", "E9", '<c r="E9"><v>1E1000000</v></c>'), "V309"),
    "a number too large": (with_cell("sheet5", "E9", '<c r="E9"><v>1E300</v></c>'), "V312"),
    "a huge date": (with_cell("sheet2", "C14", '<c r="C14" s="8"><v>1E99</v></c>'), "V402"),
    "a date that is none": (with_cell("sheet2", "C14", '<c r="C14" t="d"><v>2024-13-77</v></c>'), "V309"),
    "an index that is none": (with_cell("sheet2", "C4", '<c r="C4" t="s"><v>99999999</v></c>'), "F104"),
    "an element of another namespace": (with_cell("sheet4", AMOUNT_CELL, '<x:c xmlns:x="urn:x" r="C22" t="inlineStr"><x:is><x:t>7</x:t></x:is></x:c>'), "F104"),
    "a row that is none": (with_part("xl/worksheets/sheet4.xml", lambda part: part.replace(b'<row r="9"', '<row r="²"'.encode())), "F104"),
    "a row beyond the last": (with_part("xl/worksheets/sheet4.xml", lambda part: part.replace(b'<row r="9"', b'<row r="1048577"')), "F104"),
    "an encoding that is none": (with_part("xl/worksheets/sheet4.xml", lambda part: part.replace(b"UTF-8", b"nosuch")), "F104"),
    "a formula without a result in prose": (with_cell("sheet7", "C6", '<c r="C6"><f>-A1</f></c>'), "V105"),
    "an error value in prose": (with_cell("sheet7", "C6", '<c r="C6" t="e"><v>#NAME?</v></c>'), "V309"),
    "a sheet of another version": (with_part("xl/sharedStrings.xml", lambda part: part.replace(b"|1|review_and_suits", b"|9|review_and_suits")), "S110"),
    "two groups under each other's name": (
        with_part(
            "xl/sharedStrings.xml",
            lambda part: part.replace("未经复议直接起诉".encode(), b"@").replace("复议后起诉".encode(), "未经复议直接起诉".encode()).replace(b"@", "复议后起诉".encode()),
        ),
        "S103",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_an_odd_cell_is_a_finding_and_never_a_guess(name, tmp_path):
    content, code = ODD[name]
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    result = xl2report.check(path)
    assert code in {finding.code for finding in result.findings}
    assert result.status != "pass"


HARMLESS = {
    "phonetic text beside a figure": with_cell(
        "sheet4", AMOUNT_CELL, '<c r="C22" t="inlineStr"><is><t>77.4960</t><rPh sb="0" eb="1"><t>9</t></rPh></is></c>'
    ),
    "prefixed elements": with_part(
        "xl/worksheets/sheet4.xml",
        lambda part: re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", part).replace(b"<x:worksheet xmlns=", b"<x:worksheet xmlns:x="),
    ),
    "an empty reference to a string": with_cell("sheet2", "C8", '<c r="C8" t="s"/>'),
    "a target with dots": with_part("xl/_rels/workbook.xml.rels", lambda part: part.replace(b'"worksheets/', b'"./worksheets/')),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_oddities_change_no_value(name, tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(HARMLESS[name])
    assert xl2report.check(path).status == "pass"
    assert values(HARMLESS[name]) == values(SAMPLE.read_bytes())


def test_a_doubled_column_id_is_an_error_and_not_a_choice(tmp_path):
    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", lambda book: book["三、收到和处理申请"].__setitem__("L5", "commercial")))
    assert "S104" in {finding.code for finding in result.findings}
    assert result.status == "fail"


def test_a_private_field_is_printed_by_no_reference(tmp_path):
    path = edited(SAMPLE, tmp_path / "a.xlsx", lambda book: book["五、问题及改进"].__setitem__("C7", "电话{cover.mobile}"))
    result = xl2report.check(path)
    assert "N101" in {finding.code for finding in result.findings}
    assert "13000000000" not in xl2report.render(result, to="json", draft=True).decode()


@pytest.mark.skipif(not hasattr(__import__("os"), "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.xlsx")
    assert [finding.code for finding in xl2report.check(tmp_path / "pipe.xlsx").findings] == ["F109"]


# -- the fields of the cover, sections and prose -----------------------------------------------------------------------

FIELD_FAULTS = [
    # field, what is typed, the code
    ("cover.address", None, "V104"),
    ("cover.year", 2019, "V314"),
    ("cover.category", "县局", "V401"),
    ("cover.website", "www.example.gov.cn", "V403"),
    ("cover.signed_on", "明天", "V402"),
    ("problems.text", "无", "X203"),
]


@pytest.mark.parametrize(("field", "typed", "code"), FIELD_FAULTS)
def test_a_fault_in_a_single_field_is_an_error_at_its_cell(tmp_path, field, typed, code):
    at = PLACES[field]

    def change(book):
        book[at.sheet][at.cell] = typed
        if field == "problems.text":
            book[at.sheet].cell(at.row + 2, at.column + 1).value = None

    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", change))
    assert (code, at.cell) in codes(result)
    assert result.status == "fail"


def test_a_reference_to_a_cell_without_a_figure_is_an_error(tmp_path):
    def change(book):
        book["三、收到和处理申请"]["E9"] = None

    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", change))
    assert "N102" in {finding.code for finding in result.findings}


def test_a_prose_file_that_cannot_be_read_is_named_as_such():
    result = xl2report.check(SAMPLE, prose=SAMPLE.with_name("none.md"))
    assert [finding.code for finding in result.findings] == ["F110"]
    assert "none.md" in result.findings[0].message("zh")


def test_a_draft_lists_no_finding_about_a_private_field(tmp_path):
    at = PLACES["cover.submission"]
    result = xl2report.check(edited(SAMPLE, tmp_path / "a.xlsx", lambda book: book[at.sheet].__setitem__(at.cell, "第7次")))
    assert result.status == "fail"
    for name in ("html", "md", "json", "docx"):
        content = xl2report.render(result, to=name, draft=True)
        if name == "docx":
            content = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml")
        assert "第7次" not in content.decode()
