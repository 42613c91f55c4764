"""A fit to one's own data: profiles with the draws, and the data with what the fit predicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exosim.studies.fit.own_study import OwnFit
from exosim.studies.fit.profile import RISE
from exosim.studies.store import Store
from exosim.view.figures.style import BAND, COLOURS, MUTED, Drawing, rows_of, sign, stacked, style
from exosim.view.labels import label, named, wrapped
from exosim.view.text import short, unit


def drawings(study: OwnFit, store: Store, summary: Mapping[str, Any]) -> Iterator[Drawing]:
    """Yield the figures of a fit that is done."""
    if "profiles" in summary:
        yield profiles(summary)
        if any(row["day"] is not None for row in summary["data"]):
            yield courses(summary)


def profiles(summary: Mapping[str, Any]) -> Drawing:
    """Draw how much worse the fit gets when one parameter is moved and the others follow, and the 90 % interval."""
    rows, tables = summary["parameters"], []
    with style() as canvas:
        figure, axes = _panels(canvas, len(rows))
        for axis, row in zip(axes, rows, strict=True):
            values, rise = zip(*summary["profiles"][row["parameter"]], strict=True)
            axis.axvspan(row["low"], row["high"], color=BAND, alpha=0.35, linewidth=0)
            axis.plot(values, rise, color=COLOURS[0], marker="o", markersize=3)
            axis.axhline(RISE, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
            axis.axvline(row["best"], color=COLOURS[1], linewidth=1)
            axis.set_title(named(row["parameter"]))
            axis.set(ylim=(-0.3, 5), xlabel=unit(row["unit"]), ylabel="rise of the objective")
            tables.append({"parameter": row["parameter"], "value": values, "rise": rise})
        _key(figure, "blue band: 90 % of the draws; dashed: 90 % of the profile; orange: best value")
        sign(figure)
    told = ", ".join(f"{row['parameter']} {row['low']:.3g} to {row['high']:.3g}" for row in rows)
    alt = f"Profiles of {len(rows)} parameters; dashed line: 90 % of the profile; band: 90 % of the draws: {told}."
    return Drawing("profiles", figure, stacked(tables), alt)


def courses(summary: Mapping[str, Any]) -> Drawing:
    """Draw what was measured of every arm, and the 90 % interval of what the fit predicts."""
    data = [row for row in summary["data"] if row["day"] is not None]
    panels = list(dict.fromkeys((row["arm"], row["read"]) for row in data))
    with style() as canvas:
        figure, axes = _panels(canvas, len(panels))
        for axis, (arm, read) in zip(axes, panels, strict=True):
            rows = sorted((x for x in data if (x["arm"], x["read"]) == (arm, read)), key=lambda x: x["day"])
            days, low, high, median = ([x[key] for x in rows] for key in ("day", "low", "high", "median"))
            axis.fill_between(days, low, high, color=BAND, alpha=0.35, linewidth=0)
            axis.plot(days, median, color=COLOURS[0])
            axis.errorbar(days, [x["observed"] for x in rows], [x["sd"] for x in rows], fmt="D", color=COLOURS[1])
            axis.set_title(wrapped(f"{short(arm)}: {label(read)}", 26))
            axis.set(xlabel="day", ylabel=unit(rows[0]["unit"]))
            axis.xaxis.get_major_locator().set_params(integer=True)
        _key(figure, "diamond: measured, with its standard deviation; line and band: fit, 90 % interval")
        sign(figure)
    inside = sum(bool(row["inside"]) for row in data)
    alt = f"{inside} of {len(data)} measured values lie inside the 90 % intervals of the fit, scatter included."
    return Drawing("data", figure, rows_of(data), alt)


def _key(figure: Any, text: str) -> None:
    """Say above all panels what their bands and lines are."""
    figure.suptitle(wrapped(text, int(13 * figure.get_figwidth())), fontsize=8)


def _panels(canvas: Any, number: int) -> tuple[Any, list[Any]]:
    """Return a figure with so many axes, at most four in a row."""
    lines = -(-number // 4)
    wide = min(number, 4)
    size = (max(5.0, 2.7 * wide), 2.7 * lines)
    figure, axes = canvas.subplots(lines, wide, figsize=size, layout="constrained", squeeze=False)
    for axis in axes.flat[number:]:
        axis.set_visible(False)
    return figure, list(axes.flat[:number])
