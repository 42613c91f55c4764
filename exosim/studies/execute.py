"""Runs the units of a study: here, on a local Dask cluster, or on one that exists; the same results anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager, nullcontext
from typing import Any

from exosim.problems import BadInput, Problem
from exosim.studies.store import Arrays, Store

STALL = 600.0  # s without any unit coming back, after which a cluster is given up
AHEAD = 3  # units in hand per worker

Unit = Mapping[str, Any]
Work = Callable[[Unit], tuple[Arrays, dict[str, Any]]]
"""Computes a unit: arrays, and what the log should say of it. Importable, so that any process can call it."""
Team = tuple[Executor, int]
"""Where units run, and how many at once."""
Seen = Callable[[float, int], None]
"""Sees the share of units done and how many subjects, cases or units failed so far."""


class Stalled(RuntimeError):
    """No unit came back for long; what was done is kept."""


class StoreError(RuntimeError):
    """The store cannot be written, as where a disk is full; what is in it is whole."""


class Here(Executor):
    """Runs what is submitted at once, in this process."""

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
    """Where units run, and how many at once; a local cluster listens on this machine alone.

    Raises
    ------
    BadInput
        When there is no scheduler at `address`.
    """
    if not address and workers == 1:
        yield Here(), 1
        return
    import logging

    import distributed

    with distributed.utils.silence_logging_cmgr(logging.CRITICAL):
        if address:
            try:
                client = distributed.Client(address, timeout="10s")
            except (OSError, ValueError) as error:
                remedy = "start one: dask scheduler; or use --workers"
                problem = Problem(
                    f"no Dask scheduler answers ({error})", source=f"--dask {address}", remedy=remedy
                )
                raise BadInput([problem]) from None
            cluster = None
        else:
            cluster = distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
            )
            client = distributed.Client(cluster)
        try:
            yield client.get_executor(pure=False, retries=2), sum(client.nthreads().values()) or workers
        finally:
            client.close()
            if cluster:
                cluster.close()


def execute(
    store: Store,
    work: Work,
    units: Mapping[str, Unit],
    workers: int = 1,
    address: str | None = None,
    progress: Seen | None = None,
    stall: float = STALL,
    team: Team | None = None,
) -> None:
    """Run every unit that is not done; commit each as it comes. A unit that fails is noted and stops no other.

    Parameters
    ----------
    units : mapping
        Identity -> unit.
    workers : int
        Processes of a local cluster; with 1 units run in this process.
    address : str, optional
        Of a Dask scheduler to be used instead.
    team : Team, optional
        What `executor` gave, kept for several calls; instead of `workers` and `address`.

    Raises
    ------
    Stalled
        When nothing came back for `stall` seconds.
    """
    done = store.done(verify=True).keys() & units.keys()
    left = [unit for unit in units if unit not in done]
    finished = len(done)
    failures = len(store.failures())
    if progress:
        progress(finished / max(len(units), 1), failures)
    if not left:
        return
    with nullcontext(team) if team else executor(workers, address) as (pool, hands):
        waiting, running = iter(left), dict[Future[Any], str]()
        while True:
            while len(running) < AHEAD * hands and (unit := next(waiting, None)):
                running[pool.submit(_timed, work, dict(units[unit]))] = unit
            if not running:
                return
            back, _ = wait(running, timeout=stall, return_when=FIRST_COMPLETED)
            if not back:
                for future in running:
                    future.cancel()
                raise Stalled(f"no unit came back for {stall:g} s; {finished} of {len(units)} are kept")
            for future in back:
                unit = running.pop(future)
                try:
                    if error := future.exception():
                        store.reject(unit, f"{type(error).__name__}: {error}")
                        failures += 1
                    else:
                        arrays, about = future.result()
                        store.commit(unit, arrays, about)
                        failures += len(about.get("failures", ()))
                except OSError as error:
                    raise StoreError(f"{store.folder} cannot be written ({error.strerror})") from error
                finished += 1
                if progress:
                    progress(finished / len(units), failures)


def _timed(work: Work, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
    """What a unit gives, with the seconds it took."""
    begin = time.perf_counter()
    arrays, about = work(unit)
    return arrays, {**about, "seconds": round(time.perf_counter() - begin, 4)}
