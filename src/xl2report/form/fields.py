"""The properties of one field in a form file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from xl2report.form.model import ROLES, Choice
from xl2report.form.source import Node

KINDS = ("count", "change", "amount", "text", "choice", "yesno", "date", "link", "prose")
FIELD_KEYS = (
    "label kind unit decimals minimum maximum required private hint basis default choices paragraphs role"
).split()
GROUP_KEYS = (*FIELD_KEYS, "from_last")  # of a field that stands in a group with others: on the cover, in a section


def field_options(keys: dict[str, Node]) -> dict[str, Any]:
    """The options of a field as the keyword arguments of :class:`Field`; ``from_last`` as written, a short id."""
    options: dict[str, Any] = {}
    for key, node in keys.items():
        if key in ("label", "unit", "hint", "basis", "default", "from_last"):
            options[key] = node.text()
        elif key == "kind":
            options[key] = node.one_of(KINDS)
        elif key in ("decimals", "paragraphs"):
            options[key] = node.whole()
        elif key in ("minimum", "maximum"):
            options[key] = Decimal(node.whole())
        elif key in ("required", "private"):
            options[key] = node.flag()
        elif key == "role":
            options[key] = node.one_of(ROLES)
        elif key == "choices":
            options[key] = _choices(node)
    return options


def _choices(node: Node) -> tuple[Choice, ...]:
    if node.is_list:
        return tuple(Choice(item.text()) for item in node.items())
    return tuple(
        Choice(label, tuple((name, _attribute(value.text())) for _, name, value in attributes.entries()))
        for _, label, attributes in node.entries()
    )


def _attribute(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text
