"""The report as a PDF: what the Typst template prints, as plain data, and the file that the typesetter makes of it."""

from __future__ import annotations

import math
import re
import unicodedata
from itertools import chain
from typing import Any

from xl2report.report import chart, qr
from xl2report.report.environment import is_link
from xl2report.report.faces import SANS, SERIF
from xl2report.report.fonts import FontSet, font_set
from xl2report.report.geometry import Geometry, ems, geometry
from xl2report.report.headline import title_lines
from xl2report.report.signature import signature_lines
from xl2report.report.stamp import stamp
from xl2report.report.typeset import pdf
from xl2report.report.view import ChartView, Paragraph, Report, SubHeading, TableCell, TableView
from xl2report.report.words import FindingLine, finding_lines, words

_BREAKS = re.compile(r"\r\n|[\r\n\t\v\f\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
# Where no line may break: inside of words and of rows of marks, and beside spaces that join. Ideographs stand alone.
_SPACES, _ALONE, _JOINS = " \u2000-\u200b\u3000", "\u3400-\u4db5\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd", "\u00a0\u202f\u2060"
_UNBROKEN = re.compile(f"(?:[^{_SPACES}{_ALONE}]|[{_ALONE}](?=[{_JOINS}])|(?<=[{_JOINS}])[{_ALONE}])+")
_EVERY = 8  # characters of what is broken all the same
_ADDRESS = re.compile(r"((?:https?://|www\.)[!-~]+)", re.IGNORECASE)
_PIECES = re.compile("[^-/?&=]*[-/?&=]+|[^-/?&=]+")  # an address is broken behind one of its marks
_WORD, _PIECE = "\x02", "\x03"  # for the template: a word that may be broken, and where; no text holds controls
_NARROW = frozenset(map(chr, range(0x21, 0x7F))) - frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZmw@%&")
_LINE, _NOTE, _TITLE = 26.0, 42.0, 20.0  # characters in a line: of the text less its indent, and so on
_LEFT = 2  # lines of notes for which every page has room below a table
_LONG = 30  # lines of a cell: its row is then broken where a page ends


def render(report: Report, language: str = "zh", archive: bool = False) -> bytes:
    """The report as PDF/UA-1; with ``archive`` also as PDF/A-2a. ``language`` is that of a draft's findings.

    Unprintable if a character has no glyph in any font at hand, NoTypesetter if this machine cannot make a PDF.
    """
    return pdf("report.typ", content(report, language), stamp(report), archive)


def content(report: Report, language: str = "zh") -> dict[str, Any]:
    """What the template prints: texts, the cells of the tables with their geometry, drawings, and the fonts by role."""
    fonts = font_set()
    said = words(report, language)
    drawn = qr.svg(report.page_url)
    return {
        "title": _line(report.title) or report.form_name,  # PDF/UA asks for one
        "author": _line(report.agency),
        "keywords": [_line(word) for word in (report.agency, str(report.year or ""), report.form_name) if word],
        "region": "tw" if report.script == "hant" else "cn",
        "title-lines": [_text(line, _TITLE) for line in title_lines(report)],
        "preface": [_text(paragraph.text) for paragraph in report.preface],
        "sections": [
            {"heading": _text(section.heading), "parts": [_part(part) for part in section.parts]}
            for section in report.sections
        ],
        "signature": [[_text(line, _LINE) for line in lines] for lines in signature_lines(report)],
        "contacts": _contacts(report, language),
        "qr": drawn or None,
        "draft": report.draft,
        "findings": [_finding(line, said) for line in finding_lines(report, language)] or [[said["no_findings"]]],
        "words": said,
        "fonts": _families(fonts),
        "substitutes": [served.role for served in fonts.served if served.family in (SERIF, SANS)],
    }


def _part(part: SubHeading | Paragraph | TableView | ChartView) -> dict[str, Any]:
    if isinstance(part, TableView):
        return _table(part, geometry(part))
    if isinstance(part, ChartView):
        drawing = {"svg": chart.svg(part), "alt": chart.alternative(part), "title": part.caption}
        return {"kind": "chart", "width": round(chart.PAPER, 1), **{key: _line(text) for key, text in drawing.items()}}
    kind = "subheading" if isinstance(part, SubHeading) else "paragraph"
    return {"kind": kind, "text": _text(part.text)}


def _table(table: TableView, set_as: Geometry) -> dict[str, Any]:
    """A table by its parts: headers, which a screen reader tells with every figure below them, and bodies."""
    parts = []
    long = {cell.row for cell in table.cells if ems(cell.text) > _LONG * _room(cell, set_as)}
    whole = set_as.whole and not long
    repeated = len(table.headers) == 1
    for top, first, end in table.headers:
        for start, stop, head in ((top, first, True), (first, end, False)):
            cells = [
                {**_cell(cell, set_as), "breakable": cell.rows > 1 or cell.row in long}
                for cell in table.cells
                if start <= cell.row < stop
            ]
            # A header is not broken: one that no page might hold is set as a body.
            is_head = head and long.isdisjoint(range(start, stop))
            parts.append({"head": is_head, "repeat": repeated, "cells": cells})
    return {
        "kind": "table",
        "columns": [round(width, 3) for width in set_as.columns],
        "size": set_as.size,
        "margin": set_as.margin,
        "gap": round((set_as.row_height - 1.3 * set_as.size) / 2, 3),
        "whole": whole,
        "runs-on": not whole or sum(math.ceil(ems(note) / _NOTE) for note in table.notes) > _LEFT,
        "parts": parts,
        "notes": [_text(note, _NOTE) for note in table.notes],
    }


def _cell(cell: TableCell, set_as: Geometry) -> dict[str, Any]:
    fits = cell.value is not None and ems(cell.text) * set_as.size <= set_as.width(cell)  # else it would cover its neighbours
    return {
        "x": cell.column,
        "y": cell.row,
        "columns": cell.columns,
        "rows": cell.rows,
        "text": cell.text if fits else _text(cell.text, _room(cell, set_as)),
        "left": cell.kind == "row" and cell.is_leaf,
        "indent": round(set_as.centred(cell), 3) if cell.value is not None else None,
    }


def _room(cell: TableCell, set_as: Geometry) -> float:
    """How many characters a line of the cell holds."""
    return (set_as.width(cell) - 2 * set_as.margin) / set_as.size


def _contacts(report: Report, language: str) -> list[dict[str, Any]]:
    lines = [*report.contacts, *([(words(report, language)["page"], report.page_url)] if report.page_url else [])]
    return [
        {"label": _line(label), "value": _line(value), "shown": _text(value), "link": is_link(value)}
        for label, value in lines
    ]


def _finding(line: FindingLine, words: dict[str, str]) -> list[str]:
    place = f"{line.place}：" if line.place else ""
    told = [f"【{line.word} {line.code}】{place}{line.message}", f"→ {line.fix}"]
    return [_text(text) for text in (*told, *([f"{words['explained']}：{line.explained}"] if line.explained else []))]


def _line(text: str) -> str:
    """A text for one line: without controls and line ends, half a surrogate pair shown as an escape."""
    return _CONTROLS.sub("", _BREAKS.sub(" ", text)).encode("utf-8", "backslashreplace").decode()


def _text(text: str, room: float = _LINE) -> str:
    """As above, with marks where addresses, and what is wider than a line of ``room`` characters, may be broken."""
    return "".join(
        _marked(part, room) if n % 2 else _UNBROKEN.sub(lambda match: _broken(match.group(), room), part)
        for n, part in enumerate(_ADDRESS.split(_line(text)))
    )


def _broken(word: str, room: float) -> str:
    return word if _width(word) <= room else _marked(word, room)


def _marked(word: str, room: float) -> str:
    """The word in the pieces that no line breaks."""
    pieces = chain.from_iterable(_cut(piece, room) for piece in _PIECES.findall(word))
    return f"{_WORD}{_PIECE.join(pieces)}{_WORD}"


def _cut(piece: str, room: float) -> list[str]:
    """A piece of a word; if no line holds it, cut after every few characters."""
    if _width(piece) <= room:
        return [piece]
    every, pieces = max(min(_EVERY, int(room)), 1), [""]
    for char in piece:
        joined = unicodedata.category(char)[0] == "M" or char == "\u200d" or pieces[-1].endswith("\u200d")
        if len(pieces[-1]) >= every and not joined:
            pieces.append("")
        pieces[-1] += char
    return pieces


def _width(word: str) -> float:
    return sum(0.65 if char in _NARROW else 1 for char in word)


def _families(fonts: FontSet) -> dict[str, list[str | dict[str, str]]]:
    """The families by role; Latin letters and digits come first in every list, from a face of their own if there is one."""
    latin: list[str | dict[str, str]] = [{"name": name, "covers": "latin-in-cjk"} for name in fonts.families["latin"]]
    return {role: [*latin, *families] for role, families in fonts.families.items() if role != "latin"}
