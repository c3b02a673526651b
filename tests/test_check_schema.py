"""``check --format json`` keeps its published shape, and the schema refuses what is not of that shape."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest

import xl2report

ROOT = Path(__file__).resolve().parent.parent
VALIDATOR = jsonschema.Draft202012Validator(xl2report.schema("check"))
SAMPLES = {"example-county-2023": "pass", "faulty-2023": "fail", "passing-2020": "pass"}


def checked(*paths: Path, language: str = "zh") -> dict[str, Any]:
    command = [sys.executable, "-m", "xl2report", "--lang", language, "check", "--format", "json", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, check=False)
    return dict(json.loads(done.stdout.decode("utf-8")))


def sample(name: str) -> Path:
    return Path("samples") / name / "filled.xlsx"


@pytest.fixture(scope="module")
def everything() -> dict[str, Any]:
    """The three samples, a file that is missing and one that is no workbook, in one call."""
    return checked(*map(sample, SAMPLES), Path("no-such-file.xlsx"), Path("LICENSE"))


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(xl2report.schema("check"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_samples_and_unreadable_files_are_of_the_shape(language: str) -> None:
    result = checked(*map(sample, SAMPLES), Path("no-such-file.xlsx"), Path("LICENSE"), language=language)
    VALIDATOR.validate(result)
    assert [file["status"] for file in result["files"]] == [*SAMPLES.values(), "unreadable", "unreadable"]
    assert [file["sha256"] is None for file in result["files"]] == [False, False, False, True, False]


def test_a_blank_workbook_is_of_the_shape(tmp_path: Path) -> None:
    path = tmp_path / "blank.xlsx"
    path.write_bytes(xl2report.template(xl2report.load_form("disclosure-2021")))
    result = checked(path)
    VALIDATOR.validate(result)
    assert result["files"][0]["agency"] is None
    assert result["files"][0]["year"] is None


def test_an_explained_query_is_of_the_shape_and_carries_the_words(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(ROOT / sample("faulty-2023"))
    sheet = book["校验"]
    row = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == "in_force:normative")
    column = next(cell.column for cell in sheet[1] if cell.value == "#explanation")
    sheet.cell(row, column).value = "自然失效 4 件"
    book.save(tmp_path / "explained.xlsx")
    result = checked(tmp_path / "explained.xlsx")
    VALIDATOR.validate(result)
    explained = [finding["explained"] for finding in result["files"][0]["findings"] if finding["rule"] == "in_force"]
    assert explained == ["自然失效 4 件"]


def test_the_named_keys_are_all_there_is(everything: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(everything)
    faulty = everything["files"][1]
    assert {finding["severity"] for finding in faulty["findings"]} == {"error", "query", "note"}
    assert {finding["verdict"] for finding in faulty["findings"]} == {"fail", "undecided", None}


def _first_finding(change: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["files"][1]["findings"][0].update(change)


def _first_suspicion(change: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["files"][1]["suspects"][0].update(change)


def _first_change(change: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["files"][1]["suspects"][0]["repairs"][0][0].update(change)


def test_suspect_cells_are_told_and_a_document_of_the_time_before_them_is_still_of_the_shape(everything: dict[str, Any]) -> None:
    assert [[len(one["repairs"]) for one in file["suspects"]] for file in everything["files"]] == [[], [2], [], [], []]
    document = deepcopy(everything)
    for file in document["files"]:
        del file["suspects"]
    VALIDATOR.validate(document)


@pytest.mark.parametrize("spoil", [
    lambda document: document.update(schema="xl2report.check/2"),
    lambda document: document.pop("files"),
    lambda document: document.update(more=1),
    lambda document: document["files"][0].update(more=1),
    lambda document: document["files"][0].pop("findings"),
    lambda document: document["files"][0].update(status="ok"),
    lambda document: document["files"][0].update(year="2023"),
    lambda document: document["files"][0].update(sha256="abc"),
    lambda document: document["files"][0].update(sha256=None),
    lambda document: document["files"][0].update(form=None),
    lambda document: document["files"][0].update(check_code="1877"),
    lambda document: document["files"][0].update(status="fail"),
    lambda document: document["files"][1].update(status="pass"),
    lambda document: document["files"][1].update(findings=[]),
    lambda document: document["files"][3].update(findings=[]),
    lambda document: document["files"][3].update(form="disclosure-2021"),
    lambda document: document["files"][3].update(check_code="——"),
    _first_finding({"code": "V1"}),
    _first_finding({"severity": "warning"}),
    _first_finding({"verdict": "pass"}),
    _first_finding({"rule": "balance"}),
    _first_finding({"code": "X201", "rule": None}),
    _first_finding({"message": ""}),
    _first_finding({"explained": "已核实"}),
    _first_finding({"expected": 3}),
    _first_finding({"cells": None}),
    _first_finding({"cells": [{"sheet": "封面", "cell": "C4", "item": [], "value": 3}]}),
    _first_finding({"cells": [{"sheet": "封面", "cell": "C4", "item": []}]}),
    _first_finding({"cells": [{"sheet": "", "cell": "C4", "item": [], "value": ""}]}),
    lambda document: document["files"][0].update(suspects=document["files"][1]["suspects"]),
    lambda document: document["files"][3].update(suspects=document["files"][1]["suspects"]),
    _first_suspicion({"rules": []}),
    _first_suspicion({"rules": ["balance"]}),
    _first_suspicion({"complete": None}),
    _first_suspicion({"repairs": [[]]}),
    _first_suspicion({"more": 1}),
    _first_change({"needed": 3}),
    _first_change({"needed": ""}),
    _first_change({"reason": ""}),
    _first_change({"reason": "guess"}),
    _first_change({"more": 1}),
])  # fmt: skip
def test_a_document_of_another_shape_is_refused(everything: dict[str, Any], spoil: Callable[[dict[str, Any]], Any]) -> None:
    document = deepcopy(everything)
    spoil(document)
    assert not VALIDATOR.is_valid(document)
