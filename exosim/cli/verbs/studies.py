"""Verbs that run a model many times."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from exosim.cli.options import (
    Files,
    Json,
    One,
    Out,
    Parameters,
    Quiet,
    Resolution,
    ResolutionOption,
    Seed,
    Set,
)
from exosim.cli.shell import app, console, guarded, need, print_json, progress_bars, ready, say

Resume = Annotated[bool, typer.Option("--resume", help="go on with the study in --out")]


@app.command()
@guarded
def fit(
    name: Annotated[str, typer.Argument(metavar="SET", help="parameter set: article or trials")],
    out: Annotated[Path | None, typer.Option(help="folder of the study; fits/SET when left out")] = None,
    seed: Annotated[int, typer.Option(min=0, help="seed of starts and draws")] = 0,
    starts: Annotated[int, typer.Option(min=1, help="searches for the best fit")] = 4,
    members: Annotated[int, typer.Option(min=50, help="draws that the ensemble begins with")] = 4000,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit a parameter set to its figures: best fit, profiles, ensemble."""
    need("iterative_ensemble_smoother", "fit")
    from exosim.files import check_writable
    from exosim.parameters import parameter_set
    from exosim.studies.fit.study import Design
    from exosim.studies.fit.study import fit as calibrate

    parameter_set(name)
    folder = out or Path("fits") / name
    check_writable(folder)
    with progress_bars(quiet, [f"fit {name}"]) as report:
        found = calibrate(
            Design(name, seed, starts, members),
            folder,
            resume,
            progress=(lambda share: report(0, share)) if report else None,
        )
    from exosim.view.figures.fit import profiles
    from exosim.view.figures.save import save_drawings

    save_drawings([profiles(found)], folder)
    if as_json:
        print_json(found)
    else:
        from exosim.view.terminal.studies import print_fit

        print_fit(console(), found, folder)


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
    out: Out = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find which parameters the outcomes hang on, and on what evidence those rest."""
    from exosim.problems import BadInput, Problem, suggest
    from exosim.studies.sensitivity import METHODS
    from exosim.studies.sensitivity import sensitivity as analyse

    if method not in METHODS:
        raise BadInput([Problem(f'there is no method "{method}"', remedy=suggest(method, METHODS))])
    if method == "morris":
        need("SALib", "studies")
    if method == "sobol" and samples & (samples - 1):
        raise BadInput([Problem("samples must be a power of two", source="--samples", remedy="as in 512")])
    [scenario] = ready([file], changes, parameters, out)
    from exosim.files import identity as hashed
    from exosim.results.folder import new_folder
    from exosim.view.figures.save import save_drawings
    from exosim.view.figures.sensitivity import indices
    from exosim.view.terminal.studies import print_sensitivity

    with progress_bars(quiet, [scenario.name]) as report:
        show = (lambda share: report(0, share)) if report else None
        found = analyse(scenario, parameters, method, samples, seed, show)
    identity = hashed(scenario.digest, parameters, method, samples, seed)
    with new_folder(out, f"sensitivity {scenario.name}", identity) as (partial, final):
        found.to_dataframe().to_csv(partial / "indices.csv", index=False)
        save_drawings([indices(found, scenario.name)], partial / "figures")
    if as_json:
        print_json({"scenario": scenario.name, **found.to_dict(), "directory": str(final)})
    else:
        print_sensitivity(console(), found, final)


Workers = Annotated[int, typer.Option(min=1, help="processes of a local cluster; 1 runs here")]
Scheduler = Annotated[str | None, typer.Option("--dask", help="address of a Dask scheduler to use instead")]
Store = Annotated[
    Path | None, typer.Option("--out", help="folder of the study; named after it when left out")
]


def carry_out(
    design: dict[str, Any],
    module: ModuleType,
    folder: Path,
    name: str,
    workers: int,
    address: str | None,
    resume: bool,
    quiet: bool,
) -> dict[str, Any]:
    """Run what is left of a study and publish it; on interruption what is done is kept."""
    if workers > 1 or address:
        need("distributed", "studies")
    need("zarr", "studies")
    from exosim.files import check_writable
    from exosim.studies.execute import execute
    from exosim.studies.publish import published, summary_of
    from exosim.studies.store import opened

    check_writable(folder)
    units = module.units(design)
    with opened(folder, design, resume) as store:
        try:
            with progress_bars(quiet, [name]) as report:
                show = (lambda share, failed: report(0, share, failed)) if report else None
                execute(store, module.work, units, workers, address, show)
        except BaseException:
            say(f"{len(store.done())} of {len(units)} units are kept in {folder}; go on with --resume")
            raise
        for unit, reason in store.failed().items():
            say(f"unit {unit} failed: {reason}; it is tried again with --resume")
        summary = summary_of(store)
        published(store, summary)
    return summary


@app.command()
@guarded
def cohort(
    files: Files,
    number: Annotated[int, typer.Option("-n", min=1, max=100_000_000, help="virtual people")] = 1000,
    population: Annotated[Path | None, typer.Option(help="TOML file with shares of traits")] = None,
    resolution: ResolutionOption = Resolution.column,
    parameters: Parameters = "article",
    seed: Annotated[int, typer.Option(min=0, help="seed of the people")] = 0,
    changes: Set = None,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Store = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Give every arm to many virtual people who differ, and see what a trial would find."""
    from exosim.studies import cohort as study

    who = study.population(population)
    folder = out or Path("studies") / "cohort"
    scenarios = ready(files, changes, parameters, folder)
    design = study.design(scenarios, number, who, parameters, resolution.value, seed)
    summary = carry_out(design, study, folder, "cohort", workers, dask, resume, quiet)
    show_study(folder, summary, as_json)


