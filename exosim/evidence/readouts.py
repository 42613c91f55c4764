"""What evidence is compared with beyond the outcomes: figures that single studies report, defined in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, log
from types import SimpleNamespace
from typing import Any

import numpy as np

from exosim.biology import injury
from exosim.biology.notation import PAPILLARY, dermis
from exosim.engine.tissue import Array
from exosim.events import Injury, factors
from exosim.results.ledger import balance
from exosim.results.outcomes import OUTCOMES, PIH_RISE, days_above, outcomes, peak_time
from exosim.scenario.model import Scenario
from exosim.simulation.history import History

PIH_SPREAD = 0.5  # sd of the log rise of melanin between people (assumed)


@dataclass(frozen=True)
class Readout:
    """One figure; `compute` takes history, scenario and parameter values and returns one number per subject.

    `last` says that it reads states of the last moment, so that it cannot be read on an earlier day. No value lies
    outside `low`..`high`.
    """

    name: str
    unit: str
    definition: str
    compute: Callable[[History, Scenario, Mapping[str, Any]], Any]
    last: bool = False
    low: float = 0.0
    high: float = inf


def _gain(kind: int) -> Callable[..., Array]:
    """Return a readout: percent by which collagen of type 1 or 3 grew in the scar, from start to end."""

    def compute(h: History, s: Scenario, p: Mapping[str, Any]) -> Array:
        whole, ratio = h.observed.collagen_relative, h.observed.collagen_ratio_1_3
        amount = whole / (1 + ratio) * (ratio if kind == 1 else 1)
        return np.asarray(100 * (amount[-1] / amount[0] - 1))

    return compute


def _at(times: Array, values: Array, day: float) -> Array:
    """Return the values on a day, on straight lines between records; nan after the last."""
    return np.array([np.interp(day, times, course, right=np.nan) for course in values.T])


def _months(early: int) -> Callable[..., Array]:
    """Return a readout: improvement `early` months after the last session over that six months after it."""

    def compute(h: History, s: Scenario, p: Mapping[str, Any]) -> Array:
        last = max((x.event.day for x in s.timeline), default=0.0)
        course = h.observed.improvement_percent
        return _at(h.times, course, last + 30 * early) / _at(h.times, course, last + 180)

    return compute


def _wound_left(h: History, s: Scenario) -> tuple[Array, Array]:
    """Return the days from the first procedure to the next, and the share of its wounds that is still open."""
    start, end = s.first_procedure_days
    inside = np.flatnonzero((h.times >= start) & (h.times <= end))[1:]  # the first record is before it
    area = h.observed.wound_area[inside]
    return h.times[inside] - start, area / np.maximum(area[0], 1e-12)


def _wound_on(day: float) -> Callable[..., Array]:
    def compute(h: History, s: Scenario, p: Mapping[str, Any]) -> Array:
        times, left = _wound_left(h, s)
        return 100 * _at(times[:-1], left[:-1], min(day, times[-2]))  # the last record is after the next procedure

    return compute


def _wound_half(h: History, s: Scenario, p: Mapping[str, Any]) -> Array:
    times, left = _wound_left(h, s)
    return days_above(times[:-1], left[:-1], 0.5, 0, times[-2])


SECOND_RISE = 1.0  # d after a procedure, when the first peak of TNF-alpha is over


def _tnf(first: float, last: float, compute: Callable[[Array, Array, Array], Any]) -> Callable[..., Any]:
    """Return a readout of days after the first procedure, TNF-alpha above rest on them, and its rest.

    Days are later than `first`, up to `last` and before the next procedure; nan where too few records are left.
    """

    def one(h: History, s: Scenario, p: Mapping[str, Any]) -> Any:
        start, end = s.first_procedure_days
        after = h.times - start
        inside = (after > first) & (after <= last) & (h.times < end)
        rest = h.observed.tnf_alpha[0]
        return compute(after[inside], h.observed.tnf_alpha[inside] - rest, rest) if inside.sum() > 2 else np.nan

    return one


def _tnf_settled(times: Array, rise: Array, rest: Array) -> Array:
    settled: Array = times[0] + days_above(times, rise / np.maximum(rise.max(axis=0), 1e-12), 0.1, 0, times[-1])
    return settled


def _uptake(h: History, s: Scenario, p: Mapping[str, Any]) -> Array:
    books, _ = balance(h)
    return np.asarray(100 * sum(books["delivered"].values()) / books["applied"])


def _crater(h: History, s: Scenario, p: Mapping[str, Any]) -> Any:
    pulses = [x.event for x in s.timeline if isinstance(x.event, Injury) and x.event.mode == "ablation"]
    return 1000 * injury.crater(SimpleNamespace(**p), pulses[0].reach, pulses[0].radius_mm) if pulses else np.nan


def _formation_gain(h: History, s: Scenario, p: Mapping[str, Any]) -> Array:
    start, end = (h.layout.view(y).collagen_1_new[PAPILLARY] for y in (h.initial, h.final))
    return np.asarray(100 * (end / start - 1))


def _pih_share(h: History, s: Scenario, p: Mapping[str, Any]) -> Array:
    from scipy.special import erfc

    rise = np.maximum(h.observed.melanin_change_percent.max(axis=0), 1e-6)
    return np.asarray(50 * erfc(np.log(PIH_RISE / rise) / PIH_SPREAD / np.sqrt(2)))


def _needle_rate(s: Scenario, p: Mapping[str, Any]) -> Any:
    """Return the closing rate of needle channels just after the first procedure, dressing included, 1/d."""
    return p["needle_closing_rate"] * factors(s.timeline, s.first_procedure_days[0]).get("needle_closing_rate", 1)


READOUTS = (
    Readout("collagen_1_gain_percent", "%", "growth of collagen I in the scar, start to end", _gain(1), low=-100),
    Readout("collagen_3_gain_percent", "%", "growth of collagen III in the scar, start to end", _gain(3), low=-100),
    Readout("month_1_over_6", "1", "improvement 1 month after the last session over that at 6", _months(1), low=-inf),
    Readout("month_3_over_6", "1", "improvement 3 months after the last session over that at 6", _months(3), low=-inf),
    Readout("wound_left_day_7_percent", "%", "wound area 7 d after the first procedure", _wound_on(7), high=100),
    Readout("wound_left_day_14_percent", "%", "wound area 14 d after the first procedure", _wound_on(14), high=100),
    Readout("wound_left_day_28_percent", "%", "wound area 28 d after the first procedure", _wound_on(28), high=100),
    Readout("wound_half_day", "d", "days until half of the wound area of the first procedure is closed", _wound_half),
    Readout("tnf_first_peak_hours", "h", "hours from the first procedure to the highest TNF-alpha of the first day",
            _tnf(0, SECOND_RISE, lambda t, rise, rest: 24 * peak_time(t, rise))),
    Readout("tnf_second_peak_day", "d", "days from the first procedure to the highest TNF-alpha after the first day",
            _tnf(SECOND_RISE, np.inf, lambda t, rise, rest: peak_time(t, rise))),
    Readout("tnf_settled_day", "d",
            "days from the first procedure until TNF-alpha is back within a tenth of its second rise of rest",
            _tnf(SECOND_RISE, np.inf, _tnf_settled)),
    Readout("tnf_first_day_fold", "1", "highest TNF-alpha of the first day after the first procedure over rest",
            _tnf(0, SECOND_RISE, lambda t, rise, rest: 1 + rise.max(axis=0) / rest)),
    Readout("tnf_left_24_h_percent", "%", "TNF-alpha above rest 24 h after the first procedure, of its first peak",
            _tnf(0, SECOND_RISE, lambda t, rise, rest: 100 * _at(t, rise, 1) / rise.max(axis=0)), low=-inf),
    Readout("pih_share_percent", "%",
            f"people whose melanin index rises above {PIH_RISE:g} %, lognormal between people (sd {PIH_SPREAD:g})",
            _pih_share, high=100),
    Readout("barrier_back_hours", "h", "time until three in four needle channels closed",
            lambda h, s, p: 24 * log(4) / _needle_rate(s, p)),
    Readout("channel_half_life_hours", "h", "time until half of the needle channels closed",
            lambda h, s, p: 24 * log(2) / _needle_rate(s, p)),
    Readout("exosome_uptake_percent", "%", "exosomes that entered the skin, of those put on it", _uptake, last=True),
    Readout("crater_depth_um", "um", "depth that a pulse of the first pass of an ablative laser ablates", _crater),
    Readout("dermis_thickness_mm", "mm", "thickness of the dermis", lambda h, s, p: dermis(h.thickness).sum(axis=0)),
    Readout("collagen_1_formation_gain_percent", "%",
            "growth of collagen I not yet cross-linked in the papillary dermis, start to end; it follows the rate of "
            "formation within the time to cross-link", _formation_gain, last=True),
    Readout("pigment_turnover_days", "d", "mean stay of epidermal melanin", lambda h, s, p: 1 / p["melanin_turnover"]),
    Readout("collagen_half_life_years", "y", "half-life of mature collagen I",
            lambda h, s, p: log(2) / 365.25 / p["collagen_1_turnover"]),
)  # fmt: skip


BY_NAME = {x.name: x for x in (*OUTCOMES, *READOUTS)}


def read_one(name: str, h: History, s: Scenario, p: Mapping[str, Any]) -> Array:
    """Return one outcome or readout, one value per subject."""
    about, subjects = BY_NAME[name], h.observed.erythema.shape[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        value = about.compute(h, s, p) if isinstance(about, Readout) else about.compute(h, s)
    return np.broadcast_to(np.asarray(value, float), subjects).copy()


def read(h: History, s: Scenario, p: Mapping[str, Any]) -> dict[str, Array]:
    """Return every outcome and every readout, one value per subject."""
    subjects = h.observed.erythema.shape[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        extra = {x.name: np.broadcast_to(np.asarray(x.compute(h, s, p)), subjects).copy() for x in READOUTS}
    return outcomes(h, s) | extra
