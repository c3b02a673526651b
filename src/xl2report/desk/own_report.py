"""The office's own workbook: this year's form with the summed figures filled in, ready for its prose."""

from __future__ import annotations

from decimal import Decimal

from xl2report.desk.collection import Collection, sums
from xl2report.submission import Value
from xl2report.workbook.write import write


def own_report(found: Collection, agency: str = "") -> bytes:
    """The workbook as .xlsx bytes. Its totals are formulas, as in every workbook; its prose is empty.

    ``agency`` is the office's name; without it the cover is left to be filled in, as is whatever the units do not add up to.
    """
    form = found.form
    counted = sum(standing.counts for standing in found.standings)
    values: dict[str, Value] = {}
    origins: dict[str, str] = {}
    for field, total in zip(form.coded_fields, sums(found), strict=True):
        if not field.parts:
            values[field.id] = f"{total:f}" if field.kind == "amount" else total
            origins[field.id] = f"已预填：{counted} 个单位的合计。不符时请改正。"
    known = (("agency", agency), ("year", Decimal(found.year)), ("category", _category(found, agency)))
    for role, value in known:
        if value and (field_of := form.role(role)):
            values[field_of.id] = value
    return write(form, values, origins=origins)


def _category(found: Collection, agency: str) -> str:
    """The office's own category, where the roster names the office."""
    return next((standing.unit.category for standing in found.standings if standing.unit.name == agency), "")
