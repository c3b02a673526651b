"""Characters that no font at hand has: each with the places it stands at, for whoever has to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xl2report.checks.findings import Finding, FoundCell, found_cell
from xl2report.form.model import Form
from xl2report.report.script import converted
from xl2report.submission import Entry, Submission


def glyph_findings(
    form: Form, submission: Submission, characters: Iterable[str], script: str = "hans"
) -> tuple[Finding, ...]:
    """A finding for each character, at every cell that holds it; without a cell if it comes from the form's own words."""
    printed = (name for name, field in form.fields.items() if not field.private)
    entries = [submission.entries[name] for name in printed if name in submission.entries]

    def finding(character: str) -> Finding:
        cells = tuple(cell for entry in entries for cell in _holding(entry, character, script))
        code = " ".join(f"U+{ord(sign):04X}" for sign in character)
        return Finding("N108", "error", cells, words=(("character", character), ("code", code)))

    return tuple(map(finding, characters))


def _holding(entry: Entry, character: str, script: str) -> Iterator[FoundCell]:
    if isinstance(entry.value, tuple):
        for n, paragraph in enumerate(entry.value):
            if _holds(paragraph, character, script):
                cell = entry.cells[n] if n < len(entry.cells) else entry.place.cell
                yield FoundCell(entry.place._replace(cell=cell), paragraph)
    elif _holds(entry.raw.text, character, script):
        yield found_cell(entry)


def _holds(text: str, character: str, script: str) -> bool:
    return character in text or (script == "hant" and character in converted(text))
