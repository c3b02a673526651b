"""The cells of one sheet of an old format, as calamine's values and the file's own outline tell them together.

Runs in the child process: nothing that is slow to import.
"""

from __future__ import annotations

import datetime

from xl2report.workbook.outline import BOOLEAN, DATE, NUMBER, PERCENT, TEXT, UNKNOWN, Outline, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Value = int | float | str | datetime.date | datetime.time | datetime.timedelta
    Cell = tuple[int, int, str, str]

_KINDS = frozenset({UNKNOWN, NUMBER, TEXT, BOOLEAN, DATE, PERCENT})
_PLAIN_EXPONENTS = range(-10, 21)  # of numbers that are written without one


def cells(rows: list[list[Value]], start: tuple[int, int], outline: Outline) -> Iterator[Cell]:
    """Row, column, kind and text of each cell that holds something; Refused where calamine and the file disagree on which."""
    top, left = start
    height, width = len(rows), len(rows[0]) if rows else 0
    unmatched = sum(len(values) - values.count("") for values in rows)
    for (row, column), nature in outline.cells.items():
        is_inside = 0 <= row - top < height and 0 <= column - left < width
        value = rows[row - top][column - left] if is_inside else ""
        if value != "":
            unmatched -= 1
        elif nature == UNKNOWN:
            continue
        yield row, column, *_cell(value, nature, outline, (row, column))
    if unmatched:
        raise Refused("F103", "broken-file")


def _cell(value: Value, nature: str, outline: Outline, place: tuple[int, int]) -> tuple[str, str]:
    if nature not in _KINDS:
        return "error", nature  # calamine gives nothing, or a 0
    if nature == TEXT and place in outline.texts:
        return TEXT, outline.texts[place]
    if value == "":
        raise Refused("F103", "broken-file")  # calamine left it out
    if isinstance(value, bool):
        return BOOLEAN, "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if nature == DATE and (date := date_text(value, outline.date1904)):
            return DATE, date
        if nature == PERCENT and (shown := number(value * 100))[0] == NUMBER:
            return PERCENT, f"{shown[1]}%"
        return number(value)
    if isinstance(value, str):
        return DATE if nature == DATE else TEXT, value
    return DATE, moment(value)


def number(value: int | float) -> tuple[str, str]:
    """The kind and the text of a number at the 15 digits that a spreadsheet keeps, with an exponent only when it is far out."""
    text = format(value, ".15g")
    if text in ("nan", "inf", "-inf"):
        return "error", text
    if text == "-0":
        return NUMBER, "0"
    mantissa, _, exponent = text.partition("e")
    if not exponent or int(exponent) not in _PLAIN_EXPONENTS:
        return NUMBER, text.upper()
    sign, digits = "-" * mantissa.startswith("-"), mantissa.lstrip("-").replace(".", "")
    power = int(exponent)
    return NUMBER, sign + (digits.ljust(power + 1, "0") if power > 0 else "0." + "0" * (-power - 1) + digits)


def date_text(serial: float, date1904: bool) -> str:
    """The date of a serial number, "" if it is none (1900 has a 29 February that never was)."""
    if serial < (0 if date1904 else 1) or serial >= 3_000_000:
        return ""
    days = int(serial)
    first = datetime.date(1904, 1, 1) if date1904 else datetime.date(1899, 12, 30 if days > 60 else 31)
    try:
        return (first + datetime.timedelta(days)).isoformat()
    except OverflowError:
        return ""


def moment(value: datetime.date | datetime.time | datetime.timedelta) -> str:
    """A date as 2024-01-18, with its time of day if it has one; a time or a duration as hours, minutes, seconds."""
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "seconds")
    return value.isoformat("seconds") if isinstance(value, datetime.time) else value.isoformat()
