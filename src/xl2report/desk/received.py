"""What came in: one record for each file of an inbox, small enough to keep thousands of them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from xl2report.checked import Checked, Terms, check_each
from xl2report.checks.figures import FigureTable
from xl2report.checks.findings import Finding, FoundCell, shortened
from xl2report.printed import counts
from xl2report.submission import Place

_UNKNOWN = datetime.datetime(1970, 1, 2)
_TOLD = 5  # findings of the unit's that a record tells in words
_CELLS = 6  # cells that one of them names
_OVERWRITTEN = ("S201", "S208")  # say of a total that it was typed: why a rule does not hold
OFFICE = ("P102", "P103", "P104", "P105", "P106")  # about the files of last year that the office compares with: no unit can mend them


class Told(NamedTuple):
    """One finding in words: how grave it is, its code, its place, what is wrong, what to do.

    ``expected`` is what the cell should be where that is known, ``cells`` all that the finding rests on with their values
    if there are several, ``hint`` what is known besides of a total that is wrong.
    """

    severity: str
    code: str
    place: str
    message: str
    fix: str
    expected: str = ""
    cells: str = ""
    hint: str = ""


class Received(NamedTuple):
    """One file. ``figures`` are those of the form in its own order (Form.coded_fields), () when it could not be read.

    ``received`` is when the file was written into the inbox, by the clock of the machine. ``times`` is its 报送次数.
    ``errors`` and ``queries`` count what stands open; ``told`` has the first of them, then those of ``OFFICE``. ``broken`` are the rules that do not
    hold though they must, when nothing but rules is wrong; else (). ``explained`` are the queries that were answered, with
    what was written in place of what to do.
    """

    path: str
    sha256: str
    received: datetime.datetime
    status: Literal["pass", "fail", "unreadable"]
    form: str
    agency: str
    code: str
    year: int | None
    times: int
    check_code: str
    errors: int
    queries: int
    notes: int
    broken: tuple[str, ...]
    told: tuple[Told, ...]
    explained: tuple[Told, ...]
    figures: tuple[Decimal | None, ...]


def received(path: Path, last: Path | None = None) -> list[Received]:
    """The records of a file: one, or one for each file of a zip. ``last`` is the archive of last year's reports."""
    when = came_in(path)
    return [record(result, when) for result in check_each(path, Terms(last=last))]


def came_in(path: Path) -> datetime.datetime:
    """When a file was written, to the second, by the clock of the machine."""
    try:
        return datetime.datetime.fromtimestamp(int(path.stat().st_mtime))
    except OSError:
        return _UNKNOWN


def record(result: Checked, when: datetime.datetime) -> Received:
    """The record of a file that was read, or could not be."""
    total = counts(result)
    return Received(
        result.path,
        result.sha256,
        when,
        result.status,
        result.form.id if result.form else "",
        result.agency or "",
        result.agency_code,
        result.year,
        _times(result),
        result.code or "",
        total["error"],
        total["query"],
        total["note"],
        _broken(result),
        _first(result.findings),
        tuple(_told(finding, finding.explained) for finding in result.findings if finding.severity == "query" and finding.explained),
        _figures(result),
    )


def _broken(result: Checked) -> tuple[str, ...]:
    errors = [finding for finding in result.findings if finding.severity == "error"]
    rules = [finding.rule for finding in errors if finding.rule and finding.verdict == "fail"]
    return tuple(dict.fromkeys(rules)) if len(rules) == len(errors) else ()


def _first(findings: Sequence[Finding]) -> tuple[Told, ...]:
    """The first that stand, then those of the office. What is known of a total is told once, with the first that it explains."""
    hints = {one.cells[0].place: one.message() for one in findings if one.code in _OVERWRITTEN}
    units = islice((one for one in findings if one.stands and one.code not in OFFICE), _TOLD)
    told = [_told(one, one.fix(), hints.pop(one.cells[0].place, "") if one.cells else "") for one in units]
    return (*told, *(_told(one, one.fix()) for one in findings if one.stands and one.code in OFFICE))


def _told(finding: Finding, fix: str, hint: str = "") -> Told:
    place = finding.cells[0].place if finding.cells else None
    where = f"{place.sheet} {place.cell}".strip() if place else ""
    item = f"（{' > '.join(place.item)}）" if place and place.item else ""
    expected = finding.expected or "" if finding.severity == "error" else ""
    return Told(finding.severity, finding.code, where + item, finding.message(), fix, expected, _cells(finding.cells), hint)


def _cells(cells: Sequence[FoundCell]) -> str:
    """Several cells with what stands in them, figures before zeros; "" for one, which is the place of its finding."""
    if len(cells) < 2:
        return ""
    one_sheet = len({cell.place.sheet for cell in cells}) == 1
    first = sorted(cells, key=lambda cell: cell.value in ("", "0"))[:_CELLS]
    named = "、".join(f"{_address(cell.place, one_sheet)}={shortened(cell.value) or '（空）'}" for cell in first)
    return named + (f" 等 {len(cells)} 格" if len(cells) > _CELLS else "")


def _address(place: Place, one_sheet: bool) -> str:
    address = place.cell or " > ".join(place.item)
    return address if one_sheet else f"{place.sheet} {address}"


def _times(result: Checked) -> int:
    field = result.form.role("submission") if result.form else None
    number = result.submission.number(field.id) if field and result.submission else None
    return int(number) if number is not None else 1


def _figures(result: Checked) -> tuple[Decimal | None, ...]:
    if result.form is None or result.submission is None:
        return ()
    table = FigureTable(result.form, result.submission)
    values = [table.number(field.id) for field in result.form.coded_fields]
    return tuple(None if value is None else _shared(f"{value:f}") for value in values)


@lru_cache(maxsize=4096)
def _shared(text: str) -> Decimal:
    """One object for figures written alike: most of thousands of reports are zeros."""
    return Decimal(text)
