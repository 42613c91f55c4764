"""The verb that writes the lesson page: lesson."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exosim.cli.options import Force, Quiet, Seed
from exosim.cli.shell import app, guarded, progress_bars, say, tell, write


@app.command()
@guarded
def lesson(
    out: Annotated[Path, typer.Option(help="the file to write")] = Path("lesson.html"),
    seed: Seed = 0,
    no_film: Annotated[bool, typer.Option("--no-film", help="without films, which take longest")] = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write the lesson page: one HTML file that opens by double click and computes as this package does.

    Its films are simulated first: one patch for every shipped scenario, which takes about 15 seconds in all. A page
    that was made before is written at once, unless something that goes into it has changed.
    """
    from exosim.files.writing import check_free
    from exosim.lesson import kept

    check_free(out, force)
    entry = kept.name(seed, film=not no_film)
    text = kept.read(entry)
    if text is None:
        text = _made(seed, not no_film, quiet)
        kept.keep(entry, text)
    elif not quiet:
        say("nothing has changed since this page was made, so it is written as it was")
    write(out, text, force)
    tell(out)


def _made(seed: int, film: bool, quiet: bool) -> str:
    """Return the page made now."""
    from exosim.lesson.data import presets
    from exosim.lesson.films import films
    from exosim.lesson.page import page

    if not film:
        return page({})
    with progress_bars(quiet, list(presets())) as report:
        return page(films(presets(), seed, report))
