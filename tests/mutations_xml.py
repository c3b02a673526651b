"""Mutators of the XML inside a workbook: its cells, rows, sheets, names, strings, styles, relations, encodings.

Each takes a random generator and the parts by name, and changes the parts in place. ``XML`` holds them with their weights.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Parts = dict[str, bytes]

CELL = re.compile(rb"<c\b[^>]*?(?:/>|>.*?</c>)", re.DOTALL)
ROW = re.compile(rb"<row\b[^>]*?(?:/>|>.*?</row>)", re.DOTALL)
STRING = re.compile(rb"<si\b[^>]*?(?:/>|>.*?</si>)", re.DOTALL)
TAG = re.compile(rb"<[^>]*>")
_ATTRIBUTE = re.compile(rb'\s[\w:]+="[^"]*"')
_FIGURE = re.compile(rb'<c r="[A-Z]+[0-9]+"[^>]*?><v>[0-9.]+</v></c>')
NUMBERS = (
    "0", "1", "7", "12", "-3", "2.5", "1.0", "3.", ".5", "+5", "007", "1E3", "1.5E-7", "1e400", "1E-400", "12E-1", "NaN", "INF", "-0", "0x10", "1_0", "1,200",
    "１２", "①", " 5 ", "5\n", "\u00a05", "1 2", "-", "", "123456789012345", "1234567890123456", "0.1234567890123456789", "9" * 400, "9" * 401, "45000",
    "45000.5", "60", "2958466", "2.0000000000000001", "77.4960", "٣", "1e5_0", "e5", "1e", "0E300", "0e-300", "-0E5", "0.0", "1E2", "120E-1", "1e15", "99999999999999.5", "Infinity", "true",
)  # fmt: skip
TEXTS = (
    "3件", "３", "1,200", "1，200", "①", "一百二十", "3-4", "5%", "O", "1O", "#REF!", "TRUE", "  7  ", "７\u3000", "1 200", "1 2", "\u200b5", "无", "/", "—", "-",
    "_x0001_5", "5_x000D_", "_x005F_x0031_", "_x0035_", "_xD83D__xDE00_", "_xD800_5", "&#1;5", "5\x01", "5\x0b6", "&#x35;", "万", "1.5万", "5元", "0", "00", "5.0",
    "+5", "=1+1", "是", "否", "2024-01-18", "2024年1月18日", "2024年2月30日", "http://a.example.cn/", "字" * 40000, "a\r\nb", "&lt;b&gt;", "{requests.new.total}",
    "{cover.mobile}", "xl2report|", "xl2report|disclosure-2021|1|cover", "#content", "\U0001f600", "\u202e123", "１，２００", "0.50", "-0", "1234567890123456", "",
)  # fmt: skip

STRUCTURES: tuple[tuple[str, bytes], ...] = (
    ("", b"<v/>"), ("", b"<v></v>"), ("", b""), ("", b"<v>5</v><v>6</v>"), ("", b"<v>5</v><v/>"), ("", b"<v><v>5</v></v>"), ("n", b"<is><t>5</t></is>"),
    ("inlineStr", b"<v>5</v>"), ("inlineStr", b"<is><t>5</t></is><v>6</v>"), ("inlineStr", b"<is><t>5</t></is><is><t>6</t></is>"),
    ("inlineStr", b"<is><t>5</t><t>6</t></is>"), ("inlineStr", b"<is><r><t>1</t></r><r><t>2</t></r></is>"), ("inlineStr", b"<is/>"), ("inlineStr", b"<t>5</t>"),
    ("inlineStr", b'<is><t>5</t><rPh sb="0" eb="1"><t>9</t></rPh></is>'), ("inlineStr", b'<is><rPh sb="0" eb="1"><t>9</t></rPh><t>5</t></is>'),
    ("inlineStr", b"<is><r><rPr><b/></rPr><t>5</t></r><t>6</t></is>"), ("", b"<x><v>5</v></x>"), ("", b"<v>5</v><x>6</x>"), ("str", b"<v>5</v><is><t>6</t></is>"),
    ("", b"<v>1<!-- c -->2</v>"), ("", b"<v><![CDATA[5]]></v>"), ("", b"<v>1<?p q?>2</v>"), ("", b"<v>&#53;</v>"), ("", b"<v>1&#1;2</v>"), ("", b"<v>1\x022</v>"),
    ("str", b"<v>1\x022</v>"), ("", b"<v>\xef\xbf\xbe5</v>"), ("", b'<v xml:space="preserve"> 5 </v>'), ("", b"5"), ("", b"<extLst><ext><v>5</v></ext></extLst>"),
    ("d", b"<v>2024-01-18</v>"), ("d", b"<v>2024-01-18T12:30:00</v>"), ("d", b"<v>5</v>"), ("b", b"<v>1</v>"), ("b", b"<v>7</v>"), ("e", b"<v>#N/A</v>"), ("e", b"<v>5</v>"),
    ("x", b"<v>5</v>"), ("N", b"<v>5</v>"), (" n", b"<v>5</v>"), ("", b'<v xmlns="urn:x">5</v>'), ("", b'<x:v xmlns:x="urn:x">5</x:v>'), ("", b"<v>5</v>6"),
    ("", b'<mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice><v>5</v></mc:Choice><mc:Fallback><v>6</v></mc:Fallback></mc:AlternateContent>'),
    ("s", b""), ("s", b"<v/>"), ("s", b"<v>-1</v>"), ("s", b"<v>999999</v>"), ("s", b"<v> 3 </v>"), ("s", b"<v>3.0</v>"), ("s", b"<v>03</v>"), ("str", b"<f>A1</f><v/>"),
)  # fmt: skip


def text_parts(rng: random.Random, part: bytes) -> bytes:
    """A part with one of its tags or attributes deleted, doubled or exchanged: general damage that keeps it XML at times."""
    tags = list(TAG.finditer(part))
    if len(tags) < 2:
        return part
    a, b = sorted(rng.sample(range(len(tags)), 2))
    first, second = tags[a], tags[b]
    what = rng.randrange(6)
    if what == 0:
        return part[: first.start()] + part[first.end() :]
    if what == 1:
        return part[: first.end()] + first.group() + part[first.end() :]
    if what == 2:
        return part[: first.start()] + second.group() + part[first.end() : second.start()] + first.group() + part[second.end() :]
    attributes = list(_ATTRIBUTE.finditer(part, first.start(), second.end()))
    if not attributes:
        return part
    one, other = rng.choice(attributes), rng.choice(attributes)
    if what == 3:
        return part[: one.start()] + part[one.end() :]
    if what == 4:
        return part[: one.end()] + other.group() + part[one.end() :]
    return part[: one.start()] + other.group() + part[one.end() :]


# -- what is chosen ----------------------------------------------------------------------------------------------------


def sheet_names(parts: Parts) -> list[str]:
    return [name for name in parts if re.fullmatch(r"(?i)xl/worksheets/[^/]+\.xml", name)]


def _sheet(rng: random.Random, parts: Parts) -> str:
    """One of the sheets, as a rule one that people fill in: those that are generated hold most of the formulas."""
    names = sheet_names(parts)
    filled = [name for name in names if parts[name].count(b"<f>") < 50 and parts[name].count(b"<c ") > 20]
    return rng.choice(filled if filled and rng.random() < 0.93 else names) if names else next(iter(parts))


def _choice(rng: random.Random, part: bytes, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
    found = list(pattern.finditer(part))
    return rng.choice(found) if found else None


def _cell(rng: random.Random, part: bytes) -> re.Match[bytes] | None:
    return (_choice(rng, part, _FIGURE) if rng.random() < 0.6 else None) or _choice(rng, part, CELL)


def _put(part: bytes, match: re.Match[bytes], new: bytes) -> bytes:
    return part[: match.start()] + new + part[match.end() :]


def _attribute(tag: bytes, name: str) -> bytes:
    found = re.search(rb"\s%s=\"([^\"]*)\"" % name.encode(), tag)
    return found.group(1) if found else b""


def _with_attribute(element: bytes, name: str, value: bytes | None) -> bytes:
    """An element whose first tag has another value of an attribute, or None: without it."""
    end = element.index(b">")
    tag = re.sub(rb"\s%s=\"[^\"]*\"" % name.encode(), b"", element[:end])
    if value is not None:
        tag = tag.removesuffix(b"/") + b' %s="%s"' % (name.encode(), value) + (b"/" if tag.endswith(b"/") else b"")
    return tag + element[end:]


def _part(parts: Parts, name: str) -> str:
    return next((found for found in parts if found.lower() == name.lower()), name)


# -- cells -------------------------------------------------------------------------------------------------------------


def cell_number(rng: random.Random, parts: Parts) -> None:
    _cell_becomes(rng, parts, b"", b"<v>%s</v>" % escaped(rng.choice(NUMBERS)))


def cell_text(rng: random.Random, parts: Parts) -> None:
    text = escaped(rng.choice(TEXTS))
    if rng.random() < 0.5:
        _cell_becomes(rng, parts, b' t="str"', b"<v>%s</v>" % text)
    else:
        space = rng.choice((b"", b' xml:space="preserve"', b' xml:space="default"'))
        _cell_becomes(rng, parts, b' t="inlineStr"', b"<is><t%s>%s</t></is>" % (space, text))


def escaped(text: str) -> bytes:
    return text.replace("&lt;", "<").replace("<", "&lt;").encode()


def _cell_becomes(rng: random.Random, parts: Parts, kind: bytes, body: bytes) -> None:
    name = _sheet(rng, parts)
    if match := _cell(rng, parts[name]):
        tag = match.group()
        style = _attribute(tag, "s")
        keeps = b' s="%s"' % style if style and rng.random() < 0.8 else b""
        parts[name] = _put(parts[name], match, b'<c r="%s"%s%s>%s</c>' % (_attribute(tag, "r"), keeps, kind, body))


def cell_structure(rng: random.Random, parts: Parts) -> None:
    """Cells that hold their value in odd ways, or two of them."""
    kind, body = rng.choice(STRUCTURES)
    _cell_becomes(rng, parts, b' t="%s"' % kind.encode() if kind else b"", body)


def cell_kind(rng: random.Random, parts: Parts) -> None:
    name = _sheet(rng, parts)
    if match := _cell(rng, parts[name]):
        kind = rng.choice((b"n", b"s", b"str", b"b", b"e", b"d", b"inlineStr", b"x", b"", None))
        parts[name] = _put(parts[name], match, _with_attribute(match.group(), "t", kind))


def cell_style(rng: random.Random, parts: Parts) -> None:
    name = _sheet(rng, parts)
    if match := _cell(rng, parts[name]):
        style = rng.choice((str(rng.randrange(30)), str(rng.randrange(30)), "0", "8", "08", "999", "-1", "x", ""))
        parts[name] = _put(parts[name], match, _with_attribute(match.group(), "s", style.encode()))


def cell_shown(rng: random.Random, parts: Parts) -> None:
    """A figure under a style of its own: a date, a percentage, a text, a format of the mutator's."""
    style, name = _part(parts, "xl/styles.xml"), _sheet(rng, parts)
    match, styles = _cell(rng, parts[name]), re.search(rb"<cellXfs[^>]*>(.*?)</cellXfs>", parts.get(style, b""), re.DOTALL)
    if match and styles:
        count = len(re.findall(rb"<xf\b", styles.group(1)))
        code = rng.choice((b"0%", b"yyyy-mm-dd", b"h:mm", b'0"%"', b'"d"0', b"[Red]0", b"[$-804]m/d", b"General", b"0.0_%", b"\\y0", b"@", b"[h]", b"#,##0;;"))
        number = rng.choice((b"9", b"10", b"14", b"22", b"31", b"49", b"57", b"1", b"199", b"199", b"199", b"199"))
        part = parts[style].replace(styles.group(), styles.group().replace(b"</cellXfs>", b'<xf numFmtId="%s" fontId="0" fillId="0" borderId="0"/></cellXfs>' % number))
        new = b'<numFmt numFmtId="199" formatCode="%s"/>' % code.replace(b'"', b"&quot;")
        made = part.replace(b"</numFmts>", new + b"</numFmts>") if b"</numFmts>" in part else re.sub(rb"(<styleSheet[^>]*>)", lambda found: found.group() + b'<numFmts count="1">' + new + b"</numFmts>", part)
        parts[style] = made
        parts[name] = _put(parts[name], match, _with_attribute(match.group(), "s", b"%d" % count))


