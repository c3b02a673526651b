"""The stamp of each sheet, its lock, and how it prints."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from xl2report.form.model import Form
from xl2report.workbook.pen import Pen
from xl2report.workbook.plan import FIRST_LINE, Plan

_ALLOWED = {"format_columns": True, "format_rows": True, "select_locked_cells": True, "select_unlocked_cells": True}


def stamp_text(form: Form, key: str) -> str:
    """The hidden id of a sheet: ``xl2report|form|version|sheet id``."""
    return f"xl2report|{form.id}|{form.version}|{key}"


def stamp(pen: Pen, sheet: Worksheet, key: str, form: Form) -> None:
    """The id in A1, in a hidden row and a hidden column."""
    pen.text(sheet, 0, 0, stamp_text(form, key))
    sheet.set_row(0, None, None, {"hidden": True})
    sheet.set_column(0, 0, 4, None, {"hidden": True})


def finish_sheet(sheet: Worksheet, key: str, drawn: Plan) -> None:
    """Lock, page and view. No password: the lock guards against slips, and an office may need to mend a sheet."""
    sheet.protect("", _ALLOWED)
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
    sheet.hide_gridlines(2)
    sections = {section.id: section for section in drawn.form.sections}
    if key in ("cover", "checks"):
        sheet.freeze_panes(FIRST_LINE if key == "cover" else 6, 0)
    if key in sections and (table := sections[key].table):
        at = drawn.tables[table.id]
        if at.layout.columns > 12:
            sheet.set_landscape()
        sheet.set_selection(at.question.row, at.question.column, at.question.row, at.question.column)
    elif key in sections:
        sheet.freeze_panes(FIRST_LINE, 0)
    if key == "checks":
        sheet.set_landscape()
    if key in ("cover", *sections) and key not in ("checks",) and not (key in sections and sections[key].table):
        first = next(line for line in drawn.lines[dict(drawn.sheets)[key]] if line.field)
        sheet.set_selection(first.row, 2, first.row, 2)
    if key == "cover":
        sheet.activate()
    if key == "meta":
        sheet.hide()
