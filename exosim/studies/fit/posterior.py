"""The posterior of a parameter set: draws of all that is uncertain, as likely as all published studies make them.

Every round simulates the draws, makes an emulator of the latest of them, and moves the draws by slice sampling on it.
In the last rounds the emulator only proposes: a move is taken or refused by the model's own likelihood (surrogate
transition, Liu, Monte Carlo Strategies in Scientific Computing, 2001), so that what remains is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.evidence.measured import measure, questions
from exosim.evidence.nuisance import Noise, nuisances
from exosim.evidence.predict import REPLICATES, Forecast, coverage, forecast, log_score
from exosim.evidence.predictive import predicted
from exosim.files.names import digest, identity
from exosim.parameters import Override, ParameterSet
from exosim.parameters.sets import toml_lines
from exosim.simulation.setup import RESULTS
from exosim.studies.fit.emulator import Emulator, bent
from exosim.studies.fit.ensemble import csv_lines
from exosim.studies.fit.slices import sampled
from exosim.studies.fit.unknowns import Unknowns, priors, shifted
from exosim.studies.kinds import Study, Unit, Units, fitted
from exosim.studies.store import Arrays, Store

if TYPE_CHECKING:
    import pandas as pd

FREE = 8  # rounds in which every move is taken
LONG, SHORT = 60, 4  # steps of slice sampling in a round of each
MEMORY = 3  # rounds of which an emulator is made
CHUNK = 256  # draws that one unit simulates
DRAWS = 256  # that are shipped
LEFT = 512  # draws by which a study that is left out is predicted
CENTRAL, STIFF = 512, 0.03  # draws whose middle is sought, and how much of the spread of numbers need not be met
TOLD = 0.1  # share of a prior's variance that the studies must take away before a set names a parameter


@dataclass(frozen=True)
class Posterior(Study):
    """The posterior of a parameter set."""

    kind: ClassVar[str] = "posterior"

    set: str
    seed: int = 0
    members: int = 1536  # draws
    held: Mapping[str, float] = field(default_factory=dict)  # parameters that are known: a mechanism off, say
    exact: int = 16  # rounds in which the model decides

    @cached_property
    def unknowns(self) -> Unknowns:
        """What is unknown, and what was read."""
        return Unknowns(self.set, held=self.held)

    @property
    def inputs(self) -> str:
        """Hash of figures, measurements, ranges and priors."""
        figures = [[q.study.id, q.study.n, q.figure.model_dump(mode="json")] for q in self.unknowns.figures]
        checks = self.unknowns.targets.target.tolist()
        ranges = {name: [priors()[name], q.low, q.high] for name, q in PARAMETERS.items()}
        scales = {name: [x.value, x.spread] for name, x in nuisances().items()}
        return identity(figures, checks, ranges, scales, self.unknowns.targets.fixed, RESULTS)

    @property
    def size(self) -> int:
        """Number of units: simulations and moves of every round, the centre, every study left out."""
        return (FREE + self.exact) * (len(range(0, self.members, CHUNK)) + 1) + 1 + len(self.unknowns.studies)

    def rounds(self, store: Store) -> Iterator[Units]:
        """Yield the simulations of each round, then its move."""
        state: dict[str, Array] = {"tried": begun(self.unknowns, self.members, self.seed)}
        for number in range(FREE + self.exact):
            chunks = [{"z": state["tried"][:, i : i + CHUNK]} for i in range(0, self.members, CHUNK)]
            simulations = self._units("simulate", number, chunks)
            yield simulations
            found = np.hstack([store.value(unit) for unit in simulations])
            move = self._units("move", number, [{**state, "found": found}])
            yield move
            state = state | _state(store, *move)
        known = {name: state[name] for name in ("now", "seen", "numbers")}
        yield self._units("centre", 0, [known]) | self._units("without", 0, [known] * len(self.unknowns.studies))

    def work(self, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
        """Simulate draws, move all of them, find their centre, or leave one study out."""
        step, number, part, given = (unit[name] for name in ("step", "number", "part", "given"))
        piece = {"piece": f"{step}-{number}-{part}"}
        match step:
            case "simulate":
                return {"value": self.unknowns.simulated(given["z"])}, piece
            case "move":
                random = np.random.default_rng([self.seed, 1 + number])
                state, taken = moved(self.unknowns, given, number, random)
                return state, {**piece, "taken": taken}
            case "centre":
                return {"value": centre(self.unknowns, given["now"])}, piece
        study = self.unknowns.studies[part]
        rows = left_out(self.unknowns, given, study, np.random.default_rng([self.seed, 0, part]))
        return {}, {**piece, "forecasts": [asdict(row) for row in rows]}

    def summary(self, store: Store) -> dict[str, Any]:
        """Return what the studies say of each parameter and scale; how far the fit is before it is done."""
        head = {name: store.design[name] for name in ("set", "seed", "members", "version", "inputs")}
        pieces = {line["piece"]: (unit, line) for unit, line in store.done().items()}
        if len(pieces) < self.size:
            return {**head, "done": len(pieces), "of": self.size}
        moves = [pieces[f"move-{number}-0"] for number in range(FREE, FREE + self.exact)]
        z, level = (_state(store, moves[-1][0])[name] for name in ("now", "level"))
        values, known = self.unknowns.values(z), told(self.unknowns, z)
        exact = [line["taken"] for _, line in moves]
        studies = range(len(self.unknowns.studies))
        rows = [row for part in studies for row in pieces[f"without-0-{part}"][1]["forecasts"]]
        forecasts = [Forecast(**row) for row in rows]
        return {
            **head,
            "log_likelihood": float(np.median(level)),
            "moves_taken": float(np.mean(exact)),
            "parameters": [_row(name, values[name], x) for name, x in known.items()],
            "scales": {name: _span(x) for name, x in self.unknowns.nuisance(z).items()},
            "left_out": {"figures": rows, "coverage": coverage(forecasts), "log_score": log_score(forecasts)},
        }

    def table(self, store: Store) -> pd.DataFrame:
        """Return one row per uncertain parameter."""
        return fitted(self, store)

    def files(self, store: Store, summary: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the set, its draws and what was fitted of scales with them, once the fit is done."""
        if "parameters" not in summary:
            return {}
        pieces = {line["piece"]: unit for unit, line in store.done().items()}
        z = _state(store, pieces[f"move-{FREE + self.exact - 1}-0"])["now"]
        middle, few = self.unknowns.values(store.value(pieces["centre-0-0"])), z[:, :DRAWS]
        drawn = {name: x for name, x in self.unknowns.values(few).items() if name in self.unknowns.parameters}
        known = told(self.unknowns, z)
        values = {name: np.ravel(x)[0] for name, x in middle.items() if known.get(name, 0) >= TOLD or name in shifted()}
        text = {
            f"{self.set}.toml": "".join(toml_lines(self._fitted(values))),
            f"{self.set}.draws.csv": "".join(csv_lines(drawn)),
            f"{self.set}.nuisance.csv": "".join(csv_lines(self.unknowns.nuisance(few))),
        }
        return {name: content.encode() for name, content in text.items()}

    def _fitted(self, values: Mapping[str, float]) -> ParameterSet:
        """Return the set: the parameters of which the studies say something, at the centre of the draws."""
        source = "posterior of the studies"
        overrides = {name: Override(x, PARAMETERS[name].unit, True, source) for name, x in values.items()}
        studies = tuple(self.unknowns.studies)
        return replace(self.unknowns.targets.set, overrides=overrides, studies=studies, method="posterior")

    def _units(self, step: str, number: int, given: list[dict[str, Array]]) -> Units:
        """Return units of one step; an id depends on what they are given, not on how it came about."""
        units: Units = {}
        for part, arrays in enumerate(given):
            meaning = [digest(np.ascontiguousarray(x).tobytes()) for x in arrays.values()]
            unit = {"step": step, "number": number, "part": part, "given": arrays}
            units[identity(self.inputs, self.seed, step, number, part, meaning)] = unit
        return units


