"""The text in the bytes of a page, whatever its head says about their encoding."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from xl2report.submission import Remark

LOST = "\ufffd"  # stands for bytes that no encoding makes a character of
_HEAD = 4096  # bytes in which a page names its encoding
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "utf-8": "utf-8", "utf8": "utf-8"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


class Decoded(NamedTuple):
    """The text, its encoding, and what is to be remarked about the two."""

    text: str
    encoding: str
    remarks: tuple[Remark, ...]


def decoded(content: bytes) -> Decoded:
    """The text of a page. What its first bytes mark comes first, then UTF-8, then what it declares, then GB18030.

    UTF-8 goes before the declared encoding because no other text passes for UTF-8 by chance, while UTF-8 passes for
    GB18030 often. Bytes that fit none stay as U+FFFD: whoever reads on must see that something is lost.
    """
    mark, encoding = next(((mark, name) for mark, name in _MARKS if content.startswith(mark)), (b"", ""))
    if encoding:
        return _finished(_loosely(content[len(mark) :], encoding), encoding, "")
    match = _DECLARED.search(content[:_HEAD])
    declared = match.group(1).decode("ascii").lower() if match else ""
    known = _WIDER.get(declared, "")
    for name in dict.fromkeys(filter(None, ("utf-8", known, "gb18030"))):
        try:
            return _finished(content.decode(name), name, declared)
        except UnicodeDecodeError:
            continue
    texts = {name: _loosely(content, name) for name in dict.fromkeys(filter(None, (known, "utf-8", "gb18030")))}
    best = min(texts, key=lambda name: texts[name].count(LOST))
    return _finished(texts[best], best, declared)


def _loosely(content: bytes, encoding: str) -> str:
    return content.decode(encoding, "replace")


def _finished(text: str, encoding: str, declared: str) -> Decoded:
    remarks: list[Remark] = []
    if declared and not text.isascii() and _WIDER.get(declared, declared) != encoding:
        remarks.append(Remark("F117", words=(("declared", declared), ("found", encoding.upper()))))
    text, removed = _CONTROL.subn("", text)
    if removed:
        remarks.append(Remark("F116", words=(("count", str(removed)),)))
    return Decoded(text, encoding, tuple(remarks))
