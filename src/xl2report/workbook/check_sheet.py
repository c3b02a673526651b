"""The sheet 校验: one row per rule instance and per test of the cells, a summary on top, the check code."""

from __future__ import annotations

from decimal import Decimal

from xlsxwriter.worksheet import Worksheet

from xl2report.check.code import MODULI, check_code
from xl2report.check.figures import FigureTable
from xl2report.check.judge import evaluate, judge
from xl2report.form.language import figures as figures_of
from xl2report.form.model import Form, Instance
from xl2report.submission import Submission
from xl2report.workbook import formulas
from xl2report.workbook.formulas import FAIL, OPEN, PASS
from xl2report.workbook.hidden_sheet import fault_of, figure_value
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Pen, done
from xl2report.workbook.plan import CHECK_SHEET, FIRST_CHECK, FIRST_FIGURE, META_SHEET, Plan, cell_name, quoted

_COLUMNS = (("编号", 16), ("应当成立的关系", 46), ("位置", 34), ("左边", 13), ("右边", 13), ("相差", 11), ("结论", 13), ("转到", 8), ("说明（只用于疑问）", 30))
_APPLIES, _RULE, _SAYS, _ITEM, _LEFT, _RIGHT, _DIFFERENCE, _VERDICT, _LINK, _EXPLAIN = 10, 1, 2, 3, 4, 5, 6, 7, 8, 9
FAULT_TESTS = (
    ("blank", "没有漏填的数字格", OPEN),
    ("text", "数字格里没有文字", FAIL),
    ("negative", "没有不该有的负数", FAIL),
    ("decimal", "件数为整数，金额小数位数合规", FAIL),
    ("range", "数字在允许的范围内", FAIL),
)
_SEVERITY = {"error": "", "query": "（疑问）", "note": "（提示）"}


def write_checks(pen: Pen, sheet: Worksheet, drawn: Plan, filled: Submission, figures: FigureTable) -> None:
    for column, (heading, size) in enumerate(_COLUMNS, 1):
        sheet.set_column(column, column, size)
        pen.text(sheet, FIRST_CHECK - 1, column, heading, "header")
    sheet.set_column(_APPLIES, _APPLIES, 4, None, {"hidden": True})
    verdicts = [
        _write_instance(pen, sheet, drawn, FIRST_CHECK + n, instance, filled, figures)
        for n, instance in enumerate(drawn.form.instances)
    ]
    row = FIRST_CHECK + len(verdicts)
    for name, words, outcome in FAULT_TESTS:
        verdicts.append(_write_fault_test(pen, sheet, drawn, row, name, words, outcome, filled, figures))
        row += 1
    _write_summary(pen, sheet, drawn, verdicts, row, figures)
    area = (FIRST_CHECK, _VERDICT, row - 1, _VERDICT)
    for start, style in (("√", "good"), ("×", "bad"), ("待", "open"), ("●", "good")):
        done(sheet.conditional_format(*area, {"type": "text", "criteria": "begins with", "value": start, "format": pen.style(style)}))
    done(pen.book.define_name("x2r_checks", f"={quoted(CHECK_SHEET)}!$A${FIRST_CHECK + 1}:$A${row}"))
    done(pen.book.define_name("x2r_explanations", f"={quoted(CHECK_SHEET)}!$J${FIRST_CHECK + 1}:$J${row}"))
    sheet.repeat_rows(FIRST_CHECK - 1)
    sheet.print_area(0, 0, row - 1, _EXPLAIN)


