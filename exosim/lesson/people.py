"""The virtual people of the page: how far the scar of each has filled, from the cohort code itself."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy.stats import t

from exosim.parameters import names as sets
from exosim.scenario.file import load
from exosim.studies.cohort import Cohort
from exosim.studies.trial import ALPHA

PEOPLE, MOST = 400, 200  # people simulated, and the most that a trial of the page may have
ARMS = ("fractional_co2", "fractional_co2_exosome")


@cache
def cohort() -> dict[str, dict[str, Any]]:
    """Return by parameter set what the page draws trials from.

    Scar filled in each person under laser (`control`) and under laser with gel (`run`), the error of a score, and by
    degrees of freedom (from 1) the critical value of the t test that `exosim cohort` uses.
    """
    critical = np.round(t.ppf(1 - ALPHA / 2, np.arange(1, MOST)), 4).tolist()
    return {name: people(name) | {"critical": critical} for name in sets()}


def people(parameters: str) -> dict[str, Any]:
    """Return the outcomes of the people of a parameter set."""
    study = Cohort(tuple(map(load, ARMS)), PEOPLE, parameters=parameters)
    arrays, _ = study.work({"first": 0, "subjects": PEOPLE})
    control, run = (np.round(arrays[f"{i}.improvement_percent"], 2).tolist() for i in range(len(ARMS)))
    return {"control": control, "run": run, "error": study.population.score_error}
