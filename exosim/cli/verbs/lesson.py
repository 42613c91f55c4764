"""The verb that writes the lesson page: lesson."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exosim.cli.options import Force, Quiet, Seed
from exosim.cli.shell import app, guarded, progress_bars, tell, write


@app.command()
@guarded
def lesson(
    out: Annotated[Path, typer.Option(help="the file to write")] = Path("lesson.html"),
    seed: Seed = 0,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write the lesson page: one HTML file that opens by double click and computes as this package does.

    Its films are simulated first: one patch for every shipped scenario, which takes about 15 seconds in all.
    """
    from exosim.files.writing import check_free
    from exosim.lesson.data import presets
    from exosim.lesson.films import films
    from exosim.lesson.page import page

    check_free(out, force)
    with progress_bars(quiet, list(presets())) as report:
        made = films(presets(), seed, report)
    write(out, page(made), force)
    tell(out)
