"""Cells that stand elsewhere in the fresh workbook, as few lines: a renamed sheet is one, a shifted area another."""

from __future__ import annotations

from collections.abc import Iterator

from xl2report.submission import Place
from xl2report.workbook.cells import position
from xl2report.workbook.change import Change
from xl2report.workbook.plan import cell_name

_SHIFTS = 3  # beyond that many different shifts of one sheet, it is simply another layout
_Spot = tuple[int, int]


def moved(places: list[tuple[Place, Place]]) -> Iterator[Change]:
    """The moves among pairs of places: where each cell stood and where it stands."""
    sheets: dict[tuple[str, str], list[tuple[_Spot, _Spot]]] = {}
    for source, target in places:
        if source.cell:
            sheets.setdefault((source.sheet, target.sheet), []).append((position(source.cell), position(target.cell)))
    for (source_sheet, target_sheet), spots in sheets.items():
        shifts: dict[_Spot, list[tuple[_Spot, _Spot]]] = {}
        for (row, column), (new_row, new_column) in spots:
            shifts.setdefault((new_row - row, new_column - column), []).append(((row, column), (new_row, new_column)))
        if source_sheet == target_sheet:
            shifts.pop((0, 0), None)
        count = sum(map(len, shifts.values()))
        if not shifts:
            continue
        if set(shifts) == {(0, 0)} or len(shifts) > _SHIFTS:
            code = "sheet" if set(shifts) == {(0, 0)} else "layout"
            yield Change("moved", code, Place(source_sheet, ""), Place(target_sheet, ""), cells=count)
            continue
        for pairs in shifts.values():
            before, after = (_area([pair[n] for pair in pairs]) for n in (0, 1))
            yield Change("moved", "shift", Place(source_sheet, before), Place(target_sheet, after), cells=len(pairs))


def _area(spots: list[_Spot]) -> str:
    """The area that the cells span."""
    rows, columns = [row for row, _ in spots], [column for _, column in spots]
    first, last = cell_name(min(rows), min(columns)), cell_name(max(rows), max(columns))
    return first if first == last else f"{first}:{last}"
