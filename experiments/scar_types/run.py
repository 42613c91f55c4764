"""Which scars respond to what (A12)? Six scar types under three procedures, with and without exosome gel, against C5.

Run: ``python experiments/scar_types/run.py`` (a quarter of a minute); writes ``table.md`` and ``scar_types.png``.
``--quick`` takes three scar types and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from matplotlib.lines import Line2D

from exosim.results.intervals import between
from exosim.results.subjects import outcomes_of
from exosim.scenario.file import load
from exosim.scenario.model import Scenario
from exosim.view.figures.style import COLOURS, MUTED

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
PROCEDURES = {"CO2 laser": "fractional_co2", "needles": "microneedling", "non-ablative laser": "nonablative_laser"}
SCARS = ("icepick", "rolling", "boxcar", "mixed", "pigmented", "hypertrophic")
PUBLISHED = {"icepick": 0.32, "rolling": 0.69}  # C5: over boxcar, non-ablative laser
GEL = load("fractional_co2_exosome").treatments[1:]
LABELS, FILLS = ("alone", "with gel", "C5 x boxcar alone"), ("full", "full", "none")
SPF = {"kind": "sunscreen", "spf": 50}
LIGHTENING = {
    "sunscreen alone": ("untreated", [SPF]),
    "needles": ("microneedling", []),
    "needles + gel": ("microneedling", GEL),
    "needles + sunscreen": ("microneedling", [SPF]),
    "needles + gel + sunscreen": ("microneedling", [*GEL, SPF]),
}


def treated(base: str, scar: str, extra: Sequence[Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Outcomes of a shipped scenario on a scar, with further treatments."""
    scenario = load(base, {"skin.scar": scar})
    return outcomes_of(reduce(Scenario.plus, extra, scenario), parameters)


def table(results: dict[Any, Any], parameters: dict[str, Any]) -> list[str]:
    """Improvement by procedure and scar type, then over boxcar scars, then pigment, as Markdown."""
    rows = [[*key, *map(text, (alone, both, both - alone))] for key, (alone, both) in results.items()]
    lines = markdown(["procedure", "scar", "alone, %", "with gel, %", "gel adds, points"], rows)
    rows = []
    for (procedure, scar), pair in results.items():
        if scar in PUBLISHED:
            ratios = (text(x / y, 2) for x, y in zip(pair, results[procedure, "boxcar"], strict=True))
            rows.append([procedure, scar, *ratios, f"{PUBLISHED[scar]:g}" if "non" in procedure else "-"])
    lines += markdown(["procedure", "scar over boxcar", "alone", "with gel", "published (C5)"], rows)
    rows = []
    for name, (base, extra) in LIGHTENING.items():
        x = treated(base, "pigmented", extra, parameters)
        rows.append([name, *(text(x[f"melanin_index_{which}_percent"]) for which in ("change", "peak"))])
    return lines + markdown(["pigmented scar", "melanin index at week 12, %", "at its highest, %"], rows)


def draw(results: dict[Any, Any], path: Path) -> None:
    """A panel per procedure: every scar type alone and with gel."""
    with picture(path, 1, 3, figsize=(11, 3.8), sharex=True, sharey=True) as (figure, axes):
        for axis, procedure in zip(axes, PROCEDURES, strict=True):
            for i, scar in enumerate(SCARS):
                for x, shift, color, marker in zip(
                    results[procedure, scar], (-0.15, 0.15), COLOURS, "so", strict=False
                ):
                    axis.plot(between(x[1:]), (i + shift,) * 2, color=color, linewidth=5, alpha=0.3)
                    axis.plot(x[0], i + shift, marker, color=color, markersize=5)
                if procedure == "non-ablative laser" and scar in PUBLISHED:
                    target = PUBLISHED[scar] * results[procedure, "boxcar"][0][0]
                    axis.plot(target, i - 0.15, "D", color="black", markersize=6, fillstyle="none")
            axis.set(title=procedure, xlabel="improvement, week 12, %")
            axis.axvline(0, color=MUTED, linewidth=0.8)
            axis.set_yticks(range(len(SCARS)), SCARS)
        axes[0].set_ylim(len(SCARS) - 0.5, -0.5)
        handles = [
            Line2D([], [], marker=marker, color=color, linestyle="", label=label, fillstyle=fill)
            for marker, color, label, fill in zip("soD", (*COLOURS[:2], "black"), LABELS, FILLS, strict=True)
        ]
        figure.legend(handles=handles, loc="outside upper right", ncols=3)


def main(quick: bool) -> None:
    lines = [
        "Best fit and 90 % of the ensemble; three sessions four weeks apart, week 12. Raised scars: excess removed."
    ]
    for name in SETS:
        parameters = with_draws(name, quick)
        results = {
            (procedure, scar): [treated(base, scar, extra, parameters)["improvement_percent"] for extra in ([], GEL)]
            for procedure, base in PROCEDURES.items()
            for scar in (SCARS[::2] if quick else SCARS)
        }
        lines += ["", f"## {name}", *table(results, parameters)]
        if name == SETS[0] and not quick:
            draw(results, HERE / "scar_types.png")
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
