"""A folder with just the fonts that are wanted: the typesetter takes folders only, and reads all that lies in one."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from xl2report.report.kept import kept_folder

ENDINGS = (".ttf", ".otf", ".ttc", ".otc")
_PRINTING = frozenset((b"cmap", b"glyf", b"loca", b"CFF ", b"CFF2", b"head", b"hhea", b"hmtx", b"maxp", b"name"))
_OUTLINES = frozenset((b"glyf", b"CFF ", b"CFF2"))
_TAKEN = (*ENDINGS, *(ending.upper() for ending in ENDINGS))  # by the typesetter, which goes by the end of a link
_MOST = 256  # fonts in one file; a number beyond that is no number of fonts


class Shelf(NamedTuple):
    """A folder for the typesetter, and for each file that it finds there the one that was given."""

    folder: Path
    given: Mapping[tuple[int, int], Path]


def is_whole(path: Path) -> bool:
    """Whether a file is a font whose outlines, and all else that printing needs, lie within the file.

    A copy that broke off keeps its names: the typesetter would take it and print blanks without a word.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            starts = [0]
            if file.read(4) == b"ttcf":
                _, count = struct.unpack(">LL", file.read(8))
                starts = list(struct.unpack(f">{count}L", file.read(4 * count))) if count <= _MOST else []
            return bool(starts) and all(_lies_within(file, start, size) for start in starts)
    except (OSError, struct.error):
        return False


def _lies_within(file: BinaryIO, start: int, size: int) -> bool:
    file.seek(start)
    _, count, _ = struct.unpack(">LH6s", file.read(12))
    tables = [(tag, offset + length) for tag, _, offset, length in struct.iter_unpack(">4sLLL", file.read(16 * count))]
    return any(tag in _OUTLINES for tag, _ in tables) and all(end <= size for tag, end in tables if tag in _PRINTING)


def shelf(files: tuple[Path, ...]) -> Shelf:
    """A folder that holds these files under their numbers.

    It lies in the person's cache and stays until one of the files changes; where that cannot be written, or not all of
    the files can be put there, it lies in a folder that goes when the program ends.
    """
    named = {f"{number:04}{path.suffix.lower()}": path for number, path in enumerate(files)}  # a long name has no room for it
    folder = _folder(named)
    there = ((folder / name, path) for name, path in named.items())
    return Shelf(folder, {identity(place): path for place, path in there if place.exists()})


def identity(path: Path) -> tuple[int, int]:
    """Which file this is, whatever links lead to it: the typesetter follows them, and writes paths in its own way."""
    about = path.stat()
    return about.st_dev, about.st_ino


def _folder(named: Mapping[str, Path]) -> Path:
    mark = hashlib.sha256()
    for name, path in named.items():
        about = path.stat()
        mark.update(f"{name}|{path}|{about.st_size}|{about.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    kept = kept_folder() / f"fonts-{mark.hexdigest()[:16]}"
    if _holds(kept, named):
        return kept
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=kept.parent, prefix=".fonts-"))
    except OSError:
        made = Path(tempfile.mkdtemp(prefix="xl2report-fonts-"))
    placed = [_put(path.resolve(), made / name) for name, path in named.items()]
    if made.parent == kept.parent and all(placed) and _renamed(made, kept, named):
        return kept
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _holds(kept: Path, named: Mapping[str, Path]) -> bool:
    """Whether every file is still there: caches are tidied by people and programs."""
    return all((kept / name).exists() for name in named)


def _renamed(made: Path, kept: Path, named: Mapping[str, Path]) -> bool:
    """Whether the folder stands where it is to be kept, be it by another process that was first."""
    try:
        if kept.is_dir() and not _holds(kept, named):
            shutil.rmtree(kept, ignore_errors=True)
        made.rename(kept)
    except OSError:
        if not _holds(kept, named):
            return False
        shutil.rmtree(made, ignore_errors=True)
    return True


def _put(path: Path, place: Path) -> bool:
    for put in (os.symlink, os.link, shutil.copyfile):  # links need rights on Windows
        if put is os.symlink and path.suffix not in _TAKEN:
            continue
        try:
            put(path, place)
        except OSError:
            place.unlink(missing_ok=True)  # a copy that broke off on a full disk
        else:
            return True
    return False
