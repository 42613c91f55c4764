"""Fit a parameter set to its figures: least squares with weak priors at column resolution.

Run: ``python experiments/calibration/run.py article`` (or ``trials``); prints every target with the fitted value and
the overrides for ``exosim/parameters/<set>.toml``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import least_squares
from scipy.special import erfc

from exosim.biology.system import PARAMETERS
from exosim.outcomes import improvement, outcomes
from exosim.parameters import parameter_set
from exosim.scenario import Scenario
from exosim.scenario_file import load
from exosim.simulate import simulate

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PRIOR = 0.15  # weight of the log distance from a parameter's default
STEP = 0.02  # log step of the finite differences
PIH_SPREAD, PIH_FLAG = 0.5, 20.0  # log sd of the melanin rise between patients (assumed); flag, percent


@dataclass(frozen=True)
class Target:
    """One figure to fit: `read` takes outcomes by arm."""

    name: str
    read: Callable[[dict[str, dict[str, Any]]], Any]
    value: float
    tolerance: float


def pih_share(rise: Any) -> Any:
    """Share of patients above the flag when rises are lognormal between people around the median `rise`."""
    return 0.5 * erfc(np.log(PIH_FLAG / np.maximum(rise, 1e-6)) / PIH_SPREAD / np.sqrt(2))


def of(arm: str, outcome: str) -> Callable[[dict[str, dict[str, Any]]], Any]:
    return lambda o: o[arm][outcome]


def ratio(arm: str, other: str, outcome: str) -> Callable[[dict[str, dict[str, Any]]], Any]:
    return lambda o: o[arm][outcome] / o[other][outcome]


IMPROVED, DOWN, RISE = "improvement_percent", "downtime_days", "melanin_index_peak_percent"

# Arms: scenario file @ days between sessions. Figures: A1..A15 of the article, C1..C12 of the trials.
FITS: dict[str, tuple[list[str], list[Target]]] = {
    "article": (
        [
            "remodelling",
            "activation_signal",
            "needle_bleed",
            "redness_tnf",
            "switch_signal",
            "needle_debris",
            "melanocyte_tnf",
            "activation_platelet",
        ],
        [
            Target("A1 laser", of("fractional_co2@28", IMPROVED), 19.9, 0.3),
            Target("A1 laser + exosome", of("fractional_co2_exosome@28", IMPROVED), 32.5, 0.3),
            Target("needling, below A4", of("microneedling@28", IMPROVED), 19, 2),
            Target("A4 needling + exosome", of("microneedling_exosome@28", IMPROVED), 33, 1.5),
            Target("needling + PRP, between", of("microneedling_prp@28", IMPROVED), 23, 2),
            Target("A2 downtime laser", of("fractional_co2@28", DOWN), 8.5, 0.3),
            Target("A2 downtime laser + exosome", of("fractional_co2_exosome@28", DOWN), 4.5, 0.3),
            Target("A8 downtime needling + PRP", of("microneedling_prp@28", DOWN), 4.5, 1),
            Target("A8 downtime needling + exosome", of("microneedling_exosome@28", DOWN), 1.8, 0.4),
            Target("melanin rise after laser", of("fractional_co2@28", RISE), 12, 1),
        ],
    ),
    "trials": (
        [
            "remodelling",
            "activation_signal",
            "myofibroblast_loss",
            "activation_platelet",
            "redness_tnf",
            "switch_platelet",
            "needle_debris",
            "melanocyte_tnf",
        ],
        [
            Target("C1 laser, week 12", of("fractional_co2@21", IMPROVED), 19.9, 0.5),
            Target("C2 laser + exosome, week 12", of("fractional_co2_exosome@21", IMPROVED), 32.5, 0.6),
            Target(
                "C3 1 : 6 months",
                lambda o: o["fractional_co2@30"]["day 90"] / o["fractional_co2@30"]["day 240"],
                0.76,
                0.05,
            ),
            Target(
                "C3 3 : 6 months",
                lambda o: o["fractional_co2@30"]["day 150"] / o["fractional_co2@30"]["day 240"],
                0.81,
                0.05,
            ),
            Target(
                "C4 needling + PRP : needling",
                ratio("microneedling_prp@28", "microneedling@28", IMPROVED),
                1.36,
                0.05,
            ),
            Target("C6 erythema laser", of("fractional_co2@21", DOWN), 10.4, 0.5),
            Target("C6 + PRP : laser", ratio("fractional_co2_prp@21", "fractional_co2@21", DOWN), 0.83, 0.04),
            Target("C7 erythema needling", of("microneedling@28", DOWN), 1.5, 0.4),
            Target("C11 PIH laser", lambda o: pih_share(o["fractional_co2@21"][RISE]), 0.14, 0.02),
        ],
    ),
}
ARMS = {
    "article": [
        "fractional_co2@28",
        "fractional_co2_exosome@28",
        "microneedling@28",
        "microneedling_exosome@28",
        "microneedling_prp@28",
    ],
    "trials": [
        "fractional_co2@21",
        "fractional_co2_exosome@21",
        "fractional_co2@30",
        "fractional_co2_prp@21",
        "microneedling@28",
        "microneedling_prp@28",
    ],
}


def arm(name: str) -> Scenario:
    """A shipped scenario with its three sessions `spacing` days apart, long enough for the months of C3."""
    file, spacing = name.split("@")
    days = [
        [int(day) // 28 * int(spacing) + int(day) % 28 for day in entry.days or []]
        for entry in load(SCENARIOS / f"{file}.toml").treatments
    ]
    changes = [f"treatments.{i}.days={d}" for i, d in enumerate(days)]
    return load(SCENARIOS / f"{file}.toml", [*changes, *(["weeks=35"] if spacing == "30" else [])])


def readouts(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Outcomes of one arm, and its improvement on the days of C3."""
    scenario = arm(name)
    history = simulate(scenario, values, "column")
    result = outcomes(history, scenario)
    course = improvement(history)
    for day in (90, 150, 240):
        if day <= scenario.days:
            result[f"day {day}"] = np.array([np.interp(day, history.times, c) for c in course.T])
    return result


