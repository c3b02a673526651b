"""Grids → Submission by visible labels alone: for workbooks, pages and papers that never were ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from xl2report.checks.entries import read_entry, visible
from xl2report.form.model import Field, Form, Table
from xl2report.grid import Grid
from xl2report.sources.facts import fact_fields, find_facts
from xl2report.sources.found_table import FoundTable, Spot, find_table
from xl2report.sources.label_index import LabelIndex, label_key
from xl2report.sources.matching import column_tops, form_labels
from xl2report.submission import NOWHERE, Entry, Place, Raw, Remark, Submission
from xl2report.workbook.plan import cell_name

LONG_TEXT = 20  # characters from which a text outside the tables is not taken for a title or a remark
_NOTE_ROWS = 4  # rows below a table in which its note is looked for
_TITLE_EXTRA = 24  # characters that a title line may have around the words of the form
_NOTHING: Mapping[str, tuple[Form, FoundTable]] = MappingProxyType({})
_REMARKED = re.compile(r"\s*((?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?)\s*(件|项|个|条)?\s*[（(]\s*([^（()）]+?)\s*[)）]\s*\Z")  # 22（其中修订16件）
_PLAIN = re.compile("[ -~、-〟一-龥！-～‘-”]*")  # nothing invisible among these; looking at each character is slow


class _Taken(NamedTuple):
    """What reading adds to: entries by field, remarks, and the cells that need no further word."""

    entries: dict[str, Entry]
    remarks: list[Remark]
    used: set[Spot]


def best_form(grids: Sequence[Grid], forms: Sequence[Form]) -> Form | None:
    """The form whose tables stand in the grids, or None if of no table at least half of the labels stand in one grid.

    The form of which most cells are found wins: a workbook with tables of two editions goes to the one that it has
    more of. Where forms are equal (a table that never changed), the one that covers the year on the cover or in the
    title wins, and after that the newest.
    """
    labels = frozenset(key for form in forms for key in (*form_labels(form.tables), *_fact_labels(form)))
    sheets = [LabelIndex(grid, labels) for grid in grids]
    count: dict[int, int] = {}
    for n, form in enumerate(forms):
        tops = column_tops(form.tables)
        tables = [found for table in form.tables if (found := find_table(sheets, table, tops)).known]
        if tables:
            count[n] = sum(len(found.table.cells) - len(found.lost) for found in tables)
    best = [forms[n] for n in count if count[n] == max(count.values())]
    if len(best) < 2:
        return best[0] if best else None

    def fits(form: Form) -> bool:
        role = form.role("year")
        entry = find_facts(sheets, form, frozenset(), labels).entries.get(role.id) if role else None
        value = str(entry.value) if entry else ""
        return value.isdigit() and form.covers_year(int(value))

    return max(best, key=lambda form: (fits(form), form.first_year))


def gather_by_labels(
    grids: Sequence[Grid], form: Form, shows_formulas: bool, *, is_page: bool = False, foreign: Mapping[str, tuple[Form, FoundTable]] = _NOTHING
) -> Submission:
    """The submission in some grids of a form. Every field has an entry, or a remark says why it has none.

    Totals are kept as typed. Prose is not read: long texts outside the tables are remarked, so that none is lost.
    ``is_page``: every span is declared, no label reaches over empty cells, and a figure may have a remark behind it.
    ``foreign`` has the tables, by their ids, that stand there as another form has them.
    """
    labels = known_labels(form)
    sheets = [LabelIndex(grid, labels, spans_told=is_page) for grid in grids]
    tables = [foreign[table.id][1] if table.id in foreign else found for table, found in zip(form.tables, find_tables(sheets, form), strict=True)]
    taken = frozenset(spot for found in tables for spot in _cells(found))
    facts = find_facts(sheets, form, taken, labels)
    read = _Taken(dict(facts.entries), list(facts.remarks), {*taken, *facts.used})
    for table, found in zip(form.tables, tables, strict=True):
        if table.id in foreign:
            _read_foreign(form, table, foreign[table.id], read, is_page)
        else:
            read.remarks.extend(_table_remarks(found, form))
            _read_figures(form, found, found.figures, read, is_page)
        _read_note(table, found, read)
    read.remarks.extend(_long_texts(sheets, form, read.used))
    cells = {field.id for table in form.tables for field in table.cells}
    for field in form.fields.values():
        if field.id not in read.entries and field.id not in cells:
            read.entries[field.id] = Entry(field.id, NOWHERE._replace(item=field.path))
    ordered = {name: read.entries[name] for name in form.fields if name in read.entries}
    return Submission(form.id, form.version, ordered, remarks=tuple(read.remarks), shows_formulas=shows_formulas)


def known_labels(form: Form) -> frozenset[str]:
    """The keys of every label that something of a form is found by."""
    return frozenset((*form_labels(form.tables), *_fact_labels(form)))


def find_tables(sheets: Sequence[LabelIndex], form: Form) -> list[FoundTable]:
    """Each table of a form as it stands in some grids."""
    tops = column_tops(form.tables)
    return [find_table(sheets, table, tops) for table in form.tables]


def _fact_labels(form: Form) -> set[str]:
    return {label_key(field.label) for field in fact_fields(form)}


# -- tables ----------------------------------------------------------------------------------------------------------


def _table_remarks(found: FoundTable, form: Form) -> Iterator[Remark]:
    table = found.table
    words = (("table", table.title),)
    if found.known is None:
        yield Remark("S101", words=(("sheet", _sheet_of(form, table)),))
        return
    start = Spot(found.blocks[0].sheet, found.blocks[0].start) if found.blocks else None
    yield Remark("S116", _place(start), (*words, ("raw", visible(start.raw.text)))) if start else Remark("S116", NOWHERE, words)
    for spot in found.copies:
        yield Remark("S113", _place(spot), (("sheet", spot.sheet.grid.name), ("raw", visible(spot.raw.text))))
    for label, spot in found.doubled:
        yield Remark("S118", _place(spot), (("raw", visible(spot.raw.text)), ("label", label), *words))
    for expected, spot in found.displaced:
        text = visible(spot.raw.text)
        yield Remark("S103", _place(spot), (("raw", text), ("expected", expected), ("found", text)))
    for name, spot in found.merged.items():
        place = _place(spot, form.fields[name].path)
        yield Remark("S114", place, (("raw", visible(spot.raw.text)),), name)
    for name in found.lost:
        yield Remark("S117", Place(found.known.grid.name, "", form.fields[name].path), words, name)
    for spot in found.strays:
        yield _stray(spot)


def _read_figures(form: Form, found: FoundTable, figures: Mapping[str, Spot], read: _Taken, is_page: bool) -> None:
    for name, spot in figures.items():
        field = form.fields[name]
        remarked = _REMARKED.match(spot.raw.text) if is_page and spot.raw.kind == "text" else None
        if remarked:
            number, _, remark = remarked.groups()
            words = (("raw", visible(spot.raw.text)), ("value", number))
            read.entries[name], told = read_entry(field, Raw("text", number) if field.kind == "amount" else Raw("number", number), _place(spot, field.path))
            read.remarks.append(Remark("V202", _place(spot, field.path), words, name))
            _add_to_note(found.table, spot, f"{'、'.join(field.path[-2:])}{number}（{remark.strip()}）", read)
        else:
            read.entries[name], told = _entry(field, spot)
        read.remarks.extend(told)


def _add_to_note(table: Table, spot: Spot, text: str, read: _Taken) -> None:
    """Puts what stood behind a figure into the note under its table."""
    before = read.entries.get(table.note.id)
    said = f"{before.value}；{text}" if before and before.value else text
    read.entries[table.note.id] = Entry(table.note.id, _place(spot, table.note.path), said, Raw("text", said), blank=False)


def _read_note(table: Table, found: FoundTable, read: _Taken) -> None:
    if (note := _note(found)) is None:
        return
    read.used.add(note[0])
    behind = read.entries.get(table.note.id)
    text = note[1].text if behind is None or not behind.value else f"{note[1].text}；{behind.value}"
    read.entries[table.note.id], told = read_entry(table.note, Raw("text", text), _place(note[0], table.note.path))
    read.remarks.extend(told)


def _read_foreign(form: Form, table: Table, other: tuple[Form, FoundTable], read: _Taken, is_page: bool) -> None:
    """The figures of a table that stands there as another form has it: those that mean the same, and a word on the rest."""
    theirs, found = other
    start = Spot(found.blocks[0].sheet, found.blocks[0].start)
    words = (("table", table.title), ("raw", visible(start.raw.text)), ("other", theirs.basis), ("form", form.basis))
    read.remarks.append(Remark("S128", _place(start), words))
    same = {name for name in found.figures if name in form.fields and form.fields[name].measure == theirs.fields[name].measure}
    _read_figures(form, found, {name: spot for name, spot in found.figures.items() if name in same}, read, is_page)
    read.remarks.extend(_stray(spot) for name, spot in found.figures.items() if name not in same and spot.raw.text)


def _entry(field: Field, spot: Spot) -> tuple[Entry, tuple[Remark, ...]]:
    """The entry of a figure. A formula's stored result counts as typed; one in an input is remarked, as is one without."""
    raw, place = spot.raw, _place(spot, field.path)
    if raw.formula and raw.kind == "blank":
        missing = Remark("V105", place, (("raw", ""), ("formula", visible(raw.formula))), field.id)
        return Entry(field.id, place, raw=raw, blank=False), (missing,)
    entry, remarks = read_entry(field, raw, place)
    if raw.formula and not field.parts and entry.value is not None:
        words = (("raw", raw.text), ("formula", visible(raw.formula)), ("value", raw.text))
        remarks = (*remarks, Remark("S204", place, words, field.id))
    return entry, remarks


