"""``demo``: the whole job on the sample, the way an office and an agency would do it."""

from __future__ import annotations

import io
from pathlib import Path

import xl2report
from xl2report import printed
from xl2report.checked import read_workbook
from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import show, write_file
from xl2report.form.model import Form
from xl2report.shipped import folder
from xl2report.submission import Entry, Submission
from xl2report.workbook.plan import plan

SAMPLE = "example-county-2023"


def run(output: Path) -> int:
    """The exit code of the job. It writes five files and says where they are."""
    form, figures = read_workbook((folder("samples") / SAMPLE / "filled.xlsx").read_bytes())
    year = form.role("year")
    blank = xl2report.template(form, year=int(figures.text(year.id)) if year else None)
    steps = [(words("空白工作簿", "blank workbook"), write_file(output / "1-blank.xlsx", blank))]
    filled = write_file(output / "2-filled.xlsx", fill(blank, form, figures))
    steps.append((words("填好的工作簿", "filled workbook"), filled))
    result = xl2report.check(filled)
    text = printed.as_text([result], LANGUAGE)
    steps.append((words("核对结果", "check"), write_file(output / "3-check.txt", (text + "\n").encode())))
    if result.status == "pass":
        for name, target in (("html", "4-report.html"), ("docx", "5-report.docx")):
            written = write_file(output / target, xl2report.render(result, to=name))
            steps.append((words("报告", "report"), written))
    show(text)
    for what, path in steps:
        show(f"{what}: {path.resolve()}")
    return 0 if result.status == "pass" else 1


def fill(blank: bytes, form: Form, figures: Submission) -> bytes:
    """The blank workbook with the figures typed in by another program (openpyxl), as an agency's would be."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(blank))
    drawn = plan(form)
    for name, entry in figures.entries.items():
        at = drawn.places[name]
        sheet = book[at.sheet]
        if isinstance(entry.value, tuple):
            for n, paragraph in enumerate(entry.value):
                sheet.cell(at.row + 1 + n, at.column + 1).value = paragraph
        elif not entry.blank and not entry.formula:
            sheet.cell(at.row + 1, at.column + 1).value = _typed(entry)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _typed(entry: Entry) -> str | int:
    return int(entry.raw.text) if entry.raw.kind == "number" and "." not in entry.raw.text else entry.raw.text
