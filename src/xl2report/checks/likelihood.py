"""How a wrong figure may have come about, as far as the figures themselves tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from xl2report.form.model import Field, Words

REASONS: dict[str, Words] = {  # the likeliest first
    "blank-total": Words("总计没有填", "the total was left empty"),
    "zero-total": Words("总计填成了 0", "the total was typed as 0"),
    "blank": Words("没有填", "left empty"),
    "transposed": Words("像是两位数字颠倒了", "two digits may have been swapped"),
    "dropped-digit": Words("像是漏了一位数字", "a digit may have been left out"),
    "extra-digit": Words("像是多了一位数字", "a digit may have been typed too often"),
    "shifted": Words("像是填到了旁边的格", "the figure may stand in a neighbouring cell"),
    "left-out": Words("像是漏加了一项", "an item may not have been added"),
    "counted-twice": Words("像是有一项重复计数", "an item may have been counted twice"),
    "": Words("", ""),
}
_RANK = {reason: rank for rank, reason in enumerate(REASONS)}
_TELLING = 2  # from which size on it is no chance that a difference is equal to another figure


class Move(NamedTuple):
    """One typed cell: what it is worth now (0 while it is blank), and what it would have to be.

    ``missing``: it is blank, and nobody has said that this is 0.
    """

    field: str
    now: Decimal
    needed: Decimal
    blank: bool = False
    missing: bool = False


def reason(move: Move, others: tuple[Move, ...], field: Field, addends: Callable[[str], Mapping[str, Decimal]]) -> str:
    """Why the figure of a cell may be wrong, "" if nothing tells. ``others`` change together with it.

    ``addends`` gives the other figures that are added up where a field is: the parts of a total, the fellows of a part.
    """
    if field.parts and not move.now:
        return "blank-total" if move.blank else "zero-total"
    if move.missing:
        return "blank"
    return _slip(f"{move.now:f}", f"{move.needed:f}") or _neighbours(move, others) or _twice(move, field, addends(move.field))


def unlikeliness(reasons: tuple[str, ...], moves: tuple[Move, ...]) -> tuple[int, Decimal]:
    """What repairs are ordered by: what tells for them, then how much they change."""
    change = sum((abs(one.needed - one.now) / max(abs(one.needed), abs(one.now)) for one in moves), Decimal(0))
    return sum(_RANK[one] for one in reasons), change


def _slip(now: str, needed: str) -> str:
    """A slip of the fingers: the digits of one number out of the other's."""
    if "-" in now + needed or len(now + needed) < 3:
        return ""
    if len(now) == len(needed):
        swapped = (now[:at] + now[at + 1] + now[at] + now[at + 2 :] for at in range(len(now) - 1))
        return "transposed" if needed in swapped else ""
    if now != "0" and _without_one(needed, now):
        return "dropped-digit"
    return "extra-digit" if needed != "0" and _without_one(now, needed) else ""


def _without_one(longer: str, shorter: str) -> bool:
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def _neighbours(move: Move, others: tuple[Move, ...]) -> str:
    """Two cells that would have to change their figures with each other."""
    exchanged = (one for one in others if (one.now, one.needed) == (move.needed, move.now))
    return "shifted" if any(exchanged) else ""


def _twice(move: Move, field: Field, addends: Mapping[str, Decimal]) -> str:
    """The difference is just one of the figures that are added up."""
    change = move.needed - move.now
    if abs(change) < _TELLING or abs(change) not in addends.values():
        return ""
    if change < 0:
        return "counted-twice"
    return "left-out" if field.parts else ""
