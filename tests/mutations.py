"""Mutated workbooks, each reproducible from one number: bytes, zip structure, and (mutations_xml.py) the XML inside.

``mutant(seed, bases)`` gives one: the even seeds alter the XML and are packed again with valid sums, the odd ones
break the zip or the bytes. ``old_mutant`` does the same to files of old formats.
"""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

from mutations_xml import XML, Parts, text_parts

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_SIZES = (0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
_LARGEST = 30 * 2**20


class Base(NamedTuple):
    """A workbook that mutants are made of."""

    name: str
    content: bytes
    weight: int = 1


class Mutant(NamedTuple):
    seed: int
    base: str
    mutators: tuple[str, ...]
    content: bytes


class Entry(NamedTuple):
    """One file of a zip as it is written: packed bytes, and what the headers say about them."""

    name: bytes
    packed: bytes
    crc: int
    size: int
    method: int = 8
    flags: int = 0


def mutant(seed: int, bases: Sequence[Base]) -> Mutant:
    rng = random.Random(seed)
    base = rng.choices(bases, [base.weight for base in bases])[0]
    if seed % 2 == 0:
        names, parts = _altered(rng, dict(_parts(base.content)), XML)
        return Mutant(seed, base.name, names, packed(parts))
    if seed % 4 == 1:
        name = rng.choice(list(ZIP))
        return Mutant(seed, base.name, (name,), ZIP[name](rng, _entries(base.content)))
    name = rng.choice(list(BYTES))
    return Mutant(seed, base.name, (name,), BYTES[name](rng, base.content))


def old_mutant(seed: int, bases: Sequence[Base]) -> Mutant:
    """A mutant of an .xls or .ods: bytes; of an .ods every second one by its XML."""
    rng = random.Random(seed)
    base = rng.choices(bases, [base.weight for base in bases])[0]
    if base.content.startswith(_LOCAL) and seed % 2 == 0:
        parts = dict(_parts(base.content))
        names: list[str] = []
        for _ in range(rng.choice((1, 1, 2))):
            name = rng.choice(list(ODS))
            parts["content.xml"] = ODS[name](rng, parts["content.xml"])
            names.append(name)
        return Mutant(seed, base.name, tuple(names), packed(parts))
    if not base.content.startswith(_LOCAL) and seed % 2 == 0:
        return Mutant(seed, base.name, ("records",), _records(rng, base.content))
    name = rng.choice(list(BYTES))
    return Mutant(seed, base.name, (name,), BYTES[name](rng, base.content))


def _altered(rng: random.Random, parts: Parts, table: dict) -> tuple[tuple[str, ...], Parts]:
    count = rng.choice((1, 1, 1, 1, 2, 2, 3))
    weights = [weight for _, weight in table.values()]
    names = tuple(rng.choices(list(table), weights)[0] for _ in range(count))
    for name in names:
        table[name][0](rng, parts)
    return names, parts


# -- zips --------------------------------------------------------------------------------------------------------------


_packed: dict[bytes, bytes] = {}  # the parts of the bases, which most mutants share


@lru_cache(maxsize=64)
def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    _packed.update((data, _deflated(data)) for data in parts.values())
    return parts


def _deflated(data: bytes) -> bytes:
    if data in _packed:
        return _packed[data]
    pressed = zlib.compressobj(1, zlib.DEFLATED, -15)
    return pressed.compress(data) + pressed.flush()


def entry(name: str | bytes, data: bytes) -> Entry:
    return Entry(name if isinstance(name, bytes) else name.encode(), _deflated(data), zlib.crc32(data), len(data), flags=0x800)


def _entries(content: bytes) -> list[Entry]:
    return [entry(name, data) for name, data in _parts(content).items()]


def packed(parts: Parts) -> bytes:
    return zipped([entry(name, data) for name, data in parts.items()])


def zipped(entries: Sequence[Entry], comment: bytes = b"") -> bytes:
    """A zip of the entries, with whatever their headers say."""
    out, directory = bytearray(), bytearray()
    for one in entries:
        at = len(out)
        head = struct.pack("<HHHHIII", one.flags, one.method, 0, 0x21, one.crc, len(one.packed), one.size & 0xFFFFFFFF)
        lengths = struct.pack("<HH", len(one.name), 0)
        out += _LOCAL + b"\x14\0" + head + lengths + one.name + one.packed
        directory += _CENTRAL + b"\x14\0\x14\0" + head + lengths + struct.pack("<HHHII", 0, 0, 0, 0, at) + one.name
    end = struct.pack("<HHHHIIH", 0, 0, len(entries) & 0xFFFF, len(entries) & 0xFFFF, len(directory), len(out), len(comment))
    return bytes(out + directory + _END + end + comment)


def _field(rng: random.Random, entries: list[Entry]) -> bytes:
    """One field of one header overwritten, in the directory or before a part."""
    content = bytearray(zipped(entries))
    mark, fields = rng.choice((
        (_CENTRAL, ((4, "H"), (6, "H"), (8, "H"), (10, "H"), (16, "I"), (20, "I"), (24, "I"), (28, "H"), (30, "H"), (32, "H"), (42, "I"))),
        (_LOCAL, ((4, "H"), (6, "H"), (8, "H"), (14, "I"), (18, "I"), (22, "I"), (26, "H"), (28, "H"))),
        (_END, ((4, "H"), (6, "H"), (8, "H"), (10, "H"), (12, "I"), (16, "I"), (20, "H"))),
    ))  # fmt: skip
    places = [at for at in range(len(content)) if content.startswith(mark, at)] if mark == _END else _all(bytes(content), mark)
    at = rng.choice(places)
    offset, kind = rng.choice(fields)
    size = struct.calcsize(kind)
    if at + offset + size <= len(content):
        value = rng.choice((*_SIZES, rng.randrange(1 << 8 * size), struct.unpack_from("<" + kind, content, at + offset)[0] ^ 1 << rng.randrange(8 * size)))
        struct.pack_into("<" + kind, content, at + offset, value & (1 << 8 * size) - 1)
    return bytes(content)


def _all(content: bytes, mark: bytes) -> list[int]:
    places, at = [], content.find(mark)
    while at >= 0:
        places.append(at)
        at = content.find(mark, at + 1)
    return places


def _rename(rng: random.Random, entries: list[Entry]) -> bytes:
    at = rng.randrange(len(entries))
    name = entries[at].name
    new = rng.choice((
        name.upper(), name.replace(b"/", b"\\"), b"/" + name, b"../" + name, b"./" + name, name + b"\0x", name.replace(b"xl", b"XL"),
        name.replace(b"/", b"//"), b"\xff" + name, "表.xml".encode(), b"", entries[rng.randrange(len(entries))].name, name.swapcase(), name + b"/",
    ))  # fmt: skip
    entries[at] = entries[at]._replace(name=new, flags=rng.choice((0, 0x800, 0x800)))
    return zipped(entries)


def _all_names(rng: random.Random, entries: list[Entry]) -> bytes:
    change = rng.choice((bytes.upper, bytes.lower, lambda name: name.replace(b"/", b"\\"), lambda name: b"/" + name, lambda name: b"a/" + name))
    return zipped([one._replace(name=change(one.name)) for one in entries])


def _missing(rng: random.Random, entries: list[Entry]) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 5))):
        if len(entries) > 1:
            del entries[rng.randrange(len(entries))]
    return zipped(entries)


