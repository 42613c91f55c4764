"""The words of the page, one file for each language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "de")
"""The first is that of the model itself."""


@cache
def words(language: str) -> dict[str, Any]:
    """Return the words of a language by table and name."""
    ending = "" if language == LANGUAGES[0] else f".{language}"
    return tomllib.loads(files(__package__).joinpath(f"strings{ending}.toml").read_text("utf-8"))