def fit(set_name: str) -> None:
    names, targets = FITS[set_name]
    base = parameter_set(set_name).values()
    centre = np.log([PARAMETERS[name].value for name in names])

    def residuals(z: Any) -> Any:
        """Residuals for one point, or one column per point."""
        values = base | dict(zip(names, np.exp(z), strict=True))
        o = {name: readouts(name, values) for name in ARMS[set_name]}
        rows = [np.atleast_1d((t.read(o) - t.value) / t.tolerance) for t in targets]
        return np.vstack([*rows, PRIOR * (np.asarray(z).reshape(len(names), -1) - centre[:, None])])

    def jacobian(z: Any) -> Any:
        points = z[:, None] + STEP * np.hstack([np.eye(len(z)), -np.eye(len(z))])
        r = residuals(points)
        return (r[:, : len(z)] - r[:, len(z) :]) / (2 * STEP)

    start = np.log([base[name] for name in names])
    found = least_squares(
        lambda z: residuals(z)[:, 0], start, jac=jacobian, x_scale=0.5, max_nfev=25, ftol=1e-4, verbose=2
    )
    final = residuals(found.x)[:, 0]
    for target, r in zip(targets, final, strict=False):
        print(
            f"{target.name:34s} target {target.value:7.2f}   fitted {target.value + r * target.tolerance:7.2f}"
        )
    for name, z in zip(names, found.x, strict=True):
        q = PARAMETERS[name]
        outside = "" if q.low <= np.exp(z) <= q.high else f"   outside {q.low:g}..{q.high:g}"
        print(f"{name} = {np.exp(z):.4g}{outside}")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or list(FITS):
        print(f"== {chosen}")
        fit(chosen)
