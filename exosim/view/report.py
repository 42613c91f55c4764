"""A report of a run or a comparison: one HTML file that needs nothing else, no script among it.

Everything that a person wrote stands in it as text: names and notes are escaped and kept from turning the direction of
what surrounds them. A content security policy forbids whatever is not in the file.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

from exosim.biology.system import PARAMETERS
from exosim.events import rows as event_rows
from exosim.evidence import Published, regimen
from exosim.evidence.claims import Claim, arm, claims
from exosim.evidence.verdicts import readings
from exosim.outcomes import FLAGS, OUTCOMES
from exosim.parameters import parameter_set
from exosim.result import NOTICE, Record
from exosim.simulate import Progress
from exosim.studies.sensitivity import GRADES, Sensitivity, sensitivity
from exosim.view.figures import of_arm, of_comparison, of_run
from exosim.view.style import Drawing, short, style
from exosim.view.tables import UNITLESS, shown
from exosim.why import Flux, Trace, why

GRADE_COLOURS = dict(zip(GRADES, ("#0072B2", "#56B4E9", "#D0D5D9", "#D55E00"), strict=True))
MATTERING = 6  # parameters listed per outcome
MAIN = ("improvement_percent", "downtime_days", "tnf_auc", "melanin_index_change_percent")
FLUXES = 6  # shown of every quantity before the rest is folded away


@dataclass(frozen=True)
class Compared:
    """What two or more arms amount to beside each other."""

    differences: Mapping[str, float | None]
    intervals: Mapping[str, Sequence[float | None]] | None
    warnings: Sequence[str]


def report(
    arms: Sequence[Record],
    published: Sequence[Mapping[int, Published]],
    compared: Compared | None = None,
    progress: Progress | None = None,
) -> str:
    """The page; `compared` where there are two arms or more."""
    last = arms[-1]
    swings = sensitivity(last.scenario, last.parameters, method="local")
    _tell(progress, 0.3)
    traces = why(arms) if len(arms) > 1 else []
    _tell(progress, 0.5)
    ledger = [_answer(claim, last.parameters) for claim in _bearing(arms)]
    _tell(progress, 0.7)
    drawings = _drawings(arms, published)
    _tell(progress, 1.0)
    sections = {
        "Outcomes": _outcomes(arms, published, compared),
        "Figures": "".join(drawings),
        "Scenarios and schedules" if len(arms) > 1 else "Scenario and schedule": "".join(
            map(_scenario, arms)
        ),
        "Why the arms differ": _why(arms, traces) if traces else "",
        "Evidence meter": _meter(swings, last, len(arms) > 1),
        "Claims this run bears on": _claims(ledger, last.parameters),
        "What this run does not support": _limits(arms, published, ledger),
        "Sources": _sources(swings, last, published, ledger),
        "How it was made": _provenance(arms),
    }
    return _page(arms, {title: body for title, body in sections.items() if body})


def _tell(progress: Progress | None, share: float) -> None:
    if progress:
        progress(share)


# --- the page


def _page(arms: Sequence[Record], sections: Mapping[str, str]) -> str:
    css = files("exosim.view").joinpath("report.css").read_text("utf-8")
    allowed = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; base-uri 'none'; form-action 'none'"
    names = [run.scenario.name for run in arms]
    ids = {title: f"s{i}" for i, title in enumerate(sections, start=1)}
    menu = "".join(f'<a href="#{ids[title]}">{escape(title)}</a>' for title in sections)
    body = "".join(
        f'<section id="{ids[title]}"><h2>{escape(title)}</h2>{text}</section>\n'
        for title, text in sections.items()
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(' v '.join(names))} - exosim report</title>\n<style>{css}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{" <span>v</span> ".join(map(_said, names))}</h1>\n<p class="soft">{_subtitle(arms[0])}</p>\n'
        f'<p class="notice" role="note"><strong>Hypothetical.</strong> {escape(NOTICE)}</p>\n'
        f'<nav aria-label="Sections">{menu}</nav>\n{body}'
        f"<footer><p>{escape(NOTICE)}</p></footer>\n</main>\n</body>\n</html>\n"
    )


def _subtitle(run: Record) -> str:
    kind = "a patch of skin with agents" if run.resolution == "patch" else "one column of skin"
    return (
        f"Simulated with exosim {_text(run.manifest['versions']['exosim'])}: {run.scenario.weeks:g} weeks, {kind}, "
        f"parameter set <code>{_text(run.parameters)}</code>, seed {run.seed}."
    )


def _text(value: object) -> str:
    return escape(str(value))


def _said(value: object) -> str:
    """What a person wrote: as text, and with a direction of its own."""
    return f'<bdi dir="auto">{_text(value)}</bdi>'


def _heading(run: Record) -> str:
    """The name of an arm as it fits above a column."""
    return _said(short(run.scenario.name, 60))


def _cell(value: str, number: bool = False, head: str = "") -> str:
    tag = "th" if head else "td"
    scope = f' scope="{head}"' if head else ""
    kind = ' class="n"' if number else ""
    return f"<{tag}{scope}{kind}>{value}</{tag}>"


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = (), caption: str = ""
) -> str:
    """Cells are HTML already; `numbers` are columns set to the right."""
    right = set(numbers)
    top = "".join(_cell(cell, i in right, "col") for i, cell in enumerate(head))
    lines = (
        "".join(_cell(cell, i in right, "" if i else "row") for i, cell in enumerate(row)) for row in rows
    )
    body = "".join(f"<tr>{line}</tr>\n" for line in lines)
    above = f"<caption>{caption}</caption>" if caption else ""
    whole = f"<table>{above}<thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table>"
    return f'<div class="wide" tabindex="0">{whole}</div>\n'


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>\n" for item in items) + "</ul>\n"


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{body}</details>\n"


# --- outcomes


def _outcomes(
    arms: Sequence[Record], published: Sequence[Mapping[int, Published]], compared: Compared | None
) -> str:
    head = ["outcome", *map(_heading, arms)]
    if compared:
        head.append("last minus first" if len(arms) > 2 else "second minus first")
    rows = [_outcome(outcome, arms, published, compared) for outcome in OUTCOMES]
    flags = ["safety flags", *(_text(shown(run.outcomes["safety_flags"])) for run in arms)]
    rows.append([*flags, *([""] if compared else [])])
    table = _table(
        [*head, "unit"], [[*row, ""] if len(row) == len(head) else row for row in rows], range(1, len(head))
    )
    drawn = all(run.ensemble for run in arms)
    below = (
        "Below each value its 90 % interval over the ensemble of the parameter set, one column of skin each"
        + ("; differences are paired draw by draw." if compared else ".")
        if drawn
        else "This run has no ensemble, so its values stand without intervals: "
        "<code>--ensemble</code> gives them."
    )
    raised = dict.fromkeys(flag for run in arms for flag in run.outcomes["safety_flags"] if flag in FLAGS)
    meanings = _list(f"<code>{flag}</code>: {_text(FLAGS[flag][0])}" for flag in raised) if raised else ""
    defined = _list(f"<code>{o.name}</code>: {_text(o.definition)}" for o in OUTCOMES)
    warned = _list(f"<strong>Warning:</strong> {_text(w)}" for w in compared.warnings) if compared else ""
    return f'{warned}{table}<p class="soft">{below}</p>{meanings}' + _folded(
        "What each outcome means", defined
    )


def _outcome(
    outcome: Any,
    arms: Sequence[Record],
    published: Sequence[Mapping[int, Published]],
    compared: Compared | None,
) -> list[str]:
    cells = [f"<code>{outcome.name}</code>"]
    for i, run in enumerate(arms):
        known = [match[i] for match in published if i in match and match[i].outcome == outcome.name]
        beside = "".join(f"<small>published {p.value:g}, n = {p.n}{_fitted(run, p)}</small>" for p in known)
        cells.append(_valued(run.outcomes[outcome.name], (run.intervals or {}).get(outcome.name)) + beside)
    if compared:
        ends = (compared.intervals or {}).get(outcome.name)
        cells.append(_valued(compared.differences.get(outcome.name), ends))
    return [*cells, _text(UNITLESS.get(outcome.unit, outcome.unit))]


def _fitted(run: Record, value: Published) -> str:
    return ", fitted" if run.parameters in value.fitted else ", not fitted"


def _valued(value: Any, ends: Sequence[float | None] | None) -> str:
    span = f"<small>{' to '.join(_text(shown(end)) for end in ends)}</small>" if ends else ""
    return _text(shown(value)) + span


# --- figures


def _drawings(arms: Sequence[Record], published: Sequence[Mapping[int, Published]]) -> list[str]:
    if len(arms) == 1:
        return [_figure(drawing) for drawing in of_run(arms[0])]
    found = [_figure(drawing) for drawing in of_comparison(arms, published)]
    maps = [(run.scenario.name, drawing) for run in arms for drawing in of_arm(run)]
    return found + [_figure(drawing, _said(name)) for name, drawing in maps]


def _figure(drawing: Drawing, before: str = "") -> str:
    """A picture with its alternative text; letters as outlines, so that it looks the same everywhere."""
    import matplotlib

    with style() as pyplot, matplotlib.rc_context({"svg.fonttype": "path"}):
        buffer = io.BytesIO()
        drawing.figure.savefig(buffer, format="svg", metadata={"Date": None})
        pyplot.close(drawing.figure)
    data = base64.b64encode(buffer.getvalue()).decode()
    caption = f"{before + ': ' if before else ''}{_text(drawing.alt)}"
    return (
        f'<figure><img alt="{_text(drawing.alt)}" src="data:image/svg+xml;base64,{data}">'
        f"<figcaption>{caption}</figcaption></figure>\n"
    )


# --- scenario


def _scenario(run: Record) -> str:
    s = run.scenario
    about = f"<p>{_said(s.note)}</p>" if s.note else ""
    about += (
        f"<p>Skin: scar {_text(s.skin.scar)}, severity {_text(s.skin.severity)}, phototype {s.skin.phototype}, "
        f"{s.skin.uv_dose_per_day:g} SED of ultraviolet light a day. Length: {s.weeks:g} weeks.</p>"
    )
    kinds = [_entry(entry, s.days) for entry in s.treatments]
    done = _table(("treatment", "days", "settings"), kinds) if kinds else "<p>Nothing is done.</p>"
    assumed = ""
    if s.assume:
        rows = [(f"<code>{_text(n)}</code>", f"{x.value:g}", _said(x.why)) for n, x in s.assume.items()]
        assumed = _table(
            ("parameter", "value", "why, as the author says"), rows, (1,), "Assumed by the author"
        )
    events = [
        (f"{r['day']:g}", _text(r["treatment"]), _text(r["session"]), _text(r["event"]), _text(r["details"]))
        for r in event_rows(s.timeline)
    ]
    folded = _folded(
        f"All {len(events)} events",
        _table(("day", "treatment", "session", "event", "details"), events),
    )
    return f"<h3>{_said(s.name)}</h3>{about}{done}{assumed}{folded if events else ''}"


def _entry(entry: Any, end: float) -> tuple[str, str, str]:
    days = entry.days_until(end)
    listed = ", ".join(f"{day:g}" for day in days)
    when = listed if len(days) <= 12 else f"{days[0]:g} to {days[-1]:g}, {len(days)} sessions"
    settings = entry.treatment.model_dump()
    how = ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in settings.items()
    )
    return _text(entry.kind.replace("_", " ")), when, f"<code>{_text(how)}</code>"


# --- why


def _why(arms: Sequence[Record], traces: Sequence[Trace]) -> str:
    first, last = arms[0].scenario.name, arms[-1].scenario.name
    text = (
        "<p>Each quantity changes by the terms of its equation. Here every term is integrated over the whole course "
        f"of each arm: what {_said(last)} made or lost of it, less what {_said(first)} did. Terms are those of the "
        "equations themselves, each known by the parameters it is in proportion to; every arm is followed as one "
        "column of skin, averaged over the dermis. A loss that only follows from how much there is stands last: it is "
        "no cause of its own.</p>"
    )
    return text + "".join(_traced(trace, arms) for trace in traces)


def _traced(trace: Trace, arms: Sequence[Record]) -> str:
    widest = max(abs(flux.difference) for flux in trace.fluxes) or 1.0
    rows = [_flux_row(flux, widest) for flux in trace.fluxes]
    head = ["term", *map(_heading, arms), "difference", ""]
    numbers = range(1, len(arms) + 2)
    gap = trace.changes[-1] - trace.changes[0]
    error = max(map(abs, trace.errors))
    sums = ["<strong>change from start to end</strong>", *map(_flow, trace.changes), _flow(gap), ""]
    few = [row for row, flux in zip(rows, trace.fluxes, strict=True) if abs(flux.difference) > 0.01 * widest]
    table = _table(head, [*few[:FLUXES], sums], numbers)
    folded = _folded(
        "All terms, as they stand in the equations",
        _table(
            [*head[:-1], "as written"],
            [
                [*r[:-1], f.formula and f"<code>{_text(f.formula)}</code>"]
                for r, f in zip(rows, trace.fluxes, strict=True)
            ],
            numbers,
        )
        + f'<p class="soft">Integration leaves at most {error:.2g} unexplained.</p>',
    )
    return f"<h3>{_text(trace.title)}</h3>{_sentence(trace)}{table}{folded}"


def _sentence(trace: Trace) -> str:
    """The largest difference in words."""
    top = trace.fluxes[0]
    if abs(top.difference) < 1e-9:
        return "<p>No term differs.</p>"
    gain = sum(top.amounts) > 0
    word = f"{'more' if (top.difference > 0) is gain else 'less'} {'made' if gain else 'lost'}"
    known = (
        f" by <code>{_text(' x '.join(top.parameters))}</code>" if top.parameters else " by injury and doses"
    )
    return f"<p>Largest difference: {_flow(top.difference)}, {word} in the last arm{known}.</p>"


def _flux_row(flux: Flux, widest: float) -> list[str]:
    known = ", ".join(flux.parameters)
    label = _text(flux.meaning) + (f"<br><code>{_text(known)}</code>" if known else "")
    label += "<br><small>follows from how much there is</small>" if flux.follows else ""
    return [label, *map(_flow, flux.amounts), _flow(flux.difference), _bar(flux.difference / widest)]


def _flow(value: float) -> str:
    """A signed number of three digits."""
    return "0" if abs(value) < 5e-7 else f"{value:+.3g}" if abs(value) < 1000 else f"{value:+.0f}"


def _bar(share: float) -> str:
    """A bar to the right of the middle for more, to the left for less."""
    wide = 50 * min(abs(share), 1)
    colour, start = ("#0072B2", 50.0) if share > 0 else ("#D55E00", 50 - wide)
    return (
        '<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect x="{start:.1f}" y="1" width="{wide:.1f}" height="8" fill="{colour}"/>'
        '<line x1="50" x2="50" y1="0" y2="10" stroke="#1c2329" stroke-width=".6"/></svg>'
    )


# --- evidence


def _meter(swings: Sensitivity, run: Record, many: bool) -> str:
    meter = swings.meter
    ids = [o.name for o in OUTCOMES if o.name in meter]
    rows = [
        [f"<code>{name}</code>", _strip(meter[name]), *(f"{100 * meter[name][g]:.0f} %" for g in GRADES)]
        for name in ids
    ]
    key = "".join(
        f'<span class="key"><svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" '
        f'fill="{GRADE_COLOURS[g]}"/></svg>{g}</span>'
        for g in GRADES
    )
    whose = f" of {_said(run.scenario.name)}" if many else ""
    text = (
        f"<p>What the outcomes{whose} rest on: every uncertain parameter is moved alone from one end of its range to "
        "the other, and the swings are shared out by the grade of its evidence. <em>Fitted</em>: set so that the model "
        "gives a published or claimed figure, whatever the grade was before.</p>"
    )
    if not ids:
        return text + "<p>No outcome of this scenario varies.</p>"
    table = _table(("outcome", "", *GRADES), rows, range(2, 2 + len(GRADES)))
    return f"{text}<p>{key}</p>{table}"


def _strip(shares: Mapping[str, float]) -> str:
    parts, x = [], 0.0
    for grade in GRADES:
        wide = 100 * shares[grade]
        parts.append(
            f'<rect x="{x:.2f}" y="0" width="{wide:.2f}" height="10" fill="{GRADE_COLOURS[grade]}"/>'
        )
        x += wide
    label = ", ".join(f"{grade} {100 * shares[grade]:.0f} %" for grade in GRADES)
    return (
        f'<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )


# --- claims


@dataclass(frozen=True)
class Answer:
    """A claim, the model's figure for each of its checks, and whether all are right."""

    claim: Claim
    figures: tuple[str, ...]
    right: bool
    fitted: bool


