"""Last year's workbooks as they were filed: whose each is, and what it hands on to this year's."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from xl2report.checked import Checked, check_each
from xl2report.earlier import Earlier, handed_to
from xl2report.form.model import Field, Form
from xl2report.submission import LastYear, Value
from xl2report.workbook.plan import plan
from xl2report.workbook.rolled import rolled


class Filed(NamedTuple):
    """What one workbook of last year hands on: values to begin with, and figures to compare with.

    ``origins`` are sentences for the prompts of cells; ``gaps`` counts the values that could not be taken.
    """

    report: Earlier
    values: dict[str, Value]
    last: LastYear
    origins: dict[str, str]
    gaps: int

    def beside(self, field: Field) -> str:
        """Last year's figure, to be read beside this year's; "" where there is none."""
        value = self.last.figures.get(field.id)
        return "" if value is None else f"上年（{self.last.year}年度）：{value:f}{field.unit}。"


class Cabinet(NamedTuple):
    """The workbooks of a year: those that were read, and of the others each with the reason (a year, or unreadable)."""

    filed: tuple[Filed, ...]
    others: tuple[tuple[str, str], ...]


def cabinet(path: Path, form: Form, year: int) -> Cabinet:
    """The workbooks of the year before ``year`` in a file, a folder and its folders, or a zip, for that year's form."""
    found: list[Filed] = []
    others: list[tuple[str, str]] = []
    for file in files_in(path):
        for result in check_each(file):
            if result.form is None or result.submission is None:
                others.append((result.path, result.findings[0].code))
            elif result.year != year - 1:
                others.append((result.path, str(result.year or "")))
            else:
                found.append(filed(result, form))
    return Cabinet(tuple(found), tuple(others))


def files_in(path: Path) -> list[Path]:
    """The files that a path stands for; what office programs leave behind is none."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith((".", "~$")))


def filed(result: Checked, form: Form) -> Filed:
    """What a workbook of last year hands on to this year's form. ValueError if it could not be read, or is of no year."""
    report = result.handed_on
    if result.form is None or result.submission is None or report is None:
        raise ValueError(f"{result.path}: {result.status}")
    values, changes = rolled(result.form, result.submission, plan(form), figures=True)
    last = handed_to(report, form)
    cover = {field.id for field in form.cover}
    gaps = sum(change.kind == "unread" for change in changes)
    found = Filed(report, values, last, {}, gaps)
    origins = {name: found.beside(form.fields[name]) for name in last.figures if not form.fields[name].parts}
    for name in values.keys() - cover:
        asked = result.form.fields[form.fields[name].from_last]
        origins[name] = f"已预填：{result.year}年度工作簿的“{asked.label}”。不符时请改正。"
    return found._replace(origins=origins)