def cell_formula(rng: random.Random, parts: Parts) -> None:
    name = _sheet(rng, parts)
    match = _cell(rng, parts[name])
    if not match:
        return
    cell = match.group()
    if b"<f" in cell and rng.random() < 0.5:
        new = re.sub(rb"<f\b[^>]*?(?:/>|>.*?</f>)", b"", cell)
    else:
        formula = rng.choice((
            b"<f>1+1</f>", b"<f/>", b'<f t="shared" si="0"/>', b'<f t="shared" ref="A1:Z99" si="0">A1</f>', b'<f t="array" ref="E9:F10">A1:A2</f>', b"<f>A1</f><f>B1</f>",
            b"<f>" + b"A" * 9000 + b"</f>", b"<f><v>5</v></f>", b"<f t='dataTable' ref='A1'/>", b"<f>\xe8\xa1\xa8!A1</f>",
        ))  # fmt: skip
        new = cell[:-2] + b">" + formula + b"</c>" if cell.endswith(b"/>") else cell.replace(b">", b">" + formula, 1)
        if rng.random() < 0.3:
            new = re.sub(rb"<v>.*?</v>", b"", new)
    parts[name] = _put(parts[name], match, new)


def cell_reference(rng: random.Random, parts: Parts) -> None:
    name = _sheet(rng, parts)
    if match := _cell(rng, parts[name]):
        at = _attribute(match.group(), "r").decode()
        letters, row = at.rstrip("0123456789"), at.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or "1"
        new = rng.choice((
            None, at.lower(), f"{letters}{int(row) + 1}", f"{letters}0", f"{letters}00{row}", f"{chr(ord(letters[-1:] or 'A') + 1)}{row}", f"${letters}${row}", "", "5", "A",
            "XFD1048576", "XFE1", "A1048577", f"{letters}{row}x", f" {at}", f"ZZ{row}", f"{letters}²",
        ))  # fmt: skip
        parts[name] = _put(parts[name], match, _with_attribute(match.group(), "r", None if new is None else new.encode()))


