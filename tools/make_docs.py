"""Write what the documents take from the program: command help, output of the samples, rule tables, finding codes.

In README.md, README.zh-CN.md and docs/form-format.md the text between ``<!-- kind:argument -->`` and ``<!-- /kind -->``
is replaced; docs/rules.md and docs/findings.md are written whole. ``--check`` writes nothing, names the stale files
and ends with 1 if there are any.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

import xl2report
from xl2report.checks.catalogue import ARTICLES, DETAILS, REPAIRS
from xl2report.form.faults import SENTENCES
from xl2report.form.model import Form, Rule
from xl2report.shipped import folder
from xl2report.workbook.check_sheet import FAULT_TESTS, fault_count_formula
from xl2report.workbook.plan import plan
from xl2report.workbook.ruletable import rule_rows

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"README.md": "en", "README.zh-CN.md": "zh", "docs/form-format.md": "en"}
BLOCK = re.compile(r"(<!-- (?P<kind>[a-z]+):(?P<argument>[^\s>]+)(?: (?P<options>[^>]*?))? -->\n).*?(<!-- /(?P=kind) -->)", re.DOTALL)
CUT = "  …"
LETTERS = (
    ("F", "File", "the file cannot be read or is not the issued workbook"),
    ("S", "Structure", "sheets, hidden ids, labels, total formulas"),
    ("V", "Value", "what stands in one cell"),
    ("X", "Cross-check", "a rule of the form"),
    ("N", "Narrative", "the prose"),
    ("P", "Previous year", "comparison with last year's report"),
    ("C", "Collection", "the roster and the waivers"),
)


def documents() -> dict[str, str]:
    """Every document with generated parts, by its path from the root, as it should be."""
    texts = {name: filled((ROOT / name).read_text(encoding="utf-8"), language) for name, language in LANGUAGES.items()}
    return {**texts, "docs/rules.md": rules_page(), "docs/findings.md": findings_page()}


def stale() -> list[str]:
    """The documents that are not as they should be."""
    return [name for name, text in documents().items() if not _holds(ROOT / name, text)]


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


# -- blocks ----------------------------------------------------------------------------------------------------------


def filled(text: str, language: str) -> str:
    """The text with each generated block made anew."""

    def fill(match: re.Match[str]) -> str:
        content = BLOCKS[match["kind"]](match["argument"], match["options"] or "", language)
        return f"{match[1]}{content}\n{match[5]}"

    return BLOCK.sub(fill, text)


def run(arguments: list[str], language: str) -> str:
    """What the command prints in a language, in a window of 100 columns."""
    environment = {**os.environ, "COLUMNS": "100", "XL2REPORT_LANG": language, "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "xl2report", "--lang", language, *arguments]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=False)
    if done.returncode not in (0, 1) or not done.stdout:  # a crash ends with 1 too, but says nothing on stdout
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.decode()}")
    return done.stdout.decode("utf-8").replace("\r\n", "\n").rstrip()


def _help(command: str, _: str, language: str) -> str:
    arguments = [] if command == "xl2report" else [command]
    return f"```text\n{run([*arguments, '--help'], language)}\n```"


def _check(case: str, labels: str, language: str) -> str:
    """The check of a sample; with labels (``V305`` or ``balance``) only those findings, the rest cut."""
    path = f"samples/{case}/filled.xlsx"
    lines = run(["check", path], language).splitlines()
    shown = abridged(lines, set(labels.split())) if labels else lines
    return "\n".join(("```console", f"$ xl2report check {path}", *shown, "```"))


def abridged(lines: list[str], labels: set[str]) -> list[str]:
    """The verdict, the check code and the first finding with each label; what is left out is marked once."""
    shown, keep, wanted = lines[:2], True, set(labels)
    for line in lines[2:]:
        if match := re.match(r"  \S+ \[([^\]]+)\]", line):
            found = wanted & set(match[1].split())
            keep = bool(found)
            wanted -= found
        if keep:
            shown.append(line)
        elif shown[-1] != CUT:
            shown.append(CUT)
    if wanted:
        raise RuntimeError(f"no finding is labelled {', '.join(sorted(wanted))}")
    return shown


def _transfer(case: str, _: str, language: str) -> str:
    """The change list of a sample's transfer."""
    path = f"samples/{case}/filled.xlsx"
    with tempfile.TemporaryDirectory() as folder:
        lines = run(["transfer", path, "-o", f"{folder}/fresh.xlsx"], language).replace(f"{folder}/", "")
    return f"```console\n$ xl2report transfer {path} -o fresh.xlsx\n{lines}\n```"


def _data(case: str, code: str, language: str) -> str:
    """The JSON of a check with the one finding of that code; the hash is cut, so that it need not be kept current."""
    data = json.loads(run(["check", "--format", "json", f"samples/{case}/filled.xlsx"], language))
    for file in data["files"]:
        file["sha256"] = "…"
        file["findings"] = [finding for finding in file["findings"] if finding["code"] == code][:1]
    return f"```json\n{json.dumps(data, ensure_ascii=False, indent=2)}\n```"


