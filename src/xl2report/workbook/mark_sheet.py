"""The sheet 问题清单 of a marked workbook: the findings with links to their cells, and, hidden, what the marks replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, NamedTuple

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from xl2report.checks import suspect_words
from xl2report.checks.entries import visible
from xl2report.checks.findings import Finding, FoundCell
from xl2report.checks.suspects import Change, Suspicion
from xl2report.form.model import Words
from xl2report.workbook.line_sheet import width
from xl2report.workbook.mark_words import COLOURS, LIST_SHEET, MARKS_STAMP, clean, severity_words
from xl2report.workbook.pen import FONT
from xl2report.workbook.plan import quoted

_COLUMNS: tuple[tuple[Words, float], ...] = (
    (Words("序号", "no."), 5), (Words("级别", "severity"), 9), (Words("位置", "place"), 23), (Words("项目", "item"), 27),
    (Words("问题", "finding"), 42), (Words("怎么改", "what to do"), 37), (Words("现填", "now"), 23),
    (Words("应为", "expected"), 10), (Words("编号", "code"), 8),
)  # fmt: skip
_HINT = Words(
    "× 错误（红）必须改正，? 疑问（黄）请核对或说明，· 提示（蓝）请留意。点“位置”转到该格，格上有批注。"
    "改好后照常报送；本表和批注不影响报送，请保留，下次核对时自动更新。",
    "× errors (red) must be mended, ? queries (amber) mended or explained, · notes (blue) are for your information. Click a "
    "place to go there; the cell has a comment. This sheet and the comments do no harm: keep them, the next check renews them.",
)
_FIRST = 2  # the first visible column; the first holds the stamp and is hidden
_PLACE = _FIRST + 2
_MEMORY = _FIRST + len(_COLUMNS) + 1  # three hidden columns: sheet, cell (in its old fill), our part of the comment
_SHOWN = 6  # cells of a finding whose values are listed
_TALLEST = 400.0
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # spreadsheets take _x000D_ in a text for a character
_NAMES = "/"  # between names of sheets, which cannot hold it
_THIN = Side(style="thin", color="7F7F7F")


class Mark(NamedTuple):
    """What a mark replaced: the cell's fill, and the text that was added to its comment."""

    sheet: str
    cell: str
    fill: Any
    text: str


class View(NamedTuple):
    """What the reader of the workbook saw first: the active sheet, the selected sheets, the first tab."""

    active: str
    selected: tuple[str, ...]
    first_tab: int


def is_list(sheet: Worksheet) -> bool:
    """True for a list of findings that an earlier marking left, in either language."""
    return bool(sheet.cell(1, 1).value == MARKS_STAMP)


def write_list(
    sheet: Worksheet,
    findings: Sequence[Finding],
    heading: Sequence[str],
    reaches: Callable[[FoundCell], bool],
    language: str,
    *,
    suspicions: Sequence[Suspicion] = (),
) -> None:
    """Fills the sheet. ``reaches`` tells which cells a link can go to."""
    put(sheet.cell(1, 1), MARKS_STAMP)
    sheet.row_dimensions[1].hidden = True
    sheet.column_dimensions["A"].hidden = True
    for column, (_, size) in enumerate(_COLUMNS, _FIRST):
        sheet.column_dimensions[get_column_letter(column)].width = size
    header = _write_heading(sheet, heading, language)
    for column, (words, _) in enumerate(_COLUMNS, _FIRST):
        cell = put(sheet.cell(header, column), words.in_language(language), bold=True, middle=True)
        cell.fill = PatternFill("solid", fgColor="DCE6F1")
    sheet.row_dimensions[header].height = 22
    for number, finding in enumerate(findings, 1):
        _write_finding(sheet, header + number, number, finding, reaches, language=language)
    last = header + len(findings)
    for suspicion in suspicions:
        last = _write_suspicion(sheet, last + 1, suspicion, reaches, language=language)
    _finish(sheet, header, last)


