"""Form + Submission → Findings: fields one by one, then blanks, totals, and every rule instance."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xl2report.checks.catalogue import ARTICLES
from xl2report.checks.figures import FigureTable
from xl2report.checks.findings import Finding, FoundCell, ordered
from xl2report.checks.judge import Judgement, judge
from xl2report.checks.references import reference_findings
from xl2report.checks.wording import side_words
from xl2report.form.language import Figure, Number, figures
from xl2report.form.model import Form, Instance, Rule
from xl2report.submission import Entry, Remark, Submission

_QUOTED = 40  # characters of a prose field that a finding quotes


def check(form: Form, submission: Submission) -> tuple[Finding, ...]:
    """Every finding about a submission, errors before queries before notes."""
    table = FigureTable(form, submission)
    found = list(_of_remarks(submission.remarks))
    found += _blanks(form, submission, table)
    found += _required(form, submission)
    found += _totals(form, submission, table)
    found += reference_findings(form, submission, table)
    judged = [judge(instance, table) for instance in form.instances]
    found += [_failure(form, submission, one, table) for one in judged if one.verdict == "fail"]
    for rule in form.rules:
        if undecided := [one for one in judged if one.instance.rule == rule and one.verdict == "undecided"]:
            found.append(_undecided(rule, undecided, submission, table))
    return ordered(found)


def judgements(form: Form, submission: Submission) -> tuple[Judgement, ...]:
    """The verdict of every rule instance, in the order of the form."""
    table = FigureTable(form, submission)
    return tuple(judge(instance, table) for instance in form.instances)


def found_cell(entry: Entry, value: Decimal | None = None) -> FoundCell:
    """A cell with what stands in it, or with the value computed for it."""
    if value is None and isinstance(entry.value, Decimal):
        value = entry.value
    if isinstance(entry.value, tuple):
        return FoundCell(entry.place, "\n".join(entry.value)[:_QUOTED])
    return FoundCell(entry.place, shown(value) if value is not None else entry.raw.text)


def shown(value: Decimal | None) -> str:
    """A number as people write it; a dash when there is none."""
    return "—" if value is None else f"{value:f}"


def _of_remarks(remarks: tuple[Remark, ...]) -> Iterator[Finding]:
    """A finding a remark; cells that cannot be found are one finding a sheet."""
    lost: dict[str, list[FoundCell]] = {}
    for remark in remarks:
        words = dict(remark.words)
        cell = FoundCell(remark.place, words.get("raw", ""))
        if remark.code == "S102":
            lost.setdefault(remark.place.sheet, []).append(cell)
        else:
            yield Finding(remark.code, ARTICLES[remark.code].severity, (cell,) if remark.place.cell else (), words=remark.words)
    for cells in lost.values():
        yield Finding("S102", "error", tuple(cells), words=(("count", str(len(cells))),))


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
    # a total over a text that the grammar accepts stays empty in the sheet: that is no stale result
    repaired = any(remark.code == "V201" for remark in submission.remarks) or any(
        entry.blank and entry.raw.text for entry in submission.entries.values()
    )
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
        elif not _same(entry, current) and not (repaired and not entry.raw.text):
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


def _failure(form: Form, submission: Submission, judgement: Judgement, table: FigureTable) -> Finding:
    """The finding of a broken rule: both sides, the difference, every cell it rests on."""
    instance = judgement.instance
    check = instance.check
    expected = None
    if check.operator == "==" and isinstance(check.left, Figure) and check.left.kind == "field":
        expected = shown(judgement.right)
    sides = [
        f"{side_words(form, instance, side)} = {shown(value)}"
        for side, value in ((check.left, judgement.left), (check.right, judgement.right))
        if not isinstance(side, Number)
    ]
    if check.operator == "==" and judgement.difference is not None and len(sides) > 1:
        sides.append(f"相差 {shown(abs(judgement.difference))}")
    explained = submission.explanations.get(instance.id) if instance.rule.severity == "query" else None
    return Finding(
        code="X203" if any(figure.kind != "field" for figure in figures(check)) else "X201",
        severity=instance.rule.severity,
        cells=_cells(submission, instance, table, only_undecided=False),
        verdict="fail",
        rule=instance.rule.id,
        says=instance.rule.says,
        words=(("sides", "，".join(sides)),),
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
