"""How does the outcome follow each knob of a treatment, and is there an optimum (A13), without and with harm?

Run: ``python experiments/response_curves/run.py`` (a minute); writes ``table.md`` and ``response_curves.png``.
``--quick`` takes three points of each curve and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.evidence.claims import arm, claims
from exosim.results.intervals import between
from exosim.results.outcomes import PIH_RISE, outcomes
from exosim.scenario.file import load
from exosim.scenario.model import Scenario
from exosim.simulation.loop import simulate
from exosim.view.figures.style import COLOURS, MUTED

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
WEEK = 52  # every schedule here ended 24 weeks before it or earlier
LASER, NEEDLES = "fractional_co2_exosome", "microneedling_exosome"
GEL = {"gel.particles_per_ml": 1.0, "aftercare.particles_per_ml": 1 / 6}  # the later gels in proportion, as shipped


class Knob(NamedTuple):
    """What is turned: scenario, paths that it sets with their factors, shipped value, points in even (log) steps."""

    scenario: str
    paths: dict[str, float]
    usual: float
    points: Any
    log: bool = False


KNOBS = {
    "needle length, mm": Knob(NEEDLES, {"needles.depth_mm": 1}, 1.5, np.linspace(0.25, 3, 12)),
    "laser energy, mJ": Knob(LASER, {"laser.energy_mj": 1}, 20, np.linspace(5, 100, 20)),
    "laser zones per cm2": Knob(LASER, {"laser.density_per_cm2": 1}, 400, np.linspace(50, 1000, 20)),
    "exosomes per ml": Knob(LASER, GEL, 9.78e10, np.geomspace(1e8, 1e13, 11), log=True),
    "days between sessions": Knob(LASER, {"sessions.every_days": 1}, 28, np.arange(7.0, 85.0, 7.0)),
    "sessions": Knob(LASER, {"sessions.number": 1}, 3, np.arange(1, 9)),
}
READ = {
    "improvement_percent": f"improvement, week {WEEK}, %",
    "erythema_days": "redness in all sessions, d",
    "melanin_index_peak_percent": "highest rise of pigment, %",
}
GAIN = next(iter(READ))
HARM = ("harm", "harm_inflammation")
LEVELS = ("off", "on", "top of range", "top, collagen alone")  # of harm; curves show the first two
SEEN = 0.5  # points, d or %: less is no optimum
FINER = 8  # steps into which the largest step of a curve is divided, to tell a steep curve from a jump


def harms(parameters: dict[str, Any]) -> dict[str, list[float]]:
    """Both parameters of harm at every level; on is the set's own value if above 0, else the middle of the range."""
    found = {}
    for name in HARM:
        q, own = PARAMETERS[name], float(np.atleast_1d(parameters[name])[0])
        alone = q.high if name == "harm" else 0.0
        found[name] = [0.0, own or (q.low + q.high) / 2, q.high, alone]
    return found


def with_harm(scenario: Scenario, parameters: dict[str, Any], levels: dict[str, list[float]]) -> dict[str, Any]:
    """Readings of a scenario, (levels of harm, draws)."""
    count, draws = len(levels["harm"]), max(map(np.size, parameters.values()))
    values = {name: np.tile(x, count) if np.size(x) > 1 else x for name, x in parameters.items()}
    values |= {name: np.repeat(x, draws) for name, x in levels.items()}
    found = outcomes(simulate(scenario, values, "column", states=False), scenario)
    return {read: np.asarray(found[read], float).reshape(count, draws) for read in (*READ, "pih")}


def curve(knob: Knob, points: Any, parameters: dict[str, Any], levels: dict[str, list[float]]) -> dict[str, Any]:
    """Readings at points of a knob, (points, levels of harm, draws)."""
    settings = ({path: share * x if share != 1 else x for path, share in knob.paths.items()} for x in points.tolist())
    found = [with_harm(load(knob.scenario, {"weeks": WEEK} | x), parameters, levels) for x in settings]
    return {read: np.stack([x[read] for x in found]) for read in found[0]}


