"""Old and foreign formats, encrypted workbooks, zips of returns: the same cells, or one clear reason why not."""

import datetime
import io
import os
import random
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from decimal import Decimal
from pathlib import Path

import pytest

from binary_workbook import (
    BOF,
    FILE_PASS,
    Error,
    Formula,
    brt,
    ole,
    record,
    xls,
    xls_stream,
    xlsb,
    zipped,
)
from xl2report.shipped import folder
from xl2report.submission import Raw
from xl2report.workbook import bundle, child, foreign, foreign_cells
from xl2report.workbook.book import read_book
from xl2report.workbook.bundle import members
from xl2report.workbook.encrypted import decrypted
from xl2report.workbook.foreign import read_foreign
from xl2report.workbook.ole import Ole
from xl2report.workbook.outline import Count, Outline, Refused
from xl2report.workbook.package import FILE_LIMIT, RATIO_FROM, RATIO_LIMIT, Unreadable
from xl2report.workbook.sniff import is_lock_file, kind_of

SAMPLES = sorted(folder("samples").glob("*/filled.xlsx"))
XLSX = SAMPLES[0].read_bytes()
RETURNED = Path(__file__).resolve().parents[2] / "shared" / "data" / "returned"
OLD_RETURNED = sorted([*RETURNED.glob("*.xls"), *RETURNED.glob("*.et")])
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods(rows: str, media_type: str = ODS_TYPE, manifest: str = "<manifest/>", doctype: str = "") -> bytes:
    """An .ods with one sheet of these rows; its first part is the type, not packed."""
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for name, long in (("office", "office"), ("table", "table"), ("text", "text"), ("draw", "drawing"))
    ) + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    content = f"<office:document-content{names}><office:body><office:spreadsheet>" \
        f'<table:table table:name="t">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(zipfile.ZipInfo("mimetype"), media_type)
        package.writestr("META-INF/manifest.xml", manifest)
        package.writestr("content.xml", doctype + content)
    return whole.getvalue()


