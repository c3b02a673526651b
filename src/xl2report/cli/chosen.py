"""Which form and which year a call is about."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from xl2report.cli.language import words
from xl2report.cli.output import say

if TYPE_CHECKING:
    from xl2report.form.model import Form


def chosen_form(form_id: str | None, year: int | None) -> tuple[Form, int]:
    """The form that was asked for and the year it is issued for; says what is wrong and ends with 2 if they do not fit."""
    import xl2report

    forms = [xl2report.load_form(known) for known in xl2report.form_ids()]
    known = words("；", "; ").join(f"{form.id}（{form.first_year}–{form.last_year or ''}）" for form in forms)
    if form_id is not None and form_id not in xl2report.form_ids():
        say(words(f"没有表单 {form_id}。可用的表单：{known}", f"no form {form_id}; there are: {known}"))
        raise click.exceptions.Exit(2)
    if form_id is None:
        year = default_year() if year is None else year
        form = next((form for form in forms if form.covers_year(year)), None)
    else:
        form = xl2report.load_form(form_id)
        year = year if year is not None else min(default_year(), form.last_year or 9999)
    field = form.role("year") if form else None
    if form is not None and form_id is not None and not form.covers_year(year):
        say(words(f"表单 {form_id} 不用于 {year} 年度。可用的表单：{known}", f"{form_id} is not for the year {year}; there are: {known}"))
        raise click.exceptions.Exit(2)
    if form is None or (field and field.maximum is not None and year > field.maximum):
        say(words(f"{year} 年度没有适用的表单。可用的表单：{known}", f"no form for the year {year}; there are: {known}"))
        raise click.exceptions.Exit(2)
    return form, year


def default_year() -> int:
    """The year that a report made today is about: last year until June, then this year (SOURCE_DATE_EPOCH honoured)."""
    import datetime

    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isascii() and epoch.isdigit():
        today = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()
    else:
        today = datetime.date.today()
    return today.year - (today.month <= 6)
