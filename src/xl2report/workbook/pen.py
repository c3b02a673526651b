"""Writing cells so that nothing is lost: every xlsxwriter call is checked, every formula carries its real result."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

FONT = "宋体"
_GRID = {"border": 1, "border_color": "#7F7F7F"}
STYLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "text": {"text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 16, "valign": "vcenter"},
    "hint": {"font_color": "#595959", "text_wrap": True, "valign": "vcenter", "font_size": 10},
    "heading": {"bold": True, "valign": "vcenter", "font_size": 12},
    "label": {**_GRID, "text_wrap": True, "valign": "vcenter", "bg_color": "#F2F2F2"},
    "header": {**_GRID, "text_wrap": True, "valign": "vcenter", "align": "center", "bold": True, "bg_color": "#DCE6F1"},
    "corner": {**_GRID, "text_wrap": True, "valign": "vcenter", "align": "center", "bg_color": "#DCE6F1"},
    "question": {"align": "right", "valign": "vcenter", "bold": True},
    "total": {**_GRID, "valign": "vcenter", "align": "center", "bg_color": "#E7E6E6", "bold": True},
    "input": {**_GRID, "valign": "vcenter", "align": "center", "bg_color": "#FFFFE0", "locked": False},
    "amount": {**_GRID, "valign": "vcenter", "align": "center", "bg_color": "#FFFFE0", "locked": False, "num_format": "@"},
    "entry": {**_GRID, "valign": "vcenter", "text_wrap": True, "bg_color": "#FFFFE0", "locked": False, "num_format": "@"},
    "number": {**_GRID, "valign": "vcenter", "align": "left", "bg_color": "#FFFFE0", "locked": False},
    "date": {**_GRID, "valign": "vcenter", "align": "left", "bg_color": "#FFFFE0", "locked": False, "num_format": "yyyy-mm-dd"},
    "prose": {**_GRID, "valign": "top", "text_wrap": True, "bg_color": "#FFFFE0", "locked": False, "num_format": "@"},
    "cell": {**_GRID, "valign": "vcenter", "text_wrap": True},
    "centre": {**_GRID, "valign": "vcenter", "align": "center", "text_wrap": True},
    "link": {**_GRID, "valign": "vcenter", "align": "center", "font_color": "#0563C1", "underline": 1},
    "verdict": {**_GRID, "valign": "vcenter", "align": "center", "bold": True},
    "good": {"font_color": "#006100", "bg_color": "#C6EFCE"},
    "bad": {"font_color": "#9C0006", "bg_color": "#FFC7CE"},
    "open": {"font_color": "#7F6000", "bg_color": "#FFEB9C"},
}


class LostCell(RuntimeError):
    """xlsxwriter refused a write (out of bounds, too long a text) that it would have passed over in silence."""


class Pen:
    """A workbook being written: its styles by name, and checked writes."""

    def __init__(self, path: object) -> None:
        self.book: Workbook = xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False})
        self._styles: dict[str, Format] = {}

    def style(self, name: str) -> Format:
        if name not in self._styles:
            base = {"font_name": FONT, "font_size": 11} if name not in ("good", "bad", "open") else {}
            self._styles[name] = self.book.add_format({**base, **STYLES[name]})
        return self._styles[name]

    def sheet(self, name: str) -> Worksheet:
        return self.book.add_worksheet(name)

    def text(self, sheet: Worksheet, row: int, column: int, text: str, style: str = "plain") -> None:
        done(sheet.write_string(row, column, text, self.style(style)) if text else sheet.write_blank(row, column, None, self.style(style)))

    def number(self, sheet: Worksheet, row: int, column: int, value: Decimal | int, style: str = "plain") -> None:
        done(sheet.write_number(row, column, float(value) if isinstance(value, Decimal) and value % 1 else int(value), self.style(style)))

    def formula(self, sheet: Worksheet, row: int, column: int, formula: str, result: Decimal | str | int | None, style: str = "plain") -> None:
        """A formula with the result it has right now; an empty text stands for 'not decided'."""
        if len(formula) > 8192:
            raise LostCell(f"formula of {len(formula)} characters at {row},{column}")
        shown: object = "" if result is None else result
        if isinstance(shown, Decimal):
            shown = int(shown) if shown == shown.to_integral_value() else float(shown)
        done(sheet.write_formula(row, column, formula, self.style(style), shown))

    def merged(self, sheet: Worksheet, area: tuple[int, int, int, int], text: str, style: str) -> None:
        """A text over an area of rows and columns (first row, first column, last row, last column)."""
        row, column, last_row, last_column = area
        if (row, column) == (last_row, last_column):
            self.text(sheet, row, column, text, style)
        else:
            done(sheet.merge_range(row, column, last_row, last_column, text, self.style(style)))


def done(status: object) -> None:
    if status:
        raise LostCell(f"xlsxwriter returned {status}")
