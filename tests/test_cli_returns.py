"""What an office types about files that came back: many at once, zips, passwords, marked copies, transfers."""

import io
import json
import os
import pty
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

import xl2report
from xl2report.shipped import folder
from xl2report.workbook.plan import plan

SAMPLES = folder("samples")
GOOD, FAULTY = SAMPLES / "example-county-2023" / "filled.xlsx", SAMPLES / "faulty-2023" / "filled.xlsx"
COMMAND = [sys.executable, "-m", "xl2report"]


def run(*arguments, cwd: Path, check: int | None = None) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONUTF8": "1", "XL2REPORT_LANG": "zh"}
    done = subprocess.run([*COMMAND, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, env=environment, check=False)
    assert check is None or done.returncode == check, done.stderr
    return done


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in files.items():
            target.writestr(f"{name}.xlsx", content)
    return buffer.getvalue()


def encrypted(content: bytes, password: str) -> bytes:
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, out)
    return out.getvalue()


@pytest.mark.parametrize("style", ["text", "json", "csv"])
def test_many_files_are_judged_in_several_processes_and_printed_as_if_in_one(tmp_path, style):
    names = [f"{n:02}.xlsx" for n in range(50)]
    for n, name in enumerate(names):
        (tmp_path / name).write_bytes((GOOD, FAULTY)[n % 2].read_bytes())
    (tmp_path / "07.xlsx").write_bytes(b"<html>")
    (tmp_path / "08.xlsx").write_bytes(zipped(a=GOOD.read_bytes(), b=FAULTY.read_bytes()))
    together = run("check", *names, "--format", style, cwd=tmp_path, check=2).stdout
    halves = [run("check", *part, "--format", style, cwd=tmp_path, check=2 if n == 0 else 1).stdout for n, part in enumerate((names[:25], names[25:]))]
    if style == "json":
        assert json.loads(together)["files"] == [file for half in halves for file in json.loads(half)["files"]]
        assert len(json.loads(together)["files"]) == 51
    else:
        assert together.splitlines() == [*halves[0].splitlines(), *halves[1].splitlines()[int(style == "csv") :]]


def test_each_file_of_a_zip_is_judged_under_its_own_name(tmp_path):
    (tmp_path / "收件.zip").write_bytes(zipped(林业局=FAULTY.read_bytes(), 公安局=GOOD.read_bytes()))
    files = json.loads(run("check", "收件.zip", "--format", "json", cwd=tmp_path, check=1).stdout)["files"]
    assert [(file["path"], file["status"]) for file in files] == [("收件.zip/林业局.xlsx", "fail"), ("收件.zip/公安局.xlsx", "pass")]


def test_a_password_file_opens_an_encrypted_workbook_and_a_wrong_one_says_so(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(encrypted(GOOD.read_bytes(), "机密 1"))
    (tmp_path / "right.txt").write_text("机密 1\r\nnotes\n", encoding="utf-8")
    (tmp_path / "wrong.txt").write_text("x\n", encoding="utf-8")
    assert "[F102]" in run("check", "a.xlsx", cwd=tmp_path, check=2).stdout
    assert "[F112]" in run("check", "a.xlsx", "--password-file", "wrong.txt", cwd=tmp_path, check=2).stdout
    assert "√ 通过" in run("check", "a.xlsx", "--password-file", "right.txt", cwd=tmp_path, check=0).stdout
    assert run("check", "a.xlsx", "--password-file", "none.txt", cwd=tmp_path, check=2).stdout == ""
    run("transfer", "a.xlsx", "-o", "b.xlsx", "--password-file", "right.txt", cwd=tmp_path, check=0)
    assert xl2report.check(tmp_path / "b.xlsx").status == "pass"


@pytest.mark.skipif(os.name == "nt", reason="no terminals to play here")
def test_at_a_terminal_the_password_is_asked_for_and_never_shown(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(encrypted(GOOD.read_bytes(), "sesame"))
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*COMMAND, "check", "a.xlsx"], cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True)
    os.close(theirs)
    asked = b""
    while "密码".encode() not in asked:
        asked += os.read(ours, 1000)
    os.write(ours, b"sesame\n")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "√ 通过" in output.decode()
    assert b"sesame" not in asked + output


