"""Write samples/*/filled.xlsx from figures.yaml, then run cmd.txt and write expected/. Read the diff before committing."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
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


COMPARED = (".md", ".json", ".html")  # outputs kept word for word; a .docx is compared by its own tests


def run(case: Path, folder: Path) -> dict[str, str]:
    """What the commands of a case print and write, by file name; they run in a folder of their own."""
    shutil.copy(case / "filled.xlsx", folder)
    environment = {**os.environ, "XL2REPORT_LANG": "zh", "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"}
    lines = []
    for command in (case / "cmd.txt").read_text(encoding="utf-8").splitlines():
        words = [sys.executable, "-m", "xl2report", *shlex.split(command)[1:]]
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)
        lines += [f"$ {command}", done.stdout.rstrip("\n"), done.stderr.rstrip("\n"), f"[exit {done.returncode}]", ""]
    written = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.suffix in COMPARED
    }
    return {"transcript.txt": "\n".join(lines), **written}


def main() -> None:
    for path in sorted(SAMPLES.glob("*/figures.yaml")):
        case = path.parent
        (case / "filled.xlsx").write_bytes(workbook(case))
        with tempfile.TemporaryDirectory() as folder:
            expected = run(case, Path(folder))
        shutil.rmtree(case / "expected", ignore_errors=True)
        for name, text in expected.items():
            target = case / "expected" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        print(case.name, *expected)


if __name__ == "__main__":
    main()
