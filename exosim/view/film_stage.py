"""What a film shows: surface maps day by day with their channels, a section through the skin, a clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from exosim.biology.channels import STAGES
from exosim.biology.notation import LAYERS
from exosim.engine.tissue import Array
from exosim.events import Injury, Modulate
from exosim.results.result import Record
from exosim.view.figures.maps import MAPS, MARKS, side_of, stages_on
from exosim.view.figures.style import LINES, MUTED, WATERMARK
from exosim.view.text import short, words

WITH_CHANNELS = ("map_tnf_alpha", "map_exosome")
CHANNEL_KEY = "channels: disc open; ring barrier back; dot covered"
SLAB = 0.5  # mm on either side of the middle of the patch, from which a section shows channels
Part = tuple[list[Any], Callable[[float], None]]
"""What moves in a part of the figure, and a function that sets it to a day."""


def stage(result: Record, canvas: Any) -> tuple[Any, list[Any], Callable[[float], None]]:
    """Return the figure, laid out once; what moves in it; and a function that sets that to a day."""
    figure = canvas.figure(figsize=(7.0, 8.9), layout="constrained", dpi=90)
    head = figure.suptitle(" \n ", x=0.012, ha="left", fontsize=11, fontweight="bold")
    rows = figure.subfigures(3, 1, height_ratios=(6.0, 1.9, 1.5))
    parts = [_map_panels(rows[0], result), _section(rows[1], result), _clock(rows[2].subplots(), result)]
    figure.text(0.995, 0.004, WATERMARK, ha="right", va="bottom", fontsize=7, color=MUTED)
    figure.get_layout_engine().set(rect=(0, 0.018, 1, 0.982))
    figure.draw_without_rendering()
    figure.set_layout_engine("none")

    def draw(day: float) -> None:
        head.set_text(_heading(result, day))
        for _, move in parts:
            move(day)

    return figure, [head, *(artist for artists, _ in parts for artist in artists)], draw


def _heading(result: Record, day: float) -> str:
    """Return name, clock, and what is done on this day."""
    happening = dict.fromkeys(
        words(x.treatment) for x in result.scenario.timeline if x.event.day == day and not isinstance(x.event, Modulate)
    )
    done = ": " + ", ".join(happening) if happening else ""
    return f"{short(result.scenario.name, 60)}\nday {day:g}, week {day / 7:.1f}{short(done, 60)}"


def _map_panels(figure: Any, result: Record) -> Part:
    """Draw the four maps with their channels."""
    d, side = result.dataset, side_of(result)
    axes = figure.subplots(2, 2, sharex=True, sharey=True)
    images, channels = {}, []
    for axis, (name, look) in zip(axes.flat, MAPS.items(), strict=True):
        images[name] = axis.imshow(
            d[name].values[0].T,
            origin="lower",
            extent=(0, side, 0, side),
            cmap=look.palette,
            norm=look.norm(d[name].values),
        )
        figure.colorbar(images[name], ax=axis, shrink=0.9, format="%g")
        axis.set_title(look.title)
        axis.grid(visible=False)
        if name in WITH_CHANNELS:
            for stage, (marker, face, size) in MARKS.items():
                drawn = axis.scatter([], [], s=size, marker=marker, facecolors=face, edgecolors="white", linewidths=0.5)
                channels.append((stage, drawn))
    for axis in axes[:, 0]:
        axis.set_ylabel("mm")
    axes[1, 1].annotate(CHANNEL_KEY, (1, -0.19), xycoords="axes fraction", ha="right", fontsize=7, color=MUTED)

    def move(day: float) -> None:
        for name, image in images.items():
            image.set_data(d[name].sel(day=day).values.T)
        stages = stages_on(result, day)
        for stage, dots in channels:
            shown = stages == STAGES.index(stage)
            if shown.size:
                dots.set_offsets(np.c_[d["channel_x"].values[shown], d["channel_y"].values[shown]])

    return [*images.values(), *(dots for _, dots in channels)], move


def layer_edges(values: Mapping[str, float]) -> Array:
    """Return the depth of the surface and of the lower edge of every layer, mm."""
    return np.cumsum([0.0, *(values[f"{layer}_thickness"] for layer in LAYERS)])


def _section(figure: Any, result: Record) -> Part:
    """Draw exosomes by layer (mean of the patch), and the channels of a slab through its middle."""
    d, side = result.dataset, side_of(result)
    edges = layer_edges(result.manifest["parameter_values"])
    axis = figure.subplots()
    look = MAPS["map_exosome"]
    norm = look.norm(d["exosome"].values)
    mesh = axis.pcolormesh([0, side], edges, np.zeros((len(LAYERS), 1)), cmap=look.palette, norm=norm)
    figure.colorbar(mesh, ax=axis, format="%g")
    axis.set(ylim=(edges[-1], -0.04), xlim=(0, side))
    names = [f"{name} to {edge:.2f} mm" for name, edge in zip(LAYERS, edges[1:], strict=True)]
    axis.set_yticks((edges[1:] + edges[:-1]) / 2, names, fontsize=6.5)
    axis.set_title("Section: exosomes, 1e6/mm3 (log); channels open (solid) or closing (dotted)")
    axis.grid(visible=False)
    lines = [
        (stage, axis.vlines([], 0, [], color="white", linestyle=dash, linewidth=1.1))
        for stage, dash in (("open", "-"), ("closing", ":"))
    ]

    def move(day: float) -> None:
        mesh.set_array(d["exosome"].sel(day=day).values[:, None])
        stages = stages_on(result, day)
        for stage, drawn in lines:
            if stages.size:
                drawn_now = (stages == STAGES.index(stage)) & (np.abs(d["channel_y"].values - side / 2) < SLAB)
                x, depth = d["channel_x"].values[drawn_now], d["channel_depth"].values[drawn_now]
                drawn.set_segments([[(a, 0), (a, b)] for a, b in zip(x, depth, strict=True)])

    return [mesh, *(drawn for _, drawn in lines)], move


def _clock(axis: Any, result: Record) -> Part:
    """Draw the improvement so far with a line that marks the day, and a tick for every procedure and dose."""
    weeks = result.dataset["time"].values / 7
    values = np.nan_to_num(result.dataset["course_improvement_percent"].values)
    axis.plot(weeks, values, color="#C8C8C8")
    (so_far,) = axis.plot([], [], color=LINES[0][0])
    today = axis.axvline(0, color="#000000", linewidth=1)
    for event in (x.event for x in result.scenario.timeline if not isinstance(x.event, Modulate)):
        height = 0.3 if isinstance(event, Injury) else 0.12
        axis.axvline(event.day / 7, 0, height, color=LINES[1][0], linewidth=1.3)
    axis.set(xlim=(-0.02 * weeks[-1], weeks[-1]))
    axis.margins(y=0.15)
    axis.set_xlabel("week   (orange ticks: long procedures, short doses)", fontsize=8)
    axis.set_title("Improvement, %")

    def move(day: float) -> None:
        past = weeks <= day / 7
        so_far.set_data(weeks[past], values[past])
        today.set_xdata([day / 7, day / 7])

    return [so_far, today], move
