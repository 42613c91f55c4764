"""The data of the page: presets, skin, parameter sets, settings, evidence, explanations, lessons, strings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np

from exosim import evidence
from exosim.biology import system
from exosim.biology.channels import STAGES
from exosim.biology.notation import LAYERS, State
from exosim.engine.trace import compiled
from exosim.events import Modulate, Scheduled, at
from exosim.evidence.claims import claims
from exosim.evidence.studies_file import load_studies
from exosim.lesson.films import LEVELS, Film
from exosim.lesson.people import cohort
from exosim.lesson.ranges import ends
from exosim.lesson.steps import shipped_lessons
from exosim.lesson.words import LANGUAGES, PROSE, phrases, words
from exosim.parameters import DEFAULT, parameter_set
from exosim.parameters import names as sets
from exosim.parameters.switches import SWITCHES
from exosim.problems import bounds
from exosim.readings.explain import explain
from exosim.readings.explain import scenario as shipped_scenario
from exosim.results.outcomes import OUTCOMES
from exosim.scenario.file import load, shipped
from exosim.scenario.model import Scenario
from exosim.scenario.parts import entry_model
from exosim.scenario.schedule import spacing
from exosim.simulation.equations import equations
from exosim.simulation.grid import Grid
from exosim.simulation.history import FRAMES, OBSERVABLES
from exosim.skin.phototype import RESPONSE
from exosim.skin.scars import SCARS, SEVERITIES, fields
from exosim.treatments import catalogue
from exosim.treatments import shipped as shipped_treatments
from exosim.view.figures.maps import MAPS, SLAB, WITH_CHANNELS, layer_edges
from exosim.view.figures.style import palette
from exosim.view.skin.table import table as skin_table
from exosim.view.text import plain

FIRST, SUNSCREEN = "fractional_co2_exosome", "sunscreen"
"""The scenario of an address that names none, and the treatment that a slider of the page adds."""
SPACING = 28  # d, between the sessions of a scenario that has one
ROOM = {"improvement": (-12, 48), "melanin": (-25, 25), "tnf_alpha": (0, 600), "erythema": (0.8, 2.4)}
"""Ranges of charts on which a line is drawn: there is room for wrong ones."""
WEEKS_APART = ((4, 1), (7, 2), (24, 4), (30, 8), (1e9, 13))
"""Weeks between the numbers of an axis of time, for up to so many weeks."""
ADJUNCTS = ("exosome_gel", "exosome_injection", "exosome_serum", "prp", "prp_topical")
"""Treatments that the control side of a split face does not get."""
SHOWN_CLAIMS = ("A1", "A2", "A4", "A6", "A7", "A14", "C1", "C2", "C4", "C5", "C6", "C7")
SHOWN_STATES = (
    "gel", "exosome", "exosome_signal", "platelet_factor", "alarm", "debris", "monocyte", "macrophage_m1",
    "macrophage_m2", "tnf_alpha", "tgf_beta", "myofibroblast", "wound", "collagen_3", "collagen_1_new",
    "collagen_1_mature", "melanocyte", "melanin_epidermal", "erythema",
)  # fmt: skip


@cache
def places() -> dict[str, dict[str, float]]:
    """Return where the states of the causal diagram stand."""
    return tomllib.loads(files(__package__).joinpath("places.toml").read_text("utf-8"))


@cache
def presets() -> dict[str, Scenario]:
    """Return all shipped scenarios by name."""
    return {name: load(path) for name, path in shipped().items()}


def entries(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the treatments of a scenario: settings, where they stop to matter, all days, and whether they are daily.

    ``after`` are the days after each session where a treatment follows the sessions of the scenario.
    """
    rows: list[dict[str, Any]] = []
    for entry in scenario.treatments:
        settings = {name: getattr(entry, name) for name in catalogue()[entry.kind].model_fields}
        after = (entry.after_days or [0]) if entry.follows else None
        daily = entry.daily and not entry.own and not entry.follows
        days = scenario.days_of(entry)
        about = {"kind": entry.kind, "settings": settings, "ends": ends(entry.kind, settings)}
        rows.append(about | {"days": days, "after": after, "daily": daily})
    return rows


def sessions(scenario: Scenario) -> dict[str, Any]:
    """Return the sessions of a scenario that sliders can move: first day, days between them, number."""
    days = scenario.session_days
    return {"start": days[0], "every": spacing(days) or SPACING, "number": len(days)}


def signature(events: tuple[Scheduled, ...], day: float) -> str:
    """Return what happens on `day`, as the name of a jump."""
    names = {"Injury": "mode", "Apply": "film", "Bolus": "state"}
    parts = []
    for event in at(events, day):
        kind = type(event).__name__
        parts.append(kind.lower() + (f":{getattr(event, names[kind])}" if kind in names else ""))
    return "+".join(parts)


