"""Mutated workbooks: a verdict every time, in time, and never a figure that the file does not show. See fuzz.py."""

import shutil

import pytest

import fuzz
import witness
from mutations import Base, Mutant, mutant
from xl2report.checked import check_content
from xl2report.shipped import folder

CHUNKS, EACH = 20, 100
OLD_CHUNKS, OLD_EACH = 10, 50
SHARE = 0.30  # of the mutants with altered XML, at least


@pytest.fixture(scope="session")
def _bases():
    fuzz.start(None, False)


@pytest.fixture(scope="session")
def _old_bases(tmp_path_factory):
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice (soffice) is not installed")
    shared = tmp_path_factory.getbasetemp().parent / "fuzz"  # converted once, for all processes
    shared.mkdir(exist_ok=True)
    fuzz.start(shared, True)


@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.usefixtures("_bases")
def test_no_mutated_workbook_breaks_the_program_or_makes_it_lie(chunk):
    judged = fuzz.run(range(chunk * EACH, (chunk + 1) * EACH), thorough=False)
    assert {one.mutant.seed: one.faults for one in judged if one.faults} == {}
    assert fuzz.xml_share(judged) >= SHARE


@pytest.mark.parametrize("chunk", range(OLD_CHUNKS))
@pytest.mark.libreoffice
@pytest.mark.usefixtures("_old_bases")
def test_no_mutated_old_workbook_breaks_the_program_or_makes_it_lie(chunk):
    judged = fuzz.run(range(chunk * OLD_EACH, (chunk + 1) * OLD_EACH), thorough=False, old=True)
    assert {one.mutant.seed: one.faults for one in judged if one.faults} == {}


# -- the judge itself ----------------------------------------------------------------------------------------------


SAMPLE = sorted(folder("samples").glob("*/filled.xlsx"))[0].read_bytes()


def test_the_same_seed_makes_the_same_mutant():
    bases = [Base("a", SAMPLE)]
    assert [mutant(seed, bases) for seed in range(8)] == [mutant(seed, bases) for seed in range(8)]


def test_the_judge_sees_a_figure_that_is_not_the_files():
    result = check_content("a.xlsx", SAMPLE)
    sheets = witness.wanted(result)
    seen = witness.sheets(SAMPLE, sheets)
    cells = {name: dict(sheet.cells) for name, sheet in seen.items()}
    assert list(witness.lies(result, cells)) == []
    assert list(witness.hidden(result, seen)) == []
    name, at = next((name, at) for name, sheet in seen.items() for at, cell in sheet.cells.items() if cell == witness.Seen("number", "0"))
    cells[name][at] = witness.Seen("number", "7")
    assert [text for text in witness.lies(result, cells) if at in text]
    seen[name].cells["B99"] = witness.Seen("number", "7")
    assert [text for text in witness.hidden(result, seen) if "B99" in text]


def test_the_judge_sees_a_crash_and_a_delay(monkeypatch):
    def crash(*_):
        raise KeyError("x")

    def delay(*_):
        while True:
            pass

    for broken, word in ((crash, "KeyError"), (delay, "TooSlow")):
        monkeypatch.setattr(fuzz, "check_content", broken)
        monkeypatch.setattr(fuzz, "SECONDS", 0.2)
        assert word in fuzz.judge(Mutant(0, "a", (), SAMPLE)).faults[0]
