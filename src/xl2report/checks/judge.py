"""The first compiler of a rule: its verdict in Python, in exact decimal arithmetic."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal, NamedTuple, TypeAlias

from xl2report.checks.figures import Figures
from xl2report.form.language import (
    COMPARED_DECIMALS,
    Binary,
    Call,
    Comparison,
    Expression,
    Figure,
    Least,
    Name,
    Number,
    Size,
    Sum,
)
from xl2report.form.model import Instance

Verdict: TypeAlias = Literal["pass", "fail", "undecided", "absent"]

_EXACT = Context(prec=100)  # the usual 28 digits are too few for a product of two large figures
_STEP = Decimal(1).scaleb(-COMPARED_DECIMALS)
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
}  # fmt: skip


class Judgement(NamedTuple):
    """One rule instance judged. Sides are None when a figure is missing, or when the rule does not apply."""

    instance: Instance
    verdict: Verdict
    left: Decimal | None
    right: Decimal | None

    @property
    def applies(self) -> bool:
        """False where the rule passes because its condition does not hold."""
        return self.verdict != "pass" or self.left is not None

    @property
    def difference(self) -> Decimal | None:
        if self.left is None or self.right is None:
            return None
        return self.left - self.right


def judge(instance: Instance, figures: Figures) -> Judgement:
    """Pass, fail, or undecided. A condition that does not hold makes the rule pass; an undecided one, undecided.

    Absent: the rule compares with the year before, whose figure is not there.
    """
    if any(figures(figure) is None for figure in instance.lasts):
        return Judgement(instance, "absent", None, None)
    if instance.when is not None:
        applies = compare(instance.when, figures)
        if applies is not True:
            return Judgement(instance, "undecided" if applies is None else "pass", None, None)
    left, right = evaluate(instance.check.left, figures), evaluate(instance.check.right, figures)
    holds = _compared(instance.check.operator, left, right)
    return Judgement(instance, "undecided" if holds is None else "pass" if holds else "fail", left, right)


def compare(comparison: Comparison, figures: Figures) -> bool | None:
    """Whether a comparison holds; None when a figure of it is not decided."""
    left, right = evaluate(comparison.left, figures), evaluate(comparison.right, figures)
    return _compared(comparison.operator, left, right)


def _compared(comparison: str, left: Decimal | None, right: Decimal | None) -> bool | None:
    if left is None or right is None:
        return None
    return _COMPARE[comparison](compared_difference(left, right), Decimal(0))


def compared_difference(left: Decimal, right: Decimal) -> Decimal:
    """The difference that is compared with 0, and shown in 校验."""
    return _EXACT.subtract(left, right).quantize(_STEP, ROUND_HALF_UP, _EXACT)


def evaluate(node: Expression, figures: Figures) -> Decimal | None:
    """The value of an expression; None as soon as one of its figures is not decided."""
    match node:
        case Number(value):
            return value
        case Figure():
            return figures(node)
        case Sum(terms) | Least(terms):
            values = [evaluate(term, figures) for term in terms]
            known = [value for value in values if value is not None]
            if len(known) < len(values):
                return None
            return min(known) if isinstance(node, Least) else sum(known, Decimal(0))
        case Size(term):
            size = evaluate(term, figures)
            return None if size is None else abs(size)
        case Binary(operator_, left, right):
            first, second = evaluate(left, figures), evaluate(right, figures)
            return None if first is None or second is None else _ARITHMETIC[operator_](first, second)
        case Name() | Call():
            raise TypeError(f"not bound: {node}")
