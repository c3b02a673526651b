"""The paragraphs of a Word or Markdown file in reading order, read within limits; tables and pictures are left out."""

from __future__ import annotations

import codecs
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import ParseError, XMLParser

FILE_LIMIT = 20 * 2**20
PART_LIMIT = 64 * 2**20
PARTS_LIMIT = 1000
DEPTH_LIMIT = 256
ELEMENTS_LIMIT = 1_000_000
LINES_LIMIT = 20_000  # a report has fewer than two hundred
RATIO_LIMIT, RATIO_FROM = 200, 2**20
_CHUNK = 2**16
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEXT_ENDINGS = {".md", ".markdown", ".txt"}
_DOCUMENT_TYPE = "/officeDocument"
_ASIDES = ("footnotes.xml", "endnotes.xml")

_MARK = re.compile(r" {0,3}(#{1,6})(?:\s+|$)")
_EMPHASIS = re.compile(r"(\*\*|__)((?:(?!\1).)+)\1")
_RULE = re.compile(r"\s*(?:=+|-{3,}|\*{3,}|_{3,})\s*")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")

# Elements whose text is not prose: what was deleted or moved away, field codes, phonetic guides, the second
# copy of a drawing for old programs, properties as they were before a tracked change.
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "rt", "Fallback", "pPrChange"})
# How the styles of headings and titles are called: by Word in either language, or by their number alone.
_HEADING_STYLE = re.compile(r"(?i)(?:heading|title|标题)\s*[1-9]?|[1-9]")
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}


