"""What openpyxl does not get to see: sheets that no mark goes to, and of the others merged areas and validations.

Most of a workbook is in sheets without marks (the hidden one alone is half of it), and what does not pass through openpyxl
cannot be lost in it. It gets empty sheets in their place, and their own parts come back as they were. Styles keep their
numbers there; shared texts do not, and so they come back inside their cells, as in the sheets that openpyxl writes.
Merged areas it would draw anew, cell by cell; of validations it makes objects and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from xl2report.workbook.losses import MAIN, STRINGS, Parts

_ROOT = re.compile(rb'\s*(?:<\?xml version="1\.0"(?: encoding="(?i:utf-8)")?(?: standalone="\w+")?\s*\?>)?\s*<(?:worksheet|sst)\b[^>]*>')
_MAIN_NAMESPACE = f'xmlns="{MAIN[1:-1]}"'.encode()
_TEXTS = re.compile(rb"<si>(.*?)</si>|<si/>", re.DOTALL)
_SHARED = re.compile(rb'(<c (?:[^>]* )?t=)"s"([^>]*>)\s*<v>([0-9]{1,9})</v>')
_ANY_SHARED = re.compile(rb"""<c\s(?:[^>]*\s)?t\s*=\s*["']s["']""")
_VIEW = re.compile(rb"<sheetView\b[^>]*>")
_SELECTED = re.compile(rb'\s+tabSelected="[^"]*"')
_DATA = re.compile(rb"<sheetData>.*</sheetData>.*", re.DOTALL)
_EMPTY = b"<sheetData></sheetData></worksheet>"
_MERGES = re.compile(rb"<mergeCells\b[^>]*>(.*?)</mergeCells>", re.DOTALL)
_MERGE = re.compile(rb'<mergeCell ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})" ?/>')
_VALIDATIONS = re.compile(rb"<dataValidations\b[^>]*>.*?</dataValidations>", re.DOTALL)
_UID = re.compile(rb' xr[0-9]?:uid="[^"]*"')  # of a revision; openpyxl leaves it out as well
_PREFIXED = re.compile(rb"<\w+:|\s\w+:\w+\s*=")
_BEHIND = re.compile(rb"<(?:hyperlinks|printOptions|pageMargins|pageSetup|headerFooter|rowBreaks|colBreaks|legacyDrawing|drawing|tableParts)[ />]|</worksheet>")


class Aside(NamedTuple):
    """The parts without what is in sheets that were set aside; by name those sheets; the parts as openpyxl is to open them.

    ``merges`` and ``validations`` are what it does not get of the other sheets, by name.
    """

    parts: Parts
    sheets: Mapping[str, bytes]
    lean: Parts
    merges: Mapping[str, tuple[str, ...]]
    validations: Mapping[str, bytes]


def set_aside(parts: Parts, sheets: Mapping[str, str], wanted: Collection[str]) -> Aside:
    """The package without the content of the sheets that are not wanted, as far as they can come back as they are.

    ``sheets`` has the part of each sheet. What leans on parts of its own (comments, tables, links, settings of a printer)
    stays, as does whatever is written in a way that is not foreseen here.
    """
    strings = parts.get(STRINGS, b"")
    texts = _TEXTS.findall(strings)
    aside = {}
    if not strings or (_is_plain(strings) and strings.count(b"xmlns") == 1):
        aside = {name: _with_texts(parts[part], texts) for name, part in sheets.items() if name not in wanted and _can_go(parts, part, len(texts))}
    emptied = {**parts, **{sheets[name]: _DATA.sub(_EMPTY, xml) for name, xml in aside.items()}}
    merges, validations, lean = {}, {}, dict(emptied)
    for name, part in sheets.items():
        if name in aside or not _is_plain(parts[part]):
            continue
        xml = parts[part]
        if (area := _MERGES.search(xml)) and not _MERGE.sub(b"", area[1]).strip():
            merges[name] = tuple(found.decode() for found in _MERGE.findall(area[1]))
            xml = _MERGES.sub(b"", xml, count=1)
        if (found := _VALIDATIONS.search(xml)) and not _PREFIXED.search(own := _UID.sub(b"", found[0])):
            validations[name] = own
            xml = _VALIDATIONS.sub(b"", xml, count=1)
        lean[part] = xml
    return Aside(emptied, aside, lean, merges, validations)


def with_validations(part: bytes, validations: bytes) -> bytes:
    """A sheet's part as openpyxl wrote it, with the validations that it did not get."""
    head, end, tail = part.partition(b"</sheetData>")
    return head + end + _BEHIND.sub(lambda found: validations + found[0], tail, count=1)


def put_in_place(written: dict[str, bytes], sheets: Mapping[str, str], aside: Aside, selected: Collection[str]) -> None:
    """Puts what was set aside into the parts that openpyxl wrote. ``selected`` are the sheets whose tabs are selected."""
    for name, xml in aside.sheets.items():
        start = b'<sheetView tabSelected="1"' if name in selected else b"<sheetView"
        head, data, rest = xml.partition(b"<sheetData>")
        head = _VIEW.sub(lambda found, start=start: _SELECTED.sub(b"", found[0]).replace(b"<sheetView", start, 1), head)  # type: ignore[misc]
        written[sheets[name]] = head + data + rest


def _with_texts(xml: bytes, texts: list[bytes]) -> bytes:
    return _SHARED.sub(lambda found: b'%s"inlineStr"%s<is>%s</is>' % (found[1], found[2], texts[int(found[3])]), xml)


def _can_go(parts: Parts, part: str, texts: int) -> bool:
    folder, _, file = part.rpartition("/")
    xml = parts[part]
    shared = _SHARED.findall(xml)
    return (
        f"{folder}/_rels/{file}.rels" not in parts
        and _is_plain(xml)
        and _DATA.search(xml) is not None
        and b"<autoFilter" not in xml  # has a name of its own in the workbook
        and len(shared) == len(_ANY_SHARED.findall(xml))
        and all(int(number) < texts for _, _, number in shared)
    )


def _is_plain(xml: bytes) -> bool:
    """True for UTF-8 whose elements have no prefix, without comments or sections in which something could be hidden."""
    start = _ROOT.match(xml)
    return start is not None and _MAIN_NAMESPACE in start[0] and b"<!" not in xml
