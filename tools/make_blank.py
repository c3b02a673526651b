"""Write workbook_templates/*/blank.xlsx: the blank workbook of each form, as it is issued without any prefill."""

from __future__ import annotations

from pathlib import Path

import xl2report

FORMS = Path(__file__).resolve().parent.parent / "workbook_templates"


def main() -> None:
    for form_id in xl2report.form_ids():
        path = FORMS / form_id / "blank.xlsx"
        path.write_bytes(xl2report.template(xl2report.load_form(form_id)))
        print(path.relative_to(FORMS.parent))


if __name__ == "__main__":
    main()
