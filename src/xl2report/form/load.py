"""form.yaml → Form: every part read, every name resolved, all faults reported at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from xl2report.form.binding import UnknownScope, bind, bind_comparison
from xl2report.form.faults import FormError
from xl2report.form.fields import FIELD_KEYS, GROUP_KEYS, field_options
from xl2report.form.language import LAST, Comparison, Figure, LanguageError, Number, Sum, parse
from xl2report.form.model import Field, Form, Instance, Kind, Rule, Section, Statement, Table, Words
from xl2report.form.source import Node, compose
from xl2report.form.tables import read_table

REFERENCE = re.compile(r"\{([a-z][\w.]*)\}")
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\Z")
_NOTHING = Comparison("==", Number(Decimal(0)), Number(Decimal(0)))


def load(path: Path, shown: str | None = None) -> Form:
    """The form in a file. FormError with every fault, each with line and column, if there is any."""
    root = compose(path, shown or str(path))
    reader = _Reader(root)
    form = reader.form()
    if root.faults:
        raise FormError(tuple(root.faults))
    return form


class _Reader:
    """One pass over a form file; ``fields`` grows as they are met, so that later parts can name them."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.fields: dict[str, Field] = {}
        self.lasts: dict[str, Node] = {}  # where a field says what it takes over from last year

    def form(self) -> Form:
        top = self.root.record(
            *"form version name basis years title guide cover preface signature contacts sections tables rules".split(),
            required=tuple("form version name basis years title cover preface sections rules".split()),
        )
        if self.root.faults and not {"sections", "cover", "rules", "years"} <= top.keys():
            raise FormError(tuple(self.root.faults))
        years = top["years"].record("from", "to", required=("from",))
        cover = top["cover"].record("sheet", "fields", required=("sheet", "fields"))
        cover_fields = self.field_group("cover", cover["fields"]) if "fields" in cover else ()
        preface = self.field("preface", top["preface"], (), default_kind="prose")
        tables = {name: self.table(name, key, node) for key, name, node in self.entries(top, "tables")}
        sections = tuple(self.section(name, node, tables) for _, name, node in self.entries(top, "sections"))
        for key, name, _ in self.entries(top, "tables"):
            if not any(section.table and section.table.id == name for section in sections):
                key.fault("unused-table", name)
        rules, instances = self.rules(top["rules"], tuple(tables.values()))
        self.check_references(top)
        self.check_lasts()
        self.check_sheets(top, cover)
        return Form(
            id=top["form"].text(),
            version=top["version"].whole(),
            name=top["name"].text(),
            basis=top["basis"].text(),
            first_year=years["from"].whole() if "from" in years else 0,
            last_year=years["to"].whole() if "to" in years else None,
            title=top["title"].text(),
            guide=tuple(node.text() for node in top["guide"].items()) if "guide" in top else (),
            cover=cover_fields,
            cover_sheet=cover["sheet"].text() if "sheet" in cover else "",
            preface=preface,
            signature=self.references(top, "signature"),
            contacts=self.references(top, "contacts"),
            sections=sections,
            rules=rules,
            instances=instances,
            fields=self.fields,
        )

    @staticmethod
    def entries(top: dict[str, Node], key: str) -> tuple[tuple[Node, str, Node], ...]:
        return top[key].entries() if key in top else ()

    # -- fields ---------------------------------------------------------------------------------------------

    def add(self, field: Field, node: Node) -> Field:
        if not _ID.match(field.id):
            node.fault("bad-id", field.id)
        if field.id in self.fields:
            node.fault("duplicate-id", field.id)
        self.fields[field.id] = field
        return field

    def field_group(self, owner: str, node: Node, path: tuple[str, ...] = ()) -> tuple[Field, ...]:
        return tuple(self.field(f"{owner}.{name}", value, path, known=GROUP_KEYS) for _, name, value in node.entries())

    def field(
        self, field_id: str, node: Node, path: tuple[str, ...], default_kind: Kind = "text", known: Sequence[str] = FIELD_KEYS
    ) -> Field:
        if not node.is_mapping:
            label = node.text()
            return self.add(Field(field_id, label, (*path, label), default_kind), node)
        keys = node.record(*known, required=("label",))
        options = field_options(keys)
        label = str(options.pop("label", ""))
        if "from_last" in keys:
            self.lasts[field_id] = keys["from_last"]
            options["from_last"] = f"{field_id.rpartition('.')[0]}.{options['from_last']}"
        return self.add(Field(field_id, label, (*path, label), **{"kind": default_kind, **options}), node)

    def table(self, name: str, key: Node, node: Node) -> Table:
        if not _ID.match(name) or "." in name or f"{name}." == LAST:
            key.fault("bad-id", name)
        table = read_table(name, node)
        for field in (*table.cells, table.zero_question, table.note):
            self.add(field, node)
        return table

    # -- sections -------------------------------------------------------------------------------------------

    def section(self, name: str, node: Node, tables: dict[str, Table]) -> Section:
        keys = node.record(*"heading sheet hint prose fields statements table".split(), required=("heading", "sheet"))
        heading = keys["heading"].text() if "heading" in keys else ""
        table = None
        if "table" in keys and (table := tables.get(keys["table"].text())) is None:
            keys["table"].fault("unknown-table", keys["table"].text())
        prose: list[Field] = []
        for at, part, value in self.entries(keys, "prose"):
            field = self.field(f"{name}.{part}", value, (heading,), default_kind="prose")
            if field.kind != "prose":
                at.fault("not-one-of", field.kind, "prose")
            prose.append(field)
        fields = tuple(
            field
            for _, group, value in self.entries(keys, "fields")
            for field in self.field_group(group, value, (heading,))
        )
        statements = tuple(map(self.statement, keys["statements"].items())) if "statements" in keys else ()
        return Section(
            id=name,
            heading=heading,
            sheet=keys["sheet"].text() if "sheet" in keys else "",
            hint=keys["hint"].text() if "hint" in keys else "",
            prose=tuple(prose),
            fields=fields,
            statements=statements,
            table=table,
        )

    def statement(self, node: Node) -> Statement:
        keys = node.record("when", "text", required=("text",))
        text = keys["text"].text() if "text" in keys else ""
        if "text" in keys:
            self.check_text(keys["text"])
        if "when" not in keys:
            return Statement(text)
        return Statement(text, self.bound(keys["when"]))

    def bound(self, node: Node) -> Comparison:
        try:
            return bind_comparison(parse(node.text()), self.fields)
        except LanguageError as error:
            node.fault(error.code, error.text, offset=error.offset)
            return _NOTHING

    # -- rules ----------------------------------------------------------------------------------------------

    def rules(self, node: Node, tables: tuple[Table, ...]) -> tuple[tuple[Rule, ...], tuple[Instance, ...]]:
        rules: list[Rule] = []
        instances: list[Instance] = []
        for item in node.items():
            keys = item.record(
                *"id each when check severity says says_en basis".split(), required=("id", "check", "says", "basis")
            )
            if "id" not in keys or "check" not in keys:
                continue
            rule = self.rule(keys)
            if not _ID.match(rule.id) or any(other.id == rule.id for other in rules):
                keys["id"].fault("duplicate-id" if _ID.match(rule.id) else "bad-id", rule.id)
            rules.append(rule)
            instances += self.bind(rule, keys, tables)
        checked = {figure for instance in instances for figure in _checked_totals(instance)}
        for field in self.fields.values():
            if field.parts and field.id not in checked:
                node.fault("total-without-rule", field.id)
        return tuple(rules), tuple(instances)

    def rule(self, keys: dict[str, Node]) -> Rule:
        each: tuple[str, ...] = ()
        if "each" in keys:
            node = keys["each"]
            each = tuple(item.text() for item in node.items()) if node.is_list else (node.text(),)
        return Rule(
            id=keys["id"].text(),
            check=_parsed(keys["check"]),
            says=Words(keys["says"].text() if "says" in keys else "", keys["says_en"].text() if "says_en" in keys else ""),
            basis=keys["basis"].text() if "basis" in keys else "",
            severity=keys["severity"].one_of(("error", "query", "note")) if "severity" in keys else "error",  # type: ignore[arg-type]
            when=_parsed(keys["when"]) if "when" in keys else None,
            each=each,
        )

    def bind(self, rule: Rule, keys: dict[str, Node], tables: tuple[Table, ...]) -> tuple[Instance, ...]:
        try:
            return bind(rule, self.fields, tables)
        except UnknownScope as error:
            keys["each"].fault("unknown-scope", str(error))
        except LanguageError as error:
            in_when = rule.when is not None and _raises(rule, self.fields, tables)
            keys["when" if in_when else "check"].fault(error.code, error.text, offset=error.offset)
        return ()

    # -- what names other parts -----------------------------------------------------------------------------

    def references(self, top: dict[str, Node], key: str) -> tuple[str, ...]:
        nodes = top[key].items() if key in top else ()
        for node in nodes:
            if node.text() not in self.fields:
                node.fault("unknown-field", node.text())
        return tuple(node.text() for node in nodes)

    def check_text(self, node: Node) -> None:
        for match in REFERENCE.finditer(node.text()):
            if match.group(1) not in self.fields:
                node.fault("unknown-field", match.group(1), offset=match.start())

    def check_references(self, top: dict[str, Node]) -> None:
        if "title" in top:
            self.check_text(top["title"])
        preface = top["preface"].record(*FIELD_KEYS) if "preface" in top and top["preface"].is_mapping else {}
        if "default" in preface:
            self.check_text(preface["default"])

    def check_lasts(self) -> None:
        for field_id, node in self.lasts.items():
            field = self.fields[field_id]
            last = self.fields.get(field.from_last)
            if last is None:
                node.fault("unknown-last", node.text())
            elif last.measure != field.measure:
                node.fault("other-kind", node.text())

    def check_sheets(self, top: dict[str, Node], cover: dict[str, Node]) -> None:
        sheets = [cover["sheet"]] if "sheet" in cover else []
        for _, _, node in self.entries(top, "sections"):
            sheets += [value for _, key, value in node.entries() if key == "sheet"]
        seen: set[str] = set()
        for node in sheets:
            name = node.text()
            if not name or len(name) > 31 or set(name) & set("[]:*?/\\") or name in seen:
                node.fault("sheet-name", name)
            seen.add(name)


def _parsed(node: Node) -> Comparison:
    try:
        return parse(node.text())
    except LanguageError as error:
        node.fault(error.code, error.text, offset=error.offset)
        return _NOTHING


def _raises(rule: Rule, fields: dict[str, Field], tables: tuple[Table, ...]) -> bool:
    """True if it is the condition, not the check, that cannot be bound."""
    try:
        bind(rule._replace(when=None), fields, tables)
    except LanguageError:
        return False
    return True


def _checked_totals(instance: Instance) -> tuple[str, ...]:
    """The totals that an instance compares with their parts (the left side of an equality)."""
    check = instance.check
    if check.operator == "==" and isinstance(check.left, Figure) and isinstance(check.right, Sum):
        return (check.left.key,)
    return ()
