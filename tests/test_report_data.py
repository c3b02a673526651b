"""The report as JSON: shape by its schema, figures by their labels, and the lines of a draft's findings."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

import docx
import jsonschema
import pytest

from pages import pages
from xl2report.checked import read_workbook
from xl2report.checks.checking import check
from xl2report.checks.references import REFERENCE
from xl2report.form.load import load
from xl2report.form.model import Form
from xl2report.report import data, words
from xl2report.report.formats import RENDERERS, Setting
from xl2report.report.view import Paragraph, Report, view
from xl2report.shipped import folder
from xl2report.submission import Value
from xl2report.workbook.write import write

IDS = ("disclosure-2019", "disclosure-2021")
FORMS = {name: load(folder("workbook_templates") / name / "form.yaml") for name in IDS}
SCHEMA = json.loads((files("xl2report") / "schemas" / "report.schema.json").read_text(encoding="utf-8"))


def every_figure(form: Form) -> dict[str, Value]:
    """A different figure in every input cell, so that no two can be mistaken for one another."""
    inputs = [field for table in form.tables for field in table.cells if not field.parts]
    return {field.id: Decimal(n) for n, field in enumerate(inputs, 1)}


def report_of(name: str, more: dict[str, Value] | None = None, draft: bool = False) -> Report:
    """The report of a form with every cell filled, or with what ``more`` says instead."""
    form = FORMS[name]
    values: dict[str, Value] = {
        "cover.agency": "示例县公安局",
        "cover.year": Decimal(2023 if name == "disclosure-2021" else 2020),
        "cover.signed_on": "2024-01-18",
        "cover.address": "示例县人民路 1 号",
        "cover.filler": "张三不公开",
        "cover.page_url": "https://example.gov.cn/a?b=1&c=2",
        "overview.proactive": ("第一段", "第二段"),
        **every_figure(form),
        **(more or {}),
    }
    filled = read_workbook(write(form, values))[1]
    return view(form, filled, check(form, filled), draft)


def rendered(report: Report) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(data.render(report))
    jsonschema.Draft202012Validator(SCHEMA).validate(content)
    return content


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", FORMS)
def test_every_figure_is_called_by_the_path_of_its_field_in_printed_order(name: str) -> None:
    report, form = report_of(name), FORMS[name]
    content = rendered(report)
    for table in report.tables:
        figures = [cell for cell in table.cells if cell.field]
        found = content["tables"][table.id]
        assert [tuple(item["item"]) for item in found] == [form.fields[cell.field].path for cell in figures]
        assert [(cell.row, cell.column) for cell in figures] == sorted((cell.row, cell.column) for cell in figures)
        assert [str(item["value"]) for item in found] == [cell.text for cell in figures]
    assert set(content["tables"]) == {table.id for table in form.tables}


def test_counts_are_integers_amounts_strings_as_typed_and_blanks_null() -> None:
    content = rendered(report_of("disclosure-2021", {"proactive.fee.amount": "77.4960", "requests.new.natural": None}))
    assert content["tables"]["proactive"][-1]["value"] == "77.4960"
    assert content["tables"]["proactive"][0]["value"] == 1
    assert content["tables"]["requests"][0] == {
        "item": ["一、本年新收政府信息公开申请数量", "申请人情况", "自然人"],
        "value": None,
    }
    assert len(content["tables"]["requests"]) == 175
    assert len(content["tables"]["review"]) == 15


@pytest.mark.parametrize(("typed", "item"), [
    ("十二", {"value": None, "text": "十二"}),
    ("2.5", {"value": None, "text": "2.5"}),
    ("3.0", {"value": 3}),
    ("-8", {"value": -8}),
])  # fmt: skip
def test_what_is_no_count_keeps_its_text_beside_a_null(typed: str, item: dict[str, object]) -> None:
    found = rendered(report_of("disclosure-2021", {"requests.new.natural": typed}, draft=True))["tables"]["requests"][0]
    del found["item"]
    assert found == item


def test_sections_hold_paragraphs_and_name_their_tables_with_notes() -> None:
    content = rendered(report_of("disclosure-2021", {"requests.note": "其中一件为信函\n另一件为传真"}))
    overview, _, requests = content["sections"][:3]
    assert overview["paragraphs"] == [
        {"text": "（一）主动公开", "heading": True},
        {"text": "第一段", "heading": False},
        {"text": "第二段", "heading": False},
    ]
    assert requests["tables"] == [{
        "id": "requests",
        "caption": "收到和处理政府信息公开申请情况",
        "notes": ["注：其中一件为信函", "另一件为传真"],
    }]  # fmt: skip


def test_only_a_draft_has_findings() -> None:
    assert "findings" not in rendered(report_of("disclosure-2021"))
    content = rendered(report_of("disclosure-2021", {"requests.new.natural": "十二"}, draft=True))
    assert content["draft"] is True
    finding = next(item for item in content["findings"] if item["code"] == "V305")
    assert finding["severity"] == "error"
    assert finding["message"] == "“十二”是汉字数字"
    assert finding["cells"][0]["item"] == ["一、本年新收政府信息公开申请数量", "申请人情况", "自然人"]


def test_the_bytes_are_readable_the_same_each_time_and_hold_nothing_private() -> None:
    first, second = data.render(report_of("disclosure-2021")), data.render(report_of("disclosure-2021"))
    assert first == second
    assert first.endswith(b"\n}\n")
    assert "示例县公安局" in first.decode()
    assert "张三不公开" not in first.decode()


def test_half_a_surrogate_pair_stays_visible_and_parses() -> None:
    report = replace(report_of("disclosure-2021"), preface=(Paragraph("甲\ud83d乙"),))
    assert json.loads(data.render(report))["preface"] == ["甲\ud83d乙"]


@pytest.mark.parametrize(("cells", "told"), [
    (["I12"], ("I12",)),
    (["F9", "G9", "H9", "F10", "G10", "H10"], ("F9:H10",)),
    (["K9", "F9", "G9"], ("F9:G9", "K9")),
    (["E12", "E13", "F13"], ("E12:E13", "F13")),
    (["Z1", "AA1", "AB1"], ("Z1:AB1",)),
    (["E9", "E9", "第3行", ""], ("E9", "第3行")),
    ([], ()),
])  # fmt: skip
def test_neighbouring_cells_of_a_finding_are_drawn_together(cells: list[str], told: tuple[str, ...]) -> None:
    assert words.areas(cells) == told


def test_a_missing_shipped_folder_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no_such_folder"):
        folder("no_such_folder")


def words_of(name: str, content: bytes) -> str:
    """The text of a report in any format."""
    if name == "docx":
        return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)
    if name == "pdf":
        return "".join(sign.text for page in pages(content) for sign in page.signs)
    return content.decode()


@pytest.mark.parametrize("name", RENDERERS)
def test_a_reference_in_prose_prints_its_figure_in_every_format(name: str) -> None:
    more = {"overview.proactive": ("收到{requests.new.total}件，落款{cover.signed_on}。",)}
    report = report_of("disclosure-2021", more)
    figure = next(cell.text for cell in report.tables[1].cells if cell.field == "requests.new.total")
    said = words_of(name, RENDERERS[name](report, Setting()))
    assert f"收到{figure}件，落款2024年1月18日。" in said
    assert "{requests.new.total}" not in said


@pytest.mark.parametrize("name", FORMS)
def test_a_sentence_of_the_form_without_its_value_says_so_and_a_finding_stands_at_the_empty_cell(name: str) -> None:
    form = FORMS[name]
    sentences = [form.title, form.preface.default, *(said.text for section in form.sections for said in section.statements)]
    asked = {reference for text in sentences for reference in REFERENCE.findall(text)}
    filled = read_workbook(write(form, {}))[1]
    report = view(form, filled, check(form, filled), draft=True)
    spoken = json.dumps(rendered(report), ensure_ascii=False)
    assert [reference for reference in asked if f"{{{reference}}}" in spoken] == []
    assert spoken.count("（未填）") >= len(asked)
    found = {cell.place.item for finding in report.findings if finding.severity == "error" for cell in finding.cells}
    assert [reference for reference in asked if form.fields[reference].path not in found] == []


def test_one_missing_figure_of_a_sentence_is_blank_and_the_others_are_printed() -> None:
    figures = {"fee.notices": Decimal(0), "fee.charged": "12.50", "fee.received": None}
    report = report_of("disclosure-2021", figures, draft=True)
    said = [part.text for section in report.sections for part in section.parts if isinstance(part, Paragraph)]
    assert sum("通知0件，通知总金额12.50元，实际收取（未填）元。" in text for text in said) == 1


def test_a_reference_that_somebody_typed_in_vain_is_printed_as_typed() -> None:
    report = report_of("disclosure-2021", {"overview.proactive": ("收到{requests.new}件",)}, draft=True)
    assert Paragraph("收到{requests.new}件") in report.sections[0].parts
