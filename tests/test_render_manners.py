"""What ``render`` does for whoever calls it: its drafts, its files, its words."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner

from pages import pages, text
from test_report_data import report_of
from xl2report import check, load_form, template
from xl2report.cli.app import group
from xl2report.report.formats import RENDERERS, Setting
from xl2report.report.seal import is_untouched
from xl2report.shipped import folder

SAMPLES = folder("samples").resolve()
GOOD, OLDER, FAULTY = (SAMPLES / name / "filled.xlsx" for name in ("example-county-2023", "passing-2020", "faulty-2023"))


def squeezed(said: str) -> str:
    return re.sub(r"\s", "", said)


def spoken(content: bytes, name: str) -> str:
    """What a reader of a report sees, without white space."""
    if name == "pdf":
        return squeezed("".join(text(list(page.signs)) for page in pages(content)))
    if name == "docx":
        return squeezed("".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs))
    if name == "json":
        return squeezed("".join(finding["code"] for finding in json.loads(content)["findings"]))
    return squeezed(re.sub(r"<[^>]+>", "", content.decode()))


@pytest.mark.parametrize("name", RENDERERS)
def test_each_finding_of_a_draft_is_printed_with_its_code(name):
    report = report_of("disclosure-2021", {"requests.new.natural": "十二"}, draft=True)
    codes = [finding.code for finding in report.findings]
    assert len(set(codes)) > 1
    said = spoken(RENDERERS[name](report, Setting()), name).rpartition("校验发现")[2]
    assert re.findall(r"[A-Z]\d{3}", said) == codes


# -- formats and files -------------------------------------------------------------------------------------------------


def rendering(place: Path, *arguments: object, code: int = 0) -> str:
    """What the command said, called in a folder; its files lie there."""
    before = Path.cwd()
    os.chdir(place)
    try:
        done = CliRunner().invoke(group, ["render", *map(str, arguments)])
    finally:
        os.chdir(before)
    assert done.exit_code == code, done.output
    return done.output


def made(place: Path) -> set[str]:
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file() and path.suffix not in (".xlsx", ".zip", ".txt")}


@pytest.mark.parametrize(("arguments", "files"), [
    (["-o", "y.pdf"], {"y.pdf"}),
    (["-o", "y.HTML"], {"y.HTML"}),
    (["-o", "y.fragment.html"], {"y.fragment.html"}),
    (["-o", "y.docx"], {"y.docx"}),
    (["-o", "out"], {"out/filled.docx"}),
    ([], {"filled.docx"}),
    (["--to", "md，html"], {"filled.md", "filled.html"}),
    (["--to", "md、html; json", "-o", "out"], {"out/filled.md", "out/filled.html", "out/filled.json"}),
    (["--to", " HTML , md,", "-o", "out"], {"out/filled.md", "out/filled.html"}),
    (["--to", "html-fragment", "-o", "y.html"], {"y.html"}),
])  # fmt: skip
def test_the_format_follows_from_to_or_from_the_ending_of_the_output(tmp_path, arguments, files):
    rendering(tmp_path, GOOD, *arguments)
    assert made(tmp_path) == files


def test_an_ending_that_names_a_format_gives_that_format(tmp_path):
    rendering(tmp_path, GOOD, "-o", "y.fragment.html")
    rendering(tmp_path, GOOD, "-o", "y.html")
    rendering(tmp_path, GOOD, "-o", "y.pdf")
    assert (tmp_path / "y.fragment.html").read_bytes().startswith(b"<div")
    assert (tmp_path / "y.html").read_bytes().startswith(b"<!DOCTYPE")
    assert (tmp_path / "y.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("arguments", "told"), [
    (["--to", "docx", "-o", "y.pdf"], ".pdf"),
    (["--to", "docx", "-o", "y.ocx"], ".ocx"),  # the end of an ending is none
    (["--to", "docx,pdf", "-o", "y.pdf"], "y.pdf"),
    (["-o", "y.txt"], ".txt"),
    (["--to", "word"], "word"),
    (["--to", "，"], "docx"),
    (["--archive", "-o", "y.html"], "--archive"),
    ([GOOD, "-o", "y.pdf"], "y.pdf"),
])  # fmt: skip
def test_what_does_not_fit_together_is_refused_and_nothing_is_written(tmp_path, arguments, told):
    assert told in rendering(tmp_path, GOOD, *arguments, code=2)
    assert made(tmp_path) == set()


def zipped(place: Path, **members: Path) -> Path:
    path = place / "returns.zip"
    with zipfile.ZipFile(path, "w") as target:
        for name, member in members.items():
            target.writestr(name, member.read_bytes())
    return path


def test_each_workbook_of_a_zip_becomes_a_report_of_its_own_name(tmp_path):
    members = {"甲.xlsx": GOOD, "乡镇/乙.xlsx": OLDER, "乡镇/甲.xlsx": OLDER, "..\\丙.xlsx": GOOD}
    rendering(tmp_path, zipped(tmp_path, **members), "--to", "md", "-o", "out")
    assert made(tmp_path) == {"out/甲.md", "out/乙.md", "out/甲(1).md", "out/丙.md"}
    assert "2020年" in (tmp_path / "out" / "甲(1).md").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_a_report_is_called_as_its_workbook_whatever_that_is_called(tmp_path):
    (tmp_path / "甲\\乙.2023.xlsx").write_bytes(GOOD.read_bytes())
    rendering(tmp_path, "甲\\乙.2023.xlsx", "--to", "md")
    assert made(tmp_path) == {"甲\\乙.2023.md"}


def test_a_faulty_workbook_of_a_zip_is_told_by_its_name_and_the_others_are_written(tmp_path):
    said = rendering(tmp_path, zipped(tmp_path, **{"甲.xlsx": FAULTY, "乙.xlsx": GOOD}), "--to", "md", code=1)
    assert "returns.zip/甲.xlsx" in said
    assert made(tmp_path) == {"乙.md"}


def test_one_output_file_serves_a_zip_of_one_workbook_only(tmp_path):
    rendering(tmp_path, zipped(tmp_path, **{"甲.xlsx": GOOD}), "-o", "y.md")
    assert made(tmp_path) == {"y.md"}
    (tmp_path / "y.md").unlink()
    assert "y.md" in rendering(tmp_path, zipped(tmp_path, **{"甲.xlsx": GOOD, "乙.xlsx": GOOD}), "-o", "y.md", code=2)
    assert made(tmp_path) == set()


def test_one_text_for_several_workbooks_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("一、总体情况\n一段\n", encoding="utf-8")
    for files in ([GOOD, OLDER], [zipped(tmp_path, **{"甲.xlsx": GOOD, "乙.xlsx": GOOD})]):
        assert "--prose" in rendering(tmp_path, *files, "--to", "md", "--prose", "a.txt", code=2)
    assert made(tmp_path) == set()


def test_an_encrypted_workbook_is_opened_with_its_password(tmp_path):
    from msoffcrypto.format.ooxml import OOXMLFile

    with GOOD.open("rb") as plain, (tmp_path / "a.xlsx").open("wb") as locked:
        OOXMLFile(plain).encrypt("机密 1", locked)
    (tmp_path / "word.txt").write_text("机密 1\n", encoding="utf-8")
    assert "F102" in rendering(tmp_path, "a.xlsx", "--to", "md", code=2)
    rendering(tmp_path, "a.xlsx", "--to", "md", "--password-file", "word.txt")
    assert made(tmp_path) == {"a.md"}


@pytest.mark.skipif(os.name == "nt", reason="no terminals to play here")
def test_at_a_terminal_the_password_is_asked_for(tmp_path):
    from msoffcrypto.format.ooxml import OOXMLFile

    with GOOD.open("rb") as plain, (tmp_path / "a.xlsx").open("wb") as locked:
        OOXMLFile(plain).encrypt("sesame", locked)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "xl2report", "--lang", "zh", "render", "a.xlsx", "--to", "md"]
    process = subprocess.Popen(command, cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True)
    os.close(theirs)
    asked = b""
    while "密码".encode() not in asked:
        asked += os.read(ours, 1000)
    os.write(ours, b"sesame\n")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.decode().split() == ["a.md"]


# -- a report that somebody has edited ---------------------------------------------------------------------------------


def edited(path: Path) -> bytes:
    """The file with a paragraph of a person's, as a word processor would save it."""
    document = docx.Document(path)
    document.paragraphs[3].insert_paragraph_before("领导改过的一段")
    document.save(path)
    return path.read_bytes()


