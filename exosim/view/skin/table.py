"""The table of what is drawn from which number, and what a scene needs of the model besides."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from exosim.biology.channels import STAGES
from exosim.biology.injury import CHANNELS
from exosim.biology.notation import LAYERS


@cache
def table() -> dict[str, Any]:
    """Return `skin.toml` with the layers, the stages and kinds of channels, and the parameters that scenes read."""
    read = tomllib.loads(files(__package__).joinpath("skin.toml").read_text("utf-8"))
    above = [symbol["above"] for symbol in read["symbols"].values() if "above" in symbol]
    given = [*above, "rest_collagen_3", *(f"{layer}_thickness" for layer in LAYERS)]
    return read | {"layers": list(LAYERS), "stages": list(STAGES), "kinds": CHANNELS, "given": given}
