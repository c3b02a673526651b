"""The figures of a collection for other programs: one JSON object a line, unit by unit, item by item."""

from __future__ import annotations

import json
from collections.abc import Iterator

from xl2report.desk.collection import Collection, tree
from xl2report.desk.tree import counted


def facts(found: Collection) -> Iterator[str]:
    """A line for each figure of each unit that counts: counts as integers, amounts as they were typed.

    ``item`` is the field's id; a form tells what it is called. ``waived`` are rules that need not hold for the unit.
    ``summary`` marks what a superior handed up for those below it; what is ``"added": false`` is in the sums by another return.
    """
    items = [(json.dumps(field.id), field.kind == "amount") for field in found.form.coded_fields]
    branches = tree(found)
    rows = counted(branches)
    for standing in found.standings:
        if not standing.counts or standing.valid is None:
            continue
        # what is the same in all lines of a unit is put into JSON once: a large office has a million lines
        unit = f'{{"year": {found.year}, "code": {_json(standing.unit.code)}, "unit": {_json(standing.unit.name)}, "item": '
        more = f', "waived": {_json([waiver.rule for waiver in standing.waived])}' if standing.waived else ""
        if branches[standing.unit.row].below:
            more += ', "summary": true'
        if standing.unit.row not in rows:
            more += ', "added": false'
        source = f', "sha256": {_json(standing.valid.sha256)}{more}}}'
        for (item, is_amount), value in zip(items, standing.valid.figures, strict=True):
            typed = "null" if value is None else f'"{value:f}"' if is_amount else str(int(value))
            yield f'{unit}{item}, "value": {typed}{source}'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
