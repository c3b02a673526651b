"""One input cell: its style, its value, and the prompt that says what belongs there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from xl2report.form.model import NO, YES, Field
from xl2report.submission import Entry
from xl2report.workbook.pen import Page, done

_TITLE, _BODY = 32, 255  # Excel's limits for a prompt
_MOST = 999_999_999_999_999  # 15 digits


def write_value(page: Page, at: tuple[int, int], entry: Entry, style: str) -> None:
    """The raw value as it would have been typed: numbers as numbers, all else as text."""
    if entry.raw.kind == "number" and isinstance(entry.value, Decimal) and style != "amount":
        page.number(*at, entry.value, style)
    else:
        page.text(*at, entry.raw.text, style)


def style_of(field: Field, in_table: bool) -> str:
    if field.kind == "amount":
        return "amount" if in_table else "entry"
    if field.is_number:
        return "input" if in_table else "number"
    return "date" if field.kind == "date" else "prose" if field.kind == "prose" else "entry"


def prompt(field: Field, origin: str = "") -> tuple[str, str]:
    """Title and body of the prompt: the item's full path, its unit, its basis, its hint, within Excel's limits.

    ``origin`` says where the value that stands there already comes from; it is never cut.
    """
    title = field.label if len(field.label) <= _TITLE else field.label[: _TITLE - 1] + "…"
    said = any(field.unit in label for label in field.path)  # some labels name their unit themselves
    unit = f"（单位：{field.unit}）" if field.unit and not said else ""
    lines = [" > ".join(field.path) + unit, field.hint, f"依据：{field.basis}" if field.basis else ""]
    body = "\n".join(line for line in lines if line)
    room = _BODY - (len(origin) + 1 if origin else 0)
    body = body if len(body) <= room else body[: room - 1] + "…"
    return title, f"{body}\n{origin}" if origin else body


def write_prompt(page: Page, row: int, column: int, field: Field, origin: str = "") -> None:
    title, body = prompt(field, origin)
    options: dict[str, Any] = {"validate": "any", "input_title": title, "input_message": body}
    if field.kind in ("count", "change"):
        low = _MOST * -1 if field.kind == "change" else 0
        low = int(field.minimum) if field.minimum is not None else low
        high = int(field.maximum) if field.maximum is not None else _MOST
        options |= {"validate": "integer", "criteria": "between", "minimum": low, "maximum": high}
        options |= {"error_title": "请填整数", "error_message": f"这里只能填 {low} 到 {high} 之间的整数，不写单位。"}
    elif field.kind in ("choice", "yesno"):
        labels = [YES, NO] if field.kind == "yesno" else [choice.label for choice in field.choices]
        options |= {"validate": "list", "source": labels}
        options |= {"error_title": "请从列表中选择", "error_message": "请点单元格右侧的箭头，从下拉列表中选择。"}
    done(page.sheet.data_validation(row, column, row, column, options))
