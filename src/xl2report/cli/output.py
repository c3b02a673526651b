"""Where results go: data to stdout, words to stderr, files atomically and never over somebody's work."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from xl2report.cli.language import words

if TYPE_CHECKING:
    from pathlib import Path


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
    """Where the content was written: the path, or ``name(1)``, and a word, if the path is taken (not to be overwritten, or held open)."""
    from xl2report.written import write_whole

    [written] = write_whole([(path, [content])], overwrite=overwrite)
    if written != path:
        say(words(f"{path} 已存在或正被占用，写到了 {written}", f"{path} exists or is in use; wrote {written} instead"))
    return written


def tolerant_streams() -> None:
    """A console that lacks a rare character shows it escaped instead of stopping (GBK consoles on Windows)."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
