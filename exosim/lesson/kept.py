"""The page as it was made before, from the folder of compiled kernels: of equal content nothing is computed again."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from exosim.engine import cache
from exosim.engine.machine import sealed, unsealed
from exosim.files.names import digest
from exosim.scenario.file import shipped

MADE_BY = ("matplotlib", "mesa", "numba", "numpy", "scipy", "sympy")
"""Libraries whose versions may change the page."""


def name(seed: int, film: bool, lessons: list[dict[str, Any]] | None = None) -> str:
    """Return the name of the entry of a page: a digest of all that goes into it."""
    package = Path(__file__).parents[1]
    made_from = sorted({x for x in package.rglob("*") if x.is_file() and x.suffix != ".pyc"} | {*shipped().values()})
    content = [f"{path.name} {digest(path.read_bytes())}" for path in made_from]
    versions = [version(library) for library in ("exosim", *MADE_BY)]
    about = [platform.python_version(), platform.machine(), *versions, *content, f"seed {seed}" if film else "no film"]
    about.append(f"lessons {json.dumps(lessons)}")
    return f"lesson-{cache.joint_digest(*about)[:24]}"


def read(entry: str) -> str | None:
    """Return the page of an entry; none where there is none, or where it is damaged or may be someone else's."""
    content = cache.found(entry, unsealed)
    return None if content is None else content.decode()


def keep(entry: str, page: str) -> None:
    """Keep a page; where nothing can be written, the next one is made anew."""
    cache.keep(entry, sealed(entry, page.encode()))
