"""A folder with just the fonts that are wanted: the typesetter takes folders only, and reads all that lies in one."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from xl2report.report.kept import kept_folder


def shelf(files: tuple[Path, ...]) -> Path:
    """A folder that holds these files, each named by its number and its own name.

    It lies in the person's cache and stays until one of the files changes; where that cannot be written it lies in a
    temporary folder until the program ends.
    """
    mark = hashlib.sha256()
    for path in files:
        about = path.stat()
        mark.update(f"{path}|{about.st_size}|{about.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    kept = kept_folder() / f"fonts-{mark.hexdigest()[:16]}"
    if kept.is_dir():
        return kept
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=kept.parent, prefix=".fonts-"))
    except OSError:
        made = Path(tempfile.mkdtemp(prefix="xl2report-fonts-"))
        atexit.register(shutil.rmtree, made, ignore_errors=True)
        _fill(made, files)
        return made
    _fill(made, files)
    try:
        made.rename(kept)
    except OSError:  # another process was first
        shutil.rmtree(made, ignore_errors=True)
    return kept


def _fill(folder: Path, files: tuple[Path, ...]) -> None:
    for number, path in enumerate(files):
        place = folder / f"{number}-{path.name}"
        for put in (os.symlink, os.link, shutil.copyfile):  # links need rights on Windows
            try:
                put(path, place)
            except OSError:
                continue
            break
