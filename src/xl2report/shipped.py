"""Where the files lie that come with the program but are not Python: forms, templates, samples."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path


@lru_cache
def folder(name: str) -> Path:
    """The folder of that name: inside the installed package, or beside ``src`` in an editable checkout.

    FileNotFoundError when it is in neither.
    """
    package = Path(__file__).resolve().parent
    installed, checkout = package / "_shipped" / name, package.parent.parent
    if installed.is_dir():
        return installed
    # Without the project file, two folders up is some site-packages, whose "templates" are not ours.
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise FileNotFoundError(f"the folder '{name}' that belongs to xl2report is missing: {installed}; install it again")
