"""What is built is what works: the wheel and the sdist, installed in clean environments, do the whole job."""

import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import xl2report
from xl2report.form.shelf import COMPILED, compiled, form_path, read_form

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("form_id", xl2report.form_ids())
def test_the_form_kept_as_read_is_the_form_in_its_file(form_id):
    kept = form_path(form_id).with_name(COMPILED).read_bytes()
    mark, _, content = kept.partition(b"\n")
    assert mark == compiled(form_id).partition(b"\n")[0], "run `make generate`"
    assert pickle.loads(content) == read_form(form_id), "run `make generate`"


def test_a_form_file_that_was_edited_is_read_instead_of_what_is_kept(tmp_path, monkeypatch):
    from xl2report.form import shelf

    folder = tmp_path / "disclosure-2021"
    folder.mkdir()
    source = form_path("disclosure-2021")
    (folder / COMPILED).write_bytes(source.with_name(COMPILED).read_bytes())
    text = source.read_text(encoding="utf-8").replace("name: 政府信息公开工作年度报告", "name: 改过的名称")
    (folder / "form.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(shelf, "folder", lambda name: tmp_path)
    shelf.form_by_id.cache_clear()
    try:
        assert shelf.form_by_id("disclosure-2021").name == "改过的名称"
    finally:
        shelf.form_by_id.cache_clear()


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_wheel_holds_forms_templates_samples_and_types(built):
    names = zipfile.ZipFile(next(built.glob("*.whl"))).namelist()
    for name in (
        "_shipped/workbook_templates/disclosure-2021/form.yaml",
        "_shipped/workbook_templates/disclosure-2019/blank.xlsx",
        "_shipped/templates/reference.docx",
        "_shipped/samples/example-county-2023/filled.xlsx",
        "schemas/check.schema.json",
        "py.typed",
    ):
        assert f"xl2report/{name}" in names
    assert not [name for name in names if name.startswith(("tests/", "tools/"))]


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_what_is_built_does_the_whole_job_in_a_clean_environment(built, tmp_path, pattern):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True, env=environment)
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    command = [*install, "-c", str(ROOT / "requirements" / "run.txt"), str(next(built.glob(pattern)))]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"packages cannot be installed here: {done.stderr[-200:]}")
    assert done.returncode == 0, done.stderr
    work = tmp_path / "work"
    work.mkdir()
    tool = str(python.parent / "xl2report")
    done = subprocess.run([tool, "demo"], cwd=work, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list((work / "out").iterdir())) == 5
    where = [str(python), "-c", "import xl2report; print(xl2report.__file__)"]
    assert "venv" in subprocess.run(where, cwd=work, capture_output=True, text=True, env=environment, check=True).stdout
