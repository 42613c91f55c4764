"""Which sign and size of the microRNA effect on pigment (A6) could a split-face trial of 25 people see?

Run: ``python experiments/microrna_sign/run.py`` (half a minute); writes ``table.md`` and ``microrna_sign.png``.
``--quick`` takes one phototype and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.stats import nct, t

from exosim.evidence.readouts import PIH_SPREAD
from exosim.parameters import parameter_set
from exosim.results.intervals import between
from exosim.results.subjects import outcomes_of
from exosim.scenario.file import load
from exosim.view.figures.style import LINES, MUTED

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
TYPES = {3: "type III", 4: "type IV", 5: "type V", 6: "type VI"}
CARGO = np.arange(-30, 31, 5) / 100
PEAK, END = "melanin_index_peak_percent", "melanin_index_change_percent"
READ = {PEAK: "highest rise", END: "week 12"}
PEOPLE, POWER, LEVEL = 25, 0.8, 0.05
NOISE = (2, 5, 10)  # sd of the difference between two sides that are alike, points (assumed)


def differences(phototype: int, parameters: dict[str, Any], cargo: Any) -> dict[str, Any]:
    """Melanin after laser + gel less that after laser, points, (cargo, draws), by reading."""
    skin = {"skin.phototype": phototype}
    laser = outcomes_of(load("fractional_co2", skin), parameters)
    gel = [outcomes_of(load("fractional_co2_exosome", skin), parameters | {"cargo_melanin": float(c)}) for c in cargo]
    return {read: np.array([x[read] - laser[read] for x in gel]) for read in READ}


def resolution(noise: float) -> float:
    """Smallest mean difference that a paired t-test sees with the power above.

    People differ in their response as in the readouts of the evidence (lognormal), and the two sides by `noise`.
    """
    edge = t.ppf(1 - LEVEL / 2, PEOPLE - 1)
    d = brentq(lambda x: nct.sf(edge, PEOPLE - 1, x * np.sqrt(PEOPLE)) - POWER, 0.1, 2)
    return float(noise * d / np.sqrt(1 - d**2 * np.expm1(PIH_SPREAD**2)))


def crossing(cargo: Any, best: Any, level: float) -> str:
    """Cargo at which the best fit's difference is `level`; beyond what was tried where it is not reached."""
    if not best[0] <= level <= best[-1]:
        return f"beyond {cargo[0] if level < best[0] else cargo[-1]:+.2f}"
    return f"{np.interp(level, best, cargo):+.2f}"


def table(results: dict[str, Any], cargo: Any) -> list[str]:
    """Differences, and the sizes of cargo that a trial could see, as Markdown."""
    at = {c: i for i, c in enumerate(cargo) if c in (-0.2, 0.0, 0.2)}
    rows = []
    for skin, read in ((skin, read) for skin in results for read in READ):
        x = results[skin][read]
        calm = f"{100 * np.mean(x[at[0.0], 1:] < 0):.0f}"
        cells = (*(text(x[i]) for i in at.values()), calm, crossing(cargo, x[:, 0], 0))
        rows.append([f"{skin}, {READ[read]}", *cells])
    head = ["laser + gel less laser, points", *(f"cargo {c:g}" for c in at), "below 0 without cargo in draws, %"]
    lines, rows = markdown([*head, "no difference at cargo"], rows), []
    for skin, noise in ((skin, noise) for skin in results for noise in NOISE):
        best, seen = results[skin][END][:, 0], resolution(noise)
        levels = (-seen, seen, best[at[0.0]] - seen, best[at[0.0]] + seen)
        rows.append([f"{skin}, {noise}", f"{seen:.1f}", *(crossing(cargo, best, level) for level in levels)])
    head = ["week 12; sd between sides alike, points", "seen from, points", "lower seen for cargo below"]
    return lines + markdown([*head, "higher seen above", "told from no cargo below", "and above"], rows)


def draw(results: dict[str, Any]) -> None:
    """Difference in week 12 over cargo, a panel per set: phototypes, the band of IV, what a trial cannot see."""
    with picture(HERE / "microrna_sign.png", 1, 2, figsize=(10, 3.8), sharey=True) as (figure, axes):
        for axis, (name, skins) in zip(axes, results.items(), strict=True):
            for (color, dash), (skin, x) in zip(LINES, skins.items(), strict=False):
                axis.plot(CARGO, x[END][:, 0], color=color, linestyle=dash, label=skin)
            ends = between(skins["type IV"][END][:, 1:])
            axis.fill_between(CARGO, *ends, color=LINES[1][0], alpha=0.18, linewidth=0, label="90 %, IV")
            seen, held = resolution(NOISE[1]), parameter_set(name).values()["cargo_melanin"]
            label = f"not seen (sd {NOISE[1]}, assumed)"
            axis.axhspan(-seen, seen, color=MUTED, alpha=0.15, linewidth=0, label=label)
            axis.axvline(held, color=MUTED, linewidth=1, linestyle=(0, (2, 2)))
            axis.set(title=f"set {name} (its cargo, {held:+g}, dotted)", xlabel="effect of the cargo on melanocytes")
        axes[0].set_ylabel("melanin in week 12,\nlaser + gel less laser, points")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=6)


def main(quick: bool) -> None:
    types, cargo = ({4: "type IV"}, CARGO[::6]) if quick else (TYPES, CARGO)
    lines = [f"Best fit and 90 % of the ensemble. Seen: {POWER:.0%} power, {PEOPLE} people, paired, level {LEVEL:g}."]
    everything = {}
    for name in SETS:
        parameters = with_draws(name, quick)
        everything[name] = {label: differences(kind, parameters, cargo) for kind, label in types.items()}
        lines += ["", f"## {name}", *table(everything[name], cargo)]
    publish(lines, HERE, quick)
    if not quick:
        draw(everything)


if __name__ == "__main__":
    start(main, __doc__)