def no_references(rng: random.Random, parts: Parts) -> None:
    """All cells or rows of a sheet without their names: they count from the left, from the top."""
    name = _sheet(rng, parts)
    pattern = rng.choice((rb'(<c\b[^>]*?) r="[A-Z]+[0-9]+"', rb'(<row\b[^>]*?) r="[0-9]+"'))
    parts[name] = re.sub(pattern, rb"\1", parts[name])


def cells_moved(rng: random.Random, parts: Parts) -> None:
    """A cell deleted, doubled, exchanged with another, in the file or on the sheet."""
    name = _sheet(rng, parts)
    cells = list(CELL.finditer(parts[name]))
    if len(cells) < 2:
        return
    at = rng.randrange(len(cells) - 1)
    first, second = cells[at], cells[at + 1 if rng.random() < 0.5 else rng.randrange(at + 1, len(cells))]
    part, what = parts[name], rng.randrange(5)
    if what == 0:
        parts[name] = _put(part, first, b"")
    elif what == 1:
        parts[name] = _put(part, first, first.group() * 2)
    elif what == 2:
        parts[name] = _put(_put(part, second, first.group()), first, second.group())
    else:  # the content moves, the names stay
        a, b = (_with_attribute(one.group(), "r", _attribute(other.group(), "r")) for one, other in ((first, second), (second, first)))
        parts[name] = _put(_put(part, second, a), first, b if what == 3 else b"")


