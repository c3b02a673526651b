"""Work on many items over an executor, whose processes may die of one of them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, TypeVar

_CHUNK = 8  # items that go to a process together
_FLYING = 64  # chunks that are on their way at a time, however many there are
_GLANCE = 1.0  # seconds after which Windows notices Ctrl-C while nothing comes back

Item = TypeVar("Item")
Result = TypeVar("Result")
Given = ParamSpec("Given")


class ExecutorLost(Exception):
    """The executor does not work any more, or never did; what came back before is not lost. Its cause says why."""


class Elsewhere(Exception):
    """The processes of an executor do not see the same files under the same names, or read them with another version.

    ``path`` is the file that told, ``version`` their version and forms, "" if it is the files that differ.
    """

    def __init__(self, path: Path, version: str = "") -> None:
        super().__init__(f"{path} {version}".strip())
        self.path, self.version = path, version


class Processes(Executor):
    """Processes of this machine: begun when the first work comes, and begun anew when one of them has died.

    They end with this process, however it ends, and at once when it leaves the ``with`` by an exception.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ProcessPoolExecutor | None = None
        self._ears, self._mouth = get_context("spawn").Pipe(duplex=False)

    def submit(self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs) -> Future[Result]:
        with _undisturbed():  # a process that is begun meanwhile never sees Ctrl-C: it is ours to end it
            if self._pool is not None:
                try:
                    return self._pool.submit(fn, *args, **kwargs)
                except BrokenExecutor:
                    self._pool.shutdown()
            # spawn: nothing of this process is inherited by chance, and the typesetter deadlocks after a fork
            self._pool = ProcessPoolExecutor(self._count, get_context("spawn"), _begin, (self._ears,))
            return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait, cancel_futures=cancel_futures)
        self._mouth.close()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._mouth.close()
        self.shutdown(cancel_futures=kind is not None)


def finished(
    work: Callable[[Item], Result], items: Iterable[Item], executor: Executor | None
) -> Iterator[tuple[Item, Result | None]]:
    """Each item with its result as soon as there is one, in any order; without an executor in this process.

    None where a process died of the item twice: once among others, and once alone. ``work`` is a function of a module.
    A pool that stays broken is replaced. ExecutorLost if the executor fails otherwise.
    """
    if executor is None:
        yield from ((item, work(item)) for item in items)
        return
    chunks = iter(partial(_chunk, iter(items)), ())
    flying: dict[Future[list[Result]], tuple[Item, ...]] = {}
    suspects: list[Item] = []

    def landed(when: str) -> Iterator[tuple[Item, Result]]:
        for future in _done(flying, when):
            chunk, results = flying.pop(future), _results(future)
            if results is None:
                suspects.extend(chunk)
            else:
                yield from zip(chunk, results, strict=True)

    with _Lasting(executor) as lasting:
        while True:
            if suspects:
                yield from landed(ALL_COMPLETED)  # whoever is tried alone must not die of another
                for item in suspects:
                    flying[lasting.submit(work, (item,))] = (item,)
                    results = _results(*_done(flying, ALL_COMPLETED))
                    flying.clear()
                    yield item, results[0] if results else None
                suspects.clear()
            flying.update((lasting.submit(work, chunk), chunk) for chunk in islice(chunks, _FLYING - len(flying)))
            if not flying:
                return
            yield from landed(FIRST_COMPLETED)


class _Lasting:
    """An executor, and in its place processes of this machine once it is broken for good."""

    def __init__(self, executor: Executor) -> None:
        self._executor, self._own = executor, ExitStack()

    def submit(self, work: Callable[[Item], Result], chunk: tuple[Item, ...]) -> Future[list[Result]]:
        try:
            try:
                return self._executor.submit(each, work, chunk)
            except BrokenExecutor:
                self._executor = self._own.enter_context(Processes(os.cpu_count() or 1))
                return self._executor.submit(each, work, chunk)
        except Exception as error:
            raise ExecutorLost from error

    def __enter__(self) -> _Lasting:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._own.__exit__(kind, error, trace)


def _chunk(items: Iterator[Item]) -> tuple[Item, ...]:
    return tuple(islice(items, _CHUNK))


def each(work: Callable[[Item], Result], chunk: Sequence[Item]) -> list[Result]:
    """The results of some items that go to a process together."""
    return [work(item) for item in chunk]


def _done(flying: Iterable[Future[Result]], when: str) -> set[Future[Result]]:
    while True:
        done, others = wait(flying, _GLANCE, when)
        if not others or (done and when == FIRST_COMPLETED):
            return done


def _results(future: Future[Result]) -> Result | None:
    """What came of it; None if the process that was at it died."""
    try:
        return future.result()
    except BrokenExecutor:
        return None
    except (Exception, CancelledError) as error:
        if type(error).__name__ == "KilledWorker":  # what Dask says when workers have died of a task several times
            return None
        raise ExecutorLost from error


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits; a process that is begun meanwhile does not hear it at all."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(ears: Connection) -> None:
    """Makes a new process deaf to Ctrl-C, and end when the one that began it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Windows the whole console gets it
    threading.Thread(target=_end_with, args=(ears,), daemon=True).start()


def _end_with(ears: Connection) -> None:
    with suppress(EOFError, OSError):
        ears.recv_bytes()  # nothing is ever said: this returns when the other end is gone
    os._exit(1)
