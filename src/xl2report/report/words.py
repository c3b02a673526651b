"""What the program itself says in a report: its few words, and the findings of a draft."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from xl2report.checks.findings import Finding
from xl2report.form.model import Severity, Words
from xl2report.report.script import converted
from xl2report.report.view import Report

DRAFT = Words("草稿", "DRAFT 草稿")
FINDINGS = Words("校验发现", "Findings")
NO_FINDINGS = Words("没有发现问题。", "Nothing was found.")
EXPLAINED = Words("已说明", "explained")
# The public reads these, whatever the language of whoever makes the report.
CONTACT, PAGE, SCAN = "联系方式", "本页网址", "扫一扫在手机上查看当前页面"
SEVERITIES: dict[Severity, Words] = {
    "error": Words("错误", "Error"),
    "query": Words("疑问", "Query"),
    "note": Words("提示", "Note"),
}

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as a draft prints it: its code, its severity in words, where it is, what is wrong and what to do."""

    code: str
    severity: Severity
    word: str
    place: str
    message: str
    fix: str
    explained: str


def words(report: Report, language: str) -> dict[str, str]:
    """The words a template prints of its own. Those about a draft are in the language of whoever makes it."""
    said = {
        "draft": DRAFT.in_language(language),
        "findings": FINDINGS.in_language(language),
        "no_findings": NO_FINDINGS.in_language(language),
        "explained": EXPLAINED.in_language(language),
        "contact": CONTACT,
        "page": PAGE,
        "scan": SCAN,
    }
    return {name: _in_script(text, report) for name, text in said.items()}


def _in_script(text: str, report: Report) -> str:
    return converted(text) if report.script == "hant" else text


def finding_lines(report: Report, language: str) -> tuple[FindingLine, ...]:
    """The findings of a draft in words; a report that is no draft has none."""
    def said(text: str) -> str:
        return _in_script(text, report)

    return tuple(
        FindingLine(
            finding.code,
            finding.severity,
            said(SEVERITIES[finding.severity].in_language(language)),
            said(place_of(finding)),
            said(finding.message(language)),
            said(finding.fix(language)),
            said(finding.explained or ""),
        )
        for finding in report.findings
    )


def place_of(finding: Finding) -> str:
    """The cells of a finding sheet by sheet; a single one with its labels, since it has room for them."""
    sheets: defaultdict[str, list[str]] = defaultdict(list)
    for cell in finding.cells:
        if cell.place.sheet:
            sheets[cell.place.sheet].append(cell.place.cell)
    places = [f"{sheet} {'、'.join(areas(cells))}".strip() for sheet, cells in sheets.items()]
    labels = finding.cells[0].place.item if len(finding.cells) == 1 else ()
    return "；".join(places) + (f"（{' / '.join(labels)}）" if labels else "")


def areas(cells: list[str]) -> tuple[str, ...]:
    """Addresses with neighbours drawn together (``F9:J31``), in reading order; 142 of them can be told in three."""
    known = {address for cell in cells if (address := _address(cell))}
    others = tuple(dict.fromkeys(cell for cell in cells if cell and not _address(cell)))
    found: list[str] = []
    left = set(known)
    for row, column in sorted(known):
        if (row, column) not in left:
            continue
        right, bottom = column, row
        while (row, right + 1) in left:
            right += 1
        line = range(column, right + 1)
        while all((bottom + 1, across) in left for across in line):
            bottom += 1
        left -= {(down, across) for down in range(row, bottom + 1) for across in line}
        first, last = _cell_name(row, column), _cell_name(bottom, right)
        found.append(first if first == last else f"{first}:{last}")
    return (*found, *others)


def _address(cell: str) -> tuple[int, int] | None:
    """Row and column of a plain address such as ``I12``, from 1."""
    match = _ADDRESS.fullmatch(cell)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _cell_name(row: int, column: int) -> str:
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return f"{name}{row}"
