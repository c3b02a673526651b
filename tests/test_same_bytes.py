"""The same workbook gives the same bytes in every format, whoever makes the report, where and when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

import xl2report
from xl2report.report.formats import RENDERERS
from xl2report.workbook.write import write

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "example-county-2023" / "filled.xlsx"
WAYS: dict[str, dict[str, object]] = {
    **{name: {"to": name} for name in RENDERERS},
    "pdf for the archive": {"to": "pdf", "archive": True},
    "docx in traditional characters": {"to": "docx", "script": "hant"},
    "pdf of a draft": {"to": "pdf", "draft": True},
}
SURROUNDINGS = (
    {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "1", "LC_ALL": "C", "USER": "zhangsan", "LOGNAME": "zhangsan"},
    {"TZ": "America/New_York", "PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "USER": "lisi", "LOGNAME": "lisi"},
)
RENDER = """
import json, sys, xl2report
from pathlib import Path
sample, last, ways = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
result, previous = xl2report.check(sample), xl2report.check(last)
for n, way in enumerate(ways):
    Path(str(n)).write_bytes(xl2report.render(result, previous=previous, **way))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> list[dict[str, bytes]]:
    """What two processes make in two places a second apart, by way."""
    root = tmp_path_factory.mktemp("same")
    last = root / "last.xlsx"
    form = xl2report.load_form("disclosure-2021")
    last.write_bytes(write(form, {"cover.agency": "示例县公安局", "cover.year": Decimal(2022), "requests.new.natural": Decimal(4)}))
    found = []
    for n, surroundings in enumerate(SURROUNDINGS):
        folder = root / f"place-{n}" / surroundings["USER"]
        folder.mkdir(parents=True)
        environment = {**os.environ, **surroundings, "XDG_CACHE_HOME": str(folder / "cache")}
        environment.pop("SOURCE_DATE_EPOCH", None)
        command = [sys.executable, "-c", RENDER, str(SAMPLE), str(last), json.dumps(list(WAYS.values()))]
        subprocess.run(command, check=True, cwd=folder, env=environment)
        found.append({way: (folder / str(number)).read_bytes() for number, way in enumerate(WAYS)})
        time.sleep(1.1 * (1 - n))
    return found


@pytest.mark.parametrize("way", WAYS)
def test_two_places_two_people_and_two_moments_make_one_file(made, way):
    first, second = (one[way] for one in made)
    assert first == second


@pytest.mark.parametrize("way", WAYS)
def test_no_file_tells_who_made_it_or_where(made, way):
    content = made[0][way]
    today = [time.strftime(form, time.gmtime()) for form in ("%Y-%m-%d", "%Y%m%d")]
    for trace in ("zhangsan", "place-0", str(Path(xl2report.__file__).parent), str(SAMPLE.parent), *today):
        assert trace.encode() not in content
        assert trace.encode("utf-16-be") not in content
