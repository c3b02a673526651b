"""Published pages come back in: every printed figure at its field, whatever the page was made with, and nothing guessed."""

import copy
import random
import re
import time
from decimal import Decimal

import pytest

import page_printer as printer
import xl2report
from page_printer import Cell, Report, each_cell, figures_as, framed, page, split, unclosed, word
from xl2report.checked import Terms, check_content
from xl2report.checks.figures import FigureTable
from xl2report.sources.page import read_page
from xl2report.sources.page_report import read_report
from xl2report.transferred import transfer
from xl2report.workbook.write import write

FORMS = printer.forms()
REPORTS = {
    **{form.id: printer.made_up(form) for form in FORMS},
    **{key: printer.published(key) for key in printer.KEYS},
}
MIXED = ("hongze-2023", "hongze-2024")  # one table of these is printed as the edition before had it


def figures_read(form, submission):
    """The figures of the tables by field; None where nothing is printed."""
    fields = [field.id for table in form.tables for field in table.cells]
    return {name: submission.entries[name].value for name in fields if name in submission.entries}


def codes(submission, *ignored):
    return sorted({remark.code for remark in submission.remarks} - {"S116", "S107", "V201", "N120", *ignored})


def zero_as(shown):
    return lambda report: figures_as(report, lambda text: shown if text == "0" else text, lambda text: "" if text == "0" else text)


def spans(change):
    return lambda report: each_cell(report, change)


def longer(cell: Cell):
    cell.rows += cell.kind == "row" and cell.rows > 1


def shorter(cell: Cell):
    cell.rows -= cell.kind == "row" and cell.rows > 1


def wider(cell: Cell):
    cell.columns += 3 * (cell.kind in ("column", "heading") and cell.columns > 1)


def lost(cell: Cell):
    cell.rows = cell.columns = 1


def broken(cell: Cell):
    cell.text = cell.text if cell.field else printer.broken_lines(cell.text)


def same(report: Report) -> Report:
    return report


# how a report is changed before it is printed, how it is printed, and the codes of what has to be said about that
SHAPES = {
    "clean": (same, {}, []),
    "pasted from Word": (same, {"table": word}, []),
    "in frames of layout tables": (same, {"table": framed}, []),
    "without closing tags": (same, {"table": unclosed}, []),
    "in GBK, declared": (same, {"charset": "gb2312", "encoding": "gb18030"}, []),
    "in GBK, declared as UTF-8": (same, {"charset": "utf-8", "encoding": "gbk"}, ["F117"]),
    "in UTF-8, declared as GBK": (same, {"charset": "GBK"}, ["F117"]),
    "in GBK, not declared": (same, {"charset": "", "encoding": "gbk"}, []),
    "in UTF-16": (same, {"encoding": "utf-16"}, []),
    "blanks for 0": (zero_as(""), {}, []),
    "strokes for 0": (zero_as("/"), {}, []),
    "no-break spaces around figures": (lambda report: figures_as(report, lambda text: f"\u00a0{text}\u3000"), {}, []),
    "labels broken over lines": (spans(broken), {}, []),
    "rowspans too long": (spans(longer), {}, ["S127"]),
    "rowspans too short": (spans(shorter), {}, ["S127"]),
    "colspans too wide": (spans(wider), {}, ["S127"]),
    "no spans": (spans(lost), {}, ["S127"]),
    **{
        f"over two pages, header {'repeated' if header else 'not repeated'}, groups {groups}": (
            lambda report, header=header, groups=groups: split(report, header=header, groups=groups), {},
            [] if groups == "repeated" else ["S127"],
        )
        for header in (True, False) for groups in ("gone", "blank", "repeated")
    },
}  # fmt: skip


@pytest.mark.parametrize("key", REPORTS)
@pytest.mark.parametrize(("change", "style", "expected"), SHAPES.values(), ids=SHAPES)
def test_every_figure_is_read_from_a_page_however_it_was_made(change, style, expected, key):
    report = change(copy.deepcopy(REPORTS[key]))
    form, submission = read_report(read_page(page(report, **style)), FORMS)
    assert form == report.form
    printed = {name: value for name, value in report.figures.items() if name in form.fields}
    assert {name: figures_read(form, submission).get(name, "not read") for name in printed} == printed
    assert codes(submission, "S128") == expected
    assert ("S128" in codes(submission)) == (key in MIXED)


