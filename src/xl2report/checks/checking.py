"""Form + Submission → Findings: fields one by one, then blanks, totals, and every rule instance."""

from __future__ import annotations

from collections.abc import Iterator

from xl2report.checks.catalogue import ARTICLES
from xl2report.checks.figures import FigureTable
from xl2report.checks.findings import Finding, FoundCell, found_cell, ordered, shown
from xl2report.checks.judge import Judgement, judge
from xl2report.checks.references import reference_findings
from xl2report.checks.totals import REPLACED, total_findings
from xl2report.checks.wording import compared_words
from xl2report.form.language import Figure, figures
from xl2report.form.model import Form, Instance, Rule
from xl2report.submission import Remark, Submission

_TELLING = 8  # figures above 0 from which on it is no chance that all are the same as last year's
_GROUPED = ("S102", "S107", "S111", "S112", "S114", "S117", "S119", "S121")  # codes of which a sheet has one finding with all its cells


def check(form: Form, submission: Submission) -> tuple[Finding, ...]:
    """Every finding about a submission, errors before queries before notes."""
    table = FigureTable(form, submission)
    found = list(_of_remarks(submission.remarks))
    found += _blanks(form, submission, table)
    found += _required(form, submission)
    found += total_findings(form, submission, table)
    found += reference_findings(form, submission, table)
    found += _of_last_year(form, submission, table)
    judged = [judge(instance, table) for instance in form.instances]
    found += [_failure(form, submission, one, table) for one in judged if one.verdict == "fail"]
    for rule in form.rules:
        if undecided := [one for one in judged if one.instance.rule == rule and one.verdict == "undecided"]:
            found.append(_undecided(rule, undecided, submission, table))
    absent = sum(one.verdict == "absent" for one in judged)
    if absent and submission.last:  # where nothing of last year was given, no comparison was asked for
        found.append(Finding("P101", "note", words=(("count", str(absent)),)))
    return ordered(found)


def judgements(form: Form, submission: Submission) -> tuple[Judgement, ...]:
    """The verdict of every rule instance, in the order of the form."""
    table = FigureTable(form, submission)
    return tuple(judge(instance, table) for instance in form.instances)


def _of_remarks(remarks: tuple[Remark, ...]) -> Iterator[Finding]:
    """A finding a remark; cells that cannot be found are one finding a sheet."""
    grouped: dict[tuple[str, str, str], list[FoundCell]] = {}
    told: dict[tuple[str, str, str], tuple[tuple[str, str], ...]] = {}
    more: dict[tuple[str, str, str], int] = {}
    for remark in remarks:
        words = dict(remark.words)
        cell = FoundCell(remark.place, words.get("raw", ""))
        if remark.code == REPLACED:
            continue  # whether that matters is for the totals to say
        if remark.code in _GROUPED:
            key = remark.code, remark.place.sheet, words.get("table", "")
            if "more" in words:  # cells that are too many to be listed
                more[key] = int(words["more"])
                continue
            if not remark.place.cell or all(cell.place[:2] != other.place[:2] for other in grouped.get(key, ())):
                grouped.setdefault(key, []).append(cell)
            told.setdefault(key, remark.words)
        else:
            yield Finding(remark.code, ARTICLES[remark.code].severity, (cell,) if remark.place.cell else (), words=remark.words)
    for key, cells in grouped.items():
        yield Finding(key[0], ARTICLES[key[0]].severity, tuple(cells), words=(*told[key], ("count", str(len(cells) + more.get(key, 0)))))


