"""The hidden sheet: every figure by id, with its raw text, its value, its fault; the choice lists; the check code."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from xl2report.checks.code import MODULI, parts_of, weight
from xl2report.checks.figures import FigureTable
from xl2report.form.language import Figure
from xl2report.form.model import Field, Form
from xl2report.submission import Submission
from xl2report.workbook import formulas
from xl2report.workbook.contents import Contents
from xl2report.workbook.pen import Page
from xl2report.workbook.plan import FIRST_FIGURE, META_SHEET, VALUE, FigureRow, Plan, column_name

_HEADINGS = "id raw value digits fault whole1 parts1 whole2 parts2 weight place".split()
_PLACE = 10
_CHOICES = 12  # first column of the choice lists


def write_hidden(page: Page, contents: Contents) -> None:
    form, drawn = contents.form, contents.plan
    for at, (name, text) in enumerate(
        (("form", form.id), ("version", str(form.version)), ("name", form.name), ("basis", form.basis)), 1
    ):
        page.text(at, 0, name)
        page.text(at, 1, text)
    for column, heading in enumerate(_HEADINGS):
        page.text(FIRST_FIGURE - 1, column, heading)
    rows = {row.key: row for row in drawn.figures}
    for row in drawn.figures:
        _write_figure(page, contents, row, rows)
    _write_choices(page, form)
    end = FIRST_FIGURE + len(drawn.figures)
    area = f"'{META_SHEET}'!"
    page.pen.define("x2r_ids", f"{area}$A${FIRST_FIGURE + 1}:$A${end}")
    page.pen.define("x2r_values", f"{area}$C${FIRST_FIGURE + 1}:$C${end}")
    page.pen.define("x2r_stamp", f"{area}$A$1")


def _write_figure(page: Page, contents: Contents, row: FigureRow, rows: dict[str, FigureRow]) -> None:
    drawn, figures = contents.plan, contents.figures
    page.text(row.row, 0, row.key)
    if row.kind == "last":
        if contents.filled.last:
            page.formula((row.row, VALUE), formulas.last_figure(row), figure_value(row, figures))
        return
    if row.field is not None:
        page.formula((row.row, 1), formulas.raw(drawn, row), raw_result(row.field, contents))
        page.text(row.row, _PLACE, place_words(drawn, row.field))
        if row.field.required and row.kind == "text":
            page.formula((row.row, 4), f'=IF($B{row.row + 1}="","blank","")', fault_of(row.field, contents.filled, figures))
    if row.kind == "text":
        return
    worth = figure_value(row, figures)
    page.formula((row.row, VALUE), formulas.value(drawn, row, rows), worth)
    if row.kind != "number" or row.field is None:
        return
    if row.field.kind == "amount":
        raw_text = str(raw_result(row.field, contents) or "")
        page.formula((row.row, 3), formulas.unsigned(row), raw_text.removeprefix("-"))
    page.formula((row.row, 4), formulas.fault(drawn, row, rows), fault_of(row.field, contents.filled, figures))
    if row.row < FIRST_FIGURE + drawn.code_figures:
        for n, modulus in enumerate(MODULI):
            whole, parts = formulas.residue(f"$C{row.row + 1}", modulus)
            counted = parts_of(worth, modulus)
            page.formula((row.row, 5 + 2 * n), whole, counted[0])
            page.formula((row.row, 6 + 2 * n), parts, counted[1])
        page.number(row.row, 9, weight(row.row - FIRST_FIGURE))


def figure_value(row: FigureRow, figures: FigureTable) -> Decimal | None:
    if row.figure is not None:
        return figures(row.figure)
    return figures(Figure(row.key, "field", (row.key,)))


def raw_result(field: Field, contents: Contents) -> Decimal | str | None:
    """What the raw column shows: the cell as it stands, an empty text for an empty one."""
    entry = contents.entry(field)
    if entry.formula:
        return contents.figures.number(field.id)
    if entry.raw.kind == "number" and isinstance(entry.value, Decimal) and field.kind != "amount":
        return entry.value
    return entry.raw.text


def place_words(drawn: Plan, field: Field) -> str:
    """Where a cell is, for people: its sheet and its address as issued."""
    at = drawn.places[field.id]
    return f"{at.sheet} {at.cell}"


def fault_fields(drawn: Plan) -> list[Field]:
    """The fields that have a fault word: every number, and every text that is required."""
    return [row.field for row in drawn.figures if row.field and (row.kind == "number" or row.field.required)]


def fault_of(field: Field, filled: Submission, figures: FigureTable) -> str:
    """The fault word of one number cell, as the sheet's formula says it."""
    entry = filled.entries[field.id]
    if not field.is_number:
        return "blank" if field.required and not entry.raw.text else ""
    value = figures.number(field.id)
    if entry.formula and value is None:
        return ""
    if not entry.formula and not entry.raw.text:
        if figures.form.table_of(field.id) and not field.parts:
            return "" if figures.blank_is_zero(field.id) else "blank"
        return "blank" if field.required else ""
    if value is None:
        return "text"
    if value < 0 and field.kind != "change":
        return "negative"
    if value != value.quantize(Decimal(1).scaleb(-field.decimals if field.kind == "amount" else 0), ROUND_HALF_UP):
        return "decimal"
    low, high = field.minimum, field.maximum
    return "range" if (low is not None and value < low) or (high is not None and value > high) else ""


def _write_choices(page: Page, form: Form) -> None:
    """Each choice field's labels and numeric attributes, under names that figure formulas use."""
    column = _CHOICES
    for field in form.cover:
        if not field.choices:
            continue
        name = f"x2r_c_{field.id.replace('.', '_')}"
        attributes = [key for key, value in field.choices[0].attributes if isinstance(value, int)]
        for n, choice in enumerate(field.choices):
            page.text(n, column, choice.label)
            for across, attribute in enumerate(attributes, 1):
                worth = choice.attribute(attribute)
                assert isinstance(worth, int)
                page.number(n, column + across, worth)
        for across, suffix in enumerate(("", *(f"_{attribute}" for attribute in attributes))):
            letter = column_name(column + across)
            page.pen.define(name + suffix, f"'{META_SHEET}'!${letter}$1:${letter}${len(field.choices)}")
        column += 1 + len(attributes)
