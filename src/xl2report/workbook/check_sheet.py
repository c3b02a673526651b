"""The sheet 校验: one row per rule instance and per test of the cells, a summary on top, the check code."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from xl2report.checks.code import MODULI, check_code
from xl2report.checks.figures import FigureTable
from xl2report.checks.judge import compare, compared_difference, judge
from xl2report.form.language import figures as figures_of
from xl2report.form.model import Form, Instance, Words
from xl2report.workbook import formulas
from xl2report.workbook.contents import Contents
from xl2report.workbook.formulas import ABSENT, EXPLAINED, FAIL, NO_LAST, OPEN, PASS, SPARED
from xl2report.workbook.hidden_sheet import fault_fields, fault_of, figure_value, place_words
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Page, done
from xl2report.workbook.plan import (
    CHECK_SHEET,
    EXPLANATION_ID,
    FIRST_CHECK,
    FIRST_FIGURE,
    META_SHEET,
    Plan,
    cell_name,
    column_name,
    quoted,
)

_COLUMNS = (("编号", 16), ("应当成立的关系", 44), ("位置", 40), ("左边", 12), ("应", 5), ("右边", 12), ("相差", 10), ("上年数", 12), ("结论", 13), ("转到", 24), ("说明（只用于疑问）", 30))
_RULE, _SAYS, _ITEM, _LEFT, _OPERATOR, _RIGHT, _DIFFERENCE, _LAST, _VERDICT, _LINK, _EXPLAIN, _APPLIES = range(1, 13)
_SIGNS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "<": "<", ">": ">"}


@dataclass(frozen=True, slots=True)
class FaultTest:
    """A test over all number cells: the fault it counts, its words, and the verdict when there are any."""

    name: str
    says: Words
    outcome: str


FAULT_TESTS = (
    FaultTest("blank", Words("没有漏填的数字格和必填项", "no number and no required cell is left empty"), OPEN),
    FaultTest("text", Words("数字格里没有文字", "no number cell holds a text"), FAIL),
    FaultTest("negative", Words("没有不该有的负数", "no number is negative where it must not be"), FAIL),
    FaultTest("decimal", Words("件数为整数，金额小数位数合规", "counts are whole, amounts have no more decimals than allowed"), FAIL),
    FaultTest("range", Words("数字在允许的范围内", "numbers are within their range"), FAIL),
)
FIRST_RULE = FIRST_CHECK + len(FAULT_TESTS)  # row of the first rule instance
_ALL = "全部待填格"
_SEVERITY = {"error": "", "query": "（疑问）", "note": "（提示）"}


def write_checks(page: Page, contents: Contents) -> None:
    for column, (heading, size) in enumerate(_COLUMNS, 1):
        page.sheet.set_column(column, column, size)
        page.text(FIRST_CHECK - 1, column, heading, "header")
    page.sheet.set_column(_APPLIES, _APPLIES, 4, None, {"hidden": True})
    page.text(0, _EXPLAIN, EXPLANATION_ID)
    verdicts = [_write_fault_test(page, contents, FIRST_CHECK + n, test) for n, test in enumerate(FAULT_TESTS)]
    verdicts += [_write_instance(page, contents, FIRST_RULE + n, instance) for n, instance in enumerate(contents.form.instances)]
    row = FIRST_CHECK + len(verdicts)
    _write_summary(page, contents, verdicts, row)
    area = (FIRST_CHECK, _VERDICT, row - 1, _VERDICT)
    for start, style in (("√", "good"), ("×", "bad"), ("待", "open"), ("●", "good"), ("─", "absent")):
        done(page.sheet.conditional_format(*area, {"type": "text", "criteria": "begins with", "value": start, "format": page.style(style)}))
    page.pen.define("x2r_checks", f"{quoted(CHECK_SHEET)}!$A${FIRST_CHECK + 1}:$A${row}")
    page.pen.define("x2r_explanations", f"{quoted(CHECK_SHEET)}!${column_name(_EXPLAIN)}${FIRST_CHECK + 1}:${column_name(_EXPLAIN)}${row}")
    page.sheet.repeat_rows(FIRST_CHECK - 1)
    page.sheet.print_area(0, 0, row - 1, _EXPLAIN)


def _write_instance(page: Page, contents: Contents, row: int, instance: Instance) -> str:
    figures = contents.figures
    rule, check = instance.rule, instance.check
    judgement = judge(instance, figures)
    cells = {column: cell_name(row, column) for column in (_LEFT, _RIGHT, _APPLIES, _EXPLAIN)}
    left, right = judgement.left, judgement.right
    depends = bool(instance.when or instance.lasts)
    applies = cells[_APPLIES] if depends else ""
    item = " > ".join(instance.item) or _item(contents.form, instance)
    page.text(row, 0, instance.id)
    page.text(row, _RULE, rule.id, "cell")
    page.text(row, _SAYS, rule.says.zh + _SEVERITY[rule.severity], "cell")
    page.text(row, _ITEM, item, "cell")
    page.formula((row, _LEFT), formulas.side(check.left, applies), left, "centre")
    page.text(row, _OPERATOR, _SIGNS[check.operator], "centre")
    page.formula((row, _RIGHT), formulas.side(check.right, applies), right, "centre")
    apart = None if left is None or right is None else compared_difference(left, right)
    page.formula((row, _DIFFERENCE), formulas.difference(cells[_LEFT], cells[_RIGHT]), apart, "centre")
    _write_last(page, row, instance, figures)
    if depends:
        page.formula((row, _APPLIES), formulas.condition(instance), figures_decide(instance, figures))
    explanation = contents.filled.explanations.get(instance.id, "")
    failed = EXPLAINED if explanation.strip(" ") else FAIL
    passed = PASS if judgement.applies else SPARED
    verdict = {"pass": passed, "fail": failed, "undecided": OPEN, "absent": ABSENT}[judgement.verdict]
    formula = formulas.verdict(instance, cells[_APPLIES], cells[_LEFT], cells[_RIGHT], cells[_EXPLAIN])
    page.formula((row, _VERDICT), formula, verdict, "verdict")
    _write_link(page, contents.plan, row, _target(instance))
    page.text(row, _EXPLAIN, explanation, "entry" if rule.severity == "query" else "cell")
    lines = max(width(rule.says.zh + _SEVERITY[rule.severity]) // 46, width(item) // 42, width(explanation) // 28)
    page.sheet.set_row(row, min(400, max(20, 15 * (1 + lines) + 4)))
    return verdict


def _write_last(page: Page, row: int, instance: Instance, figures: FigureTable) -> None:
    """The figure of the year before that a rule compares with, if it is one."""
    if len(instance.lasts) != 1:
        page.text(row, _LAST, "", "centre")
        return
    [last] = instance.lasts
    found = formulas.lookup(last)
    page.formula((row, _LAST), f'=IF(ISNUMBER({found}),{found},"")', figures(last), "centre")


def figures_decide(instance: Instance, figures: FigureTable) -> int | str | None:
    """What the condition cell shows: 1, 0, nothing, or a dash."""
    if any(figures(figure) is None for figure in instance.lasts):
        return NO_LAST
    applies = compare(instance.when, figures) if instance.when else True
    return None if applies is None else int(applies)


def _write_fault_test(page: Page, contents: Contents, row: int, test: FaultTest) -> str:
    """One test over the fault column of the hidden sheet: how many cells have that fault; none is wanted."""
    name, outcome, drawn = test.name, test.outcome, contents.plan
    judged = fault_fields(drawn)
    faulty = [field for field in judged if fault_of(field, contents.filled, contents.figures) == name]
    count = len(faulty)
    left = cell_name(row, _LEFT)
    page.text(row, 0, f"cells:{name}")
    page.text(row, _RULE, f"cells.{name}", "cell")
    page.text(row, _SAYS, test.says.zh, "cell")
    column = f"{META_SHEET}!${{}}${FIRST_FIGURE + 1}:${{}}${FIRST_FIGURE + len(drawn.figures)}"
    places, faults = column.format(*"KK"), column.format(*"EE")
    first = f'=IF({left}=0,"{_ALL}","首先看 "&INDEX({places},MATCH("{name}",{faults},0)))'
    shown = f"首先看 {place_words(drawn, faulty[0])}" if faulty else _ALL
    page.formula((row, _ITEM), first, shown, "cell")
    page.formula((row, _LEFT), f"={fault_count_formula(drawn, name)}", Decimal(count), "centre")
    page.text(row, _OPERATOR, "=", "centre")
    page.number(row, _RIGHT, 0, "centre")
    page.text(row, _LAST, "", "centre")
    page.formula((row, _DIFFERENCE), formulas.difference(left, cell_name(row, _RIGHT)), Decimal(count), "centre")
    verdict = outcome if count else PASS
    page.formula((row, _VERDICT), f'=IF({left}=0,"{PASS}","{outcome}")', verdict, "verdict")
    _write_link(page, drawn, row, (faulty or judged)[0].id)
    page.text(row, _EXPLAIN, "", "cell")
    return verdict


def fault_count_formula(drawn: Plan, name: str) -> str:
    """How many number cells have a fault."""
    return f'COUNTIF({META_SHEET}!$E${FIRST_FIGURE + 1}:$E${FIRST_FIGURE + len(drawn.figures)},"{name}")'


def _write_link(page: Page, drawn: Plan, row: int, field_id: str) -> None:
    at = drawn.places[field_id]
    done(page.sheet.write_url(row, _LINK, f"internal:{quoted(at.sheet)}!{at.cell}", page.style("link"), string=f"{at.sheet} {at.cell}"))


def _target(instance: Instance) -> str:
    """The field that the link of a row leads to: the first figure of the check that is a cell."""
    return next(field for figure in figures_of(instance.check) for field in figure.fields)


def _item(form: Form, instance: Instance) -> str:
    return "、".join(dict.fromkeys(form.fields[figure.fields[0]].path[0] for figure in figures_of(instance.check) if figure.fields))


def _write_summary(page: Page, contents: Contents, verdicts: list[str], end: int) -> None:
    area = f"{cell_name(FIRST_CHECK, _VERDICT)}:{cell_name(end - 1, _VERDICT)}"
    failed, open_ = verdicts.count(FAIL), verdicts.count(OPEN)
    page.text(1, 1, "校验", "title")
    page.sheet.set_row(1, 30)
    words = f'=IF(COUNTIF({area},"{FAIL}")+COUNTIF({area},"{OPEN}")=0,"全部通过","还有 "&COUNTIF({area},"{FAIL}")&" 处不通过，"&COUNTIF({area},"{OPEN}")&" 处待填")'
    shown = "全部通过" if not failed + open_ else f"还有 {failed} 处不通过，{open_} 处待填"
    page.formula((2, 1), words, shown, "heading")
    page.text(3, 1, "核对码（电话核对时念这个码，数字相同则码相同）：", "plain")
    page.formula((3, _ITEM), _code_formula(contents.plan), code_of(contents.plan, contents.figures), "heading")
    page.sheet.set_row(4, 6)


def code_of(drawn: Plan, figures: FigureTable) -> str:
    """The check code of the figures as they stand."""
    return check_code([figure_value(row, figures) for row in drawn.figures[: drawn.code_figures]])


def _code_formula(drawn: Plan) -> str:
    first, last = FIRST_FIGURE + 1, FIRST_FIGURE + drawn.code_figures

    def column(letter: str) -> str:
        return f"{META_SHEET}!${letter}${first}:${letter}${last}"

    groups = []
    for modulus, (whole, parts) in zip(MODULI, (("F", "G"), ("H", "I")), strict=True):
        weighted = f"SUMPRODUCT({column('J')},{column(whole)})+31*SUMPRODUCT({column('J')},{column(parts)})"
        groups.append(f'TEXT(({weighted})-INT(({weighted})/{modulus})*{modulus},"0000")')
    return f'=IF(COUNT({column("C")})<{drawn.code_figures},"——",{groups[0]}&"-"&{groups[1]})'
