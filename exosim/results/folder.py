"""Run folders: written to a temporary name and renamed, never overwritten."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exosim.events import rows
from exosim.files.names import identity, slug
from exosim.files.tables import as_csv
from exosim.results.saved import seal
from exosim.results.table import csv

if TYPE_CHECKING:
    from exosim.engine.tissue import SolverError
    from exosim.results.result import Record


@contextmanager
def new_folder(out: Path, name: str, hashed: str) -> Iterator[tuple[Path, Path]]:
    """Make a folder that gets its final name only when the block ends well; nothing is overwritten."""
    parent = out / slug(name)
    stem = f"{datetime.now().strftime('%Y%m%d-%H%M%S')}-{hashed}"
    partial = parent / f".{stem}-{os.getpid()}-{time.monotonic_ns()}"
    try:
        partial.mkdir(parents=True)
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


def write_run(result: Record, folder: Path, daily: bool = False) -> None:
    """Write all files of a run folder but its figures; ``timecourse.csv`` is thinned to one row per day if `daily`."""
    import pandas as pd

    folder.mkdir(exist_ok=True)
    (folder / "scenario.toml").write_text(result.scenario.to_toml(), "utf-8")
    (folder / "manifest.json").write_text(json.dumps(result.manifest, indent=2), "utf-8")
    (folder / "outcomes.json").write_text(
        json.dumps({"outcomes": result.outcomes, "ledger": result.ledger}, indent=2), "utf-8"
    )
    if result.ensemble:
        pd.DataFrame(result.ensemble).to_csv(folder / "ensemble.csv", index=False)
    result.dataset.to_netcdf(folder / "result.nc", engine="h5netcdf")
    (folder / "timecourse.csv").write_text(csv(result.to_dataframe(daily)), "utf-8")
    columns = ["day", "treatment", "session", "event", "details", "until_day"]
    (folder / "events.csv").write_bytes(as_csv(pd.DataFrame(rows(result.scenario.timeline), columns=columns)))
    seal(folder)


def save_failure(error: SolverError, out: Path, options: Mapping[str, Any]) -> Path:
    """Save what was computed before a solver failed; the last row of the states is the last good one."""
    import pandas as pd

    scenario, name = error.scenario, f"{identity(error.scenario.digest, options)[:8]}-failed"
    about = {"message": str(error), "notes": error.__notes__, **options}
    with new_folder(out, scenario.name, name) as (partial, final):
        (partial / "scenario.toml").write_text(scenario.to_toml(), "utf-8")
        (partial / "failure.json").write_text(json.dumps(about, indent=2), "utf-8")
        pd.DataFrame(error.course).to_csv(partial / "states.csv", index=False)
    return final
