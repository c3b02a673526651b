"""The title as it stands at the head of a page: broken where a reader would pause."""

from __future__ import annotations

import math
import re

from xl2report.report.geometry import ems
from xl2report.report.view import Report

_LINE = 20  # characters of 2号 that one line holds
_PIECES = re.compile("(?:[0-9A-Za-z]+|.)[\u0300-\u036f]*", re.DOTALL)  # a letter keeps its accents


def title_lines(report: Report) -> tuple[str, ...]:
    """The title in as few lines as hold it: the agency's name and what is said of it apart, each in lines of one length."""
    title, agency = report.title, report.agency
    if ems(title) <= _LINE:
        return (title,)
    parts = (agency, title.removeprefix(agency)) if agency and title.startswith(agency) and title != agency else (title,)
    return tuple(line for part in parts for line in even_lines(part))


def even_lines(text: str) -> tuple[str, ...]:
    """A text in as few lines as hold it, of about one length; a word of Latin letters or figures is not broken."""
    count = math.ceil(ems(text) / _LINE)
    aim = ems(text) / count
    lines = [""]
    for piece in _PIECES.findall(text):
        if len(lines) < count and lines[-1] and ems(lines[-1]) + ems(piece) / 2 > aim:
            lines.append("")
        lines[-1] += piece
    return tuple(line.strip() for line in lines)
