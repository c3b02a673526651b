"""Texts as an .xlsx stores them: runs of formatting, phonetic guides, escapes of characters that XML has no place for."""

from __future__ import annotations

import re

from xl2report.workbook.package import Unreadable

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NO_CONTROLS = dict.fromkeys((*(code for code in range(32) if code not in (9, 10, 13)), 0xFFFE, 0xFFFF))


class RichText:
    """The text of one item from its elements, by their local names: a plain text, or runs of it; no phonetic guides.

    ``start`` and ``end`` are called for the elements within the item; characters go to ``pieces`` while ``takes``, and
    are passed over while ``skips``. Two plain texts, or a text in an odd place, can be read in two ways: Unreadable.
    """

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.takes = self.skips = False
        self._has_text = False  # of the item, or of the run within it
        self._within = ""
        self._others = 0  # open elements of formatting

    def clear(self) -> None:
        self.pieces = []
        self._has_text = False
        self._within = ""
        self._others = 0

    def start(self, name: str) -> None:
        if self.takes:
            raise Unreadable("F104", detail="broken-xml")  # a text holds no elements
        if name == "t" and not self._others:
            if not self.skips:
                if self._has_text:
                    raise Unreadable("F104", detail="broken-xml")
                self.takes = self._has_text = True
        elif name in ("r", "rPh") and not self._others and not self._within:
            self._within = name
            self.skips = name == "rPh"
            self._has_text = self._has_text and name == "rPh"
        elif name in ("t", "r", "rPh", "is", "si"):
            raise Unreadable("F104", detail="broken-xml")
        else:
            self._others += 1

    def end(self, name: str) -> None:
        if name == "t":
            self.takes = False
        elif name == "r":
            self._within, self._has_text = "", True  # a plain text stands before the runs, if anywhere
        elif name == "rPh":
            self._within, self.skips = "", False
        else:
            self._others -= 1


def unescaped(text: str) -> tuple[str, int]:
    """A stored text with ``_x000D_`` and its like decoded, and how many characters that no text may hold were left out."""
    if "_x" not in text:
        return text, 0
    units = _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)
    whole = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")  # halves of a pair become one, or go
    clean = whole.translate(_NO_CONTROLS)
    pairs = sum(ord(character) > 0xFFFF for character in clean) - sum(ord(character) > 0xFFFF for character in units)
    return clean, len(units) - pairs - len(clean)
