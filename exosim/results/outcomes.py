"""Every outcome: its name, unit and definition in one place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.scenario.model import Scenario
from exosim.simulation.history import History
from exosim.skin.scars import SCARS

VISIBLE_REDNESS = 1.15  # redness above which skin looks red; rest = 1 (assumed, fixed once)
VISIBLE_IMPROVEMENT = 12.0  # percent improvement that counts as a visible change (assumed, fixed once)
PIH_RISE = 20.0  # percent rise of the melanin index that counts as post-inflammatory hyperpigmentation (assumed)
BARRIER_LEFT = 0.05  # share of the bared surface that still counts as a broken barrier (assumed)
LONG_REDNESS = 14.0  # d
LONGEST = 730.0  # d, a scenario of 104 weeks and room for rounding
DENSE_INJURY = 0.15  # surface fraction wounded at once
ECCA_GRADE = {"mild": 1, "moderate": 2, "severe": 3}


@dataclass(frozen=True)
class Outcome:
    """One outcome.

    `compute` takes the history and the scenario and returns one value per subject (nan: does not apply). A value
    outside `low`..`high` cannot be in skin: the run is flagged as implausible.
    """

    name: str
    unit: str
    definition: str
    compute: Callable[[History, Scenario], Any]
    kind: type = float
    low: float = 0.0
    high: float = math.inf

    def implausible(self, values: Any) -> Any:
        """Return which values cannot be in skin; one that does not apply (None, nan) can.

        >>> OUTCOMES[0].name, OUTCOMES[0].implausible([-250.0, 30.0, None]).tolist()
        ('improvement_percent', [True, False, False])
        """
        known = np.asarray(values, float)
        return (known < self.low) | (known > self.high) | np.isinf(known)


def days_above(times: Array, values: Array, threshold: float, start: float, end: float) -> Array:
    """Return the days within `start`..`end` with `values` above `threshold`, interpolated linearly between records.

    >>> float(days_above(np.array([0.0, 1.0, 2.0]), np.array([[0.0], [2.0], [0.0]]), 1.0, 0, 2)[0])
    1.0
    """
    inside = (times >= start) & (times <= end)
    step = np.diff(times[inside])[:, None]
    above = values[inside] - threshold
    a, b = above[:-1], above[1:]
    span = np.where(np.abs(a - b) > 0, np.abs(a - b), 1)
    share = np.where((a > 0) & (b > 0), 1, np.where((a <= 0) & (b <= 0), 0, np.maximum(a, b) / span))
    return _summed(share * step)


def _summed(values: Array) -> Array:
    """Sum over time, one addition after the other, so that a subject's sum does not depend on the others."""
    return np.asarray(np.cumsum(values, axis=0)[-1])


def _pih(h: History, scenario: Scenario) -> Array:
    return np.asarray(h.observed.melanin_change_percent.max(axis=0) > PIH_RISE)


def _downtime(h: History, scenario: Scenario) -> Array:
    return days_above(h.times, h.observed.erythema, VISIBLE_REDNESS, *scenario.first_procedure_days)


def peak_time(times: Array, values: Array) -> Array:
    """Return when each column of `values` is highest, by a parabola through the highest record and its neighbours.

    >>> float(peak_time(np.array([0.0, 1.0, 3.0]), np.array([[3.0], [4.0], [0.0]]))[0])
    1.0
    """
    i = np.clip(values.argmax(axis=0), 1, len(times) - 2)
    a, b, c = (np.take_along_axis(values, (i + k)[None], axis=0)[0] for k in (-1, 0, 1))
    left, right = times[i] - times[i - 1], times[i + 1] - times[i]
    with np.errstate(invalid="ignore", divide="ignore"):
        rise, fall = (b - a) / left, (c - b) / right
        top = times[i] + (rise * right + fall * left) / (rise - fall) / 2
    inside = (top >= times[i - 1]) & (top <= times[i + 1])
    return np.asarray(np.where(inside, top, times[values.argmax(axis=0)]))


def _tnf_peak_day(h: History, scenario: Scenario) -> Array:
    start, end = scenario.first_procedure_days
    inside = (h.times >= start) & (h.times <= end)
    tnf = h.observed.tnf_alpha[inside]
    peak = peak_time(h.times[inside], tnf) - start
    return np.where(tnf.max(axis=0) > 1.01 * h.observed.tnf_alpha[0], peak, np.nan)


