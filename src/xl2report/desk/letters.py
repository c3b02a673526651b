"""The letter that goes back to a unit: which file it is about, what is to be mended, and how to send it in again."""

from __future__ import annotations

from xl2report.desk.collection import Standing
from xl2report.desk.ledger import marks, other_year
from xl2report.form.model import Form


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
    latest = standing.history[0]
    if standing.waived:
        latest = latest._replace(errors=0, told=tuple(one for one in latest.told if one.severity != "error"))
    told = f"你单位报送的 {year} 年度{form.name}（{_file(latest.path)}，{latest.received:%Y-%m-%d} 收到{'，' + marks(standing) if marks(standing) else ''}）"
    other = other_year(latest, form, year)
    if latest.status == "pass" and standing.state == "faulty":
        return f"{head}{told}不是本年度的：{other}。请报送 {year} 年度的。\n"
    number = f"错误 {latest.errors} 处" if latest.errors else ""
    number += "，" if latest.errors and latest.queries else ""
    number += f"疑问 {latest.queries} 处" if latest.queries else ""
    lines = [f"{n}. {one.place}{'：' if one.place else ''}{one.message}\n   {one.fix}" for n, one in enumerate(latest.told, 1)]
    more = latest.errors + latest.queries - len(latest.told)
    rest = f"\n其余 {more} 处见随附工作簿里的“问题清单”。" if more > 0 else ""
    again = f"请改正后重新报送，封面的报送次数填 {latest.times + 1}。" if latest.errors else f"请核对；数字无误的，在“校验”表的说明栏写明原因后重新报送，封面的报送次数填 {latest.times + 1}。"
    if other and latest.year:  # a year that is missing is among the errors
        number += f"；并且不是 {year} 年度的（{other}），请报送 {year} 年度的"
    return f"{head}{told}经核对有{number}：\n\n" + "\n".join(lines) + f"{rest}\n\n{again}\n"


def _file(path: str) -> str:
    """The name of a file without its folders, of whatever system."""
    return path.replace("\\", "/").rpartition("/")[2]
