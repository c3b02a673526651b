"""Who has reported and who has not: the records of an inbox against a roster."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from xl2report.checks.findings import Finding
from xl2report.desk.received import Received, Told
from xl2report.desk.roster import Unit
from xl2report.desk.tree import Tree, added_up, grown, superiors
from xl2report.desk.waivers import Waiver
from xl2report.form.model import Form

State: TypeAlias = Literal["missing", "faulty", "unclear", "open", "done", "exempt"]


class Standing(NamedTuple):
    """Where one unit stands. ``valid`` is the record that counts; ``history`` has every file of the unit, latest first.

    missing: no file. faulty: the latest has errors that no waiver lets through, is of another year or form, or could not be read. unclear: several different
    files with the same 报送次数. open: queries are not explained. done: nothing is open. exempt: the unit need not report.
    ``repeated`` counts files with the bytes of another; ``waived`` are the waivers without which the file would not count.
    """

    unit: Unit
    state: State
    valid: Received | None
    history: tuple[Received, ...]
    due: datetime.date | None
    late: bool
    repeated: int
    waived: tuple[Waiver, ...] = ()

    @property
    def amended(self) -> bool:
        """True if the unit has sent in more than one version."""
        return len({record.sha256 for record in self.history}) > 1

    @property
    def counts(self) -> bool:
        """True if its figures are added up."""
        return self.state in ("open", "done")


class Collection(NamedTuple):
    """The standings in the order of the roster, and the files that belong to none of its units.

    ``office`` is the name of the one that collects, "" where it is not known.
    """

    form: Form
    year: int
    standings: tuple[Standing, ...]
    strangers: tuple[Received, ...]
    office: str = ""


def collection(
    form: Form,
    year: int,
    units: Sequence[Unit],
    records: Iterable[Received],
    *,
    deadline: datetime.date | None = None,
    waivers: Iterable[Waiver] = (),
    office: str = "",
) -> Collection:
    """The collection of a year. A file is a unit's by the code on its cover, else by the agency's name.

    Where the two are of different units the file is that of the name, and faulty: codes are seldom looked at.
    """
    by_code = {_bare(unit.code): unit for unit in units if unit.code}
    by_name = {_bare(unit.name): unit for unit in units}
    files: defaultdict[int, list[Received]] = defaultdict(list)
    strangers = []
    for one in records:
        coded, named = by_code.get(_bare(one.code)), by_name.get(_bare(one.agency))
        unit = named or coded
        if unit is None:
            strangers.append(one)
        else:
            files[unit.row].append(_at_odds(one, coded) if coded and coded is not unit else one)
    let_through: defaultdict[int, list[Waiver]] = defaultdict(list)
    for waiver in waivers:
        let_through[waiver.row].append(waiver)
    standings = (_standing(form, year, unit, files[unit.row], deadline) for unit in units)
    judged = tuple(_waived(one, form, year, let_through[one.unit.row]) for one in standings)
    return Collection(form, year, judged, tuple(strangers), office)


def _bare(text: str) -> str:
    """A code or a name without what people type in different ways: spaces, capitals."""
    return "".join(text.split()).casefold()


def _at_odds(record: Received, coded: Unit) -> Received:
    """The record of a file whose code is that of another unit: nobody can tell whose figures these are."""
    told = Finding("C301", "error", words=(("code", record.code), ("coded", coded.name), ("agency", record.agency)))
    first = Told("error", told.code, "", told.message(), told.fix())
    return record._replace(status="fail", errors=record.errors + 1, broken=(), told=(first, *record.told))


def _waived(standing: Standing, form: Form, year: int, waivers: Sequence[Waiver]) -> Standing:
    """The standing with the waivers it needs: if they let through every rule that is broken, and nothing else is wrong."""
    latest = standing.history[0] if standing.history else None
    if standing.state != "faulty" or latest is None or not latest.broken or (latest.form, latest.year) != (form.id, year):
        return standing
    needed = tuple(waiver for waiver in waivers if waiver.rule in latest.broken)
    if set(latest.broken) - {waiver.rule for waiver in needed}:
        return standing
    return standing._replace(state="open" if latest.queries else "done", valid=latest, waived=needed)


def _standing(
    form: Form, year: int, unit: Unit, files: Sequence[Received], deadline: datetime.date | None
) -> Standing:
    due = deadline or _due(form, year, unit)
    by_path = sorted(files, key=lambda one: one.path)
    by_time = sorted(by_path, key=lambda one: (one.times, one.received), reverse=True)
    # one of a year before is no version of this year's: it comes last, and stands for the unit only where there is nothing else
    history = tuple(sorted(by_time, key=lambda one: _is_of_before(one, year)))
    repeated = len(history) - len({one.sha256 for one in history})
    if not history:
        return Standing(unit, "missing" if unit.reports else "exempt", None, (), due, False, 0)
    latest = history[0]
    rivals = {one.sha256 for one in history if one.times == latest.times and _is_of_before(one, year) == _is_of_before(latest, year)}
    # the same bytes sent twice came in when they came in first
    came = min(one.received for one in history if one.sha256 == latest.sha256)
    late = due is not None and came.date() > due
    if len(rivals) > 1:
        return Standing(unit, "unclear", None, history, due, late, repeated)
    fits = latest.status == "pass" and latest.form == form.id and latest.year == year
    state: State = "faulty" if not fits else "open" if latest.queries else "done"
    return Standing(unit, state, latest if fits else None, history, due, late, repeated)


def _is_of_before(record: Received, year: int) -> bool:
    return record.year is not None and record.year < year


def _due(form: Form, year: int, unit: Unit) -> datetime.date | None:
    """The day that the form sets for the unit's category (its attribute ``deadline``, month and day of the next year)."""
    field = form.role("category")
    choice = field.choice(unit.category) if field and unit.category else None
    day = choice.attribute("deadline") if choice else None
    return datetime.date.fromisoformat(f"{year + 1}-{day}") if isinstance(day, str) else None


