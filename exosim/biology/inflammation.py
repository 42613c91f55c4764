"""Inflammation: injury, macrophages, TNF-alpha, its resolution, and TGF-beta.

Injured keratinocytes raise an alarm (preformed TNF-alpha) that fades in hours: the first peak of
TNF-alpha. Dermal debris calls monocytes, which mature over a day into inflammatory (M1) macrophages:
the second rise, days later. M1 cells switch to reparative (M2) ones, faster under exosome signal or
platelet factors. An anti-inflammatory tone (IL-10, always in step with its sources) of M2 cells and
of exosome signal damps TNF-alpha production. M2 cells and injured matrix activate TGF-beta. All cells
and TGF-beta are excess over resident levels, so that rest is exactly zero and nothing turns negative.

Sources: TNF-alpha protein after incision peaks at 3 h and again at 72 h (mouse, Kondo 1996, PMID
8721421; target C10); damage recruits in proportion, M1 to M2 as in Torres 2019 (PLoS CB 15:e1007172)
and Reynolds 2006 (JTB 242:220), reduced to one dominant path each.
"""

from __future__ import annotations

from exosim.biology import exosomes, platelets
from exosim.biology.injury import FULL_STRAIN
from exosim.biology.notation import DERMIS, SURFACE, Parameter, State, Values, hill, only_in

# fmt: off
STATES = (
    State("alarm", "1", SURFACE, 0.1, "injured fraction of the epidermis that still releases its alarm"),
    State("debris", "1", DERMIS, 0.1, "injured tissue fraction awaiting clearance"),
    State("monocyte", "cell/mm^3", DERMIS, 100,
          "recruited monocytes, not yet macrophages", diffusivity="macrophage_diffusivity"),
    State("macrophage_m1", "cell/mm^3", DERMIS, 100,
          "recruited inflammatory macrophages", diffusivity="macrophage_diffusivity"),
    State("macrophage_m2", "cell/mm^3", DERMIS, 100,
          "recruited reparative macrophages", diffusivity="macrophage_diffusivity"),
    State("tnf_alpha", "pg/mL", DERMIS, 100, "TNF-alpha in the dermis", diffusivity="tnf_diffusivity"),
    State("tgf_beta", "ng/mL", DERMIS, 0.5, "active TGF-beta above rest", diffusivity="tgf_diffusivity"),
)

