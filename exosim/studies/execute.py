"""Runs the units of a study: here, in processes of this machine, or on a cluster; the same results anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from exosim.studies.cluster import cluster
from exosim.studies.crew import Crew
from exosim.studies.kinds import Study, Unit, Units, check_units
from exosim.studies.store import Arrays, Store, StoreError

PATIENCE = 70.0  # s in which workers die, or fall silent, again and again, after which they are given up
AHEAD = 3  # units in hand per worker

Watcher = Callable[[float, int], None]
"""Is told the share of units done, and how many subjects, cases or units failed so far."""


class Stalled(RuntimeError):
    """Workers died again and again; what was done is kept."""


class Team(NamedTuple):
    """Where units run, how many at once, and who says whether workers have died lately."""

    pool: Executor
    size: int
    ailing: Callable[[], bool]


class InThisProcess(Executor):
    """Runs what is submitted at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call and keep the outcome."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def team(workers: int, client: Any) -> Iterator[Team]:
    """Provide this process, `workers` processes of this machine, or those of a Dask scheduler."""
    if client is not None:
        with cluster(client) as (pool, size, watch):
            yield Team(pool, size, watch.ailing)
    elif workers == 1:
        yield Team(InThisProcess(), 1, lambda: False)
    else:
        with Crew(workers) as crew:
            yield Team(crew, workers, crew.ailing)


def execute(
    study: Study,
    store: Store,
    workers: int = 1,
    client: Any = None,
    progress: Watcher | None = None,
    patience: float = PATIENCE,
) -> None:
    """Run every unit that is not done, round after round; commit each as it comes.

    A unit that fails is noted and stops no other of its round; a later round that needs it is not begun. Units run in
    this process, with more `workers` in so many processes, or by the Dask scheduler
    of a `client`, or at that address.

    Raises
    ------
    BadInput
        When the store has units that are not of the study; before anything is run where the first round shows it.
    Stalled
        When workers died, or were silent, again and again for `patience` seconds.
    StoreError
        When the store cannot be written, or a round needs what could not be computed.
    """
    run = _Run(study, store, progress, patience, set(store.done(verify=True)), len(store.failures()))
    with ExitStack() as stack:
        workforce: Team | None = None
        begun = strange = {*store.done()}
        for units in study.rounds(store):
            left = {unit: data for unit, data in units.items() if unit not in run.done}
            run.report(len(units) - len(left))
            strange = strange - units.keys()
            if len(units) == study.size or strange == begun:
                check_units(store, len(strange))
            if left:
                workforce = workforce or stack.enter_context(team(workers, client))
                run.carry_out(left, workforce)
            if run.lost:
                raise run.stalled(f"workers died again and again with {run.lost} units")
        check_units(store, len(strange))


@dataclass
class _Run:
    """One execution of a study: what is done, and who is told."""

    study: Study
    store: Store
    progress: Watcher | None
    patience: float
    done: set[str]
    failures: int
    finished: int = field(default=0, init=False)
    lost: int = field(default=0, init=False)  # units with which workers died

    def report(self, more: int) -> None:
        self.finished += more
        if self.progress:
            self.progress(self.finished / max(self.study.size, 1), self.failures)

    def carry_out(self, units: Units, team: Team) -> None:
        """Keep every worker busy until all units came back."""
        waiting, running = iter(units), dict[Future[Any], str]()
        well = time.monotonic()
        while True:
            while len(running) < AHEAD * team.size and (unit := next(waiting, None)):
                running[team.pool.submit(_timed, self.study, dict(units[unit]))] = unit
            if not running:
                return
            back, _ = wait(running, timeout=1, return_when=FIRST_COMPLETED)
            gone = {future for future in back if future.cancelled()}
            for future in back - gone:
                self.keep(running.pop(future), future)
                self.report(1)
            if not team.ailing():
                well = time.monotonic()
            if gone or time.monotonic() - well > self.patience:
                raise self.stalled("workers died or fell silent again and again")

    def stalled(self, reason: str) -> Stalled:
        """Return the error that says how far the study is."""
        return Stalled(f"{reason}; {len(self.done)} of {self.study.size} units are kept; go on with `resume`")

    def keep(self, unit: str, future: Future[Any]) -> None:
        """Commit what a unit gave, or note why it gave nothing."""
        try:
            if error := future.exception():
                self.store.reject(unit, f"{type(error).__name__}: {error}")
                self.failures += 1
                self.lost += type(error).__name__ in ("Died", "KilledWorker")
            else:
                arrays, about = future.result()
                self.store.commit(unit, arrays, about)
                self.done.add(unit)
                self.failures += len(about.get("failures", ()))
        except OSError as error:
            raise StoreError(f"{self.store.folder} cannot be written ({error.strerror or error})") from error


def _timed(study: Study, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
    """Return what a unit gives, with the seconds it took."""
    begin = time.perf_counter()
    arrays, about = study.work(unit)
    return arrays, {**about, "seconds": round(time.perf_counter() - begin, 4)}
