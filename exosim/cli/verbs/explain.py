"""Verbs that say what there is: explain, evidence, list."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from exosim.cli.completion import lists, names, plural
from exosim.cli.options import Json, Parameters, Quiet
from exosim.cli.shell import app, console, guarded, print_json, progress_bars, say, tell


@app.command()
@guarded
def explain(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="any name or word, such as depth_mm or TNF", autocompletion=names)
    ],
    as_json: Json = False,
) -> None:
    """Say what anything that can be set or seen is, and where it comes from."""
    from exosim.readings.explain import explain as look_up

    verbs = {c.name or c.callback.__name__: c.callback.__doc__ or "" for c in app.registered_commands if c.callback}
    about = look_up(name, verbs)
    if as_json:
        print_json(about)
    else:
        from exosim.view.terminal.explanations import print_explanation

        print_explanation(console(), about)


@app.command()
@guarded
def evidence(parameters: Parameters = "article", as_json: Json = False, quiet: Quiet = False) -> None:
    """Answer the article's claims and the trials' values one by one."""
    from exosim.evidence.verdicts import answers, offsets
    from exosim.parameters import parameter_set

    chosen = parameter_set(parameters)
    with progress_bars(quiet, [f"evidence, {chosen}"]) as report:
        rows = answers(chosen, partial(report, 0))
    if as_json:
        print_json(rows)
    else:
        from exosim.view.terminal.studies import print_evidence

        print_evidence(console(), rows, offsets(chosen), str(chosen))


@app.command(name="list")
@guarded
def list_(
    what: Annotated[
        str, typer.Argument(help="scenarios, states, parameters, ...; all when left out", autocompletion=lists)
    ] = "",
    why: Annotated[bool, typer.Option("--why", help="of parameters: value, range, grade, source and reason")] = False,
    as_json: Json = False,
) -> None:
    """List what there is: scenarios, treatments, scars, outcomes, states, parameters, parameter sets, switches.

    Switches are mechanisms that can be knocked out, as with --set il10_signal=0.
    """
    from exosim.parameters.switches import SWITCHES
    from exosim.problems import BadInput, Problem, suggest
    from exosim.readings.explain import names as known_names
    from exosim.scenario.file import shipped
    from exosim.treatments import left_out

    known = {plural(kind): members for kind, members in known_names().items()}
    groups = {"scenarios": list(shipped())} | known
    if what and what not in groups:
        raise BadInput([Problem(f'there is no list of "{what}"', remedy=suggest(what, groups))])
    if why:
        _list_why(what, as_json)
        return
    chosen = {what: groups[what]} if what else groups
    say(*(f"warning: {why}" for why in left_out().values() if "treatments" in chosen))
    if as_json:
        print_json(chosen)
        return
    for kind, members in chosen.items():
        texts = {name: f"{name:20}  {x.text}" for name, x in SWITCHES.items()} if kind == "switches" else {}
        lines = [f"  {texts.get(name, name)}" for name in members] if what else ["  " + ", ".join(members)]
        tell(f"{kind}:", *lines)


def _list_why(what: str, as_json: bool) -> None:
    """Print every parameter with where its value comes from."""
    from exosim.problems import BadInput, Problem
    from exosim.readings.explain import reasons

    if what != "parameters":
        raise BadInput([Problem("--why is for parameters", remedy="exosim list parameters --why")])
    rows = reasons()
    if as_json:
        print_json(rows)
    else:
        from exosim.view.terminal.explanations import print_reasons

        print_reasons(console(), rows)
