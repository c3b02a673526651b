"""The table part of a form file: header trees, blocks, and the field where each row crosses each column."""

from __future__ import annotations

from typing import Any

from xl2report.form.charts import read_charts
from xl2report.form.fields import FIELD_KEYS, KINDS, field_options
from xl2report.form.model import Block, Field, Group, Leaf, Table, Tree
from xl2report.form.source import Node
from xl2report.form.tree import cell_id, crossings, leaves, siblings

LEAF_KEYS = ("label", "sum", "kind", "unit", "decimals", "minimum", "maximum", "required", "hint", "basis", "from_last")
TABLE_KEYS = ("title", "kind", "unit", "zero_question", "note", "blocks", "corner", "columns", "rows", "charts")


def read_table(table_id: str, node: Node) -> Table:
    """The table of a ``tables`` entry; faults are noted at their nodes."""
    keys = node.record(*TABLE_KEYS, required=("title", "zero_question", "note"))
    title = keys["title"].text() if "title" in keys else ""
    base: dict[str, Any] = {"kind": keys["kind"].one_of(KINDS) if "kind" in keys else "count"}
    base["unit"] = keys["unit"].text() if "unit" in keys else ""
    stacked = keys["blocks"].items() if "blocks" in keys else ()
    blocks = tuple(map(_block, stacked)) or (_block_of(keys, node),)
    asked: dict[str, Field] = {}
    for key, kind in (("zero_question", "yesno"), ("note", "text")):
        options = field_options(keys[key].record(*FIELD_KEYS, required=("label",))) if key in keys else {}
        label = str(options.pop("label", ""))
        name = "blank_is_zero" if key == "zero_question" else key
        asked[key] = Field(f"{table_id}.{name}", label, (title, label), **{"kind": kind, **options})
    cells = tuple(cell for block in blocks for cell in _cells(table_id, block, base))
    units = {cell.id: cell.unit for cell in cells}
    charts = read_charts(table_id, blocks, units, keys["charts"]) if "charts" in keys else ()
    return Table(table_id, title, blocks, cells, asked["zero_question"], asked["note"], charts)


def _block(node: Node) -> Block:
    return _block_of(node.record("heading", "corner", "columns", "rows", required=("columns",)), node)


def _block_of(keys: dict[str, Node], node: Node) -> Block:
    if "columns" not in keys:
        node.fault("missing-key", detail="columns")
        return Block((), (Leaf("", ""),))
    columns = _axis(keys["columns"])
    rows = _axis(keys["rows"]) if "rows" in keys else (Leaf("", ""),)
    return Block(
        columns,
        rows,
        keys["corner"].text() if "corner" in keys else "",
        keys["heading"].text() if "heading" in keys else "",
    )


def _axis(node: Node) -> Tree:
    """A header tree with ``sum: leaves`` spelled out, and every id it names known to be a leaf of the same axis."""
    summed: dict[str, Node] = {}
    lasts: dict[str, Node] = {}
    tree = _tree(node, summed, lasts)
    known = {leaf.id: leaf for leaf, _ in leaves(tree)}
    for name, last in lasts.items():
        if last.text() not in known:
            last.fault("unknown-last", last.text())
        elif _nature(known[last.text()]) != _nature(known[name]):
            last.fault("other-kind", last.text())

    def resolve(part: Leaf | Group) -> Leaf | Group:
        if isinstance(part, Group):
            return part._replace(children=tuple(map(resolve, part.children)))
        sums = siblings(tree, part.id) if part.sums == ("leaves",) else part.sums
        if summed.get(part.id) and summed[part.id].is_list:
            for item in summed[part.id].items():
                if item.text() not in known:
                    item.fault("unknown-leaf", item.text())
        return part._replace(sums=tuple(name for name in sums if name in known))

    return tuple(map(resolve, tree))


def _nature(leaf: Leaf) -> tuple[object, object]:
    """What two lines must have in common if one takes its figures over from the other."""
    options = dict(leaf.options)
    return options.get("kind"), options.get("unit")


def _tree(node: Node, summed: dict[str, Node], lasts: dict[str, Node]) -> Tree:
    """``id: label`` is a leaf; a mapping with ``label`` a leaf with options; any other mapping a group."""
    children: list[Leaf | Group] = []
    for _, name, value in node.entries():
        if not value.is_mapping:
            children.append(Leaf(name, value.text()))
        elif any(key == "label" for _, key, _ in value.entries()):
            children.append(_leaf(name, value, summed, lasts))
        else:
            children.append(Group(name, _tree(value, summed, lasts)))
    return tuple(children)


def _leaf(name: str, node: Node, summed: dict[str, Node], lasts: dict[str, Node]) -> Leaf:
    keys = node.record(*LEAF_KEYS)
    label = keys.pop("label").text() if "label" in keys else ""
    sums: tuple[str, ...] = ()
    if "sum" in keys:
        total = summed[name] = keys.pop("sum")
        sums = tuple(item.text() for item in total.items()) if total.is_list else (total.one_of(("leaves",)),)
    if "from_last" in keys:
        lasts[name] = keys["from_last"]
    return Leaf(name, label, tuple(field_options(keys).items()), sums)


def _last(table_id: str, row: Leaf, column: Leaf) -> str:
    """The cell whose figure of last year stands at this crossing; the column's word counts before the row's."""
    if name := dict(column.options).get("from_last"):
        return cell_id(table_id, row, column._replace(id=str(name)))
    return cell_id(table_id, row._replace(id=str(dict(row.options)["from_last"])), column)


def _cells(table_id: str, block: Block, base: dict[str, Any]) -> tuple[Field, ...]:
    heading = (block.heading,) if block.heading else ()
    cells = []
    for row, row_path, column, column_path in crossings(block):
        options = {**base, **dict(row.options), **dict(column.options)}
        if "from_last" in options:
            options["from_last"] = _last(table_id, row, column)
        if column.sums:
            parts = tuple(cell_id(table_id, row, column._replace(id=name)) for name in column.sums)
        else:
            parts = tuple(cell_id(table_id, row._replace(id=name), column) for name in row.sums)
        path = (*heading, *row_path, *column_path)
        label = column.label if not row.label else row.label
        cells.append(Field(cell_id(table_id, row, column), label, path, parts=parts, **options))
    return tuple(cells)