def _faults(_: str, __: str, ___: str) -> str:
    rows = [(f"`{code}`", words[0], words[1]) for code, words in SENTENCES.items()]
    return "\n".join(table(("Fault", "中文", "English"), rows))


BLOCKS: dict[str, Callable[[str, str, str], str]] = {"help": _help, "check": _check, "transfer": _transfer, "data": _data, "faults": _faults}


# -- pages -----------------------------------------------------------------------------------------------------------


def rules_page() -> str:
    """docs/rules.md: the rules of every form."""
    lines = [
        "# Rules",
        "",
        "Made by `tools/make_docs.py` from the forms; `xl2report rules FORM` prints the same.",
        "",
        "One rule is written once, in `form.yaml`, and is judged twice: by `xl2report check` and by the formulas of the",
        "sheet 校验. The formula shown here is the whole rule in one cell: TRUE, FALSE, or an empty text while a figure is",
        "missing. The sheet spreads the same formula over the columns 左边, 右边, 相差 and 结论. `x2r_values` and `x2r_ids` are",
        "the figures and their ids on the hidden sheet `_meta`. Of a rule with several places the first is shown.",
        "",
    ]
    for form_id in xl2report.form_ids():
        lines += _form_rules(xl2report.load_form(form_id))
    return "\n".join(lines).rstrip() + "\n"


def _form_rules(form: Form) -> Iterator[str]:
    written = {rule["id"]: rule for rule in _source(form)["rules"]}
    rows = rule_rows(form)
    drawn = plan(form)
    years = f"{form.first_year}–{form.last_year or ''}".rstrip("–") + ("" if form.last_year else " onward")
    yield from (f"## {form.id}", "", f"{form.name}, {form.basis}, report years {years}.", "")
    cells = [
        (f"`{rule.id}`", rule.severity, str(count), rule.says.zh, rule.says.in_language("en"), rule.basis)
        for rule, count, _ in rows
    ]
    cells += [(f"`cells.{test.name}`", "error", "1", test.says.zh, test.says.in_language("en"), "") for test in FAULT_TESTS]
    yield from table(("Id", "Severity", "Places", "中文", "English", "Basis"), cells)
    yield ""
    for rule, _, formula in rows:
        yield from _formula(rule.id, (*_as_written(rule, written[rule.id]), "", formula))
    for test in FAULT_TESTS:
        yield from _formula(f"cells.{test.name}", (f"={fault_count_formula(drawn, test.name)}=0",))


def _as_written(rule: Rule, written: dict[str, Any]) -> Iterator[str]:
    if rule.each:
        yield f"each:  {', '.join(rule.each)}"
    yield from (f"{key + ':':6} {written[key]}" for key in ("when", "check") if key in written)


def _formula(name: str, lines: tuple[str, ...]) -> Iterator[str]:
    yield from (f"<details><summary><code>{name}</code></summary>", "", "```text", *lines, "```", "", "</details>", "")


def _source(form: Form) -> dict[str, Any]:
    text = (folder("workbook_templates") / form.id / "form.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def findings_page() -> str:
    """docs/findings.md: the catalogue of findings."""
    lines = [
        "# Findings",
        "",
        "Made by `tools/make_docs.py` from the catalogue of the program.",
        "",
        "Every finding has a code, a severity, the cells it points at, a sentence and what to do. Words in braces are filled",
        "in from the finding. `error` must be mended and makes a report refused; `query` may stand, and becomes 已说明",
        "(explained) when the filler writes a 说明 beside it in the sheet 校验; `note` says what was accepted or repaired. The",
        "codes X2xx and the sentence `{says}` belong to the rules of the form (see [rules.md](rules.md)): their severity is",
        "that of the rule. A code keeps its meaning; new ones are added.",
        "",
    ]
    for letter, name, what in LETTERS:
        articles = [(code, article) for code, article in ARTICLES.items() if code.startswith(letter)]
        rows = [
            (f"`{code}`", article.severity, f"{article.says.zh}<br>→ {article.fix.zh}", f"{article.says.en}<br>→ {article.fix.en}")
            for code, article in articles
        ]
        lines += [f"## {letter}: {name}, {what}", "", *table(("Code", "Severity", "中文", "English"), rows), ""]
    for heading, words in (("Words of `{detail}`", DETAILS), ("Words of `{repairs}`", REPAIRS)):
        pairs = [(twin.zh, twin.en) for twin in words.values()]
        lines += [f"## {heading}", "", *table(("中文", "English"), pairs), ""]
    missing = set(ARTICLES) - {code for code in ARTICLES if code[0] in {letter for letter, _, _ in LETTERS}}
    if missing:
        raise RuntimeError(f"no heading for {sorted(missing)}")
    return "\n".join(lines).rstrip() + "\n"


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    """A Markdown table, line by line."""
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        names = stale()
        for name in names:
            print(f"{name} is stale: run python tools/make_docs.py", file=sys.stderr)
        return int(bool(names))
    for name, text in documents().items():
        (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