def _write_instance(
    pen: Pen, sheet: Worksheet, drawn: Plan, row: int, instance: Instance, filled: Submission, figures: FigureTable
) -> str:
    rule, check = instance.rule, instance.check
    judgement = judge(instance, figures)
    cells = {column: cell_name(row, column) for column in (_LEFT, _RIGHT, _APPLIES, _EXPLAIN)}
    left, right = evaluate(check.left, figures), evaluate(check.right, figures)
    item = " > ".join(instance.item) or _item(drawn.form, instance)
    pen.text(sheet, row, 0, instance.id)
    pen.text(sheet, row, _RULE, rule.id, "cell")
    pen.text(sheet, row, _SAYS, rule.says.zh + _SEVERITY[rule.severity], "cell")
    pen.text(sheet, row, _ITEM, item, "cell")
    pen.formula(sheet, row, _LEFT, formulas.side(check.left), left, "centre")
    pen.formula(sheet, row, _RIGHT, formulas.side(check.right), right, "centre")
    apart = None if left is None or right is None else left - right
    pen.formula(sheet, row, _DIFFERENCE, formulas.difference(cells[_LEFT], cells[_RIGHT]), apart, "centre")
    if instance.when:
        applies = figures_decide(instance, figures)
        pen.formula(sheet, row, _APPLIES, formulas.condition(instance.when), applies)
    verdict = {"pass": PASS, "fail": FAIL, "undecided": OPEN}[judgement.verdict]
    formula = formulas.verdict(instance, cells[_APPLIES], cells[_LEFT], cells[_RIGHT], cells[_EXPLAIN])
    pen.formula(sheet, row, _VERDICT, formula, verdict, "verdict")
    _write_link(pen, sheet, drawn, row, _target(drawn, instance))
    pen.text(sheet, row, _EXPLAIN, "", "entry" if rule.severity == "query" else "cell")
    sheet.set_row(row, max(20, 15 * (1 + max(width(rule.says.zh + _SEVERITY[rule.severity]) // 46, width(item) // 34)) + 4))
    return verdict


def figures_decide(instance: Instance, figures: FigureTable) -> int | None:
    """What the condition cell shows: 1, 0, or nothing."""
    from xl2report.check.judge import compare

    applies = compare(instance.when, figures) if instance.when else True
    return None if applies is None else int(applies)


def _write_fault_test(
    pen: Pen, sheet: Worksheet, drawn: Plan, row: int, name: str, words: str, outcome: str, filled: Submission, figures: FigureTable
) -> str:
    """One test over the fault column of the hidden sheet: how many cells have that fault; none is wanted."""
    numbers = [figure for figure in drawn.figures if figure.kind == "number" and figure.field]
    count = sum(1 for figure in numbers if figure.field and fault_of(figure.field, filled, figures) == name)
    area = f"{META_SHEET}!$E${FIRST_FIGURE + 1}:$E${FIRST_FIGURE + len(drawn.figures)}"
    left = cell_name(row, _LEFT)
    pen.text(sheet, row, 0, f"cells:{name}")
    pen.text(sheet, row, _RULE, f"cells.{name}", "cell")
    pen.text(sheet, row, _SAYS, words, "cell")
    pen.text(sheet, row, _ITEM, "全部数字格", "cell")
    pen.formula(sheet, row, _LEFT, f'=COUNTIF({area},"{name}")', Decimal(count), "centre")
    pen.number(sheet, row, _RIGHT, 0, "centre")
    pen.formula(sheet, row, _DIFFERENCE, formulas.difference(left, cell_name(row, _RIGHT)), Decimal(count), "centre")
    verdict = outcome if count else PASS
    pen.formula(sheet, row, _VERDICT, f'=IF({left}=0,"{PASS}","{outcome}")', verdict, "verdict")
    first = next((f.field.id for f in numbers if f.field and fault_of(f.field, filled, figures) == name), None)
    _write_link(pen, sheet, drawn, row, first or numbers[0].key)
    pen.text(sheet, row, _EXPLAIN, "", "cell")
    return verdict


def _write_link(pen: Pen, sheet: Worksheet, drawn: Plan, row: int, field_id: str) -> None:
    at = drawn.places[field_id]
    done(sheet.write_url(row, _LINK, f"internal:{quoted(at.sheet)}!{at.cell}", pen.style("link"), string=at.cell))


def _target(drawn: Plan, instance: Instance) -> str:
    """The field that the link of a row leads to: the first figure of the check that is a cell."""
    return next(field for figure in figures_of(instance.check) for field in figure.fields)


def _item(form: Form, instance: Instance) -> str:
    return "、".join(dict.fromkeys(form.fields[figure.fields[0]].path[0] for figure in figures_of(instance.check)))


def _write_summary(
    pen: Pen, sheet: Worksheet, drawn: Plan, verdicts: list[str], end: int, figures: FigureTable
) -> None:
    area = f"{cell_name(FIRST_CHECK, _VERDICT)}:{cell_name(end - 1, _VERDICT)}"
    failed, open_ = verdicts.count(FAIL), verdicts.count(OPEN)
    pen.text(sheet, 1, 1, "校验", "title")
    sheet.set_row(1, 30)
    words = f'=IF(COUNTIF({area},"{FAIL}")+COUNTIF({area},"{OPEN}")=0,"全部通过，可以报送","还有 "&COUNTIF({area},"{FAIL}")&" 处不通过，"&COUNTIF({area},"{OPEN}")&" 处待填")'
    shown = "全部通过，可以报送" if not failed + open_ else f"还有 {failed} 处不通过，{open_} 处待填"
    pen.formula(sheet, 2, 1, words, shown, "heading")
    pen.text(sheet, 3, 1, "核对码（电话核对时念这个码，数字相同则码相同）：", "plain")
    pen.formula(sheet, 3, _ITEM, _code_formula(drawn), code_of(drawn, figures), "heading")
    sheet.set_row(4, 6)


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