def row(*cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def cell(inside: str = "", repeated: int = 1, **attributes: str) -> str:
    named = "".join(f' {name.replace("__", ":").replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<table:table-cell table:number-columns-repeated="{repeated}"{named}>{inside}</table:table-cell>'


STRING, SEVEN = {"office__value_type": "string"}, {"office__value_type": "float", "office__value": "7"}


def refusal(call, *arguments) -> tuple[str, str]:
    """The code and the detail that a call is refused with."""
    with pytest.raises(Unreadable) as caught:
        call(*arguments)
    return caught.value.code, caught.value.words.get("detail", "")


def kinds_and_texts(cells: dict[tuple[int, int], Raw]) -> dict[tuple[int, int], tuple[str, str]]:
    return {place: (raw.kind, raw.text) for place, raw in cells.items()}


def only_cells(content: bytes, kind: str = "") -> dict[tuple[int, int], tuple[str, str]]:
    return kinds_and_texts(read_foreign(content, kind or kind_of(content)).sheets[0].cells)


# what a file is

DOCX = zipped({"[Content_Types].xml": "", "word/document.xml": ""})
KINDS = {
    "a workbook": (XLSX, "xlsx"),
    "junk before the zip": (b"junk" * 9 + XLSX, "xlsx"),
    "a cut workbook": (XLSX[:5000], "xlsx"),
    "other case and backslashes": (zipped({"[content_types].xml": "", "XL\\Workbook.xml": ""}), "xlsx"),
    "a Word file, whose reader says so": (DOCX, "xlsx"),
    "binary workbook": (xlsb({"t": []}), "xlsb"),
    "OpenDocument": (ods(""), "ods"),
    "OpenDocument template": (ods("", f"{ODS_TYPE}-template"), "ods"),
    "OpenDocument, packed again by hand": (zipped({"content.xml": "", "mimetype": ODS_TYPE}), "ods"),
    "a cut OpenDocument": (ods("")[:200], "ods"),
    "old workbook": (xls({"t": []}), "xls"),
    "older workbook": (ole({"Book": record(BOF, bytes(16))}), "xls"),
    "old workbook with a password": (xls({"t": []}, first=record(FILE_PASS, bytes(6))), "encrypted"),
    "workbook with a password": (ole({"EncryptionInfo": b"", "EncryptedPackage": b""}), "encrypted"),
    "a zip of returns": (zipped({"张村.xlsx": XLSX, "说明.txt": b""}), "bundle"),
    "a zip of a return without a suffix": (zipped({"说明.txt": b"", "张村": XLSX}), "bundle"),
    "a zip of an old return under another suffix": (zipped({"张村.dat": xls({"t": []})}), "bundle"),
    "a zip of Word files": (zipped({"张村.docx": zipped({"[Content_Types].xml": "", "word/document.xml": ""})}), "bundle"),
}
OTHERS = {
    "empty": (b"", "empty"),
    "an empty zip": (zipped({}), "zip"),
    "a zip of other files": (zipped({"函.pdf": b"%PDF-1.7", "照片": b"\xff\xd8\xff"}), "zip"),
    "a zip of an unpacked workbook": (zipped({"张村/[Content_Types].xml": "", "张村/xl/workbook.xml": ""}), "zip"),
    "a page": (b"\xef\xbb\xbf\r\n<html><table></table></html>", "html"),
    "a page in GBK": ("<!DOCTYPE html><title>报表</title>".encode("gbk"), "html"),
    "a table that begins with a comment": (b"<!-- x --><html></html>", "html"),
    "a page in UTF-16": ("<html>表</html>".encode("utf-16"), "html"),
    "a text table": (bytes("机关,件数\n张村,3\n", "utf-8"), "csv"),
    "a text table in GBK": ("机关,件数\n张村,3\n".encode("gbk"), "csv"),
    "a text table with tabs": ("机关\t件数\n张村\t3\n".encode("utf-16"), "csv"),
    "a long text table": ("机关,件数\n".encode("gbk") + "张村一二,3\n".encode("gbk") * 999, "csv"),
    "prose": (b"Dear all, here it is.\nYours, me\n", "unknown"),
    "JSON": (b'{"a": 1,"b": 2}', "unknown"),
    "a page in one file": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n", "mhtml"),
    "an XML table": (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "xml2003"),
    "PDF": (b"%PDF-1.7\n" + zipped({"a.txt": ""}), "pdf"),
    "RTF": (b"{\\rtf1 x}", "word"),
    "old Word": (ole({"WordDocument": b""}), "word"),
    "OpenDocument text": (ods("", "application/vnd.oasis.opendocument.text"), "word"),
    "old slides": (ole({"PowerPoint Document": b""}), "slides"),
    "OpenDocument slides": (ods("", "application/vnd.oasis.opendocument.presentation"), "slides"),
    "RAR": (b"Rar!\x1a\x07\x01\0" + bytes(20), "archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(20), "archive"),
    "gzip": (b"\x1f\x8b\x08" + bytes(20), "archive"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(20), "image"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(20), "image"),
    "bitmap": (b"BM\x46\0\0\0\0\0\0\0\x36", "image"),
    "bytes": (bytes(range(256)) * 20, "unknown"),
    "bytes behind an OLE head": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(1).randbytes(5000), "unknown"),
    "another OLE file": (ole({"Contents": b""}), "unknown"),
}


@pytest.mark.parametrize(("content", "kind"), KINDS.values(), ids=KINDS)
def test_a_kind_is_told_by_content(content, kind):
    assert kind_of(content) == kind


@pytest.mark.parametrize(("content", "detail"), OTHERS.values(), ids=OTHERS)
def test_what_is_no_workbook_is_named(content, detail):
    assert refusal(kind_of, content) == ("F101", detail)


@pytest.mark.parametrize(("start", "version"), [(b"\t\0\4\0", "2"), (b"\t\2\6\0", "3"), (b"\t\4\6\0", "4"), (b"\t\x08\x08\0", "5")])
def test_a_workbook_older_than_1995_is_named_with_its_version(start, version):
    with pytest.raises(Unreadable) as caught:
        kind_of(start + bytes(100))
    assert (caught.value.code, caught.value.words) == ("F103", {"kind": f"Excel {version}.0 (.xls)", "detail": "too-old"})


def test_a_stream_inside_an_embedded_document_says_nothing_about_the_file():
    both = bytearray(ole({"Workbook": xls_stream({"t": []}), "WordDocument": b""}))
    assert set(Ole(bytes(both)).streams) == {"Workbook", "WordDocument"}
    entry = 512 * 2 + 128  # of the first stream: its right neighbour in the root's tree is the second
    both[entry + 72 : entry + 76] = b"\xff" * 4
    assert set(Ole(bytes(both)).streams) == {"Workbook"}
    assert kind_of(bytes(both)) == "xls"


def test_a_workbook_that_is_whole_inside_a_cut_zip_of_returns_is_not_taken_for_the_file():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("报表/", b"")
        package.writestr("报表/张村.xlsx", XLSX)
        package.writestr("报表/李村.xlsx", XLSX)
    cut = content.getvalue()[: len(XLSX) + 300]
    assert kind_of(cut) == "bundle"
    assert [(name, error.code, error.words["detail"]) for name, error in members(cut)] == [("", "F104", "truncated")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("~$张村.xlsx", True), ("in/~$张村.xls", True), ("in\\~$张村.xls", True), (".~张村.xlsx", True), (".~lock.张村.xlsx#", True), ("._张村.xlsx", True),
        ("张村.xlsx", False), ("~张村.xlsx", False), ("~$in/张村.xlsx", False), (".张村.xlsx", False),
    ],
)  # fmt: skip
def test_files_that_office_programs_leave_behind_are_known_by_name(name, expected):
    assert is_lock_file(name) is expected


def test_telling_a_workbook_takes_some_microseconds():
    start = time.perf_counter()
    for _ in range(1000):
        kind_of(XLSX)
    assert time.perf_counter() - start < 0.1


def test_a_directory_that_leads_back_to_itself_ends():
    content = bytearray(xls({"t": []}))
    content[512 * 2 + 128 + 68 : 512 * 2 + 128 + 72] = struct.pack("<I", 1)  # the left neighbour of the only stream
    assert list(Ole(bytes(content)).streams) == ["Workbook"]


def test_hostile_ole_files_end_soon():
    source, rng = bytearray(xls({"t": [(0, 0, "x")]})), random.Random(7)
    for _ in range(3000):
        content = bytearray(source)
        for _ in range(rng.randint(1, 12)):
            content[rng.choice((rng.randrange(24, 600), rng.randrange(len(content))))] = rng.choice((0, 255, rng.randrange(256)))
        start = time.perf_counter()
        try:
            file = Ole(bytes(content[: rng.randrange(len(content))] if rng.random() < 0.2 else content))
            for name in file.streams:
                file.stream(name)
        except (ValueError, struct.error):
            pass
        assert time.perf_counter() - start < 0.5


# the same cells as in an .xlsx


@pytest.fixture(scope="session")
def converted(tmp_path_factory, soffice):
    """The samples as LibreOffice saves them in another format: ``converted(path, "xls")``."""
    made: dict[tuple[Path, str], bytes] = {}

    def convert(path: Path, target: str) -> bytes:
        if (path, target) not in made:
            place = tmp_path_factory.mktemp("converted")
            soffice(path, target, place)
            made[path, target] = (place / f"filled.{target}").read_bytes()
        return made[path, target]

    return convert


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", ["xls", "ods"])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_a_sample_saved_by_libreoffice_has_the_cells_of_the_xlsx(path, kind, converted):
    source = read_book(path.read_bytes())
    content = converted(path, kind)
    assert kind_of(content) == kind
    book = read_foreign(content, kind)
    assert (book.kind, book.names, book.defined, book.shows_formulas) == (kind, source.names, {}, False)
    assert [sheet.name for sheet in book.sheets] == [sheet.name for sheet in source.sheets]
    for found, sheet in zip(book.sheets, source.sheets, strict=True):
        expected = {place: raw for place, raw in sheet.cells.items() if raw.text}  # that a cell has a formula is not seen
        assert found.cells.keys() == expected.keys()
        for place, raw in found.cells.items():
            wanted = expected[place]
            if kind == "xls" and wanted.formula and wanted.kind == "text" and raw.kind == "number":
                assert raw.text == "0"  # LibreOffice 7 loses the texts of formulas in .xls
            else:
                assert (raw.kind, raw.text) == (wanted.kind, wanted.text), (sheet.name, place)
        assert sorted(found.merges) == sorted(sheet.merges)


def as_cells(cells: dict[tuple[int, int], Raw]) -> list[tuple]:
    """The cells of a grid as a writer of binary workbooks takes them."""
    made: list[tuple] = []
    for (at, column), raw in cells.items():
        match raw.kind:
            case "number":
                number = float(raw.text)
                value = int(number) if number.is_integer() else number
                made.append((at, column, Formula(number) if raw.formula else value))
            case "date":
                days = (datetime.date.fromisoformat(raw.text) - datetime.date(1899, 12, 30)).days
                made.append((at, column, days, "yyyy-mm-dd"))
            case "text" if raw.text:
                made.append((at, column, Formula(raw.text) if raw.formula else raw.text))
    return made


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_a_sample_as_xlsb_has_the_cells_of_the_xlsx(path):
    source = read_book(path.read_bytes())
    content = xlsb(
        {sheet.name: as_cells(sheet.cells) for sheet in source.sheets}, merges={sheet.name: sheet.merges for sheet in source.sheets}
    )
    book = read_foreign(content, kind_of(content))
    assert (book.kind, book.names) == ("xlsb", source.names)
    for found, sheet in zip(book.sheets, source.sheets, strict=True):
        assert kinds_and_texts(found.cells) == {place: (raw.kind, raw.text) for place, raw in sheet.cells.items() if raw.text}
        assert sorted(found.merges) == sorted(sheet.merges)


FIGURES = ["77.496", "0.1", "0.3", "316441", "59237.2449", "123456789012345", "-12", "0", "0.0000001", "99999999999999.9", "1234567.89"]


@pytest.mark.parametrize("kind", ["xls", "xlsb", "ods"])
def test_figures_keep_every_digit(kind):
    figures = [float(text) if "." in text else int(text) for text in FIGURES]
    if kind == "ods":
        content = ods(row(*(cell(office__value_type="float", office__value=text) for text in FIGURES)))
    else:
        content = (xls if kind == "xls" else xlsb)({"t": [(0, column, value) for column, value in enumerate(figures)]})
    assert list(only_cells(content).values()) == [("number", text) for text in FIGURES]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1 + 0.2, ("number", "0.3")), (1e20, ("number", "100000000000000000000")), (1.5e300, ("number", "1.5E+300")),
        (-2.5e-11, ("number", "-2.5E-11")), (1234567890123456768, ("number", "1234567890123460000")), (-0.0, ("number", "0")),
        (float("nan"), ("error", "nan")), (float("-inf"), ("error", "-inf")),
    ],
)  # fmt: skip
def test_a_number_shows_the_15_digits_that_a_spreadsheet_keeps(value, expected):
    assert only_cells(xlsb({"t": [(0, 0, float(value))]})) == {(0, 0): expected}