def signatures() -> list[str]:
    """Return every combination of events at one moment of a shipped scenario, with and without its adjuncts."""
    combinations = set()
    for scenario in presets().values():
        for left_out in ((), ADJUNCTS):
            kept = tuple(x for x in scenario.timeline if x.treatment not in left_out)
            combinations |= {signature(kept, x.event.day) for x in kept if not isinstance(x.event, Modulate)}
    return sorted(combinations)


def setting(kind: str, name: str) -> dict[str, Any]:
    """Return the range of a treatment's setting."""
    low, high = bounds(entry_model(kind).model_fields[name])
    return {"low": low, "high": high}


def settings() -> dict[str, dict[str, Any]]:
    """Return all settings by treatment and name."""
    return {
        kind: {name: setting(kind, name) for name in cls.model_fields} for kind, cls in shipped_treatments().items()
    }


def skins() -> dict[str, dict[str, dict[str, float]]]:
    """Return the inputs of the equations by type of scar and severity."""
    return {scar: {severity: skin(scar, severity) for severity in SEVERITIES} for scar in SCARS}


def skin(scar: str, severity: str) -> dict[str, float]:
    """Return the inputs of the equations for one kind of skin."""
    values = fields(scar, severity)
    layers = zip(system.SKIN_FIELDS["collagen_rest"], values.collagen_rest[:, 0], strict=True)
    inputs = {f"collagen_rest_{layer}": float(density) for layer, density in layers}
    return inputs | {"melanocyte_rest": float(values.melanocyte_rest[0]), "held": float(values.held[0])}


def published() -> list[dict[str, Any]]:
    """Return published values with what a simulated arm must be to be compared with each."""
    return [
        {"treatments": sorted(x.treatments), "value": x.value, "tolerance": x.tolerance, "n": x.n, "outcome": x.outcome,
         "measure": x.measure, "citation": x.citation, "fitted": list(x.fitted), "id": x.id,
         "regimen": [vars(required) for required in x.regimen]}
        for x in evidence.published()
    ]  # fmt: skip


def shown_claims() -> list[dict[str, Any]]:
    """Return claims with their kind and source."""
    return [
        {"id": c.id, "text": c.text, "kind": c.kind, "source": c.source, "n": c.n, "note": c.contested or c.note}
        for c in (claims()[key] for key in SHOWN_CLAIMS)
    ]


def studies() -> list[dict[str, Any]]:
    """Return the studies that the set of studies is fitted to, and which results of each."""
    return [
        {"source": re.sub(r"[ ,;]*\(stored abstract \w+\)", "", x.source), "n": x.n, "paired": x.paired, "seen": x.seen,
         "reads": list(dict.fromkeys(figure.read for figure in x.figures))}
        for x in load_studies().study
    ]  # fmt: skip


def states() -> list[dict[str, Any]]:
    """Return meaning, equation and parameters of the states that the page explains."""
    keep = ("name", "meaning", "unit", "equation", "exchange", "parameters", "file")
    read = {state.name: drivers(state) for state in system.STATES if not state.ledger}
    return [
        {key: explain(name)[key] for key in keep}
        | {"driven_by": read[name], "drives": [other for other, names in read.items() if name in names]}
        for name in SHOWN_STATES
    ]


def diagram() -> dict[str, Any]:
    """Return the states of the causal diagram with the entries of each, and which raises or lowers which."""
    column, nodes = equations(), places()
    chosen = {state.name: state for state in system.STATES if state.name in nodes}
    names = (*column.layout.entries, *column.parameters, *column.inputs)
    typical = dict.fromkeys(names, 0.7) | system.defaults()
    typical |= dict(zip(column.layout.entries, map(float, column.layout.scales), strict=True))
    return {
        "nodes": {name: place | {"entries": chosen[name].entries} for name, place in nodes.items()},
        "edges": [
            [a, b, sign(chosen[a], chosen[b], typical)] for b in chosen for a in drivers(chosen[b]) if a in chosen
        ],
    }


def home(state: State) -> str:
    """Return the entry of a state that is shown: that of the papillary dermis, or the only one."""
    return next((x for x in state.entries if x.endswith("_papillary")), state.entries[0])


def sign(cause: State, effect: State, typical: dict[str, float]) -> int:
    """Return whether a cause raises (1) or lowers (-1) a rate at typical levels; 0 where the parameter set decides."""
    column = equations()
    rates = compiled(column, scalar=True)
    row = column.layout.entries.index(home(effect))
    groups = (column.layout.entries, column.parameters, column.inputs)

    def rate(factor: float) -> float:
        moved = typical | {x: factor * typical[x] for x in cause.entries}
        out = [0.0] * len(column.layout.entries)
        y, p, u = ([moved[x] for x in group] for group in groups)
        rates(y, p, u, out)
        return out[row]

    return int(np.sign(round(rate(1.01) - rate(0.99), 12)))


