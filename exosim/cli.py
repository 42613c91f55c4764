"""The command line: ``exosim VERB``. Results go to stdout, progress and errors to stderr."""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="exosim",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A toy tissue model of post-acne scar treatment. Not medical advice; exosome products are not FDA-approved.",
)

OK, FAILED, BAD_INPUT, MISSING_EXTRA, MISMATCH, INTERRUPTED = 0, 1, 2, 3, 4, 130


class Resolution(str, Enum):
    """Patch with agents, or one column."""

    patch = "patch"
    column = "column"


class Format(str, Enum):
    """What `export` can write; each comes with the extra of its name."""

    sbml = "sbml"


Files = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="scenario files, or names of shipped scenarios")
]
One = Annotated[
    str, typer.Argument(metavar="FILE", help="a scenario file, or the name of a shipped scenario")
]
ResolutionOption = Annotated[Resolution, typer.Option(help="a patch with agents, or one column (faster)")]
Parameters = Annotated[str, typer.Option(help="parameter set: article or trials")]
Seed = Annotated[int, typer.Option(min=0, help="seed of channel placement and closing")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="change the scenario, as in skin.phototype=3"),
]
Out = Annotated[Path, typer.Option(help="folder for run folders")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress, no notice")]


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
        from exosim.problems import BadInput

        try:
            verb(*args, **kwargs)
        except BadInput as error:
            files = {p.source for p in error.problems if p.source}
            many = len(error.problems)
            _say(
                *map(str, error.problems),
                f"{many} problem{'s' * (many > 1)}"
                + (f" in {len(files)} place{'s' * (len(files) > 1)}" if files else "")
                + "; nothing was run.",
            )
            _stop(BAD_INPUT)
        except KeyboardInterrupt:
            _say("interrupted; nothing half-written was left")
            _stop(INTERRUPTED)
        except typer.Exit:
            raise
        except Exception as error:
            notes = [f"  {note}" for note in getattr(error, "__notes__", [])]
            kind = "" if type(error).__name__ == "SolverError" else f"{type(error).__name__}: "
            _say(f"error: {kind}{error}", *notes, "  run again with --debug for the traceback")
            _stop(FAILED)

    return inner


def _stop(code: int) -> None:
    if "--debug" in _removed:
        raise
    raise typer.Exit(code) from None


_removed: list[str] = []


def _say(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _console() -> Console:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 150)


@contextmanager
def _progress(quiet: bool, names: list[str]) -> Iterator[Callable[[int, float], None] | None]:
    """A bar per arm on stderr; nothing when quiet or not on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bars = [progress.add_task(escape(name), total=1.0) for name in names]
        yield lambda i, share: progress.update(bars[i], completed=share)


def _load_all(files: list[str], changes: list[str] | None) -> list[Any]:
    """All scenarios, or every problem of every file."""
    from exosim.problems import BadInput
    from exosim.scenario_file import load

    scenarios, problems = [], []
    for file in files:
        try:
            scenarios.append(load(file, changes or []))
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
    return scenarios


def _ready(files: list[str], changes: list[str] | None, parameters: str, out: Path) -> list[Any]:
    """Everything that can be refused, refused before anything is computed."""
    from exosim.parameters import parameter_set
    from exosim.run_folder import check_writable

    scenarios = _load_all(files, changes)
    parameter_set(parameters)
    check_writable(out)
    return scenarios


def _write(out: Path, text: str, remedy: str, over: bool = False) -> None:
    """Write one file; `remedy` is what to do when it exists already."""
    from exosim.problems import BadInput, Problem

    try:
        with out.open("w" if over else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadInput([Problem("the file exists already", source=str(out), remedy=remedy)]) from None
    except OSError as error:
        raise BadInput([Problem(f"the file cannot be written ({error.strerror})", source=str(out))]) from None


def _need(library: str, extra: str) -> None:
    """End with the install command when the library of an extra is missing."""
    from importlib.util import find_spec

    if not find_spec(library):
        _say(
            f'error: this needs {library}, which comes with the extra "{extra}"',
            f'  install it: pip install "exosim[{extra}]"',
        )
        raise typer.Exit(MISSING_EXTRA)


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=2, allow_nan=False))


@app.command()
@guarded
def run(
    file: One,
    resolution: ResolutionOption = Resolution.patch,
    parameters: Parameters = "article",
    seed: Seed = 0,
    changes: Set = None,
    out: Out = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate one scenario and save the run with its figures."""
    [scenario] = _ready([file], changes, parameters, out)
    from exosim.api import run as simulate

    with _progress(quiet, [scenario.name]) as report:
        result = simulate(
            scenario,
            resolution=resolution.value,
            parameters=parameters,
            seed=seed,
            progress=(lambda share: report(0, share)) if report else None,
        )
    result = result.save(out)
    if as_json:
        _print_json(result.to_dict())
    else:
        from exosim.view.tables import print_run

        print_run(_console(), result, quiet)


@app.command()
@guarded
def compare(
    files: Files,
    resolution: ResolutionOption = Resolution.patch,
    parameters: Parameters = "article",
    seed: Seed = 0,
    changes: Set = None,
    out: Out = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate several arms on the same skin with the same channels, beside published values."""
    scenarios = _ready(files, changes, parameters, out)
    from exosim.api import compare as simulate
    from exosim.engine.tissue import SolverError

    try:
        with _progress(quiet, [s.name for s in scenarios]) as report:
            comparison = simulate(
                scenarios, resolution=resolution.value, parameters=parameters, seed=seed, progress=report
            )
    except SolverError as error:
        for result in error.finished:
            error.add_note(f"finished before it and saved: {result.save(out).directory}")
        raise
    comparison = comparison.save(out)
    _say(*(f"warning: {warning}" for warning in comparison.warnings))
    if as_json:
        _print_json(comparison.to_dict())
    else:
        from exosim.view.tables import print_comparison

        print_comparison(
            _console(),
            comparison.arms,
            comparison.differences,
            comparison.published,
            comparison.directory,
            quiet,
        )


@app.command()
@guarded
def new(
    template: Annotated[str, typer.Argument(help="name of a shipped scenario")] = "fractional_co2_exosome",
    out: Annotated[Path, typer.Option(help="file to write")] = Path("my_scenario.toml"),
) -> None:
    """Write a first scenario file to edit; never overwrites."""
    from exosim.problems import BadInput, Problem, suggest
    from exosim.scenario_file import shipped

    if template not in shipped():
        raise BadInput(
            [Problem(f'there is no shipped scenario "{template}"', remedy=suggest(template, shipped()))]
        )
    _write(out, shipped()[template].read_text("utf-8"), "choose another name with --out")
    print(f"wrote {out}; edit it, then: exosim run {out}")


@app.command()
@guarded
def validate(files: Files, changes: Set = None) -> None:
    """Check scenario files without running them."""
    for file, scenario in zip(files, _load_all(files, changes), strict=True):
        print(f"{file}: ok, {len(scenario.timeline)} events over {scenario.days:g} days")


@app.command()
@guarded
def events(file: One, changes: Set = None, as_json: Json = False) -> None:
    """Show the expanded schedule of a scenario."""
    [scenario] = _load_all([file], changes)
    from exosim.events import rows as event_rows

    rows = event_rows(scenario.timeline)
    if as_json:
        _print_json({"scenario": scenario.name, "events": rows})
    else:
        from exosim.view.tables import print_events

        print_events(_console(), scenario.name, rows)


@app.command()
@guarded
def export(
    file: One,
    to: Annotated[Format, typer.Option(help="format to write")] = Format.sbml,
    out: Annotated[
        Path | None, typer.Option(help="file to write; named after the scenario when left out")
    ] = None,
    parameters: Parameters = "article",
    changes: Set = None,
    force: Annotated[bool, typer.Option("--force", help="write over an existing file")] = False,
) -> None:
    """Write the column of a scenario for other simulators."""
    _need("libsbml", to.value)
    [scenario] = _load_all([file], changes)
    from exosim.export.sbml import document
    from exosim.parameters import parameter_set
    from exosim.run_folder import slug

    path = out or Path(f"{slug(scenario.name)}.xml")
    text = document(scenario, parameter_set(parameters).values(), parameters)
    _write(path, text, "choose another name with --out, or write over it with --force", over=force)
    print(f"wrote {path}")


@app.command()
@guarded
def explain(name: str, as_json: Json = False) -> None:
    """Say what a state, parameter, outcome, treatment or scar type is, and where it lives."""
    from exosim.explain import explain as look_up

    found = look_up(name)
    if as_json:
        _print_json(found)
    else:
        from exosim.view.tables import print_explanation

        print_explanation(_console(), found)


@app.command(name="list")
@guarded
def list_(
    what: Annotated[str, typer.Argument(help="scenarios, states, parameters, ...; all when left out")] = "",
    as_json: Json = False,
) -> None:
    """List what there is: scenarios, treatments, scars, outcomes, states, parameters, parameter sets."""
    from exosim.explain import names
    from exosim.problems import BadInput, Problem, suggest
    from exosim.scenario_file import shipped

    groups = {"scenarios": list(shipped())} | {
        f"{kind}s".replace(" ", "_"): found for kind, found in names().items()
    }
    if what and what not in groups:
        raise BadInput([Problem(f'there is no list of "{what}"', remedy=suggest(what, groups))])
    chosen = {what: groups[what]} if what else groups
    if as_json:
        _print_json(chosen)
        return
    for kind, found in chosen.items():
        print(f"{kind}:", *([f"  {name}" for name in found] if what else ["  " + ", ".join(found)]), sep="\n")


def _again(lost: sys.UnraisableHookArgs) -> None:
    """Send an interruption again that fell into a callback, where Python drops exceptions."""
    sent = {SystemExit: signal.SIGTERM, KeyboardInterrupt: signal.SIGINT}.get(lost.exc_type)
    if sent:
        threading.Timer(0.01, os.kill, [os.getpid(), sent]).start()
    else:
        sys.__unraisablehook__(lost)


def main() -> None:
    """Entry point; --debug may stand anywhere."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a half-written folder is removed
    sys.unraisablehook = _again
    _removed[:] = [a for a in sys.argv[1:] if a == "--debug"]
    sys.argv[1:] = [a for a in sys.argv[1:] if a != "--debug"]
    app()
