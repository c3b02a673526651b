"""Realistic returns of a year for an office to collect, and a record of its own of what must come of each.

``python benchmarks/returns.py FOLDER --units N --seed S [--previous] [--old-formats]`` writes

- ``名册.csv``: the roster, a tree of counties with their bureaus and towns; counties and a few others need not report;
- ``收件``: what came in: right, wrong, late, doubled, sent again, renamed, without a code, in zips and folders, and junk;
- ``上年`` (with ``--previous``): last year's returns of the same units, whose 四 is this year's 二 but for a few;
- ``记录.jsonl``: a line for each unit with the state it must have and every figure that counts, and a line for each file
  that is nobody's. The figures are plain decimals, written down as they were drawn: no reader has had a hand in them.

The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from cut import Cut, Typed, cut, filled
from fates import FATES, Fate, Return, sent
from figures import Figures, this_year, totals, year_before
from xl2report.form.shelf import form_by_id

FORM, YEAR = "disclosure-2021", 2023
ROSTER, INBOX, LAST, RECORD = "名册.csv", "收件", "上年", "记录.jsonl"
DUE = {"县级部门": datetime.date(YEAR + 1, 1, 31), "乡镇政府（街道办事处）": datetime.date(YEAR + 1, 3, 31), "县级政府": datetime.date(YEAR + 1, 3, 31)}
JUNK = {"通知.txt": "请于 1 月 31 日前报送。".encode(), "扫描件.pdf": b"%PDF-1.4\n%%EOF\n", "~$年报.xlsx": b"x" * 165, "坏了.xlsx": b"PK\x03\x04"}
_BUNDLED, _WITHIN = "打包", "乡镇"  # the end of a zip's name, the folder in it
_COUNTY = 60  # units, the county among them
_TOWNS = 18  # of them
_CONVERTED = 6  # units whose workbook is saved in an old format


class Unit(NamedTuple):
    """One row of the roster. ``number`` is its place in it, from 1."""

    number: int
    code: str
    name: str
    category: str
    superior: str
    reports: bool
    last_code: str


def make(folder: Path, units: int, seed: int, *, previous: bool = False, old_formats: bool = False) -> None:
    """Everything into a new or empty folder. FileExistsError if it holds something."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(folder)
    listed = roster(units)
    _write_roster(folder / ROSTER, listed)
    book = cut(form_by_id(FORM))
    fates = _fates(Random(seed), listed)
    with (folder / RECORD).open("w", encoding="utf-8") as record:
        for unit, fate in zip(listed, fates, strict=True):
            line = _unit(folder, book, unit, fate, Random(f"{seed} {unit.number}"), previous=previous)
            record.write(json.dumps(line, ensure_ascii=False) + "\n")
        for name, content in JUNK.items():
            _file(folder / INBOX / name, content, datetime.datetime(YEAR + 1, 1, 9, 9))
            if not name.startswith("~$"):  # a lock file is nobody's return, and nobody's fault
                record.write(json.dumps({"stranger": f"{INBOX}/{name}"}, ensure_ascii=False) + "\n")
    _bundle(folder / INBOX)
    if old_formats:
        _convert(folder)


def roster(units: int) -> list[Unit]:
    """The roster: by county its government, its bureaus, its towns; the last unit of each county need not report."""
    found = []
    for number in range(1, units + 1):
        county, place = divmod(number - 1, _COUNTY)
        name = f"测试{county + 1}县"
        code = f"D{number:05}"
        if place == 0:
            found.append(Unit(number, code, f"{name}人民政府", "县级政府", "", False, ""))
            continue
        town = place >= _COUNTY - _TOWNS
        own, category = (f"{name}{place}号镇人民政府", "乡镇政府（街道办事处）") if town else (f"{name}{place}号局", "县级部门")
        last_code = f"旧{number:05}" if place % 20 == 7 else ""
        found.append(Unit(number, code, own, category, f"{name}人民政府", place != _COUNTY - 1, last_code))
    return found


