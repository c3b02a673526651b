"""What a run leaves behind for the next one, in the person's cache: nothing that could not be made anew."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from jinja2.bccache import Bucket, BytecodeCache


def kept_folder() -> Path:
    """The program's folder in the person's cache; it need not exist, nor be writable."""
    if sys.platform == "win32" and (own := os.environ.get("LOCALAPPDATA")):
        return Path(own, "xl2report", "Cache")
    if sys.platform != "darwin" and (own := os.environ.get("XDG_CACHE_HOME")):
        return Path(own, "xl2report")
    try:
        home = Path.home()
    except RuntimeError:  # an account without a home: nothing can be kept, in no shared folder least of all
        return Path(os.devnull, "xl2report")
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "xl2report"


class CompiledTemplates(BytecodeCache):
    """Templates as compiled: to compile the page takes five times as long as to print a report with it.

    A file is marked with its source and with the versions that compiled it; one that does not fit is not used.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            with self._path(bucket).open("rb") as kept:
                bucket.load_bytecode(kept)
        except (OSError, RuntimeError, EOFError, ValueError, TypeError):  # whatever marshal makes of a damaged file
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        path = self._path(bucket)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".template-", delete=False) as made:
                bucket.write_bytecode(made)
            os.replace(made.name, path)
        except (OSError, RuntimeError):  # a cache that cannot be written is no hindrance
            return

    @staticmethod
    def _path(bucket: Bucket) -> Path:
        return kept_folder() / f"template-{bucket.key}"
