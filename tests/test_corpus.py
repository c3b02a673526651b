"""The corpus of odd and hostile files: each gets exactly the findings written beside it, and every cell that is quoted holds that."""

from __future__ import annotations

import datetime
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from decimal import Context, Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

import corpus
import witness
import xl2report
from corpus import CASES, Case
from xl2report.checked import Checked, Terms, check_each
from xl2report.checks.catalogue import ARTICLES
from xl2report.checks.findings import Finding, FoundCell
from xl2report.printed import as_csv, as_json, as_text
from xl2report.submission import Entry

CODES = {"pass": 0, "fail": 1, "unreadable": 2}
FIFTEEN = Context(prec=15)
LANGUAGES = ("zh", "en")
each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """All files of the corpus, as ``python tests/corpus.py DIR`` writes them."""
    target = tmp_path_factory.mktemp("corpus")
    corpus.main(target)
    return target


def path_of(case: Case, folder: Path) -> Path:
    return folder / f"{CASES.index(case) + 1:03}" / case.file


@cache
def _judged(number: int, folder: Path) -> tuple[Checked, ...]:
    case = CASES[number]
    path = path_of(case, folder)
    prose = path.with_name(case.prose[0]) if case.prose else None
    without = mock.patch("xl2report.workbook.encrypted.find_spec", lambda name: None if name == case.lacks else object())
    with without:
        return tuple(check_each(path, Terms(prose, case.password, case.blank_zero)))


def judged(case: Case, folder: Path) -> tuple[Checked, ...]:
    return _judged(CASES.index(case), folder)


def findings(case: Case, folder: Path) -> Iterator[tuple[Checked, Finding]]:
    return ((result, finding) for result in judged(case, folder) for finding in result.findings)


# -- what is found -----------------------------------------------------------------------------------------------------


@each
def test_a_file_gets_exactly_the_findings_of_its_recipe(case, folder):
    found = [finding for _, finding in findings(case, folder)]
    places = {(finding.code, cell.place.cell) for finding in found for cell in finding.cells}
    expected = [find.partition("@") for find in case.finds.split()]
    assert {finding.code for finding in found} == {code for code, _, _ in expected}
    named = {(code, cell) for code, _, cell in expected if cell}
    assert named <= places
    assert {place for place in places if re.match("S103|V3|V4", place[0])} <= named  # one finding a cell
    assert len(judged(case, folder)) == case.results
    assert max(CODES[result.status] for result in judged(case, folder)) == case.exit


@pytest.mark.parametrize("case", [case for case in CASES if case.reads], ids=lambda case: case.name)
def test_what_is_read_is_what_the_file_says(case, folder):
    for result in judged(case, folder):
        assert result.submission is not None
        assert {field: result.submission.text(field) for field in case.reads} == case.reads


@each
def test_every_message_is_whole_and_says_what_to_do_in_both_languages(case, folder):
    results = judged(case, folder)
    for result, finding in findings(case, folder):
        for language in LANGUAGES:
            message, fix = finding.message(language), finding.fix(language)
            assert message.strip()
            assert fix.strip()
            assert not re.search(r"\{\w*\}|None|“”", message + fix), (result.path, message, fix)
    for language in LANGUAGES:
        text = as_text(results, language)
        assert text.count("      → ") + text.count("已说明: ") + text.count("explained: ") == sum(len(result.findings) for result in results)
        assert len(json.loads(as_json(results, language))["files"]) == len(results)
        as_csv(results, language)


@each
def test_no_finding_names_a_cell_twice(case, folder):
    for _, finding in findings(case, folder):
        cells = [cell.place[:2] for cell in finding.cells if cell.place.cell]
        assert len(set(cells)) == len(cells), finding.code


def test_no_two_recipes_have_one_name_and_there_are_enough_of_them():
    assert len({case.name for case in CASES}) == len(CASES) >= 60
    assert len({find.partition("@")[0] for case in CASES for find in case.finds.split()}) >= 25


def test_the_corpus_triggers_every_code_of_the_catalogue(folder):
    of_others = {"N108", *(code for code in ARTICLES if code[0] in "CP")}  # test_report_pdf.py, test_roster.py, test_last_year.py
    of_documents = set("F117 F118 F119 F120 F121 S126 S127 S128 S129 V202 N110 N111 N112 N113 N114 N115 N116 N117 N119 N120 N121".split())
    untested = {"F122", "S125", "S130", "N122", "N123"}  # of pages: nothing triggers these yet
    others = of_others | of_documents | untested  # test_pages_read.py, test_prose.py, test_word_returns.py
    assert {finding.code for case in CASES for _, finding in findings(case, folder)} == ARTICLES.keys() - others


