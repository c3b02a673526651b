"""A finding: what a check has to say about some cells, and the sentence it makes in either language."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from xl2report.checks.catalogue import ARTICLES, DETAILS, EXPLAIN_INSTEAD, FIXES
from xl2report.checks.entries import repair_words
from xl2report.form.model import Severity, Words
from xl2report.submission import Entry, Place

_QUOTED = 40  # characters of a prose field that a finding quotes
_SAID = 120  # characters of a quotation in a sentence
_CAUSES = "FSVXNPC"  # file, structure, value, then what follows from them
_SUM = re.compile(r"([0-9]{1,6})项之和")
_RANK: dict[Severity, int] = {"error": 0, "query": 1, "note": 2}


class FoundCell(NamedTuple):
    """A cell that a finding points at, with what stands in it."""

    place: Place
    value: str


class Finding(NamedTuple):
    """``words`` fill the catalogue's sentence; ``says`` is the rule's own. ``explained`` is the filler's 说明."""

    code: str
    severity: Severity
    cells: tuple[FoundCell, ...] = ()
    verdict: str | None = None
    rule: str | None = None
    says: Words | None = None
    words: tuple[tuple[str, str], ...] = ()
    expected: str | None = None
    explained: str | None = None

    def message(self, language: str = "zh") -> str:
        return ARTICLES[self.code].says.in_language(language).format_map(self._words(language))

    def fix(self, language: str = "zh") -> str:
        special = FIXES.get(dict(self.words).get("detail", "")) if self.code in ("F101", "F104") else None
        fix = (special or ARTICLES[self.code].fix).in_language(language).format_map(self._words(language))
        may_stand = self.severity == "query" and self.verdict == "fail"
        return fix + EXPLAIN_INSTEAD.in_language(language) if may_stand else fix

    def _words(self, language: str) -> dict[str, str]:
        words = {name: shortened(word) for name, word in self.words}
        if self.says:
            words["says"] = self.says.in_language(language)
        if "repairs" in words:
            words["repairs"] = repair_words(words["repairs"], language)
        if language == "en":
            words["sides"] = _english_sides(words.get("sides", ""))
        if words.get("detail") in DETAILS:
            words["detail"] = DETAILS[words["detail"]].in_language(language)
        return words

    @property
    def stands(self) -> bool:
        """True while it is an open fault: an error, or a query nobody has explained."""
        return self.severity == "error" or (self.severity == "query" and not self.explained)


def found_cell(entry: Entry, value: Decimal | None = None) -> FoundCell:
    """A cell with what stands in it, or with the value computed for it."""
    if value is None and isinstance(entry.value, Decimal):
        value = entry.value
    if isinstance(entry.value, tuple):
        return FoundCell(entry.place, "\n".join(entry.value)[:_QUOTED])
    return FoundCell(entry.place, shown(value) if value is not None else entry.raw.text)


def shortened(text: str) -> str:
    """A quoted text as a sentence has room for it."""
    return text if len(text) <= _SAID else f"{text[:_SAID]}…"


def shown(value: Decimal | None) -> str:
    """A number as people write it; a dash when there is none."""
    return "—" if value is None else f"{value:f}"


def _english_sides(sides: str) -> str:
    """The two sides with the program's own words in English; labels stay as the form has them."""
    return _SUM.sub(r"the sum of \1 items", sides).replace("，", ", ").replace("相差", "difference").replace("上年的“", "last year's “")


def ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Errors, queries, notes; within each causes before consequences, then by code and rule, then as found."""

    def rank(finding: Finding) -> tuple[int, int, str, str]:
        return _RANK[finding.severity], _CAUSES.index(finding.code[0]), finding.code, finding.rule or ""

    return tuple(sorted(findings, key=rank))