def _swapped_parts(rng: random.Random, entries: list[Entry]) -> bytes:
    a, b = rng.randrange(len(entries)), rng.randrange(len(entries))
    first, second = entries[a], entries[b]
    entries[a], entries[b] = second._replace(name=first.name), first._replace(name=second.name)
    return zipped(entries)


def _doubled_part(rng: random.Random, entries: list[Entry]) -> bytes:
    one = rng.choice(entries)
    entries.insert(rng.randrange(len(entries) + 1), one._replace(name=rng.choice((one.name, one.name.upper(), b"/" + one.name))))
    return zipped(entries)


def _extra_parts(rng: random.Random, entries: list[Entry]) -> bytes:
    for n in range(rng.choice((1, 10, 900, 1100))):
        entries.insert(rng.randrange(len(entries) + 1), entry(f"xl/media/{n}.bin", rng.randbytes(rng.randrange(20))))
    return zipped(entries)


def _method(rng: random.Random, entries: list[Entry]) -> bytes:
    at = rng.randrange(len(entries))
    plain = zlib.decompress(entries[at].packed, -15)
    method = rng.choice((0, 0, 1, 9, 12, 14, 93, 99, 255))
    entries[at] = entries[at]._replace(method=method, packed=plain if method == 0 and rng.random() < 0.7 else entries[at].packed)
    return zipped(entries)


