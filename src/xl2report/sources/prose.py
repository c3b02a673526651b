"""The prose of a report from a Word or Markdown file with the headings of the form.

Headings are known by their words, whether or not they carry a heading style. Lines that the form prints by itself are
set apart. Nothing is dropped in silence: what stands where the form has no prose comes back as a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from xl2report.form.model import Field, Form, Section
from xl2report.grid import Grid
from xl2report.sources.document import Document, FileParagraph
from xl2report.sources.form_lines import FormLine, form_line, is_findings, is_name, line_remarks, own_title, seems_own
from xl2report.sources.paragraphs import ProseError, file_document
from xl2report.sources.printed_tables import table_remarks
from xl2report.submission import Place, Remark, Submission

__all__ = ["Prose", "ProseError", "document_prose", "prose_remarks", "read_prose"]

_INDENT = " \t\u3000\u00a0\ufeff\u200b"
_BRACKETS_AND_POINTS = str.maketrans("（）．.", "()、、")
_ORDINAL = re.compile(r"(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十]+\)|[0-9]+、)")
_SENTENCE = re.compile("[。；：，;:,]")
_ORDINAL_LINE = re.compile(r"[一二三四五六七八九十]{1,3}、.{1,30}\Z")
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
_LINE_MARK = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)])\s|>")
_MARKS = re.compile(r"\*\*|(?<![0-9A-Za-z])__|\*[^\s*]|`|~~|\[[^\]]{0,200}\]\(|<(?:/?[A-Za-z]|!--)")
_RAW = 60  # characters of a paragraph that a remark quotes


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs by prose field, only of fields for which the file has some, and what was noticed.

    ``lines`` are those that the form prints by itself, ``seen`` the sections and prose fields whose headings stand there;
    ``grids`` are tables that only are to be compared.
    """

    values: Mapping[str, tuple[str, ...]]
    remarks: tuple[Remark, ...]
    lines: tuple[FormLine, ...] = ()
    seen: frozenset[str] = frozenset()
    grids: tuple[Grid, ...] = ()


