"""The report in the book of a page: which form it is of, and its submission, table by table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from xl2report.form.model import Form
from xl2report.form.shelf import form_by_id, form_ids
from xl2report.grid import Book, Grid
from xl2report.sources.alignment import aligned
from xl2report.sources.facts import find_facts
from xl2report.sources.found_table import FoundTable
from xl2report.sources.label_index import LabelIndex
from xl2report.sources.labels import find_tables, gather_by_labels, known_labels
from xl2report.sources.page import LINES, RAGGED
from xl2report.submission import Remark, Submission
from xl2report.workbook.package import Unreadable
from xl2report.workbook.sniff import kind_of


class _View(NamedTuple):
    """A book as one form sees it: its grids, some laid out anew, the tables found in them, what is to be remarked."""

    form: Form
    grids: tuple[Grid, ...]
    tables: tuple[FoundTable, ...]
    remarks: tuple[Remark, ...]

    @property
    def figures(self) -> int:
        return sum(len(found.figures) for found in self.tables)


def read_published(content: bytes, book: Book) -> tuple[Form, Submission]:
    """As ``read_report`` with every form there is; what is no report is refused as whatever else it is."""
    found = read_report(book, [form_by_id(name) for name in form_ids()])
    if found is None:
        kind_of(content)  # says what it is
        raise Unreadable("F106")
    return found


def read_report(book: Book, forms: Sequence[Form]) -> tuple[Form, Submission] | None:
    """The form of a page and its submission; None if no table of any form stands in it.

    The form of which most figures are found wins, then the one that covers the year in the title, then the newest. A
    table that is whole only as another form has it is read as that, and said to be.
    """
    views = [view for view in (_view(book, form) for form in forms) if any(found.known for found in view.tables)]
    if not views:
        return None
    most = max(view.figures for view in views)
    best = max((view for view in views if view.figures == most), key=lambda view: (_fits(view), view.form.first_year))
    foreign = {}
    for n, found in enumerate(best.tables):
        for view in views:
            theirs = next((other for other in view.tables if other.table.id == found.table.id), None)
            if view is not best and theirs and not _is_whole(found) and _is_whole(theirs):
                foreign[best.form.tables[n].id] = (view.form, theirs)
    submission = gather_by_labels(best.grids, best.form, False, is_page=True, foreign=foreign)
    remarks = (*best.remarks, *submission.remarks)
    return best.form, replace(submission, remarks=remarks, by_labels=True)


def _is_whole(found: FoundTable) -> bool:
    return bool(found.figures) and not (found.lost or found.merged or found.doubled or found.displaced or found.strays)


def _view(book: Book, form: Form) -> _View:
    """The book with those grids laid out anew that have tables of the form, but not so that they can be read."""
    ragged = {remark.place.sheet for remark in book.remarks if remark.code == RAGGED}
    plain = [grid for grid in book.sheets if grid.name not in ragged]
    found = _found(plain, form)
    wanting = [one.table for one in found if not _is_whole(one)]
    grids: list[Grid] = []
    remarks: list[Remark] = []
    for grid in book.sheets:
        anew = aligned(grid, wanting) if wanting and grid.name != LINES else None
        if anew:
            grids.append(anew.grid)
            remarks += anew.remarks
        elif grid.name not in ragged:
            grids.append(grid)
    again = _found(grids, form) if remarks else found
    told = [remark for remark in book.remarks if remark.code != RAGGED or _matters(book, remark, form, grids)]
    if _figures(again) > _figures(found):
        return _View(form, tuple(grids), tuple(again), (*told, *remarks))
    return _View(form, tuple(plain), tuple(found), tuple(told))


def _found(grids: Sequence[Grid], form: Form) -> list[FoundTable]:
    labels = known_labels(form)
    return find_tables([LabelIndex(grid, labels, spans_told=True) for grid in grids], form)


def _figures(tables: Sequence[FoundTable]) -> int:
    return sum(len(found.figures) for found in tables)


def _matters(book: Book, remark: Remark, form: Form, read: Sequence[Grid]) -> bool:
    """True if a grid that was not read holds labels of the form."""
    if any(grid.name == remark.place.sheet for grid in read):
        return False
    grid = next(grid for grid in book.sheets if grid.name == remark.place.sheet)
    return any(found.known for found in _found([grid], form))


def _fits(view: _View) -> bool:
    """True if the form covers the year that the page names."""
    role = view.form.role("year")
    labels = known_labels(view.form)
    sheets = [LabelIndex(grid, labels, spans_told=True) for grid in view.grids]
    entry = find_facts(sheets, view.form, frozenset(), labels).entries.get(role.id) if role else None
    value = str(entry.value) if entry else ""
    return value.isdigit() and view.form.covers_year(int(value))
