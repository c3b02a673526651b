"""One XML part through expat: no document types, every fault of the XML one finding."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from xl2report.workbook.package import Unreadable

_Start = Callable[[str, dict[str, str]], None]


def parse(
    content: bytes, start: _Start, end: Callable[[str], None] | None = None, data: Callable[[str], None] | None = None
) -> None:
    """Calls the handlers over a part; Unreadable (F104) where it is not well-formed XML."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    if end:
        parser.EndElementHandler = end
    if data:
        parser.CharacterDataHandler = data
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: encodings that do not exist
        raise Unreadable("F104", detail="broken-xml") from error


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("F104", detail="dtd")
