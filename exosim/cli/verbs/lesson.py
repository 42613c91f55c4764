"""The verbs for educators: lesson, site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from exosim.cli.options import Force, Quiet
from exosim.cli.shell import app, guarded, progress_bars, say, tell, write

NoFilm = Annotated[bool, typer.Option("--no-film", help="without films, which take longest")]
FilmSeed = Annotated[int | None, typer.Option(min=0, help="seed of the channels in films; 0 when left out")]
OUT = Path("lesson.html")


@app.command()
@guarded
def lesson(
    out: Annotated[Path | None, typer.Option(help="file to write; lesson.html, handout.html or key.html")] = None,
    handout: Annotated[bool, typer.Option("--handout", help="write the sheet that students fill in instead")] = False,
    key: Annotated[bool, typer.Option("--key", help="write the answers of that sheet instead")] = False,
    lessons: Annotated[Path | None, typer.Option(help="TOML file of your own lessons")] = None,
    language: Annotated[str | None, typer.Option(help="of a sheet: en or de; the page has both")] = None,
    seed: FilmSeed = None,
    no_film: NoFilm = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write the lesson page: one HTML file that opens by double click and computes as this package does.

    Its films are simulated first: one patch for every shipped scenario, which takes about 15 seconds in all. A page
    that was made before is written at once, unless something that goes into it has changed.
    """
    from exosim.files.writing import check_free
    from exosim.lesson import sheets
    from exosim.lesson.steps import own_lessons, shipped_lessons

    sheet = _sheet(handout, key, language, seed, no_film)
    out = out or (Path(f"{sheet}.html") if sheet else OUT)
    own = own_lessons(lessons) if lessons else None
    check_free(out, force)
    if sheet:
        spoken = language or "en"
        made = sheets.key if key else sheets.handout
        write(out, made(own or shipped_lessons(spoken), spoken), force)
    else:
        write(out, _page(seed, not no_film, own, quiet), force)
    tell(out)


@app.command()
@guarded
def site(
    out: Annotated[Path, typer.Option(help="folder to write, which must not exist or be empty")] = Path("site"),
    seed: FilmSeed = None,
    no_film: NoFilm = False,
    quiet: Quiet = False,
) -> None:
    """Write a folder that any web server can offer: the lesson page, its sheets, a gallery of the shipped scenarios.

    Copy the folder to a server, or open its index.html by double click.
    """
    from exosim.lesson.site import site as made
    from exosim.problems import BadInput, Problem

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput([Problem(f"{out} is not an empty folder", source="`out`", remedy="name a new folder")])
    for path, text in made(_page(seed, not no_film, None, quiet)).items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        write(out / path, text)
    tell(out / "index.html")


def _sheet(handout: bool, key: bool, language: str | None, seed: int | None, no_film: bool) -> str:
    """Return which sheet is wanted, if any; refuse options that would have no effect."""
    from exosim.lesson.words import LANGUAGES
    from exosim.problems import BadInput, Problem, suggest

    problems = []
    if handout and key:
        problems.append(Problem("--handout and --key are two files", remedy="run the verb once for each"))
    if language and not (handout or key):
        problems.append(
            Problem("--language is of a sheet", remedy="the page has all languages; add --handout or --key")
        )
    elif language and language not in LANGUAGES:
        problems.append(Problem(f'there is no language "{language}"', remedy=suggest(language, LANGUAGES)))
    if (handout or key) and (seed is not None or no_film):
        problems.append(Problem("a sheet has no film", remedy="leave out --seed and --no-film"))
    if problems:
        raise BadInput(problems)
    return "key" if key else "handout" if handout else ""


def _page(seed: int | None, film: bool, own: list[dict[str, Any]] | None, quiet: bool) -> str:
    """Return the page, as it was made before where nothing has changed."""
    from exosim.lesson import kept
    from exosim.lesson.data import presets
    from exosim.lesson.films import films
    from exosim.lesson.page import page
    from exosim.problems import BadInput, Problem

    if seed is not None and not film:
        raise BadInput([Problem("without films a seed has no effect", remedy="leave out --seed or --no-film")])
    entry = kept.name(seed or 0, film, own)
    text = kept.read(entry)
    if text is not None:
        if not quiet:
            say("nothing has changed since this page was made, so it is written as it was")
        return text
    with progress_bars(quiet or not film, list(presets())) as report:
        text = page(films(presets(), seed or 0, report) if film else {}, own)
    kept.keep(entry, text)
    return text