def _note(found: FoundTable) -> tuple[Spot, Raw] | None:
    """The note under a table: a cell that begins with its label and a colon, or the cell right of the bare label."""
    label = label_key(found.table.note.label)
    for block in reversed(found.blocks):
        area = block.area
        below = area._replace(row=area.last_row + 1, last_row=area.last_row + _NOTE_ROWS)
        for cell in block.sheet.shown(below):
            spot = Spot(block.sheet, cell)
            head, rest = _halves(spot.raw.text)
            if label_key(head) != label:
                continue
            if rest.strip():
                return spot, Raw("text", rest.strip())
            following = block.sheet.next_in_row(cell)
            return (Spot(block.sheet, following), block.sheet.grid.at(*following)) if following else None
    return None


def _halves(text: str) -> tuple[str, str]:
    """A text before and after its first colon."""
    at = min((n for n in (text.find("："), text.find(":")) if n >= 0), default=len(text))
    return text[:at], text[at + 1 :]


def _cells(found: FoundTable) -> Iterator[Spot]:
    """The cells of a table that need no further word: those within its bounds."""
    for block in found.blocks:
        for cell in block.sheet.held(block.area):
            yield Spot(block.sheet, cell)
    yield from found.strays
    yield from found.figures.values()


def _sheet_of(form: Form, table: Table) -> str:
    return next(section.sheet for section in form.sections if section.table == table)


