"""One cell under its field: the entry it makes, and what has to be remarked about it."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

from xl2report.checks.catalogue import REPAIRS
from xl2report.checks.numbers import is_blank_text, read_number
from xl2report.form.model import NO, YES, Field
from xl2report.submission import Entry, Place, Raw, Remark

_DATE = re.compile(r"\s*([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?\s*\Z")
_PLAIN_AMOUNT = re.compile(r"(?=(?:\D*\d){1,15}\D*\Z)-?[0-9]+(\.[0-9]+)?\Z")
_LINK = re.compile(r"https?://[^\s/]+\S*\Z", re.IGNORECASE)
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")  # printable, they say, and not to be seen


def read_entry(field: Field, raw: Raw, place: Place) -> tuple[Entry, tuple[Remark, ...]]:
    """The entry of one cell. A number keeps its value beside a fault (a negative count is still a number)."""
    if field.is_number:
        return _number_entry(field, raw, place)
    text = plain_text(raw)
    if is_blank_text(text) and raw.kind != "error":
        return Entry(field.id, place, raw=raw), ()
    if raw.kind in ("error", "boolean"):
        return _refused(field, raw, place, "V309" if raw.kind == "error" else "V308")
    match field.kind:
        case "choice" | "yesno":
            labels = (YES, NO) if field.kind == "yesno" else tuple(choice.label for choice in field.choices)
            value = text.strip()
            if value not in labels:
                return _refused(field, raw, place, "V401", choices="、".join(labels))
            if value != text:
                entry = Entry(field.id, place, value, raw, blank=False)
                return entry, (_remark("V201", field, raw, place, value=value, repairs="spaces"),)
        case "date":
            value = _moment_date(text) if raw.kind == "date" else _date(text)
            if not value:
                return _refused(field, raw, place, "V402")
            if value != text:
                entry = Entry(field.id, place, value, raw, blank=False)
                return entry, (_remark("V201", field, raw, place, value=value, repairs="time" if raw.kind == "date" else "date"),)
        case "link":
            value = text.strip()
            if not _LINK.match(value):
                return _refused(field, raw, place, "V403")
            if value != text:
                entry = Entry(field.id, place, value, raw, blank=False)
                return entry, (_remark("V201", field, raw, place, value=value, repairs="spaces"),)
        case _:
            value = text
    return Entry(field.id, place, value, raw, blank=False), ()


def reads_plainly(field: Field, raw: Raw) -> bool:
    """True if the sheet's own formulas read the cell as the grammar does: numbers, and amounts typed without frills."""
    return raw.kind != "text" or (field.kind == "amount" and bool(_PLAIN_AMOUNT.match(raw.text)))


def visible(text: str) -> str:
    """A raw text with its invisible characters spelled out, for quoting."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"<U+{ord(character):04X}>" if _is_invisible(character) else character for character in text)


def _is_invisible(character: str) -> bool:
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return not character.isprintable() or character in _FILLERS or selector


def _number_entry(field: Field, raw: Raw, place: Place) -> tuple[Entry, tuple[Remark, ...]]:
    reading = read_number(raw, field)
    if reading.state == "blank":
        return Entry(field.id, place, raw=raw), ()
    if reading.state == "placeholder":
        return Entry(field.id, place, raw=raw, blank=True), ()
    entry = Entry(field.id, place, reading.value, raw, blank=False)
    remarks = []
    if reading.fault:
        low, high = (field.minimum if field.minimum is not None else ""), (field.maximum if field.maximum is not None else "")
        words = {"decimals": str(field.decimals), "unit": field.unit or "—", "range": f"{low}–{high}"}
        remarks.append(_remark(reading.fault, field, raw, place, **words))
    elif reading.repairs:
        repairs = ",".join(reading.repairs)
        remarks.append(_remark("V201", field, raw, place, value=str(reading.value), repairs=repairs))
    return entry, tuple(remarks)


def repair_words(names: str, language: str) -> str:
    """The words for the comma-separated names of repairs."""
    separator = ", " if language == "en" else "，"
    return separator.join(REPAIRS[name].in_language(language) for name in names.split(","))


def plain_text(raw: Raw) -> str:
    """A cell as text; a stored number as people write it."""
    if raw.kind != "number":
        return raw.text
    return f"{read_plain(raw.text)}"


def read_plain(digits: str) -> str:
    """A stored number as people write it: no exponent, no trailing point."""
    return f"{Decimal(digits):f}".removesuffix(".0")


def _moment_date(text: str) -> str:
    """The date of a stored moment; "" for a time of day or a duration alone."""
    return _date(text[:10]) if text[10:11] in ("", " ", "T") else ""


def _date(text: str) -> str:
    match = _DATE.match(text)
    if not match:
        return ""
    try:
        return datetime.date(*(int(part) for part in match.groups())).isoformat()
    except ValueError:
        return ""


def _refused(field: Field, raw: Raw, place: Place, code: str, **words: str) -> tuple[Entry, tuple[Remark, ...]]:
    entry = Entry(field.id, place, None, raw, blank=False)
    return entry, (_remark(code, field, raw, place, **words),)


def _remark(code: str, field: Field, raw: Raw, place: Place, **words: str) -> Remark:
    return Remark(code, place, (("raw", visible(raw.text)), *words.items()), field.id)
