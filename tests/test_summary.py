"""汇总.xlsx and 台账.xlsx as an office shows them: charts of live cells, links that move with the folder, sums that recalculate."""

from __future__ import annotations

import datetime
import io
import os
import re
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import openpyxl
import pytest

from test_report_data import FORMS
from xl2report.desk.collection import Collection, Standing, State, sums
from xl2report.desk.ledger import ledger
from xl2report.desk.links import link
from xl2report.desk.received import Received, Told
from xl2report.desk.roster import Unit
from xl2report.desk.summary import summary
from xl2report.form.layout import layout
from xl2report.workbook.pen import LostCell, Page, Pen

FORM = FORMS["disclosure-2021"]
IDS = [field.id for field in FORM.coded_fields]
MATRIX, CHARTS, DATA = "单位与项目", "图表", "图表数据"
CHART = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart", "a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
ZERO = Decimal(0)


def stood(
    number: int, state: State = "done", figures: dict[str, Decimal | int | None] | None = None, *, path: str = "", name: str = "", superior: str = "", files: int = 1
) -> Standing:
    """Unit ``number`` with so many files, the figures by item and zeros elsewhere."""
    unit = Unit(f"U{number}", name or f"单位{number}", "县级部门", superior, state != "exempt", "", number + 1)
    values = tuple(None if (value := (figures or {}).get(item, ZERO)) is None else Decimal(value) for item in IDS)
    told = (Told("error", "X201", "某处", "不相等", "请改正"),) if state in ("faulty", "open") else ()
    record = Received(
        path or f"收件/{number}.xlsx", f"{number}", datetime.datetime(2024, 1, 10, 9), "fail" if state == "faulty" else "pass", FORM.id, unit.name, unit.code, 2023,
        1, "0000-0000", len(told) * (state == "faulty"), len(told) * (state == "open"), 0, (), told, (), values,
    )  # fmt: skip
    history = () if state in ("missing", "exempt") else (record, *(record._replace(path=f"{n}/{record.path}") for n in range(1, files)))
    valid = record if state in ("done", "open") else None
    return Standing(unit, state, valid, history, datetime.date(2024, 1, 31), False, 0)


def collected(*standings: Standing, strangers: Sequence[Received] = ()) -> Collection:
    return Collection(FORM, 2023, standings, tuple(strangers))


def book(content: bytes, *, data_only: bool = False) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=data_only)


FIVE = collected(
    stood(1, "done", {"requests.new.natural": 4, "requests.granted.total": 4, "proactive.fee.amount": Decimal("0.1")}),
    stood(2, "open", {"requests.new.natural": 9, "requests.new.other_org": 2, "requests.state_secret.total": 6, "requests.law_forbids.total": 5, "proactive.fee.amount": Decimal("0.2")}),
    stood(3, "faulty", {"requests.new.natural": 1000}),
    stood(4, "missing"),
    stood(5, "done", {"requests.new.natural": 11, "requests.granted.total": 11, "proactive.fee.amount": Decimal("1234567890.1235")}),
)


def charts(content: bytes) -> dict[str, list[tuple[str, str]]]:
    """By title the bars of each chart as it stands in the file, with a check that its cells are those it says."""
    cells = book(content, data_only=True)[DATA]
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        for name in bundle.namelist():
            if name.startswith("xl/charts/chart"):
                root = ElementTree.fromstring(bundle.read(name))
                assert root.find(".//c:legend", CHART) is None
                assert len(root.findall(".//c:ser", CHART)) == 1
                title = "".join(root.find("c:chart/c:title", CHART).itertext()).strip()
                parts = []
                for kind in ("cat", "val"):
                    reference = root.find(f".//c:{kind}//c:f", CHART).text
                    sheet, area = reference.rsplit("!", 1)
                    shown = [point.text for point in root.findall(f".//c:{kind}//c:v", CHART)]
                    held = [cell.value for (cell,) in cells[area.replace("$", "")]]
                    assert (sheet, shown) == (f"'{DATA}'", [str(value) for value in held])
                    parts.append(shown)
                found[title] = list(zip(*parts, strict=True))
    return found


