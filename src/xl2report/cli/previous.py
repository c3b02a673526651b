"""Last year's workbook of a unit, as ``--previous`` names it, or as it is found in the archive."""

from __future__ import annotations

from pathlib import Path

import xl2report
from xl2report import printed
from xl2report.checked import Terms, check_named
from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import say


def last_workbook(path: Path, year: int | None, agency: str | None, password: str | None = None) -> xl2report.Checked | None:
    """The workbook of the year before, or None with a word to the person if it is not that."""
    last = xl2report.check(path, password=password)
    if last.status == "unreadable":
        say(printed.as_text([last], LANGUAGE))
        return None
    if year is None or last.year != year - 1:
        say(words(
            f"{path}：年度是 {last.year or '（空）'}，不是 {year or '（空）'} 的上一年；请用上一年度的工作簿",
            f"{path}: its year is {last.year or '(empty)'}, not the one before {year or '(empty)'}; give last year's workbook",
        ))  # fmt: skip
        return None
    if last.status == "fail":
        say(words(
            f"{path}：上年的工作簿有错误，请用 xl2report check 查看；确定不了的数字不用",
            f"{path}: last year's workbook has errors, see xl2report check; figures that cannot be told are not used",
        ))  # fmt: skip
    if agency and last.agency != agency:
        say(words(
            f"{path}：机关是“{last.agency or ''}”，本年的是“{agency}”；请确认是同一机关",
            f"{path}: the agency is '{last.agency or ''}', this year's is '{agency}'; make sure they are the same",
        ))  # fmt: skip
    return last


def last_of_unit(archive: Path, result: xl2report.Checked, password: str | None = None) -> xl2report.Checked | None:
    """The workbook of the year before that the archive has of the unit, read again; None where there is not exactly one."""
    from xl2report.archive import of_unit, read_archive
    from xl2report.earlier import Earlier

    found = result.year and of_unit(read_archive(archive), result.year - 1, result.agency_code, result.agency or "")
    return check_named(found.path, Terms(password=password)) if isinstance(found, Earlier) else None
