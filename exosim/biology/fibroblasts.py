"""Fibroblasts: resident cells and the activated cells (myofibroblasts among them) that rebuild matrix.

TGF-beta, heat-damaged matrix, exosome signal, platelet factors and a retinoid each activate resident fibroblasts; residents are renewed
towards their resting density; activated cells fade over weeks, which is the memory between sessions
and the source of late gain.

Sources: fibroblast densities and motility as in Koppenol and Vermolen 2017 (BMMB 16:345) in order of
magnitude; exosomes stimulate fibroblasts dose-dependently (Hu 2016, srep32993), in vitro.
"""

from __future__ import annotations

from exosim.biology import exosomes, platelets
from exosim.biology.notation import DERMIS, Parameter, State, Values, hill

# fmt: off
STATES = (
    State("fibroblast", "cell/mm^3", DERMIS, 2500, "resident fibroblasts", diffusivity="fibroblast_diffusivity"),
    State("myofibroblast", "cell/mm^3", DERMIS, 300,
          "activated fibroblasts and myofibroblasts", diffusivity="fibroblast_diffusivity"),
)

PARAMETERS = (
    Parameter("fibroblast_rest", 2500, "cell/mm^3", 1000, 4500, "estimated", "order of magnitude in human dermis",
              "resting density of fibroblasts"),
    Parameter("fibroblast_renewal", 0.10, "1/d", 0.03, 0.3, "estimated", "repopulation of a wound within weeks",
              "return of fibroblasts to their resting density"),
    Parameter("fibroblast_diffusivity", 0.001, "mm^2/d", 1e-5, 0.03, "estimated",
              "1e-5 mm2/d (Koppenol) for resting cells, more for motile ones", "random motility of fibroblasts"),
    Parameter("activation", 0.10, "1/d", 0.03, 0.3, "estimated", "myofibroblasts peak in the second to third week",
              "activation of fibroblasts at full TGF-beta"),
    Parameter("tgf_half", 0.8, "ng/mL", 0.1, 1, "assumed", "set with scar-type response in view (C5)",
              "TGF-beta of half effect"),
    Parameter("activation_signal", 1.0, "1", 0, 3, "assumed", "direction in vitro (Hu 2016); size fitted",
              "activation by exosome signal relative to TGF-beta"),
    Parameter("activation_platelet", 0.5, "1", 0, 2, "assumed", "size fitted",
              "activation by platelet factors relative to TGF-beta"),
    Parameter("activation_heat", 0.0, "1", 0, 3, "assumed", "direction from hsp47; size fitted in trials, else off",
              "activation per fraction of heat-damaged matrix, relative to TGF-beta"),
    Parameter("activation_retinoid", 0.0, "1", 0, 0.1, "assumed",
              "collagen I formation up by 80 % in a year of tretinoin (Griffiths 1993, recalled); size fitted in trials, else off",
              "activation by a retinoid, relative to TGF-beta"),
    Parameter("without_retinoid", 1.0, "1", 0, 1, "assumed", "1 by definition; 0 during a course", "1 without a retinoid, 0 with one"),
    Parameter("myofibroblast_loss", 0.025, "1/d", 0.006, 0.06, "estimated", "gain goes on for months (C3)",
              "apoptosis or reversion of activated cells"),
)
# fmt: on


def rest(p: Values, u: Values) -> dict[str, Values]:
    """Return the residents at their resting density; no cell is activated."""
    return {"fibroblast": p.fibroblast_rest}


def rates(s: Values, p: Values, u: Values) -> dict[str, Values]:
    """Return the rates of resident and activated fibroblasts."""
    drive = (
        hill(s.tgf_beta, p.tgf_half)
        + p.activation_heat * s.heat
        + p.activation_retinoid * (1 - p.without_retinoid)
        + p.activation_signal * exosomes.response(s, p)
        + p.activation_platelet * platelets.response(s, p)
    )
    activated = p.activation * drive * s.fibroblast
    return {
        "fibroblast": p.fibroblast_renewal * (p.fibroblast_rest - s.fibroblast) - activated,
        "myofibroblast": activated - p.myofibroblast_loss * s.myofibroblast,
    }
