"""Kernels as machine code: compiled by numba in a process of its own, and made callable from bytes."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import logging
import math
import os
import pickle
import platform
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from exosim.files.names import digest
from exosim.files.python import python

LOG = logging.getLogger("exosim")
OPTIONS: Any = {"fastmath": {"contract", "nsz", "arcp"}, "error_model": "numpy", "nogil": True}


@cache
def host() -> str:
    """Return everything outside the source that compiled code depends on."""
    _start_numba()
    import llvmlite.binding as llvm

    versions = [version(name) for name in ("numba", "llvmlite", "sympy")]  # SymPy prints the source
    features = llvm.get_host_cpu_features().flatten()
    return " ".join([platform.python_version(), *versions, llvm.get_host_cpu_name(), features])


def _start_numba() -> None:
    """Import numba; what it says of its variables is said in words."""
    with warnings.catch_warnings(record=True) as said:
        warnings.filterwarnings("always", "Environment variable 'NUMBA_")
        try:
            import numba  # noqa: F401
        except ValueError as error:
            given = ", ".join(f"{name}={value}" for name, value in os.environ.items() if name.startswith("NUMBA_"))
            raise RuntimeError(f"numba does not start with {given}: {error}") from error
    for warning in said:
        LOG.warning(str(warning.message).partition("\n")[0])


class Damaged(Exception):
    """The bytes of an entry are not those that were written."""


def load(entry: str, content: bytes) -> Callable[..., Any]:
    """Return the function of a kernel from the bytes of its entry."""
    from numba.core.compiler import CompileResult
    from numba.core.registry import CPUDispatcher
    from numba.core.runtime.nrt import rtsys

    source, code = pickle.loads(unsealed(entry, content))
    module = _module(entry, source, lambda f: f)  # where numba looks for what it unpickles
    kernel = CPUDispatcher(module.integrate, targetoptions={"nopython": True})  # also under NUMBA_DISABLE_JIT
    with redirect_stdout(sys.stderr):  # what NUMBA_DEBUG shows
        rtsys.initialize(kernel.targetctx)  # what machine code calls; `refresh` also imports all that is compiled from
        result = CompileResult._rebuild(kernel.targetctx, *pickle.loads(code))
        kernel.targetctx.insert_user_function(result.entry_point, result.fndesc, [result.library])
        kernel.add_overload(result)
    kernel.disable_compile()  # arguments of other types are a mistake, not another kernel
    return kernel


def sealed(entry: str, payload: bytes) -> bytes:
    """Return the bytes of an entry: a checksum, and what it holds."""
    return digest(entry.encode() + payload).encode() + payload


def unsealed(entry: str, content: bytes) -> bytes:
    """Return what an entry holds; raise `Damaged` where its checksum is another."""
    if content != sealed(entry, content[64:]):
        raise Damaged
    return content[64:]


def compile_kernel(entry: str, source: str) -> bytes:
    """Return the bytes of an entry, from a process of its own: the same ones whoever compiles, and when.

    The process that compiles keeps the machine code of inner functions, and would call it instead of the copies in the
    entry: its results would differ in their last digits. Machine code also depends on the order of Python's sets, and
    on numba's variables and its file of settings in the working folder; the process has a fixed seed and neither.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    command, path = python(f"from exosim.engine.machine import build; build({entry!r})")
    environment |= path | {"PYTHONHASHSEED": "0"}
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
    sys.stdout.buffer.write(sealed(entry, payload))


def _module(name: str, source: str, wrap: Callable[[Any], Any], **names: Any) -> ModuleType:
    """Return the module of a source with `wrap` around its functions; numba names machine code after it."""
    module = ModuleType(f"exosim_{name}".replace("-", "_"))
    sys.modules[module.__name__] = module
    vars(module).update({name: f for name, f in vars(math).items() if name[0] != "_"} | names)
    vars(module).update(np=np, inner=wrap, entry=wrap)
    exec(compile("from __future__ import annotations\n" + source, f"<{name}>", "exec"), vars(module))
    return module


def interpreted(source: str) -> Callable[..., Any]:
    """Return the function of a kernel as plain Python: slow, but nothing to compile."""
    arrays = {name: getattr(np, name) for name in vars(math) if name[0] != "_" and hasattr(np, name)}
    return _module("interpreted", source, lambda f: f, **arrays).integrate  # type: ignore[no-any-return]
