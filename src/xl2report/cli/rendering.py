"""``render`` for one file: check, refuse or draft, write each format."""

from __future__ import annotations

from pathlib import Path

import xl2report
from xl2report import printed
from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import say, show, write_file


def render_file(path: Path, targets: dict[str, Path], prose: Path | None, draft: bool) -> int:
    """The exit code: 0 written, 1 refused or written as a draft with errors, 2 unreadable."""
    result = xl2report.check(path, prose=prose)
    if result.status == "unreadable":
        say(printed.as_text([result], LANGUAGE))
        return 2
    if result.status == "fail" and not draft:
        say(printed.as_text([result], LANGUAGE))
        say(words(
            f"{path}：有错误，没有生成报告。请改正后再生成；要看样子，加 --draft",
            f"{path}: not rendered because of errors. Mend them first; to see it anyway, add --draft",
        ))  # fmt: skip
        return 1
    _warn(path, result)
    for name, target in targets.items():
        show(str(write_file(target, xl2report.render(result, to=name, draft=draft))))
    return 0 if result.status == "pass" else 1


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
