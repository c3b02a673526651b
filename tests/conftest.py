"""What every test gets: no network, and LibreOffice where it is needed."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """No part of the program may open a connection."""

    def refuse(self, address, *_):
        raise AssertionError(f"network access: {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture(scope="session")
def soffice(tmp_path_factory) -> Callable[[Path, str, Path], None]:
    """Convert a file with LibreOffice: ``soffice(source, "xlsx", folder)``."""
    if not shutil.which("soffice"):
        if os.environ.get("CI"):
            pytest.fail("soffice is missing: .ci/run must install libreoffice-calc and libreoffice-writer")
        pytest.skip("LibreOffice (soffice) is not installed")
    profile = tmp_path_factory.mktemp("soffice")

    def convert(source: Path, target: str, folder: Path) -> None:
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation=file://{profile}", "--convert-to", target, "--outdir", str(folder), str(source)],
            check=True,
            capture_output=True,
            timeout=120,
        )  # fmt: skip

    return convert


SYSTEM_PYTHON = "/usr/bin/python3"  # the one that Debian's python3-uno belongs to


@pytest.fixture(scope="session")
def office(tmp_path_factory) -> Iterator[Callable[[Path, list, Sequence[Path]], None]]:
    """Edit a workbook in one LibreOffice that stays open: ``office(source, steps, [target, …])``; see office_edits.py."""
    has_uno = shutil.which("soffice") and Path(SYSTEM_PYTHON).exists() and not subprocess.run(
        [SYSTEM_PYTHON, "-c", "import uno"], capture_output=True, check=False
    ).returncode  # fmt: skip
    if not has_uno:
        if os.environ.get("CI"):
            pytest.fail("uno is missing: .ci/run must install libreoffice-calc and python3-uno")
        pytest.skip("LibreOffice cannot be driven: soffice or python3-uno is not installed")
    command = [SYSTEM_PYTHON, str(Path(__file__).with_name("office_edits.py")), str(tmp_path_factory.mktemp("office"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def edit(source: Path, steps: list, targets: Sequence[Path]) -> None:
            job = {"source": str(source), "steps": steps, "targets": [str(target) for target in targets]}
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            if error := json.loads(process.stdout.readline() or "{}").get("error"):
                pytest.fail(f"{error} after {steps}")
            assert all(target.exists() for target in targets)

        yield edit
