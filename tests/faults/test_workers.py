"""Workers that die, stop or never begin: the study ends by itself, and its table is the same."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import wait
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from exosim.studies import crew, execute
from exosim.studies.crew import Crew, Died
from exosim.studies.kinds import Study
from exosim.studies.store import opened
from tests.processes import children

FULL = os.environ.get("EXOSIM_DRILLS") == "full"
HARMS = (signal.SIGKILL, signal.SIGSTOP)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@dataclass(frozen=True)
class Squares(Study):
    """Squares of numbers, slowly."""

    kind: ClassVar[str] = "squares"
    inputs: ClassVar[str] = ""

    number: int = 30
    seconds: float = 0.2

    @property
    def size(self):
        return self.number

    def rounds(self, store):
        yield {f"unit-{i}": {"i": i} for i in range(self.number)}

    def work(self, unit):
        time.sleep(self.seconds)
        return {"square": np.array([unit["i"] ** 2])}, {"first": unit["i"]}

    def summary(self, store):
        return {line["first"]: int(store.value(line["unit"])[0]) for line in store.in_order()}


SQUARES = {i: i**2 for i in range(30)}


def harm(pids, sent):
    for pid in pids:
        try:
            os.kill(pid, sent)
        except ProcessLookupError:
            continue


@pytest.fixture
def pair():
    with Crew(2) as members:
        yield members


def test_a_call_gives_what_it_gives_here(pair):
    futures = [pair.submit(divmod, i, 3) for i in range(9)] + [pair.submit(divmod, 1, 0)]
    assert [future.result() for future in futures[:-1]] == [divmod(i, 3) for i in range(9)]
    with pytest.raises(ZeroDivisionError):
        futures[-1].result()
    assert not pair.ailing()


def test_a_call_that_ends_its_processes_is_given_up(pair):
    bad, good = pair.submit(os._exit, 1), pair.submit(abs, -1)
    with pytest.raises(Died, match="3 processes"):
        bad.result()
    assert good.result() == pair.submit(abs, -1).result() == 1
    assert pair.ailing()


@LINUX
def test_a_silent_process_is_replaced(pair, monkeypatch):
    monkeypatch.setattr(crew, "SILENCE", 2.0)
    future = pair.submit(time.sleep, 2)
    time.sleep(1)
    harm(children(os.getpid()), signal.SIGSTOP)
    begin = time.monotonic()
    while not wait([future], timeout=0.2).done:
        pair.ailing()
    assert future.result() is None
    assert time.monotonic() - begin < 20


def test_workers_that_never_begin_end_the_study(tmp_path, monkeypatch):
    monkeypatch.setattr(crew, "COMMAND", "raise SystemExit(1)")
    with opened(tmp_path / "s", {}, False) as store, pytest.raises(execute.Stalled, match="0 of 30 units are kept"):
        execute.execute(Squares(), store, workers=2, patience=2)


@LINUX
@pytest.mark.slow
def test_deaths_and_stops(tmp_path, monkeypatch):
    """Every second or so a process of the crew is killed or stopped."""
    monkeypatch.setattr(crew, "SILENCE", 3.0)
    moment, wanted, tried, told, longest = random.Random(5), 60 if FULL else 8, 0, [], 0.0
    for study in range(1000):
        if tried >= wanted:
            break
        folder, ended, finished = tmp_path / str(study), threading.Event(), False

        def killer(ended=ended):
            nonlocal tried
            while not ended.wait(moment.uniform(0.3, 3)):
                if pids := children(os.getpid()):
                    harm([moment.choice(pids)], moment.choice(HARMS))
                    tried += 1

        thread = threading.Thread(target=killer)
        thread.start()
        while not finished:
            begin = time.monotonic()
            with opened(folder, {}, True) as store:
                try:
                    execute.execute(Squares(), store, workers=2)
                    finished = True
                except execute.Stalled as error:
                    told.append(str(error))
                longest = max(longest, time.monotonic() - begin)
        ended.set()
        thread.join()
        assert Squares().summary(store) == SQUARES
        assert len(list(store.log())) - len(store.failed()) >= 30
    print(f"\ntried {tried} deaths and stops in {study} studies, {len(told)} given up, longest {longest:.0f} s")
    assert longest < 120
    assert all(re.search(r"\d+ of 30 units are kept", line) for line in told)


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("sent", HARMS)
def test_a_dying_crew_is_given_up_within_two_minutes(tmp_path, sent):
    ended = threading.Event()

    def killer():
        while not ended.wait(1):
            harm(children(os.getpid()), sent)

    thread, begin = threading.Thread(target=killer), time.monotonic()
    thread.start()
    study = Squares(seconds=3)
    with opened(tmp_path / "s", {}, False) as store:
        with pytest.raises(execute.Stalled):
            execute.execute(study, store, workers=2)
        took = time.monotonic() - begin
        ended.set()
        thread.join()
        print(f"\n{sent.name} again and again: given up after {took:.0f} s")
        assert took < 120
        execute.execute(Squares(), store, workers=2)
        assert Squares().summary(store) == SQUARES


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("victim", ["scheduler", "worker", "stopped scheduler"])
def test_a_dying_cluster_is_given_up_within_two_minutes(tmp_path, victim):
    pytest.importorskip("distributed")
    address = tmp_path / "address"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    scheduler = subprocess.Popen([*command, "--scheduler-file", str(address)], stderr=subprocess.DEVNULL)
    command = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1", "--no-dashboard"]
    worker = subprocess.Popen(
        [*command, "--scheduler-file", str(address)],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
    )
    try:
        while not address.exists():
            time.sleep(0.1)
        found = re.search(r'"address": "(tcp[^"]+)"', address.read_text()).group(1)
        dying = {"scheduler": scheduler, "worker": worker, "stopped scheduler": scheduler}[victim]
        sent = signal.SIGSTOP if "stopped" in victim else signal.SIGKILL
        begin = time.monotonic()
        threading.Timer(10, dying.send_signal, [sent]).start()
        with opened(tmp_path / "s", {}, False) as store:
            with pytest.raises(execute.Stalled):
                execute.execute(Squares(seconds=2), store, client=found)
            print(f"\n{victim}: given up after {time.monotonic() - begin:.0f} s, {len(store.done())} of 30 kept")
            assert time.monotonic() - begin < 130
            assert store.done()
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()
