"""图表: one page of charts for 汇总.xlsx, drawn from live cells: where the units stand, the form's charts of the sums, who has most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from xl2report.desk.collection import Collection, State
from xl2report.desk.ledger import STATES
from xl2report.desk.summary_matrix import MATRIX, Matrix, figures
from xl2report.form.model import Bar, Chart
from xl2report.workbook.line_sheet import width
from xl2report.workbook.pen import FONT, Page, exactly
from xl2report.workbook.plan import quoted

CHARTS, DATA = "图表", "图表数据"
_MOST = 10  # units that a chart names
_INK = "#3A7CA5"  # 4:1 against white, as in the reports
_COLOURS: Mapping[State, str] = {"done": "#2E7D32", "open": "#8A6500", "faulty": "#B3261E", "unclear": "#B3261E", "missing": "#B3261E", "exempt": "#595959"}
_ORDER: Sequence[State] = ("done", "open", "faulty", "unclear", "missing")
# In pixels: the page, landscape A4 without margins at full size, in three columns.
_WIDE, _SMALL = 1040, 250
_LARGE = (_WIDE - _SMALL) // 2
_TOP, _COLUMN, _ROW, _GAP = 3, 64, 20, 6  # the first row with charts; a column, a row, what is between two charts
_TITLE, _TEXT, _STEP = 40, 14, 5  # of a chart: its title, a line of a label, between two bars
_LOWEST = 226
_LABEL, _STATE = 0.46, 0.28  # how much of a chart's width is for labels
_SIZE, _CHARACTERS = 8, 34  # of the type in points; half-width characters in a line of a label


class Rod(NamedTuple):
    """One bar: its label and figure, each with the formula that it comes from, "" where it is typed."""

    label: str
    value: Decimal
    label_from: str = ""
    value_from: str = ""
    colour: str = _INK


class Drawing(NamedTuple):
    """One chart: what stands above it, and its bars."""

    caption: str
    rods: tuple[Rod, ...]


class Drawings(NamedTuple):
    """The charts of the page: where the units stand; and for each chart of the form its sums beside the units with most.

    ``empty`` are the captions of those that would show zeros only.
    """

    states: Drawing
    pairs: tuple[tuple[Drawing, Drawing], ...]
    empty: tuple[str, ...]

    @property
    def all(self) -> tuple[Drawing, ...]:
        return (self.states, *(one for pair in self.pairs for one in pair))


def drawings(found: Collection, shown: Matrix) -> Drawings:
    """What there is to be drawn."""
    pairs, empty = [], []
    for chart in (chart for table in found.form.tables for chart in table.charts):
        sums, most = _sums(chart, shown), _most(chart, shown)
        if any(rod.value for rod in sums.rods):
            pairs.append((sums, most))
        else:
            empty.append(chart.title)
    return Drawings(_states(found), tuple(pairs), tuple(empty))


def _states(found: Collection) -> Drawing:
    counted = Counter(standing.state for standing in found.standings)
    order = [*_ORDER, *(state for state in STATES if state not in _ORDER and counted[state])]
    rods = tuple(Rod(STATES[state], Decimal(counted[state]), colour=_COLOURS[state]) for state in order)
    return Drawing(f"{len(found.standings)} 个单位报送情况（单位：个）", rods)


def _sums(chart: Chart, shown: Matrix) -> Drawing:
    places = shown.places
    rods = []
    for label, bar in zip(_labels(chart.bars), chart.bars, strict=True):
        at = [places[field] for field in bar.fields]
        value = sum((shown.sums[place] for place in at), Decimal(0))
        rods.append(Rod("\n".join(_lines(label)), value, value_from="=" + "+".join(shown.total_at(place) for place in at)))
    return Drawing(chart.caption, tuple(rods))


def _most(chart: Chart, shown: Matrix) -> Drawing:
    """The units with the largest figures, all bars of the chart together; of equals those that the roster has first."""
    places = shown.places
    at = [places[field] for bar in chart.bars for field in bar.fields]
    totals = [sum((value for place in at if (value := figures(one)[place])), Decimal(0)) for one in shown.inside]
    order = sorted((n for n, value in enumerate(totals) if value), key=lambda n: -totals[n])[:_MOST]
    rods = []
    for n in order:
        lines = _lines(shown.inside[n].unit.name)
        value_from = "=" + "+".join(shown.figure_at(n, place) for place in at)
        rods.append(Rod("\n".join(lines), totals[n], _broken(shown.name_at(n), lines), value_from))
    unit = f"（单位：{chart.unit}）" if chart.unit else ""
    return Drawing(f"{chart.title}：最多的 {len(rods)} 个单位{unit}", tuple(rods))


def _labels(bars: Sequence[Bar]) -> list[str]:
    """What the bars are called: with the nearest of the labels around them, with all of them if that tells them not apart."""
    short = ["·".join((*bar.group[-1:], bar.label)) for bar in bars]
    return short if len(set(short)) == len(short) else ["·".join((*bar.group, bar.label)) for bar in bars]


def _lines(text: str) -> list[str]:
    """The text in lines of about the same length, which a chart has room for: some programs break none."""
    room = width(text) / -(-width(text) // _CHARACTERS) + 1 if text else 0
    lines = [""]
    for character in text:
        if width(lines[-1] + character) > room and character not in "，。、；：）》”":
            lines.append("")
        lines[-1] += character
    return lines


def _broken(cell: str, lines: Sequence[str]) -> str:
    """The formula of a cell's text in lines; the last takes all that is left, however a program counts rare characters."""
    pieces, first = [], 1
    for n, line in enumerate(lines, 1):
        pieces.append(f"MID({cell},{first},{len(line) if n < len(lines) else 999})")
        first += len(line)
    return f"={cell}" if len(lines) == 1 else "=" + "&CHAR(10)&".join(pieces)