ODD_CELLS = [
    (0, 0, "文字"), (0, 1, True), (0, 2, False), (0, 3, Error(0x17)), (0, 4, Error(0x2A)), (0, 5, ""), (0, 6, Error(0x99)),
    (1, 0, Formula(3.0)), (1, 1, Formula("字")), (1, 2, Formula(Error(0x07))), (1, 3, Formula(True)), (1, 4, Formula("")),
    (2, 0, 45355, 14), (2, 1, 45355, 58), (2, 2, 45355, 31), (2, 3, 45355, 'm"月"d"日"'), (2, 4, 45355.5, "yyyy-mm-dd hh:mm"),
    (2, 5, 0.25, "hh:mm"), (2, 6, 1.5, "[h]:mm:ss"), (2, 7, 45355, "0;yyyy"), (2, 8, 5, '0"d"'), (2, 9, 5, "[Red]0"), (2, 10, 5, "0\\d"), (2, 11, 5, "0_y"), (2, 12, 5, "*m0"),
    (70, 200, -7),
]  # fmt: skip
ODD_READ = {
    (0, 0): ("text", "文字"), (0, 1): ("boolean", "TRUE"), (0, 2): ("boolean", "FALSE"), (0, 3): ("error", "#REF!"),
    (0, 4): ("error", "#N/A"), (1, 0): ("number", "3"), (1, 1): ("text", "字"), (1, 2): ("error", "#DIV/0!"),
    (1, 3): ("boolean", "TRUE"), (2, 0): ("date", "2024-03-04"), (2, 1): ("date", "2024-03-04"), (2, 2): ("date", "2024-03-04"),
    (2, 3): ("date", "2024-03-04"), (2, 4): ("date", "2024-03-04 12:00:00"), (2, 5): ("date", "06:00:00"),
    (2, 6): ("date", "36:00:00"), (2, 7): ("date", "2024-03-04"), (2, 8): ("number", "5"), (2, 9): ("number", "5"),
    (2, 10): ("number", "5"), (2, 11): ("number", "5"), (2, 12): ("number", "5"),
    (70, 200): ("number", "-7"),
}  # fmt: skip


@pytest.mark.parametrize("make", [xls, xlsb])
def test_errors_and_dates_are_told_from_figures_where_calamine_does_not(make):
    """calamine 0.9.1 gives every error as an empty cell, and in .xlsb a date that is a whole number as that number."""
    assert only_cells(make({"t": [at for at in ODD_CELLS if at[:2] != (0, 6)]})) == ODD_READ


def test_dates_count_from_1904_where_the_file_says_so():
    cells = [(0, 0, 43893, 14), (0, 1, 43893.0, 58), (0, 2, 43893, "0;yyyy")]
    assert only_cells(xls({"t": cells}, first=record(0x22, b"\1\0"))) == {(0, at): ("date", "2024-03-04") for at in range(3)}
    assert only_cells(xlsb({"t": [(0, 0, 43893, 14)]}, date1904=True)) == {(0, 0): ("date", "2024-03-04")}


