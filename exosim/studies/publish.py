"""What a study leaves beside its store: summary, tables, Zarr; written whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from exosim.files import write
from exosim.studies import cohort, sweep, trial
from exosim.studies.store import Store


def results_of(store: Store) -> cohort.Results | sweep.Results:
    """The results of a study, by its kind."""
    return cohort.Results(store) if store.design["study"] == "cohort" else sweep.Results(store)


def summary_of(store: Store, people: int = 25) -> dict[str, Any]:
    """What a study has given so far."""
    results = results_of(store)
    if isinstance(results, cohort.Results):
        return trial.summary(results, people, store.design["seed"])
    return sweep.summary(results)


def published(store: Store, summary: Mapping[str, Any]) -> None:
    """Write ``summary.json`` and ``results.zarr``."""
    write(store.folder / "summary.json", json.dumps(summary, indent=2).encode())
    final, partial = store.folder / "results.zarr", store.folder / ".results.zarr"
    shutil.rmtree(partial, ignore_errors=True)
    results = results_of(store)
    if isinstance(results, cohort.Results):
        _cohort(results, partial)
    else:
        _sweep(results, partial)
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)


def _cohort(results: cohort.Results, path: Path) -> None:
    """Outcome by outcome, so that no more than one is in memory."""
    import xarray as xr

    mode: Any = "w"
    for name in cohort.SCORED:
        values = np.stack([results.outcome(i, name) for i in range(len(results.names))], axis=1)
        part = xr.Dataset({name: (("subject", "arm"), values)}, attrs={"arms": results.names})
        part.to_zarr(path, mode=mode, consolidated=False)
        mode = "a"
    traits = {
        name: ("subject", results.column(f"subject.{name}")) for name in (*cohort.KNOWN, "draw", "response")
    }
    xr.Dataset(traits).to_zarr(path, mode="a", consolidated=False)


def _sweep(results: sweep.Results, path: Path) -> None:
    import xarray as xr

    table = results.table().set_index("case")
    xr.Dataset.from_dataframe(table).to_zarr(path, mode="w", consolidated=False)
