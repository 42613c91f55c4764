"""One file per treatment; the file's name is the treatment's name in a scenario.

To add one here, put a file with a subclass of `Treatment`: it is listed, validated and tested against the contract
without further changes. One of one's own needs no file here: `register` it, or offer it as an entry point of the group
``exosim.treatments``.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
import re
from functools import lru_cache
from pkgutil import resolve_name
from typing import Any

from exosim.problems import BadInput, Problem, brief
from exosim.treatments.base import Treatment
from exosim.treatments.contract import problems

GROUP = "exosim.treatments"
LOG = logging.getLogger("exosim")


@lru_cache(maxsize=1)
def shipped() -> dict[str, type[Treatment]]:
    """Return the treatments of this package by name."""
    treatments = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        if module.name in ("base", "contract"):
            continue
        contents = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        classes = [c for c in contents if inspect.isclass(c) and issubclass(c, Treatment) and c is not Treatment]
        if len(classes) != 1:
            raise TypeError(f"treatments/{module.name}.py must hold exactly one treatment, it holds {len(classes)}")
        treatments[module.name] = classes[0]
    return treatments


def catalogue() -> dict[str, type[Treatment]]:
    """Return every treatment by name: those of this package, of installed ones, and those that were registered.

    An installed one that is broken is not among them: `left_out` says why.
    """
    return _known()[0]


def left_out() -> dict[str, str]:
    """Return which installed treatments are left out, each with a sentence that says why."""
    return _known()[1]


@lru_cache
def warn_of(kind: str) -> None:
    """Warn, once, that the shipped treatment of a name is used where an installed one of that name is left out."""
    if kind in left_out():
        LOG.warning("warning: %s", left_out()[kind])


@lru_cache(maxsize=1)
def _known() -> tuple[dict[str, type[Treatment]], dict[str, str]]:
    """Return every treatment by name, and why installed ones are left out."""
    from importlib.metadata import entry_points

    found, lost = dict(shipped()), dict[str, str]()
    for entry in sorted(entry_points(group=GROUP), key=lambda x: (x.name, x.value)):
        try:
            _add(found, entry.name, entry.load())
        except Exception as error:  # whatever the code of somebody else does
            wrong = error.problems if isinstance(error, BadInput) else []
            told = "; ".join(f"{x.source}: {x.message}{f' ({x.remedy})' if x.remedy else ''}" for x in wrong) or repr(
                error
            )
            origin = f" of {entry.dist.name}" if entry.dist else ""
            lost[entry.name] = f"the treatment {brief(entry.name)}{origin} is left out: {brief(told, 600)}"
    return found, lost


def register(treatment: type[Treatment], name: str = "") -> type[Treatment]:
    """Make a treatment of one's own known by its `name`, else that of its class in small letters; usable as decorator.

    Raises
    ------
    BadInput
        With everything in which it breaks the contract of treatments, or when the name is taken.

    Examples
    --------
    >>> import exosim as ex
    >>> from exosim.events import Modulate
    >>> class CoolPack(ex.Treatment):
    ...     '''A cold pack on the skin, made up for this page.'''
    ...     hours: float = ex.setting(2, "h", 0.5, 8, "assumed", "made up", "how long it stays")
    ...     def session(self, day):
    ...         return [Modulate(day, day + self.hours / 24, "tnf_m1", 0.5)]
    >>> _ = ex.register(CoolPack)
    >>> ex.Scenario(name="cooled", treatments=[{"kind": "cool_pack", "hours": 4}]).treatments[0].hours
    4.0
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", getattr(treatment, "__name__", ""))
    return _add(catalogue(), name or words.lower(), treatment)


def _add(known: dict[str, type[Treatment]], kind: str, cls: Any) -> type[Treatment]:
    """Add a treatment that keeps the contract; the same one, or the same cell of a notebook, may come again."""
    other = known.get(kind)
    if other is not None and home_of(other) != home_of(cls):
        raise BadInput([Problem(f'the name "{kind}" is taken', source=kind, remedy="choose another `name`")])
    if wrong := problems(kind, cls):
        raise BadInput(wrong)
    cls.kind = kind
    known[kind] = cls
    added: type[Treatment] = cls
    return added


def home_of(cls: Any) -> str:
    """Return where a class is defined, as in ``mine:CryoNeedling``."""
    return f"{getattr(cls, '__module__', '')}:{getattr(cls, '__qualname__', '')}"


def own() -> dict[str, str]:
    """Return which treatments are not of this package, and where each can be imported; empty where it cannot."""
    classes = {kind: cls for kind, cls in catalogue().items() if kind not in shipped()}
    return {kind: home_of(cls) if _can_be_imported(cls) else "" for kind, cls in classes.items()}


def _can_be_imported(cls: type[Treatment]) -> bool:
    """Return whether another process finds a class where it says that it is defined."""
    try:
        return cls.__module__ != "__main__" and resolve_name(home_of(cls)) is cls
    except (ImportError, AttributeError, ValueError):
        return False


def also(homes: dict[str, str]) -> None:
    """Register what another process knows, as from `own`, before its scenarios are read here."""
    for kind, home in homes.items():
        if home and kind not in catalogue():
            register(resolve_name(home), kind)
