"""台账.xlsx: one line for each unit, with its state, what it sent in and what is wrong; the files that nobody is known by."""

from __future__ import annotations

import datetime
import io

from xl2report.desk.collection import Collection, Standing, State, alike
from xl2report.desk.received import Received
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Page, Pen

STATES: dict[State, str] = {"missing": "未报", "faulty": "有误", "unclear": "待定", "open": "待说明", "done": "已报", "exempt": "不报"}
_LOOKS: dict[State, str] = {"missing": "bad", "faulty": "bad", "unclear": "bad", "open": "open", "done": "good", "exempt": "plain"}
_HEADS = (
    ("代码", 18), ("名称", 28), ("类别", 20), ("上级", 16), ("状态", 9), ("标记", 14), ("截止", 12), ("收到时间", 18), ("报送次数", 9),
    ("核对码", 12), ("错误", 7), ("疑问", 7), ("提示", 7), ("首个问题", 60), ("采用的文件", 40), ("其他文件", 40),
)  # fmt: skip
_FILES = (("文件", 50), ("机关名称", 28), ("代码", 18), ("年度", 8), ("收到时间", 18), ("能否读出", 12), ("首个问题", 60))
_READ = {"pass": "通过", "fail": "有误", "unreadable": "读不出"}
_LINE = 16.0


def ledger(found: Collection, title: str) -> bytes:
    """The workbook as .xlsx bytes; the same collection gives the same bytes."""
    out = io.BytesIO()
    pen = Pen(out)
    pen.book.set_properties({"created": datetime.datetime(1980, 1, 1), "title": title})
    page = _page(pen, "台账", f"{title}台账", _summary(found), _HEADS)
    twins = alike(found)
    for row, standing in enumerate(found.standings, 3):
        _unit(page, row, standing, twins.get(standing.unit.row, ()))
    page.sheet.autofilter(2, 0, max(2 + len(found.standings), 2), len(_HEADS) - 1)
    page.sheet.freeze_panes(3, 2)
    if found.strangers:
        page = _page(pen, "名册外文件", "不属于名册里任何单位的文件", "按封面的机关代码、机关名称都找不到单位；请核对名册或封面。", _FILES)
        for row, record in enumerate(found.strangers, 3):
            _stranger(page, row, record)
        page.sheet.freeze_panes(3, 1)
    pen.book.close()
    return out.getvalue()


def _page(pen: Pen, name: str, title: str, line: str, heads: tuple[tuple[str, int], ...]) -> Page:
    page = pen.page(name)
    page.text(0, 0, title, "title")
    page.sheet.set_row(0, 28)
    page.text(1, 0, line)
    for column, (head, size) in enumerate(heads):
        page.sheet.set_column(column, column, size)
        page.text(2, column, head, "header")
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.repeat_rows(2)
    return page


def _summary(found: Collection) -> str:
    """How many units stand where, in the order of urgency."""
    numbers = {state: sum(standing.state == state for standing in found.standings) for state in STATES}
    told = "，".join(f"{word} {numbers[state]}" for state, word in STATES.items() if numbers[state])
    late = sum(standing.late for standing in found.standings)
    return f"{len(found.standings)} 个单位：{told}" + (f"；迟报 {late}" if late else "")


def _unit(page: Page, row: int, standing: Standing, twins: tuple[str, ...]) -> None:
    unit = standing.unit
    latest = standing.history[0] if standing.history else None
    texts = [unit.code, unit.name, unit.category, unit.superior, STATES[standing.state], marks(standing)]
    texts.append(standing.due.isoformat() if standing.due else "")
    texts += [_when(latest), "", latest.check_code if latest else "", "", "", ""]
    first = latest.told[0] if latest and latest.told else None
    used = standing.valid.path if standing.valid else ""
    others = "\n".join(record.path for record in standing.history if record is not standing.valid)
    problem = f"[{first.code}] {first.place} {first.message}" if first else _why(standing, latest)
    if standing.waived:
        problem = "；".join(waiver.told for waiver in standing.waived) + f"；{problem}"
    if twins:
        told = f"全部数字与{'、'.join(twins[:3])}{f' 等 {len(twins)} 个单位' if len(twins) > 3 else ''}相同，请核实"
        problem = f"{problem}；{told}" if problem else told
    for column, text in enumerate((*texts, problem, used, others)):
        page.text(row, column, text, "cell")
    if latest:
        for column, number in ((8, latest.times), (10, latest.errors), (11, latest.queries), (12, latest.notes)):
            page.number(row, column, number, "centre")
    page.text(row, 4, STATES[standing.state], "verdict")
    page.sheet.conditional_format(row, 4, row, 4, {"type": "no_blanks", "format": page.style(_LOOKS[standing.state])})
    lines = max(1 + width(problem) // 56, 1 + others.count("\n"), 1 + width(unit.name) // 26)
    page.sheet.set_row(row, _LINE * min(lines, 20) + 2)


def _why(standing: Standing, latest: Received | None) -> str:
    """Why a file that was read without errors does not count."""
    if standing.state == "unclear":
        return "几份文件的报送次数相同、内容不同，不知道以哪份为准：请单位在封面改正报送次数"
    if standing.state == "faulty" and latest is not None:
        return f"不是本年度的：封面年度是 {latest.year or '（空）'}"
    return ""


def marks(standing: Standing) -> str:
    """What else is to be known: 迟报, 改报, 重复, 放行."""
    told = [word for word, holds in (("迟报", standing.late), ("改报", standing.amended), ("重复", standing.repeated), ("放行", standing.waived)) if holds]
    return "、".join(told)


def _stranger(page: Page, row: int, record: Received) -> None:
    first = record.told[0] if record.told else None
    texts = (record.path, record.agency, record.code, str(record.year or ""), _when(record), _READ[record.status], f"[{first.code}] {first.message}" if first else "")
    for column, text in enumerate(texts):
        page.text(row, column, text, "cell")


def _when(record: Received | None) -> str:
    return record.received.strftime("%Y-%m-%d %H:%M") if record else ""
