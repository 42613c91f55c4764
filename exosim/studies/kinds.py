"""What a kind of study must say, and the table of all kinds: a new one is one file and one line here.

A study is a frozen dataclass. Its fields are the design, which ``design.json`` holds; its methods say which units of
work there are (`rounds`), what one of them computes (`work`), and what all of them mean (`summary`).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from functools import cached_property, lru_cache
from importlib.metadata import version
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, ClassVar, Self

from exosim.parameters import ParameterSet, parameter_set
from exosim.problems import BadInput, Problem, suggest, without_numbers
from exosim.results.result import NOTICE
from exosim.scenario.model import Scenario
from exosim.simulation.setup import RESULTS
from exosim.studies.own import treatments_of, unknown_treatments
from exosim.studies.store import Arrays, Store
from exosim.treatments import also, own

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

KINDS = {
    "cohort": "exosim.studies.cohort:Cohort",
    "sweep": "exosim.studies.sweep:Sweep",
    "ensemble_sweep": "exosim.studies.ensemble_sweep:EnsembleSweep",
    "sensitivity": "exosim.studies.sensitivity:Sensitivity",
    "optimise": "exosim.studies.optimise:Optimise",
    "fit": "exosim.studies.fit.study:Fit",
    "posterior": "exosim.studies.fit.posterior:Posterior",
    "own fit": "exosim.studies.fit.own_study:OwnFit",
}
"""Name of a kind -> where its class is; loaded when it is needed."""

Unit = Mapping[str, Any]
"""One piece of work: plain data and arrays, which any process can be given."""
Units = dict[str, Unit]
"""Id -> unit. An id depends only on what is computed, so that nothing finished is ever computed again."""


@dataclass(frozen=True)
class Study(ABC):
    """One kind of study: its design as fields, its work as methods."""

    kind: ClassVar[str]  # its name in `KINDS`

    def __post_init__(self) -> None:
        """Read the parameter set of a study that has one, so that it travels with the design."""
        if any(field.name == "parameters" for field in fields(self)):
            object.__setattr__(self, "parameters", parameter_set(vars(self)["parameters"]))

    @property
    def needs(self) -> tuple[tuple[str, str], ...]:
        """Libraries, each with its extra, without which it cannot run."""
        return ()

    @property
    @abstractmethod
    def inputs(self) -> str:
        """Hash of the numbers outside the design that results depend on, such as the values of a parameter set."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of units in all rounds, at most."""

    @abstractmethod
    def rounds(self, store: Store) -> Iterator[Units]:
        """Yield batches of units; when the next one is taken, the results of those before are in the store."""

    @abstractmethod
    def work(self, unit: Unit) -> tuple[Arrays, dict[str, Any]]:
        """Compute a unit, in any process: return its arrays, and plain data that the log keeps with it."""

    @abstractmethod
    def summary(self, store: Store) -> dict[str, Any]:
        """Return what the study has given so far, finished or not, as data that JSON can hold."""

    def check(self) -> None:  # noqa: B027
        """Raise `BadInput` for a design that cannot be; called before anything is run."""

    def files(self, store: Store, summary: Mapping[str, Any]) -> dict[str, bytes]:
        """Return further files to publish: path inside the folder -> content."""
        return {}

    @property
    def column_units(self) -> dict[str, str]:
        """Unit of every column of `table` that has one."""
        return {}

    def table(self, store: Store) -> pd.DataFrame:
        """Return what the study has given as rows of a table; raise `BadInput` where it has none."""
        problem = Problem(f"a study of kind {self.kind} has no table", remedy="its `summary` has what it gives")
        raise BadInput([problem])

    def datasets(self, store: Store) -> Iterator[xr.Dataset]:
        """Yield the parts of ``results.zarr``; a study without parts has no such file."""
        yield from ()

    def to_dict(self) -> dict[str, Any]:
        """Return what ``design.json`` holds: the design, and with what it is computed."""
        design = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        made = {"inputs": self.inputs, "version": version("exosim"), "results": RESULTS}
        own = treatments_of(design)
        return {"study": self.kind, **design, **made, **({"treatments": own} if own else {})}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the study of a design; a kind with other fields than a scenario and plain data makes them here."""
        own = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        if isinstance(own.get("scenario"), Mapping):
            own["scenario"] = Scenario.from_dict(own["scenario"])
        return cls(**own)

    @cached_property
    def text(self) -> str:
        """The design as JSON."""
        return json.dumps(self.to_dict())

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as text that is read there once, however many units follow."""
        return _read, (type(self), self.text, json.dumps(own()))


