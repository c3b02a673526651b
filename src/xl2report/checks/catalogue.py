"""The catalogue of findings: one entry a code; where · what is wrong · what to do, in Chinese and English.

Words in braces are filled from the finding; the place is printed in front by whoever shows it.
F file · S structure · V value · X cross-check · N narrative.
"""

from __future__ import annotations

from typing import NamedTuple

from xl2report.form.model import Severity, Words


class Article(NamedTuple):
    """What one code means: its severity (a rule may bring its own), the sentence, and the way to mend it."""

    severity: Severity
    says: Words
    fix: Words


def _article(severity: Severity, zh: str, en: str, fix_zh: str, fix_en: str) -> Article:
    return Article(severity, Words(zh, en), Words(fix_zh, fix_en))


ARTICLES: dict[str, Article] = {
    "F101": _article("error", "不是 Excel 工作簿（{detail}）", "not an Excel workbook ({detail})",
        "请用 WPS 或 Excel 打开原来下发的工作簿，另存为 .xlsx 后再试", "open the issued workbook in WPS or Excel and save it as .xlsx"),
    "F102": _article("error", "工作簿加了打开密码，无法读取", "the workbook is encrypted and cannot be read",
        "请在 WPS 或 Excel 中取消打开密码，保存后再试", "remove the opening password in WPS or Excel, save, and try again"),
    "F103": _article("error", "是 .xls、.et 或 .ods 格式，不是 .xlsx", "in .xls, .et or .ods format, not .xlsx",
        "请用 WPS 或 Excel 打开，另存为“Excel 工作簿（*.xlsx）”", "open it in WPS or Excel and save as 'Excel Workbook (*.xlsx)'"),
    "F104": _article("error", "工作簿已损坏，读不出来（{detail}）", "the workbook is damaged and cannot be read ({detail})",
        "请用 WPS 或 Excel 打开，如能打开就另存一份；打不开请重新填报", "open it in WPS or Excel and save a copy; if it does not open, fill in a fresh one"),
    "F105": _article("error", "文件超出允许的大小（{detail}）", "the file is beyond what is allowed ({detail})",
        "请删去多余的图片和工作表，只留下发的内容", "remove pictures and sheets that were not issued"),
    "F106": _article("error", "不是用本工具下发的报表", "not a workbook issued by this tool",
        "请用 xl2report template 生成的工作簿填报", "fill in a workbook made by xl2report template"),
    "F107": _article("error", "工作簿是“{form}”第 {found} 版，本程序只认第 {expected} 版", "the workbook is version {found} of {form}; this program reads version {expected}",
        "请用 xl2report template 生成新的工作簿，把数字抄过去", "make a fresh workbook with xl2report template and copy the figures over"),
    "F108": _article("error", "工作簿用的表单“{form}”本程序没有", "this program has no form '{form}'",
        "请更新 xl2report，或向下发单位要对应的表单", "update xl2report, or ask the issuing office for that form"),
    "F109": _article("error", "文件打不开：{detail}", "the file cannot be opened: {detail}",
        "请检查文件名和路径，并确认文件没有被其他程序占用", "check the name and path, and that no other program holds the file"),
    "F110": _article("error", "文字文件“{file}”读不出来：{detail}", "the prose file '{file}' cannot be read: {detail}",
        "请提供 Word（.docx）或 Markdown（.md）文件", "give a Word (.docx) or Markdown (.md) file"),
    "S101": _article("error", "缺少工作表“{sheet}”", "the sheet '{sheet}' is missing",
        "请不要删除工作表；从下发的工作簿中重新填报", "do not delete sheets; fill in the issued workbook again"),
    "S102": _article("error", "有 {count} 个格找不到：隐藏的行列标识被删除或改动", "{count} cells cannot be found: hidden row or column ids were deleted or changed",
        "请把数字填到下发的工作簿里，不要删除行列", "fill in the issued workbook; do not delete rows or columns"),
    "S103": _article("error", "标签应为“{expected}”，现为“{found}”", "the label should be '{expected}' but is '{found}'",
        "请恢复原来的标签；如果行列错位，请重新填报", "restore the label; if lines were moved, fill in the issued workbook again"),
    "S104": _article("error", "隐藏标识“{id}”出现了两次，不知道该读哪一处", "the hidden id '{id}' stands twice; it is unclear which to read",
        "请删去复制出来的行列，或重新填报", "remove the copied line, or fill in the issued workbook again"),
    "S105": _article("note", "工作表“{expected}”被改名为“{found}”", "the sheet '{expected}' was renamed '{found}'", "不影响读取", "nothing to do"),
    "S106": _article("note", "工作表“{sheet}”的表里插入了行，各格仍按隐藏标识找到", "rows were inserted in the sheet '{sheet}'; every cell was still found by its hidden id",
        "插入行里的内容不会被读取，请确认没有填数", "what stands in inserted rows is not read: make sure no figure is there"),
    "S107": _article("error", "有 {count} 个格在待填格之外，里面的内容没有采用", "{count} cells outside the inputs hold something; it was not read",
        "请把内容移到待填格里，或删去", "move it into an input, or delete it"),
    "S108": _article("error", "工作表“{sheet}”的隐藏标识被删除，认不出来", "the sheet '{sheet}' has lost its hidden id",
        "请恢复第 1 行和 A 列，或重新填报", "restore row 1 and column A, or fill in the issued workbook again"),
    "S109": _article("note", "缺少工作表“{sheet}”，其中的说明无法读取", "the sheet '{sheet}' is missing; explanations in it cannot be read",
        "请报送下发的完整工作簿", "send in the whole workbook as issued"),
    "S110": _article("error", "工作表“{sheet}”来自另一份表单（{found}），没有采用", "the sheet '{sheet}' is from another form ({found}); it was not read",
        "请不要在工作簿之间复制工作表", "do not copy sheets between workbooks"),
    "S205": _article("error", "总计的公式被换成了别的公式 ={formula}，显示 {cached}，按各项计算应为 {computed}", "the formula of this total was replaced by ={formula}; it shows {cached}, computed {computed}",
        "请在新的空白工作簿里填各分项，总计会自动算出", "fill the items into a fresh workbook; the total is computed there"),
    "S206": _article("error", "总计的公式被删掉了，格里是空的；按各项计算应为 {computed}", "the formula of this total was deleted and the cell is empty; computed {computed}",
        "请在新的空白工作簿里填各分项，总计会自动算出", "fill the items into a fresh workbook; the total is computed there"),
    "S201": _article("note", "总计的公式被改成了数字：现填 {typed}，按各项计算应为 {computed}", "the formula of this total was overwritten: typed {typed}, computed {computed}",
        "核对以所填数字为准；要恢复公式，请在新的空白工作簿里填各分项，总计会自动算出", "the checks use the typed figure; to get the formula back, fill the items into a fresh workbook"),
    "S202": _article("note", "有 {count} 个总计没有存下计算结果，已重新计算", "{count} totals were saved without results; they were computed again",
        "不需要处理", "nothing to do"),
    "S203": _article("note", "总计存下的结果 {cached} 已过时，重新计算为 {computed}", "the stored result {cached} of this total is stale; computed again: {computed}",
        "用 WPS 或 Excel 打开并保存一次即可", "open and save it once in WPS or Excel"),
    "S204": _article("note", "待填格里是公式 ={formula}，采用其结果 {value}", "an input holds the formula ={formula}; its result {value} was used",
        "请确认结果正确", "make sure that the result is right"),
    "V101": _article("error", "有 {count} 个格没有填，也没有声明空白处为 0", "{count} cells are empty, and it is not said that blanks are 0",
        "请逐格填写；确实都是 0 的，在该表上方“{question}”选“是”", "fill them in; if they are all 0, answer 是 to '{question}' above the table"),
    "V102": _article("error", "有 {count} 个格填的是“{raw}”一类符号，没有声明空白处为 0", "{count} cells hold '{raw}' or the like, and it is not said that blanks are 0",
        "请填数字；都是 0 的，在该表上方“{question}”选“是”", "write numbers; if they are all 0, answer 是 to '{question}' above the table"),
    "V103": _article("note", "有 {count} 个空白格按声明计为 0", "{count} blank cells count as 0, as declared",
        "不需要处理", "nothing to do"),
    "V104": _article("error", "必填项没有填", "a required field is empty", "请填写", "fill it in"),
    "V201": _article("note", "“{raw}”按 {value} 接受（{repairs}）", "'{raw}' was accepted as {value} ({repairs})",
        "建议直接填数字 {value}", "better to write just {value}"),
    "V300": _article("error", "“{raw}”不是数字", "'{raw}' is not a number",
        "只填阿拉伯数字，不写其他文字；统计表里的数字需要说明的，写在表下的“注”里", "write digits only; remarks on a table belong in the note under it"),
    "V301": _article("error", "“{raw}”里有“万”“亿”等字，不能当作数字", "'{raw}' uses a scale word such as 万 or 亿",
        "请写出完整的阿拉伯数字，单位为{unit}", "write the whole figure in digits; the unit is {unit}"),
    "V302": _article("error", "“{raw}”不是整数", "'{raw}' is not a whole number", "件数只能填整数", "counts are whole numbers"),
    "V303": _article("error", "“{raw}”里混有字母（可能把字母 O 当成了 0）", "'{raw}' has letters in it (an O for a 0?)",
        "请改用数字键输入 0 或 1", "type 0 or 1 with the digit keys"),
    "V304": _article("error", "“{raw}”是带圈或上标数字", "'{raw}' uses circled or superscript digits", "请改成普通数字", "write plain digits"),
    "V305": _article("error", "“{raw}”是汉字数字", "'{raw}' is written in Chinese numerals", "请改成阿拉伯数字", "write digits"),
    "V306": _article("error", "“{raw}”像是日期，不是数字", "'{raw}' looks like a date, not a number",
        "请先把单元格格式改回常规，再重新填数字（3-4 会被软件变成日期）", "set the cell format back to General and type the number again (3-4 becomes a date)"),
    "V307": _article("error", "“{raw}”是百分数", "'{raw}' is a percentage", "请填实际数量", "write the actual figure"),
    "V308": _article("error", "这里是逻辑值“{raw}”，不是数字", "a TRUE/FALSE value '{raw}' stands here", "请填数字", "write a number"),
    "V309": _article("error", "这里是错误值“{raw}”", "an error value '{raw}' stands here", "请删去公式，直接填数字", "remove the formula and type the number"),
    "V310": _article("error", "“{raw}”不是有效数字", "'{raw}' is not a finite number", "请重新填写", "type it again"),
    "V311": _article("error", "不能是负数（现为 {raw}）", "must not be negative (it is {raw})", "请填 0 或正数", "write 0 or a positive number"),
    "V312": _article("error", "“{raw}”超过 15 位，软件存不下", "'{raw}' has more than 15 digits, more than a spreadsheet keeps", "请核对位数", "check the digits"),
    "V313": _article("error", "“{raw}”的小数超过 {decimals} 位", "'{raw}' has more than {decimals} decimals", "请按单位 {unit} 保留至多 {decimals} 位小数", "keep at most {decimals} decimals, in {unit}"),
    "V314": _article("error", "“{raw}”不在允许的范围内（{range}）", "'{raw}' is out of range ({range})", "请核对后改正", "check and correct it"),
    "V315": _article("error", "“{raw}”写的单位与本格的单位（{unit}）不同", "the unit in '{raw}' is not the unit of this cell ({unit})",
        "请换算成 {unit}，只填数字", "convert it to {unit} and write digits only"),
    "V316": _article("error", "“{raw}”里的“万”就是本格的单位（{unit}），不用写", "the 万 in '{raw}' is the unit of this cell ({unit}) already", "只填数字部分", "write the number only"),
    "V317": _article("error", "“{raw}”的数字中间有空格，不知道是一个数还是几个数", "'{raw}' has spaces between its digits: one number or several?",
        "请去掉空格，只填一个数", "remove the spaces and write one number"),
    "V105": _article("error", "这里是公式 ={formula}，文件里没有存下结果", "this input holds the formula ={formula}, and the file stores no result for it",
        "请直接填数字；或用 WPS、Excel 打开并保存一次", "type the number, or open and save the file once in WPS or Excel"),
    "V401": _article("error", "“{raw}”不在可选项内", "'{raw}' is not one of the choices", "请从下拉列表中选择：{choices}", "choose from the list: {choices}"),
    "V402": _article("error", "“{raw}”看不出是哪一天", "'{raw}' is not a date", "请写成 2024-01-18 的样子", "write it like 2024-01-18"),
    "V403": _article("error", "“{raw}”不是网址", "'{raw}' is not a web address", "请填以 http:// 或 https:// 开头的完整网址", "write the whole address, beginning with http:// or https://"),
    "X201": _article("error", "{says}：{sides}", "{says}: {sides}",
        "请核对所列各格，改正填错的数字", "check the cells listed and mend the wrong one"),
    "X202": _article("error", "{says}：有 {count} 处缺少数字，无法判断", "{says}: cannot be judged in {count} places, figures are missing",
        "请先补齐或改正所列各格", "first fill in or mend the cells listed"),
    "X203": _article("error", "{says}", "{says}", "请补充或改正", "complete or mend it"),
    "N101": _article("error", "文字里引用了不存在的数据“{reference}”", "the text refers to '{reference}', which does not exist",
        "请改成表内数据的标识，或直接写数字", "use the id of a figure, or write the number"),
    "N102": _article("error", "文字里引用的“{reference}”没有数字", "the text refers to '{reference}', which has no figure",
        "请先填好被引用的格", "fill in the cell referred to first"),
    "N103": _article("note", "文字文件里没有与“{heading}”对应的标题，这一部分沿用工作簿里的文字", "the prose file has no heading for '{heading}'; the text of the workbook stays",
        "如果应当有，请在文件中加上这个标题", "if it should be there, add that heading to the file"),
    "N105": _article("error", "文字文件里的标题“{raw}”不是这份报告的标题，它下面的文字不知道归到哪里", "the prose file has the heading '{raw}', which this report does not have",
        "请改成报告规定的标题", "use the heading that the report has"),
    "N106": _article("error", "文字文件里有一张表格没有采用，开头是“{raw}”", "a table of the prose file was left out; it begins with '{raw}'",
        "文字部分不放表格：请把内容写成文字，或填到工作簿的统计表里", "prose holds no tables: put it in words, or into the tables of the workbook"),
    "N107": _article("note", "文字文件的标题“{raw}”没有采用，报告标题按封面生成", "the title '{raw}' of the prose file was left out; the report's own comes from the cover",
        "要改标题，请填工作簿封面的标题一格", "to change the title, fill in the title on the cover"),
    "N104": _article("error", "文字文件里的这一段不属于任何部分：“{raw}”", "this paragraph of the prose file belongs to no section: '{raw}'",
        "请放到某个标题下面", "put it under one of the headings"),
}

