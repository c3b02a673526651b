"""The documents say what the program does: generated parts are current, commands run, twins match, links lead somewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
TWINS = ("README.md", "README.zh-CN.md")
DOCUMENTS = (*TWINS, "CHANGELOG.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
PLACEHOLDER = re.compile(r"\b[A-Z]{3,}\b")  # FILE, DIR: not a command to run as it stands


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, *languages: str) -> list[str]:
    """The fenced blocks of a document in some languages."""
    return [block for language, block in re.findall(r"^```(\w+)\n(.*?)^```", text_of(name), re.M | re.S) if language in languages]


def outside_blocks(name: str) -> str:
    return re.sub(r"^```.*?^```", "", text_of(name), flags=re.M | re.S)


def commands() -> list[str]:
    """Every command line of the READMEs that begins with xl2report and names no placeholder, once each, in order."""
    lines = [line for name in TWINS for block in blocks(name, "sh", "bat", "console") for line in block.splitlines()]
    calls = [line.removeprefix("$ ").split(" #")[0].strip() for line in lines]
    calls = [call for call in calls if re.match(r"xl2report\s", call)]
    return list(dict.fromkeys(call for call in calls if not PLACEHOLDER.search(call)))


@pytest.fixture(scope="module")
def make_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the samples in it, where a reader would type the commands."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    return tmp_path


def test_the_generated_parts_are_current(make_docs: ModuleType) -> None:
    assert make_docs.stale() == [], "run: python tools/make_docs.py"


def test_a_stale_part_is_noticed(make_docs: ModuleType) -> None:
    old = "<!-- help:demo -->\nold help\n<!-- /help -->\n"
    assert "old help" not in make_docs.filled(old, "en")
    assert "xl2report demo" in make_docs.filled(old, "en")


def test_an_abridged_output_marks_each_cut_once_and_misses_no_label(make_docs: ModuleType) -> None:
    lines = ["× fail", "  code", *(f"  error [{code}] x" for code in ("V101", "V102", "X201 balance", "X201 balance"))]
    assert make_docs.abridged(lines, {"balance"}) == ["× fail", "  code", "  …", "  error [X201 balance] x", "  …"]
    with pytest.raises(RuntimeError, match="V999"):
        make_docs.abridged(lines, {"V999"})


def test_each_readme_links_to_the_other_in_its_first_line() -> None:
    for name, other in (TWINS, TWINS[::-1]):
        assert f"]({other})" in text_of(name).splitlines()[0]


def test_the_twins_have_the_same_headings_in_number_and_level() -> None:
    levels = [re.findall(r"^(#+) ", outside_blocks(name), re.M) for name in TWINS]
    assert levels[0] == levels[1]


def test_the_twins_show_the_same_commands_and_the_same_generated_blocks() -> None:
    shown = [[line for block in blocks(name, "sh", "bat") for line in block.splitlines()] for name in TWINS]
    assert [line.split("#")[0].strip() for line in shown[0]] == [line.split("#")[0].strip() for line in shown[1]]
    marks = [re.findall(r"<!-- \w+:.*? -->", text_of(name)) for name in TWINS]
    assert marks[0] == marks[1]


def test_every_command_shown_runs_as_it_stands(desk: Path) -> None:
    calls = commands()
    assert len(calls) >= 8
    for call in calls:
        done = subprocess.run(
            [sys.executable, "-m", "xl2report", *shlex.split(call)[1:]],
            cwd=desk,
            capture_output=True,
            env={**os.environ, "PYTHONUTF8": "1"},
            check=False,
        )
        assert done.returncode == int("faulty" in call), f"{call}\n{done.stderr.decode()}"
    for name in ("issued.xlsx", "report.docx", "draft.html", "report/filled.md", "out/1-blank.xlsx"):
        assert (desk / name).is_file(), name


@pytest.mark.parametrize("name", TWINS)
def test_the_python_shown_runs_as_it_stands(name: str, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    shown = blocks(name, "python")
    assert shown
    for block in shown:
        exec(compile(block, name, "exec"), {})
    assert (desk / "blank.xlsx").is_file()
    assert (desk / "report.docx").is_file()


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "docs/form-format.md"])
def test_form_examples_are_lines_of_the_forms(name: str) -> None:
    lines = {line.strip() for path in ROOT.glob("workbook_templates/*/form.yaml") for line in path.read_text(encoding="utf-8").splitlines()}
    shown = [line.strip() for block in blocks(name, "yaml") for line in block.splitlines()]
    assert shown
    assert [line for line in shown if line != "…" and line not in lines] == []


def test_every_option_of_the_form_file_is_described() -> None:
    from xl2report.form.fields import FIELD_KEYS, KINDS
    from xl2report.form.language import FUNCTIONS
    from xl2report.form.model import ROLES
    from xl2report.form.tables import LEAF_KEYS, TABLE_KEYS

    described = text_of("docs/form-format.md")
    words = {*FIELD_KEYS, *KINDS, *ROLES, *LEAF_KEYS, *TABLE_KEYS}
    assert sorted(word for word in words if f"`{word}`" not in described) == []
    assert sorted(name for name in FUNCTIONS if f"`{name}(" not in described) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_files(name: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)\)", outside_blocks(name))
    assert [target for target in targets if not (ROOT / name).parent.joinpath(target).is_file()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("pattern", [
    r"(?<![\w.<])/(?:home|root|work|Users|tmp|opt|usr|mnt|srv)/",  # a path of one machine
    r"\b[A-Za-z]:\\",
    r"https?://[\w-]+\.",  # no address is needed: neither of a registry nor of a host
    r"(?i)\bpypi\b|index-url|\bmirror\b",
    r"(?i)\bAI\b|artificial intelligence|language model|chatbot|co-authored",  # the project speaks of itself alone
    "人工智能|大模型|智能体|提示词",
])  # fmt: skip
def test_no_document_names_a_machine_a_registry_or_a_maker(name: str, pattern: str) -> None:
    assert re.findall(pattern, text_of(name)) == []
