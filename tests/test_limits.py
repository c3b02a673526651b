"""The bounds of the .xlsx reader: each at one less, at the limit, at one more; and the worst files that stay inside them."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import xl2report
from mutations import entry, packed, zipped
from xl2report.checked import check_content
from xl2report.shipped import folder
from xl2report.workbook import book, cells, package, parsing
from xl2report.workbook.package import Package, Unreadable

SAMPLE = (sorted(folder("samples").glob("*/filled.xlsx"))[0]).read_bytes()
with zipfile.ZipFile(io.BytesIO(SAMPLE)) as _sample:
    PARTS = {name: _sample.read(name) for name in _sample.namelist()}
SHEET = "xl/worksheets/sheet4.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def detail(content: bytes) -> str:
    """The detail of the one finding about a file that cannot be read, "" if it was read."""
    result = check_content("a.xlsx", content)
    return "" if result.submission else " ".join(value for finding in result.findings for _, value in finding.words)


def with_sheet(change, name: str = SHEET) -> dict[str, bytes]:
    return {**PARTS, name: change(PARTS[name])}


# -- the package -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "code"), [(-1, "F115"), (0, "F115"), (1, "F105")])
def test_a_file_of_20_megabytes_is_read_and_none_of_a_byte_more(more, code, tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(bytes(package.FILE_LIMIT + more - len(SAMPLE)) + SAMPLE)
    result = xl2report.check(path)
    assert [finding.code for finding in result.findings] == [code]
    assert result.status == ("unreadable" if more > 0 else "pass")


@pytest.mark.parametrize(("parts", "expected"), [(999, ""), (1000, ""), (1001, "parts")])
def test_a_thousand_parts_are_read(parts, expected):
    assert package.PARTS_LIMIT == 1000
    more = {f"xl/media/{n}.bin": b"" for n in range(parts - len(PARTS))}
    assert detail(packed({**PARTS, **more})) == expected


@pytest.mark.parametrize(("entries", "is_opened"), [(9_999, True), (10_000, True), (10_001, False)])
def test_a_directory_of_very_many_files_is_not_even_opened(entries, is_opened, monkeypatch):
    opened, real = [], zipfile.ZipFile
    content = zipped([entry("a", b"")] * entries)
    monkeypatch.setattr(zipfile, "ZipFile", lambda content: opened.append(1) or real(content))
    with pytest.raises(Unreadable) as refused:
        Package(content)
    assert (refused.value.words, bool(opened)) == ({"detail": "parts"}, is_opened)


def test_the_bytes_unpacked_are_counted_over_all_parts(monkeypatch):
    content = zipped([entry("a", b"x" * 1000), entry("b", b"y" * 1000)])
    for limit, fits in ((2001, True), (2000, True), (1999, False)):
        monkeypatch.setattr(package, "UNPACKED_LIMIT", limit)
        opened = Package(content)
        assert len(b"".join(opened.part("a"))) == 1000
        if fits:
            assert len(b"".join(opened.part("b"))) == 1000
        else:
            with pytest.raises(Unreadable) as refused:
                b"".join(opened.part("b"))
            assert refused.value.words == {"detail": "unpacked"}


def test_256_megabytes_are_the_most_that_is_unpacked():
    assert package.UNPACKED_LIMIT == 256 * 2**20
    block = b"".join(b"<x%d/>" % (n % 7) + b" " * (900 + n * 7919 % 900) for n in range(1000))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name, part in PARTS.items():
            with target.open(name, "w") as stream:
                stream.write(part.removesuffix(b"</sst>"))
                for _ in range(package.UNPACKED_LIMIT // len(block) + 1 if part.endswith(b"</sst>") else 0):
                    stream.write(block)
    assert detail(content.getvalue()) == "unpacked"


def test_a_part_past_one_megabyte_may_not_be_packed_more_than_200_to_1(monkeypatch):
    assert (package.RATIO_FROM, package.RATIO_LIMIT) == (2**20, 200)
    for more, expected in ((-1, ""), (0, ""), (1, "ratio")):
        assert _detail_of_part(b" " * (package.RATIO_FROM + more)) == expected
    part = bytes(range(256)) * 8192
    ratio = len(part) // len(entry("a", part).packed)
    for limit, expected in ((ratio + 2, ""), (ratio + 1, ""), (ratio, "ratio")):
        monkeypatch.setattr(package, "RATIO_LIMIT", limit)
        assert _detail_of_part(part) == expected


def _detail_of_part(part: bytes) -> str:
    try:
        return "" if b"".join(Package(zipped([entry("a", part)])).part("a")) == part else "other bytes"
    except Unreadable as error:
        return error.words["detail"]


def test_reading_stops_when_its_seconds_are_over(monkeypatch):
    assert package.SECONDS_LIMIT == 5
    monkeypatch.setattr(package, "SECONDS_LIMIT", 0.0)
    assert detail(SAMPLE) == "slow"


# -- cells, elements, texts --------------------------------------------------------------------------------------------

COUNTS = [  # the limit, what is counted against it, the detail of the finding
    ("CELLS_LIMIT", "cells", "cells"),
    ("ELEMENTS_LIMIT", "elements", "rows"),
    ("OTHERS_LIMIT", "others", "rows"),
    ("MERGES_LIMIT", "merges", "rows"),
    ("KEPT_LIMIT", "kept", "names"),
    ("TEXT_LIMIT", "text", "text"),
]


@pytest.mark.parametrize(("limit", "counted", "expected"), COUNTS)
def test_what_a_book_holds_is_counted_over_all_its_sheets(limit, counted, expected, monkeypatch):
    made = []
    monkeypatch.setattr(book, "Count", lambda: made.append(cells.Count()) or made[-1])
    assert detail(SAMPLE) == ""
    number = getattr(made[0], counted)
    assert number > 40
    for more, found in ((1, ""), (0, ""), (-1, expected)):
        monkeypatch.setattr(cells, limit, number + more)
        assert detail(SAMPLE) == found


@pytest.mark.parametrize(("more", "expected"), [(0, ""), (1, "cells")])
def test_200_000_cells_are_read_and_not_one_more(more, expected, monkeypatch):
    made = []
    monkeypatch.setattr(book, "Count", lambda: made.append(cells.Count()) or made[-1])
    book.read_book(SAMPLE)
    column = [b'<c r="AA%d"><v>1</v></c>' % row for row in range(100, 100 + 200_000 + more - made[0].cells)]
    rows = b"".join(b'<row r="%d">%s</row>' % (100 + n, cell) for n, cell in enumerate(column))
    content = packed(with_sheet(lambda part: part.replace(b"</sheetData>", rows + b"</sheetData>")))
    if not expected:
        book.read_book(content)
        assert made[-1].cells == 200_000
        return
    with pytest.raises(Unreadable) as refused:
        book.read_book(content)
    assert refused.value.words == {"detail": expected}


@pytest.mark.parametrize(("cells_late", "expected"), [(9, ""), (10, ""), (11, "rows")])
def test_cells_out_of_their_order_are_remembered_up_to_a_number(cells_late, expected, monkeypatch):
    monkeypatch.setattr(cells.Count, "late", _late_up_to(10))
    row = b'<row r="99">' + b"".join(b'<c r="%s99"/>' % letter.encode() for letter in "ZYXWVUTSRQPO"[: cells_late + 1]) + b"</row>"
    assert detail(packed(with_sheet(lambda part: part.replace(b"</sheetData>", row + b"</sheetData>")))) == expected


def _late_up_to(limit: int):
    real = cells.Count.late

    def late(count: cells.Count) -> None:
        count.lates += cells.CELLS_LIMIT - limit if count.lates == 0 else 0
        real(count)

    return late


@pytest.mark.parametrize(("name", "is_read"), [("XFD1048575", True), ("XFD1048576", True), ("XFD1048577", False), ("XFC9", True), ("XFE9", False), ("A0", False), ("A09", False), ("AAAA1", False)])
def test_the_last_row_and_the_last_column_are_those_of_excel(name, is_read):
    number = re.sub("[A-Z]", "", name)
    row = f'<row r="{number}"><c r="{name}"/></row>'.encode()
    assert detail(packed(with_sheet(lambda part: part.replace(b"</sheetData>", row + b"</sheetData>")))) == ("" if is_read or name == "XFC9" else "broken-xml")


@pytest.mark.parametrize(("digits", "code"), [(399, "V312"), (400, "V312"), (401, "V309")])
def test_a_stored_number_of_more_than_400_digits_is_none(digits, code):
    change = lambda part: re.sub(rb'<c r="C9"([^>]*)><v>.*?</v></c>', rb'<c r="C9"\1><v>' + b"9" * digits + b"</v></c>", part, count=1)  # noqa: E731
    result = check_content("a.xlsx", packed(with_sheet(change)))
    assert code in {finding.code for finding in result.findings if finding.cells and finding.cells[0].place.cell == "C9"}


# -- XML ---------------------------------------------------------------------------------------------------------------


def parsed(*pieces: bytes) -> str:
    try:
        parsing.parse(pieces, lambda name, attributes: None)
    except Unreadable as error:
        return error.words["detail"]
    return ""


@pytest.mark.parametrize(("more", "expected"), [(-1, ""), (0, ""), (1, "text")])
def test_a_tag_of_more_than_a_megabyte_is_refused_before_it_ends(more, expected):
    assert parsing.TOKEN_LIMIT == 2**20
    begun = b'<a b="' + b"x" * (parsing.TOKEN_LIMIT + more - 6)
    assert parsed(begun, b'"/>') == expected


@pytest.mark.parametrize(("names", "expected"), [(4_999, ""), (5_000, ""), (5_001, "names")])
def test_so_many_different_names_may_stand_in_a_part(names, expected):
    assert parsing.NAMES_LIMIT == 5_000
    elements = b"".join(b"<a%d/>" % n for n in range(names // 2))
    attributes = b"".join(b'<r b%d=""/>' % n for n in range(names - 1 - names // 2))
    assert parsed(b"<r>" + elements * 2 + attributes * 2, b"</r>") == expected


@pytest.mark.parametrize(("more", "expected"), [(-1, ""), (0, ""), (1, "names")])
def test_all_names_of_a_part_together_have_a_length(more, expected):
    name = b"a" * (parsing.NAMES_TEXT_LIMIT + more - 1)
    assert parsed(b"<r><%s/>" % name, b"<%s/></r>" % name) == expected


def test_the_elements_of_a_part_without_cells_are_counted(monkeypatch):
    content = packed({**PARTS, "xl/styles.xml": b'<styleSheet xmlns="%s">%s</styleSheet>' % (MAIN.encode(), b"<x/>" * 999)})
    for limit, expected in ((1001, ""), (1000, ""), (999, "names")):
        monkeypatch.setattr(parsing, "ELEMENTS_LIMIT", limit)
        assert detail(content) == expected


# -- the worst files inside all limits ---------------------------------------------------------------------------------

_MEASURE = """
import resource, sys, time
from pathlib import Path
from xl2report.checked import check_content
from xl2report.printed import as_csv, as_json, as_text
check_content("a.xlsx", Path(sys.argv[1]).read_bytes())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
content, begun = Path(sys.argv[2]).read_bytes(), time.process_time()
result = check_content("a.xlsx", content)
for language in ("zh", "en"):
    for write in (as_text, as_json, as_csv):
        write([result], language)
