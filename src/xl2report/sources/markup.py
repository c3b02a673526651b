"""HTML → the lines and tables that a reader sees, in their order. Nothing is fetched, nothing is run."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TypeAlias

from xl2report.workbook.package import Unreadable

SECONDS = 5.0
CELLS_LIMIT = 200_000
LINES_LIMIT = 100_000
DEPTH_LIMIT = 2_000  # elements in each other; unclosed ones pile up on sloppy pages
TABLES_LIMIT = 50  # tables in each other
TO_THE_END = 65_534  # rows of a span that goes down to the end
_CHUNK = 2**16
_REST_LIMIT = 2**20  # characters of one tag; a drawing in an attribute is the longest
_END_LIMIT = 2**14  # characters of an unfinished tag at the end

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_UNSEEN = frozenset("script style template title svg math rt rp select textarea button object iframe noframes".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)  # fmt: skip
_CLOSES = {  # what an element ends that was left open before it, and up to where
    "p": ("p",), "li": ("li",), "dt": ("dt", "dd"), "dd": ("dt", "dd"), "td": ("td", "th"), "th": ("td", "th"),
    "tr": ("td", "th", "tr"), "tbody": ("td", "th", "tr", "tbody", "thead", "tfoot"),
    "thead": ("td", "th", "tr", "tbody", "thead", "tfoot"), "tfoot": ("td", "th", "tr", "tbody", "thead", "tfoot"),
}  # fmt: skip
_INSIDE = {"td": ("p", "li", "dt", "dd"), "th": ("p", "li", "dt", "dd")}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_NUMBER = re.compile(r"\s*\+?([0-9]{1,6})")
_SPACE = re.compile("[ \t\r\n\f]+")
_INVISIBLE = " \t\r\n\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
_INNER = re.compile(r"<!\[[^>]{0,200}>")  # what Word writes around its own mark-up


@dataclass(slots=True)
class Cell:
    """A cell as declared: its spans, and what stands in it."""

    rows: int
    columns: int
    items: list[Item] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its lines, joined; those of a table in it as well."""
        return "\n".join(_lines(self.items))


@dataclass(slots=True)
class MarkedTable:
    """A table by its rows of cells. ``groups`` has the number of the first row of each thead, tbody and tfoot."""

    rows: list[list[Cell]] = field(default_factory=list)
    groups: set[int] = field(default_factory=set)


Item: TypeAlias = "str | MarkedTable"


def page_items(text: str) -> list[Item]:
    """The lines and tables of a page. Unreadable if it is beyond a limit, or ends in the middle of a tag."""
    deadline = time.monotonic() + SECONDS
    parser = _Parser()
    text = _without(_INNER.sub("", _without(text, "<!--", "-->")), "<?", ">")
    try:
        for at in range(0, len(text), _CHUNK):
            parser.feed(text[at : at + _CHUNK])
            if len(parser.rawdata) > _REST_LIMIT:
                raise Unreadable("F105", detail="text")
            if time.monotonic() > deadline:
                raise Unreadable("F105", detail="slow")
        if len(parser.rawdata) > _END_LIMIT:
            raise Unreadable("F104", detail="truncated")
        parser.close()
    except (AssertionError, RecursionError):
        raise Unreadable("F104", detail="broken-file") from None
    return parser.finished()


def _lines(items: list[Item]) -> Iterator[str]:
    for item in items:
        if isinstance(item, str):
            yield item
        else:
            for row in item.rows:
                for cell in row:
                    yield from _lines(cell.items)


def _without(text: str, begin: str, end: str) -> str:
    """A text without what stands between two marks; one that is not closed is left, and said to be text."""
    pieces = []
    at = 0
    while (start := text.find(begin, at)) >= 0:
        stop = text.find(end, start + len(begin))
        if stop < 0:
            break
        pieces.append(text[at:start])
        at = stop + len(end)
    return "".join((*pieces, text[at:]))


