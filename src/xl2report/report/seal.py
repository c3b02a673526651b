"""The seal of a Word file: by it the program knows a file that it wrote and nobody has saved since."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Mapping

CORE = "docProps/core.xml"
SLOT = b"xl2report-" + b"0" * 64  # where the seal is put; a seal is as long
_SEAL = re.compile(rb"xl2report-[0-9a-f]{64}")
_LARGEST = 64 * 2**20  # bytes of all parts; the program writes no file that comes near


def sealed(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The parts of a package with the seal over all of them in its properties, which begin with its ``SLOT``."""
    return {**parts, CORE: parts[CORE].replace(SLOT, _seal(parts), 1)}


def is_untouched(content: bytes) -> bool:
    """True for a file under its own seal: whoever saves it in another program breaks that."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            if sum(entry.file_size for entry in entries) > _LARGEST:
                return False
            parts = {entry.filename: package.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return False
    found = _SEAL.search(parts.get(CORE, b""))
    return found is not None and found.group() == _seal({**parts, CORE: _SEAL.sub(SLOT, parts[CORE], count=1)})


def _seal(parts: Mapping[str, bytes]) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(parts):
        digest.update(f"{name}\n{len(parts[name])}\n".encode("utf-8", "surrogatepass"))
        digest.update(parts[name])
    return b"xl2report-" + digest.hexdigest().encode()
