"""The pictures of a Word file: the charts after their tables, and the code of the page's address at the end."""

from __future__ import annotations

from dataclasses import dataclass

from xl2report.report import chart, qr
from xl2report.report.typeset import png
from xl2report.report.view import Report

_EMU = 12700  # to the point
_CODE = 71.0  # width in points; a code of 25 mm is read from a hand's breadth away
_HIGHEST = 540.0  # a chart of many bars is drawn smaller, so that a page holds it with its title


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its part and number in the package, its size in EMU, and what it shows in words."""

    number: int
    content: bytes
    width: int
    height: int
    words: str
    caption: str

    @property
    def name(self) -> str:
        return f"word/media/picture{self.number}.png"


def pictures(report: Report, scan: str) -> tuple[Picture, ...]:
    """A picture for each chart in printed order, then that of the page's address if it has one.

    NoTypesetter if there are charts and this machine cannot draw them.
    """
    drawn = [(png(chart.svg(view)), chart.PAPER, chart.alternative(view), view.caption) for view in report.charts]
    if code := qr.png(report.page_url):
        drawn.append((code, _CODE, scan, scan))
    return tuple(_picture(number, *one) for number, one in enumerate(drawn, 1))


def _picture(number: int, content: bytes, width: float, words: str, caption: str) -> Picture:
    across, down = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))  # the header of a PNG
    width = min(width, _HIGHEST * across / down)
    return Picture(number, content, round(width * _EMU), round(width * down / across * _EMU), words, caption)
