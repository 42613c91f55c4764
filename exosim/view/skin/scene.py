"""The numbers of a moment become a scene: lists of shapes with places in mm, counts and depths. Nothing is painted.

The same step as in the lesson page (``skin_scene.js``), number by number; `skin.toml` says what is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from exosim.view.skin.table import table

STEP_X, STEP_Y, GOLDEN = 0.7548776662466927, 0.5698402909980532, 0.6180339887498949
Moment = Mapping[str, Any]
"""Numbers (states and observables by name), `given` parameters, passes, type of scar, what was missing before."""
Shape = dict[str, Any]


def hashed(n: int) -> float:
    """Return a number from 0 to 1 that is always the same for `n`.

    >>> 0 <= hashed(7) < 1
    True
    """
    h = ((n ^ (n >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
    return (h ^ (h >> 16)) / 4294967296


def scattered(seed: int, i: int) -> tuple[float, float]:
    """Return the i-th of any number of evenly scattered places in a unit square; more never move earlier ones."""
    jitter = 0.04 * hashed(seed * 7919 + i)
    return (hashed(seed) + (i + 1) * STEP_X + jitter) % 1, (hashed(seed + 500) + (i + 1) * STEP_Y) % 1


def across(i: int, number: int) -> float:
    """Return the place of the i-th channel of a pass, as a share of the width."""
    return (0.31 + 0.17 * number + (i + 1) * GOLDEN) % 1


@dataclass(frozen=True)
class Layer:
    """A layer of flat skin, mm."""

    name: str
    top: float
    height: float


def layers(given: Mapping[str, float]) -> list[Layer]:
    """Return all layers from the surface down."""
    found: list[Layer] = []
    for name in table()["layers"]:
        top = found[-1].top + found[-1].height if found else 0.0
        found.append(Layer(name, top, given[f"{name}_thickness"]))
    return found


@dataclass(frozen=True)
class Surface:
    """How the surface runs, and where a place of flat skin lies in it; the lower edge of the dermis stays."""

    dip: float
    before: float
    half: float
    edge: float
    deepest: float

    @property
    def middle(self) -> float:
        """Where the floor of the scar is, mm."""
        return float(table()["picture"]["width"] / 2)

    def foot(self, x: float) -> float:
        """Return the share of the dip at `x`."""
        return (1 + math.exp(-self.half / self.edge)) / (1 + math.exp((abs(x - self.middle) - self.half) / self.edge))

    def at(self, x: float) -> float:
        """Return the depth of the surface, mm."""
        return self.dip * self.foot(x)

    def was(self, x: float) -> float:
        """Return the depth of the surface before anything was done, mm."""
        return self.before * self.foot(x)

    def y(self, x: float, depth: float) -> float:
        """Return where `depth` of flat skin lies, mm below the healthy surface."""
        return depth + self.at(x) * (1 - depth / self.deepest)


def surface(moment: Moment) -> Surface:
    """Return the surface of a moment."""
    deepest = sum(layer.height for layer in layers(moment["given"]))
    dip = moment["numbers"]["missing_collagen"]
    return Surface(dip, moment["before"], **table()["scars"][moment["scar"]], deepest=deepest)


def faded(count: float, make: Callable[[int], Shape]) -> list[Shape]:
    """Return `count` shapes with how visible each is: all of them, and the last in part."""
    return [make(i) | {"alpha": min(1.0, count - i)} for i in range(math.ceil(max(0.0, count - 1e-9)))]


def fibres(kind: str, moment: Moment, skin: Surface) -> list[Shape]:
    """Return the fibres of a kind: in the scar as its collagen is now, around it those of healthy skin."""
    look, piece, given = table()["fibres"][kind], table()["picture"], moment["given"]
    rest = given["rest_collagen_3"] if kind == "thin" else 1 - given["rest_collagen_3"]
    wide = 2 * skin.half
    around = piece["width"] - wide
    found: list[Shape] = []
    for nr, layer in enumerate(layers(given)[1:]):
        amount = sum(moment["numbers"][f"{state}_{layer.name}"] for state in look["states"])
        volume, number = layer.height * piece["slab"] / look["per"], 2 * (10 * look["seed"] + nr)
        inside = _fibre(kind, number + 1, layer, nr, skin, lambda u: skin.middle + wide * (u - 0.5))
        outside = _fibre(kind, number, layer, nr, skin, lambda u: u * around if u < 0.5 else u * around + wide)
        found += faded(wide * amount * volume, inside) + faded(around * rest * volume, outside)
    return found


def _fibre(
    kind: str, number: int, layer: Layer, nr: int, skin: Surface, place: Callable[[float], float]
) -> Callable[[int], Shape]:
    """Return what makes the i-th fibre of a sequence."""
    length = table()["fibres"][kind]["length"] * (0.75 + 0.25 * nr)

    def make(i: int) -> Shape:
        u, v = scattered(number, i)
        x, depth = place(u), layer.top + layer.height * (0.06 + 0.88 * v)
        return {
            "kind": kind,
            "layer": layer.name,
            "x": x,
            "depth": depth,
            "y": skin.y(x, depth),
            "scar": number % 2 == 1,
            "length": length * (0.7 + 0.6 * hashed(number * 31 + i)),
            "angle": 0.3 * math.sin(3.1 * x + 7 * depth) + 0.4 * (hashed(number * 57 + i) - 0.5),
            "phase": 8 * x + 15 * depth + 1.8 * hashed(number * 91 + i),
            "tone": hashed(number * 77 + i),
        }

    return make


def symbols(name: str, moment: Moment, skin: Surface) -> list[Shape]:
    """Return all symbols of one kind, in the layers that their state lives in."""
    look, width, numbers = table()["symbols"][name], table()["picture"]["width"], moment["numbers"]
    channels = math.floor(pieces(moment["passes"]) + 0.5)
    less = moment["given"][look["above"]] if "above" in look else 0.0
    epidermis, *dermal = layers(moment["given"])

    def put(x: float, depth: float, turn: float, layer: Layer) -> Shape:
        return {"kind": name, "layer": layer.name, "x": x, "depth": depth, "y": skin.y(x, depth), "turn": turn}

    def scatter(layer: Layer, count: float, number: int) -> list[Shape]:
        def make(i: int) -> Shape:
            u, v = scattered(number, i)
            x = (across(i % channels, 0) + 0.16 * (u - 0.5)) % 1 if look.get("near") and channels else u
            return put(width * x, layer.top + layer.height * (0.1 + 0.8 * v), hashed(number * 13 + i), layer)

        return faded(count, make)

    def amount(entry: str) -> float:
        return max(0.0, float(numbers[entry]) - less) / float(look["per"])

    def basal(i: int) -> Shape:
        depth = epidermis.height * (0.78 + 0.12 * hashed(look["seed"] * 17 + i))
        return put(width * ((i + 1) * GOLDEN % 1), depth, 0.0, epidermis)

    if look.get("place") == "basal":
        return faded(amount(look["state"]), basal)
    if "place" in look:
        return scatter(dermal[0], amount(look["state"]), look["seed"])
    own = [x for x in (epidermis, *dermal) if f"{look['state']}_{x.name}" in numbers]
    volume = width * table()["picture"]["slab"]
    found = ((amount(f"{look['state']}_{x.name}") * volume * x.height, x, 10 * look["seed"]) for x in own)
    return [shape for nr, (count, layer, seed) in enumerate(found) for shape in scatter(layer, count, seed + nr)]


def pieces(passes: list[Shape]) -> float:
    """Return how many channels of the first pass are in the piece of skin."""
    if not passes or passes[0]["mode"] not in table()["kinds"]:
        return 0.0
    return float(passes[0]["density"] * table()["picture"]["width"] * table()["picture"]["slab"])


def channels(moment: Moment, skin: Surface) -> list[Shape]:
    """Return each channel in each stage that it is partly in: the first have come farthest."""
    found: list[Shape] = []
    for nr, one in enumerate(moment["passes"]):
        kind = table()["kinds"].get(one["mode"])
        if not kind:
            continue
        same = [x for x in moment["passes"] if x["mode"] == one["mode"]]
        hits = sum(x["density"] * x["radius"] ** 2 for x in same) * math.pi
        whole = pieces([one])
        *stages, sealed = table()["stages"]
        counts = {stage: max(0.0, moment["numbers"][f"{kind}_{stage}"]) / hits * whole for stage in stages}
        start = max(0.0, whole - sum(counts.values()))
        found += _channels(one, nr, sealed, 0.0, start, skin)
        for stage in reversed(stages):
            found += _channels(one, nr, stage, start, start + counts[stage], skin)
            start += counts[stage]
    return found


def _channels(one: Shape, nr: int, stage: str, low: float, high: float, skin: Surface) -> list[Shape]:
    """Return the channels from `low` to `high` in their order."""
    found = []
    for i in range(math.floor(low), math.ceil(high - 1e-9)):
        x = table()["picture"]["width"] * across(i, nr)
        top = skin.at(x)
        bottom = min(top + one["depth"], skin.deepest)
        alpha = min(high, i + 1) - max(low, i)
        own = {"mode": one["mode"], "stage": stage, "radius": one["radius"]}
        found.append(own | {"x": x, "top": top, "bottom": bottom, "alpha": alpha})
    return found


def zones(moment: Moment, skin: Surface) -> list[Shape]:
    """Return zones that a laser coagulated, as many as heat-damaged matrix is left."""
    epidermis, *dermal = layers(moment["given"])
    own = [x for x in moment["passes"] if x["mode"] == "coagulation"]
    left = sum(moment["numbers"][f"heat_{layer.name}"] * layer.height for layer in dermal)
    made = sum(
        x["density"] * math.pi * x["radius"] ** 2 * max(1e-9, min(x["depth"], skin.deepest) - epidermis.height)
        for x in own
    )
    piece = table()["picture"]["width"] * table()["picture"]["slab"]
    return [
        shape
        for nr, one in enumerate(own)
        for shape in _channels(one, nr, "zone", 0.0, left / made * one["density"] * piece, skin)
    ]


def scene(moment: Moment) -> dict[str, Any]:
    """Return everything that is drawn of a moment."""
    skin, numbers, look = surface(moment), moment["numbers"], table()
    redness = (numbers[look["flush"]["observable"]] - 1) / look["flush"]["full"]
    films = look["films"].items()
    return {
        "surface": skin,
        "layers": layers(moment["given"]),
        "flush": min(1.2, max(0.0, redness)),
        "films": [{"kind": k, "height": film["height"] * max(0.0, numbers[film["state"]])} for k, film in films],
        "channels": channels(moment, skin),
        "zones": zones(moment, skin),
        "fibres": [fibre for kind in look["fibres"] for fibre in fibres(kind, moment, skin)],
        "symbols": {name: symbols(name, moment, skin) for name in look["symbols"]},
    }
