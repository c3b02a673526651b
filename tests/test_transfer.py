"""Transfer: everything legible goes into the fresh workbook, everything else is a line of the change list."""

import io
import random
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pytest

import parity
import xl2report
from xl2report.checked import Terms, check_content, check_file, read_workbook
from xl2report.checks.entries import visible
from xl2report.checks.numbers import is_blank_text
from xl2report.cli.change_list import change_list
from xl2report.form.faults import FormError
from xl2report.form.load import load
from xl2report.form.model import NO, YES
from xl2report.shipped import folder
from xl2report.submission import Place
from xl2report.transferred import TransferRefused, transfer
from xl2report.workbook.book import read_book
from xl2report.workbook.carried import CELL_LIMIT, folded, quoted
from xl2report.workbook.change import KINDS
from xl2report.workbook.moved import moved
from xl2report.workbook.plan import CHECK_SHEET, META_SHEET, cell_name, plan
from xl2report.workbook.write import write

FORM, OLD = xl2report.load_form("disclosure-2021"), xl2report.load_form("disclosure-2019")
PLACES = plan(FORM).places
SAMPLES = sorted(folder("samples").glob("*/filled.xlsx"))
SAMPLE = folder("samples") / "example-county-2023" / "filled.xlsx"
REQUESTS, PROACTIVE, OVERVIEW = "三、收到和处理申请", "二、主动公开", "一、总体情况"


def edited(change, source: Path = SAMPLE):
    """The check of a workbook that somebody changed with another program."""
    book = openpyxl.load_workbook(source)
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return check_content("a.xlsx", buffer.getvalue())


def filled(form=FORM, **values):
    """The check of a workbook with some values in it: ids with two underscores for each point."""
    return check_content("a.xlsx", write(form, {name.replace("__", "."): value for name, value in values.items()}))


def inputs(content: bytes) -> dict[str, object]:
    form, submission = read_workbook(content)
    return {name: entry.value for name, entry in submission.entries.items() if not form.fields[name].parts}


def lines(done, *kinds: str) -> list[tuple[str, str, str]]:
    """Code, cell in the source, raw text of the changes of some kinds (of all without any)."""
    return [(change.code, change.source.cell, change.raw) for change in done.changes if not kinds or change.kind in kinds]


def typed(field: str, value: object):
    at = PLACES[field]
    return lambda book: book[at.sheet].__setitem__(at.cell, value)


# -- the whole workbook ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_every_value_that_was_read_is_read_again_from_the_fresh_workbook(path):
    result = check_file(path)
    done = transfer(result)
    unread = {change.target.cell for change in done.changes if change.kind == "unread"}
    before, after = inputs(path.read_bytes()), inputs(done.content)
    assert {name for name in before if before[name] != after[name]} <= {name for name, at in PLACES.items() if at.cell in unread}
    assert transfer(result).content == done.content
    assert (done.form, done.year) == (result.form, result.year)


@pytest.mark.parametrize("case", ["example-county-2023", "passing-2020"])
def test_a_sound_workbook_is_written_again_byte_for_byte_and_nothing_changes(case):
    path = folder("samples") / case / "filled.xlsx"
    done = transfer(check_file(path))
    assert (done.content == path.read_bytes(), done.changes) == (True, ())


def test_the_faulty_sample_has_its_figures_repaired_its_total_computed_and_its_texts_listed():
    done = transfer(check_file(folder("samples") / "faulty-2023" / "filled.xlsx"))
    assert lines(done, "unread") == [("V305", "C17", "一百二十"), ("V316", "C22", "3.5万")]
    assert lines(done, "repaired") == [("V201", "F9", "3件")]
    assert [(c.source.cell, c.raw, c.value) for c in done.changes if c.kind == "total"] == [("K32", "8", "9")]
    assert len(done.changes) == 4
    fresh = read_workbook(done.content)[1]
    assert fresh.number("requests.new.commercial") == 3
    assert fresh.entries["requests.handled.total"].formula


def test_a_fresh_workbook_is_locked_and_open_where_a_blank_one_is():
    done = transfer(edited(typed("requests.new.natural", "3-4")))
    blank, fresh = (openpyxl.load_workbook(io.BytesIO(content)) for content in (xl2report.template(FORM), done.content))
    for sheet in blank:
        assert fresh[sheet.title].protection.sheet
        assert fresh[sheet.title].sheet_state == sheet.sheet_state
        for row in sheet.iter_rows():
            for cell in row:
                assert fresh[sheet.title][cell.coordinate].protection.locked == cell.protection.locked


# -- one cell ----------------------------------------------------------------------------------------------------------

CELLS = [
    # field, what is typed, what is in the fresh workbook, the change: kind, code, raw
    ("requests.new.natural", 7, Decimal(7), None),
    ("requests.new.natural", "7", Decimal(7), ("repaired", "V201", "7")),
    ("requests.new.natural", "７件", Decimal(7), ("repaired", "V201", "７件")),
    ("requests.new.natural", "/", None, ("repaired", "placeholder", "/")),
    ("requests.new.natural", "  ", None, None),
    ("requests.new.natural", -3, Decimal(-3), None),
    ("requests.new.natural", 2.5, Decimal("2.5"), None),
    ("requests.new.natural", "２.5", Decimal("2.5"), ("repaired", "V201", "２.5")),
    ("requests.new.natural", "一百二十", None, ("unread", "V305", "一百二十")),
    ("requests.new.natural", "3万", None, ("unread", "V301", "3万")),
    ("requests.new.natural", "3 4", None, ("unread", "V317", "3 4")),
    ("requests.new.natural", True, None, ("unread", "V308", "TRUE")),
    ("requests.new.natural", "#REF!", None, ("unread", "V309", "#REF!")),
    ("requests.new.natural", "=1+2", None, ("unread", "V105", "=1+2")),
    ("proactive.fee.amount", "77.4960", Decimal("77.4960"), None),
    ("proactive.fee.amount", 77.5, Decimal("77.5"), None),
    ("proactive.fee.amount", "1,200.50", Decimal("1200.50"), ("repaired", "V201", "1,200.50")),
    ("proactive.fee.amount", "1.2345678", Decimal("1.2345678"), None),
    ("proactive.fee.amount", "12万元", Decimal(12), ("repaired", "V201", "12万元")),
    ("fee.charged", 12, Decimal(12), None),
    ("cover.signed_on", "2024年1月18日", "2024-01-18", ("repaired", "V201", "2024年1月18日")),
    ("cover.signed_on", "明天", None, None),
    ("cover.website", "www.example.gov.cn", None, None),
    ("cover.category", " 县级政府 ", "县级政府", ("repaired", "V201", " 县级政府 ")),
    ("cover.category", "县局", None, None),
    ("cover.mobile", 13800000000, "13800000000", None),
    ("cover.address", "=1/0", None, ("unread", "V105", "=1/0")),
    ("requests.note", "其中 2 件\n为重复申请", "其中 2 件\n为重复申请", None),
    ("requests.blank_is_zero", "是的", None, None),
]


