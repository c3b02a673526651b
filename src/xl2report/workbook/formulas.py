"""The second compiler of a rule: the Excel formulas that judge it in the workbook.

Every formula of 校验 looks figures up by id in the hidden sheet; the hidden sheet finds each cell by its row and
column ids. So the blank policy, the reading of text amounts and the size limit stand in one place, the figure rows,
and an inserted row or a cut-and-paste cannot move a check. Only functions of Excel 2007 are used.
"""

from __future__ import annotations

from collections.abc import Iterable

from xl2report.form.language import (
    COMPARED_DECIMALS,
    NOTHING_SAID,
    TEXT_SPACES,
    Binary,
    Call,
    Comparison,
    Expression,
    Figure,
    Least,
    Name,
    Number,
    Size,
    Sum,
    figures,
)
from xl2report.form.model import YES, Field, Instance
from xl2report.form.tree import cell_id, leaves
from xl2report.workbook.plan import CONTENT, At, FigureRow, Line, Plan, column_name, quoted, sheet_key_of

PASS, FAIL, OPEN, EXPLAINED, ABSENT, SPARED = "√ 通过", "× 不通过", "待填", "● 已说明", "─ 无上年数", "√ 不适用"
NO_LAST = "─"  # in the cell that says whether a rule applies: there is no figure of last year
FUNCTIONS_2007 = frozenset(
    "ABS AND COUNT COUNTA COUNTIF FIND IF INDEX INT ISERROR ISNUMBER LEFT LEN MATCH MID MIN NOT OR RIGHT ROUND SUBSTITUTE "
    "SUM SUMPRODUCT TEXT TRIM VALUE CHAR MOD".split()
)


# -- rules: 校验 ----------------------------------------------------------------------------------------------------


def lookup(figure: Figure) -> str:
    """The figure's value in the hidden sheet, found by its id."""
    return f'INDEX(x2r_values,MATCH("{figure.key}",x2r_ids,0))'


def side(expression: Expression, applies: str = "") -> str:
    """The formula of one side: its value once every figure of it is decided, else an empty text.

    ``applies`` is the cell that says whether the rule applies, if that depends on anything; where it does not, nothing is shown.
    """
    guard = decided(expression)
    shown = f'IF({guard},{arithmetic(expression)},"")' if guard else arithmetic(expression)
    return f'=IF({applies}=1,{shown},"")' if applies else f"={shown}"


def decided(node: Expression | Comparison) -> str:
    """A test that all figures of an expression are numbers; empty when it has none."""
    return _known(figures(node))


def _known(asked: Iterable[Figure]) -> str:
    distinct = dict.fromkeys(lookup(figure) for figure in asked)
    return f"COUNT({','.join(distinct)})={len(distinct)}" if distinct else ""


def condition(instance: Instance) -> str:
    """1 where a rule applies, 0 where not, an empty text where that is not decided, a dash without a figure of last year."""
    formula = "1"
    if when := instance.when:
        difference = rounded(f"({arithmetic(when.left)})-({arithmetic(when.right)})")
        formula = f'IF({decided(when)},IF({difference}{excel_operator(when.operator)}0,1,0),"")'
    return f'=IF({_known(instance.lasts)},{formula},"{NO_LAST}")' if instance.lasts else f"={formula}"


def verdict(instance: Instance, applies: str, left: str, right: str, explanation: str) -> str:
    """The verdict from the cells that hold the condition, the two sides and the filler's explanation."""
    failed = f'IF(TRIM({explanation})<>"","{EXPLAINED}","{FAIL}")' if instance.rule.severity == "query" else f'"{FAIL}"'
    holds = f"{rounded(f'{left}-{right}')}{excel_operator(instance.check.operator)}0"
    judged = f'IF(OR({left}="",{right}=""),"{OPEN}",IF({holds},"{PASS}",{failed}))'
    if instance.when is not None:
        judged = f'IF({applies}="","{OPEN}",IF({applies}=0,"{SPARED}",{judged}))'
    if instance.lasts:
        judged = f'IF({applies}="{NO_LAST}","{ABSENT}",{judged})'
    return f"={judged}"


def difference(left: str, right: str) -> str:
    return f'=IF(OR({left}="",{right}=""),"",{rounded(f"{left}-{right}")})'


def rounded(expression: str) -> str:
    return f"ROUND({expression},{COMPARED_DECIMALS})"


def arithmetic(node: Expression) -> str:
    """An expression in Excel's notation, every operation in parentheses."""
    match node:
        case Number(value):
            return str(value)
        case Figure():
            return lookup(node)
        case Sum(terms):
            return f"SUM({','.join(map(arithmetic, terms))})"
        case Least(terms):
            return f"MIN({','.join(map(arithmetic, terms))})"
        case Size(term):
            return f"ABS({arithmetic(term)})"
        case Binary(operator, left, right):
            return f"({arithmetic(left)}{operator}{arithmetic(right)})"
        case Name() | Call():
            raise TypeError(f"not bound: {node}")


