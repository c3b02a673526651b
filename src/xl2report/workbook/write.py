"""Form → locked workbook: the sheets in order, the stamps, the names. Same input, same bytes."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping

from xl2report.check.figures import FigureTable
from xl2report.form.model import Form
from xl2report.submission import Submission, Value
from xl2report.workbook import contents
from xl2report.workbook.check_sheet import write_checks
from xl2report.workbook.hidden_sheet import write_hidden
from xl2report.workbook.line_sheet import write_guide, write_lines
from xl2report.workbook.pen import Pen
from xl2report.workbook.plan import Plan, plan
from xl2report.workbook.protection import finish_sheet, stamp
from xl2report.workbook.table_sheet import write_table

STAMP = "xl2report"
_CREATED = datetime.datetime(2000, 1, 1)  # fixed: the same input must give the same bytes


def write(
    form: Form, values: Mapping[str, Value] | None = None, overwritten: Mapping[str, Value] | None = None
) -> bytes:
    """The .xlsx of a form, blank or prefilled. Keys are field ids; a number may be given as a Decimal or as a text.

    ``overwritten`` puts typed figures in place of total formulas, as a careless filler would; it is there for
    samples and tests. KeyError for an id that the form does not have.
    """
    drawn = plan(form)
    filled = contents.submission(drawn, values or {}, overwritten or {})
    buffer = io.BytesIO()
    pen = Pen(buffer)
    _write_sheets(pen, drawn, filled)
    pen.book.set_properties({"title": form.name, "comments": form.basis, "created": _CREATED})
    pen.book.set_custom_property(f"{STAMP}.form", form.id, "text")
    pen.book.set_custom_property(f"{STAMP}.version", form.version, "number_int")
    pen.book.close()
    return buffer.getvalue()


def _write_sheets(pen: Pen, drawn: Plan, filled: Submission) -> None:
    form = drawn.form
    figures = FigureTable(form, filled)
    sections = {section.id: section for section in form.sections}
    for key, name in drawn.sheets:
        sheet = pen.sheet(name)
        stamp(pen, sheet, key, form)
        if key == "guide":
            write_guide(pen, sheet, form)
        elif key == "cover":
            write_lines(pen, sheet, drawn, filled, name, f"{form.name}　{form.basis}")
        elif key == "checks":
            write_checks(pen, sheet, drawn, filled, figures)
        elif key == "meta":
            write_hidden(pen, sheet, drawn, filled, figures)
        elif table := sections[key].table:
            write_table(pen, sheet, drawn, table, sections[key].heading, filled, figures)
        else:
            write_lines(pen, sheet, drawn, filled, sections[key].heading, sections[key].hint)
        finish_sheet(sheet, key, drawn)
