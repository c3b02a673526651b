"""Templates as compiled, kept from one run to the next."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from jinja2.bccache import Bucket, BytecodeCache

from xl2report.report.kept import kept_folder


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
