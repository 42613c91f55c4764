"""Compiled kernels on disk, so that only the first run ever compiles.

An entry is one file that never changes: a checksum, the kernel's source, and what numba compiled from it, in numba's
pickle. It is read only from a folder that nobody but this user can write, and its bytes are checked before they are
unpickled (`exosim.files.private`); else the kernel is compiled anew. Whoever writes an entry drops those that no run
has used for long: of other versions, or of another machine.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import logging
import math
import os
import pickle
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np

from exosim.files import private
from exosim.files.names import digest

LOG = logging.getLogger("exosim")
UNUSED = 60  # d, after which an entry is dropped; the time of its file says when it was used, give or take a day
OPTIONS: Any = {"fastmath": {"contract", "nsz", "arcp"}, "error_model": "numpy", "nogil": True}

_LOADED: dict[tuple[str, str], Callable[..., Any]] = {}
_LOADING = Lock()


def compiled(name: str, key: str, source: Callable[[], str]) -> Callable[..., Any]:
    """Return a kernel's function ``integrate``, compiled for this machine.

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
            _LOADED[name, key] = _found(entry_name(name, key)) or _made(name, entry_name(name, key), source())
        return _LOADED[name, key]


def entry_name(name: str, key: str) -> str:
    """Return the file name of a kernel's entry on this machine."""
    return f"{name}-{joint_digest(key, machine())[:24]}"


def folders() -> list[Path]:
    """Return where entries may be: ``EXOSIM_CACHE`` or the user's cache folder, then a temporary one."""
    from platformdirs import user_cache_path

    found = []
    try:
        found.append(Path(os.environ.get("EXOSIM_CACHE") or user_cache_path("exosim", appauthor=False)).expanduser())
    except RuntimeError:
        _say_once("this user has no home folder, in which compiled solvers would be kept; set EXOSIM_CACHE to another")
    with suppress(OSError):
        found.append(Path(tempfile.gettempdir()) / f"exosim-{os.getuid() if private.POSIX else 'kernels'}")
    return found


def _found(entry: str) -> Callable[..., Any] | None:
    """Return a kernel from the first folder that has it whole and is this user's alone."""
    for folder in folders():
        try:
            kernel = load(entry, private.read(folder, entry))
        except private.Untrusted as error:
            _say_once(f"{error}, so it is not used; set EXOSIM_CACHE to a folder that only you can write")
        except (OSError, Damaged):
            pass
        else:
            with suppress(OSError):
                if _unused(folder / entry) > 1:
                    os.utime(folder / entry)
            return kernel
    return None


def _made(name: str, entry: str, source: str) -> Callable[..., Any]:
    """Return a kernel compiled now, and keep it in the first folder that can be written."""
    LOG.warning("compiling the %s solver for this machine; this happens once and takes up to half a minute", name)
    content = _compile(entry, source)
    for folder in folders():
        try:
            private.write(folder, entry, content)
        except private.Untrusted:
            continue  # as said when it was not read
        except OSError as error:
            _say_once(f"{folder} cannot be written ({error.strerror}); set EXOSIM_CACHE to a folder that can")
            continue
        if folder != folders()[0]:
            _say_once(f"compiled solvers are kept in {folder}")
        _prune(folder)
        break
    else:
        _say_once("compiled solvers are kept nowhere, so the next run compiles again")
    return load(entry, content)


_say_once = cache(LOG.warning)


def joint_digest(*texts: str) -> str:
    """Return the digest of several texts."""
    return digest("\0".join(texts).encode())


def machine() -> str:
    """Return everything outside the source that compiled code depends on."""
    import llvmlite.binding as llvm

    versions = [version(name) for name in ("numba", "llvmlite", "sympy")]  # SymPy prints the source
    features = llvm.get_host_cpu_features().flatten()
    return " ".join([platform.python_version(), *versions, llvm.get_host_cpu_name(), features])


class Damaged(Exception):
    """The bytes of an entry are not those that were written."""


