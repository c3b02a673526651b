"""Write docs/sample.png: the sample's first page and its longest table as PDF, as Word file and as web page, side by side.

Needs LibreOffice, Chromium and poppler; fonts differ from machine to machine, so no test compares the picture. Look at it
after every change of a template.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import typst

import xl2report
from xl2report.report.fonts import font_set

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "sample.png"
SAMPLE = ROOT / "samples" / "example-county-2023" / "filled.xlsx"
DOTS = 110  # of a page to the inch, before it is put beside the others
PAGES = ("第", "三、收到和处理政府信息公开申请情况")  # what to look for: the first page, the page of the long table
CHROMIUM = "chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --hide-scrollbars".split()

SHEET = """
#let shown = json(bytes(sys.inputs.shown))
#set page(width: auto, height: auto, margin: 12pt, fill: luma(235))
#set text(11pt, font: "Noto Sans SC")
#grid(columns: shown.len(), column-gutter: 12pt, row-gutter: 8pt, align: center,
  ..shown.map(one => one.name),
  ..shown.map(one => stack(dir: ttb, spacing: 10pt, ..one.files.map(file => box(stroke: 0.5pt + luma(160), image(file, width: 240pt))))),
)
"""


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def pages_of(pdf: Path) -> list[Path]:
    """The first page of a PDF and the one with the long table, as pictures."""
    found = [1]
    last = int(next(line.split()[1] for line in run("pdfinfo", pdf).splitlines() if line.startswith("Pages")))
    for number in range(2, last + 1):
        text = "".join(run("pdftotext", "-f", str(number), "-l", str(number), pdf, "-").split())
        if text.startswith(PAGES[1]) or PAGES[1] + "（" in text:
            found.append(number)
            break
    made = []
    for number in found:
        target = pdf.with_name(f"{pdf.stem}-{pdf.parent.name}-{number}")
        run("pdftoppm", "-png", "-singlefile", "-r", str(DOTS), "-f", str(number), "-l", str(number), pdf, target)
        made.append(target.with_suffix(".png"))
    return made


def screens_of(page: Path) -> list[Path]:
    """The page on a screen as wide as a tablet: its head, and its long table."""
    made = []
    for name, script in (("head", ""), ("table", "<style>section:not(#requests_handled), h1, article > p, aside {display: none}</style>")):
        source = page.with_name(f"{name}.html")
        source.write_text(page.read_text(encoding="utf-8").replace("</head>", f"{script}</head>"), encoding="utf-8")
        target = page.with_name(f"{name}.png")
        run(*CHROMIUM, f"--user-data-dir={page.parent / 'chromium'}", f"--screenshot={target}", "--window-size=800,1130", f"file://{source}")
        made.append(target)
    return made


def main() -> None:
    result = xl2report.check(SAMPLE)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for to in ("pdf", "docx", "html"):
            (folder / f"a.{to}").write_bytes(xl2report.render(result, to=to))
        (folder / "word").mkdir()
        run("soffice", "--headless", f"-env:UserInstallation=file://{folder / 'office'}", "--convert-to", "pdf", "--outdir", folder / "word", folder / "a.docx")
        shown = [
            {"name": "PDF", "files": pages_of(folder / "a.pdf")},
            {"name": "DOCX（LibreOffice）", "files": pages_of(folder / "word" / "a.pdf")},
            {"name": "HTML", "files": screens_of(folder / "a.html")},
        ]
        for one in shown:
            one["files"] = ["/" + Path(file).relative_to(folder).as_posix() for file in one["files"]]
        source = folder / "sheet.typ"
        source.write_text(SHEET, encoding="utf-8")
        compiler = typst.Compiler(source, root=folder, font_paths=font_set(()).typst_fonts, ignore_system_fonts=True, sys_inputs={"shown": json.dumps(shown)})
        TARGET.write_bytes(compiler.compile(format="png", ppi=88))
    sys.stdout.write(f"{TARGET}\n")


if __name__ == "__main__":
    main()
