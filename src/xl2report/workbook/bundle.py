"""A .zip of returns: its members one after the other, each in memory by itself, unpacked within limits."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from xl2report.workbook.package import DAMAGE, FILE_LIMIT, RATIO_FROM, RATIO_LIMIT, Unreadable
from xl2report.workbook.sniff import ZIP_ENTRY, is_lock_file, kind_of, zip_directory

MEMBERS_LIMIT = 10_000
WHOLE_LIMIT = 4 * 2**30  # bytes of all members together
_CHUNK = 2**16
_NAME_LIMIT = 255
_ENCRYPTED, _UTF8 = 0x1, 0x800  # flags of an entry
_SYSTEM_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_SYSTEM_FOLDER = "__macosx"


def members(content: bytes) -> Iterator[tuple[str, bytes | Unreadable]]:
    """The name of each member and its bytes, or why they cannot be had; under the name "" what is wrong with the whole.

    Folders and what systems leave behind are skipped. A name is a label for people: nothing is ever written there.
    """
    directory = zip_directory(content)
    if directory is None:
        yield "", Unreadable("F104", detail="broken-zip" if content[-22:-18] == b"PK\x05\x06" else "truncated")
        return
    if directory.count(ZIP_ENTRY) > MEMBERS_LIMIT:  # before zipfile makes an object of each
        yield "", Unreadable("F105", detail="members")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            yield from _members(package)
    except DAMAGE:
        yield "", Unreadable("F104", detail="broken-zip")


def _members(package: zipfile.ZipFile) -> Iterator[tuple[str, bytes | Unreadable]]:
    left = WHOLE_LIMIT
    is_empty = True
    for name, entry in _named(package.infolist()):
        parts = name.lower().split("/")
        if entry.is_dir() or not parts[-1] or parts[-1] in _SYSTEM_FILES or _SYSTEM_FOLDER in parts[:-1]:
            continue
        is_empty = False
        found = _member(package, name, entry, left)
        if isinstance(found, bytes):
            left -= len(found)
        elif found is None:
            yield "", Unreadable("F105", detail="bundle")
            return
        yield name, found
    if is_empty:
        yield "", Unreadable("F101", detail="zip")


def _member(package: zipfile.ZipFile, name: str, entry: zipfile.ZipInfo, left: int) -> bytes | Unreadable | None:
    """The bytes of one member or why not; None if the whole would grow beyond its limit."""
    if is_lock_file(name):
        return Unreadable("F111")
    if entry.flag_bits & _ENCRYPTED:
        return Unreadable("F102")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return Unreadable("F101", detail="archive")  # others unpack without bounds, or not at all
    chunks: list[bytes] = []
    size = 0
    try:
        with package.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > left:
                    return None
                if size > FILE_LIMIT:
                    return Unreadable("F105", detail="too-large")
                if size > RATIO_FROM and size > RATIO_LIMIT * max(entry.compress_size, 1):
                    return Unreadable("F105", detail="ratio")
                chunks.append(chunk)
    except DAMAGE:
        return Unreadable("F104", detail="broken-zip")
    content = b"".join(chunks)
    return Unreadable("F114") if _is_bundle(content) else content


def _is_bundle(content: bytes) -> bool:
    try:
        return content.startswith(b"PK") and kind_of(content) == "bundle"
    except Unreadable:
        return False


def _named(entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """The entries with their names. Those not marked as UTF-8 are in the code of the system that wrote them: all in one."""
    raw = [entry.orig_filename.encode("cp437") for entry in entries if not entry.flag_bits & _UTF8]  # undoes zipfile
    encoding = next((code for code in ("utf-8", "gb18030") if all(_is_in(code, name) for name in raw)), "cp437")
    for entry in entries:
        name = entry.orig_filename
        if not entry.flag_bits & _UTF8:
            name = name.encode("cp437").decode(encoding)
        plain = "".join(letter if letter.isprintable() else "?" for letter in name.replace("\\", "/"))
        yield plain[-_NAME_LIMIT:], entry


def _is_in(encoding: str, name: bytes) -> bool:
    try:
        name.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
