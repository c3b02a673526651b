"""A Word or Markdown file, read within limits and told apart by its content."""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from xl2report.checks.catalogue import DETAILS
from xl2report.sources.document import Document, FileParagraph
from xl2report.sources.word_document import LINES_LIMIT, word_document
from xl2report.workbook.package import FILE_LIMIT, Unreadable

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEXT_ENDINGS = {".md", ".markdown", ".txt"}

_MARK = re.compile(r" {0,3}(#{1,6})(?:\s+|$)")
_EMPHASIS = re.compile(r"(\*\*|__)((?:(?!\1).)+)\1")
_RULE = re.compile(r"\s*(?:=+|-{3,}|\*{3,}|_{3,})\s*")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


class ProseError(ValueError):
    """A prose file that cannot be read: a code of the catalogue (F…) and what is wrong with it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


def file_document(path: Path) -> Document:
    """What a file says; its content is sniffed. ProseError if it is no text to read."""
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
        return _word(content)
    if content.startswith(_OLE):
        raise ProseError("F101", "是旧格式（.doc、.wps）或加了打开密码，请另存为不加密的 .docx")
    if path.suffix.lower() not in _TEXT_ENDINGS:
        raise ProseError("F101", "不是 .docx，也不是 .md")
    return _limited(Document(tuple(_markdown(_decoded(content))), is_markdown=True))


def _limited(document: Document) -> Document:
    if sum(1 + paragraph.text.count("\n") for paragraph in document.paragraphs) > LINES_LIMIT:
        raise ProseError("F105", f"> {LINES_LIMIT} 行")
    return document


def _word(content: bytes) -> Document:
    try:
        return word_document(content)
    except Unreadable as error:
        if error.code == "F101":
            raise ProseError("F101", "不是 .docx") from None
        detail = error.words.get("detail", "")
        raise ProseError(error.code, DETAILS[detail].zh if detail in DETAILS else detail) from None


def _without_closing(heading: str) -> str:
    """A heading without the ``#`` that may close it; a regular expression would take quadratic time here."""
    bare = heading.rstrip()
    opened = bare.rstrip("#")
    return opened.rstrip() if opened != bare and opened[-1:].isspace() else bare


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


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


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
        bare = strong.group(2) if strong else plain
        if bare.strip():
            yield FileParagraph(_unescaped(bare), bool(mark or strong), heading=bool(mark), typed=plain.strip())
