"""The one number grammar: what a person typed in a number cell, read without ever guessing.

Accepted as it stands: digits, one decimal point, a leading minus. Accepted with a note: full-width digits, spaces,
right thousands separators, a leading plus, the field's own unit, ``3.0`` for a count. Everything else is refused
with the reason. Never ``int()``, ``float()`` or NFKC on typed text: they turn ``①`` into 1 and ``1_0`` into 10.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import NamedTuple

from xl2report.form.model import Field
from xl2report.submission import Raw

PLACEHOLDERS: frozenset[str] = frozenset({"/", "-", "—", "——", "－", "／", "无", "–"})
LARGEST_DIGITS = 15  # what a spreadsheet keeps of a number
_LONGEST = 100  # characters that may say a number, and why they do not

_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?\Z")
_SPACES = re.compile(r"[\s\u00a0\u200b-\u200d\u2060\u3000\ufeff]+")
_LEADING_ZEROS = re.compile(r"[+-]?0[0-9]")
_SPACED_DIGITS = re.compile(r"[0-9０-９][\s\u00a0\u3000]+[0-9０-９]")
_SPACED_THOUSANDS = re.compile(r"\s*[+-]?[0-9]{1,3}([ \u00a0\u3000][0-9]{3})+(?![\s\u00a0\u3000]*[0-9])")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋", "0123456789.,-+")
_UNITS = ("万元", "亿元", "元", "件", "项", "个", "宗", "次", "人", "条")
_REFUSALS: tuple[tuple[str, str], ...] = (  # compiled when first needed: most files need none
    ("V309", r"#"),
    ("V307", r"[%％‰]"),
    ("V301", r"[0-9][0-9.,]*[余多]?[万亿千百]"),
    ("V304", r"[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3229\u2070-\u2089¹²³]"),
    ("V305", r"\A[约近共]?[零〇一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾]+[余多]?[万亿]?元?[件项个宗次人条]?(左右|上下)?\Z"),
    ("V306", r"\A[0-9]{1,4}[-/.年:][0-9]{1,2}([-/.月:][0-9]{0,4}[日号]?)?\Z"),
    ("V303", r"(?=.*[0-9])[0-9.,]*[OoIlQ][0-9OoIlQ.,]*\Z"),
)
_15_DIGITS = Context(prec=15)


class Reading(NamedTuple):
    """What a number cell says. ``state`` is number, blank, placeholder or refused; a fault may stand beside a number
    (a negative count is a number, and wrong). ``repairs`` are the words for what was accepted."""

    state: str
    value: Decimal | None = None
    fault: str = ""
    repairs: tuple[str, ...] = ()


def read_number(raw: Raw, field: Field) -> Reading:
    """The reading of one number cell under the properties of its field."""
    match raw.kind:
        case "blank":
            return Reading("blank")
        case "boolean":
            return Reading("refused", fault="V308")
        case "error":
            return Reading("refused", fault="V309")
        case "date":
            return Reading("refused", fault="V306")
        case "percent":
            return Reading("refused", fault="V307")
        case "number":
            return _of_number(raw.text, field)
        case "text":
            return _of_text(raw.text, field)


def is_blank_text(text: str) -> bool:
    """True for a text of nothing but white space."""
    return not _SPACES.sub("", text)


def _of_number(text: str, field: Field) -> Reading:
    try:
        value = Decimal(text)
    except ArithmeticError:
        return Reading("refused", fault="V309")
    if not value.is_finite():
        return Reading("refused", fault="V309")
    if value and not -30 < value.adjusted() < LARGEST_DIGITS:
        return Reading("refused", fault="V312")
    rounded = _15_DIGITS.plus(value)
    return _judged(value if rounded == value else rounded.normalize(), field, ())


def _of_text(text: str, field: Field) -> Reading:
    repairs: list[str] = []
    bare = _SPACES.sub("", text)
    if not bare:
        return Reading("blank")
    if len(bare) > _LONGEST:
        return Reading("refused", fault="V300")
    if bare in PLACEHOLDERS:
        return Reading("placeholder")
    if bare != text:
        repairs.append("spaces")
    if _SPACED_DIGITS.search(text) and not _SPACED_THOUSANDS.match(text.translate(_FULL_WIDTH)):
        return Reading("refused", fault="V317")  # 3 4 may be 34, or two figures
    narrow = bare.translate(_FULL_WIDTH)
    if narrow != bare:
        repairs.append("full-width")
    if field.unit and narrow.endswith(field.unit) and narrow != field.unit:
        narrow = narrow.removesuffix(field.unit)
        repairs.append("unit")
    if _THOUSANDS.match(narrow):
        narrow = narrow.replace(",", "")
        repairs.append("thousands")
    if not _PLAIN.match(narrow):
        return Reading("refused", fault=_refusal(narrow, field.unit))
    if narrow.startswith("+"):
        repairs.append("plus")
    if _LEADING_ZEROS.match(narrow):
        repairs.append("zeros")
    if field.kind != "amount" and not repairs:
        repairs.append("text")
    if sum(character.isdigit() for character in narrow) > LARGEST_DIGITS:
        return Reading("refused", fault="V312")
    value = Decimal(narrow)
    if not value and narrow.startswith("-"):
        value = abs(value)
        repairs.append("minus-zero")
    return _judged(value, field, tuple(repairs))


def _judged(value: Decimal, field: Field, repairs: tuple[str, ...]) -> Reading:
    """The number under its field: whole, sign, decimals, size, range."""
    if value and value.adjusted() >= LARGEST_DIGITS:
        return Reading("refused", fault="V312")
    whole = value == value.to_integral_value()
    if field.kind in ("count", "change"):
        if not whole:
            return Reading("number", value, "V302", repairs)
        if int(value.as_tuple().exponent) < 0:
            repairs = (*repairs, "point-zero")
        value = value.quantize(Decimal(1))
    elif not whole and -int(value.normalize().as_tuple().exponent) > field.decimals:
        return Reading("number", value, "V313", repairs)
    if value < 0 and field.kind != "change":
        return Reading("number", value, "V311", repairs)
    too_small = field.minimum is not None and value < field.minimum
    if too_small or (field.maximum is not None and value > field.maximum):
        return Reading("number", value, "V314", repairs)
    return Reading("number", value, repairs=repairs)


def _refusal(text: str, own_unit: str) -> str:
    """The code that says best why a text is no number."""
    if own_unit.startswith("万") and _PLAIN.match(text.removesuffix("万")):
        return "V316"
    if any(text.endswith(unit) and _PLAIN.match(text.removesuffix(unit)) for unit in _UNITS):
        return "V315"
    return next((code for code, pattern in _REFUSALS if re.search(pattern, text)), "V300")
