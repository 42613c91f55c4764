"""The Python interface: simulate a scenario, compare several, save, load and plot."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exosim.engine.tissue import SolverError
from exosim.evidence import Match, published_for
from exosim.files.names import identity, slug
from exosim.files.writing import check_writable, expanded, write
from exosim.parameters import DEFAULT, ParametersLike
from exosim.problems import BadInput, Problem, flags, together
from exosim.results.comparison import Arms, check_against
from exosim.results.folder import new_folder, write_run
from exosim.results.intervals import Ensemble, courses_of
from exosim.results.own import Given, Own, own_outcomes, too_late
from exosim.results.result import Record
from exosim.results.saved import read_run
from exosim.results.times import rows
from exosim.scenario.arms import differences
from exosim.scenario.change import Changes
from exosim.scenario.file import ScenarioLike, load
from exosim.scenario.model import Scenario
from exosim.simulation.grid import Grid
from exosim.simulation.history import History
from exosim.simulation.loop import run as simulate
from exosim.simulation.parallel import side_by_side
from exosim.simulation.setup import Progress, Setup
from exosim.view.figures.course import plot
from exosim.view.figures.courses import of_arm, of_comparison, of_run
from exosim.view.figures.save import Kind, kind_of, tell, write_drawn
from exosim.view.figures.second import begin
from exosim.view.figures.style import LINES
from exosim.view.html import of_arms
from exosim.view.markdown import comparison_table
from exosim.view.progress import bar, of_each

if TYPE_CHECKING:
    from exosim.studies.varied import Vary


class Result(Record):
    """One simulated arm that can be plotted, saved and loaded."""

    def plot(self, name: str = "", ax: Any = None) -> Any:
        """Draw the time courses as a matplotlib figure, or the one called `name`: any observable or state.

        With `ax` that one is drawn on axes of yours, whose figure is returned.
        """
        return plot([self], name, ax)

    def _repr_html_(self) -> str:
        return of_arms([self])

    def save(
        self, out: str | Path = "runs", *, daily: bool = False, figures: str = "png",
        times: Sequence[float] | None = None,
    ) -> Result:  # fmt: skip
        """Write the run folder below `out`; `.directory` of the returned result is that folder.

        Parameters
        ----------
        daily : bool
            Whether the table has one row per day with all states, or the course as recorded.
        times : sequence of float, optional
            Days that the table has rows for instead, with all states.
        figures : {"png", "print", "all", "none"}
            What is drawn: each figure as PNG with a text; at 300 dpi; as SVG and its data, too; or nothing.

        Raises
        ------
        BadInput
            When `out` cannot be a folder, or there are no such `figures`.
        NotWritten
            When a file cannot be written; where it is a figure, the run is kept without it.
        """
        kind, out = _place(out, figures, daily, times, [self])
        with new_folder(out, self.scenario.name, self.setup.digest) as (unfinished, final):
            pictures = begin([(of_run, (self,), "figures")], kind)
            write_run(self, unfinished, daily, times)
            lost = write_drawn(pictures(), unfinished)
        tell(lost, final)
        return replace(self, directory=final)

    @classmethod
    def load(cls, directory: str | Path) -> Result:
        """Return a saved run; raise `BadInput` when the folder does not hold one."""
        return cls(**read_run(expanded(directory)))


def run(
    scenario: ScenarioLike, *, resolution: str = "patch", parameters: ParametersLike = DEFAULT, seed: int = 0,
    changes: Changes = (), grid: Grid | None = None, ensemble: bool = False, courses: Sequence[str] | str = (),
    outcomes: Given | None = None, progress: Progress | None = None,
) -> Result:  # fmt: skip
    """Simulate one arm.

    Parameters
    ----------
    scenario : Scenario, mapping, str or path
        A scenario, its plain data, its file, or the name of a shipped one.
    resolution : {"patch", "column"}
        A lattice of skin columns with Mesa agents, or one column with expected channels (faster).
    parameters : ParameterSet, mapping, str or path
        Parameter set: ``article``, ``trials``, or one's own, as `parameter_set` takes it.
    seed : int
        Seed of channel placement and closing of a patch; a column has no chance, and refuses any but 0.
    changes : sequence of str, or mapping
        Texts ``PATH=VALUE``, as with ``--set``, or values by path.
    ensemble : bool
        Also simulate every draw of the set, one column each: intervals and bands.
    courses : sequence of str, optional
        Observables that are kept of every draw: in `dataset` as ``draws_tnf_alpha``, over `time` and `draw`.
    outcomes : sequence or mapping, optional
        Of one's own: lines as ``tnf_days = days_above(tnf_alpha, 50)``, or functions under ``@ex.outcome``.

    Raises
    ------
    BadInput, SolverError
        With every problem; with day, state and last event, states up to the last good ones are in its `course`.

    Examples
    --------
    >>> import exosim as ex
    >>> 15 < ex.run("fractional_co2", resolution="column").outcomes["improvement_percent"] < 25
    True
    """
    arm, own, followed = _asked(scenario, changes, outcomes, courses, ensemble)
    setup = Setup(arm, parameters, resolution, seed, grid or Grid())
    setup.check_used()
    history, seconds = _timed(setup, progress)
    drawn = Ensemble.simulate(setup, own, followed) if ensemble else None
    return Result.from_history(setup, history, seconds, drawn, own)


def _asked(
    scenario: ScenarioLike, changes: Changes, outcomes: Given | None, courses: Sequence[str] | str, ensemble: bool
) -> tuple[Scenario, tuple[Own, ...], list[str]]:
    """Return a scenario, outcomes of one's own that its run can give, and courses that are kept of every draw."""
    reads = partial(load, scenario, changes), partial(own_outcomes, outcomes), partial(courses_of, courses, ensemble)
    arm, own, followed, _ = together(*reads, partial(flags, ensemble=ensemble))
    if late := too_late(own, arm.days):
        raise BadInput(late)
    return arm, own, followed


