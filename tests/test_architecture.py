"""The rooms, their one-way arrows, and that no form is named in the program."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import xl2report
from xl2report.form.tree import leaves

SOURCE = Path(xl2report.__file__).parent
ORDER = ("form", "submission", "checks", "report")  # each may import only those before it
LEANING = ("grid", "workbook", "sources", "cli", "checked", "printed", "transferred", "marked", "compared", "desk", "earlier", "archive", "collected", "written")


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


@pytest.mark.parametrize("inner", ORDER)
def test_arrows_between_rooms_run_one_way(inner):
    allowed = {*ORDER[: ORDER.index(inner) + 1], "shipped", "version", ""}
    files = [SOURCE / f"{inner}.py"] if (SOURCE / f"{inner}.py").exists() else sorted((SOURCE / inner).rglob("*.py"))
    assert files
    for path in files:
        for module in imports(path):
            if module.startswith("xl2report"):
                assert room(module) in allowed, f"{path.name} imports {module}"


@pytest.mark.parametrize("inner", ["form", "submission", "checks"])
def test_the_inner_rooms_know_no_file_format(inner):
    files = [SOURCE / f"{inner}.py"] if (SOURCE / f"{inner}.py").exists() else sorted((SOURCE / inner).rglob("*.py"))
    for path in files:
        assert not imports(path) & {"openpyxl", "xlsxwriter", "jinja2", "docx", "zipfile", "click", "lxml"}, path


def test_every_module_belongs_to_a_room():
    rooms = {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in SOURCE.rglob("*.py")}
    assert rooms == {*ORDER, *LEANING, "shipped", "version", "__init__", "__main__"}


def test_no_form_name_label_or_field_id_stands_in_the_program():
    words: set[str] = set()
    for form_id in xl2report.form_ids():
        form = xl2report.load_form(form_id)
        words |= {form.id, form.name, form.basis}
        words |= {field_id for field_id in form.fields if "." in field_id}
        for table in form.tables:
            for block in table.blocks:
                for tree in (block.rows, block.columns):
                    words |= {label for _, path in leaves(tree) for label in path if len(label) > 2}
        words |= {section.heading for section in form.sections}
    source = {path: path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")}
    # a label may be named in a docstring as an example of the language; code may not know it
    for path, text in source.items():
        code = ast.unparse(_without_docstrings(ast.parse(text)))
        for word in words:
            assert not re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", code), f"{path}: {word}"


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    return tree


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--version"], {"yaml", "openpyxl", "xlsxwriter", "jinja2", "zipfile"}),
        (["check", "samples/example-county-2023/filled.xlsx"], {"openpyxl", "xlsxwriter", "jinja2", "docx"}),
        (["template", "-o", "{folder}/blank.xlsx"], {"openpyxl", "jinja2"}),
    ],
)
def test_a_command_imports_only_what_it_uses(tmp_path, arguments, unwanted):
    script = (
        "import sys; sys.argv = ['xl2report', *sys.argv[1:]]\n"
        "from xl2report.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('modules:', *sorted(sys.modules))"
    )
    arguments = [argument.replace("{folder}", str(tmp_path)) for argument in arguments]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, cwd=root, check=True)
    modules = set(done.stdout.rpartition("modules: ")[2].split())
    assert not modules & unwanted
