"""The result of a check as text, JSON and CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from xl2report.checked import Checked
from xl2report.checks.findings import Finding, FoundCell, shortened
from xl2report.form.model import Words

if TYPE_CHECKING:
    from xl2report.checks.suspects import Suspicion

SCHEMA = "xl2report.check/1"
_SEVERITY = {"error": ("错误", "error"), "query": ("疑问", "query"), "note": ("提示", "note")}
_STATUS = {"pass": ("√ 通过", "√ pass"), "fail": ("× 不通过", "× fail"), "unreadable": ("× 读不出来", "× unreadable")}
_CELLS_SHOWN = 6
_SLOT = re.compile(r"\{(\w+)\}")
_SLOTS = {  # what stands in the slots of a sentence when there is no finding to fill them
    "says": ("〈规则的内容〉", "<the rule>"),
    "sides": ("〈两边的数〉", "<both sides>"),
    "raw": ("〈所填内容〉", "<what was typed>"),
    "unit": ("〈本格单位〉", "<the cell's unit>"),
    "count": ("N", "N"),
}
_CSV_HEAD = "path agency year check_code status code severity verdict rule sheet cell item value expected cells message fix".split()


def as_text(results: Sequence[Checked], language: str) -> str:
    """What a clerk reads: per file a verdict line, then every finding with where, what, and what to do."""
    return "\n".join(file_text(result, language) for result in results)


def file_text(result: Checked, language: str) -> str:
    """What a clerk reads about one file."""
    return "\n".join(_file_lines(result, language))


def as_json(results: Sequence[Checked], language: str) -> str:
    """The result under ``xl2report.check/1``."""
    return json_of([file_data(result, language) for result in results])


def json_of(files: Sequence[dict[str, Any]]) -> str:
    """The data of files, put together under ``xl2report.check/1``."""
    import json

    return json.dumps({"schema": SCHEMA, "files": files}, ensure_ascii=False, indent=2)


def as_csv(results: Sequence[Checked], language: str) -> str:
    """One line a finding, with its first cell; a file without findings has one line of its own."""
    return "\n".join((csv_head(), *(file_csv(result, language) for result in results)))


def csv_head() -> str:
    return ",".join(_CSV_HEAD)


def file_csv(result: Checked, language: str) -> str:
    """The lines of one file."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = [result.path, result.agency or "", result.year or "", result.code or "", result.status]
    if not result.findings:
        writer.writerow([_harmless(value) for value in (*head, *[""] * (len(_CSV_HEAD) - len(head)))])
    for finding in result.findings:
        writer.writerow([_harmless(value) for value in (*head, *_csv_finding(finding, language))])
    return out.getvalue().rstrip("\n")


def _csv_finding(finding: Finding, language: str) -> tuple[object, ...]:
    first = finding.cells[0] if finding.cells else None
    place = (first.place.sheet, first.place.cell, " > ".join(first.place.item), first.value) if first else ("",) * 4
    return (
        finding.code, finding.severity, finding.verdict or "", finding.rule or "", *place, finding.expected or "",
        len(finding.cells), finding.message(language), finding.fix(language),
    )  # fmt: skip