@pytest.mark.parametrize(("field", "value", "expected", "change"), CELLS)
def test_a_cell_goes_over_as_it_was_read_and_a_text_that_is_no_number_is_listed(field, value, expected, change):
    done = transfer(edited(typed(field, value)))
    entry = read_workbook(done.content)[1].entries[field]
    assert entry.value == expected
    found = [(c.kind, c.code, c.raw) for c in done.changes if c.source.cell == PLACES[field].cell and c.source.sheet == PLACES[field].sheet]
    assert found == ([change] if change else [])
    if expected is None and change is None and str(value).strip():
        assert entry.raw.text == value  # refused as a date, a choice, an address: legible all the same


def test_an_amount_keeps_its_last_zeros_and_a_stored_number_gets_none():
    def change(book):
        typed("proactive.fee.amount", 77.496)(book)
        typed("fee.charged", "86.40")(book)

    fresh = read_workbook(transfer(edited(change)).content)[1]
    assert [fresh.entries[name].raw.text for name in ("proactive.fee.amount", "fee.charged")] == ["77.496", "86.40"]


def test_a_stored_number_goes_over_at_the_digits_a_spreadsheet_keeps_or_is_listed():
    parts = Parts(SAMPLE.read_bytes())
    parts.put(PROACTIVE, "C22", "<v>77.495999999999995</v>")
    assert read_workbook(transfer(check_content("a.xlsx", parts.packed())).content)[1].entries["proactive.fee.amount"].raw.text == "77.496"
    parts.put(PROACTIVE, "C22", "<v>0.123456789012345</v>")  # as a text it has a digit too many
    done = transfer(check_content("a.xlsx", parts.packed()))
    assert lines(done, "unread") == [("V313", "C22", "0.123456789012345")]
    assert read_workbook(done.content)[1].entries["proactive.fee.amount"].blank


def test_a_date_where_a_number_belongs_is_listed():
    def change(book):
        cell = book[REQUESTS]["E9"]
        cell.value, cell.number_format = 45355, "m-d"

    assert lines(transfer(edited(change)), "unread") == [("V306", "E9", "2024-03-04")]


def test_a_formula_in_an_input_goes_over_as_its_result_and_is_listed():
    parts = Parts(SAMPLE.read_bytes())
    parts.put(REQUESTS, "E9", "<f>1+1</f><v>2</v>")
    done = transfer(check_content("a.xlsx", parts.packed()))
    assert lines(done) == [("formula", "E9", "=1+1")]
    assert read_workbook(done.content)[1].number("requests.new.natural") == 2


# -- totals --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "kind", "raw"), [
    (2, None, ""), ("2件", None, ""), (77, "total", "77"), ("/", "total", "/"), ("约10", "unread", "约10"), (None, None, ""),
])  # fmt: skip
def test_a_typed_total_never_goes_over_and_is_listed_where_it_differs(value, kind, raw):
    done = transfer(edited(typed("requests.handled.total", value)))
    assert [(c.kind, c.raw, c.value) for c in done.changes] == ([(kind, raw, "2")] if kind else [])
    fresh = read_workbook(done.content)[1].entries["requests.handled.total"]
    assert (fresh.formula, fresh.raw.text) == (True, "2")


def test_a_stored_total_that_is_stale_or_cannot_be_added_up_any_more_is_listed():
    parts = Parts(SAMPLE.read_bytes())
    parts.put(REQUESTS, "K9", "<f>SUM(E9:J9)</f><v>9</v>")
    parts.put(REQUESTS, "F11", "<is><t>三件</t></is>", "inlineStr")
    done = transfer(check_content("a.xlsx", parts.packed()))
    totals = [(c.source.cell, c.raw, c.value) for c in done.changes if c.kind == "total"]
    assert totals == [("K9", "9", "2"), ("K11", "2", ""), ("F32", "0", ""), ("K32", "2", "")]


def test_a_total_with_another_formula_and_no_result_is_listed_with_that_formula():
    done = transfer(edited(typed("requests.new.total", "=SUM(E9:H9)+5")))
    assert [(c.kind, c.code, c.source.cell, c.raw, c.value) for c in done.changes] == [("total", "S205", "K9", "=SUM(E9:H9)+5", "2")]


# -- paragraphs -----------------------------------------------------------------------------------------------------------


def test_more_paragraphs_than_rows_are_joined_in_the_last_row_and_none_is_lost():
    paragraphs = [f"第{n}段" for n in range(40)]

    parts = Parts(SAMPLE.read_bytes())
    parts.shift_rows(OVERVIEW, PLACES["overview.proactive"].row + 2, 40)
    for n, text in enumerate(paragraphs, PLACES["overview.proactive"].row + 1):
        parts.put(OVERVIEW, f"C{n}", f"<is><t>{text}</t></is>", "inlineStr")
    result = check_content("a.xlsx", parts.packed())
    assert result.submission.entries["overview.proactive"].value[:40] == tuple(paragraphs)
    done = transfer(result)
    rows = read_workbook(done.content)[1].entries["overview.proactive"].value
    assert rows[:9] == tuple(paragraphs[:9])
    assert rows[9].split("\n")[:31] == paragraphs[9:]
    assert ("joined", "C5", "") in lines(done, "moved")
    assert lines(done, "unread") == []


FOLDS = [
    # paragraphs, rows, what the rows hold, what has no room
    ([], 2, (), ()),
    (["a", "b"], 2, ("a", "b"), ()),
    (["a", "b", "c", "d"], 2, ("a", "b\nc\nd"), ()),
    (["a", "b" * CELL_LIMIT, "c" * CELL_LIMIT], 2, ("a", "b" * CELL_LIMIT), ("c" * CELL_LIMIT,)),
    (["a", "b", "c" * CELL_LIMIT], 2, ("a\nb", "c" * CELL_LIMIT), ()),
    (["a" * (CELL_LIMIT - 2), "b"], 1, ("a" * (CELL_LIMIT - 2) + "\nb",), ()),
    (["a" * (CELL_LIMIT - 1), "b"], 1, ("a" * (CELL_LIMIT - 1),), ("b",)),
]


@pytest.mark.parametrize(("paragraphs", "rows", "kept", "lost"), FOLDS)
def test_paragraphs_are_folded_from_the_end_up_to_what_a_cell_holds(paragraphs, rows, kept, lost):
    assert folded(paragraphs, rows) == (kept, lost)


def test_more_paragraphs_than_rows_are_refused_by_the_writer():
    with pytest.raises(ValueError, match=r"overview\.proactive: 11 paragraphs, 10 rows"):
        write(FORM, {"overview.proactive": ("段",) * 11})


def test_an_error_value_in_a_text_is_listed_and_its_neighbours_go_over():
    result = edited(typed("overview.proactive", "#NAME?"))
    done = transfer(result)
    assert lines(done, "unread") == [("V309", "C5", "#NAME?")]
    assert len(read_workbook(done.content)[1].entries["overview.proactive"].value) == 1


