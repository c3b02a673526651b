"""Form + Submission + Findings → Report: everything that any format prints, in printed order, and nothing private."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from xl2report.checks.figures import FigureTable
from xl2report.checks.findings import Finding
from xl2report.checks.judge import compare
from xl2report.checks.references import printed_value, resolve, typed_text
from xl2report.form.layout import CellKind, layout
from xl2report.form.model import Form, Section, Table
from xl2report.submission import Submission

_INDENT = " \t\u3000\u00a0"


@dataclass(frozen=True, slots=True)
class SubHeading:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell by zero-based row and column, with its spans. ``field`` is set for figures; ``value`` is the figure.

    ``is_leaf`` marks the header cells that stand directly over (or beside) figures; ``is_amount`` the figures that
    are amounts, whose decimals are printed as they were typed.
    """

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
class SectionView:
    id: str
    heading: str
    parts: tuple[SubHeading | Paragraph | TableView, ...]

    @property
    def tables(self) -> tuple[TableView, ...]:
        return tuple(part for part in self.parts if isinstance(part, TableView))


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. ``contacts`` are label and value; ``findings`` are printed at the end of a draft only."""

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
    draft: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def tables(self) -> tuple[TableView, ...]:
        return tuple(table for section in self.sections for table in section.tables)


def view(form: Form, submission: Submission, findings: tuple[Finding, ...] = (), draft: bool = False) -> Report:
    """The report of a submission. It does not judge: whoever calls it refuses a submission with errors."""
    figures = FigureTable(form, submission)

    def said(text: str) -> str:
        return resolve(text, form, submission, figures)

    def role(name: str) -> str:
        field = form.role(name)
        return printed_value(field, submission, figures) if field else ""

    preface = tuple(_paragraphs(form.preface.id, form, submission, figures)) or (Paragraph(said(form.preface.default)),)
    contacts = ((form.fields[name].label, printed_value(form.fields[name], submission, figures)) for name in form.contacts)
    signature = (printed_value(form.fields[name], submission, figures) for name in form.signature)
    return Report(
        form=form.id,
        form_name=form.name,
        agency=role("agency"),
        year=int(role("year")) if role("year") else None,
        title=role("title") or said(form.title),
        preface=tuple(paragraph for paragraph in preface if paragraph.text),
        sections=tuple(_section(section, form, submission, figures) for section in form.sections),
        signature=tuple(line for line in signature if line),
        contacts=tuple((label, value) for label, value in contacts if value),
        page_url=role("page"),
        draft=draft,
        findings=tuple(finding for finding in findings if not _is_private(finding, form)) if draft else (),
    )


def _is_private(finding: Finding, form: Form) -> bool:
    """True for a finding about a cover field that no report may print, not even a draft."""
    private = {field.path for field in form.cover if field.private}
    return any(cell.place.item in private for cell in finding.cells)


def _section(section: Section, form: Form, submission: Submission, figures: FigureTable) -> SectionView:
    parts: list[SubHeading | Paragraph | TableView] = []
    for statement in section.statements:
        if statement.when is None or compare(statement.when, figures):
            parts.append(Paragraph(resolve(statement.text, form, submission, figures)))
            break
    for field in section.prose:
        paragraphs = tuple(_paragraphs(field.id, form, submission, figures))
        if paragraphs and len(section.prose) > 1:
            parts.append(SubHeading(field.label))
        parts += paragraphs
    if section.table:
        parts.append(_table(section.table, form, submission, figures))
    return SectionView(section.id, section.heading, tuple(parts))


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
