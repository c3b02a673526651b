"""Which files an inbox holds."""

from __future__ import annotations

import os
from pathlib import Path


class SameFolder(ValueError):
    """The desk would be written where the returns are read: its files would be taken for returns, or returns for its files."""


def inbox_files(inbox: Path, desk: Path, own: Path) -> list[Path]:
    """Every file of the inbox, its folders included, in the order of their paths; never what a run has written to the desk.

    ``own`` is a folder of the desk that runs alone write. Links to folders are followed, each folder is read once.
    FileNotFoundError if there is no inbox, any OSError for a folder that cannot be listed: its returns would be missing in
    silence. SameFolder if the desk is the inbox, or the inbox is a folder that runs write.
    """
    if inbox.is_file():
        return [inbox]
    home, root = desk.resolve(), inbox.resolve()
    if home == root or root.is_relative_to(own.resolve()):
        raise SameFolder(f"{desk} writes where {inbox} is read")
    within = home.is_relative_to(root)
    seen: set[Path] = set()
    found = []
    for folder, names, files in os.walk(inbox, onerror=_raise, followlinks=True):
        here = Path(folder)
        real = here.resolve()
        names.sort()  # which of two links to a folder comes first must not be chance
        if real in seen or (within and real.is_relative_to(home)):
            names.clear()
            continue
        seen.add(real)
        for name in files:
            path = here / name
            is_own = within and path.is_symlink() and path.resolve().is_relative_to(home)
            if not name.startswith((".", "~$")) and not is_own and path.is_file():
                found.append(path)
    return sorted(found)


def _raise(error: OSError) -> None:
    raise error
