"""Run folders: written under a hidden name, named when they are whole, never overwritten."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exosim.events import rows
from exosim.files.names import identity, slug
from exosim.files.tables import columns_csv
from exosim.files.writing import discard, in_words, made, write
from exosim.results import table
from exosim.results.saved import seal

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from exosim.engine.tissue import SolverError
    from exosim.results.result import Record

LOCK, PARTIAL = ".lock", ".partial"
"""Ends of the hidden names beside a run that is being written: ``.NAME.lock`` and ``.NAME.partial``."""


@contextmanager
def new_folder(out: Path, name: str, hashed: str) -> Iterator[tuple[Path, Path]]:
    """Make a folder that gets its final name only when the block ends well; nothing is overwritten.

    The name is held by a lock file, so that no other process takes it. The system releases the lock when a process
    ends, however it ends: what a killed one left is removed here.
    """
    parent = out / slug(name)
    with made(parent):
        with in_words(parent):
            _clear(parent)
            lock, final = _reserved(parent, f"{datetime.now():%Y%m%d-%H%M%S}-{hashed}")
        partial = parent / f".{final.name}{PARTIAL}"
        try:
            with in_words(partial):
                partial.mkdir()
            yield partial, final
            with in_words(final):
                partial.rename(final)
        finally:
            discard(partial)
            _let_go(lock)


def _reserved(parent: Path, stem: str) -> tuple[BaseFileLock, Path]:
    """Return the first name in `parent` that nobody has or is writing, and the lock that holds it."""
    from filelock import FileLock, Timeout

    for i in count():
        final = parent / (stem + (f"-{i}" if i else ""))
        lock = FileLock(parent / f".{final.name}{LOCK}", blocking=False)
        try:
            lock.acquire()
        except Timeout:
            continue
        except OSError:
            if not os.path.lexists(parent / f".{final.name}{PARTIAL}"):
                discard(Path(lock.lock_file))
            raise
        if not os.path.lexists(final):
            return lock, final
        _let_go(lock)
    raise AssertionError


def _let_go(lock: BaseFileLock) -> None:
    """Remove a lock file that this process holds, and release it."""
    file = Path(lock.lock_file)
    discard(file)
    held = os.path.lexists(file)  # Windows removes no file that is open
    with suppress(OSError):
        lock.release()
    if held:
        discard(file)


def _clear(parent: Path) -> None:
    """Remove what killed processes left: hidden names whose lock nobody holds."""
    from filelock import FileLock

    for left in {path.with_suffix("") for end in (LOCK, PARTIAL) for path in parent.glob(f".*{end}")}:
        with suppress(OSError):  # another process holds it
            lock = FileLock(f"{left}{LOCK}", blocking=False)
            lock.acquire()
            discard(left.with_name(left.name + PARTIAL))
            _let_go(lock)


def write_run(result: Record, folder: Path, daily: bool = False, times: Sequence[float] | None = None) -> None:
    """Write all files of a run folder but its figures; ``timecourse.csv`` is that of `Record.table`."""
    with in_words(folder):
        folder.mkdir(exist_ok=True)
    for name, content in _files(result, daily, times):
        write(folder / name, content)
    seal(folder)


def _files(result: Record, daily: bool, times: Sequence[float] | None) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file, each made in memory."""
    yield "scenario.toml", result.scenario.to_toml().encode()
    yield "manifest.json", json.dumps(result.manifest, indent=2).encode()
    yield "outcomes.json", json.dumps({"outcomes": result.outcomes, "ledger": result.ledger}, indent=2).encode()
    if result.ensemble:
        yield "ensemble.csv", columns_csv({name: x.tolist() for name, x in result.ensemble.items()})
    yield "result.nc", result.recorded.to_netcdf()
    yield "timecourse.csv", table.csv(result.table(daily, times))
    columns, events = ("day", "treatment", "session", "event", "details", "until_day"), rows(result.scenario.timeline)
    yield "events.csv", columns_csv({name: [event[name] for event in events] for name in columns})


def save_failure(error: SolverError, out: Path, options: Mapping[str, Any]) -> Path:
    """Save what was computed before a solver failed; the last row of the states is the last good one."""
    scenario, name = error.scenario, f"{identity(error.scenario.digest, options)[:8]}-failed"
    about = {"message": str(error), "notes": error.__notes__, **options}
    with new_folder(out, scenario.name, name) as (partial, final):
        write(partial / "scenario.toml", scenario.to_toml().encode())
        write(partial / "failure.json", json.dumps(about, indent=2).encode())
        write(partial / "states.csv", columns_csv({name: x.tolist() for name, x in error.course.items()}))
    return final
