"""A comparison as a workbook: one line a figure, the change as a formula over the two columns."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal

from xl2report.checks.changes import Comparison, Line
from xl2report.report.comparison import HEADS, MORE, Titled, counted
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Page, Pen

_WIDTHS = (34, 72, 14, 14, 14, 12)
_LINE = 16.0  # the height of a line of text
_SHEET = {"zh": "比较", "en": "comparison"}
_PART = {"zh": "部分", "en": "section"}
_FIRST = 3  # the row of the first figure, after title, counts and head
_LAST_COLUMN, _THIS_COLUMN = "C", "D"


def comparison_book(comparison: Comparison, titled: Titled, language: str) -> bytes:
    """The workbook as .xlsx bytes; the same comparison gives the same bytes."""
    out = io.BytesIO()
    pen = Pen(out)
    pen.book.set_properties({"created": datetime.datetime(1980, 1, 1), "title": titled.title})
    page = pen.page(_SHEET[language])
    for column, size in enumerate(_WIDTHS):
        page.sheet.set_column(column, column, size)
    page.text(0, 0, titled.title, "title")
    page.sheet.set_row(0, 28)
    page.text(1, 0, counted(comparison, language), "plain")
    item, change, percent = (head.in_language(language) for head in HEADS)
    for column, head in enumerate((_PART[language], item, titled.last, titled.this, change, percent)):
        page.text(2, column, head, "header")
    for row, line in enumerate(comparison.lines, _FIRST):
        _line(page, row, line)
    row = _FIRST + len(comparison.lines)
    only = (*comparison.only_this, *comparison.only_last)
    page.sheet.autofilter(2, 0, max(row - 1, 2), len(_WIDTHS) - 1)
    if only:
        page.text(row + 1, 0, MORE.in_language(language), "heading")
        for at, line in enumerate(only, row + 2):
            _names(page, at, line, "cell")
            _figure(page, at, 2, line.last, "centre")
            _figure(page, at, 3, line.this, "centre")
    page.sheet.freeze_panes(_FIRST, 2)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.repeat_rows(2)
    pen.book.close()
    return out.getvalue()


def _line(page: Page, row: int, line: Line) -> None:
    """A figure that differs stands bold on a ground of its own."""
    names, figures = ("label", "total") if line.differs else ("cell", "centre")
    _names(page, row, line, names)
    _figure(page, row, 2, line.last, figures)
    _figure(page, row, 3, line.this, figures)
    last, this = f"{_LAST_COLUMN}{row + 1}", f"{_THIS_COLUMN}{row + 1}"
    known = f'AND(ISNUMBER({last}),ISNUMBER({this}))'
    page.formula((row, 4), f'=IF({known},{this}-{last},"")', line.change, figures)
    page.formula((row, 5), f'=IF({known},IF({last}=0,"",ROUND(({this}-{last})*100/ABS({last}),1)),"")', line.percent, figures)


def _names(page: Page, row: int, line: Line, style: str) -> None:
    item = " > ".join(label for label in line.item if label != line.part)
    page.text(row, 0, line.part, style)
    page.text(row, 1, item, style)
    page.sheet.set_row(row, _LINE * (1 + width(item) // (_WIDTHS[1] - 4)) + 2)


def _figure(page: Page, row: int, column: int, value: Decimal | None, style: str) -> None:
    if value is None:
        page.text(row, column, "", style)
    else:
        page.number(row, column, value, style)
