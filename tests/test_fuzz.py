"""Mutated workbooks: a verdict every time, in time, and never a figure that the file does not show. See fuzz.py."""

import re
import shutil
import zipfile
from functools import lru_cache
from io import BytesIO

import pytest

import fuzz
import witness
from mutations import Base, Mutant, mutant, packed
from mutations_xml import NUMBERS, STRUCTURES, TEXTS, escaped
from xl2report.checked import check_content
from xl2report.shipped import folder

CHUNKS, EACH = 20, 100
OLD_CHUNKS, OLD_EACH = 10, 50
SAMPLE = sorted(folder("samples").glob("*/filled.xlsx"))[0].read_bytes()
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


# -- every odd cell, one by one ----------------------------------------------------------------------------------------

FIGURE, AMOUNT, DAY, PROSE = ("sheet4", "C13"), ("sheet4", "C22"), ("sheet2", "C14"), ("sheet7", "C6")
SHOWN = [b"0", b"9", b"14", b"22", b"49"]  # formats of numbers: as it is, percent, date, date with time, text


def _judged(part: str, at: str, cell: bytes, style: bytes = b"") -> tuple[str, ...]:
    """What is wrong with the answer to the sample with one cell replaced, under a style of its own if one is given."""
    parts = dict(sample_parts())
    name = f"xl/worksheets/{part}.xml"
    pattern = rb'<c r="%s"(?: [^>]*)?(?:/>|>.*?</c>)' % at.encode()
    assert re.search(pattern, parts[name])
    parts[name] = re.sub(pattern, lambda _: cell, parts[name], count=1)
    if style:
        parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b"</cellXfs>", style + b"</cellXfs>")
    return fuzz.judge(Mutant(2, "sample", (), packed(parts)), thorough=False).faults


@lru_cache
def sample_parts() -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(SAMPLE)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize(("part", "at"), [FIGURE, DAY, PROSE])
def test_a_cell_of_any_odd_structure_is_read_as_others_read_it_or_refused(part, at):
    cells = [b'<c r="%s"%s>%s</c>' % (at.encode(), b' t="%s"' % kind.encode() if kind else b"", body) for kind, body in STRUCTURES]
    assert {cell: faults for cell in cells if (faults := _judged(part, at, cell))} == {}


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize(("part", "at"), [FIGURE])
def test_a_number_of_any_spelling_is_read_as_others_read_it_or_refused(part, at, shown):
    style = b'<xf numFmtId="%s" fontId="0" fillId="0" borderId="0"/>' % shown
    count = sample_parts()["xl/styles.xml"].partition(b"<cellXfs")[2].partition(b"</cellXfs>")[0].count(b"<xf ")
    cells = [b'<c r="%s" s="%d"><v>%s</v></c>' % (at.encode(), count, number.encode()) for number in NUMBERS]
    assert {cell: faults for cell in cells if (faults := _judged(part, at, cell, style))} == {}


@pytest.mark.parametrize(("part", "at", "kind"), [(*FIGURE, "str"), (*AMOUNT, "inlineStr"), (*DAY, "str"), (*PROSE, "inlineStr")])
def test_a_text_of_any_spelling_is_read_as_others_read_it_or_refused(part, at, kind):
    bodies = [b"<v>%s</v>" % escaped(text) if kind == "str" else b"<is><t>%s</t></is>" % escaped(text) for text in TEXTS]
    cells = [b'<c r="%s" t="%s">%s</c>' % (at.encode(), kind.encode(), body) for body in bodies]
    assert {cell: faults for cell in cells if (faults := _judged(part, at, cell))} == {}


# -- the judge itself ----------------------------------------------------------------------------------------------



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
