"""What the stored text of a cell says by the cell's type and style: numbers, dates, percentages, logical values, faults."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal

from xl2report.submission import Raw
from xl2report.workbook.package import Unreadable

SPACES = " \t\r\n"  # of XML
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\Z")
_ISO_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z?)?\Z")
_BOOLEANS = {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}
_DIGITS_LIMIT = 400  # of a stored number: more is no figure
_QUOTED = 40  # characters of what is no value
_DAY = 86_400
_NO_DAY = 60  # 29 February 1900, by its serial number


def number(text: str, formula: str, style: str, shown_as: Mapping[str, str], date1904: bool) -> Raw:
    """A cell of the type n, as its style shows it."""
    text = text.strip(SPACES)
    if not text:
        return Raw("blank", "", formula)
    if len(text) > _DIGITS_LIMIT or not _NUMBER.match(text) or not _is_storable(text):
        return Raw("error", text[:_QUOTED], formula)
    kind = shown_as.get(style)
    if kind is None:  # no such style, or its number is written in an odd way
        index = small_whole(style.strip(SPACES))
        if index is None:
            raise Unreadable("F104", detail="broken-xml")
        kind = shown_as.get(str(index), "number")
    if kind == "percent":
        return Raw("percent", f"{(Decimal(text) * 100).normalize():f}%", formula)
    if kind == "date" and (date := _date(text, date1904)):
        return Raw("date", date, formula)
    return Raw("number", text, formula)


def other(kind: str, text: str, formula: str) -> Raw:
    """A cell of the type b, e or d, or of one that does not exist."""
    text = text.strip(SPACES)
    if not text:
        return Raw("blank", "", formula)
    if kind == "b" and text in _BOOLEANS:
        return Raw("boolean", _BOOLEANS[text], formula)
    if kind == "d" and _ISO_DATE.match(text):
        return Raw("date", text.removesuffix("Z").removesuffix("T00:00:00"), formula)
    return Raw("error", text[:_QUOTED], formula)


def small_whole(text: str) -> int | None:
    """A small whole number from an attribute, or None: int() would take ² and underscores, and go on for ever."""
    return int(text) if len(text) <= 7 and text.isascii() and text.isdigit() else None


def _is_storable(text: str) -> bool:
    """True for a number that a spreadsheet can hold, which is a double."""
    value = Decimal(text) if "e" in text or "E" in text else Decimal(0)
    return not value or -324 <= value.adjusted() <= 308


def _date(serial: str, date1904: bool) -> str:
    """The ISO date of a serial number, with the time of day if it has one, or "" if it is no date."""
    try:
        value = Decimal(serial)
        if value.adjusted() > 7:
            return ""
        days, seconds = divmod(round(value * _DAY), _DAY)
        if days < (0 if date1904 else 1):
            return ""
        if days == _NO_DAY and not date1904:
            date = "1900-02-29"  # which never was, but is what the spreadsheet shows
        else:
            start = datetime.date(1904, 1, 1) if date1904 else datetime.date(1899, 12, 30 if days > _NO_DAY else 31)
            date = (start + datetime.timedelta(days)).isoformat()
        return f"{date}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" if seconds else date
    except (ArithmeticError, ValueError):
        return ""
