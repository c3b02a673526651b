"""The command line: exit codes, where output goes, languages, and that a user's mistake never shows a traceback."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import xl2report
from xl2report.checks.catalogue import ARTICLES, DETAILS, REPAIRS
from xl2report.cli.language import choose
from xl2report.form.faults import SENTENCES
from xl2report.shipped import folder
from xl2report.workbook.formulas import ABSENT, EXPLAINED, FAIL, OPEN, PASS, SPARED

SAMPLES = folder("samples")
GOOD, BAD = (str(SAMPLES / case / "filled.xlsx") for case in ("example-county-2023", "faulty-2023"))


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    encoding = environment.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
    done = subprocess.run(
        [sys.executable, "-m", "xl2report", *arguments],
        cwd=cwd,
        env={**os.environ, "XL2REPORT_LANG": "zh", "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        encoding=encoding,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", GOOD], 0),
        (["check", BAD], 1),
        (["check", "none.xlsx"], 2),
        (["check", GOOD, BAD], 1),
        (["check", GOOD, "none.xlsx", BAD], 2),
        (["check"], 2),
        (["check", "--format", "xml", GOOD], 2),
        (["chekc", GOOD], 2),
        (["--lang", "fr", "check", GOOD], 2),
        (["render", GOOD], 0),
        (["render", BAD], 1),
        (["render", BAD, "--draft"], 1),
        (["render", "none.xlsx"], 2),
        (["render", GOOD, "--to", "odt"], 2),
        (["render", GOOD, "--to", "docx", "--archive"], 2),
        (["render", GOOD, "--script", "latin"], 2),
        (["render", GOOD, "--to", "html-fragment", "-o", "{folder}/a.pdf"], 2),
        (["render", GOOD, "--previous", "{folder}/none.xlsx"], 2),
        (["render", GOOD, "--to", ""], 2),
        (["render", GOOD, "--prose", "none.md"], 2),
        (["render", GOOD, BAD, "--to", "md"], 1),
        (["template"], 0),
        (["template", "--year", "2018"], 2),
        (["template", "--form", "no-such-form"], 2),
        (["template", "--form", "disclosure-2019", "--year", "2023"], 2),
        (["template", "--year", "two"], 2),
        (["template", "-o", "no\0such.xlsx"], 2),
        (["rules"], 0),
        (["rules", "disclosure-2019"], 0),
        (["rules", "no-such-form"], 2),
        (["explain"], 0),
        (["explain", "v301"], 0),
        (["explain", "Z999"], 2),
        (["--version"], 0),
        (["--help"], 0),
        ([], 2),
    ],
)
def test_the_exit_code_says_what_happened_and_no_mistake_shows_a_traceback(tmp_path, arguments, code):
    if any("\0" in argument for argument in arguments):
        arguments = [argument.replace("\0", "/") for argument in arguments]
        (tmp_path / "no").write_text("a file where a folder should be")
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code
    if code == 2 and arguments[:1] != ["check"]:
        assert done.stderr.strip()


@pytest.mark.parametrize(
    ("arguments", "told", "command"),
    [
        ("collect in", ("缺少选项", "--roster FILE"), "collect"),
        ("collect in --roster r", ("缺少选项", "-o DIR"), "collect"),
        ("collect in --roster r -o d --jobs 0", ("--jobs", "不小于 1 的整数"), "collect"),
        ("collect in --roster r -o d --jobs x", ("--jobs", "不小于 1 的整数"), "collect"),
        ("collect in --roster r -o d --deadline soon", ("--deadline", "2024-01-31"), "collect"),
        ("collect in --roster r -o d --deadline 2024-02-30", ("--deadline", "2024-01-31"), "collect"),
        ("collect in more --roster r -o d", ("多了参数 more",), "collect"),
        ("compare a", ("缺少参数 LAST",), "compare"),
        ("template --year x", ("--year", "整数"), "template"),
        ("template --year", ("--year 后面要写一个值",), "template"),
        ("template --yaer 3", ("没有选项 --yaer", "--year"), "template"),
        ("render --draft=1 a", ("--draft 后面不写值",), "render"),
        ("check --help=1", ("--help 后面不写值",), "check"),
        ("check --format xml a", ("--format", "text、json、csv"), "check"),
        ("--lang", ("--lang 后面要写一个值",), ""),
        ("--lang zh", ("缺少命令",), ""),
        ("chekc", ("没有命令 chekc", "check"), ""),
    ],
)
def test_a_call_that_does_not_fit_is_told_in_chinese_with_the_option_and_the_help_of_its_command(tmp_path, arguments, told, command):
    done = run(*arguments.split(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    sentence, where = done.stderr.splitlines()
    assert all(words in sentence for words in told), sentence
    assert not re.search(r"[A-Za-z]+ [a-z]+ [a-z]+", sentence), sentence  # click's English
    assert where.endswith(f"{' '.join(['xl2report', *command.split()])} --help")


@pytest.mark.parametrize("day", ["2024-01-31", "2024/1/31", "2024.1.31", "2024年1月31日"])
def test_a_deadline_may_be_written_as_people_write_days(tmp_path, day):
    from xl2report.cli.app import collect

    context = collect.make_context("collect", ["in", "--roster", "r", "-o", "d", "--deadline", day])
    assert context.params["deadline"].date().isoformat() == "2024-01-31"
    english = run("--lang", "en", "collect", "in", "--roster", "r", "-o", "d", "--deadline", day[:-1] + "x", cwd=tmp_path)
    assert "like 2024-01-31" in english.stderr
    assert english.stderr.isascii()


def test_a_report_with_errors_is_refused_and_nothing_is_written(tmp_path):
    done = run("render", BAD, "--to", "docx,html,md,json", cwd=tmp_path)
    assert done.stdout == ""
    assert "X201" in done.stderr
    assert "--draft" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_draft_says_so_and_lists_its_findings(tmp_path):
    run("render", BAD, "--draft", "--to", "md,html", cwd=tmp_path)
    for path in tmp_path.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "草稿" in text
        assert "应小于" not in text
        assert "请核对所列各格" in text


def test_data_goes_to_stdout_and_words_to_stderr(tmp_path):
    done = run("check", "--format", "json", GOOD, cwd=tmp_path)
    assert json.loads(done.stdout)["files"][0]["status"] == "pass"
    assert done.stderr == ""
    done = run("render", GOOD, "--to", "md", "-o", "out/报告.md", cwd=tmp_path)
    assert done.stdout.split() == [str(Path("out/报告.md"))]


def test_a_template_never_overwrites_a_workbook_that_may_be_filled_in(tmp_path):
    first = run("template", "--year", "2023", "-o", "a.xlsx", cwd=tmp_path)
    (tmp_path / "a.xlsx").write_bytes(b"filled in")
    second = run("template", "--year", "2023", "-o", "a.xlsx", cwd=tmp_path)
    assert (first.stdout.strip(), second.stdout.strip()) == ("a.xlsx", "a(1).xlsx")
    assert "a(1).xlsx" in second.stderr
    assert (tmp_path / "a.xlsx").read_bytes() == b"filled in"


def test_a_written_file_is_readable_by_others_and_leaves_no_remains(tmp_path):
    run("render", GOOD, "--to", "md", cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["filled.md"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "filled.md").stat().st_mode) == 0o666 & ~mask


def test_a_file_held_open_elsewhere_gives_a_numbered_name(tmp_path, monkeypatch, capsys):
    from xl2report.cli import output

    real = os.replace

    def held(source, target):
        if Path(target).name == "a.docx":
            raise PermissionError(13, "in use", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", held)
    assert output.write_file(tmp_path / "a.docx", b"x").name == "a(1).docx"
    assert "a(1).docx" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a(1).docx"]


def test_a_write_that_fails_leaves_the_old_file_and_no_remains(tmp_path, monkeypatch):
    from xl2report.cli import output

    (tmp_path / "a.docx").write_bytes(b"old")

    def broken(source, target):
        raise OSError(28, "disk full")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        output.write_file(tmp_path / "a.docx", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.docx", b"old")]


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "zh"),
        ([], {"LANG": "en_GB.UTF-8"}, "en"),
        ([], {"LANG": "C.UTF-8"}, "zh"),
        ([], {"LANG": "fr_FR.UTF-8"}, "zh"),
        ([], {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ([], {"XL2REPORT_LANG": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        (["check", "--lang", "en", "a.xlsx"], {"XL2REPORT_LANG": "zh"}, "en"),
        (["--lang=en"], {}, "en"),
        (["--lang", "fr"], {}, "zh"),
    ],
)
def test_the_language_follows_option_then_variable_then_locale(arguments, environment, language):
    assert choose(arguments, environment) == language


def test_help_is_in_the_users_language(tmp_path):
    chinese = run("check", "--help", cwd=tmp_path).stdout
    english = run("--lang", "en", "check", "--help", cwd=tmp_path).stdout
    assert "用法" in chinese
    assert "Usage" not in chinese
    assert "Usage" in english
    assert not any("\u4e00" <= character <= "\u9fff" for character in english)


@pytest.mark.parametrize(
    ("epoch", "year"),
    [("1705536000", 2023), ("1719791999", 2023), ("1719792000", 2024), ("1735603200", 2024)],
)
def test_the_year_is_last_year_until_june_and_this_year_after(tmp_path, epoch, year):
    # 2024-01-18, 2024-06-30, 2024-07-01, 2024-12-31
    done = run("template", cwd=tmp_path, SOURCE_DATE_EPOCH=epoch)
    assert done.stdout.strip().endswith(f"_{year}.xlsx")


def test_the_form_follows_from_the_year(tmp_path):
    for year, form in ((2019, "disclosure-2019"), (2020, "disclosure-2019"), (2021, "disclosure-2021"), (2030, "disclosure-2021")):
        run("template", "--year", str(year), "-o", f"{year}.xlsx", cwd=tmp_path)
        assert xl2report.check(tmp_path / f"{year}.xlsx").form.id == form


@pytest.mark.parametrize("arguments", [["check", BAD], ["check", "--format", "csv", BAD], ["rules"], ["--help"], ["render", BAD], ["template"]])
def test_a_gbk_console_shows_everything(tmp_path, arguments):
    assert run(*arguments, cwd=tmp_path, PYTHONIOENCODING="gbk:strict").returncode in (0, 1)


def test_every_sentence_of_ours_can_be_shown_on_a_gbk_console():
    sentences = [
        text
        for article in ARTICLES.values()
        for words in (article.says, article.fix)
        for text in (words.zh, words.en)
    ]
    sentences += [text for words in (*DETAILS.values(), *REPAIRS.values()) for text in (words.zh, words.en)]
    sentences += [text for pair in SENTENCES.values() for text in pair]
    for form_id in xl2report.form_ids():
        sentences += [text for rule in xl2report.load_form(form_id).rules for text in (rule.says.zh, rule.says.en)]
    for text in (*sentences, PASS, FAIL, OPEN, EXPLAINED, ABSENT, SPARED):
        text.encode("gbk", "strict")
        assert text.strip()


def test_a_rare_character_in_a_name_does_not_stop_a_gbk_console(tmp_path):
    content = xl2report.template(xl2report.load_form("disclosure-2021"), year=2023, agency="𬭩县䶮乡人民政府")
    (tmp_path / "a.xlsx").write_bytes(content)
    done = run("check", "a.xlsx", cwd=tmp_path, PYTHONIOENCODING="gbk:strict")
    assert done.returncode == 1
    assert "\\U0002cb69" in done.stdout


def test_a_form_file_with_faults_is_reported_with_places_and_exit_two(tmp_path, monkeypatch, capsys):
    from xl2report.cli import app
    from xl2report.form.faults import Fault, FormError

    def broken(_):
        raise FormError((Fault("form.yaml", 3, 7, "unknown-key", "colour", "label"),))

    monkeypatch.setattr(xl2report, "load_form", broken)
    monkeypatch.setattr(sys, "argv", ["xl2report", "template"])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 2
    assert "form.yaml:3:7: " in capsys.readouterr().err


@pytest.mark.parametrize("code", ARTICLES)
def test_every_code_is_explained_in_both_languages(code):
    from xl2report.printed import explained

    for language in ("zh", "en"):
        text = explained(code, language)
        assert text.startswith(code)
        assert ARTICLES[code].fix.in_language(language).partition("{")[0] in text
        assert "{" not in text


def test_csv_cells_cannot_turn_into_formulas(tmp_path):
    form = xl2report.load_form("disclosure-2021")
    values = {"cover.agency": "=HYPERLINK(1)", "requests.new.natural": "+cmd", "requests.new.research": "-5"}
    (tmp_path / "a.xlsx").write_bytes(xl2report.template(form, year=2023, values=values))
    out = run("check", "--format", "csv", "a.xlsx", cwd=tmp_path).stdout
    assert "'=HYPERLINK(1)" in out
    assert "'+cmd" in out
    assert ",=HYPERLINK" not in out


def test_the_demo_does_the_whole_job_and_says_where_everything_is(tmp_path):
    done = run("demo", cwd=tmp_path)
    assert done.returncode == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["1-blank.xlsx", "2-filled.xlsx", "3-check.txt", "4-report.html", "5-report.docx"]
    for name in written:
        assert str(tmp_path / "out" / name) in done.stdout
    assert xl2report.check(tmp_path / "out" / "2-filled.xlsx").code == xl2report.check(Path(GOOD)).code
