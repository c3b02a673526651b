"""The report in the book of a page: which form it is of, and its submission, table by table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from xl2report.form.model import Form
from xl2report.form.shelf import form_by_id, form_ids
from xl2report.grid import Book, Grid
from xl2report.sources.alignment import aligned
from xl2report.sources.around import LINES, with_text
from xl2report.sources.facts import find_facts
from xl2report.sources.found_table import FoundTable
from xl2report.sources.label_index import LabelIndex
from xl2report.sources.labels import find_tables, gather_by_labels, known_labels
from xl2report.sources.page import RAGGED, Page, read_page
from xl2report.sources.page_prose import PageDocument, page_document, unread_tables
from xl2report.sources.prose import document_prose
from xl2report.sources.spelling import losses
from xl2report.submission import Place, Raw, Remark, Submission
from xl2report.workbook.package import Unreadable
from xl2report.workbook.plan import cell_name
from xl2report.workbook.sniff import kind_of

_LAID_ANEW = frozenset({"S126", "S127", "S130"})  # what is told of a grid that was laid out anew


class _View(NamedTuple):
    """A book as one form sees it: its grids, some laid out anew, the tables found in them, remarks, its lines.

    ``sources`` has, for each grid laid out anew, where its cells stand in the page.
    """

    form: Form
    grids: tuple[Grid, ...]
    tables: tuple[FoundTable, ...]
    remarks: tuple[Remark, ...]
    lines: PageDocument
    sources: Mapping[str, Mapping[str, str]]

    @property
    def figures(self) -> int:
        return sum(len(found.figures) for found in self.tables)


def read_published(content: bytes) -> tuple[Form, Submission]:
    """The form and the submission of a page by every form there is; what is no report is refused as whatever it is."""
    found = read_report(read_page(content), [form_by_id(name) for name in form_ids()])
    if found is None:
        kind_of(content)  # says what it is
        raise Unreadable("F106")
    return found


def read_report(page: Page, forms: Sequence[Form]) -> tuple[Form, Submission] | None:
    """The form of a page and its submission; None if no table of any form stands in it.

    The form of which most figures are found wins, then the one that covers the year in the title, then the newest. A
    table that is whole only as another form has it is read as that, and said to be.
    """
    views = [view for view in (_view(page, form) for form in forms) if any(found.known for found in view.tables)]
    if not views:
        return None
    most = max(view.figures for view in views)
    best = max((view for view in views if view.figures == most), key=lambda view: (_fits(view), view.form.first_year))
    foreign = {}
    for found in best.tables:
        for view in views:
            theirs = next((other for other in view.tables if other.table.id == found.table.id), None)
            if view is not best and theirs and not _is_whole(found) and _is_whole(theirs):
                foreign[found.table.id] = (view.form, theirs)
                best = _as_seen_by(best, view, frozenset(block.sheet.grid.name for block in theirs.blocks))
    read = gather_by_labels((*best.grids, _titles(best)), best.form, False, is_page=True, foreign=foreign)
    return best.form, _with_lines(best, page, replace(read, by_labels=True))


def _as_seen_by(view: _View, other: _View, sheets: frozenset[str]) -> _View:
    """A view whose word on some grids is that of another form."""
    remarks = [one for one in view.remarks if one.code not in _LAID_ANEW or one.place.sheet not in sheets]
    remarks += [one for one in other.remarks if one.code in _LAID_ANEW and one.place.sheet in sheets]
    sources = {name: told for name, told in view.sources.items() if name not in sheets}
    sources |= {name: told for name, told in other.sources.items() if name in sheets}
    return view._replace(remarks=tuple(remarks), sources=sources)


def _with_lines(view: _View, page: Page, read: Submission) -> Submission:
    """The submission with what stands outside the tables, and with all that is remarked of the page."""
    prose = document_prose(view.lines.document, view.form, LINES)
    submission, of_facts, of_prose = with_text(view.form, prose, _at_sources(read, view.sources))
    known = {entry.place.sheet for entry in submission.entries.values()} | {one.place.sheet for one in (*submission.remarks, *view.remarks)}
    unread = ((grid.name, next(iter(grid.cells.values())).text) for grid in page.book.sheets if grid.name not in known and grid.cells)
    lost = (remark for one in _texts(view) for remark in losses(*one))
    remarks = (*view.remarks, *submission.remarks, *lost, *of_facts, *view.lines.remarks, *of_prose, *unread_tables(unread))
    return replace(submission, remarks=remarks)


def _at_sources(read: Submission, sources: Mapping[str, Mapping[str, str]]) -> Submission:
    """The submission with places as the page has them, where a grid was laid out anew."""

    def place(at: Place) -> Place:
        return at._replace(cell=sources[at.sheet].get(at.cell, at.cell)) if at.sheet in sources else at

    entries = {name: entry._replace(place=place(entry.place)) for name, entry in read.entries.items()}
    return replace(read, entries=entries, remarks=tuple(one._replace(place=place(one.place)) for one in read.remarks))


def _texts(view: _View) -> Iterator[tuple[str, Place]]:
    """Everything that is read of a page, and where it stands."""
    for n, paragraph in enumerate(view.lines.document.paragraphs, 1):
        yield paragraph.text, Place(LINES, f"第{n}段")
    for found in view.tables:
        for block in found.blocks:
            for cell in block.sheet.held(block.area):
                yield block.sheet.grid.text(*cell), Place(block.sheet.grid.name, cell_name(*cell))


def _is_whole(found: FoundTable) -> bool:
    return bool(found.figures) and not (found.lost or found.merged or found.doubled or found.displaced or found.strays)


def _view(page: Page, form: Form) -> _View:
    """A page with those grids laid out anew that have tables of the form, but not so that they can be read."""
    book = page.book
    ragged = {remark.place.sheet for remark in book.remarks if remark.code == RAGGED}
    plain = [grid for grid in book.sheets if grid.name not in ragged]
    found = _found(plain, form)
    wanting = [one.table for one in found if not _is_whole(one)]
    grids: list[Grid] = []
    remarks: list[Remark] = []
    sources: dict[str, dict[str, str]] = {}
    for grid in book.sheets:
        anew = aligned(grid, wanting, ragged=grid.name in ragged) if wanting else None
        if anew:
            grids.append(anew.grid)
            remarks += anew.remarks
            sources[grid.name] = anew.sources
        elif grid.name not in ragged:
            grids.append(grid)
    again = _found(grids, form) if remarks else found
    if _figures(again) <= _figures(found):
        grids, remarks, again, sources = plain, [], found, {}
    told = [remark for remark in book.remarks if remark.code != RAGGED or _matters(book, remark, form, grids)]
    lines = page_document(page.lines, form, LINES)
    return _View(form, tuple(grids), tuple(again), (*told, *remarks), lines, sources)


def _titles(view: _View) -> Grid:
    return Grid(LINES, {(row, 0): Raw("text", text) for row, text in view.lines.titles.items()})


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
    """True if the form covers the year that the title names."""
    role = view.form.role("year")
    labels = known_labels(view.form)
    entry = find_facts([LabelIndex(_titles(view), labels)], view.form, frozenset(), labels).entries.get(role.id) if role else None
    value = str(entry.value) if entry else ""
    return value.isdigit() and view.form.covers_year(int(value))