def _place(
    out: str | Path, figures: str, daily: bool, times: Sequence[float] | None, arms: Sequence[Result]
) -> tuple[Kind, Path]:
    """Return what is written of each figure, and where arms are saved; raise `BadInput` with every problem."""
    place = expanded(out)
    days = (partial(rows, daily, times, arm.scenario.days) for arm in arms)
    kind, *_ = together(partial(kind_of, figures), partial(check_writable, place), *days)
    return kind, place


def _timed(setup: Setup, progress: Progress | None) -> tuple[History, float]:
    start = time.perf_counter()
    with bar(setup.scenario.name, progress) as told:
        return simulate(setup.build(), told), time.perf_counter() - start


class Comparison(Arms[Result]):
    """Several arms under the same parameters and seed; on a patch all arms see the same channels.

    Attributes
    ----------
    arms : list of Result
        Also by number or name: ``comparison[0]``, ``comparison["laser"]``.
    against : str
        Name of the arm from which all others differ; the first when left out.

    Examples
    --------
    >>> import exosim as ex
    >>> c = ex.compare("fractional_co2", vary={"laser.energy_mj": [10, 20, 40]}, resolution="column")
    >>> len(c), c.difference("laser.energy_mj=40")["improvement_percent"] > 0
    (3, True)
    """

    def _repr_html_(self) -> str:
        base = self.reference.scenario.name
        others = [i for i, arm in enumerate(self) if arm is not self.reference]
        found = {i: (self.difference(i), self.difference_interval(i)) for i in others}
        return of_arms(self.arms, {f"{self.names[i]} minus {base}": x for i, x in found.items()})

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
        printed: dict[str, Any] = {
            "arms": [self._arm(i) for i in range(len(self))],
            "against": self.reference.scenario.name,
            "differences": self.differences,
        }
        further = {"difference_intervals": self.difference_intervals, "warnings": self.warnings}
        return printed | {name: value for name, value in further.items() if value}

    def _arm(self, i: int) -> dict[str, Any]:
        """Return an arm as plain data, with its differences from the reference."""
        data = self[i].to_dict()
        if self[i] is self.reference:
            return data
        ends = self.difference_interval(i)
        return data | {"differences": self.difference(i)} | ({"difference_intervals": ends} if ends else {})

    def to_markdown(self) -> str:
        """Return outcomes and differences as a table in Markdown, with 90 % intervals where there are any."""
        return comparison_table(self)

    def plot(self, name: str = "", ax: Any = None) -> Any:
        """Draw all arms as a matplotlib figure: the time courses, or as of a result the one called `name`."""
        return plot(self.arms, name, ax)

    def save(
        self, out: str | Path = "runs", *, daily: bool = False, figures: str = "png",
        times: Sequence[float] | None = None,
    ) -> Comparison:  # fmt: skip
        """Write a folder with the figures and one run folder per arm; options and `.directory` as of a result."""
        kind, out = _place(out, figures, daily, times, self.arms)
        name = " v ".join(arm.scenario.name for arm in self.arms)
        with new_folder(out, name, identity(*(arm.setup.digest for arm in self.arms))[:8]) as (unfinished, final):
            folders = [f"{i}-{slug(arm.scenario.name)}" for i, arm in enumerate(self.arms, start=1)]
            arms = list(zip(self.arms, folders, strict=True))
            wanted = [(of_arm, (arm,), f"{folder}/figures") for arm, folder in arms]
            pictures = begin([(of_comparison, (self.arms, self.published), "figures"), *wanted], kind)
            for arm, folder in arms:
                write_run(arm, unfinished / folder, daily, times)
            placed = [replace(arm, directory=final / f) for arm, f in arms]
            saved = Comparison(placed, final, self.against)
            write(unfinished / "comparison.json", json.dumps(saved.to_dict(), indent=2).encode())
            lost = write_drawn(pictures(), unfinished)
        tell(lost, final)
        return saved


