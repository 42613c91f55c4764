"""Short names for what data mean."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from typing import Any


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def identity(*parts: Any) -> str:
    """Return a short hash of what plain data mean: of values, not of the order or spelling of keys."""
    return digest(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode())[:16]


def code(made: Any, importable: bool) -> str:
    """Return the hash of the file that a function or a class is in, or of itself where nobody can import it.

    It is empty where there is no text of it.
    """
    try:
        module = inspect.getmodule(made) if importable else None
        return digest(inspect.getsource(module or made).encode())[:16]
    except (OSError, TypeError):
        return ""


def slug(name: str) -> str:
    """Return a folder name made from a scenario's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "run"
