"""A workbook in an old or a foreign format (.xls, .et, .ods, .xlsb), read by calamine in a child process.

Formulas and names are not seen: a total shows as the number that the file stored for it.
"""

from __future__ import annotations

from xl2report.grid import Area, Book, Grid
from xl2report.submission import Raw, RawKind, Remark
from xl2report.workbook.cells import CELLS_LIMIT, LAST_COLUMN, LAST_ROW, TEXT_LIMIT
from xl2report.workbook.child import run_child
from xl2report.workbook.package import Unreadable

_KINDS: dict[str, RawKind] = {"number": "number", "text": "text", "boolean": "boolean", "error": "error", "date": "date", "percent": "percent"}


def read_foreign(content: bytes, kind: str, skip: frozenset[str] = frozenset()) -> Book:
    """The book in a file that was sniffed as xls, ods or xlsb, without the sheets named in ``skip``.

    Dates are ISO texts; those with a time of day, times and durations have it in their text. Unreadable if the file is
    damaged, has a password, or is beyond a limit.
    """
    head = "\x1f".join((str(CELLS_LIMIT), str(TEXT_LIMIT), *sorted(skip)))
    answer = run_child(kind, head.encode(), content, kind)
    try:
        return _book(answer.decode(), kind)
    except (ValueError, IndexError, KeyError, TypeError):  # not what our own child writes
        raise Unreadable("F103", kind=kind, detail="crashed") from None


def _book(answer: str, kind: str) -> Book:
    names: list[str] = []
    sheets: list[tuple[str, dict[tuple[int, int], Raw], list[Area]]] = []
    *records, last = answer.split("\x1e")
    for record in records:
        what, *fields = record.split("\x1f")
        if what == "cell":
            row, column, cell_kind, text = fields
            sheets[-1][1][_place(row, column)] = Raw(_KINDS[cell_kind], text)
        elif what == "sheet":
            is_read, name = fields
            names.append(name)
            if is_read == "1":
                sheets.append((name, {}, []))
        else:
            top, left, bottom, right = fields
            sheets[-1][2].append(Area(*_place(top, left), *_place(bottom, right)))
    what, removed = last.split("\x1f")
    remarks = (Remark("F116", words=(("count", removed),)),) if what == "removed" and int(removed) else ()
    grids = tuple(Grid(name, cells, tuple(merges)) for name, cells, merges in sheets)
    return Book(grids, tuple(names), kind, remarks=remarks)


def _place(row: str, column: str) -> tuple[int, int]:
    place = int(row), int(column)
    if not (0 <= place[0] <= LAST_ROW and 0 <= place[1] <= LAST_COLUMN):
        raise ValueError(place)
    return place
