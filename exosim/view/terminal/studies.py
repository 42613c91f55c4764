"""What the terminal shows of evidence, fits and sensitivities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from exosim.results.result import NOTICE
from exosim.scenario.model import Scenario
from exosim.studies.cohort import Cohort
from exosim.studies.conduct import why
from exosim.studies.ensemble_sweep import EnsembleSweep
from exosim.studies.kinds import Study
from exosim.studies.optimise import Optimise
from exosim.studies.sensitivity import GRADES
from exosim.studies.store import Store
from exosim.studies.sweep import Sweep
from exosim.view.cohort import head, remarks, rows
from exosim.view.terminal.table import Whole, show
from exosim.view.text import NEVER, broken, number, percent, signed, span, target, unit
from exosim.view.text import outcome as shown

MOST = 24  # cases of a table
SHOWN = ("improvement_percent", "downtime_days", "tnf_auc", "melanin_index_peak_percent")
"""Outcomes of a sweep of draws that are printed."""


def print_evidence(
    console: Console, rows: Sequence[Mapping[str, Any]], offsets: Mapping[str, float], parameters: str
) -> None:
    """Print a line per claim and target with its verdict, then a line for each of its values."""
    table = Whole(
        title=f"claims and targets against the model, parameters {parameters}, column, 90 % intervals of the ensemble",
        title_justify="left",
        expand=True,
    )
    wide = {"claim and values": 3, "source": 1}
    for column in ("id", "claim and values", "simulated", "interval", "target", "verdict", "kind", "source"):
        right = column in ("simulated", "interval", "target")
        look: dict[str, Any] = {"no_wrap": True, "overflow": "ellipsis", "ratio": wide.get(column)}
        table.add_column(column, justify="right" if right else "left", **look)
    for row in rows:
        about = escape(row["source"] + (f"; {row['note']}" if row["note"] else ""))
        table.add_row(row["id"], escape(row["text"]), "", "", "", row["verdict"], row["kind"], about, style="bold")
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


def print_summary(console: Console, study: Study, store: Store, summary: Mapping[str, Any]) -> None:
    """Print any summary, a line per value."""
    table = Whole("what", "value", title=study.kind, title_justify="left")
    for name, value in _rows(summary):
        table.add_row(escape(name), escape(value))
    show(console, table)


def _rows(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield name and text of every value in nested data."""
    if not isinstance(value, Mapping | list):
        yield name, number(value) if isinstance(value, float) else str(value)
        return
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
        yield from _rows(item, f"{name}.{key}" if name else str(key))


