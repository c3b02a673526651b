"""What can be wrong with a form file: every fault with its place, its text and one sentence in two languages."""

from __future__ import annotations

from dataclasses import dataclass

SENTENCES: dict[str, tuple[str, str]] = {
    "yaml": ("不是有效的 YAML：{detail}", "not valid YAML: {detail}"),
    "duplicate-key": ("键“{text}”重复出现", "the key '{text}' appears twice"),
    "unknown-key": ("这里没有“{text}”这个键，可用的键：{detail}", "no such key '{text}' here; known keys: {detail}"),
    "missing-key": ("缺少键“{detail}”", "the key '{detail}' is missing"),
    "not-a-mapping": ("这里应当是“键: 值”的结构", "a mapping belongs here"),
    "not-a-list": ("这里应当是列表", "a list belongs here"),
    "not-text": ("这里应当是一段文字", "a text belongs here"),
    "not-whole": ("“{text}”不是整数", "'{text}' is not a whole number"),
    "not-yes-no": ("“{text}”应写 true 或 false", "'{text}' must be true or false"),
    "not-one-of": ("“{text}”不在可选值之内：{detail}", "'{text}' is not one of: {detail}"),
    "bad-id": ("“{text}”不能作标识：用小写字母开头，只含小写字母、数字、下划线和点", "'{text}' cannot be an id: start with a small letter; small letters, digits, _ and . only"),
    "duplicate-id": ("标识“{text}”已经用过", "the id '{text}' is used already"),
    "unknown-field": ("没有“{text}”这个字段", "there is no field '{text}'"),
    "unknown-table": ("没有“{text}”这张表", "there is no table '{text}'"),
    "unused-table": ("表“{text}”没有放进任何一个部分", "the table '{text}' stands in no section"),
    "unknown-scope": ("each 里的“{text}”在表中找不到", "'{text}' in each is not in any table"),
    "unknown-line": ("图表里的行或列“{text}”在表中找不到；只有一行的表可以不写", "the line '{text}' of a chart is not in the table; only a table of one row needs none"),
    "unknown-leaf": ("合计或 parts_of 里的“{text}”不是同一方向上的行或列", "'{text}' in sum or parts_of is no line of the same axis"),
    "unknown-last": ("from_last 里的“{text}”不是同一组的字段，也不是同一方向上的行或列", "'{text}' in from_last is no field of the same group and no line of the same axis"),
    "other-kind": ("from_last 里的“{text}”种类或单位与这里不同，不能照抄过来", "'{text}' in from_last is of another kind or unit: it cannot be taken over"),
    "total-without-rule": ("合计“{text}”没有规则核对它（写一条 check: {text} == parts({text})）", "no rule checks the total '{text}' (write check: {text} == parts({text}))"),
    "sheet-name": ("工作表名“{text}”不合用：最多 31 个字符，不含 [ ] : * ? / \\，不能重复", "the sheet name '{text}' will not do: at most 31 characters, none of [ ] : * ? / \\, no repeats"),
    "character": ("规则里不认识的字符“{text}”", "a character outside the language: '{text}'"),
    "comparison-missing": ("规则里缺少比较符号（== != <= >= < >）", "a comparison is missing (== != <= >= < >)"),
    "after-the-end": ("规则在“{text}”之前就该结束了：只能有一个比较", "the rule should have ended before '{text}': one comparison only"),
    "operand-missing": ("这里缺少名称或数字", "a name or a number is missing here"),
    "function": ("没有函数“{text}”，可用：sum parts length contains", "no function '{text}'; there are: sum parts length contains"),
    "parenthesis": ("括号没有配对", "a parenthesis is not closed"),
    "unknown-name": ("规则里的名称“{text}”在表单里找不到", "the name '{text}' is not in the form"),
    "not-a-number": ("“{text}”不是数字字段，不能参加运算", "'{text}' is not a number field"),
    "not-a-total": ("“{text}”不是合计，parts 用不上", "'{text}' is no total, so it has no parts"),
    "arguments": ("函数“{text}”的参数不对", "the arguments of '{text}' do not fit"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the file, its line and column (from 1), which sentence, the offending text."""

    path: str
    line: int
    column: int
    code: str
    text: str = ""
    detail: str = ""

    def message(self, language: str = "zh") -> str:
        zh, en = SENTENCES[self.code]
        sentence = (en if language == "en" else zh).format(text=self.text, detail=self.detail)
        return f"{self.path}:{self.line}:{self.column}: {sentence}"


class FormError(Exception):
    """A form file with faults: all of them, in the order of the file."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.path, fault.line, fault.column)))
        super().__init__("\n".join(fault.message() for fault in self.faults))
