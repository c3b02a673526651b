"""A throw-away process for work that hostile bytes can make endless, huge or abort: time, memory and output are bounded.

What comes back is bytes or a finding; the process is gone by then. It is a fresh interpreter, never a fork.
Windows has no limit of memory here, only those of time and output.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from xl2report.workbook.foreign_child import OUT_OF_MEMORY
from xl2report.workbook.package import Unreadable

SECONDS_LIMIT = 10.0
MEMORY_LIMIT = 256 * 2**20  # bytes of addresses: Python needs 20 MiB with calamine, 40 with cryptography, before any file
OUTPUT_LIMIT = 64 * 2**20
_ERRORS_LIMIT = 2**16
_TO_GO = 2.0  # seconds that a process may take to go when it has closed its output, or was killed
_SCRIPT = Path(__file__).with_name("foreign_child.py")
_RUST_OUT_OF_MEMORY = b"memory allocation of"
_CODES: dict[str, tuple[str, ...]] = {  # that the child may find, with the words of each
    "F102": (), "F103": ("kind", "detail"), "F104": ("detail",), "F105": ("detail",), "F112": (), "F113": (),
}  # fmt: skip


def run_child(job: str, head: bytes, content: bytes, kind: str) -> bytes:
    """The child's answer to a job on ``content``, a file of ``kind``. Unreadable where it finds the file so, or fails.

    ``head`` is what else the job needs. It travels with the content: others can read a command line.
    """
    status, output, errors = _run(command(job), len(head).to_bytes(4, "little") + head + content)
    if len(output) > OUTPUT_LIMIT:
        raise Unreadable("F105", detail="text")
    verdict, is_whole, answer = output.partition(b"\x1e")
    if status == 0 and is_whole:
        if verdict == b"ok":
            return answer
        code, _, detail = verdict.decode("ascii", "replace").partition("\x1f")
        if code in _CODES:
            words = {"kind": kind, "detail": detail}
            raise Unreadable(code, **{name: words[name] for name in _CODES[code]})
    if status is None or (status < 0 and -status == getattr(signal, "SIGXCPU", 0)):
        raise Unreadable("F103", kind=kind, detail="slow")
    is_memory = status == OUT_OF_MEMORY or _RUST_OUT_OF_MEMORY in errors
    raise Unreadable("F103", kind=kind, detail="memory" if is_memory else "crashed")


def command(job: str) -> list[str]:
    """The command line of the child: the libraries that this process sees, and nobody's settings."""
    places = [os.path.abspath(place) for place in sys.path if place]
    return [sys.executable, "-I", "-S", str(_SCRIPT), job, str(int(SECONDS_LIMIT)), str(MEMORY_LIMIT), *places]


def _run(arguments: list[str], feed: bytes) -> tuple[int | None, bytes, bytes]:
    """The exit status (None when time ran out), the output and the errors, each read as far as its limit."""
    try:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=os.name == "posix",  # so that what it starts can be ended with it
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError:
        return 1, b"", b""
    output: list[bytes] = []
    errors: list[bytes] = []
    reader = threading.Thread(target=_read, args=(process.stdout, OUTPUT_LIMIT + 1, output), daemon=True)
    others = [
        threading.Thread(target=_write, args=(process.stdin, feed), daemon=True),
        threading.Thread(target=_read, args=(process.stderr, _ERRORS_LIMIT, errors), daemon=True),
    ]
    status = None
    try:
        for thread in (reader, *others):
            thread.start()
        reader.join(SECONDS_LIMIT)
        if not reader.is_alive():
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = process.wait(_TO_GO)
    finally:
        _end(process)
        for thread in (reader, *others):
            thread.join(_TO_GO)
    return status, b"".join(output), b"".join(errors)


def _end(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(OSError):  # nobody of its session is left
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _write(stream: IO[bytes], feed: bytes) -> None:
    with contextlib.suppress(OSError), stream:  # the child may end without reading it all
        stream.write(feed)


def _read(stream: IO[bytes], most: int, into: list[bytes]) -> None:
    with contextlib.suppress(OSError), stream:
        while most > 0 and (piece := stream.read(min(most, 2**16))):
            into.append(piece)
            most -= len(piece)
