"""Single facts beside their labels (the cover, fields of a section), and the agency and year in a report's title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xl2report.checks.entries import read_entry
from xl2report.form.model import Field, Form
from xl2report.sources.found_table import Spot
from xl2report.sources.label_index import MOST, Cell, LabelIndex, label_key
from xl2report.submission import Entry, Place, Raw, Remark
from xl2report.workbook.plan import cell_name

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DIGITS = re.compile(r"[0-9０-９]+")
_MARKS = re.compile(r"[:*)]")
_AFTER_LABEL = re.compile(r"(\([^()]*\))?[:*]*\Z")  # a unit in brackets, a star, a colon


class Facts(NamedTuple):
    """Entries of the fields found, what is to be remarked, and the cells that were used."""

    entries: dict[str, Entry]
    remarks: tuple[Remark, ...]
    used: frozenset[Spot]


class _Fact(NamedTuple):
    """What stands beside one label: the value (None: nothing), where it stands, and the cell of the label."""

    raw: Raw | None
    spot: Spot
    label: Spot


def fact_fields(form: Form) -> tuple[Field, ...]:
    """The fields of a form that are single facts with a label of their own."""
    return (*form.cover, *(field for section in form.sections for field in section.fields))


def find_facts(sheets: Sequence[LabelIndex], form: Form, taken: frozenset[Spot], labels: frozenset[str]) -> Facts:
    """The facts in some grids, cells of the tables (``taken``) left out.

    Neither another label nor what the form itself prints beside a label, its hint, is taken for a value.
    """
    fields = fact_fields(form)
    by_label: dict[str, list[Field]] = {}
    for field in fields:
        by_label.setdefault(label_key(field.label), []).append(field)
    found: dict[str, list[_Fact]] = {}
    for sheet in sheets:
        for label, cells in _label_cells(sheet, by_label).items():
            facts = [_beside(sheet, cell, label, by_label, labels) for cell in cells if Spot(sheet, cell) not in taken]
            if facts:
                found.setdefault(label, []).extend(facts)
    entries: dict[str, Entry] = {}
    remarks: list[Remark] = []
    used: set[Spot] = set()
    for label, facts in found.items():
        used |= {spot for fact in facts for spot in (fact.spot, fact.label)}
        values = [fact for fact in facts if fact.raw is not None]
        said = {(fact.raw.kind, fact.raw.text) for fact in values if fact.raw}
        if len(said) > 1 or len(by_label[label]) > 1:
            again = (values or facts)[-1].label
            remarks.append(Remark("S118", _place(again), (("label", by_label[label][0].label), ("table", form.cover_sheet))))
            continue
        field, fact = by_label[label][0], (values or facts)[0]
        entries[field.id], told = read_entry(field, fact.raw or Raw("blank"), _place(fact.spot, field))
        remarks += told
    titled = _from_title(sheets, form, entries)
    return Facts({**entries, **titled.entries}, (*remarks, *titled.remarks), frozenset(used | titled.used))


def _label_cells(sheet: LabelIndex, by_label: dict[str, list[Field]]) -> dict[str, list[Cell]]:
    """Where the labels of facts stand in a grid; one that stands there too often marks nothing."""
    cells: dict[str, list[Cell]] = {}
    for cell, key in sheet.keys.items():
        if label := _label_of(key, by_label):
            cells.setdefault(label, []).append(cell)
    return {label: found for label, found in cells.items() if len(found) <= MOST}


def _label_of(key: str, by_label: dict[str, list[Field]]) -> str:
    """The label that a cell is, apart from a unit, a star or a colon, or that it begins with before a colon; or ""."""
    if key in by_label:
        return key
    if not _MARKS.search(key):
        return ""
    return next((bare for bare in (_bare(key), key.partition(":")[0]) if bare in by_label), "")


def _bare(key: str) -> str:
    return _AFTER_LABEL.sub("", key).lstrip("*")


def _beside(sheet: LabelIndex, cell: Cell, label: str, by_label: dict[str, list[Field]], labels: frozenset[str]) -> _Fact:
    """The value in the label's own cell after its colon, or in the next cell of the row that holds something."""
    spot = Spot(sheet, cell)
    if label not in (sheet.keys[cell], _bare(sheet.keys[cell])):
        return _Fact(Raw("text", re.split("[:：]", spot.raw.text, maxsplit=1)[1].strip()), spot, spot)
    right = Spot(sheet, (cell[0], sheet.span(cell).last_column + 1))
    following = sheet.next_in_row(cell)
    if following is None:
        return _Fact(None, right, spot)
    key = sheet.keys.get(following, "")
    hints = tuple(label_key(field.hint) for field in by_label[label] if field.hint)
    if key in labels or _label_of(key, by_label) or key.endswith(hints):
        return _Fact(None, right, spot)
    return _Fact(sheet.grid.at(*following), Spot(sheet, following), spot)


def _place(spot: Spot, field: Field | None = None) -> Place:
    return Place(spot.sheet.grid.name, cell_name(*spot.cell), field.path if field else ())


# -- the title -------------------------------------------------------------------------------------------------------


def _from_title(sheets: Sequence[LabelIndex], form: Form, known: dict[str, Entry]) -> Facts:
    """What a title line says of fields that have no value of their own.

    Where it says something else than they do, the line itself is the entry of the title field. Two titles that
    differ say nothing.
    """
    nothing = Facts({}, (), frozenset())
    lines = list(_title_lines(sheets, form))
    if not lines or any(values != lines[0][1] for _, values in lines):
        return nothing
    spot, values = lines[0]
    entries: dict[str, Entry] = {}
    remarks: list[Remark] = []
    differs = False
    for name, text in values.items():
        field = form.fields[name]
        entry, told = read_entry(field, Raw("number" if field.is_number and text.isascii() else "text", text), _place(spot, field))
        if name in known and not known[name].blank:
            differs |= known[name].value != entry.value
            continue
        entries[name] = entry
        remarks += told
    title = form.role("title")
    if differs and title and (title.id not in known or known[title.id].blank):
        entries[title.id], told = read_entry(title, spot.raw, _place(spot, title))
        remarks += told
    return Facts(entries, tuple(remarks), frozenset(spot for spot, _ in lines))


def _title_lines(sheets: Sequence[LabelIndex], form: Form) -> Iterator[tuple[Spot, dict[str, str]]]:
    """The cells that hold the title of the form, with what stands for each of its placeholders."""
    parts = _PLACEHOLDER.split(form.title)
    names = parts[1::2]
    if not names or len(set(names)) < len(names) or any(name not in form.fields for name in names):
        return
    groups = [f"({_DIGITS.pattern})" if form.fields[name].is_number else "(.*[^0-9０-９])" for name in names]
    literals = [re.escape("".join(part.split())) for part in parts[::2]]
    pattern = re.compile("".join(map("".join, zip(literals, [*groups, ""], strict=True))) + r"\Z")
    ends = label_key(parts[-1])
    for sheet in sheets:
        for cell, key in sheet.keys.items():
            if key.endswith(ends) and (match := pattern.match("".join(sheet.grid.text(*cell).split()))):
                yield Spot(sheet, cell), dict(zip(names, match.groups(), strict=True))
