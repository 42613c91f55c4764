"""Everything that decides a result, as one record: scenario, parameter set, resolution, seed, numerical choices."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from exosim.files.names import identity
from exosim.parameters import DEFAULT, ParametersLike, parameter_set
from exosim.problems import BadInput, Problem, suggest
from exosim.scenario.model import Scenario
from exosim.simulation.grid import Grid
from exosim.skin.phototype import RESPONSE

if TYPE_CHECKING:
    from exosim.simulation.skin import SimulatedSkin

RESULTS = 3  # Increment when outcomes change; studies never mix results of different values.
RESOLUTIONS = {"patch": "exosim.simulation.patch:Patch", "column": "exosim.simulation.column:Column"}
"""Resolution -> the class that simulates it; a new one is a file and a line here."""

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Setup:
    """What is simulated, and how; equal setups give equal results.

    Parameters
    ----------
    scenario : Scenario
    parameters : ParameterSet, mapping, str or path
        What `parameter_set` takes; the set itself afterwards.
    resolution : {"patch", "column"}
    seed : int
        Seed of channel placement and closing of a patch; a column does not use it.
    grid : Grid

    Raises
    ------
    BadInput
        With every problem.
    """

    scenario: Scenario
    parameters: ParametersLike = DEFAULT
    resolution: str = "patch"
    seed: int = 0
    grid: Grid = field(default_factory=Grid)

    def __post_init__(self) -> None:
        problems = list(self._problems())
        try:
            skin_class(self.resolution)
        except BadInput as error:
            problems += error.problems
        try:
            object.__setattr__(self, "parameters", parameter_set(self.parameters))
        except BadInput as error:
            problems += error.problems
        if problems:
            raise BadInput(problems)

    def _problems(self) -> Iterator[Problem]:
        if not isinstance(self.seed, int) or isinstance(self.seed, bool) or self.seed < 0:
            yield Problem(f"the seed must be a whole number from 0, not {self.seed!r}")
        for name, value in asdict(self.grid).items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (number and math.isfinite(value) and value > 0) and not (name == "rtol" and value is None):
                yield Problem(f"grid {name} must be a number above 0, not {value!r}")

    @cached_property
    def values(self) -> dict[str, float]:
        """Value of every parameter."""
        return parameter_values(self.scenario, parameter_set(self.parameters).values())

    @property
    def words(self) -> str:
        """What is simulated with what; the seed where it matters.

        >>> Setup(Scenario(name="x"), resolution="column").words, Setup(Scenario(name="x")).words
        ('column, parameters article', 'patch, parameters article, seed 0')
        """
        seed = "" if "seed" in skin_class(self.resolution).unused else f", seed {self.seed}"
        return f"{self.resolution}, parameters {self.parameters}{seed}"

    @cached_property
    def digest(self) -> str:
        """Short hash of all of it; the version of exosim is not part of it."""
        return identity(self.scenario.digest, self.to_dict())[:8]

    def to_dict(self) -> dict[str, Any]:
        """Return all but the scenario as plain data."""
        own = parameter_set(self.parameters).to_plain()
        return {
            "resolution": self.resolution,
            "parameters": str(self.parameters),
            "seed": self.seed,
            "grid": asdict(self.grid),
            **({} if isinstance(own, str) else {"parameter_set": own}),
        }

    @classmethod
    def from_dict(cls, scenario: Scenario, data: Mapping[str, Any]) -> Setup:
        """Return the setup of which `to_dict` gave `data`; other keys are ignored."""
        chosen = data.get("parameter_set", data["parameters"])
        return cls(scenario, chosen, data["resolution"], data["seed"], Grid(**data["grid"]))

    def check_used(self) -> None:
        """Raise `BadInput` where the seed or the grid is set and the resolution has no use for it."""
        given, usual = ({"seed": x.seed, **asdict(x.grid)} for x in (self, Setup(self.scenario)))
        unused = {name: usual[name] for name in skin_class(self.resolution).unused}
        if problems := idle(given, unused, f"nothing in a {self.resolution} is random, and it has no lattice"):
            raise BadInput(problems)

    def build(self, states: bool = True) -> SimulatedSkin:
        """Return the skin at rest, before its first day; `states` as of `exosim.simulation.skin`."""
        return skin_class(self.resolution).build(self.scenario, self.values, self.seed, self.grid, states)


def idle(given: Mapping[str, Any], defaults: Mapping[str, Any], why: str) -> list[Problem]:
    """Return which arguments are given, as values other than their `defaults`, where they would have no effect.

    >>> [problem.source for problem in idle({"seed": 7, "n": 2}, {"seed": 0}, "nothing is random")]
    ['`seed`']
    """
    return [
        Problem(f"{given[name]!r} would have no effect: {why}", source=f"`{name}`", remedy="leave it out")
        for name, default in defaults.items()
        if given[name] != default
    ]


def skin_class(resolution: str) -> type[SimulatedSkin]:
    """Return the class that simulates a resolution; raise `BadInput` when there is none."""
    if resolution not in RESOLUTIONS:
        remedy = suggest(str(resolution), RESOLUTIONS)
        raise BadInput([Problem(f'there is no resolution "{resolution}"', remedy=remedy)])
    found: type[SimulatedSkin] = resolve_name(RESOLUTIONS[resolution])
    return found


def parameter_values(scenario: Scenario, base: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base`, then what skin and sunlight of a scenario set, then its author's assumptions."""
    person = {"phototype_response": RESPONSE[scenario.skin.phototype], "uv_dose": scenario.skin.uv_dose_per_day}
    return dict(base) | person | {name: x.value for name, x in scenario.assume.items()}
