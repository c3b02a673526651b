"""Write what lies beside each form.yaml: the form as read (form.compiled) and its blank workbook (blank.xlsx)."""

from __future__ import annotations

from pathlib import Path

import xl2report
from xl2report.form.shelf import COMPILED, compiled, read_form

FORMS = Path(__file__).resolve().parent.parent / "workbook_templates"


def main() -> None:
    for form_id in xl2report.form_ids():
        (FORMS / form_id / COMPILED).write_bytes(compiled(form_id))
        path = FORMS / form_id / "blank.xlsx"
        path.write_bytes(xl2report.template(read_form(form_id)))
        print(path.relative_to(FORMS.parent))


if __name__ == "__main__":
    main()