def write_data(page: Page, drawn: Drawings) -> list[tuple[int, int]]:
    """The cells that the charts are drawn from; by chart its first and last row."""
    page.sheet.set_column(0, 0, 48)
    page.sheet.set_column(1, 1, 20)
    page.text(0, 0, "图表数据", "title")
    page.sheet.set_row(0, 28)
    page.text(1, 0, f"“{CHARTS}”由这里的格画成；数字是公式，取自“{MATRIX}”。报送情况的个数、单位的先后是生成时定的。")
    row, areas = 3, []
    for drawing in drawn.all:
        page.text(row, 0, drawing.caption, "heading")
        areas.append((row + 1, row + len(drawing.rods)))
        for at, rod in enumerate(drawing.rods, row + 1):
            page.sheet.set_row(at, _ROW * 0.8 * (rod.label.count("\n") + 1))
            if rod.label_from:
                page.formula((at, 0), rod.label_from, rod.label, "cell")
            else:
                page.text(at, 0, rod.label, "cell")
            if rod.value_from:
                page.formula((at, 1), rod.value_from, rod.value, exactly("centre", rod.value))
            else:
                page.number(at, 1, rod.value, "centre")
        row += len(drawing.rods) + 2
    page.sheet.set_paper(9)
    page.sheet.fit_to_pages(1, 0)
    return areas