def test_a_page_of_charts_shows_where_units_stand_the_sums_and_who_has_most():
    drawn = charts(summary(FIVE, "测试县"))
    assert drawn == {
        "5 个单位报送情况（单位：个）": [("已报", "2"), ("待说明", "1"), ("有误", "1"), ("待定", "0"), ("未报", "1")],
        "申请来源（单位：件）": [
            ("自然人", "24"), ("法人或其他组织·商业企业", "0"), ("法人或其他组织·科研机构", "0"),
            ("法人或其他组织·社会公益组织", "0"), ("法人或其他组织·法律服务机构", "0"), ("法人或其他组织·其他", "2"),
        ],
        "申请来源：最多的 3 个单位（单位：件）": [("单位2", "11"), ("单位5", "11"), ("单位1", "4")],  # equals as the roster has them
        "办理结果（单位：件）": [
            ("（一）予以公开", "15"), ("（二）部分公开（区分处理的，\n只计这一情形，不计其他情形）", "0"), ("（三）不予公开", "11"),
            ("（四）无法提供", "0"), ("（五）不予处理", "0"), ("（六）其他处理", "0"),
        ],
        "办理结果：最多的 3 个单位（单位：件）": [("单位2", "11"), ("单位5", "11"), ("单位1", "4")],
    }  # fmt: skip
    assert [word for word in (cell.value for (cell,) in book(summary(FIVE, ""))[CHARTS]["A1:A3"]) if "复议诉讼结果" in word]  # all zeros: said


def test_a_chart_names_ten_units_and_breaks_long_names_by_formula():
    name = "测试市经济技术开发区人力资源和社会保障局"
    found = collected(*(stood(n, "done", {"requests.new.natural": n}, name=name if n == 14 else "") for n in range(1, 15)))
    content = summary(found, "测试县")
    bars = charts(content)["申请来源：最多的 10 个单位（单位：件）"]
    assert [value for _, value in bars] == [str(n) for n in range(14, 4, -1)]
    assert bars[0][0].count("\n") == 1
    assert bars[0][0].replace("\n", "") == name
    formulas = [cell.value for (cell,) in book(content)[DATA]["A1:A60"] if "14件" not in str(cell.value)]
    assert any(str(value).startswith("=MID('单位与项目'!$B$18,1,") for value in formulas)


def test_the_workbooks_are_the_same_bytes_again(tmp_path):
    for make in (summary, ledger):
        assert make(FIVE, "测试县", tmp_path) == make(FIVE, "测试县", tmp_path)


def recalculated(content: bytes, soffice, folder: Path) -> openpyxl.Workbook:
    """The workbook as LibreOffice works it out: openpyxl stores no results."""
    book(content).save(folder / "a.xlsx")
    (folder / "out").mkdir()
    soffice(folder / "a.xlsx", "xlsx", folder / "out")
    return openpyxl.load_workbook(folder / "out" / "a.xlsx", data_only=True)


TREE = collected(
    stood(1, "done", {"requests.new.natural": 70}, name="甲县"),  # its unit 3 is lacking: the summary is used
    stood(2, "done", {"requests.new.natural": 30}, superior="甲县"),
    stood(3, "missing", superior="甲县"),
    stood(4, "done", {"requests.new.natural": 999}, name="乙县"),  # all below it are there: they are used
    stood(5, "done", {"requests.new.natural": 5}, superior="乙县"),
    stood(6, "open", {"requests.new.natural": 6}, superior="乙县"),
)


@pytest.mark.parametrize("found", [FIVE, TREE])
def test_libreoffice_works_out_every_sum_and_chart_cell_the_same(found, soffice, tmp_path):
    content = summary(found, "测试县")
    worked_out, stored = recalculated(content, soffice, tmp_path), book(content, data_only=True)
    expected = sums(found)
    row = worked_out[MATRIX][4][2:]
    assert [Decimal(str(cell.value)) for cell in row] == list(expected)
    compared = 0
    for sheet in stored:
        for line in sheet.iter_rows():
            for cell in line:
                if cell.value is not None:
                    assert worked_out[sheet.title][cell.coordinate].value == cell.value, (sheet.title, cell.coordinate)
                    compared += sheet.title == DATA
    assert compared > 30


