"""The 核对码: a short code of all figures, the same in the sheet and here, to be read over the telephone.

Two sums of weighted figures, each modulo a prime, four digits each: ``1234-5678``. Whole parts and millionths are
reduced before they are weighted, so that every step is exact in a spreadsheet's arithmetic.
"""

from __future__ import annotations

import math
from decimal import Decimal

MODULI = (9973, 9949)
UNDECIDED = "——"
_PARTS_WEIGHT = 31


def check_code(values: list[Decimal | None]) -> str:
    """The code of the figures in the order of the form; a dash while one of them is not decided."""
    if any(value is None for value in values):
        return UNDECIDED
    sums = []
    for modulus in MODULI:
        total = 0
        for n, value in enumerate(values):
            whole, parts = parts_of(value, modulus)
            total += weight(n) * (whole + _PARTS_WEIGHT * parts)
        sums.append(f"{total % modulus:04d}")
    return "-".join(sums)


def parts_of(value: Decimal | None, modulus: int) -> tuple[int, int]:
    """The whole part and the millionths of a figure, each modulo the prime; 0 and 0 for none."""
    if value is None:
        return 0, 0
    whole = math.floor(value)
    # in floating point, as the sheet works it out
    parts = math.floor((float(value) - whole) * 1_000_000 + 0.5)
    return whole % modulus, parts % modulus


def weight(position: int) -> int:
    """The weight of the figure at a position: a fixed sequence, so that swapped neighbours change the code."""
    return (37 * position * position + 101 * position + 7) % MODULI[0]
