"""What a report says outside its tables, whatever kind of file it is: prose by its headings, its own lines by the form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from xl2report.checks.entries import read_entry
from xl2report.checks.references import REFERENCE
from xl2report.form.model import Form
from xl2report.sources.form_lines import after_label, joined
from xl2report.sources.prose import Prose, prose_remarks
from xl2report.submission import Entry, Place, Raw, Remark, Submission

LINES = "正文"  # what everything outside the tables is called
_DIGITS = re.compile(r"(?:0|[1-9][0-9]{0,14})\Z")
_OF_PROSE_FILES = frozenset({"N103", "N106"})  # what is told of a file that only brings prose: here it is told otherwise


def with_text(form: Form, prose: Prose, read: Submission) -> tuple[Submission, list[Remark], list[Remark]]:
    """The submission with what stands outside the tables; what is remarked of its single facts, and of its prose.

    Facts of the cover that no report prints have no entry: nobody can be asked for them. Figures in sentences of the form
    are those of its fields; a sentence that says something else than the rest of the file is remarked.
    """
    read = _in_words(read)
    entries, of_facts = _own_entries(form, prose, read)
    for name, paragraphs in prose.values.items():
        entries[name] = Entry(name, Place(LINES, "", form.fields[name].path), paragraphs, blank=False)
    silent = _unprinted(form)
    kept = {name: entry for name, entry in read.entries.items() if name not in silent or not entry.blank}
    submission = replace(read, entries={**kept, **entries})
    of_prose = [one for one in prose_remarks(prose, form, submission) if one.code not in _OF_PROSE_FILES]
    of_prose += (Remark("N119", words=(("heading", one.heading),)) for one in form.sections if one.id not in prose.seen)
    return submission, of_facts, of_prose


def _unprinted(form: Form) -> frozenset[str]:
    """The facts of the cover that no report of the form shows."""
    sentences = (form.title, form.preface.default, *(one.text for section in form.sections for one in section.statements))
    shown = {name for sentence in sentences for name in REFERENCE.findall(sentence)} | {*form.signature, *form.contacts}
    shown |= {field.id for field in (form.role("title"), form.role("page")) if field}
    return frozenset(field.id for field in form.cover) - shown


def _in_words(read: Submission) -> Submission:
    """The submission with places of the text as a person finds them: a paragraph has no address, but a number."""
    entries = {
        name: entry._replace(place=_paragraph(entry.place)) if entry.place.sheet == LINES else entry
        for name, entry in read.entries.items()
    }
    remarks = (
        one._replace(place=one.place._replace(cell=f"第{one.place.cell[1:]}段")) if one.place.sheet == LINES else one
        for one in read.remarks
    )
    return replace(read, entries=entries, remarks=tuple(remarks))


def _paragraph(place: Place) -> Place:
    """The place of an entry: with an address it would be looked for in a sheet."""
    return Place(f"{place.sheet}第{place.cell[1:]}段", "", place.item)


# -- what the form's own lines say -----------------------------------------------------------------------------------


def _own_entries(form: Form, prose: Prose, read: Submission) -> tuple[dict[str, Entry], list[Remark]]:
    """The entries of the fields that stand in lines of the form: at the end, under the tables, in its sentences."""
    entries: dict[str, Entry] = {}
    remarks: list[Remark] = []
    for name, text, place in _said(form, prose, read):
        known = read.entries.get(name)
        if name in entries or (known is not None and not known.blank):
            continue
        field = form.fields[name]
        raw = Raw("number" if field.kind == "count" and _DIGITS.match(text) else "text", text)
        entry, told = read_entry(field, raw, place._replace(item=field.path))
        entries[name] = entry._replace(place=Place(f"{place.sheet}{place.cell}", "", field.path))
        remarks += (one for one in told if field.kind != "date" or one.code != "V201")  # the report prints dates in words
    return entries, remarks


def _said(form: Form, prose: Prose, read: Submission) -> Iterator[tuple[str, str, Place]]:
    """Fields with what is said of them, the surest first: lines of their own, then gaps of sentences."""
    notes = {table.id: table.note.id for table in form.tables}
    lines = joined(prose.lines)
    for line in lines:
        if line.kind in ("name", "date"):
            yield line.of, line.text, line.place
        elif line.kind in ("contact", "page"):
            yield line.of, after_label(line), line.place
        elif line.kind == "note":
            yield notes[line.of], after_label(line), line.place
    for line in lines:
        for name, text in line.values:
            if name in form.fields:
                yield name, text, line.place
    year, title = form.role("year"), form.role("title")
    if title and year and (read.entries[year.id].blank if year.id in read.entries else True):
        yield from ((title.id, line.text, line.place) for line in lines if line.kind == "title")  # one of its own making
