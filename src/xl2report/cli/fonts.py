"""``fonts``: which font serves which part of a PDF, from where, and what to install for the look of the standard."""

from __future__ import annotations

from unicodedata import east_asian_width

from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import show
from xl2report.report.faces import ASKED
from xl2report.report.fonts import FOLDER_VARIABLE, FontSet, NoTypesetter, Refused, font_set, own_folder


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
    for line in (*_table(fonts), "", *unserved(fonts), *_advice(fonts)):
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


def unserved(fonts: FontSet) -> list[str]:
    """What was to serve and does not: one's own folder if it is not there, and files that were refused."""
    lines = [_refusal(refused) for refused in fonts.refused]
    if (own := own_folder()) and not own.is_dir():
        lines.append(words(f"环境变量 {FOLDER_VARIABLE} 指的文件夹不存在：{own}", f"no such folder, named by the environment variable {FOLDER_VARIABLE}: {own}"))
    return lines


def _refusal(refused: Refused) -> str:
    if refused.family is None:
        return words(f"没有采用 {refused.path}：文件残缺，或不是字体；请重新安装", f"not used: {refused.path} is damaged or no font; install it again")
    return words(
        f"没有采用 {refused.path}：里面的字体是“{refused.family}”，与文件名不符",
        f"not used: {refused.path} holds '{refused.family}', which is not what its name says",
    )


def _advice(fonts: FontSet) -> list[str]:
    lacking = [ASKED[served.role][1].in_language(LANGUAGE) for served in fonts.served if not served.official]
    lines = []
    if lacking:
        names = words("、", ", ").join(lacking)
        lines.append(words(f"要与 GB/T 9704-2012 字体完全一致，请安装：{names}。装好后自动采用。", f"For the exact faces of GB/T 9704-2012 install: {names}. Once installed they are used."))
        lines.append(words(
            "仿宋、楷体（不带 _GB2312 的也可）、黑体、宋体和 Times New Roman 随 Windows 提供，方正小标宋随 WPS 或由方正提供。",
            "FangSong, KaiTi (those without _GB2312 will do), SimHei, SimSun and Times New Roman come with Windows, FZXiaoBiaoSong with WPS or from FounderType.",
        ))  # fmt: skip
    else:
        lines.append(words("各处都用标准字体。", "Every part has the standard's own face."))
    lines.append(words(
        f"字体也可以放进一个文件夹，用环境变量 {FOLDER_VARIABLE} 指明，先在那里找。",
        f"Fonts may also lie in a folder named by the environment variable {FOLDER_VARIABLE}; it is looked in first.",
    ))  # fmt: skip
    lines.append(words(
        "生僻字：把字数多的字体（如天珩全字库、一点明体、花园明朝，注意各自的许可）放进那个文件夹，别的字体没有的字由它们补，按文件名先后。",
        "Rare characters: put fonts with many of them (such as TH-Tshyn, I.Ming or HanaMin; mind their licences) into that folder; "
        "they supply what the others lack, in the order of their file names.",
    ))  # fmt: skip
    return lines


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