def _harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers."""
    text = str(value)
    risky = text[:1] in ("=", "+", "@", "\t", "\r") or (text[:1] == "-" and not text[1:].replace(".", "", 1).isdigit())
    return "'" + text if risky else value


def explained(code: str | None, language: str) -> str | None:
    """What a code means and what to do, or one line for every code; None for a code that does not exist."""
    from xl2report.checks.catalogue import ARTICLES

    english = language == "en"

    def plain(words: Words) -> str:
        return _SLOT.sub(lambda slot: _SLOTS.get(slot.group(1), ("…", "…"))[english], words.in_language(language))

    if code is None:
        return "\n".join(
            f"{name}  {_SEVERITY[article.severity][english]}  {plain(article.says)}" for name, article in ARTICLES.items()
        )
    if code not in ARTICLES:
        return None
    article = ARTICLES[code]
    severity = _SEVERITY[article.severity][english]
    return f"{code}  {severity}\n  {plain(article.says)}\n  → {plain(article.fix)}"


def heading(result: Checked, language: str) -> tuple[str, ...]:
    """What heads a list of findings: the agency and its year, the verdict with its counts, the check code."""
    who = " ".join(str(part) for part in (result.agency, result.year) if part)
    code = f"{'check code' if language == 'en' else '核对码'} {result.code}"
    return tuple(line for line in (who, f"{_STATUS[result.status][language == 'en']}  {_totals(result, language)}", code) if line)


def _totals(result: Checked, language: str) -> str:
    total = counts(result)
    if language == "en":
        return f"errors: {total['error']}, queries: {total['query']}, notes: {total['note']}"
    return f"错误 {total['error']} 处，疑问 {total['query']} 处，提示 {total['note']} 条"


def counts(result: Checked) -> dict[str, int]:
    """How many findings of each severity; an explained query counts as a note."""
    totals = {"error": 0, "query": 0, "note": 0}
    for finding in result.findings:
        totals[finding.severity if finding.stands or finding.severity != "query" else "note"] += 1
    return totals


def _file_lines(result: Checked, language: str) -> Iterator[str]:
    english = language == "en"
    who = " ".join(str(part) for part in (result.agency, result.year) if part)
    verdict = _STATUS[result.status][english]
    yield f"{verdict}  {result.path}" + (f"  {who}" if who else "") + f"  {_totals(result, language)}"
    if result.status != "unreadable":
        yield f"  {'check code' if english else '核对码'} {result.code}"
    found = suspicions(result)
    last = max((at for at, finding in enumerate(result.findings) if _is_broken(finding)), default=0)
    for at, finding in enumerate(result.findings):
        yield from _finding_lines(finding, language)
        if at == last:
            yield from _suspect_lines(found, language)


def suspicions(result: Checked) -> tuple[Suspicion, ...]:
    """The typed cells that must be wrong where hard rules are broken. Costs nothing where none is."""
    if result.form is None or result.submission is None or not any(map(_is_broken, result.findings)):
        return ()
    from xl2report.checks.figures import FigureTable
    from xl2report.checks.suspects import suspects

    return suspects(result.form, result.submission, FigureTable(result.form, result.submission))


def _is_broken(finding: Finding) -> bool:
    """True for a hard rule that fails, or is not decided (a blank total may be all that is wrong)."""
    return finding.severity == "error" and finding.rule is not None and finding.verdict is not None


def _suspect_lines(found: Sequence[Suspicion], language: str) -> Iterator[str]:
    if not found:
        return
    from xl2report.checks import suspect_words as words

    for one in found:
        yield f"  {words.heading(one, language)}"
        for changes in one.repairs[: words.SHOWN]:
            yield f"      {words.repair(changes, language)}"
        if rest := words.rest(one, language):
            yield f"      {rest}"


def _finding_lines(finding: Finding, language: str) -> Iterator[str]:
    english = language == "en"
    label = " ".join(part for part in (finding.code, finding.rule) if part)
    where = _where(finding.cells[0]) if finding.cells else ""
    yield f"  {_SEVERITY[finding.severity][english]} [{label}] {where}".rstrip()
    yield f"      {finding.message(language)}"
    if finding.expected is not None and finding.severity == "error":
        yield f"      {'expected' if english else '应为'} {finding.expected}"
    if len(finding.cells) > 1:
        empty = "(empty)" if english else "（空）"
        telling = sorted(finding.cells, key=lambda cell: cell.value in ("", "0"))[:_CELLS_SHOWN]  # figures before zeros
        one_sheet = len({cell.place.sheet for cell in finding.cells}) == 1
        shown = [f"{_address(cell, one_sheet)}={shortened(cell.value) or empty}" for cell in telling]
        more = len(finding.cells) - len(shown)
        rest = "" if not more else f" … ({more} more)" if english else f" 等 {len(finding.cells)} 格"
        yield f"      {'cells' if english else '涉及'}: {'、'.join(shown) if not english else ', '.join(shown)}{rest}"
    if finding.explained:
        yield f"      {'explained' if english else '已说明'}: {finding.explained}"
    else:
        yield f"      → {finding.fix(language)}"


def _address(cell: FoundCell, one_sheet: bool) -> str:
    """A cell among others: its address, with the sheet if they are not all on one; its item if it has no address."""
    address = cell.place.cell or " > ".join(cell.place.item)
    return address if one_sheet else f"{cell.place.sheet} {address}"


def _where(cell: FoundCell) -> str:
    item = " > ".join(cell.place.item)
    return f"{cell.place.sheet} {cell.place.cell}".strip() + (f"（{item}）" if item else "")


def file_data(result: Checked, language: str) -> dict[str, Any]:
    """One file as the JSON of ``check`` gives it."""
    return {
        "path": result.path,
        "sha256": result.sha256 if result.content else None,
        "status": result.status,
        "form": result.form.id if result.form else None,
        "agency": result.agency,
        "year": result.year,
        "check_code": result.code,
        "findings": [finding_data(finding, language) for finding in result.findings],
        "suspects": [_suspicion_data(one) for one in suspicions(result)],
    }


def _suspicion_data(suspicion: Suspicion) -> dict[str, Any]:
    return {
        "rules": [{"rule": one.rule.id, "item": list(one.item)} for one in suspicion.broken],
        "complete": suspicion.complete,
        "blanks_as_zero": suspicion.blanks_as_zero,
        "repairs": [
            [
                {
                    "sheet": one.place.sheet, "cell": one.place.cell, "item": list(one.place.item), "value": one.now,
                    "needed": f"{one.needed:f}", "reason": one.reason or None,
                }
                for one in changes
            ]
            for changes in suspicion.repairs
        ],
    }  # fmt: skip


def finding_data(finding: Finding, language: str) -> dict[str, Any]:
    """A finding as the JSON of ``check`` and of a draft report gives it."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "verdict": finding.verdict,
        "rule": finding.rule,
        "message": finding.message(language),
        "fix": finding.fix(language),
        "explained": finding.explained,
        "expected": finding.expected,
        "cells": [
            {"sheet": cell.place.sheet, "cell": cell.place.cell, "item": list(cell.place.item), "value": cell.value}
            for cell in finding.cells
        ],
    }
