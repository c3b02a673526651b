"""One file read and checked: what every command and the public functions hand on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

from xl2report.checks.checking import check
from xl2report.checks.code import check_code
from xl2report.checks.entries import reads_plainly
from xl2report.checks.figures import FigureTable
from xl2report.checks.findings import Finding
from xl2report.form.model import Field, Form
from xl2report.form.shelf import form_by_id, form_ids
from xl2report.submission import Submission
from xl2report.workbook.book import read_book
from xl2report.workbook.gather import form_id, gather, gather_explanations
from xl2report.workbook.package import Unreadable, file_bytes
from xl2report.workbook.plan import CHECK_SHEET, GUIDE_SHEET, META_SHEET

_UNREAD_SHEETS = frozenset({GUIDE_SHEET, CHECK_SHEET, META_SHEET})  # generated; of 校验 only the explanations are typed


@dataclass(frozen=True, slots=True)
class Checked:
    """A file with its verdict. ``form`` and ``submission`` are None when it could not be read.

    ``content`` is what was read: the verdict is about these bytes, whatever becomes of the file.
    """

    path: str
    content: bytes
    form: Form | None
    submission: Submission | None
    findings: tuple[Finding, ...]

    @property
    def status(self) -> Literal["pass", "fail", "unreadable"]:
        if self.submission is None:
            return "unreadable"
        return "fail" if any(finding.severity == "error" for finding in self.findings) else "pass"

    @property
    def sha256(self) -> str:
        """The SHA-256 of the content, in hexadecimal digits."""
        import hashlib


        return hashlib.sha256(self.content).hexdigest()

    @property
    def agency(self) -> str | None:
        return self._role("agency")

    @property
    def year(self) -> int | None:
        text = self._role("year")
        return int(text) if text and text.isascii() and text.isdigit() else None

    @property
    def code(self) -> str | None:
        """The 核对码 of all figures, or None when the file could not be read.

        As in the sheet, it is a dash while a figure is missing or stands there as a text that only this program reads.
        """
        if self.form is None or self.submission is None:
            return None
        table = FigureTable(self.form, self.submission)

        def in_sheet(field: Field) -> Decimal | None:
            entry = self.submission.entries.get(field.id) if self.submission else None
            plain = entry is not None and (entry.formula or reads_plainly(field, entry.raw))
            return table.number(field.id) if plain else None

        return check_code([in_sheet(field) for field in self.form.coded_fields])

    def _role(self, role: str) -> str | None:
        field = self.form.role(role) if self.form else None
        return " ".join(self.submission.text(field.id).split()) or None if field and self.submission else None


def check_file(path: Path, prose: Path | None = None) -> Checked:
    """A workbook read and checked; the text of a Word or Markdown file takes the place of the workbook's prose."""
    content = b""
    try:
        content = file_bytes(path)
        form, submission = read_workbook(content)
        if prose is not None:
            submission = _with_prose(form, submission, prose)
        findings = check(form, submission)
        if closer := _closer(form, submission, content, findings):
            submission = closer
            findings = check(form, submission)
    except Unreadable as error:
        finding = Finding(error.code, "error", words=tuple(error.words.items()))
        return Checked(str(path), content, None, None, (finding,))
    return Checked(str(path), content, form, submission, findings)


def read_workbook(content: bytes) -> tuple[Form, Submission]:
    """The form and the submission in a workbook's bytes; Unreadable if it is none of ours or cannot be read."""
    book = read_book(content, _UNREAD_SHEETS)
    found, version = form_id(book)
    if found not in form_ids():
        raise Unreadable("F108", form=found)
    form = form_by_id(found)
    if version != str(form.version):
        raise Unreadable("F107", form=form.name, found=version, expected=str(form.version))
    return form, gather(book, form)


def _closer(form: Form, submission: Submission, content: bytes, findings: tuple[Finding, ...]) -> Submission | None:
    """The submission with what only matters for some findings, and costs to find out; None if it does not matter."""
    closer = submission
    if any(finding.severity == "query" for finding in findings):
        closer = replace(closer, explanations=explanations(content))
    if any(finding.code in ("S202", "S203") for finding in findings):
        from xl2report.workbook.replaced import replaced_totals

        closer = replace(closer, remarks=closer.remarks + replaced_totals(form, submission))
    return None if closer is submission else closer


def explanations(content: bytes) -> dict[str, str]:
    """The 说明 typed in the sheet 校验, by rule instance."""
    return gather_explanations(read_book(content, _UNREAD_SHEETS - {CHECK_SHEET}))


def _with_prose(form: Form, submission: Submission, path: Path) -> Submission:
    """The submission with the prose of a file; fields that the file does not name keep the workbook's text."""
    from xl2report.sources.prose import ProseError, read_prose

    try:
        prose = read_prose(path, form)
    except ProseError as error:
        raise Unreadable("F110", file=path.name, detail=error.detail) from None
    entries = dict(submission.entries)
    for field_id, paragraphs in prose.values.items():
        if field_id in entries:
            entries[field_id] = entries[field_id]._replace(value=paragraphs or None, blank=not paragraphs)
    return replace(submission, entries=entries, remarks=submission.remarks + prose.remarks)
