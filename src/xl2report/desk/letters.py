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
        return f"{head}你单位 {year} 年度{form.name}还没有收到{due}。请尽快填报。\n"
    if standing.state == "unclear":
        files = "\n".join(f"  {record.path}" for record in standing.history)
        return f"{head}收到你单位几份 {year} 年度{form.name}，报送次数相同、内容不同，不知道以哪份为准：\n{files}\n请在应当采用的一份的封面上，把报送次数改大，重新报送。\n"
    if standing.state not in ("faulty", "open"):
        return ""
    latest = _wanted(standing)
    told = f"你单位报送的 {year} 年度{form.name}（{_file(latest.path)}，{latest.received:%Y-%m-%d} 收到{'，' + marks(standing) if marks(standing) else ''}）"
    other = other_year(latest, form, year)
    if latest.status == "pass" and standing.state == "faulty":
        return f"{head}{told}不是本年度的：{other}。请报送 {year} 年度的。\n"
    if not latest.errors and not latest.queries:
        return ""
    number = "，".join(f"{word} {count} 处" for word, count in (("错误", latest.errors), ("疑问", latest.queries)) if count)
    if other and latest.year:  # a year that is missing is among the errors
        number += f"；并且不是 {year} 年度的（{other}），请报送 {year} 年度的"
    lines = "\n".join(line for n, one in enumerate(latest.told, 1) for line in _lines(n, one))
    return f"{head}{told}经核对有{number}：\n\n{lines}{_rest(latest)}\n\n{_again(latest)}\n"


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
    times = f"封面的报送次数填 {latest.times + 1}"
    fresh = f"没有空白工作簿的，请{_ASK}。" if any(one.code in _FRESH for one in latest.told) else ""
    how = "对疑问作说明的，要写清数字为什么是这样；说明栏写“无”“/”，不算原因。" if latest.queries else ""
    if latest.errors:
        return f"{fresh}请改正后重新报送，{times}。{how}"
    return f"请核对；数字无误的，在“校验”表的说明栏写明原因后重新报送，{times}。{how}"


def _file(path: str) -> str:
    """The name of a file without its folders, of whatever system."""
    return path.replace("\\", "/").rpartition("/")[2]