def _stored(_: random.Random, entries: list[Entry]) -> bytes:
    return zipped([one._replace(method=0, packed=zlib.decompress(one.packed, -15)) for one in entries])


def _flags(rng: random.Random, entries: list[Entry]) -> bytes:
    at = rng.randrange(len(entries))
    entries[at] = entries[at]._replace(flags=entries[at].flags ^ (1 << rng.randrange(16)))
    return zipped(entries)


def _comment(rng: random.Random, entries: list[Entry]) -> bytes:
    return zipped(entries, rng.choice((b"hello", rng.randbytes(300), _END + bytes(18), _CENTRAL * 20, bytes(65535))))


def _cut_stream(rng: random.Random, entries: list[Entry]) -> bytes:
    """A part whose packed bytes are cut or changed while its sums stay."""
    at = rng.randrange(len(entries))
    data = bytearray(entries[at].packed)
    if rng.random() < 0.5:
        del data[rng.randrange(len(data) + 1) :]
    elif data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    entries[at] = entries[at]._replace(packed=bytes(data))
    return zipped(entries)


def _bomb(rng: random.Random, entries: list[Entry]) -> bytes:
    at = rng.randrange(len(entries))
    entries[at] = entry(entries[at].name, (b" " if rng.random() < 0.5 else b"<a>") * rng.choice((10**5, 10**6, 3 * 10**6)))
    return zipped(entries)


def _shuffled(rng: random.Random, entries: list[Entry]) -> bytes:
    rng.shuffle(entries)
    return zipped(entries)


def _two_zips(rng: random.Random, entries: list[Entry]) -> bytes:
    whole = zipped(entries)
    rng.shuffle(entries)
    return whole + zipped(entries[: rng.randrange(1, len(entries) + 1)])


# -- bytes -------------------------------------------------------------------------------------------------------------


