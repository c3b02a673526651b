"""``check``: every file judged, in several processes when there are many, and printed in the order they were given."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click

from xl2report import printed
from xl2report.checked import Checked, Terms, check_each
from xl2report.cli.language import words
from xl2report.cli.output import reason, say, show, write_file
from xl2report.cli.passwords import opened
from xl2report.cli.processes import spread, workers

_CODES = {"pass": 0, "fail": 1, "unreadable": 2}


class Order(NamedTuple):
    """What is asked for every file: its output format, the folder for marked copies, the terms of reading."""

    style: str
    mark: Path | None
    terms: Terms
    language: str


class Judged(NamedTuple):
    """What is left of one file: its exit code, its piece of the output, its marked copy, words for stderr."""

    code: int
    piece: Any
    path: str
    copy: bytes | None = None
    said: tuple[str, ...] = ()


def run(files: tuple[Path, ...], order: Order) -> int:
    """The highest exit code of the files."""
    pieces: list[Any] = []
    code = 0
    taken: set[Path] = {path.resolve() for path in files}  # a copy never takes the place of what was handed in
    if order.style == "csv":
        show(printed.csv_head())
    for judged in _all(files, order):
        code = max(code, judged.code)
        for sentence in judged.said:
            say(sentence)
        if order.mark and judged.copy is not None:
            _write_copy(order.mark, judged, taken)
        if order.style == "json":
            pieces.append(judged.piece)
        else:
            show(judged.piece)
    if order.style == "json":
        show(printed.json_of(pieces))
    return code


def judge(path: Path, order: Order) -> list[Judged]:
    """One file, or each file of a zip of returns."""
    return [_judged(result, order) for result in check_each(path, order.terms)]


def password_from(path: Path | None) -> str | None:
    """The first line of a password file; ends with 2 if it cannot be read."""
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8-sig").split("\n", 1)[0].removesuffix("\r")
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else words("不是 UTF-8 文本", "not UTF-8 text")
        say(words(f"密码文件读不出来：{why}", f"the password file cannot be read: {why}"))
        raise click.exceptions.Exit(2) from None


def _all(files: tuple[Path, ...], order: Order) -> Iterator[Judged]:
    if workers(len(files)) < 2:
        for path in files:
            yield from (_judged(result, order) for result in opened(path, order.terms))
        return
    for judged in spread(partial(judge, order=order), files):
        yield from judged


def _judged(result: Checked, order: Order) -> Judged:
    piece: Any
    if order.style == "json":
        piece = printed.file_data(result, order.language)
    elif order.style == "csv":
        piece = printed.file_csv(result, order.language)
    else:
        piece = printed.file_text(result, order.language)
    copy, said = _copy(result, order)
    return Judged(_CODES[result.status], piece, result.path, copy, said)


# -- marked copies -----------------------------------------------------------------------------------------------------


def _copy(result: Checked, order: Order) -> tuple[bytes | None, tuple[str, ...]]:
    """The marked copy of a file that has to go back, and what has to be said about it; notes alone need no answer."""
    if order.mark is None or all(finding.severity == "note" for finding in result.findings):
        return None, ()
    from xl2report.marked import marked_copy
    from xl2report.workbook.losses import CannotMark

    english = order.language == "en"
    try:
        copy = marked_copy(result, order.language)
    except CannotMark as error:
        why = error.message(order.language)
        return None, (f"{result.path}: not marked: {why}" if english else f"{result.path}：没有标注：{why}",)
    if copy.instead is None:
        return copy.content, ()
    why = copy.instead.message(order.language)
    said = (
        f"{result.path}: cannot be marked itself ({why}); its content was brought into a fresh workbook, and that was marked" if english
        else f"{result.path}：不能在原文件上标注（{why}），已转到新的工作簿并在上面标注"
    )  # fmt: skip
    return copy.content, (said,)


def _write_copy(folder: Path, judged: Judged, taken: set[Path]) -> None:
    """Writes a copy under the name of its file; a second file of that name gets a number."""
    stem = judged.path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or "copy"
    target, n = folder / f"{stem}.xlsx", 0
    while target.resolve() in taken:
        n += 1
        target = folder / f"{stem}({n}).xlsx"
    written = write_file(target, judged.copy or b"")
    taken.add(written.resolve())
    say(words(f"标注副本：{written}", f"marked copy: {written}"))
