"""Last year's workbooks as they were filed: whose each is, and what it hands on to this year's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from xl2report.checked import Checked, check_each
from xl2report.form.model import Form
from xl2report.submission import Value
from xl2report.workbook.plan import plan
from xl2report.workbook.rolled import rolled


class Filed(NamedTuple):
    """What one workbook of last year hands on. ``times`` is its 报送次数, 1 where none is given."""

    path: str
    code: str
    name: str
    times: int
    values: dict[str, Value]
    origins: dict[str, str]
    gaps: int


class Cabinet(NamedTuple):
    """The workbooks of a year: those that were read, and of the others each with the reason (a year, or unreadable)."""

    filed: tuple[Filed, ...]
    others: tuple[tuple[str, str], ...]


class Several(NamedTuple):
    """Workbooks between which nothing decides: of one unit, and of the same 报送次数."""

    paths: tuple[str, ...]


def cabinet(path: Path, form: Form, year: int) -> Cabinet:
    """The workbooks of the year before ``year`` in a file, a folder and its folders, or a zip, for that year's form."""
    found: list[Filed] = []
    others: list[tuple[str, str]] = []
    for file in _files(path):
        for result in check_each(file):
            if result.form is None or result.submission is None:
                others.append((result.path, result.findings[0].code))
            elif result.year != year - 1:
                others.append((result.path, str(result.year or "")))
            else:
                found.append(filed(result, form))
    return Cabinet(tuple(found), tuple(others))


def of_unit(known: Iterable[Filed], code: str, name: str) -> Filed | Several | None:
    """The workbook of a unit: by its code, else by its name; of several the one that was sent in last."""
    known = tuple(known)
    own = [one for one in known if code and one.code == code] or [one for one in known if one.name == name]
    if not own:
        return None
    latest = max(one.times for one in own)
    last = [one for one in own if one.times == latest]
    return last[0] if len(last) == 1 else Several(tuple(one.path for one in last))


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for file in sorted(path.rglob("*")):
        if file.is_file() and not file.name.startswith((".", "~$")):
            yield file


def filed(result: Checked, form: Form) -> Filed:
    """What a workbook of last year hands on to this year's form. ValueError if it could not be read."""
    if result.form is None or result.submission is None:
        raise ValueError(f"{result.path}: {result.status}")
    values, changes = rolled(result.form, result.submission, plan(form), figures=True)
    cover = {field.id for field in form.cover}
    origins = {}
    for name in values.keys() - cover:
        asked = result.form.fields[form.fields[name].from_last]
        origins[name] = f"已预填：{result.year}年度工作簿的“{asked.label}”。不符时请改正。"
    times = result.form.role("submission")
    number = result.submission.number(times.id) if times else None
    gaps = sum(change.kind == "unread" for change in changes)
    return Filed(result.path, result.agency_code, result.agency or "", int(number or 1), values, origins, gaps)
