"""The forms that come with the program, found by id or by report year."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from xl2report.form.load import load
from xl2report.form.model import Form
from xl2report.shipped import folder


def form_ids() -> tuple[str, ...]:
    """The ids of all forms, oldest first."""
    return tuple(sorted(path.parent.name for path in folder("workbook_templates").glob("*/form.yaml")))


def form_path(form_id: str) -> Path:
    """Where a form's file stands. KeyError if there is no such form."""
    if form_id not in form_ids():
        raise KeyError(form_id)
    return folder("workbook_templates") / form_id / "form.yaml"


@lru_cache(maxsize=16)
def form_by_id(form_id: str) -> Form:
    """A form. KeyError if there is no such form, FormError if its file has faults."""
    path = form_path(form_id)
    return load(path, f"workbook_templates/{form_id}/form.yaml")


def form_for_year(year: int) -> Form:
    """The form that reports of a year use. KeyError if no form covers the year."""
    for form_id in reversed(form_ids()):
        form = form_by_id(form_id)
        if form.covers_year(year):
            return form
    raise KeyError(year)