def compare(
    scenarios: ScenarioLike | Sequence[ScenarioLike],
    *,
    vary: Vary = (),
    against: str = "",
    changes: Changes = (),
    progress: Callable[[int, float], None] | None = None,
    **options: Any,
) -> Comparison:
    """Simulate several arms side by side with the same options of `run`; arms of one name are told apart.

    Parameters
    ----------
    scenarios : list, or one scenario with `vary`; arms are called by the ``name`` in each scenario
    vary : mapping, or sequence of str
        Path -> values, as for `sweep`: each combination is an arm, whose name says what is set.
    against : str, optional
        Name of the arm from which the others differ; the first when left out.
    progress : callable, optional
        Sees arm number and share done, from several threads.

    Raises
    ------
    BadInput
        As `run`; also for fewer than two arms or more than figures can tell apart.
    SolverError
        As `run`; arms that were finished before a solver failed are in the error's `finished`.
    """
    from exosim.studies.varied import arms_of

    reads = partial(arms_of, scenarios, vary, changes, options.get("parameters", DEFAULT), len(LINES))
    arms, _ = together(reads, partial(flags, ensemble=options.get("ensemble", False)))
    if not 2 <= len(arms) <= len(LINES):
        remedy = "`run` simulates one" if len(arms) < 2 else "figures cannot tell more apart"
        raise BadInput([Problem(f"a comparison takes 2 to {len(LINES)} scenarios", remedy=remedy)])
    check_against(against, [arm.name for arm in arms])
    with bar(f"{len(arms)} arms", progress) as told:
        watcher = progress or of_each(told, len(arms))
        futures = side_by_side(lambda number, report: run(arms[number], progress=report, **options), len(arms), watcher)
    finished = [future.result() for future in futures if not future.exception()]
    for error in (error for future in futures if (error := future.exception())):
        if isinstance(error, SolverError):
            error.finished = finished
        raise error
    return Comparison(finished, against=against)
