"""What a workbook shows, read without the program's own reader: by ElementTree here, by openpyxl, by calamine.

``lies`` compares that with a result of ``check`` and gives a sentence for every figure or text that differs without a
finding at its cell, and for every one that the result does not know.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import posixpath
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterator
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree

from xl2report.checked import Checked
from xl2report.checks.figures import FigureTable
from xl2report.form.model import Field
from xl2report.shipped import folder
from xl2report.submission import Entry

_MAIN = ("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}", "{http://purl.oclc.org/ooxml/spreadsheetml/main}")
_TABLE, _OFFICE, _TEXT = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office", "text"))
_15 = Context(prec=15)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)
_PLACEHOLDERS = frozenset("/ - — —— － ／ 无 –".split())
_EMPTY = frozenset(("V101", "V103", "V104"))
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile(rb"&#(x[0-9a-fA-F]+|[0-9]+);")


class Seen(NamedTuple):
    """A cell as a witness sees it: number, percent, text, date, boolean, error or blank; whether it holds a formula."""

    kind: str
    text: str
    formula: bool = False


class Sheet(NamedTuple):
    cells: dict[str, Seen]
    hidden: Callable[[str], bool]


BLANK = Seen("blank", "")


# -- ElementTree -------------------------------------------------------------------------------------------------------


def sheets(content: bytes, wanted: frozenset[str]) -> dict[str, Sheet]:
    """The wanted sheets of an .xlsx by name. Any exception: it cannot be read by this witness."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        found = {name.replace("\\", "/").lstrip("/").lower(): name for name in package.namelist()}

        def part(name: str) -> ElementTree.Element:
            return _tree(package.read(found[name.lower()]))

        root = next(_relation(one, "")[1] for one in part("_rels/.rels") if one.get("Type", "").endswith("/officeDocument"))
        relations = _relations(part(posixpath.dirname(root) + "/_rels/" + posixpath.basename(root) + ".rels"), posixpath.dirname(root))
        texts, styles = [], {}
        for kind, target in relations.values():
            if kind == "sharedStrings" and target.lower() in found:
                texts = [_rich(one) for one in part(target) if _local(one) == "si"]
            if kind == "styles" and target.lower() in found:
                styles = _shown_as(part(target))
        book = part(root)
        date1904 = any(one.get("date1904") in ("1", "true") for one in book if _local(one) == "workbookPr")
        result = {}
        for sheet in (sheet for group in book if _local(group) == "sheets" for sheet in group):
            relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            if sheet.get("name") in wanted and relations.get(relation, ("",))[0] == "worksheet":
                result[sheet.get("name", "")] = _sheet(part(relations[relation][1]), texts, styles, date1904)
        return result


