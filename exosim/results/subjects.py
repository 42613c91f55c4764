"""Many subjects under one schedule, in blocks so that memory does not grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.results.outcomes import outcomes
from exosim.results.own import Own, states_of
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.simulation.parallel import side_by_side
from exosim.simulation.setup import Progress

BLOCK = 512  # subjects at once: about 25 MB of observations


def outcomes_of(
    scenario: Scenario,
    values: Mapping[str, Any],
    *,
    threads: int = 1,
    progress: Progress | None = None,
    own: Sequence[Own] = (),
) -> dict[str, Array]:
    """Return every outcome of many subjects at column resolution: arrays with a value per subject, in their order.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        Every parameter, a number or an array with one value per subject.
    threads : int
        Threads that share the blocks; results do not depend on them.
    own : sequence of Own
        Outcomes of one's own.

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
    done = iter(range(1, len(firsts) + 1))

    def block(i: int, report: Progress) -> dict[str, Array]:
        part = {name: _block_of(value, firsts[i]) for name, value in values.items()}
        history = simulate(scenario, part, "column", states=False, follow=states_of(own))
        found = outcomes(history, scenario, own)
        report(next(done) / len(firsts))
        return found

    show = (lambda _, share: progress(share)) if progress else None
    parts = [future.result() for future in side_by_side(block, len(firsts), show, threads)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _block_of(value: Any, first: int) -> Any:
    return value[first : first + BLOCK] if np.size(value) > 1 else value
