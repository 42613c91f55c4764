"""What a name means: states with their equation, parameters, outcomes, treatments, scar types."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
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
from exosim.evidence.nuisance import nuisances
from exosim.evidence.readouts import READOUTS
from exosim.parameters import names as sets
from exosim.parameters import parameter_set
from exosim.parameters.switches import SWITCHES
from exosim.problems import BadInput, Problem, suggest
from exosim.readings import grammar, settings
from exosim.readings.columns import WORDS, parts
from exosim.readings.glossary import TERMS, holds, same
from exosim.results import outcomes
from exosim.results.outcomes import FLAGS, OUTCOMES
from exosim.scenario.file import load, shipped
from exosim.scenario.parts import Entry, entry_model
from exosim.simulation import history
from exosim.simulation.history import COURSES
from exosim.skin import scars
from exosim.skin.scars import SCARS
from exosim.treatments import catalogue, left_out
from exosim.treatments import shipped as shipped_treatments

STATES = {state.name: state for state in system.STATES}
_OUTCOMES = {outcome.name: outcome for outcome in OUTCOMES}
Reader = Callable[[str], dict[str, Any]]


def _readers() -> dict[str, tuple[Iterable[str], Reader]]:
    """Return the names of every kind, and what explains one of them."""
    return {
        "state": (STATES, _state),
        "parameter": (system.PARAMETERS, _declared_parameter),
        "outcome": ([*_OUTCOMES, *FLAGS], lambda name: _flag(name) if name in FLAGS else _outcome(name)),
        "treatment": (catalogue(), _treatment),
        "scar": (SCARS, _scar),
        "scenario": (shipped(), scenario),
        "evidence key": ([key for key in keys() if key != "article"], _evidence_key),
        "parameter set": (sets(), _parameter_set),
        "observable": (COURSES, _observable),
        "readout": ([x.name for x in READOUTS], _readout),
        "nuisance": (nuisances(), _nuisance),
        "setting": (settings.names(), settings.explain),
        "switch": (SWITCHES, lambda name: {"kind": "switch", "name": name, "meaning": SWITCHES[name].text}),
        "function": (grammar.READINGS, grammar.function),
        "event": (grammar.EVENTS, grammar.event),
        "term": (TERMS, _term),
        "label": (labels := grammar.labels(), lambda name: {"kind": "label", "name": name, "meaning": labels[name]}),
        "heading": (WORDS, lambda name: {"kind": "heading", "name": name, "meaning": WORDS[name]}),
    }


def names() -> dict[str, list[str]]:
    """Return the names of everything that can be explained, by kind."""
    return {kind: list(known) for kind, (known, _) in _readers().items()}


def explain(name: str, verbs: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return all that is known of `name` as plain data.

    Capitals, spaces and hyphens do not matter. A word that is no name gives the names that hold it.

    Parameters
    ----------
    verbs : mapping
        Further names, each with its meaning: verbs of the command line, or functions.

    Raises
    ------
    BadInput
        With the nearest name.
    """
    readers = _readers()
    name = re.sub(r"\s*\[[^\]]*\]$", "", name)  # the unit in the header of a column
    if verbs:
        readers["verb"] = (verbs, lambda verb: {"kind": "verb", "name": verb, "meaning": verbs[verb]})
    found = [(kind, own) for kind, (group, _) in readers.items() for own in group if same(own, name)]
    path = name.strip().lower()
    if not found and settings.places(path):
        found = [("setting", path)]
    if not found and (about := _composed(path)):
        return about
    if not found:
        found = _holding(name)
        if len({own for _, own in found}) > 1:
            return {"kind": "word", "name": name, "meaning": "part of several names", "names": _told(found)}
    if not found:
        everything = [own for group, _ in readers.values() for own in group]
        remedy = left_out().get(path) or suggest(name, everything)
        raise BadInput([Problem(f'nothing is called "{name}"', remedy=remedy)])
    about, *others = [readers[kind][1](own) for kind, own in found]
    return about | ({"also": list(map(_brief, others))} if others else {})


def _composed(name: str) -> dict[str, Any] | None:
    """Return what a name means that is made of another one, as ``downtime_days_difference_p05``."""
    for meaning, base in parts(name):
        known = [reader(own) for group, reader in _readers().values() for own in group if same(own, base)]
        if about := known[0] if known else _composed(base):
            unit = {} if "share" in meaning else {"unit": about.get("unit")}
            return {"kind": "heading", "name": name, "meaning": f"{about['meaning']}: {meaning}"} | unit
    return None


def _holding(word: str) -> list[tuple[str, str]]:
    """Return kind and name of everything whose name holds a word."""
    readers = _readers().items()
    return [
        (kind, own)
        for kind, (group, _) in readers
        if kind not in ("term", "heading")
        for own in group
        if holds(own, word)
    ]


def _told(found: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return the names that were found, each with its kind and meaning."""
    readers = _readers()
    return [_brief(readers[kind][1](own)) for kind, own in found]


def _brief(about: Mapping[str, Any]) -> dict[str, str]:
    return {key: about[key] for key in ("name", "kind", "meaning")}


def _term(name: str) -> dict[str, Any]:
    within = _told(_holding(name))
    return {"kind": "term", "name": name, "meaning": TERMS[name]} | ({"names": within} if within else {})


def _observable(name: str) -> dict[str, Any]:
    about = COURSES[name]
    place = _at(history, f'"{name}"')
    return {"kind": "observable", "name": name, "unit": about.unit, "meaning": about.definition, **place}


def _readout(name: str) -> dict[str, Any]:
    about = next(x for x in READOUTS if x.name == name)
    return {"kind": "readout", "name": name, "unit": about.unit, "meaning": about.definition}


def _nuisance(name: str) -> dict[str, Any]:
    about = nuisances()[name]
    return {"kind": "nuisance", "name": name, **asdict(about)}


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
        "values": [f"{check.name} {check.target_text}" for check in claim.checks] if claim else None,
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


def reasons() -> list[dict[str, Any]]:
    """Return every parameter with its value in each set, range, grade, source, and why a set has another value."""
    rows = []
    for q in system.PARAMETERS.values():
        own = {name: parameter_set(name).overrides.get(q.name) for name in sets()}
        why = {name: ("fitted to " if x.fitted else "") + x.source for name, x in own.items() if x}
        rows.append(_parameter(q) | {"reason": "; ".join(f"{name}: {text}" for name, text in why.items()) or None})
    return rows


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
    fields = entry_model(name).model_fields
    rows = [settings.described(key, info) | {"schedule": key in Entry.model_fields} for key, info in fields.items()]
    cls = catalogue()[name]
    module = sys.modules[cls.__module__]
    said: object = module if name in shipped_treatments() else cls
    return {
        "kind": "treatment",
        "name": name,
        "meaning": (inspect.getdoc(said) or "").split("\n\n")[0].replace("\n", " "),
        "every_day": cls.every_day,
        "settings": [row for row in rows if row["name"] != "kind"],
        **(_at(module, "class ") if module is said else {"file": cls.__module__, "line": None}),
    }
