"""Injury: what needles and lasers do to the states at once.

Each zone has a core, which a needle parts or a laser removes, and a rim that is affected too. Zones fall at random,
so overlapping ones cover the share ``1 - exp(-density * area)`` of the skin, in a column and in each
column of a patch alike; a layer is affected in proportion to how far the zone crosses it. Several passes at one moment
cover together what the sum of their densities covers, at each depth those that reach it, and each pass has its part of
it; so two passes of half the density are one pass. Needles make vessels bleed (platelet TGF-beta), lasers seal them.

Three modes cover the field: `puncture` (reach = needle length, mm), `ablation` and `coagulation`
(reach = energy per area relative to a reference pulse).

Sources: needle depth 0.2 (roller, rat, PMC3160154) to 1 (motor pen, Sasaki 2019) of its length; ablated
depth grows 520 to 900 um from 80 to 160 mJ; depth of non-ablative zones exceeds 1 mm and width approaches
0.2 mm at 40 mJ (Bedi 2007).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from exosim.biology.notation import DERMIS, EPIDERMIS, Parameter, State, Values, clip01, dermis, exp, log, total

# fmt: off
STATES = (
    State("heat", "1", DERMIS, 0.1, "what is felt of heat-damaged matrix that still calls for its replacement",
          diffusivity="strain_diffusivity"),
    State("load", "1", DERMIS, 0.1, "what is felt of tissue injured so recently that it is still healing",
          diffusivity="strain_diffusivity"),
)
# fmt: on

# fmt: off
PARAMETERS = (
    Parameter("needle_reach", 0.7, "1", 0.2, 1, "estimated", "0.2 roller in rat .. 1 motor pen in man",
              "real depth over needle length"),
    Parameter("needle_rim", 0.06, "mm", 0.03, 0.12, "assumed", "no measurement found", "affected rim round a needle"),
    Parameter("needle_wound", 0.15, "1", 0, 0.4, "assumed", "no measurement found",
              "share of the needled volume that becomes wound"),
    Parameter("needle_debris", 0.35, "1", 0.1, 1, "assumed", "size fitted (A8, C7)",
              "share of the needled volume that becomes debris"),
    Parameter("needle_bleed", 20, "ng/mL", 0, 60, "assumed", "serum holds 30-50 ng/mL TGF-beta",
              "platelet TGF-beta per unit needled fraction"),
    Parameter("needle_drag", 0.04, "mm", 0.008, 0.16, "assumed", "no measurement found",
              "gel drawn in per needle and mm of needled depth"),
    Parameter("ablation_depth", 0.62, "mm", 0.21, 1.26, "measured", "520 to 900 um at 80 to 160 mJ on a 120 um spot, facial skin in vivo",
              "depth ablated by a reference pulse (100 mJ, 120 um) of the device that was measured"),
    Parameter("ablation_exponent", 0.8, "1", 0.6, 1, "measured", "520 to 900 um at 80 to 160 mJ on a 120 um spot",
              "growth of ablated depth with energy on a 120 um spot"),
    Parameter("ablation_radius", 0.06, "mm", 0.03, 0.2, "measured", "by definition: half of 120 um",
              "radius of the spot for which the depth of ablation is stated"),
    Parameter("ablation_spot", 1.24, "1", 0.8, 1.6, "measured", "200 to 550 um at 100 to 180 mJ on a 300 um spot",
              "fall of ablated depth with the width of the spot, at 100 mJ"),
    Parameter("ablation_spot_exponent", 1.01, "1", 0.5, 1.3, "measured", "200 to 550 um at 100 to 180 mJ on a 300 um spot",
              "rise of the exponent of energy with the logarithm of the width of the spot"),
    Parameter("coagulation_rim", 0.06, "mm", 0.04, 0.12, "estimated", "rim of heat diffusion during a pulse",
              "coagulated rim round an ablated core"),
    Parameter("coagulation_depth", 1.0, "mm", 0.5, 1.4, "estimated", "exceeds 1 mm at 40 mJ (Bedi 2007)",
              "depth coagulated by a non-ablative reference pulse (40 mJ)"),
    Parameter("coagulation_exponent", 0.5, "1", 0.3, 0.8, "assumed", "depth grows with energy (Bedi 2007), exponent assumed",
              "growth of coagulated depth with energy"),
    Parameter("coagulated_loss", 0.5, "1", 0.2, 0.8, "assumed", "no measurement found",
              "share of coagulated matrix that is lost"),
    Parameter("heat_fade", 0.012, "1/d", 0.006, 0.03, "estimated", "hsp47 raised for months after fractional lasers (recalled)",
              "replacement of heat-damaged matrix"),
    Parameter("load_fade", 0.07, "1/d", 0.03, 0.2, "assumed", "tissue heals within weeks; no measurement of the time needed found",
              "fading of the load of an injury"),
    Parameter("strain_diffusivity", 0.05, "mm^2/d", 0.01, 0.2, "assumed", "cells feel injured matrix over about a millimetre; no measurement found",
              "spread of what is felt of injured and heat-damaged matrix"),
    Parameter("vapour_share", 0.7, "1", 0.4, 1, "assumed", "no measurement found",
              "share of the ablated volume that leaves with the plume and becomes no debris"),
)
# fmt: on


FULL_STRAIN = 0.2
"""Share of the dermis that is healing or heat-damaged at which harm has its full size (assumed; scales `harm`)."""


@dataclass(frozen=True)
class Pass:
    """One pass over the skin: `reach` of its mode, `radius` (mm) of the core and density (1/mm2) of its zones."""

    reach: Values
    radius: Values
    density: Values


@dataclass(frozen=True)
class Wound:
    """What one pass does, as fractions per layer (`bleeding`: ng/mL of TGF-beta per dermal layer)."""

    depth: Values
    opened: Values
    ablated: Values
    heated: Values
    killed: Values
    removed: Values
    debris: Values
    bleeding: Values


def coverage(hits: Values) -> Values:
    """Return the share of the skin covered by randomly placed zones, overlap counted once.

    `hits` is density times area, the mean number of zones over a point.
    """
    return 1 - exp(-hits)


def crossed(depth: Values, thickness: Values) -> Values:
    """Return the share of each layer that lies above `depth`."""
    top = np.cumsum(thickness, axis=0) - thickness
    return clip01((depth - top) / thickness)


def shares(amounts: Sequence[Values]) -> list[Values]:
    """Return each amount as a share of their sum; where the sum is 0, 0 (a single amount is all of it)."""
    if len(amounts) == 1:
        return [1]
    whole = sum(amounts) + 1e-300
    return [amount / whole for amount in amounts]


def covered(u: Values, depths: Sequence[Values], radii: Sequence[Values], densities: Sequence[Values]) -> list[Values]:
    """Return the share of each layer that the zones of each pass cover, overlap counted once; the deepest pass first."""
    hits = [density * math.pi * radius**2 for density, radius in zip(densities, radii, strict=True)]
    above = [crossed(depth, u.thickness) for depth in depths]
    parts: list[Values] = [0] * len(hits)
    for last in range(len(hits)):  # the slab that the first passes reach, down to this one, and the next does not
        slab = above[last] - above[last + 1] if last + 1 < len(hits) else above[last]
        whole = coverage(sum(hits[: last + 1])) * slab
        for i, share in enumerate(shares(hits[: last + 1])):
            parts[i] = parts[i] + whole * share
    return parts


def puncture(p: Values, u: Values, passes: Sequence[Pass]) -> list[Wound]:
    """Return the wound by each pass of needles, whose length (mm) is its reach; the longest first."""
    depths, densities = [p.needle_reach * x.reach for x in passes], [x.density for x in passes]
    opened = covered(u, depths, [x.radius for x in passes], densities)
    affected = covered(u, depths, [x.radius + p.needle_rim for x in passes], densities)
    return [
        Wound(
            depth=depth,
            opened=core,
            ablated=0 * zone,
            heated=0 * zone,
            killed=p.needle_wound * zone,
            removed=p.needle_wound * zone,
            debris=p.needle_debris * zone,
            bleeding=p.needle_bleed * dermis(zone),
        )
        for depth, core, zone in zip(depths, opened, affected, strict=True)
    ]


def crater(p: Values, reach: Values, radius: Values) -> Values:
    """Return the depth (mm) that a pulse of energy `reach` ablates on a spot of `radius` (mm)."""
    wider = log(radius / p.ablation_radius)
    return (
        p.ablation_depth
        * exp(-p.ablation_spot * wider)
        * reach ** (p.ablation_exponent + p.ablation_spot_exponent * wider)
    )


def ablation(p: Values, u: Values, passes: Sequence[Pass]) -> list[Wound]:
    """Return the wound by each pass of a laser whose zones have a vaporised core and a coagulated rim.

    The reach is energy relative to the reference pulse of the device that was measured; the highest comes first.
    """
    depths, densities = [crater(p, x.reach, x.radius) for x in passes], [x.density for x in passes]
    cores = covered(u, depths, [x.radius for x in passes], densities)
    rim = p.coagulation_rim
    zones = covered(u, [depth + rim for depth in depths], [x.radius + rim for x in passes], densities)
    return [
        Wound(
            depth=depth,
            opened=core,
            ablated=core,
            heated=zone - core,
            killed=zone,
            removed=core + p.coagulated_loss * (zone - core),
            debris=zone - p.vapour_share * core,
            bleeding=0 * p.needle_bleed * dermis(zone),
        )
        for depth, core, zone in zip(depths, cores, zones, strict=True)
    ]


def coagulation(p: Values, u: Values, passes: Sequence[Pass]) -> list[Wound]:
    """Return the wound by each pass of a laser that coagulates columns of tissue under an intact barrier.

    The reach is energy relative to the reference pulse; the highest comes first.
    """
    depths = [p.coagulation_depth * x.reach**p.coagulation_exponent for x in passes]
    zones = covered(u, depths, [x.radius for x in passes], [x.density for x in passes])
    return [
        Wound(
            depth=depth,
            opened=0 * zone,
            ablated=0 * zone,
            heated=zone,
            killed=zone,
            removed=p.coagulated_loss * zone,
            debris=zone,
            bleeding=0 * p.needle_bleed * dermis(zone),
        )
        for depth, zone in zip(depths, zones, strict=True)
    ]


MODES: dict[str, Callable[..., list[Wound]]] = {"puncture": puncture, "ablation": ablation, "coagulation": coagulation}
CHANNELS = {"puncture": "needle", "ablation": "laser"}  # the kind of channel that a mode leaves open


def jump(s: Values, u: Values, wounds: Sequence[Wound]) -> dict[str, Values]:
    """Return the new values of the states that all passes of one mode change at one moment."""
    wound = together(wounds)
    keep, alive = 1 - dermis(wound.removed), 1 - dermis(wound.killed)
    lost = wound.ablated * s.exosome
    bared = wound.ablated[EPIDERMIS] * s.melanin_epidermal
    return {
        "exosome": s.exosome - lost,
        "exosome_ablated": s.exosome_ablated + total(lost * u.thickness),
        "alarm": s.alarm + wound.debris[EPIDERMIS],
        "debris": s.debris + dermis(wound.debris),
        "tgf_beta": s.tgf_beta + wound.bleeding,
        "fibroblast": s.fibroblast * alive,
        "myofibroblast": s.myofibroblast * alive,
        "heat": 1 - (1 - s.heat) * (1 - dermis(wound.heated)),
        "load": 1 - (1 - s.load) * (1 - dermis(wound.killed)),
        "wound": 1 - (1 - s.wound) * keep,
        "collagen_3": s.collagen_3 * keep,
        "collagen_1_new": s.collagen_1_new * keep,
        "collagen_1_mature": s.collagen_1_mature * keep,
        "melanin_epidermal": s.melanin_epidermal - bared,
        "melanin_ablated": s.melanin_ablated + bared,
    }


def rates(s: Values, p: Values, u: Values) -> dict[str, Values]:
    """Return the rates at which heat-damaged matrix is replaced and the load of injuries fades."""
    return {"heat": -p.heat_fade * s.heat, "load": -p.load_fade * s.load}


def together(wounds: Sequence[Wound]) -> Wound:
    """Return the wound by several passes at once; its depth is that of the first."""
    first, *others = wounds
    if not others:
        return first
    names = [field.name for field in fields(Wound) if field.name != "depth"]
    return Wound(first.depth, **{name: sum(getattr(x, name) for x in wounds) for name in names})


def opened(s: Values, kind: str, wounds: Sequence[Wound], passes: Sequence[Pass]) -> dict[str, Values]:
    """Return the expected channel states right after an injury that opens channels of `kind` (column only)."""
    wall, area = f"{kind}_wall", f"{kind}_open"
    walls = sum(2 / x.radius * wound.opened for x, wound in zip(passes, wounds, strict=True))
    areas = sum(wound.opened[EPIDERMIS] for wound in wounds)
    return {wall: getattr(s, wall) + walls, area: getattr(s, area) + areas}


def dragged(p: Values, u: Values, passes: Sequence[Pass]) -> tuple[Values, Values]:
    """Return the share of a dose lying on the skin that needles carry in, and how it spreads over the layers (sums to 1)."""
    depths = [crossed(p.needle_reach * x.reach, u.thickness) * u.thickness for x in passes]
    drawn = [p.needle_drag * x.density * total(depth) for x, depth in zip(passes, depths, strict=True)]
    spread = sum(share * depth / total(depth) for share, depth in zip(shares(drawn), depths, strict=True))
    return 1 - exp(-sum(drawn)), spread
