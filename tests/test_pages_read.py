"""Published pages come back in: every printed figure at its field, whatever the page was made with, and nothing guessed."""

from decimal import Decimal

import pytest

import page_printer as printer
import xl2report
from xl2report.checked import read
from xl2report.sources.page import read_page
from test_published_reports import CATEGORY, filled
from xl2report.workbook.write import write

needs_reports = pytest.mark.skipif(not printer.KEYS, reason="the published figures are not beside the project")
FORMS = printer.forms()


def figures_read(form, submission):
    """The figures by field; None where nothing is printed."""
    return {
        field.id: submission.entries[field.id].value
        for table in form.tables
        for field in table.cells
        if field.id in submission.entries
    }


def codes(submission, *ignored):
    return sorted({remark.code for remark in submission.remarks} - {"S116", "S107", *ignored})
