"""Closed sets of words: the events of a schedule, the functions of outcomes of one's own."""

from __future__ import annotations

import inspect
import tomllib
from dataclasses import fields
from functools import cache
from typing import Any

from exosim.events import ORDER
from exosim.results.course import READINGS
from exosim.scenario.file import shipped

__all__ = ["EVENTS", "READINGS", "event", "function", "labels"]

EVENTS = {event.__name__: event for event in ORDER}
"""Name -> class of every event."""


@cache
def labels() -> dict[str, str]:
    """Return what shipped scenarios call their treatments, and which treatments those are."""
    found: dict[str, dict[str, None]] = {}
    for path in shipped().values():
        for entry in tomllib.loads(path.read_text("utf-8")).get("treatments", ()):
            if "label" in entry:
                found.setdefault(entry["label"], {})[entry["kind"]] = None
    return {label: f"what shipped scenarios call a treatment: {', '.join(kinds)}" for label, kinds in found.items()}


def function(name: str) -> dict[str, Any]:
    """Return what a function of ``--outcome`` reads of a course."""
    about = READINGS[name]
    example, given = "tnf_alpha", [{"threshold": 50.0, "day": 7.0}[about.number]] if about.number else []
    return {
        "kind": "function",
        "name": name,
        "meaning": f"of a course, as in {about.meaning(example, given)}",
        "takes": f"a course and a {about.number}" if about.number else "a course",
        "unit": about.unit.replace("COURSE*", "unit of the course * ") or "that of the course",
        "as in": f"mine = {name}({', '.join([example, *(f'{x:g}' for x in given)])})",
    }


def event(name: str) -> dict[str, Any]:
    """Return what an event does to the skin."""
    cls = EVENTS[name]
    return {
        "kind": "event",
        "name": name,
        "meaning": (inspect.getdoc(cls) or "").split("\n\n")[0].replace("`", "").removesuffix("."),
        "of": [field.name for field in fields(cls)],
    }