def excel_operator(operator: str) -> str:
    return {"==": "=", "!=": "<>"}.get(operator, operator)


def rule_formula(instance: Instance) -> str:
    """One formula that says a whole rule instance, for reading: TRUE, FALSE, or an empty text when undecided."""
    check = instance.check
    holds = f"{rounded(f'({arithmetic(check.left)})-({arithmetic(check.right)})')}{excel_operator(check.operator)}0"
    formula = f'IF({decided(check)},{holds},"")'
    if instance.when:
        applies = rounded(f"({arithmetic(instance.when.left)})-({arithmetic(instance.when.right)})")
        applies += f"{excel_operator(instance.when.operator)}0"
        formula = f'IF({decided(instance.when)},IF({applies},{formula},TRUE),"")'
    if instance.lasts:
        formula = f'IF({_known(instance.lasts)},{formula},"{ABSENT}")'
    return f"={formula}"


# -- totals: on the table sheets -------------------------------------------------------------------------------------


def total(plan: Plan, field: Field) -> str:
    """The formula of a total: the sum once all its parts are filled (or blanks are declared 0), else an empty text."""
    parts = [plan.form.fields[part] for part in field.parts]
    if any(part.kind == "amount" for part in parts):  # amounts are texts: add up their values
        return side(Sum(tuple(Figure(part.id, "field", (part.id,)) for part in parts)))
    cells = ",".join(_runs([plan.places[part.id] for part in parts]))
    table = plan.form.table_of(field.id)
    assert table is not None
    zero = plan.places[table.zero_question.id]
    here = f"${column_name(zero.column)}${zero.row + 1}"
    filled = f'IF({here}="{YES}",COUNTA({cells})=COUNT({cells}),COUNT({cells})={len(parts)})'
    return f'=IF({filled},IF(ABS(SUM({cells}))<1E15,SUM({cells}),""),"")'


def _runs(places: list[At]) -> list[str]:
    """Cells of one sheet as ranges where they touch in one row or one column."""
    runs: list[list[At]] = []
    for at in places:
        last = runs[-1][-1] if runs else None
        down = last and at.column == last.column and at.row == last.row + 1
        across = last and at.row == last.row and at.column == last.column + last.columns
        same = len(runs[-1]) == 1 or (runs[-1][0].column == at.column if down else runs[-1][0].row == at.row) if runs else False
        if (down or across) and same:
            runs[-1].append(at)
        else:
            runs.append([at])
    return [run[0].cell if len(run) == 1 else f"{run[0].cell}:{run[-1].cell}" for run in runs]


# -- figures: the hidden sheet ---------------------------------------------------------------------------------------


def raw(plan: Plan, row: FigureRow) -> str:
    """What stands in the cell of a field, found by its ids; an empty text for an empty cell."""
    assert row.field is not None
    cell = _anchored(plan, row.field)
    return f'=IF({cell}="","",{cell})'


def _anchored(plan: Plan, field: Field) -> str:
    table = plan.form.table_of(field.id)
    if table is None or field in (table.zero_question, table.note):
        name = sheet_key_of(plan, plan.places[field.id].sheet)
        return f'INDEX(x2r_{name},MATCH("{field.id}",x2r_{name}_rows,0),1)'
    for block, at in zip(table.blocks, plan.tables[table.id].blocks, strict=True):
        for row, _ in leaves(block.rows):
            for column, _ in leaves(block.columns):
                if cell_id(table.id, row, column) == field.id:
                    rows, columns = f'"{row.id or table.id}",x2r_{at.name}_rows', f'"{column.id}",x2r_{at.name}_columns'
                    return f"INDEX(x2r_{at.name},MATCH({rows},0),MATCH({columns},0))"
    raise KeyError(field.id)


def value(plan: Plan, row: FigureRow, rows: dict[str, FigureRow]) -> str:
    """The figure as rules see it: a number, or an empty text while it is not decided."""
    here = f"$B{row.row + 1}"
    if row.kind == "attribute":
        assert row.figure is not None
        typed = f"$B${rows[row.figure.fields[0]].row + 1}"
        labels, values = choice_names(row.figure)
        found = f"MATCH({typed},{labels},0)"
        # MATCH takes * and ? for wildcards: only the label itself is an answer
        return f'=IF(ISNUMBER({found}),IF(INDEX({labels},{found})={typed},INDEX({values},{found}),""),"")'
    if row.kind == "length":
        assert row.figure is not None
        return f"=SUM({','.join(_length_cells(plan, field, rows) for field in row.figure.fields)})"
    if row.kind == "contains":
        assert row.figure is not None
        text, year = (rows[field].row + 1 for field in row.figure.fields)
        return f'=IF($C${year}="","",IF(ISNUMBER(FIND(TEXT($C${year},"0"),$B${text})),1,0))'
    assert row.field is not None
    blank = f'IF({_blank_is_zero(plan, row.field, rows)},0,"")'
    number = f'IF(ABS({here})<1E15,{here},"")'
    if row.field.kind != "amount":
        return f'=IF(ISNUMBER({here}),{number},IF({here}="",{blank},""))'
    return f'=IF(ISNUMBER({here}),{number},IF({here}="",{blank},IF({_is_plain_amount(f"$D{row.row + 1}")},VALUE({here}),"")))'


