"""Mechanisms that can be knocked out: the one list of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Switch:
    """A parameter that takes a mechanism off at 0."""

    text: str  # what the mechanism does
    on: float | None = None  # its size where it would be on, of one that is off unless a set or a scenario turns it on
    why: str = ""  # that size
    only: tuple[str, ...] = ()  # parameters that have no effect while it is off


SWITCHES = {
    "il10_signal": Switch("Exosomes damp TNF-alpha"),
    "switch_signal": Switch("Exosomes switch macrophages to repair"),
    "activation_signal": Switch("Exosomes act directly on fibroblasts"),
    "cargo_melanin": Switch("MicroRNA cargo acts on pigment"),
    "closing_signal": Switch("Exosomes speed healing of channels"),
    "healing_tnf": Switch("TNF-alpha slows healing"),
    "melanocyte_tnf": Switch("TNF-alpha stimulates pigment cells"),
    "mmp_tnf": Switch("TNF-alpha breaks down collagen"),
    "needle_bleed": Switch("Needles make vessels bleed (platelet factor)"),
    "activation_heat": Switch(
        "Heat activates fibroblasts", 0.4,
        "heat does more per wound than a cut (hsp47 for months); the studies say how much",
    ),
    "activation_retinoid": Switch(
        "A retinoid activates fibroblasts", 0.02,
        "collagen I formation rises within a year of tretinoin; the studies say how much",
    ),
    "mmp_retinoid": Switch("A retinoid slows the breakdown of collagen", 0.3, "a retinoid lowers MMPs"),
    "harm": Switch(
        "Strained tissue loses new matrix", 0.05,
        "redness and pigment rise with density and energy; no harm to collagen was found at clinical spacing",
        ("strain_diffusivity",),
    ),
    "harm_inflammation": Switch(
        "Injury of tissue that still heals inflames it more", 0.3,
        "redness and pigment rise with density and energy", ("strain_diffusivity",),
    ),
}  # fmt: skip
"""Parameter -> what it switches."""

OFF = {name: switch.on for name, switch in SWITCHES.items() if switch.on is not None}
"""Mechanisms that are off unless something turns them on, with the size that each would have."""
IDLE = {*OFF, *(name for off in OFF for name in SWITCHES[off].only)}
"""Parameters that have no effect unless something turns a mechanism on."""
