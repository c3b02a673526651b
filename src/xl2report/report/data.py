"""The report as data: what each figure is called, and the JSON that programs read."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from xl2report.checks.findings import Finding
from xl2report.report.environment import encoded
from xl2report.report.view import Paragraph, Report, SectionView, SubHeading, TableCell, TableView

SCHEMA = "xl2report.report/1"


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