def last_figure(row: FigureRow) -> str:
    """A figure of the year before, from the sheet that holds them; an empty text where there is none."""
    found = f'INDEX(x2r_last,MATCH("{row.key}",x2r_last_ids,0))'
    return f'=IF(ISNUMBER({found}),{found},"")'


def _blank_is_zero(plan: Plan, field: Field, rows: dict[str, FigureRow]) -> str:
    table = plan.form.table_of(field.id)
    if table is None:
        return "FALSE"
    zero = f'$B${rows[table.zero_question.id].row + 1}="{YES}"'
    # a total that shows an empty text still has its formula: its parts are not decided, and it is no blank
    return f"AND({zero},COUNTA({_anchored(plan, field)})=0)" if field.parts else zero


def unsigned(row: FigureRow) -> str:
    """An amount's text without its leading minus, for the digits test."""
    here = f"$B{row.row + 1}"
    return f'=IF(LEFT({here},1)="-",MID({here},2,40),{here})'


def _is_plain_amount(cell: str) -> str:
    """True for digits with at most one point inside, at most 15 of them: what the number grammar takes as it stands."""
    rest = cell
    for digit in "0123456789.":
        rest = f'SUBSTITUTE({rest},"{digit}","")'
    points = f'LEN({cell})-LEN(SUBSTITUTE({cell},".",""))'
    return (
        f'AND(LEN({rest})=0,{points}<=1,LEN({cell})>0,LEFT({cell},1)<>".",RIGHT({cell},1)<>".",'
        f'LEN(SUBSTITUTE({cell},".",""))<=15)'
    )


def fault(plan: Plan, row: FigureRow, rows: dict[str, FigureRow]) -> str:
    """What is wrong with one number cell: blank, text, negative, decimal, range, or an empty text."""
    field = row.field
    assert field is not None
    here, worth = f"$B{row.row + 1}", f"$C{row.row + 1}"
    table = plan.form.table_of(field.id)
    missing = '""'
    if table and not field.parts:
        missing = f'IF({_blank_is_zero(plan, field, rows)},"","blank")'
    elif field.required:
        missing = '"blank"'
    tests = []
    if field.kind != "change":
        tests.append((f"{worth}<0", "negative"))
    whole = f"INT({worth})" if field.kind != "amount" else f"ROUND({worth},{field.decimals})"
    tests.append((f"{whole}<>{worth}", "decimal"))
    if field.minimum is not None:
        tests.append((f"{worth}<{field.minimum}", "range"))
    if field.maximum is not None:
        tests.append((f"{worth}>{field.maximum}", "range"))
    inner = '""'
    for test, name in reversed(tests):
        inner = f'IF({test},"{name}",{inner})'
    return f'=IF(ISERROR({here}),"text",IF({here}="",{missing},IF({worth}="","text",{inner})))'


def residue(cell: str, modulus: int) -> tuple[str, str]:
    """The whole part and the millionths of a figure, each reduced so that sums stay exact."""
    fraction = f"ROUND(({cell}-INT({cell}))*1000000,0)"
    return (
        f'=IF(COUNT({cell})=0,0,INT({cell})-INT(INT({cell})/{modulus})*{modulus})',
        f"=IF(COUNT({cell})=0,0,{fraction}-INT({fraction}/{modulus})*{modulus})",
    )


def choice_names(figure: Figure) -> tuple[str, str]:
    """The defined names of a choice field's labels and of one attribute of them."""
    name = figure.fields[0].replace(".", "_")
    return f"x2r_c_{name}", f"x2r_c_{name}_{figure.attribute}"


def bare_text(cell: str) -> str:
    """A text without the characters that ``length`` does not count."""
    for character in TEXT_SPACES:
        shown = f'"{character}"' if character in " \u3000\u00a0" else f"CHAR({ord(character)})"
        cell = f'SUBSTITUTE({cell},{shown},"")'
    return cell


def length_of(cell: str) -> str:
    """The length of one paragraph; a placeholder says nothing and has length 0."""
    bare = bare_text(cell)
    nothing = ",".join(f'{bare}="{word}"' for word in NOTHING_SAID)
    return f"IF(OR({nothing}),0,LEN({bare}))"


def _length_cells(plan: Plan, field_id: str, rows: dict[str, FigureRow]) -> str:
    if field_id in rows:
        return length_of(f"$B${rows[field_id].row + 1}")
    at = plan.places[field_id]
    lines: list[Line] = [line for line in plan.lines[at.sheet] if line.kind == "paragraph" and line.field and line.field.id == field_id]
    column = column_name(CONTENT + 2)
    return f"{quoted(at.sheet)}!${column}${lines[0].row + 1}:${column}${lines[-1].row + 1}"
