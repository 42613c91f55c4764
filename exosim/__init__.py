"""exosim: a toy tissue model of post-acne scar treatment, for teaching and hypotheses.

Not medical advice; exosome products are not FDA-approved.

Begin with ``run`` (one arm), ``compare`` (several), ``Scenario`` and ``load`` (what is done), and ``explain`` (what a
name means); ``help(exosim.run)`` has the arguments of each. Studies: ``sweep``, ``cohort``, ``optimise``,
``sensitivity``, ``fit``, ``predict``, ``load_study``. One's own:
``parameter_set``, ``outcome``, ``Treatment``, ``register``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exosim.api import Comparison, Result, compare, run
    from exosim.api_studies import cohort, fit, load_study, optimise, sensitivity, sweep
    from exosim.evidence.predict import predict
    from exosim.mesa_model import mesa_model
    from exosim.parameters import ParameterSet, parameter_set
    from exosim.problems import BadInput
    from exosim.results.own import outcome
    from exosim.scenario.file import load
    from exosim.scenario.model import Scenario
    from exosim.scenario.parts import Entry, Skin
    from exosim.studies.axes import between, lin, log
    from exosim.treatments import register
    from exosim.treatments.base import Treatment, setting
    from exosim.view.explained import explain
    from exosim.view.study_result import StudyResult

_HOMES = {
    "run": "api",
    "compare": "api",
    "Comparison": "api",
    "Result": "api",
    "predict": "evidence.predict",
    "Scenario": "scenario.model",
    "Skin": "scenario.parts",
    "Entry": "scenario.parts",
    "load": "scenario.file",
    "BadInput": "problems",
    "outcome": "results.own",
    "register": "treatments",
    **dict.fromkeys(("Treatment", "setting"), "treatments.base"),
    "mesa_model": "mesa_model",
    **dict.fromkeys(("ParameterSet", "parameter_set"), "parameters"),
    "explain": "view.explained",
    **dict.fromkeys(("cohort", "fit", "load_study", "optimise", "sensitivity", "sweep"), "api_studies"),
    "StudyResult": "view.study_result",
    **dict.fromkeys(("between", "lin", "log"), "studies.axes"),
}
__all__ = [
    "BadInput", "Comparison", "Entry", "ParameterSet", "Result", "Scenario", "Skin", "StudyResult", "Treatment",
    "between", "cohort", "compare", "explain", "fit", "lin", "load", "load_study", "log", "mesa_model", "optimise",
    "outcome", "parameter_set", "predict", "register", "run", "sensitivity", "setting", "sweep",
]  # fmt: skip


def __dir__() -> list[str]:
    """List what is loaded on first use."""
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    """Import on first use, so that the command line starts fast."""
    if name == "__version__":
        from importlib.metadata import version

        return version("exosim")
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"exosim.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'exosim' has no attribute {name!r}")
