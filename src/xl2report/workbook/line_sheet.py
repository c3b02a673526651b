"""The sheets of lines: guide, cover, prose and single fields."""

from __future__ import annotations

from xl2report.form.language import NOTHING_SAID, TEXT_SPACES
from xl2report.form.model import Form
from xl2report.workbook.contents import Contents
from xl2report.workbook.formulas import length_of
from xl2report.workbook.inputs import style_of, write_prompt, write_value
from xl2report.workbook.pen import Page
from xl2report.workbook.plan import (
    CONTENT,
    CONTENT_ID,
    FIRST_LINE,
    HELPER,
    HINT,
    LABEL,
    LABEL_ID,
    Line,
    cell_name,
    quoted,
    sheet_key_of,
)
from xl2report.workbook.wording import field_hint, field_label, guide_lines, paragraph_hint

_WIDTHS = {LABEL: 20, CONTENT: 72, HINT: 30}


def write_guide(page: Page, form: Form) -> None:
    page.sheet.set_column(LABEL, LABEL, 5)
    page.sheet.set_column(CONTENT, CONTENT, 92)
    title, *sentences, basis = guide_lines(form)
    page.text(1, LABEL, title, "title")
    page.sheet.set_row(1, 30)
    for n, sentence in enumerate(sentences, 1):
        row = FIRST_LINE + n - 1
        page.text(row, LABEL, f"{n}.", "text")
        page.text(row, CONTENT, sentence, "text")
        page.sheet.set_row(row, 17 * (1 + width(sentence) // 90))
    page.text(FIRST_LINE + len(form.guide) + 1, CONTENT, basis, "hint")


def write_lines(page: Page, contents: Contents, heading: str, hint: str) -> None:
    """Cover, prose and fields: label, content, hint; a hidden column works out the length of each paragraph."""
    for column, size in _WIDTHS.items():
        page.sheet.set_column(column, column, size)
    page.sheet.set_column(HELPER, HELPER, 4, None, {"hidden": True})
    page.text(0, LABEL, LABEL_ID)
    page.text(0, CONTENT, CONTENT_ID)
    page.text(1, LABEL, heading, "title")
    page.sheet.set_row(1, 30)
    page.merged((2, LABEL, 2, HINT), hint, "hint")
    page.sheet.set_row(2, 16 * (1 + width(hint) // 118) + 2)
    drawn = contents.plan
    lines = drawn.lines[page.name]
    seen: dict[str, int] = {}
    for line in lines:
        if line.kind == "heading":
            page.text(line.row, LABEL, line.text, "heading")
            page.sheet.set_row(line.row, 24)
        elif line.kind == "field":
            _write_field(page, line, contents)
        elif line.field:
            index = seen[line.field.id] = seen.get(line.field.id, -1) + 1
            _write_paragraph(page, line, contents, index)
    name = sheet_key_of(drawn, page.name)
    area = quoted(page.name)
    last = lines[-1].row + 1
    page.pen.define(f"x2r_{name}", f"{area}!$C${FIRST_LINE + 1}:$C${last}")
    page.pen.define(f"x2r_{name}_rows", f"{area}!$A${FIRST_LINE + 1}:$A${last}")
    page.sheet.print_area(0, 0, lines[-1].row, HINT)


def _write_field(page: Page, line: Line, contents: Contents) -> None:
    field = line.field
    assert field is not None
    page.text(line.row, 0, field.id)
    page.text(line.row, LABEL, field_label(field), "label")
    write_value(page, (line.row, CONTENT), contents.entry(field), style_of(field, in_table=False))
    hint = field_hint(field)
    page.text(line.row, HINT, hint, "hint")
    page.sheet.set_row(line.row, 15 * (1 + width(hint) // 30) + 9)
    write_prompt(page, line.row, CONTENT, field, contents.origins.get(field.id, ""))


def _write_paragraph(page: Page, line: Line, contents: Contents, index: int) -> None:
    field = line.field
    assert field is not None
    value = contents.entry(field).value
    paragraphs = value if isinstance(value, tuple) else ()
    text = paragraphs[index] if index < len(paragraphs) else ""
    page.text(line.row, 0, field.id)
    page.text(line.row, CONTENT, text, "prose")
    if index == 0:
        write_prompt(page, line.row, CONTENT, field)
        page.text(line.row, HINT, paragraph_hint(field), "hint")
    if text:
        page.sheet.set_row(line.row, min(400, 15 * (1 + width(text) // 70) + 3))
    page.formula((line.row, HELPER), "=" + length_of(cell_name(line.row, CONTENT)), text_length(text))


def text_length(text: str) -> int:
    """What the hidden length formula shows for a paragraph (Excel counts UTF-16 units)."""
    bare = text.translate({ord(character): None for character in TEXT_SPACES})
    return 0 if bare in NOTHING_SAID else len(bare.encode("utf-16-le")) // 2


def width(text: str) -> int:
    """Columns a text takes: two for a full-width character."""
    return sum(2 if ord(character) > 0x2E7F or character in "“”‘’…—·" else 1 for character in text)
