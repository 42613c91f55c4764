"""The result of one arm: its dataset, outcomes, books and provenance; saved to a folder and loaded back."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from exosim import ledger, outcomes
from exosim.biology.notation import LAYERS
from exosim.biology.system import STATES
from exosim.events import Modulate, Scheduled
from exosim.history import FRAMES, OBSERVABLES, History
from exosim.problems import BadInput, Problem
from exosim.scenario import Scenario, parse

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NOTICE = ("Toy model for teaching and hypotheses; not medical advice. Exosome products are not FDA-approved; the model's "
          "exosome effect rests on one trial of 25 people and inherits its bias.")
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
            "scenario": self.scenario.name, "resolution": self.resolution, "parameters": self.parameters,
            "seed": self.seed, "outcomes": self.outcomes, "ledger": self.ledger,
            "run_directory": str(self.directory) if self.directory else None,
        }

    def to_dataframe(self) -> pd.DataFrame:
        """One row per day: observables and (patch means of) all states."""
        import pandas as pd

        d = self.dataset
        days = d["day"].values
        steps = d["step_day"].values
        table = {"day": days}
        table |= {name: np.interp(days, steps, d[f"course_{name}"].values) for name in (*OBSERVABLES, "improvement_percent")}
        names = {state.name for state in STATES}
        for name, values in d.data_vars.items():
            if name in names:
                layers = next((values[dim].values for dim in values.dims if dim != "day"), None)
                for i, layer in enumerate(layers if layers is not None else [None]):
                    table[f"{name}_{layer}" if layer else f"state_{name}"] = values.values[:, i] if layer else values.values
        return pd.DataFrame(table)

    def plot(self) -> Any:
        """Time courses as a matplotlib figure."""
        from exosim.view.figures import time_courses

        return time_courses([self]).figure

    def save(self, out: str | Path = "runs") -> Result:
        """Write the run folder below `out`; the returned result knows where."""
        with new_folder(Path(out), self.scenario.name, self.scenario.digest) as (partial, final):
            write_run(self, partial)
        return self._at(final)

    def _at(self, directory: Path) -> Result:
        return Result(self.scenario, self.resolution, self.parameters, self.seed, self.outcomes, self.ledger, self.dataset,
                      self.manifest, directory)

    @staticmethod
    def load(directory: str | Path) -> Result:
        """A saved run."""
        import xarray as xr

        folder = Path(directory)
        missing = [name for name in ("scenario.toml", "manifest.json", "outcomes.json", "result.nc")
                   if not (folder / name).is_file()]
        if missing:
            raise BadInput([Problem(f"this is not a run folder: {', '.join(missing)} missing", source=str(folder))])
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        saved = json.loads((folder / "outcomes.json").read_text("utf-8"))
        with xr.open_dataset(folder / "result.nc", engine="h5netcdf") as stored:
            dataset = stored.load()
        scenario = parse((folder / "scenario.toml").read_text("utf-8"), str(folder / "scenario.toml"))
        return Result(scenario, manifest["resolution"], manifest["parameters"], manifest["seed"], saved["outcomes"],
                      saved["ledger"], dataset, manifest, folder)


def build(history: History, scenario: Scenario, *, resolution: str, parameters: str, seed: int, seconds: float,
          values: dict[str, float], grid: dict[str, float], channels: dict[str, Any] | None) -> Result:
    """A result from the history of one subject or patch."""
    manifest = {
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "resolution": resolution, "parameters": parameters, "seed": seed, "grid": grid, "seconds": round(seconds, 3),
        "scenario_hash": scenario.digest, "versions": {name: version(name) for name in PACKAGES},
        "parameter_values": values, "notice": NOTICE,
    }
    return Result(scenario, resolution, parameters, seed, outcomes.as_plain(history, scenario), ledger.as_plain(history),
                  _dataset(history, scenario, manifest, channels), manifest)


def _dataset(h: History, scenario: Scenario, manifest: dict[str, Any], channels: dict[str, Any] | None) -> xr.Dataset:
    import xarray as xr

    variables: dict[str, Any] = {}
    for state in h.layout.states:
        about = {"units": state.unit, "long_name": state.meaning}
        values = h.state(state.name)[..., 0]
        dims = ["day"] if not state.layers else ["day", "layer" if state.layers == LAYERS else "dermal_layer"]
        variables[state.name] = (dims, values, about)
    for name, unit in OBSERVABLES.items():
        variables[f"course_{name}"] = ("step", getattr(h.observed, name)[:, 0], {"units": unit})
    variables["course_improvement_percent"] = ("step", outcomes.improvement(h)[:, 0], {"units": "%"})
    coords: dict[str, Any] = {
        "day": ("day", h.days, {"units": "d", "long_name": "time since the first day"}),
        "step_day": ("step", h.times, {"units": "d", "long_name": "time of an accepted step"}),
        "layer": list(LAYERS), "dermal_layer": list(LAYERS[1:]),
    }
    if h.frames is not None:
        side = round(h.frames.shape[-1] ** 0.5)
        grid = manifest["grid"]
        centres = (np.arange(side) + 0.5) * grid["size"] / side
        coords |= {"x": ("x", centres, {"units": "mm"}), "y": ("y", centres, {"units": "mm"})}
        for i, (name, unit) in enumerate(FRAMES.items()):
            variables[f"map_{name}"] = (["day", "x", "y"], h.frames[:, i].reshape(-1, side, side), {"units": unit})
    for name, column in (channels or {}).items():
        variables[f"channel_{name}"] = ("channel", column)
    title = {"title": scenario.name, "Conventions": "CF-1.10", "institution": "exosim", "comment": NOTICE,
             "history": f"{manifest['created']} exosim {manifest['versions']['exosim']}", "source": "exosim tissue model"}
    return xr.Dataset(variables, coords, title)


def event_rows(events: tuple[Scheduled, ...]) -> list[dict[str, Any]]:
    """The expanded schedule as rows: day, treatment, session, what happens."""
    rows = []
    for x in events:
        details = {k: v for k, v in vars(x.event).items() if k != "day"}
        shown = ", ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in details.items())
        rows.append({"day": x.event.day, "treatment": x.treatment, "session": x.session,
                     "event": type(x.event).__name__.lower(), "details": shown,
                     "until_day": x.event.until if isinstance(x.event, Modulate) else None})
    return rows


def slug(name: str) -> str:
    """A folder name made from a scenario's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "run"


