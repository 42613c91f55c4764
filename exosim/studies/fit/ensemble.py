"""Draws of all uncertain parameters that agree with the evidence.

Every parameter is drawn from its range with its default in the middle; then the draws are moved towards the published
figures, each known to its tolerance, by an ensemble smoother with multiple data assimilation (Emerick and Reynolds,
Comput Geosci 55 (2013) 3-15). Draws that still miss the figures are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.stats import chi2, norm

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.parameters.switches import IDLE
from exosim.studies.fit.targets import Targets

ITERATIONS = 8
MISSED = 0.95  # a draw is dropped whose misfit chance alone would exceed in 1 of 20
CERTAIN = {"phototype_response", "uv_dose", "uv_habitual", "epidermal_shedding", "without_retinoid", "ablation_radius"}
"""Set by a scenario's skin and sunlight, or 1 at rest by definition."""
EDGE = 0.02  # how near the middle of a prior may come to an end of its range


def uncertain(targets: Targets) -> list[str]:
    """Return the names of all parameters but those that scenarios, the set or a definition decide."""
    held = {name for name, x in targets.set.overrides.items() if not x.fitted}
    return [name for name in PARAMETERS if name not in held | targets.held.keys() | CERTAIN | IDLE]


def parameters(names: list[str], z: Array) -> dict[str, Array]:
    """Return parameters of standard normal draws, (names, draws): within their ranges, defaults in the middle."""
    return within(names, z, {name: PARAMETERS[name].value for name in names})


def within(names: list[str], z: Array, middles: Mapping[str, float]) -> dict[str, Array]:
    """Return parameters of standard normal draws, (names, draws): within their ranges, `middles` in the middle."""
    q = [PARAMETERS[name] for name in names]
    low, width = (np.array(x)[:, None] for x in ([p.low for p in q], [p.high - p.low for p in q]))
    middle = (np.array([middles[name] for name in names])[:, None] - low) / width
    share = norm.cdf(z + norm.ppf(np.clip(middle, EDGE, 1 - EDGE)))
    return dict(zip(names, low + width * share, strict=True))


def prior(targets: Targets, number: int, seed: int) -> Array:
    """Return standard normal draws, (uncertain parameters, number)."""
    return np.random.default_rng([seed, 0]).standard_normal((len(uncertain(targets)), number))


def simulated(targets: Targets, z: Array) -> Array:
    """Return the figures of draws, (figures, draws)."""
    return targets.simulated(targets.fixed | parameters(uncertain(targets), z))


def updated(targets: Targets, z: Array, seed: int, iteration: int) -> Array:
    """Return the draws one iteration nearer to the published figures; those without a simulation are dropped."""
    from iterative_ensemble_smoother import ESMDA  # type: ignore[import-untyped]

    figures = simulated(targets, z)
    whole = np.isfinite(figures).all(axis=0)
    published, deviation = targets.target.T
    smoother = ESMDA(
        ITERATIONS * deviation**2, published.copy(), alpha=1, seed=np.random.default_rng([seed, 1 + iteration])
    )
    smoother.prepare_assimilation(Y=figures[:, whole], truncation=1.0)
    moved: Array = smoother.assimilate_batch(X=z[:, whole])
    return moved


def agreeing(targets: Targets, z: Array) -> Array:
    """Return which draws agree with the published figures."""
    published, deviation = targets.target.T[..., None]
    misfit = (((simulated(targets, z) - published) / deviation) ** 2).sum(axis=0)
    return np.asarray(misfit <= chi2.ppf(MISSED, len(published)))


def csv_lines(draws: Mapping[str, Array]) -> Iterator[str]:
    """Yield draws as a table, a line per draw."""
    yield ",".join(f'"{name}"' if "," in name else name for name in draws) + "\n"
    for row in np.array(list(draws.values())).T:
        yield ",".join(f"{x:.5g}" for x in row) + "\n"
