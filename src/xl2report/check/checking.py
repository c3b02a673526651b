"""Form + Submission → Findings: fields one by one, then blanks, totals, and every rule instance."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xl2report.check.catalogue import ARTICLES
from xl2report.check.figures import FigureTable
from xl2report.check.findings import Finding, FoundCell, ordered
from xl2report.check.judge import Judgement, judge
from xl2report.check.references import reference_findings
from xl2report.check.wording import side_words
from xl2report.form.language import Figure, figures
from xl2report.form.model import Form, Instance
from xl2report.submission import Entry, Remark, Submission


def check(form: Form, submission: Submission) -> tuple[Finding, ...]:
    """Every finding about a submission, errors before queries before notes."""
    table = FigureTable(form, submission)
    found = [_of_remark(remark) for remark in submission.remarks]
    found += _blanks(form, submission, table)
    found += _required(form, submission)
    found += _totals(form, submission, table)
    found += reference_findings(form, submission, table)
    for instance in form.instances:
        judgement = judge(instance, table)
        if judgement.verdict != "pass":
            found.append(_of_judgement(form, submission, judgement, table))
    return ordered(found)


def judgements(form: Form, submission: Submission) -> tuple[Judgement, ...]:
    """The verdict of every rule instance, in the order of the form."""
    table = FigureTable(form, submission)
    return tuple(judge(instance, table) for instance in form.instances)


def found_cell(entry: Entry, value: Decimal | None = None) -> FoundCell:
    """A cell with what stands in it, or with the value computed for it."""
    if value is None and isinstance(entry.value, Decimal):
        value = entry.value
    return FoundCell(entry.place, shown(value) if value is not None else entry.raw.text)


def shown(value: Decimal | None) -> str:
    """A number as people write it; a dash when there is none."""
    return "—" if value is None else f"{value:f}"


def _of_remark(remark: Remark) -> Finding:
    words = dict(remark.words)
    cells = (FoundCell(remark.place, words.get("raw", "")),) if remark.place.cell else ()
    return Finding(remark.code, ARTICLES[remark.code].severity, cells, words=remark.words)


def _blanks(form: Form, submission: Submission, table: FigureTable) -> Iterator[Finding]:
    """Empty inputs, table by table: counted as 0 where that is declared, otherwise faults; placeholders likewise."""
    for part in form.tables:
        blank = [
            entry
            for field in part.cells
            if (entry := submission.entries.get(field.id)) and entry.blank and not entry.formula
        ]
        if not blank:
            continue
        cells = tuple(found_cell(entry) for entry in blank)
        zero = table.blank_is_zero(part.cells[0].id)
        words = (("count", str(len(blank))), ("question", part.zero_question.label))
        if zero:
            yield Finding("V103", "note", cells, words=words)
            continue
        empty = tuple(cell for cell in cells if not cell.value.strip())
        if empty:
            words = (("count", str(len(empty))), ("question", part.zero_question.label))
            yield Finding("V101", "error", empty, verdict="undecided", words=words)
        for cell in cells:
            if cell.value.strip():
                yield Finding("V102", "error", (cell,), verdict="undecided", words=(("raw", cell.value),))


def _required(form: Form, submission: Submission) -> Iterator[Finding]:
    for field in form.fields.values():
        entry = submission.entries.get(field.id)
        if field.required and entry and entry.blank:
            yield Finding("V104", "error", (found_cell(entry),), verdict="undecided")


def _totals(form: Form, submission: Submission, table: FigureTable) -> Iterator[Finding]:
    """What became of the total formulas: overwritten, saved without a result, or with a stale one."""
    missing: list[FoundCell] = []
    for field in form.fields.values():
        entry = submission.entries.get(field.id)
        if not field.parts or entry is None:
            continue
        computed = table.computed(field.id)
        if not entry.formula:
            if isinstance(entry.value, Decimal):
                words = (("typed", shown(entry.value)), ("computed", shown(computed)))
                expected = None if computed is None else shown(computed)
                yield Finding("S201", "note", (found_cell(entry),), words=words, expected=expected)
            continue
        current = table.number(field.id)
        if entry.raw.kind == "blank" and entry.raw.text == "" and not _was_computed(entry):
            missing.append(found_cell(entry, current))
        elif not _same(entry, current):
            words = (("cached", entry.raw.text or "—"), ("computed", shown(current)))
            yield Finding("S203", "note", (found_cell(entry, current),), words=words)
    if missing:
        yield Finding("S202", "note", tuple(missing), words=(("count", str(len(missing))),))


def _was_computed(entry: Entry) -> bool:
    """A stored empty text is a result (parts are missing); no stored result at all is another matter."""
    return entry.raw.kind == "text"


def _same(entry: Entry, value: Decimal | None) -> bool:
    if value is None or entry.raw.kind != "number":
        return value is None and entry.raw.kind in ("text", "blank") and not entry.raw.text
    return Decimal(entry.raw.text) == value


def _of_judgement(form: Form, submission: Submission, judgement: Judgement, table: FigureTable) -> Finding:
    instance = judgement.instance
    failed = judgement.verdict == "fail"
    check = instance.check
    code = "X202"
    if failed:
        code = "X203" if any(figure.kind != "field" for figure in figures(check)) else "X201"
    expected = None
    if failed and check.operator == "==" and isinstance(check.left, Figure) and check.left.kind == "field":
        expected = shown(judgement.right)
    explained = submission.explanations.get(instance.id) or None
    return Finding(
        code,
        instance.rule.severity,
        _cells(submission, instance, None if failed else table),
        judgement.verdict,
        instance.rule.id,
        instance.rule.says,
        (
            ("left_words", side_words(form, instance, check.left)),
            ("right_words", side_words(form, instance, check.right)),
            ("left", shown(judgement.left)),
            ("right", shown(judgement.right)),
            ("difference", shown(abs(judgement.difference)) if judgement.difference is not None else "—"),
            ("item", " / ".join(instance.item)),
        ),
        expected,
        explained if instance.rule.severity == "query" else None,
    )


def _cells(submission: Submission, instance: Instance, undecided: FigureTable | None) -> tuple[FoundCell, ...]:
    """The cells a verdict rests on: of a failed rule all of them, of an undecided one those that are not decided."""
    nodes = list(figures(instance.check)) + (list(figures(instance.when)) if instance.when else [])
    if undecided is not None:
        nodes = [figure for figure in nodes if undecided(figure) is None]
    names = dict.fromkeys(name for figure in nodes for name in figure.fields)
    return tuple(found_cell(submission.entries[name]) for name in names if name in submission.entries)
