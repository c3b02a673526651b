"""What a form is: frozen values, no behaviour beyond simple look-ups.

Small records are NamedTuples: every command makes these classes, and making one costs a sixth of a dataclass.

Ids are dotted: ``requests.new.natural`` is table ``requests``, row ``new``, column ``natural``;
a table whose one data row has no label has ``review.suit_direct.total``: table, column.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from xl2report.form.language import Comparison, Figure

Kind: TypeAlias = Literal[
    "count", "change", "amount", "text", "choice", "yesno", "date", "link", "prose"
]
Severity: TypeAlias = Literal["error", "query", "note"]

ROLES = ("agency", "code", "category", "year", "title", "page", "date", "submission")
NUMBER_KINDS: frozenset[str] = frozenset({"count", "change", "amount"})
YES, NO = "是", "否"


class Words(NamedTuple):
    """One sentence in Chinese with its English twin."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.en if language == "en" and self.en else self.zh


class Choice(NamedTuple):
    """One answer of a choice field, with the attributes that rules may ask for (numbers or text)."""

    label: str
    attributes: tuple[tuple[str, int | str], ...] = ()

    def attribute(self, name: str) -> int | str | None:
        return next((value for key, value in self.attributes if key == name), None)


class Field(NamedTuple):
    """One value of a form, with the properties that are checked for it alone.

    ``parts`` is empty for an input; for a total it lists the field ids it adds up.
    ``paragraphs`` is the number of rows the workbook offers for a prose field. ``role`` says which of the
    few facts that every report needs this field is (ROLES), so that the program names no field of any form.
    ``from_last`` is the field of last year's report whose value this one begins with, or "".
    """

    id: str
    label: str
    path: tuple[str, ...]
    kind: Kind = "text"
    unit: str = ""
    decimals: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    required: bool = False
    private: bool = False
    hint: str = ""
    basis: str = ""
    default: str = ""
    choices: tuple[Choice, ...] = ()
    parts: tuple[str, ...] = ()
    paragraphs: int = 0
    role: str = ""
    from_last: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBER_KINDS

    @property
    def measure(self) -> tuple[Kind, str]:
        """What its values are counted in: those of another edition mean the same if theirs is equal."""
        return self.kind, self.unit

    def choice(self, label: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.label == label), None)


class Leaf(NamedTuple):
    """The end of a header tree: one row or one column. ``sums`` names its sibling leaves, if it is a total."""

    id: str
    label: str
    options: tuple[tuple[str, object], ...] = ()
    sums: tuple[str, ...] = ()


class Group(NamedTuple):
    """A header over several rows or columns: nesting is merging."""

    label: str
    children: tuple[Leaf | Group, ...]


Tree: TypeAlias = tuple[Leaf | Group, ...]


class Block(NamedTuple):
    """Rows under their own column headers; a table is one block or several stacked ones."""

    columns: Tree
    rows: Tree
    corner: str = ""
    heading: str = ""


class Bar(NamedTuple):
    """One bar of a chart: its label, the labels around it that its neighbours do not all share, and what it adds up."""

    label: str
    group: tuple[str, ...]
    fields: tuple[str, ...]


class Chart(NamedTuple):
    """A line of a table drawn as bars. ``unit`` is that of its figures, "" where they differ."""

    title: str
    unit: str
    bars: tuple[Bar, ...]

    @property
    def caption(self) -> str:
        """What stands under the drawing."""
        return f"{self.title}（单位：{self.unit}）" if self.unit else self.title


class Table(NamedTuple):
    """A statutory table. ``zero_question`` asks whether blanks are 0; ``note`` is the remark printed under it."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    cells: tuple[Field, ...]
    zero_question: Field
    note: Field
    charts: tuple[Chart, ...] = ()


class Statement(NamedTuple):
    """A sentence of the report made from figures; printed when ``when`` passes (or has no condition)."""

    text: str
    when: Comparison | None = None


class Section(NamedTuple):
    """One numbered part of the report: prose under sub-headings, a table, or fields with a sentence made of them."""

    id: str
    heading: str
    sheet: str
    hint: str = ""
    prose: tuple[Field, ...] = ()
    fields: tuple[Field, ...] = ()
    statements: tuple[Statement, ...] = ()
    table: Table | None = None


class Rule(NamedTuple):
    """A relation that a filled form must satisfy. ``check`` and ``when`` are the unbound expressions as written."""

    id: str
    check: Comparison
    says: Words
    basis: str
    severity: Severity = "error"
    when: Comparison | None = None
    each: tuple[str, ...] = ()


class Instance(NamedTuple):
    """A rule at one place: every name bound to a figure. ``key`` is unique within the rule.

    ``lasts`` are the figures of the year before that it asks for; without one of them it is not judged.
    """

    rule: Rule
    key: str
    item: tuple[str, ...]
    check: Comparison
    when: Comparison | None
    lasts: tuple[Figure, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.rule.id}:{self.key}" if self.key else self.rule.id


class Form(NamedTuple):
    """A statutory form, complete: what is asked, how it is printed, what must hold."""

    id: str
    version: int
    name: str
    basis: str
    first_year: int
    last_year: int | None
    title: str
    guide: tuple[str, ...]
    cover: tuple[Field, ...]
    cover_sheet: str
    preface: Field
    signature: tuple[str, ...]
    contacts: tuple[str, ...]
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...]
    instances: tuple[Instance, ...]
    fields: dict[str, Field]

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(section.table for section in self.sections if section.table)

    @property
    def coded_fields(self) -> tuple[Field, ...]:
        """The numbers that the check code is made of: those of the tables and of the sections, in printed order."""
        return tuple(
            field
            for section in self.sections
            for field in (*(section.table.cells if section.table else ()), *section.fields)
            if field.is_number
        )

    def covers_year(self, year: int) -> bool:
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    def role(self, name: str) -> Field | None:
        """The cover field that plays a role, or None if the form has none."""
        return next((field for field in self.cover if field.role == name), None)

    def table_of(self, field_id: str) -> Table | None:
        """The table that a field is a cell of, or None."""
        name = field_id.split(".", 1)[0]
        return next((table for table in self.tables if table.id == name), None)
