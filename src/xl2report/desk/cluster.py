"""A Dask cluster as an executor. This is the one place where the program opens a connection, and only when it is asked to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit

_SECONDS = 10  # that the scheduler may take to answer, and the first worker to appear


class ClusterRefused(Exception):
    """There is no cluster to work with. ``why``: address (not dask://HOST:PORT), extra (distributed is not installed), scheduler, workers."""

    def __init__(self, why: Literal["address", "extra", "scheduler", "workers"]) -> None:
        super().__init__(why)
        self.why = why


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """An executor whose work is done by the workers of the scheduler at ``dask://HOST:PORT``."""
    place = _place(address)
    try:
        from distributed import Client
    except ImportError:
        raise ClusterRefused("extra") from None
    for name in logging.root.manager.loggerDict:
        if name.partition(".")[0] in ("distributed", "tornado"):  # what they have to say comes out as exceptions as well
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        client = Client(f"tcp://{place}", timeout=_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError):
        raise ClusterRefused("scheduler") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_SECONDS)
        except TimeoutError:
            raise ClusterRefused("workers") from None
        executor = client.get_executor(pure=False)  # or equal calls are taken for one
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)  # of what is under way nothing is wanted any more


def _place(address: str) -> str:
    """The host and the port, as they stand in the address."""
    try:
        parts = urlsplit(address)
        whole = parts.scheme == "dask" and parts.hostname and parts.port and address.removeprefix("dask://") == parts.netloc
    except ValueError:  # a port that is none
        whole = False
    if not whole or "@" in parts.netloc:
        raise ClusterRefused("address")
    return parts.netloc
