"""A Dask cluster that exists already: units are sent there, and it is watched for dying."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from exosim.problems import BadInput, Problem

LOOK = 5.0  # s between two looks at the scheduler
SILENCE = 20.0  # s without a sign of life of a worker, after which it counts as dead
CALM = 30.0  # s without a death, after which a cluster is well


@contextmanager
def cluster(given: Any) -> Iterator[tuple[Executor, int, Watch]]:
    """Provide the workers of a scheduler, their number, and who watches them.

    Parameters
    ----------
    given : str or distributed.Client
        The address of the scheduler, or a client of it, which is left open.

    Raises
    ------
    BadInput
        When there is no scheduler.
    """
    import logging

    import distributed

    with distributed.utils.silence_logging_cmgr(logging.CRITICAL):
        client = _connected(given) if isinstance(given, str) else given
        if not isinstance(client, distributed.Client) or client.asynchronous or client.status != "running":
            remedy = "as dask.distributed.Client(ADDRESS) gives it, or leave it out and use `workers`"
            raise BadInput([Problem("this is no Dask client that is connected", source="`client`", remedy=remedy)])
        pool = client.get_executor(pure=False, retries=2)
        try:
            yield pool, sum(client.nthreads().values()) or 1, Watch(client)
        finally:
            leave, options = (client.close, {"timeout": 5}) if client is not given else (pool.shutdown, {"wait": False})
            leaving = threading.Thread(target=leave, kwargs=options, daemon=True)
            leaving.start()
            leaving.join(10)  # a scheduler that is gone says no goodbye


def _connected(address: str) -> Any:
    """Return a client of the scheduler at an address."""
    import distributed

    try:
        return distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        remedy = "start one: dask scheduler; or use `workers`"
        problem = Problem(f"no Dask scheduler answers ({error})", source=f"`client` {address}", remedy=remedy)
        raise BadInput([problem]) from None


@dataclass
class Watch:
    """What is known of the workers of a cluster."""

    client: Any
    heard: dict[str, tuple[float, float]] = field(default_factory=dict)  # worker -> its last word, and when it came
    looked: float = 0.0
    death: float = -CALM

    def ailing(self) -> bool:
        """Return whether a worker has died lately, or there is none."""
        now = time.monotonic()
        if now - self.looked > LOOK:
            self.looked = now
            if not self._well(now):
                self.death = now
        return now - self.death < CALM

    def _well(self, now: float) -> bool:
        """Return whether every worker known is there still, and says so."""
        try:
            told = self.client.sync(self.client.scheduler.identity, n_workers=-1, callback_timeout=10)
        except Exception:  # whatever keeps a scheduler from answering
            return False
        words = {name: about["last_seen"] for name, about in told["workers"].items()}
        lost = self.heard.keys() - words.keys()
        self.heard = {
            name: self.heard[name] if name in self.heard and self.heard[name][0] == word else (word, now)
            for name, word in words.items()
        }
        return bool(words) and not lost and all(now - when < SILENCE for _, when in self.heard.values())
