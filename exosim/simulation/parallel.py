"""Independent pieces of work in threads; kernels run outside the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

from exosim.simulation.setup import Progress

T = TypeVar("T")


def side_by_side(
    work: Callable[[int, Progress], T],
    number: int,
    progress: Callable[[int, float], None] | None = None,
    threads: int | None = None,
) -> list[Future[T]]:
    """Do ``work(i, report)`` for every i below `number` in `threads`, one per processor unless given.

    On return every piece has its result or its exception. An interrupt stops each piece at its next `report`.
    """
    stopped = Event()

    def one(i: int) -> T:
        def report(share: float) -> None:
            if stopped.is_set():
                raise KeyboardInterrupt
            if progress:
                progress(i, share)

        return work(i, report)

    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        futures = [pool.submit(one, i) for i in range(number)]
        try:
            wait(futures)
        except BaseException:
            stopped.set()
            raise
    return futures
