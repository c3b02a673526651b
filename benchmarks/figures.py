"""A year's figures as offices have them: mostly zeros, a few large, a third table that balances; and those of the year before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import TypeAlias

APPLICANTS = ("natural", "commercial", "research", "public_benefit", "legal_service", "other_org")
RESULTS = (
    "granted", "partial", "state_secret", "law_forbids", "safety_stability", "third_party", "internal_affairs", "process_info",
    "enforcement_file", "admin_query", "not_held", "needs_making", "unclear_after_correction", "petition", "repeat", "publication",
    "excessive", "reconfirm", "correction_overdue", "fee_unpaid", "misc",
)  # fmt: skip
ROWS = ("new", "carried_in", *RESULTS, "carried_out")
OUTCOMES = ("upheld", "corrected", "other", "pending")
WAYS = ("review.review", "review.suit_direct", "review.suit_after_review")
DECISIONS = ("proactive.licence.decisions", "proactive.penalty.decisions", "proactive.coercion.decisions")
FEE = "proactive.fee.amount"

_MOSTLY = (850, 90, 5, 15, 25, 15)  # of a thousand applicants
_ENDS = (380, 90, 1, 3, 3, 12, 15, 25, 12, 20, 240, 40, 25, 30, 15, 2, 3, 4, 25, 8, 50)  # of a thousand applications
_UNPAID = RESULTS.index("fee_unpaid")
_SIZES = ((0, 3), (2, 30), (40, 300), (800, 6000))  # applications a year
_HOW_MANY = (55, 30, 11, 4)  # units of a hundred

Figures: TypeAlias = dict[str, int | str]  # by field; amounts as they are typed


def this_year(random: Random) -> Figures:
    """All inputs of one unit. Nothing that the form's rules ask about is wrong."""
    (size,) = random.choices(_SIZES, _HOW_MANY)
    found: Figures = {}
    for kind, before in (("regulations", 0), ("normative", random.choice((0, 0, 0, 0, 1, 2, 5, 12, 40, 90)))):
        issued = random.choice((0, 0, 0, 1, 2, 6)) if kind == "normative" else 0
        repealed = random.randint(0, min(before, 4))
        found |= _kept(kind, issued, repealed, before + issued - repealed)
    busy = random.random() < 0.3
    for name in DECISIONS:
        found[name] = random.randint(1, 10 ** random.randint(1, 6)) if busy and random.random() < 0.6 else 0
    found[FEE] = f"{random.uniform(0, 10 ** random.randint(0, 5)):.{random.randint(0, 6)}f}" if busy and random.random() < 0.5 else "0"
    notices = random.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, 3))
    charged = random.randint(10, 900) * notices
    found |= {"fee.notices": notices, "fee.charged": f"{charged:.2f}" if charged else "0", "fee.received": f"{charged * 0.75:.2f}" if charged else "0"}
    asked = _split(random, random.randint(*size), _MOSTLY)
    carried = _split(random, random.randint(0, 2 + size[0] // 20), _MOSTLY)
    most = (30, 2, 2, 2, 2, 2)  # less than would be a leap from last year's
    left = [random.randint(0, min((new + old) // 8, many)) for new, old, many in zip(asked, carried, most, strict=True)]
    found |= _requests(random, asked, carried, left, notices > 0)
    for way in WAYS:
        cases = _split(random, random.randint(1, 2 + size[0] // 10) if random.random() < 0.15 else 0, (60, 12, 18, 10))
        found |= {f"{way}.{outcome}": count for outcome, count in zip(OUTCOMES, cases, strict=True)}
    return found


def year_before(random: Random, now: Figures) -> Figures:
    """The inputs of the year before: its 四 is this year's 二, what was in force then gives what is in force now, and nothing leaps."""
    found: Figures = {}
    for kind in ("regulations", "normative"):
        before = whole(now, f"proactive.{kind}.in_force") - whole(now, f"proactive.{kind}.issued") + whole(now, f"proactive.{kind}.repealed")
        found |= _kept(kind, random.randint(0, min(before, 5)), random.randint(0, 2) if before else 0, before)
    scale = random.uniform(0.7, 1.3)
    found |= {name: round(whole(now, name) * scale) for name in DECISIONS}
    found[FEE] = f"{float(now[FEE]) * scale:.4f}" if now[FEE] != "0" else "0"
    found |= {name: now[name] for name in ("fee.notices", "fee.charged", "fee.received")}
    left = [whole(now, f"requests.carried_in.{who}") for who in APPLICANTS]
    asked = [max(round(whole(now, f"requests.new.{who}") * scale), over) for who, over in zip(APPLICANTS, left, strict=True)]
    carried = [min(over, 3) for over in left]
    found |= _requests(random, asked, carried, left, whole(now, "fee.notices") > 0)
    found |= {f"{way}.{outcome}": round(whole(now, f"{way}.{outcome}") * scale) for way in WAYS for outcome in OUTCOMES}
    return found


def whole(figures: Figures, name: str) -> int:
    return int(figures[name])


def totals(figures: Figures) -> dict[str, int]:
    """Every total of the form, added up here: nothing is asked of the form or of its reader."""
    found: dict[str, int] = {}
    for who in APPLICANTS:
        found[f"requests.handled.{who}"] = sum(whole(figures, f"requests.{row}.{who}") for row in RESULTS)
    for row in ROWS:
        found[f"requests.{row}.total"] = sum(whole(figures, f"requests.{row}.{who}") for who in APPLICANTS)
    found["requests.handled.total"] = sum(found[f"requests.handled.{who}"] for who in APPLICANTS)
    for way in WAYS:
        found[f"{way}.total"] = sum(whole(figures, f"{way}.{outcome}") for outcome in OUTCOMES)
    return found


def _kept(kind: str, issued: int, repealed: int, in_force: int) -> Figures:
    return {f"proactive.{kind}.issued": issued, f"proactive.{kind}.repealed": repealed, f"proactive.{kind}.in_force": in_force}


def _requests(random: Random, asked: Sequence[int], carried: Sequence[int], left: Sequence[int], unpaid: bool) -> Figures:
    """The third table, column by column: what came in and was left over, less what is left, ends in some way."""
    weights = [weight if n != _UNPAID or unpaid else 0 for n, weight in enumerate(_ENDS)]
    found: Figures = {}
    for who, new, old, over in zip(APPLICANTS, asked, carried, left, strict=True):
        found |= {f"requests.new.{who}": new, f"requests.carried_in.{who}": old, f"requests.carried_out.{who}": over}
        ends = _split(random, new + old - over, weights)
        found |= {f"requests.{row}.{who}": count for row, count in zip(RESULTS, ends, strict=True)}
    return found


def _split(random: Random, count: int, weights: Sequence[int]) -> list[int]:
    drawn = Counter(random.choices(range(len(weights)), weights, k=count))
    return [drawn[n] for n in range(len(weights))]
