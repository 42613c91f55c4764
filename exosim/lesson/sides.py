"""What happens on both sides of a step, as the page computes it from the step's addresses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from exosim.api import run
from exosim.engine.tissue import Array
from exosim.lesson import data
from exosim.parameters import DEFAULT
from exosim.scenario.model import Scenario

SETTINGS = {"depth": "depth_mm", "energy": "energy_mj", "density": "density_per_cm2"}
DAYS_PER_WEEK = 7
COURSES = {"improvement": ("improvement_percent", 1), "melanin": ("melanin_change_percent", 1), "wound_area": ("", 100)}
"""What the page calls courses of the model that it shows in per cent: their name there, and a factor."""


class Course(NamedTuple):
    """A chart's course on one side."""

    days: Array
    values: Array


@cache
def courses(state: str, against: str, chart: str) -> tuple[Course | None, Course]:
    """Return the course of a chart on the left side of a step, where it has one, and on the right.

    >>> left, right = courses("preset=fractional_co2", "preset=untreated", "improvement")
    >>> [round(float(side.values[-1]), 1) for side in (left, right)]
    [0.0, 19.9]
    """
    right = dict(parse_qsl(state))
    if against:
        shared = {name: right[name] for name in ("off",) if name in right}
        own = {name: x for name, x in parse_qsl(against) if name != "off"}
        left: dict[str, str] | None = own | shared | {"weeks": str(_weeks(right))}
    else:
        left = right if any(entry["kind"] in data.ADJUNCTS for entry in _entries(right)) else None
    return _course(left, chart, fewer=not against) if left else None, _course(right, chart)


def _course(asked: Mapping[str, str], chart: str, fewer: bool = False) -> Course:
    result = run(_scenario(asked, fewer), parameters=asked.get("set", DEFAULT), resolution="column")
    name, factor = COURSES.get(chart, ("", 1))
    return Course(result.dataset["time"].values, factor * result.dataset[f"course_{name or chart}"].values)


def _preset(asked: Mapping[str, str]) -> Scenario:
    return data.presets()[asked.get("preset", data.FIRST)]


def _weeks(asked: Mapping[str, str]) -> float:
    return float(asked.get("weeks", _preset(asked).weeks))


def _entries(asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the treatments of an address, with the sunscreen that it asks for instead of the scenario's."""
    found = data.entries(_preset(asked))
    if "spf" not in asked:
        return found
    worn: dict[str, Any] = {
        "kind": data.SUNSCREEN,
        "settings": {"spf": float(asked["spf"])},
        "days": [],
        "after": None,
        "daily": True,
    }
    return [x for x in found if x["kind"] != data.SUNSCREEN] + ([worn] if float(asked["spf"]) > 1 else [])


def _scenario(asked: Mapping[str, str], fewer: bool) -> Scenario:
    """Return the scenario of an address; `fewer` leaves exosomes and PRP out."""
    preset, skin = _preset(asked), {"scar": str, "severity": str, "phototype": int, "uv": float}
    own = {("uv_dose_per_day" if x == "uv" else x): kind(asked[x]) for x, kind in skin.items() if x in asked}
    off = {name: {"value": 0, "why": "switched off"} for name in asked.get("off", "").replace(",", " ").split()}
    kept = [x for x in _entries(asked) if not (fewer and x["kind"] in data.ADJUNCTS)]
    return Scenario(
        name=preset.name,
        weeks=_weeks(asked),
        skin=preset.skin.model_dump() | own,
        treatments=[table for entry in kept if (table := _table(entry, asked))],
        assume={name: x.model_dump() for name, x in preset.assume.items()} | off,
    )


def _table(entry: Mapping[str, Any], asked: Mapping[str, str]) -> dict[str, Any] | None:
    """Return a treatment as a scenario has it, on the days before the end; None where there are none."""
    end, settings, days = DAYS_PER_WEEK * _weeks(asked), dict(entry["settings"]), entry["days"]
    settings |= {x: float(asked[name]) for name, x in SETTINGS.items() if name in asked and x in settings}
    if "particles_per_ml" in settings:
        settings["particles_per_ml"] *= float(asked.get("dose", 1))
    if entry["daily"]:
        days = [float(day) for day in range(int(-(-end // 1)))]
    elif entry["after"]:
        days = sorted(day + after for day in _sessions(asked) for after in entry["after"])
    inside = [day for day in days if day < end]
    return {"kind": entry["kind"], "days": inside, **settings} if inside else None


def _sessions(asked: Mapping[str, str]) -> list[float]:
    usual = data.sessions(_preset(asked))
    every = float(asked.get("spacing", usual["every"]))
    return [usual["start"] + i * every for i in range(int(asked.get("sessions", usual["number"])))]
