"""The command line: parse, call, print."""

import gc

gc.set_threshold(50_000, 20, 20)  # one short run makes many objects and hardly any garbage: a tenth of its time

from xl2report.cli.app import main  # noqa: E402

__all__ = ["main"]
