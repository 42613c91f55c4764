"""What does the model answer to every claim and target, under both parameter sets?

Run: ``python experiments/evidence/run.py`` (a quarter of a minute); writes ``table.md``. ``--quick`` prints the answers
of one set and writes nothing.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from exosim.evidence.verdicts import answers
from exosim.view.text import number, target

sys.path.insert(0, str(Path(__file__).parents[1]))
from shared import SETS, publish, start

HERE = Path(__file__).parent


def worst(row: dict[str, Any]) -> str:
    """The figure farthest from right: best fit, 90 % interval, target."""
    if row["outcome"] is None:
        return "not simulated"
    low, high = (number(row[end]) if row[end] is not None else "never" for end in ("low", "high"))
    fitted = ", fitted" if row["fitted"] else ""
    return f"{row['outcome']}: {number(row['simulated'])} ({low} to {high}), target {target(row)}{fitted}"


def table(results: dict[str, list[dict[str, Any]]]) -> list[str]:
    """A row per claim or target, a verdict and its worst figure per set, then the counts, as Markdown."""
    heads = [f"`{name}`: {what}" for name in results for what in ("verdict", "worst figure")]
    lines = ["| key | kind | " + " | ".join(heads) + " |", "|" + "---|" * (2 + len(heads))]
    for rows in zip(*results.values(), strict=True):
        cells = [cell for row in rows for cell in (row["verdict"], worst(row))]
        lines.append(f"| {rows[0]['id']} | {rows[0]['kind']} | " + " | ".join(cells) + " |")
    lines.append("")
    for name, rows in results.items():
        counts = Counter(row["verdict"] for row in rows)
        checks = [check for row in rows for check in row["checks"]]
        right = [check for check in checks if check["right"]]
        unfitted = sum(not check["fitted"] for check in right)
        lines.append(
            f"- `{name}`: "
            + ", ".join(f"{verdict} {n}" for verdict, n in counts.items())
            + f". {len(right)} of {len(checks)} figures are right, {unfitted} of these were not fitted."
        )
    return lines


def main(quick: bool) -> None:
    results = {name: answers(name) for name in (SETS[:1] if quick else SETS)}
    publish(table(results), HERE, quick)


if __name__ == "__main__":
    start(main, __doc__)
