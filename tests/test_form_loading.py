"""Form files: what they mean, and every fault with its place."""

import json
from pathlib import Path

import pytest

import xl2report
from xl2report.form.faults import FormError
from xl2report.form.layout import layout
from xl2report.form.load import load

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "form"
FORM = xl2report.load_form("disclosure-2021")
SOURCE = Path(__file__).resolve().parent.parent / "workbook_templates" / "disclosure-2021" / "form.yaml"


@pytest.mark.parametrize("year", [2019, 2021])
@pytest.mark.skipif(not SHARED.exists(), reason="the cell lists of the official tables are not beside the project")
def test_every_cell_of_the_official_tables_is_printed_with_its_span_and_label(year):
    official = json.loads((SHARED / f"form{year}.json").read_text(encoding="utf-8"))
    kinds = {"heading": "header", "corner": "header", "column": "header", "row": "label", "total": "computed"}
    form = xl2report.load_form(f"disclosure-{year}")
    assert [section.heading for section in form.sections] == [section["heading"] for section in official["sections"]]
    for table, expected in zip(form.tables, official["tables"], strict=True):
        printed = layout(table)
        ours = {
            (cell.row, cell.column, cell.rows, cell.columns, kinds.get(cell.kind, cell.kind), cell.text)
            for cell in printed.cells
        }
        theirs = {
            (
                cell["row"],
                cell["col"],
                cell["rowspan"],
                cell["colspan"],
                {"note": "header"}.get(cell["kind"], cell["kind"]),
                cell.get("text") or "",
            )
            for cell in expected["grid"]["cells"]
        }
        assert ours == theirs


@pytest.mark.parametrize("year", [2019, 2021])
@pytest.mark.skipif(not SHARED.exists(), reason="the cell lists of the official tables are not beside the project")
def test_the_paths_and_totals_of_fields_are_those_of_the_official_tables(year):
    official = json.loads((SHARED / f"form{year}.json").read_text(encoding="utf-8"))
    form = xl2report.load_form(f"disclosure-{year}")
    proactive, requests, review = form.tables
    assert [list(field.path) for field in proactive.cells] == [f["label_path"] for f in official["tables"][0]["fields"]]
    rows, columns = official["tables"][1]["rows"], official["tables"][1]["columns"]
    assert [list(field.path) for field in requests.cells] == [
        row["label_path"] + column["label_path"] for row in rows for column in columns
    ]
    assert [list(field.path) for field in review.cells] == [c["label_path"] for c in official["tables"][2]["columns"]]
    totals = sum("sum" in (row["role"], column["role"]) for row in rows for column in columns)
    assert sum(bool(field.parts) for field in requests.cells) == totals == {2019: 29, 2021: 31}[year]
    assert sum(bool(field.parts) for field in review.cells) == 3


def test_the_blank_form_asks_for_every_figure_of_the_circular():
    assert [len(table.cells) for table in FORM.tables] == [10, 175, 15]
    assert len(FORM.sections[0].prose) == 5
    assert FORM.fields["requests.handled.natural"].parts[0] == "requests.granted.natural"
    assert len(FORM.fields["requests.handled.natural"].parts) == 21
    assert FORM.fields["requests.handled.total"].parts == tuple(
        f"requests.handled.{name}"
        for name in ("natural", "commercial", "research", "public_benefit", "legal_service", "other_org")
    )


def test_rules_have_one_instance_for_each_place_they_hold_at():
    counted: dict[str, int] = {}
    for instance in FORM.instances:
        counted[instance.rule.id] = counted.get(instance.rule.id, 0) + 1
    assert counted == {
        "balance": 7, "handled_total": 7, "applicants_total": 25, "review_total": 3, "in_force": 2, "regulations": 1,
        "fee_received": 1, "fee_notice": 1, "overview_written": 1, "problems_written": 1, "title_year": 1,
        "carried_over": 7, "in_force_over": 2, "fee_unit": 1, "fee_leap": 1, "leap": 12, "leap_requests": 25,
    }  # fmt: skip


def test_deadlines_follow_the_kind_of_organ():
    category = FORM.fields["cover.category"]
    assert {choice.attribute("deadline") for choice in category.choices} == {"01-31", "03-31"}
    assert category.choice("县级政府").attribute("deadline") == "03-31"
    assert [choice.label for choice in category.choices if choice.attribute("makes_regulations")] == [
        "国务院部门", "省级政府", "设区的市（自治州）政府",
    ]  # fmt: skip


