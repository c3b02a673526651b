"""The office's own workbook: this year's form with the summed figures filled in, ready for its prose."""

from __future__ import annotations

from decimal import Decimal

from xl2report.desk.collection import Collection, sums, tree
from xl2report.desk.filed import Filed
from xl2report.desk.tree import Tree, counted
from xl2report.submission import Value
from xl2report.workbook.write import write


def own_report(found: Collection, agency: str = "", filed: Filed | None = None) -> bytes:
    """The workbook as .xlsx bytes. Its totals are formulas, as in every workbook; its prose is empty.

    ``agency`` is the office's name; without it that of the collection; without both the cover is left to be filled in, as is whatever the
    units do not add up to. The code and the category are those of the roster, where it names the office. ``filed`` is the
    office's own workbook of last year: facts of its cover are taken over, and its figures compared with.
    """
    if agency:
        found = found._replace(office=agency)
    form = found.form
    origin = _origin(tree(found))
    cover = {field.id for field in form.cover}
    values: dict[str, Value] = {name: value for name, value in filed.values.items() if name in cover} if filed else {}
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
    return write(form, values, origins=origins, last=filed.last if filed else None)


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
