"""Files written atomically; places checked before anything is computed."""

from __future__ import annotations

import os
from pathlib import Path

from exosim.problems import BadInput, Problem

OVERWRITE = "choose another name with `out`, or write over it with `force`"


def check_free(path: Path, over: bool = False, remedy: str = "") -> None:
    """Refuse, before anything is computed, a file that cannot be written or may not be replaced."""
    if not path.parent.is_dir():
        raise BadInput([Problem("there is no such folder", source=str(path.parent))])
    if path.exists() and not over:
        raise BadInput([Problem("the file exists already", source=str(path), remedy=remedy or OVERWRITE)])


def write(path: Path, content: bytes) -> None:
    """Write a file atomically: to a temporary name, synced, then renamed.

    What is there and no plain file (a link, a pipe, a terminal) is written to as it is.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_bytes(content)
        return
    partial = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def check_writable(out: Path) -> None:
    """Refuse, before anything is computed, a folder to which results cannot be written."""
    probe = out
    while not probe.exists() and probe != probe.parent:
        probe = probe.parent
    if not probe.is_dir():
        raise BadInput([Problem(f"results cannot be written: {probe} is not a folder", source="`out`")])
    try:
        test = probe / f".exosim-{os.getpid()}"
        test.touch()
        test.unlink()
    except OSError as error:
        message, remedy = f"results cannot be written to {out} ({error.strerror})", "choose another folder with `out`"
        raise BadInput([Problem(message, source="`out`", remedy=remedy)]) from None