@pytest.mark.parametrize("key", [key for key in MIXED if key in REPORTS])
def test_figures_that_only_the_other_edition_has_are_told_one_by_one(key):
    report = REPORTS[key]
    form, submission = read_report(read_page(page(report)), FORMS)
    told = [remark for remark in submission.remarks if remark.code == "S107" and remark.place.sheet == "第2个表"]
    assert len(told) == len(set(report.figures) - form.fields.keys()) == 7


@pytest.mark.parametrize("to", ["html", "html-fragment"])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_our_own_page_comes_back_with_every_figure(form, to, tmp_path):
    report = printer.made_up(form)
    typed = {name: (text if form.fields[name].kind == "amount" else Decimal(text)) for name, text in report.tables[0].figures.items()}
    typed |= {name: Decimal(text) for table in report.tables[1:] for name, text in table.figures.items() if not form.fields[name].parts}
    typed |= {field.id: Decimal(0) if field.kind == "count" else "0" for section in form.sections for field in section.fields}
    path = tmp_path / "filled.xlsx"
    path.write_bytes(write(form, {**typed, "cover.agency": report.agency, "cover.year": Decimal(report.year)}))
    checked = xl2report.check(path)
    markup = xl2report.render(checked, to=to, draft=True)
    read_as, submission = read_report(read_page(markup if isinstance(markup, bytes) else markup.encode()), FORMS)
    assert read_as == form
    figures = FigureTable(form, checked.submission)
    assert figures_read(form, submission) == {field.id: figures.number(field.id) for table in form.tables for field in table.cells}
    assert codes(submission) == []


# -- the text with strokes between its cells -----------------------------------------------------------------------------

needs_text = pytest.mark.skipif(not printer.TEXT.exists(), reason="the published text is not beside the project")


@needs_text
def test_the_published_text_reads_completely():
    result = xl2report.check(printer.TEXT)
    form, submission = result.form, result.submission
    assert (form.id, result.agency, result.year) == ("disclosure-2021", "同心县公安局", 2023)
    counts = [sum(submission.number(field.id) is not None for field in table.cells) for table in form.tables]
    assert counts == [10, 175, 15]
    above = {name: str(value) for name, value in figures_read(form, submission).items() if value}
    assert above == {
        "proactive.licence.decisions": "6", "proactive.penalty.decisions": "3259", "proactive.coercion.decisions": "707",
        "proactive.fee.amount": "77.4960", **{f"requests.{row}.{column}": "2" for row in ("new", "granted", "handled") for column in ("natural", "total")},
    }  # fmt: skip
    prose = {name: len(entry.value) for name, entry in submission.entries.items() if isinstance(entry.value, tuple)}
    assert prose == {
        "preface": 1, "overview.proactive": 2, "overview.on_request": 1, "overview.management": 1, "overview.platform": 1,
        "overview.supervision": 1, "problems.text": 2, "other_matters.text": 2,
    }  # fmt: skip
    assert "(fā)" not in submission.text("preface")
    assert "規" not in "".join(submission.text(name) for name in prose)


@needs_text
def test_what_is_lost_in_the_published_text_is_listed_and_stays_as_it_is():
    result = xl2report.check(printer.TEXT)
    lost = [(f.cells[0].place.cell, f.cells[0].value) for f in result.findings if f.code == "F121"]
    assert [place for place, _ in lost] == ["第6段", "第6段", "第17段", "第17段", "第17段"]
    assert [text for _, text in lost if "三审三?" in text] == [lost[0][1], lost[1][1], lost[4][1]]
    assert "三审三?" in result.submission.text("overview.management")
    said = {f.code: dict(f.words) for f in result.findings}
    assert said["F119"]["count"] == "75"
    assert said["S126"]["count"] == "11"  # the second row of headers cut short, and the third
    assert "F118" in said
    assert not any(finding.message() == "" for finding in result.findings)