def cell_added(rng: random.Random, parts: Parts) -> None:
    """A figure or a text where nothing stood."""
    name = _sheet(rng, parts)
    if match := _choice(rng, parts[name], ROW):
        row = match.group()
        number = _attribute(row, "r") or b"1"
        column = rng.choice("A B C D E F K L M Z AA XFD".split()).encode()
        kind, text = rng.choice(((b"", b"5"), (b"", b"66"), (b' t="str"', b"7"), (b' t="str"', "另有3件".encode()), (b' t="str"', b" "), (b' t="b"', b"1")))
        cell = b'<c r="%s%s"%s><v>%s</v></c>' % (column, number, kind, text)
        new = row[:-2] + b">" + cell + b"</row>" if row.endswith(b"/>") else row[: -len(b"</row>")] + cell + b"</row>"
        parts[name] = _put(parts[name], match, new)


def rows(rng: random.Random, parts: Parts) -> None:
    """A row deleted, doubled, exchanged, renumbered, put at the end, nested."""
    name = _sheet(rng, parts)
    found = list(ROW.finditer(parts[name]))
    if len(found) < 2:
        return
    at = rng.randrange(len(found) - 1)
    first, second, part = found[at], found[at + 1], parts[name]
    one, other = first.group(), second.group()
    renumbered = _with_attribute(one, "r", rng.choice((None, b"0", b"1048576", b"1048577", b"-1", b"x", b"007", _attribute(other, "r"))))
    parts[name] = rng.choice((
        _put(part, first, b""), _put(part, first, one * 2), _put(_put(part, second, one), first, other), _put(part, first, renumbered), _put(part, first, b"<row>" + one + b"</row>"),
        _put(part, first, b"").replace(b"</sheetData>", one + b"</sheetData>"), part.replace(b"</sheetData>", one + b"</sheetData>"), part.replace(b"</sheetData>", b"</sheetData><sheetData>" + one + b"</sheetData>"),
        part.replace(b"<sheetData>", one + b"<sheetData>"), _put(part, second, one.replace(_attribute(one, "r"), _attribute(other, "r"))), part.replace(one, re.sub(rb"</?row[^>]*>", b"", one)),
    ))  # fmt: skip


def merges(rng: random.Random, parts: Parts) -> None:
    name = _sheet(rng, parts)
    match = _cell(rng, parts[name])
    at = _attribute(match.group(), "r") if match else b"A1"
    area = rng.choice((at + b":" + at, at, at + b":", b"", b":", b"A1:XFD1048576", b"B2:A1", b"A1:XFD1048577", b"E9:F9", at + b":K99", b"C4:D4", b"A1 B2", b"A1:B2:C3", b"$A$1:$B$2"))
    merge = b'<mergeCell ref="%s"/>' % area
    if b"<mergeCells" in parts[name] and rng.random() < 0.8:
        parts[name] = re.sub(rb"(<mergeCells\b[^>]*>)", lambda found: found.group() + merge * rng.choice((1, 1, 2, 500)), parts[name], count=1)
    else:
        parts[name] = parts[name].replace(b"</sheetData>", b"</sheetData><mergeCells>" + merge + b"</mergeCells>")


