"""``template`` with a roster or with last year's workbooks: what is issued, to whom, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xl2report.archive import Several
from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import say, show, write_file
from xl2report.cli.processes import spread
from xl2report.desk.filed import Cabinet, Filed, cabinet
from xl2report.desk.issue import Issue, issues, written
from xl2report.desk.listing import ListRefused
from xl2report.desk.roster import Roster, Unit, read_roster
from xl2report.desk.waivers import Waiver, read_waivers
from xl2report.form.model import Form

_NAMED = 20  # units that one sentence names


def run(form: Form, year: int, roster: Path, previous: Path | None, folder: Path) -> int:
    """The exit code: 0 issued, 1 some files were there already with other content, 2 a roster with faults."""
    found = roster_of(form, roster)
    if found is None:
        return 2
    last = Cabinet((), ()) if previous is None else cabinet(previous, form, year)
    made = issues(form, year, found.units, last.filed)
    new, kept = _write(folder, [issue for _, issue, _ in made])
    _summary(found.units, new, len(made), kept)
    if previous is not None:
        _say_last(made, last, year)
    return int(bool(kept))


def roster_of(form: Form, roster: Path) -> Roster | None:
    """The roster; None, with every fault told, if it has any."""
    category = form.role("category")
    try:
        found = read_roster(roster, [choice.label for choice in category.choices] if category else [])
    except ListRefused as refused:
        _say_faults(roster, refused)
        return None
    if found.unused:
        say(words(f"名册里没有用到的列：{'、'.join(found.unused)}", f"columns of the roster that are not used: {', '.join(found.unused)}"))
    return found


def waivers_of(form: Form, roster: Roster, path: Path) -> tuple[Waiver, ...] | None:
    """The waivers; None, with every fault told, if there is any."""
    try:
        return read_waivers(path, roster.units, {rule.id for rule in form.rules if rule.severity == "error"})
    except ListRefused as refused:
        _say_faults(path, refused)
        return None


def _say_faults(path: Path, refused: ListRefused) -> None:
    for finding in refused.findings:
        where = " ".join(part for cell in finding.cells for part in (cell.place.sheet, cell.place.cell, *cell.place.item) if part and part != path.name)
        say(f"{path}{f'  {where}' if where else ''}  [{finding.code}] {finding.message(LANGUAGE)}\n    → {finding.fix(LANGUAGE)}")


def _write(folder: Path, made: Sequence[Issue]) -> tuple[int, list[str]]:
    """Writes each workbook that is not there yet: how many, and the names of those that are there with other content."""
    kept = []
    new = 0
    for issue, content in zip(made, spread(written, made), strict=True):
        target = folder / issue.file
        if target.exists():
            if target.read_bytes() != content:
                kept.append(issue.file)
            continue
        show(str(write_file(target, content)))
        new += 1
    return new, kept


def _summary(units: Sequence[Unit], new: int, made: int, kept: Sequence[str]) -> None:
    left, same = len(units) - made, made - new - len(kept)
    say(words(
        f"名册 {len(units)} 个单位：应报 {made} 个" + (f"，不应报 {left} 个" if left else "") + f"；生成 {new} 份" + (f"，已有相同的 {same} 份" if same else ""),
        f"{len(units)} units in the roster: {made} report" + (f", {left} do not" if left else "") + f"; {new} workbooks made" + (f", {same} there already" if same else ""),
    ))  # fmt: skip
    if kept:
        say(words(
            f"{len(kept)} 个文件已经存在、内容不同，没有覆盖：{_names(kept)}。要重发的，先把它们移走",
            f"{len(kept)} files exist with other content and were not overwritten: {_names(kept)}; move them away to issue them again",
        ))  # fmt: skip


def _say_last(made: Sequence[tuple[Unit, Issue, Filed | Several | None]], last: Cabinet, year: int) -> None:
    """What became of last year's workbooks: used, missing, not to be told apart, not read."""
    used = [one for _, _, one in made if isinstance(one, Filed)]
    missing = [unit.name for unit, _, one in made if one is None]
    unclear = [f"{unit.name}（{'、'.join(one.paths)}）" for unit, _, one in made if isinstance(one, Several)]
    say(words(f"按 {year - 1} 年度工作簿预填 {len(used)} 个", f"prefilled from workbooks of {year - 1}: {len(used)}"))
    if missing:
        say(words(f"没有上年工作簿 {len(missing)} 个：{_names(missing)}", f"no workbook of last year ({len(missing)}): {_names(missing)}"))
    if unclear:
        say(words(
            f"上年有几份、报送次数相同，没有预填：{_names(unclear)}。请只留一份",
            f"several of last year with the same 报送次数, not prefilled: {_names(unclear)}; keep one of them",
        ))  # fmt: skip
    gaps = [one.report.name for one in used if one.gaps]
    if gaps:
        say(words(f"上年的数有缺或不能确定，留空：{_names(gaps)}", f"figures of last year missing or in doubt, left empty: {_names(gaps)}"))
    if last.others:
        told = [f"{path}（{why or words('无年度', 'no year')}）" for path, why in last.others]
        say(words(f"没有用到的文件 {len(told)} 个：{_names(told)}", f"files that were not used ({len(told)}): {_names(told)}"))
    spare = {one.report.path for one in last.filed} - {one.report.path for one in used} - {path for _, _, one in made if isinstance(one, Several) for path in one.paths}
    if spare:
        say(words(f"名册里没有、或另有更新一次报送的上年工作簿 {len(spare)} 个：{_names(sorted(spare))}", f"workbooks of last year that no unit of the roster, or a later submission, uses ({len(spare)}): {_names(sorted(spare))}"))


def _names(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    told = words("、", ", ").join(names[:_NAMED])
    return told + (words(f" 等 {len(names)} 个", f" and {more} more") if more > 0 else "")