class ProseError(ValueError):
    """A prose file that cannot be read: a code of the catalogue (F…) and what is wrong with it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class FileParagraph:
    """A paragraph. ``marked``: the file sets it apart (a style, a number, ``#``); ``heading``: as a heading or title.

    ``aside``: it is a footnote, not text. ``table``: a table stands here, and ``text`` is how it begins.
    """

    text: str
    marked: bool = False
    aside: bool = False
    heading: bool = False
    table: bool = False


def file_paragraphs(path: Path) -> Iterator[FileParagraph]:
    """The paragraphs of a file that are not empty; its content is sniffed. ProseError if it is no text to read."""
    try:
        if stat.S_ISFIFO(path.stat().st_mode):
            raise ProseError("F109", "unknown")  # opening it would wait for ever
        with path.open("rb") as stream:
            content = stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise ProseError("F109", error.strerror or str(error)) from None
    if len(content) > FILE_LIMIT:
        raise ProseError("F105", "> 20 MB")
    if content.startswith(b"PK\x03\x04"):
        return _limited(_word(content))
    if content.startswith(_OLE):
        raise ProseError("F101", "是旧格式（.doc、.wps）或加了打开密码，请另存为不加密的 .docx")
    if path.suffix.lower() not in _TEXT_ENDINGS:
        raise ProseError("F101", "不是 .docx，也不是 .md")
    return _limited(_markdown(_decoded(content)))


def _limited(paragraphs: Iterable[FileParagraph]) -> Iterator[FileParagraph]:
    lines = 0
    for paragraph in paragraphs:
        lines += 1 + paragraph.text.count("\n")
        if lines > LINES_LIMIT:
            raise ProseError("F105", f"> {LINES_LIMIT} 行")
        yield paragraph


def _word(content: bytes) -> list[FileParagraph]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if len(package.namelist()) > PARTS_LIMIT:
                raise ProseError("F105", f"> {PARTS_LIMIT} 个部件")
            main = _main_part(package)
            found = _parsed(package, main)
            folder = main.rpartition("/")[0]
            for name in _ASIDES:
                if f"{folder}/{name}" in package.namelist():
                    notes = _parsed(package, f"{folder}/{name}")
                    found += [FileParagraph(note.text, aside=True) for note in notes]
            return found
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, OSError) as error:
        raise ProseError("F104", str(error) or type(error).__name__) from None
    except ParseError as error:
        raise ProseError("F104", f"XML: {error}") from None
    except ProseError:
        raise
    except (ValueError, OverflowError, LookupError) as error:  # damaged directory, encoding that does not exist
        raise ProseError("F104", str(error) or type(error).__name__) from None


def _main_part(package: zipfile.ZipFile) -> str:
    """The name of the document's own part, which need not be word/document.xml."""
    if "_rels/.rels" not in package.namelist():
        raise ProseError("F101", "不是 .docx")
    relations = _Relations()
    _feed(package, "_rels/.rels", relations)
    name = relations.target.lstrip("/")
    if not name.startswith("word/") or name not in package.namelist():
        raise ProseError("F101", "不是 .docx")
    return name


def _parsed(package: zipfile.ZipFile, name: str) -> list[FileParagraph]:
    body = _Body()
    _feed(package, name, body)
    return body.paragraphs


def _feed(package: zipfile.ZipFile, name: str, target: _Relations | _Body) -> None:
    """Streams a part through a parser, so that no tree of it ever stands in memory."""
    if package.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ProseError("F104", name)
    parser = XMLParser(target=target)
    packed = max(package.getinfo(name).compress_size, 1)
    size = 0
    with package.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > PART_LIMIT or (size > RATIO_FROM and size > RATIO_LIMIT * packed):
                raise ProseError("F105", f"{name} > {size // 2**20} MiB")
            parser.feed(chunk)
    parser.close()


class _Safe:
    """A parser target that takes no document type (entities could make a small file endless) and no deep nesting."""

    def __init__(self) -> None:
        self._depth = self._elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._elements > ELEMENTS_LIMIT:
            raise ProseError("F105", f"XML > {ELEMENTS_LIMIT}")
        if self._depth > DEPTH_LIMIT:
            raise ProseError("F104", f"XML > {DEPTH_LIMIT}")
        self.opened(tag.rpartition("}")[2], attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self.closed(tag.rpartition("}")[2])

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; ``name`` is its tag without the namespace."""

    def closed(self, name: str) -> None:
        """An element ends."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise ProseError("F104", "DOCTYPE")

    def close(self) -> None:
        return None


class _Relations(_Safe):
    """Parser target: where a package says its main document is."""

    def __init__(self) -> None:
        super().__init__()
        self.target = ""

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith(_DOCUMENT_TYPE):
            self.target = attributes.get("Target", "")


class _Body(_Safe):
    """Parser target: the paragraphs. A text box has its own inside the one it hangs on, hence the stack."""

    def __init__(self) -> None:
        super().__init__()
        self.paragraphs: list[FileParagraph] = []
        self._open: list[list[str]] = []
        self._marked: list[bool] = []
        self._heading: list[bool] = []
        self._skipping = 0
        self._in_text = False
        self._in_properties = False
        self._tables = 0
        self._table_text = ""

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if self._skipping or name in _SKIPPED:
            self._skipping += 1
        elif name == "tbl":
            self._tables += 1
        elif name == "p":
            self._open.append([])
            self._marked.append(False)
            self._heading.append(False)
        elif name == "pPr":
            self._in_properties = True
        elif name == "t":
            self._in_text = True
        elif self._open and name in ("pStyle", "numPr", "outlineLvl"):
            self._marked[-1] = True
            style = next((value for key, value in attributes.items() if key.endswith("val")), "")
            if name == "outlineLvl" or (name == "pStyle" and _HEADING_STYLE.fullmatch(style)):
                self._heading[-1] = True
        elif self._open and not self._in_properties and name in _BREAKS:
            self._open[-1].append(_BREAKS[name])  # in properties a "tab" is a tab stop
        elif self._open and name == "sym":
            self._open[-1].append(_symbol(attributes))

    def data(self, text: str) -> None:
        if self._in_text and self._open and not self._skipping:
            self._open[-1].append(text)

    def closed(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
        elif name == "t":
            self._in_text = False
        elif name == "pPr":
            self._in_properties = False
        elif name == "p" and self._open:
            text, marked, heading = "".join(self._open.pop()), self._marked.pop(), self._heading.pop()
            if self._tables:
                self._table_text = self._table_text or text.strip()
            elif text.strip():
                self.paragraphs.append(FileParagraph(text, marked, heading=heading))
        elif name == "tbl" and self._tables:
            self._tables -= 1
            if not self._tables:
                self.paragraphs.append(FileParagraph(self._table_text, table=True))
                self._table_text = ""


def _without_closing(heading: str) -> str:
    """A heading without the ``#`` that may close it; a regular expression would take quadratic time here."""
    bare = heading.rstrip()
    opened = bare.rstrip("#")
    return opened.rstrip() if opened != bare and opened[-1:].isspace() else bare


def _symbol(attributes: dict[str, str]) -> str:
    """The character of a symbol; only its font knows what the private ones look like, so they stay what they are."""
    code = next((value for key, value in attributes.items() if key.endswith("}char")), "")
    return chr(int(code, 16)) if re.fullmatch("[0-9A-Fa-f]{4}", code) and not 0xD800 <= int(code, 16) < 0xE000 else ""


def _decoded(content: bytes) -> str:
    """A text file: UTF-8, or what Windows Notepad writes in Chinese offices."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ProseError("F104", "不是文本（UTF-8 或 GB18030）")


def _markdown(text: str) -> Iterator[FileParagraph]:
    """A paragraph a line: Chinese is typed without line ends, and two of its lines joined are rarely what was meant."""
    in_table = False
    for line in text.splitlines():
        was_table, in_table = in_table, line.lstrip().startswith("|")
        if in_table and not was_table:
            yield FileParagraph(line.strip(), table=True)
        if in_table or not line.strip() or _RULE.fullmatch(line):
            continue  # a rule is no text
        mark = _MARK.match(line)
        plain = _without_closing(line[mark.end() :]) if mark else line.strip()
        strong = _EMPHASIS.fullmatch(plain.strip())
        if strong:
            plain = strong.group(2)
        if plain.strip():
            yield FileParagraph(_ESCAPE.sub(r"\1", plain), bool(mark or strong), heading=bool(mark))
