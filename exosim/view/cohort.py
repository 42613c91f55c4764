"""A cohort in words and rows, for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exosim.results.outcomes import OUTCOMES
from exosim.results.own import Own
from exosim.results.result import NOTICE
from exosim.studies.cohort import Cohort
from exosim.studies.conduct import why
from exosim.studies.store import Store
from exosim.view.text import markdown_table, percent, short, unit

SHOWN = ("improvement_percent", "downtime_days", "erythema_days", "melanin_index_peak_percent", "onset_week")


def report(study: Cohort, store: Store, summary: Mapping[str, Any]) -> str:
    """Return the cohort as Markdown."""
    title = f"# Virtual cohort: {', '.join(summary['arms'] or [arm.name for arm in study.arms])}"
    table = markdown_table(["outcome", *summary["arms"]], rows(summary, study.own))
    lines = [title, head(study, store, summary), table.strip(), *remarks(summary), NOTICE]
    return "\n\n".join(lines) + "\n"


def head(study: Cohort, store: Store, summary: Mapping[str, Any]) -> str:
    """Return who was given what."""
    return (
        f"{summary['subjects']} of {summary['of']} virtual people, {study.resolution}, parameters {study.parameters}, "
        f"seed {study.seed}, exosim {store.design['version']}. Every arm on every person."
    )


def rows(summary: Mapping[str, Any], own: Sequence[Own] = ()) -> Iterator[list[str]]:
    """Yield the rows of the table: what it is, and a cell per arm."""
    arms = [*summary["arms"].values()]
    if not arms:
        return
    units = {outcome.name: unit(outcome.unit) for outcome in (*OUTCOMES, *own)}
    for name in (*SHOWN, *(outcome.name for outcome in own)):
        about = f"{name}{f', {units[name]}' if units[name] else ''}: median (5 to 95 %)"
        yield [about, *(_median(arm["outcomes"][name]) for arm in arms)]
    for level in arms[0]["responders"]:
        yield [f"improvement of at least {level}: people", *(_share(arm["responders"][level]) for arm in arms)]
    seen = dict.fromkeys(name for arm in arms for name in arm["pih_by_phototype"])
    for name in sorted(seen):
        about = f"hyperpigmentation, phototype {name}: people"
        yield [about, *(_share(arm["pih_by_phototype"].get(name)) for arm in arms)]


def remarks(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield what else is to be said, a sentence or two each."""
    yield people(summary["people"])
    for warning in summary["warnings"]:
        yield f"Warning: {warning}."
    if failed := why(summary):
        yield "\n".join(failed)
    for name, difference in summary["differences"].items():
        x = difference["outcomes"]["improvement_percent"]
        if x["mean"] is None:
            yield f"{name} minus {difference['from']}: no improvement is defined, so there is no difference."
            continue
        yield (
            f"{name} minus {difference['from']}: improvement {_one(x['mean'])} points, 95 % interval of the mean "
            f"{_two(x['ci_low'])} to {_two(x['ci_high'])}; between people {_one(x['low'])} to {_one(x['high'])}."
        )
        yield _trial(difference["trial"])


def people(who: Mapping[str, Any]) -> str:
    """Return what is drawn of the people, and what holds for everybody."""
    drawn = [
        f"{trait} ({', '.join(f'{name}: {percent(x / sum(shares.values()))}' for name, x in shares.items())})"
        for trait, shares in who["drawn"].items()
    ]
    kinetics = f"kinetics, melanocyte response (sd of the log {who['pigment_spread']:g})"
    score = f"a clinical score errs by {who['score_error']:g} points"
    told = [f"Drawn (assumed): {', '.join([*drawn, kinetics])}; {score}."]
    first, *others = who["held"].values()
    if others.count(first) == len(others):
        told += [f"Fixed by the scenario: {_equal(first)}."] if first else []
    else:
        told += [f"Fixed in {short(name)}: {_equal(x)}." for name, x in who["held"].items() if x]
    if who["replaced"]:
        told.append(f"The population replaces what the scenario says of: {', '.join(who['replaced'])}.")
    return " ".join(told)


def _equal(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {x:g}" if isinstance(x, float) else f"{name} = {x}" for name, x in values.items())


def _trial(test: Mapping[str, Any]) -> str:
    """Return what a trial would report."""
    if not test["difference"]:
        return f"A trial of {test['people']} people cannot be drawn: {test['why']}."
    ends = test["difference"]
    reported = f"it would report {_one(ends['low'])} to {_one(ends['high'])} points"
    if test["power"] is None:
        return f"A trial of {test['people']} people, {test['replicates']} times: {reported}; {test['why']}."
    return (
        f"A trial of {test['people']} people, {test['replicates']} times: paired t test below 0.05 in "
        f"{percent(test['power'])}, median p {test['median_p']:.2g}; {reported}."
    )


def _median(x: Mapping[str, Any]) -> str:
    if x["median"] is None:
        return "-"
    reached = "" if x["share"] > 0.999 else f", in {percent(x['share'])}"
    return f"{x['median']:.1f} ({x['low']:.1f} to {x['high']:.1f}){reached}"


def _share(x: Mapping[str, Any] | None) -> str:
    if x is None or x["share"] is None:
        return "-"
    return f"{100 * x['share']:.1f} % ({100 * x['low']:.1f} to {100 * x['high']:.1f})"


def _one(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
