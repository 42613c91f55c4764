"""Time against error of every engine of the column."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any


def draw(column: dict[str, Any], path: Path) -> None:
    """The largest error of any state of any subject against the time of a subject, both logarithmic."""
    from exosim.view.figures.style import LINES, MUTED, style

    with style() as canvas:
        figure, axis = canvas.subplots(figsize=(6.4, 3.8), layout="constrained")
        for (name, points), (colour, dash), marker in zip(column["points"].items(), LINES, "osD^v", strict=False):
            worst = [max(point.errors) for point in points]
            milliseconds = [1e3 * median(point.seconds) for point in points]
            axis.loglog(worst, milliseconds, color=colour, linestyle=dash, marker=marker, markersize=4, label=name)
        axis.axvline(1e-5, color=MUTED, linewidth=0.8)
        axis.xaxis.set_major_formatter("{x:.0e}")
        axis.yaxis.set_major_formatter("{x:g}")
        axis.set_xlabel("largest error of any state, day and subject")
        axis.set_ylabel("time per subject, ms")
        axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        figure.savefig(path, dpi=130)
