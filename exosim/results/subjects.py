"""Many subjects under one schedule, in blocks so that memory does not grow."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.results.outcomes import outcomes
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.simulation.setup import Progress

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
    >>> from exosim.scenario.file import load
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
