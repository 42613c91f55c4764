"""A folder of bytes that nobody else can have written: what is checked is what is read.

A folder is trusted when it is no link, belongs to this user, and others cannot write to it; so is a file in it. Each is
opened once, and what was opened is checked: nothing can take its place between the check and the use. Where a system
has no such owners and modes (Windows), its users' folders are closed to others from the start.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

POSIX = os.name == "posix"


class Untrusted(Exception):
    """Somebody else may have put it there: the path, and why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} {why}")
        self.path, self.why = path, why


def read(folder: Path, name: str) -> bytes:
    """Return the bytes of a file in a folder; raise `Untrusted` unless both are this user's alone."""
    with _entered(folder) as place:
        handle = _open(folder, place, name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe is not waited for
        with open(handle, "rb") as file:
            _check(folder / name, os.fstat(handle), stat.S_ISREG)
            return file.read()


def write(folder: Path, name: str, content: bytes) -> None:
    """Write a file atomically to a folder, made if need be; raise `Untrusted` unless it is this user's alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _entered(folder) as place:
        partial = f".{name}-{secrets.token_hex(4)}"
        try:
            with open(_open(folder, place, partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
                file.write(content)
            os.replace(_at(folder, place, partial), _at(folder, place, name), src_dir_fd=place, dst_dir_fd=place)
        except BaseException:
            with suppress(OSError):
                os.unlink(_at(folder, place, partial), dir_fd=place)
            raise


@contextmanager
def _entered(folder: Path) -> Iterator[int | None]:
    """Give a handle of a folder that was checked; none on systems that open files by path only."""
    if not POSIX:
        yield None
        return
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        _refuse_link(folder)
        raise
    try:
        _check(folder, os.fstat(handle), stat.S_ISDIR)
        yield handle
    finally:
        os.close(handle)


def _open(folder: Path, place: int | None, name: str, flags: int) -> int:
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.open(_at(folder, place, name), flags, 0o600, dir_fd=place)
    except OSError:
        _refuse_link(folder / name)
        raise


def _at(folder: Path, place: int | None, name: str) -> str:
    """Return how to name a file: relative to an open folder, or by its whole path."""
    return str(folder / name) if place is None else name


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise Untrusted(path, "is a link")


def _check(path: Path, about: os.stat_result, right_kind: Callable[[int], bool]) -> None:
    if not right_kind(about.st_mode):
        raise Untrusted(path, "is no plain file")
    if POSIX and about.st_uid != os.getuid():
        raise Untrusted(path, "belongs to another user")
    if POSIX and about.st_mode & 0o022:
        raise Untrusted(path, "can be written by others")
