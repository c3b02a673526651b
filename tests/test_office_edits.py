"""Real edits done in LibreOffice: a harmless one changes no value, a harmful one is an error at the right cell."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

import xl2report
from xl2report.checks.entries import visible
from xl2report.form.model import NO
from xl2report.shipped import folder
from xl2report.workbook.plan import plan
from xl2report.workbook.write import write

pytestmark = [pytest.mark.libreoffice, pytest.mark.xdist_group("office")]

FORM = xl2report.load_form("disclosure-2021")
PLACES = plan(FORM).places
COVER, OVERVIEW, PROACTIVE, REQUESTS, REVIEW, PROBLEMS, OTHER = (name for _, name in plan(FORM).sheets[1:-2])
CHECKS, GUIDE, META = "校验", "填报说明", "_meta"
UNLOCK = ["unprotect"]


class Edit(NamedTuple):
    """What is done to a workbook and what must come of it.

    ``codes`` are the notes that must come of it, those with ``?`` may. ``errors`` are (code, sheet, cell), with ``|``
    between possible ones; the cell is "" for a finding about no single cell, or about one that is gone. ``typed`` are
    fields that hold another value because it was typed there; no other may differ without an error at it. ``through``
    are the formats it was saved in, one after the other.
    """

    name: str
    steps: list[list[object]]
    codes: str = ""
    errors: tuple[tuple[str, str, str], ...] = ()
    typed: tuple[str, ...] = ()
    through: tuple[str, ...] = ("xlsx",)


def at(code: str, sheet: str, *cells: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((code, sheet, cell) for cell in cells)


def cells(columns: str, first: int, last: int | None = None) -> tuple[str, ...]:
    return tuple(f"{column}{row}" for row in range(first, (last or first) + 1) for column in columns)


# fmt: off
HARMLESS = [
    Edit("nothing", []),
    Edit("unprotect", [UNLOCK]),
    # sheets
    Edit("rename sheets", [UNLOCK, ["rename", PROACTIVE, "表二"], ["rename", COVER, "cover 2023"], ["rename", OVERVIEW, "it's (1)"]], "S105"),
    Edit("rename the check sheet", [UNLOCK, ["rename", CHECKS, "核对"]], "S105?"),
    Edit("swap the names of two sheets", [UNLOCK, ["rename", PROACTIVE, "x"], ["rename", REVIEW, PROACTIVE], ["rename", "x", REVIEW]], "S105"),
    Edit("reorder sheets", [UNLOCK, ["move", REVIEW, 0], ["move", PROACTIVE, 7], ["move", META, 0]]),
    Edit("move the cover last", [UNLOCK, ["move", COVER, 10]]),
    Edit("copy a sheet", [UNLOCK, ["copy_sheet", REQUESTS, "备份", 4]], "S113"),
    Edit("copy a sheet in front of all", [UNLOCK, ["copy_sheet", COVER, "封面 (2)", 0]], "S113"),
    Edit("add an empty sheet", [UNLOCK, ["add_sheet", "Sheet1", 0]]),
    Edit("add a sheet of one's own notes", [UNLOCK, ["add_sheet", "草稿", 3], ["type", "草稿", "A1", "new"], ["type", "草稿", "B9", 77]], "S120"),
    Edit("delete the guide", [UNLOCK, ["delete_sheet", GUIDE]]),
    Edit("delete the check sheet", [UNLOCK, ["delete_sheet", CHECKS]], "S109"),
    Edit("delete the hidden sheet", [UNLOCK, ["delete_sheet", META]]),
    Edit("hide sheets and show hidden ones", [UNLOCK, ["show_sheet", PROACTIVE, False], ["show_sheet", META, True]]),
    # rows and columns
    Edit("insert rows above a table", [UNLOCK, ["insert_rows", REQUESTS, 4, 2], ["insert_rows", PROACTIVE, 5]]),
    Edit("insert rows at the top of sheets", [UNLOCK, ["insert_rows", COVER, 2, 3], ["insert_rows", REVIEW, 3]]),
    Edit("insert rows between the lines of a table", [UNLOCK, ["insert_rows", REQUESTS, 12], ["insert_rows", REQUESTS, 15, 2]], "S106"),
    Edit("insert rows between blocks", [UNLOCK, ["insert_rows", PROACTIVE, 10], ["insert_rows", PROACTIVE, 14, 2]]),
    Edit("insert rows in the headers of a table", [UNLOCK, ["insert_rows", REQUESTS, 7], ["insert_rows", REVIEW, 8]]),
    Edit("insert rows before a note", [UNLOCK, ["insert_rows", REQUESTS, 34, 3], ["insert_rows", PROACTIVE, 23]]),
    Edit("insert rows inside prose", [UNLOCK, ["insert_rows", PROBLEMS, 6], ["insert_rows", OVERVIEW, 17, 4]]),
    Edit("insert rows between cover fields", [UNLOCK, ["insert_rows", COVER, 7], ["insert_rows", OTHER, 5]]),
    Edit("delete empty rows of prose", [UNLOCK, ["delete_rows", PROBLEMS, 9, 10], ["delete_rows", OVERVIEW, 20]]),
    Edit("insert a column left of the labels", [UNLOCK, ["insert_columns", REQUESTS, "B"], ["insert_columns", COVER, "B"], ["insert_columns", PROACTIVE, "B", 2]]),
    Edit("insert a column before column A", [UNLOCK, ["insert_columns", REQUESTS, "A"], ["insert_columns", COVER, "A"]]),
    Edit("insert a row above row 1", [UNLOCK, ["insert_rows", REQUESTS, 1], ["insert_rows", COVER, 1, 2]]),
    Edit("insert a column between labels and figures", [UNLOCK, ["insert_columns", REQUESTS, "E"], ["insert_columns", PROBLEMS, "C"]]),
    Edit("insert a column between labels", [UNLOCK, ["insert_columns", REQUESTS, "D"]]),
    Edit("insert a column between figures", [UNLOCK, ["insert_columns", REQUESTS, "G"], ["insert_columns", REVIEW, "H"], ["insert_columns", PROACTIVE, "D"]], "S106"),
    Edit("insert columns right of tables", [UNLOCK, ["insert_columns", REQUESTS, "L", 3], ["insert_columns", COVER, "D"], ["insert_columns", REVIEW, "Q"]]),
    Edit("hide rows and columns and show hidden ones", [
        UNLOCK, ["show_rows", REQUESTS, 12, 5, False], ["show_columns", REQUESTS, "F", 3, False], ["show_columns", REQUESTS, "A", 1, True],
        ["show_rows", REQUESTS, 1, 5, True], ["show_columns", COVER, "A", 1, True], ["show_rows", COVER, 1, 1, True]]),
    # looks
    Edit("other widths, heights, fonts and fills", [
        UNLOCK, ["sizes", REQUESTS, 2000, 900], ["look", REQUESTS, "A1:K34", {"CellBackColor": 0xFFCC00, "CharHeight": 9.0, "CharFontName": "Noto Serif"}],
        ["look", COVER, "B4:C19", {"CharWeight": 150.0, "IsTextWrapped": False}]]),
    Edit("figures shown with separators and decimals", [UNLOCK, ["number_format", REQUESTS, "E9:J31", "#,##0.00"], ["number_format", PROACTIVE, "C8:E18", "0.00E+00"]]),
    Edit("freeze elsewhere", [["freeze", REQUESTS, 5, 8], ["freeze", COVER, 0, 0]]),
    Edit("merge empty cells beside a table", [UNLOCK, ["merge", REQUESTS, "M9:N12"]]),
    Edit("unmerge labels", [UNLOCK, ["merge", REQUESTS, "B11:B32", False], ["merge", REQUESTS, "C13:C20", False], ["merge", PROACTIVE, "C13:E13", False], ["merge", REVIEW, "G6:P6", False]]),
    # typing the same in other ways
    Edit("a sort that changes nothing", [UNLOCK, ["sort", REQUESTS, "D13:J20", 1]]),
    Edit("figures retyped as texts", [UNLOCK, ["type", REQUESTS, "E11", "23"], ["type", REQUESTS, "F11", " 24"], ["type", REQUESTS, "G11", "２５"], ["type", REQUESTS, "H11", "26 件"]], "V201"),
    Edit("a part of a text in bold, a link, a comment", [UNLOCK, ["embolden", PROBLEMS, "C5", 1, 3], ["link", COVER, "C12", "https://www.example.gov.cn/"], ["comment", REQUESTS, "E13", "请核"]], "S124"),
    Edit("a date as a real date", [UNLOCK, ["type", COVER, "C14", 45309]]),
    Edit("a formula with the same result", [["enter", REQUESTS, "E13", "=0.1*3*100+5"]], "S204"),
    Edit("another text in place of a hint", [UNLOCK, ["type", COVER, "D9", "见附件"]], "S119"),
    Edit("spaces in labels", [UNLOCK, ["type", REQUESTS, "D13", "1. 属于 国家秘密"]]),
    Edit("empty rows of prose merged", [UNLOCK, ["merge", PROBLEMS, "C7:C9"], ["merge", PROBLEMS, "C6:D6"]]),
    Edit("a figure copied onto itself", [["paste", REQUESTS, "E9:J9", "E9"]]),
    Edit("a figure cut and brought back", [UNLOCK, ["drag", REQUESTS, "E11", "N40"], ["drag", REQUESTS, "N40", "E11"]]),
    Edit("a lost total mended with the total beside it", [UNLOCK, ["clear", REQUESTS, "K9"], ["paste", REQUESTS, "K10", "K9"]]),
    Edit("all names deleted", [["delete_names"]], "S115"),
    # ids and stamps, where names and labels still agree
    Edit("column A used for numbering", [UNLOCK, *(["type", REQUESTS, f"A{row}", row - 8] for row in range(9, 34))], "S112"),
    Edit("the hidden rows of a table of blocks deleted", [UNLOCK, *(["delete_rows", PROACTIVE, row] for row in (19, 14, 10, 5))], "S112"),
    Edit("an id deleted", [UNLOCK, ["clear", REQUESTS, "A13"], ["clear", COVER, "A9"], ["clear", REQUESTS, "G5"]], "S112"),
    Edit("column A of a table emptied", [UNLOCK, ["clear", REQUESTS, "A2:A40"]], "S112"),
    Edit("column A of a table deleted", [UNLOCK, ["delete_columns", REQUESTS, "A"]], "S112"),
    Edit("column A of the cover deleted", [UNLOCK, ["delete_columns", COVER, "A"]], "S112"),
    Edit("row 1 of a table deleted", [UNLOCK, ["delete_rows", REQUESTS, 1]], "S112"),
    Edit("row 1 of prose deleted", [UNLOCK, ["delete_rows", PROBLEMS, 1]], "S112"),
    Edit("the hidden row of column ids deleted", [UNLOCK, ["delete_rows", REQUESTS, 5]], "S112"),
    # formats
    Edit("to .xls and back", [], "S115?", through=("xls", "xlsx")),
    Edit("to .ods and back", [], through=("ods", "xlsx")),
    Edit("to .ods, .xls and back", [UNLOCK], "S115?", through=("ods", "xls", "xlsx")),
    Edit("rows inserted, then to .ods and back", [UNLOCK, ["insert_rows", REQUESTS, 12]], "S106", through=("ods", "xlsx")),
    Edit(".xls itself", [], "S207", through=("xls",)),
    Edit(".ods itself", [], "S207", through=("ods",)),
    Edit(".ods itself, a row inserted", [UNLOCK, ["insert_rows", REQUESTS, 12]], "S207 S106", through=("ods",)),
    Edit(".xls itself, sheets renamed and moved", [UNLOCK, ["rename", REQUESTS, "表三"], ["move", "表三", 0]], "S207 S105", through=("xls",)),
]

FIGURES = "EFGHIJ"
ALL_INPUTS = tuple(field.id for field in FORM.fields.values() if not field.parts and field.id.startswith("requests."))
HARMFUL = [
    # rows, columns and cells taken away
    Edit("a table row deleted", [UNLOCK, ["delete_rows", REQUESTS, 13]], errors=at("S102", REQUESTS, "")),
    Edit("a table row of another block deleted", [UNLOCK, ["delete_rows", PROACTIVE, 17]], errors=at("S102", PROACTIVE, "")),
    Edit("a column of figures deleted", [UNLOCK, ["delete_columns", REQUESTS, "G"]], errors=at("S102", REQUESTS, "")),
    Edit("a row of the cover deleted", [UNLOCK, ["delete_rows", COVER, 9]], errors=at("S102", COVER, "")),
    Edit("the column of contents deleted", [UNLOCK, ["delete_columns", COVER, "C"]], errors=at("S102", COVER, "")),
    Edit("a column of labels deleted", [UNLOCK, ["delete_columns", REQUESTS, "D"]], errors=at("S103", REQUESTS, *cells("C", 13, 31))),
    Edit("a cell deleted, those below move up", [UNLOCK, ["delete_cells", COVER, "C9"]], errors=(*at("S111", COVER, *cells("C", 9, 14), *cells("C", 16, 18)), *at("S107", COVER, "C15"))),
    Edit("a cell deleted, those to the right move left", [UNLOCK, ["delete_cells", REQUESTS, "F13", {"left": True}]], errors=at("S111", REQUESTS, *cells("GHIJ", 13))),
    Edit("a cell inserted, those to the right move", [UNLOCK, ["insert_cells", REQUESTS, "F13", {"right": True}]], errors=at("S111", REQUESTS, *cells("FGHIJ", 13))),
    Edit("a cell inserted, those below move down", [UNLOCK, ["insert_cells", COVER, "C9"]], errors=at("S111", COVER, *cells("C", 9, 14))),
    # sheets
    Edit("a needed sheet deleted", [UNLOCK, ["delete_sheet", REVIEW]], errors=at("S101", "", "")),
    Edit("the cover deleted", [UNLOCK, ["delete_sheet", COVER]], errors=at("S101", "", "")),
    Edit("a sheet copied and a figure changed in the copy", [UNLOCK, ["copy_sheet", REQUESTS, "备份", 4], ["type", "备份", "E12", 900]], errors=at("S122", "备份", "E12")),
    Edit("a sheet copied in front and a figure changed in the copy", [UNLOCK, ["copy_sheet", REQUESTS, "备份", 0], ["type", "备份", "E12", 900]], errors=at("S122", "备份|" + REQUESTS, "E12")),
    Edit("a sheet copied and a figure changed in the first", [UNLOCK, ["copy_sheet", REQUESTS, "备份", 4], ["type", REQUESTS, "E12", 900]], errors=at("S122", "备份", "E12"), typed=("requests.partial.natural",)),
    Edit("a sheet copied and its paragraphs changed", [UNLOCK, ["copy_sheet", PROBLEMS, "备份", 4], ["type", "备份", "C7", "另一段"]], errors=at("S122", "备份", "C7")),
    # moving
    Edit("an input cut and pasted onto another", [UNLOCK, ["drag", REQUESTS, "E9", "E12"]], errors=at("S111", REQUESTS, "E9", "E12")),
    Edit("an input cut and pasted onto another, then to .xls and back", [UNLOCK, ["drag", REQUESTS, "E9", "E12"]], errors=at("S111", REQUESTS, "E9", "E12"), through=("xls", "xlsx")),
    Edit("an input cut and pasted onto another in the locked sheet", [["cut", REQUESTS, "E9", "E12"]], errors=at("S111", REQUESTS, "E9", "E12")),
    Edit("figures of a row cut one row down in the locked sheet", [["cut", REQUESTS, "E13:J13", "E14"]], errors=at("S111", REQUESTS, *cells(FIGURES, 13, 14))),
    Edit("a paragraph cut to another section in the locked sheets", [["cut", OVERVIEW, "C16", "C7", PROBLEMS]], errors=(*at("S111", OVERVIEW, "C16"), *at("S111", PROBLEMS, "C7"))),
    Edit("an input cut and pasted beside the table", [UNLOCK, ["drag", REQUESTS, "E9", "N9"]], errors=at("S111", REQUESTS, "E9")),
    Edit("an input cut and pasted onto another sheet", [UNLOCK, ["drag", REQUESTS, "E9", "C8", PROACTIVE]], errors=(*at("S111", REQUESTS, "E9"), *at("S111", PROACTIVE, "C8"))),
    Edit("two inputs swapped by cutting", [UNLOCK, ["drag", REQUESTS, "E9", "N40"], ["drag", REQUESTS, "E12", "E9"], ["drag", REQUESTS, "N40", "E12"]], errors=at("S111", REQUESTS, "E9", "E12")),
    Edit("figures of a row dragged one row down", [UNLOCK, ["drag", REQUESTS, "E13:J13", "E14"]], errors=at("S111", REQUESTS, *cells(FIGURES, 13, 14))),
    Edit("figures of a column dragged to the next", [UNLOCK, ["drag", REQUESTS, "E11:E31", "F11"]], errors=at("S111", REQUESTS, *cells("EF", 11, 31))),
    Edit("a cover answer cut and pasted onto another", [UNLOCK, ["drag", COVER, "C9", "C4"]], errors=at("S111", COVER, "C4", "C9")),
    Edit("a paragraph's first line cut to another block", [UNLOCK, ["drag", OVERVIEW, "C16", "C30"]], errors=at("S111", OVERVIEW, "C16", "C30")),
    Edit("labels and figures dragged under the table", [UNLOCK, ["drag", REQUESTS, "D13:K14", "D40"]], errors=at("S103|S111", REQUESTS, "D13|E13", "D14|E14")),
    Edit("labels and figures of two rows swapped by dragging", [
        UNLOCK, ["drag", REQUESTS, "D13:K13", "D40"], ["drag", REQUESTS, "D14:K14", "D13"], ["drag", REQUESTS, "D40:K40", "D14"]], errors=at("S103|S111", REQUESTS, "D13", "D14")),
    Edit("a total dragged away", [UNLOCK, ["drag", REQUESTS, "K9", "M9"]], errors=at("S111|S206", REQUESTS, "K9")),
    # sorting: highest first, so that every row moves
    Edit("labels and figures sorted", [UNLOCK, ["sort", REQUESTS, "D13:J20", 1, False]], errors=at("S103", REQUESTS, *cells("D", 13, 20))),
    Edit("labels, figures and totals sorted", [UNLOCK, ["sort", REQUESTS, "D24:K28", 1, False]], errors=at("S103", REQUESTS, "D24", "D25", "D27", "D28")),
    Edit("ids, labels and figures sorted", [UNLOCK, ["sort", PROACTIVE, "A8:E9", 2, False]], errors=at("S111", PROACTIVE, *cells("CDE", 8, 9))),
    Edit("ids, labels and figures sorted after unmerging", [
        UNLOCK, ["merge", REQUESTS, "B11:B32", False], ["merge", REQUESTS, "C13:C20", False], ["sort", REQUESTS, "A13:K20", 4, False]], errors=at("S111", REQUESTS, *cells(FIGURES, 13, 20))),
    Edit("ids and figures sorted without their labels", [UNLOCK, ["sort", PROACTIVE, "A17:A18", 0]], errors=at("S103|S104|S111", PROACTIVE, "B17", "B18")),
    # merging
    Edit("two inputs merged", [UNLOCK, ["merge", REQUESTS, "E13:F13"]], errors=at("S114", REQUESTS, "F13")),
    Edit("a block of inputs merged", [UNLOCK, ["merge", REQUESTS, "E13:J14"]], errors=at("S114", REQUESTS, *cells("FGHIJ", 13), *cells(FIGURES, 14))),
    Edit("an input merged with its label", [UNLOCK, ["merge", REQUESTS, "D13:E13"]], errors=at("S114", REQUESTS, "E13")),
    Edit("two cover answers merged", [UNLOCK, ["merge", COVER, "C9:C10"]], errors=at("S114", COVER, "C10")),
    # what is typed or pasted
    Edit("a number over a total", [UNLOCK, ["type", REQUESTS, "K9", 5]], "S201", at("X201", REQUESTS, "K9")),
    Edit("a total cleared", [UNLOCK, ["clear", REQUESTS, "K9"]], errors=at("S206", REQUESTS, "K9")),
    Edit("the formula of a total replaced", [UNLOCK, ["enter", REQUESTS, "K9", "=SUM(E9:I9)"]], errors=at("S205", REQUESTS, "K9")),
    Edit("a total copied onto another", [UNLOCK, ["paste", REQUESTS, "E32", "K9"]], errors=at("S205", REQUESTS, "K9")),
    Edit("an id overwritten", [UNLOCK, ["type", REQUESTS, "A13", "law_forbids"]], errors=at("S104|S103", REQUESTS, "E14|D13|A13|A14")),
    Edit("two ids swapped", [UNLOCK, ["type", REQUESTS, "A13", "law_forbids"], ["type", REQUESTS, "A14", "state_secret"]], errors=at("S103|S111", REQUESTS, "D13", "D14")),
    Edit("two column ids swapped", [UNLOCK, ["type", REQUESTS, "G5", "commercial"], ["type", REQUESTS, "F5", "research"]], errors=at("S103|S111", REQUESTS, "F8", "G8")),
    Edit("text over labels", [UNLOCK, ["type", REQUESTS, "D13", "其他"], ["type", COVER, "B9", "单位地址"], ["type", REVIEW, "C7", "维持"]], errors=(*at("S103", REQUESTS, "D13"), *at("S103", COVER, "B9"), *at("S103", REVIEW, "C7"))),
    Edit("two labels swapped", [UNLOCK, ["type", PROACTIVE, "B17", "行政强制"], ["type", PROACTIVE, "B18", "行政处罚"]], errors=at("S103", PROACTIVE, "B17", "B18")),
    Edit("two headings of prose swapped", [UNLOCK, ["type", OVERVIEW, "B15", "（三）政府信息管理"], ["type", OVERVIEW, "B26", "（二）依申请公开"]], errors=at("S103", OVERVIEW, "B15", "B26")),
    Edit("an input cut to the column of the same label, and the column ids gone", [UNLOCK, ["clear", REVIEW, "B5:P5"], ["drag", REVIEW, "G9", "L9"]], errors=at("S102|S111", REVIEW, "L9")),
    Edit("merged labels overwritten", [UNLOCK, ["type", REQUESTS, "C13", "（三）其他"], ["type", REVIEW, "G7", "复议后起诉"]], errors=(*at("S103", REQUESTS, "C13"), *at("S103", REVIEW, "G7"))),
    Edit("a block pasted one row lower", [UNLOCK, ["paste", PROACTIVE, "A8:E9", "A9"]], errors=at("S102|S104", PROACTIVE, "A8|A9|C8|C9")),
    Edit("labels and figures pasted one row lower", [UNLOCK, ["paste", REQUESTS, "D13:J19", "D14"]], errors=at("S103", REQUESTS, *cells("D", 14, 20))),
    Edit("figures and totals pasted one row lower", [UNLOCK, ["paste", REQUESTS, "E9:K31", "E10"]], "S201", at("X201", REQUESTS, "E32"), typed=ALL_INPUTS),
    Edit("a row copied and inserted", [
        UNLOCK, ["insert_rows", REQUESTS, 14], ["paste", REQUESTS, "D13:K13", "D14"], ["paste", REQUESTS, "A13", "A14"]], errors=at("S104", REQUESTS, "E13|A13|E14|A14")),
    Edit("a sheet of another agency in place of one's own", [
        UNLOCK, ["rename", REQUESTS, "旧"], ["import_sheet", "OTHER", REQUESTS, 3], ["delete_sheet", "旧"]], errors=at("S121", REQUESTS, "E9", "E12")),
    Edit("a row of a prose box moved into another box", [UNLOCK, ["insert_rows", OVERVIEW, 20], ["drag", OVERVIEW, "A6:E6", "A20"]], errors=at("S123", OVERVIEW, "C20"), typed=("overview.proactive",)),
    Edit("paragraphs typed around the boxes", [
        UNLOCK, ["type", PROBLEMS, "B7", "在标签列"], ["type", PROBLEMS, "D7", "在提示列"], ["type", PROBLEMS, "H8", "在右边"], ["type", PROBLEMS, "C26", "在下面"],
        ["insert_rows", OVERVIEW, 15], ["type", OVERVIEW, "C15", "在两块之间"], ["insert_rows", OVERVIEW, 17], ["type", OVERVIEW, "C17", "在第一行之上"]],
        errors=(*at("S107", PROBLEMS, "B7", "D7", "H8", "C26"), *at("S107", OVERVIEW, "C15", "C17"))),
    Edit("a figure typed beside an unmerged input", [UNLOCK, ["merge", PROACTIVE, "C13:E13", False], ["type", PROACTIVE, "D13", 5]], errors=at("S107", PROACTIVE, "D13")),
    Edit("a row emptied", [UNLOCK, ["clear", REQUESTS, "A13:K13"]], errors=at("S102", REQUESTS, *cells(FIGURES, 13))),
    Edit("a sheet emptied", [UNLOCK, ["clear", REVIEW, "A1:P40"]], errors=at("S101|S102|S108", REVIEW + "|", "B9|")),
    Edit("figures typed into an inserted row", [UNLOCK, ["insert_rows", REQUESTS, 14], ["type", REQUESTS, "E14", 4]], errors=at("S107", REQUESTS, "E14")),
    Edit("figures typed into an inserted column", [UNLOCK, ["insert_columns", REQUESTS, "G"], ["type", REQUESTS, "G9", 4], ["type", REQUESTS, "G12", 4]], errors=at("S107", REQUESTS, "G9", "G12")),
    Edit("figures typed into inserted cover rows", [UNLOCK, ["insert_rows", COVER, 7], ["type", COVER, "C7", "又一行"]], errors=at("S107", COVER, "C7")),
    Edit("figures typed under a table", [UNLOCK, ["type", REVIEW, "B11", 4], ["type", REQUESTS, "E36", 4]], errors=(*at("S107", REVIEW, "B11"), *at("S107", REQUESTS, "E36"))),
    Edit("labels pasted over figures", [["paste", REQUESTS, "D13:D15", "E13"]], errors=at("V300|V305", REQUESTS, *cells("E", 13, 15))),
    Edit("a figure turned into a date", [["enter", REQUESTS, "E13", "2023-3-4"]], errors=at("V306", REQUESTS, "E13")),
    Edit("a figure turned into a percentage", [["enter", REQUESTS, "E13", "5%"]], errors=at("V302|V307", REQUESTS, "E13")),
    Edit("a whole percentage", [["enter", REQUESTS, "E13", "100%"]], errors=at("V307", REQUESTS, "E13")),
    Edit("a formula that fails in an input", [["enter", REQUESTS, "E13", "=1/0"]], errors=at("V309", REQUESTS, "E13")),
    Edit("inputs cleared", [["clear", REQUESTS, "E13:J13"]], errors=at("V101", REQUESTS, *cells(FIGURES, 13))),
    # old formats carry no names: id and label must both agree
    Edit("an id deleted in .ods", [UNLOCK, ["clear", REQUESTS, "A13"]], errors=at("S102", REQUESTS, "E13|"), through=("ods",)),
    Edit("column A of a table deleted in .xls", [UNLOCK, ["delete_columns", REQUESTS, "A"]], errors=at("S108|S101", "", ""), through=("xls",)),
    Edit("a label changed in .xls", [UNLOCK, ["type", REQUESTS, "D13", "其他"]], errors=at("S103", REQUESTS, "D13"), through=("xls",)),
    Edit("labels and figures sorted in .ods", [UNLOCK, ["sort", REQUESTS, "D13:J20", 1, False]], errors=at("S103", REQUESTS, *cells("D", 13, 20)), through=("ods",)),
    Edit("a table row deleted in .xls", [UNLOCK, ["delete_rows", REQUESTS, 13]], errors=at("S102", REQUESTS, ""), through=("xls",)),
]

# Edits after which the values may still be certain: accepted with a note, or refused with an error.
DOUBTFUL = [
    Edit("a sheet copied and the first one deleted", [UNLOCK, ["copy_sheet", REVIEW, "四", 5], ["delete_sheet", REVIEW]]),
    Edit("all cells copied to a new sheet, the old one deleted", [
        UNLOCK, ["add_sheet", "新", 5], ["paste", REVIEW, "A1:P10", "A1", "新"], ["delete_sheet", REVIEW], ["rename", "新", REVIEW]]),
    Edit("two columns exchanged with their labels and ids", [
        UNLOCK, ["insert_columns", REQUESTS, "L"], ["drag", REQUESTS, "H5:H33", "M5"], ["drag", REQUESTS, "G5:G33", "H5"], ["drag", REQUESTS, "M5:M33", "G5"]]),
    Edit("two rows exchanged with their labels and ids", [UNLOCK, ["insert_rows", PROACTIVE, 19], ["drag", PROACTIVE, "A17:E17", "A19"], ["delete_rows", PROACTIVE, 17]]),
    Edit("the answer about blanks moved beside its question", [UNLOCK, ["merge", REQUESTS, "B4:J4", False], ["drag", REQUESTS, "K4", "E4"]]),
    Edit("whole rows dragged under the table", [UNLOCK, ["drag", REQUESTS, "A13:K14", "A40"]]),
    Edit("whole rows dragged elsewhere after unmerging", [
        UNLOCK, ["merge", REQUESTS, "B11:B32", False], ["merge", REQUESTS, "C13:C20", False], ["insert_rows", REQUESTS, 9, 2], ["drag", REQUESTS, "A20:K21", "A9"]]),
    Edit("a table dragged to another place", [UNLOCK, ["drag", PROACTIVE, "A1:E23", "H40"]]),
    Edit("two labels merged", [UNLOCK, ["merge", REQUESTS, "D13:D14"]]),
    Edit("all of a table's labels merged", [UNLOCK, ["merge", PROACTIVE, "B17:B18"], ["merge", REVIEW, "G8:K8"]]),
    Edit("the first row of a block of prose deleted", [UNLOCK, ["delete_rows", OVERVIEW, 16]], typed=("overview.on_request",)),
    Edit("a note deleted", [UNLOCK, ["delete_rows", REVIEW, 10]], typed=("review.note",)),
    Edit("all ids of a block deleted, in a format without names", [UNLOCK, ["clear", REQUESTS, "A5:K5"], ["clear", REQUESTS, "A6:A33"]], through=("ods",)),
    Edit("rows and columns exchanged", [UNLOCK, ["paste", PROACTIVE, "A1:E9", "H30", {"Transpose": True}], ["clear", PROACTIVE, "A1:E9"]]),
]

# Edits that are nothing but typing (or cutting within one box of prose): the values change as typed, and only arithmetic may object.
TYPING = [
    Edit("one figure filled down", [["fill_down", REQUESTS, "E13:E16"]], typed=tuple(f"requests.{row}.natural" for row in ("law_forbids", "safety_stability", "third_party"))),
    Edit("a paragraph cut to another line of its box", [["cut", PROBLEMS, "C5", "C9"]], typed=("problems.text",)),
    Edit("figures pasted across", [["paste", REQUESTS, "E11:F12", "E13", {"Transpose": True}]], typed=tuple(f"requests.{row}.{column}" for row in ("state_secret", "law_forbids") for column in ("natural", "commercial"))),
    Edit("figures pasted one row lower", [["paste", REQUESTS, "E13:E14", "E14"]], typed=("requests.law_forbids.natural", "requests.safety_stability.natural")),
    Edit("figures sorted without their labels", [UNLOCK, ["sort", REQUESTS, "E14:E15", 0, False]], typed=("requests.law_forbids.natural", "requests.safety_stability.natural")),
    Edit("figures replaced everywhere", [UNLOCK, ["replace", REQUESTS, "E13:J13", "3", "8"]], typed=tuple(f"requests.state_secret.{column}" for column in ("natural", "commercial", "research", "public_benefit", "legal_service"))),
    Edit("a figure copied onto another", [["paste", REQUESTS, "E11", "E12"]], typed=("requests.partial.natural",)),
    Edit("an input replaced by a formula", [["enter", REQUESTS, "E13", "=E11+1"]], "S204", typed=("requests.state_secret.natural",)),
]
# fmt: on


# -- the workbook that is edited ---------------------------------------------------------------------------------------


def distinct(**changed: Decimal) -> bytes:
    """A workbook without a fault in which no two figures of a table are equal: whatever moves, shows."""
    values: dict[str, object] = {
        "cover.agency": "示例省人民政府", "cover.code": "SL-0001", "cover.category": "省级政府", "cover.year": Decimal(2023),
        "cover.address": "示例市人民路1号", "cover.postcode": "751300", "cover.phone": "0951-0000000",
        "cover.website": "https://www.example.gov.cn/", "cover.signed_on": "2024-01-18", "cover.filler": "填报人甲",
        "cover.submission": Decimal(1), "preface": ("前言一段。",),
        "fee.notices": Decimal(3), "fee.charged": "120.50", "fee.received": "99.90",
        "problems.text": ("问题一段。", "改进一段。"), "other_matters.text": ("其他一段。",),
    }  # fmt: skip
    for n, field in enumerate((field for section in FORM.sections if section.id == "overview" for field in section.prose), 1):
        values[field.id] = (f"总体情况第{n}段。", f"总体情况第{n}段又一段。")
    for table in FORM.tables:
        values[table.zero_question.id], values[table.note.id] = NO, f"{table.title}的注"
        inputs = [field for field in table.cells if not field.parts]
        for n, field in enumerate(inputs, 11):
            values[field.id] = f"{n}.40" if field.kind == "amount" else Decimal(n)
    values["proactive.normative.in_force"] = values["proactive.regulations.in_force"] = Decimal(60)
    for column in ("natural", "commercial", "research", "public_benefit", "legal_service", "other_org"):
        named = {name.split(".")[1]: value for name, value in values.items() if name.startswith("requests.") and name.endswith("." + column)}
        results = sum(value for row, value in named.items() if row not in ("new", "carried_in", "carried_out"))
        values[f"requests.new.{column}"] = results + named["carried_out"] - named["carried_in"]
    return write(FORM, values | {f"requests.{row}.natural": value for row, value in changed.items()})


class Sources:
    """The workbooks that are edited, with the result of checking them as they are."""

    def __init__(self, place: Path) -> None:
        (place / "distinct.xlsx").write_bytes(distinct())
        self.other = place / "other.xlsx"
        self.other.write_bytes(distinct(new=Decimal(2346), partial=Decimal(500)))
        samples = folder("samples")
        self.paths = {"distinct": place / "distinct.xlsx", **{name: samples / name / "filled.xlsx" for name in ("example-county-2023", "passing-2020")}}
        self.results = {name: xl2report.check(path) for name, path in self.paths.items()}


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Sources:
    return Sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture
def edited(office, sources, tmp_path) -> Callable[..., xl2report.Checked]:
    """The result of checking a workbook after an edit."""

    def check(edit: Edit, source: str = "distinct") -> xl2report.Checked:
        targets = [tmp_path / f"{n}.{kind}" for n, kind in enumerate(edit.through, 1)]
        steps = [[str(sources.other) if word == "OTHER" else word for word in step] for step in edit.steps]
        office(sources.paths[source], steps, targets)
        return xl2report.check(targets[-1])

    return check


# -- what must hold ----------------------------------------------------------------------------------------------------


def values(result: xl2report.Checked) -> dict[str, object]:
    """The value of every input; totals follow from them, and old formats do not tell a total from a figure."""
    return {name: entry.value for name, entry in result.submission.entries.items() if not result.form.fields[name].parts}


def errors(result: xl2report.Checked) -> list[tuple[str, str, str]]:
    """Every error as (code, sheet, cell), one for each of its cells."""
    found = []
    for finding in result.findings:
        if finding.severity == "error":
            found += [(finding.code, cell.place.sheet, cell.place.cell) for cell in finding.cells] or [(finding.code, "", "")]
    return found


def is_there(wanted: tuple[str, str, str], found: list[tuple[str, str, str]]) -> bool:
    return any(all(one in part.split("|") for one, part in zip(error, wanted, strict=True)) for error in found)


def silent(before: xl2report.Checked, after: xl2report.Checked, typed: tuple[str, ...]) -> dict[str, tuple[object, object]]:
    """Fields that hold another value than before, were not typed into, and have no error of structure or value at them.

    A label is an error for its whole line, and a doubled id for its; a missing sheet for all that was on it.
    """
    found = [error for error in errors(after) if error[0][0] in "FSV"]
    items = {cell.place.item for finding in after.findings if finding.severity == "error" for cell in finding.cells}
    lost_sheet = {code for code, _, _ in found} & {"S101", "S108"}
    lines = {(sheet, "".join(c for c in cell if keep(c))) for code, sheet, cell in found if code in ("S103", "S104") for keep in (str.isdigit, str.isalpha)}
    changed = {}
    for name, value in values(before).items():
        entry = after.submission.entries.get(name)
        if name in typed or (entry is not None and entry.value == value):
            continue
        place = entry.place if entry else None
        covered = entry is None and (lost_sheet or FORM.fields[name].path in items)
        if place:
            covered = any(error[1:] == (place.sheet, cell) for error in found for cell in (place.cell, *entry.cells)) or any(
                (place.sheet, "".join(c for c in place.cell if keep(c))) in lines for keep in (str.isdigit, str.isalpha)
            )
        if not covered:
            changed[name] = (value, entry.value if entry else None)
    return changed


def misquoted(result: xl2report.Checked) -> list[tuple[str, str, str, str, object]]:
    """Cells of findings that do not hold what the finding quotes. Rules quote a total as computed."""
    quoted = [(finding.code, cell) for finding in result.findings for cell in finding.cells if cell.place.cell and cell.value]
    if not quoted:
        return []
    book = openpyxl.load_workbook(result.path, data_only=True, read_only=True)  # else merged areas hide what they cover
    held = {name: {cell.coordinate: cell.value for row in book[name].iter_rows() for cell in row if cell.value is not None} for name in {cell.place.sheet for _, cell in quoted}}
    book.close()
    totals = {entry.place for entry in result.submission.entries.values() if entry.formula}
    wrong = []
    for code, cell in quoted:
        at = held[cell.place.sheet].get(cell.place.cell)
        if not (code.startswith("X") and cell.place in totals) and not _holds(at, cell.value):
            wrong.append((code, cell.place.sheet, cell.place.cell, cell.value, at))
    return wrong


def _holds(held: object, quoted: str) -> bool:
    if isinstance(held, int | float) and not isinstance(held, bool):
        shown = Decimal(repr(held)) * 100 if quoted.endswith("%") else Decimal(repr(held))
        return shown == Decimal(quoted.rstrip("%"))
    if hasattr(held, "isoformat"):
        return held.isoformat()[:10] == quoted
    return visible(str(held or "")).startswith(quoted) or str(held) == quoted


@pytest.mark.parametrize("edit", HARMLESS, ids=lambda edit: edit.name)
def test_a_harmless_edit_leaves_every_value_as_it_was(edit, edited, sources):
    before, after = sources.results["distinct"], edited(edit)
    assert after.submission is not None, [finding.message() for finding in after.findings]
    assert values(after) == values(before)
    assert errors(after) == []
    assert {finding.severity for finding in after.findings} <= {"note"}
    found, wanted = {finding.code for finding in after.findings}, edit.codes.split()
    assert {code for code in wanted if "?" not in code} <= found <= {code.rstrip("?") for code in wanted}
    if after.path.endswith(".xlsx"):
        assert misquoted(after) == []
        assert after.code == before.code or edit.name == "figures retyped as texts"


SOME = (
    "rename sheets", "insert rows between the lines of a table", "insert a column between figures", "column A of a table deleted",
    "to .xls and back", ".ods itself",
)  # fmt: skip


@pytest.mark.parametrize("edit", [edit for edit in HARMLESS if edit.name in SOME], ids=lambda edit: edit.name)
@pytest.mark.parametrize("sample", ["example-county-2023", "passing-2020"])
def test_a_harmless_edit_of_a_sample_leaves_every_value_as_it_was(edit, sample, edited, sources):
    before, after = sources.results[sample], edited(edit, sample)
    assert values(after) == values(before)
    assert (after.status, after.code) == ("pass", before.code)
    assert misquoted(after) == [] if after.path.endswith(".xlsx") else True


@pytest.mark.parametrize("edit", HARMFUL, ids=lambda edit: edit.name)
def test_a_harmful_edit_is_an_error_at_the_right_cell(edit, edited, sources):
    after = edited(edit)
    assert after.status == "fail", [finding.message() for finding in after.findings]
    found = errors(after)
    assert [wanted for wanted in edit.errors if not is_there(wanted, found)] == [], found
    assert set(edit.codes.split()) <= {finding.code for finding in after.findings}
    assert silent(sources.results["distinct"], after, edit.typed) == {}
    if after.path.endswith(".xlsx"):
        assert misquoted(after) == []


@pytest.mark.parametrize("edit", DOUBTFUL, ids=lambda edit: edit.name)
def test_what_is_still_certain_after_an_edit_is_read_with_a_note_and_nothing_else_is(edit, edited, sources):
    after = edited(edit)
    if after.status == "pass":
        before, found = values(sources.results["distinct"]), values(after)
        assert {name for name in before if found.get(name) != before[name]} <= set(edit.typed)
    assert silent(sources.results["distinct"], after, edit.typed) == {}
    assert after.path.endswith(".ods") or misquoted(after) == []


@pytest.mark.parametrize("edit", TYPING, ids=lambda edit: edit.name)
def test_figures_that_are_typed_over_are_read_as_they_stand(edit, edited, sources):
    before, after = values(sources.results["distinct"]), edited(edit)
    found = values(after)
    assert {name for name in before if found[name] != before[name]} == set(edit.typed)
    assert {code for code, _, _ in errors(after)} <= {"X201"}
    assert set(edit.codes.split()) <= {finding.code for finding in after.findings}
    assert misquoted(after) == []
