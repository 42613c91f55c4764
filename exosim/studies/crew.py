"""Processes of this machine that carry out calls: one that dies or falls silent is replaced, and its call repeated.

Each process has a thread here, which sends it a call through its standard input and waits for what comes back. A
process that computes says every second that it is alive; `ailing` ends one that does not.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from exosim.files.python import python

BEAT = 1.0  # s between two signs of life
SILENCE = 20.0  # s without one, after which a process is ended: it was stopped, or its machine has no memory
CALM = 30.0  # s without a death, after which a crew is well
TRIES = 3  # processes that may die with one call in hand
COMMAND = "from exosim.studies.crew import serve; serve()"
THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS")}


class Died(RuntimeError):
    """Every process that was given a call has died."""


class Process:
    """One process, which carries out one call at a time."""

    def __init__(self) -> None:
        pipe, (command, path) = subprocess.PIPE, python(COMMAND)
        self.popen = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=os.environ | THREADS | path)
        self.started, self.busy, self.heard = False, False, time.monotonic()

    def call(self, work: bytes) -> tuple[Any, Exception | None]:
        """Return what a call gives or raises; raise `OSError`, `EOFError` or `UnpicklingError` if the process died."""
        stdin, stdout = self.popen.stdin, self.popen.stdout
        assert stdin is not None
        assert stdout is not None
        self.heard, self.busy = time.monotonic(), True
        pickle.dump(work, stdin)
        stdin.flush()
        while not (answer := pickle.load(stdout)):  # from a process of our own
            self.started, self.heard = True, time.monotonic()
        self.busy = False
        value, error = answer
        return value, error

    def end(self) -> None:
        """End the process, be it stopped."""
        self.popen.kill()
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(timeout=5)
        for pipe in (self.popen.stdin, self.popen.stdout):
            with suppress(OSError):
                assert pipe
                pipe.close()


class Crew(Executor):
    """As many processes as there are `members`, kept up until `shutdown`."""

    def __init__(self, members: int) -> None:
        self._threads = ThreadPoolExecutor(members)
        self._own = threading.local()
        self._processes: set[Process] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._death = -CALM

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a process call a function that it can import."""
        return self._threads.submit(self._call, pickle.dumps((fn, args, kwargs)))

    def ailing(self) -> bool:
        """End processes that are silent; return whether one has died lately."""
        now = time.monotonic()
        for process in tuple(self._processes):
            if process.busy and now - process.heard > SILENCE:
                process.popen.kill()
        return now - self._death < CALM

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """End all processes, whatever they do."""
        with self._lock:
            self._closed = True
        for process in tuple(self._processes):
            process.popen.kill()
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        for process in tuple(self._processes):
            process.end()

    def _call(self, work: bytes) -> Any:
        died = 0
        while died < TRIES:
            process = None
            try:
                process = self._process()
                value, error = process.call(work)
            except (OSError, EOFError, pickle.UnpicklingError):
                died += self._bury(process)
                continue
            if error:
                raise error
            return value
        raise Died(f"{TRIES} processes died with it")

    def _process(self) -> Process:
        """Return the process of this thread."""
        with self._lock:
            if self._closed:
                raise Died("its process was ended")
            if not getattr(self._own, "process", None):
                self._own.process = Process()
                self._processes.add(self._own.process)
            process: Process = self._own.process
            return process

    def _bury(self, process: Process | None) -> bool:
        """Put away a dead process; return whether it ever lived."""
        self._death = time.monotonic()
        self._own.process = None
        if process:
            process.end()
            self._processes.discard(process)
        if lived := bool(process and process.started):
            return lived
        time.sleep(1)  # what cannot begin is not begun a thousand times
        return False


def serve() -> None:
    """Carry out calls from standard input until it ends; what they print goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that calls is told, and ends this one
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    busy, lock = threading.Event(), threading.Lock()

    def send(answer: Any) -> None:
        content = pickle.dumps(answer)
        with lock:
            answers.write(content)
            answers.flush()

    def beat() -> None:
        while True:
            busy.wait()
            try:
                send(None)
            except OSError:
                os._exit(1)  # nobody waits for it any more
            time.sleep(BEAT)

    send(None)  # it has begun
    threading.Thread(target=beat, daemon=True).start()
    while True:
        try:
            work = pickle.load(calls)
        except EOFError:
            return
        busy.set()
        answer = _carried_out(work)
        busy.clear()
        send(answer)


def _carried_out(work: bytes) -> tuple[Any, Exception | None]:
    """Return what a call gives, and what it raises, as far as that can travel."""
    try:
        fn, args, kwargs = pickle.loads(work)
        return fn(*args, **kwargs), None
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return None, RuntimeError(f"{type(error).__name__}: {error}")
        return None, error
