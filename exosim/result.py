"""The result of one arm: its dataset, outcomes, books and provenance; saved to a folder and loaded back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from exosim import ledger, outcomes
from exosim.biology.system import STATES
from exosim.dataset import to_dataset
from exosim.history import OBSERVABLES, History
from exosim.problems import BadInput, Problem
from exosim.run_folder import new_folder, write_run
from exosim.scenario import Scenario
from exosim.scenario_file import parse

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NOTICE = (
    "Toy model for teaching and hypotheses; not medical advice. Exosome products are not FDA-approved; the model's "
    "exosome effect rests on one trial of 25 people and inherits its bias."
)
PACKAGES = ("exosim", "numpy", "scipy", "sympy", "mesa", "xarray")


@dataclass(frozen=True)
class Result:
    """One simulated arm.

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

    def to_dict(self) -> dict[str, Any]:
        """What `exosim run --json` prints."""
        return {
            "scenario": self.scenario.name,
            "resolution": self.resolution,
            "parameters": self.parameters,
            "seed": self.seed,
            "outcomes": self.outcomes,
            "ledger": self.ledger,
            "run_directory": str(self.directory) if self.directory else None,
        }

    def to_dataframe(self) -> pd.DataFrame:
        """One row per day: observables and (patch means of) all states."""
        import pandas as pd

        d = self.dataset
        days = d["day"].values
        steps = d["step_day"].values
        table = {"day": days}
        table |= {
            name: np.interp(days, steps, d[f"course_{name}"].values)
            for name in (*OBSERVABLES, "improvement_percent")
        }
        names = {state.name for state in STATES}
        for name, values in d.data_vars.items():
            if name in names:
                layers = next((values[dim].values for dim in values.dims if dim != "day"), None)
                for i, layer in enumerate(layers if layers is not None else [None]):
                    table[f"{name}_{layer}" if layer else f"state_{name}"] = (
                        values.values[:, i] if layer else values.values
                    )
        return pd.DataFrame(table)

    def plot(self) -> Any:
        """Time courses as a matplotlib figure."""
        from exosim.view.figures import time_courses

        return time_courses([self]).figure

    def save(self, out: str | Path = "runs") -> Result:
        """Write the run folder below `out`; the returned result knows where."""
        from exosim.view.figures import of_run

        with new_folder(Path(out), self.scenario.name, self.scenario.digest) as (partial, final):
            write_run(self, partial, of_run(self))
        return self._at(final)

    def _at(self, directory: Path) -> Result:
        return Result(
            self.scenario,
            self.resolution,
            self.parameters,
            self.seed,
            self.outcomes,
            self.ledger,
            self.dataset,
            self.manifest,
            directory,
        )

    @staticmethod
    def load(directory: str | Path) -> Result:
        """A saved run."""
        import xarray as xr

        folder = Path(directory)
        missing = [
            name
            for name in ("scenario.toml", "manifest.json", "outcomes.json", "result.nc")
            if not (folder / name).is_file()
        ]
        if missing:
            raise BadInput(
                [Problem(f"this is not a run folder: {', '.join(missing)} missing", source=str(folder))]
            )
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        saved = json.loads((folder / "outcomes.json").read_text("utf-8"))
        with xr.open_dataset(folder / "result.nc", engine="h5netcdf") as stored:
            dataset = stored.load()
        scenario = parse((folder / "scenario.toml").read_text("utf-8"), str(folder / "scenario.toml"))
        return Result(
            scenario,
            manifest["resolution"],
            manifest["parameters"],
            manifest["seed"],
            saved["outcomes"],
            saved["ledger"],
            dataset,
            manifest,
            folder,
        )


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
) -> Result:
    """A result from the history of one subject or patch."""
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
    return Result(
        scenario,
        resolution,
        parameters,
        seed,
        outcomes.as_plain(history, scenario),
        ledger.as_plain(history),
        to_dataset(history, scenario, manifest, channels),
        manifest,
    )