def kind(name: str) -> type[Study]:
    """Return the class of a kind; raise `BadInput` when there is none."""
    if name not in KINDS:
        raise BadInput([Problem(f'there is no kind of study "{name}"', remedy=suggest(name, KINDS))])
    found: type[Study] = resolve_name(KINDS[name])
    return found


def study_in(store: Store) -> Study:
    """Return the study that a store holds; raise `BadInput` when this version of exosim cannot read it."""
    file = str(store.folder / "design.json")
    try:
        cls, results = kind(store.design["study"]), store.design["results"]
        if lost := unknown_treatments(store.design.get("treatments", {})):
            raise BadInput(lost)
        if results == RESULTS:
            study = cls.from_dict(store.design)
            check_units(store, len(store.done()) - study.size)
            return study
        reason = f"its results have the number {results}, those of this version {RESULTS}"
    except BadInput as error:
        raise BadInput([replace(problem, source=file) for problem in error.problems]) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = str(error)
    remedy = "read it with the version that made it, or run the study again in another folder"
    message = f"the design is of another version of exosim ({reason})"
    raise BadInput([Problem(message, source=file, remedy=remedy)])


def check_units(store: Store, more: int) -> None:
    """Refuse a store with `more` units than are of its study, which would be mixed with those that are."""
    if more > 0:
        message = f"units of the store are not of this study ({more} of them), as where code that it runs has changed"
        raise BadInput([Problem(message, source=str(store.folder), remedy="run it again in another folder")])


def counted(store: Store) -> dict[str, Any]:
    """Return how many cases of a store failed, and why; reasons that differ in numbers alone are one.

    A line of the log says in `failures` which of its `cases` failed, each with a `case` and a `reason`.
    """
    first: dict[str, str] = {}
    kinds = Counter[str]()
    for failure in store.failures():
        kinds[kind := without_numbers(failure["reason"])] += 1
        first.setdefault(kind, failure["reason"])
    return {
        "failures": kinds.total(),
        "tried": sum(line.get("cases", 1) for line in store.done().values()),
        "reasons": [{"reason": first[kind], "cases": number} for kind, number in kinds.most_common()],
    }


def provenance(study: Study) -> dict[str, str]:
    """Return where the numbers of a study come from, as attributes of a dataset: the design, and a notice."""
    design = study.to_dict()
    plain = {name: design.pop(name) for name in ("study", "parameters", "resolution", "seed", "version")}
    plain["parameters"] = str(vars(study)["parameters"])
    return {
        "title": f"exosim {study.kind}",
        "source": "exosim tissue model",
        "comment": NOTICE,
        **{name: str(value) for name, value in plain.items()},
        "design": json.dumps(design),
    }


def too_low(given: Mapping[str, Any], least: Mapping[str, int]) -> list[Problem]:
    """Return which numbers, by the names of arguments, are no whole numbers or below the `least` they can be."""
    return [
        Problem(f"`{name}` must be a whole number from {low}, not {given[name]!r}")
        for name, low in least.items()
        if not isinstance(given[name], int) or isinstance(given[name], bool) or given[name] < low
    ]


def fitted(study: Study, store: Store) -> pd.DataFrame:
    """Return one row per parameter of a fit that is done; `unit` is a column."""
    import pandas as pd

    summary = study.summary(store)
    if "parameters" not in summary:
        raise unfinished(study, store)
    return pd.DataFrame(summary["parameters"])


def unfinished(study: Study, store: Store) -> BadInput:
    """Return the refusal of what only a finished study has."""
    message = f"the study is not finished: {len(store.done())} of {study.size} units are done"
    return BadInput([Problem(message, source=str(store.folder), remedy="go on with `resume`")])


@lru_cache(maxsize=8)
def _read(cls: type[Study], text: str, treatments: str) -> Study:
    also(json.loads(treatments))
    return cls.from_dict(json.loads(text))


def _plain(value: Any) -> Any:
    if isinstance(value, ParameterSet):
        return value.to_plain()
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