@needs_text
@pytest.mark.parametrize("change", [
    lambda text: text.replace("行政許可 | 6", "行政許可 | 行政許可 | 6"),
    lambda text: text.replace("(七)總計 | 2 | 0", "(七)總計 | 2 | 2 | 0"),
    lambda text: text.replace("2.重復申請 | 0", "4.無正當理由大量反復申請 | 0"),
    lambda text: text.replace("結果 | 結果 | 其他 | 尚未 | 總計 | 結果", "結果 | 其他 | 結果 | 尚未 | 總計 | 結果"),
], ids=["a cell too many", "a figure too many", "a label twice", "headers in another order"])  # fmt: skip
def test_a_row_with_cells_or_labels_that_are_not_its_own_costs_its_figures(change, tmp_path):
    text = printer.TEXT.read_text(encoding="utf-8")
    assert change(text) != text
    path = tmp_path / "a.txt"
    path.write_text(change(text), encoding="utf-8")
    true, damaged = xl2report.check(printer.TEXT), xl2report.check(path)
    expected, found = (figures_read(result.form, result.submission) for result in (true, damaged))
    assert found.items() < expected.items()
    assert {finding.code for finding in damaged.findings if finding.severity == "error"} & {"S117", "S101", "S118"}


# -- what is read from a page besides its tables -------------------------------------------------------------------------


def report_page(**changes) -> bytes:
    report = printer.made_up(FORMS[-1])
    report.prose = {"overview.proactive": ("第一段。", "第二段。"), "problems.text": ("问题是有的。",), **changes.pop("prose", {})}
    return page(report, **changes)


def read_bytes(content):
    return read_report(read_page(content), FORMS)


def test_prose_goes_to_its_headings_and_the_title_names_agency_and_year():
    _, submission = read_bytes(report_page())
    assert submission.entries["overview.proactive"].value == ("第一段。", "第二段。")
    assert submission.entries["problems.text"].value == ("问题是有的。",)
    assert (submission.text("cover.agency"), submission.number("cover.year")) == ("测试县教育局", FORMS[-1].first_year)
    outside = [remark for remark in submission.remarks if remark.code == "N120"]
    assert [dict(remark.words)["count"] for remark in outside] == ["3"]  # two of the navigation, one of the footer


@pytest.mark.parametrize(("change", "expected"), [
    (("一、总体情况", "二、总体情况"), ["N121"]),
    (("五、存在的主要问题及改进情况", "五、存在的主要问题和改进措施"), ["N121"]),
    (("（五）监督保障", "（五）强化监督保障"), ["N121"]),
    (("五、存在的主要问题及改进情况", "五存在"), ["N104", "N119", "X203"]),
    (("六、其他需要报告的事项</p>", "六、其他需要报告的事项</p><p>七、大事记</p>"), ["N105"]),
    (("<h1>", "<h1 hidden>"), ["V104"]),
], ids=["misnumbered", "renamed", "a sub-heading renamed", "missing", "one too many", "no title"])  # fmt: skip
def test_headings_that_are_not_the_forms_are_findings(change, expected, tmp_path):
    path = tmp_path / "a.html"
    path.write_bytes(report_page().replace(change[0].encode(), change[1].encode()))
    result = xl2report.check(path)
    usual = {"V104", "X202", "X201", "N120", "S116", "S208"} - set(expected)
    assert sorted({finding.code for finding in result.findings} - usual) == expected


def test_a_heading_that_begins_its_paragraph_is_told_from_the_text_behind_it():
    content = report_page().replace("<p>（二）依申请公开</p>".encode(), "<p>（二）依申请公开。全年收到两件。</p>".encode())
    _, submission = read_bytes(content)
    assert submission.entries["overview.on_request"].value == ("全年收到两件。", "本年工作平稳。")


def test_characters_lost_for_good_are_told_and_not_mended():
    content = report_page(encoding="gb18030", charset="gb2312").replace("第二段".encode("gb18030"), "第".encode("gb18030") + b"\xff\xfe")
    _, submission = read_bytes(content)
    lost = [remark for remark in submission.remarks if remark.code == "F120"]
    assert len(lost) == 1
    assert "\ufffd" in submission.text("overview.proactive")


