"""Tables found by their labels alone: every figure at its own cell in any shape, and every damage told, never guessed around."""

import io
import json
import random
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

import xl2report
from xl2report.checked import read_workbook
from xl2report.checks.checking import check
from xl2report.form.layout import layout
from xl2report.form.model import Block, Field, Group, Leaf, Table
from xl2report.form.tree import crossings
from xl2report.grid import Area, Grid
from xl2report.shipped import folder
from xl2report.sources.found_table import find_table
from xl2report.sources.label_index import MOST, LabelIndex
from xl2report.sources.labels import best_form, gather_by_labels
from xl2report.sources.matching import column_tops, form_labels
from xl2report.submission import Raw
from xl2report.workbook.book import read_book
from xl2report.workbook.plan import CHECK_SHEET, GUIDE_SHEET, META_SHEET, cell_name

FORMS = [xl2report.load_form(form_id) for form_id in xl2report.form_ids()]
FORM = FORMS[-1]
PROACTIVE, REQUESTS, REVIEW = FORM.tables
REPORTS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "reports"


class Paper:
    """A sheet being drawn: cells and merged areas that lines can be put into and taken out of."""

    def __init__(self):
        self.cells, self.merges = {}, []

    def text(self, row, column, text):
        self.cells[row, column] = Raw("text", text)

    def table(self, table, figures, row=0, column=0):
        """Print a table as the form has it; the row under it comes back."""
        drawn = layout(table)
        for cell in drawn.cells:
            at = row + cell.row, column + cell.column
            if cell.field:
                if (raw := figures.get(cell.field)) is not None:
                    self.cells[at] = raw
            elif cell.text:
                self.text(*at, cell.text)
            if cell.rows * cell.columns > 1:
                self.merges.append(Area(*at, at[0] + cell.rows - 1, at[1] + cell.columns - 1))
        return row + drawn.rows

    def at(self, text, nth=0):
        return sorted(cell for cell, raw in self.cells.items() if raw.text == text)[nth]

    def rename(self, text, new, nth=0):
        self.cells[self.at(text, nth)] = Raw("text", new)

    def swap(self, one, other):
        one, other = self.at(one), self.at(other)
        self.cells[one], self.cells[other] = self.cells[other], self.cells[one]

    def insert(self, axis, at):
        """A blank line before line ``at``; merged areas around it grow, as in a spreadsheet."""
        self.cells = {tuple(n + (k == axis and n >= at) for k, n in enumerate(cell)): raw for cell, raw in self.cells.items()}
        grown = [list(area) for area in self.merges]
        for area in grown:
            area[axis] += area[axis] >= at
            area[axis + 2] += area[axis + 2] >= at
        self.merges = [Area(*area) for area in grown]

    def delete(self, axis, at):
        self.cells = {
            tuple(n - (k == axis and n > at) for k, n in enumerate(cell)): raw
            for cell, raw in self.cells.items()
            if cell[axis] != at
        }
        shrunk = [list(area) for area in self.merges]
        for area in shrunk:
            area[axis] -= area[axis] > at
            area[axis + 2] -= area[axis + 2] >= at
        self.merges = [Area(*a) for a in shrunk if a[axis] <= a[axis + 2] and (a[0], a[1]) != (a[2], a[3])]

    def double(self, axis, at):
        """A copy of line ``at`` after it, with the merged areas that lie within it."""
        self.insert(axis, at + 1)
        for cell, raw in list(self.cells.items()):
            if cell[axis] == at:
                self.cells[tuple(n + (k == axis) for k, n in enumerate(cell))] = raw
        for area in [area for area in self.merges if area[axis] == area[axis + 2] == at]:
            self.merges.append(Area(*(n + (k % 2 == axis) for k, n in enumerate(area))))

    def grid(self, name="Sheet1", merged=True):
        return Grid(name, dict(self.cells), tuple(self.merges) if merged else ())


def figures_for(form, seed=7):
    """A different figure for every cell of the tables; amounts are texts, as people type them."""
    rnd = random.Random(seed)
    fields = [field for table in form.tables for field in table.cells]
    values = rnd.sample(range(1, 99_999), len(fields))
    return {
        field.id: Raw("text", f"{value}.{value % 89 + 10}") if field.kind == "amount" else Raw("number", str(value))
        for field, value in zip(fields, values, strict=True)
    }


def codes(submission):
    return sorted({remark.code for remark in submission.remarks})


def table_values(form, submission):
    return {
        field.id: submission.entries[field.id].value
        for table in form.tables
        for field in table.cells
        if field.id in submission.entries
    }


def planted(figures):
    return {name: Decimal(raw.text) for name, raw in figures.items()}


# -- shapes ----------------------------------------------------------------------------------------------------------


def one_sheet(form, figures, *, order=1, gap=2, row=0, column=0):
    paper = Paper()
    for table in form.tables[::order]:
        row = paper.table(table, figures, row, column) + gap
    return paper


def spelled(form, figures, spelling: Callable[[str], str]):
    paper = one_sheet(form, figures)
    paper.cells = {cell: Raw("text", spelling(raw.text)) if cell[0] >= 0 and raw.text.strip("0123456789.") else raw for cell, raw in paper.cells.items()}
    return [paper.grid()]


def spans_filled(form, figures):
    """As some programs write it: every cell under a merged area holds what its first one holds."""
    paper = one_sheet(form, figures)
    for area in paper.merges:
        for row in range(area.row, area.last_row + 1):
            for column in range(area.column, area.last_column + 1):
                if raw := paper.cells.get((area.row, area.column)):
                    paper.cells[row, column] = raw
    return [paper.grid()]


def each_on_its_own(form, figures):
    grids = []
    for n, table in enumerate(form.tables):
        paper = Paper()
        paper.table(table, figures, n, 2 * n)
        grids.append(paper.grid(f"表{n}"))
    return grids


def each_block_on_its_own(form, figures):
    grids = []
    for table in form.tables:
        for block in table.blocks:
            paper = Paper()
            paper.table(table._replace(blocks=(block,)), figures, 1, 1)
            grids.append(paper.grid(f"表{len(grids)}"))
    return grids


def side_by_side(form, figures):
    paper, column = Paper(), 0
    for n, table in enumerate(form.tables):
        paper.table(table, figures, 2 * n, column)
        column += layout(table).columns + 1
    return [paper.grid()]


