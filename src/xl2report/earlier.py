"""The report of the year before: what of it this year's figures can be compared with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from xl2report.checks.figures import certain
from xl2report.form.model import Form
from xl2report.form.shelf import form_by_id
from xl2report.submission import LastYear, Remark, Submission


class Earlier(NamedTuple):
    """One report of an earlier year. ``figures`` are those that are certain; ``times`` is its 报送次数, 1 where none is given."""

    path: str
    form: str
    year: int
    code: str
    name: str
    times: int
    figures: dict[str, Decimal]


def earlier(path: str, form: Form, submission: Submission) -> Earlier | None:
    """What a report hands on; None if it does not say of which year it is."""
    year = cover_number(form, submission, "year")
    if year is None:
        return None
    times = cover_number(form, submission, "submission") or 1
    code, name = (cover_text(form, submission, role) for role in ("code", "agency"))
    return Earlier(path, form.id, year, code, name, times, certain(form, submission))


def compared_with(last: Earlier, form: Form, submission: Submission) -> Submission:
    """The submission with the figures of one report of the year before, whoever's it is."""
    taken = handed_to(last, form)
    remarks = []
    if own := submission.last:
        differing = sum(own.figures.get(name) != value for name, value in taken.figures.items() if name in own.figures)
        if differing:
            remarks.append(Remark("P103", words=(("count", str(differing)),)))
    name = cover_text(form, submission, "agency")
    if name and name != last.name:
        remarks.append(Remark("P106", words=(("last", last.name), ("agency", name))))
    return replace(remarked(submission, *remarks), last=taken)


def handed_to(last: Earlier, form: Form) -> LastYear:
    """The figures that both editions ask for, as the year before has them."""
    asked = form_by_id(last.form).fields
    figures = {
        name: value
        for name, value in last.figures.items()
        if (field := form.fields.get(name)) and field.measure == asked[name].measure
    }
    return LastYear(last.year, figures)


# -- facts of the cover ------------------------------------------------------------------------------------------------


def cover_text(form: Form, submission: Submission, role: str) -> str:
    field = form.role(role)
    return " ".join(submission.text(field.id).split()) if field else ""


def cover_number(form: Form, submission: Submission, role: str) -> int | None:
    field = form.role(role)
    value = submission.number(field.id) if field else None
    return None if value is None else int(value)


def remarked(submission: Submission, *remarks: Remark) -> Submission:
    return replace(submission, remarks=(*submission.remarks, *remarks))
