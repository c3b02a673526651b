"""One rule, two compilers: what 校验 shows after recalculation is what Python says, for every rule instance."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest

import parity
from parity import (
    FORMS,
    FULL_SETS,
    ROOT,
    Book,
    CellSet,
    Typed,
    cell_sets,
    consistent,
    consistent_last,
    cut_book,
    disagreements,
    form_of,
    ironcalc_seen,
    judged,
    stripped_parts,
    verdicts_of,
    wanted_sets,
    with_ironcalc,
    with_libreoffice,
    with_results,
)
from xl2report.checks.numbers import read_number
from xl2report.form.language import Binary, Expression, figures
from xl2report.form.load import load
from xl2report.form.model import YES, Form
from xl2report.submission import Raw
from xl2report.workbook import formulas
from xl2report.workbook.formulas import FAIL, OPEN, PASS, SPARED
from xl2report.workbook.write import write

FEWEST = {"pass": 200, "fail": 200, "undecided": 100, "absent": 100}  # of every rule, over all sets of a form


@cache
def _book(form_id: str) -> Book:
    return cut_book(form_of(form_id))


# -- the proof -------------------------------------------------------------------------------------------------------


@pytest.mark.libreoffice
@pytest.mark.slow
@pytest.mark.parametrize("form_id", FORMS)
def test_libreoffice_shows_what_python_says_for_every_random_cell_set(form_id: str, soffice: object) -> None:
    book = _book(form_id)
    sets = list(cell_sets(book.plan.form, wanted_sets() // len(FORMS)))
    assert _compared(book, sets, with_libreoffice(book, sets)) == []


@pytest.mark.slow
@pytest.mark.parametrize("form_id", FORMS)
def test_ironcalc_shows_what_python_says_for_every_random_cell_set(form_id: str) -> None:
    book = _book(form_id)
    sets = list(cell_sets(book.plan.form, wanted_sets() // len(FORMS)))
    assert _compared(book, sets, with_ironcalc(book, sets)) == []


@pytest.mark.slow
@pytest.mark.parametrize("form_id", FORMS)
def test_the_random_cell_sets_let_every_rule_pass_fail_and_stay_undecided_often_enough(form_id: str) -> None:
    drawn = _book(form_id).plan
    seen: Counter[tuple[str, str]] = Counter()
    for cells in cell_sets(drawn.form, FULL_SETS // len(FORMS)):
        seen.update((instance.rule.id, verdict) for instance, verdict in verdicts_of(drawn, cells).items())
    # the length of a text is always known: a rule of lengths alone cannot be undecided
    of_lengths = {
        instance.rule.id
        for instance in drawn.form.instances
        if instance.when is None and all(figure.kind == "length" for figure in figures(instance.check))
    }
    of_last = {instance.rule.id for instance in drawn.form.instances if instance.lasts}
    short = {
        (rule.id, verdict): seen[rule.id, verdict]
        for rule in drawn.form.rules
        for verdict, fewest in FEWEST.items()
        if seen[rule.id, verdict] < fewest
        and not (verdict == "undecided" and rule.id in of_lengths)
        and not (verdict == "absent" and rule.id not in of_last)
    }
    assert short == {}


def _compared(book: Book, sets: list[CellSet], shown: Iterator[parity.Seen]) -> list[str]:
    """Every disagreement, with the number of its set; a set that the engine did not hand back is an error."""
    return [
        f"set {n}: {words}"
        for n, (cells, seen) in enumerate(zip(sets, shown, strict=True))
        for words in disagreements(judged(book.plan, cells), seen)
    ]


# -- the proof would notice ------------------------------------------------------------------------------------------

_THREE_TERMS = """
  - id: three_terms
    check: requests.new.total - (requests.carried_in.total - requests.carried_out.total) == requests.handled.total * (2 - 1)
    says: 只用于测试
    says_en: for the test alone
    basis: 无
