"""``compare``: two files, figure by figure, on stdout or into a page or a workbook."""

from __future__ import annotations

from pathlib import Path

import xl2report
from xl2report import printed
from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import say, show, write_file
from xl2report.compared import Compared, compared
from xl2report.report.comparison import Titled


def run(this: Path, last: Path, to: str, output: Path | None) -> int:
    """The exit code: 0 compared, whatever the difference; 2 if one of the files could not be read."""
    results = [xl2report.check(path) for path in (this, last)]
    if unread := [result for result in results if result.status == "unreadable"]:
        say(printed.as_text(unread, LANGUAGE))
        return 2
    for result in results:
        if result.status == "fail":
            say(words(f"{result.path}：有错误，请用 xl2report check 查看；没有数字的格按空比较", f"{result.path}: has errors, see xl2report check; cells without a figure count as empty"))
    if results[0].agency != results[1].agency:
        say(words(f"两个文件的机关不同：“{results[0].agency or ''}”和“{results[1].agency or ''}”", f"the agencies differ: '{results[0].agency or ''}' and '{results[1].agency or ''}'"))
    found = compared(*results)
    titled = Titled(f"{found.agency}{found.form_name}", found.this_name, found.last_name)
    if to == "text":
        _text(found, titled)
    else:
        content = _content(found, titled, to)
        show(str(write_file(output or Path(f"{this.stem}-{last.stem}.{to}"), content, overwrite=output is not None)))
    return 0


def _text(found: Compared, titled: Titled) -> None:
    from xl2report.report.comparison import as_text

    show(as_text(found.comparison, titled, LANGUAGE))


def _content(found: Compared, titled: Titled, to: str) -> bytes:
    if to == "html":
        from xl2report.report.comparison import as_page

        return as_page(found.comparison, titled, LANGUAGE)
    from xl2report.workbook.comparison_book import comparison_book

    return comparison_book(found.comparison, titled, LANGUAGE)
