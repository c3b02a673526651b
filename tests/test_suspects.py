"""Which typed cells must be wrong: every smallest set of changes, in the right order, in published and spoilt reports."""

from __future__ import annotations

import io
import itertools
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

import xl2report
from xl2report.checked import Checked, check_content
from xl2report.checks import suspect_words
from xl2report.checks.checking import judgements
from xl2report.checks.figures import FigureTable
from xl2report.checks.smallest import Matrix, OutOfSteps, Steps, changes
from xl2report.checks.suspects import MOST_CELLS, Suspicion, suspects
from xl2report.form.model import NO, YES, Form
from xl2report.printed import file_data, file_text, suspicions
from xl2report.submission import NOWHERE, Entry, Place, Raw, Submission
from xl2report.workbook.marking import marked
from xl2report.workbook.write import write

REPORTS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "reports"
published = pytest.mark.skipif(not REPORTS.exists(), reason="the published figures are not beside the project")
CONSISTENT = ("hongze-2024", "pingtan-2021", "shuyang-fgj-2023", "suqian-2023")

Repair = dict[str, str]


def page(figures: dict[str, int | None], form: Form, zero: str = YES) -> Submission:
    """A page with typed figures, totals too; of the tables with any figure all others are 0."""
    tables = {name.split(".")[0] for name in figures}
    entries = {}
    for table in form.tables:
        entries[table.zero_question.id] = Entry(table.zero_question.id, NOWHERE, zero, blank=False)
        for field in table.cells if table.id in tables else ():
            value = figures.get(field.id, 0)
            place = Place(table.title, field.id, field.path)
            typed = Entry(field.id, place, Decimal(value or 0), Raw("number", str(value)), blank=False)
            entries[field.id] = Entry(field.id, place) if value is None else typed
    return Submission(form.id, form.version, entries, shows_formulas=False, by_labels=True)


def printed(key: str, zero: str = YES) -> tuple[Form, Submission]:
    """Tables 三 and 四 as they were printed; a page of mixed editions under the one that its table 三 is of."""
    data = json.loads((REPORTS / f"{key}.json").read_text(encoding="utf-8"))
    values = [value for row in data["table3"]["rows"] for value in row["values"]]
    forms = map(xl2report.load_form, ("disclosure-2021", "disclosure-2019"))
    form = next(form for form in forms if len(form.tables[1].cells) == len(values))
    figures = dict(zip([field.id for field in form.tables[1].cells], values, strict=True))
    figures |= dict(zip([field.id for field in form.tables[2].cells], data["table4_list"], strict=True))
    return form, page(figures, form, zero)


def found(form: Form, submission: Submission) -> tuple[Suspicion, ...]:
    return suspects(form, submission, FigureTable(form, submission))


def repairs(suspicion: Suspicion) -> list[Repair]:
    return [{change.field: f"{change.now}→{change.needed}" for change in repair} for repair in suspicion.repairs]


def changed(submission: Submission, figures: dict[str, int | Decimal]) -> Submission:
    entries = dict(submission.entries)
    for name, value in figures.items():
        entries[name] = entries[name]._replace(value=Decimal(value), raw=Raw("number", str(value)), blank=False)
    return replace(submission, entries=entries)


# -- published reports -----------------------------------------------------------------------------------------------

PUBLISHED: dict[tuple[str, str], list[list[Repair]]] = {
    ("hongze-2023", YES): [
        [{"review.review.total": "0→11"}],
        [{"review.suit_after_review.total": "0→5"}, {"review.suit_after_review.upheld": "5→0"}],
    ],
    ("pingtan-2020", YES): [
        [
            {"requests.granted.natural": "6→0", "requests.granted.total": "7→1"},
            {"requests.partial.natural": "6→0", "requests.partial.total": "6→0"},
        ]
    ],
    ("shanghai-kw-2024", YES): [[{"requests.carried_out.total": "→1"}]],
    ("shanghai-kw-2024", NO): [[{"requests.carried_out.total": "→1"}]],
    **{(key, YES): [] for key in CONSISTENT},
}


@published
@pytest.mark.parametrize(("key", "zero"), PUBLISHED)
def test_a_published_report_has_exactly_the_suspects_that_its_figures_allow(key: str, zero: str) -> None:
    suspicions = found(*printed(key, zero))
    assert [repairs(one) for one in suspicions] == PUBLISHED[key, zero]
    assert all(one.complete for one in suspicions)
    assert [one.blanks_as_zero for one in suspicions] == [zero == NO] * len(suspicions)


@published
def test_a_printed_report_typed_into_our_workbook_with_all_its_totals_has_the_same_suspects() -> None:
    form, submission = printed("pingtan-2020")
    typed = {name: entry.value for name, entry in submission.entries.items() if form.table_of(name) and entry.value is not None}
    inputs = {name: value for name, value in typed.items() if name not in form.fields or not form.fields[name].parts}
    totals = {name: value for name, value in typed.items() if name not in inputs}
    result = check_content("page.xlsx", write(form, inputs, totals))
    (suspicion,) = suspicions(result)
    assert repairs(suspicion) == PUBLISHED["pingtan-2020", YES][0]


# -- planted errors --------------------------------------------------------------------------------------------------


def wrong(value: int, draw: random.Random) -> int:
    """Another figure than the right one: a slip of the fingers, a 0, or something else."""
    others = (0, value + draw.randint(1, 9), max(0, value - draw.randint(1, 9)), int(str(value)[::-1]), value * 10, value // 10, draw.randint(0, 300))
    return draw.choice([other for other in others if other != value])


def trials(table: str, count: int, seed: int, number: int = 1000) -> Iterable[tuple[list[Repair], Repair, float]]:
    """Planted errors: all repairs that are found, the one that takes the errors back, and the seconds that it took."""
    draw = random.Random(seed)
    reports = [printed(key) for key in CONSISTENT]
    for trial in range(number):
        form, right = reports[trial % len(reports)]
        cells = [field.id for part in form.tables if part.id == table for field in part.cells]
        figures = {name: int(right.number(name) or 0) for name in draw.sample(cells, count)}
        planted = {name: wrong(value, draw) for name, value in figures.items()}
        spoilt = changed(right, planted)
        start = time.perf_counter()
        suspicions = found(form, spoilt)
        seconds = time.perf_counter() - start
        back = {name: f"{planted[name]}→{value}" for name, value in figures.items()}
        yield [repair for one in suspicions for repair in repairs(one)], back, seconds


@published
def test_one_wrong_figure_in_table_three_is_found_and_found_alone() -> None:
    seconds = []
    for listed, back, took in trials("requests", 1, seed=61):
        assert listed == [back]
        seconds.append(took)
    assert statistics.median(seconds) <= 0.05


@published
def test_one_wrong_figure_in_table_four_is_always_listed() -> None:
    ranks, seconds = [], []
    for listed, back, took in trials("review", 1, seed=62):
        assert back in listed
        ranks.append(listed.index(back) + 1)
        seconds.append(took)
    print(f"mean rank {statistics.mean(ranks):.2f} of {max(ranks)}")
    assert statistics.mean(ranks) < 3  # the order says more than chance: five cells may be wrong
    assert statistics.median(seconds) <= 0.05


@published
def test_two_wrong_figures_in_table_three_are_listed_as_a_pair() -> None:
    results = list(trials("requests", 2, seed=63))
    assert statistics.mean(back in listed for listed, back, _ in results) >= 0.95
    assert statistics.median(took for *_, took in results) <= 0.05


@published
@pytest.mark.parametrize("table", ["requests", "review"])
def test_after_any_repair_that_is_listed_all_hard_equalities_hold(table: str) -> None:
    draw = random.Random(64)
    for key in CONSISTENT:
        form, right = printed(key)
        cells = [field.id for part in form.tables if part.id == table for field in part.cells]
        for count in (1, 2, 3, 4) * 5:
            spoilt = changed(right, {name: wrong(int(right.number(name) or 0), draw) for name in draw.sample(cells, count)})
            suspicions = found(form, spoilt)
            for chosen in itertools.islice(itertools.product(*(one.repairs for one in suspicions)), 50):
                mended = changed(spoilt, {change.field: change.needed for repair in chosen for change in repair})
                broken = [one.instance for one in judgements(form, mended) if one.verdict == "fail"]
                assert not [one.id for one in broken if one.rule.severity == "error" and one.check.operator == "=="]


# -- the order and its reasons ---------------------------------------------------------------------------------------

BROKEN: list[tuple[str, dict[str, int | None], list[tuple[Repair, list[str]]]]] = [
    ("a total left 0", {"a": 7}, [({"total": "0→7"}, ["zero-total"]), ({"a": "7→0"}, [""])]),
    ("a total left blank", {"a": 7, "total": None}, [({"total": "→7"}, ["blank-total"]), ({"a": "7→0"}, [""])]),
    ("swapped digits", {"a": 12, "b": 30, "total": 24}, [({"total": "24→42"}, ["transposed"]), ({"b": "30→12"}, [""])]),
    (
        "swapped digits in a part",
        {"a": 12, "b": 30, "total": 51},
        [({"a": "12→21"}, ["transposed"]), ({"total": "51→42"}, [""]), ({"b": "30→39"}, [""]), ({"c": "0→9"}, [""]), ({"d": "0→9"}, [""])],
    ),
    (
        "a digit left out",
        {"a": 1, "b": 30, "total": 42},
        [({"a": "1→12"}, ["dropped-digit"]), ({"total": "42→31"}, [""]), ({"b": "30→41"}, [""]), ({"c": "0→11"}, [""]), ({"d": "0→11"}, [""])],
    ),
    ("a digit too many", {"a": 122, "b": 30, "total": 42}, [({"a": "122→12"}, ["extra-digit"]), ({"total": "42→152"}, [""])]),
    (
        "a part counted twice in the total",
        {"a": 5, "b": 3, "total": 11},
        [({"total": "11→8"}, ["counted-twice"]), ({"a": "5→8"}, [""]), ({"b": "3→6"}, [""]), ({"c": "0→3"}, [""]), ({"d": "0→3"}, [""])],
    ),
    ("a part left out of the total", {"a": 5, "b": 3, "total": 5}, [({"total": "5→8"}, ["left-out"]), ({"a": "5→2"}, ["counted-twice"]), ({"b": "3→0"}, [""])]),
]
SHORT = {"a": "upheld", "b": "corrected", "c": "other", "d": "pending", "total": "total"}


@pytest.mark.parametrize(("figures", "expected"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_the_likeliest_repair_comes_first_with_its_reason(figures, expected) -> None:
    def full(names: dict) -> dict:
        return {f"review.review.{SHORT[name]}": value for name, value in names.items()}

    form = xl2report.load_form("disclosure-2021")
    (suspicion,) = found(form, page(full(figures), form))
    told = [[change.reason for change in repair] for repair in suspicion.repairs]
    assert list(zip(repairs(suspicion), told, strict=True)) == [(full(repair), reasons) for repair, reasons in expected]
    assert [instance.id for instance in suspicion.broken] == ["review_total:review.total"]


def test_a_figure_in_the_neighbouring_column_is_two_cells_that_exchange_their_figures() -> None:
    form = xl2report.load_form("disclosure-2021")
    figures = {
        "requests.new.natural": 8, "requests.new.total": 8, "requests.handled.natural": 8, "requests.handled.total": 8,
        "requests.granted.commercial": 8, "requests.granted.total": 8,
    }  # fmt: skip
    (suspicion,) = found(form, page(figures, form))
    assert repairs(suspicion)[0] == {"requests.granted.natural": "0→8", "requests.granted.commercial": "8→0"}
    assert [change.reason for change in suspicion.repairs[0]] == ["shifted", "shifted"]


def test_rules_of_different_tables_are_different_groups_and_each_is_mended_by_itself() -> None:
    form = xl2report.load_form("disclosure-2021")
    figures = {"requests.new.natural": 3, "review.review.total": 4, "review.suit_direct.pending": 2}
    names = [[instance.id for instance in one.broken] for one in found(form, page(figures, form))]
    assert names == [
        ["balance:natural", "applicants_total:new"], ["review_total:review.total"], ["review_total:suit_direct.total"],
    ]  # fmt: skip


# -- our own workbook, where totals are formulas -----------------------------------------------------------------------


def workbook(figures: dict[str, int], overwritten: dict[str, int] | None = None, blank: tuple[str, ...] = ()) -> Checked:
    form = xl2report.load_form("disclosure-2021")
    values: dict = {field.id: "0" if field.kind == "amount" else Decimal(0) for table in form.tables for field in table.cells if not field.parts}
    values |= {name: Decimal(value) for name, value in figures.items()}
    for name in blank:
        del values[name]
    return check_content("ours.xlsx", write(form, values, {name: Decimal(value) for name, value in (overwritten or {}).items()}))


def test_totals_with_their_formulas_are_never_suspect_and_columns_are_mended_one_by_one() -> None:
    result = workbook({"requests.new.natural": 5, "requests.granted.natural": 4, "requests.partial.commercial": 2})
    first, second = suspicions(result)
    assert [instance.id for instance in first.broken] == ["balance:natural"]
    assert {"requests.new.natural": "5→4"} in repairs(first)
    assert repairs(second) == [
        {"requests.new.commercial": "0→2"}, {"requests.carried_in.commercial": "0→2"}, {"requests.partial.commercial": "2→0"},
    ]  # fmt: skip


def test_a_total_typed_over_its_formula_can_be_wrong() -> None:
    right = {"requests.new.natural": 5, "requests.granted.natural": 5}
    (suspicion,) = suspicions(workbook(right, {"requests.granted.total": 50}))
    assert repairs(suspicion) == [{"requests.granted.total": "50→5"}]
    assert [change.reason for change in suspicion.repairs[0]] == ["extra-digit"]


def test_a_blank_that_is_not_said_to_be_0_comes_first_and_it_is_said_that_it_was_counted_as_0() -> None:
    result = workbook({"requests.granted.natural": 4}, blank=("requests.new.natural",))
    (suspicion,) = suspicions(result)
    assert suspicion.blanks_as_zero
    assert repairs(suspicion)[0] == {"requests.new.natural": "→4"}
    assert suspicion.repairs[0][0].reason == "blank"


def test_a_table_that_is_not_filled_in_yet_has_no_suspects() -> None:
    form = xl2report.load_form("disclosure-2021")
    assert suspicions(check_content("blank.xlsx", xl2report.template(form))) == ()
    begun = write(form, {"requests.new.natural": Decimal(5)})
    assert suspicions(check_content("begun.xlsx", begun)) == ()


def test_a_rule_with_a_cell_that_cannot_be_read_is_left_out() -> None:
    form = xl2report.load_form("disclosure-2021")
    submission = page({"review.review.upheld": 4, "review.suit_direct.total": 3}, form)
    unread = submission.entries["review.review.other"]._replace(value=None, raw=Raw("text", "二"), blank=False)
    spoilt = replace(submission, entries={**submission.entries, "review.review.other": unread})
    assert [[instance.id for instance in one.broken] for one in found(form, spoilt)] == [["review_total:suit_direct.total"]]


def test_a_page_without_a_table_has_no_suspects_in_it() -> None:
    form = xl2report.load_form("disclosure-2021")
    submission = page({"review.review.upheld": 4}, form)
    assert len(found(form, submission)) == 1
    assert found(form, replace(submission, entries={})) == ()


# -- other rules than equalities of sums -------------------------------------------------------------------------------


def ruled(*rules: tuple[str, str, str]) -> Form:
    """The form with other rules: id, when, check; all hard."""
    from xl2report.form.binding import bind
    from xl2report.form.language import parse
    from xl2report.form.model import Rule, Words

    form = xl2report.load_form("disclosure-2021")
    made = tuple(Rule(name, parse(check), Words(name, name), "", "error", parse(when) if when else None) for name, when, check in rules)
    instances = tuple(instance for rule in made for instance in bind(rule, form.fields, form.tables))
    return form._replace(rules=made, instances=instances)


A, B, C = "review.review.upheld", "review.review.corrected", "review.review.other"


@pytest.mark.parametrize(
    ("rules", "figures", "expected"),
    [
        # a change must not break an inequality that holds
        ([("sum", "", f"{A} + {B} == 10"), ("most", "", f"{A} <= 4")], {A: 4, B: 3}, [{B: "3→6"}]),
        # one that is broken already may stay so
        ([("sum", "", f"{A} + {B} == 10"), ("most", "", f"{A} <= 4")], {A: 5, B: 3}, [{A: "5→7"}, {B: "3→5"}]),
        # weights: 3 × a must be a whole number
        ([("sum", "", f"3 * {A} + {B} == 10")], {A: 2, B: 3}, [{B: "3→4"}]),
        ([("sum", "", f"3 * {A} + {B} == 10")], {A: 1, B: 1}, [{A: "1→3"}, {B: "1→7"}]),
        # no figure is below 0
        ([("sum", "", f"{A} + {B} == 2")], {A: 1, B: 8}, [{B: "8→1"}]),
        # a rule whose condition does not hold asks for nothing, until a change makes it hold
        ([("sum", "", f"{A} + {B} == 9"), ("then", f"{A} > 5", f"{C} == 1")], {A: 2, B: 2}, [{B: "2→7"}]),
        ([("then", f"{A} > 5", f"{C} == 1")], {A: 6}, [{C: "0→1"}]),
        # absolute values and products of figures are no equations
        ([("size", "", f"abs({A} - {B}) == 2")], {A: 1, B: 8}, []),
        ([("product", "", f"{A} * {B} == 9")], {A: 1, B: 8}, []),
        # what contradicts itself has no repair, and that is said
        ([("one", "", f"{A} == 1"), ("two", "", f"{A} == 2")], {A: 1}, [None]),
    ],
)
def test_rules_of_all_kinds_are_kept(rules, figures, expected) -> None:
    form = ruled(*rules)
    suspicions = found(form, page(figures, form))
    listed = [repair for one in suspicions for repair in repairs(one) or [None]]
    assert sorted(map(str, listed)) == sorted(map(str, expected))
    assert all(one.complete for one in suspicions)


# -- the search ------------------------------------------------------------------------------------------------------


def every_set(columns: dict[str, dict[int, int]], residual: dict[int, int], size: int) -> set[tuple[tuple[str, Fraction], ...]]:
    """By trying all sets, with Cramer's rule on every choice of rows."""
    solutions = set()
    rows = sorted({row for column in columns.values() for row in column} | set(residual))
    for names in itertools.combinations(columns, size):
        for chosen in itertools.combinations(rows, size):
            square = [[columns[name].get(row, 0) for name in names] for row in chosen]
            whole = determinant(square)
            if not whole:
                continue
            values = []
            for at in range(size):
                other = [[*line[:at], -residual.get(row, 0), *line[at + 1 :]] for line, row in zip(square, chosen, strict=True)]
                values.append(Fraction(determinant(other), whole))
            left = {row: residual.get(row, 0) + sum(columns[name].get(row, 0) * value for name, value in zip(names, values, strict=True)) for row in rows}
            if all(values) and not any(left.values()):
                solutions.add(tuple(zip(names, values, strict=True)))
    return solutions


def determinant(square: list[list[int]]) -> int:
    if len(square) == 1:
        return square[0][0]
    return sum((-1) ** at * square[0][at] * determinant([[*line[:at], *line[at + 1 :]] for line in square[1:]]) for at in range(len(square)))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_search_finds_exactly_what_trying_everything_finds(size: int) -> None:
    draw = random.Random(size)
    met = 0
    for _ in range(150):
        rows, weights = draw.randint(1, 5), draw.choice(((1, -1), (1, -1, 2, -3)))
        columns = {}
        for at in range(draw.randint(size, 8)):
            touched = draw.sample(range(rows), draw.randint(1, min(3, rows)))
            columns[f"c{at}"] = {row: draw.choice(weights) for row in touched}
        residual: dict[int, int] = {}
        for name in draw.sample(sorted(columns), size):
            for row, weight in columns[name].items():
                residual[row] = residual.get(row, 0) + weight * draw.randint(1, 4)
        residual = {row: value for row, value in residual.items() if value}
        if not residual:
            continue
        listed = [tuple(sorted(found)) for found in changes(Matrix(columns), residual, size, Steps(1_000_000))]
        assert len(set(listed)) == len(listed)
        expected = every_set(columns, residual, size)
        assert set(listed) == expected
        met += len(expected)
    assert met > 100


def test_the_search_gives_up_after_its_steps_and_what_it_found_is_right() -> None:
    columns = {f"c{at}": {0: 1} for at in range(50)}
    listed = []

    def search() -> None:
        for one in changes(Matrix(columns), {0: 3}, 1, Steps(400)):
            listed.append(one)

    with pytest.raises(OutOfSteps):
        search()
    assert 0 < len(listed) < 50
    assert all(found == ((found[0][0], Fraction(-3)),) for found in listed)


def spoilt_everywhere() -> tuple[Form, Submission]:
    """A page whose totals are all wrong, each by another figure."""
    form = xl2report.load_form("disclosure-2021")
    cells = [field for field in form.tables[1].cells if field.parts]
    return form, page({field.id: 100 + at * at for at, field in enumerate(cells)}, form)


def test_a_page_that_is_wrong_everywhere_is_given_up_soon_and_it_is_said() -> None:
    form, submission = spoilt_everywhere()
    start = time.perf_counter()
    (suspicion,) = found(form, submission)
    assert time.perf_counter() - start < 2
    assert suspicion.repairs == ()
    assert len(suspicion.broken) > MOST_CELLS


def ambiguous(columns: int) -> tuple[Form, Submission]:
    """A page whose results add up to 7 too few in some columns: any row of results may be where they are lacking."""
    form = xl2report.load_form("disclosure-2021")
    draw = random.Random(65)
    cells = [field for field in form.tables[1].cells if not field.parts]
    figures = {field.id: draw.randint(50, 90) for field in cells}
    names = list(dict.fromkeys(field.id.rpartition(".")[2] for field in cells))
    for at, column in enumerate(names):
        total = form.fields[f"requests.handled.{column}"]
        figures[total.id] = sum(figures[part] for part in total.parts) + 7 * (at < columns)
        figures[f"requests.new.{column}"] = sum(figures[f"requests.{row}.{column}"] * sign for row, sign in (("handled", 1), ("carried_out", 1), ("carried_in", -1)))
    for row in dict.fromkeys(field.id.split(".")[1] for field in form.tables[1].cells):
        figures[f"requests.{row}.total"] = sum(figures[f"requests.{row}.{column}"] for column in names)
    return form, page({**figures, "review.review.total": 4}, form)


def test_a_search_that_takes_too_long_is_given_up_and_the_other_groups_have_their_answer() -> None:
    form, submission = ambiguous(6)
    hard, easy = found(form, submission)
    assert (len(hard.broken), hard.repairs, hard.complete) == (7, (), False)
    parts = [{f"review.review.{part}": "0→4"} for part in ("upheld", "corrected", "other", "pending")]
    assert (repairs(easy), easy.complete) == ([*parts, {"review.review.total": "4→0"}], True)
    assert "没有查完" in suspect_words.heading(hard, "zh")
    assert "given up" in suspect_words.heading(hard, "en")


def test_every_row_that_may_be_the_wrong_one_is_listed() -> None:
    form, submission = ambiguous(3)
    suspicion = found(form, submission)[0]
    rows = [{change.field.split(".")[1] for change in repair} for repair in suspicion.repairs]
    assert len(rows) == len(set(map(tuple, rows))) == 21
    assert all(len(row) == 1 for row in rows)
    assert suspicion.complete


def test_the_same_page_has_the_same_suspects_whatever_the_order_of_its_entries() -> None:
    form = xl2report.load_form("disclosure-2021")
    submission = page({"requests.new.natural": 3, "requests.granted.commercial": 2, "review.review.total": 4}, form)
    turned = replace(submission, entries=dict(reversed(submission.entries.items())))
    assert found(form, submission) == found(form, turned)


# -- shown -----------------------------------------------------------------------------------------------------------


def test_check_shows_five_repairs_a_group_and_how_many_more_there_are() -> None:
    result = workbook({"requests.new.natural": 5, "requests.granted.natural": 4})
    (suspicion,) = suspicions(result)
    assert len(suspicion.repairs) > 5
    lines = file_text(result, "zh").splitlines()
    at = next(number for number, line in enumerate(lines) if "可能填错的格 [balance]" in line)
    assert "三、收到和处理申请 E9（" in lines[at + 1]
    assert lines[at + 1].endswith("应为 4（现为 5）")
    assert f"另有 {len(suspicion.repairs) - 5} 种改法" in lines[at + 6]
    assert any("these rules hold" in line for line in file_text(result, "en").splitlines())


def test_the_json_has_every_repair() -> None:
    result = workbook({"requests.new.natural": 5, "requests.granted.natural": 4})
    (data,) = file_data(result, "zh")["suspects"]
    assert data["rules"] == [{"rule": "balance", "item": ["申请人情况", "自然人"]}]
    assert len(data["repairs"]) == len(suspicions(result)[0].repairs)
    (first,) = data["repairs"][0]
    assert (first["cell"], first["value"], first["needed"], first["reason"]) == ("E9", "5", "4", None)


def test_a_workbook_without_broken_rules_has_none() -> None:
    result = workbook({"requests.new.natural": 4, "requests.granted.natural": 4})
    assert file_data(result, "zh")["suspects"] == []
    assert "可能填错的格" not in file_text(result, "zh")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_of_a_marked_workbook_ends_with_them_and_links_to_their_cells(language: str) -> None:
    result = workbook({"review.review.upheld": 11}, {"review.review.total": 0})
    first = suspicions(result)
    copy = marked(result.content, result.findings, ("单位1",), language, first)
    sheet = openpyxl.load_workbook(io.BytesIO(copy)).worksheets[0]
    linked = [(row[0].hyperlink.location, row[4].value, row[5].value) for row in sheet.iter_rows(min_col=4) if row[0].hyperlink][-2:]
    assert linked == [("'四、复议和诉讼'!F9", "0", "11"), ("'四、复议和诉讼'!B9", "11", "0")]
    again = check_content("again.xlsx", copy)
    assert suspicions(again) == first
    assert marked(copy, again.findings, ("单位1",), language, first) == copy
    assert marked(copy, (), (), language) != copy


@pytest.mark.parametrize(("sample", "loaded"), [("example-county-2023", False), ("faulty-2023", True)])
def test_only_a_file_with_broken_rules_pays_for_the_search(sample: str, loaded: bool) -> None:
    root = Path(__file__).resolve().parent.parent
    script = (
        "import sys\nfrom pathlib import Path\nfrom xl2report.checked import check_file\nfrom xl2report.printed import file_data\n"
        f"file_data(check_file(Path('samples/{sample}/filled.xlsx')), 'zh')\nprint('xl2report.checks.suspects' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(loaded)
