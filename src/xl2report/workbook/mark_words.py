"""The words of a mark: what the comment on a cell says about its findings, and which part of a comment is ours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from xl2report.checks.findings import Finding
from xl2report.form.model import Severity, Words
from xl2report.workbook.plan import STAMP

MARKS_STAMP = f"{STAMP}marks"  # A1 of the list of findings: what its sheet is, in either language
LIST_SHEET = Words("问题清单", "Findings")
MARK = "【核对】"  # begins our part of a comment, in either language
AUTHOR = "xl2report"
COLOURS: dict[Severity, str] = {"error": "FFC7CE", "query": "FFEB9C", "note": "DDEBF7"}
GLYPHS: dict[Severity, str] = {"error": "×", "query": "?", "note": "·"}
SEVERITY: dict[Severity, Words] = {
    "error": Words("错误", "error"), "query": Words("疑问", "query"), "note": Words("提示", "note"),
}  # fmt: skip
RANK: dict[Severity, int] = {"error": 0, "query": 1, "note": 2}

_LONGEST = 600  # characters of a text: a row or a comment shows no more
_BRIEF = 60
_IN_FULL = 6  # cells of a finding whose comments say all about it
_MOST = 6  # findings in one comment
_JOINT = "\n\n"  # between a person's own comment and ours
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BEGIN = re.compile(MARK + r"\r?\n(?:第 \d+ 条|No\. \d+) ")
_OURS = re.compile(r"(?:第 \d+ 条|No\. \d+|应为|expected|已说明|explained|→|…) ")  # what each of our lines begins with


class Remarked(NamedTuple):
    """A finding on one of its cells: its number in the list, and the how manieth of its cells this is, from 0."""

    number: int
    finding: Finding
    order: int


def severity_words(severity: Severity, language: str) -> str:
    return f"{GLYPHS[severity]} {SEVERITY[severity].in_language(language)}"


def clean(text: str, longest: int = _LONGEST) -> str:
    """A text that any workbook can hold: characters that it cannot are spelled out; cut at a length."""
    whole = _UNSTORABLE.sub(lambda found: f"<U+{ord(found.group()):04X}>", "\n".join(text.splitlines()))
    return whole if len(whole) <= longest else whole[: longest - 1] + "…"


def mark_text(remarked: Sequence[Remarked], language: str) -> str:
    """What the comment of a cell says, the most severe finding first. No line is empty."""
    lines = [line for one in remarked[:_MOST] for line in _lines(one, language)]
    if (more := len(remarked) - _MOST) > 0:
        sheet = LIST_SHEET.in_language(language)
        lines.append(f"… {more} more, see the sheet {sheet}" if language == "en" else f"… 还有 {more} 条，见“{sheet}”")
    return MARK + "\n" + "\n".join(lines)


def _lines(one: Remarked, language: str) -> list[str]:
    english = language == "en"
    finding = one.finding
    number = f"No. {one.number}" if english else f"第 {one.number} 条"
    head = f"{number} {severity_words(finding.severity, language)} {finding.code}{': ' if english else '：'}"
    if one.order >= _IN_FULL:
        return [head + _line(finding.message(language), _BRIEF)]
    lines = [head + _line(finding.message(language))]
    if finding.expected is not None and finding.severity == "error" and not one.order:  # it is about the first cell
        lines.append(f"{'expected' if english else '应为'} {_line(finding.expected)}")
    if finding.explained:
        lines.append(f"{'explained' if english else '已说明'} {_line(finding.explained)}")
    else:
        lines.append(f"→ {_line(finding.fix(language))}")
    return lines


def _line(text: str, longest: int = _LONGEST) -> str:
    return clean(" ".join(text.splitlines()), longest)


def joined(own: str, ours: str) -> str:
    """A person's own comment with ours after it."""
    return own + _JOINT + ours if own else ours


def own_text(comment: str, ours: str = "") -> str:
    """A comment without our part: what a person wrote before it, and every line of it that a person changed or added.

    ``ours`` is our part as it was written; where that is no longer known, our lines are told by their beginnings.
    """
    begins = list(_BEGIN.finditer(comment))
    if not begins:
        return comment
    at = begins[-1 if ours else 0].start()
    before, lines = comment[:at].removesuffix(_JOINT), comment[at + len(MARK) :].splitlines()
    known = set(ours.splitlines())
    kept = [line for line in lines if line.strip() and not (line in known if ours else _OURS.match(line))]
    return "\n".join([before, *kept] if before else kept)


def box(text: str) -> tuple[int, int]:
    """Width and height in pixels of a comment box in which a text can be read."""
    lines = [sum(2 if ord(character) > 0x2E7F else 1 for character in line) for line in text.split("\n")]
    if max(lines) <= 22 and len(lines) <= 4:
        return 144, 79
    return 340, min(640, 17 * sum(max(1, -(-line // 50)) for line in lines) + 24)
