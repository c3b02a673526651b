"""One file read and checked: what every command and the public functions hand on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple

from xl2report.checks.checking import check
from xl2report.checks.code import check_code
from xl2report.checks.entries import reads_plainly
from xl2report.checks.figures import FigureTable
from xl2report.checks.findings import Finding
from xl2report.earlier import Earlier, compared_with, earlier
from xl2report.form.model import YES, Field, Form
from xl2report.form.shelf import form_by_id, form_ids
from xl2report.grid import Book
from xl2report.submission import NOWHERE, Entry, Remark, Submission
from xl2report.workbook.anchors import UNREAD_KEYS, form_id
from xl2report.workbook.book import read_book
from xl2report.workbook.gather import gather, gather_explanations
from xl2report.workbook.package import FILE_LIMIT, Unreadable, file_bytes
from xl2report.workbook.plan import LAST_KEY, plan
from xl2report.workbook.sniff import is_lock_file, kind_of


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
    def agency_code(self) -> str:
        """The agency's own code, "" when there is none."""
        return self._role("code") or ""

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

    @property
    def handed_on(self) -> Earlier | None:
        """What next year's report is compared with; None if it could not be read, or is of no year."""
        if self.form is None or self.submission is None:
            return None
        return earlier(self.path, self.form, self.submission)

    def _role(self, role: str) -> str | None:
        field = self.form.role(role) if self.form else None
        return " ".join(self.submission.text(field.id).split()) or None if field and self.submission else None


class Terms(NamedTuple):
    """What a caller says about the files it hands in.

    ``prose`` names a Word or Markdown file whose text takes the place of a workbook's; ``password`` opens encrypted
    ones; ``blanks_are_zero`` speaks for files that are not our workbooks and do not ask: where nobody says, blanks are 0
    in a published page, and missing elsewhere. ``last`` is the report of the year before to compare with, or the file of an
    archive to look it up in.
    """

    prose: Path | None = None
    password: str | None = None
    blanks_are_zero: bool | None = None
    last: Earlier | Path | None = None


_NO_TERMS = Terms()


def check_file(path: Path, terms: Terms = _NO_TERMS) -> Checked:
    """A workbook read and checked."""
    try:
        content = file_bytes(path)
    except Unreadable as error:
        return _unreadable(str(path), b"", error)
    return check_content(str(path), content, terms)


def check_each(path: Path, terms: Terms = _NO_TERMS) -> Iterator[Checked]:
    """A workbook read and checked, or each file of a zip of returns, under the name ``zip/member``."""
    content = b""
    try:
        if is_lock_file(path.name):
            raise Unreadable("F111")
        content = file_bytes(path, zips=True)
        is_bundle = _is_bundle(content)
        if len(content) > FILE_LIMIT and not is_bundle:
            raise Unreadable("F105", detail="too-large")
    except Unreadable as error:
        yield _unreadable(str(path), content, error)
        return
    if not is_bundle:
        yield check_content(str(path), content, terms)
        return
    from xl2report.workbook.bundle import members

    for name, member in members(content):
        inside = f"{path}/{name}"
        yield _unreadable(inside, b"", member) if isinstance(member, Unreadable) else check_content(inside, member, terms)


def check_named(name: str, terms: Terms = _NO_TERMS) -> Checked | None:
    """What check_each gives under a name, without checking what lies beside it in a zip; None if it is not there any more."""
    outer = next((path for path in (Path(name), *Path(name).parents) if path.is_file()), None)
    if outer is None or name == str(outer):
        return None if outer is None else check_file(outer, terms)
    from xl2report.workbook.bundle import members

    try:
        content = file_bytes(outer, zips=True)
    except Unreadable:
        return None
    found = next((member for inside, member in members(content) if f"{outer}/{inside}" == name), None)
    return check_content(name, found, terms) if isinstance(found, bytes) else None


def check_content(name: str, content: bytes, terms: Terms = _NO_TERMS) -> Checked:
    """The bytes of a workbook read and checked, under the name that it is known by."""
    try:
        if is_lock_file(name):
            raise Unreadable("F111")
        plain, book = open_book(content, terms.password)
        form, submission = _read(plain, book)
        are_zero = book.kind == "page" if terms.blanks_are_zero is None else terms.blanks_are_zero
        if are_zero and submission.by_labels:
            submission = _with_zeros(form, submission)
        if terms.prose is not None:
            submission = _with_prose(form, submission, terms.prose)
        if isinstance(terms.last, Earlier):
            submission = compared_with(terms.last, form, submission)
        elif terms.last is not None:
            from xl2report.archive import read_archive, with_last

            submission = with_last(read_archive(terms.last), form, submission)
        findings = check(form, submission)
        if closer := _closer(form, submission, plain, findings):
            submission = closer
            findings = check(form, submission)
    except Unreadable as error:
        return _unreadable(name, content, error)
    return Checked(name, content, form, submission, findings)


