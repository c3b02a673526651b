"""The lines that a report prints by itself, recognised in a file by what the form would print there.

They are no prose: the form prints them again. What a file says in them is compared with what the form would say now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from xl2report.checks.figures import FigureTable
from xl2report.checks.judge import compare
from xl2report.checks.references import REFERENCE, printed_value, resolve
from xl2report.form.language import figures
from xl2report.form.model import Form, Section, Statement, Table
from xl2report.report.words import FINDINGS, PAGE, SCAN
from xl2report.submission import Place, Remark, Submission

LineKind: TypeAlias = Literal["title", "preface", "statement", "caption", "note", "name", "date", "contact", "page", "scan"]

_DATE = re.compile(r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日|[〇○零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日")
_LIST_MARK = re.compile(r"[-*+]\s+")
_BRACKETS = str.maketrans("（）：", "():")
_GAP = "(.{1,60}?)"  # what may stand for a reference
_OWN_BEGINNING = 8  # characters from which the beginning of a sentence of the form is no chance
_NAME = 60  # characters of a name at the end
_SENTENCE = re.compile("[。；：，;:,]")
_RAW = 60


class FormLine(NamedTuple):
    """One such line: what it is, the field or the part that it belongs to, its text, and what stands in its gaps."""

    kind: LineKind
    of: str
    text: str
    place: Place
    values: tuple[tuple[str, str], ...] = ()


def form_line(form: Form, section: Section | None, text: str, place: Place) -> FormLine | None:
    """The line that a text is in a section of the form, before all of them if it is None; or None: it is prose."""
    if section is None:
        said = _said_by(form.preface.default, text)
        return None if said is None else FormLine("preface", form.preface.id, text, place, said)
    if section.table and (kind := _table_line(section.table, text)):
        return FormLine(kind, section.table.id, text, place)
    for statement in section.statements:
        if (said := _said_by(statement.text, text)) is not None:
            return FormLine("statement", section.id, text, place, (*said, *_zeros(statement)))
    return _last_line(form, text, place) if section is form.sections[-1] else None


def seems_own(section: Section | None, text: str) -> bool:
    """True for a text that begins as a sentence of the form in its section, and goes on in another way."""
    beginnings = (_bare(REFERENCE.split(statement.text)[0]) for statement in section.statements) if section else ()
    return any(len(own) >= _OWN_BEGINNING and _bare(text).startswith(own) for own in beginnings)


def is_name(text: str) -> bool:
    """True for a line that may be the name above a date."""
    return len(text) <= _NAME and not _SENTENCE.search(text)


def is_findings(text: str) -> bool:
    """True for the heading of the findings at the end of a draft."""
    return text.strip() in FINDINGS


def after_label(line: FormLine) -> str:
    """The text of a line after its first colon."""
    return _halves(line.text)[1]


def _table_line(table: Table, text: str) -> LineKind | None:
    own = {_bare(one) for one in (table.title, *(block.heading for block in table.blocks if block.heading))}
    if _bare(text) in own | {_bare(chart.caption) for chart in table.charts}:
        return "caption"
    head, rest = _halves(text)
    return "note" if rest and _bare(head) == _bare(table.note.label) else None


def _last_line(form: Form, text: str, place: Place) -> FormLine | None:
    """A line at the end of the report: the date, a contact, the address of the page, what stands under its code."""
    date = next((name for name in form.signature if form.fields[name].kind == "date"), "")
    if date and _DATE.fullmatch(_bare(text)):
        return FormLine("date", date, text, place)
    plain = _LIST_MARK.sub("", text, count=1) if _LIST_MARK.match(text) else text
    head, rest = _halves(plain)
    if _bare(text) == _bare(SCAN):
        return FormLine("scan", "", text, place)
    rest = rest[1:-1] if rest.startswith("<") and rest.endswith(">") else rest
    line = FormLine("contact", "", f"{head}：{rest}", place)
    if rest and _bare(head) == _bare(PAGE) and (page := form.role("page")):
        return line._replace(kind="page", of=page.id)
    names = [name for name in form.contacts if _bare(form.fields[name].label) == _bare(head)]
    return line._replace(of=names[0]) if rest and len(names) == 1 else None


def _halves(text: str) -> tuple[str, str]:
    """A text before and after its first colon."""
    at = min((n for n in (text.find("："), text.find(":")) if n >= 0), default=len(text))
    return text[:at].strip(), text[at + 1 :].strip()


def _bare(text: str) -> str:
    return "".join(text.split()).translate(_BRACKETS)


# -- sentences with gaps ---------------------------------------------------------------------------------------------


def _said_by(sentence: str, text: str) -> tuple[tuple[str, str], ...] | None:
    """What stands in the gaps of a sentence of the form, or None if the text is not that sentence."""
    if not sentence or len(text) > 2 * len(sentence) + 200:
        return None
    names, pattern = _pattern(sentence)
    match = pattern.fullmatch(_bare(text))
    if not match:
        return None
    said = tuple(dict.fromkeys(zip(names, match.groups(), strict=True)))
    return said if len({name for name, _ in said}) == len(said) else None


@lru_cache(maxsize=64)
def _pattern(sentence: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    parts = REFERENCE.split(sentence)
    return tuple(parts[1::2]), re.compile(_GAP.join(re.escape(_bare(part)) for part in parts[::2]))


def _zeros(statement: Statement) -> Iterator[tuple[str, str]]:
    """The figures that are 0 when a sentence is printed: all of its condition, if that holds for nothing else."""
    if statement.when is None:
        return
    names = [figure.key for figure in figures(statement.when) if figure.kind == "field"]

    def holds(more: str) -> bool:
        assert statement.when is not None
        return bool(compare(statement.when, lambda figure: Decimal(int(figure.key == more))))

    if names and holds("") and not any(holds(name) for name in names):
        yield from ((name, "0") for name in dict.fromkeys(names))


# -- against what the form would print now ---------------------------------------------------------------------------


def line_remarks(lines: Sequence[FormLine], form: Form, submission: Submission) -> Iterator[Remark]:
    """A remark for each line that says something else than the report of a submission would."""
    table = FigureTable(form, submission)
    for line in joined(lines):
        expected = _expected(line, form, submission, table)
        if expected is not None and _bare(expected) != _bare(line.text):
            yield Remark("N109", line.place, (("raw", _short(line.text)), ("expected", _short(expected) or "—")))


def own_title(form: Form, submission: Submission) -> str:
    """The title that the report has."""
    role = form.role("title")
    return (submission.text(role.id) if role else "") or resolve(form.title, form, submission, FigureTable(form, submission))


def joined(lines: Sequence[FormLine]) -> list[FormLine]:
    """The lines, those of one note as one."""
    found: list[FormLine] = []
    for line in lines:
        if found and line.kind == "note" and found[-1].kind == "note" and found[-1].of == line.of:
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line.text}")
        else:
            found.append(line)
    return found


def _expected(line: FormLine, form: Form, submission: Submission, table: FigureTable) -> str | None:
    """What the report prints in place of a line; None where there is nothing to compare."""
    if line.kind in ("scan", "caption"):
        return None
    if line.kind == "title":
        return own_title(form, submission)
    if line.kind == "preface":
        return submission.text(form.preface.id) or resolve(form.preface.default, form, submission, table)
    if line.kind == "statement":
        section = next(one for one in form.sections if one.id == line.of)
        printed = (one for one in section.statements if one.when is None or compare(one.when, table))
        return next((resolve(one.text, form, submission, table) for one in printed), "")
    if line.kind == "note":
        note = next(one.note for one in form.tables if one.id == line.of)
        text = submission.text(note.id).strip()
        return f"{note.label}：{text}" if text and _bare(_halves(text)[0]) != _bare(note.label) else text
    value = printed_value(form.fields[line.of], submission, table)
    return f"{_halves(line.text)[0]}：{value}" if value and line.kind in ("contact", "page") else value


def _short(text: str) -> str:
    return text if len(text) <= _RAW else f"{text[:_RAW]}……"

