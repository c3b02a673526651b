"""The fonts of a PDF: found by their names, believed by what they hold, and told to whoever asks."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path

import pytest
import typst
from click.testing import CliRunner
from fontTools import subset
from fontTools.ttLib import TTFont
from pylopdf_fonts_zh_cn import serif_path

from test_report_data import report_of
from xl2report.cli.app import group
from xl2report.report import fontshelf, pdf
from xl2report.report.faces import ASKED, FACES, ROLES
from xl2report.report.fonts import NoTypesetter, font_set
from xl2report.report.typeset import Unprintable

LETTERS = "公开政府信息的一是在0123456789Aa"


@cache
def some_glyphs(letters: str) -> bytes:
    made = TTFont(serif_path())
    cut = subset.Subsetter(subset.Options(name_IDs=["*"], notdef_outline=True))
    cut.populate(text=letters)
    cut.subset(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@cache
def font(family: str, letters: str = LETTERS) -> bytes:
    """A small font of a family: some glyphs of Noto Serif SC under another name."""
    made = TTFont(io.BytesIO(some_glyphs(letters)))
    for record in made["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = family
        elif record.nameID == 6:
            record.string = "".join(char for char in family if char.isascii() and char.isalnum()) or "Other"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A folder for the fonts of a machine, its cache beside it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("XL2REPORT_FONTS", raising=False)
    folder = tmp_path / "fonts"
    folder.mkdir()
    font_set.cache_clear()
    yield folder
    font_set.cache_clear()


def served(folder: Path) -> dict[str, tuple[str, str, bool]]:
    return {one.role: (one.family, one.path.name, one.official) for one in font_set((folder,)).served}


def test_without_fonts_of_the_machine_the_packaged_ones_serve_and_nothing_is_written(machine):
    found = font_set((machine,))
    assert {one.family for one in found.served if one.role != "heading"} == {"Noto Serif SC"}
    assert found.families["heading"][0] == "Noto Sans SC"
    assert found.families["latin"] == ()
    assert not any(one.official for one in found.served)
    assert not (machine.parent / "cache").exists()


@pytest.mark.parametrize(
    ("role", "file", "family", "official"),
    [
        ("title", "FZXBSJW.TTF", "FZXiaoBiaoSong-B05S", True),
        ("title", "方正小标宋简体.ttf", "方正小标宋简体", True),
        ("body", "simfang.ttf", "FangSong", True),
        ("body", "仿宋_GB2312.ttf", "仿宋_GB2312", True),
        ("body", "FandolFang-Regular.otf", "FandolFang R", False),
        ("heading", "simhei.ttf", "SimHei", True),
        ("subheading", "simkai.ttf", "KaiTi", True),
        ("title", "FZXBS_Document.TTF", "FZDocXiaoBiaoSong", True),
        ("subheading", "LXGWWenKai-Regular.ttf", "LXGW WenKai", False),
        ("subheading", "Kaiti.ttc", "Kaiti SC", False),
        ("number", "Songti.ttc", "Songti SC", False),
        ("number", "simsun.ttc", "SimSun", True),
        ("latin", "times.ttf", "Times New Roman", True),
        ("latin", "LiberationSerif-Regular.ttf", "Liberation Serif", False),
    ],
)
def test_a_font_of_the_machine_serves_its_role_and_is_followed_by_the_packaged_one(machine, role, file, family, official):
    inner = machine / "truetype" / "more"
    inner.mkdir(parents=True)
    (inner / file).write_bytes(font(family))
    found = font_set((machine,))
    (one,) = (one for one in found.served if one.role == role)
    assert (one.family, one.path, one.official) == (family, inner / file, official)
    assert found.families[role][0] == family
    if role != "latin":
        assert set(found.families[role][1:]) == {"Noto Serif SC", "Noto Sans SC"}
    assert all(other.family.startswith("Noto") for other in found.served if other.role != role)


def test_the_face_that_the_standard_names_first_is_taken(machine):
    for file, family in (("stfangso.ttf", "STFangsong"), ("simfang.ttf", "FangSong"), ("fandolfang-regular.otf", "FandolFang R")):
        (machine / file).write_bytes(font(family))
    assert served(machine)["body"] == ("FangSong", "simfang.ttf", True)
    (machine / "仿宋_gb2312.ttf").write_bytes(font("仿宋_GB2312"))
    font_set.cache_clear()
    assert served(machine)["body"] == ("仿宋_GB2312", "仿宋_gb2312.ttf", True)


def test_what_a_file_holds_counts_and_not_its_name(machine):
    (machine / "simfang.ttf").write_bytes(b"no font at all")
    (machine / "stfangso.ttf").write_bytes(font("STFangsong"))
    (machine / "simhei.ttf").write_bytes(font("Comic Letters"))
    (machine / "simkai.ttf").symlink_to(machine / "nowhere.ttf")
    found = served(machine)
    assert found["body"] == ("STFangsong", "stfangso.ttf", False)
    assert found["heading"][0] == "Noto Sans SC"
    assert found["subheading"][0] == "Noto Serif SC"
    assert "Comic Letters" not in {family for families in font_set((machine,)).families.values() for family in families}
    refused = {one.path.name: one.family for one in font_set((machine,)).refused}
    assert refused == {"simfang.ttf": None, "simhei.ttf": "Comic Letters"}


@pytest.mark.parametrize("part", [0, 3, 11, 60, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("mine", [True, False])
def test_a_font_that_broke_off_is_refused_since_it_would_print_blanks(machine, monkeypatch, part, mine):
    content = font("FangSong")
    (machine / "simfang.ttf").write_bytes(content[: part if isinstance(part, int) else int(part * len(content))])
    if mine:  # a folder that is also one of the usual ones
        monkeypatch.setenv("XL2REPORT_FONTS", str(machine))
        monkeypatch.setenv("XDG_DATA_HOME", str(machine.parent))
    found = font_set() if mine else font_set((machine,))
    assert found.families["body"][0] == "Noto Serif SC"
    assert [(one.path, one.family) for one in found.refused] == [(machine / "simfang.ttf", None)]


def test_a_font_without_outlines_is_refused(machine):
    bare = TTFont(io.BytesIO(font("FangSong")))
    del bare["CFF "]
    bare.save(machine / "simfang.ttf")
    assert served(machine)["body"][0] == "Noto Serif SC"
    assert [one.path.name for one in font_set((machine,)).refused] == ["simfang.ttf"]


@pytest.mark.parametrize("count", [0, 2, 257, 0xFFFFFFFF])
def test_a_collection_counts_only_if_all_its_fonts_are_there(machine, count):
    inner = font("SimSun")
    (machine / "simsun.ttc").write_bytes(b"ttcf\0\1\0\0" + count.to_bytes(4, "big") + (16).to_bytes(4, "big") + inner)
    assert [one.path.name for one in font_set((machine,)).refused] == ["simsun.ttc"]


def test_of_the_files_of_one_name_the_first_whole_one_serves(machine, tmp_path):
    folders = (machine, tmp_path / "second", tmp_path / "third")
    for folder, end in zip(folders, (4000, None, None), strict=True):
        folder.mkdir(exist_ok=True)
        (folder / "simfang.ttf").write_bytes(font("FangSong")[:end])
    found = font_set(folders)
    assert next(one.path for one in found.served if one.role == "body") == folders[1] / "simfang.ttf"


def test_folders_may_be_named_from_where_one_stands_and_endings_in_any_letters(machine, monkeypatch):
    (machine / "SimFang.Ttf").write_bytes(font("FangSong"))
    monkeypatch.chdir(machine.parent)
    monkeypatch.setenv("XL2REPORT_FONTS", "fonts")
    for found in (font_set((Path("fonts"),)), font_set()):
        assert found.families["body"][0] == "FangSong"
        assert next(one.path for one in found.served if one.role == "body") == machine / "SimFang.Ttf"


def test_a_font_that_is_a_link_serves_as_the_link(machine, tmp_path):
    (tmp_path / "Times_New_Roman.data").write_bytes(font("Times New Roman"))
    for name in ("times.ttf", "Times_New_Roman.ttf"):  # as Debian has them
        (machine / name).symlink_to(tmp_path / "Times_New_Roman.data")
    found = font_set((machine,))
    assert found.families["latin"] == ("Times New Roman",)
    assert next(one.path for one in found.served if one.role == "latin").parent == machine
    assert found.refused == ()


def test_every_family_is_written_as_the_typesetter_reports_it(machine):
    every = {(face.families[0], face.files[0]) for faces in FACES.values() for face in faces}
    for family, file in every:
        (machine / file).write_bytes(font(family))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(machine)])
    assert {one.family for one in fonts.fonts()} == {family for family, _ in every}


def test_only_the_wanted_files_are_opened(machine):
    for n in range(300):
        (machine / f"Other-{n}.ttf").write_bytes(b"x")
    (machine / "simfang.ttf").write_bytes(font("FangSong"))
    font_set((machine,))
    (kept,) = (machine.parent / "cache" / "xl2report").iterdir()
    assert [path.resolve() for path in kept.iterdir()] == [machine / "simfang.ttf"]


def test_a_font_that_changed_is_not_taken_from_the_cache(machine):
    (machine / "simfang.ttf").write_bytes(font("Something Else"))
    assert served(machine)["body"][0] == "Noto Serif SC"
    (machine / "simfang.ttf").write_bytes(font("FangSong"))
    font_set.cache_clear()
    assert served(machine)["body"][0] == "FangSong"


def test_a_copy_in_the_cache_goes_by_the_time_of_its_font_too(machine, monkeypatch):
    for name in ("symlink", "link"):
        monkeypatch.setattr(fontshelf.os, name, lambda *_: (_ for _ in ()).throw(OSError("not here")))
    assert len(font("SongFang")) == len(font("FangSong"))
    for second, family in enumerate(("SongFang", "FangSong")):
        (machine / "simfang.ttf").write_bytes(font(family))
        os.utime(machine / "simfang.ttf", (second, second))
        font_set.cache_clear()
        assert (served(machine)["body"][0] == "FangSong") == (family == "FangSong")


def test_a_cache_that_cannot_be_written_is_no_hindrance(machine, monkeypatch):
    (machine / "simfang.ttf").write_bytes(font("FangSong"))
    (machine.parent / "cache").write_text("a file where the folder should be", encoding="utf-8")
    assert served(machine)["body"] == ("FangSong", "simfang.ttf", True)


@pytest.mark.parametrize("missing", ["symlink", "symlink link"])
def test_where_links_are_not_allowed_the_fonts_are_copied(machine, monkeypatch, missing):
    def refuse(*_):
        raise OSError("not here")

    for name in missing.split():
        monkeypatch.setattr(fontshelf.os, name, refuse)
    (machine / "simfang.ttf").write_bytes(font("FangSong"))
    assert served(machine)["body"] == ("FangSong", "simfang.ttf", True)


def test_what_cannot_be_kept_whole_is_not_kept(machine, monkeypatch):
    def full(_, place):
        Path(place).write_bytes(font("FangSong")[:5000])
        raise OSError("No space left on device")

    for name in ("symlink", "link"):
        monkeypatch.setattr(fontshelf.os, name, full)
    monkeypatch.setattr(fontshelf.shutil, "copyfile", full)
    (machine / "simfang.ttf").write_bytes(font("FangSong"))
    assert served(machine)["body"][0] == "Noto Serif SC"
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(machine.parent / "cache"))
    font_set.cache_clear()
    assert served(machine)["body"][0] == "FangSong"


def test_where_the_folder_cannot_be_given_its_name_the_fonts_serve_this_once(machine, monkeypatch):
    def refuse(*_):
        raise PermissionError("held open")

    monkeypatch.setattr(fontshelf.Path, "rename", refuse)
    (machine / "simfang.ttf").write_bytes(font("FangSong"))
    assert served(machine)["body"] == ("FangSong", "simfang.ttf", True)


def test_an_account_without_a_home_has_the_fonts_of_the_system(machine, monkeypatch):
    def none():
        raise RuntimeError("Could not determine home directory.")

    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", none)
    assert {one.role for one in font_set().served} == set(ROLES)


def test_two_processes_at_once_find_the_same_fonts(machine):
    (machine / "simfang.ttf").write_bytes(font("FangSong"))
    script = f"from pathlib import Path; from xl2report.report.fonts import font_set; print(font_set((Path({str(machine)!r}),)).families['body'][0])"
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate()[0].strip() for process in running] == ["FangSong"] * 4
    assert len(list((machine.parent / "cache" / "xl2report").iterdir())) == 1


def test_the_pdf_is_set_in_the_fonts_that_were_found(machine, monkeypatch):
    (machine / "simfang.ttf").write_bytes(font("FangSong"))
    (machine / "times.ttf").write_bytes(font("Times New Roman", "0123456789"))
    monkeypatch.setenv("XL2REPORT_FONTS", str(machine))
    content = pdf.render(report_of("disclosure-2021"))
    assert b"FangSong" in content
    assert b"TimesNewRoman" in content
    assert b"NotoSerifSC" in content  # the glyphs that the small font lacks
    if not shutil.which("pdffonts"):
        pytest.skip("pdffonts (poppler-utils) is not installed")
    path = machine.parent / "report.pdf"
    path.write_bytes(content)
    lines = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert {line.split()[0].partition("+")[2].split("-")[0] for line in lines} >= {"FangSong", "TimesNewRoman", "NotoSerifSC"}
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in lines)  # embedded, a subset, with its characters


def test_the_folder_of_a_server_comes_first_and_supplies_rare_characters(machine, monkeypatch):
    report = report_of("disclosure-2021", {"overview.proactive": ("\u0f00",)})
    monkeypatch.setenv("XL2REPORT_FONTS", str(machine))
    (machine / "simhei.ttf").write_bytes(font("SimHei"))
    with pytest.raises(Unprintable):
        pdf.render(report)
    rare = TTFont(io.BytesIO(font("Rare Signs")))
    for table in rare["cmap"].tables:
        table.cmap[0x0F00] = rare.getBestCmap()[ord("公")]
    rare.save(machine / "Rare.otf")
    font_set.cache_clear()
    found = font_set()
    order = found.families["body"]
    assert order.index("Rare Signs") > max(order.index("Noto Serif SC"), order.index("Noto Sans SC"))
    assert found.families["heading"][0] == "SimHei"
    assert next(one for one in found.served if one.role == "heading").path == machine / "simhei.ttf"
    assert b"%PDF" in pdf.render(report)


@pytest.mark.parametrize("module", ["typst", "pylopdf_fonts_zh_cn"])
def test_without_the_typesetter_word_and_web_still_work_and_the_pdf_says_why_not(machine, monkeypatch, tmp_path, module):
    monkeypatch.setitem(sys.modules, module, None)
    sample = Path(__file__).resolve().parent.parent / "samples" / "example-county-2023" / "filled.xlsx"
    with pytest.raises(NoTypesetter) as error:
        font_set()
    assert error.value.missing == (module.replace("_", "-"),)
    done = CliRunner().invoke(group, ["render", str(sample), "--to", "html,docx,pdf", "-o", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"filled.html", "filled.docx"}
    assert error.value.missing[0] in done.output
    done = CliRunner().invoke(group, ["fonts"])
    assert done.exit_code == 0
    assert error.value.missing[0] in done.output


def test_the_command_tells_of_every_role_in_columns_that_align(machine, monkeypatch):
    (machine / "simhei.ttf").write_bytes(font("SimHei"))
    monkeypatch.setenv("XL2REPORT_FONTS", str(machine))
    done = CliRunner().invoke(group, ["fonts"])
    assert done.exit_code == 0
    lines = done.output.splitlines()
    rows = lines[1 : 1 + len(ROLES)]
    assert [row.split()[0] for row in rows] == [ASKED[role][0].zh for role in ROLES]
    starts = {_columns(row[: row.index("官方" if "官方" in row else "替代")]) for row in rows}
    assert len(starts) == 1
    assert sum("官方" in row for row in rows) == 1
    advice = "\n".join(lines[1 + len(ROLES) :])
    assert "黑体、" not in advice.split("。")[0]
    assert "仿宋_GB2312" in advice
    done.output.encode("gbk", "strict")


def test_the_command_tells_of_files_that_were_refused_and_of_a_folder_that_is_not_there(machine, monkeypatch):
    monkeypatch.setenv("XL2REPORT_FONTS", str(machine))
    (machine / "simhei.ttf").write_bytes(font("Comic Letters"))
    (machine / "Rare.otf").write_bytes(font("Rare Signs")[:3000])
    told = CliRunner().invoke(group, ["fonts"]).output
    assert f"{machine / 'simhei.ttf'}：里面的字体是“Comic Letters”" in told
    assert f"{machine / 'Rare.otf'}：文件残缺" in told
    monkeypatch.setenv("XL2REPORT_FONTS", str(machine / "nowhere"))
    font_set.cache_clear()
    done = CliRunner().invoke(group, ["fonts"])
    assert done.exit_code == 0
    assert str(machine / "nowhere") in done.output


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def test_every_role_has_faces_and_file_names_are_in_small_letters():
    assert set(FACES) == set(ASKED) == set(ROLES)
    for faces in FACES.values():
        assert faces
        assert faces[0].official
        for face in faces:
            assert face.families
            assert all(name == name.lower() and os.path.splitext(name)[1] in (".ttf", ".ttc", ".otf") for name in face.files)
