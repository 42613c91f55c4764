"""The record of one simulated arm: its dataset, outcomes, books and provenance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from exosim.engine.tissue import Array
from exosim.problems import BadInput
from exosim.results import ledger, outcomes, table
from exosim.results.course import Readable, absent, followed, unfollowed
from exosim.results.dataset import Recorded, record
from exosim.results.intervals import Ensemble, intervals
from exosim.results.own import Own
from exosim.results.times import rows
from exosim.scenario.model import Scenario
from exosim.simulation.history import COURSES, History
from exosim.simulation.setup import Setup

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NOTICE = (
    "Toy model for teaching and hypotheses; not medical advice. Exosome products are not FDA-approved; the model's "
    "exosome effect rests on one trial of 25 people ('article') or on a few small studies ('trials'), with their bias."
)
PACKAGES = ("exosim", "numpy", "scipy", "sympy", "numba", "mesa", "xarray")


@cache
def _versions() -> dict[str, str]:
    return {name: version(name) for name in PACKAGES}  # milliseconds each, more than a column takes


@dataclass(frozen=True, eq=False, repr=False)
class Record(Readable):
    """One simulated arm, as data.

    Attributes
    ----------
    setup : Setup
        What was simulated, and how.
    outcomes : dict
        Every outcome by name (None where it does not apply) and the list ``safety_flags``.
    ledger : dict
        Books of exosomes (1e6 particles/mm2) and melanin.
    recorded : Recorded
        Daily states, the course of observables, and on a patch daily maps and all channels, as plain arrays; `dataset`
        is the same as an xarray dataset.
    manifest : dict
        Provenance: versions, parameter values, time taken.
    directory : Path or None
        Where it is saved.
    ensemble : dict or None
        Every outcome under every draw of the parameter set, if it was simulated; bands are in the dataset.
    own : tuple of Own
        Outcomes of one's own, which are among `outcomes`.
    """

    setup: Setup
    outcomes: dict[str, Any]
    ledger: dict[str, Any]
    recorded: Recorded
    manifest: dict[str, Any] = field(default_factory=dict)
    directory: Path | None = None
    ensemble: dict[str, Any] | None = None
    own: tuple[Own, ...] = ()

    @classmethod
    def from_history(
        cls, setup: Setup, history: History, seconds: float, ensemble: Ensemble | None = None,
        own: tuple[Own, ...] = (),
    ) -> Self:  # fmt: skip
        """Return the record of one subject or patch, which took `seconds` to simulate."""
        manifest = {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            **setup.to_dict(),
            "seconds": round(seconds, 3),
            "scenario_hash": setup.scenario.digest,
            "versions": dict(_versions()),
            "parameter_values": setup.values,
            "notice": NOTICE,
        } | ({"own_outcomes": [x.to_dict() for x in own]} if own else {})
        return cls(
            setup,
            outcomes.as_plain(history, setup.scenario, own=own),
            ledger.as_plain(history),
            record(history, setup.scenario, manifest, *((ensemble.bands, ensemble.members) if ensemble else ({}, {}))),
            manifest,
            ensemble=ensemble.outcomes if ensemble else None,
            own=own,
        )

    def __eq__(self, other: object) -> bool:
        """Compare setup and numbers; when a run was made, how long it took and where it is do not count."""
        if not isinstance(other, Record):
            return NotImplemented
        numbers = self.outcomes == other.outcomes and self.ledger == other.ledger
        return self.setup == other.setup and numbers and self.dataset.equals(other.dataset)

    def __repr__(self) -> str:
        """Return what was simulated, in one line."""
        return f"<{type(self).__name__}: {self.scenario.name}, {self.setup.words}>"

    @cached_property
    def dataset(self) -> xr.Dataset:
        """What was recorded, as an xarray dataset with units, names and provenance."""
        return self.recorded.to_xarray()

    @property
    def scenario(self) -> Scenario:
        """The simulated arm."""
        return self.setup.scenario

    @property
    def intervals(self) -> dict[str, list[float | None]] | None:
        """90 % interval of every outcome over the ensemble."""
        return intervals(self.ensemble) if self.ensemble else None

    def to_dict(self) -> dict[str, Any]:
        """Return what `exosim run --json` prints."""
        setup = self.setup.to_dict()
        for name in ("grid", "parameter_set"):
            setup.pop(name, None)
        return {
            "scenario": self.scenario.name,
            **setup,
            "outcomes": self.outcomes,
            **({"intervals": self.intervals} if self.ensemble else {}),
            "ledger": self.ledger,
            "run_directory": str(self.directory) if self.directory else None,
        }

    def course(self, name: str) -> tuple[Array, Array]:
        """Return when a state or observable is recorded, and its values then; raise `BadInput` when there is none."""
        if name not in followed():
            raise BadInput([unfollowed(name)])
        if name in COURSES:
            return self.recorded["moment"], self.recorded[f"course_{name}"]
        entries = [*self.recorded["entry"]] if "entry" in self.recorded else []
        if name not in entries:
            raise BadInput([absent(name)])
        return self.recorded["record_day"], self.recorded["course_of_states"][entries.index(name)]

    def to_dataframe(self, daily: bool = False, times: Sequence[float] | None = None) -> pd.DataFrame:
        """Return the recorded course, one row per moment; units are in ``attrs``.

        With `daily` there is one row per day and a column per state, too; with `times` one row for each of these days,
        interpolated as by `at`.

        Where an injury makes a course jump, two rows have the same ``day``: ``side`` is "before" and "after". The
        index ``time`` is unique; that of "after" is 1e-6 d later.
        """
        return table.frame(self.table(daily, times))

    def table(self, daily: bool = False, times: Sequence[float] | None = None) -> table.Table:
        """Return the columns of `to_dataframe`."""
        if days := rows(daily, times, self.scenario.days):
            return table.at(self, days)
        return table.daily(self.recorded) if daily else table.recorded(self.recorded)
