"""Studies from Python: the same engine, checks and store as on the command line, which calls these functions.

All take `parameters`, `seed` and `changes` as `exosim.run`, most also `outcomes` of one's own, and where the study runs
and is kept:

out : str or path, optional
    Folder of the study. Without one, its results are in memory, and gone with them.
resume : bool
    Go on with the study in `out`.
workers : int
    Processes of this machine; 1 runs in this one.
client : dask.distributed.Client or str, optional
    A Dask cluster to use instead, or the address of its scheduler.
progress : callable, optional
    Is told the share of units done, 0 to 1, and how many cases have failed. Without one, a notebook shows a bar.

They raise `BadInput` with every problem, before anything is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exosim.files.writing import check_writable, expanded
from exosim.parameters import DEFAULT, ParametersLike, parameter_set
from exosim.problems import BadInput, Problem, flags, need, together
from exosim.results.own import Given, own_outcomes
from exosim.results.times import days_of
from exosim.scenario.arms import load_arms
from exosim.scenario.change import Changes
from exosim.scenario.file import ScenarioLike, load
from exosim.studies.conduct import conducted
from exosim.studies.execute import Watcher
from exosim.studies.kinds import Study, study_in
from exosim.studies.own import check_treatments, checked
from exosim.studies.store import existing
from exosim.view.study_result import StudyResult

if TYPE_CHECKING:
    from exosim.studies.fit.own_file import Asked
    from exosim.studies.population import Population

Place = str | Path | None
Days = Sequence[float] | str | None


def sweep(
    scenario: ScenarioLike, vary: Mapping[str, Any] | Sequence[str], *, design: str = "grid", n: int | None = None,
    resolution: str = "column", parameters: ParametersLike = DEFAULT, seed: int = 0, changes: Changes = (),
    ensemble: bool = False, reference: Any = None,
    outcomes: Given | None = None, times: Days = None, out: Place = None,
    resume: bool = False, workers: int = 1, client: Any = None, progress: Watcher | None = None,
) -> StudyResult:  # fmt: skip
    """Run one scenario over a design of settings and parameters.

    Parameters
    ----------
    vary : mapping, or sequence of str
        Path -> list of values, `lin`, `log`, or, for samples and whole numbers, `between`; or texts as ``--vary``.
    design : {"grid", "lhs", "sobol"}
    n : int, optional
        Cases of ``lhs`` or ``sobol``, 64 when left out.
    ensemble : bool
        Every case with every draw of the parameter set: 5, 50 and 95 % of each outcome, and of its difference from
        `reference`, draw by draw; in xarray a dimension `draw`.
    reference : scenario, or mapping of values by path that are set in this one; optional
        The scenario as it is, without the axes, when left out.
    times : sequence of float, optional
        Days on which all observables are kept, too: columns as ``tnf_alpha_day_3``, in xarray along `time`.

    Examples
    --------
    >>> import exosim as ex
    >>> s = ex.sweep("fractional_co2", {"redness_tnf": ex.lin(1, 2, 3), "skin.scar": ["boxcar", "rolling"]})
    >>> s, dict(s.to_xarray().sizes)
    (<StudyResult: sweep, 1 of 1 units, in memory>, {'redness_tnf': 3, 'scar': 2})
    """
    from exosim.studies.ensemble_sweep import EnsembleSweep
    from exosim.studies.sweep import MEASURES, Sweep, dimensions
    from exosim.studies.varied import swept

    reads = partial(swept, scenario, vary, changes, reference, ensemble), partial(own_outcomes, outcomes)
    checks = _checks(parameters, out, resume=resume, ensemble=ensemble)
    (arm, axes, base), *_ = together(*reads, partial(days_of, times), *checks)
    taken = {*MEASURES, *(axis.path for axis in axes), *dimensions([axis.path for axis in axes])}
    stays = _stays(out, workers, client)
    own, days = checked(outcomes, times, [arm, base], parameters, stays=stays, taken=taken)
    given = arm, axes, design, n, parameters, resolution, seed, own, days
    study = EnsembleSweep(*given, base) if ensemble else Sweep(*given)
    return _result(study, out, resume, workers, client, progress)


def cohort(
    scenarios: ScenarioLike | Sequence[ScenarioLike], n: int = 1000, *,
    population: Population | Mapping[str, Any] | str | Path | None = None, resolution: str = "column",
    parameters: ParametersLike = DEFAULT, seed: int = 0, changes: Changes = (), outcomes: Given | None = None,
    times: Days = None, out: Place = None,
    resume: bool = False, workers: int = 1, client: Any = None, progress: Watcher | None = None,
) -> StudyResult:  # fmt: skip
    """Give every arm to many virtual people who differ, and see what a trial would find.

    Parameters
    ----------
    n : int
        People.
    population : mapping, str or path, optional
        Shares of traits, as in ``{"phototype": {4: 1}}``, or their TOML file.
    times : sequence of float, optional
        Days on which all observables are kept, too, as in `sweep`.

    Examples
    --------
    >>> import exosim as ex
    >>> ex.cohort(["fractional_co2", "fractional_co2_exosome"], 4, changes={"weeks": 9}).to_dataframe()["arm"].nunique()
    2
    """
    from exosim.studies.cohort import Cohort
    from exosim.studies.population import KNOWN, read_population

    given = scenarios if isinstance(scenarios, Sequence) and not isinstance(scenarios, str) else [scenarios]
    reads = partial(read_population, population), partial(load_arms, given, changes)
    asked = partial(own_outcomes, outcomes), partial(days_of, times)
    people, arms, *_ = together(*reads, *asked, *_checks(parameters, out, resume=resume))
    own, days = checked(outcomes, times, arms, parameters, stays=_stays(out, workers, client), taken=KNOWN)
    study = Cohort(tuple(arms), n, people, parameters, resolution, seed, own=own, times=days)
    return _result(study, out, resume, workers, client, progress)


def optimise(
    study: Mapping[str, Any] | str | Path, *, parameters: ParametersLike = DEFAULT, seed: int = 0, out: Place = None,
    resume: bool = False, workers: int = 1, client: Any = None, progress: Watcher | None = None,
) -> StudyResult:  # fmt: skip
    """Search schedules under constraints for the front of several aims.

    Parameters
    ----------
    study : str, path or mapping
        The TOML file of a study, or the same data: `scenario`, `vary` (`between` gives a range), `aims`, and perhaps
        `set`, `outcomes` of one's own, `limits`, `population` and `generations`.
    """
    from exosim.studies.optimise import read

    given = study if isinstance(study, Mapping) else expanded(study)
    found, *_ = together(partial(read, given, parameters, seed), *_checks(parameters, out, resume=resume))
    checked(found.own, None, [found.scenario], parameters, stays=_stays(out, workers, client), taken=found.vary)
    return _result(found, out, resume, workers, client, progress)


def sensitivity(
    scenario: ScenarioLike, *, method: str = "sobol", samples: int | None = None, parameters: ParametersLike = DEFAULT,
    seed: int = 0, changes: Changes = (), outcomes: Given | None = None, out: Place = None,
    resume: bool = False, workers: int = 1, client: Any = None, progress: Watcher | None = None,
) -> StudyResult:  # fmt: skip
    """Find on which parameters the outcomes depend, and on what evidence those rest.

    Parameters
    ----------
    method : {"sobol", "morris", "local"}
    samples : int, optional
        Size of the design, 512 when left out: a power of two (``sobol``), trajectories (``morris``); none of ``local``.

    Examples
    --------
    >>> import exosim as ex
    >>> m = ex.sensitivity("fractional_co2", method="local", changes={"weeks": 9})
    >>> m.to_dataframe().columns.tolist()
    ['outcome', 'parameter', 'evidence', 'unit', 'swing', 'low', 'high']
    """
    from exosim.studies.sensitivity import Sensitivity

    reads = partial(load, scenario, changes), partial(own_outcomes, outcomes)
    arm, *_ = together(*reads, *_checks(parameters, out, resume=resume))
    own, _ = checked(outcomes, None, [arm], parameters, stays=_stays(out, workers, client))
    return _result(Sensitivity(arm, parameters, method, samples, seed, own), out, resume, workers, client, progress)


def fit(
    name: Asked, *, starts: int | None = None, members: int | None = None, seed: int = 0, out: Place = None,
    resume: bool = False, workers: int = 1, client: Any = None, progress: Watcher | None = None,
) -> StudyResult:  # fmt: skip
    """Fit free parameters to one's own data, or a shipped set to what it was made from.

    Parameters
    ----------
    name : mapping, str or path
        The TOML file of a fit, or the same data: `free` parameters with priors, `arms`, courses and studies; or a
        shipped set: ``article`` (to its targets, with profiles and an ensemble) or ``trials`` (to all studies).
    starts, members : int, optional
        Searches for a best fit (4, only of ``article``), and draws (256 of own data, 4000, of ``trials`` 1536).
    """
    from exosim.studies.fit.method import fit_of

    study, *_ = together(partial(fit_of, name, seed, starts, members), *_checks(DEFAULT, out, resume=resume))
    return _result(study, out, resume, workers, client, progress)


def load_study(folder: str | Path, *, people: int | None = None) -> StudyResult:
    """Return what the study in a folder has given so far; of a cohort with a trial of so many `people`."""
    store = existing(expanded(folder))
    study: Any = study_in(store)
    if people is not None and len(getattr(study, "arms", ())) < 2:
        message = "there is a trial, whose people could be counted, only of a cohort of two arms or more"
        raise BadInput([Problem(message, source="`people`", remedy="leave it out")])
    if people is not None:
        study = replace(study, people=people)
        study.check()
    need(*study.needs)
    return StudyResult(study, store, study.summary(store))


def _checks(parameters: ParametersLike, out: Place, **given: object) -> list[Callable[[], Any]]:
    """Return what refuses a parameter set that is none, a folder that cannot be written, and flags that are none."""
    place = [] if out is None else [partial(check_writable, expanded(out))]
    return [partial(parameter_set, parameters), partial(flags, **given), *place]


def _stays(out: Place, workers: int, client: Any) -> bool:
    """Return whether a study stays in this process and its memory."""
    return out is None and workers == 1 and client is None


def _result(study: Study, out: Place, resume: bool, workers: int, client: Any, progress: Watcher | None) -> StudyResult:
    """Run what is left of a study of any kind, save it with its figures, and return what it has given."""
    from exosim.view.progress import bar
    from exosim.view.studies import save

    need(*([("distributed", "studies")] if client else []), *study.needs)
    if workers != 1 or client is not None:
        check_treatments(study)
    with bar(study.kind, progress) as told:
        store, summary = conducted(study, None if out is None else expanded(out), resume, workers, client, told)
    if out is not None:
        save(study, store, summary)
    return StudyResult(study, store, summary)
