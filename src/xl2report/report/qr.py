"""The QR code of the page's address."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from xl2report.report.environment import is_link

if TYPE_CHECKING:
    from segno import QRCode

_QUIET = 4  # modules kept free around the code, as its standard asks for
_DOTS = 8  # of a picture for each module
_DARK = re.compile(b"\x01+")  # dark modules beside each other in a row


@lru_cache(maxsize=8)
def svg(url: str) -> str:
    """The code as one ``svg`` element, or "" for what is no web address or is too long for a code."""
    code = _code(url)
    if code is None:
        return ""
    side = len(code.matrix) + 2 * _QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path stroke="#000" d="{"".join(_strokes(code))}"/></svg>'
    )


def _strokes(code: QRCode) -> Iterator[str]:
    """A stroke for each run of dark modules, from where the one before ends: segno's own writer takes three times as long."""
    yield f"M{_QUIET} {_QUIET}.5"
    x = y = 0  # a code begins with a dark corner
    for line, row in enumerate(code.matrix):
        for dark in _DARK.finditer(row):
            begin, end = dark.span()
            yield f"h{end}" if not x else f"m{begin - x} {line - y}h{end - begin}"
            x, y = end, line


def png(url: str) -> bytes:
    """The code as a picture, or b"" as above."""
    code = _code(url)
    if code is None:
        return b""
    out = io.BytesIO()
    code.save(out, kind="png", border=_QUIET, scale=_DOTS)
    return out.getvalue()


@lru_cache(maxsize=8)
def _code(url: str) -> QRCode | None:
    import segno

    if not is_link(url):
        return None
    for level in ("m", "l"):
        try:
            # Readers take any of the eight masks; to look for the best one costs more than the rest of a page.
            return segno.make_qr(url, error=level, mask=0, boost_error=False)
        except segno.DataOverflowError:  # some 2,300 bytes at M, 2,900 at L
            continue
    return None
