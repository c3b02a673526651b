"""A chart as a drawing: horizontal bars with their labels and figures, as SVG, and the same in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

from markupsafe import escape

from xl2report.report.geometry import ems
from xl2report.report.view import BarView, ChartView

# In pixels of the page. So narrow that on a phone of 360, where the drawing shrinks to fit, its text keeps 12.
WIDTH = 360
_TYPE, _LEADING = 13, 17
PAPER = WIDTH * 10.5 / _TYPE  # its width in points on paper: its text is 五号 there
_LABEL, _FIGURE = 144, 74  # left of the bars, and at least so much right of them
_BAR, _BETWEEN, _GAP = 13, 2, 8
_FONT = "Noto Sans SC, Noto Sans CJK SC, Microsoft YaHei, SimHei, sans-serif"
# 3:1 and more against white and against the dark page; text takes the colour of the page.
_INK = "#3a7ca5"
_CLOSING = "，。、；：）》”"


def alternative(chart: ChartView) -> str:
    """What the drawing shows, in words: its caption, then each bar with its figures."""
    return f"{chart.caption}：{'；'.join(_told(bar, chart) for bar in chart.bars)}。"


def svg(chart: ChartView) -> str:
    """The chart as one ``svg`` element that needs nothing beside it."""
    top = _BAR if chart.last_year is None else _LEADING + _GAP
    scale = _scale([value for bar in chart.bars for value in (bar.value, bar.last) if value is not None])
    drawn = list(_legend(chart)) if chart.last_year is not None else []
    for group, bars in groupby(chart.bars, key=lambda bar: bar.group):
        if group:
            drawn.append(f'<path d="M0 {top - 2}h{WIDTH}" stroke="currentColor" stroke-opacity=".25"/>')
            top += _GAP // 2
            for line in _lines("·".join(group), WIDTH):
                drawn.append(_text(0, top + _TYPE, line, "start"))
                top += _LEADING
            top += _GAP // 2
        for bar in bars:
            height = _height(bar, chart)
            drawn += _drawn(bar, chart, top, height, scale)
            drawn.append(f'<path d="M{_LABEL} {top - 2}v{height + 4}" stroke="currentColor" stroke-opacity=".5"/>')
            top += height + _GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}"'
    return f'{head} font-family="{_FONT}" font-size="{_TYPE}" fill="currentColor">{"".join(drawn)}</svg>'


def _scale(values: list[Decimal]) -> Decimal:
    """Pixels for each of what is counted: the longest bar leaves the room that the widest figure needs."""
    most = max(values, default=Decimal(0))
    figure = 6 + _TYPE * max((ems(_figure(value)) for value in values), default=0.0)
    bars = max(WIDTH - _LABEL - max(_FIGURE, math.ceil(figure)), 0)
    return bars / most if most > 0 else Decimal(0)


def _told(bar: BarView, chart: ChartView) -> str:
    name = "·".join((*bar.group, bar.label))
    if chart.last_year is None:
        return f"{name} {_figure(bar.value)}"
    return f"{name} {chart.year}年 {_figure(bar.value)}、{chart.last_year}年 {_figure(bar.last)}"


def _figure(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:f}"


def _height(bar: BarView, chart: ChartView) -> int:
    return max(_bars(chart), len(_lines(bar.label, _LABEL - 10)) * _LEADING)


def _bars(chart: ChartView) -> int:
    return _BAR if chart.last_year is None else 2 * _BAR + _BETWEEN


def _drawn(bar: BarView, chart: ChartView, top: int, height: int, scale: Decimal) -> Iterator[str]:
    """A label at the left, the bar of this year, and under it the hollow one of last year."""
    lines = _lines(bar.label, _LABEL - 10)
    first = top + (height - len(lines) * _LEADING) / 2 + _TYPE
    for n, line in enumerate(lines):
        yield _text(_LABEL - 10, first + n * _LEADING, line, "end")
    y = top + (height - _bars(chart)) / 2
    yield from _rod(bar.value, y, scale, f'fill="{_INK}"')
    if chart.last_year is not None:
        yield from _rod(bar.last, y + _BAR + _BETWEEN, scale, f'fill="none" stroke="{_INK}"')


def _rod(value: Decimal | None, y: float, scale: Decimal, look: str) -> Iterator[str]:
    length = float(max(value or 0, 0) * scale)  # a decrease has no length: its figure stands at the line
    if length > 0:
        yield f'<rect x="{_LABEL}" y="{_short(y)}" width="{_short(max(length, 1))}" height="{_BAR}" {look}/>'
    yield _text(_LABEL + length + 6, y + _BAR / 2 + _TYPE * 0.36, _figure(value), "start")


def _legend(chart: ChartView) -> Iterator[str]:
    yield f'<rect x="{_LABEL}" y="2" width="{_TYPE}" height="{_TYPE - 2}" fill="{_INK}"/>'
    yield _text(_LABEL + _TYPE + 6, _TYPE, f"{chart.year}年", "start")
    yield f'<rect x="{_LABEL + 90}" y="2" width="{_TYPE}" height="{_TYPE - 2}" fill="none" stroke="{_INK}"/>'
    yield _text(_LABEL + 90 + _TYPE + 6, _TYPE, f"{chart.last_year}年", "start")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{_short(x)}" y="{_short(y)}" text-anchor="{anchor}">{escape(text)}</text>'


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _lines(text: str, width: int) -> tuple[str, ...]:
    """The text broken to a width; a mark that may not begin a line takes the sign before it along."""
    lines = [""]
    for char in text:
        if lines[-1] and ems(lines[-1] + char) * _TYPE > width:
            at = len(lines[-1])
            while at > 1 and (lines[-1] + char)[at] in _CLOSING:
                at -= 1
            lines[-1:] = [lines[-1][:at], lines[-1][at:]]
        lines[-1] += char
    return tuple(lines)
