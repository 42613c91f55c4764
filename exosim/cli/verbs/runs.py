"""Verbs that run, write and check scenarios: run, compare, new, migrate, validate, events, export."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from exosim.cli.options import (
    Against,
    Courses,
    Daily,
    Ensemble,
    Figures,
    Files,
    Force,
    Format,
    Json,
    One,
    Out,
    Outcomes,
    Parameters,
    Quiet,
    Resolution,
    Seed,
    Set,
    Times,
    Vary,
)
from exosim.cli.shell import (
    app,
    console,
    guarded,
    load_all,
    print_json,
    printed,
    progress_bars,
    ready,
    say,
    tell,
    write,
)


@app.command()
@guarded
def run(
    file: One,
    resolution: Resolution = "patch",
    parameters: Parameters = "article",
    seed: Seed = 0,
    changes: Set = None,
    out: Out = Path("runs"),
    ensemble: Ensemble = False,
    courses: Courses = "",
    outcomes: Outcomes = None,
    daily: Daily = False,
    times: Times = None,
    figures: Figures = "png",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate one scenario and save the run with its figures."""
    from exosim.view.figures.second import second_process

    options: dict[str, Any] = {"resolution": resolution, "parameters": parameters, "seed": seed}
    with second_process(figures), _failure_saved(out, options):
        [scenario], own, days = ready([file], changes, parameters, out, figures, outcomes, times, daily)
        from exosim.api import run as simulate

        given: dict[str, Any] = {"ensemble": ensemble, "courses": courses or (), "outcomes": own}
        with progress_bars(quiet, [scenario.name]) as report:
            result = simulate(scenario, **options, **given, progress=partial(report, 0))
        result = result.save(out, daily=daily, figures=figures, times=days)
    with printed(result.directory):
        if as_json:
            print_json(result.to_dict())
        else:
            from exosim.view.terminal.runs import print_run

            print_run(console(), result, quiet)


@app.command()
@guarded
def compare(
    files: Files,
    vary: Vary = None,
    against: Against = "",
    resolution: Resolution = "patch",
    parameters: Parameters = "article",
    seed: Seed = 0,
    changes: Set = None,
    out: Out = Path("runs"),
    ensemble: Ensemble = False,
    courses: Courses = "",
    outcomes: Outcomes = None,
    daily: Daily = False,
    times: Times = None,
    figures: Figures = "png",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate several arms on the same skin with the same channels, and compare them with published values."""
    from exosim.view.figures.second import second_process

    options: dict[str, Any] = {"resolution": resolution, "parameters": parameters, "seed": seed}
    with second_process(figures), _failure_saved(out, options):
        scenarios, own, days = ready(files, changes, parameters, out, figures, outcomes, times, daily, vary)
        from exosim.api import compare as simulate

        given: dict[str, Any] = {"ensemble": ensemble, "courses": courses or (), "outcomes": own, "against": against}
        with progress_bars(quiet, [s.name for s in scenarios]) as report:
            comparison = simulate(scenarios, **options, **given, progress=report)
        comparison = comparison.save(out, daily=daily, figures=figures, times=days)
    say(*(f"warning: {warning}" for warning in comparison.warnings))
    with printed(comparison.directory):
        if as_json:
            print_json(comparison.to_dict())
        else:
            from exosim.view.terminal.runs import print_comparison

            print_comparison(console(), comparison, comparison.published, quiet)


@contextmanager
def _failure_saved(out: Path, options: dict[str, Any]) -> Iterator[None]:
    """Save what was computed before a solver fails, and say where; say that an interruption leaves nothing."""
    try:
        yield
    except KeyboardInterrupt as error:
        error.add_note("nothing is kept: a run is saved once it is whole")
        raise
    except Exception as error:
        from exosim.engine.tissue import SolverError
        from exosim.results.folder import save_failure

        if not isinstance(error, SolverError):
            raise
        last, folder = error.course["day"][-1], save_failure(error, out, options)
        error.add_note(f"the course up to the last good state, on day {last:.4f}, is saved in {folder}")
        for result in error.finished:
            error.add_note(f"finished before it and saved: {result.save(out).directory}")
        raise


@app.command()
@guarded
def new(
    template: Annotated[str, typer.Argument(help="name of a shipped scenario")] = "fractional_co2_exosome",
    out: Annotated[Path, typer.Option(help="file to write")] = Path("my_scenario.toml"),
) -> None:
    """Write a first scenario file to edit; never overwrites."""
    from exosim.problems import BadInput, Problem, brief, suggest
    from exosim.scenario.file import shipped

    if template not in shipped():
        raise BadInput([Problem(f'there is no shipped scenario "{template}"', remedy=suggest(template, shipped()))])
    import tomlkit

    written = tomlkit.parse(shipped()[template].read_text("utf-8"))
    written["name"] = brief(out.stem, 200)
    write(out, tomlkit.dumps(written), remedy="choose another name with --out")
    tell(f"wrote {out}; edit it, then: exosim run {out}")


@app.command()
@guarded
def migrate(files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="scenario files of schema 1")]) -> None:
    """Rewrite scenario files of schema 1 as schema 2, with their comments; the schedule stays the same."""
    from exosim.files.reading import read_toml
    from exosim.problems import every
    from exosim.scenario.file import checked, parse
    from exosim.scenario.migrate import rewritten

    def new_text(file: str) -> str:
        data, text = read_toml(Path(file), "scenario")
        old = checked(data, text, file)
        if data.get("schema") != 1:
            return ""
        new = rewritten(text)
        if parse(new, file).timeline != old.timeline:
            raise RuntimeError(f"{file} cannot be rewritten without changing its schedule")
        return new

    for file, text in zip(files, every(new_text, map(str, files)), strict=True):
        if text:
            write(file, text, over=True)
        tell(f"{file}: {'rewritten as schema 2' if text else 'is of schema 2 already'}")


@app.command()
@guarded
def validate(files: Files, changes: Set = None) -> None:
    """Check scenario files without running them."""
    for file, scenario in zip(files, load_all(files, changes), strict=True):
        tell(f"{file}: ok, {len(scenario.timeline)} events over {scenario.days:g} days")


@app.command()
@guarded
def events(file: One, changes: Set = None, as_json: Json = False) -> None:
    """Show the expanded schedule of a scenario."""
    [scenario] = load_all([file], changes)
    from exosim.events import rows as event_rows

    rows = event_rows(scenario.timeline)
    if as_json:
        print_json({"scenario": scenario.name, "events": rows})
    else:
        from exosim.view.terminal.explanations import print_events

        print_events(console(), scenario.name, rows)


@app.command()
@guarded
def export(
    file: One,
    to: Annotated[Format, typer.Option(help="format to write")] = Format.sbml,
    out: Annotated[Path | None, typer.Option(help="file to write; named after the scenario when left out")] = None,
    parameters: Parameters = "article",
    changes: Set = None,
    force: Force = False,
) -> None:
    """Write the column of a scenario for other simulators."""
    from exosim.problems import need

    need(("libsbml", to.value))
    [scenario] = load_all([file], changes)
    from exosim.files.names import slug
    from exosim.files.writing import check_free
    from exosim.parameters import parameter_set
    from exosim.readings.sbml import document

    path = out or Path(f"{slug(scenario.name)}.xml")
    check_free(path, force)
    chosen = parameter_set(parameters)
    text = document(scenario, chosen.values(), str(chosen))
    write(path, text, force)
    tell(f"wrote {path}")
