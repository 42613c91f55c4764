"""Maps of a patch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from exosim.biology.channels import STAGES
from exosim.result import Record
from exosim.view.style import MUTED, Drawing, style

MARKS = {"open": ("o", "white", 7), "closing": ("o", "none", 7), "stratifying": (".", "none", 4)}


def tissue_map(result: Record) -> Drawing:
    """Four maps of the patch with its channels: TNF-alpha and exosomes early, collagen and melanin at the end."""
    d = result.dataset
    days = d["day"].values
    early = _early_day(result)
    panels = [
        ("map_tnf_alpha", f"TNF-alpha, dermis, pg/mL: day {early:g}", early, "viridis", (10, 40)),
        ("map_exosome", f"Exosomes, dermis, 1e6/mm3: day {early:g}", early, "viridis", (0, 0.03)),
        ("map_collagen", f"Collagen, healthy = 1: day {days[-1]:g}", float(days[-1]), "cividis", (0.6, 1.0)),
        (
            "map_melanin",
            f"Epidermal melanin, rest = 1: day {days[-1]:g}",
            float(days[-1]),
            "cividis",
            (0.8, 1.2),
        ),
    ]
    half = float(d["x"].values[0])
    side = float(d["x"].values[-1]) + half
    rows = []
    with style() as pyplot:
        figure, axes = pyplot.subplots(
            2, 2, figsize=(8.6, 7.4), layout="constrained", sharex=True, sharey=True
        )
        for axis, (name, title, day, colours, least) in zip(axes.flat, panels, strict=True):
            values = d[name].sel(day=day).values
            low, high = min(least[0], float(values.min())), max(least[1], float(values.max()))
            image = axis.imshow(
                values.T, origin="lower", extent=(0, side, 0, side), cmap=colours, vmin=low, vmax=high
            )
            figure.colorbar(image, ax=axis, shrink=0.85)
            axis.set_title(title)
            axis.grid(visible=False)
            _draw_channels(axis, result, day)
            x, y = np.meshgrid(d["x"].values, d["y"].values, indexing="ij")
            rows.append(
                pd.DataFrame(
                    {"panel": name, "day": day, "x_mm": x.ravel(), "y_mm": y.ravel(), "value": values.ravel()}
                )
            )
        for axis in axes[1]:
            axis.set_xlabel("mm")
        for axis in axes[:, 0]:
            axis.set_ylabel("mm")
        figure.text(
            0.01,
            0.004,
            "channels: disc open; ring barrier back, not healed; dot covered, not mature; sealed ones not drawn\n"
            "colour scales are the same for all arms unless a value lies outside",
            ha="left",
            va="bottom",
            fontsize=7,
            color=MUTED,
        )
        figure.get_layout_engine().set(rect=(0, 0.04, 1, 0.96))
    return Drawing(
        "tissue_map",
        figure,
        pd.concat(rows),
        f"Four maps of a {side:g} mm patch: TNF-alpha and exosomes on day {early:g}, "
        f"collagen and melanin on day {days[-1]:g}.",
    )


def _early_day(result: Record) -> float:
    """One day after the first procedure, within the run."""
    days = result.dataset["day"].values
    return float(days[np.argmin(np.abs(days - (result.scenario.first_procedure_days[0] + 1)))])


def _draw_channels(axis: Any, result: Record, day: float) -> None:
    d = result.dataset
    if "channel_x" not in d:
        return
    since = np.stack([d[f"channel_{stage}_day"].values for stage in STAGES])
    stage = (np.nan_to_num(since, nan=np.inf) <= day).sum(axis=0) - 1
    for name, (marker, face, size) in MARKS.items():
        mine = stage == STAGES.index(name)
        axis.scatter(
            d["channel_x"].values[mine],
            d["channel_y"].values[mine],
            s=size,
            marker=marker,
            facecolors=face,
            edgecolors="white",
            linewidths=0.5,
        )
