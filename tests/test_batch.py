"""The batch: files read over any executor, in any number of processes, to the same desk; nothing of it stops or is lost."""

from __future__ import annotations

import hashlib
import io
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import xl2report
from test_collect import BROKEN, FORM, LATER, ON_TIME, desk_of, filed, unit
from xl2report.cli.app import group
from xl2report.cli.collecting import Progress
from xl2report.cli.interrupt import heard
from xl2report.desk import batch as batch_module
from xl2report.desk import returns as returns_module
from xl2report.desk.batch import batch
from xl2report.desk.collection import collection
from xl2report.desk.inbox import SameFolder, inbox_files
from xl2report.desk.last_returns import LastReturns
from xl2report.desk.processes import Elsewhere, ExecutorLost, Processes, finished
from xl2report.desk.received import received

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and process groups are POSIX's")
UNITS = 40


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Path:
    """A folder with 名册.csv and 收件: forty units, every tenth with errors, three of them in a zip, some rubbish."""
    folder = tmp_path_factory.mktemp("office")
    inbox = folder / "收件"
    for number in range(UNITS):
        filed(inbox, f"{number:02}.xlsx", number, **(BROKEN if number % 10 == 0 else {}))
    with zipfile.ZipFile(inbox / "打包.zip", "w") as bundle:
        for number in (37, 38, 39):
            bundle.write(inbox / f"{number:02}.xlsx", f"甲/{number}.xlsx")
            (inbox / f"{number:02}.xlsx").unlink()
    (inbox / "坏了.xlsx").write_bytes(b"PK\x03\x04")
    rows = "".join(f"U{number},单位{number},县级部门\n" for number in range(UNITS + 1))
    (folder / "名册.csv").write_text(f"代码,名称,类别\n{rows}", encoding="utf-8")
    return folder


def arguments(office: Path, desk: Path, *more: str) -> list[str]:
    return ["collect", str(office / "收件"), "--roster", str(office / "名册.csv"), "-o", str(desk), "--year", "2023", *more]


@pytest.fixture(scope="module")
def expected(office, tmp_path_factory) -> dict[str, bytes]:
    """The desk as one process makes it."""
    desk = tmp_path_factory.mktemp("expected") / "desk"
    done = CliRunner().invoke(group, arguments(office, desk, "--jobs", "1"))
    assert done.exit_code == 1, done.output
    assert sum(name.endswith(".xlsx") for name in desk_of(desk)) == 3 + 4  # four marked copies
    return desk_of(desk)


@pytest.mark.parametrize("more", [["--jobs", "2"], ["--jobs", "3"], []])
def test_any_number_of_processes_makes_the_same_desk(office, expected, tmp_path, more):
    done = CliRunner().invoke(group, arguments(office, tmp_path / "desk", *more))
    assert done.exit_code == 1, done.output
    assert desk_of(tmp_path / "desk") == expected


def test_the_public_function_makes_the_same_desk_over_any_executor(office, expected, tmp_path):
    told: list[tuple[str, int, int]] = []
    with ThreadPoolExecutor(2) as threads:
        done = xl2report.collect(
            office / "收件", office / "名册.csv", tmp_path / "desk", year=2023, executor=threads, progress=lambda *one: told.append(one)
        )
    assert desk_of(tmp_path / "desk") == expected
    assert [path.name for path in done.written] == ["台账.xlsx", "汇总.xlsx", "本级报告.xlsx", "facts.jsonl"]
    assert done.files == UNITS + 1
    assert [standing.state for standing in done.collection.standings[:2]] == ["faulty", "done"]
    assert told == [("read", n, 39) for n in range(1, 40)] + [("return", n, 5) for n in range(1, 6)]


DEADLY = (13, 50)


# What a process makes of an item; they stand in this module so that a new process finds them.


def doubled_or_dead(item: int) -> int:
    if item in DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * item


def doubled_or_dead_once(item: tuple[int, str]) -> int:
    number, mark = item
    if number == 13 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def pid_of_this(_item: int) -> int:
    return os.getpid()


@POSIX
def test_what_kills_its_process_twice_has_no_result_and_everything_else_has():
    with Processes(2) as executor:
        results = dict(finished(doubled_or_dead, range(100), executor))
        assert dict(finished(doubled_or_dead, range(20, 30), executor)) == {n: 2 * n for n in range(20, 30)}  # it goes on
    assert results == {n: None if n in DEADLY else 2 * n for n in range(100)}


