"""A comparison for readers: as text for the terminal, as one web page for everybody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from xl2report.checks.changes import Comparison, Line
from xl2report.form.model import Words
from xl2report.report.environment import encoded, template

EMPTY = Words("（空）", "(empty)")
_SAME = Words("没有不同", "no difference")
_COUNTS = Words("可比的数字 {n} 个，不同 {changed} 个", "{n} figures to compare, {changed} differ")
_ONLY = Words("只有 {name} 有的数字 {n} 个：", "figures that only {name} has ({n}):")
HEADS = (Words("项目", "item"), Words("增减", "change"), Words("增减（%）", "change (%)"))
MORE = Words("只在一方的数字", "figures of one side only")


class Titled(NamedTuple):
    """What heads a comparison: whose figures, and what the two columns are called."""

    title: str
    this: str
    last: str


def as_text(comparison: Comparison, titled: Titled, language: str) -> str:
    """The figures that differ, by section, then those that one side alone has."""
    lines = [f"{titled.title}  {titled.last} → {titled.this}", counted(comparison, language)]
    lines += _grouped(comparison.changed, language)
    for name, only in ((titled.this, comparison.only_this), (titled.last, comparison.only_last)):
        if only:
            lines.append(_ONLY.in_language(language).format(name=name, n=len(only)))
            lines += [f"  {_item(line)}  {shown(_one(line), language)}" for line in only]
    return "\n".join(lines)


def as_page(comparison: Comparison, titled: Titled, language: str) -> bytes:
    """Every figure of both sides, those that differ set off, as one page that needs nothing beside it."""
    parts = [(part, list(lines)) for part, lines in groupby(comparison.lines, key=lambda line: line.part)]
    only = [
        (_ONLY.in_language(language).format(name=name, n=len(lines)).rstrip("：:"), lines)
        for name, lines in ((titled.this, comparison.only_this), (titled.last, comparison.only_last))
        if lines
    ]
    page = template("comparison.html.j2").render(
        titled=titled,
        counted=counted(comparison, language),
        parts=parts,
        only=only,
        heads=[head.in_language(language) for head in HEADS],
        item=_item,
        one=_one,
        shown=lambda value: shown(value, language),
        signed=signed,
        lang="en" if language == "en" else "zh-CN",
    )
    return encoded(page)


def counted(comparison: Comparison, language: str) -> str:
    """How many figures there are, and how many differ."""
    told = _COUNTS.in_language(language).format(n=len(comparison.lines), changed=len(comparison.changed))
    return told if comparison.changed else f"{told}（{_SAME.in_language(language)}）"


def shown(value: Decimal | None, language: str) -> str:
    return EMPTY.in_language(language) if value is None else f"{value:f}"


def signed(value: Decimal | None) -> str:
    """A change with its sign; "" where there is none to tell."""
    return "" if value is None else f"{value:+f}" if value else "0"


def _grouped(lines: Iterable[Line], language: str) -> Iterator[str]:
    for part, group in groupby(lines, key=lambda line: line.part):
        yield part
        for line in group:
            percent = f"  {signed(line.percent)}%" if line.percent is not None else ""
            change = f"  {signed(line.change)}" if line.change is not None else ""
            yield f"  {_item(line)}  {shown(line.last, language)} → {shown(line.this, language)}{change}{percent}"


def _item(line: Line) -> str:
    return " > ".join(label for label in line.item if label != line.part)


def _one(line: Line) -> Decimal | None:
    return line.last if line.this is None else line.this
