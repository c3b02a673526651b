"""Reports of earlier years, to look up that of a unit; kept in a file, so that many processes can."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from xl2report.earlier import Earlier, compared_with, cover_number, cover_text, remarked
from xl2report.form.model import Form
from xl2report.submission import Remark, Submission


class Several(NamedTuple):
    """Reports between which nothing decides: of one unit, of one year, and of the same 报送次数."""

    paths: tuple[str, ...]


class Archive(NamedTuple):
    """Reports of earlier years, by year and code and by year and name."""

    by_code: dict[tuple[int, str], tuple[Earlier, ...]]
    by_name: dict[tuple[int, str], tuple[Earlier, ...]]


def archive(reports: Iterable[Earlier]) -> Archive:
    found = Archive({}, {})
    for one in reports:
        for known, key in ((found.by_code, one.code), (found.by_name, one.name)):
            if key:
                known[one.year, key] = (*known.get((one.year, key), ()), one)
    return found


def of_unit(known: Archive, year: int, code: str, name: str) -> Earlier | Several | None:
    """The report of a unit: by its code, else by its name; of several the one that was sent in last."""
    own = known.by_code.get((year, code), ()) or known.by_name.get((year, name), ())
    latest = max((one.times for one in own), default=0)
    last = [one for one in own if one.times == latest]
    if len(last) > 1:
        return Several(tuple(one.path for one in last))
    return last[0] if last else None


def with_last(known: Archive, form: Form, submission: Submission) -> Submission:
    """The submission with the figures of its unit's report of the year before, in place of those it brings along."""
    year = cover_number(form, submission, "year")
    if year is None:
        return submission
    found = of_unit(known, year - 1, *(cover_text(form, submission, role) for role in ("code", "agency")))
    match found:
        case None:
            return remarked(submission, Remark("P104", words=(("year", str(year - 1)),)))
        case Several(paths):
            return remarked(submission, Remark("P105", words=(("count", str(len(paths))), ("files", "、".join(paths)))))
        case Earlier():
            return compared_with(found, form, submission)


def kept_line(one: Earlier, file: str = "", sign: str = "") -> str:
    """One line of the archive: a report, the file that it was read from, and what tells that file's content."""
    figures = {name: f"{value:f}" for name, value in one.figures.items()}
    # bytes in a file's name that are no text are escaped: they cannot be written as such
    return json.dumps({"file": file, "sign": sign, "report": {**one._asdict(), "figures": figures}})


def kept_lines(path: Path) -> dict[tuple[str, str], tuple[Earlier, ...]]:
    """The reports of an archive by file and sign. A line that broke off is none; so is an archive that is not there."""
    found: dict[tuple[str, str], tuple[Earlier, ...]] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return found
    for text in lines:
        try:
            kept = json.loads(text)
            key = kept["file"], kept["sign"]
            found[key] = (*found.get(key, ()), _report(kept["report"]))
        except (ValueError, KeyError, TypeError, ArithmeticError):
            continue
    return found


def _report(kept: Mapping[str, Any]) -> Earlier:
    return Earlier(**{**kept, "figures": {name: _shared(value) for name, value in kept["figures"].items()}})


def read_archive(path: Path) -> Archive:
    """The archive in a file of lines; read once for each content that it has."""
    state = path.stat()
    return _read(str(path), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)
def _read(path: str, _changed: int, _size: int) -> Archive:
    return archive(one for reports in kept_lines(Path(path)).values() for one in reports)


@lru_cache(maxsize=4096)
def _shared(text: str) -> Decimal:
    """One object for figures written alike: most of thousands of reports are zeros."""
    return Decimal(text)
