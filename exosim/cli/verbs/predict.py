"""The verb that predicts studies: predict."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exosim.cli.options import Force, Json, Parameters, Quiet
from exosim.cli.shell import app, console, guarded, print_json, progress_bars, write

if TYPE_CHECKING:
    from exosim.evidence.predict import Predictions


@app.command()
@guarded
def predict(
    file: Annotated[
        Path | None, typer.Argument(metavar="STUDIES.toml", help="file of studies; the shipped one when left out")
    ] = None,
    parameters: Parameters = "trials",
    seed: Annotated[int, typer.Option(min=0, help="seed of scales, studies and sampling errors")] = 0,
    register: Annotated[
        bool, typer.Option("--register", help="write the predictions of what nobody has read yet, with date and digest")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="folder of table and picture; with --register the file")] = None,
    force: Force = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Predict the values of studies, with intervals, and score them where something was read."""
    from exosim.evidence.predict import check_unread
    from exosim.evidence.predict import predict as compute
    from exosim.evidence.studies_file import load_studies
    from exosim.parameters import parameter_set
    from exosim.problems import BadInput, Problem

    if register and out is None:
        raise BadInput([Problem("`register` needs `out`", remedy="name the file in which predictions are registered")])
    if force and out is None:
        message = "it would have no effect: nothing is written"
        raise BadInput([Problem(message, source="`force`", remedy="leave it out")])
    chosen = parameter_set(parameters)
    studies = load_studies(file)
    if register:
        check_unread(studies)
    if out is not None:
        _check_place(out, register, force)
    with progress_bars(quiet, [f"predictions, {chosen}"]) as report:
        found = compute(studies, parameters=chosen, seed=seed, progress=partial(report, 0))
    if out is not None:
        _save(found, out, register, force)
    if as_json:
        print_json(found.to_dict())
    else:
        from exosim.view.terminal.predictions import print_predictions

        print_predictions(console(), found)


def _check_place(out: Path, register: bool, force: bool) -> None:
    """Refuse, before anything is computed, a place that cannot be written or may not be written over."""
    from exosim.files.writing import OVERWRITE, check_free, check_writable
    from exosim.problems import BadInput, Problem

    if register:
        check_free(out, force)
        return
    check_writable(out)
    if not force and out.is_dir() and any(out.iterdir()):
        raise BadInput([Problem("the folder is not empty", source=str(out), remedy=OVERWRITE)])


def _save(found: Predictions, out: Path, register: bool, force: bool) -> None:
    """Write the register, or the folder with table and picture."""
    import json

    if register:
        write(out, json.dumps(found.registered(), indent=2, allow_nan=False) + "\n", force)
        return
    from exosim.view.figures.predictions import predictions
    from exosim.view.figures.save import FIGURES, drawn, tell, write_drawn

    out.mkdir(parents=True, exist_ok=True)
    write(out / "predictions.json", json.dumps(found.to_dict(), indent=2, allow_nan=False) + "\n", over=True)
    picture = drawn([(lambda: [predictions(found.figures)], (), ".")], FIGURES["all"])
    tell(write_drawn(picture, out), out, "make room, and run it again")