@POSIX
def test_what_was_at_work_when_a_process_died_is_tried_again(tmp_path):
    items = [(n, str(tmp_path / "mark")) for n in range(100)]
    with Processes(2) as executor:
        assert dict(finished(doubled_or_dead_once, items, executor)) == {item: 2 * item[0] for item in items}
    assert (tmp_path / "mark").exists()


@POSIX
def test_a_pool_that_cannot_be_begun_anew_is_replaced():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        results = dict(finished(doubled_or_dead, range(100), pool))
    assert results == {n: None if n in DEADLY else 2 * n for n in range(100)}


class Inline(Executor):
    """Does the work at once, in this process. ``change`` may alter what comes of it, or raise."""

    def __init__(self, change: Callable[[tuple, list], Any] = lambda _, results: results) -> None:
        self.change = change

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        try:
            future.set_result(self.change(args[-1], fn(*args, **kwargs)))
        except Exception as error:
            future.set_exception(error)
        return future


class Breaking(Executor):
    """A pool that is found broken by one piece of work after the other; alone everything works but one item."""

    def submit(self, fn, /, work, chunk):
        future: Future = Future()
        if len(chunk) > 1:
            threading.Timer(0.02 * chunk[0], future.set_exception, [BrokenProcessPool()]).start()
        elif chunk[0] == 13:
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result(fn(work, chunk))
        return future


def test_nothing_is_tried_alone_while_others_are_under_way():
    assert dict(finished(abs, range(30), Breaking())) == {n: None if n == 13 else n for n in range(30)}


