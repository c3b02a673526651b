"""The typesetter: a Typst source and its data in, a PDF or a picture out, the same bytes for the same input."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from xl2report.report.fonts import font_set
from xl2report.shipped import folder

if TYPE_CHECKING:
    import typst

# What Typst says of a character that no font has: an error under PDF/UA, silence elsewhere.
_UNPRINTABLE = re.compile(r"the text `(\"(?:[^\"\\`]|\\.)*\")` could not be displayed")
_SCALE = 2.5  # dots of a picture for each pixel of its drawing: sharp in print at half the page's width


class Unprintable(ValueError):
    """Characters that no font at hand has, in the order of the text."""

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = tuple(characters)
        super().__init__(f"no font has: {' '.join(self.characters)}")


def pdf(name: str, data: dict[str, Any], stamp: datetime, archive: bool = False) -> bytes:
    """A template of the shipped folder set with its data: PDF/UA-1, and PDF/A-2a as well if it is for the archive.

    ``data`` reaches the template as JSON: no text in it is ever read as markup. ``stamp`` is the document's date.
    Unprintable if a character has no glyph, NoTypesetter if there is no typesetter on this machine.
    """
    standards = ["a-2a", "ua-1"] if archive else ["ua-1"]
    import typst

    fonts = font_set()
    try:
        content = typst.Compiler(
            _source(name), font_paths=fonts.typst_fonts, ignore_system_fonts=True, sys_inputs={"data": _text(data)}
        ).compile(format="pdf", pdf_standards=standards, timestamp=int(stamp.timestamp()))  # type: ignore[arg-type]
    except typst.TypstError as error:
        if found := _UNPRINTABLE.findall(error.diagnostic):
            raise Unprintable(tuple(dict.fromkeys(_unquoted(text) for text in found))) from None
        raise
    assert isinstance(content, bytes)
    return content


def _unquoted(text: str) -> str:
    """What stands between the quotation marks of a message of Typst, which writes some characters as escapes."""
    plain = re.sub(r"\\u\{([0-9a-f]+)\}", lambda match: chr(int(match[1], 16)), text[1:-1])
    return plain.replace('\\"', '"').replace("\\\\", "\\")


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)


@lru_cache
def _source(name: str) -> bytes:
    return (folder("templates") / name).read_bytes()
