"""The locked workbook: what is open, what is locked, what is stamped, and that it is always the same."""

import io
import re
import zipfile
from decimal import Decimal

import openpyxl
import pytest

import xl2report
from xl2report.form.layout import layout
from xl2report.shipped import folder
from xl2report.workbook.formulas import FUNCTIONS_2007
from xl2report.workbook.inputs import prompt
from xl2report.workbook.plan import CHECK_SHEET, plan

FORMS = [xl2report.load_form(form_id) for form_id in xl2report.form_ids()]
each_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)


def opened(form):
    return openpyxl.load_workbook(io.BytesIO(xl2report.template(form)))


@each_form
def test_the_same_input_gives_the_same_bytes(form):
    arguments = {"year": form.first_year, "agency": "示例县公安局", "code": "SL-0101"}
    assert xl2report.template(form, **arguments) == xl2report.template(form, **arguments)


@each_form
def test_the_blank_workbook_beside_the_form_is_current(form):
    committed = (folder("workbook_templates") / form.id / "blank.xlsx").read_bytes()
    assert committed == xl2report.template(form), "run `make generate`"


@each_form
def test_only_inputs_are_unlocked_and_every_sheet_is_locked_without_a_password(form):
    book, drawn = opened(form), plan(form)
    expected = {(at.sheet, at.cell) for field_id, at in drawn.places.items() if not form.fields[field_id].parts}
    for sheet, lines in drawn.lines.items():
        expected |= {(sheet, f"C{line.row + 1}") for line in lines if line.kind == "paragraph"}
    explained = {instance.id for instance in form.instances if instance.rule.severity == "query"}
    found, explanations = set(), set()
    for sheet in book:
        assert sheet.protection.sheet
        assert not sheet.protection.password
        assert not sheet.protection.formatColumns  # False means allowed: widths may be changed
        for row in sheet.iter_rows():
            for cell in row:
                if not cell.protection.locked and sheet.title == CHECK_SHEET:
                    explanations.add(sheet.cell(cell.row, 1).value)
                elif not cell.protection.locked and cell.__class__.__name__ == "Cell":
                    found.add((sheet.title, cell.coordinate))
    assert found == expected
    assert explanations == explained


@each_form
def test_sheets_come_in_the_order_of_the_report(form):
    book = opened(form)
    assert book.sheetnames == ["填报说明", form.cover_sheet, *[s.sheet for s in form.sections], "校验", "_meta"]
    assert [sheet.sheet_state for sheet in book] == ["visible"] * (len(book.sheetnames) - 1) + ["hidden"]
    assert book.active.title == form.cover_sheet


@each_form
def test_form_and_version_are_stamped_in_four_places(form):
    content = xl2report.template(form)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.custom_doc_props["xl2report.form"].value == form.id
    assert book.custom_doc_props["xl2report.version"].value == form.version
    stamp = f"xl2report|{form.id}|{form.version}|"
    assert [sheet["A1"].value.startswith(stamp) for sheet in book] == [True] * len(book.sheetnames)
    assert (book["_meta"]["B2"].value, book["_meta"]["B3"].value) == (form.id, str(form.version))
    assert book.defined_names["x2r_stamp"].value == "'_meta'!$A$1"


@each_form
def test_every_field_has_a_defined_name_that_points_at_its_cell(form):
    names = opened(form).defined_names
    for field_id, at in plan(form).places.items():
        assert names[f"x2r_f_{field_id}"].value.replace("'", "") == at.absolute.replace("'", "")


@each_form
def test_every_sheet_prints_on_a4_one_page_wide_and_shows_its_headings_while_scrolling(form):
    book, drawn = opened(form), plan(form)
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    for table in form.tables:
        at = drawn.tables[table.id]
        sheet = book[at.sheet]
        assert sheet.page_setup.orientation == ("landscape" if at.layout.columns > 12 else "portrait")
        if len(at.blocks) == 1:
            assert sheet.freeze_panes == f"A{at.blocks[0].first_row + 1}"
        assert sheet.sheet_view.selection[-1].activeCell == at.question.cell