def _bearing(arms: Sequence[Record]) -> list[Claim]:
    """Claims of which one check asks for nothing but regimens and scars of these arms."""
    here = {(regimen(run.scenario), run.scenario.skin.scar) for run in arms}

    def covered(names: Iterable[str]) -> bool:
        return all((regimen(arm(name)), arm(name).skin.scar) in here for name in names)

    return [claim for claim in claims().values() if any(covered(check.arms) for check in claim.checks)]


def _answer(claim: Claim, parameters: str) -> Answer:
    values = {name: np.array([value]) for name, value in parameter_set(parameters).values().items()}
    found = readings({name for check in claim.checks for name in check.arms}, values)
    simulated = [float(check.simulated(found)[0]) for check in claim.checks]
    figures = tuple(
        f"{check.name} {shown(value) if np.isfinite(value) else 'never'} (asked: {check.asked})"
        for check, value in zip(claim.checks, simulated, strict=True)
    )
    right = all(check.excess(value) <= 1 for check, value in zip(claim.checks, simulated, strict=True))
    return Answer(claim, figures, right, any(parameters in check.fit for check in claim.checks))


def _claims(ledger: Sequence[Answer], parameters: str) -> str:
    if not ledger:
        return "<p>None of the claims and targets that this project keeps is about these regimens on this scar.</p>"
    text = (
        f"<p>What the set <code>{_text(parameters)}</code> gives for each claim, on the claim's own schedule and not "
        "on that of this run. <code>exosim evidence</code> answers all of them, with intervals.</p>"
    )
    rows = [
        (
            f"<code>{_text(x.claim.id)}</code>",
            f"{_text(x.claim.text)}<br><small>{_text(_kind(x.claim))}; {_text(x.claim.source)}</small>",
            "<br>".join(map(_text, x.figures)),
            _verdict(x),
        )
        for x in ledger
    ]
    return text + _table(("id", "claim", "model", "verdict"), rows)