def check_writable(out: Path) -> None:
    """Refuse at once, before anything is computed, where results could not be written."""
    probe = out
    while not probe.exists() and probe != probe.parent:
        probe = probe.parent
    if not probe.is_dir():
        raise BadInput([Problem(f"results cannot be written: {probe} is not a folder", source="--out")])
    try:
        test = probe / f".exosim-{os.getpid()}"
        test.touch()
        test.unlink()
    except OSError as error:
        raise BadInput([Problem(f"results cannot be written to {out} ({error.strerror})", source="--out",
                                remedy="choose another folder with --out")]) from None


@contextmanager
def new_folder(out: Path, name: str, digest: str) -> Iterator[tuple[Path, Path]]:
    """A folder that appears under its final name only when the block ends well; nothing is overwritten."""
    parent = out / slug(name)
    stem = f"{datetime.now().strftime('%Y%m%d-%H%M%S')}-{digest}"
    partial = parent / f".{stem}-{os.getpid()}-{time.monotonic_ns()}"
    partial.mkdir(parents=True)
    try:
        final = next(p for p in (parent / (stem + (f"-{i}" if i else "")) for i in range(1000)) if not p.exists())
        yield partial, final
        partial.rename(final)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        _remove_empty(parent, out)
        raise


def _remove_empty(*folders: Path) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def write_run(result: Result, folder: Path) -> None:
    """All files of a run folder."""
    from exosim.view.figures import of_run
    from exosim.view.save import save_drawings

    folder.mkdir(exist_ok=True)
    (folder / "scenario.toml").write_text(result.scenario.to_toml(), "utf-8")
    (folder / "manifest.json").write_text(json.dumps(result.manifest, indent=2), "utf-8")
    (folder / "outcomes.json").write_text(json.dumps({"outcomes": result.outcomes, "ledger": result.ledger}, indent=2), "utf-8")
    result.dataset.to_netcdf(folder / "result.nc", engine="h5netcdf")
    result.to_dataframe().to_csv(folder / "timecourse.csv", index=False)
    import pandas as pd

    rows = event_rows(result.scenario.timeline)
    columns = ["day", "treatment", "session", "event", "details", "until_day"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "events.csv", index=False)
    save_drawings(of_run(result), folder / "figures")
