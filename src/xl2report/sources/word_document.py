"""The parts of a .docx within limits → Document: what the paragraphs say, what the tables hold, what is said besides.

The text is that of the file with all its tracked changes accepted. Nothing is kept as a tree.
"""

from __future__ import annotations

import re
from functools import lru_cache

from xl2report.sources.document import Document, FileParagraph
from xl2report.sources.numbering import Counter, Lists, attribute, read_lists, read_styles
from xl2report.sources.word_table import WordTable
from xl2report.workbook.package import Package, Unreadable
from xl2report.workbook.parsing import parse

LINES_LIMIT = 20_000  # a report has fewer than two hundred
_DEPTH_LIMIT = 256
_ELEMENTS_LIMIT = 1_000_000
_ASIDES = ("footnotes.xml", "endnotes.xml")

# Elements whose text is not that of the document: what was deleted or moved away, field codes, phonetic guides, the
# second copy of a drawing for old programs, properties as they were before a tracked change.
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "rt", "Fallback", "pPrChange", "tcPrChange", "trPrChange", "tblPrChange"})
_CHANGES = frozenset({"ins", "del", "moveFrom", "moveTo"})
_ENDS = frozenset({"tc", "body", "txbxContent"})
_DRAWN = frozenset({"blip", "imagedata", "chart", "OLEObject", "relIds"})
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}
# How the styles of headings and titles are called: by Word in either language, or their ids by the number alone.
_HEADING_STYLE = re.compile(r"(?i)(?:heading|title|标题)\s*[1-9]?|[1-9]")


@lru_cache(maxsize=1)
def word_document(content: bytes) -> Document:
    """The document in a file's bytes. Unreadable if it is no .docx, is damaged, or is beyond a limit.

    The last one is kept: a file is asked first for its tables, then for its text.
    """
    package = Package(content)
    main = _main_part(package)
    folder = main.rpartition("/")[0]
    body = _Body(_counter(package, folder))
    removed = parse(package.part(main), body.start, body.end, body.data)
    found = body.paragraphs
    for name in _ASIDES:
        found += [FileParagraph(note.text, aside=True) for note in _plain(package, f"{folder}/{name}") if note.text]
    if sum(1 + one.text.count("\n") for one in found) > LINES_LIMIT:
        raise Unreadable("F105", detail="text")
    comments = tuple(comment.text for comment in _plain(package, f"{folder}/comments.xml") if comment.text)
    return Document(tuple(found), changes=body.changes, boxes=body.boxes, comments=comments, removed=removed)


def _plain(package: Package, name: str) -> list[FileParagraph]:
    if not package.has(name):
        return []
    body = _Body(Counter(Lists(), {}))
    parse(package.part(name), body.start, body.end, body.data)
    return body.paragraphs


def _counter(package: Package, folder: str) -> Counter:
    lists, styles = f"{folder}/numbering.xml", f"{folder}/styles.xml"
    return Counter(
        read_lists(package.part(lists)) if package.has(lists) else Lists(),
        read_styles(package.part(styles)) if package.has(styles) else {},
    )