def _tree(part: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(part)
    except ElementTree.ParseError:

        def reference(match: re.Match[bytes]) -> bytes:
            digits = match.group(1).decode()
            code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
            bad = code in (0xFFFE, 0xFFFF) or 0xD800 <= code < 0xE000 or (code < 32 and code not in (9, 10, 13))
            return b"" if bad else match.group()

        part = re.sub(rb"(</?)\w+:(?=\w+:\w)", rb"\1", _REFERENCE.sub(reference, _CONTROL.sub(b"", part)))
        used = {*re.findall(rb"</?([A-Za-z0-9]+):", part), *re.findall(rb"\s([A-Za-z0-9]+):[A-Za-z]+=", part)} - {b"xmlns", b"xml"}
        lost = b"".join(b" xmlns:%s='urn:x'" % prefix for prefix in used if b"xmlns:%s=" % prefix not in part)
        return ElementTree.fromstring(re.sub(rb"<[A-Za-z0-9:]+", lambda root: root.group() + lost, part, count=1))


def _local(element: ElementTree.Element) -> str:
    """The name of an element of the main namespace; any other keeps its own."""
    for main in _MAIN:
        if element.tag.startswith(main):
            return element.tag[len(main) :]
    return element.tag


def _relations(tree: ElementTree.Element, base: str) -> dict[str, tuple[str, str]]:
    return {one.get("Id", ""): _relation(one, base) for one in tree}


def _relation(element: ElementTree.Element, base: str) -> tuple[str, str]:
    target = element.get("Target", "").replace("\\", "/")
    path = posixpath.normpath(target if target.startswith("/") else f"/{base}/{target}").lstrip("/")
    return element.get("Type", "").rpartition("/")[2], path


def _rich(element: ElementTree.Element) -> str:
    runs = [one if _local(one) == "t" else next((t for t in one if _local(t) == "t"), None) for one in element if _local(one) in ("t", "r")]
    return _plain("".join(one.text or "" for one in runs if one is not None))


def _plain(text: str) -> str:
    """A text with its escapes decoded, without what no text may hold."""
    units = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match.group(1), 16)), text)
    whole = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return "".join(one for one in whole if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff"))


def _shown_as(tree: ElementTree.Element) -> dict[int, str]:
    """The styles that show a number as a date or as a percentage."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

    codes = {one.get("numFmtId"): one.get("formatCode") for group in tree if _local(group) == "numFmts" for one in group}
    numbers = [one.get("numFmtId", "0") for group in tree if _local(group) == "cellXfs" for one in group]
    found = {}
    for n, number in enumerate(numbers):
        code = codes.get(number) or BUILTIN_FORMATS.get(int(number) if number.isdigit() else 0)
        if is_date_format(code) or "%" in re.sub(r'"[^"]*"|\\.|_.', "", code or ""):
            found[n] = "percent" if "%" in (code or "") else "date"
    return found


def _sheet(tree: ElementTree.Element, texts: list[str], styles: dict[int, str], date1904: bool) -> Sheet:
    columns = []
    for one in (one for group in tree if _local(group) == "cols" for one in group if one.get("hidden") in ("1", "true")):
        with contextlib.suppress(ValueError):
            columns.append((int(one.get("min", 1)), int(one.get("max", 1))))
    cells: dict[str, Seen] = {}
    rows = set()
    number = 0
    for row in (row for data in tree if _local(data) == "sheetData" for row in data if _local(row) == "row"):
        number = int(row.get("r", number + 1))
        column = 0
        if row.get("hidden") in ("1", "true"):
            rows.add(number)
        for cell in (cell for cell in row if _local(cell) == "c"):
            at = (cell.get("r") or f"{_letters(column + 1)}{number}").upper()
            column = _column(at)
            if at in cells:
                raise ValueError(f"{at} stands twice")
            if (seen := _seen(cell, texts, styles, date1904)) != BLANK:
                cells[at] = seen
    return Sheet(cells, lambda at: int(at.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) in rows or any(a <= _column(at) <= b for a, b in columns))


def _letters(column: int) -> str:
    return ("" if column <= 26 else _letters((column - 1) // 26)) + chr(65 + (column - 1) % 26)


def _column(at: str) -> int:
    number = 0
    for letter in at.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number


def _seen(cell: ElementTree.Element, texts: list[str], styles: dict[int, str], date1904: bool) -> Seen:
    formula = any(_local(one) == "f" for one in cell)
    values = ["".join(one.itertext()) for one in cell if _local(one) == "v"]
    text, kind = values[0] if values else "", cell.get("t", "n")
    if kind == "inlineStr":
        text = "".join(_rich(one) for one in cell if _local(one) == "is") or text
        return Seen("text", text, formula) if text or formula else BLANK
    if not text.strip(" \t\r\n") and kind != "str":
        return Seen("blank", "", formula)
    match kind:
        case "s":
            text = texts[int(text)]
            return Seen("text", text, formula) if text else Seen("blank", "", formula)
        case "str":
            return Seen("text", _plain(text), formula) if text or formula else BLANK
        case "b":
            return Seen("boolean", text.strip(), formula)
        case "e":
            return Seen("error", text, formula)
        case "d":
            return Seen("date", text, formula)
    text = text.strip(" \t\r\n")
    if kind != "n" or not _NUMBER.match(text):
        return Seen("error", text, formula)
    style = cell.get("s", "0")
    shown = styles.get(int(style)) if style.isdigit() else None
    return Seen("percent", text, formula) if shown == "percent" else _date(text, date1904, formula) if shown else Seen("number", text, formula)


def _date(text: str, date1904: bool, formula: bool) -> Seen:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

    with contextlib.suppress(ValueError, OverflowError):
        found = from_excel(float(text), CALENDAR_MAC_1904 if date1904 else CALENDAR_WINDOWS_1900)
        if isinstance(found, datetime.datetime) and (date1904 or float(text) > 0):  # others are shown as ####
            found = (found + datetime.timedelta(milliseconds=500)).replace(microsecond=0)
            never = not date1904 and int(float(text)) == 60  # 29 February 1900, as the spreadsheet shows it
            return Seen("date", found.isoformat().replace("1900-02-28", "1900-02-29") if never else found.isoformat(), formula)
    return Seen("number", text, formula)


# -- openpyxl and calamine ---------------------------------------------------------------------------------------------


def sheets_by_openpyxl(content: bytes, wanted: frozenset[str]) -> dict[str, dict[str, Seen]]:
    """The same through openpyxl (formulas not told); any exception: it refuses the file."""
    from openpyxl.reader.excel import load_workbook
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet._reader import WorkSheetParser

    result = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in (sheet for sheet in book.worksheets if sheet.title in wanted):
            cells = {}
            with sheet._get_source() as source:
                parser = WorkSheetParser(source, sheet._shared_strings, data_only=True, epoch=book.epoch, date_formats=book._date_formats, timedelta_formats=book._timedelta_formats)
                for _, row in parser.parse():
                    for cell in row:
                        if (seen := _from_python(cell["value"], cell["data_type"])) != BLANK:
                            cells[f"{get_column_letter(cell['column'])}{cell['row']}"] = seen
            result[sheet.title] = cells
        book.close()
    return result


def sheets_by_calamine(content: bytes, wanted: frozenset[str]) -> dict[str, dict[str, Seen]]:
    """The wanted sheets of a file of any format, through calamine in this process."""
    from python_calamine import CalamineWorkbook

    result = {}
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in (name for name in book.sheet_names if name in wanted):
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        seen = ((f"{_letters(c + 1)}{r + 1}", _from_python(value, "")) for r, row in enumerate(rows) for c, value in enumerate(row))
        result[name] = {at: one for at, one in seen if one != BLANK}
    return result


def sheets_of_ods(content: bytes, wanted: frozenset[str]) -> dict[str, dict[str, Seen]]:
    """The wanted sheets of an .ods through ElementTree; any exception: it cannot be read by this witness."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        tree = _tree(package.read("content.xml"))
    result: dict[str, dict[str, Seen]] = {}
    for table in tree.iter(_TABLE + "table"):
        if (name := table.get(_TABLE + "name", "")) in wanted:
            result[name] = dict(_ods_cells(table))
    return result


def _ods_cells(table: ElementTree.Element) -> Iterator[tuple[str, Seen]]:
    row_number = 0
    for row in table.iter(_TABLE + "table-row"):
        rows, column = _repeated(row, "rows"), 0
        for cell in (cell for cell in row if cell.tag in (_TABLE + "table-cell", _TABLE + "covered-table-cell")):
            columns = _repeated(cell, "columns")
            if (seen := _ods_seen(cell)) != BLANK:
                for n in range(min(rows, 1000)):
                    yield from ((f"{_letters(column + m + 1)}{row_number + n + 1}", seen) for m in range(min(columns, 1000)))
            column += columns
        row_number += rows


def _repeated(element: ElementTree.Element, what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated", "1"))


def _ods_seen(cell: ElementTree.Element) -> Seen:
    kind, formula = cell.get(_OFFICE + "value-type", ""), _TABLE + "formula" in cell.attrib
    match kind:
        case "boolean" if _OFFICE + "boolean-value" in cell.attrib:
            return Seen("boolean", cell.get(_OFFICE + "boolean-value", ""), formula)
        case "float" | "currency" | "percentage" | "boolean":
            return Seen("number", cell.get(_OFFICE + "value", ""), formula)
        case "date":
            return Seen("date", cell.get(_OFFICE + "date-value", ""), formula)
        case "time":
            return Seen("time", cell.get(_OFFICE + "time-value", ""), formula)
    value = cell.get(_OFFICE + "value", "")
    text = cell.get(_OFFICE + "string-value") or "\n".join(_ods_text(one) for one in cell if one.tag == _TEXT + "p")
    if kind == "string" and value == text and _NUMBER.match(value):
        return Seen("number", value, formula)  # a text to some, a number to others, and the same figure
    return Seen("text", _plain(text), formula) if text else BLANK


def _ods_text(element: ElementTree.Element) -> str:
    pieces = [element.text or ""]
    for one in element:
        count = int(one.get(_TEXT + "c", "1")) if one.tag == _TEXT + "s" else 0
        pieces.append({_TEXT + "s": " " * count, _TEXT + "tab": "\t", _TEXT + "line-break": "\n"}.get(one.tag) or _ods_text(one))
        pieces.append(one.tail or "")
    return "".join(pieces)


def _from_python(value: object, kind: str) -> Seen:
    match value:
        case None | "":
            return BLANK
        case bool():
            return Seen("boolean", "1" if value else "0")
        case int() | float():
            return Seen("number", str(value))
        case datetime.datetime() if value.year < 1900:
            return Seen("time", str(value))
        case datetime.datetime() | datetime.date():
            return Seen("date", value.isoformat())
        case datetime.time() | datetime.timedelta():
            return Seen("time", str(value))  # a number below 1, or a sum of hours, to those who look at no styles
    return Seen("error" if kind == "e" else "text", _plain(str(value)))


# -- the comparison ----------------------------------------------------------------------------------------------------


@lru_cache
def issued() -> frozenset[str]:
    """Every text of the blank workbooks: labels, ids, hints, headings."""
    found: set[str] = set()
    for path in folder("workbook_templates").glob("*/blank.xlsx"):
        with zipfile.ZipFile(path) as package:
            for one in _tree(package.read("xl/sharedStrings.xml")):
                found.add(_squeezed(_rich(one)))
    return frozenset(found)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def wanted(result: Checked) -> frozenset[str]:
    assert result.submission is not None
    return frozenset(entry.place.sheet for entry in result.submission.entries.values())


def named(result: Checked) -> frozenset[tuple[str, str]]:
    """The cells whose content a finding tells of: not those that only follow from others, nor those said to be empty."""
    telling = (finding for finding in result.findings if finding.code[0] in "SV" and finding.code not in _EMPTY)
    return frozenset((cell.place.sheet, cell.place.cell) for finding in telling for cell in finding.cells)


def lies(result: Checked, seen: dict[str, dict[str, Seen]]) -> Iterator[str]:
    """A sentence for every entry that is not what the witness sees at its place."""
    assert result.form is not None
    assert result.submission is not None
    cells = named(result)
    table = FigureTable(result.form, result.submission)
    for entry in result.submission.entries.values():
        if seen.get(entry.place.sheet, {}).get(entry.place.cell, BLANK).kind == "time":
            continue
        field, at = result.form.fields[entry.field], (entry.place.sheet, entry.place.cell)
        here = seen.get(at[0], {})
        if field.kind == "prose":
            for cell, text in zip(entry.cells, entry.value or (), strict=True):
                if not _same_text(here.get(cell, BLANK), str(text)):
                    yield f"{at[0]} {cell}: read {text!r}, seen {here.get(cell, BLANK)}"
        elif entry.formula:
            shown, computed = here.get(at[1], BLANK), table.number(entry.field)
            is_known = result.status == "fail" and computed is None  # a part of it has an error
            is_same = shown.kind in ("number", "percent") and Decimal(shown.text) == computed
            if shown.kind not in ("blank", "text") and not (at in cells or is_known or is_same):
                yield f"{at}: computed {computed}, shown {shown}"
        elif result.submission.by_labels and entry.blank and _squeezed(here.get(at[1], BLANK).text) in issued():
            continue  # where a value would stand, another label stands
        elif not _same(field, entry, here.get(at[1], BLANK), at in cells):
            yield f"{at}: read {entry.value!r} from {entry.raw}, seen {here.get(at[1], BLANK)}"


def _same(field: Field, entry: Entry, seen: Seen, is_named: bool) -> bool:
    if entry.value is None:
        text = _squeezed(seen.text.replace("\u200b", "").replace("\ufeff", ""))
        return is_named or (entry.blank and (not text or text in _PLACEHOLDERS or (not field.is_number and seen.kind == "blank")))
    if isinstance(entry.value, Decimal):
        if seen.kind == "number":
            return _15.plus(Decimal(seen.text)) == entry.value
        digits = unicodedata.normalize("NFKC", seen.text)
        if seen.kind == "text" and (is_named or (field.kind == "amount" and _NUMBER.match(seen.text))):
            with contextlib.suppress(InvalidOperation):
                return Decimal(re.sub(r"[^0-9.+-]", "", digits)) == entry.value
        return False
    if field.kind == "date":
        return [int(n) for n in re.findall(r"[0-9]+", seen.text)] == [int(n) for n in re.findall(r"[0-9]+", str(entry.value))] or (
            seen.kind == "date" and (seen.text.removesuffix("T00:00:00") == entry.value or (is_named and seen.text.startswith(str(entry.value))))
        )
    return _same_text(seen, str(entry.value))


def _same_text(seen: Seen, text: str) -> bool:
    if seen.kind in ("number", "percent"):
        with contextlib.suppress(InvalidOperation):
            if text.endswith("%"):  # which is how the cell shows it
                return Decimal(seen.text) * 100 == Decimal(text[:-1])
            if abs(Decimal(text)) < Decimal("1E-300"):  # too small for a double
                return abs(Decimal(seen.text)) < Decimal("1E-300")
            return Decimal(seen.text) == Decimal(text) or _15.plus(Decimal(seen.text)) == _15.plus(Decimal(text))
        return False
    if seen.kind == "boolean":
        return text == ("TRUE" if seen.text in ("1", "true") else "FALSE")
    if seen.kind == "date":
        return seen.text.removesuffix("Z").removesuffix("T00:00:00") == text
    return _squeezed(seen.text) == _squeezed(text)


def hidden(result: Checked, seen: dict[str, Sheet]) -> Iterator[str]:
    """A sentence for every cell in sight that holds something which the result does not know."""
    assert result.submission is not None
    known = set(named(result))
    for entry in result.submission.entries.values():
        known |= {(entry.place.sheet, entry.place.cell), *((entry.place.sheet, cell) for cell in entry.cells)}
    for name, sheet in seen.items():
        for at, cell in sheet.cells.items():
            if (name, at) in known or cell.formula or cell.kind == "blank" or not cell.text.strip() or sheet.hidden(at):
                continue
            if cell.kind != "text" or _squeezed(cell.text) not in issued():
                yield f"{name} {at}: {cell.kind} {cell.text[:40]!r} is known to no entry and no finding"
