"""Tables of results as a notebook shows them: with units, and nothing that a person wrote is read as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from exosim.results.outcomes import OUTCOMES
from exosim.results.result import NOTICE, Record
from exosim.view.text import fact, interval, outcome, told, unit

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 12
Outcomes = Mapping[str, Any]


def table(heads: Iterable[object], rows: Iterable[Iterable[object]], caption: str = "") -> str:
    """Return a table.

    >>> table(["a"], [["<b>"]])
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>'
    """
    top = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(f"<th>{escape(str(x))}</th>" for x in heads)
    lines = ("".join(f"<td>{escape(str(x))}</td>" for x in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table>{top}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def of_arms(arms: Sequence[Record], differences: Mapping[str, tuple[Outcomes, Outcomes | None]] | None = None) -> str:
    """Return the outcomes of one or several arms, with intervals where there is an ensemble.

    `differences` of outcomes, with their intervals, are columns, by their headings.
    """
    further = differences or {}
    rows = []
    for about in (*OUTCOMES, *arms[0].own):
        cells = [_with_interval(arm, about.name) for arm in arms]
        minus = [_between(outcome(x.get(about.name)), ends, about.name) for x, ends in further.values()]
        rows.append([about.name, *cells, *minus, unit(about.unit)])
    rows.append(["safety_flags", *(outcome(arm.outcomes["safety_flags"]) for arm in arms), *("" for _ in further), ""])
    heads = ["outcome", *(f"{arm.scenario.name}, {arm.scenario.weeks:g} weeks" for arm in arms), *further, "unit"]
    return table(heads, rows, arms[0].setup.words) + _small(NOTICE)


def _with_interval(arm: Record, name: str) -> str:
    return _between(told(name, arm.outcomes[name]), arm.intervals, name)


def _between(text: str, intervals: Outcomes | None, name: str) -> str:
    ends = interval((intervals or {}).get(name))
    return f"{text} ({ends})" if ends else text


def of_study(head: str, frame: pd.DataFrame | None, warnings: Sequence[str] = ()) -> str:
    """Return the first rows of the table of a study, its units in the heads."""
    text = f"<p>{escape(head)}</p>"
    if frame is not None:
        units = {name: unit(x) for name, x in frame.attrs.get("units", {}).items()}
        heads = [f"{name} [{units[name]}]" if units.get(name) else name for name in frame]
        rows = ((fact(x) for x in row) for row in frame.head(MOST_ROWS).itertuples(index=False))
        text += table(heads, rows)
        if len(frame) > MOST_ROWS:
            text += _small(f"{MOST_ROWS} of {len(frame)} rows; to_dataframe() has all")
    return text + "".join(f"<p>Warning: {escape(warning)}</p>" for warning in warnings) + _small(NOTICE)


def page_of_explanation(about: Mapping[str, Any]) -> str:
    """Return everything that is known of one name."""
    facts = {key: value for key, value in about.items() if key not in ("name", "kind", "meaning") and value is not None}
    plain = {key: value for key, value in facts.items() if not _is_table(value)}
    text = f"<p><b>{escape(about['name'])}</b> ({escape(about['kind'])}): {escape(about['meaning'])}</p>"
    text += table(["", ""], ((key, fact(value)) for key, value in plain.items())) if plain else ""
    for key in (key for key in facts if key not in plain):
        rows = (
            facts[key] if isinstance(facts[key], list) else [{"name": name, **row} for name, row in facts[key].items()]
        )
        heads = [head for head in rows[0] if any(row[head] is not None for row in rows)]
        text += table(heads, ((fact(row[head]) for head in heads) for row in rows), key)
    return text


def _is_table(value: Any) -> bool:
    rows = [*value.values()] if isinstance(value, Mapping) else value
    return isinstance(rows, list) and bool(rows) and all(isinstance(row, Mapping) for row in rows)


def _small(text: str) -> str:
    return f"<p><small>{escape(text)}</small></p>"
