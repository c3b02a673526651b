"""Ctrl-C, wherever it falls."""

from __future__ import annotations

import _thread
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_SOON = 0.05  # seconds


@contextmanager
def heard() -> Iterator[None]:
    """Ctrl-C that falls into the tidying up of an object, where Python can only print and drop it, comes again a moment later."""
    before = sys.unraisablehook

    def again(unraisable: Any) -> None:
        if unraisable.exc_type is KeyboardInterrupt:
            threading.Timer(_SOON, _thread.interrupt_main).start()
        else:
            before(unraisable)

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = before
