"""The stamp of each sheet, its lock, and how it prints."""

from __future__ import annotations

from xl2report.form.model import Form
from xl2report.workbook.pen import Page
from xl2report.workbook.plan import FIRST_LINE, LAST_KEY, STAMP, Plan

_ALLOWED = {"format_columns": True, "format_rows": True, "select_locked_cells": True, "select_unlocked_cells": True}


def stamp_text(form: Form, key: str) -> str:
    """The hidden id of a sheet: ``xl2report|form|version|sheet id``."""
    return f"{STAMP}{form.id}|{form.version}|{key}"


def stamp(page: Page, key: str, form: Form) -> None:
    """The id in A1, in a hidden row and a hidden column."""
    page.text(0, 0, stamp_text(form, key))
    page.sheet.set_row(0, None, None, {"hidden": True})
    page.sheet.set_column(0, 0, 4, None, {"hidden": True})


def finish_sheet(page: Page, key: str, drawn: Plan) -> None:
    """Lock, page and view. No password: the lock guards against slips, and an office may need to mend a sheet."""
    page.sheet.protect("", _ALLOWED)
    page.sheet.set_paper(9)  # A4
    page.sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.set_footer("&C&P / &N")
    page.sheet.hide_gridlines(2)
    amounts = [field.id for field in drawn.form.fields.values() if field.kind == "amount"]
    if here := [drawn.places[name].cell for name in amounts if drawn.places[name].sheet == page.name]:
        page.sheet.ignore_errors({"number_stored_as_text": " ".join(here)})  # amounts are texts on purpose
    sections = {section.id: section for section in drawn.form.sections}
    if key in ("cover", "checks"):
        page.sheet.freeze_panes(FIRST_LINE if key == "cover" else 6, 0)
    if key in sections and (table := sections[key].table):
        at = drawn.tables[table.id]
        if at.layout.columns > 12:
            page.sheet.set_landscape()
        page.sheet.set_selection(at.question.row, at.question.column, at.question.row, at.question.column)
        if len(at.blocks) == 1:
            page.sheet.freeze_panes(at.blocks[0].first_row, 0)
    elif key in sections:
        page.sheet.freeze_panes(FIRST_LINE, 0)
    if key == "checks":
        page.sheet.set_landscape()
    if key in ("cover", *sections) and key not in ("checks",) and not (key in sections and sections[key].table):
        first = next(line for line in drawn.lines[dict(drawn.sheets)[key]] if line.field)
        page.sheet.set_selection(first.row, 2, first.row, 2)
    if key == "cover":
        page.sheet.activate()
    if key in ("meta", LAST_KEY):
        page.sheet.hide()
