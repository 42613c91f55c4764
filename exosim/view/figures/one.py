"""One column of the table of a study, on axes of its own or of the reader: over what is swept, or between people."""

from __future__ import annotations

from typing import Any

from exosim.problems import BadInput, Problem
from exosim.studies.cohort import Cohort
from exosim.studies.store import Store
from exosim.studies.sweep import Sweep
from exosim.view.figures.cohort import key, spread
from exosim.view.figures.panels import against, label_along, over, scale
from exosim.view.figures.style import sign, style
from exosim.view.labels import LABELS, axis_label, label, wrapped
from exosim.view.text import unit


def of_sweep(study: Sweep, store: Store, column: str, ax: Any = None) -> Any:
    """Return the figure of a column over the axes: a line, a map of a grid of two, else points against each axis."""
    table, of_two = study.table(store), len(study.paths) == 2 and study.design == "grid"
    _check_any(len(table) if column in table else 0)  # a difference needs the reference
    paths = study.paths[:1] if of_two else study.paths
    if ax is not None and len(paths) > 1:
        message = f"{len(paths)} axes vary, and on axes of yours one is drawn, or a grid of two"
        raise BadInput([Problem(message, source="`ax`", remedy="leave `ax` out: each axis gets a panel")])
    with style() as canvas:
        figure, axes = (ax.figure, [[ax]]) if ax is not None else canvas.subplots(
            1, len(paths), figsize=(5 + 2.6 * (len(paths) - 1), 3.6), layout="constrained", sharey=True, squeeze=False
        )  # fmt: skip
        for axis, path in zip(axes[0], paths, strict=True):
            if of_two:
                _map(axis, study, table, column)
            else:
                against(axis, study, table, path, column)
                label_along(axis, study, table, path)
        if not of_two:
            axes[0][0].set_ylabel(wrapped(called(study, column)))
            if f"{column}_p05" in table:
                axes[0][0].set_title("from 5 to 95 % of the draws", fontsize=8, fontweight="normal")
        if ax is None:
            sign(figure)
    return figure


def _map(axis: Any, study: Sweep, table: Any, column: str) -> None:
    over(axis, study, table, column, scale(column, table[column]))
    for path, name in zip(study.paths, (axis.set_xlabel, axis.set_ylabel), strict=True):
        name(wrapped(axis_label(path, study.scenario)), fontsize=8)
    axis.set_title(wrapped(called(study, column)))


def of_cohort(study: Cohort, store: Store, column: str, ax: Any = None) -> Any:
    """Return the figure of how an outcome, or a course on a day, is spread between the people of every arm."""
    results, table = study.results(store), None
    _check_any(len(results.column("subject.draw")))
    if column in study.names and column not in study.numeric:
        remedy = "the `summary` has the share of people, `to_dataframe` who they are"
        raise BadInput([Problem(f"{column} is yes or no, which has no spread to draw", remedy=remedy)])
    if column not in study.names:
        table = study.table(store)
    values = [results.outcome(i, column) if table is None else table.loc[table["arm"] == name, column].to_numpy()
              for i, name in enumerate(results.names)]  # fmt: skip
    with style() as canvas:
        figure, axis = (ax.figure, ax) if ax is not None else canvas.subplots(figsize=(6, 3.8), layout="constrained")
        spread(axis, values)
        axis.set(xlabel=called(study, column), ylabel="% of people")
        axis.legend(*key(results.names))
        if ax is None:
            sign(figure)
    return figure


def _check_any(done: int) -> None:
    if not done:
        raise BadInput([Problem("there is nothing to draw yet: no case is done", remedy="go on with `resume`")])


def called(study: Sweep | Cohort, column: str) -> str:
    """Return what a reader calls a column, with its unit."""
    name = max((x for x in LABELS if column.startswith(x)), key=len, default="")
    text = label(name) + column.removeprefix(name).replace("_", ": ", 1).replace("_", " ") if name else column
    return ", ".join(filter(None, (text, unit(study.column_units.get(column, "")))))