def with_titles_and_notes(form, figures):
    paper, row = Paper(), 3
    paper.text(0, 0, f"某某局{form.first_year}年{form.name}")
    for table in form.tables:
        paper.text(row, 2, f"附表：{table.title}统计表（2021年度）")
        paper.merges.append(Area(row, 2, row, 8))
        paper.text(row + 1, 9, "单位：件")
        row = paper.table(table, figures, row + 2, 1)
        paper.text(row, 1, "说明：本表数字含上年度结转。")
        row += 3
    return [paper.grid()]


def with_blank_lines(seed, merged=True):
    def shape(form, figures):
        paper, rnd = one_sheet(form, figures), random.Random(seed)
        for _ in range(12):
            axis = rnd.randrange(2)
            paper.insert(axis, rnd.randrange(max(cell[axis] for cell in paper.cells) + 1))
        return [paper.grid(merged=merged)]

    return shape


def with_a_label_column(form, figures):
    paper = one_sheet(form, figures, column=2)
    paper.text(*((row, 1) for row in [max(row for row, _ in paper.cells)]).__next__(), "件数")
    return [paper.grid()]


FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
HALF_WIDTH = str.maketrans("（）“”：．", "()\"\":.")
SHAPES = {
    "as printed": lambda form, figures: [one_sheet(form, figures).grid()],
    "without merged areas": lambda form, figures: [one_sheet(form, figures).grid(merged=False)],
    "away from the corner": lambda form, figures: [one_sheet(form, figures, row=13, column=7).grid()],
    "away from the corner, without merged areas": lambda form, figures: [one_sheet(form, figures, row=13, column=7).grid(merged=False)],
    "in another order": lambda form, figures: [one_sheet(form, figures, order=-1).grid()],
    "directly under each other": lambda form, figures: [one_sheet(form, figures, gap=0).grid()],
    "directly under each other, without merged areas": lambda form, figures: [one_sheet(form, figures, gap=0).grid(merged=False)],
    "each table on its own sheet": each_on_its_own,
    "each block on its own sheet": each_block_on_its_own,
    "side by side": side_by_side,
    "every cell of a span filled": spans_filled,
    "titles above and notes below": with_titles_and_notes,
    "a label before the one row of figures": with_a_label_column,
    "half-width brackets and quotes": lambda form, figures: spelled(form, figures, lambda text: text.translate(HALF_WIDTH)),
    "full-width digits and points": lambda form, figures: spelled(form, figures, lambda text: text.translate(FULL_WIDTH)),
    "line breaks and spaces": lambda form, figures: spelled(form, figures, lambda text: "\u3000" + text[:1] + "\n" + text[1:-1] + "\u200b\xa0 " + text[-1:]),
    **{f"blank lines inside ({seed})": with_blank_lines(seed) for seed in range(6)},
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_figure_is_read_at_its_own_cell_whatever_the_shape(form, shape):
    figures = figures_for(form)
    grids = shape(form, figures)
    assert best_form(grids, FORMS) == form
    submission = gather_by_labels(grids, form, shows_formulas=True)
    assert table_values(form, submission) == planted(figures)
    where: dict[str, tuple[str, str]] = {}
    for grid in grids:
        for cell, raw in sorted(grid.cells.items()):
            where.setdefault(raw.text, (grid.name, cell_name(*cell)))
    for name, raw in figures.items():
        entry = submission.entries[name]
        assert (entry.place.sheet, entry.place.cell) == where[raw.text]
        assert (entry.place.item, entry.raw, entry.formula) == (form.fields[name].path, raw, False)
    assert [remark.code for remark in submission.remarks] == ["S116"] * 3
    assert [dict(remark.words)["table"] for remark in submission.remarks] == [table.title for table in form.tables]


@pytest.mark.parametrize("seed", range(8))
def test_blank_lines_among_bare_labels_lose_or_move_no_figure_in_silence(seed):
    figures = figures_for(FORM)
    submission = gather_by_labels(with_blank_lines(seed, merged=False)(FORM, figures), FORM, shows_formulas=True)
    assert_nothing_moved_in_silence(FORM, figures, submission)
    assert len(table_values(FORM, submission)) > 150


def test_a_blank_table_has_blank_entries_at_their_cells():
    paper = Paper()
    paper.table(REVIEW, {}, 2, 1)
    submission = gather_by_labels([paper.grid()], FORM, shows_formulas=True)
    entries = [submission.entries[field.id] for field in REVIEW.cells]
    assert all(entry.blank for entry in entries)
    assert [entry.place.cell for entry in entries] == [cell_name(5, column) for column in range(1, 16)]


def test_a_note_under_an_empty_row_of_figures_is_not_taken_for_one():
    paper = Paper()
    row = paper.table(REVIEW, {}, 2, 1)
    paper.text(row + 1, 1, "本年度没有发生。")
    submission = gather_by_labels([paper.grid()], FORM, shows_formulas=True)
    assert {submission.entries[field.id].place.cell[-1] for field in REVIEW.cells} == {"6"}
    assert all(submission.entries[field.id].blank for field in REVIEW.cells)


# -- damage ----------------------------------------------------------------------------------------------------------


def assert_nothing_moved_in_silence(form, figures, submission):
    """Each figure is the planted one, or is left out and told by its field, its label, or its table."""
    values = table_values(form, submission)
    assert {name: value for name, value in values.items() if value is not None} == {
        name: planted(figures)[name] for name, value in values.items() if value is not None
    }
    fields = {remark.field for remark in submission.remarks}
    labels = {value for remark in submission.remarks if remark.code in ("S103", "S118") for _, value in remark.words}
    sheets = {dict(remark.words)["sheet"] for remark in submission.remarks if remark.code == "S101"}
    for section in form.sections:
        for field in section.table.cells if section.table else ():
            if values.get(field.id) is None:
                assert field.id in fields or {*field.path, section.table.title} & labels or section.sheet in sheets, field.id


def of(table, *labels):
    """The cells of a table with all these labels in their paths."""
    return {field.id for field in table.cells if {*labels} <= {*field.path}}


NATURAL, TOTAL, OTHER = "自然人", "总计", "其他"
DIRECT, AFTER = "未经复议直接起诉", "复议后起诉"
TWO = ("规章", "行政规范性文件")
NEW, LAST_ROW, BODIES = "一、本年新收政府信息公开申请数量", "四、结转下年度继续办理", "法人或其他组织"
PARTIAL = "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"
DAMAGES = {
    "a row deleted": (REQUESTS, lambda p: p.delete(0, p.at("2.重复申请")[0]), of(REQUESTS, "2.重复申请"), ["S117"]),
    "a column deleted": (REQUESTS, lambda p: p.delete(1, p.at("科研机构")[1]), of(REQUESTS, "科研机构"), ["S117"]),
    "a row doubled": (REQUESTS, lambda p: p.double(0, p.at("2.重复申请")[0]), of(REQUESTS, "2.重复申请"), ["S118"]),
    "a column doubled": (REQUESTS, lambda p: p.double(1, p.at("科研机构")[1]), of(REQUESTS, "科研机构"), ["S118"]),
    "a row renamed": (REQUESTS, lambda p: p.rename(PARTIAL, "（二）部分公开"), of(REQUESTS, PARTIAL), ["S107", "S117"]),
    "the first row renamed": (REQUESTS, lambda p: p.rename(NEW, "一、新收"), of(REQUESTS, NEW), ["S107", "S117"]),
    "the last row renamed": (REQUESTS, lambda p: p.rename(LAST_ROW, "四、结转"), of(REQUESTS, LAST_ROW), ["S107", "S117"]),
    "the first column renamed": (REQUESTS, lambda p: p.rename(NATURAL, "个人"), of(REQUESTS, NATURAL), ["S107", "S117"]),
    "the first of a single header row renamed": (
        PROACTIVE, lambda p: p.rename("本年制发件数", "本年制发"), of(PROACTIVE, "本年制发件数"), ["S107", "S117"]),
    "the last column renamed": (REQUESTS, lambda p: p.rename(TOTAL, "合计"), of(REQUESTS, TOTAL), ["S107", "S117"]),
    "a corner changed": (PROACTIVE, lambda p: p.rename("信息内容", "项目"), set(), []),
    "a group of rows renamed": (
        REQUESTS, lambda p: p.rename("（四）无法提供", "（四）不能提供"), of(REQUESTS, "（四）无法提供"), ["S107", "S117"]),
    "a group of columns renamed": (REQUESTS, lambda p: p.rename(BODIES, "组织"), of(REQUESTS, BODIES), ["S107", "S117"]),
    "a group of columns with a twin renamed": (REVIEW, lambda p: p.rename(AFTER, "复议后"), of(REVIEW, AFTER), ["S107", "S117"]),
    "the outermost column label renamed": (
        REQUESTS, lambda p: p.rename("申请人情况", "申请人"), {field.id for field in REQUESTS.cells}, ["S117"]),
    "the heading of a block renamed": (
        PROACTIVE, lambda p: p.rename("第二十条第（五）项", "第二十条第五项"), of(PROACTIVE, "第二十条第（五）项"), ["S117"]),
    "headings of two blocks swapped": (
        PROACTIVE, lambda p: p.swap("第二十条第（五）项", "第二十条第（六）项"),
        of(PROACTIVE, "第二十条第（五）项") | of(PROACTIVE, "第二十条第（六）项"), ["S117"]),
    "two rows swapped": (PROACTIVE, lambda p: p.swap(*TWO), of(PROACTIVE, TWO[0]) | of(PROACTIVE, TWO[1]), ["S103"]),
    "two rows far apart swapped": (
        REQUESTS, lambda p: p.swap("1.属于国家秘密", "6.属于四类过程性信息"),
        of(REQUESTS, "1.属于国家秘密") | of(REQUESTS, "6.属于四类过程性信息"), ["S103"]),
    "rows of two groups swapped": (
        REQUESTS, lambda p: p.swap("1.属于国家秘密", "2.重复申请"),
        of(REQUESTS, "1.属于国家秘密") | of(REQUESTS, "2.重复申请"), ["S107", "S117"]),
    "two columns swapped": (
        REQUESTS, lambda p: p.swap("科研机构", "法律服务机构"),
        of(REQUESTS, "科研机构") | of(REQUESTS, "法律服务机构"), ["S103"]),
    "columns of two levels swapped": (
        REVIEW, lambda p: p.swap("行政复议", AFTER), of(REVIEW, "行政复议") | of(REVIEW, AFTER), ["S107", "S117"]),
    "two groups of columns swapped": (
        REVIEW, lambda p: p.swap(DIRECT, AFTER), of(REVIEW, DIRECT) | of(REVIEW, AFTER), ["S103"]),
    "a header row deleted": (
        REVIEW, lambda p: p.delete(0, p.at(DIRECT)[0]), {field.id for field in REVIEW.cells}, ["S117"]),
    "the one row of figures doubled": (
        REVIEW, lambda p: p.double(0, p.at(DIRECT)[0] + 2), {field.id for field in REVIEW.cells}, ["S118"]),
    "a sub-heading put under a column": (
        REQUESTS, lambda p: (p.insert(0, p.at(NEW)[0]), p.text(p.at(NEW)[0] - 1, p.at(NATURAL)[1], "其中：本地人")),
        of(REQUESTS, NATURAL), ["S107", "S117"]),
    "a label put between a row's own and its figures": (
        REQUESTS, lambda p: (p.insert(1, p.at(NATURAL)[1]), p.text(p.at(NEW)[0], p.at(NATURAL)[1] - 1, "其中：网上")),
        of(REQUESTS, NEW), ["S107", "S117"]),
}  # fmt: skip


def damaged(table, damage, figures, merged):
    """The tables each on its own sheet, one of them damaged."""
    grids = []
    for one in FORM.tables:
        paper = Paper()
        paper.table(one, figures, 3, 2)
        if one is table:
            damage(paper)
        grids.append(paper.grid(one.id, merged))
    return grids


@pytest.mark.parametrize(("table", "damage", "lost", "expected"), DAMAGES.values(), ids=DAMAGES)
def test_damage_to_a_label_costs_its_own_figures_and_no_others(table, damage, lost, expected):
    figures = figures_for(FORM)
    submission = gather_by_labels(damaged(table, damage, figures, merged=True), FORM, shows_formulas=True)
    assert_nothing_moved_in_silence(FORM, figures, submission)
    assert {name for name in figures if name not in submission.entries} == lost
    assert [code for code in codes(submission) if code != "S116"] == expected
    check(FORM, submission)


@pytest.mark.parametrize(("table", "damage", "lost", "expected"), DAMAGES.values(), ids=DAMAGES)
def test_damage_to_a_label_without_merged_areas_moves_no_figure(table, damage, lost, expected):
    figures = figures_for(FORM)
    submission = gather_by_labels(damaged(table, damage, figures, merged=False), FORM, shows_formulas=False)
    assert_nothing_moved_in_silence(FORM, figures, submission)
    assert lost <= {name for name in figures if name not in submission.entries} <= {field.id for field in table.cells}


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "bare"])
@pytest.mark.parametrize("seed", range(60))
def test_any_single_damage_is_told_and_moves_no_figure(seed, merged):
    rnd = random.Random(seed)
    form = rnd.choice(FORMS)
    figures = figures_for(form, seed)
    paper = one_sheet(form, figures, order=rnd.choice([1, -1]), gap=rnd.randrange(3), column=rnd.randrange(3))
    labels = sorted(cell for cell, raw in paper.cells.items() if raw.kind == "text" and raw.text.strip("0123456789."))
    axis = rnd.randrange(2)
    at = rnd.randrange(max(cell[axis] for cell in paper.cells) + 1)
    one, other = rnd.sample(labels, 2)
    match seed % 5:
        case 0:
            paper.delete(axis, at)
        case 1:
            paper.double(axis, at)
        case 2:
            paper.cells[one] = Raw("text", "别的字")
        case 3:
            del paper.cells[one]
        case 4:
            paper.cells[one], paper.cells[other] = paper.cells[other], paper.cells[one]
    submission = gather_by_labels([paper.grid(merged=merged)], form, shows_formulas=True)
    assert_nothing_moved_in_silence(form, figures, submission)
    check(form, submission)


