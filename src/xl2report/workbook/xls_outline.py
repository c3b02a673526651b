"""The outline of an .xls: the records of its workbook stream (BIFF5 and BIFF8) that stand for cells."""

from __future__ import annotations

import struct

from xl2report.workbook.ole import Cut, Ole
from xl2report.workbook.outline import BOOLEAN, ERRORS, NUMBER, TEXT, UNKNOWN, Count, Outline, Refused, shown_as

_BOF, _EOF, _FILE_PASS = 0x0809, 0x0A, 0x2F
_BOUND_SHEET, _FORMAT, _XF, _STRINGS, _DATE_1904 = 0x85, 0x41E, 0xE0, 0xFC, 0x22
_NUMBER, _LABEL, _BOOL_OR_ERROR, _FORMULA, _RK, _RICH, _SHARED = 0x203, 0x204, 0x205, 0x06, 0x27E, 0xD6, 0xFD
_MANY_RK, _MERGES = 0xBD, 0xE5
_CELLS = frozenset({_NUMBER, _LABEL, _BOOL_OR_ERROR, _FORMULA, _RK, _RICH, _SHARED})


def sheets(content: bytes, count: Count) -> list[Outline]:
    """The outline of each sheet, in the order in which the workbook lists them."""
    try:
        ole = Ole(content)
        stream = ole.stream("Workbook" if "Workbook" in ole.streams else "Book")
    except Cut:
        raise Refused("F104", "truncated") from None
    workbook = _Globals(stream)
    return [_sheet(stream, start, workbook, count) for start in workbook.starts]


class _Globals:
    """The first part of a workbook: where its sheets start, what styles show numbers as, how many shared texts there are."""

    def __init__(self, stream: bytes) -> None:
        self.starts: list[int] = []
        formats: dict[int, str] = {}
        styles: list[int] = []
        self.strings, self.date1904, is_wide = 0, False, True
        for kind, at, length in _records(stream, 0):
            if kind == _BOF:
                is_wide = stream[at : at + 2] == b"\x00\x06"  # BIFF8
            elif kind == _FILE_PASS:
                raise Refused("F102")
            elif kind == _BOUND_SHEET:
                self.starts.append(struct.unpack_from("<I", stream, at)[0])
            elif kind == _FORMAT:
                formats[struct.unpack_from("<H", stream, at)[0]] = _format_code(stream[at + 2 : at + length], is_wide)
            elif kind == _STRINGS:
                self.strings = struct.unpack_from("<I", stream, at + 4)[0]
            elif kind == _DATE_1904:
                self.date1904 = stream[at : at + 2] == b"\1\0"
            elif kind == _XF:
                styles.append(struct.unpack_from("<H", stream, at + 2)[0])
        natures = {number: shown_as(number, formats.get(number)) for number in set(styles)}
        self.shown = {index: natures[number] for index, number in enumerate(styles)}  # what a style shows a number as


def _format_code(record: bytes, is_wide: bool) -> str:
    if not is_wide:
        return record[1:].decode("latin-1")
    return record[3:].decode("utf-16-le" if record[2] & 1 else "latin-1", "replace")


def _records(stream: bytes, at: int) -> list[tuple[int, int, int]]:
    """The records of one part of the stream: number, start, length; charts inside it left out."""
    found: list[tuple[int, int, int]] = []
    depth = 0
    while True:
        kind, length = struct.unpack_from("<HH", stream, at)  # struct.error where the stream ends too early
        at += 4
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
        if depth <= 0 and found:
            return found
        if depth <= 0:
            raise Refused("F103", "broken-file")  # it does not begin as a part does
        if depth == 1:
            found.append((kind, at, length))
        at += length


def _sheet(stream: bytes, start: int, workbook: _Globals, count: Count) -> Outline:
    outline = Outline(count, workbook.date1904)
    if stream[start + 6 : start + 8] == b"\x20\x00":  # a chart: its figures are copies
        return outline
    for kind, at, length in _records(stream, start):
        if kind in _CELLS:
            row, column, style = struct.unpack_from("<3H", stream, at)
            if kind == _SHARED and struct.unpack_from("<I", stream, at + 6)[0] >= workbook.strings:
                raise Refused("F103", "broken-file")  # calamine would leave the cell out
            outline.hold(row, column, _nature(stream, kind, at, workbook.shown.get(style, NUMBER)))
        elif kind == _MANY_RK:
            row, first = struct.unpack_from("<2H", stream, at)
            for index in range((length - 6) // 6):
                style = struct.unpack_from("<H", stream, at + 4 + 6 * index)[0]
                outline.hold(row, first + index, workbook.shown.get(style, NUMBER))
        elif kind == _MERGES:
            for index in range(struct.unpack_from("<H", stream, at)[0]):
                top, bottom, left, right = struct.unpack_from("<4H", stream, at + 2 + 8 * index)
                outline.merge(top, left, bottom, right)
    return outline


def _nature(stream: bytes, kind: int, at: int, shown: str) -> str:
    """The nature of the cell of one record."""
    if kind == _BOOL_OR_ERROR:
        return _error(stream[at + 6]) if stream[at + 7] else BOOLEAN
    if kind == _FORMULA and stream[at + 12 : at + 14] == b"\xff\xff":  # no number: what it is stands in the first byte
        result = stream[at + 6]
        return _error(stream[at + 8]) if result == 2 else BOOLEAN if result == 1 else UNKNOWN
    if kind in (_LABEL, _RICH):
        return TEXT if struct.unpack_from("<H", stream, at + 6)[0] else UNKNOWN
    if kind == _SHARED:
        return UNKNOWN
    return shown


def _error(code: int) -> str:
    return ERRORS.get(code, "#ERROR!")
