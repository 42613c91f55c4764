"""The books of a run: where every exosome and all melanin went."""

from __future__ import annotations

from typing import Any

import numpy as np

from exosim.biology.notation import LAYERS
from exosim.engine.tissue import Array
from exosim.simulation.history import History


def balance(h: History) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the exosome and melanin books per subject (arrays), each with its relative `balance_error`."""
    s, start = h.layout.view(h.final), h.layout.view(h.initial)
    in_tissue = (s.exosome * h.thickness).sum(axis=0)
    exosome = {
        "applied": s.exosome_applied,
        "delivered": {layer: s.exosome_delivered[i] for i, layer in enumerate(LAYERS)},
        "washed_off": s.exosome_washed_off,
        "cleared": s.exosome_cleared,
        "taken_up": s.exosome_taken_up,
        "ablated": s.exosome_ablated,
        "left_on_surface": s.gel,
        "left_in_tissue": in_tissue,
    }
    gone = s.exosome_washed_off + s.exosome_cleared + s.exosome_taken_up + s.exosome_ablated + s.gel + in_tissue
    exosome["balance_error"] = _relative(s.exosome_applied - gone, s.exosome_applied)
    present, before = (x.melanin_epidermal + x.melanin_dermal for x in (s, start))
    lost = s.melanin_shed + s.melanin_faded + s.melanin_ablated
    melanin = {
        "at_start": before,
        "made": s.melanin_made,
        "shed": s.melanin_shed,
        "faded": s.melanin_faded,
        "ablated": s.melanin_ablated,
        "at_end": present,
        "balance_error": _relative(before + s.melanin_made - lost - present, before + s.melanin_made),
    }
    return exosome, melanin


def _relative(error: Array, size: Array) -> Array:
    return np.asarray(np.abs(error) / np.where(size > 0, size, 1))


def as_plain(h: History, subject: int = 0) -> dict[str, Any]:
    """Return the books of one subject as plain numbers; exosomes in 1e6 particles per mm2, melanin with rest = 1."""

    def plain(value: Any) -> Any:
        return {k: plain(v) for k, v in value.items()} if isinstance(value, dict) else float(value[subject])

    exosome, melanin = balance(h)
    return {"exosome": plain(exosome), "melanin": plain(melanin)}