PARAMETERS = (
    Parameter("alarm_decay", 5.0, "1/d", 2, 8, "assumed", "set so that TNF-alpha peaks within hours (C10)",
              "decay of the alarm of injured epidermis"),
    Parameter("debris_clearance", 0.45, "1/d", 0.2, 0.6, "estimated", "macrophages peak about day 3",
              "clearance of dermal debris"),
    Parameter("recruitment", 1000, "cell/mm^3/d", 300, 3000, "assumed", "scale of macrophage density",
              "monocytes recruited per unit debris"),
    Parameter("monocyte_maturation", 1.0, "1/d", 0.5, 2, "assumed",
              "set for the second rise of TNF-alpha at 2-4 d (C10)", "monocytes turning into M1 macrophages"),
    Parameter("macrophage_switch", 0.25, "1/d", 0.1, 0.4, "estimated", "reparative macrophages dominate by day 5-7",
              "switch of M1 to M2 macrophages"),
    Parameter("m1_loss", 0.15, "1/d", 0.1, 0.3, "estimated", "inflammation resolves in 1-2 weeks (C10)",
              "exit of M1 macrophages"),
    Parameter("m2_loss", 0.25, "1/d", 0.1, 0.4, "estimated", "inflammation resolves in 1-2 weeks (C10)",
              "exit of M2 macrophages"),
    Parameter("macrophage_diffusivity", 0.02, "mm^2/d", 0.005, 0.15, "estimated", "random motility of 14 um2/min",
              "random motility of macrophages"),
    Parameter("switch_signal", 1.0, "1", 0, 3, "assumed", "no dose response published",
              "exosome signal speeds the switch to M2"),
    Parameter("switch_platelet", 0.5, "1", 0, 5, "assumed", "no dose response published",
              "platelet factors speed the switch to M2"),
    Parameter("tnf_rest", 10, "pg/mL", 2, 30, "assumed", "scale only: ratios between arms carry meaning",
              "TNF-alpha at rest"),
    Parameter("tnf_clearance", 6.0, "1/d", 4, 33, "estimated",
              "half-life in tissue 0.5-4 h (Fallahi-Sichani 2010), in plasma 16-70 min",
              "clearance of TNF-alpha"),
    Parameter("tnf_diffusivity", 1.2, "mm^2/d", 0.4, 4, "estimated", "14 um2/s for a 51 kDa trimer in tissue",
              "diffusivity of TNF-alpha"),
    Parameter("tnf_m1", 4.0, "pg/mL/d/(cell/mm^3)", 0, 8, "assumed", "scale only",
              "TNF-alpha made per M1 macrophage"),
    Parameter("tnf_alarm", 70000, "pg/mL/d", 0, 150000, "assumed", "early peak above the second rise (C10)",
              "TNF-alpha released per unit of injured epidermis"),
    Parameter("il10_m2", 150, "cell/mm^3", 50, 400, "assumed", "resolution in 1-2 weeks (C10)",
              "M2 density that halves TNF-alpha production (IL-10)"),
    Parameter("il10_signal", 1.5, "1", 0, 3, "estimated",
              "TNF-alpha production down by up to 60 %, as nitrite by 60 % with dexamethasone (PMID 35798638)",
              "exosome signal damps TNF-alpha production"),
    Parameter("tnf_half", 100, "pg/mL", 30, 300, "assumed", "scale only",
              "excess TNF-alpha of half effect on vessels, melanocytes, MMP and healing"),
    Parameter("tgf_m2", 0.003, "ng/mL/d/(cell/mm^3)", 0, 0.01, "assumed", "scale only",
              "TGF-beta activated per M2 macrophage"),
    Parameter("tgf_debris", 0.5, "ng/mL/d", 0, 2, "assumed", "scale only", "TGF-beta freed from injured matrix"),
    Parameter("tgf_clearance", 1.0, "1/d", 0.3, 4, "assumed", "latent pool lumped with the active one",
              "clearance of active TGF-beta"),
    Parameter("tgf_diffusivity", 0.1, "mm^2/d", 0.03, 1, "assumed", "binding to matrix slows it",
              "diffusivity of active TGF-beta"),
)
# fmt: on


def tnf_response(s: Values, p: Values) -> Values:
    """Return the saturating response to TNF-alpha above rest, 0..1, per dermal layer."""
    return hill(s.tnf_alpha - p.tnf_rest, p.tnf_half)


def rest(p: Values, u: Values) -> dict[str, Values]:
    """Return resting TNF-alpha; everything else rests at zero."""
    return {"tnf_alpha": p.tnf_rest}


def rates(s: Values, p: Values, u: Values) -> dict[str, Values]:
    """Return the rates of alarm, debris, macrophages, TNF-alpha and TGF-beta."""
    signal, platelet = exosomes.response(s, p), platelets.response(s, p)
    recruited = p.recruitment * (1 + p.harm_inflammation * s.load / FULL_STRAIN) * s.debris
    matured = p.monocyte_maturation * s.monocyte
    switched = p.macrophage_switch * (1 + p.switch_signal * signal + p.switch_platelet * platelet) * s.macrophage_m1
    tone = 1 / (1 + s.macrophage_m2 / p.il10_m2 + p.il10_signal * signal)
    released = p.tnf_m1 * s.macrophage_m1 + only_in("papillary", p.tnf_alarm * s.alarm, DERMIS)
    return {
        "alarm": -p.alarm_decay * s.alarm,
        "debris": -p.debris_clearance * s.debris,
        "monocyte": recruited - matured,
        "macrophage_m1": matured - switched - p.m1_loss * s.macrophage_m1,
        "macrophage_m2": switched - p.m2_loss * s.macrophage_m2,
        "tnf_alpha": released * tone - p.tnf_clearance * (s.tnf_alpha - p.tnf_rest),
        "tgf_beta": p.tgf_m2 * s.macrophage_m2 + p.tgf_debris * s.debris - p.tgf_clearance * s.tgf_beta,
    }