def _numbers(title: str, name: str, *columns: str) -> Whole:
    """Return an empty table whose columns after the first hold numbers."""
    table = Whole(name, title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def print_cohort(console: Console, study: Cohort, store: Store, summary: Mapping[str, Any]) -> None:
    """Print the outcomes of every arm, and what is to be said of them."""
    console.print(head(study, store, summary), markup=False, highlight=False)
    if summary["arms"]:
        table = _numbers("", "outcome", *map(escape, summary["arms"]))
        for row in rows(summary, study.own):
            table.add_row(*map(escape, row))
        show(console, table)
    for remark in remarks(summary):
        console.print(remark, markup=False, highlight=False)
    console.print(NOTICE, style="dim", highlight=False)


def print_fit(console: Console, study: Study, store: Store, summary: Mapping[str, Any]) -> None:
    """Print targets and parameters of a fit; how far it is before it is done."""
    if "parameters" not in summary:
        print_summary(console, study, store, summary)
        return
    title = f"parameter set {summary['set']}, seed {summary['seed']}"
    table = _numbers(title, "value", "target of the fit", "published", "fitted")
    for row in summary["figures"]:
        table.add_row(row["figure"], number(row["asked"]), row["published"], number(row["fitted"]))
    show(console, table)
    table = Whole("parameter", "fitted", "unit", "90 % interval", "range", "identified")
    for row in summary["parameters"]:
        ends = " .. ".join("open" if row[end] is None else number(row[end]) for end in ("low", "high"))
        known = "yes" if row["identified"] else "no"
        table.add_row(row["parameter"], number(row["value"]), row["unit"], ends, span(*row["range"]), known)
    show(console, table)
    console.print(f"{summary['draws_agreeing']} of {summary['members']} draws agree with the targets", highlight=False)


def print_own_fit(console: Console, study: Study, store: Store, summary: Mapping[str, Any]) -> None:
    """Print the parameters of a fit to one's own data, and how the data lie in it; how far it is before it is done."""
    if "parameters" not in summary:
        print_summary(console, study, store, summary)
        return
    title = f"fit {summary['name']}, all else as in {summary['base']}, seed {summary['seed']}"
    right = ("value", "90 % interval", "best", "profile", "prior", "share of the prior's variance gone")
    table = _numbers(title, "parameter", *right)
    for row in summary["parameters"]:
        name = f"{row['parameter']} [{unit(row['unit'])}]".removesuffix(" []")
        sides = " .. ".join("open" if end is None else number(end) for end in row["profile"])
        cells = number(row["value"]), span(row["low"], row["high"]), number(row["best"]), sides
        table.add_row(escape(name), *cells, span(*row["range"]), percent(row["told"]))
    console.print(table)
    inside = "" if summary["inside"] is None else f", {percent(summary['inside'])} inside their 90 % intervals"
    console.print(f"{len(summary['data'])} data{inside}; chains settle near 1:", end=" ", highlight=False)
    settled = (f"{row['parameter']} {row['scale_reduction']:.2f}" for row in summary["parameters"])
    console.print(", ".join(settled), highlight=False)
    console.print(f"use it: --parameters {store.folder / summary['name']}.toml", markup=False, highlight=False)


def print_posterior(console: Console, study: Study, store: Store, summary: Mapping[str, Any]) -> None:
    """Print what the studies say of parameters and scales, and how well they predict each other."""
    if "left_out" not in summary:
        print_summary(console, study, store, summary)
        return
    title = f"posterior of {summary['set']}, seed {summary['seed']}: parameters of which the studies say most"
    table = _numbers(title, "parameter", "median", "90 % interval", "range", "share of the prior's variance gone")
    known = sorted(summary["parameters"], key=lambda row: -row["told"])
    for row in (row for row in known if row["identified"]):
        name = f"{row['parameter']} [{unit(row['unit'])}]".removesuffix(" []")
        ends = span(row["low"], row["high"]), span(*row["range"])
        table.add_row(escape(name), number(row["median"]), *ends, percent(row["told"]))
    show(console, table)
    table = _numbers("clinical scales and spreads", "quantity", "median", "90 % interval")
    for name, row in summary["scales"].items():
        table.add_row(escape(name), number(row["median"]), span(row["low"], row["high"]))
    show(console, table)
    left = summary["left_out"]
    text = f"each study left out: {percent(left['coverage'])} inside, mean log score {number(left['log_score'])}"
    console.print(text, highlight=False)


def print_sensitivity(console: Console, study: Study, store: Store, summary: Mapping[str, Any]) -> None:
    """Print the evidence meter and the parameters that matter most; how far the study is before it is done."""
    if "meter" not in summary:
        print_summary(console, study, store, summary)
        return
    title = f"what outcomes rest on ({summary['method']}, parameters {summary['parameters']})"
    table = Whole(title=title, title_justify="left")
    table.add_column("outcome")
    for grade in GRADES:
        table.add_column(grade, justify="right")
    measure = [*next(iter(summary["largest"].values()))[0]][1]
    table.add_column(f"most: parameter ({measure})")
    for outcome, shares in summary["meter"].items():
        largest = summary["largest"][outcome][:3]
        most = ", ".join(f"{row['parameter']} ({number(row[measure])})" for row in largest)
        table.add_row(outcome, *(f"{100 * shares[grade]:.0f} %" for grade in GRADES), most)
    show(console, table)


def print_sweep(console: Console, study: Sweep, store: Store, summary: Mapping[str, Any]) -> None:
    """Print how far a sweep is, what failed, and the range of every outcome."""
    title = f"{summary['cases']} of {summary['of']} cases, {study.resolution}, parameters {summary['parameters']}"
    table = _numbers(title, "outcome", "lowest", "median", "highest")
    table.add_column("unit")
    table.add_column("in cases", justify="right")
    for name, x in summary["outcomes"].items():
        ends = [number(x[end]) for end in ("low", "median", "high")] if x["cases"] else ["", NEVER, ""]
        where = "all" if x["cases"] == summary["cases"] else f"{x['cases']} of {summary['cases']}"
        table.add_row(name, *ends, unit(study.column_units[name]), where)
    show(console, table)
    varied = [f"{path}{_of(study.scenario, path)}" for path in study.paths]
    console.print(f"over {', '.join(varied)}", markup=False, highlight=False)
    if summary["implausible"]:
        said = "have an outcome outside what can be in skin: do not read them as results"
        console.print(f"{summary['implausible']} cases {said}", markup=False, highlight=False)
    for path in summary["idle"]:
        console.print(f"no outcome depends on {path}", markup=False, highlight=False)
    _print_failed(console, summary)


def print_ensemble_sweep(console: Console, study: EnsembleSweep, store: Store, summary: Mapping[str, Any]) -> None:
    """Print what the draws say of some outcomes in the first cases, and what was lost."""
    table, names = study.table(store), [name for name in SHOWN if f"{name}_difference" in study.table(store)]
    heads = [f"{path}{_of(study.scenario, path)}" for path in study.paths]
    heads += [f"{name} [{unit(study.column_units[name])}]" for name in names]
    title = f"{summary['cases']} of {summary['of']} cases, parameters {summary['parameters']}, {summary['draws']} draws"
    cases = _numbers(f"{title}: set (5 to 95 %), difference", "case", *map(escape, map(broken, heads)))
    for _, row in table.head(MOST).iterrows():
        settings = [number(x) if isinstance(x, float) else escape(str(x)) for x in row[study.paths]]
        cases.add_row(f"{row['case']:.0f}", *settings, *(_spread(row, name) for name in names))
    show(console, cases)
    if len(table) > MOST:
        console.print(f"and {len(table) - MOST} more cases, in cases.csv", highlight=False)
    onset = summary["outcomes"]["onset_week"]["cases"]
    console.print(f"an onset in {onset} of {summary['cases']} cases", highlight=False)
    if names:
        about = f"second lines: differences, draw by draw, from {summary['reference']}"
        console.print(about, markup=False, highlight=False)
    for path in summary["idle"]:
        console.print(f"no outcome depends on {path}", markup=False, highlight=False)
    _print_failed(console, summary)


def _spread(row: Mapping[str, Any], name: str) -> str:
    """Return the value of the set with 5 and 95 % of the draws, and so its difference on a second line."""
    lines = [(name, shown), (f"{name}_difference", signed)]
    return "\n".join(f"{text(row[x])} ({text(row[f'{x}_p05'])} .. {text(row[f'{x}_p95'])})" for x, text in lines)


def print_optimise(console: Console, study: Optimise, store: Store, summary: Mapping[str, Any]) -> None:
    """Print the schedules of the front, and of how many generations it is where the search is not done."""
    shown = list(dict.fromkeys([*(x.column for targets in study.targets for x in targets), "procedures"]))
    sure = ["on_front_percent"] if study.over_draws else []
    front, done = summary["front"], summary["generations"]
    title = f"{len(front)} schedules that no other betters in all aims, parameters {summary['parameters']}"
    table = Whole(title=title, title_justify="left")
    heads = [f"{path}{_of(study.scenario, path)}" for path in study.vary]
    heads += [f"{name} [{unit(study.column_units[name])}]".removesuffix(" []") for name in (*shown, *sure)]
    for column in ("file", *heads):
        table.add_column(escape(broken(column)), justify="right")
    for i, row in enumerate(front, start=1):
        settings = [number(x) if isinstance(x, float) else escape(str(x)) for x in row["setting"].values()]
        table.add_row(f"front/{i:02d}.toml", *settings, *(number(row["outcomes"][name]) for name in shown),
                      *(number(row[name]) for name in sure))  # fmt: skip
    if front:
        show(console, table)
    elif done:
        console.print("no schedule was found that keeps all limits; the front is empty", highlight=False)
        for x in summary["limits"]:
            kept = f"{x['limit']}: kept by {x['kept']} of {summary['points']} schedules, nearest {number(x['nearest'])}"
            console.print(kept, highlight=False)
    if done < summary["of"]:
        console.print(f"after {done} of {summary['of']} generations", highlight=False)
    _print_failed(console, summary)
    console.print(NOTICE, style="dim", highlight=False)


def _of(scenario: Scenario, path: str) -> str:
    """Return the unit of what a path sets, as it follows its name."""
    name = unit(scenario.settable(path).unit)
    return f" [{name}]" if name else ""


def _print_failed(console: Console, summary: Mapping[str, Any]) -> None:
    for line in why(summary):
        console.print(line, markup=False, highlight=False)
