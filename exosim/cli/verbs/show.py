"""Verbs that show a run: animate, report."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exosim.cli.options import Files, Force, Parameters, Quiet, Set
from exosim.cli.shell import app, guarded, progress_bars, ready, tell, write

if TYPE_CHECKING:
    from exosim.api import Comparison


@app.command()
@guarded
def animate(
    files: Files,
    out: Annotated[Path, typer.Option(help="file to write: .gif, or .mp4 where ffmpeg is found")] = Path("film.gif"),
    parameters: Parameters = "article",
    changes: Set = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Film one scenario, or two beside each other, as drawn skin: 1280 x 720, hours after a procedure, then days."""
    from exosim.view.film import check, film

    scenarios, _, _ = ready(files, changes, parameters, out.parent)
    check(out, force, len(scenarios))
    from exosim.api import run

    with progress_bars(quiet, ["film"]) as report:
        arms = [run(scenario, parameters=parameters, resolution="column") for scenario in scenarios]
        film(arms, out, over=force, progress=partial(report, 0))
    tell(f"wrote {out}")


@app.command()
@guarded
def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="folder written by run or compare")],
    out: Annotated[Path | None, typer.Option(help="file to write; report.html in the folder when left out")] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write one HTML file about a run or a comparison: figures, intervals, evidence, limits."""
    from exosim.files.writing import check_free
    from exosim.view.report.outcomes import Compared
    from exosim.view.report.page import report as page

    path = out or folder / "report.html"
    if folder.is_dir():
        check_free(path, force)
    comparison = _read(folder)
    compared = None
    if len(comparison.arms) > 1:
        compared = Compared(comparison.differences, comparison.difference_intervals, comparison.warnings)
    with progress_bars(quiet, ["report"]) as bar:
        text = page(comparison.arms, comparison.published, compared, partial(bar, 0))
    write(path, text, force)
    tell(f"wrote {path}")


def _read(folder: Path) -> Comparison:
    """Return the comparison in a folder; a run is a comparison of one."""
    from exosim.api import Comparison, Result
    from exosim.files.reading import there
    from exosim.problems import BadInput, Problem, every
    from exosim.results.saved import arm_folders

    if not there(folder / "comparison.json"):
        return Comparison([Result.load(folder)], folder)
    arms = every(Result.load, arm_folders(folder))
    if len(arms) < 2:
        raise BadInput([Problem("arms of this comparison are missing", source=str(folder))])
    return Comparison(arms, folder)
