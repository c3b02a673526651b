"""What an earlier run has read: the records of each file by its bytes, so that an unchanged file is not read again."""

from __future__ import annotations

import datetime
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from xl2report.desk.received import Received, Told
from xl2report.form.shelf import form_ids, form_path
from xl2report.version import __version__

NAME = ".records.jsonl"
_CHUNK = 2**20
_TOLD = ("told", "explained")


@cache
def mark() -> str:
    """What judged the files: the program's version and its forms. Records of another judge are not used.

    A process asks once: it reads its forms once, too.
    """
    forms = (form_path(name).read_bytes() for name in form_ids())
    return f"{__version__} {'-'.join(f'{zlib.crc32(content):08x}' for content in forms)}"


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits; "" if it cannot be read."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
    except OSError:
        return ""
    return found.hexdigest()


def remembered(path: Path, judge: str) -> dict[str, tuple[Received, ...]]:
    """The records by the digest of their file. A line that broke off, or that another judge wrote, is none."""
    found: dict[str, tuple[Received, ...]] = {}
    try:
        with path.open("rb") as lines:
            for line in lines:
                try:
                    kept = json.loads(line)
                    if kept["judge"] == judge and kept["file"]:
                        found[kept["file"]] = tuple(map(_record, kept["records"]))
                except (ValueError, KeyError, TypeError, ArithmeticError):
                    continue
    except OSError:
        return found
    return found


def line(file: str, judge: str, records: Iterable[Received]) -> bytes:
    """One line of the memory: the records of a file, taken from their place."""
    kept = {"judge": judge, "file": file, "records": [_plain(record) for record in records]}
    return f"{json.dumps(kept, ensure_ascii=False)}\n".encode("utf-8", "backslashreplace")


def taken(records: Iterable[Received], path: Path) -> tuple[Received, ...]:
    """Records of a file without its place and time, which may be others next time; figures written alike are one object."""
    return tuple(
        record._replace(
            path=record.path.removeprefix(str(path)),
            received=datetime.datetime.min,
            figures=tuple(None if value is None else _shared(f"{value:f}") for value in record.figures),
        )
        for record in records
    )


def placed(records: Iterable[Received], path: Path, when: datetime.datetime) -> Iterator[Received]:
    """Remembered records as those of a file at a place, come in at a time."""
    for record in records:
        yield record._replace(path=f"{path}{record.path}", received=when)


def _plain(record: Received) -> Mapping[str, object]:
    figures = [None if value is None else f"{value:f}" for value in record.figures]
    return {**record._asdict(), "received": None, **{name: [list(one) for one in getattr(record, name)] for name in _TOLD}, "figures": figures}


def _record(kept: Mapping[str, Any]) -> Received:
    """The record in a line as JSON has it: lists for tuples, texts for figures."""
    values = dict(kept)
    values |= {name: tuple(Told(*one) for one in values[name]) for name in _TOLD}
    values["figures"] = tuple(None if value is None else _shared(value) for value in values["figures"])
    values["broken"] = tuple(values["broken"])
    values["received"] = datetime.datetime.min
    return Received(**values)


@lru_cache(maxsize=4096)
def _shared(text: str) -> Decimal:
    """One object for figures written alike: those of a hundred thousand returns have to find room."""
    return Decimal(text)
