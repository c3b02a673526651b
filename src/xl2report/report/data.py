"""The report as data: what each figure is called, the lines of its findings, and the JSON that programs read."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from xl2report.checks.findings import Finding
from xl2report.form.model import Severity
from xl2report.report.environment import SEVERITIES, encoded
from xl2report.report.view import Paragraph, Report, SectionView, SubHeading, TableCell, TableView

SCHEMA = "xl2report.report/1"

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as a draft prints it: its severity in words, where it is, what is wrong and what to do."""

    severity: Severity
    word: str
    place: str
    message: str
    fix: str
    explained: str


def render(report: Report, language: str = "zh") -> bytes:
    """The report as JSON (``report.schema.json``), UTF-8. ``language`` is that of a draft's findings."""
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "form": report.form,
        "agency": report.agency,
        "year": report.year,
        "title": report.title,
        "draft": report.draft,
        "preface": [paragraph.text for paragraph in report.preface],
        "sections": [_section(section) for section in report.sections],
        "tables": {table.id: items(table) for table in report.tables},
        "signature": list(report.signature),
        "contacts": [{"label": label, "value": value} for label, value in report.contacts],
        "page_url": report.page_url,
    }
    if report.draft:
        content["findings"] = [_finding(finding, language) for finding in report.findings]
    return encoded(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def items(table: TableView) -> list[dict[str, Any]]:
    """Each figure of a table in printed order: its labels and its value (and its text, where that is no figure)."""
    above = heads(table)
    found = []
    for cell in table.cells:
        if cell.field:
            item: dict[str, Any] = {"item": [head.text for head in above[cell.row, cell.column]], "value": _value(cell)}
            if item["value"] is None and cell.text:
                item["text"] = cell.text
            found.append(item)
    return found


def heads(table: TableView) -> dict[tuple[int, int], tuple[TableCell, ...]]:
    """By row and column of each figure, the header cells it stands under: block heading, row labels, column labels.

    Each axis runs from the outermost label to the innermost. Cells without a label are left out.
    """
    found: dict[tuple[int, int], tuple[TableCell, ...]] = {}
    for top, _, end in table.headers:
        block = [cell for cell in table.cells if top <= cell.row < end]
        over = [cell for cell in block if cell.kind == "heading" and cell.text]
        rows: defaultdict[int, list[TableCell]] = defaultdict(list)
        columns: defaultdict[int, list[TableCell]] = defaultdict(list)
        for cell in block:
            if cell.kind == "row" and cell.text:
                for row in range(cell.row, cell.row + cell.rows):
                    rows[row].append(cell)
            elif cell.kind == "column" and cell.text:
                for column in range(cell.column, cell.column + cell.columns):
                    columns[column].append(cell)
        for cell in block:
            if cell.field:
                found[cell.row, cell.column] = (*over, *rows[cell.row], *columns[cell.column])
    return found


def finding_lines(report: Report, language: str) -> tuple[FindingLine, ...]:
    """The findings of a draft in words; a report that is no draft has none."""
    return tuple(
        FindingLine(
            finding.severity,
            SEVERITIES[finding.severity].in_language(language),
            _place(finding),
            finding.message(language),
            finding.fix(language),
            finding.explained or "",
        )
        for finding in report.findings
    )


def _place(finding: Finding) -> str:
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


def _section(section: SectionView) -> dict[str, Any]:
    return {
        "id": section.id,
        "heading": section.heading,
        "paragraphs": [
            {"text": part.text, "heading": isinstance(part, SubHeading)}
            for part in section.parts
            if isinstance(part, SubHeading | Paragraph)
        ],
        "tables": [{"id": table.id, "caption": table.caption, "notes": list(table.notes)} for table in section.tables],
    }


def _value(cell: TableCell) -> int | str | None:
    """A count as an integer, an amount as typed; None for a blank, and for what is no such figure."""
    if cell.value is None:
        return None
    if cell.is_amount:
        return f"{cell.value:f}"
    return int(cell.value) if cell.value == cell.value.to_integral_value() else None


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message(language),
        "fix": finding.fix(language),
        "explained": finding.explained,
        "cells": [
            {"sheet": cell.place.sheet, "cell": cell.place.cell, "item": list(cell.place.item)}
            for cell in finding.cells
        ],
    }
