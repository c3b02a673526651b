"""Which formats a call of ``render`` asks for: by --to, or by what -o ends with."""

from __future__ import annotations

import re
from pathlib import Path

import click

from xl2report.cli.language import words
from xl2report.cli.output import say
from xl2report.report.formats import ENDINGS, RENDERERS

_BETWEEN = re.compile(r"[\s,，、;；]+")
_USUAL = "docx"


def asked_formats(asked: str | None, output: Path | None) -> dict[str, str]:
    """The formats in the order they were asked for, with the ending of each one's files; ends with 2 if they do not fit."""
    endings = {name: ENDINGS.get(name, name) for name in RENDERERS}
    known = "、".join(RENDERERS)
    file = output.name.lower() if output and output.suffix and not output.is_dir() else ""
    if asked is None:
        # the longest ending first: .fragment.html is no .html
        fitting = [name for name in sorted(endings, key=lambda name: -len(endings[name])) if file.endswith(f".{endings[name]}")]
        if file and not fitting:
            _refuse(
                f"-o 的后缀 {output.suffix if output else ''} 不是报告的格式；可用：{known}",
                f"the suffix {output.suffix if output else ''} of -o is no format of reports; there are: {', '.join(RENDERERS)}",
            )
        wanted = fitting[:1] or [_USUAL]
    else:
        wanted = list(dict.fromkeys(filter(None, _BETWEEN.split(asked.lower()))))
    unknown = [name for name in wanted if name not in endings]
    if unknown or not wanted:
        _refuse(f"不认识的格式：{'、'.join(unknown)}。可用：{known}", f"unknown format: {', '.join(unknown)}; there are: {', '.join(RENDERERS)}")
    if file and len(wanted) == 1 and not file.endswith(f".{endings[wanted[0]].rpartition('.')[2]}"):
        _refuse(
            f"-o 的后缀 {output.suffix if output else ''} 与格式 {wanted[0]} 不符；请改后缀，或不写 --to",
            f"the suffix {output.suffix if output else ''} of -o does not fit the format {wanted[0]}; change it, or leave --to out",
        )
    return {name: endings[name] for name in wanted}


def _refuse(chinese: str, english: str) -> None:
    say(words(chinese, english))
    raise click.exceptions.Exit(2)
