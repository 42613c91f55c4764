"""Injury: what needles and lasers do to the states at once.

Each zone has a core, which a needle parts or a laser removes, and a rim that is affected too. Zones fall at random,
so overlapping ones cover the share ``1 - exp(-density * area)`` of the skin, in a column and in each
column of a patch alike; a layer is affected in proportion to how far the zone crosses it. Needles make
vessels bleed (platelet TGF-beta), lasers seal them.

Three modes cover the field: `puncture` (reach = needle length, mm), `ablation` and `coagulation`
(reach = energy per area relative to a reference pulse).

Sources: needle depth 0.2 (roller, rat, PMC3160154) to 1 (motor pen, Sasaki 2019) of its length; ablated
depth grows 520 to 900 um from 80 to 160 mJ; depth of non-ablative zones exceeds 1 mm and width approaches
0.2 mm at 40 mJ (Bedi 2007).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exosim.biology.notation import EPIDERMIS, Parameter, Values, clip01, dermis, exp, total

STATES = ()

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
    Parameter("ablation_depth", 0.59, "mm", 0.2, 1.2, "estimated",
              "energy balance, 3 J/mm3 at 20 mJ on a 120 um spot; device-dependent",
              "depth ablated by a reference pulse (20 mJ, 120 um)"),
    Parameter("ablation_exponent", 0.8, "1", 0.6, 1, "estimated", "80 to 160 mJ: 520 to 900 um",
              "growth of ablated depth with energy per area"),
    Parameter("coagulation_rim", 0.06, "mm", 0.04, 0.12, "estimated", "rim of heat diffusion during a pulse",
              "coagulated rim round an ablated core"),
    Parameter("coagulation_depth", 1.0, "mm", 0.5, 1.4, "estimated", "exceeds 1 mm at 40 mJ (Bedi 2007)",
              "depth coagulated by a non-ablative reference pulse (40 mJ)"),
    Parameter("coagulation_exponent", 0.5, "1", 0.3, 0.8, "assumed", "depth grows with energy (Bedi 2007), exponent assumed",
              "growth of coagulated depth with energy"),
    Parameter("coagulated_loss", 0.5, "1", 0.2, 0.8, "assumed", "no measurement found",
              "share of coagulated matrix that is lost"),
    Parameter("vapour_share", 0.7, "1", 0.4, 1, "assumed", "no measurement found",
              "share of the ablated volume that leaves with the plume and becomes no debris"),
)
# fmt: on


@dataclass(frozen=True)
class Wound:
    """What one injury does, as fractions per layer (`bleeding`: ng/mL of TGF-beta per dermal layer)."""

    depth: Values
    opened: Values
    ablated: Values
    killed: Values
    removed: Values
    debris: Values
    bleeding: Values


def coverage(density: Values, radius: Values) -> Values:
    """Return the share of the skin covered by randomly placed discs, overlap counted once."""
    return 1 - exp(-density * math.pi * radius**2)


def crossed(depth: Values, thickness: Values) -> Values:
    """Return the share of each layer that lies above `depth`."""
    top = np.cumsum(thickness, axis=0) - thickness
    return clip01((depth - top) / thickness)


def puncture(p: Values, u: Values, reach: Values, radius: Values, density: Values) -> Wound:
    """Return the wound by needles of length `reach` (mm)."""
    depth = p.needle_reach * reach
    above = crossed(depth, u.thickness)
    affected = coverage(density, radius + p.needle_rim) * above
    return Wound(
        depth=depth,
        opened=coverage(density, radius) * above,
        ablated=0 * affected,
        killed=p.needle_wound * affected,
        removed=p.needle_wound * affected,
        debris=p.needle_debris * affected,
        bleeding=p.needle_bleed * dermis(affected),
    )


def ablation(p: Values, u: Values, reach: Values, radius: Values, density: Values) -> Wound:
    """Return the wound by laser zones with a vaporised core and a coagulated rim; `reach` is relative energy per area."""
    depth = p.ablation_depth * reach**p.ablation_exponent
    core = coverage(density, radius) * crossed(depth, u.thickness)
    zone = coverage(density, radius + p.coagulation_rim) * crossed(depth + p.coagulation_rim, u.thickness)
    return Wound(
        depth=depth,
        opened=core,
        ablated=core,
        killed=zone,
        removed=core + p.coagulated_loss * (zone - core),
        debris=zone - p.vapour_share * core,
        bleeding=0 * p.needle_bleed * dermis(zone),
    )


def coagulation(p: Values, u: Values, reach: Values, radius: Values, density: Values) -> Wound:
    """Return the wound by columns of heat-coagulated tissue under an intact barrier; `reach` is relative energy."""
    depth = p.coagulation_depth * reach**p.coagulation_exponent
    zone = coverage(density, radius) * crossed(depth, u.thickness)
    return Wound(
        depth=depth,
        opened=0 * zone,
        ablated=0 * zone,
        killed=zone,
        removed=p.coagulated_loss * zone,
        debris=zone,
        bleeding=0 * p.needle_bleed * dermis(zone),
    )


MODES: dict[str, Callable[..., Wound]] = {"puncture": puncture, "ablation": ablation, "coagulation": coagulation}
CHANNELS = {"puncture": "needle", "ablation": "laser"}  # the kind of channel that a mode leaves open


def jump(s: Values, u: Values, wound: Wound) -> dict[str, Values]:
    """Return the new values of the states that an injury changes."""
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
        "wound": 1 - (1 - s.wound) * keep,
        "collagen_3": s.collagen_3 * keep,
        "collagen_1_new": s.collagen_1_new * keep,
        "collagen_1_mature": s.collagen_1_mature * keep,
        "melanin_epidermal": s.melanin_epidermal - bared,
        "melanin_ablated": s.melanin_ablated + bared,
    }


def opened(s: Values, kind: str, wound: Wound, radius: Values) -> dict[str, Values]:
    """Return the expected channel states right after an injury that opens channels of `kind` (column only)."""
    wall, area = f"{kind}_wall", f"{kind}_open"
    return {wall: getattr(s, wall) + 2 / radius * wound.opened, area: getattr(s, area) + wound.opened[EPIDERMIS]}


def dragged(p: Values, u: Values, reach: Values, density: Values) -> tuple[Values, Values]:
    """Return the share of a dose lying on the skin that needles carry in, and how it spreads over the layers (sums to 1)."""
    depths = crossed(p.needle_reach * reach, u.thickness) * u.thickness
    needled = total(depths)
    return 1 - exp(-p.needle_drag * density * needled), depths / needled
