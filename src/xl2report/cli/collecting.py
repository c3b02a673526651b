"""``collect``: an inbox against a roster, and the desk that comes of it."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from xl2report.cli.interrupt import heard
from xl2report.cli.issuing import roster_of, waivers_of
from xl2report.cli.language import words
from xl2report.cli.output import say, show
from xl2report.cli.processes import MANY, asked_executor
from xl2report.collected import collect
from xl2report.desk.about import OtherDesk
from xl2report.desk.cluster import ClusterRefused
from xl2report.desk.collection import Collection, Standing
from xl2report.desk.inbox import SameFolder
from xl2report.desk.last_returns import LastReturns
from xl2report.desk.ledger import STATES
from xl2report.desk.occupied import Occupied
from xl2report.desk.processes import Elsewhere, ExecutorLost
from xl2report.desk.reconciliation import reconciliations
from xl2report.form.model import Form

_NAMED = 5  # files that one sentence names
_STEP = 0.2  # seconds between two words of progress


class Order(NamedTuple):
    """What the command was asked for."""

    roster: Path
    folder: Path
    agency: str
    deadline: datetime.date | None
    waivers: Path | None
    previous: Path | None = None
    jobs: int | None = None
    executor: str | None = None


def run(form: Form, year: int, inbox: Path, order: Order) -> int:
    """The exit code: 0 every unit counts, 1 something has to be chased, 2 no roster or no inbox."""
    units = roster_of(form, order.roster)
    if units is None:
        return 2
    if not inbox.exists():
        say(words(f"{inbox}：没有这个文件夹", f"{inbox}: there is no such folder"))
        return 2
    if order.previous is not None and not order.previous.exists():
        say(words(f"{order.previous}：没有这个文件或文件夹", f"{order.previous}: there is no such file or folder"))
        return 2
    waivers = waivers_of(form, units, order.waivers) if order.waivers else ()
    if waivers is None:
        return 2
    try:
        with heard(), asked_executor(order.jobs, order.executor, inbox) as executor:
            done = collect(
                inbox, units.units, order.folder, form=form, year=year, agency=order.agency, deadline=order.deadline, waivers=waivers,
                previous=order.previous, executor=executor, progress=Progress(),
            )  # fmt: skip
    except KeyboardInterrupt:
        say(words("\n停下了。读过的都记下了；再运行同一条命令，就接着做。", "\nStopped. What was read is kept: run the same command again, and it goes on."))
        return 130
    except (SameFolder, Occupied, OtherDesk, ClusterRefused, ExecutorLost, Elsewhere) as refused:
        if isinstance(refused, ExecutorLost) and order.executor is None:
            raise  # of our own processes: a fault of the program
        say(_refusal(refused, order))
        return 2
    for path in done.written:
        show(str(path))
    if done.kept:
        say(words(
            f"本级报告.xlsx 有人改过：填写的文字已保留，数字按本次合计更新；改过的那一份留作 {done.kept}",
            f"本级报告.xlsx had been edited: its texts stay, its figures are those of this run; as it was it is kept as {done.kept}",
        ))  # fmt: skip
    _say(done.collection, done.files)
    if done.last:
        _say_last(done.last, year - 1)
    return int(any(not standing.counts and standing.state != "exempt" for standing in done.collection.standings))


def _refusal(refused: Exception, order: Order) -> str:
    """Why the desk was not made, and what to do."""
    again = words("。读过的都记下了，再运行同一条命令就接着做", "; what was read is kept, run the same command again to go on")
    match refused:
        case Occupied():
            return words(f"另一个 collect 正在写 {order.folder}：请等它做完", f"another collect is writing to {order.folder}: wait until it has finished")
        case OtherDesk(found=found):
            return words(
                f"{order.folder} 是 {found.year} 年度的台子：要收的就是这一年度，请加 --year {found.year}；收别的年度，-o 请另指定一个文件夹",
                f"{order.folder} is the desk of {found.year}: if that is the year, give --year {found.year}; for another year name another folder with -o",
            )  # fmt: skip
        case ClusterRefused(why="address"):
            return words(f"--executor 要写成 dask://主机:端口，不是 {order.executor}", f"--executor must be dask://HOST:PORT, not {order.executor}")
        case ClusterRefused(why="extra"):
            return words("用 Dask 集群还要装 xl2report[dask]", "for a Dask cluster install xl2report[dask]")
        case ClusterRefused(why="scheduler"):
            return words(f"连不上 Dask 调度器 {order.executor}：请检查地址、网络，调度器是否在运行", f"the Dask scheduler {order.executor} does not answer: check the address, the network, and that it runs")
        case ClusterRefused(why="workers"):
            return words(f"Dask 调度器 {order.executor} 下没有工作进程：请先启动", f"the Dask scheduler {order.executor} has no workers: start some")
        case Elsewhere(version=str(version)) if version:
            return words(f"工作进程的 xl2report 版本或表单与本机不同（{version}）：请装成一样的{again}", f"the workers have another version of xl2report or of its forms ({version}): install the same{again}")
        case Elsewhere(path=path):
            return words(f"工作进程在同样的路径下看到的不是同一个文件：{path}。请把收件（与上年比较时，还有 -o 的文件夹）放在各机路径相同的共享文件夹里{again}", f"under the same path the workers see another file, or none: {path}; put the inbox (and the desk, to compare with last year) into a shared folder that has one path on all machines{again}")
        case ExecutorLost():
            why = f"{type(refused.__cause__).__name__}: {refused.__cause__}".rstrip(": ")
            return words(f"Dask 集群 {order.executor} 中途用不了了（{why}）：请检查调度器和工作进程，各机都要装 xl2report{again}", f"the Dask cluster {order.executor} has failed ({why}): check the scheduler and the workers, which all need xl2report{again}")
    return words(
        f"{order.folder} 与收件的文件夹混在一起：-o 请另指定一个文件夹", f"{order.folder} and the inbox are in one another's way: name another folder with -o"
    )


class Progress:
    """How far a run has got, on the last line of a terminal: count, rate, time left. A few files are not worth a word."""

    def __init__(self) -> None:
        self._what, self._first, self._begun, self._told = "", 0, 0.0, 0.0

    def __call__(self, what: str, done: int, count: int) -> None:
        now = time.monotonic()
        if what != self._what:
            self._what, self._first, self._begun, self._told = what, done, now, now
        if count < MANY or not sys.stderr.isatty() or (now - self._told < _STEP and done < count):
            return
        self._told = now
        rate = max(done - self._first, 1) / max(now - self._begun, 0.001)
        doing = words("读取", "read") if what == "read" else words("退回", "returned")
        left = words(f"还要 {(count - done) / rate:.0f} 秒", f"{(count - done) / rate:.0f} s left")
        print(f"\r{doing} {done}/{count}  {rate:.{0 if rate >= 10 else 1}f}/s  {left}   ", end="\n" if done == count else "", file=sys.stderr, flush=True)


def _say(found: Collection, files: int) -> None:
    told = []
    for state, word in STATES.items():
        here = [standing for standing in found.standings if standing.state == state]
        if here:
            told.append(f"{word} {len(here)}")
    say(words(f"{found.year} 年度：收到文件 {files} 个；{len(found.standings)} 个单位：{'，'.join(told)}", f"{found.year}: {files} files; {len(found.standings)} units: {', '.join(told)}"))
    if let_through := [standing.unit.name for standing in found.standings if standing.waived]:
        say(words(f"放行 {len(let_through)} 个：{'、'.join(let_through)}", f"waived ({len(let_through)}): {', '.join(let_through)}"))
    if known := reconciliations(found):
        apart = [one.branch.unit.name for one in known if one.verdict != "agrees"]
        zh, en = (f"：{'、'.join(apart)}，见 对账.xlsx", f" ({', '.join(apart)}), see 对账.xlsx") if apart else ("", "")
        say(words(f"对账：{len(known)} 个上级报了汇总，与下级合计不一致的 {len(apart)} 个{zh}", f"summaries reconciled: {len(known)}, of which differ: {len(apart)}{en}"))
    if found.strangers:
        say(words(f"不属于名册里任何单位的文件 {len(found.strangers)} 个，见台账", f"files that belong to no unit of the roster: {len(found.strangers)}, see 台账"))
    if chased := names([standing for standing in found.standings if not standing.counts and standing.state != "exempt"]):
        say(words(f"还要催办：{chased}", f"to be chased: {chased}"))
    if asked := names([standing for standing in found.standings if standing.state == "open"]):
        say(words(f"有疑问等说明：{asked}", f"queries to be answered: {asked}"))


def _say_last(last: LastReturns, year: int) -> None:
    say(words(f"与 {year} 年度的 {last.reports} 份报表作了比较", f"compared with {last.reports} returns of {year}"))
    if last.others:
        more = words(f" 等 {len(last.others)} 个", f" and {len(last.others) - _NAMED} more") if len(last.others) > _NAMED else ""
        told = words("、", ", ").join(last.others[:_NAMED]) + more
        say(words(f"里面没有 {year} 年度报表的文件：{told}", f"files without a return of {year}: {told}"))


def names(standings: Sequence[Standing], most: int = 20) -> str:
    """The units by name, as many as a sentence holds."""
    left = [standing.unit.name for standing in standings]
    more = words(f" 等 {len(left)} 个", f" and {len(left) - most} more") if len(left) > most else ""
    return words("、", ", ").join(left[:most]) + more
