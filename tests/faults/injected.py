"""The n-th file operation below a folder fails, as on a disk that is full or bad, or where a file is held."""

import builtins
import errno
import io
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EINTR, errno.EBUSY)
BY_PATH = (
    "open", "stat", "lstat", "mkdir", "rmdir", "unlink", "remove", "rename", "replace", "scandir", "listdir", "chmod",
    "readlink", "utime", "link",
)  # fmt: skip
BY_NUMBER = ("fsync", "write", "fstat", "ftruncate", "close")


@dataclass
class Count:
    """What was done below `root`; operation `n` fails, if there is one."""

    root: str
    n: int | None = None
    number: int = errno.EIO
    done: int = 0
    hit: str = ""
    inside: set = field(default_factory=set)  # open file numbers

    def tick(self, what, path=""):
        self.done += 1
        if self.done - 1 == self.n:
            self.hit = f"{what} {os.path.basename(str(path))}"
            raise OSError(self.number, os.strerror(self.number), str(path))

    def below(self, path):
        try:
            return os.path.abspath(os.fsdecode(path)).startswith(self.root)
        except TypeError:
            return path in self.inside


class Watched:
    """A file that is written: every write, flush and close counts."""

    def __init__(self, file, count):
        self.__dict__.update(file=file, count=count, number=file.fileno())
        count.inside.add(self.number)

    def write(self, *arguments):
        self.count.tick("write")
        return self.file.write(*arguments)

    def flush(self):
        self.count.tick("flush")
        return self.file.flush()

    def close(self):
        self.count.inside.discard(self.number)
        if not self.file.closed:
            self.file.close()
            self.count.tick("close")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __getattr__(self, name):
        return getattr(self.file, name)


@contextmanager
def failing(monkeypatch, root: Path, n=None, number=errno.EIO):
    """Count operations below `root`; fail the `n`-th, from 0, with an error `number`."""
    count = Count(str(root), n, number)
    real = {name: getattr(os, name) for name in (*BY_PATH, *BY_NUMBER) if hasattr(os, name)}
    real_open = io.open

    def by_path(name):
        def call(path=".", *arguments, **options):
            if not count.below(path):
                return real[name](path, *arguments, **options)
            count.tick(name, path)
            result = real[name](path, *arguments, **options)
            if name == "open":
                count.inside.add(result)
            return result

        return call

    def by_number(name):
        def call(number, *arguments, **options):
            if number in count.inside:
                if name == "close":
                    count.inside.discard(number)
                    real[name](number)
                    return count.tick(name)
                count.tick(name)
            return real[name](number, *arguments, **options)

        return call

    def opened(file, mode="r", *arguments, **options):
        if not count.below(file) or isinstance(file, int):
            return real_open(file, mode, *arguments, **options)
        count.tick(f"open {mode}", file)
        made = real_open(file, mode, *arguments, **options)
        return Watched(made, count) if set(mode) & set("wax+") else made

    with monkeypatch.context() as patch:
        for name in real:
            patch.setattr(os, name, by_path(name) if name in BY_PATH else by_number(name))
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)
        yield count
