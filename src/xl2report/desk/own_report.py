"""The office's own workbook: this year's form with the summed figures filled in, ready for its prose."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from xl2report.checked import check_content, explanations
from xl2report.desk.collection import Collection, sums, tree
from xl2report.desk.filed import Filed
from xl2report.desk.tree import Tree, counted
from xl2report.form.model import Form
from xl2report.submission import Value
from xl2report.workbook.carried import carried, writable
from xl2report.workbook.contents import explained_ids
from xl2report.workbook.plan import plan
from xl2report.workbook.write import write


class Written(NamedTuple):
    """What stands in the office's own workbook beside the figures: texts of cover, prose and notes, and explanations."""

    values: dict[str, Value]
    explanations: dict[str, str]


def written_in(content: bytes, form: Form) -> Written | None:
    """What has been written into an earlier workbook of the office's own; None if it is none, or another form's."""
    result = check_content("", content)
    if result.submission is None or result.form is None or result.form.id != form.id:
        return None
    kept = carried(result.form, result.submission, plan(form)).values
    figures = {field.id for field in form.coded_fields}
    return Written(
        {name: value for name, value in kept.items() if name not in figures},
        {name: text for name, text in explanations(form, content).items() if name in explained_ids(form) and writable(text)},
    )


def own_report(found: Collection, agency: str = "", filed: Filed | None = None, written: Written | None = None) -> bytes:
    """The workbook as .xlsx bytes. Its totals are formulas, as in every workbook; its prose is empty.

    ``agency`` is the office's name; without it that of the collection; without both the cover is left to be filled in, as is whatever the
    units do not add up to. The code and the category are those of the roster, where it names the office. ``filed`` is the
    office's own workbook of last year: facts of its cover are taken over, and its figures compared with. ``written`` is
    what somebody has written into an earlier one: all of it stays, but for the figures, which are added up anew.
    """
    if agency:
        found = found._replace(office=agency)
    form = found.form
    origin = _origin(tree(found))
    cover = {field.id for field in form.cover}
    values: dict[str, Value] = {name: value for name, value in filed.values.items() if name in cover} if filed else {}
    values |= written.values if written else {}
    origins: dict[str, str] = {}
    for field, total in zip(form.coded_fields, sums(found), strict=True):
        if not field.parts:
            values[field.id] = f"{total:f}" if field.kind == "amount" else total
            origins[field.id] = origin + (filed.beside(field) if filed else "")
    unit = next((standing.unit for standing in found.standings if found.office and standing.unit.name == found.office), None)
    known: list[tuple[str, Value]] = [("agency", found.office), ("year", Decimal(found.year))]
    known += [("code", unit.code), ("category", unit.category)] if unit else []
    for role, value in known:
        if value and (field_of := form.role(role)):
            values[field_of.id] = value
    return write(form, values, explanations=written.explanations if written else None, origins=origins, last=filed.last if filed else None)


def _origin(found: Tree) -> str:
    """What stands in the prompt of a prefilled cell: whose figures are in it, and how many are not."""
    rows = counted(found)
    summaries = sum(bool(found[row].below) for row in rows)
    left = sum(unit.reports for branch in found.values() if not branch.depth for unit in branch.left)
    told = f"{len(rows)} 份报表的合计" if summaries else f"{len(rows)} 个单位的合计"
    if summaries:
        told += f"，其中 {summaries} 份是下级汇总"
    if left:
        told += f"，还缺 {left} 个单位"
    return f"已预填：{told}。不符时请改正。"
