"""The numbers that Word puts before paragraphs by itself: they stand in no text, and are counted here as Word counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from xl2report.workbook.package import Unreadable
from xl2report.workbook.parsing import parse
from xl2report.workbook.stored import small_whole

_LEVELS = 9
_LISTS_LIMIT = 20_000  # levels of all lists together; Word itself writes nine for each of a few
_LONGEST = 60  # characters of a number's pattern
_PLACEHOLDER = re.compile(r"%([1-9])")
_MOST_BASES = 20  # styles that a style may be based on, one on the other
_DIGITS = "〇一二三四五六七八九"
_COUNTING = frozenset({
    "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts. ``restart`` is the level after which it begins anew: 0 for never, None for any."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    style: str = ""


@dataclass(slots=True)
class Lists:
    """numbering.xml: the levels of each list, the list and the overridden starts of each number id, lists by style."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    starts: dict[str, dict[int, int]] = field(default_factory=dict)
    own: dict[str, dict[int, Level]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)  # a list that says: as that style
    styles: dict[str, str] = field(default_factory=dict)  # a style's name to the list that defines it


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: its name, the style it is based on, the number id and level it brings, or ""."""

    name: str = ""
    base: str = ""
    number: str = ""
    level: str = ""
    outlined: bool = False


class Counter:
    """The numbers of the paragraphs of one document, asked for in their order."""

    def __init__(self, lists: Lists, styles: Mapping[str, Style]) -> None:
        self._lists, self._styles = lists, styles
        self._at: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def number(self, style: str, number: str, level: str) -> str | None:
        """The number of the next paragraph: "" if it has none, None if nobody can tell how it looks.

        ``number`` and ``level`` are the paragraph's own, "" where it leaves them to its style.
        """
        styled = self._of_style(style)
        number = number or styled[0]
        if number in ("", "0"):
            return ""
        name = self._lists.lists.get(number, "")
        if name in self._lists.links:
            name = self._lists.styles.get(self._lists.links[name], name)
        levels = {**self._lists.levels.get(name, {}), **self._lists.own.get(number, {})}
        at = small_whole(level or styled[1] or "0") or 0
        if not (level or styled[1]):
            at = next((n for n, one in levels.items() if style and one.style == style), 0)
        if at not in levels:
            return None
        self._count(number, name, levels, at)
        return _printed(levels, self._at[name], at)

    def style(self, name: str) -> Style:
        """A style by its id, an empty one if there is none."""
        return self._styles.get(name, Style())

    def _of_style(self, style: str) -> tuple[str, str]:
        for _ in range(_MOST_BASES):
            known = self._styles.get(style)
            if known is None:
                break
            if known.number:
                return known.number, known.level
            style = known.base
        return "", ""

    def _count(self, number: str, name: str, levels: Mapping[int, Level], at: int) -> None:
        counts = self._at.setdefault(name, {})
        start = self._lists.starts.get(number, {}).get(at)
        if start is not None and (number, at) not in self._begun:
            counts[at] = start
        else:
            counts[at] = counts[at] + 1 if at in counts else levels[at].start
        self._begun.add((number, at))
        for upper in range(at):
            counts.setdefault(upper, levels[upper].start if upper in levels else 1)
        for lower in range(at + 1, _LEVELS):
            restart = levels[lower].restart if lower in levels else None
            if restart is None or (restart and at < restart):
                counts.pop(lower, None)


def read_lists(part: Iterable[bytes]) -> Lists:
    """The lists of a numbering part. Unreadable if it is damaged, or beyond a limit."""
    lists = Lists()
    target: dict[int, Level] = {}
    name, at, inside, many = "", 0, "", 0

    def change(**values: object) -> None:
        if inside == "lvl":
            target[at] = replace(target.get(at, Level()), **values)  # type: ignore[arg-type]

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal target, name, at, inside, many
        tag = tag.rpartition(":")[2]
        value = attribute(attributes, "val")
        match tag:
            case "abstractNum":
                name = attribute(attributes, "abstractNumId")
                target = lists.levels.setdefault(name, {})
            case "num":
                name = attribute(attributes, "numId")
                target = lists.own.setdefault(name, {})
            case "abstractNumId":
                lists.lists[name] = value
            case "numStyleLink":
                lists.links[name] = value
            case "styleLink":
                lists.styles[value] = name
            case "lvl" | "lvlOverride":
                at, inside, many = small_whole(attribute(attributes, "ilvl")) or 0, tag, many + 1
                if many > _LISTS_LIMIT:
                    raise Unreadable("F105", detail="names")
                if tag == "lvl":
                    target[at] = Level()
            case "startOverride":
                lists.starts.setdefault(name, {})[at] = small_whole(value) or 0
            case "start":
                change(start=small_whole(value) or 0)
            case "numFmt":
                change(format=value)
            case "lvlText":
                change(text=value[:_LONGEST])
            case "lvlRestart":
                change(restart=small_whole(value) or 0)
            case "isLgl":
                change(legal=value not in ("0", "false"))
            case "pStyle":
                change(style=value)

    parse(part, start)
    return lists


def read_styles(part: Iterable[bytes]) -> dict[str, Style]:
    """The paragraph styles of a styles part by their ids. Unreadable if it is damaged, or beyond a limit."""
    styles: dict[str, Style] = {}
    style = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal style
        tag = tag.rpartition(":")[2]
        value = attribute(attributes, "val")
        if tag == "style":
            style = attribute(attributes, "styleId")
            styles.setdefault(style, Style())
            if len(styles) > _LISTS_LIMIT:
                raise Unreadable("F105", detail="names")
        elif style and tag in ("name", "basedOn", "numId", "ilvl", "outlineLvl"):
            known = styles[style]
            match tag:
                case "name":
                    styles[style] = replace(known, name=value)
                case "basedOn":
                    styles[style] = replace(known, base=value)
                case "numId":
                    styles[style] = replace(known, number=value)
                case "ilvl":
                    styles[style] = replace(known, level=value)
                case _:
                    styles[style] = replace(known, outlined=value != "9")

    def end(tag: str) -> None:
        nonlocal style
        if tag.rpartition(":")[2] == "style":
            style = ""

    parse(part, start, end)
    return styles


def attribute(attributes: Mapping[str, str], name: str) -> str:
    """An attribute by its local name, "" where there is none."""
    if (usual := attributes.get(f"w:{name}")) is not None:
        return usual
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


# -- how a number looks ----------------------------------------------------------------------------------------------


def _printed(levels: Mapping[int, Level], counts: Mapping[int, int], at: int) -> str | None:
    level = levels[at]
    if level.format == "bullet":
        return "●"
    legal = level.legal

    def shown(match: re.Match[str]) -> str:
        n = int(match.group(1)) - 1
        if n > at:
            return ""
        other = levels.get(n, Level())
        text = "" if other.format == "none" else _formatted(counts.get(n, other.start), "decimal" if legal else other.format)
        return "\0" if text is None else text

    text = _PLACEHOLDER.sub(shown, level.text)
    return None if "\0" in text else text.strip()


def _formatted(count: int, kind: str) -> str | None:
    """A count as it is written, None for a kind or a size that is not known here."""
    if kind == "decimal":
        return str(count)
    if kind == "none":
        return ""
    if kind in _COUNTING:
        return chinese(count)
    writer = _WRITERS.get(kind)
    return writer(count) if writer else None


def chinese(count: int) -> str | None:
    """A count as it is said: 十一, 二十, 一百零一; None from 10,000 on."""
    if not 0 <= count < 10_000:
        return None
    if count < 10:
        return _DIGITS[count].replace("〇", "零")
    text, gap = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = count // size % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + unit
        gap = not digit
    return text.removeprefix("一") if text.startswith("一十") else text


def _letters(first: str) -> Callable[[int], str | None]:
    """a, b, … z, aa, bb: as Word goes on."""
    def write(count: int) -> str | None:
        return chr(ord(first) + (count - 1) % 26) * ((count - 1) // 26 + 1) if 1 <= count <= 260 else None

    return write


def _roman(count: int) -> str | None:
    if not 1 <= count < 4000:
        return None
    text = ""
    for size, mark in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        text += mark * (count // size)
        count %= size
    return text


def _signs(first: str, most: int) -> Callable[[int], str | None]:
    """Ready-made characters that follow one another, such as ①."""
    return lambda count: chr(ord(first) + count - 1) if 1 <= count <= most else None


def _listed(characters: str) -> Callable[[int], str | None]:
    return lambda count: characters[count - 1] if 1 <= count <= len(characters) else None


_WRITERS: dict[str, Callable[[int], str | None]] = {
    "decimalZero": lambda count: f"{count:02d}",
    "decimalFullWidth": lambda count: str(count).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "decimalHalfWidth": str,
    "ideographDigital": lambda count: "".join(_DIGITS[int(digit)] for digit in str(count)),
    "japaneseDigitalTenThousand": lambda count: "".join(_DIGITS[int(digit)] for digit in str(count)),
    "taiwaneseDigital": lambda count: "".join(_DIGITS[int(digit)] for digit in str(count)),
    "lowerLetter": _letters("a"),
    "upperLetter": _letters("A"),
    "lowerRoman": lambda count: (_roman(count) or "").lower() or None,
    "upperRoman": _roman,
    "decimalEnclosedCircle": _signs("①", 20),
    "decimalEnclosedCircleChinese": _signs("①", 20),
    "decimalEnclosedParen": _signs("⑴", 20),
    "decimalEnclosedFullstop": _signs("⒈", 20),
    "ideographEnclosedCircle": _signs("㊀", 10),
    "ideographTraditional": _listed("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _listed("子丑寅卯辰巳午未申酉戌亥"),
}