def load(entry: str, content: bytes) -> Callable[..., Any]:
    """Return the function of a kernel from the bytes of its entry."""
    from numba.core.compiler import CompileResult
    from numba.core.registry import CPUDispatcher

    if content[:64] != _seal(entry, content[64:]):
        raise Damaged
    source, code = pickle.loads(content[64:])
    module = _module(entry, source, lambda f: f)  # where numba looks for what it unpickles
    kernel = CPUDispatcher(module.integrate, targetoptions={"nopython": True})  # also under NUMBA_DISABLE_JIT
    kernel.targetctx.refresh()
    result = CompileResult._rebuild(kernel.targetctx, *pickle.loads(code))
    kernel.targetctx.insert_user_function(result.entry_point, result.fndesc, [result.library])
    kernel.add_overload(result)
    kernel.disable_compile()  # arguments of other types are a mistake, not another kernel
    return kernel


def _seal(entry: str, payload: bytes) -> bytes:
    return digest(entry.encode() + payload).encode()


def _compile(entry: str, source: str) -> bytes:
    """Return the bytes of an entry, from a process of its own: the same ones whoever compiles, and when.

    The process that compiles keeps the machine code of inner functions, and would call it instead of the copies in the
    entry: its results would differ in their last digits. Machine code also depends on the order of Python's sets, and
    on numba's variables and its file of settings in the working folder; the process has a fixed seed and neither.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    environment |= {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)), "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-P", "-c", f"from exosim.engine.cache import build; build({entry!r})"]
    done = subprocess.run(
        command, input=source.encode(), capture_output=True, env=environment, cwd=Path(__file__).parent
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise RuntimeError(f"the solver {entry} could not be compiled: {reason or f'exit {done.returncode}'}")
    return done.stdout


def build(entry: str) -> None:
    """Compile the source that comes in on stdin, and write the bytes of its entry to stdout."""
    from numba import njit
    from numba.core.serialize import dumps
    from numba.core.sigutils import normalize_signature

    source = sys.stdin.buffer.read().decode()
    module = _module(entry, source, njit(**OPTIONS))
    types, _ = normalize_signature(module.SIGNATURE)
    module.integrate.compile(types)
    payload = pickle.dumps((source, dumps(module.integrate.overloads[types]._reduce())))
    sys.stdout.buffer.write(_seal(entry, payload) + payload)


def _module(name: str, source: str, wrap: Callable[[Any], Any], **names: Any) -> ModuleType:
    """Return the module of a source with `wrap` around its functions; numba names machine code after it."""
    module = ModuleType(f"exosim_{name}".replace("-", "_"))
    sys.modules[module.__name__] = module
    vars(module).update({name: f for name, f in vars(math).items() if name[0] != "_"} | names)
    vars(module).update(np=np, inner=wrap, entry=wrap)
    exec(compile("from __future__ import annotations\n" + source, f"<{name}>", "exec"), vars(module))
    return module


def _prune(folder: Path) -> None:
    """Drop entries that no run has used for `UNUSED` days; what is not named like one stays."""
    for place in folder.glob("*-" + 24 * "[0-9a-f]" + "*"):
        with suppress(OSError):  # another process drops it, too
            if _unused(place) > UNUSED:
                shutil.rmtree(place) if place.is_dir() else place.unlink()


def _unused(place: Path) -> float:
    """Return the days since an entry was used."""
    return (time.time() - place.stat().st_mtime) / 86400


@cache
def folder_digest(folder: Path) -> str:
    """Return the digest of the Python files of a folder."""
    return joint_digest(*(path.read_text("utf-8") for path in sorted(folder.glob("*.py"))))


def own_source() -> str:
    """Return the digest of the files that write kernels."""
    return folder_digest(Path(__file__).parent)


def interpreted(source: str) -> Callable[..., Any]:
    """Return the function of a kernel as plain Python: slow, but nothing to compile."""
    arrays = {name: getattr(np, name) for name in vars(math) if name[0] != "_" and hasattr(np, name)}
    return _module("interpreted", source, lambda f: f, **arrays).integrate  # type: ignore[no-any-return]
