"""Scenario files: TOML read, changed, checked and refused with every problem; their JSON Schema.

>>> scenario = parse("name = 'two sessions'" + chr(10) + "[[treatments]]" + chr(10) + "kind = 'prp'")
>>> [x.event.day for x in scenario.timeline]
[0.0]
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from exosim.events import Apply, Injury
from exosim.files.lines import located
from exosim.files.reading import parse_toml, read_text, there
from exosim.files.writing import expanded
from exosim.problems import CHOICES, BadInput, Problem, brief, nearest
from exosim.scenario.change import Changes
from exosim.scenario.model import Scenario

LOG = logging.getLogger("exosim")
ScenarioLike = Scenario | Mapping[str, Any] | str | Path
"""A scenario, its plain data, its TOML file, or the name of a shipped one."""


def parse(text: str, source: str = "scenario", changes: Changes = ()) -> Scenario:
    """Return the scenario of TOML `text`, changed; raise `BadInput` with every problem."""
    data = parse_toml(text, source)
    if data.get("schema") == 1:
        LOG.warning("note: %s is of schema 1 and read as schema 2; `exosim migrate` rewrites it", brief(source, 300))
    return checked(data, text, source, changes)


def checked(data: Mapping[str, Any], text: str, source: str, changes: Changes = ()) -> Scenario:
    """Return the scenario of `data` that were read from `text`; raise `BadInput` with every problem and its line."""
    try:
        return Scenario.from_dict(data, changes)
    except BadInput as error:
        placed = [p if p.source else located(p, source, text) for p in error.problems]
        raise BadInput(sorted(placed, key=lambda p: p.line or len(text))) from None


def load(scenario: ScenarioLike, changes: Changes = ()) -> Scenario:
    """Return a scenario, changed; raise `BadInput` with every problem.

    Parameters
    ----------
    scenario : Scenario, mapping, str or path
        A scenario, its plain data, its TOML file, or the name of a shipped one.
    changes : sequence of str, or mapping
        Texts ``PATH=VALUE``, or values by path.
    """
    if isinstance(scenario, Scenario) and not changes:
        return scenario
    if isinstance(scenario, Scenario | Mapping):
        arm = Scenario.from_dict(scenario.given if isinstance(scenario, Scenario) else scenario, changes)
    else:
        file = find(scenario)
        arm = parse(read_text(file), str(file), changes)
    if bare := bare_sessions(arm):
        days = ", ".join(f"{day:g}" for day in bare)
        LOG.warning("note: %s: no procedure on day %s, so what that session applies meets intact skin", arm.name, days)
    return arm


def bare_sessions(arm: Scenario) -> list[float]:
    """Return days of sessions that apply something, and have no procedure while other days have one."""
    opened = {x.event.day for x in arm.timeline if isinstance(x.event, Injury)}
    follow = [entry for entry in arm.treatments if entry.follows]

    def applies(day: float) -> bool:
        events = (event for entry in follow if day in entry.days_after(day) for event in entry.treatment.session(day))
        return any(isinstance(event, Apply) for event in events)

    bare = [day for day in arm.session_days if day not in opened and applies(day)]
    return bare if opened else []


@cache
def shipped() -> dict[str, Path]:
    """Return the scenarios that come with exosim, by name."""
    package = Path(__file__).parents[1]
    folder = next(f for f in (package / "shipped", package.parent / "scenarios") if f.is_dir())
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def find(name: str | Path) -> Path:
    """Return the file called `name`, or the shipped scenario of that name; raise `BadInput` with the nearest name."""
    path = expanded(name)
    if there(path):
        return path
    if str(name) in shipped():
        return shipped()[str(name)]
    neighbours = {x.name: str(x) for x in islice(path.parent.glob("*.toml"), CHOICES)} if there(path.parent) else {}
    near = neighbours.get(nearest(path.name, neighbours)) or nearest(path.stem, shipped())
    remedy = f'did you mean "{near}"?' if near else "`exosim list scenarios` names the shipped ones"
    message = "there is no such file, nor a shipped scenario of that name"
    raise BadInput([Problem(message, source=str(name), remedy=remedy)])


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, for editors."""
    return Scenario.model_json_schema() | {"$schema": "https://json-schema.org/draft/2020-12/schema"}
