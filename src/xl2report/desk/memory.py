"""What an earlier run has read: the records of each file by its bytes, so that an unchanged file is not read again."""

from __future__ import annotations

import datetime
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from xl2report.desk.received import Received, Told
from xl2report.form.shelf import form_ids, form_path
from xl2report.version import __version__

NAME = ".records.jsonl"
_CHUNK = 2**20


def mark() -> str:
    """What judged the files: the program's version and its forms. Records of another judge are not used."""
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
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return found
    for line in lines:
        try:
            kept = json.loads(line)
            if kept["judge"] == judge:
                found[kept["file"]] = tuple(map(_record, kept["records"]))
        except (ValueError, KeyError, TypeError, ArithmeticError):
            continue
    return found


def line(file: str, judge: str, path: Path, records: Iterable[Received]) -> str:
    """One line of the memory: the records of a file, without its place and time, which may be others next time."""
    kept = [_plain(record, str(path)) for record in records]
    return json.dumps({"judge": judge, "file": file, "records": kept}, ensure_ascii=False)


def placed(records: Iterable[Received], path: Path, when: datetime.datetime) -> Iterator[Received]:
    """Remembered records as those of a file at a place, come in at a time."""
    for record in records:
        yield record._replace(path=f"{path}{record.path}", received=when)


def _plain(record: Received, path: str) -> Mapping[str, object]:
    figures = [None if value is None else f"{value:f}" for value in record.figures]
    within = record.path.removeprefix(path)
    return {**record._asdict(), "path": within, "received": None, "told": [list(one) for one in record.told], "figures": figures}


def _record(kept: Mapping[str, object]) -> Received:
    values = dict(kept)
    told = tuple(Told(*one) for one in values.pop("told"))  # type: ignore[attr-defined]
    figures = tuple(None if value is None else Decimal(value) for value in values.pop("figures"))  # type: ignore[attr-defined]
    values["broken"] = tuple(values["broken"])  # type: ignore[arg-type]
    values["received"] = datetime.datetime.min
    return Received(**values, told=told, figures=figures)  # type: ignore[arg-type]
