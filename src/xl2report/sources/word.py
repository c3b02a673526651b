"""A report as a Word file → Submission: its tables by their labels, its prose by its headings, its own lines by the form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xl2report.form.model import Form
from xl2report.form.shelf import form_by_id, form_ids
from xl2report.grid import Book, Grid
from xl2report.sources.around import LINES, with_text
from xl2report.sources.document import Document
from xl2report.sources.labels import best_form, gather_by_labels
from xl2report.sources.prose import document_prose
from xl2report.sources.word_document import word_document
from xl2report.submission import Place, Raw, Remark, Submission
from xl2report.workbook.package import Unreadable

WORD = "docx"  # the kind of such a book


def word_book(content: bytes) -> Book:
    """The tables of a Word file as a book; Unreadable if it cannot be read. Its text comes with ``read_word``."""
    document = word_document(content)
    grids = _grids(document)
    return Book(grids, tuple(grid.name for grid in grids), WORD)


def read_word(content: bytes) -> tuple[Form, Submission]:
    """The form and the submission in a Word file; Unreadable if it has no table of any form.

    Totals are kept as typed.
    """
    document = word_document(content)
    grids = _grids(document)
    form = best_form((*grids, _lines(document)), [form_by_id(name) for name in form_ids()])
    if form is None:
        raise Unreadable("N118")
    prose = document_prose(document, form, LINES)
    titles = {_row(line.place): line.text for line in prose.lines if line.kind == "title"}
    title = Grid(LINES, {(row, 0): Raw("text", text) for row, text in titles.items()})
    read = gather_by_labels((*grids, title), form, shows_formulas=False)
    submission, of_facts, of_prose = with_text(form, prose, read)
    removed = [Remark("F116", words=(("count", str(document.removed)),))] if document.removed else []
    remarks = (*removed, *submission.remarks, *of_facts, *_unread(grids, submission), *of_prose)
    return form, replace(submission, shows_formulas=False, by_labels=True, remarks=remarks)


def _grids(document: Document) -> tuple[Grid, ...]:
    return tuple(one.grid for one in document.paragraphs if one.grid is not None)


def _lines(document: Document) -> Grid:
    """Every paragraph in a row of its own."""
    lines = {(n, 0): Raw("text", one.text) for n, one in enumerate(document.paragraphs) if one.text and not one.table}
    return Grid(LINES, lines)


def _unread(grids: tuple[Grid, ...], submission: Submission) -> Iterator[Remark]:
    """A remark on each table that no figure was taken from, and that nothing else was said of."""
    known = {entry.place.sheet for entry in submission.entries.values()} | {one.place.sheet for one in submission.remarks}
    for grid in grids:
        if grid.name not in known and grid.cells:
            yield Remark("N106", Place(grid.name, "A1"), (("raw", next(iter(grid.cells.values())).text[:60]),))


def _row(place: Place) -> int:
    """The row of a line's paragraph in the grid of all lines."""
    return int(place.cell[1:-1]) - 1
