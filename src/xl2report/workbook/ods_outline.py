"""The outline of an .ods: the cells of its content.xml, with the texts in them.

calamine leaves out tabs and line breaks of a text, adds the words of drawings that stand in the cell, and skips a text
without a type. So texts are taken from here.
"""

from __future__ import annotations

import io
import zipfile
from xml.parsers import expat

from xl2report.workbook.outline import (
    BOOLEAN,
    DATE,
    LAST_COLUMN,
    LAST_ROW,
    NUMBER,
    PERCENT,
    TEXT,
    UNKNOWN,
    Count,
    Outline,
    Refused,
    part,
)

_OFFICE, _TABLE, _TEXT = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0 " for name in ("office", "table", "text"))
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_CELLS = frozenset({_TABLE + "table-cell", _TABLE + "covered-table-cell"})
_KINDS = {"float": NUMBER, "percentage": PERCENT, "currency": NUMBER, "boolean": BOOLEAN, "date": DATE, "time": DATE}
_SPACE, _TAB, _BREAK = "\0\1\2"  # that are meant: all others in a paragraph count as one


def sheets(content: bytes, count: Count) -> list[Outline]:
    """The outline of each sheet, in their order."""
    package = zipfile.ZipFile(io.BytesIO(content))
    names = package.namelist()
    if "encrypted-package" in names or b"encryption-data" in b"".join(part(package, "META-INF/manifest.xml")):
        raise Refused("F102")
    reader = _Reader(count)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for chunk in part(package, "content.xml"):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise Refused("F103", "broken-file") from None
    return reader.sheets


def _refuse_doctype(*_: object) -> None:
    raise Refused("F104", "dtd")


class _Reader:
    """The handlers of content.xml; ``sheets`` fills as it is parsed."""

    def __init__(self, count: Count) -> None:
        self.sheets: list[Outline] = []
        self._count = count
        self._path: list[str] = []
        self._sheet_depth = 0  # of the sheet that is being read; there are tables elsewhere
        self._row = self._column = self._row_repeats = 0
        self._cell: dict[str, str] = {}
        self._cell_depth = 0
        self._paragraphs: list[str] = []
        self._paragraph: list[str] | None = None
        self._held: list[tuple[int, int, str, str]] = []  # of one row: first column, repeats, nature, text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if self._cell_depth:
            self._inside(name, attributes)
        elif self._sheet_depth:
            if name in _CELLS:
                self._cell, self._cell_depth = attributes, len(self._path)
                self._paragraphs = []
            elif name == _TABLE + "table-row":
                self._column, self._held = 0, []
                self._row_repeats = _repeats(attributes, "number-rows-repeated")
            elif name == _TABLE + "table":
                raise Refused("F103", "broken-file")  # a table in a table, which no spreadsheet program makes
        elif name == _TABLE + "table" and self._path[-2:-1] == [_OFFICE + "spreadsheet"]:
            self.sheets.append(Outline(self._count))
            self._row, self._sheet_depth = 0, len(self._path)

    def _inside(self, name: str, attributes: dict[str, str]) -> None:
        """Something inside a cell: a paragraph of its text, or in one; drawings and comments have paragraphs of their own."""
        if name == _TABLE + "table":
            raise Refused("F103", "broken-file")
        if name == _TEXT + "p" and len(self._path) == self._cell_depth + 1:
            self._paragraph = []
        elif self._paragraph is not None:
            if name == _TEXT + "s":
                self._paragraph.append(_SPACE * _whole(attributes.get(_TEXT + "c", "1"), 0x7FFF))
            elif name in (_TEXT + "tab", _TEXT + "line-break"):
                self._paragraph.append(_TAB if name == _TEXT + "tab" else _BREAK)

    def data(self, piece: str) -> None:
        if self._paragraph is not None:
            self._paragraph.append(piece)

    def end(self, name: str) -> None:
        depth = len(self._path)
        self._path.pop()
        if self._cell_depth:
            if depth == self._cell_depth:
                self._end_cell()
                self._cell_depth = 0
            elif depth == self._cell_depth + 1 and self._paragraph is not None:
                self._paragraphs.append(_collapsed("".join(self._paragraph)))
                self._paragraph = None
        elif depth == self._sheet_depth:
            self._sheet_depth = 0
        elif self._sheet_depth and name == _TABLE + "table-row":
            self._end_row()

    def _end_cell(self) -> None:
        cell, repeats = self._cell, _repeats(self._cell, "number-columns-repeated")
        if found := _nature(cell, "\n".join(self._paragraphs)):
            self._held.append((self._column, repeats, *found))
        rows, columns = _repeats(cell, "number-rows-spanned"), _repeats(cell, "number-columns-spanned")
        if rows > 1 or columns > 1:
            self.sheets[-1].merge(self._row, self._column, self._row + rows - 1, self._column + columns - 1)
        self._column += repeats
        if self._column > LAST_COLUMN + 1:
            raise Refused("F103", "broken-file")

    def _end_row(self) -> None:
        sheet = self.sheets[-1]
        for row in range(self._row, self._row + self._row_repeats) if self._held else ():
            for first, repeats, nature, text in self._held:
                for column in range(first, first + repeats):
                    if nature == TEXT:
                        sheet.hold_text(row, column, text)
                    else:
                        sheet.hold(row, column, nature)
        self._row += self._row_repeats
        if self._row > LAST_ROW + 1:
            raise Refused("F103", "broken-file")


def _nature(cell: dict[str, str], text: str) -> tuple[str, str] | None:
    """The nature of a cell and its text; None where there is nothing in it."""
    if cell.get(_CALC + "value-type") == "error":
        return text if text.startswith(("#", "Err:")) else "#ERROR!", ""
    value_type = cell.get(_OFFICE + "value-type", "")
    kind = _KINDS.get(value_type) or (NUMBER if _OFFICE + "value" in cell else "")
    text = cell.get(_OFFICE + "string-value", text)
    if kind or text:
        return (kind, "") if kind else (TEXT, text)
    return (UNKNOWN, "") if value_type == "string" else None


def _collapsed(text: str) -> str:
    """The text of a paragraph, its spaces as OpenDocument counts them."""
    plain = " ".join(word for word in text.translate({9: 32, 10: 32, 13: 32}).split(" ") if word)
    return plain.replace(_SPACE, " ").replace(_TAB, "\t").replace(_BREAK, "\n")


def _repeats(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(_TABLE + name)
    return 1 if text is None else _whole(text, LAST_ROW + 1)


def _whole(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and 0 < int(text) <= most):
        raise Refused("F103", "broken-file")
    return int(text)
