"""The two sides of a rule in the labels of the form."""

from __future__ import annotations

from xl2report.form.language import Binary, Expression, Figure, Number, Sum
from xl2report.form.model import Form, Instance


def side_words(form: Form, instance: Instance, side: Expression) -> str:
    """One side as people would say it: labels and signs, a long sum as the number of its terms."""
    match side:
        case Figure(key, "field"):
            return _label(form.fields[key].path, instance.item)
        case Figure(_, _, fields):
            return form.fields[fields[0]].label
        case Sum(terms):
            return f"{len(terms)}项之和"
        case Binary(operator, left, right):
            return f"{side_words(form, instance, left)}{operator}{side_words(form, instance, right)}"
        case Number(value):
            return str(value)
    return ""


def _label(path: tuple[str, ...], item: tuple[str, ...]) -> str:
    """The innermost label that the instance's own place does not already name."""
    return next((label for label in reversed(path) if label not in item), path[-1])
