"""Predictions of studies in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from exosim.evidence.predict import Forecast, Predictions, by_kind, coverage, log_score
from exosim.results.result import NOTICE
from exosim.view.terminal.table import Whole
from exosim.view.text import number, percent, span


def print_predictions(console: Console, found: Predictions) -> None:
    """Print a line per value, then coverage and score of every class and of all."""
    title = f"predictive distributions, parameters {found.parameters}, column, 90 % intervals, seed {found.seed}"
    table = Whole(title=title, title_justify="left")
    for column in ("study", "value", "read", "observed", "median", "interval", "inside", "log score"):
        right = column in ("observed", "median", "interval", "log score")
        table.add_column(column, justify="right" if right else "left", no_wrap=column == "interval")
    for x in found.figures:
        table.add_row(
            escape(x.study), escape(x.compared), x.read, observed(x), number(x.median), span(x.low, x.high),
            {True: "yes", False: "NO", None: ""}[x.inside], number(x.log_score) if x.log_score is not None else "",
        )  # fmt: skip
    console.print(table)
    _print_classes(console, found)
    fitted = found.parameters.studies
    shown = dict.fromkeys(x.study for x in found.figures if x.study in fitted)
    if shown:
        text = f"{found.parameters} was calibrated to {len(shown)} of these studies, which it does not predict: "
        console.print(text + ", ".join(shown), markup=False, highlight=False)
    for warning in found.warnings:
        console.print(f"warning: {warning}", style="yellow", markup=False, highlight=False)
    console.print(NOTICE, style="dim", highlight=False)


def _print_classes(console: Console, found: Predictions) -> None:
    """Print coverage and score by class, where something was read."""
    classes = by_kind(found.figures)
    if not classes:
        return
    table = Whole("class", title="by class", title_justify="left")
    for column in ("values", "inside", "mean log score"):
        table.add_column(column, justify="right")
    whole = [x for rows in classes.values() for x in rows]
    for kind, rows in (*classes.items(), ("all", whole)):
        table.add_row(kind, str(len(rows)), percent(coverage(rows) or 0.0), number(log_score(rows)))
    console.print(table)


def observed(x: Forecast) -> str:
    """Return what was read, as text; a bound with its sign.

    >>> observed(Forecast("a", "b", "c", 1.5, None, None, None, None, None, bound="at least"))
    '>= 1.5'
    """
    sign = {"at least": ">= ", "at most": "<= "}.get(x.bound, "")
    return "" if x.observed is None else sign + number(x.observed)
