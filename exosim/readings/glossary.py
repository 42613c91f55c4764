"""Words of exosim that are no names, and how a name that a person writes is compared with those there are."""

from __future__ import annotations

import re

TERMS = {
    "agent": "a scar or a channel of a patch, which acts by rules of its own; see also Mesa",
    "aims": "outcomes that `optimise` makes as large (max) or as small (min) as it can",
    "arm": "one scenario of a comparison or cohort",
    "assumed": "grade of evidence: a modelling assumption; a range says what is plausible",
    "channel": "a hole of a needle or laser pulse, through which exosomes pass until it closes",
    "claim": "a statement of the article, or a value of a trial, that `exosim evidence` compares with the model",
    "collagen": "protein of the dermis: type III is made first, type I is stronger; scars miss it or have too much",
    "column": "resolution of one skin column with expected channels: fast, without chance",
    "deep": "the deep dermis, a layer of the model",
    "dermis": "the three layers below the epidermis: papillary, upper and deep",
    "design": "which cases a sweep runs: grid (every combination), lhs or sobol (samples)",
    "draw": "one row of an ensemble: values of the uncertain parameters that agree with the evidence",
    "ensemble": "all draws of a parameter set; 90 % intervals and bands are taken over it",
    "epidermis": "the outer layer of the skin, a layer of the model; it holds the melanocytes",
    "estimated": "grade of evidence: inferred from measurements",
    "exosome": "a particle that cells give off; here what a treatment puts on or into the skin, counted in millions",
    "exosomes_applied": "exosomes that a schedule applies and injects in all; 1e6 particles/mm2",
    "fitted": "a number that a fit chose so that the model agrees with targets; agreement is then no test",
    "front": "the schedules of a search that no other betters in all aims",
    "generations": "rounds of the search of `optimise`",
    "grade": "how well a number is known: measured, estimated or assumed",
    "interval": "5th to 95th percentile over the ensemble, unless another one is named",
    "laser": "light that vaporises (CO2, ablative) or heats (nonablative) columns of tissue",
    "layer": "epidermis, papillary, upper or deep dermis; every column of the model has all four",
    "ledger": "the books of exosomes and melanin: what came in, where it went; they balance",
    "limits": "where outcomes must stay in a search: at_least, at_most; with draws = p95 over the draws of the set",
    "measured": "grade of evidence: measured in skin",
    "melanin": "the pigment of the skin",
    "Mesa": "the Python library for agents that exosim uses; `mesa_model` gives a patch as a model of Mesa",
    "microRNA": "cargo of exosomes that acts on pigment cells; its sign is contested (parameter cargo_melanin)",
    "Morris": "method of `sensitivity` that changes one parameter after the other: quick and coarse",
    "needle": "microneedling: holes of a chosen depth and density",
    "NSGA-II": "genetic algorithm by which `optimise` searches for the front of several aims",
    "nuisance": "what a comparison with studies needs and a run does not, such as the factor of a clinical scale",
    "observable": "a course that every run records: what is followed through time",
    "on_front_percent": "share of the draws in which no other schedule of a search betters one, in percent",
    "outcome": "a number that a whole run is summed up in, such as improvement_percent",
    "outcomes": "outcomes of one's own, as in tnf_days = days_above(tnf_alpha, 50)",
    "papillary": "the papillary dermis, the uppermost layer of the dermis",
    "parameter": "a number of the equations, with unit, range, grade and source; every set has its own values",
    "patch": "resolution of a lattice of skin columns with scars and channels as agents; channels lie by chance",
    "population": "who the people of a cohort are; of a search: schedules in a generation",
    "posterior": "values of parameters that prior and studies allow together, as draws",
    "procedures": "number of days on which a schedule injures the skin with needles or laser",
    "readout": "a number that is read from a run to be compared with a value of a study",
    "redness": "erythema: blood in the skin above rest",
    "reference": "the arm or scenario from which others differ, in an ensemble draw by draw",
    "resolution": "patch or column: how much of the skin is simulated",
    "responder": "a person of a cohort whose improvement reaches a threshold",
    "scenario": "one arm as a file: skin, sessions, treatments, assumptions",
    "seed": "number from which all chance of a run or study follows: the same seed gives the same result",
    "signal": "exosomes that cells have taken up; it decays, and acts on TNF-alpha, fibroblasts and pigment",
    "Sobol": "method of `sensitivity` that shares out an outcome's variance; as a design of `sweep`, even samples",
    "state": "a quantity of an equation, followed through time in every layer where it lives",
    "target": "a published value that the model should give, with a tolerance or bound",
    "upper": "the upper reticular dermis, a layer of the model",
    "vary": "what a sweep or search changes: the path of a setting or parameter, and its values or range",
    "verdict": "what `exosim evidence` finds of a claim: reproduced, only with article, not reproduced, contested",
}
"""Word -> meaning."""

SYNONYMS = {
    "tnf": "tnf_alpha",
    "tgf": "tgf_beta",
    "fitzpatrick": "phototype",
    "co2": "fractional_co2_laser",
    "downtime": "downtime_days",
    "improvement": "improvement_percent",
    "nsga2": "NSGA-II",
    "m1": "macrophage_m1",
    "m2": "macrophage_m2",
    "ecca": "ecca_like_score",
    "uv": "uv_dose_per_day",
}
"""Short word -> the name that is meant."""


def squeezed(name: str) -> str:
    """Return a name without what does not tell it from others.

    >>> squeezed(" TNF-alpha "), squeezed("tnf_alpha")
    ('tnfalpha', 'tnfalpha')
    """
    return re.sub(r"[\s_-]+", "", name.casefold())


def same(name: str, wanted: str) -> bool:
    """Return whether a person who writes `wanted` means `name`."""
    written = squeezed(wanted)
    return squeezed(name) in (written, squeezed(SYNONYMS.get(written, wanted)))


def holds(name: str, word: str) -> bool:
    """Return whether a word of some length is part of a name, or a short one a whole part of it.

    >>> holds("tnf_clearance", "TNF"), holds("il10_m2", "m2"), holds("melanin_made", "in")
    (True, True, False)
    """
    wanted = squeezed(word)
    return wanted in name.casefold().split("_") or (len(wanted) > 3 and wanted in squeezed(name))