def test_a_lost_line_is_told_cell_by_cell_with_its_path():
    paper = Paper()
    paper.table(REQUESTS, figures_for(FORM))
    paper.delete(0, paper.at("2.重复申请")[0])
    remarks = [r for r in gather_by_labels([paper.grid("表三")], FORM, shows_formulas=True).remarks if r.code == "S117"]
    assert {remark.field for remark in remarks} == of(REQUESTS, "2.重复申请")
    assert {(r.place.sheet, r.place.cell, r.words) for r in remarks} == {("表三", "", (("table", REQUESTS.title),))}
    assert all(remark.place.item == FORM.fields[remark.field].path for remark in remarks)


def test_a_label_that_stands_twice_is_told_at_its_second_place():
    paper = Paper()
    paper.table(REQUESTS, figures_for(FORM))
    row = paper.at("2.重复申请")[0]
    paper.double(0, row)
    remarks = gather_by_labels([paper.grid()], FORM, shows_formulas=True).remarks
    told = [remark for remark in remarks if remark.code == "S118"]
    assert [(remark.place.cell, dict(remark.words)["label"], dict(remark.words)["table"]) for remark in told] == [
        (cell_name(row + 1, 2), "2.重复申请", REQUESTS.title)
    ]


def test_swapped_labels_are_told_with_the_labels_expected_there():
    paper = Paper()
    paper.table(PROACTIVE, figures_for(FORM))
    paper.swap(*TWO)
    told = [remark for remark in gather_by_labels([paper.grid()], FORM, shows_formulas=True).remarks if remark.code == "S103"]
    assert [(remark.place.cell, dict(remark.words)["expected"], dict(remark.words)["found"]) for remark in told] == [
        ("A3", *TWO), ("A4", *TWO[::-1]),
    ]  # fmt: skip