@pytest.mark.parametrize("text", ["长" * (CELL_LIMIT + 1), "<r>粗体</r>", "半个\ud83d字符"])
def test_a_text_that_no_cell_can_hold_is_listed_and_not_cut(text):
    result = filled(cover__address="甲", problems__text=("一", "二"))
    one, two = (result.submission.entries[name] for name in ("cover.address", "problems.text"))
    changed = {"cover.address": one._replace(value=text, raw=one.raw._replace(text=text)), "problems.text": two._replace(value=("一", text))}
    submission = replace(result.submission, entries={**result.submission.entries, **changed})
    done = transfer(replace(result, submission=submission))
    assert lines(done, "unread") == [("unwritable", "C9", text), ("unwritable", "C6", text)]
    fresh = read_workbook(done.content)[1]
    assert (fresh.entries["cover.address"].blank, fresh.entries["problems.text"].value) == (True, ("一",))


# -- sheets, ids, labels --------------------------------------------------------------------------------------------------


def test_inserted_rows_and_a_renamed_sheet_are_one_line_each():
    parts = Parts(SAMPLE.read_bytes())
    parts.rename(PROACTIVE, "表二")
    parts.shift_rows("五、问题及改进", 5, 2)
    done = transfer(check_content("a.xlsx", parts.packed()))
    assert [(c.code, c.source[:2], c.target[:2], c.cells) for c in done.changes if c.kind == "moved"] == [
        ("sheet", ("表二", ""), (PROACTIVE, ""), 10),
        ("shift", ("五、问题及改进", "C7:C8"), ("五、问题及改进", "C5:C6"), 2),
    ]
    assert [change for change in done.changes if change.kind != "moved"] == []
    assert inputs(done.content) == inputs(SAMPLE.read_bytes())


SHIFTS = [
    # how far each cell of a sheet has moved (rows, columns), and the lines it makes
    ([(0, 0), (0, 0)], []),
    ([(1, 0), (1, 0), (0, 0)], [("shift", "B10:B11", "B11:B12", 2)]),
    ([(1, 0), (0, 1), (-1, 0)], [("shift", "B10", "B11", 1), ("shift", "B11", "C11", 1), ("shift", "B12", "B11", 1)]),
    ([(1, 0), (0, 1), (-1, 0), (0, 2), (0, 0)], [("layout", "", "", 4)]),
]


@pytest.mark.parametrize(("shifts", "expected"), SHIFTS)
def test_cells_that_moved_alike_are_one_line_and_another_layout_is_one_line(shifts, expected):
    places = [(Place("表", cell_name(9 + n, 1)), Place("表", cell_name(9 + n + row, 1 + column))) for n, (row, column) in enumerate(shifts)]
    assert [(c.code, c.source.cell, c.target.cell, c.cells) for c in moved(places)] == expected


def test_what_stands_where_no_field_is_found_is_listed_with_its_text():
    def change(book):
        sheet = book[REQUESTS]
        sheet["A13"] = "granted"  # the id of another row
        sheet["E13"] = 5
        sheet["L9"] = "旁注"
        book["五、问题及改进"]["C40"] = "格外面的一段"
        book.create_sheet("备注")["B2"] = "请领导审阅"

    done = transfer(edited(change))
    unread = [(c.source.sheet, c.source.cell, c.raw) for c in done.changes if c.kind == "unread"]
    expected = {(REQUESTS, "E11", "2"), (REQUESTS, "L9", "旁注"), ("五、问题及改进", "C40", "格外面的一段"), ("备注", "B2", "请领导审阅")}
    assert expected <= set(unread)
    assert "S107" not in {change.code for change in done.changes}
    assert len({(sheet, cell) for sheet, cell, _ in unread}) == len(unread)  # once each
    assert read_workbook(done.content)[1].number("requests.state_secret.natural") == 5  # its name still tells where it is
    assert read_workbook(done.content)[1].entries["requests.granted.natural"].blank


def test_a_sheet_that_was_not_read_is_one_line_with_its_cells_counted():
    def change(book):
        for row in range(1, 31):
            book.create_sheet("台账") if row == 1 else None
            book["台账"].cell(row, 1).value = f"第{row}件"

    found = [c for c in transfer(edited(change)).changes if c.kind == "unread"]
    assert [(c.code, c.source.sheet, c.cells, c.raw) for c in found] == [("sheet-unread", "台账", 30, "第1件、第2件、第3件")]


def test_a_sheet_of_ours_that_lost_every_anchor_is_one_line_too():
    def change(book):
        for row in range(1, 30):
            book["五、问题及改进"].cell(row, 1).value = None
        for name in [name for name in book.defined_names if name.startswith("x2r_f_problems")]:
            del book.defined_names[name]
        for row in range(10, 20):
            book["五、问题及改进"].cell(row, 3).value = f"第{row}段"

    done = transfer(edited(change))
    assert [(c.kind, c.code, c.source.sheet, c.cells) for c in done.changes] == [("unread", "S108", "五、问题及改进", 12)]


def test_an_inserted_column_moves_the_figures_and_brings_nothing_else():
    parts = Parts(SAMPLE.read_bytes())
    for sheet in ("五、问题及改进", REQUESTS):
        parts.shift_columns(sheet)
    done = transfer(check_content("a.xlsx", parts.packed()))
    assert {(c.kind, c.code, c.target.sheet) for c in done.changes} == {("moved", "shift", "五、问题及改进"), ("moved", "shift", REQUESTS)}
    assert inputs(done.content) == inputs(SAMPLE.read_bytes())


def test_an_identical_copy_of_a_sheet_is_no_change():
    done = transfer(edited(lambda book: book.copy_worksheet(book[REQUESTS])))
    assert (done.changes, inputs(done.content)) == ((), inputs(SAMPLE.read_bytes()))


def test_a_changed_label_is_to_be_compared_and_its_figures_go_over():
    done = transfer(edited(lambda book: book[REQUESTS].__setitem__("D13", "其他")))
    assert [(c.kind, c.code, c.source.cell, c.raw) for c in done.changes] == [("doubtful", "S103", "D13", "其他")]
    assert inputs(done.content) == inputs(SAMPLE.read_bytes())


def test_a_figure_that_was_cut_or_sorted_goes_nowhere_and_is_listed():
    def change(book):
        names = book.defined_names
        one, other = (f"x2r_f_requests.{row}.natural" for row in ("new", "granted"))
        names[one].value, names[other].value = names[other].value, names[one].value

    done = transfer(edited(change))
    assert sorted(lines(done)) == [("S111", "E11", "2"), ("S111", "E9", "2")]
    assert [read_workbook(done.content)[1].entries[f"requests.{row}.natural"].blank for row in ("new", "granted")] == [True, True]