def tree(found: Collection) -> Tree:
    """The tree of the roster with the figures of all units that count."""
    own = {standing.unit.row: standing.valid.figures for standing in found.standings if standing.counts and standing.valid}
    return grown([standing.unit for standing in found.standings], own, found.office)


def sums(found: Collection) -> tuple[Decimal, ...]:
    """The figures of all units that count, added up item by item, in the form's order.

    Each figure counts once: a superior's return is the summary of those below it (xl2report.desk.tree says which of the two is used).
    """
    total = added_up(branch.figures for branch in tree(found).values() if branch.used and not branch.depth)
    return tuple(value or Decimal(0) for value in total) or (Decimal(0),) * len(found.form.coded_fields)


def alike(found: Collection) -> dict[int, tuple[str, ...]]:
    """By the row of a unit the names of the others that report the very same figures.

    Reports of zeros say nothing, nor does a summary that has the figures of one of the units below it.
    """
    same: defaultdict[tuple[Decimal | None, ...], list[Unit]] = defaultdict(list)
    for standing in found.standings:
        if standing.counts and standing.valid is not None and any(standing.valid.figures):
            same[standing.valid.figures].append(standing.unit)
    above = superiors(standing.unit for standing in found.standings)
    told = {}
    for units in same.values():
        over = {unit.row: _over(unit.row, above) for unit in units} if len(units) > 1 else {}
        for unit in units:
            others = tuple(other.name for other in units if other.row not in over[unit.row] and unit.row not in over[other.row]) if over else ()
            if others:
                told[unit.row] = others
    return told


def _over(row: int, above: Mapping[int, int]) -> frozenset[int]:
    """A unit, its superior, that one's superior and so on."""
    found = {row}
    while row in above and above[row] not in found:
        row = above[row]
        found.add(row)
    return frozenset(found)
