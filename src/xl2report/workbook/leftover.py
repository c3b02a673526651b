"""What stands in a book and was neither read as a field nor issued with the form: nothing of it may vanish in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xl2report.form.model import Form
from xl2report.form.shelf import form_ids, form_path
from xl2report.grid import Book, Grid
from xl2report.submission import Raw, Submission
from xl2report.workbook.anchors import UNREAD_KEYS, Stamp, stamp_of
from xl2report.workbook.book import read_book
from xl2report.workbook.carried import quoted
from xl2report.workbook.plan import HELPER, LAST_KEY, STAMP, cell_name
from xl2report.workbook.write import write

_SHOWN = 3  # texts that the line about a whole sheet quotes
_LISTED = 200  # cells of one sheet that are listed one by one
_FEW = 5  # of a sheet that was not read at all


class Left(NamedTuple):
    """One cell that nobody read, or with ``cell`` "" a whole sheet of ``cells`` such cells, with the first of their texts."""

    sheet: str
    cell: str
    text: str
    cells: int = 1


def leftovers(book: Book, form: Form, submission: Submission, explained: frozenset[str]) -> Iterator[Left]:
    """Every such cell in the order of the sheets. ``explained`` are the explanations that were read."""
    own = _issued_texts(form)
    entries = submission.entries.values()
    read = {(entry.place.sheet, cell) for entry in entries for cell in (entry.place.cell, *entry.cells)}
    copies = {dict(remark.words).get("sheet") for remark in submission.remarks if remark.code == "S113"}
    for grid in book.sheets:
        stamp = _stamp(grid)
        key = stamp.key if stamp else ""
        if key in (UNREAD_KEYS | {LAST_KEY}) - {"checks"} or grid.name in copies or (key == "checks" and not book.shows_formulas):
            continue
        known = own | explained if key == "checks" else own
        cells = [
            Left(grid.name, cell_name(row, column), quoted(raw))
            for (row, column), raw in sorted(grid.cells.items())
            if (grid.name, cell_name(row, column)) not in read
            and not _is_issued(raw, column, stamp, known, book.shows_formulas)
        ]
        untouched = not any(sheet == grid.name for sheet, _ in read)
        if len(cells) > (_FEW if untouched else _LISTED):
            yield Left(grid.name, "", "、".join(left.text for left in cells[:_SHOWN]), len(cells))
        else:
            yield from cells


def _stamp(grid: Grid) -> Stamp | None:
    return next((stamp_of(raw.text) for raw in grid.cells.values() if raw.text.startswith(STAMP)), None)


def _is_issued(raw: Raw, column: int, stamp: Stamp | None, own: frozenset[str], shows_formulas: bool) -> bool:
    """True for what the form itself put into the workbook, and for cells that hold nothing to read."""
    if not quoted(raw).strip() or raw.text.startswith(STAMP) or _bare(raw.text) in own:
        return True
    if stamp and stamp.key == "checks":  # there, only texts are typed
        return bool(raw.formula) or raw.kind != "text"
    if "LEN(SUBSTITUTE(" in raw.formula:  # the hidden lengths of paragraphs, wherever inserted columns have moved them
        return True
    return column == HELPER and stamp is not None and raw.kind == "number" and not shows_formulas


def _issued_texts(form: Form) -> frozenset[str]:
    """The texts that stand in a blank workbook of the form, without white space."""
    blank = form_path(form.id).with_name("blank.xlsx") if form.id in form_ids() else None
    content = blank.read_bytes() if blank is not None and blank.exists() else write(form)
    cells = (raw for grid in read_book(content).sheets for raw in grid.cells.values())
    return frozenset(_bare(raw.text) for raw in cells if raw.kind == "text" and not raw.formula)


def _bare(text: str) -> str:
    return "".join(text.split())
