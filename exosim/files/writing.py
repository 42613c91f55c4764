"""Files and folders written whole or not at all; places checked before anything is computed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from exosim.problems import BadInput, Problem

OVERWRITE = "choose another name with `out`, or write over it with `force`"
_NUMBERS = count()


class NotWritten(OSError):
    """What was computed could not be written, as where a disk is full; what was there before is as it was."""


def expanded(path: str | Path) -> Path:
    """Return a path with a leading ``~`` replaced by the home folder; raise `BadInput` where none is known."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        remedy = "write the path without ~, or set HOME"
        raise BadInput([Problem("no home folder is known", source=str(path), remedy=remedy)]) from None


@contextmanager
def in_words(place: Path) -> Iterator[None]:
    """Raise `NotWritten` for what the system refuses."""
    try:
        yield
    except NotWritten:
        raise
    except OSError as error:
        told = NotWritten(f"{place} cannot be written ({error.strerror or error})")
        told.strerror = error.strerror
        raise told from error


@contextmanager
def _refused(place: Path, remedy: str = "") -> Iterator[None]:
    """Raise `BadInput` for what the system refuses."""
    try:
        yield
    except (OSError, ValueError) as error:  # a name with a null character is a ValueError
        message = f"this cannot be written ({getattr(error, 'strerror', None) or error})"
        raise BadInput([Problem(message, source=str(place), remedy=remedy)]) from None


def check_free(path: Path, over: bool = False, remedy: str = "") -> None:
    """Refuse, before anything is computed, a file that cannot be written or may not be replaced."""
    with _refused(path, "choose another name with `out`"):
        with suppress(FileNotFoundError, NotADirectoryError):
            path.lstat()  # a name that is too long is refused here
        problem = None
        if not path.parent.is_dir():
            raise BadInput([Problem("there is no such folder", source=str(path.parent))])
        if path.is_dir():
            problem = Problem("this is a folder, not a file", source=str(path), remedy=f"try {path / 'NAME'}")
        elif path.is_symlink() and not path.exists():
            problem = Problem("this link leads nowhere", source=str(path), remedy="choose another name with `out`")
        elif path.is_block_device():
            problem = Problem("this is a disk, not a file", source=str(path), remedy="choose another name with `out`")
        elif path.exists() and not over:
            problem = Problem("the file exists already", source=str(path), remedy=remedy or OVERWRITE)
        if problem:
            raise BadInput([problem])
        if path.is_file() or not path.exists():
            _try(Path(os.path.realpath(path)).parent)


def check_writable(out: Path) -> None:
    """Refuse, before anything is computed, a folder to which results cannot be written."""
    with _refused(out, "choose another folder with `out`"):
        probe, missing = out, []
        while not probe.exists() and probe != probe.parent:
            if probe.is_symlink():
                raise BadInput([Problem(f"results cannot be written: {probe} is a link to nowhere", source="`out`")])
            missing.append(probe.name)
            probe = probe.parent
        if not probe.is_dir():
            raise BadInput([Problem(f"results cannot be written: {probe} is not a folder", source="`out`")])
        for name in missing:
            with suppress(FileNotFoundError):
                (probe / name).lstat()
        _try(probe)


def _try(folder: Path) -> None:
    """Make a file in a folder that goes by itself."""
    with tempfile.TemporaryFile(dir=folder):
        pass


def write(path: Path, content: bytes) -> None:
    """Write a file atomically: to a temporary name, synced, then renamed; what a link leads to is replaced there.

    A pipe or a terminal is written to as it is.

    Raises
    ------
    NotWritten
        When the file could not be written; what was there before is as it was.
    """
    with in_words(path):
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            _replace(Path(os.path.realpath(path)), content)


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".exosim-{os.getpid()}-{next(_NUMBERS)}")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        discard(partial)
        raise
    with suppress(OSError):  # the file has its name; Windows opens no folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; what was made goes again where the block fails and leaves it empty."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        with in_words(folder):
            folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for path in new:
            with suppress(OSError):
                path.rmdir()
        raise


def place(partial: Path, final: Path) -> None:
    """Give a finished folder its name; one of that name goes only when the new one has it."""
    old = final.with_name(f".{final.name}.old")
    discard(old)
    with in_words(final):
        if replaced := final.exists():
            final.rename(old)
        try:
            partial.rename(final)
        except BaseException:
            if replaced:
                old.rename(final)
            raise
    discard(old)


def discard(path: Path) -> None:
    """Remove a file or a folder as far as the system lets it; a second try, since some refusals pass."""
    for _ in range(2):
        with suppress(OSError):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            return
