"""The Python interface: simulate a scenario, compare several, save, load and plot."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from exosim.engine.tissue import SolverError
from exosim.evidence import Match, published_for
from exosim.files.names import identity, slug
from exosim.files.writing import check_writable, expanded, write
from exosim.parameters import DEFAULT
from exosim.problems import BadInput, Problem
from exosim.results.folder import new_folder, write_run
from exosim.results.intervals import Ensemble, intervals
from exosim.results.result import Record
from exosim.results.saved import read_run
from exosim.scenario.arms import differences, load_arms
from exosim.scenario.change import Changes
from exosim.scenario.file import ScenarioLike, load
from exosim.simulation.grid import Grid
from exosim.simulation.history import History
from exosim.simulation.loop import run as simulate
from exosim.simulation.parallel import side_by_side
from exosim.simulation.setup import Progress, Setup
from exosim.view.figures.courses import of_arm, of_comparison, of_run, time_courses
from exosim.view.figures.save import files_of, save_beside, tell
from exosim.view.figures.style import LINES
from exosim.view.html import of_arms
from exosim.view.progress import bar, of_each


class Result(Record):
    """One simulated arm that can be plotted, saved and loaded."""

    def plot(self) -> Any:
        """Draw the time courses as a matplotlib figure."""
        return time_courses([self]).figure

    def _repr_html_(self) -> str:
        return of_arms([self])

    def save(self, out: str | Path = "runs", *, daily: bool = False, figures: str = "png") -> Result:
        """Write the run folder below `out`; the returned result knows where.

        Parameters
        ----------
        daily : bool
            Whether the table has one row per day with all states, or the course as recorded.
        figures : {"png", "all", "none"}
            What is drawn: each figure as PNG with a text; as SVG and its data, too; or nothing.

        Raises
        ------
        BadInput
            When `out` cannot be a folder, or there are no such `figures`.
        NotWritten
            When a file cannot be written; where it is a figure, the run is kept without it.
        """
        files, out = files_of(figures), expanded(out)
        check_writable(out)
        with new_folder(out, self.scenario.name, self.setup.digest) as (partial, final):
            write_run(self, partial, daily)
            lost = save_beside(of_run(self), partial / "figures", files)
        tell(lost, final)
        return replace(self, directory=final)

    @classmethod
    def load(cls, directory: str | Path) -> Result:
        """Return a saved run; raise `BadInput` when the folder does not hold one."""
        return cls(**read_run(expanded(directory)))


def run(
    scenario: ScenarioLike,
    *,
    resolution: str = "patch",
    parameters: str = DEFAULT,
    seed: int = 0,
    changes: Changes = (),
    grid: Grid | None = None,
    ensemble: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Simulate one arm.

    Parameters
    ----------
    scenario : Scenario, mapping, str or path
        A scenario, its plain data, its file, or the name of a shipped one.
    resolution : {"patch", "column"}
        A lattice of skin columns with Mesa agents, or one column with expected channels (faster).
    parameters : str
        Parameter set, ``article`` or ``trials``.
    seed : int
        Seed of channel placement and closing (patch).
    changes : sequence of str, or mapping
        Texts ``PATH=VALUE``, as with ``--set``, or values by path.
    ensemble : bool
        Also simulate every draw of the set, one column each: intervals and bands.

    Raises
    ------
    BadInput
        With every problem.
    SolverError
        With day, state and last event; states up to the last good ones are in its `course`.

    Examples
    --------
    >>> import exosim as ex
    >>> 15 < ex.run("fractional_co2", resolution="column").outcomes["improvement_percent"] < 25
    True
    """
    setup = Setup(load(scenario, changes), parameters, resolution, seed, grid or Grid())
    history, seconds = _timed(setup, progress)
    return Result.from_history(setup, history, seconds, Ensemble.simulate(setup) if ensemble else None)


def _timed(setup: Setup, progress: Progress | None) -> tuple[History, float]:
    start = time.perf_counter()
    with bar(setup.scenario.name, progress) as told:
        return simulate(setup.build(), told), time.perf_counter() - start


