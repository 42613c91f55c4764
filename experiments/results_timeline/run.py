"""When do results show (A9)? Week of onset of each regimen under every threshold of visible change.

Run: ``python experiments/results_timeline/run.py`` (ten seconds); writes ``table.md`` and ``results_timeline.png``.
``--quick`` takes 12 weeks and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from exosim.parameters import draws, parameter_set
from exosim.results.intervals import between
from exosim.results.outcomes import VISIBLE_IMPROVEMENT
from exosim.scenario.file import load
from exosim.simulation.loop import simulate
from exosim.view.figures.style import LINES, MUTED, sign, style

HERE = Path(__file__).parent
SETS = ("article", "trials")
ARMS = {
    "needles + exosomes": "microneedling_exosome",
    "laser + exosomes": "fractional_co2_exosome",
    "needles + PRP": "microneedling_prp",
    "laser alone": "fractional_co2",
}
CLAIMED = {"needles + exosomes": (2, 4), "needles + PRP": (6, 8), "laser alone": (12, np.inf)}  # A9, weeks
THRESHOLDS = np.arange(1.0, 40.5, 0.5)  # % of the scar closed
SHOWN = (2, 5, 8, VISIBLE_IMPROVEMENT, 15, 20, 25, 30)


def values(name: str, quick: bool) -> dict[str, Any]:
    """The best fit of a set, followed by its draws."""
    base = parameter_set(name).values()
    return base | {key: np.append(base[key], x[: 8 if quick else None]) for key, x in draws(name).items()}


def onsets(arm: str, weeks: int, of: dict[str, Any]) -> Any:
    """First week at every threshold, (thresholds, draws); nan where it never comes."""
    history = simulate(load(arm, [f"weeks={weeks}"]), of, "column", states=False)
    highest = np.maximum.accumulate(history.observed.improvement_percent, axis=0)
    return np.array([np.interp(THRESHOLDS, x, history.times / 7, right=np.nan) for x in highest.T]).T


def holds(found: dict[str, Any]) -> dict[str, Any]:
    """Where each claimed window holds, all of them, and their order, (thresholds, draws)."""
    weeks = {name: np.nan_to_num(found[name], nan=np.inf) for name in CLAIMED}
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


def text(x: Any) -> str:
    """Best fit and 90 % interval."""
    return "{:z.1f} ({:z.1f} to {:z.1f})".format(x[0], *between(x[1:])).replace("nan", "later")


def markdown(head: list[str], rows: Any) -> list[str]:
    """A table as Markdown."""
    return ["", *("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))]


def table(found: dict[str, Any]) -> list[str]:
    """Onset at some thresholds, and where the claim holds, as Markdown."""
    at = {threshold: int(np.flatnonzero(threshold == THRESHOLDS)[0]) for threshold in SHOWN}
    rows = [[f"{threshold:g}", *(text(x[i]) for x in found.values())] for threshold, i in at.items()]
    lines = markdown(["visible change, %", *(f"{name}, week" for name in found)], rows)
    rows = [
        [name, spans(x[:, 0]), f"{100 * x[:, 1:].any(axis=0).mean():.0f}"] for name, x in holds(found).items()
    ]
    head = ["claim", "holds in the best fit for thresholds of", "draws in which some threshold does it, %"]
    return lines + markdown(head, rows)


def draw(found: dict[str, Any]) -> None:
    """A panel per regimen: onset over the threshold, its band, and the window claimed."""
    with style() as pyplot:
        figure, axes = pyplot.subplots(1, len(found), figsize=(12, 3.4), sharey=True, layout="constrained")
        for axis, (name, weeks), (color, dash) in zip(axes, found.items(), LINES, strict=False):
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
        sign(figure)
        figure.savefig(HERE / "results_timeline.png", dpi=120)


def main(quick: bool) -> None:
    lines = ["Best fit and 90 % of the ensemble; sessions on days 0, 28 and 56, followed for 26 weeks."]
    for name in SETS:
        of = values(name, quick)
        found = {key: onsets(arm, 12 if quick else 26, of) for key, arm in ARMS.items()}
        lines += ["", f"## {name}", *table(found)]
        if name == SETS[0] and not quick:
            draw(found)
    print("\n".join(lines))
    if not quick:
        (HERE / "table.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
