"""Traditional characters: a report, and the words around it, converted sign by sign; figures and addresses stay."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from xl2report.report.environment import is_link
from xl2report.report.view import BarView, ChartView, Paragraph, Report, SectionView, SubHeading, TableView

# What stays: addresses inside a sentence (one that is the whole text may hold any character), halves of surrogate pairs.
_KEPT = re.compile("((?:https?://|www\\.)[!-~]+|[\ud800-\udfff]+)", re.IGNORECASE)
# OpenCC takes 复 in 复议 for 複 (again and again); what the law calls so is 復議 (to deliberate anew), and OpenCC itself
# writes 提起復議. Its other choices are left alone: 爲, 覈, 裏 and 祕 are one school's forms of signs, not other words.
_TERMS = ((re.compile("(?<!重)複議"), "復議"),)


class NoConverter(RuntimeError):
    """Characters cannot be converted here: OpenCC is not installed."""


def traditional(report: Report) -> Report:
    """The report in traditional characters (OpenCC ``s2t``: signs only, no regional words). NoConverter without OpenCC."""

    def lines(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(converted, texts))

    return replace(
        report,
        script="hant",
        form_name=converted(report.form_name),
        agency=converted(report.agency),
        title=converted(report.title),
        preface=tuple(Paragraph(converted(paragraph.text)) for paragraph in report.preface),
        sections=tuple(
            SectionView(section.id, converted(section.heading), tuple(map(_part, section.parts)))
            for section in report.sections
        ),
        signature=lines(report.signature),
        contacts=tuple((converted(label), converted(value)) for label, value in report.contacts),
    )


def converted(text: str) -> str:
    """A text in traditional characters, web addresses as they were."""
    if text.isascii() or is_link(text):
        return text
    convert = _converter()
    return "".join(part if n % 2 else convert(part) for n, part in enumerate(_KEPT.split(text)))


def _part(part: SubHeading | Paragraph | TableView | ChartView) -> SubHeading | Paragraph | TableView | ChartView:
    if isinstance(part, SubHeading | Paragraph):
        return type(part)(converted(part.text))
    if isinstance(part, ChartView):
        bars = tuple(
            BarView(converted(bar.label), tuple(map(converted, bar.group)), bar.value, bar.last) for bar in part.bars
        )
        return replace(part, title=converted(part.title), caption=converted(part.caption), bars=bars)
    cells = tuple(cell._replace(text=converted(cell.text)) for cell in part.cells)
    return replace(part, caption=converted(part.caption), cells=cells, notes=tuple(map(converted, part.notes)))


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    try:
        from opencc import OpenCC
    except ImportError:
        raise NoConverter("not installed: OpenCC") from None

    convert: Callable[[str], str] = OpenCC("s2t").convert
    return lambda text: _termed(convert(text))


def _termed(text: str) -> str:
    for wrong, right in _TERMS:
        text = wrong.sub(right, text)
    return text
