"""One run at a desk: a lock that the system takes back when the run ends, however it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_NAME = ".lock"


class Occupied(Exception):
    """Another run is at work in the folder."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else writes to the folder meanwhile. Occupied if somebody does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_NAME).open("ab") as stream:
        try:
            _lock(stream)
        except OSError as error:
            raise Occupied(str(folder)) from error
        yield


def _lock(stream: IO[bytes]) -> None:
    if sys.platform == "win32":
        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
