"""退回: the letter to each unit that has to be asked again, and with it the marked copy of what it sent in."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

from xl2report.checked import Terms, check_named
from xl2report.desk.batch import Progress
from xl2report.desk.collection import Collection
from xl2report.desk.letters import letter
from xl2report.desk.memory import digest, mark
from xl2report.desk.processes import finished
from xl2report.desk.reconciliation import notice, reconciliations
from xl2report.marked import marked_copy
from xl2report.workbook.losses import CannotMark
from xl2report.written import write_whole

_SIGNS = ".signs.tsv"
_UNWANTED = str.maketrans(dict.fromkeys([*'\\/:*?"<>|', *map(chr, range(32))], "_"))  # what a file's name cannot have


class _Return(NamedTuple):
    """What goes back to one unit: its row, the name of its files, the letter, the file that is marked if there is one."""

    row: int
    stem: str
    text: str
    marked: str
    sha256: str

    @property
    def endings(self) -> tuple[str, ...]:
        return ("txt", "xlsx") if self.marked else ("txt",)

    @property
    def sign(self) -> str:
        """What its files are made of."""
        return f"{self.sha256} {hashlib.sha256(self.text.encode()).hexdigest()}"


def write_returns(
    found: Collection, folder: Path, *, last: Path | None = None, executor: Executor | None = None, progress: Progress | None = None
) -> dict[int, tuple[Path, ...]]:
    """The letters and the marked copies into a folder; those of an earlier run go, or stay where nothing has changed.

    The files that go back, by the row of the unit. ``last`` is the archive that the returns were compared with.
    What is done is written down at once. A copy that cannot be made is not: the letter says what is wrong.
    """
    returns = _returns(found)
    judge = mark() if last is None else f"{mark()} {digest(last)}"  # what was compared with other figures is marked otherwise
    signs = folder / _SIGNS
    before, now = _signs(signs), {one.stem: f"{judge} {one.sign}" for one in returns}
    done = {one.stem for one in returns if before.get(one.stem) == now[one.stem] and _is_whole(one, folder)}
    if before or returns:
        _write_signs(signs, now, done)  # what is begun now is not to be relied on
    for stem in dict.fromkeys([*before, *_stems(found)]):
        if stem not in done:
            for ending in ("txt", "xlsx"):
                (folder / f"{stem}.{ending}").unlink(missing_ok=True)
    todo = [one for one in returns if one.stem not in done]
    for n, (one, copy) in enumerate(finished(partial(_marked, last=last), todo, executor), 1):
        text = (folder / f"{one.stem}.txt", [one.text.encode("utf-8-sig")])
        write_whole([text] if copy is None else [text, (folder / f"{one.stem}.xlsx", [copy])])
        if copy is not None or not one.marked:
            done.add(one.stem)
            with signs.open("a", encoding="utf-8") as stream:
                stream.write(f"{one.stem}\t{now[one.stem]}\n")
        if progress is not None:
            progress("return", n, len(todo))
    if returns:
        _write_signs(signs, now, done)
    else:
        signs.unlink(missing_ok=True)
    files = {one.row: tuple(folder / f"{one.stem}.{ending}" for ending in ("txt", "xlsx")) for one in returns}
    return {row: tuple(path for path in paths if path.exists()) for row, paths in files.items()}


def _returns(found: Collection) -> list[_Return]:
    """What has to go out, in the order of the roster."""
    made = []
    summaries = {one.branch.unit.row: one for one in reconciliations(found)}
    for stem, standing in zip(_stems(found), found.standings, strict=True):
        text = letter(found.form, found.year, standing)
        if (summary := summaries.get(standing.unit.row)) and standing.unit.name != found.office:
            text = "\n".join(part for part in (text, notice(found.form, found.year, summary)) if part)
        if text:
            latest = standing.history[0] if standing.history else None
            is_marked = latest and standing.state != "unclear" and latest.status != "unreadable" and (latest.errors or latest.queries)
            made.append(_Return(standing.unit.row, stem, text, latest.path if latest and is_marked else "", latest.sha256 if latest else ""))
    return made


def _stems(found: Collection) -> list[str]:
    """By standing how the files of its unit are called; names that differ only in what no file's name can have are numbered."""
    stems: dict[str, None] = {}
    for standing in found.standings:
        plain = "_".join(part for part in (standing.unit.code, standing.unit.name) if part).translate(_UNWANTED)
        numbered = (f"{plain}({n})" if n else plain for n in count())
        stems[next(stem for stem in numbered if stem not in stems)] = None
    return list(stems)


def _is_whole(one: _Return, folder: Path) -> bool:
    return all((folder / f"{one.stem}.{ending}").exists() for ending in one.endings)


def _signs(path: Path) -> dict[str, str]:
    """What the files of an earlier run were made of."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    return {stem: sign for stem, tab, sign in (line.rpartition("\t") for line in lines) if tab}


def _write_signs(path: Path, signs: Mapping[str, str], done: Container[str]) -> None:
    lines = (f"{stem}\t{signs[stem]}\n".encode() for stem in sorted(signs) if stem in done)
    write_whole([(path, lines)])


def _marked(one: _Return, last: Path | None) -> bytes | None:
    """The file with its findings marked; None where there is none, or none can be made, or it is another one by now."""
    result = check_named(one.marked, Terms(last=last)) if one.marked else None
    if result is None or result.sha256 != one.sha256:
        return None
    with suppress(CannotMark):
        return marked_copy(result).content
    return None