@dataclass(frozen=True, repr=False)
class Comparison:
    """Several arms under the same parameters and seed; on a patch all arms see the same channels."""

    arms: list[Result]
    directory: Path | None = None

    def __repr__(self) -> str:
        return f"<Comparison: {' v '.join(arm.scenario.name for arm in self.arms)}, {self.arms[0].setup.resolution}>"

    def _repr_html_(self) -> str:
        return of_arms(self.arms, self.differences)

    @property
    def differences(self) -> dict[str, float | None]:
        """Outcomes of the last arm minus those of the first."""
        first, last = self.arms[0].outcomes, self.arms[-1].outcomes
        numbers = [name for name, value in first.items() if not isinstance(value, (bool, list))]
        return {name: None if None in (first[name], last[name]) else last[name] - first[name] for name in numbers}

    @property
    def difference_intervals(self) -> dict[str, list[float | None]] | None:
        """90 % interval of every difference over the ensemble, paired draw by draw."""
        first, last = self.arms[0].ensemble, self.arms[-1].ensemble
        return intervals(last, minus=first) if first and last else None

    @property
    def published(self) -> list[list[Match]]:
        """Published values of the treatments of every arm, with what differs from its regimen."""
        return [published_for(arm.scenario) for arm in self.arms]

    @property
    def warnings(self) -> list[str]:
        """What makes these arms hard to compare."""
        return differences([arm.scenario for arm in self.arms])

    def to_dict(self) -> dict[str, Any]:
        """Return what `exosim compare --json` prints."""
        printed: dict[str, Any] = {"arms": [arm.to_dict() for arm in self.arms], "differences": self.differences}
        further = {"difference_intervals": self.difference_intervals, "warnings": self.warnings}
        return printed | {name: value for name, value in further.items() if value}

    def plot(self) -> Any:
        """Draw the time courses of all arms as a matplotlib figure."""
        return time_courses(self.arms).figure

    def save(self, out: str | Path = "runs", *, daily: bool = False, figures: str = "png") -> Comparison:
        """Write a folder with the figures of the comparison and one run folder per arm; options as of a result."""
        files, out, lost = files_of(figures), expanded(out), list[str]()
        check_writable(out)
        name = " v ".join(arm.scenario.name for arm in self.arms)
        with new_folder(out, name, identity(*(arm.setup.digest for arm in self.arms))[:8]) as (partial, final):
            folders = [f"{i}-{slug(arm.scenario.name)}" for i, arm in enumerate(self.arms, start=1)]
            for arm, folder in zip(self.arms, folders, strict=True):
                write_run(arm, partial / folder, daily)
                lost += save_beside(of_arm(arm), partial / folder / "figures", files)
            placed = [replace(arm, directory=final / f) for arm, f in zip(self.arms, folders, strict=True)]
            saved = Comparison(placed, final)
            write(partial / "comparison.json", json.dumps(saved.to_dict(), indent=2).encode())
            lost += save_beside(of_comparison(self.arms, self.published), partial / "figures", files)
        tell(lost, final)
        return saved


def compare(
    scenarios: Sequence[ScenarioLike],
    *,
    changes: Changes = (),
    progress: Callable[[int, float], None] | None = None,
    **options: Any,
) -> Comparison:
    """Simulate several arms side by side with the same options of `run`; arms of one name are told apart.

    `progress` sees arm number and share done, from several threads.

    Raises
    ------
    BadInput
        As `run`; also for fewer than two arms or more than figures can tell apart.
    SolverError
        As `run`; arms that were finished before a solver failed are in the error's `finished`.
    """
    arms = load_arms(scenarios, changes)
    if not 2 <= len(arms) <= len(LINES):
        remedy = "`run` simulates one" if len(arms) < 2 else "figures cannot tell more apart"
        raise BadInput([Problem(f"a comparison takes 2 to {len(LINES)} scenarios", remedy=remedy)])
    with bar(f"{len(arms)} arms", progress) as told:
        watcher = progress or of_each(told, len(arms))
        futures = side_by_side(lambda number, report: run(arms[number], progress=report, **options), len(arms), watcher)
    errors = [error for future in futures if (error := future.exception())]
    finished = [future.result() for future in futures if not future.exception()]
    for error in errors:
        if isinstance(error, SolverError):
            error.finished = finished
        raise error
    return Comparison(finished)
