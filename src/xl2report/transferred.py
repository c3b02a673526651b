"""A file read, whatever its state → a fresh locked workbook with everything legible, and a list of what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from xl2report.checked import Checked, open_book
from xl2report.checks.catalogue import ARTICLES
from xl2report.earlier import earlier, handed_to
from xl2report.form.model import Form
from xl2report.form.shelf import form_for_year
from xl2report.grid import Book
from xl2report.submission import LastYear, Place, Remark, Submission, Value
from xl2report.workbook.carried import carried, differing_totals, target_place, writable
from xl2report.workbook.change import KINDS, Change, ChangeKind
from xl2report.workbook.contents import contents, explained_ids
from xl2report.workbook.gather import gather_explanations
from xl2report.workbook.leftover import Left, leftovers
from xl2report.workbook.moved import moved
from xl2report.workbook.plan import CHECK_SHEET, Plan, plan
from xl2report.workbook.rolled import rolled
from xl2report.workbook.write import write

_SHEETWIDE = frozenset({"S101", "S104", "S108", "S110", "S122"})  # remarks that may be about a whole sheet
_CUT = frozenset({"S111", "S114", "S121"})  # moved or merged: whose the content is cannot be told
_SPEAKING = ("text", "prose")  # kinds that a reader sees to be in the wrong place; a figure nobody does
_TOLD_OTHERWISE = frozenset({"F107", "S107", "S205"})  # the version does not matter; strays and totals are looked for here
_REPAIRED_FILE = ("F115", "F116")


class TransferRefused(ValueError):
    """A transfer that cannot be meant: ``reason`` is unreadable, no-form, other-year or earlier."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Transferred:
    """The fresh workbook, its form and year, what changed (most pressing first), how much went over.

    ``texts`` counts paragraphs, answers, cover facts and explanations.
    """

    content: bytes
    changes: tuple[Change, ...]
    form: Form
    year: int | None
    figures: int
    texts: int


def transfer(
    result: Checked, *, form: Form | None = None, year: int | None = None, password: str | None = None
) -> Transferred:
    """The transfer of a file into a workbook of its own form, or of the one that ``form`` or ``year`` asks for.

    A ``year`` after the one on the file's cover makes that year's workbook with what rolls over from last year's.
    ``password`` opens the content of an encrypted file again. TransferRefused for a file that could not be read, for a
    year that no form (or not this one) covers, for a year before the file's.
    """
    if result.form is None or result.submission is None:
        raise TransferRefused("unreadable", result.path)
    target = _target_form(result, form, year)
    if year is not None and result.year is not None and year != result.year:
        if year < result.year:
            raise TransferRefused("earlier", f"{year} < {result.year}")
        return _rolled_over(result.form, result.submission, target, result.year, year)
    book = open_book(result.content, password, frozenset())[1]
    return _moved_over(result.form, result.submission, target, year, book)


def _target_form(result: Checked, form: Form | None, year: int | None) -> Form:
    if form is not None:
        if year is not None and not form.covers_year(year):
            raise TransferRefused("other-year", f"{form.id} {year}")
        return form
    assert result.form is not None
    wanted = result.year if year is None else year
    if wanted is None or result.form.covers_year(wanted):
        return result.form
    try:
        return form_for_year(wanted)
    except KeyError:
        if year is not None:
            raise TransferRefused("no-form", str(year)) from None
        return result.form  # the year on the cover is a slip: it goes over as typed


# -- the same report, in a fresh workbook ----------------------------------------------------------------------------


def _moved_over(source: Form, submission: Submission, target: Form, year: int | None, book: Book) -> Transferred:
    drawn = plan(target)
    ambiguous = _ambiguous(source, submission)
    entries = {name: entry for name, entry in submission.entries.items() if name not in ambiguous}
    found = carried(source, replace(submission, entries=entries), drawn)
    counts = _counted(target, found.values)
    if year is not None and (field := target.role("year")):
        found.values[field.id] = Decimal(year)
    typed = gather_explanations(book)
    allowed = explained_ids(target)
    explanations = {name: text for name, text in typed.items() if name in allowed and writable(text)}
    fresh = contents(drawn, found.values, {}, explanations)
    changes = [*found.changes, *differing_totals(source, replace(submission, entries=entries), fresh), *moved(found.places)]
    left = list(leftovers(book, source, submission, _bare_texts(typed)))
    changes += _of_remarks(submission, drawn, left, ambiguous)
    changes += [
        Change("dropped", "no-rule", Place(CHECK_SHEET, "", (name,)), raw=text)
        for name, text in typed.items()
        if name not in explanations
    ]
    shown = target.role("year")
    return Transferred(
        write(target, found.values, explanations=explanations, last=_same_last(source, submission, target)),
        _ordered(changes),
        target,
        _whole(found.values.get(shown.id)) if shown else None,
        counts[0],
        counts[1] + len(explanations),
    )


