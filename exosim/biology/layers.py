"""The layers of the skin: how thick they are and how they exchange what moves.

Epidermis, papillary dermis, upper and deep reticular dermis down to the depth that treatment
reaches. Whatever has a diffusivity crosses the border of two layers in proportion to the difference
of its concentrations over the distance of the layers' midplanes, so that the amount is conserved.
"""

from __future__ import annotations

from exosim.biology.notation import DERMIS, Parameter, Values, layered

STATES = ()

# fmt: off
PARAMETERS = (
    Parameter("epidermis_thickness", 0.08, "mm", 0.06, 0.12, "estimated",
              "Xu 2017 PMC5685878: 99.8 um (83-116), abdomen and face; thinner value kept for the cheek",
              "thickness of the epidermis"),
    Parameter("papillary_thickness", 0.25, "mm", 0.15, 0.35, "assumed",
              "division of the dermis into three layers is the model's", "thickness of the papillary dermis"),
    Parameter("upper_thickness", 0.45, "mm", 0.30, 0.60, "assumed",
              "division of the dermis into three layers is the model's",
              "thickness of the upper reticular dermis"),
    Parameter("deep_thickness", 0.50, "mm", 0.35, 0.70, "assumed",
              "division of the dermis into three layers is the model's",
              "thickness of the deep reticular dermis that treatment can reach"),
)
# fmt: on


def thickness(p: Values) -> Values:
    """Return the thickness of the four layers, mm, from the surface down."""
    return layered([p.epidermis_thickness, p.papillary_thickness, p.upper_thickness, p.deep_thickness])


def exchange(concentration: Values, diffusivity: Values, thickness: Values) -> Values:
    """Return the rate of change by diffusion between neighbouring layers; `thickness` sums to no net change.

    A state of the dermis exchanges within the dermis only.
    """
    layers = len(concentration)
    h = thickness[-len(DERMIS) :] if layers == len(DERMIS) else thickness
    flux = [2 * diffusivity / (h[i] + h[i + 1]) * (concentration[i + 1] - concentration[i]) for i in range(layers - 1)]
    return layered(
        [
            ((flux[i] if i < layers - 1 else 0 * flux[-1]) - (flux[i - 1] if i else 0 * flux[0])) / h[i]
            for i in range(layers)
        ]
    )
