"""The boxes of a sheet's comments, beside their cells. openpyxl gives them a size but no place: some programs then
show every one of them at the top of the sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from xl2report.workbook.cells import LAST_COLUMN, LAST_ROW

_ASIDE, _ABOVE = 15, 10  # pixels right of the cell and below the top of the row before
_EDGE = 10_000  # pixels of the last row or column: nothing goes beyond it
_MOST = 100  # rows or columns that a box may cover
_HEAD = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;width:{wide}pt;height:{high}pt;'
    'z-index:{order};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


def note_boxes(sheet: Worksheet) -> bytes:
    """The VML of all comments of a sheet, each as large as its ``width`` and ``height`` in pixels say."""
    shapes = []
    cells: list[Any] = [cell for _, cell in sorted(sheet._cells.items()) if getattr(cell, "comment", None)]
    for order, cell in enumerate(cells, 1):
        wide, high = cell.comment.width, cell.comment.height
        row, column = cell.row - 1, cell.column - 1
        left = (min(column + 1, LAST_COLUMN), _ASIDE)
        top = (row - 1, _ABOVE) if row else (0, 2)
        right = _end(left, wide, lambda at: _column_pixels(sheet, at) if at < LAST_COLUMN else _EDGE)
        bottom = _end(top, high, lambda at: _row_pixels(sheet, at) if at < LAST_ROW else _EDGE)
        anchor = ", ".join(str(number) for number in (*left, *top, *right, *bottom))
        shapes.append(
            _BOX.format(
                number=1024 + order, order=order, wide=wide * 0.75, high=high * 0.75, anchor=anchor, row=row, column=column
            )
        )
    return (_HEAD + "".join(shapes) + "</xml>").encode()


def _end(begin: tuple[int, int], length: int, pixels: Callable[[int], int]) -> tuple[int, int]:
    """The row or column where a length ends that begins at an offset of another, and the offset there."""
    line, offset = begin
    rest = length + offset
    for at in range(line, line + _MOST):
        if (size := pixels(at)) > rest:
            return at, rest
        rest -= size
    return line + 1, 0  # all hidden from here on


def _column_pixels(sheet: Worksheet, column: int) -> int:
    for line in sheet.column_dimensions.values():
        if (line.min or 0) <= column + 1 <= (line.max or 0):
            return 0 if line.hidden else round(line.width * 7)
    dimension = sheet.column_dimensions.get(get_column_letter(column + 1))
    if dimension is not None:
        return 0 if dimension.hidden else round(dimension.width * 7)
    return round((sheet.sheet_format.defaultColWidth or 9.14) * 7)


def _row_pixels(sheet: Worksheet, row: int) -> int:
    dimension = sheet.row_dimensions.get(row + 1)
    if dimension is not None and dimension.hidden:
        return 0
    height = dimension.height if dimension is not None else None
    return round((height or sheet.sheet_format.defaultRowHeight or 15) * 4 / 3)
