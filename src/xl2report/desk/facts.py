"""The figures of a collection for other programs: one JSON object a line, unit by unit, item by item."""

from __future__ import annotations

import json
from collections.abc import Iterator

from xl2report.desk.collection import Collection


def facts(found: Collection) -> Iterator[str]:
    """A line for each figure of each unit that counts: counts as integers, amounts as they were typed.

    ``item`` is the field's id; a form tells what it is called. ``waived`` are rules that need not hold for the unit.
    """
    for standing in found.standings:
        if not standing.counts or standing.valid is None:
            continue
        record = standing.valid
        waived = {"waived": [waiver.rule for waiver in standing.waived]} if standing.waived else {}
        for field, value in zip(found.form.coded_fields, record.figures, strict=True):
            typed = None if value is None else f"{value:f}" if field.kind == "amount" else int(value)
            line = {
                "year": found.year, "code": standing.unit.code, "unit": standing.unit.name, "item": field.id,
                "value": typed, "sha256": record.sha256, **waived,
            }  # fmt: skip
            yield json.dumps(line, ensure_ascii=False)
