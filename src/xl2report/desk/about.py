"""What a desk is about: the year and the form that it was made for, and its own workbook as it was left there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

ABOUT_NAME = ".desk.json"


class About(NamedTuple):
    """``own`` is the SHA-256 of the office's own workbook as the last run wrote it, "" before the first."""

    form: str
    year: int
    own: str


class OtherDesk(Exception):
    """The folder is a desk of another year or form."""

    def __init__(self, found: About) -> None:
        super().__init__(f"{found.form} {found.year}")
        self.found = found


def about(folder: Path) -> About | None:
    """What the desk in a folder is about; None where there is none, or it does not say."""
    try:
        kept = json.loads((folder / ABOUT_NAME).read_text(encoding="utf-8"))
        return About(str(kept["form"]), int(kept["year"]), str(kept["own"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def about_line(found: About) -> bytes:
    return f"{json.dumps(found._asdict())}\n".encode()
