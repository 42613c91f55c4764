"""What do sunscreen and a pause of the retinoid change (A14)? SPF by phototype; retinoid at once or days later.

Run: ``python experiments/sunscreen_and_retinoid/run.py`` (half a minute); writes ``table.md`` and
``sunscreen_and_retinoid.png``. ``--quick`` takes one phototype and eight draws, and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from exosim.results.intervals import between
from exosim.results.outcomes import outcomes
from exosim.scenario.file import load
from exosim.simulation.loop import simulate
from exosim.view.figures.style import COLOURS, LINES

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, markdown, picture, publish, start, text, with_draws

HERE = Path(__file__).parent
ARMS = {"laser": "fractional_co2", "laser + gel": "fractional_co2_exosome"}
SPF = {"none": 0, "SPF 5": 5, "SPF 15": 15, "SPF 30": 30, "SPF 50": 50}
SKINS = {f"type {name}": {"phototype": i} for i, name in enumerate(("II", "III", "IV", "V", "VI"), start=2)}
SUN = {f"type IV, {dose} SED/d": {"uv_dose_per_day": dose} for dose in (2, 4)}  # skin is adapted to 1
PAUSES = {"none": None, "from day 0": 0, "from day 3": 3, "from day 7": 7, "from day 14": 14}
COURSE = 27.3  # d from a session to the end of the retinoid before the next
OVER = ("over day 0", "over untreated skin, same sunscreen")


def run(base: str, parameters: Any, spf: int = 0, pause: int | None = None, **skin: Any) -> tuple[Any, Any]:
    """History and outcomes of a shipped scenario with aftercare."""
    scenario = load(base, {f"skin.{key}": value for key, value in skin.items()})
    if spf:
        scenario = scenario.plus({"kind": "sunscreen", "spf": spf})
    if pause is not None:
        days = [session + pause for session in (0, 28, 56)]
        scenario = scenario.plus({"kind": "retinoid", "days": days, "weeks": (COURSE - pause) / 7})
    history = simulate(scenario, parameters, "column", states=False)
    return history, outcomes(history, scenario)


def shaded(base: str, parameters: Any, spf: int, skin: Any) -> tuple[Any, Any]:
    """Highest rise of melanin over day 0, and over untreated skin under the same sun and sunscreen, %."""
    history, results = run(base, parameters, spf, **skin)
    still = run("untreated", parameters, spf, **skin)[0]
    rest = np.array([np.interp(history.times, still.times, x) for x in still.observed.melanin_index.T]).T
    over = 100 * (history.observed.melanin_index / rest - 1).max(axis=0)
    return results["melanin_index_peak_percent"], over


def table(shade: dict[Any, Any], pauses: dict[Any, Any]) -> list[str]:
    """Pigment by arm, skin and SPF, then what a retinoid adds, as Markdown."""
    lines, rows = [], []
    for i, over in enumerate(OVER):
        cells = (
            [f"{a}, {s}", *(text(shade[a, s, spf][i]) for spf in SPF)] for a, s in dict.fromkeys(k[:2] for k in shade)
        )
        lines += markdown([f"highest melanin {over}, %", *SPF], cells)
    for (arm, pause), x in pauses.items():
        more = {key: x[key] - pauses[arm, "none"][key] for key in x if key.startswith(("down", "melanin"))}
        rows.append([f"{arm}, {pause}", text(x["downtime_days"]), *map(text, more.values())])
    head = ["retinoid", "downtime, d", "more than without: downtime, d", "melanin in week 12, points"]
    return lines + markdown([*head, "highest melanin, points"], rows)


def draw(shade: Any, pauses: Any) -> None:
    """Pigment after laser by SPF and phototype, over day 0 and over untreated skin, and what a retinoid adds."""
    with picture(HERE / "sunscreen_and_retinoid.png", 1, 3, figsize=(11.5, 3.7)) as (_, (*both, right)):
        for axis, i in zip(both, (0, 1), strict=True):
            for (color, dash), skin in zip(LINES, SKINS, strict=False):
                course = [shade["laser", skin, spf][i] for spf in SPF]
                axis.plot([x[0] for x in course], color=color, linestyle=dash, marker="o", markersize=3, label=skin)
                if skin == "type IV":
                    ends = np.array([between(x[1:]) for x in course]).T
                    axis.fill_between(range(len(SPF)), *ends, color=color, alpha=0.15, linewidth=0)
            axis.set_xticks(range(len(SPF)), list(SPF))
            axis.set(title=OVER[i], ylabel="highest melanin after laser, %", ylim=(0, 26))
        both[0].legend(title="band: 90 % for type IV", ncols=2)
        for arm, color, shift in zip(ARMS, COLOURS, (-0.1, 0.1), strict=False):
            for i, pause in enumerate(list(PAUSES)[1:]):
                more = pauses[arm, pause]["downtime_days"] - pauses[arm, "none"]["downtime_days"]
                right.plot((i + shift,) * 2, between(more[1:]), color=color, linewidth=5, alpha=0.3)
                right.plot(i + shift, more[0], "o", color=color, markersize=5, label=None if i else arm)
        right.set_xticks(range(len(PAUSES) - 1), [pause.removeprefix("from ") for pause in list(PAUSES)[1:]])
        right.set(title="downtime added by a retinoid", xlabel="start after each session", ylabel="days")
        right.legend()


def main(quick: bool) -> None:
    skins = {"type IV": SKINS["type IV"]} if quick else SKINS | SUN
    lines = ["Best fit and 90 % of the ensemble; three sessions of fractional CO2 laser. Sun: 1 SED/d unless named."]
    for name in SETS:
        parameters = with_draws(name, quick)
        keys = [(arm, skin, spf) for arm in ARMS for skin in skins for spf in SPF]
        shade = {(arm, skin, spf): shaded(ARMS[arm], parameters, SPF[spf], skins[skin]) for arm, skin, spf in keys}
        pauses = {(arm, wait): run(ARMS[arm], parameters, pause=PAUSES[wait])[1] for arm in ARMS for wait in PAUSES}
        lines += ["", f"## {name}", *table(shade, pauses)]
        if name == SETS[0] and not quick:
            draw(shade, pauses)
    publish(lines, HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
