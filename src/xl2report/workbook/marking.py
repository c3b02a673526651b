"""An agency's own workbook with its findings marked: fill and comment in each cell, and the list of them as first sheet.

openpyxl edits the workbook. Sheets without marks do not pass through it (``set_aside``). What it would lose of the others
is refused beforehand (``losses``), what it drops of the cells is put back (``cached``), and in the end every cell that it
has written is compared with the original (``unchanged``).
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import coordinate_to_tuple
from openpyxl.workbook import Workbook
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

from xl2report.checks.findings import Finding, FoundCell
from xl2report.checks.suspects import Suspicion
from xl2report.grid import Book
from xl2report.workbook.book import read_book
from xl2report.workbook.cached import StoredSheet, put_back, sheet_parts, stored_sheet
from xl2report.workbook.losses import CannotMark, Parts, refuse_losses, unpacked
from xl2report.workbook.mark_sheet import Mark, View, is_list, read_memory, write_list, write_memory
from xl2report.workbook.mark_words import (
    AUTHOR,
    COLOURS,
    LIST_SHEET,
    MARKS_STAMP,
    RANK,
    Remarked,
    box,
    joined,
    mark_text,
    own_text,
)
from xl2report.workbook.note_boxes import note_boxes
from xl2report.workbook.package import Unreadable
from xl2report.workbook.plan import cell_name
from xl2report.workbook.set_aside import Aside, put_in_place, set_aside, with_validations
from xl2report.workbook.unchanged import compare, formats, names

_ADDRESS = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}\Z")
_HARMLESS_WARNINGS = ("Workbook contains no default style", "Cell ")  # the values of cells are put back and compared
_COMMENT_LIMIT = 32_767
_CORE, _CUSTOM = "docProps/core.xml", "docProps/custom.xml"
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FIXED_DATE = b"2000-01-01T00:00:00Z"  # of a workbook without dates: the same input must give the same bytes


def marked(
    content: bytes, findings: Sequence[Finding], heading: Sequence[str], language: str = "zh", suspicions: Sequence[Suspicion] = ()
) -> bytes:
    """The .xlsx with its findings marked; marks of an earlier time, in either language, are replaced.

    ``heading`` are lines for the list: the agency and its year first, then the verdict and whatever else; ``suspicions``
    stand under the findings. Without findings a marked workbook comes back unmarked, any other as it is. CannotMark where
    the copy would lack something.
    """
    parts = unpacked(content)
    sheets = sheet_parts(parts)
    aside = set_aside(parts, sheets, _wanted(content, parts, findings))
    refuse_losses(aside.parts)
    before = _read(_package(aside.parts))
    stored = {name: stored_sheet(parts, part) for name, part in sheets.items() if name not in aside.sheets}
    book = _opened(_package(aside.lean), list(sheets), stored)
    for name, areas in aside.merges.items():
        book[name].merged_cells = MultiCellRange([CellRange(area) for area in areas])
    lists = [sheet.title for sheet in book.worksheets if is_list(sheet)]
    was_marked = _unmark(book)
    if findings:
        _mark(book, findings, heading, language, suspicions)
    elif not was_marked:
        return content
    kept = {name: sheet for name, sheet in stored.items() if name not in lists}
    written = _saved(book, parts, kept, aside)
    compare(before, _read(_package(written)))
    if names(parts, lists) - names(written, ()):
        raise CannotMark("changed", "names")
    styles = formats(parts)
    if formats(written)[: len(styles)] != styles:  # what was set aside goes by their numbers
        raise CannotMark("changed", "styles")
    put_in_place(written, sheet_parts(written), aside, [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected])
    return _package(written, zipfile.ZIP_DEFLATED)


def _wanted(content: bytes, parts: Parts, findings: Sequence[Finding]) -> set[str]:
    """The sheets that get marks, are a list of marks, or are spoken of in one."""
    marks = {cell.place.sheet for finding in findings for cell in finding.cells}
    if not any(MARKS_STAMP.encode() in part for part in parts.values()):
        return marks
    lists = [sheet for sheet in _read(content).sheets if sheet.text(0, 0) == MARKS_STAMP]
    told = {raw.text for sheet in lists for (row, _), raw in sheet.cells.items() if row}  # the first row tells of the view
    return marks | told | {sheet.name for sheet in lists}


def _read(content: bytes) -> Book:
    try:
        return read_book(content)
    except Unreadable as error:
        raise CannotMark("not-opened", error.code) from error


def _opened(content: bytes, sheets: Sequence[str], stored: Mapping[str, StoredSheet]) -> Workbook:
    """The workbook as openpyxl sees it; CannotMark if it cannot, or says that it leaves something out."""
    with warnings.catch_warnings(record=True) as noticed:
        warnings.simplefilter("always")
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), rich_text=True)
        except Exception as error:  # it raises whatever comes up in the part that it does not understand
            raise CannotMark("not-opened", type(error).__name__) from error
    for warning in noticed:
        if not str(warning.message).startswith(_HARMLESS_WARNINGS):
            raise CannotMark("other", str(warning.message))
    if book.sheetnames != sheets or len(book.worksheets) != len(sheets):
        raise CannotMark("not-opened", "sheets")
    for name, cells in stored.items():
        _restore_merged(book, book[name], cells)
    return book


def _restore_merged(book: Workbook, sheet: Worksheet, stored: StoredSheet) -> None:
    """Cells under merged areas with their own styles again: openpyxl gives them others, and makes some that were not there."""
    styles: Any = book
    for area in sheet.merged_cells.ranges:
        for place in area.cells:
            cell: Any = sheet._cells.get(place)
            if cell is None:
                continue
            if original := stored.cells.get(cell.coordinate):
                cell._style = copy(styles._cell_styles[original.style])
            elif cell.value is None:
                del sheet._cells[place]


# -- marks -----------------------------------------------------------------------------------------------------------


def _mark(
    book: Workbook, findings: Sequence[Finding], heading: Sequence[str], language: str, suspicions: Sequence[Suspicion]
) -> None:
    """Fills, comments, the list; the list is what a person sees first."""
    remarked: dict[tuple[str, str], list[Remarked]] = {}
    for number, finding in enumerate(findings, 1):
        for order, found in enumerate(finding.cells):
            if (target := _target(book, found)) and all(one.number != number for one in remarked.get(target, ())):
                remarked.setdefault(target, []).append(Remarked(number, finding, order))
    marks = []
    known: dict[tuple[bytes, str], tuple[Any, Any]] = {}
    for (name, address), ones in remarked.items():
        ones.sort(key=lambda one: RANK[one.finding.severity])
        text = mark_text(ones, language)
        cell = _cell(book[name], *coordinate_to_tuple(address))
        marks.append(Mark(name, address, _coloured(cell, COLOURS[ones[0].finding.severity], known), text))
        own = cell.comment
        whole = joined(own.text if own else "", text)
        if len(whole) <= _COMMENT_LIMIT:  # a person's own comment goes first; the list has it all
            cell.comment = _comment(whole, own.author if own else AUTHOR)
    view = _view(book)
    sheet = book.create_sheet(LIST_SHEET.in_language(language), 0)
    write_list(sheet, findings, heading, lambda found: _target(book, found) is not None, language, suspicions=suspicions)
    write_memory(sheet, marks, view)
    _select(book, View(sheet.title, (sheet.title,), 0))


def _coloured(cell: Any, colour: str, known: dict[tuple[bytes, str], tuple[Any, Any]]) -> Any:
    """Fills a cell; its fill before. ``known`` has both for styles that were met before: openpyxl takes long to find one."""
    key = (bytes(cell._style or b""), colour)
    if key not in known:
        before = copy(cell.fill)
        cell.fill = PatternFill("solid", fgColor=colour)
        known[key] = before, cell._style
    before, style = known[key]
    cell._style = copy(style)
    return before


def _target(book: Workbook, found: FoundCell) -> tuple[str, str] | None:
    """The sheet and address that a mark goes to: of a merged area its first cell; None where nobody can see it."""
    name, address = found.place.sheet, found.place.cell
    if name not in book.sheetnames or not _ADDRESS.match(address) or book[name].sheet_state != "visible":
        return None
    row, column = coordinate_to_tuple(address)
    if row > 1_048_576 or column > 16_384:
        return None
    for area in book[name].merged_cells.ranges:
        if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col:
            return name, cell_name(area.min_row - 1, area.min_col - 1)
    return name, address


def _cell(sheet: Worksheet, row: int, column: int) -> Any:
    """A cell, made if need be in the style of its row or column, which is what it looked like while it was not there."""
    found = sheet._cells.get((row, column))
    if found is not None:
        return found
    cell: Any = sheet.cell(row, column)
    lines: list[Any] = [sheet.row_dimensions[row]] if row in sheet.row_dimensions else []
    lines += [line for line in sheet.column_dimensions.values() if (line.min or 0) <= column <= (line.max or 0)]
    if style := next((line._style for line in lines if line.has_style), None):
        cell._style = copy(style)
    return cell


def _comment(text: str, author: str) -> Comment:
    wide, high = box(text)
    return Comment(text, author, height=high, width=wide)


def _view(book: Workbook) -> View:
    selected = tuple(sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected)
    first_tab = book.views[0].firstSheet or 0 if book.views else 0
    return View(book.active.title if book.active else "", selected, first_tab)


def _select(book: Workbook, view: View) -> None:
    for sheet in book.worksheets:
        for one in sheet.views.sheetView:
            one.tabSelected = sheet.title in view.selected or None
    book.active = book.sheetnames.index(view.active) if view.active in book.sheetnames else 0
    for one in book.views:
        one.firstSheet = view.first_tab if view.first_tab < len(book.sheetnames) else 0


# -- back again ------------------------------------------------------------------------------------------------------


def _unmark(book: Workbook) -> bool:
    """Takes away every old mark: fills as they were, comments as people wrote them, no list. True if there was any.

    A fill that somebody has changed since stays. Where the list itself was deleted, the old fills are not known and stay.
    """
    lists = [sheet for sheet in book.worksheets if is_list(sheet)]
    texts: dict[tuple[str, str], str] = {}
    for sheet in lists:
        marks, view = read_memory(sheet)
        book.remove(sheet)
        for mark in marks:
            texts[mark.sheet, mark.cell] = mark.text
            _restore_fill(book, mark)
        _select(book, view)
    found = bool(lists)
    for sheet in book.worksheets:
        for cell in list(sheet._cells.values()):
            comment = getattr(cell, "comment", None)
            if comment is None:
                continue
            own = own_text(comment.text, texts.get((sheet.title, cell.coordinate), ""))
            found = found or own != comment.text
            cell.comment = _comment(own, comment.author or "") if own else None
    return found


def _restore_fill(book: Workbook, mark: Mark) -> None:
    if mark.sheet not in book.sheetnames or not _ADDRESS.match(mark.cell):
        return
    cell = book[mark.sheet]._cells.get(coordinate_to_tuple(mark.cell))
    if cell is not None and str(cell.fill.fgColor.rgb)[-6:] in COLOURS.values():
        cell.fill = copy(mark.fill)


# -- saving ----------------------------------------------------------------------------------------------------------


def _saved(book: Workbook, parts: Parts, stored: Mapping[str, StoredSheet], aside: Aside) -> dict[str, bytes]:
    """The workbook's parts, with what openpyxl left out put back, and no trace of the hour."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book.save(buffer)
        except Exception as error:  # see _opened
            raise CannotMark("not-opened", type(error).__name__) from error
    written = unpacked(buffer.getvalue())
    sheets = sheet_parts(written)
    for name, cells in stored.items():
        written[sheets[name]] = put_back(with_validations(written[sheets[name]], aside.validations.get(name, b"")), cells)
    for sheet in book.worksheets:
        if (boxes := str(sheet.legacy_drawing or "")) in written:
            written[boxes] = note_boxes(sheet)
    written[_CORE] = parts.get(_CORE) or _DATES.sub(rb"\g<1>" + _FIXED_DATE, written[_CORE])
    if _CUSTOM in written:
        written[_CUSTOM] = parts[_CUSTOM]
    return written


def _package(parts: Parts, compression: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            package.writestr(zipfile.ZipInfo(name), parts[name], compression)
    return target.getvalue()
