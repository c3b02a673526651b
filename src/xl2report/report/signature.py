"""Where the name and the date at the end stand: GB/T 9704-2012, 7.3.5.2, for a document without a seal.

The name ends two characters before the edge of the text, the date below it begins two characters further in than the
name. If the date is longer, it is the date that ends two characters before the edge, and the name moves with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from xl2report.report.geometry import ems
from xl2report.report.headline import even_lines
from xl2report.report.view import Report

FREE = 2  # characters between the signature and the edge, and between the beginnings of name and date
_MOST = 26.0  # characters that a line has beside those


def signature_lines(report: Report) -> tuple[tuple[str, ...], ...]:
    """The name and the date, each in lines of one length if one line does not hold it."""
    return tuple((text,) if ems(text) <= _MOST else even_lines(text) for text in report.signature)


def begins(signature: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """Where the name and what stands below it begin, in characters before the right edge of the text."""
    if not signature:
        return ()
    name, *others = (max(map(ems, lines)) for lines in signature)
    longest = max(others, default=0.0)
    room = FREE + (longest + FREE if longest > name else name)
    return (room, *[room - FREE] * len(others))
