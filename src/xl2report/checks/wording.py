"""What a rule compares, in the labels of the form."""

from __future__ import annotations

from xl2report.checks.figures import Figures
from xl2report.checks.findings import shown
from xl2report.checks.judge import Judgement, evaluate
from xl2report.form.language import Binary, Call, Comparison, Expression, Figure, Least, Name, Number, Size, Sum
from xl2report.form.language import figures as figures_of
from xl2report.form.model import Form, Instance


def compared_words(form: Form, judgement: Judgement, figures: Figures) -> str:
    """Both sides of a rule with their values, and by how much they are apart.

    Sides that are worked out of products, smaller or larger figures say little: there the figures are told one by one.
    """
    instance, check = judgement.instance, judgement.instance.check
    if _is_involved(check):
        told = dict.fromkeys(figures_of(check))
        return "，".join(f"{side_words(form, instance, figure)} = {shown(evaluate(figure, figures))}" for figure in told)
    sides = [
        f"{side_words(form, instance, side)} = {shown(value)}"
        for side, value in ((check.left, judgement.left), (check.right, judgement.right))
        if not isinstance(side, Number)
    ]
    if check.operator == "==" and judgement.difference is not None and len(sides) > 1:
        sides.append(f"相差 {shown(abs(judgement.difference))}")
    return "，".join(sides)


def side_words(form: Form, instance: Instance, side: Expression) -> str:
    """One side as people would say it: labels and signs, a long sum as the number of its terms."""
    match side:
        case Figure(key, "field"):
            return _label(form.fields[key].path, instance.item)
        case Figure(_, "last"):
            return f"上年的“{_label(form.fields[side.last].path, instance.item)}”"
        case Figure(_, _, fields):
            return form.fields[fields[0]].label
        case Sum(terms):
            return f"{len(terms)}项之和"
        case Binary(operator, left, right):
            return f"{side_words(form, instance, left)}{operator}{side_words(form, instance, right)}"
        case Number(value):
            return str(value)
        case Size(term):
            return side_words(form, instance, term)
        case Least(terms):
            return "、".join(side_words(form, instance, term) for term in terms)
        case Name() | Call():
            raise TypeError(f"not bound: {side}")


def _is_involved(node: Expression | Comparison) -> bool:
    match node:
        case Size() | Least() | Binary("*"):
            return True
        case Sum(terms):
            return any(map(_is_involved, terms))
        case Binary(_, left, right) | Comparison(_, left, right):
            return _is_involved(left) or _is_involved(right)
    return False


def _label(path: tuple[str, ...], item: tuple[str, ...]) -> str:
    """The innermost label that the instance's own place does not already name."""
    return next((label for label in reversed(path) if label not in item), path[-1])
