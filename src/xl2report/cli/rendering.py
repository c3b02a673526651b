"""``render`` for one file: check, refuse or draft, write each format."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import xl2report
from xl2report import printed
from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import say, show, write_file
from xl2report.cli.previous import last_workbook


class Order(NamedTuple):
    """What the command was asked for, the same for each of its files."""

    prose: Path | None
    previous: Path | None
    draft: bool
    charts: bool
    script: str
    archive: bool


def render_file(path: Path, targets: dict[str, Path], order: Order) -> int:
    """The exit code: 0 written, 1 refused or written as a draft with errors, 2 unreadable."""
    result = xl2report.check(path, prose=order.prose)
    if result.status == "unreadable":
        say(printed.as_text([result], LANGUAGE))
        return 2
    if result.status == "fail" and not order.draft:
        say(printed.as_text([result], LANGUAGE))
        say(words(
            f"{path}：有错误，没有生成报告。请改正后再生成；要看样子，加 --draft",
            f"{path}: not rendered because of errors. Mend them first; to see it anyway, add --draft",
        ))  # fmt: skip
        return 1
    previous = None if order.previous is None else last_workbook(order.previous, result.year, result.agency)
    if order.previous is not None and previous is None:
        return 2
    _warn(path, result)
    wanted = {"draft": order.draft, "language": LANGUAGE, "script": order.script, "archive": order.archive, "previous": previous}
    codes = [_write(result, name, target, order, wanted) for name, target in targets.items()]
    return max(*codes, 0 if result.status == "pass" else 1)


def _write(result: xl2report.Checked, name: str, target: Path, order: Order, wanted: dict[str, Any]) -> int:
    """The exit code of one format. A PDF that cannot be made says why; the other formats do not wait for it."""
    from xl2report.report.fonts import NoTypesetter
    from xl2report.report.script import NoConverter
    from xl2report.report.typeset import Unprintable

    try:
        content = xl2report.render(result, to=name, charts=order.charts, **wanted)
    except Unprintable as error:
        _lacking(result, error.characters, order.script)
        return 1
    except NoConverter:
        say(words(
            f"{target}：没有生成：这台机器上没有 OpenCC（有的平台没有这个包），不能转成繁体；不加 --script 照常可用",
            f"{target}: not made: OpenCC is not installed (it does not exist for every platform), so nothing can be converted; leave --script out",
        ))  # fmt: skip
        return 2
    except NoTypesetter as error:
        lacking = "、".join(error.missing)
        if name == "pdf":
            say(words(
                f"{target}：没有生成：这台机器上没有 {lacking}（有的平台没有这个包）。HTML 和 DOCX 照常可用",
                f"{target}: not made: {lacking} is not installed (it does not exist for every platform); HTML and DOCX work without",
            ))  # fmt: skip
            return 2
        say(words(
            f"{target}：没有图表：画图要用 {lacking}，这台机器上没有",
            f"{target}: without its charts: they need {lacking}, which is not installed",
        ))  # fmt: skip
        content = xl2report.render(result, to=name, charts=False, **wanted)
    show(str(write_file(target, content)))
    if name == "pdf":
        _say_unserved()
    return 0


@lru_cache(maxsize=1)
def _say_unserved() -> None:
    """Says once which fonts of one's own were to serve and do not: the PDF looks otherwise than was meant."""
    from xl2report.cli.fonts import unserved
    from xl2report.report.fonts import font_set

    for line in unserved(font_set()):
        say(line)


def _lacking(result: xl2report.Checked, characters: tuple[str, ...], script: str) -> None:
    """Says which characters no font has, and where each stands."""
    from xl2report.report.glyphs import glyph_findings

    if result.form and result.submission:
        found = glyph_findings(result.form, result.submission, characters, script)
        say(printed.as_text([replace(result, findings=found)], LANGUAGE))


def _warn(path: Path, result: xl2report.Checked) -> None:
    errors = sum(finding.severity == "error" for finding in result.findings)
    if errors:
        say(words(f"{path}：还有 {errors} 处错误，写成草稿，不能公开", f"{path}: a draft with {errors} errors, not for publication"))
    prose = [finding for finding in result.findings if finding.code.startswith("N")]
    for finding in prose:  # about a text file that the workbook's sheets cannot show
        say(f"{path}：{finding.message(LANGUAGE)}")
    queries = sum(finding.severity == "query" and finding.stands for finding in result.findings)
    if queries:
        say(words(f"{path}：有 {queries} 处疑问没有说明，请用 xl2report check 查看", f"{path}: {queries} queries are not explained; see xl2report check"))
