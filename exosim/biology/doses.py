"""Doses: what a dose adds to the states at once."""

from __future__ import annotations

from collections.abc import Sequence

from exosim.biology import injury
from exosim.biology.notation import DERMIS, Values, dermis, layered, total


def applied(s: Values, film: str, dose: Values) -> dict[str, Values]:
    """Spread `dose` on the surface as a film: of exosomes ("gel", Mparticle/mm2), or of platelets ("platelet_film", mm)."""
    booked = {"exosome_applied": s.exosome_applied + dose} if film == "gel" else {}
    return {film: getattr(s, film) + dose, **booked}


def applied_under_needles(
    s: Values, p: Values, u: Values, film: str, dose: Values, needles: Sequence[injury.Pass]
) -> dict[str, Values]:
    """Carry in a share of `dose`, which lies on the skin while `needles` pass."""
    share, spread = injury.dragged(p, u, needles)
    carried = dose * share * spread
    if film == "platelet_film":
        inside = s.platelet_factor + dermis(carried) / dermis(u.thickness)
        return {film: s.platelet_film + dose * (1 - share), "platelet_factor": inside}
    return {
        "gel": s.gel + dose * (1 - share),
        "exosome_applied": s.exosome_applied + dose,
        "exosome": s.exosome + carried / u.thickness,
        "exosome_delivered": s.exosome_delivered + carried,
    }


def injected(s: Values, u: Values, state: str, amount: Values) -> dict[str, Values]:
    """Inject `amount` per skin area (unit of the dermal `state` x mm) evenly through the dermis; exosomes are booked."""
    added = amount / total(dermis(u.thickness))
    if state != "exosome":
        return {state: getattr(s, state) + added}
    within = layered([0 * added, *[added] * len(DERMIS)])
    return {
        "exosome": s.exosome + within,
        "exosome_applied": s.exosome_applied + amount,
        "exosome_delivered": s.exosome_delivered + within * u.thickness,
    }
