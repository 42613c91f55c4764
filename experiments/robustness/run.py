"""Does the conclusion survive +-30 % on every parameter at once?

Run: ``python experiments/robustness/run.py`` (a minute); writes ``robustness.png``. ``--quick`` draws 20 subjects for
three weeks and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.parameters import parameter_set
from exosim.results.outcomes import outcomes
from exosim.scenario.file import load, shipped
from exosim.simulation.loop import simulate

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import start

HERE = Path(__file__).parent
ARMS = ("fractional_co2", "fractional_co2_exosome")
WIDTH = 0.3


def draws(n: int, seed: int = 3) -> dict[str, Any]:
    """Every parameter uniform within +-30 % of the set `article`, independently."""
    rng = np.random.default_rng(seed)
    base = parameter_set("article").values()
    return {name: base[name] * (1 + WIDTH * rng.uniform(-1, 1, n)) for name in PARAMETERS}


def improvement(arm: str, values: dict[str, Any], changes: list[str]) -> Any:
    scenario = load(shipped()[arm], changes)
    return outcomes(simulate(scenario, values, "column"), scenario)["improvement_percent"]


def drivers(values: dict[str, Any], outcome: Any, number: int = 6) -> str:
    """Parameters with the largest rank correlation."""

    def rank(x: Any) -> Any:
        return np.argsort(np.argsort(x))

    correlation = {name: np.corrcoef(rank(v), rank(outcome))[0, 1] for name, v in values.items()}
    strongest = sorted(correlation, key=lambda name: -abs(correlation[name]))[:number]
    return ", ".join(f"{name} {correlation[name]:+.2f}" for name in strongest)


def main(quick: bool) -> None:
    values = draws(20 if quick else 300)
    changes = ["weeks=3", "treatments.0.days=[0]"] if quick else []
    laser = improvement(ARMS[0], values, changes)
    both = improvement(ARMS[1], values, [*changes, *(f"treatments.{i}.days=[0]" for i in (1, 2) if quick)])
    gain = both - laser
    for name, results in (("laser", laser), ("laser + exosome", both), ("difference", gain)):
        low, middle, high = np.percentile(results, [5, 50, 95])
        print(f"{name:16s} 5 / 50 / 95 %: {low:.1f} / {middle:.1f} / {high:.1f}   drivers: {drivers(values, results)}")
    print(f"laser inside 0..45: {np.mean((laser > 0) & (laser < 45)):.3f}; difference > 0: {np.mean(gain > 0):.3f}")
    if not quick:
        draw({"laser": laser, "laser + exosome": both, "difference": gain})


def draw(results: dict[str, Any]) -> None:
    from exosim.view.figures.style import LINES, style

    with style() as canvas:
        figure, axis = canvas.subplots(figsize=(7, 3.2), layout="constrained")
        for (name, values), (color, dash) in zip(results.items(), LINES, strict=False):
            axis.plot(np.sort(values), np.linspace(0, 1, len(values)), color=color, linestyle=dash, label=name)
        axis.axvspan(0, 45, color="#56B4E9", alpha=0.12, linewidth=0)
        axis.set(xlabel="improvement, percentage points (band: 0 to 45)", ylabel="share of draws below")
        axis.legend(loc="lower right")
        figure.savefig(HERE / "robustness.png", dpi=130)


if __name__ == "__main__":
    start(main, __doc__)
