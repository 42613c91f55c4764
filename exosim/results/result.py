"""The record of one simulated arm: its dataset, outcomes, books and provenance."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from exosim.biology.system import STATES
from exosim.results import ledger, outcomes
from exosim.results.dataset import to_dataset
from exosim.results.intervals import intervals
from exosim.scenario.model import Scenario
from exosim.simulation.history import OBSERVABLES, History

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NOTICE = (
    "Toy model for teaching and hypotheses; not medical advice. Exosome products are not FDA-approved; the model's "
    "exosome effect rests on one trial of 25 people and inherits its bias."
)
PACKAGES = ("exosim", "numpy", "scipy", "sympy", "numba", "mesa", "xarray")


@dataclass(frozen=True)
class Record:
    """One simulated arm, as data.

    Attributes
    ----------
    scenario : Scenario
    resolution, parameters : str
        ``patch`` or ``column``; name of the parameter set.
    seed : int
    outcomes : dict
        Every outcome by name (None where it does not apply) and the list ``safety_flags``.
    ledger : dict
        Books of exosomes (1e6 particles/mm2) and melanin.
    dataset : xarray.Dataset
        Daily states, the course of observables, and on a patch daily maps and all channels.
    directory : Path or None
        Where it is saved.
    ensemble : dict or None
        Every outcome under every draw of the parameter set, where it was asked for; bands are in the dataset.
    """

    scenario: Scenario
    resolution: str
    parameters: str
    seed: int
    outcomes: dict[str, Any]
    ledger: dict[str, Any]
    dataset: xr.Dataset
    manifest: dict[str, Any] = field(default_factory=dict)
    directory: Path | None = None
    ensemble: dict[str, Any] | None = None

    @property
    def intervals(self) -> dict[str, list[float | None]] | None:
        """90 % interval of every outcome over the ensemble."""
        return intervals(self.ensemble) if self.ensemble else None

    @property
    def identity(self) -> tuple[object, ...]:
        """Everything that decides the outcome, but for the version."""
        grid = tuple(sorted(self.manifest["grid"].items()))
        return self.scenario.digest, self.resolution, self.parameters, self.seed, grid

    def to_dict(self) -> dict[str, Any]:
        """What `exosim run --json` prints."""
        return {
            "scenario": self.scenario.name,
            "resolution": self.resolution,
            "parameters": self.parameters,
            "seed": self.seed,
            "outcomes": self.outcomes,
            **({"intervals": self.intervals} if self.ensemble else {}),
            "ledger": self.ledger,
            "run_directory": str(self.directory) if self.directory else None,
        }

    def to_dataframe(self) -> pd.DataFrame:
        """One row per day: observables and (patch means of) all states.

        Day 0 is before anything is done; any other day is after what happens on it.
        """
        import pandas as pd

        d = self.dataset
        days = d["day"].values
        last = np.searchsorted(d["step_day"].values, days, side="right") - 1
        last[0] = 0
        table = {"day": days}
        table |= {name: d[f"course_{name}"].values[last] for name in (*OBSERVABLES, "improvement_percent")}
        names = {state.name for state in STATES}
        for name, values in d.data_vars.items():
            if name in names:
                layers = next((values[dim].values for dim in values.dims if dim != "day"), None)
                for i, layer in enumerate(layers if layers is not None else [None]):
                    table[f"{name}_{layer}" if layer else f"state_{name}"] = (
                        values.values[:, i] if layer else values.values
                    )
        return pd.DataFrame(table)


def build(
    history: History,
    scenario: Scenario,
    *,
    resolution: str,
    parameters: str,
    seed: int,
    seconds: float,
    values: dict[str, float],
    grid: dict[str, float],
    channels: dict[str, Any] | None,
    ensemble: tuple[dict[str, Any], dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Fields of a record from the history of one subject or patch, and what `results.intervals` gave."""
    manifest = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "resolution": resolution,
        "parameters": parameters,
        "seed": seed,
        "grid": grid,
        "seconds": round(seconds, 3),
        "scenario_hash": scenario.digest,
        "versions": {name: version(name) for name in PACKAGES},
        "parameter_values": values,
        "notice": NOTICE,
    }
    return {
        "scenario": scenario,
        "resolution": resolution,
        "parameters": parameters,
        "seed": seed,
        "outcomes": outcomes.as_plain(history, scenario),
        "ledger": ledger.as_plain(history),
        "dataset": to_dataset(history, scenario, manifest, channels, ensemble[1] if ensemble else {}),
        "manifest": manifest,
        "ensemble": ensemble[0] if ensemble else None,
    }
