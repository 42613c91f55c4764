"""Imports run one way; each library has one home."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "exosim"
FILES = sorted(p for p in PACKAGE.rglob("*.py"))

FLOORS = [
    "biology",
    "events",
    "problems",
    "files",
    "engine",
    "skin",
    "treatments",
    "parameters",
    "delivery",
    "scenario",
    "simulation",
    "results",
    "evidence",
    "studies",
    "readings",
    "view",
    "api",
    "api_studies",
    "lesson",
    "mesa_model",
    "cli",
]  # a room imports only from rooms before it
MAY_IMPORT = {
    "biology": set(),
    "events": set(),
    "problems": set(),
    "engine": {"biology", "files"},
    "skin": {"engine"},
    "treatments": {"events", "problems", "biology"},
    "parameters": {"biology", "problems", "engine", "files"},
    "delivery": {"biology", "engine", "events"},
}


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_of(path):
    return {name.split(".")[1] for name in imports(path) if name.startswith("exosim.")} & set(FLOORS) - {room(path)}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    here = room(path)
    if here in FLOORS:
        assert rooms_of(path) <= MAY_IMPORT.get(here, set(FLOORS[: FLOORS.index(here)]))


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("mesa", "delivery mesa_model"),
        ("matplotlib", "view"),
        ("scipy.integrate", "engine"),
        ("rich", "view cli"),
        ("typer", "cli"),
        ("numba", "engine"),
        ("libsbml", "readings"),
    ],
)
def test_a_library_has_one_home(library, home):
    users = {room(p) for p in FILES if any(i == library or i.startswith(library + ".") for i in imports(p))}
    assert users <= set(home.split())


def test_every_room_has_a_floor():
    assert {room(p) for p in FILES} - {"__init__", "__main__"} == set(FLOORS)
    assert len(FLOORS) <= 22
    assert len(list(PACKAGE.glob("*.py"))) <= 7


def module(path):
    return ".".join(["exosim", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")


def test_no_files_import_each_other():
    modules = {module(path): path for path in FILES}
    graph = {name: set(imports(path)) & modules.keys() - {name} for name, path in modules.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_private_names_stay_in_their_file(path):
    tree = ast.parse(path.read_text())
    imported = {name.rsplit(".", 1)[-1] for name in imports(path) if name.startswith("exosim.")}
    assert not [name for name in imported if re.match("_[^_]", name)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
            assert not re.match("_[^_]", node.attr), f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("path", [p for p in FILES if room(p) != "cli"], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_command_line_knows_its_options(path):
    """Messages name arguments in backticks; `cli` puts its options in their place."""
    text = re.sub(r'"""(.|\n)*?"""', "", path.read_text())
    assert not re.findall(r"[ \"]--(?:out|set|vary|force|resume|dask|design|samples|workers)\b", text)


KERNELS = {"rodas.py", "dopri.py"}  # templates of one compiled function each


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_and_functions_are_short(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 330
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and path.name not in KERNELS:
            assert node.end_lineno - node.lineno < 45, node.name


@pytest.mark.parametrize("path", sorted((PACKAGE / "lesson" / "web").iterdir()), ids=lambda p: p.name)
def test_files_of_the_page_are_short(path):
    assert len(path.read_text().splitlines()) <= 250


def test_every_equation_file_is_joined():
    from exosim.biology import system

    joined = {m.__name__.split(".")[-1] for m in system.MECHANISMS} | {"notation", "system", "doses", "__init__"}
    assert {p.stem for p in (PACKAGE / "biology").glob("*.py")} == joined
