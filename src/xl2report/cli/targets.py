"""Where the files of a call go: what -o means, and names that are free."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def target_of(output: Path | None, name: str, many: bool) -> Path:
    """The file to write: -o names it, or the folder it goes into."""
    from pathlib import Path

    if output is None:
        return Path(name)
    if many or output.is_dir() or not output.suffix:
        return output / name
    return output


def unused(target: Path, taken: set[Path]) -> Path:
    """The target, numbered if this very call has written it already: two inputs may bear the same name."""
    free, n = target, 0
    while free in taken:
        n += 1
        free = target.with_name(f"{target.stem}({n}){target.suffix}")
    taken.add(free)
    return free


def file_name(name: str) -> str:
    """The name without the characters that a file's name cannot have."""
    return "".join("_" if character in '\\/:*?"<>|' or ord(character) < 32 else character for character in name)