def write_charts(page: Page, drawn: Drawings, areas: Sequence[tuple[int, int]], title: str, line: str) -> None:
    """The page with the charts; ``areas`` are the rows of their cells."""
    page.text(0, 0, f"{title}：汇总图表", "title")
    page.sheet.set_column(0, _WIDE // _COLUMN, 8.43)  # so wide in every program, whatever its own idea of a column
    page.sheet.set_column(3, 3, 6)  # the sums stand off from the charts
    page.sheet.set_row(0, 28)
    page.text(1, 0, line)
    left_out = f"各项都是 0、没有画：{'、'.join(drawn.empty)}。" if drawn.empty else ""
    page.text(2, 0, f"由“{DATA}”的格画成，可以改。并列的单位按名册先后。{left_out}")
    heights = [max(map(_height, pair)) for pair in drawn.pairs]
    states = max((_height(drawn.states), *heights[:1]))
    at = iter(areas)
    _insert(page, drawn.states, next(at), (0, 0), (_SMALL, states))
    top = 0
    for (sums, most), height in zip(drawn.pairs, heights, strict=True):
        _insert(page, sums, next(at), (_SMALL + _GAP, top), (_LARGE - _GAP, height))
        _insert(page, most, next(at), (_SMALL + _LARGE + _GAP, top), (_LARGE - _GAP, height))
        top += height + _GAP
    row = _TOP + states // _ROW + 2
    for (sums, _), (first, end) in zip(drawn.pairs, areas[1::2], strict=True):
        page.merged((row, 0, row + 1, 1), f"合计：{sums.caption}", "label")
        total = sum((rod.value for rod in sums.rods), Decimal(0))
        style = exactly("total", total)
        page.merged((row, 2, row + 1, 3), "", style)
        page.formula((row, 2), f"=SUM({quoted(DATA)}!$B${first + 1}:$B${end + 1})", total, style)
        row += 2
    last = max(_TOP + max(top, states) // _ROW, row)
    for row in range(1, last + 1):
        page.sheet.set_row(row, _ROW * 0.75)
    page.sheet.hide_gridlines(2)
    page.sheet.set_landscape()
    page.sheet.set_paper(9)
    page.sheet.set_margins(0.4, 0.4, 0.4, 0.4)
    page.sheet.center_horizontally()
    page.sheet.print_area(0, 0, last, _WIDE // _COLUMN)
    page.sheet.fit_to_pages(1, 1)
    page.sheet.activate()


def _height(drawing: Drawing) -> int:
    """So high that every label has room for its lines: bars stand at equal distances, and LibreOffice leaves out what is tight."""
    most = max((rod.label.count("\n") + 1 for rod in drawing.rods), default=1)
    return max(_LOWEST, _TITLE + len(drawing.rods) * (most * _TEXT + _STEP))


def _insert(page: Page, drawing: Drawing, area: tuple[int, int], at: tuple[int, int], size: tuple[int, int]) -> None:
    """A bar chart of the cells in the rows of an area, at so many pixels, of so many."""
    if not drawing.rods:  # increases and decreases that cancel each other in every unit
        return
    first, last = area
    series: dict[str, Any] = {
        "name": drawing.caption,
        "categories": f"={quoted(DATA)}!$A${first + 1}:$A${last + 1}",
        "values": f"={quoted(DATA)}!$B${first + 1}:$B${last + 1}",
        "fill": {"color": _INK},
        "gap": 45,
        "data_labels": {"value": True, "position": "outside_end", "font": {"name": FONT, "size": _SIZE}},
    }
    if any(rod.colour != _INK for rod in drawing.rods):
        series["points"] = [{"fill": {"color": rod.colour}} for rod in drawing.rods]
    chart = page.pen.book.add_chart({"type": "bar"})
    chart.add_series(series)
    chart.set_title({"name": drawing.caption, "name_font": {"name": FONT, "size": 11, "bold": True}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": {"name": FONT, "size": _SIZE}, "interval_unit": 1, "major_tick_mark": "none", "line": {"color": "#7F7F7F"}, "label_position": "low"})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    wide, high = size
    label = _STATE if wide == _SMALL else _LABEL
    chart.set_plotarea({"layout": {"x": label, "y": _TITLE / high, "width": 0.86 - label, "height": 1 - (_TITLE + 6) / high}})
    chart.set_chartarea({"border": {"color": "#BFBFBF"}})
    chart.set_size({"width": wide, "height": high})
    told = "；".join(f"{rod.label.replace(chr(10), '')} {rod.value:f}" for rod in drawing.rods)
    x, y = at
    page.sheet.insert_chart(_TOP, 0, chart, {"x_offset": x, "y_offset": y, "object_position": 2, "description": f"{drawing.caption}：{told}。"})
