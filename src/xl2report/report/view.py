"""Form + Submission + Findings → Report: everything that any format prints, in printed order, and nothing private."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, NamedTuple

from xl2report.checks.figures import FigureTable
from xl2report.checks.findings import Finding
from xl2report.checks.judge import compare
from xl2report.checks.references import REFERENCE, printed_value, resolve, typed_text
from xl2report.form.layout import CellKind, layout
from xl2report.form.model import Chart, Form, Section, Table
from xl2report.submission import Submission

_INDENT = " \t\u3000\u00a0"
_BLANK = "（未填）"  # what a sentence of the form prints in place of a value that is missing


@dataclass(frozen=True, slots=True)
class SubHeading:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


class TableCell(NamedTuple):
    """A cell by zero-based row and column, with its spans. ``field`` is set for figures; ``value`` is the figure.

    ``is_leaf`` marks the header cells that stand directly over (or beside) figures; ``is_amount`` the figures that
    are amounts, whose decimals are printed as they were typed.
    """  # a tuple: a report has some three hundred, and a frozen dataclass takes eight times as long to make

    row: int
    column: int
    rows: int
    columns: int
    kind: CellKind
    text: str
    field: str = ""
    value: Decimal | None = None
    is_leaf: bool = False
    is_amount: bool = False


@dataclass(frozen=True, slots=True)
class TableView:
    """A table with its official merges. ``headers`` gives per block (first row, first data row, end row)."""

    id: str
    caption: str
    row_count: int
    column_count: int
    label_columns: int
    cells: tuple[TableCell, ...]
    headers: tuple[tuple[int, int, int], ...]
    notes: tuple[str, ...]

    def rows(self) -> Iterator[tuple[TableCell, ...]]:
        """The cells row by row; a cell stands in the row where it begins."""
        for row in range(self.row_count):
            yield tuple(cell for cell in self.cells if cell.row == row)


@dataclass(frozen=True, slots=True)
class BarView:
    """A bar of a chart. ``group`` are the labels around its own; ``last`` is last year's figure; None: no figure."""

    label: str
    group: tuple[str, ...]
    value: Decimal | None
    last: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ChartView:
    """A line of a table as bars. ``last_year`` is None where no report of last year is at hand."""

    title: str
    caption: str
    year: int | None
    last_year: int | None
    bars: tuple[BarView, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    id: str
    heading: str
    parts: tuple[SubHeading | Paragraph | TableView | ChartView, ...]

    @property
    def tables(self) -> tuple[TableView, ...]:
        return tuple(part for part in self.parts if isinstance(part, TableView))

    @property
    def charts(self) -> tuple[ChartView, ...]:
        return tuple(part for part in self.parts if isinstance(part, ChartView))


@dataclass(frozen=True, slots=True)
class Last:
    """Last year's report, for the charts: its form, its year and its figures."""

    form: Form
    year: int
    figures: FigureTable


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. ``contacts`` are label and value; ``findings`` are printed at the end of a draft only.

    ``date`` is the day of signing, YYYY-MM-DD, or "". ``script`` is that of its characters.
    """

    form: str
    form_name: str
    agency: str
    year: int | None
    title: str
    preface: tuple[Paragraph, ...]
    sections: tuple[SectionView, ...]
    signature: tuple[str, ...]
    contacts: tuple[tuple[str, str], ...]
    page_url: str
    date: str = ""
    draft: bool = False
    findings: tuple[Finding, ...] = ()
    script: Literal["hans", "hant"] = "hans"

    @property
    def charts(self) -> tuple[ChartView, ...]:
        return tuple(chart for section in self.sections for chart in section.charts)

    @property
    def tables(self) -> tuple[TableView, ...]:
        return tuple(table for section in self.sections for table in section.tables)


def view(
    form: Form,
    submission: Submission,
    findings: tuple[Finding, ...] = (),
    draft: bool = False,
    *,
    charts: bool = True,
    last: Last | None = None,
) -> Report:
    """The report of a submission. It does not judge: whoever calls it refuses a submission with errors."""
    figures = FigureTable(form, submission)

    def said(text: str) -> str:
        return _said(text, form, submission, figures)

    def role(name: str) -> str:
        field = form.role(name)
        return printed_value(field, submission, figures) if field else ""

    preface = tuple(_paragraphs(form.preface.id, form, submission, figures)) or (Paragraph(said(form.preface.default)),)
    contacts = ((form.fields[name].label, printed_value(form.fields[name], submission, figures)) for name in form.contacts)
    signature = (printed_value(form.fields[name], submission, figures) for name in form.signature)
    year = int(role("year")) if role("year") else None
    sections = [_section(section, form, submission, figures) for section in form.sections]
    if charts:
        sections = [
            replace(printed, parts=(*printed.parts, *_charts(section.table, figures, year, last)))
            if section.table
            else printed
            for printed, section in zip(sections, form.sections, strict=True)
        ]
    signed = form.role("date")
    return Report(
        form=form.id,
        form_name=form.name,
        agency=role("agency"),
        year=year,
        title=role("title") or said(form.title),
        preface=tuple(paragraph for paragraph in preface if paragraph.text),
        sections=tuple(sections),
        signature=tuple(line for line in signature if line),
        contacts=tuple((label, value) for label, value in contacts if value),
        page_url=role("page"),
        date=submission.text(signed.id) if signed else "",
        draft=draft,
        findings=tuple(finding for finding in findings if not _is_private(finding, form)) if draft else (),
    )


def _is_private(finding: Finding, form: Form) -> bool:
    """True for a finding about a cover field that no report may print, not even a draft."""
    private = {field.path for field in form.cover if field.private}
    return any(cell.place.item in private for cell in finding.cells)


def _section(section: Section, form: Form, submission: Submission, figures: FigureTable) -> SectionView:
    parts: list[SubHeading | Paragraph | TableView | ChartView] = []
    for statement in section.statements:
        if statement.when is None or compare(statement.when, figures):
            parts.append(Paragraph(_said(statement.text, form, submission, figures)))
            break
    for field in section.prose:
        paragraphs = tuple(_paragraphs(field.id, form, submission, figures))
        if paragraphs and len(section.prose) > 1:
            parts.append(SubHeading(field.label))
        parts += paragraphs
    if section.table:
        parts.append(_table(section.table, form, submission, figures))
    return SectionView(section.id, section.heading, tuple(parts))


def _said(text: str, form: Form, submission: Submission, figures: FigureTable) -> str:
    """A sentence of the form with its references filled in. Nobody typed those, so none is printed as it stands."""

    def fill(match: re.Match[str]) -> str:
        printed = resolve(match.group(), form, submission, figures)
        return _BLANK if printed == match.group() else printed

    return REFERENCE.sub(fill, text)


def _paragraphs(field_id: str, form: Form, submission: Submission, figures: FigureTable) -> Iterator[Paragraph]:
    """The paragraphs of a prose field: one a line, without the spaces that people indent with."""
    for line in resolve(submission.text(field_id), form, submission, figures).splitlines():
        if text := line.strip(_INDENT):
            yield Paragraph(text)


def _table(table: Table, form: Form, submission: Submission, figures: FigureTable) -> TableView:
    printed = layout(table)
    cells = []
    for cell in printed.cells:
        text, value, is_amount = cell.text, None, False
        if cell.field:
            value = figures.number(cell.field)
            text = typed_text(form.fields[cell.field], submission, value)
            is_amount = form.fields[cell.field].kind == "amount"
        spans = (cell.row, cell.column, cell.rows, cell.columns)
        cells.append(TableCell(*spans, cell.kind, text, cell.field, value, cell.is_leaf, is_amount))
    note = submission.text(table.note.id)
    lines = [line.strip(_INDENT) for line in note.splitlines() if line.strip(_INDENT)]
    if lines and not lines[0].startswith((f"{table.note.label}：", f"{table.note.label}:")):
        lines[0] = f"{table.note.label}：{lines[0]}"
    notes = tuple(lines)
    return TableView(
        table.id,
        table.title,
        printed.rows,
        printed.columns,
        printed.blocks[0].label_columns,
        tuple(cells),
        tuple((block.first_row, block.first_data_row, block.end_row) for block in printed.blocks),
        notes,
    )


def _charts(table: Table, figures: FigureTable, year: int | None, last: Last | None) -> Iterator[ChartView]:
    """The charts of a table; one whose figures are all 0, or all missing, shows nothing and is left out."""
    for chart in table.charts:
        before = _last_bars(chart, table, last)
        bars = tuple(
            BarView(bar.label, bar.group, _summed(bar.fields, figures), before.get((*bar.group, bar.label)))
            for bar in chart.bars
        )
        if any(bar.value or bar.last for bar in bars):
            yield ChartView(chart.title, chart.caption, year, last.year if last and before else None, bars)


def _last_bars(chart: Chart, table: Table, last: Last | None) -> dict[tuple[str, ...], Decimal | None]:
    """Last year's figures by label: of the same chart of the same table, for two editions may differ in their lines."""
    if last is None:
        return {}
    charts = (one for other in last.form.tables if other.id == table.id for one in other.charts)
    same = next((one for one in charts if one.title == chart.title), None)
    return {(*bar.group, bar.label): _summed(bar.fields, last.figures) for bar in same.bars} if same else {}


def _summed(fields: tuple[str, ...], figures: FigureTable) -> Decimal | None:
    """The sum of figures; None if one of them is missing."""
    values = [figures.number(field) for field in fields]
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None
