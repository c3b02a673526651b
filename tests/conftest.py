"""What every test gets: no network, and LibreOffice where it is needed."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
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
