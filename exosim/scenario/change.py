"""Sessions moved apart, or more or fewer of them: every treatment that is given by days follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SESSION_DAYS = 28.0  # between the sessions of shipped scenarios


def retimed(
    data: dict[str, Any], every_days: float | None = None, sessions: int | None = None
) -> dict[str, Any]:
    """A scenario as plain data with its sessions `every_days` apart, `sessions` of them.

    Days of treatments that are listed are read as sessions `SESSION_DAYS` apart, each like the first; what is given
    every day stays.

    >>> retimed({"treatments": [{"days": [0, 1, 28, 29]}]}, every_days=14, sessions=3)["treatments"][0]["days"]
    [0.0, 1.0, 14.0, 15.0, 28.0, 29.0]
    """
    return data | {"treatments": [_moved(entry, every_days, sessions) for entry in data["treatments"]]}


def _moved(entry: dict[str, Any], every_days: float | None, sessions: int | None) -> dict[str, Any]:
    if "days" in entry:
        return entry | {"days": _days(entry["days"], every_days or SESSION_DAYS, sessions)}
    if "every_days" in entry or "sessions" in entry:
        changed = {"every_days": every_days, "sessions": sessions}
        return entry | {name: value for name, value in changed.items() if value}
    return entry


def _days(days: Sequence[float], every_days: float, sessions: int | None) -> list[float]:
    first = [float(day) for day in days if day < SESSION_DAYS]
    number = sessions or int(max(days) // SESSION_DAYS) + 1
    return [session * every_days + day for session in range(number) for day in first]
