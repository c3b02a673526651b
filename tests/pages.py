"""What stands where on the pages of a PDF, read by another program than the one that set it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LTChar, LTComponent, LTCurve, LTPage
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage

MM = 72 / 25.4


class Sign(NamedTuple):
    """One glyph: where its origin is, in points from the left and from the top of the page, and how wide it is."""

    text: str
    x: float
    y: float
    width: float
    size: float
    font: str


class Page(NamedTuple):
    """A page's glyphs in the order they were drawn, and the boxes (left, top, right, bottom) of its rules."""

    width: float
    height: float
    signs: tuple[Sign, ...]
    rules: tuple[tuple[float, float, float, float], ...]

    def lines(self, size: float, tolerance: float = 0.3) -> list[list[Sign]]:
        """The lines set in a size of type, from the top, each from left to right."""
        found = sorted((sign for sign in self.signs if abs(sign.size - size) < 0.05), key=lambda sign: (round(sign.y, 1), sign.x))
        lines: list[list[Sign]] = []
        for sign in found:
            if lines and abs(lines[-1][0].y - sign.y) < tolerance:
                lines[-1].append(sign)
            else:
                lines.append([sign])
        return lines


def pages(content: bytes) -> list[Page]:
    """Every page of a PDF."""
    manager = PDFResourceManager()
    device = PDFPageAggregator(manager, laparams=None)
    interpreter = PDFPageInterpreter(manager, device)
    found = []
    for page in PDFPage.get_pages(io.BytesIO(content)):
        interpreter.process_page(page)
        found.append(_page(device.get_result()))
    return found


def text(line: list[Sign]) -> str:
    return "".join(sign.text for sign in line)


def _page(page: LTPage) -> Page:
    signs, rules = [], []
    for part in _parts(page):
        if isinstance(part, LTChar):
            x, y = part.matrix[4:]
            signs.append(Sign(part.get_text(), x, page.height - y, part.width, round(part.size, 3), part.fontname))
        elif isinstance(part, LTCurve):
            rules.append((part.x0, page.height - part.y1, part.x1, page.height - part.y0))
    return Page(page.width, page.height, tuple(signs), tuple(rules))


def _parts(part: LTComponent) -> Iterator[LTComponent]:
    yield part
    if hasattr(part, "__iter__"):
        for inner in part:
            yield from _parts(inner)
