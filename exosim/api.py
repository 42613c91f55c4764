"""The Python interface: simulate a scenario, compare several."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from exosim.evidence import Published, published_for
from exosim.parameters import DEFAULT, parameter_set
from exosim.result import Result, build
from exosim.run_folder import new_folder, slug, write_run
from exosim.scenario import Scenario
from exosim.scenario_file import load
from exosim.simulate import Grid, Progress, Resolution, Simulation, parameter_values


def run(
    scenario: Scenario | str | Path,
    *,
    resolution: Resolution = "patch",
    parameters: str = DEFAULT,
    seed: int = 0,
    changes: Sequence[str] = (),
    grid: Grid | None = None,
    progress: Progress | None = None,
) -> Result:
    """Simulate one arm.

    Parameters
    ----------
    scenario : Scenario or path
        A scenario or its TOML file.
    resolution : {"patch", "column"}
        A lattice of skin columns with Mesa agents, or one column with expected channels (faster).
    parameters : str
        Parameter set, ``article`` or ``trials``.
    seed : int
        Seed of channel placement and closing (patch).
    changes : sequence of str
        ``PATH=VALUE``, as with ``--set``.

    Returns
    -------
    Result

    Raises
    ------
    BadInput
        With every problem of the scenario.
    SolverError
        With day, state and last event.

    Examples
    --------
    >>> import exosim as ex
    >>> result = ex.run("scenarios/fractional_co2.toml", resolution="column")
    >>> 15 < result.outcomes["improvement_percent"] < 25
    True
    """
    arm = scenario if isinstance(scenario, Scenario) else load(scenario, changes)
    values = parameter_values(arm, parameter_set(parameters).values())
    used = grid or Grid()
    start = time.perf_counter()
    simulation = Simulation(arm, values, resolution, seed, used)
    history = simulation.run(progress)
    return build(
        history,
        arm,
        resolution=resolution,
        parameters=parameters,
        seed=seed,
        seconds=time.perf_counter() - start,
        values=values,
        grid=asdict(used),
        channels=simulation.agents.channels() if simulation.agents else None,
    )


@dataclass(frozen=True)
class Comparison:
    """Several arms under the same parameters and seed; on a patch all arms see the same channels."""

    arms: list[Result]
    directory: Path | None = None

    @property
    def differences(self) -> dict[str, float | None]:
        """Outcomes of the last arm minus those of the first."""
        first, last = self.arms[0].outcomes, self.arms[-1].outcomes
        numbers = [name for name, value in first.items() if not isinstance(value, (bool, list))]
        return {
            name: None if None in (first[name], last[name]) else last[name] - first[name] for name in numbers
        }

    @property
    def published(self) -> list[dict[int, Published]]:
        """Published comparisons of these regimens: arm number -> value."""
        return published_for([arm.scenario for arm in self.arms])

    def to_dict(self) -> dict[str, Any]:
        """What `exosim compare --json` prints."""
        return {"arms": [arm.to_dict() for arm in self.arms], "differences": self.differences}

    def plot(self) -> Any:
        """Time courses of all arms as a matplotlib figure."""
        from exosim.view.figures import time_courses

        return time_courses(self.arms).figure

    def save(self, out: str | Path = "runs") -> Comparison:
        """Write a folder with the figures of the comparison and one run folder per arm."""
        from exosim.view.figures import of_arm, of_comparison
        from exosim.view.save import save_drawings

        name = " v ".join(arm.scenario.name for arm in self.arms)
        with new_folder(Path(out), name, self.arms[-1].scenario.digest) as (partial, final):
            folders = [f"{i}-{slug(arm.scenario.name)}" for i, arm in enumerate(self.arms, start=1)]
            for arm, folder in zip(self.arms, folders, strict=True):
                write_run(arm, partial / folder, of_arm(arm))
            saved = Comparison(
                [arm._at(final / folder) for arm, folder in zip(self.arms, folders, strict=True)], final
            )
            (partial / "comparison.json").write_text(json.dumps(saved.to_dict(), indent=2), "utf-8")
            save_drawings(of_comparison(self.arms, self.published), partial / "figures")
        return saved


def compare(
    scenarios: Sequence[Scenario | str | Path],
    *,
    progress: Callable[[int, float], None] | None = None,
    **options: Any,
) -> Comparison:
    """Simulate several arms with the same options of `run`; `progress` sees arm number and share done."""
    arms = [s if isinstance(s, Scenario) else load(s, options.get("changes", ())) for s in scenarios]
    options.pop("changes", None)

    def report(i: int) -> Progress | None:
        return (lambda share: progress(i, share)) if progress else None

    return Comparison([run(arm, progress=report(i), **options) for i, arm in enumerate(arms)])
