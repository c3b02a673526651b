"""What becomes of a return: sent in right, wrong in one of many ways, again, twice, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from cut import Typed
from figures import APPLICANTS, FEE, RESULTS, ROWS, WAYS, Figures, whole

_ANSWERS = ("proactive.blank_is_zero", "requests.blank_is_zero", "review.blank_is_zero")


class Fate(NamedTuple):
    """A fate, how many units of a thousand have it, and the state it leads to in the ledger."""

    name: str
    share: int
    state: str


FATES = (
    Fate("plain", 0, "已报"),  # all others
    Fate("missing", 60, "未报"),
    Fate("unbalanced", 10, "有误"),
    Fate("unanswered", 10, "有误"),  # blanks, and nobody says that they are 0
    Fate("worded", 10, "有误"),  # no number in a number cell
    Fate("uncovered", 8, "有误"),  # a required cell of the cover is empty
    Fate("overwritten", 6, "有误"),  # a total typed over, wrongly
    Fate("silent", 3, "有误"),  # a section that must be written is empty
    Fate("stale", 3, "有误"),  # of another year
    Fate("mended", 20, "已报"),  # wrong at first, then right
    Fate("amended", 20, "已报"),  # right, then right with other figures
    Fate("worsened", 4, "有误"),  # right, then wrong
    Fate("rivals", 6, "待定"),  # two different ones, and nothing says which is later
    Fate("doubled", 30, "已报"),  # the same bytes twice
    Fate("truncated", 4, "未报"),  # the file is not whole, and so nobody's
    Fate("queried", 25, "待说明"),
    Fate("explained", 20, "已报"),  # a query with its reason
    Fate("repaired", 40, "已报"),  # numbers as texts that can be read
    Fate("retyped", 10, "已报"),  # a total typed over with the right figure
)


class Return(NamedTuple):
    """One file: what is typed, what its formulas show, the figures meant. ``days`` after the first file it comes in.

    ``version`` tells files with the same bytes; ``cut_at`` is where the file breaks off.
    """

    typed: dict[str, Typed]
    results: dict[str, Typed]
    figures: Figures
    times: int = 1
    days: int = 0
    version: int = 1
    doubled: bool = False
    cut_at: int | None = None


def sent(fate: Fate, figures: Figures, cover: dict[str, Typed], random: Random) -> Iterator[Return]:
    """The files of one unit, in the order in which they come in."""
    if fate.name in ("missing", "exempt"):
        return
    good = _typed(figures, cover, random)
    match fate.name:
        case "mended":
            yield _return(_spoilt("unbalanced", figures, good, random), figures)
            yield _return({**good, "cover.submission": 2}, figures, times=2, days=2, version=2)
        case "amended":
            yield _return(good, figures)
            other = _more(figures)
            yield _return({**_typed(other, cover, random), "cover.submission": 2}, other, times=2, days=2, version=2)
        case "worsened":
            yield _return(good, figures)
            yield _return({**_spoilt("unbalanced", figures, good, random), "cover.submission": 2}, figures, times=2, days=2, version=2)
        case "rivals":
            yield _return(good, figures)
            other = _more(figures)
            yield _return(_typed(other, cover, random), other, days=1, version=2)
        case "doubled":
            yield _return(good, figures)
            yield _return(good, figures, days=40, doubled=True)
        case "truncated":
            yield _return(good, figures)._replace(cut_at=20_000)
        case "queried" | "explained":
            asked: Figures = {**figures, "proactive.regulations.issued": 1, "proactive.regulations.in_force": 1}
            figures.update(asked)  # last year's return is drawn from them
            typed = _typed(asked, cover, random)
            reason = {"说明 regulations": "与上级机关联合制发"} if fate.name == "explained" else {}
            yield _return({**typed, **reason}, asked)
        case name:
            yield _return(_spoilt(name, figures, good, random), figures)


def _return(typed: dict[str, Typed], figures: Figures, **more: int | bool) -> Return:
    return Return(typed, _results(typed), figures, **more)


def _more(figures: Figures) -> Figures:
    """Other figures that are right as well: one application more, granted."""
    return {**figures, **{name: whole(figures, name) + 1 for name in ("requests.new.natural", "requests.granted.natural")}}


_NO_NUMBERS: tuple[tuple[str, Typed], ...] = (
    ("requests.new.natural", "约3"), ("requests.granted.natural", "一百二十"), ("review.review.upheld", "3-4"), (FEE, "1.2万"), ("requests.misc.natural", "O"),
)  # fmt: skip
_TEXTS = (
    "本机关严格落实《条例》，健全主动公开目录，及时更新机构职能、规划计划、财政预决算等信息。",
    "全年收到的申请均在法定期限内答复，对疑难件会同司法行政部门会商。",
    "落实三审三校，定期清理过期、失效的文件，更新规范性文件库。",
    "依托门户网站公开专栏和政务新媒体发布信息，改进检索，方便群众查找。",
    "把信息公开纳入年度考核，开展业务培训，没有责任追究情形。",
)
_PROSE = ("overview.proactive", "overview.on_request", "overview.management", "overview.platform", "overview.supervision", "problems.text")


def _typed(figures: Figures, cover: dict[str, Typed], random: Random) -> dict[str, Typed]:
    """A whole workbook as somebody fills it in: zeros are typed or left out, the questions about blanks are answered."""
    leaves_zeros = random.random() < 0.5
    found: dict[str, Typed] = {**cover, **dict.fromkeys(_ANSWERS, "是")}
    for name, value in figures.items():
        found[name] = None if leaves_zeros and value in (0, "0") and not name.startswith("fee.") else value
    for name in _PROSE:
        for n in range(random.randint(1, 4)):
            found[f"{name}#{n}"] = "".join(random.choices(_TEXTS, k=random.randint(1, 4)))
    return found


def _spoilt(fate: str, figures: Figures, typed: dict[str, Typed], random: Random) -> dict[str, Typed]:
    """What is typed, with the one fault or oddity of a fate."""
    handled = sum(whole(figures, f"requests.{row}.natural") for row in RESULTS)
    match fate:
        case "unbalanced":
            return {**typed, "requests.granted.natural": whole(figures, "requests.granted.natural") + random.randint(1, 9)}
        case "unanswered":
            return {**typed, "requests.blank_is_zero": random.choice((None, "否")), "requests.misc.research": None}
        case "worded":
            return {**typed, **dict([random.choice(_NO_NUMBERS)])}
        case "uncovered":
            return {**typed, random.choice(("cover.phone", "cover.address", "cover.signed_on")): None}
        case "overwritten":
            return {**typed, "requests.handled.natural": handled + random.randint(1, 5)}
        case "retyped":
            return {**typed, "requests.handled.natural": handled}
        case "silent":
            return {name: value for name, value in typed.items() if not name.startswith("problems.text")} | {"problems.text#0": "无"}
        case "stale":
            return {**typed, "cover.year": int(str(typed["cover.year"])) - 1}
        case "repaired":
            name = random.choice(("requests.new.natural", "proactive.licence.decisions"))
            value = whole(figures, name)
            full_width = str(value).translate({ord("0") + n: ord("０") + n for n in range(10)})
            return {**typed, name: random.choice((f"{value}件", f" {value} ", full_width, f"{value:,}", f"{value}.0"))}
    return typed


# -- what the formulas show ----------------------------------------------------------------------------------------------


def _results(typed: dict[str, Typed]) -> dict[str, Typed]:
    """The results of the totals that are still formulas: an empty text where a part is a text, or blank and not said to be 0."""
    shown: dict[str, Typed] = {}

    def add(total: str, parts: list[str]) -> None:
        if total in typed:
            return
        answered = typed.get(f"{total.partition('.')[0]}.blank_is_zero") == "是"
        values = [typed[part] if part in typed else shown[part] for part in parts]
        numbers = [value for value in values if isinstance(value, int)]
        if any(isinstance(value, str) for value in values) or (len(numbers) < len(parts) and not answered):
            shown[total] = ""
        else:
            shown[total] = sum(numbers)

    for who in APPLICANTS:
        add(f"requests.handled.{who}", [f"requests.{row}.{who}" for row in RESULTS])
    for row in (*ROWS, "handled"):
        add(f"requests.{row}.total", [f"requests.{row}.{who}" for who in APPLICANTS])
    for way in WAYS:
        add(f"{way}.total", [f"{way}.{outcome}" for outcome in ("upheld", "corrected", "other", "pending")])
    return shown
