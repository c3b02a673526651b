"""Small .xls and .xlsb files made record by record, for tests: each cell as the test wants it, sound or not.

A cell is (row, column, value) or (row, column, value, number format); a format is the number of a built-in one, or a code.
"""

import io
import struct
import zipfile
from typing import NamedTuple

FREE, END_OF_CHAIN, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


class Error(NamedTuple):
    """An error value by its code: 0x17 is #REF!."""

    code: int


class Formula(NamedTuple):
    """A formula, by its result."""

    result: object


def ole(streams: dict[str, bytes], sizes: dict[str, int] | None = None) -> bytes:
    """A compound file with these streams in its root, each padded to the size from which it has sectors of its own.

    ``sizes`` are what the directory says instead of the true sizes.
    """
    bodies = {name: body.ljust(4096, b"\0") for name, body in streams.items()}
    counts = [-(-len(body) // 512) for body in bodies.values()]
    directory = -(-(len(bodies) + 1) // 4)
    tables = 1
    while tables * 128 < tables + directory + sum(counts):
        tables += 1
    table = [TABLE] * tables

    def chain(count: int) -> int:
        start = len(table)
        table.extend([*range(start + 1, start + count), END_OF_CHAIN])
        return start

    first = chain(directory)
    starts = [chain(count) for count in counts]
    table += [FREE] * (tables * 128 - len(table))

    def entry(name: str, kind: int, start: int, size: int, *, right: int = FREE, child: int = FREE) -> bytes:
        wide = name.encode("utf-16-le") + b"\0\0"
        return wide.ljust(64, b"\0") + struct.pack("<HBB3I36xIQ", len(wide), kind, 1, FREE, right, child, start, size)

    entries = [entry("Root Entry", 5, END_OF_CHAIN, 0, child=1)]
    for number, (name, start) in enumerate(zip(bodies, starts, strict=True), 2):
        size = (sizes or {}).get(name, len(bodies[name]))
        entries.append(entry(name, 2, start, size, right=number if number <= len(bodies) else FREE))
    head = struct.pack(
        "<8s16x5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, first, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0,
    )  # fmt: skip
    head += struct.pack("<109I", *range(tables), *[FREE] * (109 - tables))
    body = b"".join(body.ljust(-(-len(body) // 512) * 512, b"\0") for body in bodies.values())
    return head + struct.pack(f"<{len(table)}I", *table) + b"".join(entries).ljust(directory * 512, b"\0") + body


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


class Styles:
    """The number formats that the cells of one workbook use; the first style is the plain one."""

    def __init__(self) -> None:
        self.numbers: list[int] = [0]
        self.codes: dict[str, int] = {}

    def style(self, number_format: int | str) -> int:
        if isinstance(number_format, str):
            number_format = self.codes.setdefault(number_format, 164 + len(self.codes))
        if number_format not in self.numbers:
            self.numbers.append(number_format)
        return self.numbers.index(number_format)


BOF, EOF, FILE_PASS, DATE_1904 = 0x809, 0x0A, 0x2F, 0x22


def xls_stream(sheets: dict[str, list[tuple]], first: bytes = b"", last: bytes = b"", merges: tuple = ()) -> bytes:
    """The workbook stream (BIFF8). ``first`` are records after the first one, ``last`` before the end of each sheet."""
    styles, strings = Styles(), []
    bodies = [_xls_sheet(cells, styles, strings, merges, last) for cells in sheets.values()]
    formats = b"".join(
        record(0x41E, struct.pack("<HHB", number, len(code), 1) + code.encode("utf-16-le")) for code, number in styles.codes.items()
    )
    formats += b"".join(record(0xE0, struct.pack("<HH16x", 0, number)) for number in styles.numbers)
    shared = struct.pack("<II", len(strings), len(strings))
    shared += b"".join(struct.pack("<HB", len(_wide(text)) // 2, 1) + _wide(text) for text in strings)
    assert len(shared) < 8224, "longer ones need records that continue"

    def whole(starts: list[int]) -> bytes:
        listed = b"".join(
            record(0x85, struct.pack("<IBBBB", start, 0, 0, len(name), 1) + name.encode("utf-16-le"))
            for start, name in zip(starts, sheets, strict=True)
        )
        return record(BOF, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + first + formats + listed + record(0xFC, shared) + record(EOF)

    at = len(whole([0] * len(bodies)))
    starts = [at + sum(map(len, bodies[:number])) for number in range(len(bodies))]
    stream = whole(starts) + b"".join(bodies)
    return stream + record(0, bytes(max(0, 4092 - len(stream))))  # to the size from which a stream has sectors of its own


def xls(sheets: dict[str, list[tuple]], first: bytes = b"", last: bytes = b"", merges: tuple = ()) -> bytes:
    return ole({"Workbook": xls_stream(sheets, first, last, merges)})


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _xls_sheet(cells: list[tuple], styles: Styles, strings: list[str], merges: tuple, last: bytes) -> bytes:
    body = [record(BOF, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))]
    for row, column, value, *number_format in cells:
        at = struct.pack("<3H", row, column, styles.style(number_format[0] if number_format else 0))
        body.append(_xls_cell(at, value, strings))
    if merges:
        areas = b"".join(struct.pack("<4H", top, bottom, left, right) for top, left, bottom, right in merges)
        body.append(record(0xE5, struct.pack("<H", len(merges)) + areas))
    return b"".join(body) + last + record(EOF)


def _xls_cell(at: bytes, value: object, strings: list[str]) -> bytes:
    match value:
        case Formula(result):
            return _xls_formula(at, result)
        case Error(code):
            return record(0x205, at + struct.pack("<BB", code, 1))
        case bool():
            return record(0x205, at + struct.pack("<BB", value, 0))
        case str():
            strings.append(value)
            return record(0xFD, at + struct.pack("<I", len(strings) - 1))
        case int() if abs(value) < 2**29:
            return record(0x27E, at + struct.pack("<i", value << 2 | 2))
    return record(0x203, at + struct.pack("<d", value))


def _xls_formula(at: bytes, result: object) -> bytes:
    match result:
        case Error(code):
            value = struct.pack("<BBBBHH", 2, 0, code, 0, 0, 0xFFFF)
        case bool():
            value = struct.pack("<BBBBHH", 1, 0, result, 0, 0, 0xFFFF)
        case str():
            value = struct.pack("<BBBBHH", 0 if result else 3, 0, 0, 0, 0, 0xFFFF)
        case _:
            value = struct.pack("<d", result)
    body = record(0x06, at + value + struct.pack("<HIHBH", 0, 0, 3, 0x1E, 1))
    if isinstance(result, str) and result:
        body += record(0x207, struct.pack("<HB", len(_wide(result)) // 2, 1) + _wide(result))
    return body


def xlsb(sheets: dict[str, list[tuple]], date1904: bool = False, merges: dict[str, tuple] | None = None, last: bytes = b"") -> bytes:
    """An .xlsb with these sheets, each with its merged areas, and ``last`` in the last row of each."""
    styles, strings = Styles(), []
    parts = {
        f"xl/worksheets/sheet{number}.bin": _xlsb_sheet(cells, styles, strings, (merges or {}).get(name, ()), last)
        for number, (name, cells) in enumerate(sheets.items(), 1)
    }
    listed = b"".join(
        brt(0x9C, struct.pack("<II", 0, number) + _brt_text(f"rId{number}") + _brt_text(name)) for number, name in enumerate(sheets, 1)
    )
    parts["xl/workbook.bin"] = (
        brt(0x83) + brt(0x99, struct.pack("<III", date1904, 0, 0)) + brt(0x8F) + listed + brt(0x90) + brt(0x9D, bytes(26)) + brt(0x84)
    )
    parts["xl/_rels/workbook.bin.rels"] = _relations(
        (f"rId{number}", "worksheet", f"worksheets/sheet{number}.bin") for number in range(1, len(sheets) + 1)
    )
    formats = b"".join(brt(0x2C, struct.pack("<H", number) + _brt_text(code)) for code, number in styles.codes.items())
    looks = b"".join(brt(0x2F, struct.pack("<HH12x", 0, number)) for number in styles.numbers)
    parts["xl/styles.bin"] = (
        brt(0x116) + brt(0x267, struct.pack("<I", len(styles.codes))) + formats + brt(0x268)
        + brt(0x269, struct.pack("<I", len(styles.numbers))) + looks + brt(0x26A) + brt(0x117)
    )  # fmt: skip
    shared = b"".join(brt(0x13, b"\0" + _brt_text(text)) for text in strings)
    parts["xl/sharedStrings.bin"] = brt(0x9F, struct.pack("<II", len(strings), len(strings))) + shared + brt(0xA0)
    parts["_rels/.rels"] = _relations([("rId1", "officeDocument", "xl/workbook.bin")])
    parts["[Content_Types].xml"] = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return zipped(parts)


def zipped(parts: dict[str, bytes | str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return content.getvalue()


def _relations(relations) -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = "".join(f'<Relationship Id="{name}" Type="{kind}/{what}" Target="{target}"/>' for name, what, target in relations)
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'


def brt(kind: int, body: bytes = b"") -> bytes:
    """One record of BIFF12: its number and its length in 7 bits a byte, the lowest first."""
    return _in_sevens(kind) + _in_sevens(len(body)) + body


def _in_sevens(number: int) -> bytes:
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def _brt_text(text: str) -> bytes:
    return struct.pack("<I", len(_wide(text)) // 2) + _wide(text)


def _xlsb_sheet(cells: list[tuple], styles: Styles, strings: list[str], merges: tuple, last_cells: bytes) -> bytes:
    body = [brt(0x81) + brt(0x94, struct.pack("<4I", 0, 0, 0, 0)) + brt(0x91)]
    last = None
    for row, column, value, *number_format in sorted(cells, key=lambda cell: cell[:2]):
        if row != last:
            body.append(brt(0, struct.pack("<I13x", row)))
            last = row
        at = struct.pack("<II", column, styles.style(number_format[0] if number_format else 0))
        body.append(_xlsb_cell(at, value, strings))
    areas = b"".join(brt(0xB0, struct.pack("<4I", top, bottom, left, right)) for top, left, bottom, right in merges)
    if areas:
        areas = brt(0xB1, struct.pack("<I", len(merges))) + areas + brt(0xB2)
    return b"".join(body) + last_cells + brt(0x92) + areas + brt(0x82)


def _xlsb_cell(at: bytes, value: object, strings: list[str]) -> bytes:
    no_formula = struct.pack("<HII", 0, 0, 0)
    match value:
        case Formula(Error(code)):
            return brt(11, at + bytes([code]) + no_formula)
        case Formula(bool(result)):
            return brt(10, at + bytes([result]) + no_formula)
        case Formula(str(result)):
            return brt(8, at + _brt_text(result) + no_formula)
        case Formula(result):
            return brt(9, at + struct.pack("<d", result) + no_formula)
        case Error(code):
            return brt(3, at + bytes([code]))
        case bool():
            return brt(4, at + bytes([value]))
        case str():
            strings.append(value)
            return brt(7, at + struct.pack("<I", len(strings) - 1))
        case int() if abs(value) < 2**29:
            return brt(2, at + struct.pack("<i", value << 2 | 2))
    return brt(5, at + struct.pack("<d", value))
