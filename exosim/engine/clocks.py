"""Chains of exponential clocks: many members, each waiting out its stage at the hazard of its place.

A member leaves a stage when the hazard it went through there reaches its patience (exponential with mean 1), so stage
changes fall at exact moments, and members that left the last stage cost nothing more.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from exosim.engine import cache as kernels

SIGNATURE = (
    "void(int64[::1], float64[:,::1], float64[:,::1], int64[::1], int64[::1], float64[:,:,::1], float64, float64,"
    " float64[::1], float64[::1])"
)


def integrate(
    stage: Any, patience: Any, since: Any, kind: Any, place: Any, hazard: Any, start: float, end: float,
    first_share: Any, chain_share: Any,
) -> None:  # fmt: skip
    """Let all members live from `start` to `end`.

    Parameters
    ----------
    stage : array of int, shape (members,)
        Present stage; the number of stages once the chain is left. Changed in place.
    patience : array, shape (members, stages)
        Hazard still to go through in each stage. Changed in place.
    since : array, shape (members, stages + 1)
        When each stage began. Changed in place.
    kind, place : arrays of int, shape (members,)
    hazard : array, shape (kinds, stages, places)
    first_share, chain_share : arrays, shape (members,)
        Filled with the share of the interval spent in the first stage, and in the chain.
    """
    stages = patience.shape[1]
    for member in range(stage.size):
        left, first, now = end - start, 0.0, stage[member]
        chain = 0.0
        while now < stages:
            rate = hazard[kind[member], now, place[member]]
            moved = patience[member, now] <= rate * left
            lived = patience[member, now] / rate if moved else left
            patience[member, now] = max(patience[member, now] - rate * lived, 0.0)
            if now == 0:
                first += lived
            chain += lived
            left -= lived
            if not moved:
                break
            now += 1
            since[member, now] = end - left
        stage[member] = now
        first_share[member] = first / (end - start)
        chain_share[member] = chain / (end - start)


@cache
def compiled() -> Callable[..., None]:
    """Return `integrate` as machine code."""

    def source() -> str:
        return f"SIGNATURE = {SIGNATURE!r}\n\n\n@entry\n{inspect.getsource(integrate)}"

    return kernels.compiled("agents", kernels.own_source(), source)
