"""The fit of one parameter set as a study: pieces in a folder, so that nothing that was computed is computed again."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.engine.tissue import Array
from exosim.files import identity, write
from exosim.problems import BadInput, Problem
from exosim.simulation.setup import RESULTS, Progress
from exosim.studies.fit import best, ensemble, profile
from exosim.studies.fit.misfit import Figures

DRAWS = 256  # at most this many are kept


@dataclass(frozen=True)
class Design:
    """What a fit depends on.

    Parameters
    ----------
    set : str
        The parameter set.
    seed : int
    starts : int
        Searches for the best fit.
    members : int
        Draws that the ensemble begins with; those that agree with the figures in the end are fewer.
    """

    set: str
    seed: int = 0
    starts: int = 4
    members: int = 4000

    def to_dict(self) -> dict[str, Any]:
        """Plain data, with the version that computes it and the meaning of all that it is computed from."""
        figures = Figures(self.set)
        checks = {
            name: [check.fit[self.set], check.target_text, check.arms]
            for name, check in figures.checks.items()
        }
        ranges = {name: [q.value, q.low, q.high] for name, q in PARAMETERS.items()}
        inputs = identity(checks, ranges, figures.fixed, figures.free, RESULTS)
        return {**vars(self), "version": version("exosim"), "inputs": inputs}


def fit(design: Design, out: Path, resume: bool = False, progress: Progress | None = None) -> dict[str, Any]:
    """Fit a set; write ``<set>.toml``, ``<set>.draws.csv`` and ``fit.json`` to the folder `out` and return the last.

    Every search, iteration and profile is a piece of its own, kept in ``pieces``; with `resume` those that are there
    are read instead of computed.

    Raises
    ------
    BadInput
        When `out` holds another study, or one that `resume` was not given for.
    """
    sharp, believed = Figures(design.set), Figures(design.set, sharp=False)
    pieces = _open(design, out, resume)
    done, whole = 0, design.starts + ensemble.ITERATIONS + 1 + len(sharp.free)

    def piece(name: str, compute: Callable[..., Array], *given: Any) -> Array:
        nonlocal done
        path = pieces / f"{name}.npy"
        if not path.is_file():
            buffer = io.BytesIO()
            np.save(buffer, compute(*given))
            write(path, buffer.getvalue())
        done += 1
        if progress:
            progress(done / whole)
        found: Array = np.load(path)
        return found

    def searched(number: int) -> Array:
        z, cost = best.search(sharp, best.start(sharp, design.seed, number))
        return np.array([*z, cost])

    starts = np.array([piece(f"start-{n}", searched, n) for n in range(design.starts)])
    z = starts[starts[:, -1].argmin(), :-1]
    draws = ensemble.prior(believed, design.members, design.seed)
    for i in range(ensemble.ITERATIONS):
        draws = piece(f"ensemble-{i}", ensemble.updated, believed, draws, design.seed, i)
    agreeing = piece("agreeing", ensemble.agreeing, believed, draws)
    top, _ = best.search(believed, z)
    profiles = {
        name: piece(f"profile-{name}", profile.profile, believed, top, i) for i, name in enumerate(sharp.free)
    }
    kept = draws[:, np.flatnonzero(agreeing)[:DRAWS]]
    found = _summary(design, sharp, starts, z, profiles, int(agreeing.sum()))
    _write(out, sharp, found, ensemble.parameters(ensemble.uncertain(sharp), kept))
    return found


def _open(design: Design, out: Path, resume: bool) -> Path:
    """The folder of the pieces of this design, new or resumed."""
    file = out / "design.json"
    if file.is_file():
        before = json.loads(file.read_text("utf-8"))
        changed = [
            f"{k} was {before.get(k)}, is {v}" for k, v in design.to_dict().items() if before.get(k) != v
        ]
        if changed:
            raise BadInput([Problem(f"this study is another one: {'; '.join(changed)}", source=str(out),
                                    remedy="give the same options, or another folder with --out")])  # fmt: skip
        if not resume:
            raise BadInput(
                [Problem("there is a study already", source=str(out), remedy="go on with --resume")]
            )
    elif out.exists() and any(out.iterdir()):
        raise BadInput(
            [Problem("the folder holds something else", source=str(out), remedy="choose another --out")]
        )
    (out / "pieces").mkdir(parents=True, exist_ok=True)
    write(file, json.dumps(design.to_dict(), indent=2).encode())
    return out / "pieces"


def _summary(
    design: Design, figures: Figures, starts: Array, z: Array, profiles: dict[str, Array], agreeing: int
) -> dict[str, Any]:
    simulated = figures.simulated({name: np.atleast_1d(x) for name, x in figures.values(z).items()})[:, 0]
    rows = zip(figures.checks.items(), figures.asked, simulated, strict=True)
    return {
        **design.to_dict(),
        "figures": [
            {"figure": name, "asked": float(asked[0]), "published": check.target_text, "fitted": float(value)}
            for (name, check), asked, value in rows
        ],
        "parameters": [_parameter(name, z[i], profiles[name]) for i, name in enumerate(figures.free)],
        "cost": float(starts[:, -1].min()),
        "starts_cost": sorted(starts[:, -1].tolist()),
        "draws_agreeing": agreeing,
        "profiles": {name: found.tolist() for name, found in profiles.items()},
    }


def _parameter(name: str, z: float, found: Array) -> dict[str, Any]:
    low, high = profile.interval(found)
    q = PARAMETERS[name]
    return {
        "parameter": name,
        "unit": q.unit,
        "value": float(np.exp(z)),
        "default": q.value,
        "low": low,
        "high": high,
        "range": [q.low, q.high],
        "identified": low is not None and high is not None,
    }


def _write(out: Path, figures: Figures, found: dict[str, Any], draws: dict[str, Array]) -> None:
    fitted = {row["parameter"]: row["value"] for row in found["parameters"]}
    data = {
        "meaning": figures.set.meaning,
        "command": figures.set.command,
        "parameters": {
            name: {"value": float(f"{fitted.get(name, x.value):.4g}"), "fitted": x.fitted, "source": x.source}
            for name, x in figures.set.overrides.items()
        },
    }
    text = {
        f"{figures.name}.toml": "".join(_set_lines(data)),
        f"{figures.name}.draws.csv": "".join(_csv_lines(draws)),
        "fit.json": json.dumps(found, indent=2) + "\n",
    }
    for name, content in text.items():
        write(out / name, content.encode())


def _set_lines(data: dict[str, Any]) -> Iterator[str]:
    """A parameter set as TOML, a line per parameter."""
    yield from (f"{key} = {json.dumps(data[key])}\n" for key in ("meaning", "command"))
    yield "\n[parameters]\n"
    width = max(map(len, data["parameters"]))
    for name, row in data["parameters"].items():
        line = f"{name:{width}s} = {{ value = {row['value']!r}, fitted = {str(row['fitted']).lower()}, "
        line += f"source = {json.dumps(row['source'])} }}\n"
        yield line


def _csv_lines(draws: dict[str, Array]) -> Iterator[str]:
    yield ",".join(draws) + "\n"
    for row in np.array(list(draws.values())).T:
        yield ",".join(f"{x:.5g}" for x in row) + "\n"