def _place(spot: Spot, item: tuple[str, ...] = ()) -> Place:
    return Place(spot.sheet.grid.name, cell_name(*spot.cell), item)


# -- everything else -------------------------------------------------------------------------------------------------


def _long_texts(sheets: Sequence[LabelIndex], form: Form, used: set[Spot]) -> Iterator[Remark]:
    """A remark on each long text that stands nowhere in the form."""
    own, titles, hints = _own_texts(form), _titles(form), _hints(form)
    for sheet in sheets:
        for cell, raw in sheet.grid.cells.items():
            if raw.kind != "text" or len(raw.text) <= LONG_TEXT:
                continue
            key = sheet.keys.get(cell) or label_key(raw.text)
            if len(key) <= LONG_TEXT or key in own or key.endswith(hints) or titles.fullmatch(key):
                continue
            if (spot := Spot(sheet, cell)) not in used:
                yield _stray(spot)


def _stray(spot: Spot) -> Remark:
    text = spot.raw.text
    return Remark("S107", _place(spot), (("raw", text if _PLAIN.fullmatch(text) else visible(text)),))


def _titles(form: Form) -> re.Pattern[str]:
    """What a title line looks like: words of the form with a little around them, and no sentence."""
    words = [text for section in form.sections for text in (section.heading, section.sheet)]
    words += [form.name, *(table.title for table in form.tables)]
    around = f"[^.;]{{0,{_TITLE_EXTRA // 2}}}"
    return re.compile(f"{around}(?:{'|'.join(re.escape(label_key(text)) for text in words)}){around}")


def _own_texts(form: Form) -> set[str]:
    """The keys of what the form itself prints."""
    texts = [form.name, form.basis, *form.guide, *(section.heading for section in form.sections)]
    texts += [text for field in form.fields.values() for text in (*field.path, field.label, field.default)]
    texts += [text for table in form.tables for text in (table.title, *(block.corner for block in table.blocks))]
    return {label_key(text) for text in texts if text}


def _hints(form: Form) -> tuple[str, ...]:
    """The keys of the hints; where they are printed, a word may stand before them."""
    hints = {*(section.hint for section in form.sections), *(field.hint for field in form.fields.values())}
    return tuple(label_key(hint) for hint in hints if hint)
