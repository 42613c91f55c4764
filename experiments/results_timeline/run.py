"""When do results show (A9)? Week of onset of each regimen under every threshold of visible change.

Run: ``python experiments/results_timeline/run.py`` (ten seconds); writes ``table.md`` and ``results_timeline.png``.
``--quick`` takes 12 weeks and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from exosim.results.intervals import between
from exosim.results.outcomes import VISIBLE_IMPROVEMENT
from exosim.scenario.file import load
from exosim.simulation.loop import simulate
from exosim.view.figures.style import LINES, MUTED

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
ARMS = {
    "needles + exosomes": "microneedling_exosome",
    "laser + exosomes": "fractional_co2_exosome",
    "needles + PRP": "microneedling_prp",
    "laser alone": "fractional_co2",
}
CLAIMED = {"needles + exosomes": (2, 4), "needles + PRP": (6, 8), "laser alone": (12, np.inf)}  # A9, weeks
THRESHOLDS = np.arange(1.0, 40.5, 0.5)  # % of the scar closed
SHOWN = (2, 5, 8, VISIBLE_IMPROVEMENT, 15, 20, 25, 30)


def onsets(arm: str, weeks: int, parameters: dict[str, Any]) -> Any:
    """First week at every threshold, (thresholds, draws); nan where it never comes."""
    history = simulate(load(arm, {"weeks": weeks}), parameters, "column", states=False)
    highest = np.maximum.accumulate(history.observed.improvement_percent, axis=0)
    return np.array([np.interp(THRESHOLDS, x, history.times / 7, right=np.nan) for x in highest.T]).T


def holds(results: dict[str, Any]) -> dict[str, Any]:
    """Where each claimed window holds, all of them, and their order, (thresholds, draws)."""
    weeks = {name: np.nan_to_num(results[name], nan=np.inf) for name in CLAIMED}
    met = {
        f"{name}: {low} to {high} weeks": (weeks[name] >= low) & (weeks[name] <= high)
        for name, (low, high) in CLAIMED.items()
    }
    exosomes, prp, laser = weeks.values()
    met["all three at once"] = np.all(list(met.values()), axis=0)
    met["their order: exosomes, PRP, laser"] = (exosomes < prp) & (prp < laser)
    return {name.replace("to inf weeks", "weeks or later"): x for name, x in met.items()}


def spans(held: Any) -> str:
    """Thresholds at which something holds, as text."""
    change = np.diff(np.concatenate(([0], held.astype(int), [0])))
    ends = (THRESHOLDS[np.flatnonzero(change == way) - (way < 0)] for way in (1, -1))
    return ", ".join(f"{low:g} to {high:g} %" for low, high in zip(*ends, strict=True)) or "none"


def table(results: dict[str, Any]) -> list[str]:
    """Onset at some thresholds, and where the claim holds, as Markdown."""
    at = {threshold: int(np.flatnonzero(threshold == THRESHOLDS)[0]) for threshold in SHOWN}
    rows = [
        [f"{threshold:g}", *(text(x[i]).replace("nan", "later") for x in results.values())]
        for threshold, i in at.items()
    ]
    lines = markdown(["visible change, %", *(f"{name}, week" for name in results)], rows)
    rows = [[name, spans(x[:, 0]), f"{100 * x[:, 1:].any(axis=0).mean():.0f}"] for name, x in holds(results).items()]
    head = ["claim", "holds in the best fit for thresholds of", "draws in which some threshold does it, %"]
    return lines + markdown(head, rows)


def draw(results: dict[str, Any]) -> None:
    """A panel per regimen: onset over the threshold, its band, and the window claimed."""
    with picture(HERE / "results_timeline.png", 1, len(results), figsize=(12, 3.4), sharey=True) as (_, axes):
        for axis, (name, weeks), (color, dash) in zip(axes, results.items(), LINES, strict=False):
            ends = np.nan_to_num(between(weeks[:, 1:]), nan=26)
            axis.fill_between(THRESHOLDS, *ends, color=color, alpha=0.18, linewidth=0, label="90 %")
            axis.plot(THRESHOLDS, weeks[:, 0], color=color, linestyle=dash, label="best fit")
            if name in CLAIMED:
                low, high = CLAIMED[name]
                axis.axhspan(low, min(high, 26), color=MUTED, alpha=0.2, linewidth=0, label="A9")
            axis.axvline(VISIBLE_IMPROVEMENT, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
            axis.set(title=name, xlabel="visible change, % closed", xlim=(1, 40), ylim=(0, 26))
            axis.legend(loc="upper left", frameon=True, facecolor="white", edgecolor="none", framealpha=1)
        axes[0].set_ylabel("first week")


def main(quick: bool) -> None:
    lines = ["Best fit and 90 % of the ensemble; sessions on days 0, 28 and 56, followed for 26 weeks."]
    for name in SETS:
        parameters = with_draws(name, quick)
        results = {key: onsets(arm, 12 if quick else 26, parameters) for key, arm in ARMS.items()}
        lines += ["", f"## {name}", *table(results)]
        if name == SETS[0] and not quick:
            draw(results)
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
