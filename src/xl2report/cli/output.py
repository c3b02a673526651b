"""Where results go: data to stdout, words to stderr, files atomically and never over somebody's work."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from xl2report.cli.language import words

if TYPE_CHECKING:
    from pathlib import Path

UNFINISHED = ".xl2report-"  # how a file is called until it is whole


def say(text: str) -> None:
    """A word to the person, on stderr."""
    print(text, file=sys.stderr)


def show(text: str) -> None:
    """Data, on stdout."""
    print(text)


def reason(error: OSError) -> str:
    """What an operating system's error says, and about which file, in the user's language."""
    import errno

    known = {
        errno.ENOSPC: words("磁盘已满", "the disk is full"),
        errno.EACCES: words("没有写入权限", "no permission to write there"),
        errno.EPERM: words("没有写入权限", "no permission to write there"),
        errno.EROFS: words("磁盘是只读的", "the disk is read-only"),
        errno.ENOENT: words("没有这个文件夹", "there is no such folder"),
        errno.ENOTDIR: words("路径里有一段是文件，不是文件夹", "a part of the path is a file, not a folder"),
        errno.EEXIST: words("路径里有一段是文件，不是文件夹", "a part of the path is a file, not a folder"),
        errno.ENAMETOOLONG: words("文件名太长", "the file name is too long"),
    }
    said = known.get(error.errno or 0, error.strerror or str(error))
    return f"{error.filename}: {said}" if error.filename else said


def write_file(path: Path, content: bytes, overwrite: bool = True) -> Path:
    """Where the content was written: the path, or ``name(1)`` if the path is taken (not to be overwritten, or held open)."""
    import tempfile
    from pathlib import Path

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    except OSError as error:  # the temporary name would mean nothing to anybody
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        _open_permissions(temporary)
        return _move(Path(temporary), path, overwrite)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _move(temporary: Path, path: Path, overwrite: bool) -> Path:
    for n in range(1000):
        target = path.with_name(f"{path.stem}({n}){path.suffix}") if n else path
        if target.exists() and (not overwrite or n):
            continue
        try:
            os.replace(temporary, target)
        except PermissionError:  # Windows: the file is open in another program
            continue
        if n:
            say(words(f"{path} 已存在或正被占用，写到了 {target}", f"{path} exists or is in use; wrote {target} instead"))
        return target
    raise FileExistsError(path)


def _open_permissions(path: str) -> None:
    """mkstemp makes files that only their owner reads; a report is for others too."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(path, 0o666 & ~mask)


def tolerant_streams() -> None:
    """A console that lacks a rare character shows it escaped instead of stopping (GBK consoles on Windows)."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