def test_figures_that_belong_to_no_row_or_column_of_the_form_are_strays():
    figures = figures_for(FORM)
    paper = Paper()
    paper.table(REQUESTS, figures)
    column = paper.at(OTHER)[1] + 1
    paper.insert(1, column)
    paper.text(2, column, "法人小计")
    row = paper.at("（六）其他处理")[0]
    paper.insert(0, row)
    paper.text(row, 1, "（六）已撤回")
    for n in range(3, 9):
        paper.cells[n, column] = Raw("number", str(n))
    paper.cells[row, 5] = Raw("number", "88")
    submission = gather_by_labels([paper.grid()], FORM, shows_formulas=True)
    strays = {(remark.place.cell, dict(remark.words)["raw"]) for remark in submission.remarks if remark.code == "S107"}
    assert strays == {(cell_name(n, column), str(n)) for n in range(3, 9)} | {(cell_name(row, 5), "88")}
    assert table_values(FORM, submission) == {k: v for k, v in planted(figures).items() if k.startswith("requests.")}


def test_an_older_editions_row_is_not_taken_for_a_group_of_the_newer_one():
    older, newer = FORMS[0], FORM
    for grid_form, read_as in ((older, newer), (newer, older)):
        figures = figures_for(grid_form)
        paper = Paper()
        paper.table(grid_form.tables[1], figures)
        submission = gather_by_labels([paper.grid()], read_as, shows_formulas=True)
        group = {field.id for field in read_as.tables[1].cells if "（六）其他处理" in field.path}
        assert group
        assert not group & submission.entries.keys()
        same = {name: value for name, value in planted(figures).items() if name in submission.entries}
        assert table_values(read_as, submission) == same


def test_figures_under_a_merged_area_that_is_not_theirs_alone_are_not_read():
    paper = Paper()
    paper.table(PROACTIVE, figures_for(FORM))
    paper.merges.append(Area(2, 1, 2, 2))
    submission = gather_by_labels([paper.grid()], FORM, shows_formulas=True)
    told = [remark for remark in submission.remarks if remark.code == "S114"]
    assert {remark.field for remark in told} == {"proactive.regulations.issued", "proactive.regulations.repealed"}
    assert not {remark.field for remark in told} & submission.entries.keys()
    hidden = [remark.place.cell for remark in submission.remarks if remark.code == "S107"]
    assert hidden == ["C3"]  # what the merged area hides


def test_two_figures_under_one_label_are_both_left_alone():
    paper = Paper()
    paper.table(PROACTIVE, figures_for(FORM))
    row = paper.at("行政许可")[0]
    paper.merges = [area for area in paper.merges if area.row != row]  # the label still spans three columns
    paper.cells[row, 3] = Raw("number", "5")
    submission = gather_by_labels([paper.grid()], FORM, shows_formulas=True)
    assert [remark.place.cell for remark in submission.remarks if remark.code == "S107"] == [cell_name(row, 1), cell_name(row, 3)]
    assert "proactive.licence.decisions" not in submission.entries


def test_a_figure_with_words_under_a_renamed_first_column_costs_no_other_figure():
    figures = figures_for(FORM)
    figures["proactive.regulations.issued"] = Raw("text", "3件")
    paper = Paper()
    paper.table(PROACTIVE, figures)
    paper.rename("本年制发件数", "本年制发")
    submission = gather_by_labels([paper.grid()], FORM, shows_formulas=True)
    assert {field.id for field in PROACTIVE.cells} - submission.entries.keys() == of(PROACTIVE, "本年制发件数")
    assert [remark.place.cell for remark in submission.remarks if remark.code == "S107"] == ["B3", "B4"]


