"""Figures that agencies really published, filled into the template: the findings they deserve, the tables they print."""

import io
import json
from decimal import Decimal
from pathlib import Path

import docx
import pytest
from lxml import html

import xl2report
from xl2report.checked import Checked
from xl2report.checks.figures import FigureTable
from xl2report.form.layout import layout
from xl2report.report.view import view
from xl2report.workbook.write import write

REPORTS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "reports"
pytestmark = pytest.mark.skipif(not REPORTS.exists(), reason="the published figures are not beside the project")

CATEGORY = {
    "pingtan-2020": "其他",
    "pingtan-2021": "其他",
    "shanghai-kw-2024": "省级部门",
    "shuyang-fgj-2023": "县级部门",
    "suqian-2023": "设区的市（自治州）政府",
}
# answer to 空白处是否均为 0？, then every finding: code, rule, first cell's field
EXPECTED = {
    ("suqian-2023", ""): [],
    ("pingtan-2021", ""): [],
    ("pingtan-2020", ""): [
        ("X201", "handled_total", "requests.handled.natural"),  # 26 in the rows, 20 printed
        ("X201", "handled_total", "requests.handled.total"),  # 27 and 21
        ("X201", "regulations", "proactive.regulations.made"),  # 7 in public, and it makes none
        ("S201", None, "requests.handled.natural"),
        ("V201", None, "proactive.procurement.amount"),  # 73802895.90元
    ],
    ("shanghai-kw-2024", ""): [
        ("S206", None, "requests.carried_out.total"),  # the total that was printed blank
        ("X202", "applicants_total", "requests.carried_out.total"),
        ("X202", "balance", "requests.carried_out.total"),  # one blank total decides nothing
    ],
    ("shanghai-kw-2024", "是"): [
        ("S206", None, "requests.carried_out.total"),
        ("X201", "applicants_total", "requests.carried_out.total"),
        ("X201", "balance", "requests.new.total"),
    ],
    ("shuyang-fgj-2023", "是"): [("V103", None, "requests.new.commercial")],
}


def filled(key: str, zero: str) -> tuple[dict, dict, object]:
    """Inputs and overwritten totals: a printed total is typed over the formula only where it says something else."""
    data = json.loads((REPORTS / f"{key}.json").read_text(encoding="utf-8"))
    form = xl2report.load_form(f"disclosure-{data['edition']}")
    printed = {}
    proactive, requests, review = form.tables
    for field in proactive.cells:
        by_column = data["table2"][field.path[1]]
        printed[field.id] = next(v for k, v in by_column.items() if k.replace("（万元）", "") == field.path[2].split("（")[0])
    figures = [value for row in data["table3"]["rows"] for value in row["values"]]
    printed |= dict(zip([field.id for field in requests.cells], figures, strict=True))
    printed |= dict(zip([field.id for field in review.cells], data["table4_list"], strict=True))
    values = {
        "cover.agency": data["agency"], "cover.category": CATEGORY[key], "cover.year": Decimal(data["year"]),
        "cover.address": "地址", "cover.phone": "电话", "cover.signed_on": f"{data['year'] + 1}-01-20",
        "overview.proactive": ("文字",), "problems.text": ("文字",),
    }  # fmt: skip
    values |= {field.id: "0" if field.kind == "amount" else Decimal(0) for section in form.sections for field in section.fields}
    if fee := (data["narrative"] or {}).get("信息处理费"):
        values |= {"fee.notices": Decimal(fee["件"]), "fee.charged": str(fee["元"]), "fee.received": str(fee["元"])}
    values |= {table.zero_question.id: zero for table in form.tables if zero}
    for name, value in printed.items():
        if value is not None and not form.fields[name].parts:
            values[name] = str(value) if form.fields[name].kind == "amount" else Decimal(value)
    overwritten = {}
    for name, value in printed.items():
        parts = form.fields[name].parts
        computed = sum(printed[part] or 0 for part in parts)
        if parts and value != computed and not (value is None and zero and not computed):
            overwritten[name] = None if value is None else Decimal(value)
    return values, overwritten, form


def checked(key: str, zero: str, tmp_path: Path) -> Checked:
    values, overwritten, form = filled(key, zero)
    path = tmp_path / f"{key}.xlsx"
    path.write_bytes(write(form, values, overwritten))
    return xl2report.check(path)


@pytest.mark.parametrize(("key", "zero"), EXPECTED)
def test_a_published_report_gets_exactly_the_findings_it_deserves(key, zero, tmp_path):
    result = checked(key, zero, tmp_path)
    fields = {(entry.place.sheet, entry.place.cell): name for name, entry in result.submission.entries.items()}
    found = [
        (finding.code, finding.rule, fields[finding.cells[0].place.sheet, finding.cells[0].place.cell])
        for finding in result.findings
    ]
    assert found == EXPECTED[key, zero]


@pytest.mark.parametrize("key", CATEGORY)
def test_the_rendered_tables_hold_exactly_the_filled_figures(key, tmp_path):
    zero = "是" if key == "shuyang-fgj-2023" else ""
    result = checked(key, zero, tmp_path)
    figures = FigureTable(result.form, result.submission)
    expected = []
    for table in result.form.tables:
        printed = layout(table)
        grid = [[""] * printed.columns for _ in range(printed.rows)]
        for cell in printed.cells:
            value = figures.number(cell.field) if cell.field else None
            text = cell.text if not cell.field else "" if value is None else f"{value:f}"
            for row in range(cell.row, cell.row + cell.rows):
                for column in range(cell.column, cell.column + cell.columns):
                    grid[row][column] = text
        expected.append(grid)
    page = html.fromstring(xl2report.render(result, to="html", draft=True))
    assert [html_grid(table) for table in page.findall(".//section/*/table") + page.findall(".//section/table")][:3] == expected
    document = docx.Document(io.BytesIO(xl2report.render(result, to="docx", draft=True)))
    assert [[[bare(cell.text) for cell in row.cells] for row in table.rows] for table in document.tables][:3] == expected
    assert view(result.form, result.submission).tables


def bare(text: str) -> str:
    return "".join(text.split())


def html_grid(table) -> list[list[str]]:
    """The table with its spans laid out; ids, classes and mark-up play no part."""
    grid: dict[tuple[int, int], str] = {}
    for row, line in enumerate(table.iter("tr")):
        column = 0
        for cell in line.iterchildren("td", "th"):
            while (row, column) in grid:
                column += 1
            for down in range(int(cell.get("rowspan", 1))):
                for across in range(int(cell.get("colspan", 1))):
                    grid[row + down, column + across] = bare(cell.text_content())
    rows, columns = (max(at[axis] for at in grid) + 1 for axis in (0, 1))
    return [[grid[row, column] for column in range(columns)] for row in range(rows)]
