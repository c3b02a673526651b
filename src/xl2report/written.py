"""Files that are there whole or not at all: written under another name first, which they keep until they are whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

UNFINISHED = ".xl2report-"  # how a file is called until it is whole


def write_whole(contents: Iterable[tuple[Path, Iterable[bytes]]], *, overwrite: bool = True) -> tuple[Path, ...]:
    """Where each content was written: its path, or ``name(1)`` where another program holds the file (Windows), or it is not to be overwritten.

    All are written before the first takes its name: files that belong together are of one run.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for path, pieces in contents:
            ready.append((_begun(path), path))
            with ready[-1][0].open("wb") as stream:
                stream.writelines(pieces)
        return tuple(_named(*one, overwrite) for one in ready)
    except BaseException:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)
        raise


def sweep(folder: Path) -> None:
    """Removes what a run that was killed while it wrote has left."""
    for left in folder.rglob(f"{UNFINISHED}*"):
        with suppress(OSError):
            left.unlink()


def _begun(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    except OSError as error:  # the temporary name would mean nothing to anybody
        raise OSError(error.errno, error.strerror, str(path)) from None
    os.close(handle)
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(temporary, 0o666 & ~mask)  # mkstemp makes files that only their owner reads
    return Path(temporary)


def _named(temporary: Path, path: Path, overwrite: bool) -> Path:
    for n in range(1000):
        target = path.with_name(f"{path.stem}({n}){path.suffix}") if n else path
        if target.exists() and (n or not overwrite):
            continue
        try:
            os.replace(temporary, target)
        except PermissionError:  # Windows: the file is open in another program
            continue
        return target
    raise FileExistsError(path)
