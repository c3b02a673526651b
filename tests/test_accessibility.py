"""The page and the fragment in a real browser: what axe-core says, in light and in dark, on a phone and on a desk."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from browser import Browser, chromium
from test_report_data import FORMS, report_of
from xl2report.checked import check_file, read_workbook
from xl2report.checks.checking import check
from xl2report.report import html
from xl2report.report.view import Report, view
from xl2report.shipped import folder
from xl2report.submission import Value
from xl2report.workbook.write import write

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

# Rules of axe-core that are switched on here although axe itself leaves them off, and those that are not, each with its reason.
ALL_RULES = "Object.fromEntries(axe.getRules().map(rule => [rule.ruleId, {enabled: !%s.includes(rule.ruleId)}]))"
NOT_HELD = [
    "table-fake-caption",  # an experiment: takes the heading of a block for a caption, though the table has one
    "p-as-heading",  # an experiment: the fragment's title is a paragraph because the site prints the heading
]

# Every element that axe could not judge: its colour against the nearest background, as WCAG 2 computes it.
CONTRAST = """selectors => selectors.map(selector => {
  const numbers = colour => colour.match(/[0-9.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = numbers(colour).map(n => n / 255).map(n => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const element = document.querySelector(selector);
  let under = element;
  while (under && numbers(getComputedStyle(under).backgroundColor)[3] === 0) under = under.parentElement;
  const behind = under ? getComputedStyle(under).backgroundColor : 'rgb(255, 255, 255)';
  const [low, high] = [light(getComputedStyle(element).color), light(behind)].sort((a, b) => a - b);
  return [selector, (high + 0.05) / (low + 0.05)];
})"""

# What every element of the fragment that holds text looks like, one line a property.
LOOKS = """[...document.querySelector('div[lang]').querySelectorAll('*')]
  .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .map(one => {
    const look = getComputedStyle(one);
    const names = ['display', 'fontSize', 'fontFamily', 'fontWeight', 'lineHeight', 'color', 'whiteSpace', 'borderTopWidth', 'paddingLeft', 'marginTop'];
    if (!look.display.startsWith('inline')) names.push('textAlign', 'textIndent');
    return names.map(name => `${one.tagName} ${name} ${look[name]}`);
  })"""

LONG = "示例省示例自治州示例县人民政府" * 4
RARE = "䶮𬭩赟翀祎堃喆"
HOST = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>某某县人民政府</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>
<body><main><h1>某某县人民政府</h1><p class="own">本站自己的文字。</p>{fragment}</main></body></html>"""
HOSTILE = """* { margin: 0; padding: 9px; border: 0; box-sizing: border-box; color: #ddd; background: #333; font: 30px/1 monospace;
  text-align: right; text-indent: 0; list-style: none; vertical-align: baseline; }
table, thead, tbody, tr, th, td, caption { display: block; width: 50px; white-space: nowrap; }
table { border-collapse: separate; border-spacing: 20px; } a { color: #333; } h2 { font-size: 60px; }"""


def sample(name: str) -> Report:
    result = check_file(folder("samples") / name / "filled.xlsx")
    assert result.form
    assert result.submission
    return view(result.form, result.submission, result.findings)


def blank() -> Report:
    form = FORMS["disclosure-2021"]
    empty = read_workbook(write(form, {}))[1]
    return view(form, empty, check(form, empty), draft=True)


def zero() -> Report:
    form = FORMS["disclosure-2021"]
    fields = [field.id for table in form.tables for field in table.cells if not field.parts]
    return report_of("disclosure-2021", dict.fromkeys(fields, Decimal(0)))


def stressed() -> Report:
    """What no sample has: long names and labels, rare characters, notes, and figures of six and eight digits."""
    form = FORMS["disclosure-2021"]
    values: dict[str, Value] = {}
    for table in form.tables:
        digits = Decimal(11398889 if len(table.blocks) > 1 else 123456)
        values |= {field.id: digits for field in table.cells if not field.parts}
        values[table.note.id] = f"其中{RARE}\n" + "说明" * 60
    prose: tuple[str, ...] = (RARE * 30, "https://example.gov.cn/" + "a" * 400, "长" * 1500)
    return report_of(
        "disclosure-2021", {**values, "cover.agency": LONG, "cover.address": RARE * 12, "overview.proactive": prose}
    )


REPORTS: dict[str, Callable[[], Report]] = {
    "the sample": lambda: sample("example-county-2023"),
    "the sample of the older form": lambda: sample("passing-2020"),
    "a draft with findings": lambda: report_of("disclosure-2021", {"requests.new.natural": "十二"}, draft=True),
    "nothing but zeros": zero,
    "a draft of a blank workbook": blank,
    "long names and large figures": stressed,
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    missing = "Chromium" if not chromium() else "axe-core (npm install --prefix tests)" if not AXE.exists() else ""
    if missing and os.environ.get("CI"):
        pytest.fail(f"{missing} is missing: .ci/run must install it")
    if missing:
        pytest.skip(f"{missing} is not installed")
    with Browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


def opened(browser: Browser, content: bytes | str, folder: Path) -> None:
    path = folder / "page.html"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    browser.open(path)


def hosted(report: Report, style: str = "") -> str:
    """The fragment in a page of a site; one that is hostile to what it did not write keeps its own text legible."""
    own = "main, body, html, h1, .own { color: #fff; }" if style else ""
    return HOST.format(style=style + own, fragment=html.fragment(report).decode())


def judged(browser: Browser) -> dict[str, list[str]]:
    """The elements that axe-core finds wrong in the page open now, by rule; what it leaves open is judged here."""
    browser.run(AXE.read_text(encoding="utf-8") + ";0")
    rules = ALL_RULES % NOT_HELD
    told: dict[str, Any] = browser.run(
        f"axe.run(document, {{rules: {rules}, resultTypes: ['violations', 'incomplete']}})"
    )
    assert len(told["passes"]) > 30
    found = {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in told["violations"]}
    for rule in told["incomplete"]:
        if not rule["id"].startswith("color-contrast"):
            found[rule["id"]] = [node["html"] for node in rule["nodes"]]
            continue
        targets = [node["target"][0] for node in rule["nodes"]]
        least = 7 if rule["id"].endswith("enhanced") else 4.5
        low = [selector for selector, ratio in browser.run(f"({CONTRAST})({targets})") if ratio < least]
        if low:
            found[rule["id"]] = low
    return found


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_wrong_with_the_page(
    browser: Browser, tmp_path: Path, name: str, dark: bool, width: int
) -> None:
    browser.screen(width, dark=dark)
    opened(browser, html.render(REPORTS[name]()), tmp_path)
    assert browser.run("innerWidth") == width
    paper = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") is not dark
    assert judged(browser) == {}


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("style", ["", HOSTILE], ids=["plain", "hostile"])
def test_axe_finds_nothing_wrong_with_the_fragment_in_a_page_of_a_site(
    browser: Browser, tmp_path: Path, name: str, style: str
) -> None:
    browser.screen(360 if style else 1280)
    opened(browser, hosted(REPORTS[name](), style), tmp_path)
    assert judged(browser) == {}


@pytest.mark.parametrize(
    ("found", "sound", "broken"),
    [
        ("html-has-lang", '<html lang="zh-CN">', "<html>"),
        ("color-contrast", "--ink: #1c1c1c", "--ink: #bbb"),
        ("color-contrast", "th { background: var(--shade);", "th { background: #333;"),  # where axe itself is not sure
        ("scrollable-region-focusable", "--wide:", "--wide:500em;--not:"),
        ("image-alt", "</article>", '<img src="data:,"></article>'),
        ("td-headers-attr", 'headers="', 'headers="nowhere '),
        ("aria-valid-attr-value", 'id="requests-caption"', 'id="other-caption"'),
    ],
)
def test_what_is_wrong_is_found(browser: Browser, tmp_path: Path, found: str, sound: str, broken: str) -> None:
    browser.screen(1280)
    page = html.render(REPORTS["the sample"]()).decode()
    assert sound in page
    opened(
        browser,
        page.replace(sound, broken).replace(' tabindex="0"', "" if "scroll" in found else ' tabindex="0"'),
        tmp_path,
    )
    assert found in judged(browser)


@pytest.mark.parametrize("name", REPORTS)
def test_no_page_is_wider_than_its_screen_or_asks_for_anything(browser: Browser, tmp_path: Path, name: str) -> None:
    report = REPORTS[name]()
    for width in (320, 360, 1280):
        browser.screen(width)
        for content in (html.render(report), hosted(report)):
            opened(browser, content, tmp_path)
            assert browser.run("document.documentElement.scrollWidth") <= width == browser.run("innerWidth")
            assert browser.run("document.scripts.length") == 0
            assert [url for url in browser.requests[1:] if not url.startswith("data:image/svg+xml;base64,")] == []


def test_the_tables_of_the_sample_need_no_scrolling_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    browser.screen(360)
    opened(browser, html.render(sample("example-county-2023")), tmp_path)
    boxes = browser.run("[...document.querySelectorAll('.scroll')].map(box => box.scrollWidth - box.clientWidth)")
    assert boxes == [0, 0, 0]


@pytest.mark.parametrize("name", REPORTS)
def test_no_figure_is_broken_and_no_cell_runs_over(browser: Browser, tmp_path: Path, name: str) -> None:
    report = REPORTS[name]()
    over = "[...document.querySelectorAll('th, td')].filter(cell => cell.scrollWidth > cell.clientWidth + 1).length"
    tall = "[...document.querySelectorAll('td span')].filter(cell => /^[0-9.]+$/.test(cell.textContent) && cell.getClientRects()[0].height > 30).length"
    for width, media in ((320, ""), (1280, ""), (590, "print")):  # 590 pixels are the 156 mm of the paper
        browser.screen(width, media=media)
        opened(browser, html.render(report), tmp_path)
        assert browser.run(f"[{over}, {tall}]") == [0, 0], (width, media)


def test_figures_stand_in_the_middle_of_their_column_digit_under_digit(browser: Browser, tmp_path: Path) -> None:
    browser.screen(1280)
    opened(browser, html.render(report_of("disclosure-2021")), tmp_path)
    columns = browser.run("""(() => {
      const found = {};
      for (const span of document.querySelectorAll('#requests_handled tbody td span')) {
        const text = document.createRange();
        text.selectNodeContents(span);
        const cell = span.parentElement, [box, own] = [cell, text].map(one => one.getBoundingClientRect());
        (found[cell.cellIndex - cell.parentElement.cells.length] ??= []).push(
          [span.textContent.length, own.left - box.left, box.right - own.right]);
      }
      return Object.values(found);
    })()""")
    assert len(columns) == 7
    for figures in columns:
        widest = max(figures)
        assert len({length for length, _, _ in figures}) > 1
        assert abs(widest[1] - widest[2]) < 1
        assert {round(right - widest[2]) for _, _, right in figures} == {0}


def test_a_hostile_site_changes_nothing_in_the_fragment(browser: Browser, tmp_path: Path) -> None:
    """Whatever holds text looks as it does in a page that says nothing of it."""
    looks = []
    for style in ("", HOSTILE):
        browser.screen(1000)
        opened(browser, hosted(REPORTS["a draft with findings"](), style), tmp_path)
        looks.append(browser.run(LOOKS))
    assert len(looks[0]) > 300
    changed = {(tuple(set(one) - set(other)), tuple(set(other) - set(one))) for one, other in zip(*looks, strict=True)}
    assert changed == {((), ())}


def test_the_page_in_print_is_numbered_and_each_table_of_the_sample_keeps_to_a_page(
    browser: Browser, tmp_path: Path
) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    report = sample("example-county-2023")
    opened(browser, html.render(report), tmp_path)
    path = tmp_path / "page.pdf"
    path.write_bytes(browser.paper())
    told = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    pages = ["".join(page.split()) for page in told.split("\f")[:-1]]
    assert [page.endswith(f"—{n}—") for n, page in enumerate(pages, 1)] == [True] * len(pages)
    for table in report.tables:
        heading = next(section.heading for section in report.sections if table in section.parts)
        page = next(page for page in pages if heading in page)
        assert sum(page.count(cell.text) for cell in table.cells if cell.field == "" and len(cell.text) == 4) > 0
        assert "".join(table.cells[-1].text.split()) in page
