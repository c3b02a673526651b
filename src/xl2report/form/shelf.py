"""The forms that come with the program, found by id or by report year."""

from __future__ import annotations

import pickle
import zlib
from functools import lru_cache
from pathlib import Path

from xl2report.form.model import Form
from xl2report.shipped import folder
from xl2report.version import __version__

COMPILED = "form.compiled"


def form_ids() -> tuple[str, ...]:
    """The ids of all forms, oldest first."""
    return tuple(sorted(path.parent.name for path in folder("workbook_templates").glob("*/form.yaml")))


def form_path(form_id: str) -> Path:
    """Where a form's file stands. KeyError if there is no such form."""
    if form_id not in form_ids():
        raise KeyError(form_id)
    return folder("workbook_templates") / form_id / "form.yaml"


@lru_cache(maxsize=16)
def form_by_id(form_id: str) -> Form:
    """A form. KeyError if there is no such form, FormError if its file has faults.

    Reading YAML costs more than a whole check, so a shipped form lies beside its file as read already, and is used
    as long as the file is the one it was read from. It is trusted as the program's own code is: both are installed
    together. A form from anywhere else is always read from its YAML.
    """
    path = form_path(form_id)
    kept = path.with_name(COMPILED)
    if kept.exists():
        mark, _, content = kept.read_bytes().partition(b"\n")
        if mark == _mark(path):
            form: Form = pickle.loads(content)
            return form
    return read_form(form_id)


def read_form(form_id: str) -> Form:
    """A form read from its YAML, whatever lies beside it."""
    from xl2report.form.load import load

    return load(form_path(form_id), f"workbook_templates/{form_id}/form.yaml")


def compiled(form_id: str) -> bytes:
    """What is kept beside a form's file: a mark of the file it was read from, and the form."""
    return _mark(form_path(form_id)) + b"\n" + pickle.dumps(read_form(form_id), protocol=5)


def _mark(path: Path) -> bytes:
    return f"xl2report {__version__} {zlib.crc32(path.read_bytes()):08x}".encode()


def form_for_year(year: int) -> Form:
    """The form that reports of a year use. KeyError if no form covers the year."""
    for form_id in reversed(form_ids()):
        form = form_by_id(form_id)
        if form.covers_year(year):
            return form
    raise KeyError(year)
