"""Short names for what data mean."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def identity(*parts: Any) -> str:
    """Return a short hash of what plain data mean: of values, not of the order or spelling of keys."""
    return digest(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode())[:16]


def slug(name: str) -> str:
    """Return a folder name made from a scenario's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "run"
