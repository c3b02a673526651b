"""The title as it stands at the head of a page: broken where a reader would pause."""

from __future__ import annotations

from xl2report.report.geometry import ems
from xl2report.report.view import Report

_LINE = 20  # characters of 2号 that one line holds


def title_lines(report: Report) -> tuple[str, ...]:
    """The title in one line, or in two if it is too long: the agency's name, and what is said of it."""
    title, agency = report.title, report.agency
    if ems(title) > _LINE and agency and title.startswith(agency) and title != agency:
        return (agency, title.removeprefix(agency))
    return (title,)
