"""The typesetter: a Typst source and its data in, a PDF or a picture out, the same bytes for the same input."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from xl2report.report.fonts import font_set
from xl2report.shipped import folder

if TYPE_CHECKING:
    import typst

# What Typst says of a character that no font has (an error under PDF/UA, silence elsewhere), and of one that has no
# meaning outside a font of its own, which no file for the archive may hold.
_UNPRINTABLE = re.compile(r"the (?:text|PDF contains the codepoint) `(\"(?:[^\"\\`]|\\.)*\")`")
# Each character by itself in the fonts of each part of the page: in a word it takes its neighbours with it.
_ALONE = b"""#let data = json(bytes(sys.inputs.data))
#set document(title: "-")
#for families in data.fonts { for character in data.characters { text(font: families, par(character)) } }"""
_PICTURE = b"#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image(bytes(sys.inputs.svg))"
_DOTS = 200  # of a picture to the inch


class Unprintable(ValueError):
    """Characters that no font at hand has, in the order of the text."""

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = tuple(characters)
        super().__init__(f"no font has: {' '.join(self.characters)}")


def pdf(name: str, data: dict[str, Any], stamp: datetime, archive: bool = False) -> bytes:
    """A template of the shipped folder set with its data: PDF/UA-1, and PDF/A-2a as well if it is for the archive.

    ``data`` reaches the template as JSON: no text in it is ever read as markup; its "fonts" are families by the part of the
    page. ``stamp`` is the document's date.
    Unprintable if a character has no glyph, NoTypesetter if there is no typesetter on this machine.
    """
    source = (folder("templates") / name).read_bytes()
    try:
        return _pdf(source, data, stamp, archive)
    except Unprintable as error:
        alone = {"fonts": list(data["fonts"].values()), "characters": error.characters}
        try:
            _pdf(_ALONE, alone, stamp, archive)
        except Unprintable as telling:
            raise telling from None
        raise


def _pdf(source: bytes, data: dict[str, Any], stamp: datetime, archive: bool) -> bytes:
    compiler = _compiler(source, {"data": json.dumps(data, ensure_ascii=False)})
    import typst

    try:
        content = compiler.compile(
            format="pdf",
            pdf_standards=["a-2a", "ua-1"] if archive else ["ua-1"],
            timestamp=int(stamp.timestamp()),
        )
    except typst.TypstError as error:
        if found := _UNPRINTABLE.findall(error.diagnostic):
            raise Unprintable(tuple(dict.fromkeys(map(_unquoted, found)))) from None
        raise
    return _whole(content)


def png(svg: str) -> bytes:
    """A drawing as a picture on white. NoTypesetter if there is no typesetter on this machine."""
    return _whole(_compiler(_PICTURE, {"svg": svg}).compile(format="png", ppi=_DOTS))


def _compiler(source: bytes, inputs: dict[str, str]) -> typst.Compiler:
    fonts = font_set().typst_fonts  # says what is missing where the typesetter is
    import typst

    return typst.Compiler(source, font_paths=fonts, ignore_system_fonts=True, sys_inputs=inputs)


def _whole(content: bytes | list[bytes] | None) -> bytes:
    if not isinstance(content, bytes):  # pages one by one, or a file: neither was asked for
        raise TypeError(f"the typesetter gave {type(content).__name__}")
    return content


def _unquoted(text: str) -> str:
    """What stands between the quotation marks of a message of Typst, which writes some characters as escapes."""
    plain = re.sub(r"\\u\{([0-9a-f]+)\}", lambda match: chr(int(match[1], 16)), text[1:-1])
    return plain.replace('\\"', '"').replace("\\\\", "\\")
