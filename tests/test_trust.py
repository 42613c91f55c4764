"""What runs is what this program and this user wrote: nothing that came as data is executed."""

import ast
import logging
import os
import pickle
import tempfile
from pathlib import Path

import pytest

from exosim.engine import cache
from exosim.engine.machine import load, sealed
from exosim.files import private

PACKAGE = Path(__file__).parents[1] / "exosim"

READ_CODE = {
    "pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml", "torch", "runpy", "code", "codeop",
}  # fmt: skip
RUN_CODE = {
    "import_module", "spec_from_file_location", "lambdify", "parse_expr", "read_pickle", "read_hdf", "allow_pickle",
    "shell",
}  # fmt: skip
ALLOWED = {
    "cli/shell.py": {"exec"},  # of nothing
    "__init__.py": {"import_module"},  # of its own rooms, when they are first used
    "treatments/__init__.py": {"import_module"},  # of its own files
    "engine/machine.py": {"pickle", "compile", "exec"},  # entries of the private cache; source that engine/ wrote
    "engine/trace.py": {"compile", "exec"},  # source written from the equations of biology/
    "studies/crew.py": {"pickle"},  # between a study and the processes that it started, through pipes
    "view/figures/second.py": {"pickle"},  # between a run and the process that draws, through pipes
    "readings/terms.py": {"lambdify"},  # of the traced equations
    "readings/sbml_units.py": {"sympify"},  # of units written in biology/
}


def risks(path):
    """Names of what executes or unpickles; of `sympify` where it would evaluate a text."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from READ_CODE & {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            yield from READ_CODE & {str(node.module).partition(".")[0]}
            yield from RUN_CODE & {alias.name for alias in node.names}
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield from RUN_CODE & ({k.arg for k in node.keywords} | {name})
            if isinstance(node.func, ast.Name):
                yield from {"eval", "exec", "compile", "__import__"} & {name}
            if name == "sympify" and "strict" not in {k.arg for k in node.keywords}:
                yield name


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_executes_data(path):
    assert set(risks(path)) <= ALLOWED.get(path.relative_to(PACKAGE).as_posix(), set())


def test_a_process_of_our_own_imports_nothing_from_the_working_folder():
    """Python puts that folder first on its path for ``-c``, unless it is told not to."""
    starts = [line for p in PACKAGE.rglob("*.py") for line in p.read_text().splitlines() if "[sys.executable" in line]
    assert len(starts) == 1
    assert all('[sys.executable, "-P", ' in line for line in starts)


ENTRY = "column-" + 24 * "0"


class Planted:
    """What leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def planted(tmp_path, monkeypatch, caplog):
    """A cache with an entry that would leave a mark if it was read; its folder."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("EXOSIM_CACHE", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cache._say_once.cache_clear()
    caplog.set_level(logging.WARNING)
    payload = pickle.dumps(Planted(tmp_path / "ran"))
    private.write(folder, ENTRY, sealed(ENTRY, payload))
    return folder


def link(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def give(path):
    os.chown(path, 12345, -1)


TAMPERED = {
    "a folder that all can write": (lambda folder: folder.chmod(0o777), "can be written by others"),
    "a folder that a group can write": (lambda folder: folder.chmod(0o770), "can be written by others"),
    "a folder of somebody else": (give, "belongs to another user"),
    "a folder that is a link": (link, "is a link"),
    "an entry that others can write": (lambda folder: (folder / ENTRY).chmod(0o606), "can be written by others"),
    "an entry of somebody else": (lambda folder: give(folder / ENTRY), "belongs to another user"),
    "an entry that is a link": (lambda folder: link(folder / ENTRY), "is a link"),
    "an entry that is a pipe": (lambda folder: pipe(folder / ENTRY), "is no plain file"),
}


@pytest.mark.skipif(not private.POSIX, reason="owners and modes")
@pytest.mark.parametrize("what", TAMPERED)
def test_what_others_can_have_written_is_not_read(planted, tmp_path, caplog, what):
    tamper, why = TAMPERED[what]
    if tamper is give and os.getuid():
        pytest.skip("only root gives files away")
    tamper(planted)
    for _ in range(2):
        assert cache.found(ENTRY, load) is None
    assert caplog.text.count(why) == 1
    assert not (tmp_path / "ran").exists()


def test_what_was_planted_would_have_run(planted, tmp_path):
    """The drill above is one: the same entry is read from a folder that is this user's alone."""
    with pytest.raises(TypeError):
        cache.found(ENTRY, load)
    assert (tmp_path / "ran").exists()


@pytest.mark.skipif(not private.POSIX, reason="handles of folders")
def test_what_was_checked_is_what_is_read(tmp_path, monkeypatch):
    """A folder, or a file, that is put in place of a checked one is not read."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    private.write(good, "entry", b"good")
    private.write(bad, "entry", b"bad")
    opened = os.open

    def swap(path, *arguments, **options):
        handle = opened(path, *arguments, **options)
        if str(path) == str(good):
            good.rename(tmp_path / "away")
            bad.rename(good)
        return handle

    monkeypatch.setattr(os, "open", swap)
    assert private.read(good, "entry") == b"good"
    assert (good / "entry").read_bytes() == b"bad"


def test_a_write_leaves_nothing_else(tmp_path, monkeypatch):
    private.write(tmp_path / "a", "entry", b"one")
    private.write(tmp_path / "a", "entry", b"two")
    assert private.read(tmp_path / "a", "entry") == b"two"
    monkeypatch.setattr(os, "replace", lambda *a, **k: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        private.write(tmp_path / "a", "entry", b"three")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["entry"]


def test_windows_has_no_owners_and_no_handles_of_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(private, "POSIX", False)
    monkeypatch.delattr(os, "getuid")
    monkeypatch.delattr(os, "O_NOFOLLOW")
    monkeypatch.delattr(os, "O_DIRECTORY")
    private.write(tmp_path / "a", "entry", b"one")
    assert private.read(tmp_path / "a", "entry") == b"one"
    assert cache.folders()
