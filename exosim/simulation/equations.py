"""The traced equations of a whole column of skin."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from exosim.biology import system
from exosim.engine.cache import folder_digest
from exosim.engine.trace import Equations, trace


@lru_cache(maxsize=2)
def equations(agents: bool = False) -> Equations:
    """Return the equations of a column with expected channels, or of one that `agents` deliver to."""
    return trace(
        lambda s, p, u: system.rates(s, p, u, agents=agents),
        system.PATCH_STATES if agents else system.STATES,
        system.PARAMETERS,
        system.with_geometry,
        system.SKIN_FIELDS | (system.DELIVERY_FIELDS if agents else {}),
        folder_digest(Path(system.__file__).parent),
    )
