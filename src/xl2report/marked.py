"""The copy of a file that goes back to its agency: its own workbook with the findings marked, or a fresh one."""

from __future__ import annotations

from dataclasses import dataclass

from xl2report.checked import Checked
from xl2report.checks.findings import Finding
from xl2report.printed import heading
from xl2report.submission import Place
from xl2report.transferred import transfer
from xl2report.workbook.losses import CannotMark
from xl2report.workbook.marking import marked
from xl2report.workbook.package import Unreadable
from xl2report.workbook.plan import plan
from xl2report.workbook.sniff import kind_of


@dataclass(frozen=True, slots=True)
class MarkedCopy:
    """The .xlsx to send back. ``instead`` says why it is a fresh workbook and not the agency's own; None if it is its own."""

    content: bytes
    instead: CannotMark | None = None


def marked_copy(result: Checked, language: str = "zh") -> MarkedCopy:
    """The marked copy of a file that was read. CannotMark where there is none to make: unreadable, or encrypted."""
    if result.submission is None or result.form is None:
        raise CannotMark("unreadable")
    kind = _kind(result.content)
    if kind == "encrypted":
        raise CannotMark("encrypted")  # the copy would lie open
    lines = heading(result, language)
    try:
        if kind != "xlsx":
            raise CannotMark("old-format")
        return MarkedCopy(marked(result.content, result.findings, lines, language))
    except CannotMark as reason:
        fresh = transfer(result, form=result.form).content
        return MarkedCopy(marked(fresh, _moved(result), lines, language), reason)


def _kind(content: bytes) -> str:
    """What the content is; "other" for a page or a text, which have no cells to be marked."""
    try:
        return kind_of(content)
    except Unreadable:
        return "other"


def _moved(result: Checked) -> tuple[Finding, ...]:
    """The findings with their cells where the fresh workbook has them; what it has no place for keeps its own."""
    assert result.form is not None
    assert result.submission is not None
    places = plan(result.form).places
    fresh = {
        entry.place[:2]: Place(places[name].sheet, places[name].cell, entry.place.item)
        for name, entry in result.submission.entries.items()
        if name in places and entry.place.cell and len(entry.cells) < 2
    }

    def moved(place: Place) -> Place:
        named = f"{place.sheet} {place.cell}".strip()
        return fresh.get(place[:2]) or Place("", "", tuple(part for part in (named, *place.item) if part))

    return tuple(
        finding._replace(cells=tuple(cell._replace(place=moved(cell.place)) for cell in finding.cells))
        for finding in result.findings
    )
