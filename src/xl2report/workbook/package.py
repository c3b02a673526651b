"""An .xlsx as parts, opened and unpacked within limits. Content decides; the extension is never trusted."""

from __future__ import annotations

import errno
import io
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

FILE_LIMIT = 20 * 2**20
BUNDLE_LIMIT = 512 * 2**20  # of a zip that holds many files
PARTS_LIMIT = 1000
UNPACKED_LIMIT = 256 * 2**20
RATIO_LIMIT = 200
RATIO_FROM = 2**20  # small parts may compress well
SECONDS_LIMIT = 5.0
_CHUNK, _FIRST_CHUNK = 2**16, 2**12  # the first is small: it tells whether a sheet must be read at all
_ENTRY = b"PK\x01\x02"  # of a zip's directory
_ENTRIES_LIMIT = 10 * PARTS_LIMIT  # of what looks like one: a part may hold another zip
_FIRST, _LAST = b"PK\x03\x04", b"PK\x05\x06"  # of a zip's first entry, of the record at its end
DAMAGE = (  # what zipfile raises on damaged input
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError, OSError,
)  # fmt: skip


class Unreadable(Exception):
    """A file that cannot be read: a code of the catalogue (F…) and the words its sentence needs."""

    def __init__(self, code: str, **words: str) -> None:
        super().__init__(code, words)
        self.code, self.words = code, words


class Package:
    """The parts of one .xlsx, each unpacked on request and counted against the limits of the whole.

    ``junk`` is the number of bytes that stand before the zip.
    """

    def __init__(self, content: bytes) -> None:
        self._deadline = time.thread_time() + SECONDS_LIMIT  # of the processor: others may keep the machine busy
        self._left = UNPACKED_LIMIT
        if content.count(_ENTRY) > _ENTRIES_LIMIT:  # before an object is made for each of them
            raise Unreadable("F105", detail="parts")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except DAMAGE as error:
            lacks_end = content.startswith(_FIRST) and _LAST not in content
            raise Unreadable("F104", detail="truncated" if lacks_end else "broken-zip") from error
        entries = self._zip.infolist()
        if len(entries) > PARTS_LIMIT:
            raise Unreadable("F105", detail="parts")
        self.junk = max(0, min((entry.header_offset for entry in entries), default=0))
        if self.junk and content.startswith(_FIRST):  # a whole zip stored within a larger one that was cut
            raise Unreadable("F104", detail="truncated")
        # some programs write other cases or backslashes
        self._parts = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in entries}
        if len(self._parts) != len(entries):
            raise Unreadable("F104", detail="duplicate-parts")

    def has(self, name: str) -> bool:
        return name.lower() in self._parts

    def names(self, *beginnings: str) -> list[str]:
        """The parts whose names begin so, in small letters."""
        return [name for name in self._parts if name.startswith(beginnings)]

    def part(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, piece by piece; Unreadable if it is missing, damaged, or beyond a limit."""
        entry = self._parts.get(name.lower())
        if entry is None:
            raise Unreadable("F104", detail="missing-part")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("F104", detail="broken-zip")  # others unpack without bounds
        size = 0
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(_CHUNK if size else _FIRST_CHUNK):
                    size += len(chunk)
                    self._count(len(chunk), size, entry.compress_size)
                    yield chunk
        except DAMAGE as error:
            raise Unreadable("F104", detail="broken-zip") from error

    def _count(self, more: int, size: int, packed: int) -> None:
        self._left -= more
        if self._left < 0:
            raise Unreadable("F105", detail="unpacked")
        if size > RATIO_FROM and size > RATIO_LIMIT * max(packed, 1):
            raise Unreadable("F105", detail="ratio")
        if time.thread_time() > self._deadline:
            raise Unreadable("F105", detail="slow")


def file_bytes(path: Path, *, zips: bool = False) -> bytes:
    """The content of a file within the size limit, of a zip within that of many files; Unreadable if it cannot be opened."""
    try:
        if stat.S_ISFIFO(path.stat().st_mode):
            raise Unreadable("F109", detail="unknown")  # opening it would wait for ever
        with path.open("rb") as stream:
            content = stream.read(FILE_LIMIT + 1)
            if zips and len(content) > FILE_LIMIT and content.startswith(_FIRST):
                content += stream.read(BUNDLE_LIMIT - FILE_LIMIT)
    except OSError as error:
        raise Unreadable("F109", detail=_reason(error)) from None
    if len(content) > (BUNDLE_LIMIT if zips and content.startswith(_FIRST) else FILE_LIMIT):
        raise Unreadable("F105", detail="too-large")
    return content


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError) or error.errno == errno.ENAMETOOLONG:
        return "missing"
    if isinstance(error, IsADirectoryError):
        return "folder"
    return "permission" if isinstance(error, PermissionError) else "disk"