print(dict(result.findings[0].words).get("detail") if result.status == "unreadable" else "read", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, time.process_time() - begun)
"""
_COLUMNS = [name.encode() for name in "AA AB AC AD AE AF AG AH AI AJ".split()]
_SECONDS_WITH_SLACK = 8.0


def _rows(count: int, cell) -> bytes:
    return b"".join(
        b'<row r="%d">%s</row>' % (row, b"".join(cell(b"%s%d" % (name, row), row * 10 + n) for n, name in enumerate(_COLUMNS)))
        for row in range(100, 100 + count // 10)
    )


def _filled(cell, count: int = 196_000) -> dict[str, bytes]:
    return with_sheet(lambda part: part.replace(b"</sheetData>", _rows(count, cell) + b"</sheetData>"))


def _shared() -> dict[str, bytes]:
    parts = _filled(lambda at, n: b'<c r="%s" t="s"><v>%d</v></c>' % (at, 1000 + n % 189_000))
    strings = "".join(f"<si><t>{'字' * 20}{n:06}</t></si>" for n in range(190_000)).encode()
    return {**parts, "xl/sharedStrings.xml": PARTS["xl/sharedStrings.xml"].replace(b"</sst>", strings + b"</sst>")}


def _kept() -> dict[str, bytes]:
    names = b"".join(b'<definedName name="x2r_f_%d">A%d</definedName>' % (n, n) for n in range(190_000))
    workbook = PARTS["xl/workbook.xml"].replace(b"</definedNames>", names + b"</definedNames>")
    return {**PARTS, "xl/workbook.xml": workbook}


def _merged() -> dict[str, bytes]:
    merges = b"".join(b'<mergeCell ref="A%d:XFD%d"/>' % (n + 1, 1048576 - n) for n in range(19_000))
    return with_sheet(lambda part: part.replace(b"<mergeCells", b"<mergeCells>" + merges + b"</mergeCells><mergeCells"))


WORST = {
    "numbers": lambda: _filled(lambda at, n: b'<c r="%s"><v>%d</v></c>' % (at, n)),
    "texts": lambda: _filled(lambda at, n: b'<c r="%s" t="inlineStr"><is><t>\xf0\x9f\x98\x80%030d</t></is></c>' % (at, n)),
    "formulas": lambda: _filled(lambda at, n: b'<c r="%s"><f>%025d</f><v>%d</v></c>' % (at, n, n)),
    "shared strings": _shared,
    "empty cells": lambda: _filled(lambda at, n: b'<c r="%s" s="1"/>' % at, 1_000_000),
    "names": _kept,
    "merges": _merged,
    "open elements": lambda: with_sheet(lambda part: part.replace(b"<sheetData>", b"<a>" * 390_000 + b"</a>" * 390_000 + b"<sheetData>")),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WORST)
def test_the_worst_files_inside_all_limits_take_256_megabytes_and_five_seconds_at_most(name, tmp_path):
    (tmp_path / "good.xlsx").write_bytes(SAMPLE)
    (tmp_path / "bad.xlsx").write_bytes(packed(WORST[name]()))
    arguments = [sys.executable, "-c", _MEASURE, str(tmp_path / "good.xlsx"), str(tmp_path / "bad.xlsx")]
    output = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=120, cwd=Path(__file__).parent).stdout
    fate, mebibytes, seconds = output.split()
    assert fate in ("read", "slow")  # slow on a slow machine, which is within the limits too
    assert int(mebibytes) <= 256
    assert float(seconds) <= _SECONDS_WITH_SLACK