def drivers(state: State) -> list[str]:
    """Return the other states that the rate of a state reads, according to the traced column."""
    column = equations()
    rows = column.layout.entry_rows([state])
    read = {str(x) for row in rows for x in column.rates[row].free_symbols}
    return [x.name for x in system.STATES if x.name != state.name and read & set(x.entries)]


def switches() -> list[dict[str, Any]]:
    """Return the mechanisms that can be switched off: parameters with 0 in their range."""
    rows = []
    for name, switch in SWITCHES.items():
        if switch.on is not None:  # off on the page, too
            continue
        q = system.PARAMETERS[name]
        if not q.low <= 0 <= q.high:
            raise ValueError(f"{name} cannot be 0")
        about = {"meaning": q.meaning, "evidence": q.evidence, "source": q.source}
        rows.append({"name": name, **about})
    return rows


def film(films: Mapping[str, Film]) -> dict[str, Any]:
    """Return the films with what they share: maps and their colours, layers, the lattice, stages of channels."""
    grid = Grid()
    edges = layer_edges(parameter_set(DEFAULT).values())
    maps: list[dict[str, Any]] = [
        {"name": name, "palette": MAPS[f"map_{name}"].palette, "channels": f"map_{name}" in WITH_CHANNELS}
        for name in (frame.name for frame in FRAMES)
    ]
    return {
        "parameters": DEFAULT,
        "side": grid.size,
        "columns": round(grid.size / grid.spacing),
        "slab": SLAB,
        "maps": maps,
        "colours": {name: palette(name, LEVELS) for name in sorted({m["palette"] for m in maps})},
        "layers": [
            {"name": name, "top": top, "bottom": bottom}
            for name, (top, bottom) in zip(LAYERS, pairwise(map(float, edges)), strict=True)
        ],
        "stages": list(STAGES),
        "presets": films,
    }


def spoken(language: str, own: list[dict[str, Any]] | None) -> dict[str, Any]:
    """Return the words of the page in a language, with its lessons or those of a teacher."""
    tables = words(language)
    same = {name: tables[name] for name in ("text", "sliders", "charts", "glossary", "maps", "stages")}
    return same | {
        "outcome_names": tables["outcomes"], "switch_words": tables["switches"], "node_words": tables["diagram"],
        "skin_text": tables["skin"], "phrases": phrases(language),
        "lessons": own or shipped_lessons(language),
    }  # fmt: skip


def everything(films: Mapping[str, Film], own: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return all data of the page, with the shipped lessons or those of a teacher."""
    return {
        "presets": {
            name: {"name": plain(s.name), "note": explain_scenario(name), "weeks": s.weeks, "skin": s.skin.model_dump(),
                   "entries": entries(s), "sessions": sessions(s), "assume": {k: v.value for k, v in s.assume.items()}}
            for name, s in presets().items()
        },
        "sets": {x.name: {"meaning": x.meaning, "values": x.values()} for x in map(parameter_set, sets())},
        "skins": skins(),
        "phototypes": RESPONSE,
        "settings": settings(),
        "adjuncts": ADJUNCTS,
        "first": FIRST,
        "sunscreen": SUNSCREEN,
        "room": ROOM,
        "weeks_apart": WEEKS_APART,
        "published": published(),
        "claims": shown_claims(),
        "studies": studies(),
        "diagram": diagram(),
        "states": states(),
        "switches": switches(),
        "outcomes": {
            o.name: {"unit": o.unit, "meaning": o.definition, "low": o.low, "high": min(o.high, 1e300)}
            for o in OUTCOMES
        },
        "observables": {x.name: x.unit for x in OBSERVABLES},
        "scars": {name: scar.meaning for name, scar in SCARS.items()},
        "severities": list(SEVERITIES),
        "prose": PROSE,
        "languages": {language: spoken(language, own) for language in LANGUAGES},
        "cohort": cohort(),
        "atrophic": sorted(evidence.ATROPHIC),
        "ignored": sorted(evidence.IGNORED),
        "skin": skin_table(),
        "film": film(films),
    }  # fmt: skip


def explain_scenario(name: str) -> str:
    """Return the comment at the head of a scenario's file, without sentences about the command line."""
    sentences = re.split(r"(?<=[.:]) ", str(shipped_scenario(name)["meaning"]))
    return re.sub(":$", ".", " ".join(x for x in sentences if "--" not in x and ".toml" not in x))