def _kind(claim: Claim) -> str:
    return claim.kind + (f", n = {claim.n}" if claim.n else "")


def _verdict(answer: Answer) -> str:
    if answer.claim.contested:
        return "contested"
    return ("as asked" if answer.right else "not reproduced") + (", fitted" if answer.fitted else "")


def _limits(
    arms: Sequence[Record], published: Sequence[Mapping[int, Published]], ledger: Sequence[Answer]
) -> str:
    def ids(chosen: Iterable[Answer]) -> str:
        return ", ".join(f"<code>{_text(x.claim.id)}</code>" for x in chosen)

    items = [
        "<strong>That any treatment works.</strong> Outcomes are those of a toy model; no person is in it.",
        "<strong>A choice of dose, device, product or schedule for anybody.</strong>",
    ]
    if fitted := [x for x in ledger if x.fitted and x.right]:
        items.append(
            f"<strong>The model by its agreement with {ids(fitted)}</strong>: it was fitted to them."
        )
    if wrong := [x for x in ledger if not x.right and not x.claim.contested]:
        items.append(f"<strong>{ids(wrong)}</strong>: the model does not give what they say.")
    if contested := [x for x in ledger if x.claim.contested]:
        items += [f"<strong>{ids([x])}</strong>: {_text(x.claim.contested)}." for x in contested]
    if vendor := [x for x in ledger if x.claim.kind == "vendor" and x.right and not x.claim.contested]:
        items.append(
            f"<strong>{ids(vendor)} as facts</strong>: the model can give them, but only a vendor says so; "
            "no trial was found."
        )
    if not published:
        items.append(
            "<strong>A figure of a trial</strong>: no published comparison of these regimens is among the evidence."
        )
    items.append(
        "<strong>Differences between people</strong>, chance between patches, or errors of structure: intervals, where "
        "there are any, enclose parameters only."
    )
    if any("exosome" in kind for run in arms for kind in regimen(run.scenario)):
        items.append(
            "<strong>One mechanism of exosomes over another</strong>: a direct effect on fibroblasts alone explains "
            "the trial as well."
        )
    return _list(items)