def _flip(rng: random.Random, content: bytes) -> bytes:
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def _flip_end(rng: random.Random, content: bytes) -> bytes:
    """The directory of a zip stands at its end, the headers of other files at their beginning."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 2, 4))):
        at = rng.randrange(min(2000, len(data)))
        data[at if rng.random() < 0.3 else -1 - at] = rng.randrange(256)
    return bytes(data)


def _truncate(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.choice((0, 1, 4, 30, 512, len(content) - 1, len(content) - 22, rng.randrange(len(content))))]


def _insert(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + rng.randbytes(rng.choice((1, 2, 100, 5000))) + content[at:]


def _splice(rng: random.Random, content: bytes) -> bytes:
    a, b = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:a] + content[b:]


def _repeat(rng: random.Random, content: bytes) -> bytes:
    a, b = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:b] + content[a:b][:65536] + content[b:]


def _overwrite(rng: random.Random, content: bytes) -> bytes:
    at, size = rng.randrange(len(content)), rng.choice((1, 4, 16, 512))
    filling = rng.choice((bytes(size), b"\xff" * size, rng.randbytes(size)))
    return content[:at] + filling + content[at + size :]


def _junk(rng: random.Random, content: bytes) -> bytes:
    junk = rng.choice((b"\0" * 10, b"HTTP/1.1 200 OK\r\n\r\n", rng.randbytes(1000), b"\xef\xbb\xbf", b"PK\x03\x04", bytes(70000)))
    return rng.choice((junk + content, content + junk, junk + content + junk))


def _other_mark(rng: random.Random, content: bytes) -> bytes:
    mark = rng.choice((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-1.7", b"<html>", b"PK\x03\x04", b"Rar!", b"\x09\x08\x10\0", b"\x1f\x8b", b"mimetype"))
    return mark + content[len(mark) :]


# -- old formats -------------------------------------------------------------------------------------------------------


def _records(rng: random.Random, content: bytes) -> bytes:
    """Lengths, kinds and bodies of records of an .xls changed, in the stream that begins with a BIFF8 mark."""
    data = bytearray(content)
    start = max(content.find(b"\x09\x08\x10\x00\x00\x06"), 0)
    places, at = [], start
    while at + 4 < len(data) and len(places) < 20000:
        places.append(at)
        at += 4 + struct.unpack_from("<H", data, at + 2)[0]
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.choice(places)
        kind, length = struct.unpack_from("<HH", data, at)
        what = rng.randrange(3)
        if what == 0:
            struct.pack_into("<H", data, at + 2, rng.choice((0, 1, length + 1, max(length - 1, 0), 0xFFFF, rng.randrange(65536))))
        elif what == 1:
            struct.pack_into("<H", data, at, rng.choice((kind ^ 1 << rng.randrange(16), 0x203, 0x27E, 0xFD, 0x06, 0xBD, 0x3C, 0x0A, 0x809)))
        elif length and at + 4 + length < len(data):
            data[at + 4 + rng.randrange(length)] = rng.randrange(256)
    return bytes(data)


def _ods_number(rng: random.Random, part: bytes) -> bytes:
    value = rng.choice((b"5", b"-3", b"1.5", b"1e400", b"nan", b"INF", b"1,200", "３".encode(), b"", b"9" * 400, b"1_0"))
    return _replaced_one(rng, part, b'office:value="', b'"', value)


def _ods_kind(rng: random.Random, part: bytes) -> bytes:
    kinds = (b"float", b"string", b"percentage", b"date", b"time", b"boolean", b"currency", b"x", b"")
    return _replaced_one(rng, part, b'office:value-type="', b'"', rng.choice(kinds))


def _ods_repeat(rng: random.Random, part: bytes) -> bytes:
    number = rng.choice((b"0", b"-1", b"2", b"3", b"1048577", b"4294967296", b"x", b"99999999999999999999"))
    kind = rng.choice((b'table:number-columns-repeated="', b'table:number-rows-repeated="', b'table:number-columns-spanned="'))
    return _replaced_one(rng, part, kind, b'"', number)


def _ods_text(rng: random.Random, part: bytes) -> bytes:
    return _replaced_one(rng, part, b"<text:p>", b"</text:p>", rng.choice((b"", b"5", b"<text:s/>5", b"&#1;", "①".encode(), b"<a><b>", b"x" * 10**5)))


def _replaced_one(rng: random.Random, part: bytes, before: bytes, after: bytes, new: bytes) -> bytes:
    places = _all(part, before)
    if not places:
        return part
    at = rng.choice(places) + len(before)
    return part[:at] + new + part[part.index(after, at) :]


def _ods_any(rng: random.Random, part: bytes) -> bytes:
    return text_parts(rng, part)


ZIP: dict[str, Callable[[random.Random, list[Entry]], bytes]] = {
    "zip field": _field, "zip name": _rename, "zip names": _all_names, "zip missing": _missing, "zip swap": _swapped_parts,
    "zip double": _doubled_part, "zip extra": _extra_parts, "zip method": _method, "zip stored": _stored, "zip flags": _flags,
    "zip comment": _comment, "zip stream": _cut_stream, "zip bomb": _bomb, "zip order": _shuffled, "zip twice": _two_zips,
}  # fmt: skip
BYTES: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "flip": _flip, "flip end": _flip_end, "truncate": _truncate, "insert": _insert, "splice": _splice, "repeat": _repeat,
    "overwrite": _overwrite, "junk": _junk, "other mark": _other_mark,
}  # fmt: skip
ODS: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "ods number": _ods_number, "ods kind": _ods_kind, "ods repeat": _ods_repeat, "ods text": _ods_text, "ods any": _ods_any,
}  # fmt: skip
