"""The sample as people edit it: lines and figures moved, ids and names lost, sheets copied and deleted; for tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from surgery import BOOK, RELATIONS, SAMPLE, STRINGS, Body, Place, changed, packed, part_of, put, replaced, unpacked

_SHEET_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"

# -- lines, for ``surgery.moved`` --------------------------------------------------------------------------------------


def deleted_row(row: int) -> Callable[[int, int], Place | None]:
    return lambda r, c: None if r == row else (r - (r > row), c)


def inserted_row(row: int) -> Callable[[int, int], Place | None]:
    return lambda r, c: (r + (r >= row), c)


def deleted_column(column: int) -> Callable[[int, int], Place | None]:
    return lambda r, c: None if c == column else (r, c - (c > column))


def inserted_column(column: int) -> Callable[[int, int], Place | None]:
    return lambda r, c: (r, c + (c >= column))


def emptied_row(row: int) -> Callable[[int, int], Place | None]:
    return lambda r, c: None if r == row else (r, c)


def exchanged_rows(one: int, other: int) -> Callable[[int, int], Place | None]:
    return lambda r, c: ({one: other, other: one}.get(r, r), c)


def exchanged_cells(one: Place, other: Place) -> Callable[[int, int], Place | None]:
    return lambda r, c: {one: other, other: one}.get((r, c), (r, c))


# -- formulas ----------------------------------------------------------------------------------------------------------


def as_values(*sheets: str) -> bytes:
    """What copying sheets and pasting their values makes of them."""
    parts = unpacked()
    for sheet in sheets:
        parts[part_of(sheet)] = re.sub(rb"<f>.*?</f>", b"", parts[part_of(sheet)])
    return packed(parts)


def with_formula(sheet: str, at: str, formula: str) -> bytes:
    """Another formula in a cell; its stored result stays."""
    return changed(part_of(sheet), lambda part: re.sub(rb'(<c r="%b"[^>]*><f>)[^<]*' % at.encode(), rb"\g<1>" + formula.encode(), part))


def with_result(sheet: str, at: str, result: str, attributes: str = "") -> bytes:
    """Another stored result of a cell's formula."""
    pattern = rb'(<c r="%b"[^>]*)(>.*?<v>)[^<]*' % at.encode()
    return changed(part_of(sheet), lambda part: re.sub(pattern, rb"\1" + attributes.encode() + rb"\g<2>" + result.encode(), part, count=1))


# -- ids and names -----------------------------------------------------------------------------------------------------


def without_ids(sheet: str) -> bytes:
    """The hidden column and row of a sheet emptied, with the row of its stamp."""
    return changed(part_of(sheet), lambda part: re.sub(rb'<c r="(A[0-9]+|[B-Z]+1)"[^>]*[^/]>.*?</c>', b"", part))


def without_names(base: bytes = SAMPLE) -> bytes:
    return changed(BOOK, lambda part: re.sub(rb'<definedName name="x2r_f_.*?</definedName>', b"", part), base)


def named_elsewhere(sheet: str, at: str, target: str) -> bytes:
    """A name that points to another cell; both are written like ``$C$17``."""
    return replaced(BOOK, f"'{sheet}'!{at}<", f"'{sheet}'!{target}<")


def restamped(old: str, new: str) -> bytes:
    """Another text in the stamps of sheets."""
    return replaced(STRINGS, f"xl2report|{old}", f"xl2report|{new}")


# -- sheets ------------------------------------------------------------------------------------------------------------


def without_sheet(name: str) -> bytes:
    """A sheet deleted: the names of its cells point to nothing."""

    def change(part: bytes) -> bytes:
        left = re.sub(f'<sheet name="{name}"[^>]*/>'.encode(), b"", part)
        return re.sub(f"'{name}'!\\$[A-Z]+\\$[0-9]+<".encode(), b"#REF!<", left)

    return changed(BOOK, change)


def with_sheet(name: str, part: bytes, base: bytes = SAMPLE) -> bytes:
    """One more sheet at the end."""
    parts = unpacked(base)
    parts["xl/worksheets/sheet99.xml"] = part
    for where, end, new in (
        (RELATIONS, "</Relationships>", f'<Relationship Id="rId99" Type="{_SHEET_KIND}" Target="worksheets/sheet99.xml"/>'),
        (BOOK, "</sheets>", f'<sheet name="{name}" sheetId="99" r:id="rId99"/>'),
        ("[Content_Types].xml", "</Types>", f'<Override PartName="/xl/worksheets/sheet99.xml" ContentType="{_SHEET_TYPE}"/>'),
    ):
        parts[where] = parts[where].replace(end.encode(), (new + end).encode())
    return packed(parts)


def copied(name: str, change: Mapping[str, Body]) -> bytes:
    """A sheet copied, and cells of the copy changed."""
    copy = f"{name} (2)"
    content = with_sheet(copy, unpacked()[part_of(name)])
    return put(copy, change, content) if change else content


def reordered(part: bytes) -> bytes:
    """The list of sheets from last to first."""
    listed = re.findall(rb"<sheet [^>]*/>", part)
    return part.replace(b"".join(listed), b"".join(reversed(listed)))


def hidden(part: bytes) -> bytes:
    """Every row and every column of a sheet hidden."""
    part = re.sub(rb"<row (?![^>]*hidden)", b'<row hidden="1" ', part)
    return re.sub(rb"<col (?![^>]*hidden)", b'<col hidden="1" ', part)


def with_comment(sheet: str, at: str, words: str) -> bytes:
    """A comment on a cell."""
    parts = unpacked()
    name = part_of(sheet).rpartition("/")[2]
    number = "comments9.xml"
    parts[f"xl/{number}"] = (
        '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author/></authors><commentList>'
        f'<comment ref="{at}" authorId="0"><text><t>{words}</t></text></comment></commentList></comments>'
    ).encode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    parts[f"xl/worksheets/_rels/{name}.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{kind}" Target="../{number}"/></Relationships>'
    ).encode()
    return packed(parts)
