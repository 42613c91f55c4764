"""How deep must needles go (A4)? 0.5 to 1.5 mm, with and without exosome gel, by layer reached and scar type.

Run: ``python experiments/needle_depth/run.py`` (a quarter of a minute); writes ``table.md`` and ``needle_depth.png``.
``--quick`` takes two depths and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.biology.injury import crossed
from exosim.biology.layers import thickness
from exosim.biology.notation import LAYERS
from exosim.results.intervals import between
from exosim.results.ledger import balance
from exosim.scenario.file import load
from exosim.simulation.loop import simulate
from exosim.view.figures.style import BAND, COLOURS, LINES

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
DEPTHS, SCARS = (0.5, 0.75, 1.0, 1.25, 1.5), ("mixed", "icepick", "rolling", "boxcar")
CLAIM = (30, 40)  # A4, %


def needled(depth: float, scar: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Improvement without and with gel, and percent of the gel that entered each layer."""
    changes = {"treatments.0.depth_mm": depth, "skin.scar": scar}
    alone, both = (
        simulate(load(arm, changes), parameters, "column", states=False)
        for arm in ("microneedling", "microneedling_exosome")
    )
    books, _ = balance(both)
    entered = {layer: 100 * x / books["applied"] for layer, x in books["delivered"].items()}
    return {
        "alone": alone.observed.improvement_percent[-1],
        "both": both.observed.improvement_percent[-1],
        "entered": entered,
    }


def table(results: dict[Any, Any], parameters: dict[str, Any], depths: Any) -> list[str]:
    """Layers crossed, where the gel enters, and improvement by scar type, as Markdown."""
    p = SimpleNamespace(**parameters)
    reach = {depth: p.needle_reach * depth for depth in depths}
    rows = [[f"{n:g}", *map(text, (mm, *100 * crossed(mm, thickness(p))[2:]))] for n, mm in reach.items()]
    lines = markdown(["needles, mm", "real depth, mm", "upper layer crossed, %", "deep layer crossed, %"], rows)
    rows = [[f"{depth:g}", *map(text, results[depth, "mixed"]["entered"].values())] for depth in depths]
    lines += markdown(["needles, mm", *(f"of the gel enters {layer}, %" for layer in LAYERS)], rows)
    rows = [
        [scar, f"{depth:g}", *map(text, (x["alone"], x["both"], x["both"] - x["alone"]))]
        for (depth, scar), x in results.items()
    ]
    return lines + markdown(["scar", "needles, mm", "needles alone, %", "with gel, %", "gel adds, points"], rows)


def draw(results: dict[Any, Any], path: Path) -> None:
    """Improvement by depth, by scar type, and where the gel goes."""
    with picture(path, 1, 3, figsize=(11, 3.6)) as (_, (left, middle, right)):
        look = [{"color": color, "linestyle": dash, "marker": "o", "markersize": 3} for color, dash in LINES]
        for i, (key, label) in enumerate((("both", "with gel"), ("alone", "needles alone"))):
            course = [results[depth, "mixed"][key] for depth in DEPTHS]
            left.plot(DEPTHS, [x[0] for x in course], label=label, **look[i])
            ends = np.array([between(x[1:]) for x in course]).T
            left.fill_between(DEPTHS, *ends, color=LINES[i][0], alpha=0.15, linewidth=0)
        left.axhspan(*CLAIM, color=BAND, alpha=0.25, linewidth=0, label="A4: 30-40 %")
        left.set(title="mixed scars, 90 % bands", ylabel="improvement, week 12, %", ylim=(0, 56))
        left.legend(loc="upper left")
        for i, scar in enumerate(SCARS):
            middle.plot(DEPTHS, [results[depth, scar]["both"][0] for depth in DEPTHS], label=scar, **look[i])
        middle.set(title="with gel, by scar type, best fit", ylabel="improvement, week 12, %", ylim=(0, None))
        middle.legend(loc="lower right")
        base = np.zeros(len(DEPTHS))
        for color, layer in zip(COLOURS, LAYERS, strict=False):
            share = np.array([results[depth, "mixed"]["entered"][layer][0] for depth in DEPTHS])
            right.bar(DEPTHS, share, width=0.15, bottom=base, color=color, alpha=0.8, label=layer)
            base += share
        right.set(title="where the gel enters, best fit", ylabel="of all exosomes applied, %", ylim=(0, 11))
        right.legend(loc="upper left", ncols=2)
        for axis in (left, middle, right):
            axis.set(xlabel="needle length, mm", xticks=DEPTHS)


def main(quick: bool) -> None:
    depths, scars = (DEPTHS[::4], SCARS[:1]) if quick else (DEPTHS, SCARS)
    lines = ["Best fit and 90 % of the ensemble; three sessions of needles four weeks apart, week 12."]
    for name in SETS:
        parameters = with_draws(name, quick)
        results = {(depth, scar): needled(depth, scar, parameters) for scar in scars for depth in depths}
        lines += ["", f"## {name}", *table(results, parameters, depths)]
        if name == SETS[0] and not quick:
            draw(results, HERE / "needle_depth.png")
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
