"""One XML part through expat, piece by piece: no document types, bounded tokens, every fault of the XML one finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from xml.parsers import expat

from xl2report.workbook.package import Unreadable

ELEMENTS_LIMIT = 500_000  # of a part that is no sheet; open elements and their names take memory too
TOKEN_LIMIT = 2**20  # bytes of one tag: expat keeps a tag whole until it ends
MAIN = frozenset(("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"))
NAMES_LIMIT = 5_000  # of elements and attributes, all different
NAMES_TEXT_LIMIT = 2**18  # characters of all of them: expat keeps them to the end
_PREFIX_LIMIT = 64
_Start = Callable[[str, dict[str, str]], None]
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13))  # XML has no place for them
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_BAD_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]|d[89a-f][0-9a-f]{2}|fff[ef]));", re.IGNORECASE
)
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")  # UTF-16: zero bytes are half of every character


def parse(
    part: Iterable[bytes],
    start: _Start,
    end: Callable[[str], None] | None = None,
    data: Callable[[str], None] | None = None,
    parser: expat.XMLParserType | None = None,
) -> int:
    """Calls the handlers over a part and gives the number of control characters that were left out of it.

    A caller that changes handlers on the way brings the ``parser``.

    Unreadable (F104) where it is not well-formed XML, F105 where it goes beyond a limit.
    """
    parser = parser or expat.ParserCreate()
    parser.buffer_text = True
    names = _Names(parser.intern)
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    removed = [0]
    fed = 0
    try:
        for chunk in _without_controls(part, removed):
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > TOKEN_LIMIT:
                raise Unreadable("F105", detail="text")
            names.count()
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: encodings that do not exist
        raise Unreadable("F104", detail="broken-xml") from error
    return removed[0]


class _Names:
    """The different names in a part, with a limit to their number and their length."""

    def __init__(self, known: dict[str, str]) -> None:
        self._known, self._seen, self._text = known, 0, 0

    def count(self) -> None:
        if len(self._known) > self._seen:
            self._text += sum(map(len, islice(self._known, self._seen, None)))
            self._seen = len(self._known)
            if self._seen > NAMES_LIMIT or self._text > NAMES_TEXT_LIMIT:
                raise Unreadable("F105", detail="names")


def main_prefix(name: str, root: str, attributes: dict[str, str]) -> tuple[str, str]:
    """The prefix (with its colon) of a part's elements, and the attribute that declares it, both as its root shows them.

    Unreadable if the root is not ``root`` of the main namespace; "" stands for any. Expat's own namespaces are not
    used: they make every name as long as its namespace, which a hostile file can make very long.
    """
    prefix, _, local = name.rpartition(":")
    declares = f"xmlns:{prefix}" if prefix else "xmlns"
    if len(prefix) > _PREFIX_LIMIT or (root and (local != root or attributes.get(declares) not in MAIN)):
        raise Unreadable("F104", detail="broken-xml")
    return (f"{prefix}:" if prefix else ""), declares


def listed(
    root: str, start: _Start, end: Callable[[str], None] | None = None
) -> tuple[_Start, Callable[[str], None]]:
    """Handlers of a part without cells, which call ``start`` and ``end`` with the local names of its own elements.

    Their number is limited; elements of other namespaces are passed over with all that is in them.
    """
    prefix, declares = "", ""
    seen = foreign = 0

    def limited(name: str, attributes: dict[str, str]) -> None:
        nonlocal prefix, declares, seen, foreign
        seen += 1
        if seen > ELEMENTS_LIMIT:
            raise Unreadable("F105", detail="names")
        if not declares:
            prefix, declares = main_prefix(name, root, attributes)
            return
        if foreign or not name.startswith(prefix) or ":" in name[len(prefix) :] or (declares in attributes and root and attributes[declares] not in MAIN):
            foreign += 1
        else:
            start(name[len(prefix) :], attributes)

    def ended(name: str) -> None:
        nonlocal foreign
        if foreign:
            foreign -= 1
        elif end:
            end(name.removeprefix(prefix))

    return limited, ended


def _without_controls(part: Iterable[bytes], removed: list[int]) -> Iterator[bytes]:
    """The pieces of a part without characters that XML does not allow; what was removed is counted."""
    wide: bool | None = None
    kept = b""  # the beginning of what may be such a character, cut by the end of a piece
    for piece in part:
        if wide is None:
            wide = piece.startswith(_WIDE)
        if wide:
            yield piece
            continue
        clean = piece.translate(None, _CONTROLS)
        removed[0] += len(piece) - len(clean)
        clean = kept + clean
        at = max(clean.rfind(b"&", -12), clean.rfind(b"\xef", -2))
        kept = clean[at:] if at >= 0 and b";" not in clean[at:] else b""
        clean = clean[: len(clean) - len(kept)]
        if b"&#" in clean:
            clean, count = _BAD_REFERENCE.subn(b"", clean)
            removed[0] += count
        for code in _NONCHARACTERS:
            if code in clean:
                removed[0] += clean.count(code)
                clean = clean.replace(code, b"")
        yield clean
    yield kept


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("F104", detail="dtd")
