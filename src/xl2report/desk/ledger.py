"""台账.xlsx: one line for each unit, with its state, what it sent in and what is wrong; the files that nobody is known by."""

from __future__ import annotations

import datetime
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from xl2report.desk.collection import Collection, Standing, State, alike
from xl2report.desk.links import link
from xl2report.desk.received import Received
from xl2report.desk.reconciliation import accounts
from xl2report.form.model import Form
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import Page, Pen
from xl2report.workbook.plan import column_name

STATES: dict[State, str] = {"missing": "未报", "faulty": "有误", "unclear": "待定", "open": "待说明", "done": "已报", "exempt": "不报"}
_LOOKS: dict[State, str] = {"missing": "bad", "faulty": "bad", "unclear": "bad", "open": "open", "done": "good", "exempt": "absent"}
_READ = {"pass": "通过", "fail": "有误", "unreadable": "读不出"}
_PURPOSE = "一行一个单位：报了没有，以哪份文件为准，哪里要改。点名称打开报表，点退回的文件名打开退回信、标注件。改了“状态”，这里的个数跟着变。"
_STRANGERS = "按封面的机关代码、机关名称，在名册里找不到这些文件是哪个单位的：请核对名册或封面。点文件名打开文件。"
_FIRST = 3  # the row of the first line, after title, words and heads
_LINE, _MOST_LINES = 16.0, 20
_LONGEST = 16_000  # characters of a cell, so that even those that Excel counts double fit
_NAMED = 3  # units that a cell names


class _Line(NamedTuple):
    """What the cells of a unit's line are made of. ``twins`` have the very same figures; ``returned`` is what goes back;
    ``account`` says what is known of it as a summary of those below, ``other`` in what it is of another year.
    """

    standing: Standing
    latest: Received | None
    twins: tuple[str, ...]
    returned: Sequence[Path]
    account: str
    other: str


T = TypeVar("T")


class _Column(NamedTuple, Generic[T]):
    """A column: its head, its width, what a line has in it, and the file that this leads to. Not all are printed."""

    head: str
    size: int
    cell: Callable[[T], str | int | None]
    file: Callable[[T], str] | None = None
    style: str = "cell"
    printed: bool = True


def ledger(
    found: Collection, title: str, desk: Path | None = None, returned: Mapping[int, Sequence[Path]] | None = None
) -> bytes:
    """The workbook as .xlsx bytes; the same collection gives the same bytes.

    ``desk`` is the folder that the workbook goes into: names of units link to their files. ``returned`` are the files that
    go back, by the row of the unit.
    """
    out = io.BytesIO()
    with Pen(out) as pen:
        pen.book.set_properties({"created": datetime.datetime(1980, 1, 1), "title": title})
        _units(pen.page("台账", streamed=True), found, title, desk, returned or {})
        if found.strangers:
            _strangers(pen.page("名册外文件", streamed=True), found.strangers, desk)
    return out.getvalue()


def _units(page: Page, found: Collection, title: str, desk: Path | None, returned: Mapping[int, Sequence[Path]]) -> None:
    end = _FIRST + len(found.standings) - 1
    _set_up(page, _COLUMNS, 2, max(end, 2))
    page.sheet.autofilter(2, 0, max(end, 2), len(_COLUMNS) - 1)
    page.text(0, 0, f"{title}台账", "title")
    page.formula((1, 0), *_counts(found, end))
    _heads(page, _COLUMNS)
    twins, known = alike(found), accounts(found)
    for row, standing in enumerate(found.standings, _FIRST):
        unit = standing.unit.row
        latest = standing.history[0] if standing.history else None
        other = other_year(latest, found.form, found.year) if latest else ""
        _write(page, row, _COLUMNS, _Line(standing, latest, twins.get(unit, ()), returned.get(unit, ()), known.get(unit, ""), other), desk)
    for state, word in STATES.items():
        look = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": page.style(_LOOKS[state])}
        page.sheet.conditional_format(_FIRST, _AT["状态"], max(end, _FIRST), _AT["状态"], look)


