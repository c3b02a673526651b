"""Totals that hold another formula than the form's. Looked at only where a stored result is in doubt: it costs."""

from __future__ import annotations

import re

from xl2report.checks.entries import visible
from xl2report.checks.totals import REPLACED
from xl2report.form.model import Form
from xl2report.submission import Remark, Submission
from xl2report.workbook.cells import UNKNOWN_FORMULA
from xl2report.workbook.formulas import total
from xl2report.workbook.plan import plan

_ADDRESS = re.compile(r"\b[A-Z]{1,3}[0-9]{1,7}\b")


def replaced_totals(form: Form, submission: Submission) -> tuple[Remark, ...]:
    """A remark for each total whose formula is not the one that was issued; addresses may have moved."""
    drawn = plan(form)
    return tuple(
        Remark(REPLACED, entry.place, (("raw", entry.raw.text), ("formula", visible(entry.raw.formula))), field.id)
        for field in form.fields.values()
        if (entry := submission.entries.get(field.id))
        and entry.formula
        and entry.raw.formula != UNKNOWN_FORMULA
        and _shape(entry.raw.formula) != _shape(total(drawn, field).removeprefix("="))
    )


def _shape(formula: str) -> str:
    """A formula without its addresses, its numbers in one notation: programs rewrite 1E15 as they like."""
    bare = _ADDRESS.sub("@", formula.replace("$", "").replace(" ", "").upper())
    return bare.replace("1E+15", "1E15").replace("1000000000000000", "1E15")
