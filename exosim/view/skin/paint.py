"""A scene of skin on a matplotlib axis, in mm from the healthy surface down, as ``skin_paint.js`` paints it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PatchCollection, PathCollection
from matplotlib.patches import Ellipse, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from exosim.engine.tissue import Array
from exosim.view.skin.scene import Layer, Shape, Surface, hashed
from exosim.view.skin.shapes import NUCLEI, OUTLINES
from exosim.view.skin.table import table

Curve = Callable[[Array], Array]
Colours = Mapping[str, Any]
WIDTH = float(table()["picture"]["width"])
X = np.linspace(0, WIDTH, 160)
FIBRE_WIDTH = {"thick": 0.013, "thin": 0.006}
TURNS = {"spindle": (1.1, 0.5), "tnf": (3.0, 0.0)}
LOOKS = {
    "open": ("hole", 1.0, 0.95, "-", 1.0, 0.0),
    "closing": ("clot", 0.9, 0.7, "-", 0.9, 0.3),
    "stratifying": ("clot", 0.45, 0.55, (0, (3, 2.5)), 0.7, 0.8),
    "sealed": ("clot", 0.0, 0.28, (0, (1.2, 4)), 0.12, 0.0),
}
"""Of a channel in each stage: fill, its opacity, that of the wall, dashes, width, thickness of the cover."""


def wave(x: Array, length: float, phase: float = 0.0) -> Array:
    """Return a sine of some length, mm."""
    return np.asarray(np.sin(2 * math.pi * x / length + phase))


class Painter:
    """Draws one scene; `scale` is points per mm, for the width of lines."""

    def __init__(self, axis: Any, scene: Mapping[str, Any], colours: Colours, scale: float) -> None:
        self.axis, self.scene, self.colours, self.scale = axis, scene, colours, scale
        self.surface: Surface = scene["surface"]
        self.layers: list[Layer] = scene["layers"]
        self.order = 0

    def top(self, x: Array) -> Array:
        """Return the surface, as an unsteady hand draws it."""
        return self.line(0.0)(x) + 0.004 * wave(x, 0.83, 1) + 0.003 * wave(x, 0.31, 2)

    def base(self, x: Array) -> Array:
        """Return the lower edge of the epidermis with its ridges."""
        return self.line(self.layers[0].height)(x) + 0.012 * wave(x, 0.15) + 0.006 * wave(x, 0.37, 1)

    def line(self, depth: float) -> Curve:
        """Return where a depth of flat skin lies."""
        return np.vectorize(lambda x: self.surface.y(x, depth), otypes=[float])

    def next(self) -> int:
        """Return the order of what is drawn next."""
        self.order += 1
        return self.order

    def band(self, upper: Array, lower: Array, colour: str, alpha: float = 1.0) -> None:
        """Fill between two lines across the picture."""
        self.axis.fill_between(X, upper, lower, color=colour, alpha=alpha, linewidth=0, zorder=self.next())

    def across(self, y: Array, colour: str, width: float, alpha: float = 1.0, dashes: Any = "-") -> None:
        """Draw a line across the picture."""
        look = {"color": colour, "linewidth": width * self.scale, "alpha": alpha, "linestyle": dashes}
        self.axis.plot(X, y, zorder=self.next(), **look)

    def lines(self, curves: Sequence[Array], colour: str, width: float, alpha: Any = 1.0) -> None:
        """Draw many lines."""
        look: dict[str, Any] = {"colors": colour, "linewidths": width * self.scale, "alpha": alpha}
        drawn = LineCollection(list(curves), capstyle="round", joinstyle="round", zorder=self.next(), **look)
        self.axis.add_collection(drawn, autolim=False)

    def paint(self) -> None:
        """Draw everything, from the back to the front."""
        self.ground()
        self.flush()
        self.fibres()
        self.epidermis()
        for zone in self.scene["zones"]:
            self.zone(zone)
        for channel in self.scene["channels"]:
            self.channel(channel)
        self.films()
        if abs(self.surface.before) > 1e-6:
            was = np.array([self.surface.was(x) for x in X]) - 0.004
            self.across(was, self.colours["ink"], 0.007, 0.6, (0, (4, 3)))
        for name, shapes in self.scene["symbols"].items():
            self.stamp(name, shapes)

    def ground(self) -> None:
        """Draw sky, dermis and fat."""
        sky, fat = table()["picture"]["sky"], table()["picture"]["fat"]
        bottom = self.surface.deepest + fat
        self.axis.set(xlim=(0, WIDTH), ylim=(bottom, -sky), aspect="equal")
        self.axis.set_axis_off()
        for colours, low, high in ((self.colours["sky"], -sky, 0.4), (self.colours["dermis"], 0.0, bottom)):
            self.gradient(colours, low, high, low == 0.0)
        for layer in self.layers[2:]:
            self.across(self.line(layer.top)(X), self.colours["thick"][0], 0.005, 0.16)
        edge = self.surface.deepest + 0.012 * wave(X, 0.9, 1)
        self.band(edge, np.full_like(X, bottom), self.colours["fat"])
        cells = []
        for row, i in product(range(3), range(-1, 15)):
            x = (i + row % 2 / 2 + 0.25 * hashed(40 * row + i + 2)) * 0.17
            cells.append(Ellipse((x, self.surface.deepest + 0.075 + 0.105 * row), 0.16, 0.112))
        look = {"facecolor": "none", "edgecolor": self.colours["fat_line"], "linewidth": 0.007 * self.scale}
        self.axis.add_collection(PatchCollection(cells, zorder=self.next(), **look), autolim=False)

    def gradient(self, colours: Sequence[str], low: float, high: float, below: bool) -> None:
        """Fill the picture, or what lies `below` the surface, with colours that pass into each other."""
        from matplotlib.colors import LinearSegmentedColormap

        fade = LinearSegmentedColormap.from_list("fade", list(colours))
        image = self.axis.imshow(
            np.linspace(0, 1, 64)[:, None], cmap=fade, extent=(0, WIDTH, high, low), aspect="auto", zorder=self.next()
        )
        if below:
            corners = [*zip(X, self.top(X), strict=True), (WIDTH, high), (0, high)]
            image.set_clip_path(Path(corners), self.axis.transData)

    def flush(self) -> None:
        """Redden the surface and the upper dermis, and widen its vessels."""
        epidermis, papillary, upper = self.layers[:3]
        flush, vessel = min(1.0, self.scene["flush"]), papillary.top + papillary.height
        if flush > 0.002:
            for depth in (epidermis.height + 0.1, vessel, vessel + 0.1, vessel + 0.4 * upper.height):
                self.band(self.top(X), self.line(depth)(X), self.colours["flush"], 0.13 * flush)
        curves = [np.c_[X, [self.surface.y(x, vessel + 0.014 * float(wave(np.array(x), 0.6))) for x in X]]]
        for i in range(11):
            x = 0.12 + i * 0.216 + 0.05 * (hashed(300 + i) - 0.5)
            tip = epidermis.height + 0.03 + 0.03 * hashed(320 + i)
            offsets = [(-0.05, vessel), (-0.02, vessel - 0.05), (-0.013, tip + 0.03), (-0.008, tip), (0, tip - 0.012),
                       (0.01, tip), (0.014, tip + 0.04), (0.02, vessel - 0.06), (0.05, vessel)]  # fmt: skip
            curves.append(np.array([(x + dx, self.surface.y(x + dx, depth)) for dx, depth in offsets]))
        self.lines(curves, self.colours["vessel"], 0.006 + 0.018 * self.scene["flush"], 0.4 + 0.5 * flush)

    def fibres(self) -> None:
        """Draw all fibres: thin ones, then thick ones in two tones."""
        for kind, tone, colour in (
            ("thin", None, self.colours["thin"]),
            ("thick", False, self.colours["thick"][0]),
            ("thick", True, self.colours["thick"][1]),
        ):
            own = [f for f in self.scene["fibres"] if f["kind"] == kind and tone in (None, f["tone"] > 0.5)]
            if own:
                self.lines([self.fibre(f) for f in own], colour, FIBRE_WIDTH[kind], [f["alpha"] for f in own])

    def fibre(self, fibre: Shape) -> Array:
        """Return the wave of a fibre along its direction."""
        c, s = math.cos(fibre["angle"]), 0.5 * math.sin(fibre["angle"])
        k = np.linspace(0, 5, 16)
        along, off = fibre["length"] * (k / 5 - 0.5), 0.085 * fibre["length"] * np.sin(fibre["phase"] + 1.35 * k)
        x, depth = fibre["x"] + c * along - s * off, fibre["depth"] + s * along + c * off
        deepest = self.surface.deepest
        return np.array([(a, self.surface.y(a, min(deepest, b))) for a, b in zip(x, depth, strict=True)])

    def epidermis(self) -> None:
        """Draw the epidermis with its basal band, as dark as its melanin."""
        per = table()["symbols"]["granule"]["per"]
        dark = sum(grain["alpha"] for grain in self.scene["symbols"]["granule"]) * per
        flush = min(1.0, self.scene["flush"])
        self.band(self.top(X), self.base(X), self.colours["epidermis"])
        self.across(self.base(X) - 0.013, self.colours["basal"], 0.026, min(1.0, max(0.1, 0.85 * dark)))
        if flush > 0.002:
            self.band(self.top(X), self.base(X), self.colours["flush"], 0.34 * flush)
        self.across(self.top(X) + 0.004, self.colours["corneum"], 0.01)

    def channel(self, channel: Shape) -> None:
        """Draw a channel in its stage."""
        fill, filled, wall, dashes, wide, cover = LOOKS[channel["stage"]]
        x, bottom, high = channel["x"], channel["bottom"], channel["radius"] * wide
        low = high * (0.12 if channel["mode"] == "puncture" else 0.5)
        ends = [(x - high, self.surface.at(x - high) - 0.008), (x + high, self.surface.at(x + high) - 0.008)]
        points = [ends[0], (x - low, bottom - low), (x, bottom + 0.4 * low), (x + low, bottom - low), ends[1]]
        path = Path(points, [Path.MOVETO, Path.LINETO, Path.CURVE3, Path.CURVE3, Path.LINETO])
        fills = [(self.colours[fill], filled)]
        if channel["stage"] == "open":
            fills += [(self.colours[film["kind"]], min(1.0, film["height"] / 0.02)) for film in self.scene["films"]]
        for colour, alpha in fills:
            self.patch(path, facecolor=colour, edgecolor="none", alpha=alpha * channel["alpha"])
        line = {"linewidth": 0.009 * self.scale, "linestyle": dashes, "alpha": wall * channel["alpha"]}
        self.patch(path, facecolor="none", edgecolor=self.colours["wall"], **line)
        if cover:
            edge = np.array([x - channel["radius"], x + channel["radius"]])
            top = np.array([self.surface.at(v) for v in edge])
            low_edge = top + cover * self.layers[0].height
            look = {"color": self.colours["epidermis"], "alpha": channel["alpha"], "linewidth": 0}
            self.axis.fill_between(edge, top, low_edge, zorder=self.next(), **look)
            self.lines([np.c_[edge, top + 0.002]], self.colours["corneum"], 0.008, channel["alpha"])

    def patch(self, path: Path, **look: Any) -> None:
        """Add a path."""
        from matplotlib.patches import PathPatch

        self.axis.add_patch(PathPatch(path, zorder=self.next(), **look))

    def zone(self, zone: Shape) -> None:
        """Draw a zone that a laser coagulated."""
        top, radius = self.surface.y(zone["x"], self.layers[0].height) + 0.01, zone["radius"]
        box = {"xy": (zone["x"] - radius, top), "width": 2 * radius, "height": max(0.02, zone["bottom"] - top)}
        round_box = f"round,pad=0,rounding_size={radius}"
        wall = {"linewidth": 0.007 * self.scale, "linestyle": (0, (2.2, 2.2)), "alpha": 0.8 * zone["alpha"]}
        for look in (
            {"facecolor": self.colours["zone"], "edgecolor": "none", "alpha": 0.42 * zone["alpha"]},
            {"facecolor": "none", "edgecolor": self.colours["wall"], **wall},
        ):
            self.axis.add_patch(FancyBboxPatch(boxstyle=round_box, zorder=self.next(), **box, **look))

    def films(self) -> None:
        """Draw the films on the surface, one on the other."""
        under = 0.0
        for film in self.scene["films"]:
            height = film["height"]
            if height > 1e-4:
                upper = self.top(X) - under - height * (1 + 0.1 * wave(X, 0.5))
                self.band(upper, self.top(X) - under, self.colours[film["kind"]], 0.8)
                self.across(upper, self.colours["hole"], 0.006, 0.8)
                under += height

    def stamp(self, name: str, shapes: Iterable[Shape]) -> None:
        """Draw all symbols of a kind."""
        shapes = list(shapes)
        if not shapes:
            return
        look, alpha = table()["symbols"][name], [shape["alpha"] for shape in shapes]
        by, off = TURNS.get(name, (0.0, 0.0))
        moved = [
            Affine2D().scale(look["size"]).rotate(by * (s["turn"] - off)).translate(s["x"], s["y"]) for s in shapes
        ]
        shape, wide = look["shape"], look["size"] * self.scale

        def add(part: Path, **looks: Any) -> None:
            paths = [move.transform_path(part) for move in moved]
            self.axis.add_collection(PathCollection(paths, alpha=alpha, zorder=self.next(), **looks), autolim=False)

        colour, outline = self.colours[name], self.colours["outline"]
        if shape == "ring":
            add(OUTLINES[shape], facecolors=outline, edgecolors=colour, linewidths=0.5 * wide)
            return
        if shape != "grain":
            under = 0.34 * wide * (0.45 if shape == "spindle" else 1)
            add(OUTLINES[shape], facecolors="none", edgecolors=outline, linewidths=under)
        add(OUTLINES[shape], facecolors=colour, edgecolors="none", linewidths=0)
        if shape in NUCLEI:
            add(NUCLEI[shape], facecolors=outline, edgecolors="none", linewidths=0)
