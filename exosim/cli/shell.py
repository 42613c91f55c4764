"""What the verbs share: exit codes, messages, progress, reading and writing of files."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

app = typer.Typer(
    name="exosim",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A toy tissue model of post-acne scar treatment. Not medical advice; exosome products are not FDA-approved.",
)

removed: list[str] = []
"""Options that `main` took out of the command line before a verb saw them: --debug."""
interrupted: list[KeyboardInterrupt] = []
"""The interruption of which a verb has told."""
OK, FAILED, BAD_INPUT, MISSING_EXTRA, MISMATCH, INTERRUPTED = 0, 1, 2, 3, 4, 130


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"exosim {version('exosim')}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="show a traceback when something fails")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """Declare what every verb accepts; `main` takes --debug out before the verbs see it."""


def guarded(verb: Callable[..., None]) -> Callable[..., None]:
    """End a verb with the exit code of what went wrong, and a message instead of a traceback."""

    @functools.wraps(verb)
    def inner(*args: Any, **kwargs: Any) -> None:
        from exosim.files.writing import expanded
        from exosim.problems import BadInput, MissingExtra

        try:
            verb(*args, **{name: expanded(x) if isinstance(x, Path) else x for name, x in kwargs.items()})
            sys.stdout.flush()
        except BadInput as error:
            many = len(error.problems)
            say(in_options(str(error)), f"{many} problem{'s' * (many > 1)}; nothing was done.", *notes(error))
            stop(BAD_INPUT)
        except MissingExtra as error:
            say(f"error: {error}")
            stop(MISSING_EXTRA)
        except BrokenPipeError:  # whoever read what is printed has read enough
            _mute()
            raise typer.Exit from None
        except KeyboardInterrupt as error:
            exec("")  # Python ends by the signal, not by this code, if the last text that it ran was interrupted
            interrupted.append(error)
            say("interrupted; nothing half-written was left", *notes(error))
            stop(INTERRUPTED)
        except typer.Exit:
            raise
        except Exception as error:
            if isinstance(error, OSError):
                _mute()  # or Python tries to print again at its end
            kind = type(error).__name__
            known = kind in ("SolverError", "NotWritten", "StoreError", "Stalled", "AllFailed")
            hint = [] if known else ["  run again with --debug for the traceback"]
            say(in_options(f"error: {'' if known else f'{kind}: '}{error}"), *notes(error), *hint)
            stop(FAILED)

    return inner


def _mute() -> None:
    """Drop what could not be printed."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # it is no file
        return


@contextmanager
def printed(place: object) -> Iterator[None]:
    """Say where results are saved if they cannot be printed."""
    from exosim.files.writing import NotWritten

    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        why = error.strerror or error
        raise NotWritten(f"the results are saved in {place}, but cannot be printed ({why})") from error


def notes(error: BaseException) -> list[str]:
    """Return what was noted of an error on its way here."""
    return [f"  {in_options(note)}" for note in getattr(error, "__notes__", [])]


OPTIONS = {
    "out": "--out", "force": "--force", "changes": "--set", "vary": "--vary", "resume": "--resume",
    "workers": "--workers", "client": "--dask", "design": "--design", "samples": "--samples", "n": "-n",
    "people": "--people", "axes": "--vary", "population": "--population", "seed": "--seed", "method": "--method",
    "resolution": "--resolution", "parameters": "--parameters", "members": "--members", "starts": "--starts",
    "register": "--register", "figures": "--figures", "against": "--against", "ensemble": "--ensemble",
    "reference": "--reference", "courses": "--courses", "outcomes": "--outcome", "times": "--times", "daily": "--daily",
}  # fmt: skip
"""Arguments of Python, which messages name in backticks, as the command line calls them."""


def in_options(text: str) -> str:
    """Return a message with the options of the command line instead of the arguments of Python."""
    return re.sub("`(" + "|".join(OPTIONS) + ")`", lambda match: OPTIONS[match[1]], text)


def stop(code: int) -> None:
    """End with an exit code, and with the traceback after --debug."""
    if "--debug" in removed:
        raise
    raise typer.Exit(code) from None


def say(*lines: str) -> None:
    """Print lines on stderr, without what would steer a terminal."""
    _print(sys.stderr, lines)


def tell(*lines: object) -> None:
    """Print lines on stdout, without what would steer a terminal."""
    _print(sys.stdout, map(str, lines))


def _print(stream: TextIO, lines: Iterable[str]) -> None:
    from exosim.problems import printable

    for line in lines:
        print(printable(line), file=stream)


def console() -> Console:
    """Return where tables go: stdout, made wide where it is no terminal."""
    from rich.console import Console

    from exosim.problems import printable

    class Printable(Console):
        def render_str(self, text: str, **options: Any) -> Text:
            return super().render_str(printable(text), **options)

    return Printable(width=None if sys.stdout.isatty() else 150)


@contextmanager
def progress_bars(quiet: bool, names: list[str]) -> Iterator[Callable[..., None]]:
    """Show a bar per name on stderr, with failures so far; nothing when quiet or not on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    from exosim.problems import brief

    with Progress(console=Console(stderr=True), transient=True) as progress:
        shown = [escape(brief(name)) for name in names]
        bars = [progress.add_task(name, total=1.0) for name in shown]

        def show(i: int, share: float, failed: int = 0) -> None:
            note = f", {failed} failed" if failed else ""
            progress.update(bars[i], completed=share, description=shown[i] + note)

        yield show


def load_all(
    files: list[str], changes: list[str] | None, vary: list[str] | None = None, parameters: str = "article"
) -> list[Any]:
    """Return all scenarios, or the arms that vary, each with a name of its own; raise every problem of every file."""
    if vary:
        from exosim.studies.varied import arms_of

        return arms_of(files, vary, changes or [], parameters)
    from exosim.scenario.arms import load_arms

    return load_arms(files, changes or [])


def ready(
    files: list[str], changes: list[str] | None, parameters: str, out: Path, figures: str = "png",
    outcomes: list[str] | None = None, times: str | None = None, daily: bool = False,
    vary: list[str] | None = None,
) -> tuple[list[Any], Any, Any]:  # fmt: skip
    """Return all scenarios, outcomes and days; refuse what cannot be run or saved before anything is computed."""
    from exosim.files.writing import check_writable
    from exosim.parameters import parameter_set
    from exosim.problems import BadInput, together
    from exosim.results.own import own_outcomes, too_late
    from exosim.results.times import days_of, rows
    from exosim.view.figures.save import kind_of

    reads = (
        partial(load_all, files, changes, vary, parameters),
        partial(own_outcomes, outcomes),
        partial(days_of, times),
    )
    saved = partial(parameter_set, parameters), partial(kind_of, figures), partial(check_writable, out)
    scenarios, own, days, *_ = together(*reads, *saved)
    shortest = min(scenario.days for scenario in scenarios)
    if late := too_late(own, shortest):
        raise BadInput(late)
    rows(daily, times, shortest)
    return scenarios, own, days or None


def write(out: Path, text: str, over: bool = False, remedy: str = "") -> None:
    """Write one file, completely or not at all."""
    from exosim.files import writing

    writing.check_free(out, over, remedy)
    writing.write(out, text.encode())


def print_json(data: Any) -> None:
    """Print results as JSON on stdout."""
    tell(json.dumps(data, indent=2, allow_nan=False))
