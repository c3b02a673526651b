"""Encrypted workbooks: whoever sits at the terminal is asked for the password."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from xl2report.checked import Checked, Terms, check_content, check_each
from xl2report.cli.language import words


def opened(path: Path, terms: Terms) -> Iterator[Checked]:
    """The result of a file, or of each file of a zip, checked again with the password where one was asked for."""
    for result in check_each(path, terms):
        typed = _asked(result) if [finding.code for finding in result.findings] == ["F102"] and result.content else ""
        yield check_content(result.path, result.content, terms._replace(password=typed)) if typed else result


def _asked(result: Checked) -> str:
    """The password that was typed, "" if nobody is there to be asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ""
    told = words(f"{result.path} 的打开密码", f"password of {result.path}")
    return str(click.prompt(told, hide_input=True, default="", show_default=False, err=True))
