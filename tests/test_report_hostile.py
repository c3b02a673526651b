"""Reports that nobody means to write: odd characters, empty titles, tables of any shape, in every format and in threads."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import docx as word
import pytest
from lxml import etree

from pages import MM, pages
from test_report_data import report_of
from xl2report.report import chart, docx, fontshelf, html, markdown, pdf, typeset
from xl2report.report.geometry import ems
from xl2report.report.script import traditional
from xl2report.report.typeset import Unprintable
from xl2report.report.view import BarView, ChartView, Paragraph, Report, SubHeading, TableCell, TableView
from xl2report.shipped import folder

BASE = report_of("disclosure-2021")
RENDERERS = {"pdf": pdf.render, "docx": docx.render, "html": html.render, "fragment": html.fragment, "md": markdown.render}


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFC", text))


def with_parts(*parts: object) -> Report:
    return replace(BASE, sections=(replace(BASE.sections[0], parts=parts), *BASE.sections[1:]))


def table(rows: int, columns: int, labels: int, text: str = "1") -> TableView:
    """A table of any shape: one row of heads, ``labels`` columns of labels, figures everywhere else."""
    cells = [TableCell(0, 0, 1, labels, "corner", "角")] if labels else []
    cells += [TableCell(0, column, 1, 1, "column", f"列{column}", is_leaf=True) for column in range(labels, columns)]
    for row in range(1, rows + 1):
        cells += [TableCell(row, column, 1, 1, "row", f"行{row}", is_leaf=column == labels - 1) for column in range(labels)]
        cells += [TableCell(row, column, 1, 1, "input", text, "f", Decimal(text)) for column in range(labels, columns)]
    return TableView("t", "标题", rows + 1, columns, labels, tuple(cells), ((0, 1, rows + 1),), ())


def drawing(*values: str | None) -> ChartView:
    figures = [None if value is None else Decimal(value) for value in values]
    return ChartView("图", "图（单位：件）", 2023, 2022, tuple(BarView(f"项{n}", (), value, value) for n, value in enumerate(figures)))


REPORTS = {
    "half a surrogate pair": with_parts(Paragraph("a\ud800b")),
    "control characters": with_parts(Paragraph("a\x01\x0b\x0c\x85\u2028\u2029b\tc\x7f\x9f")),
    "marks of direction": with_parts(Paragraph("a\u202eb\u2066c\u200e\u200bd\ufeffe\u00ade")),
    "a word of 20,000 letters": with_parts(Paragraph("x" * 20_000)),
    "spaces alone": with_parts(Paragraph("   \u3000  ")),
    "no title, no agency": replace(BASE, title="", agency=""),
    "a title that is the agency": replace(BASE, title=BASE.agency),
    "a title of several lines": replace(BASE, title="甲\n乙\r\n丙"),
    "nothing but a title": replace(BASE, sections=(), preface=(), signature=(), contacts=(), page_url=""),
    "an address of 3,000 characters": replace(BASE, page_url="https://a.cn/" + "x" * 3000),
    "an address that is none": replace(BASE, page_url="javascript:alert(1)"),
    "one cell": with_parts(table(1, 1, 0)),
    "a table without labels": with_parts(table(2, 5, 0)),
    "forty columns": with_parts(table(3, 40, 1)),
    "two hundred rows": with_parts(table(200, 4, 1)),
    "figures of 15 digits": with_parts(table(3, 6, 1, "123456789012345")),
    "decreases": with_parts(table(3, 6, 1, "-12345"), drawing("-5", "3")),
    "a chart of one bar and one of sixty": with_parts(drawing("5"), drawing(*map(str, range(60)))),
    "a chart of decimals, and of nothing": with_parts(drawing("0.0001", "12345.6789"), drawing(None, "1")),
}


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("draft", [False, True])
def test_every_format_can_be_written_and_read(name, draft):
    report = replace(REPORTS[name], draft=draft)
    for how, render in RENDERERS.items():
        content = render(report)
        assert content == render(report), how
        if how == "pdf":
            assert pages(content)
        elif how == "docx":
            word.Document(io.BytesIO(content))
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                for part in package.namelist():
                    if part.endswith((".xml", ".rels")):
                        etree.fromstring(package.read(part))
        else:
            content.decode("utf-8")


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_can_be_converted(name):
    assert traditional(REPORTS[name]).script == "hant"


def test_a_bar_has_no_negative_length():
    root = etree.fromstring(chart.svg(drawing("-5", "3")))
    assert [float(node.get("width")) > 0 for node in root.iter("{*}rect")] == [True] * len(list(root.iter("{*}rect")))
    for node in root.iter("{*}text"):
        assert float(node.get("x")) >= 0


@pytest.mark.parametrize("widest", ["123456789012345", "12345678.12", "1E+400"])
def test_the_longest_bar_leaves_room_for_the_widest_figure(widest):
    figures = [(float(node.get("x")), node.text) for node in etree.fromstring(chart.svg(drawing(widest, "1"))).iter("{*}text")]
    bars = [(x, text) for x, text in figures if text.isdigit()]
    assert len(bars) >= 2
    assert all(x + ems(text) * 13 <= chart.WIDTH or len(text) > 15 for x, text in figures)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("e\u0301\u0327\u0328中", {"\u0301", "\u0327", "\u0328"}),  # not the letter below
        ("👨\u200d👩\u200d👧", {"👨", "👩", "👧"}),  # not what joins them
        ("❤\ufe0f", {"❤"}),
        ("".join(chr(0x0F00 + n) for n in range(0, 40)), None),  # every one of many
    ],
)
def test_what_has_no_glyph_is_named_and_nothing_else(text, named):
    with pytest.raises(Unprintable) as error:
        pdf.render(with_parts(Paragraph(text)))
    assert set(error.value.characters) <= set(text)
    if named is not None:
        assert set(error.value.characters) <= named
    else:
        assert len(error.value.characters) >= 30


@pytest.mark.parametrize("base", ["中", "か"])
def test_a_mark_that_no_font_has_does_not_blame_the_letter_below(base):
    with pytest.raises(Unprintable) as error:
        pdf.render(with_parts(Paragraph(f"{base}\u0f71文")))
    assert error.value.characters == ("\u0f71",)


def test_a_character_that_no_archive_may_hold_is_named():
    refused = "error: PDF/A-2a error: the PDF contains the codepoint `\"\\u{f400}\"`\n = hint: ..."
    assert [typeset._unquoted(found) for found in typeset._UNPRINTABLE.findall(refused)] == ["\uf400"]


RIGHT, BOTTOM = (210 - 26) * MM, (297 - 35) * MM
UNBROKEN = {
    "words joined by spaces that do not break": "word\u00a0" * 80,
    "ideographs joined by such spaces": "文\u00a0" * 80,
    "a row of dashes": "—" * 100,
    "a row of commas": "，" * 100,
    "a row of rings": "①●" * 60,
    "capitals": "W" * 39,
    "letters with accents": "é" * 200,
    "letters with marks": "e\u0302" * 200,
    "short words between others": ("a" * 38 + "é") * 5,
}


def outside(report: Report) -> list[str]:
    """The signs that stand outside of the text, but for marks that may hang at its side and the numbers of pages."""
    signs = [sign for page in pages(pdf.render(report)) for sign in page.signs if sign.text.strip() and sign.size != 14]
    assert signs
    return [sign.text for sign in signs if not sign.x > 50 or sign.x + sign.width > RIGHT + 24 or sign.y > BOTTOM + 1]


@pytest.mark.parametrize("text", UNBROKEN.values(), ids=UNBROKEN)
def test_no_text_runs_off_the_side_of_a_page(text):
    body = with_parts(Paragraph(text), SubHeading(text), replace(table(2, 9, 1), notes=(text,)))
    report = replace(body, title=text, signature=(text,), contacts=(("地址", text),), preface=(Paragraph(text),))
    assert outside(report) == []
    said = "".join(sign.text for page in pages(pdf.render(with_parts(Paragraph(text)))) for sign in page.signs)
    assert squeezed(text) in squeezed(said)


def test_a_figure_too_wide_for_its_cell_does_not_cover_its_neighbours():
    found = enumerate(pages(pdf.render(with_parts(table(3, 16, 1, "13800138000")))))
    digits = sorted(
        (number, round(sign.y), sign.x, sign.x + sign.width)
        for number, page in found
        for sign in page.signs
        if sign.text[:1].isdigit() and sign.size < 9
    )
    assert len(digits) >= 11 * 45
    assert all(first[:2] != second[:2] or first[3] < second[2] + 0.5 for first, second in pairwise(digits))


LONG = "".join(chr(0x4E00 + n) for n in range(3000))
TALL = {
    "a note": lambda: with_parts(replace(table(20, 4, 1), notes=(LONG[:400],))),
    "a note of pages": lambda: with_parts(replace(table(2, 4, 1), notes=(LONG,))),
    "words in place of a figure": lambda: with_parts(said_at(table(3, 6, 1), 9, LONG[:1000])),
    "letters in place of a figure": lambda: with_parts(said_at(table(3, 9, 1), 12, "x" * 400)),
    "a head": lambda: with_parts(said_at(table(3, 6, 1), 2, LONG[:1000])),
    "a label": lambda: with_parts(said_at(table(3, 6, 1), 6, LONG[:1000])),
    "an address": lambda: replace(BASE, contacts=(("地址", LONG[:1000]),)),
    "a signature": lambda: replace(BASE, signature=(LONG[:1000],)),
    "a title": lambda: replace(BASE, title=LONG[:1000]),
    "a chart": lambda: with_parts(drawing(*map(str, range(60)))),
}


def said_at(shape: TableView, number: int, text: str) -> TableView:
    cells = list(shape.cells)
    cells[number] = cells[number]._replace(text=text, value=None)
    return replace(shape, cells=tuple(cells))


@pytest.mark.parametrize("name", TALL)
def test_nothing_runs_off_the_foot_of_a_page(name):
    report = TALL[name]()
    assert outside(report) == []
    for page in pages(pdf.render(report)):
        assert all(rule[3] < BOTTOM + 1 for rule in page.rules)


def test_a_reference_that_has_pictures_of_its_own_names_their_kind_once(tmp_path):
    own = tmp_path / "own.docx"
    kind = '<Default Extension="png" ContentType="image/png"/>'
    with zipfile.ZipFile(folder("templates") / "reference.docx") as source, zipfile.ZipFile(own, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, source.read(name).decode().replace("<Default", f"{kind}<Default", 1 if name.startswith("[") else 0))
    with zipfile.ZipFile(io.BytesIO(docx.render(with_parts(drawing("5")), reference=own))) as package:
        types = etree.fromstring(package.read("[Content_Types].xml"))
    assert [one.get("Extension") for one in types].count("png") == 1


@pytest.mark.parametrize("left", [0, 1])
def test_a_cache_that_was_tidied_up_is_filled_again(tmp_path, monkeypatch, left):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = tuple(tmp_path / f"{name}.ttf" for name in "ab")
    for file in files:
        file.write_bytes(b"x")
    kept = fontshelf.shelf(files)
    for link in sorted(kept.folder.iterdir())[left:]:
        link.unlink()
    again = fontshelf.shelf(files)
    assert again.folder == kept.folder
    assert sorted(again.given.values()) == sorted(files)


def test_reports_can_be_set_in_several_threads_at_once():
    reports = [with_parts(Paragraph(f"第{n}份" * 50)) for n in range(8)]
    alone = [pdf.render(report) for report in reports]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(pdf.render, reports)) == alone