def test_a_superiors_summary_and_the_units_below_it_are_not_both_added_up():
    content = summary(TREE, "测试县")
    sheet = book(content)[MATRIX]
    column = IDS.index("requests.new.natural") + 3
    lines = [(row[0].value, row[column - 1].value) for row in sheet.iter_rows(min_row=4)]
    assert book(content, data_only=True)[MATRIX].cell(4, column).value == 81
    assert [code for code, _ in lines[1:4]] == ["U1", "U5", "U6"]
    assert re.fullmatch(r"=ROUND\(SUM\(\w+5:\w+7\),6\)", lines[0][1])
    assert [(code, value) for code, value in lines[4:] if value is not None] == [("U4", 999), ("U2", 30)]
    assert [code for code, value in lines[4:] if value is None] == ["以下不计入合计：下级的报表到齐了，合计用的是下级的数字", "以下不计入合计：数字已在上级报来的汇总里"]
    assert charts(content)["申请来源：最多的 3 个单位（单位：件）"][0] == ("甲县", "70")


def test_a_blank_of_a_unit_that_counts_stays_blank_and_is_said_so():
    item = "fee.charged"
    found = collected(stood(1, "done", {item: None, "requests.new.natural": 3}), stood(2, "done", {item: Decimal("7.50")}))
    sheet = book(summary(found, "测试县"), data_only=True)[MATRIX]
    column = IDS.index(item) + 3
    assert [sheet.cell(row, column).value for row in (4, 5, 6)] == [7.5, None, 7.5]
    assert sheet.cell(5, column).has_style
    assert "空着的 1 格" in sheet["A2"].value
    assert "空着" not in book(summary(FIVE, ""))[MATRIX]["A2"].value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.1", "General"), ("77.4960", "General"), ("0.000001", "General"), ("12345678901", "General"),
        ("123456789012.345", "0.000"), ("999999999999999", "0"), ("12345678.1234567", "0.0000000"), ("64286.208275", "0.000000"),
    ],
)  # fmt: skip
def test_amounts_keep_fifteen_digits_and_show_them(value, shown):
    item = "proactive.fee.amount"
    written = book(summary(collected(stood(1, "done", {item: Decimal(value)}), stood(2)), ""), data_only=True)
    column = IDS.index(item) + 3
    cells = [written[MATRIX].cell(row, column) for row in (4, 5)]
    (section,) = [section for section in FORM.sections if section.table and item in {cell.id for cell in section.table.cells}]
    cells += [cell for row in written[section.sheet].iter_rows() for cell in row if cell.data_type == "n" and cell.value]
    assert len(cells) == 3
    for cell in cells:
        assert (Decimal(str(cell.value)), cell.number_format) == (Decimal(value), shown)  # by itself Excel shows eleven
        assert cell.parent.column_dimensions[cell.column_letter].width > len(value)


def test_libreoffice_prints_the_charts_and_each_table_on_a_page_of_its_own(soffice, tmp_path):
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    (tmp_path / "a.xlsx").write_bytes(summary(FIVE, "测试县"))
    soffice(tmp_path / "a.xlsx", "pdf", tmp_path)
    pages = subprocess.run(["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"], check=True, capture_output=True, text=True).stdout.split("\f")
    bare = ["".join(page.split()) for page in pages]
    for page, title in zip(bare, ["汇总图表", *(table.title for table in FORM.tables), "各单位各项目"], strict=False):
        assert page.startswith(f"测试县：{title}")
    for page, table in zip(bare[1:], FORM.tables, strict=False):
        for cell in layout(table).cells:
            assert not cell.text or cell.text[:6] in page, cell.text


def test_every_statutory_table_and_the_charts_print_on_one_a4_page():
    written = book(summary(FIVE, "测试县"))
    tables = [section.sheet for section in FORM.sections if section.table]
    for name in (CHARTS, *tables):
        sheet = written[name]
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, name
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert {sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight} <= {None, 1}  # not said is 1
        last = sheet.print_area.replace("$", "").split(":")[1]
        assert all(cell.value is None for row in sheet.iter_rows(min_row=sheet[last].row + 1) for cell in row)
    assert written.sheetnames == [CHARTS, *tables, MATRIX, DATA]
    assert written.active.title == CHARTS


# What a person may call a file; those in brackets cannot be on Windows.
NAMES = ("a b.xlsx", "1#2.xlsx", "100%.xlsx", "a%20b.xlsx", "单位（一）.xlsx", "a&b;c=d+e@f!.xlsx", "[x]{y}^`~'.xlsx", "q?r.xlsx", "c:d.xlsx", 'a"b.xlsx', "<b>.xlsx")