def test_a_text_whose_name_points_elsewhere_goes_over_and_is_to_be_compared():
    def change(book):
        names = book.defined_names
        one, other = (f"x2r_f_overview.{name}" for name in ("proactive", "platform"))
        names[one].value, names[other].value = names[other].value, names[one].value

    done = transfer(edited(change))
    assert {(c.kind, c.code) for c in done.changes} == {("doubtful", "S111")}
    assert inputs(done.content) == inputs(SAMPLE.read_bytes())


def test_a_total_is_added_up_wherever_its_name_points():
    def change(book):
        names = book.defined_names
        one, other = (f"x2r_f_requests.{row}.total" for row in ("new", "granted"))
        names[one].value, names[other].value = names[other].value, names[one].value

    result = edited(change)
    assert "S111" in {finding.code for finding in result.findings}
    assert transfer(result).changes == ()


def test_a_figure_in_a_merged_area_over_several_inputs_goes_nowhere():
    def change(book):
        book[REQUESTS]["E12"] = 4
        book[REQUESTS].merge_cells("E12:F12")

    done = transfer(edited(change))
    assert ("S114", "E12", "4") in lines(done, "unread")
    assert read_workbook(done.content)[1].entries["requests.partial.natural"].blank


def test_a_deleted_sheet_is_listed():
    done = transfer(edited(lambda book: book.__delitem__("四、复议和诉讼")))
    assert [(c.code, c.source.sheet) for c in done.changes if c.kind == "unread"] == [("S101", "四、复议和诉讼")]


# -- workbooks of other kinds ------------------------------------------------------------------------------------------------


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", ["xls", "ods"])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_a_workbook_saved_in_an_old_format_gives_the_same_fresh_workbook(path, kind, soffice, tmp_path):
    soffice(path, kind, tmp_path)
    done, expected = transfer(check_file(tmp_path / f"filled.{kind}")), transfer(check_file(path))
    assert done.content == expected.content
    assert [(c.kind, c.source.cell, c.raw) for c in done.changes] == [(c.kind, c.source.cell, c.raw) for c in expected.changes]


def labels_only() -> bytes:
    """The tables of the sample on sheets of another name, three rows higher, without an id, a name or a formula."""
    source, target = openpyxl.load_workbook(SAMPLE, data_only=True), openpyxl.Workbook()
    target.remove(target.active)
    for n, table in enumerate(FORM.tables, 1):
        old, new = source[plan(FORM).tables[table.id].sheet], target.create_sheet(f"表{n}")
        for row in old.iter_rows(min_row=6):
            for cell in row[1:]:
                if cell.value is not None and not str(cell.value).startswith(("requests.", "review.", "proactive.")):
                    new.cell(cell.row - 3, cell.column - 1).value = cell.value
        for area in old.merged_cells.ranges:
            if area.min_row > 5:
                new.merge_cells(None, area.min_row - 3, area.min_col - 1, area.max_row - 3, area.max_col - 1)
    target["表2"]["E12"] = "一百二十"
    target["表2"]["J6"] = 5
    target["表2"]["B60"] = "制表人：张某"
    buffer = io.BytesIO()
    target.save(buffer)
    return buffer.getvalue()


def test_a_workbook_that_holds_the_tables_alone_fills_the_tables_of_a_fresh_one():
    result = check_content("a.xlsx", labels_only())
    done = transfer(result, year=2023)
    assert (result.year, done.year, done.form) == (None, 2023, FORM)
    before, after = inputs(SAMPLE.read_bytes()), inputs(done.content)
    figures = [field.id for table in FORM.tables for field in table.cells if not field.parts]
    refused = [name for name in figures if before[name] != after[name]]
    assert [after[name] for name in refused] == [None]
    assert {("V305", "E12", "一百二十"), ("outside", "B60", "制表人：张某")} <= set(lines(done, "unread"))
    assert ("J6", "5", "2") in [(c.source.cell, c.raw, c.value) for c in done.changes if c.kind == "total"]
    assert {(c.source.sheet, c.target.sheet) for c in done.changes if c.kind == "moved"} == {
        (f"表{n}", plan(FORM).tables[table.id].sheet) for n, table in enumerate(FORM.tables, 1)
    }


def test_an_encrypted_workbook_is_opened_again_with_its_password(tmp_path):
    ooxml = pytest.importorskip("msoffcrypto.format.ooxml")
    out = io.BytesIO()
    with SAMPLE.open("rb") as plain:
        ooxml.OOXMLFile(plain).encrypt("密码 1", out)
    result = check_content("a.xlsx", out.getvalue(), Terms(password="密码 1"))
    assert transfer(result, password="密码 1").content == SAMPLE.read_bytes()


# -- explanations ---------------------------------------------------------------------------------------------------------


def explained(**typed_in):
    """The sample with a query, and explanations typed beside rules."""

    def change(book):
        typed("proactive.normative.issued", 9)(book)
        checks = book[CHECK_SHEET]
        rows = {checks.cell(row, 1).value: row for row in range(1, 90)}
        for name, text in typed_in.items():
            checks.cell(rows[name.replace("__", ":")], 12).value = text

    return edited(change)


def test_explanations_travel_and_the_fresh_sheet_shows_them_as_explained():
    done = transfer(explained(in_force__normative="含上年清理结转"))
    assert done.changes == ()
    again = check_content("fresh.xlsx", done.content)
    query = next(finding for finding in again.findings if finding.rule == "in_force")
    assert (again.status, query.explained) == ("pass", "含上年清理结转")
    checks = openpyxl.load_workbook(io.BytesIO(done.content), data_only=True)[CHECK_SHEET]
    row = next(row for row in range(1, 90) if checks.cell(row, 1).value == "in_force:normative")
    assert (checks.cell(row, 10).value, checks.cell(row, 12).value, checks["B3"].value) == ("● 已说明", "含上年清理结转", "全部通过")


def test_an_explanation_of_a_rule_that_takes_none_is_listed():
    done = transfer(explained(balance__natural="另有 1 件", in_force__normative="清理"))
    assert [(c.kind, c.source.item, c.raw) for c in done.changes] == [("dropped", ("balance:natural",), "另有 1 件")]


def test_a_text_typed_elsewhere_on_the_sheet_of_checks_is_listed():
    done = transfer(edited(lambda book: book[CHECK_SHEET].__setitem__("N9", "以上已核")))
    assert lines(done) == [("outside", "N9", "以上已核")]


def test_explanations_that_no_rule_asks_for_are_refused_by_the_writer():
    with pytest.raises(KeyError):
        write(FORM, explanations={"balance:natural": "另有 1 件"})


# -- another form ----------------------------------------------------------------------------------------------------------


def test_the_year_on_the_cover_chooses_the_form_and_items_that_it_lacks_are_listed_with_their_figures():
    old = folder("samples") / "passing-2020" / "filled.xlsx"
    result = edited(typed("cover.year", 2021), old)
    done = transfer(result)
    assert (done.form.id, done.year) == (FORM.id, 2021)
    assert transfer(result, year=2021).content == transfer(result, form=FORM).content == done.content
    after = inputs(done.content)
    before = {name: value for name, value in inputs(old.read_bytes()).items() if value is not None}
    for name, value in before.items():
        if name in after and name != "cover.year":
            assert after[name] == value, name
    lost = {name for name in before if name not in after}
    listed = [(c.source.item, c.raw) for c in done.changes if c.code == "no-item"]
    assert sorted(listed) == sorted((OLD.fields[name].path, f"{before[name]:f}") for name in lost)
    assert len(lost) == 13


