"""The number grammar: what is accepted, what is accepted with a note, what is refused and why."""

import re
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl2report.checks.entries import visible
from xl2report.checks.numbers import read_number
from xl2report.form.model import Field
from xl2report.submission import Raw

COUNT = Field("t.n", "件数", ("件数",), "count", unit="件")
CHANGE = Field("t.c", "增减", ("增减",), "change", unit="项")
AMOUNT = Field("t.a", "金额", ("金额",), "amount", unit="万元", decimals=6)

ACCEPTED = [
    # field, typed text, value, repairs
    (COUNT, "0", "0", ("text",)),
    (COUNT, " 12 ", "12", ("spaces",)),
    (COUNT, "１２", "12", ("full-width",)),
    (COUNT, "3件", "3", ("unit",)),
    (COUNT, "３ 件", "3", ("spaces", "full-width", "unit")),
    (COUNT, "1,234,567", "1234567", ("thousands",)),
    (COUNT, "1，234", "1234", ("full-width", "thousands")),
    (COUNT, "1 200", "1200", ("spaces",)),
    (COUNT, "12 345 678 件", "12345678", ("spaces", "unit")),
    (COUNT, "+5", "5", ("plus",)),
    (COUNT, "3.0", "3", ("text", "point-zero")),
    (COUNT, "007", "7", ("zeros",)),
    (AMOUNT, "0077.4960", "77.4960", ("zeros",)),
    (AMOUNT, "-0", "0", ("minus-zero",)),
    (CHANGE, "-0", "0", ("text", "minus-zero")),
    (CHANGE, "-8", "-8", ("text",)),
    (CHANGE, "－8", "-8", ("full-width",)),
    (AMOUNT, "77.4960", "77.4960", ()),
    (AMOUNT, "316441.123456", "316441.123456", ()),
    (AMOUNT, "7545万元", "7545", ("unit",)),
    (AMOUNT, "59,237.2449", "59237.2449", ("thousands",)),
    (AMOUNT, "0", "0", ()),
]

REFUSED = [
    (COUNT, "3.5", "V302"),
    (COUNT, "-3", "V311"),
    (COUNT, "3万", "V301"),
    (COUNT, "1.2亿", "V301"),
    (COUNT, "1O", "V303"),
    (COUNT, "l2", "V303"),
    (COUNT, "①", "V304"),
    (COUNT, "3²", "V304"),
    (COUNT, "一百二十", "V305"),
    (COUNT, "二〇", "V305"),
    (COUNT, "3-4", "V306"),
    (COUNT, "2023年1月", "V306"),
    (COUNT, "12%", "V307"),
    (COUNT, "１２％", "V307"),
    (COUNT, "#REF!", "V309"),
    (COUNT, "1234567890123456", "V312"),
    (AMOUNT, "999999999999999.12", "V312"),
    (COUNT, "3 4", "V317"),
    (COUNT, "1 20", "V317"),
    (COUNT, "1 200 3", "V317"),
    (COUNT, "1\n2", "V317"),
    (AMOUNT, "1.5 2", "V317"),
    (AMOUNT, "77.4960万", "V316"),
    (COUNT, "1,23", "V300"),
    (COUNT, "0,123", "V300"),
    (COUNT, "12,34,567", "V300"),
    (COUNT, "1e5", "V300"),
    (COUNT, "0x10", "V300"),
    (COUNT, "1_000", "V300"),
    (COUNT, "三件左右", "V305"),
    (COUNT, "约3件", "V300"),
    (COUNT, "3.危及“三安全一稳定”", "V300"),
    (COUNT, "约二十余件", "V305"),
    (COUNT, "22（其中修订16件）", "V300"),
    (COUNT, "nan", "V300"),
    (COUNT, "--3", "V300"),
    (COUNT, ".5", "V300"),
    (COUNT, "5.", "V300"),
    (COUNT, "٣", "V300"),
    (COUNT, "7项", "V315"),
    (AMOUNT, "7545元", "V315"),
    (AMOUNT, "1.2345678", "V313"),
    (AMOUNT, "-1", "V311"),
]


@pytest.mark.parametrize(("field", "typed", "value", "repairs"), ACCEPTED)
def test_a_text_that_says_one_number_is_accepted_and_every_repair_is_named(field, typed, value, repairs):
    reading = read_number(Raw("text", typed), field)
    assert (reading.state, str(reading.value), reading.fault, reading.repairs) == ("number", value, "", repairs)