FAULTS = [
    # what is changed in the file: (from, to), fault code, the offending text
    (("version: 1", "version: one"), "not-whole", "one"),
    (("version: 1", "version: 1\nversion: 2"), "duplicate-key", "version"),
    (("years: {from: 2021}", "years: {from: 2021}\ncolour: red"), "unknown-key", "colour"),
    (("kind: choice", "kind: chioce"), "not-one-of", "chioce"),
    (("agency: {label", "Agency: {label"), "bad-id", "cover.Agency"),
    (("table: requests", "table: request"), "unknown-table", "request"),
    (("check: new + carried_in ==", "check: new + carriedin =="), "unknown-name", "carriedin"),
    (("check: new + carried_in == handled", "check: new + carried_in = handled"), "character", "="),
    (("check: new + carried_in == handled + carried_out", "check: new + carried_in"), "comparison-missing", ""),
    (("check: handled == parts(handled)", "check: handled == average(handled)"), "function", "average"),
    (("check: handled == parts(handled)", "check: handled == parts(granted)"), "not-a-total", "granted"),
    (("when: requests.fee_unpaid.total > 0", "when: requests.fee_unpayed.total > 0"), "unknown-name", "requests.fee_unpayed.total"),
    (("each: review.totals", "each: reviews.totals"), "unknown-scope", "reviews.totals"),
    (("sum: [natural, commercial,", "sum: [natural, comercial,"), "unknown-leaf", "comercial"),
    (("{cover.agency}{cover.year}年", "{cover.agencies}{cover.year}年"), "unknown-field", "cover.agencies"),
    (("sheet: 二、主动公开", "sheet: 二/主动公开"), "sheet-name", "二/主动公开"),
    (("- id: fee_received", "- id: balance"), "duplicate-id", "balance"),
    (("signature: [cover.agency,", "signature: [cover.seal,"), "unknown-field", "cover.seal"),
    (("required: true, hint: 填写机关全称", "required: yes, hint: 填写机关全称"), "not-yes-no", "yes"),
    (("check: length(overview) > 0", "check: length(overviews) > 0"), "unknown-name", "overviews"),
    (("check: length(overview) > 0", "check: cover.agency > 0"), "not-a-number", "cover.agency"),
]


@pytest.mark.parametrize(("change", "code", "text"), FAULTS)
def test_a_fault_is_reported_with_line_column_and_offending_text(tmp_path, change, code, text):
    source = SOURCE.read_text(encoding="utf-8")
    assert change[0] in source
    path = tmp_path / "form.yaml"
    path.write_text(source.replace(*change, 1), encoding="utf-8")
    with pytest.raises(FormError) as caught:
        load(path)
    fault = next(fault for fault in caught.value.faults if fault.code == code)
    assert fault.text == text
    line = path.read_text(encoding="utf-8").splitlines()[fault.line - 1]
    shown = line[fault.column - 1 :]
    assert shown.startswith((text, "{" + text, "'{" + text)) or code == "bad-id"
    for language in ("zh", "en"):
        assert f"{path}:{fault.line}:{fault.column}: " in fault.message(language)


def test_all_faults_of_a_file_are_reported_at_once(tmp_path):
    source = SOURCE.read_text(encoding="utf-8")
    changed = ("not-whole", "unknown-key", "not-one-of", "unknown-table", "unknown-name", "sheet-name")
    for code in changed:
        before, after = next(change for change, found, _ in FAULTS if found == code)
        assert before in source
        source = source.replace(before, after, 1)
    path = tmp_path / "form.yaml"
    path.write_text(source, encoding="utf-8")
    with pytest.raises(FormError) as caught:
        load(path)
    assert set(changed) <= {fault.code for fault in caught.value.faults}
    assert list(caught.value.faults) == sorted(caught.value.faults, key=lambda fault: (fault.line, fault.column))


def test_a_total_that_no_rule_checks_is_a_fault(tmp_path):
    source = SOURCE.read_text(encoding="utf-8").replace("check: it == parts(it)", "check: it >= 0")
    path = tmp_path / "form.yaml"
    path.write_text(source, encoding="utf-8")
    with pytest.raises(FormError) as caught:
        load(path)
    assert {fault.text for fault in caught.value.faults} == {
        "review.review.total", "review.suit_direct.total", "review.suit_after_review.total",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "[1, 2", "- a\n- b", "form: x", "a: &x [*x]", "\x00", "form: {a: b}\ncover: 3"])
def test_a_file_that_is_no_form_is_refused_with_a_place(tmp_path, text):
    path = tmp_path / "form.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormError) as caught:
        load(path)
    assert caught.value.faults
    assert all(fault.line >= 1 and fault.column >= 1 for fault in caught.value.faults)
