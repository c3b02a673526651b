"""A workbook for each unit of a roster, prefilled with what the office knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from xl2report.archive import Several, archive, of_unit
from xl2report.desk.filed import Filed
from xl2report.desk.roster import Unit
from xl2report.form.model import Form
from xl2report.form.shelf import form_by_id
from xl2report.submission import LastYear, Value
from xl2report.workbook.write import write

_UNWANTED = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))


class Issue(NamedTuple):
    """What is written for one unit: the name of its file, the values it begins with, where they come from, last year's figures."""

    form_id: str
    file: str
    values: dict[str, Value]
    origins: dict[str, str]
    last: LastYear | None


def issue(form: Form, year: int, unit: Unit, last: Filed | None = None) -> Issue:
    """The workbook of a unit as it is to be written. What the roster says goes before what last year's workbook said."""
    values: dict[str, Value] = dict(last.values) if last else {}
    known = (("agency", unit.name), ("code", unit.code), ("category", unit.category), ("year", Decimal(year)))
    for role, value in known:
        if value and (field := form.role(role)):
            values[field.id] = value
    parts = (unit.code, unit.name, str(year))
    file = "_".join("".join(part.split()).translate(_UNWANTED) for part in parts if part)
    return Issue(form.id, f"{file}.xlsx", values, dict(last.origins) if last else {}, last.last if last else None)


def issues(form: Form, year: int, units: Sequence[Unit], filed: Sequence[Filed]) -> list[tuple[Unit, Issue, Filed | Several | None]]:
    """The issues to all units that report, each with the workbook of last year that it begins with, if there is one."""
    made = []
    known = archive(one.report for one in filed)
    by_path = {one.report.path: one for one in filed}
    for unit in units:
        if unit.reports:
            found = of_unit(known, year - 1, unit.last_code or unit.code, unit.name)
            last = found if found is None or isinstance(found, Several) else by_path[found.path]
            made.append((unit, issue(form, year, unit, last if isinstance(last, Filed) else None), last))
    return made


def written(one: Issue) -> bytes:
    """The workbook, as .xlsx bytes."""
    return write(form_by_id(one.form_id), one.values, origins=one.origins, last=one.last)
