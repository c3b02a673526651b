"""The samples are tests: their workbooks are current, and their commands print and write what is kept beside them."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_spec = importlib.util.spec_from_file_location("make_samples", ROOT / "tools" / "make_samples.py")
make_samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_samples)
CASES = sorted(path.parent for path in (ROOT / "samples").glob("*/figures.yaml"))
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each_case
def test_the_workbook_of_a_sample_is_made_of_its_figures(case):
    assert (case / "filled.xlsx").read_bytes() == make_samples.workbook(case), "run `make generate`"


@each_case
def test_the_commands_of_a_sample_give_what_is_expected(case, tmp_path):
    expected = {
        path.relative_to(case / "expected").as_posix(): path.read_text(encoding="utf-8")
        for path in (case / "expected").rglob("*")
        if path.is_file()
    }
    assert make_samples.run(case, tmp_path) == expected


def test_the_sample_prints_the_figures_of_the_published_report():
    report = (ROOT / "samples/example-county-2023/expected/report/filled.md").read_text(encoding="utf-8")
    for row in ("行政许可 | 6 |", "行政处罚 | 3259 |", "行政强制 | 707 |", "行政事业性收费 | 77.4960 |"):
        assert row in report.replace("\\", "")
    published = ROOT.parent / "shared" / "data" / "seed-tongxin-2023.txt"
    if published.exists():
        text = published.read_text(encoding="utf-8")
        for figure in ("6", "3259", "707", "77.4960"):
            assert f"| {figure} |" in text


def test_the_private_fields_of_the_cover_are_printed_nowhere():
    for path in (ROOT / "samples/example-county-2023/expected/report").iterdir():
        text = path.read_text(encoding="utf-8")
        for private in ("填报人甲", "审核人乙", "13000000000"):
            assert private not in text
