"""The lines of a page as the document of a report: where it begins and ends, its headings as the form has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xl2report.form.model import Field, Form, Section
from xl2report.sources.alignment import near
from xl2report.sources.document import Document, FileParagraph
from xl2report.sources.form_lines import form_line
from xl2report.sources.label_index import label_key
from xl2report.submission import NOWHERE, Place, Remark

_HEADING = 40  # characters that a heading has at most
_ORDINAL = re.compile(r"\s*([（(]?)([一二三四五六七八九十]{1,3})([）)]?)\s*([、.．,，:：]?)\s*")
_ENDS = "。！？!?；;：:"
_RAW = 60


class PageDocument(NamedTuple):
    """The document, every line of the page a paragraph of it (those outside the report are empty), its titles by line."""

    document: Document
    titles: dict[int, str]
    remarks: tuple[Remark, ...]


class _Line(NamedTuple):
    """A line of a page as it is taken: what it is, a heading and the text behind it, or text alone."""

    heading: str
    text: str
    remark: Remark | None = None


def page_document(lines: Sequence[str], form: Form, sheet: str) -> PageDocument:
    """The lines from the report's title to its end. ``sheet`` is what their places are called by.

    Headings with another number or other words, and those that begin a paragraph, become the form's, with a remark.
    """
    name = label_key(form.name)
    known = [_section_of(line, form) for line in lines]
    first = next((n for n, section in enumerate(known) if section), len(lines))
    titles = {n: lines[n] for n in range(first) if _is_title(label_key(lines[n]), name)}
    start = max(titles, default=_preface_start(lines, first))
    titles = {n: text for n, text in titles.items() if n == start}
    end = _end(lines, form, first) if first < len(lines) else len(lines)
    remarks: list[Remark] = []
    if not titles:
        titles, remarks = _titles_in_text(lines[start:first], start, name, sheet)
    paragraphs = []
    section: Section | None = None
    for n, line in enumerate(lines):
        if not start <= n < end:
            paragraphs.append(FileParagraph(""))
            continue
        section = known[n] or section
        taken = _taken(line, known[n], section, Place(sheet, f"第{n + 1}段"))
        remarks += [taken.remark] if taken.remark else []
        text = "\n".join(part for part in (taken.heading, taken.text) if part)
        paragraphs.append(FileParagraph(text, marked=True, typed=text))
    outside = [line for n, line in enumerate(lines) if not start <= n < end]
    if outside:
        words = (("count", str(len(outside))), ("raw", max(outside, key=len)[:_RAW]))
        remarks.append(Remark("N120", NOWHERE._replace(sheet=sheet), words))
    return PageDocument(Document(tuple(paragraphs)), titles, tuple(remarks))


# -- where the report is ---------------------------------------------------------------------------------------------


def _is_title(key: str, name: str) -> bool:
    return key.endswith(name) and len(key) <= len(name) + _HEADING and not any(sign in key for sign in "。；《")


def _titles_in_text(lines: Sequence[str], start: int, name: str, sheet: str) -> tuple[dict[int, str], list[Remark]]:
    """The title as the preface quotes it, if it quotes one and no other."""
    pattern = re.compile(f"《([^《》]{{1,{_HEADING}}}{re.escape(name)})》")
    found = {n: match.group(1) for n, line in enumerate(lines, start) if (match := pattern.search("".join(line.split())))}
    if len(set(found.values())) != 1:
        return {}, []
    n, text = next(iter(found.items()))
    return {n: text}, [Remark("N122", Place(sheet, f"第{n + 1}段"), (("raw", text),))]


def _preface_start(lines: Sequence[str], first: int) -> int:
    """The first of the sentences that stand directly before the first heading."""
    start = first
    while start and _is_sentence(lines[start - 1]):
        start -= 1
    return start


def _is_sentence(line: str) -> bool:
    return any(sign in line for sign in "。；") or len(line) > _HEADING


def _end(lines: Sequence[str], form: Form, first: int) -> int:
    """The line after the last sentence of the report, and after what the form itself prints below it."""
    end = last = first + 1
    for n in range(first, len(lines)):
        place = Place("", "")
        own = form_line(form, form.sections[-1], lines[n], place)
        if _is_sentence(lines[n]) or _section_of(lines[n], form):
            last = end = n + 1
        elif own and own.kind != "scan" and (own.kind != "date" or n - last < 2):
            end = n + 1  # a date with one line over it, the name
    return end


# -- headings --------------------------------------------------------------------------------------------------------


def _section_of(line: str, form: Form) -> Section | None:
    """The section whose heading a line is, whatever its number: by all of its words, or by most of them with its number."""
    key = label_key(line)
    if not key or len(key) > _HEADING or any(sign in line for sign in _ENDS):
        return None
    number, words = _parted(key)
    if not number:
        return next((section for section in form.sections if _parted(label_key(section.heading))[1] == words), None)
    exact = next((section for section in form.sections if _parted(label_key(section.heading))[1] == words), None)
    same = next((section for section in form.sections if _parted(label_key(section.heading))[0] == number), None)
    if exact or number.startswith("("):
        return exact
    return same if same and (near(words, _parted(label_key(same.heading))[1], frozenset()) or _alike(words, same)) else None


def _alike(words: str, section: Section) -> bool:
    """True if half of the words are those of the heading, in pairs of signs."""
    own = _pairs(_parted(label_key(section.heading))[1])
    return 2 * len(own & _pairs(words)) >= min(len(own), len(_pairs(words))) > 0


def _pairs(text: str) -> set[str]:
    return {text[n : n + 2] for n in range(len(text) - 1)}


def _parted(key: str) -> tuple[str, str]:
    """A heading's number, with a bracket if it has one, and its words."""
    match = _ORDINAL.match(key)
    if not match or not (match.group(1) or match.group(3) or match.group(4)):
        return "", key
    return ("(" if match.group(1) else "") + match.group(2), key[match.end() :]


def _taken(line: str, heads: Section | None, section: Section | None, place: Place) -> _Line:
    if heads:
        same = label_key(line) in (label_key(heads.heading), _parted(label_key(heads.heading))[1])
        return _Line(heads.heading, "", None if same else _renamed(line, heads.heading, place))
    for prose in section.prose if section and len(section.prose) > 1 else ():
        if (parts := _sub_heading(line, prose)) is not None:
            head, text = parts
            same = label_key(head) in (label_key(prose.label), _parted(label_key(prose.label))[1])
            return _Line(prose.label, text, None if same else _renamed(head, prose.label, place))
    return _Line("", line)


def _sub_heading(line: str, prose: Field) -> tuple[str, str] | None:
    """A line's heading and the text behind it, if it begins with a prose field's number and speaks of the same."""
    at = min((n for n in (line.find(sign) for sign in "。：:") if n >= 0), default=len(line))
    head, text = line[:at].strip(), line[at + 1 :].strip()
    if len(head) > _HEADING:
        return None
    number, words = _parted(label_key(head))
    own_number, own_words = _parted(label_key(prose.label))
    if words == own_words and (number or not text):
        return head, text
    return (head, text) if number and number == own_number and _pairs(words) & _pairs(own_words) else None


def _renamed(raw: str, heading: str, place: Place) -> Remark:
    return Remark("N121", place, (("raw", raw[:_RAW]), ("heading", heading)))


def unread_tables(names: Iterator[tuple[str, str]]) -> Iterator[Remark]:
    """A remark on each table that nothing was taken from, with how it begins."""
    for sheet, text in names:
        yield Remark("N123", Place(sheet, ""), (("sheet", sheet), ("raw", text[:_RAW])))
