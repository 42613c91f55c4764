"""A study from its design to its published results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exosim.files.writing import discard, in_words, place, write
from exosim.problems import BadInput
from exosim.simulation.setup import idle
from exosim.studies.execute import Stalled, Watcher, execute
from exosim.studies.kinds import Study, counted, too_low
from exosim.studies.store import Store, opened

if TYPE_CHECKING:
    import xarray as xr


class AllFailed(RuntimeError):
    """No case of a study could be simulated."""


def conduct(
    study: Study,
    folder: Path,
    resume: bool = False,
    workers: int = 1,
    client: Any = None,
    progress: Watcher | None = None,
) -> dict[str, Any]:
    """Run what is left of a study, publish its results in `folder` and return its summary; see `conducted`."""
    return conducted(study, folder, resume, workers, client, progress)[1]


def conducted(
    study: Study,
    folder: Path | None,
    resume: bool = False,
    workers: int = 1,
    client: Any = None,
    progress: Watcher | None = None,
) -> tuple[Store, dict[str, Any]]:
    """Run what is left of a study, publish its results in `folder`, if any, and return its store and summary.

    What is done when an error or a person ends it is kept in `folder`; a note of the error says so.

    Parameters
    ----------
    client : str or dask.distributed.Client, optional
        A scheduler, by its address or a client of it, whose workers are used instead of `workers`.

    Raises
    ------
    BadInput
        When the design cannot be, or `folder` holds anything but this study, or this study without `resume`.
    AllFailed
        When there is no case that could be simulated; what is known is published.
    """
    study.check()
    given = {"workers": workers}
    remote = idle(given, {"workers": 1}, "the units run on the cluster of `client`") if client is not None else []
    if problems := too_low(given, {"workers": 1}) or remote:
        raise BadInput(problems)
    with opened(folder, study.to_dict(), resume) as store, _kept(study, store, folder):
        execute(study, store, workers, client, progress)
        summary = study.summary(store)
        if folder:
            publish(study, store, summary)
    failed, reasons = counted(store), {*store.failed().values()}
    if failed["tried"] == failed["failures"] and (failed["tried"] or reasons):
        raise AllFailed("\n  ".join(why(failed) or [f"every unit failed: {reason}" for reason in reasons]))
    return store, summary


@contextmanager
def _kept(study: Study, store: Store, folder: Path | None) -> Iterator[None]:
    """Add to what ends a study a note of what is kept."""
    try:
        yield
    except (Stalled, BadInput):
        raise  # which say it
    except BaseException as error:
        done = len(store.done())
        if folder and done:
            error.add_note(f"{done} of {study.size} units are kept in {folder}; go on with `resume`")
        elif isinstance(error, KeyboardInterrupt):
            lost = f"{done} of {study.size} units were done in memory" if done else "no unit was done yet"
            error.add_note(f"{lost}: nothing is kept" + ("" if folder else "; with `out` a study can go on"))
        raise


def why(failed: Mapping[str, Any], most: int = 5) -> list[str]:
    """Return how many cases failed and why, as lines of text; nothing when none did."""
    if not failed.get("failures"):
        return []
    lines = [f"{failed['failures']} of {failed['tried']} cases failed:"]
    lines += [f"{row['cases']} x {row['reason']}" for row in failed["reasons"][:most]]
    more = len(failed["reasons"]) - most
    return [*lines, f"and {more} other reasons"] if more > 0 else lines


def refused(store: Store) -> list[str]:
    """Return which units failed and why, as lines of text."""
    failed = store.failed().items()
    return [f"unit {unit} failed: {reason}; it is tried again with `resume`" for unit, reason in failed]


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
        for name, content in zarr_files(study.datasets(store)):
            with in_words(partial):
                (partial / name).parent.mkdir(parents=True, exist_ok=True)
            write(partial / name, content)
        if partial.is_dir():
            place(partial, final)
    finally:
        discard(partial)


def zarr_files(datasets: Iterable[xr.Dataset]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a zarr group; no more than one of its datasets is in memory."""
    held: dict[str, Any] = {}
    for dataset in datasets:
        import zarr  # which studies without datasets do without

        store = zarr.storage.MemoryStore(held)
        dataset.to_zarr(store, mode="a", consolidated=False, zarr_format=2)
        for name in [name for name in held if not name.rpartition("/")[2].startswith(".z")]:
            yield name, held.pop(name).to_bytes()
    if held:
        zarr.consolidate_metadata(store, zarr_format=2)
        yield from ((name, content.to_bytes()) for name, content in held.items())
