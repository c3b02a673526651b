"""The charts of a table: which line of figures each draws, and what every bar of it is called."""

from __future__ import annotations

from collections.abc import Mapping

from xl2report.form.model import Bar, Block, Chart, Group, Leaf, Tree
from xl2report.form.source import Node
from xl2report.form.tree import cell_id, leaves


def read_charts(table_id: str, blocks: tuple[Block, ...], units: Mapping[str, str], node: Node) -> tuple[Chart, ...]:
    """The charts of a table's ``charts`` entry; faults are noted at their nodes. ``units`` are those of its cells, by id.

    ``row`` or ``column`` names the line that is drawn; a table with one row needs neither. The bars are the lines that
    cross it, totals left out. ``parts_of`` takes only those beside a total, and a group among them as one bar.
    """
    charts = []
    for item in node.items():
        keys = item.record("title", "row", "column", "parts_of", required=("title",))
        title = keys["title"].text() if "title" in keys else ""
        line = next((keys[key] for key in ("row", "column") if key in keys), None)
        found = _line(blocks, line.text() if line else "", "column" in keys)
        if found is None:
            (line or item).fault("unknown-line", line.text() if line else "")
            continue
        axis, name = found
        bars = _bars(axis)
        if "parts_of" in keys:
            beside = _beside(axis, keys["parts_of"].text())
            if not beside:
                keys["parts_of"].fault("unknown-leaf", keys["parts_of"].text())
            bars = tuple(_summed(child) for child in beside)
        across = "column" in keys
        bound = tuple(_bound(bar, table_id, name, across) for bar in bars)
        common = {units[field] for bar in bound for field in bar.fields}
        charts.append(Chart(title, common.pop() if len(common) == 1 else "", bound))
    return tuple(charts)


def _line(blocks: tuple[Block, ...], name: str, across: bool) -> tuple[Tree, str] | None:
    """The header tree that crosses a line, and the line's id; None if there is no such line."""
    for block in blocks:
        own, other = (block.columns, block.rows) if across else (block.rows, block.columns)
        ids = [leaf.id for leaf, _ in leaves(own)]
        if name in ids or (not name and len(ids) == 1):
            return other, name or ids[0]
    return None


def _bars(tree: Tree) -> tuple[Bar, ...]:
    """A bar for each leaf that is no total; the labels that not all of them share are its group."""
    found = [(leaf, path) for leaf, path in leaves(tree) if not leaf.sums]
    shared = 0
    while all(len(path) > shared + 1 for _, path in found) and len({path[shared] for _, path in found}) == 1:
        shared += 1
    return tuple(Bar(leaf.label, path[shared:-1], (leaf.id,)) for leaf, path in found)


def _beside(tree: Tree, total: str) -> Tree:
    """The nodes of the innermost group that holds a total, the total left out; () if there is no such total."""
    for node in tree:
        if isinstance(node, Group) and (found := _beside(node.children, total)):
            return found
    if any(isinstance(node, Leaf) and node.id == total and node.sums for node in tree):
        return tuple(node for node in tree if isinstance(node, Group) or not node.sums)
    return ()


def _summed(node: Leaf | Group) -> Bar:
    below = (leaf for leaf, _ in leaves((node,)) if not leaf.sums)
    return Bar(node.label, (), tuple(leaf.id for leaf in below))


def _bound(bar: Bar, table_id: str, line: str, across: bool) -> Bar:
    """The bar with the field ids of its figures in place of the ids of its lines."""
    own = Leaf(line, "")
    lines = (Leaf(name, "") for name in bar.fields)
    cells = (cell_id(table_id, *((leaf, own) if across else (own, leaf))) for leaf in lines)
    return bar._replace(fields=tuple(cells))
