"""Compiled kernels on disk, so that only the first run ever compiles.

An entry is a directory that never changes: the kernel's source, what numba compiled from it, and a checksum of each.
It is built under a temporary name and renamed, so that processes that build the same kernel at once do not meet.
Before anything of an entry is read by numba, it must belong to this user and match its checksums; else it is rebuilt.
Whoever writes an entry drops those that no run has used for long: of other versions, or of another machine.
"""

from __future__ import annotations

import logging
import math
import os
import platform
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from exosim.files.names import digest

LOG = logging.getLogger("exosim")
SUMS = "SHA256SUMS"  # also says, by its time, when the entry was last used, give or take a day
UNUSED = 60  # d, after which an entry is dropped
HEADER = '''"""Written by exosim; compiled by numba."""

from __future__ import annotations

from math import *

import numpy as np
from numba import njit

OPTIONS = {"fastmath": {"contract", "nsz", "arcp"}, "error_model": "numpy", "nogil": True}
inner = njit(**OPTIONS)
entry = njit(cache=True, **OPTIONS)

'''


def directory() -> Path:
    """Return the folder of compiled kernels: ``EXOSIM_CACHE``, or the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("EXOSIM_CACHE") or user_cache_path("exosim", appauthor=False))


_LOADED: dict[tuple[str, str], ModuleType] = {}
_LOADING = Lock()


def compiled(name: str, key: str, source: Callable[[], str]) -> ModuleType:
    """Return the module of a kernel, compiled for this machine.

    Parameters
    ----------
    name : str
        What the kernel is for, in a word.
    key : str
        Digest of everything that decides its source.
    source : callable
        Writes the source; called only when there is no entry. It defines ``integrate`` and its ``SIGNATURE``.
    """
    with _LOADING:  # threads wait for the one that compiles
        if (name, key) not in _LOADED:
            _LOADED[name, key] = _load(name, key, source)
        return _LOADED[name, key]


def _load(name: str, key: str, source: Callable[[], str]) -> ModuleType:
    place = directory() / f"{name}-{joint_digest(key, machine())[:24]}"
    with suppress(OSError):
        if _unused(place) > 1:
            os.utime(place / SUMS)
    if valid(place):
        return read(place, place.name)
    LOG.warning("compiling the %s solver for this machine; this happens once and takes up to half a minute", name)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        build = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=place.parent))
    except OSError:
        LOG.warning(
            "%s cannot be written, so the next run compiles again; set EXOSIM_CACHE to a folder that can", place.parent
        )
        with tempfile.TemporaryDirectory(prefix="exosim-") as folder:
            return _compile(Path(folder), place.name, source)
    try:
        module = _compile(build, place.name, source)
        _publish(build, place)
        _prune(place.parent)
    finally:
        shutil.rmtree(build, ignore_errors=True)
    return module


def joint_digest(*texts: str) -> str:
    """Return the digest of several texts."""
    return digest("\0".join(texts).encode())


def machine() -> str:
    """Return everything outside the source that compiled code depends on."""
    import llvmlite
    import llvmlite.binding as llvm
    import numba

    features = llvm.get_host_cpu_features().flatten()
    return " ".join(
        [platform.python_version(), numba.__version__, llvmlite.__version__, llvm.get_host_cpu_name(), features]
    )


def valid(place: Path) -> bool:
    """Return whether an entry is complete, unchanged and written by this user alone."""
    try:
        lines = [line.split("  ", 1) for line in (place / SUMS).read_text().splitlines()]
        listed = {place / name: checksum for checksum, name in lines}
        present = {path for path in place.rglob("*") if path.is_file()} - {place / SUMS}
        return present == listed.keys() and all(
            _private(path) and _checksum(path) == checksum for path, checksum in listed.items()
        )
    except (OSError, ValueError):
        return False


def _private(path: Path) -> bool:
    if os.name != "posix":
        return True
    about = path.lstat()
    return about.st_uid == os.getuid() and stat.S_ISREG(about.st_mode) and not about.st_mode & 0o022


def _checksum(path: Path) -> str:
    return digest(path.read_bytes())


def _compile(folder: Path, name: str, source: Callable[[], str]) -> ModuleType:
    """Compile a kernel in a process of its own, then read it as every later run does.

    The process that compiles keeps the machine code of inner functions, and would call it instead of the copies in the
    kernel that is kept: its results would differ in their last digits.
    """
    (folder / "kernel.py").write_text(HEADER + source())
    command = f"from pathlib import Path; from exosim.engine.cache import read; read(Path({str(folder)!r}), {name!r})"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", command], env=environment, check=True)
    return read(folder, name)


def read(folder: Path, name: str) -> ModuleType:
    """Return a kernel's module, from disk where numba has compiled it; numba names machine code after `name`."""
    from numba.core.sigutils import normalize_signature

    path = folder / "kernel.py"
    module = ModuleType(f"exosim_{name}".replace("-", "_"))
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # where numba looks for what it unpickles
    exec(compile(path.read_text(), str(path), "exec"), module.__dict__)
    types, _ = normalize_signature(module.SIGNATURE)  # type: ignore[no-untyped-call]
    module.integrate.compile(types)
    module.integrate.disable_compile()  # arguments of other types are a mistake, not another kernel
    return module


def _publish(build: Path, place: Path) -> None:
    """Seal a finished entry and move it to its place, where another process may have put the same."""
    files = sorted(path for path in build.rglob("*") if path.is_file())
    for path in files:
        path.chmod(0o600)
    (build / SUMS).write_text("".join(f"{_checksum(path)}  {path.relative_to(build)}\n" for path in files))
    build.chmod(0o700)
    for _ in range(2):
        try:
            build.rename(place)
            return
        except OSError:
            if valid(place):
                return
            shutil.rmtree(place, ignore_errors=True)


def _prune(folder: Path) -> None:
    """Drop entries that no run has used for `UNUSED` days; what is not named like one stays."""
    for place in folder.glob("*-" + 24 * "[0-9a-f]"):
        with suppress(OSError):  # another process drops it, too
            if _unused(place) > UNUSED:
                shutil.rmtree(place, ignore_errors=True)


def _unused(place: Path) -> float:
    """Return the days since an entry was used."""
    return (time.time() - (place / SUMS).stat().st_mtime) / 86400


@cache
def folder_digest(folder: Path) -> str:
    """Return the digest of the Python files of a folder."""
    return joint_digest(*(path.read_text("utf-8") for path in sorted(folder.glob("*.py"))))


def own_source() -> str:
    """Return the digest of the files that write kernels."""
    return folder_digest(Path(__file__).parent)


def interpreted(source: str) -> SimpleNamespace:
    """Return a kernel as plain Python: slow, but nothing to compile."""
    names: dict[str, Any] = {name: getattr(np, name, f) for name, f in vars(math).items() if name[0] != "_"}
    names |= {"np": np, "inner": lambda f: f, "entry": lambda f: f}
    exec(compile("from __future__ import annotations\n" + source, "<kernel>", "exec"), names)
    return SimpleNamespace(**names)
