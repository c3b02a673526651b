"""Prints published reports as pages the way real sites do: clean, pasted from Word, with spans that lie, in any encoding."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from html import escape
from pathlib import Path

import xl2report
from xl2report.form.layout import layout

REPORTS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "reports"
TEXT = REPORTS.parent / "seed-tongxin-2023.txt"
KEYS = tuple(path.stem for path in sorted(REPORTS.glob("*.json")))


@dataclass
class Cell:
    """A cell as it is printed: what kind it is of, its text, its spans."""

    kind: str
    text: str
    rows: int = 1
    columns: int = 1
    field: str = ""


@dataclass
class Table:
    """A table as it is printed: its rows of cells, its header rows, and the field and text of every figure."""

    id: str
    form: object
    rows: list
    header: int
    figures: dict


@dataclass
class Report:
    """A report as it was published: agency, year, its tables; those of ``mixed`` have the format of another edition."""

    agency: str
    year: int
    form: object
    tables: list
    prose: dict = field(default_factory=dict)

    @property
    def title(self):
        return f"{self.agency}{self.year}年{self.form.name}"

    @property
    def figures(self):
        """What must be read: a number, or None where nothing is printed."""
        return {name: Decimal(text.removesuffix("元")) if text else None for table in self.tables for name, text in table.figures.items()}


def forms():
    return [xl2report.load_form(form_id) for form_id in xl2report.form_ids()]


def published(key) -> Report:
    """A published report with the tables that it printed, whatever their edition."""
    data = json.loads((REPORTS / f"{key}.json").read_text(encoding="utf-8"))
    form = xl2report.load_form(f"disclosure-{data['edition']}")
    tables = []
    for number, own in enumerate(form.tables):
        values = [value for row in data["table3"]["rows"] for value in row["values"]] if number == 1 else data["table4_list"]
        edition, table = form, own
        if number == 1 and len(values) != len(own.cells):
            edition, table = next((f, t) for f in forms() for t in f.tables if t.id == own.id and len(t.cells) == len(values))
        if number == 0:
            values = [_of_column(data["table2"][f.path[1]], f.path[2]) for f in own.cells]
        figures = {f.id: "" if v is None else f"{v}" for f, v in zip(table.cells, values, strict=True)}
        tables.append(drawn(table, edition, figures))
    return Report(data["agency"], data["year"], form, tables)


def _of_column(by_column, label):
    return next(value for key, value in by_column.items() if key.replace("（万元）", "") == label.split("（")[0])


def drawn(table, form, figures) -> Table:
    """A table of a form as rows of cells."""
    laid = layout(table)
    rows = [[] for _ in range(laid.rows)]
    for cell in laid.cells:
        text = figures.get(cell.field, "") if cell.field else cell.text
        rows[cell.row].append(Cell(cell.kind, text, cell.rows, cell.columns, cell.field))
    return Table(table.id, form, rows, laid.blocks[0].first_data_row, dict(figures))


def made_up(form, seed=7) -> Report:
    """A report with a different figure in every cell, so that none can stand for another."""
    import random

    rnd = random.Random(seed)
    values = iter(rnd.sample(range(1, 99_999), sum(len(table.cells) for table in form.tables)))
    tables = [
        drawn(table, form, {f.id: f"{next(values)}.{rnd.randrange(1, 10)}" if f.kind == "amount" else str(next(values)) for f in table.cells})
        for table in form.tables
    ]
    return Report("测试县教育局", form.first_year, form, tables)


# -- what happens to tables ------------------------------------------------------------------------------------------


def figures_as(report, change: Callable[[str], str], shown: Callable[[str], str] = lambda text: text) -> Report:
    """Every figure printed as ``change`` says; ``shown`` is what is then to be read."""
    for table in report.tables:
        for row in table.rows:
            for cell in row:
                if cell.field:
                    table.figures[cell.field] = shown(cell.text)
                    cell.text = change(cell.text)
    return report


def each_cell(report, change: Callable[[Cell], None]) -> Report:
    for table in report.tables:
        for row in table.rows:
            for cell in row:
                change(cell)
    return report


def split(report, *, header: bool, groups: str) -> Report:
    """Every table broken in the middle, as by a page. The rest may repeat the header; its row groups are gone, blank or repeated."""
    tables = []
    for table in report.tables:
        at = max(table.header + 1, len(table.rows) - len(table.rows) // 2 - 3)
        if table.id == report.tables[0].id or len(table.rows) - at < 3:
            tables.append(table)
            continue
        first, rest = [[replace(c) for c in row] for row in table.rows[:at]], [[replace(c) for c in row] for row in table.rows[at:]]
        reaching = []
        for number, row in enumerate(first):
            for cell in row:
                if (over := number + cell.rows - at) > 0:
                    reaching.append(Cell(cell.kind, cell.text if groups == "repeated" else "", over, cell.columns))
                    cell.rows -= over
        if groups != "gone":
            rest[0] = [*reaching, *rest[0]]
        head = [[replace(c) for c in row] for row in table.rows[: table.header]] if header else []
        tables += [replace(table, rows=first), replace(table, rows=[*head, *rest], figures={})]
    return replace(report, tables=tables)


# -- how it is written -----------------------------------------------------------------------------------------------


def clean(table) -> str:
    rows = "".join(f"<tr>{''.join(_td(cell, escape(cell.text)) for cell in row)}</tr>\n" for row in table.rows)
    return f'<table border="1">\n<tbody>{rows}</tbody></table>\n'


def unclosed(table) -> str:
    return "<TABLE>" + "".join("<TR>" + "".join(_td(c, escape(c.text)).removesuffix("</td>").upper() for c in row) for row in table.rows) + "</TABLE>"


def word(table) -> str:
    """What an editor keeps of a table that was pasted from Word."""
    rows = []
    for row in table.rows:
        cells = []
        for cell in row:
            text = f"<span lang=EN-US style='font-size:10.5pt;font-family:\"Times New Roman\"'>{escape(cell.text)}<o:p></o:p></span>"
            if not cell.field:
                half = len(cell.text) // 2
                text = f"<b><span style='font-family:仿宋_GB2312'>{escape(cell.text[:half])}</span></b><span\n  style='mso-hansi-font-family:Calibri'>\n{escape(cell.text[half:])}</span>"
            inner = f"<p class=MsoNormal align=center style='text-align:center;mso-pagination:widow-orphan'>{text}</p>"
            cells.append(_td(cell, f"<![if !supportEmptyParas]>{inner}<![endif]>", " width=68 nowrap valign=top style='width:50.8pt;mso-border-alt:solid black .5pt'"))
        rows.append(f" <tr style='mso-yfti-irow:0;height:20.0pt'>{''.join(cells)}</tr>\n")
    island = "<!--[if gte mso 9]><xml><w:WordDocument><table><tr><td>7</td><td>7</td></tr></table></w:WordDocument></xml><![endif]-->"
    return f"{island}<div align=center><table class=MsoNormalTable border=1 cellspacing=0>\n{''.join(rows)}</table></div>\n<o:p>&nbsp;</o:p>"


def framed(table) -> str:
    """In a frame of layout tables, as editors and old sites have it."""
    inner = "".join(f"<tr>{''.join(_td(cell, _in_frame(cell)) for cell in row)}</tr>" for row in table.rows)
    return f"<table width=100%><tr><td><table><tr><td>&nbsp;</td><td><table>{inner}</table></td></tr></table></td></tr></table>"


def _in_frame(cell) -> str:
    return f"<table><tr><td>{escape(cell.text)}</td></tr></table>" if cell.field else escape(cell.text)


def _td(cell, inner, attributes="") -> str:
    tag = "td"
    spans = (f' rowspan="{cell.rows}"' if cell.rows > 1 else "") + (f' colspan="{cell.columns}"' if cell.columns > 1 else "")
    return f"<{tag}{attributes}{spans}>{inner}</{tag}>"


def page(report, table: Callable[[Table], str] = clean, *, charset="utf-8", encoding="utf-8", paragraph="<p>{}</p>\n") -> bytes:
    """The whole page: head, navigation, title, sections with their headings, tables, footer."""
    sections, following = [], list(report.tables)
    for section in report.form.sections:
        sections.append(paragraph.format(escape(section.heading)))
        if section.table:
            while following and following[0].id == section.table.id:
                sections.append(table(following.pop(0)))
        else:
            for name in section.prose:
                if len(section.prose) > 1:
                    sections.append(paragraph.format(escape(name.label)))
                sections += [paragraph.format(escape(text)) for text in report.prose.get(name.id, ("本年工作平稳。",))]
    declared = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    text = (
        f"<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"x.dtd\">\n<html><head>{declared}<title>{escape(report.title)}_测试网站</title>"
        "<style>td{border:1px}</style><script>document.write('<table><tr><td>1</td></tr></table>')</script></head><body>"
        "<div id=nav><ul><li><a href=#>首页</a><li><a href=#>政务公开</a></ul></div><div style='display:none'><table><tr><td>9</td><td>9</td></tr></table></div>"
        f"<h1>{escape(report.title)}</h1><!-- <table><tr><td>8</td></tr></table> -->\n{''.join(sections)}"
        "<div class=footer>版权所有</div></body></html>"
    )
    return text.encode(encoding, "xmlcharrefreplace" if encoding.startswith("gb") else "strict")


def broken_lines(text: str) -> str:
    """A label as editors break it: in the middle, with blanks around."""
    return re.sub("(.{4})(?=.)", "\\1\n", text)
