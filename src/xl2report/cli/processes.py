"""Work on many files in several processes, its results in the order of the files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

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
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")  # nothing of this process is inherited by chance
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        yield from pool.map(work, items, chunksize=_CHUNK)
