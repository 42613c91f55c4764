"""Runs the units of a study: here, on a local Dask cluster, or on one that exists; the same results anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from exosim.problems import BadInput, Problem
from exosim.studies.kinds import Study, Unit, Units
from exosim.studies.store import Arrays, Store, StoreError

STALL = 600.0  # s without any unit coming back, after which a cluster is given up
AHEAD = 3  # units in hand per worker

Team = tuple[Executor, int]
"""Where units run, and how many at once."""
Watcher = Callable[[float, int], None]
"""Is told the share of units done, and how many subjects, cases or units failed so far."""


class Stalled(RuntimeError):
    """No unit came back for long; what was done is kept."""


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
def executor(workers: int, address: str | None) -> Iterator[Team]:
    """Provide where units run, and how many at once; a local cluster listens on this machine alone.

    Raises
    ------
    BadInput
        When there is no scheduler at `address`.
    """
    if not address and workers == 1:
        yield InThisProcess(), 1
        return
    import logging

    import distributed

    with distributed.utils.silence_logging_cmgr(logging.CRITICAL), ExitStack() as stack:
        if address:
            try:
                client = distributed.Client(address, timeout="10s")
            except (OSError, ValueError) as error:
                remedy = "start one: dask scheduler; or use `workers`"
                problem = Problem(f"no Dask scheduler answers ({error})", source=f"`address` {address}", remedy=remedy)
                raise BadInput([problem]) from None
        else:
            local = {"n_workers": workers, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
            client = distributed.Client(stack.enter_context(distributed.LocalCluster(**local)))
        stack.callback(client.close)
        yield client.get_executor(pure=False, retries=2), sum(client.nthreads().values()) or workers


def execute(
    study: Study,
    store: Store,
    workers: int = 1,
    address: str | None = None,
    progress: Watcher | None = None,
    stall: float = STALL,
) -> None:
    """Run every unit that is not done, round after round; commit each as it comes.

    A unit that fails is noted and stops no other of its round; a later round that needs it is not begun. Units run in
    this process, with more `workers` on a local cluster of so many, or by the Dask scheduler at `address`.

    Raises
    ------
    Stalled
        When nothing came back for `stall` seconds.
    StoreError
        When the store cannot be written, or a round needs what could not be computed.
    """
    run = _Run(study, store, progress, stall, set(store.done(verify=True)), len(store.failures()))
    with ExitStack() as stack:
        team: Team | None = None
        for units in study.rounds(store):
            left = {unit: data for unit, data in units.items() if unit not in run.done}
            run.report(len(units) - len(left))
            if left:
                team = team or stack.enter_context(executor(workers, address))
                run.carry_out(left, *team)


@dataclass
class _Run:
    """One execution of a study: what is done, and who is told."""

    study: Study
    store: Store
    progress: Watcher | None
    stall: float
    done: set[str]
    failures: int
    finished: int = field(default=0, init=False)

    def report(self, more: int) -> None:
        self.finished += more
        if self.progress:
            self.progress(self.finished / max(self.study.size, 1), self.failures)

    def carry_out(self, units: Units, pool: Executor, workers: int) -> None:
        """Keep every worker busy until all units came back."""
        waiting, running = iter(units), dict[Future[Any], str]()
        while True:
            while len(running) < AHEAD * workers and (unit := next(waiting, None)):
                running[pool.submit(_timed, self.study, dict(units[unit]))] = unit
            if not running:
                return
            back, _ = wait(running, timeout=self.stall, return_when=FIRST_COMPLETED)
            if not back:
                for future in running:
                    future.cancel()
                kept = f"{self.finished} of {self.study.size} are kept"
                raise Stalled(f"no unit came back for {self.stall:g} s; {kept}")
            for future in back:
                self.keep(running.pop(future), future)
                self.report(1)

    def keep(self, unit: str, future: Future[Any]) -> None:
        """Commit what a unit gave, or note why it gave nothing."""
        try:
            if error := future.exception():
                self.store.reject(unit, f"{type(error).__name__}: {error}")
                self.failures += 1
            else:
                arrays, about = future.result()
                self.store.commit(unit, arrays, about)
                self.done.add(unit)
                self.failures += len(about.get("failures", ()))
        except OSError as error:
            raise StoreError(f"{self.store.folder} cannot be written ({error.strerror})") from error


def _timed(study: Study, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
    """Return what a unit gives, with the seconds it took."""
    begin = time.perf_counter()
    arrays, about = study.work(unit)
    return arrays, {**about, "seconds": round(time.perf_counter() - begin, 4)}
