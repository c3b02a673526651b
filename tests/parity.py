"""Cell sets, and what Python, LibreOffice and ironcalc say about each: the two compilers of a rule must agree.

A workbook is written once for each form and cut at its input cells; every cell set is put into the cuts. That takes
5 ms instead of the 300 that writing takes, and leaves every formula as the writer wrote it.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import TypeAlias
from xml.sax.saxutils import escape

import ironcalc
import openpyxl

from xl2report.checks.checking import judgements
from xl2report.checks.figures import FigureTable
from xl2report.form.load import load
from xl2report.form.model import NO, YES, Field, Form, Instance
from xl2report.submission import LastYear, Submission
from xl2report.workbook import contents
from xl2report.workbook.check_sheet import FIRST_RULE, code_of
from xl2report.workbook.formulas import ABSENT, EXPLAINED, FAIL, OPEN, PASS, SPARED
from xl2report.workbook.hidden_sheet import fault_fields, fault_of
from xl2report.workbook.plan import CHECK_SHEET, FIRST_CHECK, LAST_KEY, LAST_SHEET, At, Plan, plan
from xl2report.workbook.write import write

ROOT = Path(__file__).parents[1]
FORMS = ("disclosure-2021", "disclosure-2019")
FULL_SETS = 2000  # of both forms together
FAULTS = {"blank": OPEN, "text": FAIL, "negative": FAIL, "decimal": FAIL, "range": FAIL}
_SEED = 20211
_WORKERS = 2
_FILES_A_CALL = 200  # soffice takes 255 arguments and drops the rest without a word; starting it takes 1.4 s

Typed: TypeAlias = Decimal | str | tuple[str, ...] | None
Look: TypeAlias = Mapping[str, list[list[str]]]


def form_of(form_id: str) -> Form:
    return load(ROOT / "workbook_templates" / form_id / "form.yaml")


@dataclass(frozen=True, slots=True)
class CellSet:
    """What someone typed. ``overwritten`` are totals whose formula is gone (None: deleted, nothing typed).

    ``last`` are the figures of the year before that the workbook was issued with.
    """

    values: dict[str, Typed] = field(default_factory=dict)
    overwritten: dict[str, Typed] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)
    last: dict[str, Decimal] = field(default_factory=dict)

    def having(self, **changes: dict[str, Typed]) -> CellSet:
        """This set with more values or more overwritten totals."""
        return replace(self, **{name: {**getattr(self, name), **more} for name, more in changes.items()})


@dataclass(frozen=True, slots=True)
class Seen:
    """What the workbook shows: each row of 校验 by its id as (left, right, verdict), the two lines on top, the totals."""

    rows: dict[str, tuple[object, object, str]]
    summary: str
    code: str
    totals: dict[str, object]


# -- Python ----------------------------------------------------------------------------------------------------------


def submission_of(drawn: Plan, cells: CellSet) -> Submission:
    read = contents.submission(drawn, cells.values, cells.overwritten)
    return replace(read, explanations=cells.explanations, last=LastYear(drawn.form.first_year, cells.last))


def judged(drawn: Plan, cells: CellSet) -> Seen:
    """What the workbook must show, as Python works it out."""
    form, submission = drawn.form, submission_of(drawn, cells)
    figures = FigureTable(form, submission)
    rows: dict[str, tuple[object, object, str]] = {}
    for judgement in judgements(form, submission):
        instance = judgement.instance
        verdict = {"pass": PASS if judgement.applies else SPARED, "fail": FAIL, "undecided": OPEN, "absent": ABSENT}[judgement.verdict]
        if verdict == FAIL and instance.rule.severity == "query" and cells.explanations.get(instance.id, "").strip():
            verdict = EXPLAINED
        rows[instance.id] = (judgement.left, judgement.right, verdict)
    found = [fault_of(field, submission, figures) for field in fault_fields(drawn)]
    for name, outcome in FAULTS.items():
        rows[f"cells:{name}"] = (Decimal(found.count(name)), Decimal(0), outcome if name in found else PASS)
    verdicts = [row[2] for row in rows.values()]
    failed, left_open = verdicts.count(FAIL), verdicts.count(OPEN)
    summary = f"还有 {failed} 处不通过，{left_open} 处待填" if failed + left_open else "全部通过"
    totals = {total.id: figures.number(total.id) for total in _totals(form) if total.id not in cells.overwritten}
    return Seen(rows, summary, code_of(drawn, figures), totals)


def verdicts_of(drawn: Plan, cells: CellSet) -> dict[Instance, str]:
    return {judgement.instance: judgement.verdict for judgement in judgements(drawn.form, submission_of(drawn, cells))}


def disagreements(expected: Seen, shown: Seen) -> list[str]:
    """Every difference between what must be shown and what is shown, one sentence each."""
    found = [
        f"{name}: {expected.rows.get(name)} in Python, {shown.rows.get(name)} in the sheet"
        for name in {**expected.rows, **shown.rows}
        if not _same_row(expected.rows.get(name), shown.rows.get(name))
    ]
    found += [
        f"total {name}: {value} in Python, {shown.totals[name]!r} in the sheet"
        for name, value in expected.totals.items()
        if not _same(value, shown.totals[name])
    ]
    if expected.code != shown.code:
        found.append(f"code: {expected.code} in Python, {shown.code!r} in the sheet")
    if expected.summary != shown.summary:
        found.append(f"summary: {expected.summary} in Python, {shown.summary!r} in the sheet")
    return found


def _same_row(one: tuple[object, object, str] | None, other: tuple[object, object, str] | None) -> bool:
    return bool(one and other) and one[2] == other[2] and _same(one[0], other[0]) and _same(one[1], other[1])


def _same(one: object, other: object) -> bool:
    if isinstance(one, Decimal) and isinstance(other, float):
        return abs(float(one) - other) <= 1e-6
    return one is None and other == ""


def _totals(form: Form) -> list[Field]:
    return [field for field in form.fields.values() if field.parts]


# -- the workbook, cut at its cells ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Book:
    """The blank workbook of a form, and where everything that can be typed goes.

    ``cut`` holds, for each sheet that has such cells, its XML in pieces: bytes, and between them (slot, style, what
    stands there in the blank workbook).
    """

    plan: Plan
    blank: bytes
    slots: dict[str, At]
    parts: dict[str, bytes]
    cut: dict[str, list[bytes | tuple[str, bytes, bytes]]]
    columns: dict[str, int]


_CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"( s="[0-9]+")?[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
# LibreOffice takes a sixth less time without them, and no formula depends on them
_MANNERS = re.compile(rb"<(dataValidations|conditionalFormatting|hyperlinks)\b.*?</\1>", re.DOTALL)


def cut_book(form: Form) -> Book:
    """The workbook of a form as the writer writes it now (a planted fault in the writer is in it)."""
    drawn, blank = plan(form), write(form, last=LastYear(form.first_year, {}))
    headings = openpyxl.load_workbook(io.BytesIO(blank), read_only=True)[CHECK_SHEET][FIRST_CHECK]
    columns = {str(cell.value): cell.column - 1 for cell in headings if cell.value}
    columns["说明"] = next(column for heading, column in columns.items() if heading.startswith("说明"))
    slots = _slots(drawn, columns["说明"])
    parts = stripped_parts(blank)
    cut = {}
    for number, (_, sheet) in enumerate((*drawn.sheets, (LAST_KEY, LAST_SHEET)), 1):
        inside = {at.cell.encode(): slot for slot, at in slots.items() if at.sheet == sheet}
        if inside:
            name = f"xl/worksheets/sheet{number}.xml"
            cut[name] = _cut(_MANNERS.sub(b"", parts.pop(name)), inside)
    return Book(drawn, blank, slots, parts, cut, columns)


def stripped_parts(workbook: bytes) -> dict[str, bytes]:
    """The parts of a workbook without the results of its formulas: with them, LibreOffice would hand back ours."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return {
        name: with_results(data, None) if name.startswith("xl/worksheets/sheet") else data for name, data in parts.items()
    }


