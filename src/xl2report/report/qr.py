"""The QR code of the page's address."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from xl2report.report.environment import is_link

if TYPE_CHECKING:
    from segno import QRCode

_QUIET = 4  # modules kept free around the code, as its standard asks for
_DOTS = 8  # of a picture for each module


@lru_cache(maxsize=8)
def svg(url: str) -> str:
    """The code as one ``svg`` element, or "" for what is no web address or is too long for a code."""
    code = _code(url)
    if code is None:
        return ""
    out = io.BytesIO()
    plain = {"xmldecl": False, "svgclass": None, "lineclass": None, "omitsize": True}
    code.save(out, kind="svg", border=_QUIET, light="#fff", dark="#000", **plain)
    return out.getvalue().decode().strip()


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
