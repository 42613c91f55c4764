"""One file per treatment; the file's name is the treatment's name in a scenario.

To add one, put a file here with a subclass of `Treatment`: it is listed, validated and tested against the contract
without further changes.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import lru_cache

from exosim.treatments.base import Treatment


@lru_cache(maxsize=1)
def catalogue() -> dict[str, type[Treatment]]:
    """Return every treatment by name."""
    treatments = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        if module.name == "base":
            continue
        contents = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        classes = [c for c in contents if inspect.isclass(c) and issubclass(c, Treatment) and c is not Treatment]
        if len(classes) != 1:
            raise TypeError(f"treatments/{module.name}.py must hold exactly one treatment, it holds {len(classes)}")
        treatments[module.name] = classes[0]
    return treatments