def test_an_edited_word_file_is_kept_beside_the_new_one(tmp_path):
    rendering(tmp_path, GOOD)
    fresh = (tmp_path / "filled.docx").read_bytes()
    first = edited(tmp_path / "filled.docx")
    assert "filled.旧.docx" in rendering(tmp_path, GOOD)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"filled.docx": fresh, "filled.旧.docx": first}
    second = edited(tmp_path / "filled.docx")
    (tmp_path / "filled.旧.docx").write_bytes(b"of older times")
    assert "filled.旧(1).docx" in rendering(tmp_path, GOOD)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "filled.docx": fresh, "filled.旧.docx": b"of older times", "filled.旧(1).docx": second,
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"notes", b"PK\x03\x04", b""])
def test_any_other_file_under_the_name_of_a_word_file_is_kept_too(tmp_path, content):
    (tmp_path / "y.docx").write_bytes(content)
    rendering(tmp_path, GOOD, "-o", "y.docx")
    assert (tmp_path / "y.旧.docx").read_bytes() == content


def test_a_word_file_that_nobody_touched_is_replaced_whatever_has_changed_in_the_workbook(tmp_path):
    for source in (GOOD, OLDER, OLDER, FAULTY):
        assert "旧" not in rendering(tmp_path, source, "--draft", "-o", "y.docx", code=int(source is FAULTY))
    assert {path.name for path in tmp_path.iterdir()} == {"y.docx"}


