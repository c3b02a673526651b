"""``fonts``: which font serves which part of a PDF, from where, and what to install for the look of the standard."""

from __future__ import annotations

from unicodedata import east_asian_width

from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import show
from xl2report.report.faces import ASKED
from xl2report.report.fonts import FOLDER_VARIABLE, FontSet, NoTypesetter, font_set


def run() -> int:
    """The exit code: 0, also where no PDF can be made, since that is an answer."""
    try:
        fonts = font_set()
    except NoTypesetter as error:
        lacking = words("、", ", ").join(error.missing)
        show(words(
            f"这台机器不能生成 PDF：没有 {lacking}（有的平台没有这个包）。HTML、DOCX 照常可用，PDF 可由 DOCX 另存",
            f"no PDF on this machine: {lacking} is not installed (it does not exist for every platform); HTML and DOCX work, and a DOCX can be saved as PDF",
        ))  # fmt: skip
        return 0
    for line in _table(fonts):
        show(line)
    for line in _advice(fonts):
        show(line)
    return 0


def _table(fonts: FontSet) -> list[str]:
    rows = [words("用处|标准字体|现用字体||文件", "part|the standard's|in use||file").split("|")]
    for served in fonts.served:
        part, asked = ASKED[served.role]
        kind = words("官方", "official") if served.official else words("替代", "substitute")
        rows.append([part.in_language(LANGUAGE), asked.in_language(LANGUAGE), served.family, kind, str(served.path or "")])
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return ["  ".join([*(_padded(cell, width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows]


def _advice(fonts: FontSet) -> list[str]:
    lacking = [ASKED[served.role][1].in_language(LANGUAGE) for served in fonts.served if not served.official]
    lines = [""]
    if lacking:
        names = words("、", ", ").join(lacking)
        lines.append(words(
            f"要与 GB/T 9704-2012 字体完全一致，请安装：{names}。仿宋、楷体、黑体、宋体和 Times New Roman 随 Windows 提供，方正小标宋随 WPS 或由方正提供；装好后自动采用",
            f"For the exact faces of GB/T 9704-2012 install: {names}. FangSong, KaiTi, SimHei, SimSun and Times New Roman come with Windows, FZXiaoBiaoSong with WPS or from FounderType; once installed they are used",
        ))  # fmt: skip
    else:
        lines.append(words("各处都用标准字体。", "Every part has the standard's own face."))
    lines.append(words(
        f"字体也可以放进一个文件夹，用环境变量 {FOLDER_VARIABLE} 指明；其中别的字体用来补现用字体里没有的生僻字",
        f"Fonts may also lie in a folder named by the environment variable {FOLDER_VARIABLE}; the others in it supply rare characters that those in use lack",
    ))  # fmt: skip
    return lines


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
