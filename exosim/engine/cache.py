"""Compiled kernels on disk, so that only the first run ever compiles; with them the lesson page.

An entry is one file that never changes: a checksum, the kernel's source, and what numba compiled from it, in numba's
pickle. It is read only from a folder that nobody but this user can write, and its bytes are checked before they are
unpickled (`exosim.files.private`); else the kernel is compiled anew. Whoever writes an entry drops those that no run
has used for long: of other versions, or of another machine.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from exosim.engine.machine import Damaged, compile_kernel, host, load
from exosim.files import private
from exosim.files.names import digest

T = TypeVar("T")

LOG = logging.getLogger("exosim")
UNUSED = 60  # d, after which an entry is dropped; the time of its file says when it was used, give or take a day

_LOADED: dict[str, Callable[..., Any]] = {}
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
        entry = f"{name}-{joint_digest(key, host())[:24]}"
        if entry not in _LOADED:
            _LOADED[entry] = found(entry, load) or _made(name, entry, source())
        return _LOADED[entry]


def folders() -> list[Path]:
    """Return where entries may be: ``EXOSIM_CACHE`` or the user's cache folder, then a temporary one."""
    from platformdirs import user_cache_path

    found = []
    try:
        found.append(Path(os.environ.get("EXOSIM_CACHE") or user_cache_path("exosim", appauthor=False)).expanduser())
    except RuntimeError:
        _say_once(
            "there is no home folder, so compiled solvers are kept in a temporary one; set EXOSIM_CACHE to another"
        )
    with suppress(OSError):
        found.append(Path(tempfile.gettempdir()) / f"exosim-{os.getuid() if private.POSIX else 'kernels'}")
    return found


def found(entry: str, opened: Callable[[str, bytes], T]) -> T | None:
    """Return what `opened` makes of an entry of the first folder that has it whole and is this user's alone."""
    for folder in folders():
        try:
            content = opened(entry, private.read(folder, entry))
        except private.Untrusted as error:
            _say_once(f"{error}, so it is not used; set EXOSIM_CACHE to a folder that only you can write")
        except (OSError, Damaged):
            pass
        else:
            with suppress(OSError):
                if _unused(folder / entry) > 1:
                    os.utime(folder / entry)
            return content
    return None


def _made(name: str, entry: str, source: str) -> Callable[..., Any]:
    """Return a kernel compiled now, and keep it in the first folder that can be written."""
    LOG.warning("compiling the %s solver for this machine; this happens once and takes up to half a minute", name)
    content = compile_kernel(entry, source)
    folder = keep(entry, content)
    if folder is None:
        _say_once("compiled solvers are kept nowhere, so the next run compiles again")
    elif folder != folders()[0]:
        _say_once(f"compiled solvers are kept in {folder}")
    return load(entry, content)


def keep(entry: str, content: bytes) -> Path | None:
    """Keep an entry in the first folder that can be written, and return that; none where there is none."""
    for folder in folders():
        try:
            private.write(folder, entry, content)
        except private.Untrusted:
            continue  # as said when it was not read
        except OSError as error:
            _say_once(f"{folder} cannot be written ({error.strerror}); set EXOSIM_CACHE to a folder that can")
            continue
        _prune(folder)
        return folder
    return None


_say_once = cache(LOG.warning)


def joint_digest(*texts: str) -> str:
    """Return the digest of several texts."""
    return digest("\0".join(texts).encode())


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