def _counts(found: Collection, end: int) -> tuple[str, str]:
    """How many units stand where, in the order of urgency: the formula and its result."""
    numbers = Counter(standing.state for standing in found.standings)
    late = sum(standing.late for standing in found.standings)
    asked = [(word, _AT["状态"], word, numbers[state]) for state, word in STATES.items()] + [("迟报", _AT["标记"], "*迟报*", late)]
    formula, told = f'="{len(found.standings)} 个单位', f"{len(found.standings)} 个单位"
    for n, (word, column, criterion, number) in enumerate(asked):
        mark = "：" if n == 0 else "；" if word == "迟报" else "，"
        name = column_name(column)
        formula += f'{mark}{word} "&COUNTIF(${name}${_FIRST + 1}:${name}${max(end, _FIRST) + 1},"{criterion}")&"'
        told += f"{mark}{word} {number}"
    return f'{formula}。{_PURPOSE}"', f"{told}。{_PURPOSE}"


def _strangers(page: Page, records: Sequence[Received], desk: Path | None) -> None:
    _set_up(page, _FILES, 1, 2 + len(records))
    page.text(0, 0, "不属于名册里任何单位的文件", "title")
    page.text(1, 0, _STRANGERS)
    _heads(page, _FILES)
    for row, record in enumerate(records, _FIRST):
        _write(page, row, _FILES, record, desk)
    page.sheet.autofilter(2, 0, 2 + len(records), len(_FILES) - 1)


def _set_up(page: Page, columns: Sequence[_Column[T]], frozen: int, end: int) -> None:
    """How the sheet is shown and printed; ``end`` is its last row."""
    for n, column in enumerate(columns):
        page.sheet.set_column(n, n, column.size)
    page.sheet.set_row(0, 28)
    page.sheet.set_row(2, 2 * _LINE + 2)
    page.sheet.freeze_panes(_FIRST, frozen)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    page.sheet.fit_to_pages(1, 0)
    page.sheet.repeat_rows(2)
    page.sheet.print_area(0, 0, end, max(n for n, column in enumerate(columns) if column.printed))
    page.sheet.set_footer("&C第 &P 页，共 &N 页")


def _heads(page: Page, columns: Iterable[_Column[T]]) -> None:
    for n, column in enumerate(columns):
        page.text(2, n, column.head, "header")


def _write(page: Page, row: int, columns: Sequence[_Column[T]], line: T, desk: Path | None) -> None:
    cells = [_fitting(value) if isinstance(value := column.cell(line), str) else value for column in columns]
    lines = max(_lines(value, column.size) for value, column in zip(cells, columns, strict=True) if isinstance(value, str))
    page.sheet.set_row(row, _LINE * min(lines, _MOST_LINES) + 2)
    for n, (value, column) in enumerate(zip(cells, columns, strict=True)):
        if isinstance(value, int):
            page.number(row, n, value, "centre")
        else:
            page.link((row, n), value or "", link(column.file(line), desk) if column.file else "", ("file", column.style))


