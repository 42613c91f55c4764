"""Which scars respond to what (A12)? Six scar types under three procedures, with and without exosome gel; beside C5.

Run: ``python experiments/scar_types/run.py`` (a quarter of a minute); writes ``table.md`` and ``scar_types.png``.
``--quick`` takes three scar types and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from exosim.parameters import draws, parameter_set
from exosim.results.intervals import between
from exosim.results.subjects import outcomes_of
from exosim.scenario.file import load, validate
from exosim.view.figures.style import COLOURS, MUTED, sign, style

HERE = Path(__file__).parent
SETS = ("article", "trials")
PROCEDURES = {
    "CO2 laser": "fractional_co2",
    "needles": "microneedling",
    "non-ablative laser": "nonablative_laser",
}
SCARS = ("icepick", "rolling", "boxcar", "mixed", "pigmented", "hypertrophic")
PUBLISHED = {"icepick": 0.32, "rolling": 0.69}  # C5: over boxcar, non-ablative laser
GEL = load("fractional_co2_exosome").to_dict()["treatments"][1:]
LABELS, FILLS = ("alone", "with gel", "C5 x boxcar alone"), ("full", "full", "none")
SPF = {"kind": "sunscreen", "spf": 50}
LIGHTENING = {
    "sunscreen alone": ("untreated", [SPF]),
    "needles": ("microneedling", []),
    "needles + gel": ("microneedling", GEL),
    "needles + sunscreen": ("microneedling", [SPF]),
    "needles + gel + sunscreen": ("microneedling", [*GEL, SPF]),
}


def values(name: str, quick: bool) -> dict[str, Any]:
    """The best fit of a set, followed by its draws."""
    base = parameter_set(name).values()
    return base | {key: np.append(base[key], x[: 8 if quick else None]) for key, x in draws(name).items()}


def treated(base: str, scar: str, also: list[dict[str, Any]], of: dict[str, Any]) -> dict[str, Any]:
    """Outcomes of a shipped scenario on a scar, with further treatments."""
    data = load(base, [f"skin.scar={scar}"]).to_dict()
    data["treatments"] += also
    scenario, problems = validate(data)
    assert scenario, problems
    return outcomes_of(scenario, of)


def text(x: Any, digits: int = 1) -> str:
    """Best fit and 90 % interval."""
    low, high = between(x[1:])
    return f"{x[0]:z.{digits}f} ({low:z.{digits}f} to {high:z.{digits}f})"


def markdown(head: list[str], rows: Any) -> list[str]:
    """A table as Markdown."""
    return ["", *("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))]


def table(found: dict[Any, Any], of: dict[str, Any]) -> list[str]:
    """Improvement by procedure and scar type, then over boxcar scars, then pigment, as Markdown."""
    rows = [[*key, *map(text, (alone, both, both - alone))] for key, (alone, both) in found.items()]
    lines = markdown(["procedure", "scar", "alone, %", "with gel, %", "gel adds, points"], rows)
    rows = []
    for (procedure, scar), pair in found.items():
        if scar in PUBLISHED:
            ratios = (text(x / y, 2) for x, y in zip(pair, found[procedure, "boxcar"], strict=True))
            rows.append([procedure, scar, *ratios, f"{PUBLISHED[scar]:g}" if "non" in procedure else "-"])
    lines += markdown(["procedure", "scar over boxcar", "alone", "with gel", "published (C5)"], rows)
    rows = []
    for name, (base, also) in LIGHTENING.items():
        x = treated(base, "pigmented", also, of)
        rows.append([name, *(text(x[f"melanin_index_{which}_percent"]) for which in ("change", "peak"))])
    return lines + markdown(["pigmented scar", "melanin index at week 12, %", "at its highest, %"], rows)


def draw(found: dict[Any, Any], path: Path) -> None:
    """A panel per procedure: every scar type alone and with gel."""
    with style() as pyplot:
        figure, axes = pyplot.subplots(
            1, 3, figsize=(11, 3.8), sharex=True, sharey=True, layout="constrained"
        )
        for axis, procedure in zip(axes, PROCEDURES, strict=True):
            for i, scar in enumerate(SCARS):
                for x, shift, color, marker in zip(
                    found[procedure, scar], (-0.15, 0.15), COLOURS, "so", strict=False
                ):
                    axis.plot(between(x[1:]), (i + shift,) * 2, color=color, linewidth=5, alpha=0.3)
                    axis.plot(x[0], i + shift, marker, color=color, markersize=5)
                if procedure == "non-ablative laser" and scar in PUBLISHED:
                    asked = PUBLISHED[scar] * found[procedure, "boxcar"][0][0]
                    axis.plot(asked, i - 0.15, "D", color="black", markersize=6, fillstyle="none")
            axis.set(title=procedure, xlabel="improvement, week 12, %")
            axis.axvline(0, color=MUTED, linewidth=0.8)
            axis.set_yticks(range(len(SCARS)), SCARS)
        axes[0].set_ylim(len(SCARS) - 0.5, -0.5)
        handles = [
            pyplot.Line2D([], [], marker=marker, color=color, linestyle="", label=label, fillstyle=fill)
            for marker, color, label, fill in zip("soD", (*COLOURS[:2], "black"), LABELS, FILLS, strict=True)
        ]
        figure.legend(handles=handles, loc="outside upper right", ncols=3)
        sign(figure)
        figure.savefig(path, dpi=120)


def main(quick: bool) -> None:
    lines = [
        "Best fit and 90 % of the ensemble; three sessions four weeks apart, week 12. Raised scars: excess removed."
    ]
    for name in SETS:
        of = values(name, quick)
        found = {
            (procedure, scar): [treated(base, scar, also, of)["improvement_percent"] for also in ([], GEL)]
            for procedure, base in PROCEDURES.items()
            for scar in (SCARS[::2] if quick else SCARS)
        }
        lines += ["", f"## {name}", *table(found, of)]
        if name == SETS[0] and not quick:
            draw(found, HERE / "scar_types.png")
    print("\n".join(lines))
    if not quick:
        (HERE / "table.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
