"""Doses: what a dose adds to the states at once."""

from __future__ import annotations

from collections.abc import Sequence

from exosim.biology import injury
from exosim.biology.notation import Values, total


def applied(s: Values, dose: Values) -> dict[str, Values]:
    """Spread `dose` (Mparticle/mm2) of exosomes on the surface."""
    return {"gel": s.gel + dose, "exosome_applied": s.exosome_applied + dose}


def applied_under_needles(
    s: Values, p: Values, u: Values, dose: Values, needles: Sequence[injury.Pass]
) -> dict[str, Values]:
    """Carry in a share of `dose`, which lies on the skin while `needles` pass."""
    share, spread = injury.dragged(p, u, needles)
    carried = dose * share * spread
    return {
        "gel": s.gel + dose * (1 - share),
        "exosome_applied": s.exosome_applied + dose,
        "exosome": s.exosome + carried / u.thickness,
        "exosome_delivered": s.exosome_delivered + carried,
    }


def injected(s: Values, u: Values, state: str, amount: Values) -> dict[str, Values]:
    """Inject `amount` per skin area (unit of the dermal `state` x mm) evenly through the dermis."""
    return {state: getattr(s, state) + amount / total(u.thickness[1:])}