def test_the_form_of_the_source_is_kept_where_its_year_fits_or_no_form_fits():
    for year, expected in ((2020, OLD), (2018, OLD), (2021, FORM)):
        assert transfer(filled(OLD, cover__year=Decimal(year))).form == expected
    assert transfer(filled(OLD)).form == OLD


def variant(tmp_path, *changes):
    """The 2021 form with something else in its file."""
    source = (folder("workbook_templates") / FORM.id / "form.yaml").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in source
        source = source.replace(before, after, 1)
    path = tmp_path / "form.yaml"
    path.write_text(source, encoding="utf-8")
    return load(path)


def test_an_item_that_another_form_asks_for_in_another_unit_does_not_go_over(tmp_path):
    other = variant(tmp_path, ("kind: amount, unit: 万元,", "kind: amount, unit: 元,"))
    done = transfer(check_file(SAMPLE), form=other)
    assert lines(done, "unread") == [("no-fit", "C22", "77.4960")]
    assert read_workbook(done.content)[1].entries["proactive.fee.amount"].blank


REFUSED = [
    # source, arguments, reason
    (lambda: check_content("a.xlsx", b"hello"), {}, "unreadable"),
    (lambda: filled(cover__year=Decimal(2023)), {"year": 2018}, "no-form"),
    (lambda: filled(cover__year=Decimal(2023)), {"year": 2022}, "earlier"),
    (lambda: filled(cover__year=Decimal(2023)), {"year": 2024, "form": OLD}, "other-year"),
]


@pytest.mark.parametrize(("source", "arguments", "reason"), REFUSED)
def test_a_transfer_that_cannot_be_meant_is_refused(source, arguments, reason):
    with pytest.raises(TransferRefused) as refused:
        transfer(source(), **arguments)
    assert refused.value.reason == reason


def test_a_source_without_a_year_gets_the_one_asked_for():
    done = transfer(filled(requests__new__natural=Decimal(4)), year=2022)
    assert (done.year, done.figures) == (2022, 1)
    assert read_workbook(done.content)[1].number("cover.year") == 2022


# -- last year's workbook --------------------------------------------------------------------------------------------------

COLUMNS = ("natural", "commercial", "research", "public_benefit", "legal_service", "other_org")
COVER = {"cover.agency": "示例县公安局", "cover.code": "SL-0101", "cover.category": "县级部门", "cover.address": "人民路1号",
         "cover.postcode": "751300", "cover.phone": "0951-0000000", "cover.website": "https://www.example.gov.cn/"}  # fmt: skip
THIS_YEAR = {"cover.title": "示例县公安局2023年报告", "cover.page_url": "https://a.cn/2023", "cover.signed_on": "2024-01-18",
             "cover.filler": "甲", "cover.submission": Decimal(2), "problems.text": ("一是…",), "requests.note": "注"}  # fmt: skip


def last_year(form=FORM, year=2023, **more):
    values = {**{name: value for name, value in THIS_YEAR.items() if name in form.fields}, **COVER, "cover.year": Decimal(year)}
    values |= {f"requests.carried_out.{column}": Decimal(n) for n, column in enumerate(COLUMNS, 1)}
    values |= {"requests.new.natural": Decimal(21), "requests.granted.natural": Decimal(20)}
    return check_content("last.xlsx", write(form, {**values, **{name.replace("__", "."): value for name, value in more.items()}}))


@pytest.mark.parametrize(("form", "last", "year"), [(FORM, 2023, 2024), (OLD, 2019, 2020), (OLD, 2020, 2021)])
def test_what_was_carried_out_last_year_is_carried_in_this_year_column_by_column(form, last, year):
    done = transfer(last_year(form, last), year=year)
    fresh = read_workbook(done.content)[1]
    assert [fresh.number(f"requests.carried_in.{column}") for column in COLUMNS] == [1, 2, 3, 4, 5, 6]
    assert fresh.entries["requests.carried_in.total"].raw.text == "21"  # its formula, with its result
    held = {name: entry.value for name, entry in fresh.entries.items() if not entry.blank and not entry.formula}
    figures = {f"requests.carried_in.{column}": Decimal(n) for n, column in enumerate(COLUMNS, 1)}
    assert held == {**COVER, **figures, "cover.year": Decimal(year)}
    assert {change.kind for change in done.changes} == {"rolled"}
    assert (len(done.changes), done.figures, done.texts, done.year) == (13, 6, 7, year)


def test_after_a_gap_of_years_only_the_cover_rolls_over_and_the_list_says_so():
    done = transfer(last_year(), year=2025)
    fresh = read_workbook(done.content)[1]
    assert {name: entry.value for name, entry in fresh.entries.items() if not entry.blank and not entry.formula} == {
        **COVER, "cover.year": Decimal(2025),
    }  # fmt: skip
    assert [(c.code, c.raw, c.value) for c in done.changes if c.kind == "dropped"] == [("gap", "2023", "2025")]


LAST_FIGURES = [
    # what last year's cell holds, whether blanks are 0 there, what this year begins with, the code of the change
    (Decimal(3), NO, Decimal(3), "rolled"),
    ("3件", NO, Decimal(3), "rolled"),
    (None, YES, Decimal(0), "rolled"),
    ("/", YES, Decimal(0), "rolled"),
    (None, NO, None, "no-figure"),
    (None, None, None, "no-figure"),
    ("三件", NO, None, "V305"),
    (Decimal(-1), NO, None, "V311"),
    (Decimal("2.5"), NO, None, "V302"),
]


@pytest.mark.parametrize(("value", "zero", "expected", "code"), LAST_FIGURES)
def test_a_figure_of_last_year_rolls_over_only_where_it_was_certain(value, zero, expected, code):
    done = transfer(last_year(requests__carried_out__natural=value, requests__blank_is_zero=zero), year=2024)
    assert read_workbook(done.content)[1].number("requests.carried_in.natural") == expected
    [change] = [c for c in done.changes if c.target.cell == "E10"]
    assert (change.code, change.kind, change.source.cell) == (code, "rolled" if code == "rolled" else "unread", "E33")


ROW = "carried_in: {label: 二、上年结转政府信息公开申请数量, from_last: carried_out"


