"""The sheets of lines: guide, cover, prose and single fields."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from xl2report.form.model import Form
from xl2report.submission import Submission
from xl2report.workbook.formulas import length_of
from xl2report.workbook.inputs import style_of, write_prompt, write_value
from xl2report.workbook.pen import Pen, done
from xl2report.workbook.plan import CONTENT, FIRST_LINE, HELPER, HINT, LABEL, Line, Plan, cell_name, quoted, sheet_key_of

_WIDTHS = {LABEL: 20, CONTENT: 72, HINT: 30}


def write_guide(pen: Pen, sheet: Worksheet, form: Form) -> None:
    sheet.set_column(LABEL, LABEL, 5)
    sheet.set_column(CONTENT, CONTENT, 92)
    pen.text(sheet, 1, LABEL, f"{form.name}　填报说明", "title")
    sheet.set_row(1, 30)
    for n, sentence in enumerate(form.guide, 1):
        row = FIRST_LINE + n - 1
        pen.text(sheet, row, LABEL, f"{n}.", "text")
        pen.text(sheet, row, CONTENT, sentence, "text")
        sheet.set_row(row, 17 * (1 + width(sentence) // 90))
    pen.text(sheet, FIRST_LINE + len(form.guide) + 1, CONTENT, f"格式依据：{form.basis}", "hint")


def write_lines(pen: Pen, sheet: Worksheet, drawn: Plan, filled: Submission, heading: str, hint: str) -> None:
    """Cover, prose and fields: label, content, hint; a hidden column works out the length of each paragraph."""
    for column, size in _WIDTHS.items():
        sheet.set_column(column, column, size)
    sheet.set_column(HELPER, HELPER, 4, None, {"hidden": True})
    pen.text(sheet, 1, LABEL, heading, "title")
    sheet.set_row(1, 30)
    pen.merged(sheet, (2, LABEL, 2, HINT), hint, "hint")
    sheet.set_row(2, 16 * (1 + width(hint) // 118) + 2)
    lines = drawn.lines[sheet.get_name()]
    seen: dict[str, int] = {}
    for line in lines:
        if line.kind == "heading":
            pen.text(sheet, line.row, LABEL, line.text, "heading")
            sheet.set_row(line.row, 24)
        elif line.kind == "field":
            _write_field(pen, sheet, line, filled)
        elif line.field:
            index = seen[line.field.id] = seen.get(line.field.id, -1) + 1
            _write_paragraph(pen, sheet, line, filled, index)
    name = sheet_key_of(drawn, sheet.get_name())
    area = quoted(sheet.get_name())
    last = lines[-1].row + 1
    done(pen.book.define_name(f"x2r_{name}", f"={area}!$C${FIRST_LINE + 1}:$C${last}"))
    done(pen.book.define_name(f"x2r_{name}_rows", f"={area}!$A${FIRST_LINE + 1}:$A${last}"))
    sheet.print_area(0, 0, lines[-1].row, HINT)


def _write_field(pen: Pen, sheet: Worksheet, line: Line, filled: Submission) -> None:
    field = line.field
    assert field is not None
    star = " *" if field.required else ""
    unit = f"（{field.unit}）" if field.unit else ""
    pen.text(sheet, line.row, 0, field.id)
    pen.text(sheet, line.row, LABEL, field.label + unit + star, "label")
    write_value(pen, sheet, line.row, CONTENT, filled.entries[field.id], style_of(field, in_table=False))
    pen.text(sheet, line.row, HINT, ("必填。" if field.required else "") + field.hint, "hint")
    sheet.set_row(line.row, max(22, 14 * (1 + width(field.hint) // 30)))
    write_prompt(sheet, line.row, CONTENT, field)
    if field.kind == "amount":
        sheet.ignore_errors({"number_stored_as_text": cell_name(line.row, CONTENT)})


def _write_paragraph(pen: Pen, sheet: Worksheet, line: Line, filled: Submission, index: int) -> None:
    field = line.field
    assert field is not None
    value = filled.entries[field.id].value
    paragraphs = value if isinstance(value, tuple) else ()
    text = paragraphs[index] if index < len(paragraphs) else ""
    pen.text(sheet, line.row, 0, field.id)
    pen.text(sheet, line.row, CONTENT, text, "prose")
    if index == 0:
        write_prompt(sheet, line.row, CONTENT, field)
        pen.text(sheet, line.row, HINT, field.hint or "每个单元格写一段", "hint")
    if text:
        sheet.set_row(line.row, min(400, 15 * (1 + width(text) // 70) + 3))
    pen.formula(sheet, line.row, HELPER, "=" + length_of(cell_name(line.row, CONTENT)), text_length(text))


def text_length(text: str) -> int:
    """What the hidden length formula shows for a paragraph (Excel counts UTF-16 units)."""
    from xl2report.form.language import NOTHING_SAID, TEXT_SPACES

    bare = text.translate(str.maketrans(dict.fromkeys(TEXT_SPACES, "")))
    return 0 if bare in NOTHING_SAID else len(bare.encode("utf-16-le")) // 2


def width(text: str) -> int:
    """Columns a text takes: two for a full-width character."""
    return sum(2 if ord(character) > 0x2E7F or character in "“”‘’…—·" else 1 for character in text)