def begun(unknowns: Unknowns, members: int, seed: int) -> Array:
    """Return draws of the prior."""
    return np.random.default_rng([seed, 0]).standard_normal((unknowns.number, members))


def moved(
    unknowns: Unknowns, given: Mapping[str, Array], number: int, random: np.random.Generator
) -> tuple[dict[str, Array], float]:
    """Return the draws of the next round, those that hold now, what the emulator knows, and the share of moves taken.

    `given` has the draws that were ``tried``, what was ``found`` for them, and all that earlier rounds returned.
    """
    own, tried = len(unknowns.parameters), given["tried"]
    level = unknowns.log_likelihood(tried, given["found"])
    if number < FREE:
        seen, numbers = _remembered(given, own)
        now, taken = tried, np.isfinite(level)
    else:
        seen, numbers = given["seen"], given["numbers"]
    emulator = Emulator.made(unknowns.reads, seen, numbers)

    def emulated(z: Array) -> Array:
        return unknowns.log_likelihood(z, emulator(z[:own]))

    if number >= FREE:
        gain = level - given["level"] - (emulated(tried) - emulated(given["now"]))
        taken = np.log(random.random(gain.size)) < gain
        now, level = np.where(taken, tried, given["now"]), np.where(taken, level, given["level"])
    steps = LONG if number < FREE - 1 else SHORT
    state = {"tried": sampled(emulated, now, steps, random), "now": now, "level": level}
    memory = {"seen": seen, "numbers": numbers} if number < FREE else {}
    return state | memory, float(taken.mean())