def _bare_texts(typed: dict[str, str]) -> frozenset[str]:
    return frozenset("".join(text.split()) for text in typed.values())


def _ambiguous(source: Form, submission: Submission) -> frozenset[str]:
    """The fields whose figure may be another's: they stay empty in the fresh workbook."""
    cut = {remark.field for remark in submission.remarks if remark.code in _CUT}
    return frozenset(name for name in cut & source.fields.keys() if source.fields[name].kind not in _SPEAKING)


def _of_remarks(submission: Submission, drawn: Plan, left: list[Left], ambiguous: frozenset[str]) -> Iterator[Change]:
    """What the reader could not find, place or be sure of, and then whatever else stands in the book unread."""
    cells = {(one.sheet, one.cell): one for one in left if one.cell}
    sheets = {one.sheet: one for one in left if not one.cell}
    for remark in _distinct(submission.remarks):
        if remark.code in _REPAIRED_FILE:
            yield Change("repaired", remark.code, words=remark.words)
        if not _is_open(remark, submission):
            continue
        words = dict(remark.words)
        sheet = words.get("sheet", remark.place.sheet)
        whole = sheets.pop(sheet, None) if remark.code in _SHEETWIDE and not remark.field else None
        one = cells.pop((remark.place.sheet, remark.place.cell), None)
        # what was found all the same goes over: the label or the name of its cell says something else
        in_doubt = remark.code == "S103" or (remark.field in submission.entries and remark.field not in ambiguous)
        kind: ChangeKind = "doubtful" if in_doubt and remark.code[0] == "S" else "unread"
        place = target_place(drawn, remark.field) if remark.field in drawn.places else Place("", "")
        raw = one.text if one else words.get("raw", "") or (whole.text if whole else "")
        here = remark.place if remark.place.sheet else Place(sheet, "")
        yield Change(kind, remark.code, here, place, raw, "", remark.words, whole.cells if whole else 1)
    for one in (*sheets.values(), *cells.values()):
        code = "outside" if one.cell else "sheet-unread"
        yield Change("unread", code, Place(one.sheet, one.cell), raw=one.text, cells=one.cells)


def _distinct(remarks: tuple[Remark, ...]) -> Iterator[Remark]:
    """The remarks without those that say of a cell what another has said of it."""
    seen: set[tuple[str, str, str]] = set()
    for remark in remarks:
        mark = remark.code, remark.place.sheet, remark.place.cell
        if remark.place.cell == "" or mark not in seen:
            yield remark
        seen.add(mark)


def _is_open(remark: Remark, submission: Submission) -> bool:
    """True if a remark tells of something that the entries do not hold, or not for certain."""
    if ARTICLES[remark.code].severity != "error" or remark.code in _TOLD_OTHERWISE:
        return False
    entry = submission.entries.get(remark.field)
    if entry is not None and entry.formula:
        return False  # a total is added up again, wherever it stood
    if remark.code[0] == "V" and entry is not None:
        return bool(entry.cells) or (entry.raw.kind == "blank" and not entry.raw.formula)  # of one paragraph among others
    return True


# -- this year's workbook from last year's ---------------------------------------------------------------------------


def _rolled_over(last: Form, submission: Submission, target: Form, last_year: int, year: int) -> Transferred:
    consecutive = year == last_year + 1
    values, changes = rolled(last, submission, plan(target), figures=consecutive)
    counts = _counted(target, values)
    if not consecutive:
        changes.append(Change("dropped", "gap", raw=str(last_year), value=str(year)))
    if field := target.role("year"):
        values[field.id] = Decimal(year)
    report = earlier("", last, submission) if consecutive else None
    content = write(target, values, last=handed_to(report, target) if report else None)
    return Transferred(content, _ordered(changes), target, year, *counts)


def _same_last(source: Form, submission: Submission, target: Form) -> LastYear | None:
    """The figures of the year before that the workbook brings along, for the fields that both forms have."""
    if submission.last is None:
        return None
    both = {name for name, field in target.fields.items() if name in source.fields and source.fields[name].measure == field.measure}
    return submission.last._replace(figures={name: value for name, value in submission.last.figures.items() if name in both})


def _ordered(changes: list[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: KINDS.index(change.kind)))


def _counted(form: Form, values: dict[str, Value]) -> tuple[int, int]:
    """How many figures, and how many texts."""
    figures = sum(form.fields[name].is_number for name in values)
    written = [value for name, value in values.items() if not form.fields[name].is_number]
    texts = sum(len(value) if isinstance(value, tuple) else 1 for value in written)
    return figures, texts


def _whole(value: Value) -> int | None:
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else None
