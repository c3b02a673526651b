"""An OLE compound file, the outside of .xls, .et and of encrypted workbooks: the streams in its root, read within bounds.

No table is longer than the file can need and no chain is followed further than its table, so that hostile bytes end
in ValueError, or in struct.error.
"""

from __future__ import annotations

import struct

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = 512
_LAST_SECTOR = 0xFFFFFFFA  # what follows are marks: end of chain, free sector, …
_ENTRY, _MINI = 128, 64
_STREAM, _ROOT = 2, 5


class Cut(ValueError):
    """The file ends before what it says it holds."""


class Ole:
    """``streams``: the streams that stand in the root, by name, each with its first sector and its size.

    What stands in storages is left out: an embedded document has streams of the same names.
    """

    def __init__(self, content: bytes) -> None:
        if len(content) < _HEADER or not content.startswith(SIGNATURE):
            raise ValueError("no OLE file")
        shift, mini_shift = struct.unpack_from("<HH", content, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise ValueError("no OLE file")
        self._content, self._size = content, 1 << shift
        self._sectors = (len(content) - 1) // self._size  # the header takes the place of one
        directory, _, self._mini_cutoff, self._mini_table = struct.unpack_from("<4I", content, 48)
        self._table = self._sector_table()
        entries = _entries(self._chain(directory, len(content)))
        self._mini_stream = struct.unpack_from("<II", entries[0], 116)
        self.streams = _in_root(entries)

    def stream(self, name: str, most: int = 0xFFFFFFFF) -> bytes:
        """The first bytes of a stream in the root, by default all; ValueError if there is none, or they are not whole."""
        if name not in self.streams:
            raise ValueError(name)
        start, size = self.streams[name]
        find = self._chain if size >= self._mini_cutoff else self._mini_chain
        found = find(start, min(size, most))
        if len(found) < min(size, most):
            raise Cut
        return found

    def _sector_table(self) -> tuple[int, ...]:
        """The table that says which sector follows which."""
        needed = self._sectors * 4 // self._size + 1
        listed, more = list(_numbers(self._content[76:_HEADER])), struct.unpack_from("<I", self._content, 68)[0]
        while more < _LAST_SECTOR and len(listed) < needed:
            *numbers, more = _numbers(self._sector(more))
            listed += numbers
        return _numbers(b"".join(self._sector(number) for number in listed[:needed] if number < _LAST_SECTOR))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._content):
            raise Cut
        return self._content[start : start + self._size].ljust(self._size, b"\0")  # the last one may be short

    def _chain(self, start: int, size: int) -> bytes:
        if self._sectors <= start < _LAST_SECTOR:
            raise Cut
        numbers = _follow(start, self._table, -(-size // self._size))
        return b"".join(map(self._sector, numbers))[:size]

    def _mini_chain(self, start: int, size: int) -> bytes:
        """As ``_chain``, in the stream of the root, which holds all small ones."""
        store = self._chain(*self._mini_stream)
        table = _numbers(self._chain(self._mini_table, len(store) // _MINI * 4))
        numbers = _follow(start, table, -(-size // _MINI))
        return b"".join(store[_MINI * number : _MINI * (number + 1)] for number in numbers)[:size]


def _follow(number: int, table: tuple[int, ...], most: int) -> list[int]:
    numbers: list[int] = []
    while number < len(table) and len(numbers) < most:
        if len(numbers) > len(table):
            raise ValueError("endless chain")
        numbers.append(number)
        number = table[number]
    return numbers


def _entries(directory: bytes) -> list[bytes]:
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    if not entries or entries[0][66] != _ROOT:
        raise ValueError("no root")
    return entries


def _in_root(entries: list[bytes]) -> dict[str, tuple[int, int]]:
    """The streams among the entries that hang on the root's tree."""
    streams: dict[str, tuple[int, int]] = {}
    waiting, seen = [struct.unpack_from("<I", entries[0], 76)[0]], set()
    while waiting:
        number = waiting.pop()
        if number >= len(entries) or number in seen:
            continue
        seen.add(number)
        entry = entries[number]
        waiting += struct.unpack_from("<II", entry, 68)
        length = struct.unpack_from("<H", entry, 64)[0]
        if entry[66] == _STREAM and 2 <= length <= 64:
            name = entry[: length - 2].decode("utf-16-le", "replace")
            streams.setdefault(name, struct.unpack_from("<II", entry, 116))
    return streams


def _numbers(content: bytes) -> tuple[int, ...]:
    count = len(content) // 4
    return struct.unpack_from(f"<{count}I", content)