@app.command()
@guarded
def sweep(
    file: One,
    vary: Annotated[
        list[str], typer.Option("--vary", metavar="PATH=LOW:HIGH:N", help="an axis; or PATH=A,B,C")
    ],
    kind: Annotated[str, typer.Option("--design", help="grid, lhs or sobol")] = "grid",
    number: Annotated[int, typer.Option("-n", min=1, help="cases of a design that is no grid")] = 64,
    resolution: ResolutionOption = Resolution.column,
    parameters: Parameters = "article",
    seed: Seed = 0,
    changes: Set = None,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Store = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run one scenario over a design of settings and parameters."""
    from exosim.problems import BadInput, Problem, suggest
    from exosim.studies import sweep as study

    if kind not in study.DESIGNS:
        raise BadInput([Problem(f'there is no design "{kind}"', remedy=suggest(kind, study.DESIGNS))])
    folder = out or Path("studies") / "sweep"
    ready([file], changes, parameters, folder)
    axes = study.load_axes(vary)
    design = study.design(file, axes, kind, number, parameters, resolution.value, seed, changes or [])
    summary = carry_out(design, study, folder, "sweep", workers, dask, resume, quiet)
    show_study(folder, summary, as_json)


@app.command()
@guarded
def optimise(
    file: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="scenario, what varies, aims, limits")],
    parameters: Parameters = "article",
    seed: Annotated[int, typer.Option(min=0, help="seed of the search")] = 0,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Store = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search schedules under constraints for the front of several aims."""
    need("pymoo", "studies")
    from exosim.files import check_writable
    from exosim.parameters import parameter_set
    from exosim.studies import optimise as search
    from exosim.studies.store import opened
    from exosim.view.figures.optimise import front as picture
    from exosim.view.figures.save import save_drawings
    from exosim.view.terminal.studies import print_front

    parameter_set(parameters)
    folder = out or Path("studies") / file.stem
    check_writable(folder)
    design = search.design(search.read(file), parameters, seed)
    with opened(folder, design, resume) as store:
        with progress_bars(quiet, [f"optimise {file.stem}"]) as report:
            show = (lambda share: report(0, share)) if report else None
            found = search.run(design, store, workers, dask, show)
        search.write_front(design, store, found)
    save_drawings([picture(design, found)], folder / "figures")
    if as_json:
        print_json(found)
    else:
        print_front(console(), design, found, folder)


@app.command()
@guarded
def study(
    folder: Annotated[Path, typer.Argument(metavar="STORE", help="folder of a study")],
    people: Annotated[int, typer.Option(min=2, help="people of the trial that a cohort is asked about")] = 25,
    as_json: Json = False,
) -> None:
    """Say what a study has given so far, finished or not."""
    from exosim.studies.publish import summary_of
    from exosim.studies.store import existing

    summary = summary_of(existing(folder), people)
    if as_json:
        print_json(summary)
    else:
        print_study(folder, summary)


def show_study(folder: Path, summary: dict[str, Any], as_json: bool) -> None:
    """Figures and report of a finished study, then its summary."""
    from exosim.files import write
    from exosim.studies import cohort as cohorts
    from exosim.studies.publish import results_of
    from exosim.studies.store import existing
    from exosim.view.figures.cohort import of_cohort, report
    from exosim.view.figures.save import save_drawings
    from exosim.view.figures.sweep import of_sweep

    results = results_of(existing(folder))
    if isinstance(results, cohorts.Results):
        write(folder / "report.md", report(results, summary).encode())
        save_drawings(of_cohort(results, summary), folder / "figures")
    else:
        write(folder / "cases.csv", results.table().to_csv(index=False).encode())
        save_drawings(of_sweep(results), folder / "figures")
    if as_json:
        print_json(summary)
    else:
        print_study(folder, summary)


def print_study(folder: Path, summary: dict[str, Any]) -> None:
    """What a study has given, as text."""
    from exosim.studies import cohort as cohorts
    from exosim.studies.publish import results_of
    from exosim.studies.store import existing
    from exosim.view.figures.cohort import report
    from exosim.view.terminal.studies import print_sweep

    results = results_of(existing(folder))
    if isinstance(results, cohorts.Results):
        console().print(report(results, summary), markup=False, highlight=False)
    else:
        print_sweep(console(), summary)
    console().print(f"files: {folder}", markup=False, highlight=False, soft_wrap=True)
