"""``render``: every workbook checked, refused or drafted, and written in each format."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import xl2report
from xl2report import printed
from xl2report.checked import Checked, Terms
from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import say, show, write_file
from xl2report.cli.passwords import opened
from xl2report.cli.previous import last_of_unit, last_workbook
from xl2report.cli.targets import file_name, target_of, unused

_OF_LAST = ("P103", "P104", "P105")
_EDITED = "docx"  # the one format that people go on writing in


class Order(NamedTuple):
    """What the command was asked for: each format with its ending, where to, and how."""

    formats: Mapping[str, str]
    output: Path | None
    terms: Terms
    previous: Path | None
    draft: bool
    charts: bool
    script: str
    archive: bool


def run(files: tuple[Path, ...], order: Order) -> int:
    """The highest exit code of the workbooks; a file may be a zip of them. 2 for a call that cannot be meant so."""
    if order.previous is None:
        return _run(files, order)
    from xl2report.cli.last_reports import last_reports

    with last_reports(order.previous, files, order.terms.password) as last:
        return _run(files, order._replace(terms=order.terms._replace(last=last)))


def _run(files: tuple[Path, ...], order: Order) -> int:
    many = len(files) > 1 or len(order.formats) > 1
    if not _is_fitting(files[0], len(files) > 1, many, order):
        return 2
    code = 0
    taken: set[Path] = set()
    for path in files:
        results = opened(path, order.terms)
        first = tuple(islice(results, 2))
        several = len(first) > 1
        if several and not _is_fitting(path, several, several, order):
            return 2
        for result in chain(first, results):
            stem = _stem(path, result.path)
            targets = {
                name: unused(target_of(order.output, f"{stem}.{ending}", many or several), taken)
                for name, ending in order.formats.items()
            }
            code = max(code, render_one(result, targets, order))
    return code


def _is_fitting(path: Path, several: bool, many: bool, order: Order) -> bool:
    """False, with a word why, where one text or one file is to serve more workbooks or formats than it can."""
    if several and order.terms.prose is not None:
        say(words(
            f"--prose 是一个单位的文字，不能用于多个工作簿（{path} 等）；请逐个生成",
            f"--prose is the text of one agency and cannot serve several workbooks ({path} and others); render them one by one",
        ))  # fmt: skip
        return False
    if many and order.output and order.output.suffix and not order.output.is_dir():
        say(words(
            f"有多个输出文件，-o 应当是文件夹，不是 {order.output}",
            f"several files are to be written: -o must be a folder, not {order.output}",
        ))  # fmt: skip
        return False
    return True


def _stem(path: Path, found: str) -> str:
    """What the reports of a workbook are called: as its file, or as the file in the zip that it was found in."""
    member = "" if found == str(path) else found.replace("\\", "/").rpartition("/")[2]
    return file_name(member.rpartition(".")[0] or member) or path.stem


def render_one(result: Checked, targets: Mapping[str, Path], order: Order) -> int:
    """The exit code: 0 written, 1 refused or written as a draft with errors, 2 unreadable."""
    path = result.path
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
    previous = None
    if isinstance(order.terms.last, Path):
        previous = last_of_unit(order.terms.last, result, order.terms.password)
    elif order.previous is not None and (previous := last_workbook(order.previous, result.year, result.agency, order.terms.password)) is None:
        return 2
    _warn(path, result)
    wanted = {"draft": order.draft, "language": LANGUAGE, "script": order.script, "archive": order.archive, "previous": previous}
    codes = [_write(result, name, target, order, wanted) for name, target in targets.items()]
    return max(*codes, 0 if result.status == "pass" else 1)


def _write(result: Checked, name: str, target: Path, order: Order, wanted: dict[str, Any]) -> int:
    """The exit code of one format. A PDF that cannot be made says why; the other formats do not wait for it."""
    from xl2report.report.fonts import NoTypesetter
    from xl2report.report.script import NoConverter
    from xl2report.report.typeset import Unprintable

    try:
        content = xl2report.render(result, to=name, charts=order.charts, **wanted)
    except Unprintable as error:
        _lacking(result, target, error.characters, order.script)
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
    if name == _EDITED:
        _keep_edited(target, content)
    show(str(write_file(target, content)))
    if name == "pdf":
        _say_unserved()
    return 0


def _keep_edited(target: Path, content: bytes) -> None:
    """Keeps a copy of a file that is about to be replaced and that somebody has edited, or made with something else."""
    from xl2report.report.seal import is_untouched

    try:
        found = target.read_bytes()
    except OSError:  # there is none, or whoever writes will say why not
        return
    if found == content or is_untouched(found):
        return
    kept = write_file(target.with_name(f"{target.stem}.{words('旧', 'old')}{target.suffix}"), found, overwrite=False)
    say(words(
        f"{target}：原来的文件有人改过，或不是本工具写的，已留作 {kept}",
        f"{target}: the file that was there had been edited, or was not written by this tool; it is kept as {kept}",
    ))  # fmt: skip


@lru_cache(maxsize=1)
def _say_unserved() -> None:
    """Says once which fonts of one's own were to serve and do not: the PDF looks otherwise than was meant."""
    from xl2report.cli.fonts import unserved
    from xl2report.report.fonts import font_set

    for line in unserved(font_set()):
        say(line)


def _lacking(result: Checked, target: Path, characters: tuple[str, ...], script: str) -> None:
    """Says which characters no font has, and where each stands: the workbook is none the worse for it."""
    from xl2report.report.glyphs import glyph_findings
    from xl2report.report.words import place_of

    say(words(f"{target}：没有生成，有印不出来的字符：", f"{target}: not made, there are characters that cannot be printed:"))
    if result.form and result.submission:
        for finding in glyph_findings(result.form, result.submission, characters, script):
            say(f"  [{finding.code}] {place_of(finding)}".rstrip())
            say(f"      {finding.message(LANGUAGE)}")
            say(f"      → {finding.fix(LANGUAGE)}")


def _warn(path: str, result: Checked) -> None:
    errors = sum(finding.severity == "error" for finding in result.findings)
    if errors:
        say(words(f"{path}：还有 {errors} 处错误，写成草稿，不能公开", f"{path}: a draft with {errors} errors, not for publication"))
    beside = [finding for finding in result.findings if finding.code[0] == "N" or finding.code in _OF_LAST]
    for finding in beside:  # about a text file, or last year's workbook, that the workbook's sheets cannot show
        say(f"{path}：{finding.message(LANGUAGE)}")
    queries = sum(finding.severity == "query" and finding.stands for finding in result.findings)
    if queries:
        say(words(f"{path}：有 {queries} 处疑问没有说明，请用 xl2report check 查看", f"{path}: {queries} queries are not explained; see xl2report check"))
