"""Packages as other programs, mailers and attackers make them out of the sample, and zips of returns; for tests."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from functools import lru_cache

from openpyxl.utils import coordinate_to_tuple

from surgery import CELL, RELATIONS, ROW, SAMPLE, STRINGS, Change, changed, packed, unpacked

BIG_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
LAUGHS = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
_MARKS = (b"PK\x03\x04", 6), (b"PK\x01\x02", 8)  # of a part in a zip and of its entry in the directory, with the place of flags


# -- the zip -----------------------------------------------------------------------------------------------------------


def damaged(name: str) -> bytes:
    """A hole of zeros in the middle of a part."""
    with zipfile.ZipFile(io.BytesIO(SAMPLE)) as package:
        entry = package.getinfo(name)
    middle = entry.header_offset + 30 + len(name) + entry.compress_size // 2
    return SAMPLE[:middle] + bytes(64) + SAMPLE[middle + 64 :]


def commented(words: bytes) -> bytes:
    buffer = io.BytesIO(SAMPLE)
    with zipfile.ZipFile(buffer, "a") as package:
        package.comment = words
    return buffer.getvalue()


def streamed() -> bytes:
    """As programs write that cannot go back in their output: sizes follow the parts."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in unpacked().items():
            package.writestr(name, part)
    return pipe.getvalue()


def renamed(change: Callable[[str], str]) -> bytes:
    """Part names written in another way; the names that parts give each other stay."""
    return packed([(change(name), part) for name, part in unpacked().items()])


