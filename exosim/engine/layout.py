"""Where each state is kept in the flat array of a tissue: one row per scalar entry, one column per place or subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.biology.notation import State


class Layout:
    """Maps states to rows.

    Parameters
    ----------
    states : iterable of State
        In the order of their rows.
    """

    def __init__(self, states: Iterable[State]) -> None:
        self.states = tuple(states)
        self.rows: dict[str, int | slice] = {}
        entries: list[str] = []
        for state in self.states:
            first = len(entries)
            entries += state.entries
            self.rows[state.name] = slice(first, len(entries)) if state.layers else first
        self.entries = tuple(entries)
        self.scales = np.array([state.scale for state in self.states for _ in state.entries], float)

    def view(self, values: Any) -> SimpleNamespace:
        """Return the states by name: ``(layers, ...)`` for several layers, ``(...)`` for the surface."""
        return SimpleNamespace(**{name: values[rows] for name, rows in self.rows.items()})

    def write(self, values: Any, changed: Mapping[str, Any]) -> None:
        """Put new values of some states into `values`."""
        for name, new in changed.items():
            values[self.rows[name]] = new

    def part(self, names: Iterable[str]) -> Layout:
        """Return the layout of some of the states, in their order here."""
        return Layout(state for state in self.states if state.name in names)

    def entry_rows(self, states: Iterable[State]) -> list[int]:
        """Return the row numbers of all entries of `states`."""
        chosen = {entry for state in states for entry in state.entries}
        return [row for row, entry in enumerate(self.entries) if entry in chosen]