ODS_CELLS = {
    "an error": (cell("<text:p>#REF!</text:p>", calcext__value_type="error", office__string_value="", **STRING), ("error", "#REF!")),
    "an error beside a 0": (cell("<text:p>Err:502</text:p>", calcext__value_type="error", **{**SEVEN, "office__value": "0"}), ("error", "Err:502")),
    "paragraphs": (cell("<text:p>甲</text:p><text:p/><text:p>乙</text:p>", **STRING), ("text", "甲\n\n乙")),
    "a tab and a line break": (cell("<text:p>甲<text:tab/>乙<text:line-break/>丙</text:p>", **STRING), ("text", "甲\t乙\n丙")),
    "spaces": (cell('<text:p>  甲  乙<text:s text:c="2"/><text:span> 丙</text:span> </text:p>', **STRING), ("text", "甲 乙   丙")),
    "a comment": (cell("<office:annotation><text:p>x</text:p></office:annotation><text:p>甲</text:p>", **STRING), ("text", "甲")),
    "a drawing": (cell("<draw:frame><draw:text-box><text:p>x</text:p></draw:text-box></draw:frame><text:p>甲</text:p>", **STRING), ("text", "甲")),
    "no type": (cell("<text:p>甲</text:p>"), ("text", "甲")),
    "a section of character data": (cell("<text:p><![CDATA[甲]]>乙</text:p>", **STRING), ("text", "甲乙")),
    "a stored text": (cell("<text:p>x</text:p>", office__string_value="甲", **STRING), ("text", "甲")),
    "a yes": (cell("<text:p>x</text:p>", office__value_type="boolean", office__boolean_value="true"), ("boolean", "TRUE")),
    "a date": (cell("<text:p>x</text:p>", office__value_type="date", office__date_value="2024-03-04"), ("date", "2024-03-04")),
    "a moment": (cell("<text:p>x</text:p>", office__value_type="date", office__date_value="2024-03-04T12:30:00"), ("date", "2024-03-04 12:30:00")),
    "a day that never was": (cell("<text:p>x</text:p>", office__value_type="date", office__date_value="2024-02-31"), ("date", "2024-02-31")),
    "a percentage": (cell("<text:p>5%</text:p>", office__value_type="percentage", office__value="0.05"), ("percent", "5%")),
    "a formula's figure": (cell("<text:p>7</text:p>", table__formula="of:=3+4", **SEVEN), ("number", "7")),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), ODS_CELLS.values(), ids=ODS_CELLS)
def test_an_ods_cell_is_read_as_it_stands_there(content, expected):
    assert only_cells(ods(row(content))) == {(0, 0): expected}


def test_repeated_rows_and_columns_and_groups_of_rows_stand_where_they_are_shown():
    rows = row(cell(repeated=2), cell(repeated=2, **SEVEN), repeated=2) + row(cell(), repeated=3)
    rows += f"<table:table-row-group>{row(cell(**SEVEN))}<table:table-row-group>{row(cell(**SEVEN))}</table:table-row-group></table:table-row-group>"
    assert sorted(only_cells(ods(rows))) == [(0, 2), (0, 3), (1, 2), (1, 3), (5, 0), (6, 0)]


def test_merged_areas_are_read_from_every_format():
    areas = ((1, 1, 2, 3), (5, 0, 5, 1))
    spans = [{"table__number_columns_spanned": "3", "table__number_rows_spanned": "2"}, {"table__number_columns_spanned": "2"}]
    rows = row() + row(cell(), cell(**spans[0])) + row(repeated=3) + row(cell(**spans[1]))
    for content in (xls({"t": []}, merges=areas), xlsb({"t": []}, merges={"t": areas}), ods(rows)):
        assert [tuple(area) for area in read_foreign(content, kind_of(content)).sheets[0].merges] == list(areas)


def test_control_characters_are_left_out_with_a_note():
    book = read_foreign(xls({"t\x01": [(0, 0, "甲\x07乙\x0b"), (0, 1, "一\n二\t三")]}), "xls")
    assert kinds_and_texts(book.sheets[0].cells) == {(0, 0): ("text", "甲乙"), (0, 1): ("text", "一\n二\t三")}
    assert [(remark.code, dict(remark.words)) for remark in book.remarks] == [("F116", {"count": "2"})]


@pytest.mark.parametrize("make", [xls, xlsb])
def test_sheets_that_are_not_wanted_are_listed_and_not_read(make):
    book = read_foreign(make({"一": [(0, 0, 1)], "二": [(0, 0, 2)], "三": [(0, 0, 3)]}), make.__name__, frozenset({"二", "五"}))
    assert (book.names, [sheet.name for sheet in book.sheets]) == (("一", "二", "三"), ["一", "三"])
    assert [sheet.text(0, 0) for sheet in book.sheets] == ["1", "3"]


@pytest.mark.skipif(not OLD_RETURNED, reason="the returned workbooks are not beside this checkout")
@pytest.mark.parametrize("path", OLD_RETURNED, ids=lambda path: path.name)
def test_the_returned_old_workbooks_have_the_cells_that_calamine_gives(path):
    from python_calamine import load_workbook

    content = path.read_bytes()
    assert kind_of(content) == "xls"
    book, seen = read_foreign(content, "xls"), load_workbook(io.BytesIO(content))
    assert list(book.names) == seen.sheet_names
    for sheet in book.sheets:
        values = {
            (at, column): value
            for at, line in enumerate(seen.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False))
            for column, value in enumerate(line)
            if value != ""
        }
        assert {place for place, raw in sheet.cells.items() if raw.kind != "error"} == values.keys()
        for place, value in values.items():
            assert equals(sheet.cells[place], value), (sheet.name, place, value)


def equals(raw: Raw, value: object) -> bool:
    match value:
        case bool():
            return (raw.kind, raw.text) == ("boolean", str(value).upper())
        case int() | float():
            if raw.kind == "percent":  # as it is shown
                return Decimal(raw.text.removesuffix("%")) == Decimal(format(value * 100, ".15g"))
            return raw.kind == "number" and Decimal(raw.text) == Decimal(format(value, ".15g"))
        case str():
            return raw.kind == "text" and raw.text == "".join(mark for mark in value if mark >= " " or mark in "\t\r\n")
        case datetime.timedelta():
            return raw.kind == "date" and raw.text.endswith(str(value)[-5:])
    return raw.kind == "date" and raw.text == str(value).removesuffix(" 00:00:00")


