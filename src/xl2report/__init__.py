"""xl2report: Excel workbooks into statutory reports.

    import xl2report

    form = xl2report.form_for_year(2023)
    Path("blank.xlsx").write_bytes(xl2report.template(form, year=2023))
    result = xl2report.check(Path("filled.xlsx"))
    if result.status == "pass":
        Path("report.docx").write_bytes(xl2report.render(result, to="docx"))

The command line is a thin user of these functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from xl2report.version import __version__

if TYPE_CHECKING:  # imported when used: reading must not pay for writing, nor the version for anything
    from concurrent.futures import Executor
    from datetime import date
    from pathlib import Path

    from xl2report.checked import Checked
    from xl2report.collected import Collected
    from xl2report.compared import Compared
    from xl2report.desk.batch import Progress
    from xl2report.form.model import Form
    from xl2report.report.view import Last
    from xl2report.submission import LastYear, Value
    from xl2report.transferred import Transferred

__all__ = [
    "Checked",
    "RenderRefused",
    "__version__",
    "check",
    "check_each",
    "collect",
    "compare",
    "form_for_year",
    "form_ids",
    "load_form",
    "render",
    "schema",
    "template",
    "transfer",
]


class RenderRefused(ValueError):
    """A report was asked for that may not be printed: the workbook has errors, or could not be read."""


def form_ids() -> tuple[str, ...]:
    """The ids of the forms that come with the program, oldest first."""
    from xl2report.form.shelf import form_ids as ids

    return ids()


def load_form(form_id: str) -> Form:
    """A form by its id. KeyError if there is none, FormError with every fault if its file is wrong."""
    from xl2report.form.shelf import form_by_id

    return form_by_id(form_id)


def form_for_year(year: int) -> Form:
    """The form for reports of a year. KeyError if no form covers it."""
    from xl2report.form.shelf import form_for_year as by_year

    return by_year(year)


def template(
    form: Form,
    *,
    year: int | None = None,
    agency: str | None = None,
    code: str | None = None,
    values: Mapping[str, Value] | None = None,
    previous: Checked | None = None,
) -> bytes:
    """The locked workbook of a form as .xlsx bytes; the same arguments give the same bytes.

    ``values`` prefills fields by id: a Decimal or the text as typed for a number, a tuple of paragraphs for prose.
    ``previous`` is last year's workbook: what rolls over is prefilled, the prompts say from where and what last year's
    figures were, and the sheet compares with them.
    KeyError for an id that the form does not have, ValueError for a year that it does not cover and for a ``previous``
    that could not be read.
    """
    if year is not None and not form.covers_year(year):
        raise ValueError(f"{form.id} does not cover the year {year}")
    from decimal import Decimal

    from xl2report.workbook.write import write

    last: LastYear | None = None
    origins: dict[str, str] = {}
    filled: dict[str, Value] = {}
    if previous is not None:
        from xl2report.desk.filed import filed

        found = filed(previous, form)
        filled, origins, last = dict(found.values), found.origins, found.last
    filled |= values or {}
    for role, value in (("agency", agency), ("code", code), ("year", None if year is None else Decimal(year))):
        if value is not None and (field := form.role(role)):
            filled[field.id] = value
    return write(form, filled, origins=origins, last=last)


def check(
    path: Path | str, *, prose: Path | str | None = None, password: str | None = None, previous: Checked | None = None
) -> Checked:
    """A filled workbook read and checked. A file that cannot be read is a result too: status ``unreadable``.

    ``prose`` names a Word or Markdown file whose text takes the place of the workbook's; ``password`` opens an
    encrypted workbook; ``previous`` is last year's, with whose figures this year's are compared. ValueError for a
    ``previous`` that could not be read, or says no year.
    """
    from pathlib import Path

    from xl2report.checked import Terms, check_file

    last = None if previous is None else previous.handed_on
    if previous is not None and last is None:
        raise ValueError(f"{previous.path}: {previous.status}")
    return check_file(Path(path), Terms(None if prose is None else Path(prose), password, last=last))


def check_each(path: Path | str, *, password: str | None = None, blanks_are_zero: bool | None = None) -> Iterator[Checked]:
    """The results of a file: one, or one for each file in a zip of returns.

    ``blanks_are_zero`` speaks for files that were not issued by this program, which do not ask: None takes blanks of pages for
    0 and those of workbooks for missing.
    """
    from pathlib import Path

    from xl2report.checked import Terms
    from xl2report.checked import check_each as each

    return each(Path(path), Terms(None, password, blanks_are_zero))


def render(
    result: Checked,
    *,
    to: str = "docx",
    draft: bool = False,
    language: str = "zh",
    charts: bool = True,
    script: str = "hans",
    archive: bool = False,
    previous: Checked | None = None,
) -> bytes:
    """The report as html, html-fragment, docx, pdf, md or json.

    ``script`` is hans or hant (traditional characters); ``archive`` makes a PDF that is PDF/A-2a as well; ``previous`` is
    last year's workbook, whose figures the charts show beside this year's.

    RenderRefused for a result with errors, unless it is to be a draft, and for a ``previous`` that is not last year's;
    ValueError for a format or script that does not exist. Of a PDF alone: Unprintable (a ValueError) names the characters
    that no font has, NoTypesetter says what is not installed. NoConverter: hant without OpenCC. NoTypesetter is also raised
    for a docx with charts, which need the typesetter.
    """
    from xl2report.report.formats import RENDERERS, Setting
    from xl2report.report.view import view

    if to not in RENDERERS:
        raise ValueError(f"unknown format {to!r}; there are: {', '.join(RENDERERS)}")
    if script not in ("hans", "hant"):
        raise ValueError(f"unknown script {script!r}; there are: hans, hant")
    if result.form is None or result.submission is None or (result.status == "fail" and not draft):
        errors = sum(finding.severity == "error" for finding in result.findings)
        raise RenderRefused(f"{result.path}: {result.status}, {errors} errors")
    last = None if previous is None else _last(previous, result)
    report = view(result.form, result.submission, result.findings, draft, charts=charts, last=last)
    if script == "hant":
        from xl2report.report.script import traditional

        report = traditional(report)
    return RENDERERS[to](report, Setting(language, archive))


def _last(previous: Checked, result: Checked) -> Last:
    from xl2report.checks.figures import FigureTable
    from xl2report.report.view import Last

    if previous.form is None or previous.submission is None:
        raise RenderRefused(f"{previous.path}: {previous.status}")
    if result.year is None or previous.year != result.year - 1:
        raise RenderRefused(f"{previous.path}: of the year {previous.year}, not of the one before {result.year}")
    return Last(previous.form, previous.year, FigureTable(previous.form, previous.submission))


def transfer(
    result: Checked, *, form: Form | None = None, year: int | None = None, password: str | None = None
) -> Transferred:
    """A fresh locked workbook with everything legible in a file that was checked, and the list of what changed.

    ``form`` or ``year`` ask for another workbook than the file's own; a year one later than the file's gives that
    year's workbook with what rolls over. TransferRefused (a ValueError) for a file that could not be read, and for a
    year that no form covers or that comes before the file's.
    """
    from xl2report.transferred import transfer as transferred

    return transferred(result, form=form, year=year, password=password)


def compare(this: Checked, last: Checked) -> Compared:
    """Two files that were checked, figure by figure: this year's and last year's, or two versions of one.

    ``comparison.lines`` has every figure that both have, ``comparison.changed`` those that differ. CompareRefused (a
    ValueError) if one of them could not be read.
    """
    from xl2report.compared import compared

    return compared(this, last)


def collect(
    inbox: Path | str,
    roster: Path | str,
    folder: Path | str,
    *,
    year: int,
    form: Form | None = None,
    agency: str = "",
    deadline: date | None = None,
    waivers: Path | str | None = None,
    previous: Path | str | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Collected:
    """The returns in a folder (zips included) taken in against a roster; the desk is written into ``folder``.

    The desk is 台账.xlsx (who stands where), 汇总.xlsx (every figure, with live sums), 本级报告.xlsx (the sums in a workbook of
    the office's own, ``agency``), facts.jsonl (the figures for other programs), 退回 (letters and marked copies) and
    .records.jsonl, by which the next run reads only what is new. ``collection`` of what comes back tells of each unit.

    ``roster`` and ``waivers`` are .csv or .xlsx files, ``deadline`` takes the place of the form's days, ``previous`` is the
    folder with last year's returns, with which this year's are compared. Files are read by the
    ``executor``, which may be any of ``concurrent.futures``; without one by this process, where a file that ended the
    process would end yours. ``progress`` is called with "read" or "return", how many are done, and of how many.

    ListRefused (a ValueError) has every fault of the lists, SameFolder (a ValueError) is for a desk that is its inbox;
    ExecutorLost and Elsewhere say that the executor is of no use: what was read is kept, call again.
    """
    from pathlib import Path

    from xl2report.collected import collect as collected
    from xl2report.desk.roster import read_roster
    from xl2report.desk.waivers import read_waivers

    form = form or form_for_year(year)
    category = form.role("category")
    units = read_roster(Path(roster), [choice.label for choice in category.choices] if category else []).units
    rules = {rule.id for rule in form.rules if rule.severity == "error"}
    let_through = () if waivers is None else read_waivers(Path(waivers), units, rules)
    return collected(
        Path(inbox), units, Path(folder), form=form, year=year, agency=agency, deadline=deadline, waivers=let_through,
        previous=None if previous is None else Path(previous), executor=executor, progress=progress,
    )  # fmt: skip


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of an output: ``check`` or ``report``. KeyError for any other name."""
    import json
    from pathlib import Path

    if name not in ("check", "report"):
        raise KeyError(name)
    return dict(json.loads((Path(__file__).parent / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")))


def __getattr__(name: str) -> Any:
    if name == "Checked":
        from xl2report.checked import Checked

        return Checked
    raise AttributeError(name)
