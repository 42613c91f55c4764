"""What can be set, and where: the tables of a scenario, the settings of treatments, a population."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from exosim.evidence.studies import Arm, Figure, Quantity, Study
from exosim.problems import bounds
from exosim.scenario.model import Scenario
from exosim.scenario.parts import Assumption, Entry, Skin, entry_model
from exosim.scenario.schedule import Sessions
from exosim.studies.asked import Limit
from exosim.studies.population import Population
from exosim.treatments import catalogue

DAYS = ("days", "after_days", "start_day", "every_days")
"""Settings that count days."""


def tables() -> dict[str, type[BaseModel]]:
    """Return every table that has settings; `treatments` holds those that all treatments have."""
    found: dict[str, type[BaseModel]] = {"scenario": Scenario, "skin": Skin, "sessions": Sessions, "treatments": Entry}
    kinds = {kind: entry_model(kind) for kind in catalogue()}
    of_studies: dict[str, type[BaseModel]] = {
        "study": Study,
        "arm": Arm,
        "figure": Figure,
        "quantity": Quantity,
        "limit": Limit,
    }
    return found | kinds | {"assume": Assumption, "population": Population} | of_studies


def described(key: str, info: FieldInfo) -> dict[str, Any]:
    """Return one setting as plain data."""
    extra: Mapping[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    low, high = bounds(info)
    return {
        "name": key,
        "meaning": info.description,
        "default": None if info.is_required() or info.default_factory else info.default,
        "unit": extra.get("unit", "d" if key in DAYS else None),
        "low": low,
        "high": high,
        "choices": extra.get("enum"),
        "evidence": extra.get("evidence"),
        "source": extra.get("source"),
    }


def _settings() -> Iterator[tuple[str, str, FieldInfo]]:
    """Yield table, name and declaration of every setting."""
    for table, model in tables().items():
        for key, info in model.model_fields.items():
            if table not in catalogue() or key not in Entry.model_fields:
                yield table, info.alias or key, info


def names() -> list[str]:
    """Return the name of every setting, once."""
    return list(dict.fromkeys(name for _, name, _ in _settings()))


def places(path: str) -> list[dict[str, Any]]:
    """Return where a setting can be set; a path such as ``skin.scar`` names one table.

    A word that a setting can be leads to the setting.
    """
    head, _, name = path.rpartition(".")
    at = head.split(".")[0]
    every = [{"in": table} | described(key, info) for table, key, info in _settings()]
    rows = [row for row in every if row["name"] == name] or [row for row in every if name in (row["choices"] or ())]
    return [row for row in rows if row["in"] == at] if at in tables() and at != "treatments" else rows


def explain(path: str) -> dict[str, Any]:
    """Return what a setting means, wherever it can be set."""
    rows = places(path)
    name = rows[0]["name"]
    about = {"kind": "setting", "name": name, "meaning": rows[0]["meaning"]}
    for row in rows:
        del row["name"]
    if len(rows) == 1:
        return about | {key: value for key, value in rows[0].items() if key != "meaning" and value is not None}
    return about | {"settings": rows}
