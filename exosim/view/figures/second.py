"""A second process that draws, while the first computes and saves: figures take longer than a column.

It gets what it draws on stdin, once, and returns the files on stdout; the first process writes them. Whatever goes
wrong with it, the first one draws.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, cast

from exosim.files.python import python

if TYPE_CHECKING:
    from exosim.view.figures.save import Drawn, Kind, Wanted

_waiting: list[tuple[IO[bytes], IO[bytes]]] = []
"""Stdin and stdout of the second process, until it is given something to draw."""


@contextmanager
def second_process(figures: str) -> Iterator[None]:
    """Let a second process load what draws; it ends with the block. A process that loaded that itself needs none."""
    if figures == "none" or "matplotlib.figure" in sys.modules:
        yield
        return
    command, path = python("from exosim.view.figures.second import serve; serve()")
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, env=os.environ | path, stdin=pipe, stdout=pipe, stderr=nowhere) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        _waiting.append((process.stdin, process.stdout))
        try:
            yield
        finally:
            _waiting.clear()
            process.kill()


def begin(wanted: Sequence[Wanted], kind: Kind) -> Callable[[], Drawn]:
    """Begin to draw, and return what waits for the files; without a second process that is what draws them."""
    from exosim.view.figures.save import drawn

    if not _waiting or not kind.files:
        return lambda: drawn(wanted, kind)
    order, answer = _waiting.pop()
    with suppress(Exception), order:  # a class of one's own, or a process that ended
        pickle.dump((wanted, kind), order)

    def files() -> Drawn:
        try:
            return cast("Drawn", pickle.load(answer))
        except Exception:
            return drawn(wanted, kind)

    return files


def serve() -> None:
    """Draw what comes in on stdin, and write the files to stdout."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends this one
    from exosim.view.figures import canvas, courses  # noqa: F401  (before there is anything to draw)
    from exosim.view.figures.save import drawn

    with os.fdopen(os.dup(1), "wb") as answer:
        os.dup2(2, 1)  # whatever is printed is no part of the answer
        answer.write(pickle.dumps(drawn(*pickle.load(sys.stdin.buffer))))
