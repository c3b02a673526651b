"""Writing cells so that nothing is lost: every xlsxwriter call is checked, every formula carries its real result."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

FONT = "宋体"
_FORMULA_LIMIT = 8192  # Excel's limit for the characters of a formula
_GENERAL = 11  # characters of a number that Excel shows without a format of its own; it rounds a longer one
_LINKS, _LINK = 65_530, 2_079  # Excel's limits: links of a sheet, characters of one
_GRID = {"border": 1, "border_color": "#7F7F7F"}
STYLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "text": {"text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 16, "valign": "vcenter"},
    "hint": {"font_color": "#595959", "indent": 1, "text_wrap": True, "valign": "vcenter", "font_size": 10},
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
    "file": {**_GRID, "valign": "vcenter", "text_wrap": True, "font_color": "#0563C1", "underline": 1},
    "verdict": {**_GRID, "valign": "vcenter", "align": "center", "bold": True},
    "good": {"font_color": "#006100", "bg_color": "#C6EFCE"},
    "bad": {"font_color": "#9C0006", "bg_color": "#FFC7CE"},
    "absent": {"font_color": "#595959", "bg_color": "#FFFFFF"},
    "open": {"font_color": "#7F6000", "bg_color": "#FFEB9C"},
}


class _EmptyText(str):
    """The empty text as a formula's result. xlsxwriter takes a plain "" for 'no result stored'; this is a result."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return False


class LostCell(RuntimeError):
    """xlsxwriter refused a write (out of bounds, too long a text) that it would have passed over in silence."""


class _Run(NamedTuple):
    """Neighbouring cells of one row, as they stand in the sheet's XML."""

    xml: str


class _Sheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """A sheet that takes formulas as they are. The library looks each through for thirty functions newer than Excel 2007.

    None of ours has one (a test reads them all), and the looking took two thirds of the time of writing a workbook.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002  # the library's own
        return formula.removeprefix("=")


class _Streamed(_Sheet):
    """A sheet that goes to disk row by row, and takes neighbouring numbers together."""

    def write_run(self, row: int, column: int, values: Sequence[Decimal | None], style: str, pen: Pen) -> int:
        """As the library's own calls. A million cells, one call each, take five times as long."""
        if self._check_dimensions(row, column) or self._check_dimensions(row, column + len(values) - 1):
            return -1
        if row > self.previous_row:
            self._write_single_row(row)
        looks = {style: f'{row + 1}" s="{pen.style(style)._get_xf_index()}"'}
        empty, zero = f"{looks[style]}/>", f"{looks[style]}><v>0</v></c>"
        told = []
        for head, value in zip(_heads(column, len(values)), values, strict=True):
            if not value:
                told.append(f"{head}{empty if value is None else zero}")
                continue
            name = exactly(style, value)
            if name not in looks:
                looks[name] = f'{row + 1}" s="{pen.style(name)._get_xf_index()}"'
            told.append(f"{head}{looks[name]}><v>{_written(value)}</v></c>")
        self.table[row][column] = _Run("".join(told))
        return 0

    def _write_cell(self, row: int, col: int, cell: object) -> None:
        if isinstance(cell, _Run):
            self.fh.write(cell.xml)
        else:
            super()._write_cell(row, col, cell)


class Pen:
    """A workbook being written: its styles by name, its pages. As a context it is written at the end, or left if that fails."""

    def __init__(self, path: object) -> None:
        options = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
        self.book: Workbook = xlsxwriter.Workbook(path, options)
        self._styles: dict[str, Format] = {}

    def __enter__(self) -> Pen:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.book.close()
            return
        self.book.fileclosed = True  # else the library warns
        for sheet in self.book.worksheets():
            if sheet.constant_memory:
                sheet.row_data_fh.close()
                Path(sheet.row_data_filename).unlink(missing_ok=True)

    def style(self, name: str) -> Format:
        """The style of a name; with ``:`` and a number, it shows so many decimals."""
        if name not in self._styles:
            name_alone, _, decimals = name.partition(":")
            shown = {"num_format": f"0.{'0' * int(decimals)}".rstrip(".")} if decimals else {}
            base = {"font_name": FONT, "font_size": 11} if name not in ("good", "bad", "open", "absent") else {}
            self._styles[name] = self.book.add_format({**base, **STYLES[name_alone], **shown})
        return self._styles[name]

    def page(self, name: str, *, streamed: bool = False) -> Page:
        """A new sheet. A ``streamed`` one goes to disk row by row: rows are written in order, and nothing is merged."""
        self.book.constant_memory = streamed  # of this sheet; the library asks the book when it makes one
        try:
            return Page(self, self.book.add_worksheet(name, _Streamed if streamed else _Sheet))
        finally:
            self.book.constant_memory = False

    def define(self, name: str, reference: str) -> None:
        """A defined name for an area (sheet and absolute cells, without the equals sign)."""
        done(self.book.define_name(name, f"={reference}"))


