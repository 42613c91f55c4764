"""Every claim and target compared with the model: simulated value with its interval, target, verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.evidence import fitted
from exosim.evidence.claims import Check, Claim, arm, claims, scales
from exosim.evidence.nuisance import column_of
from exosim.evidence.readouts import read
from exosim.parameters import DEFAULT, ParameterSet, ParametersLike, parameter_set
from exosim.results.intervals import between
from exosim.simulation.loop import simulate
from exosim.simulation.parallel import side_by_side
from exosim.simulation.setup import Progress, parameter_values

REPRODUCED, ONLY_ARTICLE, NOT_REPRODUCED, CONTESTED = (
    "reproduced", f"only with {DEFAULT}", "not reproduced", "contested",
)  # fmt: skip
VERDICTS = (REPRODUCED, ONLY_ARTICLE, NOT_REPRODUCED, CONTESTED)


def readings(
    arms: Iterable[str], values: Mapping[str, Any], progress: Progress | None = None
) -> dict[str, dict[str, Array]]:
    """Return outcomes and readouts of arms at column resolution, one value per subject (draw of parameters)."""
    names = sorted(set(arms))
    done = iter(range(1, len(names) + 1))

    def one(i: int, report: Progress) -> dict[str, Array]:
        scenario = arm(names[i])
        merged = parameter_values(scenario, values)
        result = read(simulate(scenario, merged, "column", states=False), scenario, merged)
        report(next(done) / len(names))
        return result

    show = (lambda _, share: progress(share)) if progress else None
    return dict(zip(names, [future.result() for future in side_by_side(one, len(names), show)], strict=True))


def answers(parameters: ParametersLike, progress: Progress | None = None) -> list[dict[str, Any]]:
    """Return one row per claim and target under a parameter set, as `exosim evidence --json` prints it.

    The value of a row is that of its check farthest from right; ``checks`` holds all of them. ``target`` is a bound
    where ``relation`` says so. ``low`` and ``high`` enclose 90 % of the ensemble.
    """
    chosen = parameter_set(parameters)
    sets = dict.fromkeys((chosen, *map(parameter_set, (DEFAULT, "trials"))))
    needed = {name for claim in claims().values() for check in claim.checks for name in check.arms}
    best = {str(x): readings(needed, _point(x)) for x in sets}
    spread = readings(needed, chosen.values() | dict(chosen.draws), progress) if chosen.draws else None
    return [_row(claim, chosen, best, spread) for claim in claims().values()]


def _point(chosen: ParameterSet) -> dict[str, Any]:
    return {key: np.array([value]) for key, value in chosen.values().items()}


def _row(
    claim: Claim, chosen: ParameterSet, best: Mapping[str, Mapping[str, Any]], spread: Mapping[str, Any] | None
) -> dict[str, Any]:
    checks = [_checked(check, chosen, best[chosen.name], spread) for check in claim.checks]
    first = max(checks, key=lambda row: row["excess"], default=_UNSIMULATED)
    return {
        "id": claim.id,
        "text": claim.text,
        **{name: first[name] for name in _UNSIMULATED if name != "excess"},
        "verdict": _verdict(claim, chosen.name, best),
        "kind": claim.kind,
        "n": claim.n,
        "scale": claim.scale,
        "source": claim.source,
        "note": claim.contested or claim.note,
        "checks": [{k: v for k, v in row.items() if k != "excess"} for row in checks],
    }


_UNSIMULATED: dict[str, Any] = dict.fromkeys(
    ("outcome", "simulated", "low", "high", "target", "tolerance", "relation", "right")
) | {"fitted": False, "excess": np.inf, "right": False}


def _checked(
    check: Check, chosen: ParameterSet, best: Mapping[str, Any], spread: Mapping[str, Any] | None
) -> dict[str, Any]:
    value = float(check.simulated(best)[0])
    low, high = between(check.simulated(spread)) if spread else (np.nan, np.nan)
    excess = check.excess(value)
    relation = "about" if check.target is not None else "at least" if check.at_least is not None else "at most"
    return {
        "outcome": check.name,
        "simulated": _number(value),
        "low": _number(low),
        "high": _number(high),
        "target": check.goal,
        "tolerance": check.tolerance,
        "relation": relation,
        "right": excess <= 1,
        "fitted": fitted(check, chosen),
        "excess": excess,
    }


def _number(value: float) -> float | None:
    """Return a number for JSON: None where there is none (an onset that never comes)."""
    return float(value) if np.isfinite(value) else None


def right(claim: Claim, results: Mapping[str, Any]) -> bool:
    """Return whether every check of a claim is met by readings of its arms, of which the first subject counts."""
    return bool(claim.checks) and all(check.excess(float(check.simulated(results)[0])) <= 1 for check in claim.checks)


def _verdict(claim: Claim, parameters: str, best: Mapping[str, Mapping[str, Any]]) -> str:
    if claim.contested:
        return CONTESTED
    if right(claim, best[parameters]) and (parameters != DEFAULT or right(claim, best["trials"])):
        return REPRODUCED
    return ONLY_ARTICLE if right(claim, best[DEFAULT]) else NOT_REPRODUCED


def offsets(parameters: ParametersLike) -> dict[str, float]:
    """Return the factor from the model's value to that on each clinical scale: as fitted, else as tied by one arm."""
    fitted = parameter_set(parameters).nuisance
    known = {name: float(np.median(fitted[column_of(name)])) for name in scales() if column_of(name) in fitted}
    ties = {name: tie for name, tie in scales().items() if name not in known}
    results = readings((tie["arm"] for tie in ties.values()), _point(parameter_set(parameters)))
    tied = {name: tie["value"] / float(results[tie["arm"]][tie["read"]][0]) for name, tie in ties.items()}
    return {name: (known | tied)[name] for name in scales()}