@each_form
def test_labels_and_merges_of_each_table_are_the_official_ones(form):
    book, drawn = opened(form), plan(form)
    for table in form.tables:
        at = drawn.tables[table.id]
        sheet = book[at.sheet]
        merges = {str(area) for area in sheet.merged_cells.ranges}
        for cell in layout(table).cells:
            top = sheet.cell(at.rows[cell.row] + 1, cell.column + 2)
            if cell.text:
                assert top.value == cell.text
            if cell.rows * cell.columns > 1:
                end = sheet.cell(at.rows[cell.row + cell.rows - 1] + 1, cell.column + cell.columns + 1)
                assert f"{top.coordinate}:{end.coordinate}" in merges


@each_form
def test_every_input_has_a_prompt_with_its_full_path_within_excels_limits(form):
    book, drawn = opened(form), plan(form)
    prompts = {}
    for sheet in book:
        for validation in sheet.data_validations.dataValidation:
            for area in validation.sqref.ranges:
                prompts[sheet.title, area.coord] = (validation.promptTitle, validation.prompt)
    for field_id, at in drawn.places.items():
        field = form.fields[field_id]
        if field.parts:
            continue
        title, body = prompts[at.sheet, at.cell]
        assert (title, body) == prompt(field)
        assert len(title) <= 32
        assert len(body) <= 255
        assert body.startswith(" > ".join(field.path)[:250])


@each_form
def test_formulas_use_only_functions_of_excel_2007(form):
    for sheet in opened(form):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    bare = re.sub(r'"[^"]*"', '""', cell.value)
                    assert set(re.findall(r"([A-Z][A-Z0-9.]*)\(", bare)) <= FUNCTIONS_2007, cell.value


@each_form
def test_a_text_amount_is_kept_as_typed_and_not_marked_as_suspicious(form):
    amounts = [field for field in form.coded_fields if field.kind == "amount"]
    content = xl2report.template(form, values={field.id: "77.4960" for field in amounts})
    book, drawn = openpyxl.load_workbook(io.BytesIO(content)), plan(form)
    for field in amounts:
        cell = book[drawn.places[field.id].sheet][drawn.places[field.id].cell]
        assert (cell.value, cell.number_format) == ("77.4960", "@")
    sheets = [part for part in zipfile.ZipFile(io.BytesIO(content)).namelist() if "worksheets/sheet" in part]
    marked = b"".join(zipfile.ZipFile(io.BytesIO(content)).read(part) for part in sheets)
    by_sheet: dict[str, list[str]] = {}
    for field in amounts:
        by_sheet.setdefault(drawn.places[field.id].sheet, []).append(drawn.places[field.id].cell)
    for cells in by_sheet.values():
        assert f'<ignoredError sqref="{" ".join(cells)}" numberStoredAsText="1"/>'.encode() in marked


def test_prefilled_facts_stand_on_the_cover():
    form = FORMS[-1]
    book = openpyxl.load_workbook(io.BytesIO(xl2report.template(form, year=2023, agency="=示例县公安局", code="0012")))
    places = plan(form).places
    cover = book[form.cover_sheet]
    assert cover[places[form.role("agency").id].cell].value == "=示例县公安局"
    assert cover[places[form.role("agency").id].cell].data_type == "s"
    assert cover[places[form.role("code").id].cell].value == "0012"
    assert cover[places[form.role("year").id].cell].value == 2023


def test_a_value_for_an_unknown_field_is_refused():
    with pytest.raises(KeyError, match=r"no\.such"):
        xl2report.template(FORMS[-1], values={"no.such": Decimal(1)})


def test_a_text_too_long_for_a_cell_is_refused_and_not_cut():
    from xl2report.workbook.pen import LostCell

    with pytest.raises(LostCell):
        xl2report.template(FORMS[-1], values={"overview.proactive": ("长" * 32_768,)})
    content = xl2report.template(FORMS[-1], values={"overview.proactive": ("长" * 32_767,)})
    assert openpyxl.load_workbook(io.BytesIO(content))["一、总体情况"]["C5"].value == "长" * 32_767
