"""Imports run one way; each library has one home."""

import ast
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
    "lesson",
    "mesa_model",
    "cli",
]  # a room imports only from rooms before it
MAY_IMPORT = {
    "biology": set(),
    "events": set(),
    "problems": set(),
    "engine": {"biology"},
    "skin": {"engine"},
    "treatments": {"events", "biology"},
    "parameters": {"biology", "problems", "engine"},
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
    return {name.split(".")[1] for name in imports(path) if name.startswith("exosim.")} & set(FLOORS) - {
        room(path)
    }


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    here = room(path)
    if here in FLOORS:
        assert rooms_of(path) <= MAY_IMPORT.get(here, set(FLOORS[: FLOORS.index(here)]))


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("mesa", "delivery"),
        ("matplotlib", "view"),
        ("scipy.integrate", "engine"),
        ("rich", "view"),
        ("typer", "cli"),
        ("numba", "engine"),
        ("libsbml", "readings"),
    ],
)
def test_a_library_has_one_home(library, home):
    users = {room(p) for p in FILES if any(i == library or i.startswith(library + ".") for i in imports(p))}
    assert users <= {home} | ({"cli"} if library == "rich" else set())


def test_every_room_has_a_floor():
    assert {room(p) for p in FILES} - {"__init__", "__main__"} == set(FLOORS)


def test_every_equation_file_is_joined():
    from exosim.biology import system

    joined = {m.__name__.split(".")[-1] for m in system.MECHANISMS} | {
        "notation",
        "system",
        "doses",
        "__init__",
    }
    assert {p.stem for p in (PACKAGE / "biology").glob("*.py")} == joined
