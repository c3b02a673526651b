"""Work on many files in several processes, its results in the order of the files; and the processes that a person asks for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

MANY = 48  # files from which on starting further processes pays
_CHUNK = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


def workers(count: int) -> int:
    """How many processes so many files are worth; 1 for this one alone."""
    return max(min(os.cpu_count() or 1, count // (MANY // 2)), 1)


def spread(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """The result of each item, in order. ``work`` is a function of a module: a new process imports it."""
    count = workers(len(items))
    if count < 2:
        yield from map(work, items)
        return
    from functools import partial

    from xl2report.desk.processes import Processes, each

    with Processes(count) as pool:
        for results in pool.map(partial(each, work), [items[n : n + _CHUNK] for n in range(0, len(items), _CHUNK)]):
            yield from results


@contextmanager
def asked_executor(jobs: int | None, address: str | None, inbox: Path) -> Iterator[Executor | None]:
    """What reads the files: a cluster, or so many processes of this machine; None for this process alone.

    Who asks for nothing gets a process for each core, where there are files enough for it.
    """
    if address is not None:
        from xl2report.desk.cluster import cluster

        with cluster(address) as executor:
            yield executor
        return
    if jobs is None:
        jobs = workers(len(list(islice(inbox.rglob("*"), MANY * (os.cpu_count() or 1)))))
    if jobs < 2:
        yield None
        return
    from xl2report.desk.processes import Processes

    with Processes(jobs) as executor:
        yield executor
