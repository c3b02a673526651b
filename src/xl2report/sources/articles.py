"""What the catalogue has to say about pages: codes that only reading a page can make."""

from __future__ import annotations

from xl2report.checks.catalogue import ARTICLES, Article
from xl2report.form.model import Severity, Words


def _article(severity: Severity, zh: str, en: str, fix_zh: str, fix_en: str) -> Article:
    return Article(severity, Words(zh, en), Words(fix_zh, fix_en))


PAGE_ARTICLES: dict[str, Article] = {
    "F117": _article("note", "网页写的编码是 {declared}，实际是 {found}，已按实际的读取", "the page says its encoding is {declared}; it is {found}, and was read as such",
        "请在网页中改正编码声明（charset）", "mend the charset that the page declares"),
    "F118": _article("note", "网页是繁体，已转成简体（OpenCC t2s）后读取", "the page is in traditional characters; it was converted to simplified ones (OpenCC t2s)",
        "引用的文字是转换后的，与网页的字形不同", "texts are quoted as converted"),
    "F119": _article("note", "去掉了夹在文字里的注音 {count} 处，如“{raw}”", "{count} pinyin readings in brackets inside the text were removed, such as '{raw}'",
        "请核对原文，网页上应去掉这些注音", "compare with the original; the page should not have them"),
    "F120": _article("error", "这里有文字丢失，没有修补：“{raw}”", "characters are lost here, and were not mended: '{raw}'",
        "请对照原文补上，并更正网页", "compare with the original and mend the page"),
    "F121": _article("query", "这里的“?”可能是丢失的文字：“{raw}”", "the '?' here may stand for lost characters: '{raw}'",
        "请对照原文；有丢失的，请补上并更正网页", "compare with the original; where characters are lost, mend the page"),
    "F122": _article("error", "网页是繁体，转换需要 OpenCC，本机没有安装", "the page is in traditional characters; OpenCC, which converts them, is not installed",
        "请安装 OpenCC 后再试", "install OpenCC and try again"),
    "S125": _article("note", "“{sheet}”的合并单元格有 {count} 处写错，已按各行的格数截短", "{count} spans of '{sheet}' are not true; they were cut to what the rows have room for",
        "请在网页中改正合并单元格（rowspan、colspan）", "mend rowspan and colspan in the page"),
    "S126": _article("note", "“{table}”的标签有 {count} 处与格式不同，按前后次序认定，如“{raw}”认作“{label}”", "{count} labels of '{table}' differ from the form's and were told by their order: '{raw}' was taken for '{label}'",
        "请改正网页上的标签", "mend the labels in the page"),
    "S127": _article("note", "“{table}”的合并单元格不全，按各行单元格的次序读取", "the spans of '{table}' are lost or wrong; its cells were read by their order in each row",
        "请核对各格的数字", "compare the figures with the page"),
    "S128": _article("error", "“{table}”用的是“{other}”的格式，不是“{form}”的", "'{table}' has the format of {other}, not that of {form}",
        "请按本年度的格式重新填列这张表", "draw up this table anew in the format of the year"),
    "S129": _article("error", "“{sheet}”各行的格数不一致，认不出数字属于哪一列，没有采用", "the rows of '{sheet}' are not equally wide; it is unclear which column a figure belongs to, and none was read",
        "请在网页中改正合并单元格（rowspan、colspan）", "mend rowspan and colspan in the page"),
    "S130": _article("error", "第 {row} 行的格数或标签与格式不同，没有采用：“{raw}”", "row {row} has other cells or labels than the form, and was not read: '{raw}'",
        "请在网页中改正这一行", "mend this row in the page"),
    "V202": _article("note", "“{raw}”按 {value} 接受，其余文字记入表下的注", "'{raw}' was accepted as {value}; the rest went into the note under the table",
        "说明写在表下的“注”里，格里只填数字", "write remarks into the note under the table, and only the number into the cell"),
    "N120": _article("note", "有 {count} 段文字在报告之外，没有采用，如“{raw}”", "{count} lines outside the report were not read, such as '{raw}'",
        "网页的导航、页脚不需要处理；属于报告的，请核对", "nothing to do for navigation and footers; check whether any belongs to the report"),
    "N121": _article("query", "标题“{raw}”与规定的“{heading}”不同，其下的文字归入后者", "the heading '{raw}' is not the one laid down, '{heading}'; the text under it was taken for that part's",
        "请按规定的标题改正", "use the heading laid down"),
    "N122": _article("note", "没有单独的标题，机关名称和年度取自文中的“{raw}”", "there is no title; agency and year were taken from the text: '{raw}'",
        "请核对机关名称和年度", "compare agency and year"),
    "N123": _article("note", "“{sheet}”不是规定的统计表，没有采用，开头是“{raw}”", "'{sheet}' is no statutory table and was not read; it begins with '{raw}'",
        "页面的导航不需要处理；属于报告的，请核对", "nothing to do for navigation; check whether it belongs to the report"),
}  # fmt: skip

ARTICLES.update(PAGE_ARTICLES)