def test_a_column_that_holds_the_label_of_a_bare_group_moves_no_figure_when_it_is_moved():
    figures = figures_for(FORM)
    paper = Paper()
    paper.table(REVIEW, figures)
    column = paper.at(DIRECT)[1]
    moved = {cell: raw for cell, raw in paper.cells.items() if cell[1] == column}
    paper.delete(1, column)
    paper.insert(1, paper.at(AFTER)[1] + 1)
    paper.cells |= {(row, paper.at(AFTER)[1] + 1): raw for (row, _), raw in moved.items()}
    submission = gather_by_labels([paper.grid(merged=False)], FORM, shows_formulas=True)
    assert_nothing_moved_in_silence(FORM, figures, submission)
    assert not of(REVIEW, DIRECT, "结果纠正") & submission.entries.keys()


def test_a_bare_group_does_not_take_a_column_of_the_next_one_whose_label_is_gone():
    figures = figures_for(FORM)
    paper = Paper()
    paper.table(REVIEW, figures)
    del paper.cells[paper.at(AFTER)]
    paper.delete(1, paper.at(DIRECT)[1] + 4)  # its own 总计
    submission = gather_by_labels([paper.grid(merged=False)], FORM, shows_formulas=True)
    assert_nothing_moved_in_silence(FORM, figures, submission)
    assert "review.suit_direct.total" not in submission.entries


# -- blocks that are told apart by their headings alone --------------------------------------------------------------


def halves() -> Table:
    """Two blocks with the same rows and columns, in a group each."""
    columns = (Leaf("in", "收入"), Leaf("out", "支出"))
    blocks = tuple(
        Block(columns, (Group("各科", (Leaf(f"a{n}", "甲"), Leaf(f"b{n}", "乙"))),), "项目", heading)
        for n, heading in enumerate(("上半年", "下半年"))
    )
    cells = tuple(
        Field(f"t.{row.id}.{column.id}", column.label, (block.heading, *path, column.label), "count")
        for block in blocks
        for row, path, column, _ in crossings(block)
    )
    return Table("t", "收支", blocks, cells, Field("t.q", "？", ()), Field("t.n", "注", ()))


HALVES = halves()
HALF_FIGURES = {field.id: Raw("number", str(100 + n)) for n, field in enumerate(HALVES.cells)}
FIRST, SECOND = ({field.id for field in HALVES.cells if heading in field.path} for heading in ("上半年", "下半年"))


def found(paper: Paper, merged=True):
    """The figures found, by field, and the labels that stand twice."""
    labels = form_labels([HALVES])
    table = find_table([LabelIndex(paper.grid(merged=merged), labels)], HALVES, column_tops([HALVES]))
    read = {name: spot.raw.text for name, spot in table.figures.items()}
    assert all(HALF_FIGURES[name].text == text for name, text in read.items())
    return read.keys(), [label for label, _ in table.doubled]


def half_paper(damage=lambda paper: None):
    paper = Paper()
    paper.table(HALVES, HALF_FIGURES, 1, 1)
    damage(paper)
    return paper


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "bare"])
def test_blocks_with_the_same_rows_and_columns_are_told_apart_by_their_headings(merged):
    assert found(half_paper(), merged) == (FIRST | SECOND, [])
    paper = Paper()
    for column, block in zip((1, 6), HALVES.blocks, strict=True):
        paper.table(HALVES._replace(blocks=(block,)), HALF_FIGURES, 1, column)
    assert found(paper, merged) == (FIRST | SECOND, [])


def test_rows_under_a_second_header_without_a_heading_belong_to_no_block():
    assert found(half_paper(lambda paper: paper.rename("下半年", "七至十二月"))) == (FIRST, [])


def test_rows_under_a_second_heading_without_a_header_belong_to_no_block():
    def damage(paper):
        paper.rename("收入", "进项", 1)
        paper.rename("支出", "出项", 1)

    assert found(half_paper(damage)) == (FIRST, [])


def test_a_heading_takes_no_header_from_below_other_rows():
    def damage(paper):
        paper.rename("收入", "进项")
        paper.rename("支出", "出项")
        paper.rename("下半年", "七至十二月")

    assert found(half_paper(damage)) == (set(), [])


def test_a_bare_group_label_reaches_no_further_than_its_own_table():
    block = HALVES.blocks[0]._replace(heading="", corner="")
    other = block._replace(columns=(Leaf("in", "进项"), Leaf("out", "出项")))
    above, below = (HALVES._replace(id=name, blocks=(one,)) for name, one in (("t", block), ("u", other)))
    paper = Paper()
    row = paper.table(above, HALF_FIGURES)
    paper.table(below, {f"u{name[1:]}": raw for name, raw in HALF_FIGURES.items()}, row)
    for without, expected in ((False, 4), (True, 0)):
        if without:
            del paper.cells[paper.at("各科", 1)]
        sheets = [LabelIndex(paper.grid(merged=False), form_labels([above, below]))]
        tables = [find_table(sheets, table, column_tops([above, below])) for table in (above, below)]
        assert [len(table.figures) for table in tables] == [4, expected]


def test_a_label_that_stands_far_too_often_marks_nothing():
    paper = half_paper()
    for row in range(MOST):
        paper.text(100 + row, 20, "甲")
    assert found(paper) == ({name for name in HALF_FIGURES if ".b" in name}, [])


def test_a_few_words_of_a_table_on_another_sheet_are_not_that_table():
    figures = figures_for(FORM)
    table, summary = Paper(), Paper()
    table.table(REQUESTS, figures)
    for cell, text in {(0, 1): "申请人情况", (1, 1): NATURAL, (2, 0): NEW}.items():
        summary.text(*cell, text)
    summary.cells[2, 1] = Raw("number", "5")
    submission = gather_by_labels([summary.grid("摘要"), table.grid("表三")], FORM, shows_formulas=True)
    assert [remark.code for remark in submission.remarks if remark.code != "S101"] == ["S116"]
    assert submission.number("requests.new.natural") == planted(figures)["requests.new.natural"]


