"""Binding rules to places: each rule of a form becomes instances whose names are figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xl2report.form.language import (
    LAST,
    Binary,
    Call,
    Comparison,
    Expression,
    Figure,
    LanguageError,
    Least,
    Name,
    Number,
    Size,
    Sum,
    figures,
)
from xl2report.form.model import Field, Instance, Leaf, Rule, Table
from xl2report.form.tree import cell_id, leaves


@dataclass(frozen=True, slots=True)
class Scope:
    """Where one instance stands: how a short name becomes a field id, and what a total name adds up there."""

    key: str
    item: tuple[str, ...]
    resolve: Callable[[str], str]
    parts: Callable[[str], tuple[str, ...]]


class UnknownScope(ValueError):
    """``each`` names something that the form does not have."""


def bind(rule: Rule, fields: dict[str, Field], tables: tuple[Table, ...]) -> tuple[Instance, ...]:
    """The instances of a rule. UnknownScope or LanguageError (with its offset in the text) if it cannot be bound."""
    return tuple(_instance(rule, fields, scope) for scope in _scopes(rule.each, fields, tables))


def _instance(rule: Rule, fields: dict[str, Field], scope: Scope) -> Instance:
    check = bind_comparison(rule.check, fields, scope)
    when = rule.when and bind_comparison(rule.when, fields, scope)
    asked = (*figures(check), *(figures(when) if when else ()))
    return Instance(rule, scope.key, scope.item, check, when, tuple(dict.fromkeys(one for one in asked if one.kind == "last")))


def bind_comparison(
    comparison: Comparison, fields: dict[str, Field], scope: Scope | None = None
) -> Comparison:
    """The comparison with every name bound; without a scope, names are whole field ids."""
    scope = scope or Scope("", (), lambda name: name, lambda name: fields[name].parts)
    left, right = _bind(comparison.left, fields, scope), _bind(comparison.right, fields, scope)
    return Comparison(comparison.operator, left, right)


def _scopes(each: tuple[str, ...], fields: dict[str, Field], tables: tuple[Table, ...]) -> Iterator[Scope]:
    if not each:
        yield Scope("", (), lambda name: name, lambda name: fields[name].parts)
    for target in each:
        table_id, _, what = target.partition(".")
        table = next((table for table in tables if table.id == table_id), None)
        if table is None:
            raise UnknownScope(target)
        found = tuple(_table_scopes(table, what, fields))
        if not found:
            raise UnknownScope(target)
        yield from found


def _table_scopes(table: Table, what: str, fields: dict[str, Field]) -> Iterator[Scope]:
    for block in table.blocks:
        rows, columns = tuple(leaves(block.rows)), tuple(leaves(block.columns))
        if what == "columns":
            yield from (_line_scope(table, column, path, rows, False) for column, path in columns)
        elif what in ("counts", "totals"):
            for cell in (field for field in table.cells if (field.kind == "count" if what == "counts" else field.parts)):
                yield Scope(
                    cell.id.removeprefix(table.id + "."),
                    cell.path,
                    lambda name, it=cell.id: it if name == "it" else name,  # type: ignore[misc]  # bound now
                    lambda name, it=cell: it.parts if name == "it" else fields[name].parts,  # type: ignore[misc]
                )
            return
        else:
            for row, path in rows:
                if what in ("rows", row.id):
                    yield _line_scope(table, row, path, columns, True)


def _line_scope(
    table: Table,
    line: Leaf,
    path: tuple[str, ...],
    across: tuple[tuple[Leaf, tuple[str, ...]], ...],
    is_row: bool,
) -> Scope:
    """A scope in which the leaves of the crossing axis can be named by their short ids."""
    crossing = {leaf.id: leaf for leaf, _ in across}

    def at(leaf_id: str) -> str:
        other = crossing[leaf_id]
        return cell_id(table.id, line, other) if is_row else cell_id(table.id, other, line)

    return Scope(
        line.id,
        path,
        lambda name: at(name) if name in crossing else name,
        lambda name: tuple(at(part) for part in crossing[name].sums) if name in crossing else (),
    )


def _bind(node: Expression, fields: dict[str, Field], scope: Scope) -> Expression:
    match node:
        case Name(text, offset):
            return _figure(text, offset, fields, scope)
        case Call():
            return _bind_call(node, fields, scope)
        case Binary(operator, left, right):
            return Binary(operator, _bind(left, fields, scope), _bind(right, fields, scope))
        case Sum(terms):
            return Sum(tuple(_bind(term, fields, scope) for term in terms))
        case Least(terms):
            return Least(tuple(_bind(term, fields, scope) for term in terms))
        case Size(term):
            return Size(_bind(term, fields, scope))
        case Number() | Figure():
            return node


def _figure(text: str, offset: int, fields: dict[str, Field], scope: Scope) -> Figure:
    if text.startswith(LAST):
        asked = scope.resolve(text.removeprefix(LAST))
        if asked not in fields:
            raise LanguageError("unknown-name", offset, text)
        if not fields[asked].is_number:
            raise LanguageError("not-a-number", offset, text)
        return Figure(LAST + asked, "last", ())
    field_id = scope.resolve(text)
    if field_id in fields:
        if not fields[field_id].is_number:
            raise LanguageError("not-a-number", offset, text)
        return Figure(field_id, "field", (field_id,))
    owner, _, attribute = field_id.rpartition(".")
    choices = fields[owner].choices if owner in fields else ()
    if choices and all(isinstance(choice.attribute(attribute), int) for choice in choices):
        return Figure(field_id, "attribute", (owner,), attribute)
    raise LanguageError("unknown-name", offset, text)


def _bind_call(call: Call, fields: dict[str, Field], scope: Scope) -> Expression:
    if call.function in ("sum", "min", "abs"):
        terms = tuple(_bind(argument, fields, scope) for argument in call.arguments)
        if call.function == "abs" and len(terms) != 1:
            raise LanguageError("arguments", call.offset, call.function)
        return Size(terms[0]) if call.function == "abs" else Least(terms) if call.function == "min" else Sum(terms)
    named = [argument for argument in call.arguments if isinstance(argument, Name)]
    names = [argument.text for argument in named]
    expected = 2 if call.function == "contains" else 1
    if len(names) != len(call.arguments) or len(names) != expected:
        raise LanguageError("arguments", call.offset, call.function)
    if call.function == "parts":
        return _bind_parts(named[0], scope, fields)
    if call.function == "length":
        texts = tuple(
            field.id
            for field in fields.values()
            if (field.id == names[0] or field.id.startswith(names[0] + ".")) and field.kind in ("prose", "text")
        )
        if not texts:
            raise LanguageError("unknown-name", named[0].offset, names[0])
        return Figure(f"length({names[0]})", "length", texts)
    text, number = names
    for argument in named:
        if argument.text not in fields:
            raise LanguageError("unknown-name", argument.offset, argument.text)
    if not fields[number].is_number:
        raise LanguageError("not-a-number", named[1].offset, number)
    return Figure(f"contains({text},{number})", "contains", (text, number))


def _bind_parts(name: Name, scope: Scope, fields: dict[str, Field]) -> Sum:
    resolved = scope.resolve(name.text)
    parts = scope.parts(name.text) if resolved in fields else ()
    if not parts:
        raise LanguageError("not-a-total", name.offset, name.text)
    return Sum(tuple(Figure(part, "field", (part,)) for part in parts))