class Counting(Executor):
    """Holds back what it is given, and counts it."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []
        self.most = 0
        threading.Thread(target=self._work, daemon=True).start()

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        self.waiting.append(lambda: future.set_result(fn(*args, **kwargs)))
        self.most = max(self.most, len(self.waiting))
        return future

    def _work(self) -> None:
        while True:
            time.sleep(0.0005)
            if self.waiting:
                self.waiting.pop()()


def test_however_many_items_there_are_few_are_under_way():
    executor, items = Counting(), iter(range(5000))
    results = finished(abs, items, executor)
    first, _ = next(results)
    assert next(items) <= 600  # so many were drawn so far
    assert len({first, *(item for item, _ in results)}) == 4999
    assert executor.most <= 64


def test_an_executor_that_fails_is_no_fault_of_the_files():
    def lost(chunk: tuple, results: list) -> list:
        raise ConnectionError("gone")

    with pytest.raises(ExecutorLost) as caught:
        list(finished(abs, [1], Inline(lost)))
    assert isinstance(caught.value.__cause__, ConnectionError)
    shut = ThreadPoolExecutor(1)
    shut.shutdown()
    with pytest.raises(ExecutorLost):
        list(finished(abs, [1], shut))


def files_of(office: Path) -> list[Path]:
    return inbox_files(office / "收件", Path("/nowhere"), Path("/nowhere/退回"))


def test_a_file_that_kills_its_process_cannot_be_read_and_is_tried_again_by_the_next_run(office, tmp_path):
    def die(chunk: tuple, results: list) -> list:
        if any(path.name == "07.xlsx" for path in chunk):
            raise BrokenProcessPool
        return results

    memory = tmp_path / ".records.jsonl"
    told = {Path(one.path).name: one for one in batch(files_of(office), memory, executor=Inline(die))}
    assert len(told) == UNITS + 1
    assert (told["07.xlsx"].status, told["07.xlsx"].told[0].code) == ("unreadable", "F103")
    assert all(one.status != "unreadable" for name, one in told.items() if name not in ("07.xlsx", "坏了.xlsx"))
    again = {Path(one.path).name: one for one in batch(files_of(office), memory)}
    assert again.pop("07.xlsx").status == "pass"
    assert again == {name: one for name, one in told.items() if name != "07.xlsx"}


def test_a_reader_that_fails_spoils_its_file_alone(office, tmp_path, monkeypatch):
    def fails(path: Path, last: Path | None) -> list:
        if path.name == "07.xlsx":
            raise ZeroDivisionError
        return received(path)

    monkeypatch.setattr(batch_module, "received", fails)
    told = {Path(one.path).name: one.status for one in batch(files_of(office), tmp_path / "memory")}
    assert {name for name, status in told.items() if status == "unreadable"} == {"07.xlsx", "坏了.xlsx"}


def test_what_is_read_is_written_down_while_an_earlier_file_is_still_being_read(office, tmp_path, monkeypatch):
    memory = tmp_path / ".records.jsonl"
    files = files_of(office)[:20]
    others = 0

    def waits(path: Path, last: Path | None) -> list:
        nonlocal others
        end = time.monotonic() + 20
        while path == files[0] and others < 12 and time.monotonic() < end:
            others = memory.read_bytes().count(b'"judge"')
            time.sleep(0.01)
        return received(path)

    monkeypatch.setattr(batch_module, "received", waits)
    with ThreadPoolExecutor(2) as threads:
        told = [Path(one.path) for one in batch(files, memory, executor=threads)]
    assert told == files
    assert others == 12  # all but those that go to a process together with the first


def test_a_file_that_changes_while_it_is_read_is_not_remembered(tmp_path, monkeypatch):
    path = filed(tmp_path / "in", "a.xlsx", 1)
    right, wrong = path.read_bytes(), filed(tmp_path / "x", "b.xlsx", 1, **BROKEN).read_bytes()

    def changed(file: Path, last: Path | None) -> list:
        file.write_bytes(wrong)
        return received(file)

    monkeypatch.setattr(batch_module, "received", changed)
    assert [one.status for one in batch([path], tmp_path / "memory")] == ["fail"]  # what was read is what is told
    monkeypatch.setattr(batch_module, "received", received)
    path.write_bytes(right)
    assert [one.status for one in batch([path], tmp_path / "memory")] == ["pass"]


def test_equal_files_are_read_once_and_each_keeps_its_place_and_time(tmp_path, monkeypatch):
    first = filed(tmp_path / "in", "a.xlsx", 1)
    second = filed(tmp_path / "in", "b.xlsx", 1, LATER)
    read: list[str] = []
    monkeypatch.setattr(batch_module, "received", lambda path, last: read.append(path.name) or received(path, last))
    told = list(batch([first, second], tmp_path / "memory"))
    assert read == ["a.xlsx"]
    assert [(one.path, one.received) for one in told] == [(str(first), ON_TIME), (str(second), LATER)]


@pytest.mark.parametrize(
    ("changed", "version"), [({"digest": ""}, ""), ({"digest": "0" * 64}, ""), ({"judge": "0.0 other"}, "0.0 other")]
)
def test_processes_that_see_other_files_or_have_another_version_are_told_of(office, tmp_path, changed, version):
    executor = Inline(lambda _, results: [one._replace(**changed) for one in results])
    with pytest.raises(Elsewhere) as caught:
        list(batch(files_of(office), tmp_path / "memory", executor=executor))
    assert caught.value.version == version


def test_processes_that_do_not_see_last_years_returns_are_told_of(office, tmp_path):
    last = LastReturns(tmp_path / ".last.jsonl", hashlib.sha256(b"").hexdigest(), 0, ())
    for content in (None, b"other"):
        if content is not None:
            last.path.write_bytes(content)
        with pytest.raises(Elsewhere) as caught:
            list(batch(files_of(office)[:1], tmp_path / "memory", last=last))
        assert caught.value.path == last.path
    last.path.write_bytes(b"")
    assert [one.status for one in batch(files_of(office)[1:2], tmp_path / "memory", last=last)] == ["pass"]


def test_an_inbox_has_its_folders_and_links_and_never_the_desk(tmp_path):
    inbox = tmp_path / "in"
    for name in ("b/2.xlsx", "a.xlsx", "desk/台账.xlsx", "desk/退回/1.xlsx", "b/~$2.xlsx", ".hidden"):
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(b"x")
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "3.xlsx").write_bytes(b"x")
    (inbox / "c").symlink_to(tmp_path / "far", target_is_directory=True)
    (inbox / "d").symlink_to(tmp_path / "far", target_is_directory=True)
    (tmp_path / "far" / "loop").symlink_to(inbox, target_is_directory=True)
    (inbox / "e.xlsx").symlink_to(inbox / "desk" / "台账.xlsx")

    def names(folder: Path, desk: Path) -> list[str]:
        return [path.relative_to(folder).as_posix() for path in inbox_files(folder, desk, desk / "退回")]

    assert names(inbox, inbox / "desk") == ["a.xlsx", "b/2.xlsx", "c/3.xlsx"]
    assert names(inbox / "b", tmp_path / "in") == ["2.xlsx"]  # an inbox in the desk's folder is no file of the desk
    for folder, desk in ((inbox, inbox), (inbox / "desk" / "退回", inbox / "desk")):
        with pytest.raises(SameFolder):
            inbox_files(folder, desk, desk / "退回")
    with pytest.raises(FileNotFoundError):
        inbox_files(tmp_path / "none", tmp_path / "desk", tmp_path / "desk" / "退回")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="everything is open to root")
def test_a_folder_that_cannot_be_listed_is_not_passed_over(tmp_path):
    (tmp_path / "in" / "shut").mkdir(parents=True)
    (tmp_path / "in" / "shut").chmod(0)
    with pytest.raises(PermissionError):
        inbox_files(tmp_path / "in", tmp_path / "desk", tmp_path / "desk" / "退回")


def test_a_desk_that_is_the_inbox_is_refused(office, tmp_path):
    done = CliRunner().invoke(group, ["collect", str(office / "收件"), "--roster", str(office / "名册.csv"), "-o", str(office / "收件"), "--year", "2023"])
    assert (done.exit_code, "-o" in done.stderr) == (2, True)
    assert not (office / "收件" / ".records.jsonl").exists()


def test_letters_that_were_done_when_a_run_broke_off_are_not_done_again(office, expected, tmp_path, monkeypatch):
    marked: list[str] = []
    original = returns_module.marked_copy

    def breaks_off(result):
        if len(marked) == 2:
            raise KeyboardInterrupt
        marked.append(Path(result.path).name)
        return original(result)

    monkeypatch.setattr(returns_module, "marked_copy", breaks_off)
    assert CliRunner().invoke(group, arguments(office, tmp_path / "desk", "--jobs", "1")).exit_code == 130
    assert marked == ["00.xlsx", "10.xlsx"]
    monkeypatch.setattr(returns_module, "marked_copy", lambda result: marked.append(Path(result.path).name) or original(result))
    assert CliRunner().invoke(group, arguments(office, tmp_path / "desk", "--jobs", "1")).exit_code == 1
    assert marked == ["00.xlsx", "10.xlsx", "20.xlsx", "30.xlsx"]
    assert desk_of(tmp_path / "desk") == expected


def test_what_goes_back_is_the_file_that_the_letter_is_about(office, tmp_path, monkeypatch):
    path = tmp_path / "in" / "0.xlsx"
    shutil.copytree(office / "收件", tmp_path / "in")
    (tmp_path / "in" / "00.xlsx").rename(path)
    original = returns_module.write_whole

    def meanwhile(*given):
        filed(tmp_path / "in", "0.xlsx", 0)  # mended between the reading and the marking
        return original(*given)

    monkeypatch.setattr(returns_module, "write_whole", meanwhile)
    command = ["collect", str(tmp_path / "in"), "--roster", str(office / "名册.csv"), "-o", str(tmp_path / "desk"), "--year", "2023", "--jobs", "1"]
    CliRunner().invoke(group, command)
    assert not (tmp_path / "desk" / "退回" / "U0_单位0.xlsx").exists()
    monkeypatch.setattr(returns_module, "write_whole", original)
    CliRunner().invoke(group, command)
    assert not (tmp_path / "desk" / "退回" / "U0_单位0.txt").exists()


class Screen(io.StringIO):
    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


def test_progress_is_told_on_a_terminal_and_nowhere_else(monkeypatch):
    times = iter(range(0, 1000, 2))
    monkeypatch.setattr("xl2report.cli.collecting.time.monotonic", lambda: float(next(times)))
    for is_terminal, count in ((True, 100), (False, 100), (True, 10)):
        screen = Screen(is_terminal)
        monkeypatch.setattr(sys, "stderr", screen)
        told = Progress()
        for n in range(1, count + 1):
            told("read", n, count)
        told("return", 1, count)
        text = screen.getvalue()
        if (is_terminal, count) != (True, 100):
            assert text == ""
            continue
        assert "读取 51/100  0.5/s  还要 98 秒" in text
        assert text.splitlines()[-1].split("\r")[-1].startswith("读取 100/100")


def test_copies_are_marked_anew_when_they_are_compared_with_other_returns_of_last_year(office, tmp_path, monkeypatch):
    files = files_of(office)[:1]
    found = collection(FORM, 2023, [unit("U0", "单位0")], batch(files, tmp_path / "memory"))
    marked: list[str] = []
    original = returns_module.marked_copy
    monkeypatch.setattr(returns_module, "marked_copy", lambda result: marked.append(result.path) or original(result))
    last = tmp_path / ".last.jsonl"
    for content, count in ((b"", 1), (b"", 1), (b"\n", 2)):
        last.write_bytes(content)
        returns_module.write_returns(found, tmp_path / "退回", last=last)
        assert len(marked) == count


def started(command: list[str], **more: Any) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "xl2report", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **more
    )


def is_gone(group_of: int, seconds: float = 5) -> bool:
    """True if every process of a group has ended in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(group_of, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def lines_of(desk: Path) -> int:
    memory = desk / ".records.jsonl"
    return memory.read_bytes().count(b'"judge"') if memory.exists() else 0


def wait_for(desk: Path, lines: int, process: subprocess.Popen) -> None:
    """Waits until so many files are written down, or the process has ended."""
    while process.poll() is None and lines_of(desk) < lines:
        time.sleep(0.002)


@POSIX
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_a_whole_desk_and_says_how_to_go_on(office, expected, tmp_path, jobs):
    desk = tmp_path / "desk"
    stopped = 0
    for more in (1, 5, 1, 8, 3):
        lines = lines_of(desk) + more
        process = started(arguments(office, desk, "--jobs", jobs))
        wait_for(desk, lines, process)
        time.sleep(random.Random(lines).uniform(0, 0.2))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: every process of the group gets it
        _, errors = process.communicate(timeout=60)
        assert process.returncode in (1, 130), errors
        assert "Traceback" not in errors
        if process.returncode == 130:
            stopped += 1
            assert errors.strip() == "停下了。读过的都记下了；再运行同一条命令，就接着做。"
        assert is_gone(process.pid)
        assert not list(desk.rglob(".xl2report-*"))
        for name, content in desk_of(desk).items():
            assert content == expected[name] or name in (".records.jsonl", ".desk.json", "退回/.signs.tsv"), name
    assert stopped >= 2
    assert CliRunner().invoke(group, arguments(office, desk)).exit_code == 1
    assert desk_of(desk) == expected


def test_ctrl_c_that_falls_into_the_tidying_up_of_an_object_is_not_lost(capsys):
    class Interrupted:
        def __del__(self) -> None:
            raise KeyboardInterrupt

    def work() -> None:
        with heard():
            one = Interrupted()
            del one
            for _ in range(100):
                time.sleep(0.05)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert capsys.readouterr().err == ""


@POSIX
def test_processes_end_with_the_one_that_began_them_though_it_is_killed(office, tmp_path):
    process = started(arguments(office, tmp_path / "desk", "--jobs", "2"))
    wait_for(tmp_path / "desk", 3, process)
    process.kill()
    process.communicate()
    assert is_gone(process.pid)


@POSIX
def test_processes_of_a_pool_are_gone_at_once_when_it_is_left_by_an_exception():
    def pids() -> Iterator[set[int]]:
        with Processes(2) as executor:
            seen = {pid for _, pid in finished(pid_of_this, range(64), executor)}
            yield seen
            executor.submit(time.sleep, 60)
            raise KeyboardInterrupt

    left = pids()
    seen = next(left)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        next(left)
    assert time.monotonic() - begun < 10
    for pid in seen:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_no_socket_is_opened_by_a_batch_on_this_machine(office, tmp_path, monkeypatch, jobs):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    done = CliRunner().invoke(group, arguments(office, tmp_path / "desk", "--jobs", jobs))
    assert done.exit_code == 1, done.output


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--executor", "dask://127.0.0.1"], "dask://"),
        (["--executor", "dask://127.0.0.1:none"], "dask://"),
        (["--executor", "dask://127.0.0.1:1/x"], "dask://"),
        (["--executor", "tcp://127.0.0.1:8786"], "dask://"),
        (["--executor", "ray://127.0.0.1:8786"], "dask://"),
        (["--executor", "dask://127.0.0.1:1", "--jobs", "2"], "--jobs"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_an_executor_of_another_kind_is_refused(office, tmp_path, more, word):
    done = subprocess.run([sys.executable, "-m", "xl2report", *arguments(office, tmp_path / "desk", *more)], capture_output=True, text=True, check=False)
    assert (done.returncode, word in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


def test_without_the_extra_it_is_named(office, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = CliRunner().invoke(group, arguments(office, tmp_path / "desk", "--executor", "dask://127.0.0.1:8786"))
    assert (done.exit_code, "xl2report[dask]" in done.stderr) == (2, True)