def inside(y: Any) -> Any:
    """By how much a course exceeds the lower and the higher end of its range at its highest point, first axis along."""
    return np.max(y, axis=0) - np.asarray(y)[[0, -1]]


def shape(points: Any, y: Any) -> str:
    """Say in words where a course is highest or lowest, or how it ends."""
    for word, side in (("highest", y), ("lowest", -y)):
        low, high = inside(side)
        if min(low, high) > SEEN:
            return f"{word} at {points[side.argmax()]:.3g}, by {low:.1f} from the low and {high:.1f} from the high end"
    if np.ptp(y) < SEEN:
        return "flat"
    last = (y[-1] - y[-2]) / np.ptp(y)
    settled = abs(last) < 0.01 or last * (y[-1] - y[0]) < 0
    end = "levels off" if settled else "still rising" if last > 0 else "still falling"
    most = f"; 90 % of the top from {points[(y >= 0.9 * y.max()).argmax()]:.3g}" if y[-1] > y[0] else ""
    return end + most


def finer(knob: Knob, ends: Any, parameters: dict[str, Any], levels: Any) -> dict[str, Any]:
    """Readings of the best fit from one point of a knob to the next, divided."""
    best = {name: np.atleast_1d(x)[:1] for name, x in parameters.items()}
    space = np.geomspace if knob.log else np.linspace
    return curve(knob, space(*ends, FINER + 1), best, levels)


def smoothness(y: Any, part: Any) -> list[str]:
    """Largest step of a course, the largest part of it, and the largest bend, % of the span; of a flat one nothing."""
    span = np.ptp(y)
    if span < SEEN:
        return ["-", "-", "-"]
    within = f"{100 * np.abs(np.diff(part)).max() / span:.1f}" if len(part) else "-"
    return [f"{100 * np.abs(np.diff(y)).max() / span:.0f}", within, f"{100 * np.abs(np.diff(y, 2)).max() / span:.0f}"]


def shapes(found: dict[str, Any], points: dict[str, Any], parameters: dict[str, Any], levels: Any) -> list[str]:
    """What every curve of the best fit looks like, and how smooth it is, as Markdown."""
    rows = []
    for (title, knob), (read, label), level in product(KNOBS.items(), READ.items(), range(2)):
        at, y = points[title], found[title][read][:, level]
        best, part = y[:, 0], []
        if at.dtype.kind == "f":  # sessions cannot be divided
            step = np.abs(np.diff(best)).argmax()
            part = finer(knob, at[[step, step + 1]], parameters, levels)[read][:, level, 0]
        optima = np.mean(inside(y[:, 1:]).min(axis=0) > SEEN)
        row = [title, label, LEVELS[level], shape(at, best), f"{100 * optima:.0f}"]
        rows.append(row + smoothness(best, part))
    head = ["curve of", "reading", "harm", "best fit", "draws highest inside the range, %"]
    return markdown([*head, "largest step, % of span", f"largest of its {FINER} parts, %", "largest bend, %"], rows)


def values(found: dict[str, Any], points: dict[str, Any]) -> list[str]:
    """Every reading at every point, as Markdown."""
    lines = []
    for title, x in found.items():
        head = [f"{label}, harm {level}" for label in (*READ.values(), "draws with PIH, %") for level in LEVELS[:2]]
        rows = (
            [f"{at:.3g}", *(text(x[read][i, j]) for read in READ for j in range(2))]
            + [f"{100 * x['pih'][i, j, 1:].mean():.0f}" for j in range(2)]
            for i, at in enumerate(points[title])
        )
        lines += markdown([title, *head], rows)
    return lines