class Page:
    """One sheet being written, by zero-based rows and columns."""

    def __init__(self, pen: Pen, sheet: Worksheet) -> None:
        self.pen, self.sheet = pen, sheet

    @property
    def name(self) -> str:
        return str(self.sheet.get_name())

    def style(self, name: str) -> Format:
        return self.pen.style(name)

    def text(self, row: int, column: int, text: str, style: str = "plain") -> None:
        _as_it_is(text)
        shown = self.style(style)
        written = self.sheet.write_string(row, column, text, shown) if text else self.sheet.write_blank(row, column, None, shown)
        done(written)

    def number(self, row: int, column: int, value: Decimal | int, style: str = "plain") -> None:
        done(self.sheet.write_number(row, column, _stored(value), self.style(style)))

    def numbers(self, row: int, column: int, values: Sequence[Decimal | None], style: str = "plain") -> None:
        """Neighbouring numbers in one row of a streamed sheet, with all their digits; None is an empty cell."""
        done(self.sheet.write_run(row, column, values, style, self.pen))

    def link(self, at: tuple[int, int], text: str, target: str, styles: tuple[str, str] = ("file", "cell")) -> None:
        """A text that leads to a target (``external:`` and a path, escaped); the plain text if Excel has no room for one more.

        ``styles`` are those of a link and of a plain text.
        """
        fits = len(target.encode("utf-16-le")) // 2 <= _LINK and self.sheet.hlink_count < _LINKS
        if target and text and fits:
            _as_it_is(text)
            done(self.sheet.write_url(*at, target, self.style(styles[0]), text))
        else:
            self.text(*at, text, styles[1])

    def formula(self, at: tuple[int, int], formula: str, result: Decimal | str | int | None, style: str = "plain") -> None:
        """A formula with the result it has right now; an empty text stands for 'not decided'."""
        if len(formula) > _FORMULA_LIMIT:
            raise LostCell(f"formula of {len(formula)} characters at {at}")
        shown: object = _EmptyText() if result is None or result == "" else result
        if isinstance(shown, Decimal):
            shown = _stored(shown)
        done(self.sheet.write_formula(*at, formula, self.style(style), shown))

    def merged(self, area: tuple[int, int, int, int], text: str, style: str) -> None:
        """A text over an area of rows and columns (first row, first column, last row, last column)."""
        row, column, last_row, last_column = area
        if (row, column) == (last_row, last_column):
            self.text(row, column, text, style)
        else:
            done(self.sheet.merge_range(row, column, last_row, last_column, text, self.style(style)))


@lru_cache(maxsize=64)
def _heads(column: int, count: int) -> tuple[str, ...]:
    """How the cells of a row begin in XML, up to the number of the row."""
    return tuple(f'<c r="{xl_col_to_name(n)}' for n in range(column, column + count))


@lru_cache(maxsize=65536)
def _written(value: Decimal) -> str:
    return f"{_stored(value):.16G}"  # as the library writes numbers


@lru_cache(maxsize=65536)
def exactly(style: str, value: Decimal) -> str:
    """The style in which all digits of a number are seen: a longer one gets its own number of decimals."""
    text = f"{value.normalize():f}"
    return style if len(text) <= _GENERAL else f"{style}:{min(len(text.partition('.')[2]), 30)}"


def _stored(value: Decimal | int) -> int | float:
    return int(value) if value == int(value) else float(value)


def _as_it_is(text: str) -> None:
    if text.startswith("<r>") and text.endswith("</r>"):
        raise LostCell(f"xlsxwriter would take {text[:40]!r} for marked-up text")


def done(status: object) -> None:
    if status:
        raise LostCell(f"xlsxwriter returned {status}")