"""


@pytest.fixture
def odd_form(tmp_path: Path) -> Form:
    """The shipped form and one rule whose parentheses matter."""
    text = (ROOT / "workbook_templates" / FORMS[0] / "form.yaml").read_text(encoding="utf-8")
    path = tmp_path / "form.yaml"
    path.write_text(text.rstrip("\n") + _THREE_TERMS, encoding="utf-8")
    return load(path)


def _found(form: Form, sets: int = 25) -> list[str]:
    """The disagreements over a few sets, with whatever fault is planted in the writer right now."""
    book = cut_book(form)
    some = list(cell_sets(form, sets))
    return _compared(book, some, with_ironcalc(book, some, workers=1))


def test_without_a_planted_fault_there_is_no_disagreement(odd_form: Form) -> None:
    assert _found(odd_form) == []


def test_a_missing_guard_is_noticed(odd_form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = formulas.decided
    monkeypatch.setattr(formulas, "decided", lambda node: "1=1" if guarded(node) else "")
    assert _found(odd_form) != []


def test_dropped_parentheses_are_noticed(odd_form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = formulas.arithmetic

    def bare(node: Expression) -> str:
        if isinstance(node, Binary):
            return f"{formulas.arithmetic(node.left)}{node.operator}{formulas.arithmetic(node.right)}"
        return whole(node)

    monkeypatch.setattr(formulas, "arithmetic", bare)
    assert {words.split()[2] for words in _found(odd_form) if "summary" not in words} == {"three_terms:"}


@pytest.mark.parametrize("planted", ["ROUND({},2)", "ROUND({},7)", "({})"])
def test_a_tolerance_on_one_side_only_is_noticed(planted: str, odd_form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formulas, "rounded", planted.format)
    assert _found(odd_form, 60) != []


def test_a_row_looked_up_one_too_low_is_noticed(odd_form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    anchored = formulas._anchored
    monkeypatch.setattr(
        formulas, "_anchored", lambda drawn, field: anchored(drawn, field).replace('"carried_in"', '"carried_out"')
    )
    assert _found(odd_form) != []


def test_ironcalc_and_libreoffice_work_results_out_and_do_not_repeat_stored_ones() -> None:
    book = _book(FORMS[0])
    with zipfile.ZipFile(io.BytesIO(book.blank)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    poisoned = parity.packed(
        {name: with_results(data, b"999") if "worksheets/sheet" in name else data for name, data in parts.items()}
    )
    model = parity.load_ironcalc(poisoned)
    model.evaluate()
    assert disagreements(judged(book.plan, CellSet()), parity.seen_by_ironcalc(book, model)) == []
    # LibreOffice would repeat them, so it must never get any
    for data in stripped_parts(poisoned).values():
        assert re.search(rb"</f><v>", data) is None
    filled_in = parity.filled(book, next(cell_sets(book.plan.form, 1)))
    with zipfile.ZipFile(io.BytesIO(filled_in)) as archive:
        assert not any(b"</f><v>" in archive.read(name) for name in archive.namelist())


# -- texts that are read with a note -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["3", "３", " 3 ", "3件", "+3", "1,234", "3.0", "/", "-", "无", "　"])
def test_a_text_that_check_repairs_is_open_in_the_sheet_or_judged_alike(text: str) -> None:
    book = _book(FORMS[0])
    values = consistent(book.plan.form, _random(text)) | {"requests.blank_is_zero": YES}
    for name in ("requests.new.natural", "requests.granted.research", "review.review.upheld", "fee.charged"):
        cells = CellSet({**values, name: text})
        [shown] = ironcalc_seen(book, [cells])
        for row, (_, _, verdict) in judged(book.plan, cells).rows.items():
            allowed = (verdict, OPEN, FAIL) if row.startswith("cells:") else (verdict, OPEN)
            assert shown.rows[row][2] in allowed, (name, row)


def test_no_text_of_the_random_sets_is_one_that_check_repairs() -> None:
    form = form_of(FORMS[0])
    for name, texts in (("fee.notices", parity.NOT_NUMBERS), ("fee.charged", (*parity.AMOUNTS, *parity.ODD_AMOUNTS))):
        readings = [read_number(Raw("text" if text else "blank", text), form.fields[name]) for text in texts]
        assert [(text, reading.repairs) for text, reading in zip(texts, readings, strict=True) if reading.repairs] == []
        assert all(reading.state != "placeholder" for reading in readings)


# -- stored results ----------------------------------------------------------------------------------------------------


@pytest.mark.libreoffice
@pytest.mark.parametrize("form_id", FORMS)
def test_every_stored_result_is_what_libreoffice_works_out(form_id: str, soffice: object, tmp_path: Path) -> None:
    form = form_of(form_id)
    sets = list(cell_sets(form, 40))
    messy = max(sets, key=lambda cells: len(cells.overwritten))
    written = {
        "blank": write(form),
        "filled": write(form, consistent(form, _random(form_id))),
        "messy": write(form, messy.values, messy.overwritten),
    }
    for name, workbook in written.items():
        (tmp_path / f"{name}.xlsx").write_bytes(parity.packed(stripped_parts(workbook)))
    parity.convert([tmp_path / f"{name}.xlsx" for name in written], "xlsx", tmp_path / "out")
    for name, workbook in written.items():
        stored = openpyxl.load_workbook(io.BytesIO(workbook), data_only=True)
        worked_out = openpyxl.load_workbook(tmp_path / "out" / f"{name}.xlsx", data_only=True)
        results = {
            (sheet.title, cell.coordinate): tuple(_shown(book[sheet.title][cell.coordinate].value) for book in (stored, worked_out))
            for sheet in openpyxl.load_workbook(io.BytesIO(workbook))
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        }
        assert len(results) > 1000
        assert {cell: both for cell, both in results.items() if both[0] != both[1]} == {}, name


def _shown(value: object) -> str:
    return "" if value is None else f"{value:.10g}" if isinstance(value, int | float) else str(value)


# -- one change at a time ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("form_id", FORMS)
def test_one_more_in_one_cell_turns_exactly_the_rules_over_that_cell(form_id: str) -> None:
    book = _book(form_id)
    form = book.plan.form
    values = consistent(form, _random(form_id))
    start = CellSet(values, last=consistent_last(book.plan, values))
    before = judged(book.plan, start)
    assert {row[2] for row in before.rows.values()} <= {PASS, SPARED}
    changed = {field.id: _one_more(form, start, before, field.id) for field in form.fields.values() if field.is_number}
    for (name, cells), shown in zip(changed.items(), ironcalc_seen(book, list(changed.values())), strict=True):
        expected = _turned(name) | _turned_over(name)
        for seen in (judged(book.plan, cells), shown):
            turned = {row for row, (_, _, verdict) in seen.rows.items() if verdict not in (PASS, SPARED)}
            assert turned == expected, name
    assert len(changed) >= 200


def _one_more(form: Form, start: CellSet, before: parity.Seen, name: str) -> CellSet:
    value = start.values.get(name, before.totals.get(name))
    more: Typed = None if value is None else Decimal(value) + 1
    if form.fields[name].kind == "amount":
        more = str(more)
    return start.having(overwritten={name: more}) if form.fields[name].parts else start.having(values={name: more})


def _turned(name: str) -> set[str]:
    """The rows of 校验 that one more in a cell must turn, told from the printed tables by hand.

    The formula where （七）总计 meets 总计 adds up its row. So one more in any input reaches the balance of its own column
    and of 总计; one more typed into a total breaks the sum that it stands for, and the crossing sum that it is part of.
    """
    if name in ("cover.year", "fee.received"):
        return {"title_year" if name == "cover.year" else "fee_received"}
    table, _, cell = name.partition(".")
    if table == "review" and cell.endswith(".total"):
        return {f"review_total:{cell}"}
    if table != "requests":
        return set()
    row, column = cell.split(".")
    is_result = row not in ("new", "carried_in", "carried_out", "handled")
    match row == "handled", column == "total":
        case False, False:
            return {f"balance:{column}", "balance:total"}
        case False, True:
            return {f"applicants_total:{row}", "handled_total:total" if is_result else "balance:total"}
        case True, False:
            return {f"handled_total:{column}", f"balance:{column}", "handled_total:total", "balance:total"}
        case _:
            return {"applicants_total:handled", "handled_total:total", "balance:total"}


def _turned_over(name: str) -> set[str]:
    """The comparisons with last year's report that one more in a cell must turn. One more is no leap."""
    table, _, cell = name.partition(".")
    row, _, column = cell.partition(".")
    if (table, row) == ("requests", "carried_in"):
        return {f"carried_over:{column}", "carried_over:total"}
    if table == "proactive" and column in ("issued", "repealed", "in_force"):
        return {f"in_force_over:{row}"}
    return {f"items_over:{row}"} if column == "items_prev" else set()


def _random(word: str) -> parity.Random:
    return parity.Random(word)
