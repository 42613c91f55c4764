"""Several arms side by side: their outcomes, and how each differs from one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from exosim.problems import BadInput, Problem, suggest
from exosim.results.intervals import intervals
from exosim.results.outcomes import OUTCOMES
from exosim.results.result import Record

if TYPE_CHECKING:
    import pandas as pd

A = TypeVar("A", bound=Record)
Ends = dict[str, list[float | None]]


def check_against(against: str, names: Sequence[str]) -> None:
    """Refuse an arm that is none."""
    if against and against not in names:
        remedy = suggest(against, names)
        raise BadInput([Problem(f'there is no arm "{against}"', source="`against`", remedy=remedy)])


@dataclass(frozen=True)
class Arms(Generic[A]):
    """Several arms under the same parameters and seed; on a patch all arms see the same channels.

    Attributes
    ----------
    arms : list
        Also by number or name: ``comparison[0]``, ``comparison["laser"]``.
    against : str
        Name of the arm from which all others differ; the first when left out.
    """

    arms: list[A]
    directory: Path | None = None
    against: str = ""

    def __post_init__(self) -> None:
        check_against(self.against, self.names)

    def __len__(self) -> int:
        return len(self.arms)

    def __iter__(self) -> Iterator[A]:
        return iter(self.arms)

    def __getitem__(self, which: int | str) -> A:
        """Return an arm by its number, or by its name; raise `BadInput` where there is none of that name."""
        if isinstance(which, str):
            if which not in self.names:
                raise BadInput([Problem(f'there is no arm "{which}"', remedy=suggest(which, self.names))])
            which = self.names.index(which)
        return self.arms[which]

    def __repr__(self) -> str:
        """Return the arms, in one line."""
        return f"<{type(self).__name__}: {' v '.join(self.names)}, {self.arms[0].setup.resolution}>"

    @property
    def names(self) -> list[str]:
        """Names of the arms."""
        return [arm.scenario.name for arm in self.arms]

    @property
    def reference(self) -> A:
        """The arm from which all others differ."""
        return self[self.against or 0]

    @property
    def others(self) -> list[A]:
        """All arms but the reference."""
        return [arm for arm in self.arms if arm is not self.reference]

    def difference(self, arm: int | str) -> dict[str, float | None]:
        """Return the outcomes of an arm minus those of the reference."""
        own, other = self[arm].outcomes, self.reference.outcomes
        numbers = [name for name, value in other.items() if not isinstance(value, (bool, list))]
        return {name: None if None in (own[name], other[name]) else own[name] - other[name] for name in numbers}

    def difference_interval(self, arm: int | str) -> Ends | None:
        """Return the 90 % interval of every such difference over the ensemble, paired draw by draw."""
        own, other = self[arm].ensemble, self.reference.ensemble
        return intervals(own, minus=other) if own and other else None

    @property
    def differences(self) -> dict[str, float | None]:
        """Differences of the last arm from the reference."""
        return self.difference(self._last)

    @property
    def difference_intervals(self) -> Ends | None:
        """Paired 90 % intervals of `differences`."""
        return self.difference_interval(self._last)

    @property
    def _last(self) -> int:
        return next((i for i in reversed(range(len(self))) if self[i] is not self.reference), 0)

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row per outcome: `value` and `difference` of every arm, and over an ensemble the ends of both.

        ``table["value"]`` has a column per arm; `difference` is that from the arm `against`. Flags are 0 or 1.
        Units are in the column `unit`.
        """
        import pandas as pd

        about = (*OUTCOMES, *self.reference.own)
        rows = [outcome.name for outcome in about]
        columns: dict[tuple[str, str], Any] = {("unit", ""): [outcome.unit for outcome in about]}
        for i, (name, arm) in enumerate(zip(self.names, self.arms, strict=True)):
            columns |= _columns(rows, name, arm.outcomes, arm.intervals, "value", "low", "high")
            if arm is not self.reference:
                ends = "difference", "difference_low", "difference_high"
                columns |= _columns(rows, name, self.difference(i), self.difference_interval(i), *ends)
        order = ["unit", "value", "low", "high", "difference", "difference_low", "difference_high"]
        keys = sorted(columns, key=lambda key: order.index(key[0]))
        index = pd.Index(rows, name="outcome")
        return pd.DataFrame({key: columns[key] for key in keys}, index).rename_axis(columns=["what", "arm"])


def _columns(
    rows: Sequence[str], arm: str, values: dict[str, Any], ends: Ends | None, *heads: str
) -> dict[tuple[str, str], list[float]]:
    """Return values of an arm, and the ends of their intervals where there are any, as columns."""
    found = {(heads[0], arm): [_number(values.get(name)) for name in rows]}
    for i, head in enumerate(heads[1:]) if ends else ():
        found[head, arm] = [_number((ends or {}).get(name, (None, None))[i]) for name in rows]
    return found


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