@pytest.mark.skipif(not OLD_RETURNED, reason="the returned workbooks are not beside this checkout")
def test_an_error_that_calamine_drops_is_an_error_in_a_workbook_saved_by_wps():
    cells = read_foreign((RETURNED / "wps_fn.xls").read_bytes(), "xls").sheets[0].cells
    assert [raw.text for raw in cells.values() if raw.kind == "error"] == ["#VALUE!"]


# damaged, hostile, too large


def test_a_cell_that_stands_twice_is_refused():
    assert refusal(only_cells, xls({"t": [(0, 0, 1), (0, 0, 2)]})) == ("F104", "doubled-cell")
    assert refusal(only_cells, xls({"t": [(0, 0, "甲"), (0, 0, "乙")]})) == ("F104", "doubled-cell")
    assert refusal(only_cells, xlsb({"t": [(0, 0, 1), (0, 0, 2)]})) == ("F104", "doubled-cell")


def test_what_calamine_would_leave_out_is_refused():
    beyond = record(0xFD, struct.pack("<HHHI", 0, 0, 0, 9))  # a text whose index is beyond the texts
    assert refusal(only_cells, xls({"t": []}, last=beyond)) == ("F103", "broken-file")
    rich = brt(62, struct.pack("<IIBI", 0, 0, 0, 1) + "甲".encode("utf-16-le"))  # a text with formats of its own
    assert refusal(only_cells, xlsb({"t": [(0, 1, 5)]}, last=rich)) == ("F103", "broken-file")
    start = struct.pack("<HHHH", BOF, 16, 0x600, 0x10)
    headless = ole({"Workbook": xls_stream({"t": [(0, 0, 1)]}).replace(start, b"\1" + start[1:])})
    assert refusal(only_cells, headless) == ("F103", "broken-file")
    twice = ods(row(cell(**SEVEN)) + "</table:table><table:table table:name='t'>" + row(cell(**SEVEN)))  # two sheets of one name
    assert refusal(only_cells, twice) == ("F103", "broken-file")
    nameless = ods("</table:table><table:table>" + row(cell(**SEVEN)))
    assert refusal(only_cells, nameless) == ("F103", "broken-file")
    nested = ods(row(cell("<table:table>" + row(cell(**SEVEN)) + "</table:table>")))
    assert refusal(only_cells, nested) == ("F103", "broken-file")


def test_a_cell_that_only_calamine_sees_is_refused():
    outline = Outline(Count(9, 9))
    outline.hold(1, 2, "number")
    assert list(foreign_cells.cells([[7]], (1, 2), outline)) == [(1, 2, "number", "7")]
    for rows, start in (([[7, 8]], (1, 2)), ([[7], [8]], (1, 2)), ([[8, 7]], (1, 1))):
        with pytest.raises(Refused):
            list(foreign_cells.cells(rows, start, outline))


def test_a_cut_old_workbook_is_named_as_incomplete():
    content = xls({"t": [(at, 0, float(at)) for at in range(3000)]})
    for length in (1600, 5000, len(content) - 600):
        cut = content[:length]
        assert kind_of(cut) == "xls"
        assert refusal(only_cells, cut) == ("F104", "truncated")


def test_an_old_workbook_cut_before_its_directory_is_still_known():
    content = xls({"t": [(0, 0, 1)]}).replace("Workbook".encode("utf-16-le"), bytes(16))
    cut = content[:48] + struct.pack("<I", 9999) + content[52:]  # LibreOffice writes the directory last
    assert kind_of(cut) == "xls"
    assert refusal(only_cells, cut) == ("F104", "truncated")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ods("")[:-40], ("F103", "broken-file")),
        (ods("<table:table-row>"), ("F103", "broken-file")),
        (ods(row(cell(office__value_type="float", office__value="12x"))), ("F103", "broken-file")),
        (ods(row(cell(repeated=-1))), ("F103", "broken-file")),
        (ods(row(cell(repeated=16385))), ("F103", "broken-file")),
        (ods(row(repeated=1_048_577)), ("F103", "broken-file")),
        (ods(row(repeated=1_048_576) + row()), ("F103", "broken-file")),
        (ods("", doctype='<!DOCTYPE a [<!ENTITY b "c">]>'), ("F104", "dtd")),
        (ods("", manifest="<manifest><encryption-data/></manifest>"), ("F102", "")),
        (xls({"t": []}, first=record(FILE_PASS, bytes(6))), ("F102", "")),
        (xlsb({"t": []}).replace(b"sheet1.bin", b"sheet9.bin"), ("F103", "broken-file")),
    ],
    ids=range(11),
)
def test_a_damaged_file_is_refused_with_its_reason(content, expected):
    kind = "xls" if content.startswith(b"\xd0\xcf") else "xlsb" if b"workbook.bin" in content else "ods"
    assert refusal(only_cells, content, kind) == expected


@pytest.mark.parametrize(("number", "is_read"), [(199_999, True), (200_000, True), (200_001, False)])
def test_an_ods_holds_at_most_200000_cells(number, is_read):
    whole, rest = divmod(number, 10_000)
    content = ods(row(cell(repeated=10_000, **SEVEN), repeated=whole) + (row(cell(repeated=rest, **SEVEN)) if rest else ""))
    if is_read:
        assert len(only_cells(content)) == number
    else:
        assert refusal(only_cells, content) == ("F105", "cells")


@pytest.mark.parametrize("make", [xls, xlsb])
@pytest.mark.parametrize(("number", "is_read"), [(6, True), (7, True), (8, False)])
def test_the_cells_of_all_sheets_count_together(number, is_read, make, monkeypatch):
    monkeypatch.setattr(foreign, "CELLS_LIMIT", 7)
    content = make({"一": [(0, 0, "甲"), (0, 1, 5), (0, 2, Error(7))], "二": [(0, at, at + 0.5) for at in range(number - 3)]})
    if is_read:
        assert sum(len(sheet.cells) for sheet in read_foreign(content, make.__name__).sheets) == number
    else:
        assert refusal(only_cells, content) == ("F105", "cells")


