"""The roster, and a workbook for each of its units, prefilled from the roster and from last year's workbooks."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

import xl2report
from binary_workbook import ole, zipped
from test_report_data import FORMS
from xl2report.archive import Several, archive, of_unit
from xl2report.checks.catalogue import ARTICLES
from xl2report.cli.app import group
from xl2report.desk.filed import cabinet
from xl2report.desk.listing import ListRefused
from xl2report.desk.roster import Unit, read_roster
from xl2report.desk.waivers import read_waivers
from xl2report.earlier import Earlier
from xl2report.workbook.write import write

FORM = FORMS["disclosure-2021"]
CATEGORIES = [choice.label for choice in FORM.role("category").choices]
HEAD = "代码,名称,类别,上级,应报,上年代码"
UNITS = f"""{HEAD}
GOV,示例市人民政府,设区的市（自治州）政府,,是,
SJ01,示例市公安局,市级部门,GOV,是,
SJ02,示例市教育局,市级部门,示例市人民政府,,OLD02
X9,示例市旧局,市级部门,GOV,否,
"""


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "名册.csv"
    path.write_bytes(text.encode(encoding))
    return path


def told(path: Path) -> list[tuple[str, str]]:
    """Code and cell of every fault of a roster."""
    with pytest.raises(ListRefused) as error:
        read_roster(path, CATEGORIES)
    return [(finding.code, finding.cells[0].place.cell if finding.cells else "") for finding in error.value.findings]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("divider", [",", "\t", ";"])
def test_a_text_file_is_read_as_spreadsheets_save_it(tmp_path, encoding, divider):
    roster = read_roster(csv_file(tmp_path, UNITS.replace(",", divider), encoding), CATEGORIES)
    assert [(unit.code, unit.name, unit.reports, unit.last_code) for unit in roster.units] == [
        ("GOV", "示例市人民政府", True, ""), ("SJ01", "示例市公安局", True, ""), ("SJ02", "示例市教育局", True, "OLD02"), ("X9", "示例市旧局", False, ""),
    ]  # fmt: skip
    assert roster.unused == ()


def test_a_text_with_two_marks_of_its_encoding_is_read(tmp_path):
    assert [unit.name for unit in read_roster(csv_file(tmp_path, "\ufeff名称,代码\n甲局,A\n", "utf-16"), CATEGORIES).units] == ["甲局"]


def test_a_workbook_is_read_below_its_title_with_columns_in_any_order(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["2024年报送名册"], [], ["序号", "机关名称", "备注", "机关代码", "机关类别"], [1, "示例市公安局", "公安", 3201, "市级部门"], [], [2, " 示例市 教育局 ", "", "007", ""]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    roster = read_roster(tmp_path / "a.xlsx", CATEGORIES)
    assert [(unit.code, unit.name, unit.category, unit.row) for unit in roster.units] == [("3201", "示例市公安局", "市级部门", 4), ("007", "示例市 教育局", "", 6)]
    assert roster.unused == ("序号", "备注")


FAULTS = [
    ("", [("C109", "")]),
    (" \r\n,,\n", [("C109", "")]),
    ("代码,类别\nA,市级部门\n", [("C101", "")]),
    (f"{HEAD}\n", [("C102", "")]),
    (f"{HEAD}\nA,,市级部门,,,\n", [("C103", "B2")]),
    (f"{HEAD}\nA,甲局,,,,\nA,乙局,,,,\n", [("C104", "A3")]),
    (f"{HEAD}\nA,甲局,,,,\nB,甲局,,,,\nC,甲局,,,,\n", [("C104", "B3"), ("C104", "B4")]),
    (f"{HEAD}\nA,甲局,市局,,,\n", [("C105", "C2")]),
    (f"{HEAD}\nA,甲局,,,也许,\n", [("C106", "E2")]),
    (f"{HEAD}\nA,甲局,,Z,,\n", [("C107", "D2")]),
    (f"{HEAD}\nA,甲局,,甲局,,\n", [("C108", "D2")]),
    (f"{HEAD}\nA,甲局,,B,,\nB,乙局,,C,,\nC,丙局,,A,,\nD,丁局,,A,,\n", [("C108", "D2"), ("C108", "D3"), ("C108", "D4")]),
    (f"{HEAD}\nA,甲局,局,Z,?,\nA,,,,,\n", [("C105", "C2"), ("C106", "E2"), ("C107", "D2"), ("C103", "B3"), ("C104", "A3")]),
]


@pytest.mark.parametrize(("text", "faults"), FAULTS)
def test_every_fault_of_a_roster_is_told_with_its_cell(tmp_path, text, faults):
    assert told(csv_file(tmp_path, text)) == faults


def test_categories_that_the_form_does_not_have_are_told_in_one_finding_with_every_cell(tmp_path):
    rows = [(f"U{n}", f"单位{n}", "县局" if n % 2 else "市局") for n in range(11)]
    with pytest.raises(ListRefused) as error:
        read_roster(csv_file(tmp_path, "代码,名称,类别\n" + "".join(f"{','.join(row)}\n" for row in rows)), CATEGORIES)
    (finding,) = error.value.findings
    assert [(cell.place.cell, *cell.place.item, cell.value) for cell in finding.cells] == [(f"C{n}", name, category) for n, (_, name, category) in enumerate(rows, 2)]
    assert finding.message().endswith("“市局”、“县局”")
    assert finding.fix() == f"请改成其中之一：{'、'.join(CATEGORIES)}"


SPREADSHEET = io.BytesIO()
openpyxl.Workbook().save(SPREADSHEET)
FILES = {
    "none": ("名册.csv", None, "F109", ""),
    "empty": ("名册.csv", b"", "C109", ""),
    "a workbook without a filled cell": ("名册.xlsx", SPREADSHEET.getvalue(), "C109", ""),
    "Big5": ("名册.csv", "代碼,名稱,類別\nA,測試縣教育局,縣級部門\n".encode("big5"), "C110", ""),
    "UTF-16 that does not say so": ("名册.csv", UNITS.encode("utf-16-le"), "C110", ""),
    "ASCII in UTF-16 that does not say so": ("名册.csv", "code,name\nA,B\n".encode("utf-16-le"), "C110", ""),
    "bytes that are no text": ("名册.csv", bytes(range(256)), "C110", ""),
    "GBK with other heads": ("名册.csv", "单位,类别\n测试县教育局,县级部门\n".encode("gbk"), "C101", ""),
    "PDF": ("名册.csv", b"%PDF-1.7 name", "C111", "实际是 PDF"),
    "a damaged workbook": ("名册.xlsx", b"PK\x03\x04rubbish", "C111", "不完整"),
    "bytes under the name of a workbook": ("名册.xlsx", b"\0\1\2", "C111", "内容不是工作簿"),
    "a zip": ("名册.zip", zipped({"名册.csv": UNITS}), "C111", "请先解开"),
    "a workbook with a password": ("名册.xlsx", ole({"EncryptionInfo": b"", "EncryptedPackage": b""}), "C111", "密码"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_roster_that_cannot_be_read_is_refused_in_words_about_a_list(tmp_path, case):
    name, content, code, word = FILES[case]
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ListRefused) as error:
        read_roster(path, CATEGORIES)
    (finding,) = error.value.findings
    assert finding.code == code
    assert word in finding.message()
    assert "重新发送" not in finding.fix()
    assert "下发" not in finding.fix()
    done = CliRunner().invoke(group, ["template", "--year", "2024", "--roster", str(path), "-o", str(tmp_path / "outbox")])
    assert done.exit_code == 2
    assert not (tmp_path / "outbox").exists()


def test_every_code_of_the_roster_is_met_here():
    met = {code for _, faults in FAULTS for code, _ in faults} | {code for _, _, code, _ in FILES.values()}
    assert met - {"F109"} == {code for code in ARTICLES if code.startswith("C1")}


def test_a_list_under_any_name_is_read_by_its_content(tmp_path):
    (tmp_path / "名册.xlsx").write_bytes(UNITS.encode("gb18030"))
    assert len(read_roster(tmp_path / "名册.xlsx", CATEGORIES).units) == 4


def test_a_waiver_for_a_test_of_single_cells_is_refused_as_such(tmp_path):
    path = tmp_path / "放行.csv"
    path.write_text("代码,规则,原因,批准人\nU1,cells.blank,漏报,李主任\nU1,none,漏报,李主任\n", encoding="utf-8")
    with pytest.raises(ListRefused) as error:
        read_waivers(path, [Unit("U1", "单位1", "", "", True, "", 2)], {"balance"})
    assert [(finding.code, finding.cells[0].place.cell) for finding in error.value.findings] == [("C204", "B2"), ("C202", "B3")]


def issue(folder: Path, *more: str, text: str = UNITS) -> tuple[int, list[str], str]:
    arguments = ["template", "--year", "2024", "--roster", str(csv_file(folder, text)), "-o", str(folder / "outbox"), *more]
    done = CliRunner().invoke(group, arguments)
    return done.exit_code, sorted(path.name for path in (folder / "outbox").iterdir()), done.stderr


def cover(path: Path) -> dict[str, str]:
    result = xl2report.check(path)
    return {role: result.submission.text(FORM.role(role).id) for role in ("agency", "code", "category", "year")}


def test_each_unit_that_reports_gets_a_workbook_with_its_name_code_and_category(tmp_path):
    code, names, said = issue(tmp_path)
    assert code == 0
    assert names == ["GOV_示例市人民政府_2024.xlsx", "SJ01_示例市公安局_2024.xlsx", "SJ02_示例市教育局_2024.xlsx"]
    assert cover(tmp_path / "outbox" / names[1]) == {"agency": "示例市公安局", "code": "SJ01", "category": "市级部门", "year": "2024"}
    assert "应报 3 个，不应报 1 个；生成 3 份" in said
    assert (tmp_path / "outbox" / names[1]).read_bytes() == xl2report.template(
        FORM, year=2024, agency="示例市公安局", code="SJ01", values={FORM.role("category").id: "市级部门"}
    )


def test_a_second_run_writes_nothing_twice_and_nothing_over(tmp_path):
    issue(tmp_path)
    changed = tmp_path / "outbox" / "SJ01_示例市公安局_2024.xlsx"
    changed.write_bytes(b"filled in")
    code, names, said = issue(tmp_path)
    assert (code, len(names)) == (1, 3)
    assert changed.read_bytes() == b"filled in"
    assert changed.name in said
    assert "已有相同的 2 份" in said


def test_names_that_no_file_can_bear_are_written_otherwise(tmp_path):
    _, names, _ = issue(tmp_path, text="代码,名称\nA/1,甲局:乙 科\n,无代码局\n")
    assert names == ["A_1_甲局_乙科_2024.xlsx", "无代码局_2024.xlsx"]


def last(folder: Path, name: str, agency: str, code: str = "", *, year: int = 2023, times: int | None = None, **figures: int) -> Path:
    values: dict = {"cover.agency": agency, "cover.code": code, "cover.year": Decimal(year), "cover.address": f"{agency}地址", "cover.submission": None if times is None else Decimal(times)}
    values |= {table.zero_question.id: "是" for table in FORM.tables}
    values |= {f"requests.{field.replace('__', '.')}": Decimal(figure) for field, figure in figures.items()}
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(write(FORM, values))
    return path


def prefilled(path: Path) -> dict[str, Decimal]:
    submission = xl2report.check(path).submission
    found = {name: submission.number(name) for name in FORM.fields if name.startswith("requests.carried_in") and not FORM.fields[name].parts}
    return {name.rpartition(".")[2]: value for name, value in found.items() if value is not None}


def test_what_is_carried_over_comes_from_last_years_workbook_of_the_unit(tmp_path):
    folder = tmp_path / "2023"
    last(folder, "a.xlsx", "示例市公安局", "SJ01", carried_out__natural=4, carried_out__research=1)
    last(folder / "sub", "b.xlsx", "示例市教育委员会", "OLD02", carried_out__natural=9)  # renamed: found by 上年代码
    last(folder, "c.xlsx", "示例市人民政府", "", carried_out__natural=2)  # no code then: found by its name
    code, names, said = issue(tmp_path, "--previous", str(folder))
    assert code == 0
    outbox = [prefilled(tmp_path / "outbox" / name) for name in names]
    assert [(one["natural"], one["research"]) for one in outbox] == [(2, 0), (4, 1), (9, 0)]
    assert "预填 3 个" in said
    renamed = cover(tmp_path / "outbox" / names[2])
    assert (renamed["agency"], renamed["code"]) == ("示例市教育局", "SJ02")  # the roster goes first
    submission = xl2report.check(tmp_path / "outbox" / names[1]).submission
    assert submission.text("cover.address") == "示例市公安局地址"


def test_a_prefilled_cell_says_where_its_figure_comes_from(tmp_path):
    path = last(tmp_path / "2023", "a.xlsx", "示例市公安局", "SJ01", carried_out__natural=4)
    content = xl2report.template(FORM, year=2024, previous=xl2report.check(path))
    book = openpyxl.load_workbook(io.BytesIO(content))
    prompts = [rule.prompt for sheet in book for rule in sheet.data_validations.dataValidation if rule.prompt and "已预填" in rule.prompt]
    assert len(prompts) == 6
    assert all("2023年度" in prompt and "四、结转下年度继续办理" in prompt for prompt in prompts)
    assert all(len(prompt) <= 255 for sheet in book for rule in sheet.data_validations.dataValidation if (prompt := rule.prompt))


def test_of_several_workbooks_of_a_unit_the_one_sent_in_last_counts(tmp_path):
    folder = tmp_path / "2023"
    last(folder, "a.xlsx", "示例市公安局", "SJ01", times=2, carried_out__natural=4)
    last(folder, "b.xlsx", "示例市公安局", "SJ01", times=3, carried_out__natural=5)
    last(folder, "c.xlsx", "示例市教育局", "OLD02", carried_out__natural=1)
    last(folder, "d.xlsx", "示例市教育局", "OLD02", carried_out__natural=2)  # nothing tells which is later
    _, names, said = issue(tmp_path, "--previous", str(folder))
    assert prefilled(tmp_path / "outbox" / names[1])["natural"] == 5
    assert prefilled(tmp_path / "outbox" / names[2]) == {}
    assert "示例市教育局" in next(line for line in said.splitlines() if "报送次数相同" in line)
    assert "示例市人民政府" in next(line for line in said.splitlines() if "没有上年工作簿" in line)
    assert "a.xlsx" in next(line for line in said.splitlines() if "更新一次报送" in line)


def test_files_of_other_years_and_unreadable_ones_are_told_and_not_used(tmp_path):
    folder = tmp_path / "2023"
    last(folder, "a.xlsx", "示例市公安局", "SJ01", year=2022, carried_out__natural=4)
    (folder / "b.xlsx").write_bytes(b"rubbish")
    (folder / "~$a.xlsx").write_bytes(b"lock")
    with zipfile.ZipFile(folder / "c.zip", "w") as bundle:
        bundle.write(last(tmp_path / "other", "d.xlsx", "示例市教育局", "OLD02", carried_out__natural=3), "d.xlsx")
    _, names, said = issue(tmp_path, "--previous", str(folder))
    line = next(line for line in said.splitlines() if "没有用到的文件" in line)
    assert "a.xlsx（2022）" in line
    assert "b.xlsx（F101）" in line
    assert "~$" not in line
    assert prefilled(tmp_path / "outbox" / names[2])["natural"] == 3


def test_a_unit_without_a_code_is_never_taken_for_another_by_its_blank_code():
    blank = Earlier("a", FORM.id, 2023, "", "甲局", 1, {})
    assert of_unit(archive([blank]), 2023, "", "乙局") is None
    assert of_unit(archive([blank]), 2022, "", "甲局") is None
    assert of_unit(archive([blank]), 2023, "", "甲局") == blank
    assert of_unit(archive([blank, blank._replace(path="b")]), 2023, "", "甲局") == Several(("a", "b"))


def test_one_workbook_can_begin_with_last_years(tmp_path):
    path = last(tmp_path / "2023", "a.xlsx", "示例市公安局", "SJ01", carried_out__natural=4)
    done = CliRunner().invoke(group, ["template", "--year", "2024", "--previous", str(path), "-o", str(tmp_path / "new.xlsx")])
    assert done.exit_code == 0, done.output
    assert prefilled(tmp_path / "new.xlsx")["natural"] == 4
    assert cover(tmp_path / "new.xlsx")["agency"] == "示例市公安局"
    done = CliRunner().invoke(group, ["template", "--year", "2025", "--previous", str(path), "-o", str(tmp_path / "b.xlsx")])
    assert done.exit_code == 2
    assert not (tmp_path / "b.xlsx").exists()


def test_sixty_units_are_issued_in_several_processes_as_in_one(tmp_path):
    text = "代码,名称\n" + "".join(f"U{n:02},单位{n:02}\n" for n in range(60))
    code, names, _ = issue(tmp_path, text=text)
    assert (code, len(names)) == (0, 60)
    assert (tmp_path / "outbox" / "U07_单位07_2024.xlsx").read_bytes() == xl2report.template(FORM, year=2024, agency="单位07", code="U07")


def test_the_cabinet_of_a_single_file_has_that_file(tmp_path):
    path = last(tmp_path / "2023", "a.xlsx", "示例市公安局", "SJ01")
    assert [one.report.path for one in cabinet(path, FORM, 2024).filed] == [str(path)]