# --- sources


def _sources(
    swings: Sensitivity, run: Record, published: Sequence[Mapping[int, Published]], ledger: Sequence[Answer]
) -> str:
    hung: dict[str, list[str]] = {}
    for outcome in (name for name in MAIN if name in swings.outcomes):
        for row in swings.largest(outcome, MATTERING):
            hung.setdefault(row["parameter"], []).append(outcome)
    grades = dict(zip(swings.parameters, swings.grades, strict=True))
    overrides = parameter_set(run.parameters).overrides
    values = run.manifest["parameter_values"]
    rows = []
    for name, outcomes in hung.items():
        q, own = PARAMETERS[name], overrides.get(name)
        source = f"{own.source} (set {run.parameters}); range: {q.source}" if own else q.source
        rows.append(
            (
                f"<code>{name}</code><br>{_text(q.meaning)}",
                f"{float(f'{values[name]:.4g}'):g}",
                f"{q.low:g} to {q.high:g} {_text(UNITLESS.get(q.unit, q.unit))}",
                grades[name],
                _text(source),
                "<br>".join(f"<code>{o}</code>" for o in outcomes),
            )
        )
    head = ("parameter", "value", "range", "evidence", "source", "matters most for")
    cited = dict.fromkeys(
        [p.citation for match in published for p in match.values()] + [x.claim.source for x in ledger]
    )
    table = _table(head, rows, (1,), f"Parameters that matter most, {MATTERING} per main outcome")
    return (table if rows else "") + (
        "<h3>Trials and claims</h3>" + _list(map(_text, cited)) if cited else ""
    )


def _provenance(arms: Sequence[Record]) -> str:
    rows = [
        (
            _said(run.scenario.name),
            _text(run.manifest["created"]),
            f"<code>{_text(run.manifest['scenario_hash'])}</code>",
            ", ".join(f"{_text(k)} {_text(v)}" for k, v in run.manifest["versions"].items()),
        )
        for run in arms
    ]
    table = _table(("arm", "simulated", "scenario hash", "versions"), rows)
    folded = "".join(
        _folded(
            f"Scenario file {i}",
            f'<pre class="wide"><code><bdi dir="ltr">{_text(run.scenario.to_toml())}</bdi></code></pre>',
        )
        for i, run in enumerate(arms, start=1)
    )
    return table + folded
