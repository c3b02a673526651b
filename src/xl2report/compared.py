"""Two files beside each other: this year's report and last year's, or two versions of one."""

from __future__ import annotations

from dataclasses import dataclass

from xl2report.checked import Checked
from xl2report.checks.changes import Comparison, compare
from xl2report.checks.figures import FigureTable


class CompareRefused(ValueError):
    """A file that could not be read has no figures to compare; ``path`` names it."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"{path}: unreadable")


@dataclass(frozen=True, slots=True)
class Compared:
    """The figures of two files. ``this_name`` and ``last_name`` head their columns: the year, or the file's name."""

    agency: str
    form_name: str
    this_name: str
    last_name: str
    comparison: Comparison


def compared(this: Checked, last: Checked) -> Compared:
    """What two checked files say, item by item. CompareRefused if one of them could not be read."""
    tables = []
    for result in (this, last):
        if result.form is None or result.submission is None:
            raise CompareRefused(result.path)
        tables.append(FigureTable(result.form, result.submission))
    names = [f"{result.year}年" if result.year else result.path for result in (this, last)]
    if names[0] == names[1]:
        names = [this.path, last.path]
    return Compared(this.agency or "", tables[0].form.name, names[0], names[1], compare(*tables))
