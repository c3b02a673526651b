"""Form → locked workbook: the sheets in order, the stamps, the names. Same input, same bytes."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping

from xl2report.form.model import Form
from xl2report.submission import LastYear, Value
from xl2report.workbook.check_sheet import write_checks
from xl2report.workbook.contents import Contents, contents
from xl2report.workbook.hidden_sheet import write_hidden
from xl2report.workbook.last_sheet import write_last
from xl2report.workbook.line_sheet import write_guide, write_lines
from xl2report.workbook.pen import Pen
from xl2report.workbook.plan import LAST_KEY, LAST_SHEET, NAME_PREFIX, plan
from xl2report.workbook.protection import finish_sheet, stamp
from xl2report.workbook.table_sheet import write_table
from xl2report.workbook.wording import headings

STAMP = "xl2report"
_CREATED = datetime.datetime(2000, 1, 1)  # fixed: the same input must give the same bytes


def write(
    form: Form,
    values: Mapping[str, Value] | None = None,
    overwritten: Mapping[str, Value] | None = None,
    *,
    explanations: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
    last: LastYear | None = None,
) -> bytes:
    """The .xlsx of a form, blank or prefilled. Keys are field ids; a number may be given as a Decimal or as a text.

    ``overwritten`` puts typed figures in place of total formulas, as a careless filler would; it is there for
    samples and tests. ``explanations`` are the 说明 of 校验 by rule instance, ``origins`` sentences on where prefilled
    values come from, shown in the prompts of their cells; ``last`` the figures of the year before that rules compare
    with. KeyError for an id that the form does not have; ValueError for more paragraphs than the workbook has rows, LostCell for a text that no cell holds.
    """
    drawn = plan(form)
    filled = contents(drawn, values or {}, overwritten or {}, explanations or {}, origins=origins, last=last)
    buffer = io.BytesIO()
    pen = Pen(buffer)
    _write_sheets(pen, filled)
    for field_id, at in drawn.places.items():  # the third anchor of a cell, beside its hidden ids and its label
        pen.define(NAME_PREFIX + field_id, at.absolute)
    pen.book.set_properties({"title": form.name, "comments": form.basis, "created": _CREATED})
    pen.book.set_custom_property(f"{STAMP}.form", form.id, "text")
    pen.book.set_custom_property(f"{STAMP}.version", form.version, "number_int")
    pen.book.close()
    return buffer.getvalue()


def _write_sheets(pen: Pen, filled: Contents) -> None:
    form = filled.form
    sections = {section.id: section for section in form.sections}
    for key, name in filled.plan.sheets:
        page = pen.page(name)
        stamp(page, key, form)
        if key == "guide":
            write_guide(page, form)
        elif key == "cover":
            write_lines(page, filled, *headings(form, None))
        elif key == "checks":
            write_checks(page, filled)
        elif key == "meta":
            write_hidden(page, filled)
        elif table := sections[key].table:
            write_table(page, filled, table, sections[key].heading)
        else:
            write_lines(page, filled, *headings(form, sections[key]))
        finish_sheet(page, key, filled.plan)
    if filled.filled.last:
        page = pen.page(LAST_SHEET)
        stamp(page, LAST_KEY, form)
        write_last(page, filled.plan, filled.filled.last)
        finish_sheet(page, LAST_KEY, filled.plan)