def test_a_marked_copy_holds_the_list_and_the_file_itself_stays_as_it_was(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.xlsx").write_bytes({"a": FAULTY, "b": GOOD}[name].read_bytes())
    run("check", "a.xlsx", "b.xlsx", "--mark", ".", cwd=tmp_path, check=1)
    assert (tmp_path / "a.xlsx").read_bytes() == FAULTY.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a(1).xlsx", "a.xlsx", "b.xlsx"]  # nothing goes back with b
    assert openpyxl.load_workbook(tmp_path / "a(1).xlsx").sheetnames[0] == "问题清单"
    before, after = (xl2report.check(tmp_path / name) for name in ("a.xlsx", "a(1).xlsx"))
    assert [(f.code, f.rule, f.cells) for f in after.findings] == [(f.code, f.rule, f.cells) for f in before.findings]
    run("check", "a(1).xlsx", "--mark", "again", cwd=tmp_path, check=1)
    assert (tmp_path / "again" / "a(1).xlsx").read_bytes() == (tmp_path / "a(1).xlsx").read_bytes()


def test_where_the_own_file_cannot_be_marked_a_fresh_one_is_and_it_is_said(tmp_path):
    with zipfile.ZipFile(FAULTY) as source, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        target.writestr("xl/media/image1.png", b"\x89PNG\r\n")
        target.writestr("xl/drawings/drawing1.xml", b'<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>')
    done = run("check", "a.xlsx", "--mark", "back", cwd=tmp_path, check=1)
    assert "不能在原文件上标注" in done.stderr
    book = openpyxl.load_workbook(tmp_path / "back" / "a.xlsx")
    places = plan(xl2report.load_form("disclosure-2021")).places
    at = places["proactive.penalty.decisions"]
    assert book.sheetnames[0] == "问题清单"
    assert "一百二十" in book[at.sheet][at.cell].comment.text
    assert book[at.sheet][at.cell].value is None  # what could not be read is quoted, not carried over


def test_blanks_of_a_workbook_that_is_not_ours_are_0_only_where_that_is_said(tmp_path):
    form = xl2report.load_form("disclosure-2021")
    from xl2report.form.layout import layout

    book = openpyxl.Workbook()
    for table in form.tables:
        sheet = book.create_sheet(table.title[:20])
        for cell in layout(table).cells:
            sheet.cell(cell.row + 1, cell.column + 1).value = cell.text or None
            if cell.rows * cell.columns > 1:
                sheet.merge_cells(start_row=cell.row + 1, start_column=cell.column + 1, end_row=cell.row + cell.rows, end_column=cell.column + cell.columns)
    book.save(tmp_path / "a.xlsx")
    strict = json.loads(run("check", "a.xlsx", "--format", "json", cwd=tmp_path, check=1).stdout)["files"][0]["findings"]
    lenient = json.loads(run("check", "a.xlsx", "--format", "json", "--blank", "zero", cwd=tmp_path, check=1).stdout)["files"][0]["findings"]
    codes = [{finding["code"] for finding in findings} for findings in (strict, lenient)]
    assert "V106" in codes[0]
    assert "V106" not in codes[1]
    assert {"S116", "V103"} <= codes[1]


def test_a_transfer_overwrites_nothing_and_needs_a_workbook_to_write(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(FAULTY.read_bytes())
    done = run("transfer", "a.xlsx", "-o", "a.xlsx", cwd=tmp_path, check=1)
    assert (tmp_path / "a.xlsx").read_bytes() == FAULTY.read_bytes()
    assert (tmp_path / "a(1).xlsx").is_file()
    assert "一百二十" in done.stdout
    run("transfer", "a.xlsx", "-o", "b.xls", cwd=tmp_path, check=2)
    run("transfer", "none.xlsx", "-o", "b.xlsx", cwd=tmp_path, check=2)
    run("transfer", "a.xlsx", cwd=tmp_path, check=2)


def test_the_next_year_begins_with_what_was_carried_over(tmp_path):
    run("transfer", GOOD, "--year", 2024, "-o", "next.xlsx", cwd=tmp_path, check=0)
    last, this = xl2report.check(GOOD).submission, xl2report.check(tmp_path / "next.xlsx").submission
    columns = ("natural", "commercial", "research", "public_benefit", "legal_service", "other_org")
    assert [this.number(f"requests.carried_in.{name}") for name in columns] == [last.number(f"requests.carried_out.{name}") for name in columns]
    assert (this.text("cover.year"), this.text("cover.agency"), this.text("cover.signed_on")) == ("2024", last.text("cover.agency"), "")
    assert run("transfer", GOOD, "--year", 2020, "-o", "x.xlsx", cwd=tmp_path, check=2).stdout == ""
