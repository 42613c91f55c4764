"""The record of one simulated arm: its dataset, outcomes, books and provenance."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from exosim.results import ledger, outcomes, table
from exosim.results.dataset import Recorded, record
from exosim.results.intervals import Ensemble, intervals
from exosim.scenario.model import Scenario
from exosim.simulation.history import History
from exosim.simulation.setup import Setup

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NOTICE = (
    "Toy model for teaching and hypotheses; not medical advice. Exosome products are not FDA-approved; the model's "
    "exosome effect rests on one trial of 25 people ('article') or on a few small studies ('trials'), with their bias."
)
PACKAGES = ("exosim", "numpy", "scipy", "sympy", "numba", "mesa", "xarray")


@dataclass(frozen=True, eq=False, repr=False)
class Record:
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
    """

    setup: Setup
    outcomes: dict[str, Any]
    ledger: dict[str, Any]
    recorded: Recorded
    manifest: dict[str, Any] = field(default_factory=dict)
    directory: Path | None = None
    ensemble: dict[str, Any] | None = None

    @classmethod
    def from_history(cls, setup: Setup, history: History, seconds: float, ensemble: Ensemble | None = None) -> Self:
        """Return the record of one subject or patch, which took `seconds` to simulate."""
        manifest = {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            **setup.to_dict(),
            "seconds": round(seconds, 3),
            "scenario_hash": setup.scenario.digest,
            "versions": {name: version(name) for name in PACKAGES},
            "parameter_values": setup.values,
            "notice": NOTICE,
        }
        return cls(
            setup,
            outcomes.as_plain(history, setup.scenario),
            ledger.as_plain(history),
            record(history, setup.scenario, manifest, ensemble.bands if ensemble else {}),
            manifest,
            ensemble=ensemble.outcomes if ensemble else None,
        )

    def __eq__(self, other: object) -> bool:
        """Compare setup and numbers; when a run was made, how long it took and where it is do not count."""
        if not isinstance(other, Record):
            return NotImplemented
        numbers = self.outcomes == other.outcomes and self.ledger == other.ledger
        return self.setup == other.setup and numbers and self.dataset.equals(other.dataset)

    def __repr__(self) -> str:
        """Return what was simulated, in one line."""
        kind, setup = type(self).__name__, self.setup
        return f"<{kind}: {self.scenario.name}, {setup.resolution}, {setup.parameters}, seed {setup.seed}>"

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

    def to_dataframe(self, daily: bool = False) -> pd.DataFrame:
        """Return the recorded course, one row per moment, or the `daily` table with all states; units in ``attrs``.

        Where an injury makes a course jump, two rows have the same ``day``: ``side`` is "before" and "after". The
        index ``time`` is unique; that of "after" is 1e-6 d later.
        """
        return table.frame(table.daily(self.recorded) if daily else table.recorded(self.recorded))
