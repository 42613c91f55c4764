"""The words of the page, one file for each language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from exosim.parameters.switches import SWITCHES

LANGUAGES = ("en", "de")
"""The first is that of the model itself."""
PROSE: dict[str, tuple[str, ...]] = {
    "presets": ("name", "note"),
    "sets": ("meaning",),
    "published": ("measure", "citation", "says"),
    "claims": ("text", "kind", "source", "note"),
    "studies": ("source", "seen"),
    "states": ("meaning", "unit", "exchange", "source"),
    "switches": ("meaning", "evidence", "source"),
    "outcomes": ("meaning", "unit"),
    "skin": ("note", "key", "zone_key"),
}
"""What is text of the model, not of the page: fields of the tables of the page's data."""


@cache
def words(language: str) -> dict[str, Any]:
    """Return the words of a language by table and name."""
    ending = "" if language == LANGUAGES[0] else f".{language}"
    tables = tomllib.loads(files(__package__).joinpath(f"strings{ending}.toml").read_text("utf-8"))
    own = {name: switch.text for name, switch in SWITCHES.items() if switch.on is None}  # those that are on
    return {"switches": own} | tables


@cache
def phrases(language: str) -> dict[str, str]:
    """Return what the model says of itself in a language, by its English text; nothing for that of the model."""
    if language == LANGUAGES[0]:
        return {}
    tables = tomllib.loads(files(__package__).joinpath(f"model.{language}.toml").read_text("utf-8"))
    return {english: other for table in tables.values() for english, other in table.items()}
