"""What a study has given: its tables, arrays and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exosim.problems import BadInput, Problem, suggest
from exosim.studies.conduct import refused, why
from exosim.studies.kinds import Study
from exosim.studies.store import Memory, Store

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from exosim.parameters import ParameterSet
    from exosim.studies.fit.objective import Objective


@dataclass(frozen=True, repr=False)
class StudyResult:
    """What a study has given, finished or not.

    Attributes
    ----------
    study : Study
        The design.
    store : Store
        Where the results of every unit are.
    summary : dict
        What ``exosim study --json`` prints.
    """

    study: Study
    store: Store
    summary: dict[str, Any]

    def __repr__(self) -> str:
        done, most = len(self.store.done()), self.study.size
        units = f"{done} of {most} units" if done == most else f"{done} of at most {most} units"
        return f"<StudyResult: {self.study.kind}, {units}, in {self.folder or 'memory'}>"

    def _repr_html_(self) -> str:
        from exosim.view.html import of_study

        try:
            frame = self.to_dataframe()
        except BadInput:  # there is no table of it, or none yet
            frame = None
        return of_study(repr(self)[1:-1], frame, self.warnings)

    @property
    def folder(self) -> Path | None:
        """Where it is kept; None in memory."""
        return None if isinstance(self.store, Memory) else self.store.folder

    @property
    def warnings(self) -> list[str]:
        """Units and cases that failed, with the reasons, what makes arms hard to compare, and axes without effect."""
        idle = [f"no outcome depends on {path}" for path in self.summary.get("idle", ())]
        return [*refused(self.store), *self.summary.get("warnings", ()), *idle, *why(self.summary)]

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row per case, person and arm, schedule of the front, or parameter.

        Units of columns are in ``attrs["units"]``; where they differ between rows they are in the column `unit`.
        """
        table = self.study.table(self.store)
        table.attrs["units"] = {name: unit for name, unit in self.study.column_units.items() if name in table}
        return table

    def to_xarray(self) -> xr.Dataset:
        """Return outcomes over the axes of a grid, the cases of another design, or the people and arms of a cohort."""
        import xarray as xr

        if datasets := [*self.study.datasets(self.store)]:
            return xr.merge(datasets, combine_attrs="override")
        message = f"a study of kind {self.study.kind} has no arrays over axes"
        raise BadInput([Problem(message, remedy="`to_dataframe` gives its table")])

    @property
    def objective(self) -> Objective:
        """What a fit to one's own data minimises, as a plain function of a vector or a mapping."""
        return self._own_fit("objective").objective  # type: ignore[no-any-return]

    @property
    def parameter_set(self) -> ParameterSet:
        """The set that a fit to one's own data has given, with its ensemble."""
        return self._own_fit("parameter set").fitted(self.store)  # type: ignore[no-any-return]

    def to_pypesto(self) -> Any:
        """Return a fit to one's own data as a problem of pyPESTO."""
        return self._own_fit("problem for pyPESTO").objective.to_pypesto()

    def _own_fit(self, what: str) -> Any:
        """Return the study; raise `BadInput` where it is no fit to one's own data."""
        if not hasattr(self.study, "objective"):
            remedy = 'a fit to one\'s own data has one, as in ex.fit("mine.toml")'
            raise BadInput([Problem(f"a study of kind {self.study.kind} has no {what}", remedy=remedy)])
        return self.study

    def plot(self, name: str = "", ax: Any = None) -> Any:
        """Return a matplotlib figure: the one called `name`, else the first of its kind.

        Of a sweep or a cohort the name may also be an outcome, or another column of numbers of its table: it is drawn
        over what varies, or as its spread between people; with `ax` on axes of yours, whose figure is returned.
        """
        from exosim.view.figures.course import check_axes
        from exosim.view.studies import view

        check_axes(ax)
        shown = view(self.study)
        axes = {"case", *getattr(self.study, "paths", ())}
        columns = [x for x in self.study.column_units if x not in axes] if shown.one else []
        if shown.one and name in columns:
            return shown.one(self.study, self.store, name, ax)
        drawings = shown.drawings
        drawn = {x.name: x.figure for x in drawings(self.study, self.store, self.summary)} if drawings else {}
        if name and name not in drawn:
            what = "figure and no outcome" if columns else "figure"
            raise BadInput([Problem(f'there is no {what} "{name}"', remedy=suggest(name, [*drawn, *columns]))])
        if ax is not None:
            remedy = f"name an outcome, as in {columns[0]}" if columns else "leave `ax` out"
            message = f"a figure of a study of kind {self.study.kind} has axes of its own"
            raise BadInput([Problem(message, source="`ax`", remedy=remedy)])
        if not drawn:
            raise BadInput([Problem(f"there is nothing to draw yet of this {self.study.kind}")])
        return drawn[name or next(iter(drawn))]
