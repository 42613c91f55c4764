"""Every way in which a number or a name is printed, in figures, tables, reports and Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from exosim.problems import STEERING
from exosim.results.outcomes import implausible

RELATIONS = {"about": "", "at least": ">= ", "at most": "<= "}
NEVER = "never"  # an onset that does not come


def number(value: float | None) -> str:
    """Return a number with three significant digits.

    >>> number(0.12345), number(1234.0), number(None)
    ('0.123', '1.23e+03', '-')
    """
    return "-" if value is None or value != value else f"{0.0 if abs(value) < 1e-9 else value:.3g}"


def outcome(value: Any) -> str:
    """Return the value of an outcome with as many digits as it deserves.

    >>> outcome(0.12345), outcome(12.345), outcome(1234.5), outcome(True), outcome([]), outcome(None)
    ('0.123', '12.3', '1234', 'yes', 'none', '-')
    """
    if value is None or value != value:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    size = abs(value)
    if size < 0.0005:
        return "0"
    return f"{value:.{3 if size < 1 else 1 if size < 100 else 0}f}"


def told(name: str, value: Any) -> str:
    """Return the value of the outcome `name`; one that cannot be in skin is marked.

    >>> told("improvement_percent", 32.5), told("improvement_percent", -312.0)
    ('32.5', '-312 (implausible)')
    """
    return outcome(value) + (" (implausible)" if implausible({name: value}) else "")


def signed(value: float | None) -> str:
    """Return a difference with its sign and three digits.

    >>> signed(0.01234), signed(-12345.0), signed(1e-9)
    ('+0.0123', '-12345', '0')
    """
    if value is None or value != value:
        return "-"
    return "0" if abs(value) < 5e-7 else f"{value:+.3g}" if abs(value) < 1000 else f"{value:+.0f}"


def span(low: float | None, high: float | None) -> str:
    """Return an interval of numbers; nothing where both ends are missing."""
    return "" if low is None and high is None else f"{number(low)} .. {number(high)}"


def interval(ends: Sequence[float | None] | None) -> str:
    """Return the interval of an outcome; nothing where there is none."""
    return " .. ".join(map(outcome, ends)) if ends else ""


def target(check: Mapping[str, Any]) -> str:
    """Return what the figure of a check should be: a value with its tolerance, or a bound."""
    tolerance = f" +/- {number(check['tolerance'])}" if check["tolerance"] is not None else ""
    return f"{RELATIONS[check['relation']]}{number(check['target'])}{tolerance}"


def general(value: float | None) -> str:
    """Return a number in its shortest form."""
    return "-" if value is None or value != value else f"{value:g}"


def percent(share: float | None) -> str:
    """Return a share as whole percent.

    >>> percent(0.125)
    '12 %'
    """
    return "-" if share is None or share != share else f"{100 * share:.0f} %"


def improvement(value: float | None) -> str:
    """Return an improvement in percent, or why there is none."""
    known = value is not None and value == value
    return f"{told('improvement_percent', value)} %" if known else "not defined (no scar)"


def duration(days: float) -> str:
    """Return a length of time in hours below two days.

    >>> duration(0.5), duration(2.25)
    ('12 h', '2.2 d')
    """
    return f"{24 * days:.0f} h" if days < 2 else f"{days:.1f} d"


def days(given: Sequence[float], most: int = 12) -> str:
    """Return the days of sessions, or the first and the last where there are more than `most`.

    >>> days([0.0, 28.0]), days(range(84))
    ('0, 28', '0 to 83, 84 sessions')
    """
    if len(given) <= most:
        return ", ".join(f"{day:g}" for day in given)
    return f"{given[0]:g} to {given[-1]:g}, {len(given)} sessions"


def settings(values: Mapping[str, Any]) -> str:
    """Return named values as one line.

    >>> settings({"energy_mj": 20.0, "mode": "fine"})
    'energy_mj 20, mode fine'
    """
    return ", ".join(f"{name} {x:g}" if isinstance(x, float) else f"{name} {x}" for name, x in values.items())


def fact(value: Any) -> str:
    """Return any value that is known of a name as text; nothing for none.

    >>> fact(0.5), fact(["a", "b"]), fact({"3": 0.5}), fact(None)
    ('0.5', 'a, b', '3 0.5', '')
    """
    if isinstance(value, Mapping):
        return settings(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else general(value) if isinstance(value, float) else str(value)


def unit(name: str) -> str:
    """Return a unit as it follows a number; nothing for a flag or a number without unit."""
    return "" if name in ("1", "flag") else name


def words(name: str) -> str:
    """Return a name as words.

    >>> words("fractional_co2_laser"), words("prp_topical")
    ('fractional CO2 laser', 'PRP topical')
    """
    return " ".join({"co2": "CO2", "prp": "PRP", "pih": "dark marks"}.get(part, part) for part in name.split("_"))


def plain(text: str) -> str:
    """Return what a person wrote without what would steer a terminal, or turn the direction of the text after it."""
    return STEERING.sub("", text)


def short(name: str, width: int = 44) -> str:
    """Return a name on one line of at most `width` letters."""
    line = " ".join(plain(name).split())
    shortened = textwrap.shorten(line, width, placeholder="...")
    return shortened if shortened != "..." else f"{line[: width - 3]}..."


def broken(name: str, width: int = 14) -> str:
    """Return a name on lines of about `width` letters, broken where its words end.

    >>> broken("melanin_index_peak_percent [%]").split(chr(10))
    ['melanin_index_', 'peak_percent', '[%]']
    """
    lines = [""]
    for part in re.findall(r"[^_. ]+[_.]?", name):
        joined = f"{lines[-1]} {part}" if lines[-1][-1:] not in ("_", ".", "") else lines[-1] + part
        lines = [*lines[:-1], joined] if len(joined) <= width else [*lines, part]
    return "\n".join(line for line in lines if line)


def markdown_table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    r"""Return a table as Markdown; cells may hold any text.

    >>> print(markdown_table(["a", "b"], [[1, "x|y"]]), end="")
    | a | b |
    | --- | --- |
    | 1 | x\|y |
    """
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in (head, *rows)]
    cells.insert(1, ["---"] * len(cells[0]))
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)
