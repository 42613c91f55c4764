"""The column: time against error of every engine on the same subjects, and what a run of exosim costs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from engines import PEERS, Exosim, Oracle
from subjects import ARTICLE, SCENARIO, count, drawn, errors, some

from exosim.engine.columns import RTOL
from exosim.simulation.loop import simulate

EQUAL = 1e-5  # the error at which engines are compared
TIGHT = 1e-12  # tolerance of the reference
Progress = Callable[[str], None]


@dataclass
class Point:
    """One engine at one tolerance."""

    rtol: float
    errors: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """Of one subject, one entry per repetition."""


@dataclass(frozen=True)
class Size:
    """How much is run: subjects of exosim and of each peer per repetition."""

    subjects: int
    crowd: int
    repetitions: int
    peers: int
    scipy: int
    oracle: int


QUICK = Size(1024, 4096, 3, 24, 8, 1)
FULL = Size(2048, 10_000, 7, 32, 8, 4)


def sweep(size: Size, reference: np.ndarray, values: dict[str, Any], say: Progress) -> dict[str, list[Point]]:
    """Errors and times of all engines, one after the other in every repetition.

    Peers get other subjects in every repetition, exosim all of them.
    """
    engines = [Exosim(), *(peer() for peer in PEERS)]
    points = {engine.name: [Point(rtol) for rtol in engine.tolerances] for engine in engines}
    for engine in engines:
        engine.run(some(values, 0, 1), 1e-4)  # compile, load
    for repetition in range(size.repetitions):
        for engine in engines:
            say(f"column: repetition {repetition + 1} of {size.repetitions}, {engine.name}")
            number = {"exosim": size.subjects, "SciPy LSODA": size.scipy}.get(engine.name, size.peers)
            first = 0 if engine.name == "exosim" else repetition * number
            engine.run(some(values, first, number), engine.tolerances[0])  # back into caches and memory
            for point in points[engine.name]:
                found, seconds = engine.run(some(values, first, number), point.rtol)
                point.errors += errors(found, reference[first : first + number]).tolist()
                point.seconds.append(seconds / number)
    return points


def at_equal_error(points: list[Point], repetition: int) -> float:
    """Seconds per subject at the largest error `EQUAL`, between tolerances on logarithmic scales."""
    known = sorted((max(point.errors), point.seconds[repetition]) for point in points)
    error, seconds = np.log(known).T
    assert error[0] < np.log(EQUAL) < error[-1], "tolerances do not bracket the error"
    return float(np.exp(np.interp(np.log(EQUAL), error, seconds)))


def ratios(points: dict[str, list[Point]]) -> dict[str, list[float]]:
    """Time of each peer over that of exosim at equal error, one per repetition."""
    repetitions = range(len(points["exosim"][0].seconds))
    own = [at_equal_error(points["exosim"], i) for i in repetitions]
    return {
        name: [at_equal_error(of, i) / own[i] for i in repetitions] for name, of in points.items() if name != "exosim"
    }


def disagreement(size: Size, reference: np.ndarray, values: dict[str, Any]) -> float:
    """Largest difference of the reference from Radau."""
    found, _ = Oracle().run(some(values, 0, size.oracle), 1e-10)
    return float(errors(reference[: size.oracle], found).max())


def crowd(size: Size) -> tuple[float, float]:
    """Subjects per second on one thread at the default tolerance, and the gain from a second thread."""
    values, speeds, gains, half = drawn(size.crowd, seed=1), [], [], size.crowd // 2
    halves = [some(values, first, half) for first in (0, half)]
    for _ in range(size.repetitions):
        _, one = Exosim().run(values, RTOL)
        with ThreadPoolExecutor(2) as pool:
            two = max(seconds for _, seconds in pool.map(lambda part: Exosim().run(part, RTOL), halves))
        speeds.append(size.crowd / one)
        gains.append(one / two)
    return median(speeds), median(gains)


def single(repetitions: int = 40) -> float:
    """Milliseconds of one warm run of one subject, observables and states included."""
    times = []
    for _ in range(repetitions):
        begin = perf_counter()
        simulate(SCENARIO, ARTICLE, "column")
        times.append(perf_counter() - begin)
    return 1e3 * median(times)


PROBE = """
from pathlib import Path
from exosim.parameters import parameter_set
from exosim.scenario.file import load, shipped
from exosim.simulation.loop import simulate
simulate(load(shipped()["fractional_co2_exosome"]), parameter_set("article").values(), "column")
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(peak.split()[1]) / 1024)
"""


def starts() -> dict[str, float]:
    """Seconds and peak memory of a new process that runs one subject: with nothing compiled, and after that.

    On Linux; what `resource` would tell there, a process inherits from the one that started it.
    """
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("cold", "warm"):
            begin = perf_counter()
            run = subprocess.run(
                [sys.executable, "-c", PROBE],
                env=os.environ | {"EXOSIM_CACHE": folder},
                capture_output=True,
                check=True,
            )
            found |= {f"{name}_start_s": perf_counter() - begin, f"{name}_peak_mb": float(run.stdout)}
    return found


def measure(quick: bool, say: Progress) -> dict[str, Any]:
    """Everything about the column."""
    size = QUICK if quick else FULL
    values = drawn(size.subjects)
    say(f"column: reference, {size.subjects} subjects")
    reference, _ = Exosim().run(values, TIGHT)
    points = sweep(size, reference, values, say)
    say("column: Radau")
    apart = disagreement(size, reference, values)
    say(f"column: throughput, {size.crowd} subjects on one thread and on two")
    speed, gain = crowd(size)
    found, default = ratios(points), next(x for x in points["exosim"] if x.rtol == RTOL)
    return {
        "points": points,
        "ratios": found,
        "subjects_per_second": speed,
        "two_thread_speedup": gain,
        "max_error": max(default.errors),
        "single_run_ms": single(),
        "reference_from_radau": apart,
        "subjects": {name: len(of[0].errors) for name, of in points.items()} | {"exosim": count(values)},
        **(starts() if not quick and sys.platform == "linux" else {}),
    }