def _blanks(form: Form, submission: Submission, table: FigureTable) -> Iterator[Finding]:
    """Empty inputs, table by table: counted as 0 where that is declared, otherwise faults; placeholders likewise."""
    for part in form.tables:
        blank = [
            entry
            for field in part.cells
            if (entry := submission.entries.get(field.id)) and entry.blank and not entry.formula and not field.parts
        ]
        if not blank:
            continue
        cells = tuple(found_cell(entry) for entry in blank)
        zero = table.blank_is_zero(part.cells[0].id)
        words = (("count", str(len(blank))), ("question", part.zero_question.label))
        if zero:
            yield Finding("V103", "note", cells, words=words)
            continue
        if submission.by_labels:
            yield Finding("V106", "error", cells, verdict="undecided", words=words)
            continue
        empty = tuple(cell for cell in cells if not cell.value.strip())
        if empty:
            words = (("count", str(len(empty))), ("question", part.zero_question.label))
            yield Finding("V101", "error", empty, verdict="undecided", words=words)
        if held := tuple(cell for cell in cells if cell.value.strip()):
            told = (("count", str(len(held))), ("raw", held[0].value), ("question", part.zero_question.label))
            yield Finding("V102", "error", held, verdict="undecided", words=told)


def _required(form: Form, submission: Submission) -> Iterator[Finding]:
    for field in form.fields.values():
        entry = submission.entries.get(field.id)
        if field.required and entry and entry.blank:
            yield Finding("V104", "error", (found_cell(entry),), verdict="undecided")
        elif entry and entry.blank and field.is_number and entry.raw.text.strip() and not form.table_of(field.id):
            words = (("raw", entry.raw.text), ("value", "—"), ("repairs", "placeholder"))
            yield Finding("V201", "note", (found_cell(entry),), words=words)


def _of_last_year(form: Form, submission: Submission, table: FigureTable) -> Iterator[Finding]:
    """A finding if the figures of last year are those of another, and one if they are this year's."""
    if submission.last is None:
        return
    last = submission.last.figures
    telling = sum(bool(value) for value in last.values())
    if telling >= _TELLING and all(table.number(name) == value for name, value in last.items()):
        yield Finding("P107", "note", words=(("count", str(telling)),))
    field = form.role("year")
    year = submission.number(field.id) if field else None
    if field and year is not None and year != submission.last.year + 1:
        words = (("found", str(submission.last.year)), ("year", f"{year:f}"))
        yield Finding("P102", "query", (found_cell(submission.entries[field.id]),), words=words)


def _failure(form: Form, submission: Submission, judgement: Judgement, table: FigureTable) -> Finding:
    """The finding of a broken rule: both sides, the difference, every cell it rests on."""
    instance = judgement.instance
    check = instance.check
    expected = None
    if check.operator == "==" and isinstance(check.left, Figure) and check.left.kind == "field":
        expected = shown(judgement.right)
    explained = submission.explanations.get(instance.id) if instance.rule.severity == "query" else None
    return Finding(
        code="P201" if instance.lasts else "X203" if any(figure.kind != "field" for figure in figures(check)) else "X201",
        severity=instance.rule.severity,
        cells=_cells(submission, instance, table, only_undecided=False),
        verdict="fail",
        rule=instance.rule.id,
        says=instance.rule.says,
        words=(("sides", compared_words(form, judgement, table)),),
        expected=expected,
        explained=explained or None,
    )


def _undecided(rule: Rule, judged: list[Judgement], submission: Submission, table: FigureTable) -> Finding:
    """One finding for all places where a rule could not be judged, with the cells that are missing or unusable."""
    cells = [cell for one in judged for cell in _cells(submission, one.instance, table, only_undecided=True)]
    words = (("count", str(len(judged))),)
    return Finding("X202", rule.severity, tuple(dict.fromkeys(cells)), "undecided", rule.id, rule.says, words)


def _cells(
    submission: Submission, instance: Instance, table: FigureTable, *, only_undecided: bool
) -> tuple[FoundCell, ...]:
    """The cells a verdict rests on, a total with its computed figure; of an undecided one those not decided."""
    nodes = list(figures(instance.check)) + (list(figures(instance.when)) if instance.when else [])
    if only_undecided:
        nodes = [figure for figure in nodes if table(figure) is None]
    names = dict.fromkeys(name for figure in nodes for name in figure.fields)
    entries = [submission.entries[name] for name in names if name in submission.entries]
    if only_undecided:  # a total is missing because its parts are
        entries = [entry for entry in entries if not entry.formula] or entries
    return tuple(found_cell(entry, table.number(entry.field) if entry.formula else None) for entry in entries)