@pytest.mark.parametrize(("name", "content"), [
    ("page.xls", report_page()),
    ("page", report_page().partition(b"<h1>")[2]),
    ("page.htm", b"\xef\xbb\xbf\r\n<!--StartFragment--><p class=x>a</p>" + report_page().partition(b"</div>")[2]),
    ("page.html", b"<body>\xff\xfe\x01" + report_page()),
])  # fmt: skip
def test_a_page_is_known_by_its_content_whatever_it_is_called(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    result = xl2report.check(tmp_path / name)
    assert figures_read(result.form, result.submission) == printer.made_up(FORMS[-1]).figures


@pytest.mark.parametrize("content", [
    b"<html><body><p>nothing</p></body></html>",
    "<html><table><tr><td>行政许可<td>1<tr><td>行政处罚<td>2</table>".encode(),
    ("预算|支出|\n" * 30).encode(),
], ids=["no table", "a table of something else", "a text of something else"])  # fmt: skip
def test_a_page_without_a_table_of_any_form_is_no_report(content):
    result = check_content("a.html", content)
    assert (result.status, [finding.code for finding in result.findings]) == ("unreadable", ["F101"])


@pytest.mark.parametrize("blanks", [None, True, False])
def test_blanks_of_a_page_are_0_unless_it_is_said_that_they_are_faults(blanks):
    content = page(figures_as(printer.made_up(FORMS[-1]), lambda text: "" if text.endswith("1") else text))
    result = check_content("a.html", content, Terms(blanks_are_zero=blanks))
    told = {finding.code: finding.severity for finding in result.findings}
    assert ("V103" in told, "V106" in told) == ((blanks is not False), (blanks is False))


@needs_text
@pytest.mark.parametrize("key", [key for key in REPORTS if key not in MIXED])
def test_a_page_brought_into_a_workbook_keeps_every_input(key, tmp_path):
    report = REPORTS[key]
    (tmp_path / "page.html").write_bytes(page(copy.deepcopy(report), table=word))
    done = transfer(xl2report.check(tmp_path / "page.html"))
    (tmp_path / "filled.xlsx").write_bytes(done.content)
    again = xl2report.check(tmp_path / "filled.xlsx")
    inputs = {name: value for name, value in report.figures.items() if not report.form.fields[name].parts}
    assert {name: again.submission.entries[name].value for name in inputs} == inputs
    totals = {name: value for name, value in report.figures.items() if report.form.fields[name].parts}
    computed = FigureTable(report.form, again.submission)
    differing = {name for name, value in totals.items() if value is not None and computed.number(name) not in (value, None)}
    told = {change.target.item for change in done.changes if change.kind == "total"}
    assert {report.form.fields[name].path for name in differing} <= told
    again_page = xl2report.render(again, to="html", draft=True)
    figures = figures_read(*read_bytes(again_page if isinstance(again_page, bytes) else again_page.encode()))
    assert {name: figures[name] for name in inputs} == inputs


# -- figures that are more than figures ----------------------------------------------------------------------------------


def with_cell(field_id, text):
    report = printer.made_up(FORMS[-1])
    return page(each_cell(report, lambda cell: setattr(cell, "text", text) if cell.field == field_id else None))


@pytest.mark.parametrize(("text", "value", "note"), [
    ("22（其中修订16件）", 22, "行政规范性文件、本年制发件数22（其中修订16件）"),
    ("22件\n(其中修订16件)", 22, "行政规范性文件、本年制发件数22（其中修订16件）"),
    ("22 (修订)", 22, "行政规范性文件、本年制发件数22（修订）"),
])  # fmt: skip
def test_a_remark_behind_a_number_goes_into_the_note_under_the_table(text, value, note):
    _, submission = read_bytes(with_cell("proactive.normative.issued", text))
    assert submission.number("proactive.normative.issued") == value
    assert submission.text("proactive.note") == note
    assert "V202" in codes(submission)


@pytest.mark.parametrize(("text", "code"), [("22修订16", "V300"), ("二十二", "V305"), ("3-4", "V306"), ("12（3", "V300"), ("1 2", "V317"), ("22（16）（4）", "V300")])
def test_a_figure_in_doubt_is_refused_and_quoted(text, code):
    _, submission = read_bytes(with_cell("proactive.normative.issued", text))
    assert submission.number("proactive.normative.issued") is None
    assert [remark.code for remark in submission.remarks if remark.field == "proactive.normative.issued"] == [code]


@pytest.mark.parametrize("tables", [(0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 1, 1)])
def test_a_report_that_mixes_editions_is_recognised_table_by_table(tables):
    reports = [printer.made_up(form) for form in FORMS]
    mixed = Report("测试县教育局", 2023, FORMS[-1], [reports[edition].tables[n] for n, edition in enumerate(tables)])
    form, submission = read_bytes(page(mixed))
    own = FORMS.index(form)
    told = [dict(remark.words)["table"] for remark in submission.remarks if remark.code == "S128"]
    assert told == [form.tables[n].title for n, edition in enumerate(tables) if edition != own and n < 2]
    got = figures_read(form, submission)
    for table in mixed.tables:
        same = {name for name in table.figures if name in form.fields and form.fields[name].measure == table.form.fields[name].measure}
        assert {name: got.get(name) for name in same} == {name: Decimal(table.figures[name]) for name in same}
    assert not {name for name, value in got.items() if value is not None} - set(mixed.figures)


@pytest.mark.parametrize(("old", "new"), [
    ("行政规范性文件", "规范性文件"), ("本年制发件数", "本年制发发件数"), ("本年处理决定数量", "本年处理决定数"), ("行政强制", "行政強制"),
    ("第二十条第（一）项", "第二十条第一项"), ("3.补正后申请内容仍不明确", "3、补正后申请内容仍不明确"), ("法律服务机构", "法律服务机枃"),
    ("四、结转下年度继续办理", "四、结转下年度继续办"), ("2.重复申请", "2.重复重复申请"),
])  # fmt: skip
def test_labels_that_are_nearly_the_forms_are_told_by_their_order(old, new):
    report = printer.made_up(FORMS[-1])
    form, submission = read_bytes(page(each_cell(report, lambda cell: setattr(cell, "text", cell.text.replace(old, new)))))
    assert figures_read(form, submission) == report.figures
    assert codes(submission) == ["S126", "S127"]


@pytest.mark.parametrize(("table", "one", "other"), [
    (0, "行政处罚", "行政强制"), (0, "第二十条第（五）项", "第二十条第（六）项"), (1, "科研机构", "法律服务机构"),
    (1, "1.属于国家秘密", "2.重复申请"), (2, "未经复议直接起诉", "复议后起诉"), (1, "（三）不予公开", "（五）不予处理"),
])  # fmt: skip
def test_labels_that_changed_places_move_no_figure(table, one, other):
    report = printer.made_up(FORMS[-1])
    swapped = {one: other, other: one}
    for row in report.tables[table].rows:
        for cell in row:
            cell.text = swapped.get(cell.text, cell.text)
    _, submission = read_bytes(page(report))
    got = figures_read(FORMS[-1], submission)
    assert got.items() < report.figures.items()
    assert {"S103", "S117"} & set(codes(submission))


@pytest.mark.parametrize("spans", ["true", "lost"])
@pytest.mark.parametrize("change", ["left out", "doubled", "blank one put in"])
def test_a_cell_too_few_or_too_many_moves_no_figure(change, spans):
    rnd = random.Random(5)
    for _ in range(60):
        report = printer.made_up(FORMS[-1])
        if spans == "lost":
            each_cell(report, lost)
        row = rnd.choice(rnd.choice(report.tables).rows)
        at = rnd.randrange(len(row))
        if change == "left out":
            del row[at]
        else:
            row.insert(at, Cell("input", row[at].text if change == "doubled" else ""))
        content = page(report)
        found = read_bytes(content)
        got = figures_read(*found) if found else {}
        wrong = {name: (value, report.figures[name]) for name, value in got.items() if value != report.figures[name] and value is not None}
        assert not wrong, (change, row[at - 1 : at + 1])


def test_labels_cut_short_are_told_by_order_only_where_no_row_is_missing():
    report = printer.made_up(FORMS[-1])
    each_cell(report, lambda cell: setattr(cell, "text", cell.text[:2] if cell.text in ("行政处罚", "行政强制") else cell.text))
    whole = figures_read(FORMS[-1], read_bytes(page(report))[1])
    assert whole == report.figures
    report.tables[0].rows = [row for row in report.tables[0].rows if "proactive.penalty.decisions" not in {cell.field for cell in row}]
    got = figures_read(FORMS[-1], read_bytes(page(report))[1])
    assert {name for name in whole if name not in got} == {"proactive.penalty.decisions", "proactive.coercion.decisions"}


# -- pages as hostile as they come ---------------------------------------------------------------------------------------


HOSTILE = {
    "tables in each other": b"<html>" + b"<table><tr><td>" * 5000,
    "elements in each other": b"<html><body>" + b"<div>" * 100_000,
    "a span of everything": b"<html><table>" + b"<tr><td rowspan=99999999 colspan=99999999>1<td>2</tr>" * 400,
    "many spans": b"<html><table>" + b"<tr>" + b"<td rowspan=60000>1" * 900 + b"</tr>" + b"<tr><td>1<td>2</tr>" * 50_000,
    "many cells": b"<html><table>" + b"<tr><td>1<td>2</tr>" * 150_000,
    "an open comment": b"<html><!-- " + b"<!-- " * 100_000,
    "open declarations": b"<html>" + b"<!x" * 100_000,
    "an open tag": b"<html><a " + b"x " * 2_000_000,
    "open brackets": b"<html>" + b"<a " * 300_000,
    "an open script": b"<html><script>" + b"</ script>" * 100_000,
    "references": b"<html><p>" + b"&#x110000;&amp" * 100_000,
    "marked sections": b"<html>" + b"<![if x]><![CDATA[" * 50_000,
    "one long line": b"<html><p>" + "字".encode() * 3_000_000,
    "strokes": b"|" * 3_000_000,
    "lines of strokes": b"|1|2|\n" * 150_000,
    "brackets in a text": ("的" + "(" * 200_000).encode() + b"|" * 30,
    "nothing but titles": "《甲2023年政府信息公开工作年度报告》".encode() * 50_000 + b"|" * 30,
}  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_page_gets_a_verdict_in_time(content, tmp_path):
    path = tmp_path / "a.html"
    path.write_bytes(content)
    began = time.perf_counter()
    result = xl2report.check(path)
    assert time.perf_counter() - began < 15
    assert result.status == "unreadable"
    assert result.findings[0].message()


def mutated(rnd: random.Random, content: bytes) -> bytes:
    """A page with some of its tags, bytes or pieces dropped, doubled, moved or changed."""
    pieces = re.findall(rb"<[^>]*>|[^<]+", content)
    for _ in range(rnd.randint(1, 12)):
        at, other = rnd.randrange(len(pieces)), rnd.randrange(len(pieces))
        match rnd.randrange(7):
            case 0:
                del pieces[at]
            case 1:
                pieces.insert(at, pieces[other])
            case 2:
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case 3:
                del pieces[at : at + rnd.randint(1, 40)]
            case 4:
                pieces[at] = pieces[at].replace(b'span="', b'span="%d' % rnd.randint(0, 9))
            case 5:
                pieces[at] = bytes(rnd.randrange(256) if rnd.random() < 0.2 else byte for byte in pieces[at])
            case 6:
                pieces[at:at] = [b"<td>", b"<tr>", b"</table>", b"<table>", b"</td>", b"<td hidden>", b"<td rowspan=0>", b"&nbsp;"][rnd.randrange(8) :][:1]
    return b"".join(pieces)


@pytest.mark.parametrize("seed", range(6))
def test_mutated_pages_end_in_a_verdict_and_no_figure_lands_in_another_field_in_silence(seed):
    rnd = random.Random(seed)
    report = printer.made_up(FORMS[seed % 2])
    owners = {value: name for name, value in report.figures.items()}
    contents = [page(report), page(report, table=word), page(report, table=framed), page(report, charset="gb2312", encoding="gb18030")]
    for n in range(50):
        result = check_content(f"{n}.html", mutated(rnd, rnd.choice(contents)))
        [finding.message() + finding.fix() for finding in result.findings]
        if result.submission is None:
            continue
        got = figures_read(result.form, result.submission)
        moved = {name: value for name, value in got.items() if owners.get(value, name) != name}
        errors = {finding.code for finding in result.findings if finding.severity == "error"}
        assert not moved or errors & {"S103", "S107", "S117", "S118", "S128", "S129", "X201"}, (seed, n, moved)
