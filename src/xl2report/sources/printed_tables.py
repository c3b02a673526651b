"""The tables of a file that only brings prose, against the figures that the report prints: none is read, each is compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xl2report.checks.figures import FigureTable
from xl2report.form.model import Form
from xl2report.grid import Grid
from xl2report.sources.labels import gather_by_labels
from xl2report.submission import Entry, Remark, Submission

_LISTED = 10  # figures that are told one by one: in a file of another year all differ
_RAW = 60


def table_remarks(grids: Sequence[Grid], form: Form, submission: Submission) -> Iterator[Remark]:
    """A remark on each figure that is not the submission's, and on each table that none of the form's stands in."""
    read = gather_by_labels(grids, form, shows_formulas=False)
    known = {entry.place.sheet for entry in read.entries.values()} | {one.place.sheet for one in read.remarks}
    for grid in grids:
        if grid.name not in known and grid.cells:
            first = next(iter(grid.cells.values())).text
            yield Remark("N106", words=(("raw", f"{grid.name} {first[:_RAW]}"),))
    figures = FigureTable(form, submission)
    cells = [field.id for table in form.tables for field in table.cells]
    differing = [name for name in cells if name in read.entries and _differs(read.entries[name], name, figures)]
    for name in differing[:_LISTED]:
        entry, value = read.entries[name], figures.number(name)
        words = (("raw", entry.raw.text or "—"), ("expected", "—" if value is None else f"{value:f}"))
        yield Remark("N109", entry.place, words)
    if (more := len(differing) - _LISTED) > 0:
        yield Remark("N109", words=(("raw", f"……（+{more}）"), ("expected", "……")))


def _differs(entry: Entry, name: str, figures: FigureTable) -> bool:
    value = figures.number(name)
    return not (entry.blank and not value) and entry.value != value
