"""The renderers by name: one of the two seams of the program."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from xl2report.report.view import Report


class Setting(NamedTuple):
    """How a report is put into a format: the language of a draft's findings, and whether a PDF is for the archive."""

    language: str = "zh"
    archive: bool = False


Renderer = Callable[[Report, Setting], bytes]


def _html(report: Report, setting: Setting) -> bytes:
    from xl2report.report.html import render

    return render(report, setting.language)


def _fragment(report: Report, setting: Setting) -> bytes:
    from xl2report.report.html import fragment

    return fragment(report, setting.language)


def _docx(report: Report, setting: Setting) -> bytes:
    from xl2report.report.docx import render

    return render(report, setting.language)


def _pdf(report: Report, setting: Setting) -> bytes:
    from xl2report.report.pdf import render

    return render(report, setting.language, setting.archive)


def _markdown(report: Report, setting: Setting) -> bytes:
    from xl2report.report.markdown import render

    return render(report, setting.language)


def _data(report: Report, setting: Setting) -> bytes:
    from xl2report.report.data import render

    return render(report, setting.language)


RENDERERS: dict[str, Renderer] = {
    "html": _html,
    "html-fragment": _fragment,
    "docx": _docx,
    "pdf": _pdf,
    "md": _markdown,
    "json": _data,
}

# What a file is called after its name, where that is not the name of the format.
ENDINGS = {"html-fragment": "fragment.html"}
