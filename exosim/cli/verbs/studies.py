"""Verbs that run a model many times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exosim.cli.options import Files, Json, One, Parameters, Quiet, Resolution, Seed, Set
from exosim.cli.shell import app, console, guarded, need, print_json, progress_bars, ready, say

if TYPE_CHECKING:
    from exosim.studies.kinds import Study
    from exosim.studies.store import Store

Workers = Annotated[int, typer.Option(min=1, help="processes of this machine; 1 runs here")]
Scheduler = Annotated[str | None, typer.Option("--dask", help="address of a Dask scheduler to use instead")]
Folder = Annotated[Path | None, typer.Option("--out", help="folder of the study; in studies/ when left out")]
Resume = Annotated[bool, typer.Option("--resume", help="go on with the study in --out")]


@app.command()
@guarded
def fit(
    name: Annotated[str, typer.Argument(metavar="SET", help="parameter set: article or trials")],
    out: Annotated[Path | None, typer.Option(help="folder of the study; fits/SET when left out")] = None,
    seed: Annotated[int, typer.Option(min=0, help="seed of starts and draws")] = 0,
    starts: Annotated[int | None, typer.Option(min=1, help="searches for a best fit (4 when left out)")] = None,
    members: Annotated[int | None, typer.Option(min=50, help="draws (4000 when left out; of a posterior 1536)")] = None,
    workers: Workers = 1,
    dask: Scheduler = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit a parameter set: to its figures with profiles and an ensemble, or to all studies as a posterior."""
    from exosim.studies.fit.method import fit_of

    folder = out or Path("fits") / name
    ready([], None, name, folder)
    carry_out(fit_of(name, seed, starts, members), folder, workers, dask, resume, as_json, quiet)


@app.command()
@guarded
def sensitivity(
    file: One,
    parameters: Parameters = "article",
    method: Annotated[str, typer.Option(help="sobol, morris or local")] = "sobol",
    samples: Annotated[
        int, typer.Option(min=16, help="size of the design: a power of two (sobol), trajectories (morris)")
    ] = 512,
    seed: Annotated[int, typer.Option(min=0, help="seed of the design")] = 0,
    changes: Set = None,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Folder = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find on which parameters the outcomes depend, and on what evidence those rest."""
    from exosim.studies.sensitivity import Sensitivity

    folder = out or Path("studies") / "sensitivity"
    [scenario] = ready([file], changes, parameters, folder)
    study = Sensitivity(scenario, parameters, method, samples, seed)
    carry_out(study, folder, workers, dask, resume, as_json, quiet)


@app.command()
@guarded
def cohort(
    files: Files,
    number: Annotated[int, typer.Option("-n", min=1, max=100_000_000, help="virtual people")] = 1000,
    population: Annotated[Path | None, typer.Option(help="TOML file with shares of traits")] = None,
    resolution: Resolution = "column",
    parameters: Parameters = "article",
    seed: Annotated[int, typer.Option(min=0, help="seed of the people")] = 0,
    changes: Set = None,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Folder = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Give every arm to many virtual people who differ, and see what a trial would find."""
    from exosim.studies.cohort import Cohort
    from exosim.studies.population import read_population

    people = read_population(population)
    folder = out or Path("studies") / "cohort"
    arms = tuple(ready(files, changes, parameters, folder))
    study = Cohort(arms, number, people, parameters, resolution, seed)
    carry_out(study, folder, workers, dask, resume, as_json, quiet)


@app.command()
@guarded
def sweep(
    file: One,
    vary: Annotated[
        list[str], typer.Option("--vary", metavar="PATH=LOW:HIGH:N", help="an axis; or LOW:HIGH:N:log, LOW:HIGH, A,B,C")
    ],
    design: Annotated[str, typer.Option("--design", help="grid, lhs or sobol")] = "grid",
    number: Annotated[int | None, typer.Option("-n", min=1, help="cases of lhs or sobol; 64 when left out")] = None,
    resolution: Resolution = "column",
    parameters: Parameters = "article",
    seed: Seed = 0,
    changes: Set = None,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Folder = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run one scenario over a design of settings and parameters."""
    from exosim.studies.designs import load_axes
    from exosim.studies.sweep import Sweep

    folder = out or Path("studies") / "sweep"
    [scenario] = ready([file], changes, parameters, folder)
    axes = load_axes(vary, scenario, changes or [])
    study = Sweep(scenario, axes, design, number, parameters, resolution, seed)
    carry_out(study, folder, workers, dask, resume, as_json, quiet)


@app.command()
@guarded
def optimise(
    file: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="scenario, what varies, aims, limits")],
    parameters: Parameters = "article",
    seed: Annotated[int, typer.Option(min=0, help="seed of the search")] = 0,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Folder = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search schedules under constraints for the front of several aims."""
    from exosim.studies.optimise import read

    folder = out or Path("studies") / file.stem
    ready([], None, parameters, folder)
    carry_out(read(file, parameters, seed), folder, workers, dask, resume, as_json, quiet, only="front")


@app.command()
@guarded
def study(
    folder: Annotated[Path, typer.Argument(metavar="STORE", help="folder of a study")],
    people: Annotated[
        int | None, typer.Option(min=2, help="people of the trial whose power is computed (cohorts; 25 when left out)")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what a study has given so far, finished or not."""
    from dataclasses import replace

    from exosim.problems import BadInput, Problem
    from exosim.studies.kinds import study_in
    from exosim.studies.store import existing

    store = existing(folder)
    shown: Any = study_in(store)
    if people is not None and not hasattr(shown, "people"):
        message = f"a study of kind {shown.kind} has no trial whose people could be counted"
        raise BadInput([Problem(message, source="--people", remedy="leave it out")])
    if people is not None:
        shown = replace(shown, people=people)
    need(*shown.needs)
    summary = shown.summary(store)
    if as_json:
        print_json(summary)
    else:
        print_study(shown, store, summary)


def carry_out(
    study: Study, folder: Path, workers: int, address: str | None, resume: bool, as_json: bool, quiet: bool,
    only: str = "",
) -> None:  # fmt: skip
    """Run what is left of a study of any kind, save and print its results; when interrupted, what is done is kept.

    `only` names the part of the summary that is printed as JSON.
    """
    need(*([("distributed", "studies")] if address else []), *study.needs)
    from exosim.studies.conduct import AllFailed, conduct, why
    from exosim.studies.store import Store
    from exosim.view.studies import save

    store, begun = Store(folder), False

    def show(share: float, failed: int) -> None:
        nonlocal begun
        begun = True
        report(0, share, failed)

    try:
        with progress_bars(quiet, [f"{study.kind} in {folder}"]) as report:
            summary = conduct(study, folder, resume, workers, address, show)
    except AllFailed:
        raise
    except BaseException:
        if begun:
            say(f"{len(store.done())} of {study.size} units are kept in {folder}; go on with --resume")
        raise
    for unit, reason in store.failed().items():
        say(f"unit {unit} failed: {reason}; it is tried again with --resume")
    say(*(f"warning: {warning}" for warning in summary.get("warnings", ())), *(why(summary) if as_json else ()))
    save(study, store, summary)
    if as_json:
        print_json(summary[only] if only else summary)
    else:
        print_study(study, store, summary)


def print_study(study: Study, store: Store, summary: dict[str, Any]) -> None:
    """Print what a study has given, and where it is."""
    from exosim.view.studies import view

    if not store.done():
        console().print(f"nothing is computed yet: 0 of {study.size} units are done", highlight=False)
    view(study).text(console(), study, store, summary)
    console().print(f"files: {store.folder}", markup=False, highlight=False, soft_wrap=True)