def with_results(sheet: bytes, result: bytes | None) -> bytes:
    """The XML of a sheet with one result for all formulas, or with none."""
    shown = b"" if result is None else b"<v>" + result + b"</v>"
    return re.sub(rb'(<c r="[A-Z0-9]+"(?: s="[0-9]+")?)[^>]*>(<f>[^<]*</f>)<v>[^<]*</v>', rb"\1>\2" + shown, sheet)


def packed(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def filled(book: Book, cells: CellSet) -> bytes:
    """The workbook with a cell set typed in, and without any result of a formula."""
    typed = typed_cells(cells)
    sheets = {
        name: b"".join(piece if isinstance(piece, bytes) else _cell_xml(piece, typed) for piece in pieces)
        for name, pieces in book.cut.items()
    }
    return packed({**book.parts, **sheets})


def typed_cells(cells: CellSet) -> dict[str, Decimal | str | None]:
    """Slot → what is typed there."""
    typed: dict[str, Decimal | str | None] = {}
    for name, value in (*cells.values.items(), *cells.overwritten.items()):
        if isinstance(value, tuple):
            typed.update({f"{name}#{n}": paragraph for n, paragraph in enumerate(value)})
        else:
            typed[name] = value
    typed |= {f"last {name}": value for name, value in cells.last.items()}
    return typed | {f"说明 {name}": text for name, text in cells.explanations.items()}


def _slots(drawn: Plan, explanations: int) -> dict[str, At]:
    slots = {name: at for name, at in drawn.places.items() if drawn.form.fields[name].kind != "prose"}
    for sheet, lines in drawn.lines.items():
        count: dict[str, int] = {}
        for line in lines:
            if line.kind == "paragraph" and line.field:
                n = count[line.field.id] = count.get(line.field.id, -1) + 1
                slots[f"{line.field.id}#{n}"] = At(sheet, line.row, drawn.places[line.field.id].column)
    for n, instance in enumerate(drawn.form.instances):
        if instance.rule.severity == "query":
            slots[f"说明 {instance.id}"] = At(CHECK_SHEET, FIRST_RULE + n, explanations)
    slots |= {f"last {name}": At(LAST_SHEET, 2 + n, 1) for n, name in enumerate(asked_of_last(drawn.form))}
    return slots


def _cut(xml: bytes, inside: Mapping[bytes, str]) -> list[bytes | tuple[str, bytes, bytes]]:
    pieces: list[bytes | tuple[str, bytes, bytes]] = []
    end = 0
    for match in _CELL.finditer(xml):
        if match[1] in inside:
            head = b'<c r="' + match[1] + b'"' + (match[2] or b"")
            pieces += [xml[end : match.start()], (inside[match[1]], head, match[0])]
            end = match.end()
    assert len(pieces) == 2 * len(inside), "a cell of the plan is not in the sheet"
    return [*pieces, xml[end:]]


def _cell_xml(piece: tuple[str, bytes, bytes], typed: Mapping[str, Decimal | str | None]) -> bytes:
    slot, head, blank = piece
    if slot not in typed:
        return blank
    match typed[slot]:
        case None:
            return head + b"/>"
        case Decimal() as number:
            return head + f"><v>{number:f}</v></c>".encode()
        case text:
            return head + f' t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'.encode()


# -- the engines -----------------------------------------------------------------------------------------------------


def with_libreoffice(book: Book, sets: Sequence[CellSet]) -> Iterator[Seen]:
    """What LibreOffice shows for each set, every one in a file of its own that holds no result of any formula."""
    shares = _shares(sets, _WORKERS)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_WORKERS) as pool:
        folders = [Path(folder, str(n)) for n in range(len(shares))]
        for seen in pool.map(_libreoffice_share, [book] * len(shares), shares, folders):
            yield from seen