def answer(sessions: dict[str, Any], numbers: Any, parameters: dict[str, Any], levels: Any) -> list[str]:
    """A13 at every level of harm: its usual arm and its checks; and what each further session adds, as Markdown."""
    usual = with_harm(arm("three_28"), parameters, levels)[GAIN]
    rows = [[f"{GAIN}: three_28", "-", *map(text, usual)]]
    for check in claims()["A13"].checks:
        readings = {name: with_harm(arm(name), parameters, levels) for name in check.arms}
        cells = (
            f"{text(x)}; right in {100 * np.mean([check.excess(v) <= 1 for v in x[1:]]):.0f} %"
            for x in check.simulated(readings)
        )
        rows.append([check.name, check.target_text, *cells])
    lines = markdown(["A13", "claimed", *(f"harm {level}" for level in LEVELS)], rows)
    gain = np.concatenate([np.zeros_like(sessions[GAIN][:1]), sessions[GAIN]])
    left = 100 * np.diff(gain, axis=0) / (100 - gain[:-1])
    rows = [[f"{numbers[i - 1]:g}", *map(text, (*(gain[i] - gain[i - 1]), *left[i - 1]))] for i in range(1, len(gain))]
    head = [f"{what}, harm {level}" for what in ("adds, points", "closes of what was left, %") for level in LEVELS[:2]]
    return lines + markdown([f"sessions, week {WEEK}", *head], rows)


def draw(sets: dict[str, dict[str, Any]]) -> None:
    """A column per knob, a row per reading; a colour per set, dashed with harm."""
    panels = {"figsize": (15, 7.6), "sharex": "col", "sharey": "row"}
    with picture(HERE / "response_curves.png", len(READ), len(KNOBS), **panels) as (figure, axes):
        for column, (title, knob) in zip(axes.T, KNOBS.items(), strict=True):
            for axis, read in zip(column, READ, strict=True):
                axis.axvline(knob.usual, color=MUTED, linewidth=0.8, linestyle=":")
                for color, (name, found) in zip(COLOURS, sets.items(), strict=False):
                    y = found[title][read]
                    axis.fill_between(knob.points, *between(y[:, 0, 1:]), color=color, alpha=0.12, linewidth=0)
                    for level, dash in enumerate(("-", "--")):
                        axis.plot(knob.points, y[:, level, 0], dash, color=color, label=f"{name}, harm {LEVELS[level]}")
            column[-1].set_xlabel(title)
            if knob.log:
                column[-1].set_xscale("log")
                decades = np.arange(8, 14)
                column[-1].set_xticks(10.0**decades, [f"1e{x}" for x in decades])
                column[-1].minorticks_off()
        axes[-1, -1].set_xticks(KNOBS["sessions"].points)
        for axis, label in zip(axes[:, 0], READ.values(), strict=True):
            axis.set(ylabel=label, ylim=(0, None))
        for axis in axes[-1]:
            axis.axhline(PIH_RISE, color=MUTED, linewidth=0.8)
            axis.text(0.98, PIH_RISE + 0.3, "PIH", ha="right", color=MUTED, transform=axis.get_yaxis_transform())
        handles = [x for x in axes[0, 0].get_lines() if not x.get_label().startswith("_")]
        figure.legend(
            handles=handles, loc="outside upper center", ncols=4, title="bands: 90 %, harm off; dotted: shipped"
        )


def main(quick: bool) -> None:
    points = {title: knob.points for title, knob in KNOBS.items()}
    if quick:
        points = {title: x[[0, len(x) // 2, -1]] for title, x in points.items()}
    lines = [f"Best fit and 90 % of the ensemble, week {WEEK}. Highest rise of pigment: PIH above {PIH_RISE:g} %."]
    sets = {}
    for name in SETS:
        parameters = with_draws(name, quick)
        levels = harms(parameters)
        both = {key: x[:2] for key, x in levels.items()}
        sets[name] = found = {title: curve(KNOBS[title], x, parameters, both) for title, x in points.items()}
        about = "; ".join(f"`{key}` {x[1]:g}" for key, x in levels.items())
        lines += ["", f"## {name}", "", f"Harm on: {about}."]
        lines += answer(found["sessions"], points["sessions"], parameters, levels)
        lines += [*shapes(found, points, parameters, both), *values(found, points)]
    if not quick:
        draw(sets)
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
