"""The words of the page, one file for each language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from exosim.parameters.switches import SWITCHES

LANGUAGES = ("en", "de")
"""The first is that of the model itself."""


@cache
def words(language: str) -> dict[str, Any]:
    """Return the words of a language by table and name."""
    ending = "" if language == LANGUAGES[0] else f".{language}"
    tables = tomllib.loads(files(__package__).joinpath(f"strings{ending}.toml").read_text("utf-8"))
    own = {name: switch.text for name, switch in SWITCHES.items() if switch.on is None}  # those that are on
    return {"switches": own} | tables
