"""What machines have done to a text: traditional characters made simplified again, pinyin taken out, losses pointed at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from xl2report.sources.charset import LOST
from xl2report.submission import Place, Remark
from xl2report.workbook.package import Unreadable

_PINYIN = re.compile("(?<=[\u4e00-\u9fff])[(（][a-zü]{0,5}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ][a-zü]{0,4}[)）]")
_HAN = re.compile("[\u4e00-\u9fff]")
_SAMPLE = 20_000  # characters by which the script of a text is told
_TRADITIONAL = 0.03  # of them that conversion changes; a name or a quotation in the other script has fewer
_AROUND = 8  # characters quoted on either side of a loss
_DAMAGED = re.compile(f"[^\\s]{{0,8}}{LOST}+[^\\s]{{0,8}}")
_DOUBTFUL = re.compile("(?<=[\u4e00-\u9fff])\\?+(?=[^\\s?”’」』）)\\]])")  # a question ends with its mark


class Plain(NamedTuple):
    """A text in simplified characters without pinyin, and what was done to it."""

    text: str
    remarks: tuple[Remark, ...]


def plain_script(text: str) -> Plain:
    """The text as it can be compared with a form. Unreadable if it is traditional and nothing can convert it."""
    remarks: list[Remark] = []
    readings = _PINYIN.findall(text)
    if readings:
        first = _PINYIN.search(text)
        raw = text[first.start() - 1 : first.end()] if first else ""
        text = _PINYIN.sub("", text)
        remarks.append(Remark("F119", words=(("count", str(len(readings))), ("raw", raw))))
    sample = "".join(_HAN.findall(text[: 10 * _SAMPLE])[:_SAMPLE])
    if sample and _may_be_traditional(sample):
        convert = _converter()
        changed = sum(one != other for one, other in zip(sample, convert(sample), strict=False))
        if changed > _TRADITIONAL * len(sample):
            text = convert(text)
            remarks.append(Remark("F118"))
    return Plain(text, tuple(remarks))


def losses(line: str, place: Place) -> Iterator[Remark]:
    """A remark for each place of a line where characters are lost for certain, or where a ``?`` stands as no question."""
    for match in _DAMAGED.finditer(line):
        yield Remark("F120", place, (("raw", match.group()),))
    for match in _DOUBTFUL.finditer(line):
        yield Remark("F121", place, (("raw", line[max(0, match.start() - _AROUND) : match.end() + _AROUND]),))


def _may_be_traditional(sample: str) -> bool:
    """True if signs stand there that only traditional text has: a look that costs nothing, for most pages have none."""
    return any(sign in sample for sign in "國務開關時說發會們這來個與為爲對於從實報單業產體學機構請辦結論據")


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    try:
        from opencc import OpenCC  # noqa: PLC0415  (only a page in traditional characters pays for it)
    except ImportError:
        raise Unreadable("F122") from None
    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert
