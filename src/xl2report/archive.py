"""Reports of earlier years, to look up that of a unit; kept in a file, so that many processes can."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

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


def line(one: Earlier) -> str:
    figures = {name: f"{value:f}" for name, value in one.figures.items()}
    return json.dumps({**one._asdict(), "figures": figures}, ensure_ascii=False)


def report_of(text: str) -> Earlier:
    kept = json.loads(text)
    return Earlier(**{**kept, "figures": {name: _shared(value) for name, value in kept["figures"].items()}})


def read_archive(path: Path) -> Archive:
    """The archive in a file of lines; read once for each content that it has."""
    state = path.stat()
    return _read(str(path), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)
def _read(path: str, _changed: int, _size: int) -> Archive:
    lines = Path(path).read_text(encoding="utf-8").split("\n")  # names may hold what splitlines takes for an end
    return archive(report_of(text) for text in lines if text)


@lru_cache(maxsize=4096)
def _shared(text: str) -> Decimal:
    """One object for figures written alike: most of thousands of reports are zeros."""
    return Decimal(text)