def _is_bundle(content: bytes) -> bool:
    try:
        return kind_of(content) == "bundle"
    except Unreadable:
        return False  # whoever reads it says what it is


def _unreadable(name: str, content: bytes, error: Unreadable) -> Checked:
    return Checked(name, content, None, None, (Finding(error.code, "error", words=tuple(error.words.items())),))


def open_book(content: bytes, password: str | None = None, unwanted: frozenset[str] = UNREAD_KEYS) -> tuple[bytes, Book]:
    """The bytes without their encryption, and the book in them; Unreadable if it is no workbook, page or Word file."""
    try:
        kind = kind_of(content)
    except Unreadable as error:
        from xl2report.sources.page import is_page, read_page

        if not is_page(content, error):
            raise
        return content, read_page(content).book
    if kind == "encrypted":
        from xl2report.workbook.encrypted import decrypted

        content = decrypted(content, password)
        kind = kind_of(content)
    if kind == "bundle":
        raise Unreadable("F101", detail="zip")
    if kind == "xlsx":
        try:
            return content, read_book(content, unwanted)
        except Unreadable as error:
            if error.words.get("detail") != "word":
                raise
        from xl2report.sources.word import word_book

        return content, word_book(content)
    from xl2report.workbook.foreign import read_foreign

    return content, read_foreign(content, kind)


def read(book: Book) -> tuple[Form, Submission]:
    """The form and the submission in a book: by its anchors, or by the labels of the tables in a book that is not ours."""
    stamp = form_id(book)
    if stamp and stamp[0] not in form_ids():
        raise Unreadable("F108", form=stamp[0])  # reading it as another form would be a guess
    if stamp:
        form = form_by_id(stamp[0])
        submission = gather(book, form, stamp[1])
        if stamp[1] == str(form.version):
            return form, submission
        other = Remark("F107", words=(("form", form.name), ("found", stamp[1]), ("expected", str(form.version))))
        return form, replace(submission, remarks=(other, *submission.remarks))
    from xl2report.sources.labels import best_form, gather_by_labels

    labelled = best_form(book.sheets, [form_by_id(name) for name in form_ids()])
    if labelled is None:
        raise Unreadable("F106")
    submission = gather_by_labels(book.sheets, labelled, book.shows_formulas)
    remarks = (*book.remarks, *submission.remarks)
    return labelled, replace(submission, remarks=remarks, shows_formulas=False, by_labels=True)


def read_workbook(content: bytes) -> tuple[Form, Submission]:
    """The form and the submission in a workbook's bytes; Unreadable if it holds no form or cannot be read."""
    return _read(*open_book(content))


def _read(content: bytes, book: Book) -> tuple[Form, Submission]:
    """As ``read``; of a page and of a Word file also what they say outside their tables."""
    if book.kind == "page":
        from xl2report.sources.page_report import read_published

        return read_published(content)
    if book.kind != "docx":
        return read(book)
    from xl2report.sources.word import read_word

    return read_word(content)


def _closer(form: Form, submission: Submission, content: bytes, findings: tuple[Finding, ...]) -> Submission | None:
    """The submission with what only matters for some findings, and costs to find out; None if it does not matter."""
    closer = submission
    if any(finding.severity == "query" for finding in findings):
        closer = replace(closer, explanations=explanations(form, content))
    if any(finding.code in ("S202", "S203") for finding in findings):
        from xl2report.workbook.replaced import replaced_totals

        closer = replace(closer, remarks=closer.remarks + replaced_totals(form, submission))
    return None if closer is submission else closer


def explanations(form: Form, content: bytes) -> dict[str, str]:
    """The 说明 typed in the sheet 校验 of a workbook (without encryption), by rule instance."""
    others = frozenset(key for key, _ in plan(form).sheets if key != "checks") | {LAST_KEY}
    return gather_explanations(open_book(content, unwanted=others)[1])


def _with_zeros(form: Form, submission: Submission) -> Submission:
    """The submission as if every table's question about blanks had been answered with yes."""
    answers = {table.zero_question.id: Entry(table.zero_question.id, NOWHERE, YES, blank=False) for table in form.tables}
    return replace(submission, entries={**submission.entries, **answers})


def _with_prose(form: Form, submission: Submission, path: Path) -> Submission:
    """The submission with the prose of a file; fields that the file does not name keep the workbook's text."""
    from xl2report.sources.prose import ProseError, prose_remarks, read_prose

    try:
        prose = read_prose(path, form)
    except ProseError as error:
        raise Unreadable("F110", file=path.name, detail=error.detail) from None
    entries = dict(submission.entries)
    for field_id, paragraphs in prose.values.items():
        if field_id in entries:
            place = entries[field_id].place._replace(sheet=path.name, cell="")  # what is read stands in the file
            entries[field_id] = entries[field_id]._replace(place=place, value=paragraphs or None, blank=not paragraphs, cells=())
    submission = replace(submission, entries=entries)
    return replace(submission, remarks=submission.remarks + prose_remarks(prose, form, submission))