def test_a_change_of_one_part_of_a_word_file_breaks_its_seal():
    content = RENDERERS["docx"](report_of("disclosure-2021"), Setting())
    assert is_untouched(content)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for name, part in parts.items():
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w") as package:
            for other, content in {**parts, name: part[:-1] + b" "}.items():
                package.writestr(other, content)
        assert not is_untouched(changed.getvalue()), name


@pytest.mark.parametrize("damage", [b"", b"PK", b"x" * 100, None])
def test_what_is_no_whole_word_file_is_under_no_seal(damage):
    content = RENDERERS["docx"](report_of("disclosure-2021"), Setting())
    at = len(content) // 3
    assert not is_untouched(content[:at] + bytes(40) + content[at + 40 :] if damage is None else damage)


# -- characters that no font has ---------------------------------------------------------------------------------------


def test_a_character_that_no_font_has_is_told_without_a_verdict_on_the_workbook(tmp_path):
    form = load_form("disclosure-2021")
    entries = check(GOOD).submission.entries
    values = {name: entry.value for name, entry in entries.items() if entry.value is not None and not form.fields[name].parts}
    values = {name: str(value) if form.fields[name].kind == "amount" else value for name, value in values.items()}
    (tmp_path / "a.xlsx").write_bytes(template(form, values={**values, "cover.address": "示例县人民路😀"}))
    said = rendering(tmp_path, "a.xlsx", "--to", "pdf,md", code=1)
    assert made(tmp_path) == {"a.md"}
    assert "N108" in said
    assert entries["cover.address"].place.cell in said
    assert [word for word in ("×", "不通过", "错误 1") if word in said] == []