@pytest.mark.parametrize(("limit", "is_read"), [(5, False), (6, True), (7, True)])
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_the_characters_of_all_texts_count_together(limit, is_read, kind, monkeypatch):
    monkeypatch.setattr(foreign, "TEXT_LIMIT", limit)
    text = cell("<text:p>甲乙丙</text:p>", repeated=2, **STRING)
    content = ods(row(text)) if kind == "ods" else xls({"t": [(0, 0, "甲乙丙"), (0, 1, "甲乙丙")]})
    if is_read:
        assert len(only_cells(content)) == 2
    else:
        assert refusal(only_cells, content) == ("F105", "text")


def test_a_bomb_of_repeated_cells_is_refused_in_a_moment():
    start = time.perf_counter()
    assert refusal(only_cells, ods(row(cell(repeated=16_384, **SEVEN), repeated=1_048_576))) == ("F105", "cells")
    assert time.perf_counter() - start < 5
    assert only_cells(ods(row(cell(repeated=16_384), repeated=1_048_575) + row(cell(**SEVEN)))) == {(1_048_575, 0): ("number", "7")}


def test_a_text_repeated_too_often_is_refused():
    text = cell(f"<text:p>{'长' * 30_000}</text:p>", **STRING)
    assert refusal(only_cells, ods(row(text, repeated=600))) == ("F105", "text")


POSIX = pytest.mark.skipif(os.name != "posix", reason="this system has no limit of memory for a process")


@POSIX
@pytest.mark.parametrize(
    "content",
    [
        xls({"t": []}, last=record(0x200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0))),  # as large as its sheet says
        xls({"t": [(0, 0, 1), (65_535, 255, 1)]}),  # the area between the two cells
    ],
    ids=["dimensions", "far corner"],
)
def test_a_file_of_some_kilobytes_that_makes_calamine_abort_is_a_finding(content):
    assert len(content) < 6000
    assert refusal(only_cells, content) == ("F103", "memory")


def test_old_formats_survive_mutation():
    """Each mutated file is read or refused with a code; what is read has no more cells than it had."""
    cells = [(at, column, (at * column, "文", at + 0.5)[(at + column) % 3]) for at in range(8) for column in range(4)]
    rng, codes = random.Random(3), set()
    for number in range(60):
        content = bytearray(xls({"t": cells}))
        for _ in range(rng.randint(1, 8)):
            content[rng.choice((rng.randrange(30, 600), rng.randrange(1536, len(content))))] = rng.randrange(256)
        try:
            kind = kind_of(bytes(content))
            found = only_cells(bytes(content)) if kind == "xls" else {}
        except Unreadable as error:
            codes.add(error.code)
        else:
            codes.add(kind)
            assert len(found) <= len(cells), number
    assert {"xls", "F103"} <= codes <= {"xls", "encrypted", "F101", "F102", "F103", "F104", "F105"}


# the child process


def children() -> set[str]:
    """The processes that this one has started and not yet seen the end of; a session's office may be among them."""
    lists = Path("/proc/self/task").glob("*/children")
    return {number for one in lists for number in one.read_text().split()}


@pytest.fixture
def leaves_nothing():
    before = children()
    yield
    assert children() <= before


def program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


ANSWERS = {
    "dies": (program("import os; os.kill(os.getpid(), 9)"), "crashed"),
    "aborts": (program("import os; os.abort()"), "crashed"),
    "says nothing": (program(""), "crashed"),
    "cannot be started": (["/nowhere/python"], "crashed"),
    "writes garbage": (program("import os; os.write(1, os.urandom(1000))"), "crashed"),
    "answers what makes no sense": (program(r"print('ok\x1ecell\x1f0\x1f0\x1fnumber\x1f7\x1eremoved\x1f0', end='')"), "crashed"),
    "answers a place beyond all sheets": (
        program(r"print('ok\x1esheet\x1f1\x1ft\x1ecell\x1f-1\x1f0\x1fnumber\x1f7\x1eremoved\x1f0', end='')"), "crashed",
    ),
    "answers, and fails": (program(r"print('ok\x1eremoved\x1f0', end='', flush=True); import os; os.abort()"), "crashed"),
    "complains without end": (program("import os\nwhile True: os.write(2, b'x' * 9999)"), "crashed"),
    "sleeps": (program("import time; time.sleep(60)"), "slow"),
    "sleeps with its input and output closed": (program("import os, time; os.close(0); os.close(1); time.sleep(60)"), "slow"),
    "has a child that keeps the output": (
        program("import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"), "slow",
    ),
}  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(("command", "detail"), ANSWERS.values(), ids=ANSWERS)
def test_a_child_that_fails_is_a_finding_and_leaves_nothing_behind(leaves_nothing, command, detail, monkeypatch):
    monkeypatch.setattr(child, "SECONDS_LIMIT", 1.0)
    monkeypatch.setattr(child, "command", lambda job: command)
    start = time.perf_counter()
    assert refusal(read_foreign, bytes(3_000_000), "xls") == ("F103", detail)  # more than a pipe holds, and not read
    assert time.perf_counter() - start < 6


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_child_that_writes_without_end_is_stopped(leaves_nothing, monkeypatch):
    monkeypatch.setattr(child, "OUTPUT_LIMIT", 100_000)
    monkeypatch.setattr(child, "command", lambda job: program("import os\nwhile True: os.write(1, b'x' * 9999)"))
    assert refusal(read_foreign, b"x", "xls") == ("F105", "text")


@pytest.mark.parametrize(("limit", "is_read"), [(-1, False), (0, True), (1, True)])
def test_an_answer_may_be_as_long_as_its_limit(limit, is_read, monkeypatch):
    content = xls({"t": [(0, 0, "甲")]})
    monkeypatch.setattr(child, "OUTPUT_LIMIT", len(b"ok\x1e" + child.run_child("xls", b"9\x1f9", content, "xls")) + limit)
    if is_read:
        assert len(only_cells(content)) == 1
    else:
        assert refusal(only_cells, content) == ("F105", "text")


@POSIX
@pytest.mark.parametrize("megabytes", [20, 24, 34, 40])  # at 24 a traceback would never end
def test_a_child_out_of_memory_says_so(megabytes, monkeypatch):
    monkeypatch.setattr(child, "MEMORY_LIMIT", megabytes * 2**20)
    assert refusal(read_foreign, xls({"t": [(at, 0, float(at)) for at in range(60_000)]}), "xls") == ("F103", "memory")