def _write_roster(path: Path, units: Sequence[Unit]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(("代码", "名称", "类别", "上级", "应报", "上年代码"))
        for unit in units:
            rows.writerow((unit.code, unit.name, unit.category, unit.superior, "是" if unit.reports else "否", unit.last_code))


def _fates(random: Random, units: Sequence[Unit]) -> list[Fate]:
    """What becomes of each unit: every fate in its share, and at least once where there are a hundred units; nothing of those that need not report."""
    count = sum(unit.reports for unit in units)
    shares = [(fate, max(round(count * fate.share / 1000), int(count >= 100))) for fate in FATES if fate.share]
    drawn = [fate for fate, times in shares for _ in range(times)]
    drawn += [FATES[0]] * (count - len(drawn))
    random.shuffle(drawn)
    rest = iter(drawn)
    return [next(rest) if unit.reports else Fate("exempt", 0, "不报") for unit in units]


def _unit(folder: Path, book: Cut, unit: Unit, fate: Fate, random: Random, *, previous: bool) -> dict[str, object]:
    """Writes the files of one unit; its line of the record."""
    figures = this_year(random)
    due = DUE[unit.category]
    late = random.random() < 0.04
    cover = _cover(unit, random)
    returns = list(sent(fate, figures, cover, random))
    first = due + datetime.timedelta(random.randint(1, 20) if late else -random.randint(6, 25))
    files = []
    for n, one in enumerate(returns):
        when = datetime.datetime.combine(first + datetime.timedelta(one.days), datetime.time(9, random.randint(0, 59)))
        path = folder / INBOX / _name(unit, one, n, random, plain=late or len(returns) > 1)
        _file(path, filled(book, one.typed, one.results)[: one.cut_at], when)
        files.append((one, path, when))
    whole = [(one, when) for one, _, when in files if one.cut_at is None]
    # what was sent in last counts, and it came in when its bytes first came in
    latest = max(whole, key=lambda found: (found[0].times, found[1]))[0] if whole else None
    came = min((when for one, when in whole if latest and one.version == latest.version), default=None)
    counted = latest.figures if latest and fate.state in ("已报", "待说明") else None
    differs = _last_year(folder, book, unit, figures, random) if previous else []
    return {
        "code": unit.code, "name": unit.name, "state": fate.state, "kind": fate.name, "late": came is not None and came.date() > due,
        "amended": len({one.version for one, _ in whole}) > 1, "doubled": any(one.doubled for one, _ in whole),
        "files": [_seen(folder, path) for _, path, _ in files], "unreadable": any(one.cut_at is not None for one, _, _ in files),
        "differs_from_last": differs if counted is not None else [],
        "figures": None if counted is None else {name: str(value) for name, value in {**counted, **totals(counted)}.items()},
    }  # fmt: skip


def _cover(unit: Unit, random: Random) -> dict[str, Typed]:
    """The cover; some leave out their code, and a few write their name as nobody else does (but then the code is there)."""
    chance = random.random()
    return {
        "cover.agency": f"{unit.name}（新）" if 0.03 <= chance < 0.05 else unit.name, "cover.code": None if chance < 0.03 else unit.code,
        "cover.category": unit.category, "cover.year": YEAR, "cover.address": f"测试路{unit.number}号", "cover.postcode": "000000",
        "cover.phone": f"0000-{unit.number:07}", "cover.signed_on": f"{YEAR + 1}-01-{random.randint(2, 28):02}",
        "cover.filler": "填报人", "cover.submission": 1,
    }  # fmt: skip


def _name(unit: Unit, one: Return, n: int, random: Random, plain: bool) -> str:
    """Where a file lies in the inbox: as it was issued, renamed, or in the folder of its county."""
    name = f"{unit.code}_{unit.name}_{YEAR}{f'（{n + 1}）' if n else ''}.xlsx"
    if one.doubled:
        return f"转发/{name}"
    chance = random.random()
    if chance < 0.08:
        return f"年报（终稿）{unit.number}-{n}.xlsx"
    county = (unit.number - 1) // _COUNTY + 1
    if chance < 0.3:
        return f"{county}县/{name}"
    return f"{county}县{_BUNDLED}/{name}" if not plain and chance < 0.4 else name


def _bundle(inbox: Path) -> None:
    """What lies in folders for it goes into zips, which come in on a day when nobody is late."""
    for source in sorted(inbox.glob(f"*{_BUNDLED}")):
        target = source.with_suffix(".zip")
        with zipfile.ZipFile(target, "w") as archive:
            for path in sorted(source.iterdir()):
                archive.writestr(zipfile.ZipInfo(f"{_WITHIN}/{path.name}"), path.read_bytes())
        shutil.rmtree(source)
        _stamp(target, datetime.datetime(YEAR + 1, 1, 20, 9))


def _seen(folder: Path, path: Path) -> str:
    """How a file is called where it lies in the end."""
    return path.relative_to(folder).as_posix().replace(f"{_BUNDLED}/", f"{_BUNDLED}.zip/{_WITHIN}/")


def _last_year(folder: Path, book: Cut, unit: Unit, figures: Figures, random: Random) -> list[str]:
    """Writes what the unit filed the year before, if it did; the applicants whose 二 is not last year's 四."""
    before = year_before(random, figures)
    differs = []
    if random.random() < 0.03:
        differs = ["natural"]
        before["requests.carried_out.natural"] = int(before["requests.carried_out.natural"]) + 2
        before["requests.new.natural"] = int(before["requests.new.natural"]) + 2
    if not unit.reports or random.random() < 0.02:
        return []
    code = unit.last_code or unit.code
    cover = {**_cover(unit, random), "cover.agency": unit.name, "cover.code": code, "cover.year": YEAR - 1, "cover.signed_on": f"{YEAR}-01-10"}
    (one,) = sent(FATES[0], before, cover, random)
    content = filled(book, one.typed, one.results)
    _file(folder / LAST / f"{code}_{unit.name}_{YEAR - 1}.xlsx", content, datetime.datetime(YEAR, 1, 20, 9))
    return differs


def _file(path: Path, content: bytes, when: datetime.datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    _stamp(path, when)


def _stamp(path: Path, when: datetime.datetime) -> None:
    os.utime(path, (when.timestamp(),) * 2)


def _convert(folder: Path) -> None:
    """Some of the workbooks as .xls, .et and .ods, by one call of LibreOffice for each kind; the record names the new files."""
    lines = [json.loads(line) for line in (folder / RECORD).read_text(encoding="utf-8").splitlines()]
    plain = [line for line in lines if line.get("kind") == "plain" and (folder / line["files"][0]).is_file() and "/" not in line["files"][0].removeprefix(f"{INBOX}/")]
    for kind, ending, chosen in (("xls", "xls", plain[:2]), ("xls", "et", plain[2:4]), ("ods", "ods", plain[4:_CONVERTED])):
        sources = [folder / line["files"][0] for line in chosen]
        profile = f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}"
        command = ["soffice", "--headless", profile, "--convert-to", kind, "--outdir", folder / INBOX, *sources]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        for line, source in zip(chosen, sources, strict=True):
            target = source.with_suffix(f".{kind}").rename(source.with_suffix(f".{ending}"))
            shutil.copystat(source, target)
            source.unlink()
            line["files"] = [target.relative_to(folder).as_posix()]
    shutil.rmtree(folder / "profile")
    (folder / RECORD).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def recorded(folder: Path) -> Iterator[dict[str, object]]:
    """The lines of the record about units."""
    for line in (folder / RECORD).read_text(encoding="utf-8").splitlines():
        found = json.loads(line)
        if "stranger" not in found:
            yield found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--units", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--previous", action="store_true", help="last year's returns as well")
    parser.add_argument("--old-formats", action="store_true", help="a few as .xls, .et and .ods (needs soffice)")
    given = parser.parse_args()
    make(given.folder, given.units, given.seed, previous=given.previous, old_formats=given.old_formats)


if __name__ == "__main__":
    sys.exit(main())
