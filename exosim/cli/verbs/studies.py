"""Verbs that run a model many times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exosim.cli.options import Files, Json, One, Outcomes, Parameters, Quiet, Resolution, Seed, Set, Times
from exosim.cli.shell import app, console, guarded, in_options, print_json, printed, progress_bars, say

if TYPE_CHECKING:
    from exosim.view.study_result import StudyResult

Workers = Annotated[int, typer.Option(help="processes of this machine; 1 runs here")]
Scheduler = Annotated[str | None, typer.Option("--dask", help="address of a Dask scheduler to use instead")]
Folder = Annotated[Path | None, typer.Option("--out", help="folder of the study; in studies/ when left out")]
Resume = Annotated[bool, typer.Option("--resume", help="go on with the study in --out")]


@app.command()
@guarded
def fit(
    name: Annotated[str, typer.Argument(metavar="FIT.toml|SET", help="file of a fit to own data; or article, trials")],
    out: Annotated[Path | None, typer.Option(help="folder of the study; in fits/ when left out")] = None,
    seed: Annotated[int, typer.Option(help="seed of starts and draws")] = 0,
    starts: Annotated[int | None, typer.Option(help="searches for a best fit (4 when left out)")] = None,
    members: Annotated[int | None, typer.Option(help="draws; 256, of article 4000, of trials 1536")] = None,
    workers: Workers = 1,
    dask: Scheduler = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit free parameters to your own data, or a shipped set to what it was made from."""
    asked = {"name": name, "starts": starts, "members": members, "seed": seed}
    carry_out("fit", asked, out or Path("fits") / Path(name).stem, workers, dask, resume, as_json, quiet)


@app.command()
@guarded
def sensitivity(
    file: One,
    parameters: Parameters = "article",
    method: Annotated[str, typer.Option(help="sobol, morris or local")] = "sobol",
    samples: Annotated[
        int | None, typer.Option(help="a power of two (sobol), trajectories (morris); 512 when left out; none of local")
    ] = None,
    seed: Annotated[int, typer.Option(help="seed of the design; none of local")] = 0,
    changes: Set = None,
    outcomes: Outcomes = None,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Folder = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find on which parameters the outcomes depend, and on what evidence those rest."""
    asked: dict[str, Any] = {"scenario": file, "method": method, "samples": samples}
    asked |= {"parameters": parameters, "seed": seed}
    asked |= {"changes": changes or (), "outcomes": outcomes}
    carry_out("sensitivity", asked, out or Path("studies") / "sensitivity", workers, dask, resume, as_json, quiet)


@app.command()
@guarded
def cohort(
    files: Files,
    number: Annotated[int, typer.Option("-n", help="virtual people")] = 1000,
    population: Annotated[Path | None, typer.Option(help="TOML file with shares of traits")] = None,
    resolution: Resolution = "column",
    parameters: Parameters = "article",
    seed: Annotated[int, typer.Option(help="seed of the people")] = 0,
    changes: Set = None,
    outcomes: Outcomes = None,
    times: Times = None,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Folder = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Give every arm to many virtual people who differ, and see what a trial would find."""
    asked = {"scenarios": files, "n": number, "population": population, "changes": changes or ()}
    asked |= {"resolution": resolution, "parameters": parameters, "seed": seed, "outcomes": outcomes, "times": times}
    carry_out("cohort", asked, out or Path("studies") / "cohort", workers, dask, resume, as_json, quiet)


@app.command()
@guarded
def sweep(
    file: One,
    vary: Annotated[
        list[str], typer.Option("--vary", metavar="PATH=LOW:HIGH:N", help="an axis; or LOW:HIGH:N:log, LOW:HIGH, A,B,C")
    ],
    design: Annotated[str, typer.Option("--design", help="grid, lhs or sobol")] = "grid",
    number: Annotated[int | None, typer.Option("-n", help="cases of lhs or sobol; 64 when left out")] = None,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="every case with every draw of the set: 5, 50, 95 %, and differences")
    ] = False,
    reference: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE|PATH=VALUE", help="what cases differ from; the scenario as it is when left out"),
    ] = None,
    resolution: Resolution = "column",
    parameters: Parameters = "article",
    seed: Seed = 0,
    changes: Set = None,
    outcomes: Outcomes = None,
    times: Times = None,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Folder = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run one scenario over a design of settings and parameters."""
    asked = {"scenario": file, "vary": vary, "design": design, "n": number, "changes": changes or ()}
    asked |= {"resolution": resolution, "parameters": parameters, "seed": seed, "ensemble": ensemble}
    asked |= {"reference": reference, "outcomes": outcomes, "times": times}
    carry_out("sweep", asked, out or Path("studies") / "sweep", workers, dask, resume, as_json, quiet)


@app.command()
@guarded
def optimise(
    file: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="scenario, what varies, aims, limits")],
    parameters: Parameters = "article",
    seed: Annotated[int, typer.Option(help="seed of the search")] = 0,
    workers: Workers = 1,
    dask: Scheduler = None,
    out: Folder = None,
    resume: Resume = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search schedules under constraints for the front of several aims."""
    asked = {"study": file, "parameters": parameters, "seed": seed}
    folder = out or Path("studies") / file.stem
    carry_out("optimise", asked, folder, workers, dask, resume, as_json, quiet, only="front")


@app.command()
@guarded
def study(
    folder: Annotated[Path, typer.Argument(metavar="STORE", help="folder of a study")],
    people: Annotated[
        int | None, typer.Option(help="people of the trial whose power is computed (cohorts; 25 when left out)")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what a study has given so far, finished or not."""
    from exosim.api_studies import load_study

    print_study(load_study(folder, people=people), as_json)


def carry_out(
    kind: str, asked: Mapping[str, Any], folder: Path, workers: int, address: str | None, resume: bool,
    as_json: bool, quiet: bool, only: str = "",
) -> None:  # fmt: skip
    """Run a study as the function of that name does in Python, with progress, and print its results.

    `only` names the part of the summary that is printed as JSON.
    """
    with _kept(folder), progress_bars(quiet, [str(folder)]) as report:
        from exosim import api_studies
        from exosim.studies.conduct import refused, why

        place: dict[str, Any] = {"out": folder, "resume": resume, "workers": workers, "client": address}
        result = getattr(api_studies, kind)(progress=partial(report, 0), **asked, **place)
    summary = result.summary
    told = [*refused(result.store), *(f"warning: {warning}" for warning in summary.get("warnings", ()))]
    say(*map(in_options, told))
    say(*(why(summary) if as_json else ()))
    with printed(folder):
        print_study(result, as_json, only)


@contextmanager
def _kept(folder: Path) -> Iterator[None]:
    """Add to an interruption of which nothing is said what is kept of a study."""
    try:
        yield
    except KeyboardInterrupt as error:
        from exosim.files.reading import there

        if not getattr(error, "__notes__", []):
            begun = there(folder / "design.json")
            kept = f"what was done of the study in {folder} is kept; go on with `resume`"
            error.add_note(kept if begun else "nothing was computed yet")
        raise


def print_study(result: StudyResult, as_json: bool, only: str = "") -> None:
    """Print what a study has given, and where it is."""
    from exosim.view.studies import view

    study, store, summary = result.study, result.store, result.summary
    if as_json:
        print_json(summary[only] if only else summary)
        return
    if not store.done():
        console().print(f"nothing is computed yet: 0 of {study.size} units are done", highlight=False)
    view(study).text(console(), study, store, summary)
    console().print(f"files: {store.folder}", markup=False, highlight=False, soft_wrap=True)
