"""What must be in the copy of a workbook as it was in the original: cells, defined names, formats of numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from openpyxl.styles.numbers import BUILTIN_FORMATS

from xl2report.grid import Book
from xl2report.workbook.cells import UNKNOWN_FORMULA
from xl2report.workbook.losses import MAIN, STYLES, WORKBOOK, CannotMark, Parts, xml
from xl2report.workbook.mark_words import MARKS_STAMP


def compare(before: Book, after: Book) -> None:
    """CannotMark unless the copy has the sheets of the original, cell by cell, beside the list."""
    copies = {sheet.name: sheet for sheet in after.sheets if sheet.text(0, 0) != MARKS_STAMP}
    originals = [sheet for sheet in before.sheets if sheet.text(0, 0) != MARKS_STAMP]
    if [sheet.name for sheet in originals] != list(copies):
        raise CannotMark("changed", "sheets")
    for sheet in originals:
        copied = copies[sheet.name]
        if copied.cells.keys() != sheet.cells.keys() or set(copied.merges) != set(sheet.merges):
            raise CannotMark("changed", sheet.name)
        for place, raw in sheet.cells.items():
            other = copied.cells[place]
            same_formula = raw.formula == other.formula or UNKNOWN_FORMULA in (raw.formula, other.formula)
            if raw._replace(formula="") != other._replace(formula="") or not same_formula:
                raise CannotMark("changed", f"{sheet.name} {place}")


def formats(parts: Parts) -> list[str]:
    """The number format of each style of cells, in their order."""
    if STYLES not in parts:
        return []
    tree = xml(parts, STYLES)
    own = {format.get("numFmtId", ""): format.get("formatCode", "") for format in tree.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")}
    used = [style.get("numFmtId", "0") for style in tree.iterfind(f"{MAIN}cellXfs/{MAIN}xf")]
    return [own.get(number) or BUILTIN_FORMATS.get(int(number), number) if number.isdigit() else number for number in used]


def names(parts: Parts, lists: Sequence[str]) -> Counter[tuple[str, str, str]]:
    """Every defined name with its sheet and what it stands for. Print areas and titles are written in other words."""
    tree = xml(parts, WORKBOOK)
    sheets = [sheet.get("name", "") for sheet in tree.iter(f"{MAIN}sheet")]
    found: Counter[tuple[str, str, str]] = Counter()
    for name in tree.iter(f"{MAIN}definedName"):
        at = name.get("localSheetId")
        sheet = sheets[int(at)] if at is not None else ""
        label, text = name.get("name", ""), name.text or ""
        if sheet not in lists and label != "_xlnm._FilterDatabase":
            found[label, sheet, "" if label.startswith("_xlnm.") else text] += 1
    return found
