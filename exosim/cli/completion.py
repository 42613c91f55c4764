"""What Tab offers in a shell, besides verbs and options; set up once by ``exosim --install-completion``."""

from __future__ import annotations

import glob
import os


def scenarios(incomplete: str) -> list[str]:
    """Return names of shipped scenarios, and scenario files and folders."""
    from exosim.scenario.file import shipped

    start = glob.escape(os.path.expanduser(incomplete))
    places = sorted(glob.glob(f"{start}*.toml") + glob.glob(f"{start}*/"))
    return [*(name for name in shipped() if name.startswith(incomplete)), *places]


def names(incomplete: str) -> list[str]:
    """Return every name that `explain` knows."""
    from exosim.readings.explain import names as known

    found = dict.fromkeys(name for group in known().values() for name in group)
    return [name for name in found if name.startswith(incomplete)]


def lists(incomplete: str) -> list[str]:
    """Return what can be listed."""
    from exosim.readings.explain import names as known

    return [name for name in map(plural, known()) if name.startswith(incomplete)]


def plural(kind: str) -> str:
    """Return what the list of a kind is called."""
    return f"{kind}{'es' if kind.endswith('ch') else 's'}".replace(" ", "_")