def with_twin(name: str, part: bytes) -> bytes:
    """One more part, whose name may be there already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return packed([*unpacked().items(), (name, part)])


def locked_zip() -> bytes:
    """A package whose parts are marked as encrypted."""
    content = bytearray(SAMPLE)
    for mark, flags in _MARKS:
        at = content.find(mark)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


# -- its parts ---------------------------------------------------------------------------------------------------------


@lru_cache
def many_cells() -> bytes:
    """A sheet of 201,000 numbers, 1,000 a row."""
    rows = (f'<row r="{row}">' + "".join(f"<c><v>{row * 7919 + n}</v></c>" for n in range(1000)) + "</row>" for row in range(1, 202))
    return changed("xl/worksheets/sheet1.xml", BIG_SHEET.format("".join(rows)).encode())


@lru_cache
def long_strings() -> bytes:
    """Shared strings of more than 16 million characters, which do not compress too well."""
    piece = "".join(f"{n:05}" for n in range(60_000))
    items = "".join(f"<si><t>{piece}</t></si>" for _ in range(57))
    return changed(STRINGS, lambda part: part.replace(b"</sst>", items.encode() + b"</sst>"))


def empty_rows(part: bytes) -> bytes:
    """Two thousand rows with formats and nothing else below a sheet, as dragging a format makes them."""
    rows = "".join(f'<row r="{row}">' + "".join(f'<c r="{column}{row}" s="12"/>' for column in "ABCDE") + "</row>" for row in range(1000, 3000))
    return part.replace(b"</sheetData>", rows.encode() + b"</sheetData>")


def doctype(inside: str) -> bytes:
    """Shared strings with a document type."""
    return changed(STRINGS, lambda part: re.sub(rb"(<\?xml[^>]*\?>\s*)?<sst", f"<!DOCTYPE sst [{inside}]><sst".encode(), part, count=1))


def everywhere(change: Change, like: str = "xl/(worksheets/.*|workbook|sharedStrings|styles).xml") -> bytes:
    """All parts changed whose names are like that."""
    return packed({name: change(part) if re.fullmatch(like, name) else part for name, part in unpacked().items()})


def prefixed(part: bytes) -> bytes:
    """The elements of the main namespace under a prefix."""
    named = re.sub(rb"<(/?)(?=[a-zA-Z])(?![a-zA-Z0-9]+:)", rb"<\1x:", part)
    return named.replace(b' xmlns="http://schemas.openxmlformats.org/spreadsheetml', b' xmlns:x="http://schemas.openxmlformats.org/spreadsheetml')


def strict(part: bytes) -> bytes:
    """The namespaces of strict Open XML."""
    part = part.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main")
    relations = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return part.replace(relations, b"http://purl.oclc.org/ooxml/officeDocument/relationships")


def wide(part: bytes) -> bytes:
    return part.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")


def dimension(reference: str) -> bytes:
    return everywhere(lambda part: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="%b"' % reference.encode(), part))


def without_addresses(part: bytes) -> bytes:
    """Rows and cells told by their order alone, the empty ones written out."""
    rows, last = [], 0
    for line in ROW.finditer(part):
        rows += [b"<row/>"] * (int(line[1]) - last - 1)
        last, cells, column = int(line[1]), [], 0
        for one in CELL.finditer(line[3] or b""):
            at = coordinate_to_tuple(one[1].decode())[1]
            cells += [b"<c/>"] * (at - column - 1) + [one.group().replace(b' r="%b"' % one[1], b"")]
            column = at
        rows.append(b"<row%b>%b</row>" % (line[2], b"".join(cells)))
    return _with_rows(part, rows)


def backwards(part: bytes) -> bytes:
    """The rows of a sheet from last to first, and the cells in them."""
    return _with_rows(part, [
        b'<row r="%b"%b>%b</row>' % (line[1], line[2], b"".join(one.group() for one in reversed([*CELL.finditer(line[3] or b"")])))
        for line in reversed([*ROW.finditer(part)])
    ])  # fmt: skip


def _with_rows(part: bytes, rows: list[bytes]) -> bytes:
    head, _, rest = part.partition(b"<sheetData>")
    return head + b"<sheetData>" + b"".join(rows) + b"</sheetData>" + rest.partition(b"</sheetData>")[2]


def inline() -> bytes:
    """All strings written into their cells; the part of shared strings left out."""
    parts = unpacked()
    shared = re.findall(r"<si>(.*?)</si>", parts.pop(STRINGS).decode(), re.DOTALL)

    def cell(match: re.Match[str]) -> str:
        return f'{match[1]} t="inlineStr"><is>{shared[int(match[2])]}</is></c>'

    for name in parts:
        if name.startswith("xl/worksheets/"):
            parts[name] = re.sub(r'(<c [^>]*) t="s"><v>([0-9]+)</v></c>', cell, parts[name].decode()).encode()
    parts[RELATIONS] = re.sub(rb"<Relationship [^>]*sharedStrings[^>]*/>", b"", parts[RELATIONS])
    return packed(parts)


def in_runs(words: str) -> bytes:
    """One of the shared strings in two runs, with a phonetic guide."""
    half = len(words) // 2
    runs = f'<r><t>{words[:half]}</t></r><r><rPr><b/></rPr><t>{words[half:]}</t></r><rPh sb="0" eb="2"><t>yin</t></rPh>'
    return changed(STRINGS, lambda part: part.replace(f"<t>{words}</t>".encode(), runs.encode()))


# -- around it ---------------------------------------------------------------------------------------------------------


@lru_cache
def encrypted(password: str) -> bytes:
    from msoffcrypto.format.ooxml import OOXMLFile

    buffer = io.BytesIO()
    OOXMLFile(io.BytesIO(SAMPLE)).encrypt(password, buffer)
    return buffer.getvalue()


def bundle(*members: tuple[str, bytes], code: str = "") -> bytes:
    """A zip of files; with a ``code`` the names are in it, without a word about it, as zip programs of Windows write them."""
    if not code:
        return packed(members, zipfile.ZIP_STORED)
    names = [name.encode(code) for name, _ in members]
    places = [f"{n}".rjust(len(name), "~") for n, name in enumerate(names)]
    content = packed([(place, part) for place, (_, part) in zip(places, members, strict=True)], zipfile.ZIP_STORED)
    for place, name in zip(places, names, strict=True):
        content = content.replace(place.encode(), name)
    return content