@pytest.fixture
def office_folder(tmp_path):
    """An inbox with such files, a zip among them, beside a desk; each file is a unit's."""
    desk, inbox = tmp_path / "桌 #1", tmp_path / "收件 100%"
    desk.mkdir()
    inbox.mkdir()
    for name in (*NAMES, "打包 1.zip"):
        (inbox / name).write_bytes(b"x")
    paths = [*(str(inbox / name) for name in NAMES), f"{inbox}/打包 1.zip/里/a#b.xlsx"]
    expected = [f"../收件 100%/{name}" for name in (*NAMES, "打包 1.zip")]
    found = collected(*(stood(n, "done", path=path) for n, path in enumerate(paths, 1)), stood(90, "done", path=str(inbox / "gone.xlsx")), stood(91, "missing"))
    return found, desk, expected


def test_names_link_to_files_relative_to_the_desk(office_folder, soffice, tmp_path):
    found, desk, expected = office_folder
    for make, sheet, first in ((summary, MATRIX, 5), (ledger, "台账", 4)):
        path = desk / f"{make.__name__}.xlsx"
        path.write_bytes(make(found, "测试县", desk))
        cells = [row[1] for row in openpyxl.load_workbook(path)[sheet].iter_rows(min_row=first)]
        targets = [unquote(cell.hyperlink.target).replace("\\", "/") for cell in cells if cell.hyperlink]
        assert targets == expected
        assert not any(cell.hyperlink.location for cell in cells if cell.hyperlink)
        assert [cell.value for cell in cells if not cell.hyperlink][:1] == ["单位90"]  # no such file: the plain name
        soffice(path, "fods", desk)
        text = (desk / f"{make.__name__}.fods").read_text(encoding="utf-8")
        seen = [unquote(one.replace("&apos;", "'").replace("&amp;", "&")) for one in re.findall(r'xlink:href="([^"]*)"', text)]
        assert [one for one in seen if "收件" in one] == expected
        assert all((desk / one).is_file() for one in expected)
    assert all(cell.hyperlink is None for row in book(ledger(found, ""))["台账"].iter_rows() for cell in row)


def test_what_goes_back_is_linked_from_the_ledger(tmp_path):
    back = tmp_path / "退回"
    back.mkdir()
    files = [back / "U3_单位3.txt", back / "U3_单位3.xlsx"]
    for path in files:
        path.write_bytes(b"x")
    sheet = book(ledger(FIVE, "测试县", tmp_path, {4: files}))["台账"]
    heads = {cell.value: cell.column for cell in sheet[3]}
    told = {row[0].value: [row[heads[head] - 1] for head in ("退回信", "标注件")] for row in sheet.iter_rows(min_row=4)}
    assert [(cell.value, cell.hyperlink.target) for cell in told["U3"]] == [(path.name, f"退回\\{path.name}") for path in files]
    assert [(cell.value, cell.hyperlink) for cell in told["U1"]] == [(None, None), (None, None)]


def test_a_file_that_is_nobodys_is_linked(tmp_path):
    path = tmp_path / "不认识 1.xlsx"
    path.write_bytes(b"x")
    found = collected(stood(1, "missing"), strangers=stood(9, path=str(path)).history)
    (row,) = book(ledger(found, "测试县", tmp_path))["名册外文件"].iter_rows(min_row=4)
    assert (row[0].value, unquote(row[0].hyperlink.target), row[1].value) == (str(path), path.name, "单位9")


def test_every_word_can_be_shown_where_only_gbk_is_known():
    for content in (summary(TREE, "测试县"), ledger(FIVE, "测试县")):
        for sheet in book(content):
            for row in sheet.iter_rows():
                for cell in row:
                    str(cell.value).encode("gbk")


def test_a_name_that_is_not_utf8_is_linked_and_written_as_it_can_be(tmp_path):
    name = os.fsdecode(b"\xb5\xa5\xce\xbb1.xlsx")
    (tmp_path / name).write_bytes(b"x")
    found = collected(stood(1, "done", path=str(tmp_path / name)))
    row = book(ledger(found, "测试县", tmp_path))["台账"][4]
    assert row[1].hyperlink.target == "%B5%A5λ1.xlsx"
    assert any("\\udcb5" in str(cell.value) for cell in row)


