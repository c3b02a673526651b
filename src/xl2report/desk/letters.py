"""The letter that goes back to a unit: which file it is about, what is to be mended, and how to send it in again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xl2report.desk.collection import Standing
from xl2report.desk.ledger import marks, other_year
from xl2report.desk.received import OFFICE, Received, Told
from xl2report.form.model import Form

_ASK = "向下发单位要一份空白工作簿"
# What a unit can do where the catalogue speaks to whoever runs this program.
_FIXES: Mapping[str, str] = {
    "F102": "请在 WPS 或 Excel 中取消打开密码，保存后重新报送",
    "F106": f"请{_ASK}，把内容填进去",
    "F107": f"请{_ASK}，把内容填进去",
    "F108": f"请{_ASK}，把内容填进去",
    "F113": "请在 WPS 或 Excel 中取消打开密码，保存后重新报送",
    "N118": "请报送填好的工作簿",
    "V106": "请逐格填写；确实是 0 的，填 0",
}
_FRESH = ("S101", "S102", "S103", "S104", "S108", "S111", "S117", "S121", "S205", "S206")  # mended in a workbook that a letter does not bring


def letter(form: Form, year: int, standing: Standing) -> str:
    """The letter as text, to be pasted; "" for a unit of which nothing is wanted."""
    due = f"（截止 {standing.due.isoformat()}）" if standing.due else ""
    head = f"{standing.unit.name}：\n\n"
    if standing.state == "missing":
        return f"{head}还没有收到你单位 {year} 年度{form.name}{due}。请用下发的工作簿填好，尽快报送。\n"
    if standing.state == "unclear":
        times = standing.history[0].times
        files = "\n".join(f"  {_file(one.path)}，{one.received:%Y-%m-%d %H:%M} 收到" for one in _rivals(standing, year))
        return f"{head}收到你单位几份 {year} 年度{form.name}，报送次数都是 {times}，内容却不同，不知道以哪份为准：\n{files}\n请把应当采用的一份重新报送，封面的报送次数填 {times + 1}。\n"
    if standing.state not in ("faulty", "open"):
        return ""
    latest = _wanted(standing)
    told = f"你单位报送的 {year} 年度{form.name}（{_file(latest.path)}，{latest.received:%Y-%m-%d} 收到{'，' + marks(standing) if marks(standing) else ''}）"
    other = other_year(latest, form, year)
    if latest.status == "pass" and standing.state == "faulty":
        cover = f"只是封面的年度填错的，改成 {year} 后重新报送，{_times(latest)}。" if latest.form == form.id else ""
        return f"{head}{told}不是本年度的：{other}。请报送 {year} 年度的。{cover}\n"
    if not latest.errors and not latest.queries:
        return ""
    number = "，".join(f"{word} {count} 处" for word, count in (("错误", latest.errors), ("疑问", latest.queries)) if count)
    if other and latest.year:  # a year that is missing is among the errors
        number += f"；并且不是 {year} 年度的（{other}），请报送 {year} 年度的"
    lines = "\n".join(line for n, one in enumerate(latest.told, 1) for line in _lines(n, one))
    return f"{head}{told}经核对有{number}：\n\n{lines}{_rest(latest)}\n\n{_again(latest)}\n"


def _rivals(standing: Standing, year: int) -> Iterator[Received]:
    """The files between which nothing decides; those of a year before stand behind the others."""
    latest = standing.history[0]
    for one in standing.history:
        if one.times == latest.times and ((one.year or year) < year) is ((latest.year or year) < year):
            yield one


def _wanted(standing: Standing) -> Received:
    """The latest file without what is not the unit's to mend: what is the office's, and what was let through."""
    latest = standing.history[0]
    told = tuple(one for one in latest.told if one.code not in OFFICE and not (standing.waived and one.severity == "error"))
    offices = sum(one.severity == "query" for one in latest.told if one.code in OFFICE)
    return latest._replace(errors=0 if standing.waived else latest.errors, queries=latest.queries - offices, told=told)


def _lines(number: int, one: Told) -> Iterator[str]:
    yield f"{number}. {one.place}{'：' if one.place else ''}{one.message}"
    if one.hint:
        yield f"   {one.hint}"
    if one.expected:
        yield f"   应为 {one.expected}"
    if one.cells:
        yield f"   涉及：{one.cells}"
    yield f"   {_FIXES.get(one.code, one.fix)}"


def _rest(latest: Received) -> str:
    more = latest.errors + latest.queries - len(latest.told)
    return f"\n{'其余 ' if latest.told else ''}{more} 处见随附工作簿里的“问题清单”。" if more > 0 else ""


def _again(latest: Received) -> str:
    """How to send it in again: where a fresh workbook is to be had, what counts as an explanation."""
    times = _times(latest)
    fresh = f"没有空白工作簿的，请{_ASK}。" if any(one.code in _FRESH for one in latest.told) else ""
    how = "疑问的原因写在“校验”表的说明栏，要写清数字为什么是这样；写“无”“/”不算原因。" if latest.queries else ""
    mended = "请改正" if latest.errors else "请改正，或写明原因"
    return f"{fresh}{mended}后重新报送，{times}。{how}"


def _times(latest: Received) -> str:
    return f"封面的报送次数填 {latest.times + 1}"


def _file(path: str) -> str:
    """The name of a file without its folders, of whatever system."""
    return path.replace("\\", "/").rpartition("/")[2]
