"""What every template stands in: one Jinja2 environment, with the filters and tests that templates use."""

from __future__ import annotations

import re
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from xl2report.report.compiled import CompiledTemplates
from xl2report.report.view import ChartView, SubHeading, TableView
from xl2report.shipped import folder

_ACTIVE = re.compile(
    r"[\\`*\[\]<>|~#$]"  # marks that mean something anywhere ($ is mathematics on code hosts)
    r"|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"  # inside a word an underline is one: addresses stay whole
    r"|&(?=#?[0-9A-Za-z]+;)"
)
_LINE_START = re.compile(r"[0-9]{1,9}[.)](?=\s|\Z)|[-+=]")


@lru_cache
def template(name: str) -> Template:
    """A template of the shipped folder, compiled once; markup is escaped in those for HTML and XML."""
    return _environment().get_template(name)


def encoded(text: str) -> bytes:
    """UTF-8. A half of a surrogate pair, which Excel can hold and UTF-8 cannot, stays visible as an escape."""
    return text.encode("utf-8", "backslashreplace")


def is_link(text: str) -> bool:
    """True for a web address that may become a link; nothing else is ever one, ``javascript:`` least of all."""
    return text.lower().startswith(("http://", "https://"))


def markdown_inline(text: str) -> str:
    """A text that stays text inside a line: every mark that Markdown would act on is escaped."""
    return _ACTIVE.sub(lambda match: "\\" + match.group(), " ".join(text.split()))


def markdown_line(text: str) -> str:
    """A text that stays a paragraph when it begins a line: no list, no rule, no underlined heading."""
    safe = markdown_inline(text)
    mark = _LINE_START.match(safe)
    return f"{safe[: mark.end() - 1]}\\{safe[mark.end() - 1 :]}" if mark else safe


def markdown_link(text: str) -> str:
    """A web address as a link, any other text as text."""
    plain = is_link(text) and not re.search(r"[\s<>\\]", text)
    return f"<{text}>" if plain else markdown_inline(text)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(("html", "xml", "html.j2", "xml.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        bytecode_cache=CompiledTemplates(),
    )
    environment.filters["md"] = markdown_inline
    environment.filters["md_line"] = markdown_line
    environment.filters["md_link"] = markdown_link
    environment.tests["link"] = is_link
    environment.tests["chart"] = lambda part: isinstance(part, ChartView)
    environment.tests["table"] = lambda part: isinstance(part, TableView)
    environment.tests["subheading"] = lambda part: isinstance(part, SubHeading)
    return environment
