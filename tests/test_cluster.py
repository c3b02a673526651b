"""A batch over a Dask cluster of this machine: a real scheduler, real worker processes, one of them killed."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from test_batch import arguments, desk_of, expected, lines_of, office, started, wait_for  # noqa: F401  # two are fixtures

if importlib.util.find_spec("distributed") is None:
    pytest.skip("the extra dask (distributed) is not installed", allow_module_level=True)
if os.name != "posix":
    pytest.skip("the tests end processes by signals", allow_module_level=True)

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
HERE = str(Path(__file__).parent)


class Cluster(NamedTuple):
    address: str
    scheduler: subprocess.Popen
    workers: list[subprocess.Popen]


WORKER = ("--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--local-directory")


def begun(*command: str) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")]), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    return subprocess.Popen([sys.executable, "-m", *command], env=environment, start_new_session=True, **QUIET)


@contextlib.contextmanager
def cluster_of(folder: Path, *more: str, workers: int = 2) -> Iterator[Cluster]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scheduler = begun("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    ours = [
        begun("distributed.cli.dask_worker", f"tcp://127.0.0.1:{port}", *WORKER, str(folder), *more)
        for _ in range(workers)
    ]
    try:
        yield Cluster(f"dask://127.0.0.1:{port}", scheduler, ours)
    finally:
        for process in (*ours, scheduler):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_a_cluster_makes_the_same_desk(office, expected, tmp_path):  # noqa: F811
    with cluster_of(tmp_path / "dask", "--no-nanny") as cluster:
        process = started(arguments(office, tmp_path / "desk", "--executor", cluster.address))
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 1, errors
    assert desk_of(tmp_path / "desk") == expected


def test_nothing_is_lost_when_a_worker_is_killed_in_the_middle(office, expected, tmp_path):  # noqa: F811
    with cluster_of(tmp_path / "dask", "--no-nanny") as cluster:
        process = started(arguments(office, tmp_path / "desk", "--executor", cluster.address))
        wait_for(tmp_path / "desk", 1, process)
        assert process.poll() is None
        assert lines_of(tmp_path / "desk") < 39
        os.killpg(cluster.workers[0].pid, signal.SIGKILL)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 1, errors
    assert desk_of(tmp_path / "desk") == expected


def test_a_run_whose_workers_have_all_died_waits_for_another(office, expected, tmp_path):  # noqa: F811
    with cluster_of(tmp_path / "dask", "--no-nanny") as cluster:
        process = started(arguments(office, tmp_path / "desk", "--executor", cluster.address))
        wait_for(tmp_path / "desk", 1, process)
        for worker in cluster.workers:
            os.killpg(worker.pid, signal.SIGKILL)
        assert lines_of(tmp_path / "desk") < 39
        cluster.workers.append(begun("distributed.cli.dask_worker", cluster.address.replace("dask", "tcp"), *WORKER, str(tmp_path / "dask"), "--no-nanny"))
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 1, errors
    assert desk_of(tmp_path / "desk") == expected


def test_what_kills_its_worker_twice_has_no_result(tmp_path):
    script = (
        "import json, sys\n"
        "from test_batch import doubled_or_dead\n"
        "from xl2report.desk.cluster import cluster\n"
        "from xl2report.desk.processes import finished\n"
        "if __name__ == '__main__':\n"
        "    with cluster(sys.argv[1]) as executor:\n"
        "        print(json.dumps(sorted(finished(doubled_or_dead, range(40), executor))))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")])}
    with cluster_of(tmp_path / "dask") as cluster:  # with nannies, who begin a worker anew
        done = subprocess.run([sys.executable, "-c", script, cluster.address], capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[n, None if n == 13 else 2 * n] for n in range(40)]


def test_a_scheduler_that_goes_away_leaves_what_was_read(office, expected, tmp_path):  # noqa: F811
    environment = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s"}
    with cluster_of(tmp_path / "dask", "--no-nanny") as cluster:
        process = started(arguments(office, tmp_path / "desk", "--executor", cluster.address), env=environment)
        wait_for(tmp_path / "desk", 1, process)
        os.killpg(cluster.scheduler.pid, signal.SIGKILL)
        _, errors = process.communicate(timeout=120)
    assert (process.returncode, "Traceback" in errors) == (2, False), errors
    kept = lines_of(tmp_path / "desk")
    assert 1 <= kept < 39
    done = subprocess.run([sys.executable, "-m", "xl2report", *arguments(office, tmp_path / "desk", "--jobs", "1")], capture_output=True, check=False)
    assert done.returncode == 1
    assert desk_of(tmp_path / "desk") == expected


def test_ctrl_c_ends_a_run_on_a_cluster_as_any_other(office, tmp_path):  # noqa: F811
    with cluster_of(tmp_path / "dask", "--no-nanny") as cluster:
        process = started(arguments(office, tmp_path / "desk", "--executor", cluster.address))
        wait_for(tmp_path / "desk", 1, process)
        begun_at = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert time.monotonic() - begun_at < 20
        assert (process.returncode, errors.strip()) == (130, "停下了。读过的都记下了；再运行同一条命令，就接着做。")


@pytest.mark.parametrize("workers", [None, 0])
def test_a_cluster_that_is_not_there_is_said_within_seconds(office, tmp_path, workers):  # noqa: F811
    with contextlib.ExitStack() as stack:
        address = "dask://127.0.0.1:1" if workers is None else stack.enter_context(cluster_of(tmp_path / "dask", workers=0)).address
        begun_at = time.monotonic()
        process = started(arguments(office, tmp_path / "desk", "--executor", address))
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, address in errors, "Traceback" in errors) == (2, True, False), errors
    assert ("工作进程" in errors) is (workers == 0)
    assert time.monotonic() - begun_at < 30
    assert not (tmp_path / "desk" / ".records.jsonl").exists()