def _write_heading(sheet: Worksheet, heading: Sequence[str], language: str) -> int:
    """Title, heading lines and hint; the row that the table's header goes into."""
    last = get_column_letter(_FIRST + len(_COLUMNS) - 1)
    title, *lines = heading or ("",)
    name = LIST_SHEET.in_language(language)
    words = [f"{name}　{clean(title)}" if title else name, *map(clean, lines), _HINT.in_language(language)]
    room = sum(size for _, size in _COLUMNS)
    for row, text in enumerate(words, 2):
        sheet.merge_cells(f"B{row}:{last}{row}")
        cell = put(sheet.cell(row, _FIRST), text, boxed=False)
        cell.font = Font(name=FONT, size=16 if row == 2 else 11, bold=True)
        sheet.row_dimensions[row].height = 30 if row == 2 else 16.0 * -(-width(text) // int(room)) + 4
    cell.font = Font(name=FONT, size=10, color="595959")
    return len(words) + 2


def _write_finding(
    sheet: Worksheet, row: int, number: int, finding: Finding, reaches: Callable[[FoundCell], bool], *, language: str
) -> None:
    first = finding.cells[0] if finding.cells else None
    fix = finding.fix(language)
    if finding.explained:
        fix = ("explained: " if language == "en" else "已说明：") + finding.explained
    texts = (
        str(number), severity_words(finding.severity, language), f"{first.place.sheet} {first.place.cell}".strip() if first else "—",
        " > ".join(first.place.item) if first else "", finding.message(language), fix, _values(finding, language),
        (finding.expected or "") if finding.severity != "note" else "", finding.code,
    )  # fmt: skip
    _write_row(sheet, row, texts, first if first and reaches(first) else None)
    sheet.cell(row, _FIRST + 1).fill = PatternFill("solid", fgColor=COLOURS[finding.severity])


def _write_row(sheet: Worksheet, row: int, texts: Sequence[str], link: FoundCell | None) -> None:
    shown = [clean(text) for text in texts]
    for column, text in enumerate(shown, _FIRST):
        put(sheet.cell(row, column), text, middle=column in (_FIRST, _FIRST + 1, _FIRST + 7, _FIRST + 8))
    if link:
        cell = sheet.cell(row, _PLACE)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{quoted(link.place.sheet)}!{link.place.cell}")
        cell.font = Font(name=FONT, size=11, color="0563C1", underline="single")
    lines = (_lines(text, size) for text, (_, size) in zip(shown, _COLUMNS, strict=True))
    sheet.row_dimensions[row].height = min(_TALLEST, 15.0 * max(lines) + 8)


def _write_suspicion(
    sheet: Worksheet, row: int, suspicion: Suspicion, reaches: Callable[[FoundCell], bool], *, language: str
) -> int:
    """A line for the group, a row for every cell of the repairs that are shown, a line for the rest; the last row."""
    _write_line(sheet, row, suspect_words.heading(suspicion, language), bold=True)
    for number, changes in enumerate(suspicion.repairs[: suspect_words.SHOWN], 1):
        for change in changes:
            row += 1
            found = FoundCell(change.place, change.now)
            _write_row(sheet, row, _change_texts(number, change, language), found if reaches(found) else None)
    if rest := suspect_words.rest(suspicion, language):
        row += 1
        _write_line(sheet, row, rest)
    return row


def _change_texts(number: int, change: Change, language: str) -> tuple[str, ...]:
    english = language == "en"
    place, value = change.place, f"{change.needed:f}"
    return (
        f"{'way' if english else '改法'} {number}", "", f"{place.sheet} {place.cell}".strip(), " > ".join(place.item), change.why(language),
        f"may have to be {value}" if english else f"核对此格，可能应为 {value}", _visible(change.now) or ("(empty)" if english else "（空）"), value, "",
    )  # fmt: skip


def _write_line(sheet: Worksheet, row: int, text: str, *, bold: bool = False) -> None:
    """A line over all columns."""
    sheet.merge_cells(start_row=row, end_row=row, start_column=_FIRST, end_column=_FIRST + len(_COLUMNS) - 1)
    put(sheet.cell(row, _FIRST), clean(text), bold=bold)
    room = sum(size for _, size in _COLUMNS)
    sheet.row_dimensions[row].height = 15.0 * _lines(text, room) + 8


def _values(finding: Finding, language: str) -> str:
    """What stands in the cells: of one its value, of several the first by address, figures before zeros and blanks."""
    empty = "(empty)" if language == "en" else "（空）"
    if not finding.cells:
        return ""
    if len(finding.cells) == 1:
        return _visible(finding.cells[0].value) or empty
    telling = sorted(finding.cells, key=lambda cell: cell.value in ("", "0"))[:_SHOWN]
    one_sheet = len({cell.place.sheet for cell in finding.cells}) == 1
    names = (cell.place.cell if one_sheet else f"{cell.place.sheet} {cell.place.cell}" for cell in telling)
    shown = [f"{name}={_visible(cell.value) or empty}" for name, cell in zip(names, telling, strict=True)]
    total = len(finding.cells)
    rest = "" if total <= _SHOWN else f" … ({total} cells)" if language == "en" else f" 等 {total} 格"
    return ", ".join(shown) + rest  # a space is where the line may break


def _visible(value: str) -> str:
    return "\n".join(map(visible, value.splitlines()))


def _lines(text: str, size: float) -> int:
    """Lines that a wrapped text takes in a column."""
    return sum(max(1, -(-width(line) // max(1, int(size) - 3))) for line in text.split("\n"))


def put(cell: Any, text: str, *, bold: bool = False, middle: bool = False, boxed: bool = True) -> Any:
    """The cell with a text in it, whatever the text looks like: one that begins with = is no formula."""
    cell.value = _ESCAPE.sub("_x005F_", text)
    cell.data_type = "s"
    cell.font = Font(name=FONT, size=11, bold=bold)
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center" if middle else "left", indent=1 if boxed and not middle else 0)
    if boxed:
        cell.border = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
    return cell


def _finish(sheet: Worksheet, header: int, last: int) -> None:
    """View, lock and page."""
    sheet.freeze_panes = f"A{header + 1}"
    sheet.sheet_view.showGridLines = False
    for selection in sheet.sheet_view.selection:
        selection.activeCell = selection.sqref = f"D{header + 1}"
    lock = sheet.protection
    lock.sheet, lock.objects, lock.scenarios = True, True, True
    lock.formatColumns = lock.formatRows = False  # False: may be changed
    sheet.page_setup.paperSize, sheet.page_setup.orientation = 9, "landscape"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top = margins.bottom = 0.7
    margins.header = margins.footer = 0.3
    footer: Any = sheet.HeaderFooter.oddFooter
    footer.center.text = "&P / &N"
    sheet.print_title_rows = f"{header}:{header}"
    sheet.print_area = f"B2:{get_column_letter(_FIRST + len(_COLUMNS) - 1)}{last}"


# -- what the marks replaced -----------------------------------------------------------------------------------------


def write_memory(sheet: Worksheet, marks: Sequence[Mark], view: View) -> None:
    """Hidden beside the list: one row a mark, each address in a cell that wears the old fill; the view in the first row."""
    for column in range(_MEMORY, _MEMORY + 3):
        sheet.column_dimensions[get_column_letter(column)].hidden = True
    for column, text in enumerate((view.active, _NAMES.join(view.selected), str(view.first_tab)), _MEMORY):
        _remember(sheet.cell(1, column), text)
    worn: dict[int, Any] = {}  # the style for each fill that was met: openpyxl takes long to find one
    for row, mark in enumerate(marks, 2):
        for column, text in enumerate((mark.sheet, mark.cell, mark.text), _MEMORY):
            _remember(sheet.cell(row, column), text)
        cell: Any = sheet.cell(row, _MEMORY + 1)
        if id(mark.fill) in worn:
            cell._style = copy(worn[id(mark.fill)])
        else:
            cell.fill = copy(mark.fill)
            worn[id(mark.fill)] = cell._style
        if sheet.row_dimensions[row].height is None:
            sheet.row_dimensions[row].height = 15  # the remembered texts have several lines


def _remember(cell: Any, text: str) -> None:
    cell.value = _ESCAPE.sub("_x005F_", text)
    cell.data_type = "s"


def read_memory(sheet: Worksheet) -> tuple[tuple[Mark, ...], View]:
    """What ``write_memory`` wrote, as far as it is still there."""

    def text(row: int, column: int) -> str:
        value = sheet.cell(row, column).value
        return "" if value is None else str(value)

    marks = tuple(
        Mark(text(row, _MEMORY), text(row, _MEMORY + 1), copy(sheet.cell(row, _MEMORY + 1).fill), text(row, _MEMORY + 2))
        for row in range(2, sheet.max_row + 1)
        if text(row, _MEMORY)
    )
    first_tab = text(1, _MEMORY + 2)
    selected = tuple(text(1, _MEMORY + 1).split(_NAMES))
    return marks, View(text(1, _MEMORY), selected, int(first_tab) if first_tab.isdigit() else 0)
