"""What a name means: states with their equation, parameters, outcomes, treatments, scar types."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Container
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

import sympy

from exosim.biology import system
from exosim.biology.notation import LAYERS, Parameter, State, symbolic
from exosim.evidence import keys
from exosim.evidence.claims import claims
from exosim.parameters import names as sets
from exosim.parameters import parameter_set
from exosim.parameters.switches import SWITCHES
from exosim.problems import BadInput, Problem, bounds, suggest
from exosim.results import outcomes
from exosim.results.outcomes import FLAGS, OUTCOMES
from exosim.scenario.file import load, shipped
from exosim.scenario.parts import Entry, entry_model
from exosim.skin import scars
from exosim.skin.scars import SCARS
from exosim.treatments import catalogue
from exosim.treatments import shipped as shipped_treatments

STATES = {state.name: state for state in system.STATES}
_OUTCOMES = {outcome.name: outcome for outcome in OUTCOMES}


def names() -> dict[str, list[str]]:
    """Return the names of everything that can be explained, by kind."""
    return {
        "state": list(STATES),
        "parameter": list(system.PARAMETERS),
        "outcome": [*_OUTCOMES, *FLAGS],
        "treatment": list(catalogue()),
        "scar": list(SCARS),
        "scenario": list(shipped()),
        "evidence key": [key for key in keys() if key != "article"],
        "parameter set": sets(),
        "switch": list(SWITCHES),
    }


def explain(name: str) -> dict[str, Any]:
    """Return all that is known of `name` as plain data; raises `BadInput` with the nearest name."""
    readers: tuple[tuple[Container[str], Callable[[str], dict[str, Any]]], ...] = (
        (STATES, _state),
        (system.PARAMETERS, _declared_parameter),
        (_OUTCOMES, _outcome),
        (FLAGS, _flag),
        (catalogue(), _treatment),
        (SCARS, _scar),
        (shipped(), scenario),
        (keys(), _evidence_key),
        (sets(), _parameter_set),
    )
    for known, reader in readers:
        if name in known:
            return reader(name)
    everything = [x for group in names().values() for x in group]
    raise BadInput([Problem(f'nothing is called "{name}"', remedy=suggest(name, everything))])


def _declared_parameter(name: str) -> dict[str, Any]:
    place = _place(name, _home(name, "PARAMETERS"))
    switched = {"switch": f"{SWITCHES[name].text}; 0 takes it off"} if name in SWITCHES else {}
    return {"kind": "parameter", **_parameter(system.PARAMETERS[name]), **switched, **place}


def _outcome(name: str) -> dict[str, Any]:
    about = _OUTCOMES[name]
    place = _at(outcomes, f'"{name}"')
    return {"kind": "outcome", "name": name, "unit": about.unit, "meaning": about.definition, **place}


def _flag(name: str) -> dict[str, Any]:
    return {"kind": "safety flag", "name": name, "meaning": FLAGS[name][0], **_at(outcomes, f'"{name}"')}


def _scar(name: str) -> dict[str, Any]:
    return {
        "kind": "scar",
        "name": name,
        "meaning": SCARS[name].meaning,
        "lesions": len(SCARS[name].lesions),
        "ecca_weight": SCARS[name].ecca_weight,
        **_at(scars, f'"{name}": '),
    }


def _evidence_key(name: str) -> dict[str, Any]:
    key, claim = keys()[name], claims().get(name)
    return {
        "kind": f"evidence key, {key['kind']}",
        "name": name,
        "meaning": key["text"],
        "source": key["source"],
        "note": claim and (claim.contested or claim.note),
        "scale": claim and claim.scale,
        "figures": [f"{check.name} {check.target_text}" for check in claim.checks] if claim else None,
        "answered by": "exosim evidence" if claim else None,
    }


def _parameter_set(name: str) -> dict[str, Any]:
    chosen = parameter_set(name)
    return {
        "kind": "parameter set",
        "name": name,
        "meaning": chosen.meaning,
        "fitted by": chosen.command,
        "overrides": {parameter: asdict(override) for parameter, override in chosen.overrides.items()},
    }


def _home(name: str, group: str) -> ModuleType:
    return next(m for m in system.MECHANISMS if any(x.name == name for x in getattr(m, group)))


def _at(module: ModuleType, text: str) -> dict[str, Any]:
    """Return the file of a module and the first line that holds `text`."""
    file = Path(inspect.getfile(module))
    lines = enumerate(file.read_text("utf-8").splitlines(), start=1)
    folder = module.__name__.split(".")[1:-1]
    return {
        "file": "/".join(["exosim", *folder, file.name]),
        "line": next((i for i, line in lines if text in line), None),
    }


def _place(name: str, module: ModuleType) -> dict[str, Any]:
    """Return file and line where `name` is declared and, for a state, where its equation is written."""
    shown = _at(module, f'("{name}"')["file"]
    declared, written = _at(module, f'("{name}"')["line"], _at(module, f'        "{name}":')["line"]
    place: dict[str, Any] = {"file": shown, "line": written or declared}
    return place | ({"declared_line": declared} if written and declared else {})


def _parameter(q: Parameter) -> dict[str, Any]:
    used = {name: parameter_set(name).overrides.get(q.name) for name in sets()}
    return {
        "name": q.name,
        "meaning": q.meaning,
        "default": q.value,
        **{name: override.value if override else q.value for name, override in used.items()},
        "unit": q.unit,
        "low": q.low,
        "high": q.high,
        "evidence": q.evidence,
        "source": q.source,
    }


def scenario(name: str) -> dict[str, Any]:
    """Return what a shipped scenario is, also where a treatment has the same name."""
    text = shipped()[name].read_text("utf-8")
    head = takewhile(lambda line: line.startswith("#"), text.splitlines())
    arm = load(shipped()[name])
    return {
        "kind": "scenario",
        "name": name,
        "meaning": " ".join(line.removeprefix("#").strip() for line in head),
        "weeks": arm.weeks,
        "treatments": [entry.kind for entry in arm.treatments],
        "file": f"scenarios/{name}.toml",
    }


def local_equation(state: State) -> tuple[Any, str]:
    """Return the rate of a state in its first layer without exchange, and the name of that entry."""
    s = symbolic({other.name: other.layers for other in system.STATES})
    p, _ = system.symbols()
    u = symbolic(system.SKIN_FIELDS | system.DELIVERY_FIELDS | {"thickness": LAYERS})
    right = _home(state.name, "STATES").rates(s, p, u).get(state.name, sympy.Integer(0))
    return (right[0] if state.layers else right), state.entries[0]


def _state(name: str) -> dict[str, Any]:
    state = STATES[name]
    right, entry = local_equation(state)
    used = sorted({str(x) for x in sympy.sympify(right, strict=True).free_symbols} & set(system.PARAMETERS))
    if state.diffusivity:
        used.append(state.diffusivity)
    return {
        "kind": "state",
        "name": state.name,
        "meaning": state.meaning,
        "unit": state.unit,
        "layers": list(state.layers) or ["surface"],
        "equation": f"d({entry})/dt = {right}",
        "exchange": f"with neighbouring layers and columns at {state.diffusivity}" if state.diffusivity else None,
        "changed_at_once_by": "injuries and doses" if right == 0 else None,
        "parameters": [_parameter(system.PARAMETERS[parameter]) for parameter in used],
        **_place(state.name, _home(state.name, "STATES")),
    }


def _treatment(name: str) -> dict[str, Any]:
    settings = []
    for key, info in entry_model(name).model_fields.items():
        if key == "kind":
            continue
        extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        low, high = bounds(info)
        settings.append(
            {
                "name": key,
                "meaning": info.description,
                "default": info.default,
                "unit": extra.get("unit"),
                "low": low,
                "high": high,
                "evidence": extra.get("evidence"),
                "source": extra.get("source"),
                "schedule": key in Entry.model_fields,
            }
        )
    cls = catalogue()[name]
    module = sys.modules[cls.__module__]
    said: object = module if name in shipped_treatments() else cls
    return {
        "kind": "treatment",
        "name": name,
        "meaning": (inspect.getdoc(said) or "").split("\n\n")[0].replace("\n", " "),
        "every_day": cls.every_day,
        "settings": settings,
        **(_at(module, "class ") if module is said else {"file": cls.__module__, "line": None}),
    }