def test_what_excel_has_no_room_for_stays_text():
    out = io.BytesIO()
    with Pen(out) as pen:
        page = pen.page("a", streamed=True)
        page.link((0, 0), "甲", "external:" + "a" * 3000)
        page.sheet.hlink_count = 65_529
        page.link((1, 0), "乙", "external:./b")
        page.link((2, 0), "丙", "external:./c")
        page.link((3, 0), "丁", "")
    cells = [row[0] for row in book(out.getvalue())["a"].iter_rows()]
    assert [(cell.value, cell.hyperlink.target if cell.hyperlink else None) for cell in cells] == [("甲", None), ("乙", "b"), ("丙", None), ("丁", None)]
    assert link("", Path()) == link("x", None) == ""


def test_a_streamed_sheet_refuses_a_row_that_has_gone():
    kept: list[Path] = []

    def lost(write: Callable[[Page], None]) -> None:
        with Pen(io.BytesIO()) as pen:
            page = pen.page("a", streamed=True)
            kept.append(Path(page.sheet.row_data_filename))
            page.numbers(3, 0, (ZERO, None, Decimal("2.50")))
            page.text(4, 0, "")
            write(page)

    writes = (lambda page: page.text(2, 0, "x"), lambda page: page.numbers(2, 0, (ZERO,)), lambda page: page.numbers(4, 16_383, (ZERO, ZERO)))
    for write in writes:
        with pytest.raises(LostCell):
            lost(write)
    assert not any(path.exists() for path in kept)


STATES: tuple[State, ...] = ("done", "open", "faulty", "missing", "unclear", "exempt")


def test_the_counts_of_the_ledger_follow_a_state_that_is_edited(soffice, tmp_path):
    found = collected(*(stood(n, STATES[n % 6]) for n in range(42)))
    content = ledger(found, "测试县")
    told = book(content, data_only=True)["台账"]["A2"].value
    assert told.startswith("42 个单位：未报 7，有误 7，待定 7，待说明 7，已报 7，不报 7；迟报 0。")
    edited = book(content)
    edited["台账"]["E4"] = "未报"
    edited["台账"]["F5"] = "迟报、改报"
    buffer = io.BytesIO()
    edited.save(buffer)
    worked_out = recalculated(buffer.getvalue(), soffice, tmp_path)["台账"]["A2"].value
    assert worked_out == told.replace("未报 7", "未报 8").replace("已报 7", "已报 6").replace("迟报 0", "迟报 1")


def test_the_ledger_is_set_up_to_be_read_filtered_and_printed():
    sheet = book(ledger(collected(*(stood(n, STATES[n % 6]) for n in range(42))), "测试县"))["台账"]
    heads = [cell.value for cell in sheet[3]]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C4", f"A3:{sheet.cell(3, len(heads)).column_letter}45")
    assert sheet.print_area.replace("$", "") == f"'台账'!A1:{sheet.cell(1, heads.index('采用的文件')).column_letter}45"
    assert sheet.print_title_rows == "$3:$3"
    ranges = {rule.formula[0]: str(area.sqref) for area in sheet.conditional_formatting for rule in area.rules}
    assert ranges == {f'"{word}"': "E4:E45" for word in ("已报", "待说明", "有误", "未报", "待定", "不报")}


def test_a_cell_that_a_thousand_paths_do_not_fit_says_how_much_is_missing():
    found = collected(stood(1, "done", path="收件/" + "长" * 100 + ".xlsx", files=1000))
    cells = [str(cell.value) for cell in book(ledger(found, ""))["台账"][4]]
    others = next(cell for cell in cells if "1/收件" in cell)
    kept, left = re.fullmatch(r"(.*)……（还有 (\d+) 字，这一格放不下）", others, re.DOTALL).groups()
    assert len(kept) + int(left) == len("\n".join(record.path for record in found.standings[0].history[1:]))


def test_memory_does_not_grow_with_the_number_of_units():
    def peak(count: int) -> int:
        found = collected(*(stood(n, "done", {"requests.new.natural": n}) for n in range(count)))
        tracemalloc.start()
        summary(found, "测试县")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    cells = 300 * len(IDS)
    assert (peak(400) - peak(100)) / cells < 30  # bytes; a sheet that is kept takes more than two hundred
