"""What a run leaves behind for the next one, in the person's cache: nothing that could not be made anew."""

from __future__ import annotations

import os
import sys
from pathlib import Path


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
