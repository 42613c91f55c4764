"""A study from its design to its published results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exosim.files.writing import discard, in_words, place, write
from exosim.studies.execute import Watcher, execute
from exosim.studies.kinds import Study, counted
from exosim.studies.store import Store, opened


class AllFailed(RuntimeError):
    """No case of a study could be simulated."""


def conduct(
    study: Study,
    folder: Path,
    resume: bool = False,
    workers: int = 1,
    address: str | None = None,
    progress: Watcher | None = None,
) -> dict[str, Any]:
    """Run what is left of a study, publish its results in `folder` and return its summary.

    Raises
    ------
    BadInput
        When the design cannot be, or `folder` holds anything but this study, or this study without `resume`.
    AllFailed
        When there is no case that could be simulated; what is known is published.
    """
    study.check()
    with opened(folder, study.to_dict(), resume) as store:
        execute(study, store, workers, address, progress)
        summary = study.summary(store)
        publish(study, store, summary)
    failed, refused = counted(store), store.failed()
    if failed["tried"] == failed["failures"] and (failed["tried"] or refused):
        raise AllFailed("\n  ".join(why(failed) or [f"every unit failed: {reason}" for reason in {*refused.values()}]))
    return summary


def why(failed: Mapping[str, Any], most: int = 5) -> list[str]:
    """Return how many cases failed and why, as lines of text; nothing when none did."""
    if not failed.get("failures"):
        return []
    lines = [f"{failed['failures']} of {failed['tried']} cases failed:"]
    lines += [f"{row['cases']} x {row['reason']}" for row in failed["reasons"][:most]]
    more = len(failed["reasons"]) - most
    return [*lines, f"and {more} other reasons"] if more > 0 else lines


def publish(study: Study, store: Store, summary: Mapping[str, Any]) -> None:
    """Write ``summary.json``, the files of the kind and ``results.zarr``, each atomically."""
    write(store.folder / "summary.json", json.dumps(summary, indent=2).encode())
    for name, content in study.files(store, summary).items():
        path = store.folder / name
        path.parent.mkdir(exist_ok=True)
        write(path, content)
    final, partial = store.folder / "results.zarr", store.folder / ".results.zarr"
    discard(partial)
    try:
        with in_words(final):
            for part in study.datasets(store):
                part.to_zarr(partial, mode="a", consolidated=False, zarr_format=2)
        if partial.is_dir():
            import zarr

            with in_words(final):
                zarr.consolidate_metadata(partial, zarr_format=2)
            place(partial, final)
    finally:
        discard(partial)
