"""Published pages come back in: every printed figure at its field, whatever the page was made with, and nothing guessed."""

import copy
from decimal import Decimal

import pytest

import page_printer as printer
import xl2report
from page_printer import Cell, Report, each_cell, figures_as, framed, page, split, unclosed, word
from xl2report.checks.figures import FigureTable
from xl2report.sources.page import read_page
from xl2report.sources.page_report import read_report
from xl2report.workbook.write import write

FORMS = printer.forms()
REPORTS = {
    **{form.id: printer.made_up(form) for form in FORMS},
    **{key: printer.published(key) for key in printer.KEYS},
}
MIXED = ("hongze-2023", "hongze-2024")  # one table of these is printed as the edition before had it


def figures_read(form, submission):
    """The figures of the tables by field; None where nothing is printed."""
    fields = [field.id for table in form.tables for field in table.cells]
    return {name: submission.entries[name].value for name in fields if name in submission.entries}


def codes(submission, *ignored):
    return sorted({remark.code for remark in submission.remarks} - {"S116", "S107", "V201", "N120", *ignored})


def zero_as(shown):
    return lambda report: figures_as(report, lambda text: shown if text == "0" else text, lambda text: "" if text == "0" else text)


def spans(change):
    return lambda report: each_cell(report, change)


def longer(cell: Cell):
    cell.rows += cell.kind == "row" and cell.rows > 1


def shorter(cell: Cell):
    cell.rows -= cell.kind == "row" and cell.rows > 1


def wider(cell: Cell):
    cell.columns += 3 * (cell.kind in ("column", "heading") and cell.columns > 1)


def lost(cell: Cell):
    cell.rows = cell.columns = 1


def broken(cell: Cell):
    cell.text = cell.text if cell.field else printer.broken_lines(cell.text)


def same(report: Report) -> Report:
    return report


# how a report is changed before it is printed, how it is printed, and the codes of what has to be said about that
SHAPES = {
    "clean": (same, {}, []),
    "pasted from Word": (same, {"table": word}, []),
    "in frames of layout tables": (same, {"table": framed}, []),
    "without closing tags": (same, {"table": unclosed}, []),
    "in GBK, declared": (same, {"charset": "gb2312", "encoding": "gb18030"}, []),
    "in GBK, declared as UTF-8": (same, {"charset": "utf-8", "encoding": "gbk"}, ["F117"]),
    "in UTF-8, declared as GBK": (same, {"charset": "GBK"}, ["F117"]),
    "in GBK, not declared": (same, {"charset": "", "encoding": "gbk"}, []),
    "in UTF-16": (same, {"encoding": "utf-16"}, []),
    "blanks for 0": (zero_as(""), {}, []),
    "strokes for 0": (zero_as("/"), {}, []),
    "no-break spaces around figures": (lambda report: figures_as(report, lambda text: f"\u00a0{text}\u3000"), {}, []),
    "labels broken over lines": (spans(broken), {}, []),
    "rowspans too long": (spans(longer), {}, ["S125"]),
    "rowspans too short": (spans(shorter), {}, ["S127"]),
    "colspans too wide": (spans(wider), {}, ["S127"]),
    "no spans": (spans(lost), {}, ["S127"]),
    **{
        f"over two pages, header {'repeated' if header else 'not repeated'}, groups {groups}": (
            lambda report, header=header, groups=groups: split(report, header=header, groups=groups), {},
            [] if groups == "repeated" else ["S127"],
        )
        for header in (True, False) for groups in ("gone", "blank", "repeated")
    },
}  # fmt: skip


@pytest.mark.parametrize("key", REPORTS)
@pytest.mark.parametrize(("change", "style", "expected"), SHAPES.values(), ids=SHAPES)
def test_every_figure_is_read_from_a_page_however_it_was_made(change, style, expected, key):
    report = change(copy.deepcopy(REPORTS[key]))
    form, submission = read_report(read_page(page(report, **style)), FORMS)
    assert form == report.form
    printed = {name: value for name, value in report.figures.items() if name in form.fields}
    assert {name: figures_read(form, submission).get(name, "not read") for name in printed} == printed
    assert codes(submission, "S128") == expected
    assert ("S128" in codes(submission)) == (key in MIXED)


@pytest.mark.parametrize("key", [key for key in MIXED if key in REPORTS])
def test_figures_that_only_the_other_edition_has_are_told_one_by_one(key):
    report = REPORTS[key]
    form, submission = read_report(read_page(page(report)), FORMS)
    told = [remark for remark in submission.remarks if remark.code == "S107" and remark.place.sheet == "第2个表"]
    assert len(told) == len(set(report.figures) - form.fields.keys()) == 7


@pytest.mark.parametrize("to", ["html", "html-fragment"])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_our_own_page_comes_back_with_every_figure(form, to, tmp_path):
    report = printer.made_up(form)
    typed = {name: (text if form.fields[name].kind == "amount" else Decimal(text)) for name, text in report.tables[0].figures.items()}
    typed |= {name: Decimal(text) for table in report.tables[1:] for name, text in table.figures.items() if not form.fields[name].parts}
    typed |= {field.id: Decimal(0) if field.kind == "count" else "0" for section in form.sections for field in section.fields}
    path = tmp_path / "filled.xlsx"
    path.write_bytes(write(form, {**typed, "cover.agency": report.agency, "cover.year": Decimal(report.year)}))
    checked = xl2report.check(path)
    markup = xl2report.render(checked, to=to, draft=True)
    read_as, submission = read_report(read_page(markup if isinstance(markup, bytes) else markup.encode()), FORMS)
    assert read_as == form
    figures = FigureTable(form, checked.submission)
    assert figures_read(form, submission) == {field.id: figures.number(field.id) for table in form.tables for field in table.cells}
    assert codes(submission) == []