def test_a_bare_label_does_not_reach_through_a_merged_area():
    cells = {(0, 0): Raw("text", "甲"), (0, 5): Raw("text", "乙")}
    index = LabelIndex(Grid("Sheet1", cells, (Area(2, 0, 3, 1), Area(1, 5, 1, 6))), frozenset())
    assert [over.key for over in index.beside((1, 1), 0)] == ["甲"]
    assert [over.key for over in index.beside((2, 2), 0)] == []
    assert [over.key for over in index.beside((4, 1), 0)] == []
    assert [over.key for over in index.above((1, 8), 0)] == ["乙"]
    assert [over.key for over in index.above((2, 8), 0)] == ["乙"]


# -- copies ----------------------------------------------------------------------------------------------------------


def copies(change):
    first, second = Paper(), Paper()
    first.table(REQUESTS, figures_for(FORM))
    second.table(REQUESTS, figures_for(FORM), 4, 1)
    change(second)
    return gather_by_labels([first.grid("甲"), second.grid("乙")], FORM, shows_formulas=True)


def test_an_equal_copy_of_a_table_is_read_once_with_a_note():
    submission = copies(lambda paper: None)
    assert [(r.code, r.place.sheet) for r in submission.remarks if r.code not in ("S101", "S116")] == [("S113", "乙")]
    assert {entry.place.sheet for name, entry in submission.entries.items() if entry.value is not None} == {"甲"}


@pytest.mark.parametrize("change", [
    lambda paper: paper.cells.__setitem__((10, 6), Raw("number", "123456")),
    lambda paper: paper.double(0, 9),
], ids=["another figure", "a doubled row"])  # fmt: skip
def test_two_copies_that_differ_are_neither_read(change):
    submission = copies(change)
    told = [(r.code, r.place.sheet) for r in submission.remarks if r.code not in ("S101", "S116")]
    assert told
    assert told == [("S118", "乙")] * len(told)
    assert not {field.id for field in REQUESTS.cells} & submission.entries.keys()


def test_a_blank_copy_beside_a_filled_one_changes_nothing():
    blank, filled = Paper(), Paper()
    blank.table(REQUESTS, {})
    filled.table(REQUESTS, figures_for(FORM))
    submission = gather_by_labels([blank.grid("空表"), filled.grid("填好")], FORM, shows_formulas=True)
    assert [r.code for r in submission.remarks if r.code != "S101"] == ["S116"]
    assert submission.number("requests.new.natural") == planted(figures_for(FORM))["requests.new.natural"]


def test_a_table_split_over_two_sheets_is_read_whole():
    figures = figures_for(FORM)
    first, second = Paper(), Paper()
    first.table(REQUESTS, figures)
    second.table(REQUESTS, figures)
    half = first.at("（四）无法提供")[0]
    for row in range(half, half + 40):
        first.cells = {cell: raw for cell, raw in first.cells.items() if cell[0] != row}
    for _ in range(3, half):
        second.delete(0, 3)
    second.text(3, 0, "三、本年度办理结果")
    second.merges.append(Area(3, 0, second.at("四、结转下年度继续办理")[0] - 1, 0))
    submission = gather_by_labels([first.grid("一页"), second.grid("二页")], FORM, shows_formulas=True)
    assert table_values(FORM, submission) == {k: v for k, v in planted(figures).items() if k.startswith("requests.")}


# -- which form ------------------------------------------------------------------------------------------------------


def test_no_form_is_found_in_a_workbook_without_its_tables():
    paper = Paper()
    for row in range(30):
        paper.text(row, 0, ["总计", "其他", "行政许可", "收入"][row % 4])
        paper.cells[row, 1] = Raw("number", str(row))
    assert best_form([paper.grid()], FORMS) is None
    assert best_form([], FORMS) is None
    submission = gather_by_labels([paper.grid()], FORM, shows_formulas=True)
    assert [dict(remark.words)["sheet"] for remark in submission.remarks] == [s.sheet for s in FORM.sections if s.table]


@pytest.mark.parametrize(("cover", "expected"), [
    ([], FORMS[-1]),
    (["年度", "2020"], FORMS[0]),
    (["年度：", "2024"], FORMS[-1]),
    (["某某局2019年政府信息公开工作年度报告"], FORMS[0]),
])  # fmt: skip
def test_a_table_that_both_editions_have_goes_to_the_year_and_else_to_the_newest(cover, expected):
    paper = Paper()
    for column, text in enumerate(cover):
        paper.text(0, column, text)
    paper.table(REVIEW, figures_for(FORM), 3)
    for forms in (FORMS, FORMS[::-1]):
        assert best_form([paper.grid()], forms) == expected


# -- formulas, facts, texts ------------------------------------------------------------------------------------------


def test_a_totals_stored_result_counts_as_typed_and_one_without_a_result_is_a_fault():
    figures = figures_for(FORM)
    figures["review.review.total"] = Raw("number", "41", "SUM(A4:D4)")
    figures["review.suit_direct.total"] = Raw("blank", "", "SUM(F4:I4)")
    figures["review.review.other"] = Raw("number", "3", "1+2")
    paper = Paper()
    paper.table(REVIEW, figures)
    submission = gather_by_labels([paper.grid()], FORM, shows_formulas=True)
    total, empty = submission.entries["review.review.total"], submission.entries["review.suit_direct.total"]
    assert (total.value, total.formula, total.raw.formula) == (Decimal(41), False, "SUM(A4:D4)")
    assert (empty.value, empty.blank) == (None, False)
    told = [(remark.code, remark.field) for remark in submission.remarks if remark.code in ("V105", "S204")]
    assert told == [("S204", "review.review.other"), ("V105", "review.suit_direct.total")]


def test_what_people_type_in_a_cell_goes_through_the_one_number_grammar():
    figures = figures_for(FORM)
    figures["review.review.upheld"] = Raw("text", " １２件 ")
    figures["review.review.other"] = Raw("text", "十二")
    figures["review.review.pending"] = Raw("text", "/")
    paper = Paper()
    paper.table(REVIEW, figures)
    submission = gather_by_labels([paper.grid()], FORM, shows_formulas=True)
    assert submission.number("review.review.upheld") == 12
    assert (submission.entries["review.review.pending"].blank, submission.entries["review.review.pending"].raw.text) == (True, "/")
    assert [(r.code, r.field) for r in submission.remarks if r.code[0] == "V"] == [
        ("V201", "review.review.upheld"), ("V305", "review.review.other"),
    ]  # fmt: skip


def facts(*rows, table=True):
    paper = Paper()
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            if text:
                paper.cells[row, column] = text if isinstance(text, Raw) else Raw("text", text)
    if table:
        paper.table(REVIEW, figures_for(FORM), len(rows) + 2)
    return gather_by_labels([paper.grid("封面")], FORM, shows_formulas=True)


