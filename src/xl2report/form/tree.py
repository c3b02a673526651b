"""Walking header trees: the leaves in printed order, their label paths, and what a total adds up."""

from __future__ import annotations

from collections.abc import Iterator

from xl2report.form.model import Block, Group, Leaf, Tree


def leaves(tree: Tree, path: tuple[str, ...] = ()) -> Iterator[tuple[Leaf, tuple[str, ...]]]:
    """Each leaf with the labels from the outermost group down to its own."""
    for node in tree:
        if isinstance(node, Group):
            yield from leaves(node.children, (*path, node.label))
        else:
            yield node, (*path, node.label) if node.label else path


def depth(tree: Tree) -> int:
    """Levels of labels: 1 for bare leaves, one more for each group around them; 0 for an unlabelled line."""
    return max(
        (1 + depth(node.children) if isinstance(node, Group) else int(bool(node.label)) for node in tree),
        default=0,
    )


def width(node: Leaf | Group) -> int:
    """How many leaves stand under a node (1 for a leaf)."""
    return sum(width(child) for child in node.children) if isinstance(node, Group) else 1


def siblings(tree: Tree, leaf_id: str) -> tuple[str, ...]:
    """The other leaves of the innermost group that holds a leaf, totals left out: what ``sum: leaves`` means."""
    for node in tree:
        if isinstance(node, Group) and (found := siblings(node.children, leaf_id)):
            return found
    here = [leaf for leaf, _ in leaves(tree)]
    if any(isinstance(node, Leaf) and node.id == leaf_id for node in tree):
        return tuple(leaf.id for leaf in here if leaf.id != leaf_id and not leaf.sums)
    return ()


def cell_id(table_id: str, row: Leaf, column: Leaf) -> str:
    """The field id where a row and a column cross; a row without an id adds nothing to it."""
    return ".".join(part for part in (table_id, row.id, column.id) if part)


def crossings(block: Block) -> Iterator[tuple[Leaf, tuple[str, ...], Leaf, tuple[str, ...]]]:
    """Row leaf, row path, column leaf, column path of every cell, in reading order."""
    columns = tuple(leaves(block.columns))
    for row, row_path in leaves(block.rows):
        for column, column_path in columns:
            yield row, row_path, column, column_path
