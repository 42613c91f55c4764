"""Where it comes from: parameters that matter with their sources, trials and claims, how the run was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exosim.biology.system import PARAMETERS
from exosim.evidence import Published
from exosim.parameters import parameter_set
from exosim.results.result import Record
from exosim.studies.sensitivity import Indices
from exosim.view.report import html
from exosim.view.report.claims import Answer
from exosim.view.terminal.runs import UNITLESS

MATTERING = 6  # parameters listed per outcome
MAIN = ("improvement_percent", "downtime_days", "tnf_auc", "melanin_index_change_percent")


def sources(
    swings: Indices, run: Record, published: Sequence[Mapping[int, Published]], ledger: Sequence[Answer]
) -> str:
    """The parameters that matter most, and what was cited."""
    hung: dict[str, list[str]] = {}
    for outcome in (name for name in MAIN if name in swings.outcomes):
        for row in swings.largest(outcome, MATTERING):
            hung.setdefault(row["parameter"], []).append(outcome)
    grades = dict(zip(swings.parameters, swings.grades, strict=True))
    overrides = parameter_set(run.setup.parameters).overrides
    values = run.manifest["parameter_values"]
    rows = []
    for name, outcomes in hung.items():
        q, own = PARAMETERS[name], overrides.get(name)
        source = f"{own.source} (set {run.setup.parameters}); range: {q.source}" if own else q.source
        rows.append(
            (
                f"{html.code(name)}<br>{html.text(q.meaning)}",
                f"{float(f'{values[name]:.4g}'):g}",
                f"{q.low:g} to {q.high:g} {html.text(UNITLESS.get(q.unit, q.unit))}",
                html.text(f"{grades[name]}: {source}"),
                "<br>".join(html.code(o) for o in outcomes),
            )
        )
    head = ("parameter", "value", "range", "evidence and source", "matters most for")
    cited: dict[str, list[str]] = {p.citation: [] for match in published for p in match.values()}
    for x in ledger:
        cited.setdefault(x.claim.source, []).append(x.claim.id)
    table = html.table(head, rows, (1,), f"Parameters that matter most, {MATTERING} per main outcome")
    return (table if rows else "") + (
        "<h3>Trials and claims</h3>" + html.items(map(_cited, cited, cited.values())) if cited else ""
    )


def _cited(source: str, claims: Sequence[str]) -> str:
    return html.text(source) + (f" <small>({', '.join(claims)})</small>" if claims else "")


def provenance(arms: Sequence[Record]) -> str:
    """When and with what every arm was simulated, and its scenario file."""
    rows = [
        (
            html.said(run.scenario.name),
            html.text(run.manifest["created"].replace("T", " ")),
            html.code(run.manifest["scenario_hash"]),
        )
        for run in arms
    ]
    table = html.table(("arm", "simulated", "scenario hash"), rows)
    versions = dict.fromkeys(
        ", ".join(f"{name} {version}" for name, version in run.manifest["versions"].items()) for run in arms
    )
    written = "".join(f'<p class="soft">Versions: {html.text(found)}.</p>' for found in versions)
    folded = "".join(
        html.folded(
            f"Scenario file {i}",
            f'<pre class="wide"><code><bdi dir="ltr">{html.text(run.scenario.to_toml())}</bdi></code></pre>',
        )
        for i, run in enumerate(arms, start=1)
    )
    return table + written + folded