class _Parser(HTMLParser):
    """What is open, and for each table that is, where its text goes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._items: list[Item] = []
        self._into: list[list[Item]] = [self._items]  # of the page, then of the innermost open cell of each table
        self._tables: list[MarkedTable] = []
        self._open: list[tuple[str, bool]] = []
        self._count: Counter[str] = Counter()
        self._unseen = 0
        self._text: list[str] = []
        self._term = ""
        self._cells = self._lines = 0

    def finished(self) -> list[Item]:
        self._end_line()
        return self._items

    # -- tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._end_line()
        if tag in _VOID:
            if tag == "hr":
                self._end_line()
            return
        if tag in _CLOSES:
            self._close((*_INSIDE.get(tag, ()), *_CLOSES[tag]))
        if tag in _BLOCKS:
            self._end_line()
        if tag == "dd" and self._into[-1] and self._into[-1][-1] is self._term:
            self._into[-1].pop()
            self._text.append(f"{self._term}：")  # a term and what it says are one line, as they are in a Word file
        unseen = tag in _UNSEEN or _is_hidden(attrs)
        if len(self._open) >= DEPTH_LIMIT:
            raise Unreadable("F105", detail="rows")
        self._open.append((tag, unseen))
        self._count[tag] += 1
        self._unseen += unseen
        if not self._unseen:
            self._begin(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSEEN and not _is_hidden(attrs):
            self.handle_starttag(tag, attrs)  # a page is no XML: <td/> opens a cell

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS or tag == "br":
            self._end_line()
        if not self._count[tag]:
            return
        for n in range(len(self._open) - 1, -1, -1):
            if self._open[n][0] == tag:
                while len(self._open) > n:
                    self._pop()
                return
            if self._open[n][0] == "table":
                return  # of an element around this table

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._text.append(data)

    def unknown_decl(self, data: str) -> None:
        """What is declared is not shown."""

    # -- what they do

    def _begin(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            if len(self._tables) >= TABLES_LIMIT:
                raise Unreadable("F105", detail="rows")
            table = MarkedTable()
            self._into[-1].append(table)
            self._tables.append(table)
            self._into.append(self._into[-1])  # text between cells is shown before the table; here, after what came
        elif self._tables and tag in ("tbody", "thead", "tfoot"):
            self._tables[-1].groups.add(len(self._tables[-1].rows))
        elif self._tables and tag == "tr":
            self._tables[-1].rows.append([])
        elif self._tables and tag in ("td", "th"):
            self._cell(dict(attrs))

    def _cell(self, attributes: dict[str, str | None]) -> None:
        self._cells += 1
        if self._cells > CELLS_LIMIT:
            raise Unreadable("F105", detail="cells")
        table = self._tables[-1]
        if not table.rows:
            table.rows.append([])
        rows = _span(attributes.get("rowspan"), TO_THE_END, zero=TO_THE_END)
        cell = Cell(rows, _span(attributes.get("colspan"), 1_000, zero=1))
        table.rows[-1].append(cell)
        self._into[-1] = cell.items

    def _close(self, tags: tuple[str, ...]) -> None:
        """Ends elements that were left open, those of the innermost table only."""
        for n in range(len(self._open) - 1, -1, -1):
            name = self._open[n][0]
            if name == "table":
                return
            if name in tags:
                while len(self._open) > n:
                    self._pop()
            elif name in _BLOCKS and tags[0] in ("p", "li", "dt") and len(tags) < 3:
                return

    def _pop(self) -> None:
        tag, unseen = self._open.pop()
        self._count[tag] -= 1
        if tag in _BLOCKS:
            self._end_line()
        if tag == "dt" and self._into[-1] and isinstance(self._into[-1][-1], str):
            self._term = self._into[-1][-1]
        if not self._unseen and self._tables:
            if tag == "table":
                self._tables.pop()
                self._into.pop()
            elif tag in ("td", "th"):
                self._into[-1] = self._into[-2]
        self._unseen -= unseen

    def _end_line(self) -> None:
        if not self._text:
            return
        line = _SPACE.sub(" ", "".join(self._text)).strip(_INVISIBLE)
        self._text.clear()
        if line:
            self._lines += 1
            if self._lines > LINES_LIMIT + CELLS_LIMIT:
                raise Unreadable("F105", detail="text")
            self._into[-1].append(line)


def _is_hidden(attrs: list[tuple[str, str | None]]) -> bool:
    return any(name == "hidden" or (name == "style" and value and _HIDDEN.search(value)) for name, value in attrs)


def _span(value: str | None, limit: int, zero: int) -> int:
    """A span as a browser takes it: 1 if it says nothing, ``zero`` for 0 (to the end of the rows), within a limit."""
    match = _NUMBER.match(value or "")
    if not match:
        return 1
    return min(int(match.group(1)), limit) or zero
