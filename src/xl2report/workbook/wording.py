"""The fixed texts of the sheets beside the form's own labels: what is written, and what a reader knows it by."""

from __future__ import annotations

from xl2report.form.model import Field, Form, Section, Table

PRIVATE_HEADING = "以下各项只供报送联系，不印入报告"
_PARAGRAPH_HINT = "每个单元格写一段"


def headings(form: Form, section: Section | None) -> tuple[str, str]:
    """The heading of a sheet and the line under it; of the cover without a section."""
    if section is None:
        return form.cover_sheet, f"{form.name}　{form.basis}"
    return section.heading, unit_words(section.table) if section.table else section.hint


def unit_words(table: Table) -> str:
    unit = next((field.unit for field in table.cells if field.unit), "")
    return f"单位：{unit}（另有注明的除外）。浅黄色格填数，灰色总计自动算出。"


def question_words(question: Field) -> str:
    return f"{question.label}（选“是”或“否”）→"


def field_label(field: Field) -> str:
    """The label of a single field, with its unit, and a star if it is required."""
    unit = f"（{field.unit}）" if field.unit else ""
    return field.label + unit + (" *" if field.required else "")


def field_hint(field: Field) -> str:
    return ("必填。" if field.required else "") + field.hint


def paragraph_hint(field: Field) -> str:
    return field.hint or _PARAGRAPH_HINT


def guide_lines(form: Form) -> tuple[str, ...]:
    """What the sheet of instructions says: its heading, the numbered sentences, the basis of the form."""
    return f"{form.name}　填报说明", *form.guide, f"格式依据：{form.basis}"


def guide_texts(form: Form) -> frozenset[str]:
    """Every text of the sheet of instructions, without white space."""
    numbers = (f"{n}." for n in range(1, len(form.guide) + 1))
    return frozenset("".join(text.split()) for text in (*guide_lines(form), *numbers))


def fixed_texts(form: Form, section: Section | None) -> frozenset[str]:
    """Every text that a sheet was issued with outside its inputs and the labels of its table, without white space."""
    texts = [*headings(form, section)]
    if section and section.table:
        texts += [question_words(section.table.zero_question), section.table.note.label]
    else:
        single = section.fields if section else form.cover
        prose = section.prose if section else (form.preface,)
        texts += [PRIVATE_HEADING, *(field_label(field) for field in single), *(field_hint(field) for field in single)]
        texts += [*(field.label for field in prose), *(paragraph_hint(field) for field in prose)]
    return frozenset("".join(text.split()) for text in texts)
