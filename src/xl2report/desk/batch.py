"""The files of an inbox as records, read over any executor; what was read once is not read again."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from xl2report.checked import Checked
from xl2report.checks.findings import Finding
from xl2report.desk.last_returns import LastReturns
from xl2report.desk.memory import digest, line, mark, placed, remembered, taken
from xl2report.desk.processes import Elsewhere, finished
from xl2report.desk.received import Received, came_in, received, record
from xl2report.form.faults import FormError
from xl2report.written import write_whole

Progress: TypeAlias = Callable[[Literal["read", "return"], int, int], None]  # what is being done; how many are, of how many


class _Reading(NamedTuple):
    """What a process makes of a file: who judges, the digests of last year's archive and of the file; records: None if it fails."""

    judge: str
    last: str
    digest: str
    records: tuple[Received, ...] | None


def batch(
    files: Sequence[Path], memory: Path, *,
    last: LastReturns | None = None, executor: Executor | None = None, progress: Progress | None = None,
) -> Iterator[Received]:  # fmt: skip
    """The records of the files in their order, compared with last year's. Without an executor they are read in this process.

    What is read is written to the memory at once: a run that was broken off goes on where it was. A file whose process
    dies of it twice, or fails, is one that cannot be read (F103), which is not remembered. Elsewhere, and ExecutorLost,
    if the executor is of no use.
    """
    judge = mark()
    under = f"{judge} {last.sign}" if last else judge  # what was compared with other figures was judged otherwise
    known = remembered(memory, under)
    read = partial(_read, last=last.path if last else None)
    digests = {path: digest(path) for path in files}
    loose: dict[Path, tuple[Received, ...]] = {}  # what holds for this run alone
    memory.parent.mkdir(parents=True, exist_ok=True)
    with memory.open("ab") as stream:
        stream.write(b"\n")  # after a line that broke off
        while new := _unknown(digests, known, loose):
            for n, (path, reading) in enumerate(finished(read, new, executor), 1):
                is_of_it = reading is not None and _is_of(reading, path, digests[path], judge, last)
                if reading is None or reading.records is None:
                    loose[path] = (_not_read(path),)
                elif is_of_it:
                    known[digests[path]] = taken(reading.records, path)
                    stream.write(line(digests[path], under, known[digests[path]]))
                    stream.flush()
                else:
                    loose[path] = reading.records
                if progress is not None:
                    progress("read", n, len(new))
    there = [name for name in dict.fromkeys(digests.values()) if name in known]
    write_whole([(memory, (line(name, under, known[name]) for name in there))])
    for path in files:
        yield from loose[path] if path in loose else placed(known[digests[path]], path, came_in(path))


def _unknown(digests: Mapping[Path, str], known: Container[str], loose: Container[Path]) -> list[Path]:
    """The files that are still to be read: of those with the same bytes the first, and every one that cannot be told."""
    first: dict[str, Path] = {}
    for path, name in digests.items():
        if name not in known and path not in loose:
            first.setdefault(name or str(path), path)
    return list(first.values())


def _is_of(reading: _Reading, path: Path, expected: str, judge: str, last: LastReturns | None) -> bool:
    """True if the reading is of the bytes that are expected; False if the file was being changed. Elsewhere if neither."""
    if reading.judge != judge:
        raise Elsewhere(path, reading.judge)
    if last is not None and reading.last != last.sign:
        raise Elsewhere(last.path)
    if reading.digest != expected and digest(path) == expected:
        raise Elsewhere(path)
    return bool(expected) and reading.digest == expected


def _read(path: Path, last: Path | None) -> _Reading:
    try:
        records = tuple(received(path, last))
    except FormError:
        raise  # it is not the file that is wrong
    except Exception:  # one file never stops the batch
        records = None
    return _Reading(mark(), "" if last is None else _sign(last), digest(path), records)


def _sign(archive: Path) -> str:
    """The digest of last year's archive as this process sees it, worked out once for each content; "" if it sees none."""
    try:
        state = archive.stat()
    except OSError:
        return ""
    return _digest(archive, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)
def _digest(path: Path, _changed: int, _size: int) -> str:
    return digest(path)


def _not_read(path: Path) -> Received:
    finding = Finding("F103", "error", words=(("kind", path.suffix.removeprefix(".").lower() or "?"), ("detail", "crashed")))
    return record(Checked(str(path), b"", None, None, (finding,)), came_in(path))