@pytest.mark.parametrize(("overwritten", "expected", "code"), [(None, Decimal(20), "rolled"), (20, Decimal(20), "rolled"), (19, None, "total-differs")])
def test_a_typed_total_of_last_year_rolls_over_only_where_it_is_the_sum(tmp_path, overwritten, expected, code):
    form = variant(tmp_path, (ROW, ROW.replace("carried_out", "handled")))
    values = {"cover.year": Decimal(2023), "requests.blank_is_zero": YES, "requests.granted.natural": Decimal(20)}
    last = write(FORM, values, {"requests.handled.natural": Decimal(overwritten)} if overwritten else None)
    done = transfer(check_content("last.xlsx", last), year=2024, form=form)
    assert read_workbook(done.content)[1].number("requests.carried_in.natural") == expected
    assert [c.code for c in done.changes if c.target.cell == "E10"] == [code]


def test_a_fact_that_this_year_is_asked_for_differently_does_not_roll_over(tmp_path):
    unit = "{label: 四、结转下年度继续办理, unit: 项,"
    form = variant(tmp_path, (ROW, f"{ROW}, unit: 项"), ("{label: 四、结转下年度继续办理,", unit), ("        县级部门: {", "        县级机关: {"))
    done = transfer(last_year(), year=2024, form=form)
    unread = {(c.code, c.target.cell) for c in done.changes if c.kind == "unread"}
    assert unread == {("no-fit", "C6"), *(("no-fit", f"{letter}10") for letter in "EFGHIJ")}


def test_a_row_that_last_years_workbook_lost_is_listed():
    def change(book):
        book[REQUESTS]["A33"] = None
        for column in COLUMNS:
            del book.defined_names[f"x2r_f_requests.carried_out.{column}"]

    done = transfer(edited(change), year=2024)
    assert [(c.code, c.target.cell) for c in done.changes if c.kind == "unread"] == [("no-figure", f"{letter}10") for letter in "EFGHIJ"]


def test_a_workbook_made_from_last_years_has_no_finding_from_what_rolled_over():
    again = check_content("fresh.xlsx", transfer(last_year(), year=2024).content)
    assert {finding.code for finding in again.findings} == {"V101", "V104", "X202", "X203", "P101"}  # what is still to be filled in


# -- from_last in a form file ------------------------------------------------------------------------------------------------

FAULTS = [
    # what is changed in the file: (from, to), fault code, the offending text
    (("from_last: carried_out", "from_last: carriedout"), "unknown-last", "carriedout"),
    (("from_last: agency", "from_last: agencies"), "unknown-last", "agencies"),
    (("from_last: agency", "from_last: year"), "other-kind", "year"),
    (("carried_out: {label: 四、结转下年度继续办理,", "carried_out: {label: 四、结转下年度继续办理, kind: change,"), "other-kind", "carried_out"),
    (("  label: 前言", "  from_last: preface\n  label: 前言"), "unknown-key", "from_last"),
]


@pytest.mark.parametrize(("change", "code", "text"), FAULTS)
def test_a_wrong_from_last_is_a_fault_with_its_place(tmp_path, change, code, text):
    source = (folder("workbook_templates") / FORM.id / "form.yaml").read_text(encoding="utf-8")
    assert change[0] in source
    path = tmp_path / "form.yaml"
    path.write_text(source.replace(*change, 1), encoding="utf-8")
    with pytest.raises(FormError) as caught:
        load(path)
    fault = next(fault for fault in caught.value.faults if fault.code == code)
    assert fault.text == text
    assert path.read_text(encoding="utf-8").splitlines()[fault.line - 1][fault.column - 1 :].startswith(text)
    assert f"{path}:{fault.line}:{fault.column}: " in fault.message("en")


def test_the_column_says_what_is_taken_over_before_the_row_does(tmp_path):
    source = (folder("workbook_templates") / FORM.id / "form.yaml").read_text(encoding="utf-8")
    path = tmp_path / "form.yaml"
    path.write_text(source.replace("natural: 自然人", "natural: {label: 自然人, from_last: research}", 1), encoding="utf-8")
    fields = load(path).fields
    assert fields["requests.carried_in.natural"].from_last == "requests.carried_in.research"
    assert fields["requests.carried_in.research"].from_last == "requests.carried_out.research"
    assert fields["requests.new.natural"].from_last == "requests.new.research"


# -- the command -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, capsys):
    """The command's body on a source: exit code, what it printed, the files it wrote."""
    from xl2report.cli.transferring import run as body

    def call(result_or_path, form_id=None, year=None):
        source = tmp_path / "source.xlsx"
        source.write_bytes(result_or_path.read_bytes() if isinstance(result_or_path, Path) else result_or_path.content)
        code = body(source, tmp_path / "fresh.xlsx", form_id, year, Terms())
        return code, capsys.readouterr(), sorted(path.name for path in tmp_path.glob("*.xlsx"))

    return call


def test_the_exit_code_says_whether_anything_is_left_to_do_by_hand(run):
    assert run(SAMPLE)[0] == 0
    assert run(edited(typed("requests.new.natural", "3件")))[0] == 0
    assert run(edited(typed("requests.new.natural", "三件")))[0] == 1
    assert run(edited(lambda book: book[REQUESTS].__setitem__("D13", "其他")))[0] == 1


def test_a_fresh_workbook_never_takes_the_place_of_a_file_that_exists(run):
    assert run(SAMPLE)[2] == ["fresh.xlsx", "source.xlsx"]
    assert run(SAMPLE)[2] == ["fresh(1).xlsx", "fresh.xlsx", "source.xlsx"]


@pytest.mark.parametrize(("form_id", "year", "content", "said"), [
    ("disclosure-2099", None, None, "err"), (None, 2018, None, "err"), (None, 2022, None, "err"),
    ("disclosure-2019", 2024, None, "err"), (None, None, b"hello", "out"),
])  # fmt: skip
def test_where_nothing_can_be_written_one_line_says_why(run, form_id, year, content, said):
    code, printed, files = run(check_content("a.xlsx", content) if content else SAMPLE, form_id, year)
    assert (code, files) == (2, ["source.xlsx"])
    assert getattr(printed, said)
    assert "Traceback" not in printed.out + printed.err


def messy(book):
    """One change of nearly every kind."""
    sheet = book[REQUESTS]
    for cell, value in {"E9": "三件", "F9": "3件", "G9": "/", "H9": "4", "K11": 77, "D13": "另一个标签", "L9": "旁注"}.items():
        sheet[cell] = value
    checks = book[CHECK_SHEET]
    checks.cell(next(row for row in range(1, 90) if checks.cell(row, 1).value == "balance:natural"), 12).value = "另有 1 件"
    at = PLACES["problems.text"]
    book[at.sheet].cell(at.row + 5, at.column + 1).value = "后面的一段"


def test_the_list_begins_with_what_was_not_read_and_quotes_every_text_that_did_not_go_over():
    changes = transfer(edited(messy)).changes
    assert [change.kind for change in changes] == sorted((c.kind for c in changes), key=KINDS.index)
    assert {change.kind for change in changes} == {"unread", "doubtful", "total", "repaired", "dropped", "moved"}
    for language in ("zh", "en"):
        text = change_list(changes, language)
        assert "{" not in text
        places = [text.index(quoted) for quoted in ("三件", "旁注", "另一个标签", "原为 77" if language == "zh" else "it was 77", "“3件”", "另有 1 件", "C9")]
        assert places[1:] == sorted(places[1:])
        assert "E9" in text[: places[0]]
    text.encode("gbk")