def _libreoffice_share(book: Book, sets: Sequence[CellSet], folder: Path) -> list[Seen]:
    seen: list[Seen] = []
    sheets = {CHECK_SHEET, *(at.sheet for at in book.plan.tables.values())}
    for start in range(0, len(sets), _FILES_A_CALL):
        batch = folder / "batch"
        batch.mkdir(parents=True)
        files = {batch / f"{n}.xlsx": cells for n, cells in enumerate(sets[start : start + _FILES_A_CALL])}
        for file, cells in files.items():
            file.write_bytes(filled(book, cells))
        # commas, quotes, UTF-8, numbers as they are and not as they are formatted, every sheet in a file of its own
        convert(files, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1", folder)
        seen += [_seen(book, {sheet: _read_csv(folder / f"{file.stem}-{sheet}.csv") for sheet in sheets}) for file in files]
        shutil.rmtree(batch)
    return seen


def convert(files: Iterable[Path], to: str, folder: Path) -> None:
    """One call of soffice, with a profile of its own in the folder, so that several can run at once."""
    profile = f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", to, "--outdir", folder, *files]
    run = subprocess.run(command, capture_output=True, check=False, timeout=600)
    assert run.returncode == 0, run.stderr.decode(errors="replace")


def _read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def with_ironcalc(book: Book, sets: Sequence[CellSet], workers: int = _WORKERS) -> Iterator[Seen]:
    """What ironcalc shows for each set: the workbook is loaded once, then typed into and evaluated afresh."""
    if workers == 1:
        yield from ironcalc_seen(book, sets)
        return
    shares = _shares(sets, workers)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for seen in pool.map(ironcalc_seen, [book] * len(shares), shares):
            yield from seen


def _shares(sets: Sequence[CellSet], workers: int) -> list[Sequence[CellSet]]:
    share = max(1, -(-len(sets) // workers))
    return [sets[n : n + share] for n in range(0, len(sets), share)]


def ironcalc_seen(book: Book, sets: Sequence[CellSet]) -> list[Seen]:
    model = load_ironcalc(book.blank)
    order = [*(sheet for _, sheet in book.plan.sheets), LAST_SHEET]
    at = {slot: (order.index(place.sheet), place.row + 1, place.column + 1) for slot, place in book.slots.items()}
    formulas = {slot: model.get_cell_formula(*cell) for slot, cell in at.items()}
    before: dict[str, Decimal | str | None] = {}
    seen = []
    for cells in sets:
        typed = typed_cells(cells)
        for slot in before.keys() - typed.keys():
            if formulas[slot]:
                model.update_cell_with_formula(*at[slot], formulas[slot])
            else:
                model.clear_cell_contents(*at[slot])
        for slot, value in typed.items():
            if slot in before and before[slot] == value and type(before[slot]) is type(value):
                continue
            if value is None or value == "":
                model.clear_cell_contents(*at[slot])
            elif isinstance(value, Decimal):
                model.update_cell_with_number(*at[slot], float(value))
            else:
                model.update_cell_with_text(*at[slot], value)
        before = typed
        model.evaluate()
        seen.append(seen_by_ironcalc(book, model))
    return seen


def load_ironcalc(workbook: bytes) -> ironcalc.Model:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "workbook.xlsx")
        path.write_bytes(workbook)
        return ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")


def seen_by_ironcalc(book: Book, model: ironcalc.Model) -> Seen:
    rows, columns = FIRST_CHECK + len(book.plan.form.instances) + len(FAULTS), max(book.columns.values()) + 1
    grids = {}
    for number, (_, sheet) in enumerate(book.plan.sheets):
        if sheet == CHECK_SHEET:
            grids[sheet] = _grid(model, number, rows, columns)
        elif any(at.sheet == sheet for at in book.plan.tables.values()):
            ends = [place for place in book.plan.places.values() if place.sheet == sheet]
            grids[sheet] = _grid(model, number, max(p.row for p in ends) + 1, max(p.column for p in ends) + 1)
    return _seen(book, grids)


def _grid(model: ironcalc.Model, sheet: int, rows: int, columns: int) -> list[list[str]]:
    return [
        ["" if (value := model.get_cell_value(sheet, row, column)) is None else str(value) for column in range(1, columns + 1)]
        for row in range(1, rows + 1)
    ]


def _seen(book: Book, grids: Look) -> Seen:
    checks = grids[CHECK_SHEET]
    left, right, verdict = (book.columns[heading] for heading in ("左边", "右边", "结论"))
    rows = {row[0]: (_number(row[left]), _number(row[right]), row[verdict]) for row in checks[FIRST_CHECK:] if row[0]}
    code_row = next(n for n, row in enumerate(checks) if row[1].startswith("核对码"))
    code = next((text for text in checks[code_row][2:] if text), "")
    totals = {
        total.id: _number(grids[at.sheet][at.row][at.column])
        for total in _totals(book.plan.form)
        for at in [book.plan.places[total.id]]
    }
    return Seen(rows, checks[code_row - 1][1], code, totals)


def _number(text: str) -> float | str:
    """The number that a cell shows; its text when it shows none, so that an error value can never agree."""
    try:
        return float(text)
    except ValueError:
        return text


# -- random cell sets ------------------------------------------------------------------------------------------------

# What the number grammar repairs (full-width digits, "3件", "1,234", " 5 ", "3" as a text, "/") is left out on purpose:
# `check` accepts it and the sheet shows 待填; a test of its own says so.
NOT_NUMBERS = ("三件", "abc", "3 件左右", "#", "一百", "O5", "约10", "3-4", "1.2.3", "12,5", "5.", ".5", "--5", "1e3", "#REF!")
AMOUNTS = ("77.4960", "0", "0.00", "0.0001", "0.0000001", "316441.123456", "316441.1234567", "-5", "-0.5", "7.50", "12345678901.25")
ODD_AMOUNTS = ("5.", ".5", "1.2.3", "12,5", "--5", "1234567890123456", "1234567890123456.5", "三元", "1e3", "5-", "")
# Around the rounding threshold, but never on it: up to eight of these add up to no exact half of a millionth. Such a
# tie has no binary form (545 - 544.9999995 is more than a half to ironcalc, less to LibreOffice, a half to Decimal).
TINY = tuple(
    map(Decimal, ("0.00000014", "-0.00000014", "0.00000043", "0.00000062", "-0.00000062", "0.000001", "-0.000001"))
)
HUGE = tuple(map(Decimal, (10**9 - 1, 10**12 - 1, 10**14 - 1, 10**15 - 1)))
TOO_LARGE = tuple(map(Decimal, (10**15, 10**16, 10**20)))
SAID_NOTHING = ("", "无", "无。", "/", "—", "　", "  ", " 无 ", "暂　无", "\u00a0", "\n", "\t")
SAID = ("全年主动公开信息 12 条。", "　　一是加强学习。", "无其他情况", "0", "A", "见“附件”<1>&", "=1+1")
_ODDS = ("pass", "pass", "fail", "fail", "undecided", "as it comes")


def cell_sets(form: Form, count: int) -> Iterator[CellSet]:
    """Cell sets of a form, the same ones every time."""
    for n in range(count):
        yield _random_set(form, Random(f"{_SEED} {form.id} {n}"))


def consistent(form: Form, random: Random) -> dict[str, Typed]:
    """Every input filled so that every rule passes, and every cell is above 0."""
    scale = random.choice((1, 10, 10, 1000))
    values: dict[str, Typed] = {}
    for table in form.tables:
        values[table.zero_question.id] = NO
        for cell in table.cells:
            if not cell.parts:
                values[cell.id] = Decimal(random.randint(1, 9 * scale))
                if cell.kind == "amount":
                    values[cell.id] = f"{random.randint(1, 10**8)}.{random.randint(0, 999999):06d}"
    for column in _request_columns(form):
        carried_out = values[f"requests.carried_out.{column}"] = Decimal(random.randint(1, 9))
        handled = sum(values[part] for part in form.fields[f"requests.handled.{column}"].parts)
        values[f"requests.carried_in.{column}"] = carried_in = Decimal(random.randint(1, min(int(handled), 9)))
        values[f"requests.new.{column}"] = handled + carried_out - carried_in
    for row in ("regulations", "normative"):
        for most, least in (("in_force", "issued"), ("public_total", "published")):
            if f"proactive.{row}.{most}" in values:
                values[f"proactive.{row}.{most}"] = issued = values[f"proactive.{row}.{least}"] + random.randint(1, 5)
            if f"proactive.{row}.repealed" in values:  # few enough that what was in force last year is no leap
                values[f"proactive.{row}.repealed"] = Decimal(random.randint(int(issued) // 5 + 1, int(issued)))
    for name in ("fee.notices", "fee.charged", "fee.received"):
        if name in form.fields:
            values[name] = Decimal(random.randint(1, 9)) if name == "fee.notices" else "86.40"
    year = form.first_year
    values |= {"cover.agency": "某某市人民政府", "cover.category": "设区的市（自治州）政府", "cover.year": Decimal(year)}
    values |= {"cover.title": f"某某市人民政府{year}年报告", "cover.submission": Decimal(1)}
    values |= {"cover.address": "某某市人民路1号", "cover.phone": "0951-0000000", "cover.signed_on": f"{year + 1}-01-20"}
    return values | dict.fromkeys(_prose(form, "overview") + _prose(form, "problems"), (SAID[0],))


def consistent_last(drawn: Plan, values: dict[str, Typed]) -> dict[str, Decimal]:
    """Figures of the year before with which a consistent set lets every rule pass: its own, but for what goes over."""
    form = drawn.form
    figures = FigureTable(form, submission_of(drawn, CellSet(values)))
    last = {name: figures.number(name) for name in asked_of_last(form)}
    for column in (*_request_columns(form), "total"):
        last[f"requests.carried_out.{column}"] = figures.number(f"requests.carried_in.{column}")
    for name in [name for name in last if name.endswith(".in_force")]:
        row = name.removesuffix(".in_force")
        last[name] = values[name] - values[f"{row}.issued"] + values[f"{row}.repealed"]
    for name in [name for name in last if name.endswith(".items_prev")]:
        last[name] = values[name] - 1
        last[name.removesuffix("prev") + "change"] = Decimal(1)
    return {name: value for name, value in last.items() if value is not None}


def asked_of_last(form: Form) -> list[str]:
    """The fields of the year before that rules ask for."""
    return list(dict.fromkeys(figure.last for instance in form.instances for figure in instance.lasts))


def _random_set(form: Form, random: Random) -> CellSet:
    """A consistent set, spoilt here and there, and then each rule that stands alone pushed towards one outcome."""
    values = consistent(form, random)
    overwritten: dict[str, Typed] = {}
    whole = random.random() < 0.1  # huge figures and millionths do not go together in 15 digits
    for table in form.tables:
        values[table.zero_question.id] = random.choices((YES, NO, None, "不一定"), (5, 3, 1, 1))[0]
        inputs = [cell.id for cell in table.cells if not cell.parts]
        if random.random() < 0.6:
            _spoil_inputs(form, random, values, inputs, whole)
    if whole:
        _add_huge(form, random, values)
    for table in form.tables:
        totals = [cell for cell in table.cells if cell.parts]
        if totals and random.random() < 0.6:
            _overwrite(random, values, overwritten, random.sample(totals, random.randint(1, min(6, len(totals)))), whole)
    _push_most(random, values)
    _push_regulations(form, random, values)
    _push_title(form, random, values)
    if "fee.notices" in form.fields:
        _push_fees(random, values, overwritten)
    for section in ("overview", "problems"):
        _push_prose(form, random, values, section)
    last = _random_last(form, random, values)
    explanations = {
        instance.id: random.choice(("已与司法局核对", "无", " "))
        for instance in form.instances
        if instance.rule.severity == "query" and random.random() < 0.3
    }
    return CellSet(values, overwritten, explanations, last)


def _random_last(form: Form, random: Random, values: dict[str, Typed]) -> dict[str, Decimal]:
    """Figures of the year before: none at all, or near this year's, far from them, and here and there none."""
    if random.random() < 0.15:
        return {}
    last = {}
    if random.random() < 0.2:
        values[f"requests.carried_in.{random.choice(_request_columns(form))}"] = random.choice(NOT_NUMBERS)
    for name in asked_of_last(form):
        if form.fields[name].kind == "amount":
            outcome = random.choice(_ODDS)
            values[name] = {"undecided": "三元", "fail": "1234.56"}.get(outcome, values[name])
        value = values.get(name)
        own = value if isinstance(value, Decimal) and abs(value) < TOO_LARGE[0] else Decimal(random.randint(0, 3000))
        if form.fields[name].kind == "amount":
            own = Decimal(random.choice(("0.5", "1", "12.25", "100.5", "800.000001", "31644.5", "99999999.125")))
        far = random.choice((own * 10 + 51, own * 10 + 49, (own - 50) // 10, Decimal(0), own + 60, own * 2000))
        if far > 10**9 and form.fields[name].kind == "amount":
            far = own  # the difference of this and an amount with six decimals would need more than the 15 digits of a sheet
        last[name] = random.choices((own, far, own + 1, None), (5, 2, 1, 1))[0]
    for column in (*_request_columns(form), "total"):
        typed = values.get(f"requests.carried_in.{column}")
        if isinstance(typed, Decimal) and abs(typed) < TOO_LARGE[0] and random.random() < 0.6:
            last[f"requests.carried_out.{column}"] = typed
    for name in [name for name in last if name.endswith(".in_force")]:
        row = name.removesuffix(".in_force")
        typed = [values[f"{row}.{column}"] for column in ("in_force", "issued", "repealed")]
        if all(isinstance(one, Decimal) and abs(one) < TOO_LARGE[0] for one in typed) and random.random() < 0.5:
            last[name] = typed[0] - typed[1] + typed[2]
    for name in [name for name in last if name.endswith(".items_prev")]:
        typed = values[name]
        if isinstance(typed, Decimal) and abs(typed) < TOO_LARGE[0] and random.random() < 0.5:
            last[name], last[name.removesuffix("prev") + "change"] = typed + 2, Decimal(-2)
    return {name: value for name, value in last.items() if value is not None and abs(value) < TOO_LARGE[0]}


def _spoil_inputs(form: Form, random: Random, values: dict[str, Typed], inputs: list[str], whole: bool) -> None:
    if random.random() < 0.1:
        for name in random.sample(inputs, len(inputs) // 2):
            values[name] = None
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        name = random.choice(inputs)
        value = values[name]
        if form.fields[name].kind == "amount":
            values[name] = _amount(random, whole)
        elif not isinstance(value, Decimal):
            continue
        else:
            offsets = (1, -1, -100) if whole else (1, -1, -100, Decimal("0.5"), Decimal("0.25"), *TINY)
            spoilt = (value + random.choice(offsets), value + random.choice(offsets), None, random.choice(NOT_NUMBERS))
            values[name] = random.choice((*spoilt, random.choice(TOO_LARGE)) if random.random() < 0.2 else spoilt)


def _amount(random: Random, whole: bool) -> Typed:
    if whole:
        return random.choice(("0", "12", Decimal(7), None))
    return random.choice((random.choice(AMOUNTS), random.choice(ODD_AMOUNTS), Decimal("77.496"), Decimal("0.1"), None))


def _add_huge(form: Form, random: Random, values: dict[str, Typed]) -> None:
    """A huge figure in one column of the requests, on both sides of its balance."""
    column = random.choice(_request_columns(form))
    huge = random.choice(HUGE)
    row = random.choice(("granted", "carried_out"))
    values[f"requests.new.{column}"] = huge
    values[f"requests.{row}.{column}"] = huge - random.choice((0, 1, 30))


def _overwrite(
    random: Random, values: dict[str, Typed], overwritten: dict[str, Typed], totals: list[Field], whole: bool
) -> None:
    """Typed totals: right, wrong by one, wrong by next to nothing, text, or nothing at all."""
    for total in totals:
        right = _added_up(total.parts, values, overwritten)
        offsets = (0, 0, 1, -1) if whole else (0, 0, 1, -1, Decimal("0.5"), *random.sample(TINY, 3))
        typed = right + random.choice(offsets)
        overwritten[total.id] = random.choice((typed, typed, typed, typed, None, random.choice(NOT_NUMBERS)))


def _added_up(parts: Iterable[str], values: Mapping[str, Typed], overwritten: Mapping[str, Typed]) -> Decimal:
    """Near enough for a typed total: parts that are totals themselves count as typed, or not at all."""
    known = (overwritten.get(part, values.get(part)) for part in parts)
    added = sum((value for value in known if isinstance(value, Decimal) and value < TOO_LARGE[0]), Decimal(0))
    return min(added, TOO_LARGE[0] - 2)


def _push_most(random: Random, values: dict[str, Typed]) -> None:
    """More issued (or newly published) than there are in all."""
    for most, least in (("in_force", "issued"), ("public_total", "published")):
        if f"proactive.normative.{most}" in values and random.random() < 0.3:
            values[f"proactive.normative.{least}"] = Decimal(random.randint(2000, 9999))
            values[f"proactive.normative.{most}"] = Decimal(random.randint(0, 4))


def _push_regulations(form: Form, random: Random, values: dict[str, Typed]) -> None:
    cells = [name for name in values if name.startswith("proactive.regulations.")]
    categories = form.fields["cover.category"].choices
    maker, other = ([c.label for c in categories if c.attribute("makes_regulations") == makes] for makes in (1, 0))
    outcome = random.choice(_ODDS)
    if outcome == "as it comes":
        values["cover.category"] = random.choice((*maker, *other, None))
    elif outcome == "undecided":
        values["cover.category"] = random.choice((None, "某某机关", "*", "其?", "省级*", random.choice(other)))
        values[random.choice(cells)] = random.choice((None, "三件", "O5"))
    else:
        values["cover.category"] = random.choice(other)
        values |= dict.fromkeys(cells, Decimal(0))
        if outcome == "fail":
            values[random.choice(cells)] = Decimal(random.randint(1, 9))
        elif random.random() < 0.5:
            values["cover.category"] = random.choice(maker)


def _push_title(form: Form, random: Random, values: dict[str, Typed]) -> None:
    year = form.first_year
    outcome = random.choice(_ODDS)
    values["cover.year"] = Decimal(year)
    if outcome == "pass":
        values["cover.title"] = random.choice((f"某某局{year}年报告", f"{year}", None, "无", "　", f"{year - 1}、{year}年"))
    elif outcome == "fail":
        values["cover.title"] = random.choice((f"某某局{year - 1}年报告", "年度报告", f"{year // 10} {year % 10}年"))
    else:
        values["cover.title"] = random.choice((f"某某局{year}年报告", f"{year - 3}"))
        odd = (None, "二〇二一", f"{year}年度", *TOO_LARGE)
        values["cover.year"] = random.choice(odd if outcome == "undecided" else (Decimal(year) + 1, Decimal(year - 3), Decimal(1)))


def _push_fees(random: Random, values: dict[str, Typed], overwritten: dict[str, Typed]) -> None:
    decided: tuple[str | Decimal, ...] = (*AMOUNTS, Decimal("77.496"), Decimal(0), Decimal("0.1"), Decimal(10**15 - 1))
    high, low = sorted(random.sample(decided, 2), key=Decimal, reverse=True)
    odd = (None, random.choice(ODD_AMOUNTS))
    values["fee.charged"], values["fee.received"] = {
        "pass": (high, random.choice((high, low))),
        "fail": (low, high),
        "undecided": random.choice(((high, random.choice(odd)), (random.choice(odd), low))),
    }.get(random.choice(_ODDS), ("86.40", random.choice(("86.4", "86.41", "86.4000001", "86.400001", "86.3999999"))))
    row = [name for name in values if name.startswith("requests.fee_unpaid.")]
    outcome = random.choice(_ODDS)
    if outcome == "as it comes":
        return
    overwritten.pop("requests.fee_unpaid.total", None)
    for name in row:
        _retype(values, name, Decimal(0))
    values["fee.notices"] = Decimal(random.randint(1, 9))
    if outcome != "pass" or random.random() < 0.5:
        _retype(values, random.choice(row), Decimal(random.randint(1, 3)))
    if outcome == "fail":
        values["fee.notices"] = random.choice((Decimal(0), Decimal(-1)))
    elif outcome == "undecided":
        values[random.choice(("fee.notices", random.choice(row)))] = random.choice(("三件", "abc", Decimal(10**15)))


def _retype(values: dict[str, Typed], name: str, value: Decimal) -> None:
    """Another figure in a cell of results, with as much more newly received: the balance stays as it was."""
    new = f"requests.new.{name.rpartition('.')[2]}"
    if isinstance(values[name], Decimal) and isinstance(values[new], Decimal):
        values[new] += value - values[name]
    values[name] = value


def _push_prose(form: Form, random: Random, values: dict[str, Typed], section: str) -> None:
    written = random.random() < 0.5
    for name in _prose(form, section):
        count = random.randint(1, form.fields[name].paragraphs)
        values[name] = tuple(random.choice(SAID_NOTHING) for _ in range(count))
    if written:
        name = random.choice(_prose(form, section))
        values[name] = (*values[name][:-1], random.choice(SAID))


def _prose(form: Form, section: str) -> list[str]:
    return [name for name, field in form.fields.items() if field.kind == "prose" and name.startswith(section + ".")]


def _request_columns(form: Form) -> list[str]:
    """The columns of the requests that people fill in."""
    return [part.rpartition(".")[2] for part in form.fields["requests.new.total"].parts]


def wanted_sets() -> int:
    """How many sets of both forms together: all of them in CI, fewer at a desk, or as told."""
    return int(os.environ.get("XL2REPORT_PARITY_SETS") or (FULL_SETS if os.environ.get("CI") else 300))