@pytest.mark.parametrize(("row", "field", "value", "cell"), [
    (["机关名称", "某某局"], "cover.agency", "某某局", "B1"),
    (["机关名称：", "", "某某局"], "cover.agency", "某某局", "C1"),
    (["* 机关名称", "某某局"], "cover.agency", "某某局", "B1"),
    (["机 关 名 称（全称）:", "某某局"], "cover.agency", "某某局", "B1"),
    (["填报人：张三"], "cover.filler", "张三", "A1"),
    (["年度", Raw("number", "2023")], "cover.year", Decimal(2023), "B1"),
    (["地址", "", "电话", "5550123"], "cover.phone", "5550123", "D1"),
    (["机关类别", "县级部门"], "cover.category", "县级部门", "B1"),
    (["落款日期", Raw("date", "2024-01-18")], "cover.signed_on", "2024-01-18", "B1"),
    (["网站：http://www.example.gov.cn/"], "cover.website", "http://www.example.gov.cn/", "A1"),
    (["收费通知总金额（元）", "2950.00"], "fee.charged", Decimal("2950.00"), "B1"),
])  # fmt: skip
def test_a_fact_is_read_beside_its_label(row, field, value, cell):
    submission = facts(row)
    entry = submission.entries[field]
    assert (entry.value, entry.place.sheet, entry.place.cell) == (value, "封面", cell)
    assert entry.place.item == FORM.fields[field].path


def test_a_hint_of_the_form_is_no_value():
    submission = facts(["邮编", f"必填。{FORM.fields['cover.postcode'].hint}"])
    assert submission.entries["cover.postcode"].blank


def test_a_label_hidden_under_a_merged_area_is_none():
    cells = {(0, 0): Raw("text", "联系方式"), (0, 1): Raw("text", "电话"), (0, 2): Raw("text", "人民路1号")}
    submission = gather_by_labels([Grid("封面", cells, (Area(0, 0, 0, 1),))], FORM, shows_formulas=True)
    assert submission.entries["cover.phone"].blank


def test_the_next_label_is_never_taken_for_a_value():
    submission = facts(["地址", "", "电话", "邮编"], ["网站"])
    for name, cell in (("address", "B1"), ("phone", "D1"), ("postcode", "E1"), ("website", "B2")):
        entry = submission.entries[f"cover.{name}"]
        assert (entry.blank, entry.place.cell) == (True, cell)


def test_two_values_of_one_fact_are_neither_read():
    submission = facts(["电话", "5550123"], ["电话：", "5550199"], ["地址", "人民路1号"], ["地址：人民路1号"])
    assert submission.entries["cover.phone"].blank
    assert submission.text("cover.address") == "人民路1号"
    assert [(r.place.cell, dict(r.words)["label"]) for r in submission.remarks if r.code == "S118"] == [("A2", "电话")]


def test_agency_and_year_are_taken_from_the_title_where_the_cover_does_not_say_them():
    submission = facts(["某某县发展\n和改革局２０２３年政府信息公开工作年度报告"])
    assert (submission.text("cover.agency"), submission.number("cover.year")) == ("某某县发展和改革局", 2023)
    assert submission.entries["cover.agency"].place.cell == "A1"
    submission = facts(["某某局2023年政府信息公开工作年度报告"], ["机关名称", "另一局"], ["年度", ""])
    assert (submission.text("cover.agency"), submission.number("cover.year")) == ("另一局", 2023)
    assert submission.text("cover.title") == "某某局2023年政府信息公开工作年度报告"
    submission = facts(["甲局2023年政府信息公开工作年度报告"], ["乙局2023年政府信息公开工作年度报告"])
    assert submission.entries["cover.agency"].blank


def test_every_field_has_an_entry_or_a_remark():
    for grids in ([], [one_sheet(FORM, {}).grid()]):
        submission = gather_by_labels(grids, FORM, shows_formulas=False)
        told = {remark.field for remark in submission.remarks}
        cells = {field.id for table in FORM.tables for field in table.cells}
        assert {name for name in FORM.fields if name not in submission.entries} <= (cells if not grids else told)
        assert list(submission.entries) == [name for name in FORM.fields if name in submission.entries]
        found = check(FORM, submission)
        required = {field.path for field in FORM.fields.values() if field.required}
        assert required <= {cell.place.item for finding in found if finding.code == "V104" for cell in finding.cells}


def test_a_tables_note_is_read_and_long_texts_elsewhere_are_told():
    long = "今年以来，本局认真贯彻落实有关规定，扎实推进各项工作，取得了新的成效。"
    paper = Paper()
    paper.text(0, 0, "四、政府信息公开行政复议、行政诉讼情况（2023年度统计表）")
    row = paper.table(REVIEW, figures_for(FORM), 2)
    paper.text(row, 0, "注：数量含上年度结转，其中三件为上年受理今年审结的案件。")
    paper.text(row + 6, 2, long)
    paper.text(row + 7, 2, "短句。")
    paper.text(row + 8, 2, FORM.guide[0])
    submission = gather_by_labels([paper.grid()], FORM, shows_formulas=True)
    assert submission.text("review.note") == "数量含上年度结转，其中三件为上年受理今年审结的案件。"
    told = [(remark.place.cell, remark.words) for remark in submission.remarks if remark.code == "S107"]
    assert told == [(cell_name(row + 6, 2), (("raw", long),))]
    assert all(submission.entries[field.id].blank for field in FORM.fields.values() if field.kind in ("prose", "yesno"))


# -- real files ------------------------------------------------------------------------------------------------------


def as_workbook(paper: Paper) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for (row, column), raw in paper.cells.items():
        sheet.cell(row + 1, column + 1, int(raw.text) if raw.kind == "number" else raw.text)
    for area in paper.merges:
        sheet.merge_cells(None, *(n + 1 for n in area))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_an_official_table_filled_in_by_another_program_is_read_back(form):
    figures = figures_for(form)
    grids = read_book(as_workbook(one_sheet(form, figures, row=3, column=1))).sheets
    assert best_form(grids, FORMS) == form
    assert table_values(form, gather_by_labels(grids, form, shows_formulas=True)) == planted(figures)