def test_every_text_outside_the_inputs_is_printed_however_many_there_are():
    def change(book):
        for n in range(20):
            book[REQUESTS].cell(60 + n, 6).value = f"旁注{n}"

    text = change_list(transfer(edited(change)).changes, "zh")
    assert [n for n in range(20) if f"旁注{n}”" not in text] == []


def test_cells_that_say_the_same_are_one_line():
    def change(book):
        for letter in "EFGHIJ":
            book[REQUESTS][f"{letter}9"] = "/"
            book[REQUESTS][f"{letter}12"] = "0"

    text = change_list(transfer(edited(change)).changes, "zh").splitlines()
    assert len(text) == 3
    assert "E9、F9、G9、H9、I9、J9" in text[1]
    assert "E12、F12、G12、H12、I12、J12" in text[2]


def test_the_command_prints_where_an_encoding_lacks_characters(tmp_path):
    result = edited(messy)
    (tmp_path / "source.xlsx").write_bytes(result.content)
    script = (
        "from pathlib import Path\nfrom xl2report.checked import Terms\nfrom xl2report.cli.transferring import run\n"
        "raise SystemExit(run(Path('source.xlsx'), Path('fresh.xlsx'), None, None, Terms()))"
    )
    environment = {**__import__("os").environ, "PYTHONIOENCODING": "gbk:strict"}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert "旁注" in done.stdout.decode("gbk")


# -- LibreOffice works out what is stored -------------------------------------------------------------------------------------


