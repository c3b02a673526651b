"""The prose of a report from a Word or Markdown file with the headings of the form.

Headings are known by their words, whether or not they carry a heading style. Nothing is dropped in silence: what
stands where the form has no prose comes back as a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from xl2report.form.model import Field, Form, Section
from xl2report.sources.paragraphs import FileParagraph, ProseError, file_paragraphs
from xl2report.submission import Place, Remark

__all__ = ["Prose", "ProseError", "read_prose"]

_INDENT = " \t\u3000\u00a0\ufeff\u200b"
_BRACKETS_AND_POINTS = str.maketrans("（）．.", "()、、")
_ORDINAL = re.compile(r"(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十]+\)|[0-9]+、)")
_SENTENCE = re.compile("[。；：，;:,]")
_ORDINAL_LINE = re.compile(r"[一二三四五六七八九十]{1,3}、.{1,30}\Z")
_RAW = 60  # characters of a paragraph that a remark quotes


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs by prose field, only of fields for which the file has some, and what was noticed."""

    values: Mapping[str, tuple[str, ...]]
    remarks: tuple[Remark, ...]


@dataclass(slots=True)
class _Reading:
    """Where the reading stands: the section, the prose field that paragraphs go to (None: to no section)."""

    target: Field | None
    section: Section | None = None
    found: dict[str, list[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    remarks: list[Remark] = field(default_factory=list)


def read_prose(path: Path, form: Form) -> Prose:
    """The prose in a .docx or Markdown file, by field.

    Paragraphs before the first heading are the preface, a title line apart. In a section with several sub-headings
    those before the first go to the first field. Tables are not prose; contents of a table section are remarked on.
    ProseError for a file that is neither, or cannot be read.
    """
    reading = _Reading(form.preface)
    for number, paragraph in enumerate(file_paragraphs(path), 1):
        if paragraph.aside:
            _remark(reading, path, number, paragraph.text)
        elif paragraph.table:
            if reading.section is not None and reading.section.table is None:
                _remark(reading, path, number, paragraph.text, "N106")
        elif not _is_heading(reading, form, paragraph):
            for line in paragraph.text.splitlines():
                part = FileParagraph(line.strip(_INDENT), paragraph.marked, heading=paragraph.heading)
                if part.text and not _is_heading(reading, form, part):
                    _take_line(reading, path, number, part)
    missing = tuple(_missing(form, reading.seen))
    values = {name: tuple(paragraphs) for name, paragraphs in reading.found.items()}
    return Prose(MappingProxyType(values), (*missing, *reading.remarks))


def _is_heading(reading: _Reading, form: Form, paragraph: FileParagraph) -> bool:
    """True for a heading or the title line; the reading then stands under it."""
    key = _key(paragraph.text)
    for section in form.sections:
        if _matches(key, section.heading, paragraph.marked):
            reading.section = section
            reading.target = section.prose[0] if section.prose else None
            reading.seen.add(section.id)
            return True
    # Sub-headings count only in their own section; before any section, in the one section that has them.
    for section in (reading.section,) if reading.section else form.sections:
        for prose in section.prose if len(section.prose) > 1 else ():
            if _matches(key, prose.label, paragraph.marked):
                reading.section, reading.target = section, prose
                reading.seen.add(prose.id)
                return True
    return reading.section is None and _is_title(form, key)


def _is_title(form: Form, key: str) -> bool:
    """A line that names the form; the usual preface names it too, but in a sentence."""
    return _key(form.name) in key and not _SENTENCE.search(key) and "《" not in key


def _take_line(reading: _Reading, path: Path, number: int, part: FileParagraph) -> None:
    """Text goes to where the reading stands; a heading that the form does not have must not pass for text."""
    if part.heading and reading.section is None:
        _remark(reading, path, number, part.text, "N107")  # a title: the report's own comes from the cover
    elif part.heading or (_ORDINAL_LINE.match(part.text) and not _SENTENCE.search(part.text)):
        _remark(reading, path, number, part.text, "N105")
    else:
        _take(reading, path, number, part.text)


def _take(reading: _Reading, path: Path, number: int, text: str) -> None:
    table = reading.section.table if reading.section else None
    if table and any(_key(text) == _key(chart.caption) for chart in table.charts):
        return  # a report of our own: what stands under its drawings is no prose
    if reading.target is None:
        _remark(reading, path, number, text)
    else:
        reading.found.setdefault(reading.target.id, []).append(text)


def _remark(reading: _Reading, path: Path, number: int, text: str, code: str = "N104") -> None:
    raw = text if len(text) <= _RAW else f"{text[:_RAW]}……"
    reading.remarks.append(Remark(code, Place(path.name, f"第{number}段"), (("raw", raw),)))


def _missing(form: Form, seen: set[str]) -> Iterator[Remark]:
    """A remark for each heading of prose that the file lacks; under a missing section its sub-headings go unsaid."""
    for section in form.sections:
        subs = section.prose if len(section.prose) > 1 else ()
        if not section.prose:
            continue
        if section.id not in seen:
            yield Remark("N103", words=(("heading", section.heading),), field=section.prose[0].id)
            if not any(prose.id in seen for prose in subs):
                continue
        for prose in subs:
            if prose.id not in seen:
                yield Remark("N103", words=(("heading", prose.label),), field=prose.id)


def _matches(key: str, heading: str, marked: bool) -> bool:
    """True if the words are the heading's. A marked heading may leave out the number, which Word then counts itself."""
    whole, bare = _heading_keys(heading)
    return key == whole or (marked and bool(key) and key == bare)


@lru_cache(maxsize=256)
def _heading_keys(heading: str) -> tuple[str, str]:
    """A heading as it is compared: with its number and without."""
    whole = _key(heading)
    return whole, _ORDINAL.sub("", whole, count=1)


def _key(text: str) -> str:
    """A text without white space, its brackets half-width, its points all one: what two spellings have in common."""
    return "".join(text.split()).strip(_INDENT).translate(_BRACKETS_AND_POINTS)
