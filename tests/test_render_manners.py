"""What ``render`` does for whoever calls it: its drafts, its files, its words."""

from __future__ import annotations

import io
import json
import re

import docx
import pytest

from pages import pages, text
from test_report_data import report_of
from xl2report.report.formats import RENDERERS, Setting


def squeezed(said: str) -> str:
    return re.sub(r"\s", "", said)


def spoken(content: bytes, name: str) -> str:
    """What a reader of a report sees, without white space."""
    if name == "pdf":
        return squeezed("".join(text(list(page.signs)) for page in pages(content)))
    if name == "docx":
        return squeezed("".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs))
    if name == "json":
        return squeezed("".join(finding["code"] for finding in json.loads(content)["findings"]))
    return squeezed(re.sub(r"<[^>]+>", "", content.decode()))


@pytest.mark.parametrize("name", RENDERERS)
def test_each_finding_of_a_draft_is_printed_with_its_code(name):
    report = report_of("disclosure-2021", {"requests.new.natural": "十二"}, draft=True)
    codes = [finding.code for finding in report.findings]
    assert len(set(codes)) > 1
    said = spoken(RENDERERS[name](report, Setting()), name).rpartition("校验发现")[2]
    assert re.findall(r"[A-Z]\d{3}", said) == codes
