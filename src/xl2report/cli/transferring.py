"""``transfer`` for one file: a fresh workbook, and the change list on stdout, most pressing first."""

from __future__ import annotations

from pathlib import Path

import xl2report
from xl2report import printed
from xl2report.checked import Terms, check_file
from xl2report.cli.change_list import change_list
from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import say, show, write_file
from xl2report.transferred import Transferred, TransferRefused, transfer


def run(source: Path, output: Path, form_id: str | None, year: int | None, terms: Terms) -> int:
    """The exit code: 0 everything went over, 1 something has to be filled in or compared by hand, 2 nothing written."""
    form = None
    if form_id is not None:
        if form_id not in xl2report.form_ids():
            known = "、".join(xl2report.form_ids())
            say(words(f"没有表单 {form_id}。可用的表单：{known}", f"no form {form_id}; there are: {known}"))
            return 2
        form = xl2report.load_form(form_id)
    result = check_file(source, terms)
    if result.status == "unreadable":
        show(printed.as_text([result], LANGUAGE))
        return 2
    try:
        done = transfer(result, form=form, year=year, password=terms.password)
    except TransferRefused as error:
        say(_refusal(error, result.year, year, form_id))
        return 2
    written = write_file(output, done.content, overwrite=False)
    if done.changes:
        show(change_list(done.changes, LANGUAGE))
    show(_closing(written, done, None if done.year == result.year else result.year))
    return int(any(change.kind in ("unread", "doubtful") for change in done.changes))


def _refusal(error: TransferRefused, found: int | None, year: int | None, form_id: str | None) -> str:
    if error.reason == "earlier":
        return words(
            f"原工作簿是 {found} 年度的，不能转到更早的 {year} 年度。封面年度填错的，转入后在新工作簿里改",
            f"the source is of {found}; it cannot go into the earlier year {year}. A slip on the cover is mended in the fresh workbook",
        )
    if error.reason == "other-year":
        return words(f"表单 {form_id} 不用于 {year} 年度", f"{form_id} is not for the year {year}")
    return words(f"{year} 年度没有适用的表单", f"no form for the year {year}")


def _closing(path: Path, done: Transferred, last: int | None) -> str:
    """The last line: where the workbook is, what went over, what did not."""
    count = {kind: sum(change.cells for change in done.changes if change.kind == kind) for kind in ("unread", "doubtful")}
    rolled = any(change.code in ("rolled", "gap") for change in done.changes)
    went = words(f"转入数字 {done.figures} 个、文字 {done.texts} 段", f"{done.figures} figures and {done.texts} texts carried over")
    if rolled:
        went = words(f"{done.year} 年度，从 {last} 年度{went}，其余留空", f"for {done.year}: {went} from {last}, the rest left empty")
    unread, doubtful = count["unread"], count["doubtful"]
    left = words(f"没有转入 {unread} 处", f"not carried over: {unread}")
    if doubtful:
        left += words(f"，需要核对 {doubtful} 处", f", to compare: {doubtful}")
    return words(f"{path}：{went}；{left}", f"{path}: {went}; {left}")
