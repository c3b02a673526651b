"""Write samples/*/filled.xlsx from samples/*/figures.yaml. Run after a form or the workbook changed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import yaml

import xl2report
from xl2report.submission import Value
from xl2report.workbook.write import write

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def workbook(case: Path) -> bytes:
    """The filled workbook that a case's figures make."""
    source = yaml.safe_load((case / "figures.yaml").read_text(encoding="utf-8"))
    form = xl2report.load_form(source["form"])
    values: dict[str, Value] = {}
    for table in form.tables:
        if table.id in source.get("zeros", ()):
            values |= {field.id: "0" if field.kind == "amount" else Decimal(0) for field in table.cells if not field.parts}
    values |= {name: _value(value) for name, value in source["values"].items()}
    overwritten = {name: _value(value) for name, value in source.get("overwritten", {}).items()}
    return write(form, values, overwritten)


def _value(value: object) -> Value:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, bool):  # YAML reads no Chinese 是, so a bool here is a slip in the file
        raise TypeError(value)
    return Decimal(value) if isinstance(value, int) else str(value)


def main() -> None:
    for path in sorted(SAMPLES.glob("*/figures.yaml")):
        (path.parent / "filled.xlsx").write_bytes(workbook(path.parent))
        print(path.parent / "filled.xlsx")


if __name__ == "__main__":
    main()
