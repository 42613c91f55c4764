"""Verbs that run a model many times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exosim.cli.shell import (
    Json,
    One,
    Out,
    Parameters,
    Quiet,
    Set,
    app,
    console,
    guarded,
    need,
    print_json,
    progress_bars,
    ready,
)

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
    from exosim.calibration.study import Design
    from exosim.calibration.study import fit as calibrate
    from exosim.parameters import parameter_set
    from exosim.run_folder import check_writable

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
    from exosim.view.calibration import profiles
    from exosim.view.save import save_drawings

    save_drawings([profiles(found)], folder)
    if as_json:
        print_json(found)
    else:
        from exosim.view.study_tables import print_fit

        print_fit(console(), found, folder)


@app.command()
@guarded
def sensitivity(
    file: One,
    parameters: Parameters = "article",
    samples: Annotated[int, typer.Option(min=16, help="size of the design, a power of two")] = 512,
    seed: Annotated[int, typer.Option(min=0, help="seed of the design")] = 0,
    changes: Set = None,
    out: Out = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find which parameters the outcomes hang on, and on what evidence those rest."""
    from exosim.problems import BadInput, Problem

    if samples & (samples - 1):
        raise BadInput([Problem("samples must be a power of two", source="--samples", remedy="as in 512")])
    [scenario] = ready([file], changes, parameters, out)
    from exosim.run_folder import digest, new_folder
    from exosim.sensitivity import sobol
    from exosim.view.save import save_drawings
    from exosim.view.sensitivity import indices
    from exosim.view.study_tables import print_sensitivity

    with progress_bars(quiet, [scenario.name]) as report:
        found = sobol(
            scenario, parameters, samples, seed, (lambda share: report(0, share)) if report else None
        )
    identity = digest(scenario.digest, parameters, samples, seed)
    with new_folder(out, f"sensitivity {scenario.name}", identity) as (partial, final):
        found.to_dataframe().to_csv(partial / "indices.csv", index=False)
        save_drawings([indices(found, scenario.name)], partial / "figures")
    if as_json:
        print_json({"scenario": scenario.name, **found.to_dict(), "directory": str(final)})
    else:
        print_sensitivity(console(), found, final)
