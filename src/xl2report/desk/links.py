"""Links from the workbooks of a desk to files: relative, so that the whole folder can be moved."""

from __future__ import annotations

import os
from pathlib import Path

# What may not stand in a link as it is. Other scripts may, and do where Excel writes them: it takes escaped ones for another code page.
_ESCAPED = {ord(character): f"%{ord(character):02X}" for character in ' "#%<>?[\\]^`{|}:'} | {n: f"%{n:02X}" for n in range(32)}
# Bytes of a name that is not UTF-8, which the program carries along as half a character each.
_ESCAPED |= {0xDC00 + byte: f"%{byte:02X}" for byte in range(128, 256)}


def link(path: str, desk: Path | None) -> str:
    """What a cell of a workbook in the desk links to for a file, or for the zip that it lies in; "" where there is no such file."""
    file = Path(path)
    found = next((one for one in (file, *file.parents) if one.is_file()), None) if path and desk is not None else None
    if found is None or desk is None:
        return ""
    target = Path(os.path.abspath(found))
    try:
        relative = Path(os.path.relpath(target, os.path.abspath(desk))).as_posix().translate(_ESCAPED)
        return "external:" + (relative if len(relative) > 1 else f"./{relative}")  # xlsxwriter looks for a drive before ":"
    except ValueError:  # Windows: on another drive
        return "external:" + target.as_posix().translate(_ESCAPED).replace("%3A", ":", 1)