def test_the_child_needs_neither_the_working_folder_nor_the_environment(tmp_path, monkeypatch):
    (tmp_path / "struct.py").write_text("raise SystemExit('taken from the working folder')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "struct.py"))
    assert only_cells(xls({"t": [(0, 0, 1)]})) == {(0, 0): ("number", "1")}


def test_the_child_imports_little():
    """Half of the time that a small file takes is the start of the process."""
    interpreter, *arguments = child.command("xls")
    head = b"9\x1f9"
    feed = len(head).to_bytes(4, "little") + head + xls({"t": [(0, 0, 1)]})
    done = subprocess.run([interpreter, "-X", "importtime", *arguments], input=feed, capture_output=True, check=True)
    assert done.stdout.startswith(b"ok\x1e")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert "xl2report.workbook.xls_outline" in imported
    assert not {"typing", "re", "json", "zipfile", "collections", "xl2report.grid"} & imported


# encrypted workbooks

PASSWORD = "密码 Pass1"


def encrypted_xlsx(password: str) -> bytes:
    msoffcrypto = pytest.importorskip("msoffcrypto")
    made = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(XLSX)).encrypt(password, made)
    return made.getvalue()


def encrypted_xls(password: str) -> bytes:
    """An .xls encrypted as Excel 97 does it (RC4 with a key for each 1024 bytes)."""
    rc4 = pytest.importorskip("msoffcrypto.method.rc4")
    salt, verifier = bytes(range(16)), bytes(range(16, 32))

    def ciphered(content: bytes) -> bytes:
        return rc4.DocumentRC4.decrypt(password, salt, io.BytesIO(content), 1024).read()  # the way back is the same

    from hashlib import md5

    check = ciphered(verifier + md5(verifier).digest())
    stream = xls_stream({"一": [(0, 0, "文字"), (3, 2, 77.496)]}, first=record(FILE_PASS, struct.pack("<HHH", 1, 1, 1) + salt + check))
    key, made, at = ciphered(bytes(len(stream))), bytearray(stream), 0
    while at < len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        plain = {BOF: length, FILE_PASS: length, 0x85: 4}.get(kind, 0)
        for place in range(at + 4 + plain, at + 4 + length):
            made[place] ^= key[place]
        at += 4 + length
    return ole({"Workbook": bytes(made)})


@pytest.fixture(scope="module")
def locked() -> bytes:
    return encrypted_xlsx(PASSWORD)


def test_an_encrypted_workbook_is_opened_with_its_password(locked):
    assert kind_of(locked) == "encrypted"
    assert decrypted(locked, PASSWORD) == XLSX
    assert refusal(decrypted, locked, "密码 Pass2") == ("F112", "")
    assert refusal(decrypted, locked, "") == ("F112", "")
    assert refusal(decrypted, locked, None) == ("F102", "")


def test_an_encrypted_old_workbook_is_opened_with_its_password():
    content = encrypted_xls(PASSWORD)
    assert kind_of(content) == "encrypted"
    opened = decrypted(content, PASSWORD)
    assert only_cells(opened) == {(0, 0): ("text", "文字"), (3, 2): ("number", "77.496")}
    assert refusal(decrypted, content, "x") == ("F112", "")
    assert refusal(decrypted, content, None) == ("F102", "")


def test_a_workbook_that_excel_opens_without_asking_is_opened():
    """Excel encrypts with a password of its own where only the structure is locked."""
    assert decrypted(encrypted_xlsx("VelvetSweatshop"), None) == XLSX
    assert kind_of(decrypted(encrypted_xls("VelvetSweatshop"), None)) == "xls"


def test_the_password_is_never_on_the_command_line(locked, monkeypatch):
    seen: list[str] = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda arguments, **options: seen.extend(arguments) or popen(arguments, **options))
    assert decrypted(locked, PASSWORD) == XLSX
    assert seen
    assert not any(PASSWORD in argument for argument in seen)


def test_without_msoffcrypto_an_encrypted_workbook_says_what_to_install(monkeypatch):
    from xl2report.workbook import encrypted

    monkeypatch.setattr(encrypted, "find_spec", lambda name: None)
    assert refusal(decrypted, b"", "x") == ("F113", "")
    assert refusal(decrypted, b"", None) == ("F102", "")


def test_a_damaged_encrypted_workbook_is_a_finding(locked):
    assert refusal(decrypted, locked[:30_000], PASSWORD) == ("F103", "broken-file")
    assert refusal(decrypted, ole({"EncryptionInfo": b"x", "EncryptedPackage": b""}), PASSWORD) == ("F103", "broken-file")


@pytest.mark.skipif(os.name != "posix", reason="the clock decides on Windows")
def test_a_key_that_takes_too_long_is_given_up(leaves_nothing, locked, monkeypatch):
    monkeypatch.setattr(child, "SECONDS_LIMIT", 2.0)
    file = Ole(locked)
    assert b'spinCount="100000"' in file.stream("EncryptionInfo")
    slow = {name: file.stream(name) for name in ("EncryptionInfo", "EncryptedPackage")}
    slow["EncryptionInfo"] = slow["EncryptionInfo"].replace(b'spinCount="100000"', b'spinCount="9999999"')
    start = time.perf_counter()
    assert refusal(decrypted, ole(slow, {"EncryptionInfo": 4096}), PASSWORD)[1] in ("slow", "broken-file")
    assert time.perf_counter() - start < 6


# a zip of returns


def named(names: list[bytes]) -> bytes:
    """A zip whose members have these bytes for names, not marked as UTF-8; each holds its number."""
    marks = [f"{number:0{len(name)}d}" for number, name in enumerate(names)]
    content = zipped({mark: str(number) for number, mark in enumerate(marks)})
    for mark, name in zip(marks, names, strict=True):
        content = content.replace(mark.encode(), name)
    return content


def listed(content: bytes) -> list[tuple[str, str]]:
    """The members with their code and detail, or with "" where there are bytes."""
    return [(name, "" if isinstance(found, bytes) else f"{found.code} {found.words.get('detail', '')}".strip()) for name, found in members(content)]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_names_are_read_in_the_code_of_the_system_that_made_the_zip(encoding):
    names = ["甲县/张家村民委员会.xlsx", "甲县/统计局（补报）.xls", "甲县/readme for all.txt"]
    assert [name for name, _ in members(named([name.encode(encoding) for name in names]))] == names


