"""What is kept in the person's cache makes the next run shorter and never different."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xl2report.report import kept

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "example-county-2023" / "filled.xlsx"
RENDER = "import sys, xl2report; sys.stdout.buffer.write(xl2report.render(xl2report.check(sys.argv[1]), to='html'))"


def page(cache: Path | str) -> bytes:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    return subprocess.run([sys.executable, "-c", RENDER, str(SAMPLE)], capture_output=True, check=True, env=environment).stdout


def test_a_template_that_was_kept_gives_the_same_page(tmp_path):
    first = page(tmp_path)
    found = {path.name: path.read_bytes() for path in (tmp_path / "xl2report").iterdir()}
    assert found
    assert page(tmp_path) == first
    assert {path.name: path.read_bytes() for path in (tmp_path / "xl2report").iterdir()} == found


@pytest.mark.parametrize("damage", [b"", b"x", lambda content: content[:-40], lambda content: content[:60] + b"\xff" * 80])
def test_a_damaged_one_is_compiled_anew(tmp_path, damage):
    first = page(tmp_path)
    for path in (tmp_path / "xl2report").iterdir():
        path.write_bytes(damage if isinstance(damage, bytes) else damage(path.read_bytes()))
    assert page(tmp_path) == first


def test_a_cache_that_cannot_be_written_is_no_hindrance(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert page(tmp_path / "file") == page(tmp_path)


def test_nothing_is_kept_for_an_account_without_a_home(monkeypatch):
    def refuse():
        raise RuntimeError

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(kept.sys, "platform", "linux")
    monkeypatch.setattr(kept.Path, "home", refuse)
    assert not kept.kept_folder().parent.is_dir()
