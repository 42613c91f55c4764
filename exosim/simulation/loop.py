"""One arm through time: the order of execution, in numbered steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from warnings import warn

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.engine.columns import Failure
from exosim.engine.tissue import SolverError
from exosim.events import Modulate, Scheduled
from exosim.scenario.model import Scenario
from exosim.simulation.grid import Grid
from exosim.simulation.history import History
from exosim.simulation.setup import Progress, parameter_values, skin_class
from exosim.simulation.skin import SimulatedSkin


def course(skin: SimulatedSkin) -> Iterator[float]:
    """Simulate to the end of the scenario; yield every moment reached, in days, first the one before anything happens.

    Raises
    ------
    SolverError
        With the scenario, its course until then, the last event and the most unusual parameters.
    """
    active: dict[str, float] = {}
    yield 0.0
    try:
        for piece in skin.scenario.pieces:
            # 1. Parameters of this piece of time.
            before, active = active, piece.factors
            if active != before:
                skin.set_parameters({name: x * active.get(name, 1) for name, x in skin.values.items()})
            # 2. What happens at its start.
            if piece.happening:
                skin.happen(piece.happening, piece.start)
            # 3. Smooth time to the next piece.
            yield from skin.advance(piece.start, piece.stop)
    except SolverError as error:
        _explain(error, skin, skin.scenario.timeline)
        raise


def run(skin: SimulatedSkin, progress: Progress | None = None) -> History:
    """Simulate to the end of the scenario; warn of subjects that could not be."""
    for day in course(skin):
        if progress:
            progress(day / skin.scenario.days)
    history = skin.history()
    if failures := history.failures:
        subjects = history.initial.shape[1]
        warn(f"{len(failures)} of {subjects} subjects could not be simulated: {_listed(failures)}", stacklevel=2)
    return history


def simulate(
    scenario: Scenario,
    values: Mapping[str, Any],
    resolution: str = "patch",
    seed: int = 0,
    grid: Grid | None = None,
    progress: Progress | None = None,
    states: bool = True,
    follow: Sequence[str] = (),
) -> History:
    """Simulate one arm, or many subjects under one schedule.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        Every parameter of the model, as from ``parameter_set(name).values()``; at column resolution arrays of one
        length give that many subjects.
    resolution : {"patch", "column"}
    seed : int
        Seed of channel placement and closing (patch only).
    states : bool
        Keep all states; else only observables and the last moment (column only).
    follow : sequence of str
        Entries of states, as in ``macrophage_m1_upper``, that are followed through time without `states`.

    Returns
    -------
    History

    Raises
    ------
    BadInput
        For parameter values that make no skin.
    SolverError
        With day, state and last event, when no subject could be simulated; if some could, those which could not
        are nan and listed in ``failures``, and a warning says so.
    """
    merged = parameter_values(scenario, values)
    return run(skin_class(resolution).build(scenario, merged, seed, grid or Grid(), states, follow), progress)


def _explain(error: SolverError, skin: SimulatedSkin, timeline: Sequence[Scheduled]) -> None:
    """Tell an error what was simulated, what happened last, and which parameters are unusual."""
    past = [x for x in timeline if x.event.day <= error.time and not isinstance(x.event, Modulate)]
    error.add_note(f"last event: {past[-1].event}" if past else "before any event")
    error.add_note(f"parameters farthest from their defaults: {_farthest(skin.values)}")
    error.scenario, error.course = skin.scenario, skin.last_good(error.time)


def _listed(failures: Sequence[Failure], number: int = 3) -> str:
    shown = "; ".join(f"subject {x.subject} on day {x.time:.3g} in {x.state}" for x in failures[:number])
    return shown + (f" and {len(failures) - number} more" if len(failures) > number else "")


def _farthest(values: Mapping[str, Any], number: int = 4) -> str:
    """Return the parameters with the largest ratio to their defaults, as text."""
    ratio = {
        name: float(np.max(np.abs(np.log(np.maximum(values[name], 1e-12) / q.value))))
        for name, q in PARAMETERS.items()
        if q.value > 0
    }
    worst = sorted((name for name in ratio if ratio[name] > 0), key=lambda name: -ratio[name])[:number]
    shown = (f"{name} {np.max(values[name]):.4g} ({PARAMETERS[name].value:g})" for name in worst)
    return ", ".join(shown) or "none"
