"""Does any result depend on the grid? Halve the spacing, the coupling interval, the tolerance; change the seed.

Run: ``python experiments/grid_independence/run.py`` (two minutes on two cores); writes ``table.md`` and
``grid_independence.png``. ``--quick`` shortens every run to three weeks and writes nothing.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from exosim.parameters import parameter_set
from exosim.results.outcomes import as_plain
from exosim.scenario.file import load, shipped
from exosim.simulation.grid import Grid
from exosim.simulation.loop import simulate

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import publish, start

HERE = Path(__file__).parent
ARMS = ("fractional_co2", "fractional_co2_exosome", "microneedling", "microneedling_exosome")
VARIANTS = {
    "column": ("column", 0, Grid()),
    "patch, 0.5 mm, seed 0": ("patch", 0, Grid()),
    **{f"seed {seed}": ("patch", seed, Grid()) for seed in (1, 2, 3, 4)},
    "spacing halved (0.25 mm)": ("patch", 0, Grid(spacing=0.25)),
    "coupling interval halved": ("patch", 0, Grid(horizon=0.125)),
    "tolerance / 10": ("patch", 0, Grid(rtol=1e-6)),
    "patch 15 x 15 mm": ("patch", 0, Grid(size=15)),
}
LIMITS = (1.5, 0.5)  # percentage points of improvement, days of downtime


def one(job: tuple[str, str, list[str]]) -> tuple[float, float]:
    arm, variant, changes = job
    resolution, seed, grid = VARIANTS[variant]
    scenario = load(shipped()[arm], changes)
    history = simulate(scenario, parameter_set("article").values(), resolution, seed, grid)
    outcomes = as_plain(history, scenario)
    return outcomes["improvement_percent"] or 0.0, outcomes["downtime_days"]


def main(quick: bool) -> None:
    arms, others = (ARMS[:1], []) if quick else (ARMS, [name for name in shipped() if name not in ARMS])
    changes = ["weeks=3", "treatments.0.days=[0]"] if quick else []
    jobs = [(arm, variant, changes) for variant in VARIANTS for arm in arms]
    jobs += [(arm, variant, changes) for arm in others for variant in list(VARIANTS)[:2]]
    with ProcessPoolExecutor(2) as pool:
        results = dict(zip([(arm, variant) for arm, variant, _ in jobs], pool.map(one, jobs), strict=True))
    publish(grid_table(arms, results) + ([] if quick else ["", *scenario_table(results)]), HERE, quick)
    if not quick:
        draw(results)


def grid_table(arms: tuple[str, ...], results: dict[tuple[str, str], tuple[float, float]]) -> list[str]:
    lines = ["| | " + " | ".join(arms) + " |", "|---|" + "---|" * len(arms)]
    for variant in VARIANTS:
        cells = ["{:.2f} %, {:.2f} d".format(*results[arm, variant]) for arm in arms]
        lines.append(f"| {variant} | " + " | ".join(cells) + " |")
    base = "patch, 0.5 mm, seed 0"
    patches = [v for v in VARIANTS if v != "column"]
    worst = [max(abs(results[a, v][i] - results[a, base][i]) for a in arms for v in patches) for i in (0, 1)]
    lines.append("")
    lines.append(
        f"Largest change of a patch from `{base}`: {worst[0]:.2f} percentage points of improvement "
        f"(limit {LIMITS[0]}), "
        f"{worst[1]:.2f} d of downtime (limit {LIMITS[1]})."
    )
    return lines


def scenario_table(results: dict[tuple[str, str], tuple[float, float]]) -> list[str]:
    column, patch = list(VARIANTS)[:2]
    lines = ["| scenario | column | patch | difference |", "|---|---|---|---|"]
    for name in shipped():
        a, b = results[name, column][0], results[name, patch][0]
        lines.append(f"| {name} | {a:.2f} % | {b:.2f} % | {b - a:+.2f} |")
    return lines


def draw(results: dict[tuple[str, str], tuple[float, float]]) -> None:
    from exosim.view.figures.style import LINES, style

    with style() as canvas:
        figure, axis = canvas.subplots(figsize=(8, 3.6), layout="constrained")
        for i, arm in enumerate(ARMS):
            base = results[arm, "patch, 0.5 mm, seed 0"][0]
            changes = [results[arm, variant][0] - base for variant in VARIANTS]
            axis.plot(changes, range(len(changes)), "osD^"[i], color=LINES[i][0], label=arm, markersize=5)
        axis.axvspan(-LIMITS[0], LIMITS[0], color="#56B4E9", alpha=0.15, linewidth=0)
        axis.set_yticks(range(len(VARIANTS)), VARIANTS)
        axis.invert_yaxis()
        axis.set_xlabel("change of improvement from the default patch, percentage points (band: limit)")
        axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        figure.savefig(HERE / "grid_independence.png", dpi=130)


if __name__ == "__main__":
    start(main, __doc__)