def test_names_marked_as_utf8_are_read_so_beside_others():
    content = zipped({"张村.xlsx": b"1"})
    assert listed(content) == [("张村.xlsx", "")]


def test_a_name_in_no_chinese_code_is_still_shown():
    assert [name for name, _ in members(named([b"caf\x82 12345.xlsx"]))] == ["café 12345.xlsx"]


def test_names_are_safe_to_print_and_lead_nowhere():
    assert [name for name, _ in members(zipped({"../../etc/a\x1b[31m.xlsx": b"1", "C:\\x\\\u202eb.xlsx": b"2"}))] == [
        "../../etc/a?[31m.xlsx", "C:/x/?b.xlsx",
    ]  # fmt: skip


def test_each_member_comes_with_its_bytes_or_the_reason_why_not():
    inner = zipped({"a.xlsx": XLSX})
    content = zipped(
        {
            "a/": b"", "a/张村.xlsx": XLSX, "a/~$张村.xlsx": b"x", "a/.DS_Store": b"x", "__MACOSX/a/._张村.xlsx": b"x", "Thumbs.db": b"x",
            "a/Desktop.ini": b"x", "乡镇.zip": inner, "说明.docx": DOCX, "空.xlsx": b"", "空.zip": zipped({}),
        }
    )  # fmt: skip
    assert dict(members(content))["a/张村.xlsx"] == XLSX
    assert listed(content) == [
        ("a/张村.xlsx", ""), ("a/~$张村.xlsx", "F111"), ("乡镇.zip", "F114"), ("说明.docx", ""), ("空.xlsx", ""), ("空.zip", ""),
    ]  # fmt: skip


def test_members_with_a_password_or_packed_in_a_rare_way_are_refused_one_by_one():
    content = bytearray(zipped({"锁.xlsx": b"x", "开.xlsx": b"y"}))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert listed(bytes(content)) == [("锁.xlsx", "F102"), ("开.xlsx", "")]
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_LZMA) as package:
        package.writestr("张村.xlsx", XLSX)
    assert listed(whole.getvalue()) == [("张村.xlsx", "F101 archive")]


def test_a_damaged_member_does_not_hide_the_others():
    content = bytearray(zipped({"甲.xlsx": XLSX, "乙.xlsx": b"whole"}))
    content[2000:2010] = bytes(10)
    assert listed(bytes(content)) == [("甲.xlsx", "F104 broken-zip"), ("乙.xlsx", "")]


def test_a_damaged_zip_is_one_finding():
    content = zipped({"甲.xlsx": XLSX, "乙.xlsx": XLSX})
    assert listed(content[:-1000]) == [("", "F104 truncated")]
    broken = bytearray(content)
    at = broken.index(b"PK\x01\x02")
    broken[at : at + 4] = b"XXXX"
    assert listed(bytes(broken)) == [("", "F104 broken-zip")]
    assert listed(b"") == [("", "F104 truncated")]


def test_a_zip_with_nothing_but_leftovers_is_not_silent():
    assert listed(zipped({"a/": b"", "a/.DS_Store": b"x"})) == [("", "F101 zip")]


@pytest.mark.parametrize(("size", "expected"), [(FILE_LIMIT - 1, ""), (FILE_LIMIT, ""), (FILE_LIMIT + 1, "F105 too-large")])
def test_a_member_has_at_most_20_megabytes(size, expected):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as package:
        package.writestr("a.xlsx", bytes(size))
    assert listed(whole.getvalue()) == [("a.xlsx", expected)]


def packed(content: bytes) -> int:
    compressor = zlib.compressobj(-1, zlib.DEFLATED, -15)
    return len(compressor.compress(content) + compressor.flush())


def at_the_ratio() -> bytes:
    """A content of exactly 200 times its packed size, which one byte more does not change."""
    for length in range(5_000, 5_100):
        content = random.Random(length).randbytes(length)
        for _ in range(8):
            content = content[:length] + bytes(RATIO_LIMIT * packed(content) - length)
        if len({packed(content[:-1]), packed(content), packed(content + b"\0"), len(content) // RATIO_LIMIT}) == 1:
            return content
    raise AssertionError("no such content")


@pytest.mark.parametrize(("more", "expected"), [(-1, ""), (0, ""), (1, "F105 ratio")])
def test_a_member_unpacks_to_at_most_200_times_its_size(more, expected):
    content = at_the_ratio()
    assert len(content) > RATIO_FROM
    assert listed(zipped({"a.xlsx": (content + b"\0")[: len(content) + more]})) == [("a.xlsx", expected)]


@pytest.mark.parametrize(("size", "expected"), [(RATIO_FROM, ""), (RATIO_FROM + 1, "F105 ratio")])
def test_small_members_may_be_packed_as_tightly_as_they_like(size, expected):
    assert listed(zipped({"a.xlsx": bytes(size)})) == [("a.xlsx", expected)]


def test_a_zip_has_at_most_10000_members():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        for number in range(10_000):
            package.writestr(f"{number}.xlsx", b"")
    assert sum(found == b"" for _, found in members(content.getvalue())) == 10_000
    with zipfile.ZipFile(content, "a") as package:
        package.writestr("more.xlsx", b"")
    assert listed(content.getvalue()) == [("", "F105 members")]


@pytest.mark.parametrize(("limit", "expected"), [(9, [("a", ""), ("", "F105 bundle")]), (10, [("a", ""), ("b", "")]), (11, [("a", ""), ("b", "")])])
def test_all_members_together_have_a_limit(limit, expected, monkeypatch):
    monkeypatch.setattr(bundle, "WHOLE_LIMIT", limit)
    assert listed(zipped({"a": b"12345", "b": b"12345"})) == expected


def test_members_are_unpacked_one_at_a_time():
    content = bytearray(zipped({"a.xlsx": b"first", "b.xlsx": b"second"}))
    each = members(bytes(content))
    assert next(each) == ("a.xlsx", b"first")
    assert next(each) == ("b.xlsx", b"second")
    assert next(each, None) is None
