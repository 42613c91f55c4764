"""Many simulations: subjects under one schedule, in blocks so that memory does not grow; arms side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any, TypeVar

import numpy as np

from exosim.engine.tissue import Array
from exosim.outcomes import outcomes
from exosim.scenario import Scenario
from exosim.simulate import Progress, simulate

T = TypeVar("T")
BLOCK = 512  # subjects at once: about 25 MB of observations


def outcomes_of(
    scenario: Scenario,
    values: Mapping[str, Any],
    *,
    threads: int = 1,
    progress: Progress | None = None,
) -> dict[str, Array]:
    """Every outcome of many subjects at column resolution.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        Every parameter, a number or an array with one value per subject.
    threads : int
        Threads that share the blocks; results do not depend on them.
    progress : callable, optional
        Sees the share of subjects done.

    Returns
    -------
    dict
        Arrays with one value per subject, in their order.

    Examples
    --------
    >>> import numpy as np
    >>> from exosim.parameters import parameter_set
    >>> from exosim.scenario_file import load
    >>> draws = parameter_set("article").values() | {"debris_clearance": np.linspace(0.2, 0.4, 3)}
    >>> outcomes_of(load("microneedling"), draws)["improvement_percent"].shape
    (3,)
    """
    subjects = max(np.size(value) for value in values.values())
    firsts = range(0, subjects, BLOCK)
    done = 0

    def block(first: int) -> dict[str, Array]:
        mine = {
            name: value[first : first + BLOCK] if np.size(value) > 1 else value
            for name, value in values.items()
        }
        return outcomes(simulate(scenario, mine, "column", states=False), scenario)

    parts = []
    with ThreadPoolExecutor(threads) as pool:
        for part in pool.map(block, firsts) if threads > 1 else map(block, firsts):
            parts.append(part)
            done += len(part["improvement_percent"])
            if progress:
                progress(done / subjects)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def side_by_side(
    work: Callable[[int, Progress], T],
    number: int,
    progress: Callable[[int, float], None] | None = None,
) -> list[Future[T]]:
    """Do ``work(i, report)`` for every i below `number` in threads; kernels run outside the interpreter's lock.

    All are done on return, well or with their exception. An interrupt stops those under way at their next `report`.
    """
    stopped = Event()

    def one(i: int) -> T:
        def report(share: float) -> None:
            if stopped.is_set():
                raise KeyboardInterrupt
            if progress:
                progress(i, share)

        return work(i, report)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(one, i) for i in range(number)]
        try:
            wait(futures)
        except BaseException:
            stopped.set()
            raise
    return futures
