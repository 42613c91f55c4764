"""What a fit to one's own data minimises, as a plain function: for profiles, and for other people's optimisers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import minimize

from exosim.engine.tissue import Array
from exosim.problems import BadInput, MissingExtra, Problem, suggest
from exosim.studies.fit.own import Own

STEP = 0.02  # of finite differences, in standard deviations of the prior
FARTHEST = 4.0  # standard deviations of the prior within which is searched
STEPS = 40  # of one search
AWAY = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)  # points of a profile, in standard deviations of the draws
FAR = 4.0  # rise at which a profile ends


@dataclass(frozen=True)
class Objective:
    """Minus the logarithm of the likelihood and of normal priors, but for a constant.

    It takes a vector in the order of `names` or a mapping by name, in the units of the parameters. What lies between
    the model and figures of studies (scales, differences between studies) follows the parameters' names, each a
    standard normal number. Outside `low` to `high` it is infinite.

    Attributes
    ----------
    names : list of str
    low, high : array
    """

    own: Own

    @cached_property
    def names(self) -> list[str]:
        """Names of the unknowns, parameters first."""
        return [*self.own.parameters, *("/".join(name) for name in self.own.others)]

    @cached_property
    def low(self) -> Array:
        """Lower ends."""
        return np.array([prior.low for prior in self.own.priors] + [-FARTHEST] * len(self.own.others))

    @cached_property
    def high(self) -> Array:
        """Upper ends."""
        return np.array([prior.high for prior in self.own.priors] + [FARTHEST] * len(self.own.others))

    def __call__(self, x: Any) -> float:
        """Return the objective at a vector or mapping; raise `BadInput` where a name or a number is missing."""
        at = self._vector(x)
        if not ((at >= self.low) & (at <= self.high)).all():
            return float("inf")
        return float(self.own.cost(self.normal(at)[:, None])[0])

    def gradient(self, x: Any) -> Array:
        """Return the slope of the objective, by central differences."""
        at = self._vector(x)
        width = 1e-3 * (self.high - self.low)
        ways = np.clip(at[:, None] + np.diag(width), self.low[:, None], self.high[:, None])
        back = np.clip(at[:, None] - np.diag(width), self.low[:, None], self.high[:, None])
        costs = self.own.cost(np.column_stack([self.normal(way) for way in (*ways.T, *back.T)]))
        return np.asarray((costs[: at.size] - costs[at.size :]) / np.diagonal(ways - back))

    def normal(self, x: Array) -> Array:
        """Return unknowns as standard normal numbers."""
        z = np.array(x, float)
        for i, prior in enumerate(self.own.priors):
            z[i] = prior.normal(z[i])
        return z

    def to_pypesto(self) -> Any:
        """Return a problem of pyPESTO, with bounds and names; raise `MissingExtra` where pyPESTO is not installed."""
        try:
            import pypesto  # type: ignore[import-not-found]
        except ImportError:
            raise MissingExtra("this needs pyPESTO\n  install it: pip install pypesto") from None
        objective = pypesto.Objective(fun=self.__call__, grad=self.gradient)
        return pypesto.Problem(objective=objective, lb=self.low, ub=self.high, x_names=self.names)

    def _vector(self, x: Any) -> Array:
        if isinstance(x, Mapping):
            problems = [
                Problem(f'there is no unknown "{name}"', remedy=suggest(str(name), self.names))
                for name in x
                if name not in self.names
            ]
            problems += [Problem(f"{name} has no value") for name in self.names if name not in x]
            if problems:
                raise BadInput(problems)
            x = [x[name] for name in self.names]
        at = np.asarray(x, float)
        if at.shape != (len(self.names),):
            message = f"the objective takes {len(self.names)} numbers, not an array of shape {at.shape}"
            raise BadInput([Problem(message, remedy=f"in this order: {', '.join(self.names)}")])
        return at


def lowest(cost: Callable[[Array], Array], begin: Array, held: int | None = None) -> tuple[Array, float]:
    """Return the lowest point near `begin` and its cost; the unknown number `held` does not move."""
    free = np.arange(begin.size) != (-1 if held is None else held)
    ways = STEP * np.eye(int(free.sum()))

    def with_slope(z: Array) -> tuple[float, Array]:
        points = np.repeat(begin[:, None], 1 + 2 * z.size, axis=1)
        points[free] = np.hstack([z[:, None], z[:, None] + ways, z[:, None] - ways])
        costs = np.nan_to_num(cost(points), posinf=1e10)
        return float(costs[0]), (costs[1 : 1 + z.size] - costs[1 + z.size :]) / (2 * STEP)

    if not free.any():
        return begin, float(cost(begin[:, None])[0])
    bounds = [(-FARTHEST, FARTHEST)] * int(free.sum())
    start = np.clip(begin[free], -FARTHEST, FARTHEST)
    found = minimize(with_slope, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": STEPS})
    best = begin.copy()
    best[free] = found.x
    return best, float(found.fun)


def profile(own: Own, best: Array, spread: float, number: int) -> Array:
    """Return values of one parameter and the rise of the cost with the others refitted, (points, 2), in order."""
    cost = float(own.cost(best[:, None])[0])
    rows = [(best[number], 0.0)]
    for sign in (-1, 1):
        near = best
        for away in AWAY:
            at = near.copy()
            at[number] = np.clip(best[number] + sign * away * spread, -FARTHEST, FARTHEST)
            near, height = lowest(own.cost, at, number)
            rows.append((at[number], height - cost))
            if height - cost > FAR or abs(at[number]) == FARTHEST:
                break
    points = np.array(sorted(rows))
    points[:, 0] = own.priors[number].value(points[:, 0])
    return points