@pytest.mark.parametrize(("field", "typed", "code"), REFUSED)
def test_a_text_that_does_not_is_refused_with_the_reason(field, typed, code):
    assert read_number(Raw("text", typed), field).fault == code


@pytest.mark.parametrize("typed", ["/", "-", "—", "——", "无", " 无 ", "／"])
def test_placeholders_are_neither_numbers_nor_faults(typed):
    assert read_number(Raw("text", typed), COUNT).state == "placeholder"


@pytest.mark.parametrize("typed", ["", " ", "\u3000", "\u200b", "\n\t"])
def test_white_space_alone_is_a_blank(typed):
    assert read_number(Raw("text", typed), COUNT).state == "blank"


@pytest.mark.parametrize(
    ("raw", "value", "fault"),
    [
        (Raw("number", "3"), "3", ""),
        (Raw("number", "3.0000000000000004"), "3", ""),  # read at 15 significant digits
        (Raw("number", "77.495999999999995"), None, "V302"),
        (Raw("number", "1E3"), "1000", ""),
        (Raw("number", "NaN"), None, "V309"),
        (Raw("number", "INF"), None, "V309"),
        (Raw("number", "1E300"), None, "V312"),
        (Raw("number", "1E1000000"), None, "V312"),
        (Raw("number", "1E-100000"), None, "V312"),
        (Raw("boolean", "TRUE"), None, "V308"),
        (Raw("error", "#DIV/0!"), None, "V309"),
        (Raw("date", "2023-03-04"), None, "V306"),
    ],
)
def test_stored_values_are_read_by_what_they_are(raw, value, fault):
    reading = read_number(raw, COUNT)
    assert reading.fault == fault
    if value is not None:
        assert str(reading.value) == value


def test_an_amount_stored_as_a_number_is_read_at_fifteen_digits():
    assert read_number(Raw("number", "77.495999999999995"), AMOUNT).value == Decimal("77.496")


@given(st.text(max_size=12))
def test_no_text_is_ever_read_as_a_number_that_its_own_digits_do_not_say(typed):
    reading = read_number(Raw("text", typed), COUNT)
    if reading.value is not None:
        wide = str.maketrans("０１２３４５６７８９．－", "0123456789.-")
        kept = "".join(c for c in typed.translate(wide) if c in "0123456789.-")
        assert Decimal(kept) == reading.value


_NUMERIC = st.text(alphabet="0123456789０１９．，。,.-－+＋ \u00a0\u3000\u200b\ufeff件万元项OolI①②³一二十百%/eE_xX年月'’٣\t\n", max_size=14)


@given(_NUMERIC, st.sampled_from((COUNT, CHANGE, AMOUNT)))
def test_a_number_is_accepted_only_with_all_its_digits_in_their_order(typed, field):
    reading = read_number(Raw("text", typed), field)
    assert reading.state in ("number", "blank", "placeholder", "refused")
    assert (reading.state == "refused") == (reading.value is None and bool(reading.fault))
    if reading.value is None:
        return
    wide = str.maketrans("０１９．", "019.")
    digits = "".join(c for c in typed.translate(wide) if c in "0123456789.")
    assert Decimal(digits) == abs(reading.value)
    assert (reading.value < 0) <= (typed.strip(" \u00a0\u3000\u200b\ufeff\t\n")[0] in "-－")
    plain = str(reading.value) == typed
    assert reading.fault or reading.repairs or (plain and field is AMOUNT), "accepted without a note although it was repaired"


@given(_NUMERIC)
def test_what_is_quoted_shows_every_invisible_character(typed):
    quoted = visible(typed)
    assert all(character.isprintable() for character in quoted)
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in quoted)
    assert re.sub("<U\\+([0-9A-F]{4,6})>", lambda match: chr(int(match[1], 16)), quoted) == typed


def test_no_control_mark_or_odd_space_of_unicode_is_quoted_as_it_stands():
    hidden = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp") and code != 32]
    assert [character for character in hidden if visible(character) != f"<U+{ord(character):04X}>"] == []
    assert visible("三 ，（）“”𬭩堃") == "三 ，（）“”𬭩堃"


@given(st.integers(min_value=0, max_value=999_999_999_999_999))
def test_every_whole_number_is_read_back_exactly(number):
    assert read_number(Raw("number", str(number)), COUNT).value == number
    assert read_number(Raw("text", f"{number:,}件"), COUNT).value == number


@given(st.decimals(min_value=0, max_value=10**8, places=6))
def test_every_amount_is_kept_as_it_was_typed(amount):
    assert str(read_number(Raw("text", f"{amount:f}"), AMOUNT).value) == f"{amount:f}"