def _remembered(given: Mapping[str, Array], own: int) -> tuple[Array, Array]:
    """Return parameters and numbers of the draws of the last rounds that could be simulated."""
    fine = np.isfinite(given["found"]).all(axis=0)
    seen, numbers = given["tried"][:own, fine], given["found"][:, fine]
    if "seen" in given:
        most = MEMORY * given["tried"].shape[1]
        seen, numbers = (np.hstack(x)[:, -most:] for x in ([given["seen"], seen], [given["numbers"], numbers]))
    return seen, numbers


def centre(unknowns: Unknowns, z: Array) -> Array:
    """Return one draw (unknowns, 1) in the middle of all: their mean, moved until its numbers are their medians."""
    few = z[:, :CENTRAL]
    numbers = bent(unknowns.reads, unknowns.simulated(few))
    middle, spread = np.median(numbers, axis=1, keepdims=True), numbers.std(axis=1, keepdims=True) + 1e-9
    away = (numbers - numbers.mean(axis=1, keepdims=True)) / spread
    stiff = few.shape[1] * STIFF * np.eye(len(away))
    gain = (few - few.mean(axis=1, keepdims=True)) @ np.linalg.solve(away @ away.T + stiff, away).T
    at = z.mean(axis=1, keepdims=True)
    for _ in range(3):
        at = at + gain @ ((middle - bent(unknowns.reads, unknowns.simulated(at))) / spread)
    return np.asarray(at)


def left_out(unknowns: Unknowns, given: Mapping[str, Array], study: str, random: np.random.Generator) -> list[Forecast]:
    """Return the figures of one study as the posterior of all others predicts them."""
    others = replace(unknowns, without=(*unknowns.without, study))
    emulator, own = Emulator.made(unknowns.reads, given["seen"], given["numbers"]), len(unknowns.parameters)
    few = others.of(unknowns, given["now"][:, :LEFT])
    z = sampled(lambda z: others.log_likelihood(z, emulator(z[:own])), few, LONG, random)
    asked, runs = questions([(q.study, q.figure) for q in unknowns.figures if q.study.id == study])
    numbers = measure(asked, runs, others.values(z))
    noise = Noise(z.shape[1], REPLICATES, 0, others.nuisance(z))
    return [forecast(predicted(q, numbers, noise)) for q in asked]


def told(unknowns: Unknowns, z: Array) -> dict[str, float]:
    """Return for each parameter the share of its prior's variance that the studies took away."""
    return dict(zip(unknowns.parameters, (1 - z[: len(unknowns.parameters)].var(axis=1)).tolist(), strict=True))


def _state(store: Store, unit: str) -> dict[str, Array]:
    with store.read(unit) as block:
        return {name: block[name] for name in block.files}


def _span(values: Array) -> dict[str, float]:
    """Return median and 90 % interval."""
    return dict(zip(("low", "median", "high"), np.quantile(values, (0.05, 0.5, 0.95)).tolist(), strict=True))


def _row(name: str, values: Array, known: float) -> dict[str, Any]:
    q = PARAMETERS[name]
    about = {"parameter": name, "unit": q.unit, **_span(values), "default": q.value, "range": [q.low, q.high]}
    return {**about, "told": known, "identified": known >= TOLD}