@dataclass(slots=True)
class _Reading:
    """Where the reading stands: the section, the prose field that paragraphs go to (None: to no section)."""

    form: Form
    file: str
    is_markdown: bool
    target: Field | None
    section: Section | None = None
    found: dict[str, list[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    lines: list[FormLine] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    numbered: list[str] = field(default_factory=list)
    at: int = 0  # of the paragraph that is being read
    taken_at: int = 0  # of the last that was taken as prose, and how many lines it had
    taken_lines: int = 0
    pictures: int = 0
    drawn: bool = False  # a picture that a caption of ours may follow
    ended: bool = False  # what follows are the findings of a draft


def read_prose(path: Path, form: Form) -> Prose:
    """The prose in a .docx or Markdown file, by field.

    Paragraphs before the first heading are the preface, a title line apart. In a section with several sub-headings
    those before the first go to the first field. Tables are not prose; contents of a table section are remarked on.
    ProseError for a file that is neither, or cannot be read.
    """
    document = file_document(path)
    prose = document_prose(document, form, path.name)
    said = {one.place.cell for one in prose.remarks if one.code == "N106"}
    grids = (one.grid for n, one in enumerate(document.paragraphs, 1) if one.grid and f"第{n}段" not in said)
    return replace(prose, grids=tuple(grids))


def document_prose(document: Document, form: Form, file: str) -> Prose:
    """The prose in a document, by field; ``file`` is what its places are called by."""
    reading = _Reading(form, file, document.is_markdown, form.preface)
    for reading.at, paragraph in enumerate(document.paragraphs, 1):
        if reading.ended:
            break
        if paragraph.aside:
            _remark(reading, paragraph.text)
        elif paragraph.picture:
            reading.pictures += 1
            reading.drawn = True
        elif paragraph.table:
            if reading.section is not None and reading.section.table is None:
                _remark(reading, paragraph.text, "N106")
        elif not _is_heading(reading, paragraph):
            _take_paragraph(reading, paragraph)
    _remark_besides(reading, document)
    values = {name: tuple(paragraphs) for name, paragraphs in reading.found.items() if paragraphs}
    remarks = (*_missing(form, reading.seen), *reading.remarks)
    return Prose(MappingProxyType(values), remarks, tuple(reading.lines), frozenset(reading.seen))


def prose_remarks(prose: Prose, form: Form, submission: Submission) -> tuple[Remark, ...]:
    """What is to be said of the prose for a submission: also where the file's own lines and tables say something else."""
    title = _key(own_title(form, submission))
    remarks = (one for one in prose.remarks if one.code != "N107" or _key(dict(one.words)["raw"]) != title)
    tables = table_remarks(prose.grids, form, submission) if prose.grids else ()
    return (*remarks, *line_remarks(prose.lines, form, submission), *tables)


def _is_heading(reading: _Reading, paragraph: FileParagraph) -> bool:
    """True for a heading or the title line; the reading then stands under it."""
    form = reading.form
    keys = {_key(paragraph.text), _key(f"{paragraph.number}{paragraph.text}")}
    for section in form.sections:
        if any(_matches(key, section.heading, paragraph.marked) for key in keys):
            reading.section = section
            reading.target = section.prose[0] if section.prose else None
            reading.seen.add(section.id)
            return True
    # Sub-headings count only in their own section; before any section, in the one section that has them.
    for section in (reading.section,) if reading.section else form.sections:
        for prose in section.prose if len(section.prose) > 1 else ():
            if any(_matches(key, prose.label, paragraph.marked) for key in keys):
                reading.section, reading.target = section, prose
                reading.seen.add(prose.id)
                return True
    if reading.section is None and _is_title(form, _key(paragraph.text)):
        reading.lines.append(FormLine("title", "", paragraph.text, _place(reading)))
        return True
    return False


def _is_title(form: Form, key: str) -> bool:
    """A line that names the form; the usual preface names it too, but in a sentence."""
    return _key(form.name) in key and not _SENTENCE.search(key) and "《" not in key


def _take_paragraph(reading: _Reading, paragraph: FileParagraph) -> None:
    """A paragraph line by line: an automatic number stands before the first of them."""
    typed = _plain(paragraph.typed) if reading.is_markdown else f"{paragraph.number}{paragraph.text}"
    whole = form_line(reading.form, reading.section, paragraph.text, _place(reading))
    if whole is not None and whole.kind in ("preface", "statement"):
        _set_apart(reading, whole)
        return
    for n, (bare, line) in enumerate(zip(paragraph.text.splitlines(), typed.splitlines(), strict=False)):
        part = paragraph._replace(text=bare.strip(_INDENT), number="" if n else paragraph.number)
        if part.text and not _is_heading(reading, part):
            _take_line(reading, part, line.strip(_INDENT))
        if reading.ended:
            return


def _take_line(reading: _Reading, part: FileParagraph, text: str) -> None:
    """Text goes to where the reading stands; a heading that the form does not have must not pass for text."""
    if part.heading and is_findings(part.text):
        reading.ended = True
        _remark(reading, part.text, "N117")
    elif (line := form_line(reading.form, reading.section, part.text, _place(reading))) is not None:
        _set_apart(reading, line)
    elif _goes_on(reading):
        _set_apart(reading, reading.lines[-1]._replace(text=part.text, place=_place(reading)))
    elif part.heading and reading.section is None:
        _remark(reading, part.text, "N107")  # a title: the report's own comes from the cover
        reading.lines.append(FormLine("title", "", part.text, _place(reading)))
    elif part.heading or (_ORDINAL_LINE.match(text) and not _SENTENCE.search(text)):
        _remark(reading, text, "N105")
    else:
        _take(reading, part, text)


def _goes_on(reading: _Reading) -> bool:
    """True under a note in a part that takes no text: a note may have several lines."""
    return reading.target is None and bool(reading.lines) and reading.lines[-1].kind == "note" and not reading.drawn


def _set_apart(reading: _Reading, line: FormLine) -> None:
    if line.kind in ("caption", "scan") and reading.drawn:
        reading.pictures -= 1
    reading.drawn = False
    if line.kind == "date":
        _take_back_name(reading)
    reading.lines.append(line)


def _take_back_name(reading: _Reading) -> None:
    """The name over the date is no prose, though it went there: only now it is known what it is."""
    name = next((name for name in reading.form.signature if reading.form.fields[name].kind != "date"), "")
    taken = reading.found.get(reading.target.id, []) if reading.target else []
    count = 0
    if name and reading.taken_at in (reading.at, reading.at - 1):
        count = reading.taken_lines
    if count and len(taken) >= count and is_name("".join(taken[-count:])):
        text = "".join(taken[-count:])
        del taken[-count:]
        place = _place(reading)._replace(cell=f"第{reading.taken_at}段")
        reading.lines.append(FormLine("name", name, text, place))


def _take(reading: _Reading, part: FileParagraph, text: str) -> None:
    reading.drawn = False
    if reading.target is None:
        _remark(reading, text)
        return
    reading.found.setdefault(reading.target.id, []).append(text)
    reading.taken_lines = reading.taken_lines + 1 if reading.taken_at == reading.at else 1
    reading.taken_at = reading.at
    if part.lost:
        _remark(reading, text, "N112")
    elif part.number:
        reading.numbered.append(text)
    if seems_own(reading.section, text):
        _remark(reading, text, "N115")
    if reading.is_markdown and _has_marks(part.typed):
        _remark(reading, text, "N110")


def _has_marks(typed: str) -> bool:
    """True for a line of Markdown with marks that a reader of it as Markdown would not see."""
    bare = _ESCAPED.sub("", typed).strip(_INDENT)
    return bool(_LINE_MARK.match(bare) or _MARKS.search(bare))


def _plain(typed: str) -> str:
    return _ESCAPED.sub(lambda match: match.group()[1:], typed)


def _remark_besides(reading: _Reading, document: Document) -> None:
    """What a document holds besides its text: changes that nobody has accepted yet, comments, pictures, text boxes."""
    if reading.numbered:
        words = (("raw", _short(reading.numbered[0])), ("count", str(len(reading.numbered))))
        reading.remarks.append(Remark("N111", Place(reading.file, ""), words))
    unread = len(document.comments) + reading.pictures
    for code, count in (("N113", document.changes), ("N114", unread), ("N116", document.boxes)):
        if count:
            words = (("count", str(count)), ("raw", _short(document.comments[0]) if document.comments else ""))
            reading.remarks.append(Remark(code, Place(reading.file, ""), words))


def _place(reading: _Reading) -> Place:
    return Place(reading.file, f"第{reading.at}段")


def _remark(reading: _Reading, text: str, code: str = "N104") -> None:
    reading.remarks.append(Remark(code, _place(reading), (("raw", _short(text)),)))


def _short(text: str) -> str:
    return text if len(text) <= _RAW else f"{text[:_RAW]}……"


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