def _lines(text: str, size: int) -> int:
    return sum(max(1, -(-width(line) // (size - 2))) for line in text.split("\n"))


def _fitting(text: str) -> str:
    """The text as a cell can hold it: what is no character (a name in another encoding) is written as a number."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}……（还有 {len(text) - _LONGEST} 字，这一格放不下）"


def _problem(line: _Line) -> str:
    """What lets the return stand all the same, the first thing that is wrong, and whom it is the same as."""
    latest, twins = line.latest, line.twins
    first = latest.told[0] if latest and latest.told else None
    problem = f"[{first.code}] {first.place} {first.message}" if first else _why(line.standing, latest, line.other)
    told = [*(waiver.told for waiver in line.standing.waived), *(part for part in (line.account, problem) if part)]
    if twins:
        more = f" 等 {len(twins)} 个单位" if len(twins) > _NAMED else ""
        told.append(f"全部数字与{'、'.join(twins[:_NAMED])}{more}相同，请核实")
    return "；".join(told)


def _why(standing: Standing, latest: Received | None, other: str) -> str:
    """Why a file that was read without errors does not count."""
    if standing.state == "unclear":
        return "几份文件的报送次数相同、内容不同，不知道以哪份为准：请单位在封面改正报送次数"
    if standing.state == "faulty" and latest is not None:
        return f"不是本年度的：{other}"
    return ""


def other_year(record: Received, form: Form, year: int) -> str:
    """In what a return that was read is of another year; "" if it is of this one."""
    if record.year != year:
        return f"封面年度是 {record.year or '（空）'}"
    return "" if record.form == form.id else "用的是别的年度的工作簿"


def _explained(line: _Line) -> str:
    """The queries that the unit has answered, each with its answer."""
    record = line.standing.valid or line.latest
    return "\n".join(f"{one.place} {one.message} 说明：{one.fix}" for one in record.explained) if record else ""


def marks(standing: Standing) -> str:
    """What else is to be known: 迟报, 改报, 重复, 放行."""
    told = [word for word, holds in (("迟报", standing.late), ("改报", standing.amended), ("重复", standing.repeated), ("放行", standing.waived)) if holds]
    return "、".join(told)


def _main_file(line: _Line) -> str:
    """The file that counts, else the latest."""
    record = line.standing.valid or line.latest
    return record.path if record else ""


def _others(line: _Line) -> str:
    return "\n".join(record.path for record in line.standing.history if record is not line.standing.valid)


def _back(line: _Line, ending: str) -> Path | None:
    """The file with an ending among those that go back."""
    return next((path for path in line.returned if path.suffix == ending), None)


def _name(path: Path | None) -> str:
    return path.name if path else ""


def _when(record: Received | None) -> str:
    return record.received.strftime("%Y-%m-%d %H:%M") if record else ""


def _first(record: Received) -> str:
    return f"[{record.told[0].code}] {record.told[0].message}" if record.told else ""


_COLUMNS: tuple[_Column[_Line], ...] = (
    _Column("代码", 20, lambda line: line.standing.unit.code),
    _Column("名称", 30, lambda line: line.standing.unit.name, _main_file),
    _Column("类别", 14, lambda line: line.standing.unit.category),
    _Column("上级", 14, lambda line: line.standing.unit.superior),
    _Column("状态", 9, lambda line: STATES[line.standing.state], style="verdict"),
    _Column("标记", 9, lambda line: marks(line.standing)),
    _Column("截止", 12, lambda line: line.standing.due.isoformat() if line.standing.due else ""),
    _Column("收到时间", 12, lambda line: _when(line.latest)),
    _Column("报送次数", 6, lambda line: line.latest.times if line.latest else None),
    _Column("核对码", 12, lambda line: line.latest.check_code if line.latest else ""),
    _Column("错误", 6, lambda line: line.latest.errors if line.latest else None),
    _Column("疑问", 6, lambda line: line.latest.queries if line.latest else None),
    _Column("提示", 6, lambda line: line.latest.notes if line.latest else None),
    _Column("首个问题", 46, _problem),
    _Column("已作的说明", 30, _explained),
    _Column("采用的文件", 40, lambda line: line.standing.valid.path if line.standing.valid else "", printed=False),
    _Column("其他文件", 40, _others, printed=False),
    _Column("退回信", 26, lambda line: _name(_back(line, ".txt")), lambda line: str(_back(line, ".txt") or ""), printed=False),
    _Column("标注件", 26, lambda line: _name(_back(line, ".xlsx")), lambda line: str(_back(line, ".xlsx") or ""), printed=False),
)
_AT = {column.head: n for n, column in enumerate(_COLUMNS)}
_FILES: tuple[_Column[Received], ...] = (
    _Column("文件", 50, lambda record: record.path, lambda record: record.path),
    _Column("机关名称", 28, lambda record: record.agency),
    _Column("代码", 20, lambda record: record.code),
    _Column("年度", 8, lambda record: str(record.year or "")),
    _Column("收到时间", 12, _when),
    _Column("能否读出", 9, lambda record: _READ[record.status]),
    _Column("首个问题", 60, _first),
)