# -- strings and ids ---------------------------------------------------------------------------------------------------


def string_index(rng: random.Random, parts: Parts) -> None:
    name = _sheet(rng, parts)
    found = list(re.finditer(rb't="s"[^>]*><v>([0-9]+)</v>', parts[name]))
    if found:
        match = rng.choice(found)
        index = int(match.group(1))
        new = rng.choice((index + 1, max(index - 1, 0), rng.randrange(index + 1), int(rng.choice(found).group(1)), 10**6))
        parts[name] = parts[name][: match.start(1)] + str(new).encode() + parts[name][match.end(1) :]


def strings(rng: random.Random, parts: Parts) -> None:
    """A shared string deleted, doubled, exchanged, emptied, made of runs; so its label, id or stamp changes."""
    name = _part(parts, "xl/sharedStrings.xml")
    found = list(STRING.finditer(parts.get(name, b"")))
    if len(found) < 2:
        return
    a, b = sorted(rng.sample(range(len(found)), 2))
    first, second, part = found[a], found[b], parts[name]
    text = b"".join(re.findall(rb"<t[^>]*>([^<]*)</t>", first.group()))
    new = rng.choice((
        b"", first.group() * 2, b"<si/>", b"<si></si>", b"<si><t/></si>", b"<si><t>%s</t><t>x</t></si>" % text, b"<si><r><t>%s</t></r><r><t>x</t></r></si>" % text,
        b"<si><t>%s</t><rPh sb='0' eb='1'><t>x</t></rPh></si>" % text, b"<si><si><t>%s</t></si></si>" % text, b"<si><t>%s&#10;</t></si>" % text, b"<si><t>%s\x01</t></si>" % text,
        b"<si><t>%s</t></si>" % escaped(rng.choice(TEXTS)), second.group(), b"<si><t>%s</t></si>" % text[: len(text) // 2].decode("utf-8", "ignore").encode(), b"<x>%s</x>" % text, b"<si>%s</si>" % text,
        b"<si><t>%s1</t></si>" % text, b"<si><t><x/>%s</t></si>" % text,
    ))  # fmt: skip
    exchanged = _put(_put(part, second, first.group()), first, second.group())
    parts[name] = exchanged if rng.random() < 0.3 else _put(part, first, new)


def strings_part(rng: random.Random, parts: Parts) -> None:
    name = _part(parts, "xl/sharedStrings.xml")
    part = parts.get(name, b"")
    parts[name] = rng.choice((b"", b"<sst/>", part[: len(part) // 2], re.sub(rb"(<t)>", rb'\1 xml:space="preserve">', part), part.replace(b"<sst", b"<sst><si><t>0</t></si><x"), re.sub(rb"<si>", b"<si>\n  ", part)))
    if rng.random() < 0.3:
        del parts[name]


# -- the workbook, styles, relations -----------------------------------------------------------------------------------


def sheets(rng: random.Random, parts: Parts) -> None:
    name = _part(parts, "xl/workbook.xml")
    part = parts[name]
    found = list(re.finditer(rb"<sheet\b[^>]*/>", part))
    if len(found) < 2:
        return
    a, b = sorted(rng.sample(range(len(found)), 2))
    first, second = found[a], found[b]
    one, other = first.group(), second.group()

    def exchanged(attribute: str) -> bytes:
        x, y = _attribute(one, attribute), _attribute(other, attribute)
        return _put(_put(part, second, _with_attribute(other, attribute, x)), first, _with_attribute(one, attribute, y))

    names = ("表一", "Sheet1", "'", "a'b!c", "", _attribute(other, "name").decode(), " 封面", "封面", "x" * 300, "&#9;", "=1")
    parts[name] = rng.choice((
        _put(part, first, b""), _put(part, first, one * 2), exchanged("name"), exchanged("r:id"), _put(_put(part, second, one), first, other),
        _put(part, first, _with_attribute(one, "name", escaped(rng.choice(names)))), _put(part, first, _with_attribute(one, "state", rng.choice((b"hidden", b"veryHidden", b"x")))),
        _put(part, first, _with_attribute(one, "r:id", rng.choice((b"", b"rId99", b"rId12", _attribute(other, "r:id"))))), _put(part, first, _with_attribute(one, "name", None)), part.replace(b"<sheets>", b"<sheets/><x>").replace(b"</sheets>", b"</x>"),
        _put(part, first, one + one.replace(b"name=\"", b'name="2')), part.replace(b"<workbookPr", b'<workbookPr date1904="1"'), part.replace(b"<sheet ", b"<x:sheet xmlns:x='urn:x' "),
    ))  # fmt: skip


def names(rng: random.Random, parts: Parts) -> None:
    """Defined names changed, deleted, doubled, pointed elsewhere."""
    name = _part(parts, "xl/workbook.xml")
    part = parts[name]
    found = list(re.finditer(rb'<definedName name="x2r_f_[^>]*>[^<]*</definedName>', part))
    if len(found) < 2:
        return
    first, second = rng.sample(found, 2)
    one, other = first.group(), second.group()
    target, tag = one[one.index(b">") + 1 : one.index(b"</")], one[: one.index(b">") + 1]
    new = rng.choice((
        b"", one * 2, other, tag + b"#REF!</definedName>", tag + b"</definedName>", one.replace(b'"x2r', b'localSheetId="2" name="x2r', 1), tag + other[other.index(b">") + 1 :],
        tag + re.sub(rb"[0-9]+", lambda row: str(int(row.group()) + 1).encode(), target) + b"</definedName>", tag + target + b"," + target + b"</definedName>", tag + target.replace(b"'", b"") + b"</definedName>",
        tag + b"1/0</definedName>", tag + b"[1]" + target + b"</definedName>", one.replace(b"x2r_f_", b"x2r_f_x"), tag + b"OFFSET(" + target + b",1,0)</definedName>", one.replace(b'name="', b'name="_'),
    ))  # fmt: skip
    what = rng.random()
    if what < 0.1:
        parts[name] = re.sub(rb"<definedNames>.*</definedNames>", b"", part, flags=re.DOTALL)
    elif what < 0.2:
        parts[name] = part.replace(b'name="x2r_f_', b'name="y2r_f_')
    else:
        parts[name] = _put(part, first, new)


def styles(rng: random.Random, parts: Parts) -> None:
    name = _part(parts, "xl/styles.xml")
    part = parts.get(name, b"")
    formats = [b"14", b"0", b"164", b"22", b"49", b"9", b"57", b"x", b"014"]
    codes = [b"yyyy-mm-dd", b"0.00", b"General", b"m", b"&quot;d&quot;0", b"[Red]0", b"[h]:mm", b"0%", b"G/&#36890;&#29992;&#26684;&#24335;", b"\\d0", b"0;;;@", b"aaaa"]
    code = b'<numFmts count="1"><numFmt numFmtId="%s" formatCode="%s"/></numFmts>' % (rng.choice((b"164", b"0", b"1")), rng.choice(codes))
    found = list(re.finditer(rb'numFmtId="[0-9]+"', part))
    changed = _put(part, rng.choice(found), b'numFmtId="%s"' % rng.choice(formats)) if found else part
    parts[name] = rng.choice((
        changed, changed, re.sub(rb'numFmtId="[0-9]+"', b'numFmtId="%s"' % rng.choice(formats), part), re.sub(rb"(<styleSheet[^>]*>)(<numFmts.*?</numFmts>)?", lambda match: match.group(1) + code, part, flags=re.DOTALL),
        b"", b"<styleSheet/>", part[: len(part) // 3], part.replace(b"cellXfs", b"x"), re.sub(rb"<xf\b[^>]*?/>", b"", part, count=rng.randrange(20)),
    ))  # fmt: skip
    if rng.random() < 0.15:
        del parts[name]


def relations(rng: random.Random, parts: Parts) -> None:
    name = _part(parts, rng.choice(("xl/_rels/workbook.xml.rels", "xl/_rels/workbook.xml.rels", "_rels/.rels")))
    part = parts.get(name, b"")
    found = list(re.finditer(rb"<Relationship\b[^>]*/>", part))
    if not found:
        return
    match, another = rng.choice(found), rng.choice(found).group()
    one = match.group()
    target = _attribute(one, "Target")
    targets = (b"", b"/xl/" + target, b"../xl/" + target, b"./" + target, target.upper(), target.replace(b"/", b"\\"), b"http://a.example/x", b"../../etc/passwd", b"%2e/" + target, _attribute(another, "Target"), target + b"#a")
    kinds = (b"", b"http://purl.oclc.org/ooxml/officeDocument/relationships/" + _attribute(one, "Type").rpartition(b"/")[2], _attribute(another, "Type"), b"urn:chartsheet", _attribute(one, "Type") + b"/x")
    new = rng.choice((
        b"", one * 2, _with_attribute(one, "Target", rng.choice(targets)), _with_attribute(one, "Target", rng.choice(targets)), _with_attribute(one, "Id", rng.choice((b"", b"rId1", _attribute(another, "Id")))),
        _with_attribute(one, "Type", rng.choice(kinds)), _with_attribute(one, "TargetMode", b"External"), one + _with_attribute(one, "Id", b"rId77"), another, one.replace(b"<Rel", b"<x:Rel"),
    ))  # fmt: skip
    strict = part.replace(b"http://schemas.openxmlformats.org/officeDocument/2006/relationships", b"http://purl.oclc.org/ooxml/officeDocument/relationships")
    parts[name] = strict if rng.random() < 0.15 else _put(part, match, new)


def strict(_: random.Random, parts: Parts) -> None:
    """The whole workbook under the names of strict OOXML."""
    pairs = (
        (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
        (b"http://schemas.openxmlformats.org/officeDocument/2006/relationships", b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
    )
    for name in parts:
        for old, new in pairs:
            parts[name] = parts[name].replace(old, new)


# -- the text of the XML -----------------------------------------------------------------------------------------------


def _any_part(rng: random.Random, parts: Parts) -> str:
    known = [_part(parts, name) for name in ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels")]
    name = rng.choice((_sheet(rng, parts), _sheet(rng, parts), *known, rng.choice(list(parts))))
    return name if name in parts else next(iter(parts))


def encoding(rng: random.Random, parts: Parts) -> None:
    name = _any_part(rng, parts)
    text = parts[name].decode("utf-8", "replace")
    bare = text.partition("?>")[2] if text.startswith("<?xml") else text

    def declared(encoding: str) -> str:
        return f'<?xml version="1.0" encoding="{encoding}"?>{bare}'

    parts[name] = rng.choice((
        declared("UTF-16").encode("utf-16"), bare.encode("utf-16"), declared("UTF-16").encode("utf-16-be"), declared("utf-16le").encode("utf-16-le"), declared("GBK").encode("gbk", "replace"), declared("GB18030").encode(),
        declared("UTF-8").encode("gbk", "replace"), b"\xef\xbb\xbf" + text.encode(), declared("ISO-8859-1").encode(), declared("windows-1252").encode(), declared("utf-7").encode(), declared("cp037").encode(),
        declared("us-ascii").encode("ascii", "xmlcharrefreplace"), declared("x" * 5000).encode(), declared("UTF-8").encode("utf-8-sig"), declared("UTF-32").encode("utf-32"), text.encode().replace(b'version="1.0"', b'version="1.1"'),
        b"\n" + text.encode(), declared("UTF-8").encode().replace(b"\xe3\x80\x81", b"\xe3\x80"), declared("idna").encode(), declared("rot13").encode(), declared("hex").encode(), declared("koi8-r").encode(),
    ))  # fmt: skip


def controls(rng: random.Random, parts: Parts) -> None:
    name = _any_part(rng, parts)
    part = parts[name]
    found = list(re.finditer(rb">[^<]+<", part)) or list(TAG.finditer(part))
    for _ in range(rng.choice((1, 1, 5))):
        at = rng.choice(found).start() + 1 if rng.random() < 0.8 else rng.randrange(len(part) + 1)
        bad = rng.choice((b"\x00", b"\x01", b"\x0b", b"\x1f", b"&#0;", b"&#1;", b"&#x1F;", b"&#xD800;", b"&#xFFFE;", b"\xef\xbf\xbf", b"\xed\xa0\x80", b"&#x110000;", b"&#xb;", b"&#0000000000012;", b"\x7f", b"_x0001_", b"_xFFFE_"))
        part = part[:at] + bad + part[at:]
    parts[name] = part


def doctype(rng: random.Random, parts: Parts) -> None:
    name = _any_part(rng, parts)
    part = parts[name]
    laughs = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 9))
    kind = rng.choice((b"<!DOCTYPE x>", b'<!DOCTYPE x [<!ENTITY a0 "1">' + laughs + b"]>", b'<!DOCTYPE x SYSTEM "http://a.example/x.dtd">', b'<!DOCTYPE x [<!ENTITY a SYSTEM "/etc/passwd">]>', b"<!-- c -->", b"<?x y?>"))
    part = re.sub(rb"\A(\s*<\?xml[^>]*\?>)?", lambda match: match.group() + kind, part, count=1)
    parts[name] = part.replace(b"<v>", b"<v>" + rng.choice((b"&a8;", b"&a;", b"&nbsp;", b"&amp;", b"")), 1)


def huge(rng: random.Random, parts: Parts) -> None:
    """Deep, wide or long XML put somewhere."""
    name = _any_part(rng, parts)
    size = rng.choice((100, 5000, 50000))
    filling = rng.choice((
        b"<a>" * size + b"</a>" * size, b"<a/>" * size, b'<a b="' + b"x" * size * 10 + b'"/>', b"<a " + b" ".join(b'a%d=""' % n for n in range(size)) + b"/>", b"x" * size * 10, b"<!-- " + b"x" * size * 10 + b" -->",
        b"".join(b"<a%d/>" % n for n in range(size)), b"<a>" * size, b" " * size * 10, b"<row/>" * size, b"<c/>" * size, b"<si/>" * size, b'<mergeCell ref="A1:B2"/>' * size, b"<row>" + b'<c t="str"><v>9</v></c>' * size + b"</row>",
        b'<definedName name="x2r_f_z">' + b"A" * size * 10 + b"</definedName>", b'<sheet name="a" r:id="rId2"/>' * min(size, 300), b"<xf/>" * size,
    ))  # fmt: skip
    found = list(TAG.finditer(parts[name]))
    at = rng.choice(found).end() if found else 0
    parts[name] = parts[name][:at] + filling + parts[name][at:]


def namespaces(rng: random.Random, parts: Parts) -> None:
    name = _any_part(rng, parts)
    part = parts[name]
    main = re.search(rb'xmlns="([^"]*)"', part)
    if not main:
        return
    prefixed = re.sub(rb"<(/?)([A-Za-z])", rb"<\1x:\2", part.replace(b"<?xml", b"@@")).replace(b"@@", b"<?xml")
    match = _cell(rng, part)
    other = _put(part, match, rng.choice((match.group().replace(b"<c", b'<c xmlns="urn:x"', 1), match.group().replace(b"<c", b"<x:c xmlns:x='urn:x'").replace(b"</c", b"</x:c"), match.group().replace(b"<c", b"<x:c xmlns:x='%s'" % main.group(1)).replace(b"</c", b"</x:c")))) if match else part
    parts[name] = rng.choice((
        prefixed.replace(b"xmlns=", b"xmlns:x="), prefixed, part.replace(main.group(), b""), part.replace(main.group(), b'xmlns="urn:x"'), other, other,
        part.replace(main.group(1), b"http://purl.oclc.org/ooxml/spreadsheetml/main"), part.replace(b"xmlns:r=", b"xmlns:q=").replace(b" r:id=", b" q:id="), part.replace(main.group(1), main.group(1) + b"/"),
    ))  # fmt: skip


def spacing(rng: random.Random, parts: Parts) -> None:
    name = _any_part(rng, parts)
    part = parts[name]
    parts[name] = rng.choice((
        part.replace(b"><", b">\n<"), part.replace(b"<v>", b"<v>\n ").replace(b"</v>", b" </v>"), part.replace(b'="', b" = '").replace(b'"', b"'"), part.replace(b"><", b"><!-- c --><"), part.replace(b"<t>", b'<t xml:space="preserve"> '),
        part.replace(b"/>", b" />"), part.replace(b"\n", b"\r\n"), re.sub(rb">([0-9])", lambda match: b">&#%d;" % match.group(1)[0], part),
    ))  # fmt: skip


def damage(rng: random.Random, parts: Parts) -> None:
    for _ in range(rng.choice((1, 1, 1, 3))):
        name = _any_part(rng, parts)
        parts[name] = text_parts(rng, parts[name])


def digit(rng: random.Random, parts: Parts) -> None:
    """One byte of the text between tags: what no structure notices."""
    name = _sheet(rng, parts) if rng.random() < 0.6 else _any_part(rng, parts)
    part = bytearray(parts[name])
    found = list(re.finditer(rb'>([^<>]+)<|="([^"]+)"', bytes(part)))
    for _ in range(rng.choice((1, 1, 3)) if found else 0):
        match = rng.choice(found)
        at = rng.randrange(*match.span(1 if match.group(1) else 2))
        part[at] = rng.choice(b"0123456789 .-eE+xs,AZ")
    parts[name] = bytes(part)


XML: dict[str, tuple[Callable[[random.Random, Parts], None], int]] = {
    "cell number": (cell_number, 8), "cell text": (cell_text, 8), "cell structure": (cell_structure, 8), "cell kind": (cell_kind, 4), "cell style": (cell_style, 3), "cell shown": (cell_shown, 5),
    "cell formula": (cell_formula, 4), "cell reference": (cell_reference, 4), "no references": (no_references, 1), "cells moved": (cells_moved, 4), "cell added": (cell_added, 4),
    "rows": (rows, 4), "merges": (merges, 3), "string index": (string_index, 3), "strings": (strings, 4), "strings part": (strings_part, 1), "sheets": (sheets, 4), "names": (names, 4),
    "styles": (styles, 3), "relations": (relations, 3), "strict": (strict, 1), "encoding": (encoding, 3), "controls": (controls, 3), "doctype": (doctype, 1), "huge": (huge, 2),
    "namespaces": (namespaces, 3), "spacing": (spacing, 2), "damage": (damage, 4), "digit": (digit, 6),
}  # fmt: skip
