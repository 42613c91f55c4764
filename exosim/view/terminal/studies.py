"""What the terminal shows of evidence, fits and sensitivities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from exosim.results.result import NOTICE
from exosim.studies.sensitivity import GRADES, Sensitivity
from exosim.view.text import number, span, target


def print_evidence(
    console: Console, rows: Sequence[Mapping[str, Any]], offsets: Mapping[str, float], parameters: str
) -> None:
    """A line per claim and target with its verdict, a line below for each of its figures."""
    table = Table(
        title=f"claims and targets against the model, parameters {parameters}, column, 90 % intervals of the ensemble",
        title_justify="left",
        expand=True,
    )
    for column in ("id", "claim and figures", "simulated", "interval", "target", "verdict", "kind", "source"):
        right = column in ("simulated", "interval", "target")
        wide = column in ("claim and figures", "source")
        table.add_column(
            column,
            justify="right" if right else "left",
            no_wrap=True,
            ratio=(3 if column != "source" else 1) if wide else None,
        )
    for row in rows:
        about = escape(row["source"] + (f"; {row['note']}" if row["note"] else ""))
        table.add_row(
            row["id"], escape(row["text"]), "", "", "", row["verdict"], row["kind"], about, style="bold"
        )
        for check in row["checks"]:
            state = "right" if check["right"] else "outside"
            found = number(check["simulated"]), span(check["low"], check["high"])
            fitted = "fitted" if check["fitted"] else ""
            table.add_row("", f"  {check['outcome']}", *found, target(check), f"  {state}", fitted, "")
    console.print(table)
    counts = Counter(row["verdict"] for row in rows)
    console.print("; ".join(f"{verdict}: {n}" for verdict, n in counts.items()), highlight=False)
    console.print("sources and notes in full: exosim explain ID", highlight=False)
    scaled = ", ".join(f"{name} x {number(factor)}" for name, factor in offsets.items())
    console.print(f"what the model's percent are on each clinical scale: {scaled}", highlight=False)
    console.print(NOTICE, style="dim", highlight=False)


def print_fit(console: Console, found: Mapping[str, Any], folder: object) -> None:
    """Figures and parameters of a fit."""
    table = Table(title=f"parameter set {found['set']}, seed {found['seed']}", title_justify="left")
    for column in ("figure", "asked of the fit", "published", "fitted"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for row in found["figures"]:
        table.add_row(row["figure"], number(row["asked"]), row["published"], number(row["fitted"]))
    console.print(table)
    table = Table()
    for column in ("parameter", "fitted", "unit", "90 % interval", "range", "identified"):
        table.add_column(column)
    for row in found["parameters"]:
        low, high = (end if end is not None else "open" for end in (row["low"], row["high"]))
        ends = " .. ".join(end if isinstance(end, str) else number(end) for end in (low, high))
        known = "yes" if row["identified"] else "no"
        table.add_row(row["parameter"], number(row["value"]), row["unit"], ends, span(*row["range"]), known)
    console.print(table)
    console.print(
        f"{found['draws_agreeing']} of {found['members']} draws agree with the figures", highlight=False
    )
    console.print(f"files: {folder}", markup=False, highlight=False, soft_wrap=True)


def print_sensitivity(console: Console, found: Sensitivity, directory: object) -> None:
    """The evidence meter and the parameters that matter most."""
    table = Table(title=f"what outcomes rest on ({found.method})", title_justify="left")
    table.add_column("outcome", no_wrap=True)
    for grade in GRADES:
        table.add_column(grade, justify="right")
    measure = next(iter(found.measures))
    table.add_column(f"most: parameter ({measure})")
    for outcome, shares in found.meter.items():
        most = ", ".join(f"{row['parameter']} ({number(row[measure])})" for row in found.largest(outcome, 3))
        table.add_row(outcome, *(f"{100 * shares[grade]:.0f} %" for grade in GRADES), most)
    console.print(table)
    console.print(f"files and figures: {directory}", markup=False, highlight=False, soft_wrap=True)


def print_sweep(console: Console, summary: Mapping[str, Any]) -> None:
    """How far a sweep is, and the range of every outcome."""
    table = Table(title=f"{summary['cases']} of {summary['of']} cases", title_justify="left")
    for column in ("outcome", "lowest", "median", "highest"):
        table.add_column(column, justify="left" if column == "outcome" else "right")
    for name, x in summary["outcomes"].items():
        table.add_row(name, number(x["low"]), number(x["median"]), number(x["high"]))
    console.print(table)
    for failure in summary["failures"]:
        console.print(f"case {failure['case']} failed: {failure['reason']}", markup=False, highlight=False)


def print_front(
    console: Console, of: Mapping[str, Any], found: Sequence[Mapping[str, Any]], folder: object
) -> None:
    """The schedules of a front."""
    shown = list(dict.fromkeys([*of["aims"], *of["limits"], "procedures"]))
    table = Table(title=f"{len(found)} schedules that no other betters in all aims", title_justify="left")
    for column in ("file", *(axis["path"] for axis in of["axes"]), *shown):
        table.add_column(column, justify="right")
    for i, row in enumerate(found, start=1):
        settings = [number(x) for x in row["setting"].values()]
        table.add_row(f"front/{i:02d}.toml", *settings, *(number(row["outcomes"][name]) for name in shown))
    console.print(table)
    console.print(f"files: {folder}", markup=False, highlight=False, soft_wrap=True)
    console.print(NOTICE, style="dim", highlight=False)
