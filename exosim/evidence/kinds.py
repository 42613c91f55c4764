"""Classes of figures, within which figures are alike: what a forecaster without a model takes the mean of."""

from __future__ import annotations

from exosim.evidence.studies import Figure, Study

ADDITIVES = ("prp", "exosome", "gel", "serum")  # what is put on or into the skin at a procedure
LEVELS = {"improvement_percent": "improvement", "downtime_days": "redness", "erythema_days": "redness"}


def kind_of(study: Study, figure: Figure) -> str:
    """Return the class of a figure."""
    if figure.bound is not None:
        return "direction"
    match figure.form:
        case "odds":
            return "odds of a response"
        case "share":
            return "pigmentation" if figure.read == "pih" else "responders"
        case "ratio" if figure.over_skin is not None:
            return "ratio of scar types"
        case "ratio" if figure.over_day is not None:
            return "course"
    level = LEVELS.get(figure.read, figure.read.replace("_", " "))
    if figure.form == "level":
        return level
    return f"{figure.form} of {level}, {'additive' if _adds(study, figure) else 'procedure'}"


def _adds(study: Study, figure: Figure) -> bool:
    """Return whether the arm is the other one with something added."""
    arms = study.arms[figure.arm], study.arms[figure.over or figure.minus or figure.arm]
    own, other = ([str(table.get("kind")) for table in arm.treatments] for arm in arms)
    more = [kind for kind in own if kind not in other]
    return bool(more) and all(any(word in kind for word in ADDITIVES) for kind in more)
