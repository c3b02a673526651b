"""An .xlsx as parts, opened within limits. Content is sniffed; the extension is never trusted."""

from __future__ import annotations

import errno
import io
import stat
import struct
import zipfile
import zlib
from pathlib import Path

FILE_LIMIT = 20 * 2**20
PARTS_LIMIT = 1000
UNPACKED_LIMIT = 256 * 2**20
RATIO_LIMIT = 200
RATIO_FROM = 2**20  # small parts may compress well
_CHUNK = 2**16
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAMAGE = (  # what zipfile raises on damaged input
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError, OSError,
)  # fmt: skip
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class Unreadable(Exception):
    """A file that cannot be read: a code of the catalogue (F…) and the words its sentence needs."""

    def __init__(self, code: str, **words: str) -> None:
        super().__init__(code, words)
        self.code, self.words = code, words


class Package:
    """The parts of one .xlsx, each unpacked on request and counted against the limit of the whole."""

    def __init__(self, content: bytes) -> None:
        _sniff(content)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _DAMAGE as error:
            raise Unreadable("F104", detail="broken-zip") from error
        names = self._zip.namelist()
        if len(names) > PARTS_LIMIT:
            raise Unreadable("F105", detail=f"{len(names)} > {PARTS_LIMIT}")
        self._parts = {name.replace("\\", "/").lstrip("/").lower(): name for name in names}
        if len(self._parts) != len(names):
            raise Unreadable("F104", detail="duplicate-parts")
        self._left = UNPACKED_LIMIT

    def has(self, name: str) -> bool:
        return name.lower() in self._parts

    def part(self, name: str) -> bytes:
        """The bytes of a part; Unreadable if it is missing, damaged, or beyond a limit."""
        stored = self._parts.get(name.lower())
        if stored is None:
            raise Unreadable("F104", detail="missing-part")
        if self._zip.getinfo(stored).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("F104", detail="broken-zip")  # others unpack without bounds
        packed = self._zip.getinfo(stored).compress_size
        chunks: list[bytes] = []
        size = 0
        try:
            with self._zip.open(stored) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    self._left -= len(chunk)
                    if self._left < 0 or (size > RATIO_FROM and size > RATIO_LIMIT * max(packed, 1)):
                        raise Unreadable("F105", detail=f"{name} > {size}")
                    chunks.append(chunk)
        except _DAMAGE as error:
            raise Unreadable("F104", detail="broken-zip") from error
        return b"".join(chunks)


def file_bytes(path: Path) -> bytes:
    """The content of a file within the size limit; Unreadable if it cannot be opened."""
    try:
        if stat.S_ISFIFO(path.stat().st_mode):
            raise Unreadable("F109", detail="unknown")  # opening it would wait for ever
        with path.open("rb") as stream:
            content = stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise Unreadable("F109", detail=_reason(error)) from None
    if len(content) > FILE_LIMIT:
        raise Unreadable("F105", detail="too-large")
    return content


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError) or error.errno == errno.ENAMETOOLONG:
        return "missing"
    if isinstance(error, IsADirectoryError):
        return "folder"
    return "permission" if isinstance(error, PermissionError) else "disk"


def _sniff(content: bytes) -> None:
    if content.startswith(b"PK\x03\x04"):
        return
    if content.startswith(_OLE):
        raise Unreadable("F102" if _ENCRYPTED in content else "F103")
    if not content:
        raise Unreadable("F101", detail="empty")
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    kind = "html" if head.startswith((b"<!doctype", b"<html", b"<table")) else "pdf" if head.startswith(b"%pdf") else "unknown"
    raise Unreadable("F101", detail=kind)
