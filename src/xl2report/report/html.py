"""The report for the web: a page that needs nothing beside it, and a fragment to be pasted into a site's own page."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from xl2report.report import chart, qr
from xl2report.report.environment import encoded, template
from xl2report.report.html_table import Look, filled
from xl2report.report.view import Report, TableView
from xl2report.report.words import finding_lines, words

_LANGUAGES = {"hans": "zh-CN", "hant": "zh-Hant"}


def render(report: Report, language: str = "zh") -> bytes:
    """The page, UTF-8: no script, no picture, no other file.

    ``language`` is that of a draft's mark and findings; the report speaks its own.
    """
    keywords = [report.agency, f"{report.year}年" if report.year else "", report.form_name]
    context = _context(report, language, _look(is_fragment=False))
    return encoded(template("report.html.j2").render(context, keywords=[word for word in keywords if word]))


def fragment(report: Report, language: str = "zh") -> bytes:
    """What a site's editor takes, UTF-8: one ``div`` with the report, every style in its element, no class, no script.

    Its ids begin with ``x2r-``, its title is a paragraph: the site prints a heading of its own.
    """
    context = _context(report, language, _look(is_fragment=True))
    return encoded(template("article.html.j2").render(context))


def _context(report: Report, language: str, look: Look) -> dict[str, Any]:
    def table(part: TableView, heading: str) -> Markup:
        return filled(part, heading.endswith(part.caption), look)

    return {
        "report": report,
        "table": table,
        "chart": chart,
        "qr": qr.svg(report.page_url),
        "address": _address,
        "findings": finding_lines(report, language),
        "words": words(report, language),
        "lang": _LANGUAGES[report.script],
        "language": "en" if language == "en" else _LANGUAGES[report.script],
        "look": look.attributes,
        "fragment": look.is_fragment,
        "prefix": look.prefix,
    }


@lru_cache
def _look(is_fragment: bool) -> Look:
    """The fragment's styles stand in its template; the page's in a style sheet, which asks for some classes."""
    style = template("fragment.html.j2").module
    elements: dict[str, str] = style.elements  # type: ignore[attr-defined]
    classes: dict[str, str] = style.classes  # type: ignore[attr-defined]
    if is_fragment:
        styles = {name: Markup(text) for name, text in {**elements, **classes}.items()}
        return Look({name: Markup(f' style="{text}"') for name, text in styles.items()}, styles, True)
    named = {name: Markup(f' class="{name}"') for name in classes}
    return Look({**dict.fromkeys(elements, Markup()), **named}, dict.fromkeys(elements, Markup()), False)


def _address(svg: str) -> str:
    """A drawing as an address of itself, for an ``img``."""
    return f"data:image/svg+xml;base64,{b64encode(encoded(svg)).decode()}"
