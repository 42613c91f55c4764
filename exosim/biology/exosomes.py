"""Exosomes: from the gel film through channels into the skin, and into its cells.

A film of gel on the surface dries or is washed off; a little enters intact skin, open channels
drink it in proportion to their wall area in each layer: how deep needles and laser zones reach
decides where exosomes enter, as it decides (in `injury`) what is wounded. Free vesicles spread
between layers, are cleared by lymph or taken up by cells. Cells that took them up signal to their
neighbours for days: this paracrine signal, not the particles themselves, is what every other
mechanism reads. The ledger books each particle once.

Sources: diffusivity of large molecules in dermis, Wei 2018 (PMC6288161); vesicles move through
pores smaller than themselves, Lenzini 2020 (PMC7075670); intact skin keeps them out (explants and
labelled vesicles, PLoS ONE 0092978). No dermal half-life, half-effect concentration or dose response
of exosomes in human skin has been published: those numbers are assumed.
"""

from __future__ import annotations

from exosim.biology.notation import (
    DERMIS,
    EPIDERMIS,
    LAYERS,
    SURFACE,
    Parameter,
    State,
    Values,
    dermis,
    hill,
    only_in,
    total,
)

# fmt: off
STATES = (
    State("gel", "Mparticle/mm^2", SURFACE, 5, "exosomes in the gel film on the surface", levels=True),
    State("exosome", "Mparticle/mm^3", LAYERS, 1, "free exosomes in tissue", diffusivity="exosome_diffusivity"),
    State("exosome_signal", "Mparticle/mm^3", DERMIS, 0.5,
          "paracrine signal of cells that took exosomes up, as equivalent particles", diffusivity="signal_diffusivity"),
    State("exosome_applied", "Mparticle/mm^2", SURFACE, 5, "exosomes put on the skin so far", ledger=True),
    State("exosome_delivered", "Mparticle/mm^2", LAYERS, 5, "exosomes that entered each layer", ledger=True),
    State("exosome_washed_off", "Mparticle/mm^2", SURFACE, 5, "exosomes dried or washed off", ledger=True),
    State("exosome_cleared", "Mparticle/mm^2", SURFACE, 5, "exosomes cleared by lymph or degraded", ledger=True),
    State("exosome_taken_up", "Mparticle/mm^2", SURFACE, 5, "exosomes taken up by cells", ledger=True),
    State("exosome_ablated", "Mparticle/mm^2", SURFACE, 5, "exosomes lost with ablated tissue", ledger=True),
)

PARAMETERS = (
    Parameter("gel_thickness", 0.05, "mm", 0.02, 0.10, "assumed", "5 uL/cm2 spread evenly is 0.05 mm",
              "thickness of the gel film"),
    Parameter("film_loss", 3.0, "1/d", 1, 8, "assumed", "no measurement found", "drying and wash-off of the film"),
    Parameter("intact_permeability", 5e-4, "mm/d", 1e-4, 5e-3, "assumed",
              "intact skin keeps vesicles out; follicles let a little pass", "permeability of intact skin"),
    Parameter("channel_permeability", 0.04, "mm/d", 0.01, 0.2, "assumed",
              "tissue diffusivity over a 1 mm path of bound gel", "permeability of the wall of an open channel"),
    Parameter("exosome_diffusivity", 0.05, "mm^2/d", 0.009, 0.17, "estimated",
              "0.1-2 um2/s: below dextran in dermis, 1-20 um2/s (Wei 2018 PMC6288161)",
              "diffusivity of exosomes in tissue"),
    Parameter("signal_diffusivity", 0.1, "mm^2/d", 0.03, 2, "assumed",
              "secreted proteins partly bound to matrix, 1.2 um2/s", "diffusivity of the exosome signal"),
    Parameter("exosome_uptake", 4.0, "1/d", 1, 20, "assumed", "no dermal half-life published",
              "uptake of exosomes by cells"),
    Parameter("exosome_clearance", 1.5, "1/d", 0.5, 5, "assumed", "no dermal half-life published",
              "loss of exosomes to lymph and degradation"),
    Parameter("signal_decay", 0.35, "1/d", 0.15, 0.7, "assumed", "RNA and protein cargo act for days",
              "decay of the exosome signal"),
    Parameter("signal_half", 0.15, "Mparticle/mm^3", 0.05, 0.5, "assumed",
              "no half-effect concentration published; in-vitro doses of 1e9-1e10 per mL guide the order",
              "exosome signal of half effect"),
)
# fmt: on


def response(s: Values, p: Values) -> Values:
    """Return the saturating response of dermal cells to the exosome signal, 0..1, per dermal layer."""
    return hill(s.exosome_signal, p.signal_half)


def rates(s: Values, p: Values, u: Values) -> dict[str, Values]:
    """Return the rates of the film, of free exosomes, of their signal and of the exosome ledger."""
    film = s.gel / p.gel_thickness
    through_channels = p.channel_permeability * film * u.channel_wall * u.thickness
    through_skin = only_in("epidermis", p.intact_permeability * film, LAYERS)
    entering = through_channels + through_skin
    washed = p.film_loss * s.gel
    taken = p.exosome_uptake * s.exosome
    cleared = p.exosome_clearance * s.exosome
    handed_down = taken[EPIDERMIS] * u.thickness[0] / u.thickness[1]
    return {
        "gel": -washed - total(entering),
        "exosome": entering / u.thickness - taken - cleared,
        "exosome_signal": dermis(taken) + only_in("papillary", handed_down, DERMIS) - p.signal_decay * s.exosome_signal,
        "exosome_delivered": entering,
        "exosome_washed_off": washed,
        "exosome_cleared": total(cleared * u.thickness),
        "exosome_taken_up": total(taken * u.thickness),
    }
