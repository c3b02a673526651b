"""The closed language of ``check`` and ``when``: text in, a small tree out.

    comparison = sum ("==" | "!=" | "<=" | ">=" | "<" | ">") sum
    sum        = product {("+" | "-") product}
    product    = atom {"*" atom}
    atom       = number | name | function "(" sum {"," sum} ")" | "(" sum ")"

Functions: ``sum`` and ``min`` (of their arguments), ``abs``, ``parts`` (of one total: what the form declares that
it adds up), ``length`` (characters of a prose section; a placeholder paragraph counts 0), ``contains`` (1 if a text
holds the digits of a whole number, else 0). A name after ``last.`` is a figure of the report of the year before.
Names are bound to figures by :mod:`xl2report.form.binding`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

FUNCTIONS: frozenset[str] = frozenset({"sum", "min", "abs", "parts", "length", "contains"})
LAST = "last."  # begins the name of a figure of the year before
COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
COMPARED_DECIMALS = 6  # both compilers compare the difference of the two sides rounded to this many decimals
NOTHING_SAID: tuple[str, ...] = ("无", "无。", "/", "-", "—", "——", "暂无", "暂无。")  # paragraphs of length 0
TEXT_SPACES: tuple[str, ...] = (" ", "\u3000", "\u00a0", "\t", "\r", "\n")  # characters that length does not count


class Number(NamedTuple):
    value: Decimal


class Name(NamedTuple):
    """A name as written, and the offset where it stands in the text."""

    text: str
    offset: int


class Call(NamedTuple):
    function: str
    arguments: tuple[Expression, ...]
    offset: int


class Figure(NamedTuple):
    """A bound leaf. ``key`` names it everywhere: a field id, ``length(id)``, ``contains(id,id)``, ``id.attribute`` or ``last.id``.

    ``fields`` are the cells of this form that it rests on: none for a figure of the year before.
    """

    key: str
    kind: Literal["field", "attribute", "length", "contains", "last"]
    fields: tuple[str, ...]
    attribute: str = ""

    @property
    def last(self) -> str:
        """The field of the year before whose figure it is, or ""."""
        return self.key.removeprefix(LAST) if self.kind == "last" else ""


class Sum(NamedTuple):
    terms: tuple[Expression, ...]


class Least(NamedTuple):
    """The smallest of its terms."""

    terms: tuple[Expression, ...]


class Size(NamedTuple):
    """The value of a term without its sign."""

    term: Expression


class Binary(NamedTuple):
    operator: Literal["+", "-", "*"]
    left: Expression
    right: Expression


Expression: TypeAlias = Number | Name | Call | Figure | Sum | Least | Size | Binary


class Comparison(NamedTuple):
    operator: Literal["==", "!=", "<=", ">=", "<", ">"]
    left: Expression
    right: Expression


class LanguageError(ValueError):
    """A text outside the language; ``offset`` counts characters from its start."""

    def __init__(self, code: str, offset: int, text: str) -> None:
        super().__init__(f"{code} at {offset}: {text}")
        self.code, self.offset, self.text = code, offset, text


_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w.]*)|(?P<op>==|!=|<=|>=|[-+*(),<>])|(?P<bad>\S))"
)


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


def parse(text: str) -> Comparison:
    """The comparison that a ``check`` or ``when`` text says; LanguageError at the first character outside it."""
    parser = _Parser(tuple(_tokens(text)), len(text))
    left = parser.sum()
    token = parser.take()
    if token.text not in COMPARISONS:
        raise LanguageError("comparison-missing", token.offset, token.text)
    right = parser.sum()
    end = parser.take()
    if end.kind != "end":
        raise LanguageError("after-the-end", end.offset, end.text)
    return Comparison(token.text, left, right)  # type: ignore[arg-type]  # member of COMPARISONS, tested above


def figures(node: Expression | Comparison) -> Iterator[Figure]:
    """Every figure of a bound tree, in reading order, repeats included."""
    match node:
        case Figure():
            yield node
        case Sum(terms) | Least(terms):
            for term in terms:
                yield from figures(term)
        case Size(term):
            yield from figures(term)
        case Binary(_, left, right) | Comparison(_, left, right):
            yield from figures(left)
            yield from figures(right)


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while (match := _TOKEN.match(text, position)) and match.lastgroup:
        kind, position = match.lastgroup, match.end()
        if kind == "bad":
            raise LanguageError("character", match.start(kind), match.group(kind))
        yield _Token(kind, match.group(kind), match.start(kind))


class _Parser:
    """Recursive descent over the tokens; one method a line of the grammar."""

    def __init__(self, tokens: tuple[_Token, ...], length: int) -> None:
        self._tokens, self._next, self._end = tokens, 0, _Token("end", "", length)

    def peek(self) -> _Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else self._end

    def take(self) -> _Token:
        token = self.peek()
        self._next += 1
        return token

    def sum(self) -> Expression:
        node = self.product()
        while self.peek().text in ("+", "-"):
            operator: Literal["+", "-"] = "+" if self.take().text == "+" else "-"
            node = Binary(operator, node, self.product())
        return node

    def product(self) -> Expression:
        node = self.atom()
        while self.peek().text == "*":
            self.take()
            node = Binary("*", node, self.atom())
        return node

    def atom(self) -> Expression:
        token = self.take()
        if token.kind == "number":
            return Number(Decimal(token.text))
        if token.kind == "name" and self.peek().text == "(":
            return self.call(token)
        if token.kind == "name":
            return Name(token.text, token.offset)
        if token.text == "(":
            node = self.sum()
            self.close()
            return node
        raise LanguageError("operand-missing", token.offset, token.text)

    def call(self, function: _Token) -> Expression:
        if function.text not in FUNCTIONS:
            raise LanguageError("function", function.offset, function.text)
        self.take()
        arguments = [self.sum()]
        while self.peek().text == ",":
            self.take()
            arguments.append(self.sum())
        self.close()
        return Call(function.text, tuple(arguments), function.offset)

    def close(self) -> None:
        token = self.take()
        if token.text != ")":
            raise LanguageError("parenthesis", token.offset, token.text)