EXPLAIN_INSTEAD = Words("；数字无误的，请在“校验”表的说明栏写明原因", "; if the figures are right, say why in the 说明 column of the sheet 校验")

DETAILS: dict[str, Words] = {
    "broken-zip": Words("压缩结构损坏", "its zip structure is broken"),
    "broken-xml": Words("内部文件不完整", "a part of it is not well-formed"),
    "doubled-cell": Words("同一个格出现了两次", "the same cell stands twice"),
    "missing-part": Words("缺少内部文件", "a part of it is missing"),
    "missing": Words("没有这个文件", "there is no such file"),
    "folder": Words("这是文件夹，不是文件", "this is a folder, not a file"),
    "permission": Words("没有读取权限，或正被其他程序占用", "no permission to read it, or another program holds it"),
    "disk": Words("读取时出错", "it could not be read"),
    "empty": Words("文件是空的，0 字节", "the file is empty, 0 bytes"),
    "html": Words("实际是网页", "it is a web page"),
    "pdf": Words("实际是 PDF", "it is a PDF"),
    "zip": Words("是压缩包，里面不是工作簿", "it is a zip that holds no workbook"),
    "unknown": Words("内容不是工作簿", "its content is no workbook"),
    "too-large": Words("超过 20 MB", "more than 20 MB"),
    "duplicate-parts": Words("内部文件重名", "duplicate part names"),
    "dtd": Words("含有 DTD", "it holds a DTD"),
}  # the words that a place may put into {detail}; anything else is printed as it is

REPAIRS: dict[str, Words] = {
    "spaces": Words("去掉了空格", "spaces removed"),
    "full-width": Words("全角改半角", "full-width digits"),
    "unit": Words("去掉了单位", "unit removed"),
    "thousands": Words("去掉了千分位逗号", "thousands separators removed"),
    "plus": Words("去掉了加号", "plus sign removed"),
    "zeros": Words("去掉了前面的 0", "leading zeros removed"),
    "minus-zero": Words("去掉了 0 前面的负号", "minus sign before 0 removed"),
    "point-zero": Words("小数部分为 0", "decimals are zero"),
    "text": Words("以文本形式存储的数字", "number stored as text"),
}
