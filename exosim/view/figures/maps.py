"""Maps of a patch, and how each map is coloured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from exosim.biology.channels import STAGES
from exosim.biology.notation import LAYERS
from exosim.engine.tissue import Array
from exosim.results.result import Record
from exosim.view.figures.style import MUTED, Drawing, sign, stacked, style


class Look(NamedTuple):
    """How a map is coloured: at least from `low` to `high`; values below `low` as `low` where the scale is `log`."""

    title: str
    palette: str
    low: float
    high: float
    log: bool = False

    def ends(self, values: Array) -> tuple[float, float]:
        """Return the ends of the scale for these values."""
        low = self.low if self.log else min(self.low, float(values.min()))
        return low, max(self.high, float(values.max()))

    def norm(self, values: Array) -> Any:
        """Return the scale as matplotlib takes it."""
        from matplotlib.colors import LogNorm, Normalize

        low, high = self.ends(values)
        return (LogNorm if self.log else Normalize)(low, high, clip=True)


MAPS = {
    "map_tnf_alpha": Look("TNF-alpha, dermis, pg/mL", "viridis", 10, 40),
    "map_exosome": Look("Exosomes, dermis, 1e6/mm3 (log)", "viridis", 1e-3, 0.03, log=True),
    "map_collagen": Look("Collagen, healthy = 1", "cividis", 0.6, 1.0),
    "map_melanin": Look("Epidermal melanin, rest = 1", "cividis", 0.8, 1.2),
}
MARKS = {"open": ("o", "white", 7), "closing": ("o", "none", 7), "stratifying": (".", "none", 4)}
KEY = (
    "channels: disc open; ring barrier back, not healed; dot covered, not mature; sealed ones not drawn\n"
    "colour scales are the same for all arms unless a value lies outside"
)


SLAB = 0.5  # mm on either side of the middle of the patch, from which a section shows channels
WITH_CHANNELS = ("map_tnf_alpha", "map_exosome")


def layer_edges(values: Mapping[str, float]) -> Array:
    """Return the depth of the surface and of the lower edge of every layer, mm."""
    return np.cumsum([0.0, *(values[f"{layer}_thickness"] for layer in LAYERS)])


def side_of(result: Record) -> float:
    """Return the side of the patch, mm."""
    x = result.recorded["x"]
    return float(x[0] + x[-1])


def stages_on(result: Record, day: float) -> Any:
    """Return the stage of every channel on a day, -1 before it was opened.

    Maps of day 0 show the skin before anything was done.
    """
    d = result.recorded
    if "channel_x" not in d:
        return np.empty(0)
    since = np.stack([d[f"channel_{stage}_day"] for stage in STAGES])
    return ((np.nan_to_num(since, nan=np.inf) <= day) & (day > 0)).sum(axis=0) - 1


def tissue_map(result: Record) -> Drawing:
    """Draw four maps of a patch with its channels: TNF-alpha and exosomes early, collagen and melanin at the end."""
    side, early = side_of(result), _early_day(result)
    last = float(result.recorded["day"][-1])
    with style() as canvas:
        figure, axes = canvas.subplots(2, 2, figsize=(8.6, 7.4), layout="constrained", sharex=True, sharey=True)
        days = dict(zip(MAPS, (early, early, last, last), strict=True))
        rows = [_draw_map(axis, result, *item) for axis, item in zip(axes.flat, days.items(), strict=True)]
        for axis in axes[1]:
            axis.set_xlabel("mm")
        for axis in axes[:, 0]:
            axis.set_ylabel("mm")
        figure.supxlabel(KEY, fontsize=7, color=MUTED, x=0.01, ha="left")
        sign(figure)
    alt = (
        f"Four maps of a {side:g} mm patch: TNF-alpha and exosomes on day {early:g}, "
        f"collagen and melanin on day {last:g}."
    )
    return Drawing("tissue_map", figure, stacked(rows), alt)


def _draw_map(axis: Any, result: Record, name: str, day: float) -> dict[str, Any]:
    """Draw one map on one day, and return it as rows of data."""
    d, side, look = result.recorded, side_of(result), MAPS[name]
    values = d[name][d["day"] == day][0]
    extent = (0, side, 0, side)
    image = axis.imshow(values.T, origin="lower", extent=extent, cmap=look.palette, norm=look.norm(values))
    axis.figure.colorbar(image, ax=axis, shrink=0.85, format="%g")
    axis.set_title(f"{look.title}: day {day:g}")
    axis.grid(visible=False)
    _draw_channels(axis, result, day)
    x, y = np.meshgrid(d["x"], d["y"], indexing="ij")
    return {"panel": name, "day": day, "x_mm": x.ravel(), "y_mm": y.ravel(), "value": values.ravel()}


def _early_day(result: Record) -> float:
    """Return the day after the first procedure, within the run."""
    days = result.recorded["day"]
    return float(days[np.argmin(np.abs(days - (result.scenario.first_procedure_days[0] + 1)))])


def _draw_channels(axis: Any, result: Record, day: float) -> None:
    d, stage = result.recorded, stages_on(result, day)
    if not stage.size:
        return
    for name, (marker, face, size) in MARKS.items():
        shown = stage == STAGES.index(name)
        axis.scatter(
            d["channel_x"][shown],
            d["channel_y"][shown],
            s=size,
            marker=marker,
            facecolors=face,
            edgecolors="white",
            linewidths=0.5,
        )