@pytest.mark.libreoffice
def test_every_stored_result_of_a_fresh_workbook_is_what_libreoffice_works_out(soffice, tmp_path):
    def change(book):
        messy(book)
        for cell, value in {"I9": -4, "J9": 2.5, "E12": "5", "E33": "１"}.items():
            book[REQUESTS][cell] = value
        typed("proactive.normative.issued", 9)(book)
        checks = book[CHECK_SHEET]
        checks.cell(next(row for row in range(1, 90) if checks.cell(row, 1).value == "in_force:normative"), 12).value = "清理"

    content = transfer(edited(change)).content
    (tmp_path / "fresh.xlsx").write_bytes(parity.packed(parity.stripped_parts(content)))
    soffice(tmp_path / "fresh.xlsx", "xlsx", tmp_path / "out")
    stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    worked_out = openpyxl.load_workbook(tmp_path / "out" / "fresh.xlsx", data_only=True)
    formulas = [
        (sheet.title, cell.coordinate)
        for sheet in openpyxl.load_workbook(io.BytesIO(content))
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert len(formulas) > 1000

    def shown(value):
        return "" if value is None else f"{value:.10g}" if isinstance(value, int | float) else str(value)

    both = {at: (shown(stored[at[0]][at[1]].value), shown(worked_out[at[0]][at[1]].value)) for at in formulas}
    assert {at: pair for at, pair in both.items() if pair[0] != pair[1]} == {}
    assert "● 已说明" in {pair[0] for pair in both.values()}


# -- nothing is lost ----------------------------------------------------------------------------------------------------------


class Parts:
    """The parts of a workbook of the 2021 form, to be damaged cell by cell without any other program."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.parts = {name: archive.read(name).decode() for name in archive.namelist()}
        self.names = {name: f"xl/worksheets/sheet{n}.xml" for n, (_, name) in enumerate(plan(FORM).sheets, 1)}
        self.planted: list[tuple[str, str, str]] = []  # sheet, cell, the text that stands there now

    def now(self, sheet: str) -> str:
        """What a sheet is called by now."""
        part = f"xl/worksheets/sheet{[name for _, name in plan(FORM).sheets].index(sheet) + 1}.xml"
        return next(name for name in self.names if self.names[name] == part)

    def put(self, sheet: str, cell: str, inner: str, kind: str = "") -> None:
        """Another content for a cell, in its row or in a new one."""
        part, row = self.names[sheet], re.sub("[A-Z]", "", cell)
        new = f'<c r="{cell}"{f" t={quoteattr(kind)}" if kind else ""}>{inner}</c>' if inner else f'<c r="{cell}"/>'
        text, found = re.subn(rf'<c r="{cell}"(?: [^>]*?)?(?:/>|>.*?</c>)', lambda _: new, self.parts[part], count=1)
        if not found:
            text, found = re.subn(rf'(<row r="{row}"[^>]*[^/>]>)(.*?)</row>', lambda match: f"{match[1]}{match[2]}{new}</row>", text, count=1)
        if not found:
            text = text.replace("</sheetData>", f'<row r="{row}">{new}</row></sheetData>')
        self.parts[part] = text

    def plant(self, sheet: str, cell: str, raw: str, kind: str = "text", formula: str = "") -> None:
        f = f"<f>{escape(formula)}</f>" if formula else ""
        match kind:
            case "number":
                self.put(sheet, cell, f"{f}<v>{raw}</v>")
            case "error":
                self.put(sheet, cell, f"{f}<v>{raw}</v>", "e")
            case _:
                self.put(sheet, cell, f'<is><t xml:space="preserve">{escape(raw)}</t></is>', "inlineStr")
        self.planted = [one for one in self.planted if one[:2] != (sheet, cell)] + [(sheet, cell, raw)]

    def rename(self, old: str, new: str) -> None:
        """A sheet renamed as an office program does it: the names of its cells follow."""
        self.parts["xl/workbook.xml"] = self.parts["xl/workbook.xml"].replace(f'name="{old}"', f'name="{new}"').replace(f"'{old}'!", f"'{new}'!").replace(f"{old}!", f"'{new}'!")
        self.names[new] = self.names.pop(old)

    def shift_rows(self, sheet: str, first: int, by: int) -> None:
        """Rows inserted as an office program does it."""
        part = self.names[sheet]

        def moved(text: str) -> str:
            return str(int(text) + by) if int(text) >= first else text

        body = re.sub(r'(<row r=")(\d+)', lambda m: m[1] + moved(m[2]), self.parts[part])
        self.parts[part] = re.sub(r'(<c r="[A-Z]+)(\d+)', lambda m: m[1] + moved(m[2]), body)
        self.parts["xl/workbook.xml"] = re.sub(
            rf"('{sheet}'!\$[A-Z]+\$)(\d+)", lambda m: m[1] + moved(m[2]), self.parts["xl/workbook.xml"]
        )

    def shift_columns(self, sheet: str) -> None:
        """A column inserted right of the hidden ids, as an office program does it."""

        def moved(letters: str) -> str:
            return letters if letters == "A" else chr(ord(letters) + 1)

        part, book = self.names[sheet], self.parts["xl/workbook.xml"]
        self.parts[part] = re.sub(r'(<c r=")([A-Z])(?=\d)', lambda m: m[1] + moved(m[2]), self.parts[part])
        self.parts[part] = re.sub(r'<mergeCells.*?</mergeCells>', "", self.parts[part])
        self.parts["xl/workbook.xml"] = re.sub(rf"('{sheet}'!\$)([A-Z])", lambda m: m[1] + moved(m[2]), book)

    def packed(self) -> bytes:
        return parity.packed({name: text.encode() for name, text in self.parts.items()})


def rich() -> bytes:
    """A workbook with a figure in every input, and two paragraphs in every text."""
    values = parity.consistent(FORM, random.Random(7))
    values |= {field.id: (f"{field.label}甲", f"{field.label}乙") for field in FORM.fields.values() if field.kind == "prose"}
    return write(FORM, {**values, "requests.note": "表下的注"})


RICH = rich()
TEXTS = ("{n}件", "约{n}", "{n}万", "一百{n}", "{n}.5", "-{n}", "+{n}", "0{n}", "{n}％", "{n} {n}", "O{n}", "{n}#", " {n} ", "{n}元", "{n},000", "/", "—", "无")
LETTERS = "CDEFGHIJKL"


def damage(parts: Parts, seed: random.Random) -> None:
    """One random hurt. Whatever is planted has a number of its own, so that it can be known again."""
    n = seed.randint(100_000, 999_999)
    tables = {name: at for name, at in PLACES.items() if FORM.fields[name].is_number and FORM.table_of(name)}
    at = tables[seed.choice(list(tables))]
    sheet = parts.now(at.sheet)
    full = "".join(chr(ord(digit) + 0xFEE0) for digit in str(n))
    written = [parts.now(name) for name in plan(FORM).lines]
    match seed.randrange(16):
        case 0 | 1 | 2:
            parts.plant(sheet, at.cell, seed.choice((*TEXTS, full)).format(n=n))
        case 3:
            parts.plant(sheet, at.cell, str(n), "number")
        case 4:
            parts.plant(sheet, at.cell, f"{n}.25", "number", formula=f"{n}+1/4")
        case 5:
            parts.plant(sheet, at.cell, "#REF!", "error")
        case 6:
            parts.put(sheet, at.cell, f"<f>{n}+1</f>")
        case 7:
            parts.put(sheet, f"A{at.row + 1}", "")  # the id of a row
        case 8:
            parts.put(sheet, f"A{at.row + 1}", "<is><t>granted</t></is>", "inlineStr")
        case 9:
            parts.plant(sheet, f"{seed.choice('PQR')}{at.row + 1}", f"旁注{n}")
        case 10:
            parts.plant(sheet, f"{seed.choice(LETTERS)}{seed.randint(60, 70)}", str(n), "number")
        case 11:
            parts.plant(seed.choice(written), f"C{seed.randint(4, 75)}", f"第{n}段")
        case 12:
            parts.put(sheet, "A1", "")
        case 13 if sheet == at.sheet and seed.random() < 0.5:
            parts.rename(sheet, f"改名{n}")
            parts.planted = [(f"改名{n}" if one == sheet else one, cell, raw) for one, cell, raw in parts.planted]
        case 14:
            name = seed.choice(list(PLACES))
            book = parts.parts["xl/workbook.xml"]
            parts.parts["xl/workbook.xml"] = re.sub(rf'<definedName name="x2r_f_{re.escape(name)}">[^<]*</definedName>', "", book)
        case _:
            parts.plant(sheet, f"B{at.row + 1}" if seed.random() < 0.5 else f"{seed.choice('EFG')}{max(at.row - 1, 6)}", f"标签{n}")


def unaccounted(parts: Parts, result, done) -> list[str]:
    """Every text of the source that is neither in the fresh workbook nor in the change list."""
    fresh = read_workbook(done.content)[1]
    everything = [raw.text for grid in read_book(done.content).sheets if grid.name != META_SHEET for raw in grid.cells.values()]
    listed = {}
    for change in done.changes:
        listed.setdefault(change.source[:2], []).append(change.raw)
    raws = "\n".join(change.raw for change in done.changes)
    whole = {change.source.sheet for change in done.changes if not change.source.cell and change.kind == "unread"}
    lost = []
    for name, entry in result.submission.entries.items():
        here, there = listed.get(entry.place[:2], ()), fresh.entries.get(name)
        if isinstance(entry.value, tuple):
            held = "\n".join(there.value or ()) if there else ""
            lost += [f"{name}: {text}" for text in entry.value if text not in held and text not in raws]
        elif not is_blank_text(quoted(entry.raw)) and quoted(entry.raw) not in here and not _same(entry, there):
            lost.append(f"{name}: {quoted(entry.raw)}")
    for sheet, cell, raw in parts.planted:
        if not (sheet in whole or raw.strip() in raws or visible(raw) in raws or raw in everything or raw.strip() in everything):
            lost.append(f"{sheet} {cell}: {raw}")
    return lost


def _same(entry, there) -> bool:
    """True if the fresh cell holds what the source's did: the text, or the number at 15 digits."""
    if there is None:
        return False
    if entry.raw.text == there.raw.text:
        return True
    numbers = entry.raw.kind == "number" and re.fullmatch(r"-?[0-9.]+", there.raw.text)
    return bool(numbers) and Decimal(entry.raw.text) == Decimal(there.raw.text)


def invented(result, done) -> list[str]:
    """Every input of the fresh workbook that the source did not have there."""
    before = result.submission.entries
    return [
        f"{name}: {entry.value}"
        for name, entry in read_workbook(done.content)[1].entries.items()
        if not entry.formula and not entry.blank and (name not in before or entry.value != before[name].value)
    ]


def new_faults(result, done) -> set[tuple[str, object]]:
    """Findings about cells that the fresh workbook has and the source had not."""

    def faults(checked):
        return {(f.code, cell.place.item) for f in checked.findings for cell in f.cells if f.code[0] in "SV" and f.code not in ("V101", "V102", "V103", "V104")}

    return faults(check_content("fresh.xlsx", done.content)) - faults(result)


CASES, SHARES = 220, 4  # half a second a case: shared out among the processes of a test run


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_lost_in_silence_whatever_was_done_to_the_workbook(share):
    kinds = dict.fromkeys(KINDS, 0)
    for case in range(share, CASES, SHARES):
        seed = random.Random(f"transfer {case}")
        parts = Parts(RICH)
        for _ in range(seed.randint(2, 14)):
            damage(parts, seed)
        result = check_content("a.xlsx", parts.packed())
        assert result.status != "unreadable", case
        done = transfer(result)
        assert unaccounted(parts, result, done) == [], case
        assert invented(result, done) == [], case
        assert new_faults(result, done) == set(), case
        for change in done.changes:
            kinds[change.kind] += 1
        for language in ("zh", "en"):
            assert "{" not in change_list(done.changes, language)
    assert min(kinds[kind] for kind in ("unread", "doubtful", "total", "repaired", "moved")) > 3, kinds
