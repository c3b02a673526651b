"""Last year's returns, kept on the desk as an archive: what every return of this year is compared with."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

from xl2report.archive import kept_line, kept_lines
from xl2report.checked import check_each
from xl2report.desk.memory import digest, mark
from xl2report.desk.processes import Elsewhere, finished
from xl2report.desk.roster import Unit
from xl2report.earlier import Earlier
from xl2report.form.faults import FormError
from xl2report.written import write_whole

LAST_NAME = ".last.jsonl"


class LastReturns(NamedTuple):
    """The archive as a file, what tells its content from another's, how many reports are in it, and the files that gave none."""

    path: Path
    sign: str
    reports: int
    others: tuple[str, ...]


def last_returns(
    files: Sequence[Path], archive: Path, year: int, units: Sequence[Unit] = (), *, executor: Executor | None = None
) -> LastReturns:
    """The reports of a year in the files, written to the archive; a file that it has already is not read again.

    Reports stand under the codes that their units have now, where the roster says that they had others. Elsewhere if the
    processes of the executor do not see the files.
    """
    judge = mark()
    known = kept_lines(archive)
    now = {unit.last_code: unit.code for unit in units if unit.last_code and unit.code}
    digests = {path: digest(path) for path in files}
    signs = {path: f"{judge} {digests[path]} {zlib.crc32(repr(sorted(now.items())).encode()):08x}" for path in files}
    found = {path: known.get((str(path), signs[path]), ()) for path in files}
    others = []
    for path, handed in finished(_handed_on, [path for path in files if not found[path]], executor):
        if handed and handed.digest != digests[path] == digest(path):
            raise Elsewhere(path)
        found[path] = tuple(_renamed(one, now) for one in handed.reports if one.year == year) if handed else ()
        if not found[path]:
            others.append(str(path))
    lines = [f"{kept_line(one, str(path), signs[path])}\n".encode() for path in files for one in found[path]]
    write_whole([(archive, lines)])
    return LastReturns(archive, hashlib.sha256(b"".join(lines)).hexdigest(), len(lines), tuple(sorted(others)))


def _renamed(report: Earlier, now: Mapping[str, str]) -> Earlier:
    """The report under its unit's present code; a code that is another unit's by now says nothing, its name may."""
    taken = report.code in now.values() and report.code not in now
    return report._replace(code="" if taken else now.get(report.code, report.code))


class _HandedOn(NamedTuple):
    """What a process finds under a path: the digest of what lies there, the reports in it."""

    digest: str
    reports: tuple[Earlier, ...]


def _handed_on(path: Path) -> _HandedOn:
    try:
        reports = tuple(found for result in check_each(path) if (found := result.handed_on))
    except FormError:
        raise  # it is not the file that is wrong
    except Exception:  # one file never stops the batch
        reports = ()
    return _HandedOn(digest(path), reports)