def _onset(h: History, scenario: Scenario) -> Array:
    percent = h.observed.improvement_percent
    reached = percent >= VISIBLE_IMPROVEMENT
    i = np.maximum(reached.argmax(axis=0), 1)
    before, now = (np.take_along_axis(percent, (i - k)[None], axis=0)[0] for k in (1, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        left = np.clip((now - VISIBLE_IMPROVEMENT) / (now - before), 0, 1)
    days = h.times[i] - np.nan_to_num(left) * (h.times[i] - h.times[i - 1])
    return np.where(reached.any(axis=0), days / 7, np.nan)


def _barrier_days(h: History, scenario: Scenario) -> Array:
    start, end = scenario.first_procedure_days
    inside = np.flatnonzero((h.times >= start) & (h.times < end))[1:]  # the first record is before it
    if not len(inside):
        return np.full(h.observed.bare_area.shape[1], np.nan)
    bare = h.observed.bare_area[inside]
    left = bare / np.maximum(bare[0], 1e-12)
    back = (left <= BARRIER_LEFT) & (bare[0] > 0)
    i = np.maximum(back.argmax(axis=0), 1)
    before, now = (np.take_along_axis(left, (i - k)[None], axis=0)[0] for k in (1, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip((before - BARRIER_LEFT) / (before - now), 0, 1)
    times = h.times[inside]
    days = times[i - 1] + np.nan_to_num(share) * (times[i] - times[i - 1]) - start
    return np.where(back.any(axis=0), days, np.nan)


def _score(h: History, scenario: Scenario) -> Array:
    grade = SCARS[scenario.skin.scar].ecca_weight * ECCA_GRADE[scenario.skin.severity]
    return np.asarray(grade * (1 - np.nan_to_num(h.observed.improvement_percent[-1]) / 100))


def _auc(h: History, scenario: Scenario) -> Any:
    above = h.observed.tnf_alpha - h.observed.tnf_alpha[0]
    return _summed((above[1:] + above[:-1]) / 2 * np.diff(h.times)[:, None])


OUTCOMES = (
    Outcome("improvement_percent", "%", "share of the scar's missing (or excess) collagen volume closed at the end",
            lambda h, s: h.observed.improvement_percent[-1], low=-200, high=100),
    Outcome("ecca_like_score", "points",
            "weight of the scar type x grade of severity x share of the scar left (0 without a scar)",
            _score, high=1000),
    Outcome("scar_depth_um", "um",
            "thickness of dermal collagen missing on the floor of the scar at the end (negative: raised)",
            lambda h, s: 1000 * h.observed.missing_collagen[-1], low=-5000, high=5000),
    Outcome("collagen_relative", "1",
            "total dermal collagen on the floor of the scar over that of healthy skin, at the end",
            lambda h, s: h.observed.collagen_relative[-1], high=5),
    Outcome("collagen_ratio_1_3", "1", "collagen I over collagen III in the scar at the end; 4 at rest",
            lambda h, s: h.observed.collagen_ratio_1_3[-1], high=50),
    Outcome("tnf_peak_day", "d",
            "days from the first procedure to the highest TNF-alpha of the papillary dermis before the next",
            _tnf_peak_day, high=LONGEST),
    Outcome("tnf_auc", "pg/mL*d", "TNF-alpha of the papillary dermis above rest, integrated over the run", _auc,
            low=-1e5, high=1e6),
    Outcome("erythema_days", "d", f"days of the run with redness above {VISIBLE_REDNESS:g} (rest = 1)",
            lambda h, s: days_above(h.times, h.observed.erythema, VISIBLE_REDNESS, 0, s.days), high=LONGEST),
    Outcome("downtime_days", "d",
            f"days with redness above {VISIBLE_REDNESS:g} after the first procedure and before the next",
            _downtime, high=LONGEST),
    Outcome("barrier_days", "d",
            f"days from the first procedure until {100 * BARRIER_LEFT:g} % of the surface that it bared is left "
            "without a barrier against water", _barrier_days, high=LONGEST),
    Outcome("melanin_index_change_percent", "%", "change of the melanin index of the scar from day 0 to the end",
            lambda h, s: h.observed.melanin_change_percent[-1], low=-100, high=1000),
    Outcome("melanin_index_peak_percent", "%", "highest rise of the melanin index of the scar over day 0",
            lambda h, s: h.observed.melanin_change_percent.max(axis=0), high=1000),
    Outcome("pih", "flag",
            f"post-inflammatory hyperpigmentation: melanin index more than {PIH_RISE:g} % above day 0 at any time",
            _pih, bool),
    Outcome("onset_week", "wk", f"first week with an improvement of {VISIBLE_IMPROVEMENT:g} %", _onset,
            high=LONGEST / 7),
)  # fmt: skip

FLAGS: dict[str, tuple[str, Callable[[History, Scenario], Any]]] = {
    "long_redness": (f"redness lasts more than {LONG_REDNESS:g} d after the first procedure",
                     lambda h, s: _downtime(h, s) > LONG_REDNESS),
    "dense_injury": (f"more than {100 * DENSE_INJURY:g} % of the surface is wounded at once",
                     lambda h, s: h.observed.wound_area.max(axis=0) > DENSE_INJURY),
    "hyperpigmentation": (f"the melanin index rises by more than {PIH_RISE:g} %", _pih),
    "worse_at_end": ("the scar is deeper at the end than at the start",
                     lambda h, s: np.nan_to_num(h.observed.improvement_percent[-1]) < -1),
    "implausible": ("an outcome is outside what can be in skin: do not read it as a result",
                    lambda h, s: np.any([x.implausible(x.compute(h, s)) for x in OUTCOMES], axis=0)),
}  # fmt: skip


def outcomes(h: History, scenario: Scenario, own: Iterable[Outcome] = ()) -> dict[str, Array]:
    """Return every outcome, and one's `own`, one value per subject.

    They are copies, which do not keep the course of a run in memory.
    """
    return {outcome.name: np.array(outcome.compute(h, scenario)) for outcome in (*OUTCOMES, *own)}


def implausible(found: Mapping[str, Any]) -> list[str]:
    """Return the names of outcomes that are outside what can be in skin."""
    return [x.name for x in OUTCOMES if x.name in found and x.implausible(found[x.name])]


def as_plain(h: History, scenario: Scenario, subject: int = 0, own: Iterable[Outcome] = ()) -> dict[str, Any]:
    """Return outcomes and safety flags of one subject as plain numbers; None where one does not apply."""
    plain: dict[str, Any] = {}
    for outcome in (*OUTCOMES, *own):
        value = outcome.kind(np.asarray(outcome.compute(h, scenario))[subject])
        plain[outcome.name] = None if value != value else value
    plain["safety_flags"] = [name for name, (_, raised) in FLAGS.items() if np.asarray(raised(h, scenario))[subject]]
    return plain