def test_the_command_line_says_the_same_of_many_files_at_once(folder):
    several = (*corpus.NO_WORKBOOKS, *corpus.LINES, *corpus.SHEETS, *corpus.OLD_FORMATS, *corpus.BUNDLES)
    plain = [case for case in several if not (case.password or case.lacks)]
    command = [sys.executable, "-m", "xl2report", "check", "--format", "json", *(str(path_of(case, folder)) for case in plain)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (2, "")
    files = {file["path"]: file for file in json.loads(done.stdout)["files"]}
    for case in plain:
        for result in judged(case, folder):
            said = files[result.path]
            assert (said["status"], [finding["code"] for finding in said["findings"]]) == (result.status, [f.code for f in result.findings])


def test_the_folder_has_a_table_of_what_is_expected(folder):
    table = (folder / "清单.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == len(CASES) + 1
    for number, case in ((1, CASES[0]), (len(CASES), CASES[-1])):
        assert table[number] == f"{number:03},{case.file},{case.name},{case.finds},{case.exit}"


# -- what is quoted ----------------------------------------------------------------------------------------------------


class Seen(NamedTuple):
    """A cell as an independent reader sees it."""

    kind: str
    text: str


BLANK = Seen("blank", "")
OLE = b"\xd0\xcf\x11\xe0"
Sheets = dict[str, dict[str, Seen]]


def opened(case: Case, content: bytes) -> bytes:
    """The content without its encryption."""
    if not content.startswith(OLE) or not (case.password or "unasked" in case.name):
        return content
    from msoffcrypto import OfficeFile

    file, plain = OfficeFile(io.BytesIO(content)), io.BytesIO()
    file.load_key(password=case.password or "VelvetSweatshop")
    file.decrypt(plain)
    return plain.getvalue()


def read_elsewhere(content: bytes, wanted: frozenset[str]) -> Sheets:
    """The wanted sheets through openpyxl, where it opens them; else through the tests' own reader, or calamine."""
    names = zipfile.ZipFile(io.BytesIO(content)).namelist() if zipfile.is_zipfile(io.BytesIO(content)) else [OLE]
    if names[0] in (OLE, "mimetype") or "xl/workbook.bin" in names:
        return _by_calamine(content, wanted)
    try:
        return _by_openpyxl(content, wanted)
    except Exception:  # it refuses many odd files, each in its own way
        sheets = witness.sheets(content, wanted)
        return {name: {at: Seen(cell.kind, cell.text) for at, cell in sheet.cells.items()} for name, sheet in sheets.items()}


def _by_openpyxl(content: bytes, wanted: frozenset[str]) -> Sheets:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    found: Sheets = {}
    for name in wanted:
        book[name].reset_dimensions()
        cells = (cell for row in book[name].iter_rows() for cell in row if cell.value is not None)
        found[name] = {cell.coordinate: _seen(cell.value, cell.data_type) for cell in cells}
    return found


def _by_calamine(content: bytes, wanted: frozenset[str]) -> Sheets:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in wanted}
    return {
        name: {f"{openpyxl.utils.get_column_letter(c)}{r}": _seen(value, "") for r, row in enumerate(sheet, 1) for c, value in enumerate(row, 1) if value != ""}
        for name, sheet in rows.items()
    }


def _seen(value: object, kind: str) -> Seen:
    match value:
        case bool():
            return Seen("boolean", "TRUE" if value else "FALSE")
        case int() | float():
            return Seen("number", repr(value))
        case datetime.datetime() | datetime.date():
            return Seen("date", value.isoformat()[:10])
    return Seen("error" if kind == "e" else "text", str(value))


def spelled(text: str) -> str:
    """A quoted text with its spelled-out invisible characters put back."""
    return re.sub(r"<U\+([0-9A-F]{4,6})>", lambda match: chr(int(match[1], 16)), text)


def holds(seen: Seen, quoted: str) -> bool:
    if seen.kind == "number":
        try:
            if quoted.endswith("%"):  # as it is shown
                return FIFTEEN.create_decimal(quoted[:-1]) == FIFTEEN.create_decimal(Decimal(seen.text) * 100)
            return Decimal(quoted) == Decimal(seen.text) or FIFTEEN.create_decimal(quoted) == FIFTEEN.create_decimal(seen.text)
        except InvalidOperation:
            return False
    return spelled(quoted) == seen.text


class Book(NamedTuple):
    """One result beside what another reader sees in its file."""

    result: Checked
    sheets: Sheets

    def at(self, sheet: str, cell: str) -> Seen:
        return self.sheets.get(sheet, {}).get(cell, BLANK)

    def entry(self, cell: FoundCell) -> Entry | None:
        assert self.result.submission is not None
        return next((entry for entry in self.result.submission.entries.values() if entry.place[:2] == cell.place[:2]), None)

    def accepted(self, cell: FoundCell) -> str:
        """The figure that a note says a cell was accepted as."""
        notes = (f for f in self.result.findings if f.code == "V201" and f.cells[0].place[:2] == cell.place[:2])
        return next((dict(note.words)["value"] for note in notes), "")

    def sum(self, field: str) -> Decimal | None:
        """A total added up from what stands in the cells of its parts; blanks as their table says."""
        assert self.result.form is not None
        assert self.result.submission is not None
        form, entries = self.result.form, self.result.submission.entries
        if form.fields[field].parts and (field not in entries or entries[field].formula):
            parts = [self.sum(part) for part in form.fields[field].parts]
            return None if None in parts else sum((part for part in parts if part is not None), Decimal(0))
        if field not in entries:
            return None
        cell = FoundCell(entries[field].place, "")
        seen, accepted = self.at(*cell.place[:2]), self.accepted(cell)
        if seen.kind == "number" or accepted:
            return Decimal(accepted or seen.text)
        table = form.table_of(field)
        zero = self.result.submission.text(table.zero_question.id) == "是" if table else False
        return Decimal(0) if zero and entries[field].blank else None


def quotes(book: Book, finding: Finding, cell: FoundCell) -> bool:
    """True if the cell holds what the finding quotes of it."""
    place, entry = cell.place, book.entry(cell)
    if not place.cell:
        return not cell.value
    seen = book.at(place.sheet, place.cell)
    if entry and entry.formula and finding.code[0] == "X":
        total = book.sum(entry.field)
        return holds(seen, cell.value) if total is None else Decimal(cell.value) == total
    if entry and isinstance(entry.value, tuple) and finding.code[0] in "XSV" and not holds(seen, cell.value):
        paragraphs = "\n".join(book.at(place.sheet, at).text for at in entry.cells)
        return bool(cell.value) and paragraphs.startswith(cell.value)
    if seen == BLANK or (seen.kind == "text" and not seen.text):
        return not cell.value or cell.value.startswith("=")  # a formula without a result
    return holds(seen, cell.value) or (cell.value == book.accepted(cell) != "")


@each
def test_every_quoted_cell_holds_what_is_quoted_of_it(case, folder):
    prose = case.prose[0] if case.prose else None  # see below
    for result in judged(case, folder):
        told = [(finding, cell) for finding in result.findings for cell in finding.cells if cell.place.sheet != prose]
        wanted = frozenset(cell.place.sheet for _, cell in told if cell.place.cell)
        book = Book(result, read_elsewhere(opened(case, result.content), wanted) if wanted else {})
        assert [(f.code, cell, book.at(cell.place.sheet, cell.place.cell)) for f, cell in told if not quotes(book, f, cell)] == []


@pytest.mark.parametrize("case", [case for case in CASES if case.prose], ids=lambda case: case.name)
def test_every_quoted_paragraph_stands_in_the_file_of_prose(case, folder):
    name, content = case.prose
    for _, finding in findings(case, folder):
        for cell in finding.cells:
            if cell.place.sheet == name:
                assert cell.value
                assert cell.value in content.decode()


def test_the_check_of_quotes_can_fail(folder):
    case = next(case for case in CASES if case.name == "an O for a 0")
    (result,) = judged(case, folder)
    finding = next(finding for finding in result.findings if finding.code == "V303")
    book = Book(result, read_elsewhere(result.content, frozenset({corpus.OTHER})))
    assert quotes(book, finding, finding.cells[0])
    assert not quotes(book, finding, finding.cells[0]._replace(value="30"))
    assert xl2report.check(path_of(case, folder)).findings == result.findings
