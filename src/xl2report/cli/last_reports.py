"""Last year's reports, as ``--previous`` names them: one, or a folder or zip in which each unit's is looked up."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from xl2report import printed
from xl2report.archive import kept_line
from xl2report.checked import Checked, Terms, check_each
from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import say
from xl2report.cli.processes import spread
from xl2report.desk.filed import files_in
from xl2report.earlier import Earlier

_NAMED = 5  # files that one sentence names


@contextmanager
def last_reports(previous: Path | None, files: Sequence[Path], password: str | None) -> Iterator[Earlier | Path | None]:
    """What the files are compared with; ends with 2 if nothing of it can be read.

    One report for one file is taken as its own, whatever the names on the covers are. ``password`` opens encrypted ones.
    """
    if previous is None:
        yield None
        return
    found, others = read_reports(previous, password)
    if not found:
        for told in others[:_NAMED]:
            say(told)
        say(words(f"{previous}：里面没有能用的上年报告", f"{previous}: no report of last year in it can be used"))
        raise click.exceptions.Exit(2)
    if others:
        say(words(f"--previous 中有 {len(others)} 个文件没有采用：", f"files of --previous that are not used ({len(others)}):"))
        for told in others[:_NAMED]:
            say(told)
    if len(found) == len(files) == 1 and previous.is_file() and files[0].suffix.lower() != ".zip":
        yield found[0]
        return
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "reports.jsonl")
        kept.write_text("".join(f"{kept_line(one, one.path)}\n" for one in found), encoding="utf-8")
        yield kept


def read_reports(path: Path, password: str | None) -> tuple[list[Earlier], list[str]]:
    """The reports in a file, a zip, or a folder and its folders; of the files that are none, a sentence each."""
    found: list[Earlier] = []
    others: list[str] = []
    for results in spread(partial(reports_of, password=password), files_in(path)):
        for result in results:
            if isinstance(result, Earlier):
                found.append(result)
            else:
                others.append(result)
    return found, others


def reports_of(path: Path, password: str | None = None) -> list[Earlier | str]:
    """What each workbook of a file hands on, or why it hands on nothing."""
    return [_handed_on(result) for result in check_each(path, Terms(password=password))]


def _handed_on(result: Checked) -> Earlier | str:
    found = result.handed_on
    if found is not None:
        return found
    if result.status == "unreadable":
        return printed.as_text([result], LANGUAGE).rstrip()
    return words(f"{result.path}：封面没有年度", f"{result.path}: no year on the cover")
