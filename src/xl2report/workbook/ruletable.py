"""Every rule of a form as text: id, words, basis, formula. The command and the documents print it from here."""

from __future__ import annotations

from xl2report.form.model import Form, Rule
from xl2report.workbook.check_sheet import FAULT_TESTS, fault_count_formula
from xl2report.workbook.formulas import rule_formula
from xl2report.workbook.plan import plan

_SEVERITY = {"error": ("错误", "error"), "query": ("疑问", "query"), "note": ("提示", "note")}


def rule_text(form: Form, language: str) -> str:
    """All rules, one paragraph each; of a rule with many places the formula of its first is shown."""
    english = language == "en"
    lines = [f"{form.id}  {form.name}  {form.basis}", ""]
    for rule, count, formula in rule_rows(form):
        places = (f"{count} places" if english else f"{count} 处") if count > 1 else ""
        lines.append("  ".join(part for part in (rule.id, _SEVERITY[rule.severity][english], places) if part))
        lines.append(f"  {rule.says.in_language(language)}（{rule.basis}）")
        lines += [f"  {formula}", ""]
    drawn = plan(form)
    for test in FAULT_TESTS:
        lines += [f"cells.{test.name}  {_SEVERITY['error'][english]}", f"  {test.says.in_language(language)}"]
        lines += [f"  ={fault_count_formula(drawn, test.name)}=0", ""]
    return "\n".join(lines).rstrip()


def rule_rows(form: Form) -> tuple[tuple[Rule, int, str], ...]:
    """Each rule with the number of its instances and the formula of the first."""
    rows = []
    for rule in form.rules:
        instances = [instance for instance in form.instances if instance.rule == rule]
        rows.append((rule, len(instances), rule_formula(instances[0])))
    return tuple(rows)