def _main_part(package: Package) -> str:
    """The name of the document's own part, which need not be word/document.xml."""
    if not package.has("_rels/.rels"):
        raise Unreadable("F101", detail="zip")
    found: list[str] = []

    def start(_: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").endswith("/officeDocument"):
            found.append(attributes.get("Target", "").replace("\\", "/").lstrip("/"))

    parse(package.part("_rels/.rels"), start)
    if len(set(found)) != 1 or not found[0].lower().startswith("word/") or not package.has(found[0]):
        raise Unreadable("F101", detail="zip")
    return found[0]


class _Open:
    """A paragraph that is being read; ``joined`` when its end was deleted, and the next one goes on in it."""

    def __init__(self, text: str = "") -> None:
        self.text = [text] if text else []
        self.style = self.list = self.level = ""
        self.outlined = self.joined = self.drawn = False


class _Body:
    """Handlers of a part. A text box has its own paragraphs inside the one it hangs on, hence the stack."""

    def __init__(self, counter: Counter) -> None:
        self.paragraphs: list[FileParagraph] = []
        self.changes = self.boxes = 0
        self._counter = counter
        self._open: list[_Open] = []
        self._tables: list[WordTable] = []
        self._count = 0
        self._names: list[str] = []
        self._skipping = 0
        self._in_text = self._in_properties = self._in_row_properties = False
        self._kept = ""  # of a paragraph whose end was deleted
        self._number = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self._count += 1
        if self._count > _ELEMENTS_LIMIT:
            raise Unreadable("F105", detail="names")
        if len(self._names) >= _DEPTH_LIMIT:
            raise Unreadable("F104", detail="broken-xml")
        self._names.append(name)
        if self._skipping or name in _SKIPPED:
            if not self._skipping:
                self._skipped(name)
            self._skipping += 1
            return
        self.changes += name in _CHANGES
        if name == "p":
            self._open.append(_Open(self._kept))
            self._kept = ""
        elif name == "pPr":
            self._in_properties = True
        elif name == "t":
            self._in_text = True
        elif name == "txbxContent":
            self.boxes += 1
        elif name in _DRAWN and self._open:
            self._open[0].drawn = True
        elif self._in_properties and self._open:
            self._property(name, attributes)
        elif name in _BREAKS and self._open:
            self._open[-1].text.append(_BREAKS[name])  # in properties a "tab" is a tab stop
        elif name == "sym" and self._open:
            self._open[-1].text.append(_symbol(attributes))
        elif name == "tbl":
            self._tables.append(WordTable())
        elif name == "trPr":
            self._in_row_properties = True
        elif self._tables:
            self._tables[-1].start(name, attribute(attributes, "val") if attributes else "")

    def data(self, text: str) -> None:
        if self._in_text and self._open and not self._skipping:
            self._open[-1].text.append(text)

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        self._names.pop()
        if self._skipping:
            self._skipping -= 1
            return
        if name in _ENDS and self._kept:
            self._close(_Open(self._kept))  # nothing follows that it could go on in
            self._kept = ""
        if name == "t":
            self._in_text = False
        elif name == "pPr":
            self._in_properties = False
        elif name == "trPr":
            self._in_row_properties = False
        elif name == "p" and self._open:
            self._close(self._open.pop())
        elif name == "tbl" and self._tables:
            self._end_table()
        elif self._tables:
            self._tables[-1].end(name)

    def _skipped(self, name: str) -> None:
        """What was deleted: text, the end of a paragraph (two become one), or a row of a table."""
        self.changes += name in _CHANGES
        if name not in ("del", "moveFrom"):
            return
        if self._in_properties and self._open:
            self._open[-1].joined = True
        elif self._in_row_properties and self._tables and name == "del":
            self._tables[-1].delete_row()

    def _property(self, name: str, attributes: dict[str, str]) -> None:
        value, paragraph = attribute(attributes, "val"), self._open[-1]
        if name == "pStyle":
            paragraph.style = value
        elif name == "numId":
            paragraph.list = value
        elif name == "ilvl":
            paragraph.level = value
        elif name == "outlineLvl":
            paragraph.outlined = value != "9"

    def _close(self, paragraph: _Open) -> None:
        text = "".join(paragraph.text)
        if paragraph.joined:
            self._kept = text
            return
        # Word numbers an empty paragraph too
        number = self._counter.number(paragraph.style, paragraph.list, paragraph.level)
        if self._tables:
            self._tables[-1].say(f"{number or ''}{text}")
        elif text.strip():
            style = self._counter.style(paragraph.style)
            heading = paragraph.outlined or style.outlined or bool(
                _HEADING_STYLE.fullmatch(paragraph.style) or _HEADING_STYLE.fullmatch(style.name)
            )
            marked = bool(paragraph.style or paragraph.list or paragraph.outlined)
            self.paragraphs.append(FileParagraph(text, marked, heading=heading, number=number or "", lost=number is None))
        if paragraph.drawn:
            self.paragraphs.append(FileParagraph("", picture=True))

    def _end_table(self) -> None:
        table = self._tables.pop()
        if not table.cells and not table.first:
            return
        self._number += 1
        self.paragraphs.append(FileParagraph(table.first, table=True, grid=table.grid(f"第{self._number}个表")))


def _symbol(attributes: dict[str, str]) -> str:
    """The character of a symbol; only its font knows what the private ones look like, so they stay what they are."""
    code = attribute(attributes, "char")
    return chr(int(code, 16)) if re.fullmatch("[0-9A-Fa-f]{4}", code) and not 0xD800 <= int(code, 16) < 0xE000 else ""
