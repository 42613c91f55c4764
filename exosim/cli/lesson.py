"""The verb that writes the lesson page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exosim.cli.shell import app, guarded, write


@app.command()
@guarded
def lesson(
    out: Annotated[Path, typer.Option(help="the file to write")] = Path("lesson.html"),
    force: Annotated[bool, typer.Option("--force", help="replace the file if it exists")] = False,
) -> None:
    """Write the lesson page: one HTML file that opens by double click and computes as this package does."""
    from exosim.lesson.page import page

    write(out, page(), "choose another name with --out, or replace it with --force", over=force)
    print(out)
