"""The renderers by name: one of the two seams of the program."""

from __future__ import annotations

from collections.abc import Callable

from xl2report.report.view import Report

Renderer = Callable[[Report, str], bytes]


def _html(report: Report, language: str) -> bytes:
    from xl2report.report.html import render

    return render(report, language)


def _docx(report: Report, language: str) -> bytes:
    from xl2report.report.docx import render

    return render(report, language)


def _markdown(report: Report, language: str) -> bytes:
    from xl2report.report.markdown import render

    return render(report, language)


def _data(report: Report, language: str) -> bytes:
    from xl2report.report.data import render

    return render(report, language)


RENDERERS: dict[str, Renderer] = {"html": _html, "docx": _docx, "md": _markdown, "json": _data}
