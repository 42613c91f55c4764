"""Collagen: type III, new and mature type I, and the wounds they refill.

Total collagen is 1 in healthy dermis (about 110 mg/mL); a scar has its own resting density in each
layer. A wound refills to a density between the scar's and normal. Activated fibroblasts close the gap to normal
in proportion to the gap itself, so improvement is a saturating exposure and not a small difference of
two large numbers: they lay new matrix (richer in type III) where it is missing and remove matrix where
there is too much. New type I matures by cross-linking. MMP activity rises with TNF-alpha and speeds loss.

Resting synthesis is derived from each layer's own resting density and turnover, never tuned, so that
healthy skin and an untreated scar are exact fixed points.

Sources: half-life of skin collagen 15 y, Verzijl 2000 (C12); type III about 20 % at rest and 30 % in
early wounds (secondary sources); refill from the closing of microscopic laser wounds.
"""

from __future__ import annotations

from exosim.biology.inflammation import tnf_response
from exosim.biology.injury import FULL_STRAIN
from exosim.biology.notation import DERMIS, Parameter, State, Values, positive_part

# fmt: off
STATES = (
    State("wound", "1", DERMIS, 0.1, "dermal volume fraction removed or denatured and not yet refilled"),
    State("collagen_3", "1", DERMIS, 0.2, "collagen III, fraction of healthy total collagen"),
    State("collagen_1_new", "1", DERMIS, 0.05,
          "collagen I not yet cross-linked, fraction of healthy total collagen"),
    State("collagen_1_mature", "1", DERMIS, 0.6, "mature collagen I, fraction of healthy total collagen"),
)

PARAMETERS = (
    Parameter("remodelling", 0.018, "1/d", 0, 0.03, "assumed", "size fitted (A1, C1)",
              "share of the gap closed per day if every fibroblast were activated"),
    Parameter("wound_refill", 0.20, "1/d", 0.1, 0.4, "estimated", "microscopic wounds fill with a half-life of days (C9)",
              "contraction and fill of wounds"),
    Parameter("refill_quality", 0.8, "1", 0, 1, "assumed", "no biopsy series of old laser zones found",
              "density of refilled wounds: 0 that of the scar, 1 normal"),
    Parameter("scar_hold", 0.7, "1", 0, 1, "assumed", "icepick : boxcar as 0.63 and 0.32 under two lasers; size fitted (C5)",
              "how much an epithelial tract and tethers hold the gap of a scar open"),
    Parameter("harm", 0.0, "1", 0, 2, "assumed", "no harm to collagen found at clinical spacing; off by default",
              "loss of new matrix in strained tissue: 1 halves it where load and heat reach full strain"),
    Parameter("harm_inflammation", 0.0, "1", 0, 3, "assumed", "redness and pigment rise with density and energy; off by default",
              "rise of recruitment by an injury of tissue that is still healing, at full strain"),
    Parameter("mmp_retinoid", 0.0, "1", 0, 0.8, "assumed", "a retinoid lowers MMPs (direction); off by default", "fall of MMP activity by a retinoid"),
    Parameter("new_collagen_3", 0.30, "1", 0.25, 0.40, "estimated", "early wounds hold up to 30 % type III",
              "share of collagen III in new matrix"),
    Parameter("rest_collagen_3", 0.20, "1", 0.15, 0.25, "measured", "adult dermis holds about 20 % type III",
              "share of collagen III in resting matrix"),
    Parameter("collagen_3_turnover", 1.0e-3, "1/d", 5e-4, 4e-3, "assumed", "half-life of 1.9 y",
              "turnover of collagen III"),
    Parameter("new_collagen_1_loss", 0.0015, "1/d", 5e-4, 1e-2, "assumed", "no measurement found",
              "degradation of new collagen I"),
    Parameter("collagen_1_maturation", 0.0222, "1/d", 0.011, 0.05, "assumed", "cross-linking within 45 d",
              "maturation of new collagen I"),
    Parameter("collagen_1_turnover", 1.27e-4, "1/d", 9e-5, 2e-4, "measured", "half-life 15 y, Verzijl 2000 (C12)",
              "turnover of mature collagen I"),
    Parameter("mmp_tnf", 5, "1", 0, 30, "assumed", "MMPs rise many-fold after laser (Reilly 2010), effect on mature matrix unknown",
              "rise of MMP activity at full TNF-alpha"),
)
# fmt: on


def total_collagen(s: Values) -> Values:
    """Return the total collagen per dermal layer, fraction of healthy."""
    return s.collagen_3 + s.collagen_1_new + s.collagen_1_mature


def basal(p: Values, u: Values) -> dict[str, Values]:
    """Return the resting levels of the three pools for a resting density `u.collagen_rest`, derived from turnover."""
    ratio = p.collagen_1_turnover / p.collagen_1_maturation
    new = (1 - p.rest_collagen_3) * ratio / (1 + ratio)
    return {
        "collagen_3": p.rest_collagen_3 * u.collagen_rest,
        "collagen_1_new": new * u.collagen_rest,
        "collagen_1_mature": (1 - p.rest_collagen_3 - new) * u.collagen_rest,
    }


def rest(p: Values, u: Values) -> dict[str, Values]:
    """Return the three pools at the resting density of each layer."""
    return basal(p, u)


def rates(s: Values, p: Values, u: Values) -> dict[str, Values]:
    """Return the rates of wound volume and of the collagen pools."""
    rested = basal(p, u)
    mmp = 1 + p.mmp_tnf * (1 - p.mmp_retinoid * (1 - p.without_retinoid)) * tnf_response(s, p)
    matrix = total_collagen(s)
    gap = 1 - s.wound - matrix
    exchange = p.remodelling * s.myofibroblast / p.fibroblast_rest
    refilled = p.wound_refill * s.wound
    reached = 1 - p.scar_hold * u.held
    strain = p.harm * ((s.load + s.heat) / FULL_STRAIN) ** 2
    sound = 1 / (1 + strain)
    quality = u.collagen_rest + p.refill_quality * reached * (1 - u.collagen_rest)
    laid = sound * (refilled * quality + exchange * reached * positive_part(gap))
    cut = exchange * positive_part(-gap) / matrix
    new_rest, mature = rested["collagen_1_new"], p.collagen_1_maturation
    return {
        "wound": -refilled,
        "collagen_3": p.collagen_3_turnover * (rested["collagen_3"] - mmp * s.collagen_3)
        + p.new_collagen_3 * laid
        - cut * s.collagen_3,
        "collagen_1_new": (mature + p.new_collagen_1_loss) * new_rest
        - (mature + p.new_collagen_1_loss * mmp + cut) * s.collagen_1_new
        + (1 - p.new_collagen_3) * laid,
        "collagen_1_mature": mature * s.collagen_1_new - (p.collagen_1_turnover * mmp + cut) * s.collagen_1_mature,
    }
