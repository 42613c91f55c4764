"""What was simulated: skin, treatments with their days, assumptions, events."""

from __future__ import annotations

from typing import Any

from exosim.events import rows as event_rows
from exosim.results.result import Record
from exosim.view.report import html


def scenario(run: Record) -> str:
    """One arm."""
    s = run.scenario
    about = f"<p>{html.said(s.note)}</p>" if s.note else ""
    about += (
        f"<p>Skin: scar {html.text(s.skin.scar)}, severity {html.text(s.skin.severity)}, phototype {s.skin.phototype}, "
        f"{s.skin.uv_dose_per_day:g} SED of ultraviolet light a day. Length: {s.weeks:g} weeks.</p>"
    )
    kinds = [_entry(entry, s.days) for entry in s.treatments]
    done = html.table(("treatment", "days", "settings"), kinds) if kinds else "<p>Nothing is done.</p>"
    assumed = ""
    if s.assume:
        rows = [(html.code(n), f"{x.value:g}", html.said(x.why)) for n, x in s.assume.items()]
        assumed = html.table(
            ("parameter", "value", "why, as the author says"), rows, (1,), "Assumed by the author"
        )
    events = [
        (
            f"{r['day']:g}",
            html.text(r["treatment"]),
            html.text(r["session"]),
            html.text(r["event"]),
            html.text(r["details"]),
        )
        for r in event_rows(s.timeline)
    ]
    folded = html.folded(
        f"All {len(events)} events",
        html.table(("day", "treatment", "session", "event", "details"), events),
    )
    return f"<h3>{html.said(s.name)}</h3>{about}{done}{assumed}{folded if events else ''}"


def _entry(entry: Any, end: float) -> tuple[str, str, str]:
    days = entry.days_until(end)
    listed = ", ".join(f"{day:g}" for day in days)
    when = listed if len(days) <= 12 else f"{days[0]:g} to {days[-1]:g}, {len(days)} sessions"
    settings = entry.treatment.model_dump()
    how = ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in settings.items()
    )
    return html.text(entry.kind.replace("_", " ")), when, html.code(how)