@pytest.mark.parametrize("path", sorted(folder("samples").glob("*/filled.xlsx")), ids=lambda path: path.parent.name)
def test_a_workbook_of_ours_says_the_same_by_its_labels_as_by_its_ids(path):
    form, by_ids = read_workbook(path.read_bytes())
    generated = {GUIDE_SHEET, CHECK_SHEET, META_SHEET}
    grids = [grid for grid in read_book(path.read_bytes()).sheets if grid.name not in generated]
    assert best_form(grids, FORMS) == form
    by_labels = gather_by_labels(grids, form, shows_formulas=True)
    unread = {table.zero_question.id for table in form.tables}
    for name, entry in by_ids.entries.items():
        if form.fields[name].kind != "prose" and name not in unread and not entry.formula:
            assert (by_labels.entries[name].value, by_labels.entries[name].blank) == (entry.value, entry.blank), name


RETURNED = REPORTS.parent / "returned"


def test_no_form_is_found_in_workbooks_of_other_people():
    if not RETURNED.exists():
        pytest.skip("the returned files are not beside the project")
    read = 0
    for path in RETURNED.glob("*.xlsx"):
        if path.stat().st_size < 1_000_000:
            assert best_form(read_book(path.read_bytes()).sheets, FORMS) is None, path.name
            read += 1
    assert read > 10


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_an_official_table_saved_in_another_format_says_the_same(kind, tmp_path, soffice):
    figures = figures_for(FORM)
    paper = one_sheet(FORM, figures, row=3, column=1)
    paper.text(0, 1, "某某局2023年政府信息公开工作年度报告")
    (tmp_path / "official.xlsx").write_bytes(as_workbook(paper))
    (tmp_path / "saved").mkdir()
    soffice(tmp_path / "official.xlsx", kind, tmp_path / "saved")
    form, submission = read_workbook((tmp_path / "saved" / f"official.{kind}").read_bytes())
    assert form == FORM
    assert table_values(FORM, submission) == planted(figures)
    assert (submission.text("cover.agency"), submission.number("cover.year")) == ("某某局", 2023)


def published(data) -> tuple[list, dict[str, object]]:
    """The tables that a published report really had, and its figures by field of the edition that they are from."""
    editions = {form.id[-4:]: form for form in FORMS}
    form = editions[data["edition"]]
    requests = next(f.tables[1] for f in FORMS if len(f.tables[1].cells) == 7 * len(data["table3"]["rows"]))
    figures: dict[str, object] = {}
    for field in form.tables[0].cells:
        column = field.path[2].split("（")[0]
        figures[field.id] = next(value for key, value in data["table2"][field.path[1]].items() if key.split("（")[0] == column)
    values = [value for row in data["table3"]["rows"] for value in row["values"]]
    figures |= dict(zip([field.id for field in requests.cells], values, strict=True))
    figures |= dict(zip([field.id for field in form.tables[2].cells], data["table4_list"], strict=True))
    return [form.tables[0], requests, form.tables[2]], figures


@pytest.mark.parametrize("path", sorted(REPORTS.glob("*.json")) or [None], ids=lambda path: path.stem if path else "none")
def test_the_tables_of_published_reports_are_read_back(path):
    if path is None:
        pytest.skip("the published figures are not beside the project")
    data = json.loads(path.read_text(encoding="utf-8"))
    tables, figures = published(data)
    paper, row = Paper(), 2
    paper.text(0, 0, f"{data['agency']}{data['year']}年政府信息公开工作年度报告")
    raws = {k: Raw("number" if isinstance(v, int) else "text", str(v)) for k, v in figures.items() if v is not None}
    for table in tables:
        row = paper.table(table, raws, row, 1) + 2
    grids = read_book(as_workbook(paper)).sheets
    form = best_form(grids, FORMS)
    assert form.id[-4:] == data["edition"]
    submission = gather_by_labels(grids, form, shows_formulas=True)
    expected = {name: figures.get(name) for table in form.tables for field in table.cells for name in [field.id]}
    mixed = tables[1] not in form.tables
    for name, value in expected.items():
        if mixed and "（六）其他处理" in form.fields[name].path:
            assert name not in submission.entries
        elif value is None:
            assert submission.entries[name].blank
        else:
            assert submission.number(name) == Decimal(str(value).removesuffix("元"))
    group = [name for name in expected if "（六）其他处理" in form.fields[name].path]
    assert [remark.field for remark in submission.remarks if remark.code == "S117"] == (group if mixed else [])
    assert len([remark for remark in submission.remarks if remark.code == "S107"]) == (7 if mixed else 0)
    assert (submission.text("cover.agency"), submission.number("cover.year")) == (data["agency"], data["year"])


# -- hostile grids ---------------------------------------------------------------------------------------------------

CELLS = 200_000
LABELS = sorted({label for table in FORM.tables for field in table.cells for label in field.path})
HOSTILE = {
    "one label everywhere": lambda: ({(n // 40, n % 40): Raw("text", TOTAL) for n in range(CELLS)}, ()),
    "outermost labels everywhere": lambda: ({(n // 40, n % 40): Raw("text", "申请人情况") for n in range(CELLS)}, ()),
    "every label in one column": lambda: ({(n, 0): Raw("text", LABELS[n % len(LABELS)]) for n in range(CELLS)}, ()),
    "every label in wide rows": lambda: ({(n // 16_000, n % 16_000): Raw("text", LABELS[n * 7 % len(LABELS)]) for n in range(CELLS)}, ()),
    "labels of facts": lambda: ({(n // 16_000, n % 16_000): Raw("text", "地址：") for n in range(CELLS)}, ()),
    "figures": lambda: ({(n // 40, n % 40): Raw("number", str(n)) for n in range(CELLS)}, ()),
    "merged areas that cover everything": lambda: (one_sheet(FORM, figures_for(FORM)).cells, [Area(n, 0, 1_000_000, 16_000) for n in range(100, 900)]),
    "merged areas over each other": lambda: (
        {(n // 40, n % 40): Raw("text", LABELS[n % len(LABELS)]) for n in range(CELLS)},
        [Area(n // 40, n % 40, n // 40 + 30, n % 40 + 30) for n in range(100_000)],
    ),
    "tall labels": lambda: (
        cells := {(row * 100, 3 * n): Raw("text", label) for row in range(MOST - 5) for n, label in enumerate([*LABELS, "申请人情况"])},
        [Area(row, column, row + 95, column) for row, column in cells],
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_grid_is_dealt_with_in_two_seconds(shape):
    cells, merges = shape()
    grid = Grid("Sheet1", cells, tuple(merges))
    start = time.process_time()
    best_form([grid], FORMS)
    middle = time.process_time()
    gather_by_labels([grid], FORM, shows_formulas=True)
    assert max(middle - start, time.process_time() - middle) < 2
