"""What a reader calls outcomes and settings, in figures and reports; the English words of the page are the same."""

from __future__ import annotations

import re
import textwrap

from pydantic import BaseModel

from exosim.biology.system import PARAMETERS
from exosim.readings.settings import described
from exosim.results.outcomes import OUTCOMES
from exosim.scenario.model import Scenario
from exosim.view.text import fact, short, unit, words

LABELS = {
    "improvement_percent": "Scar filled",
    "ecca_like_score": "Score of the scar, like ECCA",
    "scar_depth_um": "Collagen missing",
    "collagen_relative": "Collagen in the scar, healthy = 1",
    "collagen_ratio_1_3": "Collagen I : III",
    "tnf_peak_day": "TNF-alpha peaks after",
    "tnf_auc": "TNF-alpha above rest, summed over time",
    "erythema_days": "Days with visible redness",
    "downtime_days": "Red for, first session",
    "barrier_days": "Barrier back after",
    "melanin_index_change_percent": "Pigment at the end",
    "melanin_index_peak_percent": "Darker, at most",
    "pih": "Dark marks (pigment up 20 %)",
    "onset_week": "Visibly filled from",
}
"""Outcome -> what the page calls it."""

UNITS = {outcome.name: unit(outcome.unit) for outcome in OUTCOMES}


def label(name: str) -> str:
    """Return what a reader calls an outcome; one of the reader's own keeps its name.

    >>> label("downtime_days"), label("tnf_days")
    ('Red for, first session', 'tnf_days')
    """
    return LABELS.get(name, name)


def measured(name: str, sign: str = ", ") -> str:
    """Return what a reader calls an outcome, with its unit.

    >>> measured("improvement_percent"), measured("collagen_ratio_1_3")
    ('Scar filled, %', 'Collagen I : III')
    """
    return sign.join(filter(None, (label(name), UNITS.get(name, ""))))


def setting(name: str, of: str = "") -> str:
    """Return the name of a setting as words, without a unit that its name ends in.

    >>> setting("energy_mj", "mJ"), setting("density_per_cm2", "1/cm^2"), setting("volume_ul_per_cm2", "uL/cm^2")
    ('energy', 'density', 'volume')
    """
    ending = re.sub(r"[^a-z0-9]", "", of.removeprefix("1").replace("/", "per").lower())
    parts = name.split("_")
    for count in (1, 2, 3):
        if ending and count < len(parts) and "".join(parts[-count:]) == ending:
            parts = parts[:-count]
            break
    return " ".join(parts)


def checked(name: str) -> str:
    """Return what a check of a claim compares, in words.

    >>> checked("improvement_percent: laser_exosome over laser"), checked("collagen_1_gain_percent: laser")
    ('Scar filled: laser exosome over laser', 'collagen 1 gain, %: laser')
    """
    read, colon, arms = name.partition(": ")
    return LABELS.get(read, words(read).replace(" percent", ", %")) + colon + words(arms)


def settings(treatment: BaseModel) -> str:
    """Return the settings of a treatment as one line, with units."""
    told = []
    for name, info in type(treatment).model_fields.items():
        of, value = unit(described(name, info)["unit"] or ""), getattr(treatment, name)
        told.append(f"{setting(name, of)} {fact(value)} {of}".strip())
    return ", ".join(told)


def wrapped(text: str, width: int = 34) -> str:
    """Return a text on lines of at most `width` letters."""
    return "\n".join(textwrap.wrap(text, width))


def named(parameter: str) -> str:
    """Return what a parameter means, on short lines; a name that is none of the model's stays."""
    meaning = PARAMETERS[parameter].meaning if parameter in PARAMETERS else parameter
    return wrapped(short(meaning, 58), 30)


def axis_label(path: str, scenario: Scenario) -> str:
    """Return what an axis of a study varies, with its unit: a parameter by its meaning, a setting by its treatment.

    >>> axis_label("treatments.0.energy_mj", Scenario(name="x", treatments=[{"kind": "fractional_co2_laser"}]))
    'fractional CO2 laser: energy, mJ'
    """
    of, head, _, name = unit(scenario.settable(path).unit), *path.rpartition(".")
    text = PARAMETERS[name].meaning if name in PARAMETERS else setting(name, of)
    if head.startswith("treatments."):
        key = head.split(".")[1]
        kind = scenario.treatments[int(key)].kind if key.isdecimal() else key
        text = f"{words(kind)}: {text}"
    return ", ".join(filter(None, (text, of)))
