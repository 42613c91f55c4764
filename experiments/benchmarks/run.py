"""How fast is exosim at equal error, against the simulators one would otherwise use?

Run: ``python experiments/benchmarks/run.py`` (needs the extra ``bench``); prints a table, writes ``table.md`` and
``work_precision.png``. ``--quick`` takes minutes and writes nothing; ``--only column``, ``patch`` or ``agents``;
``--json`` prints the figures alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from statistics import median
from typing import Any

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")  # one thread for every engine

import agents  # noqa: E402
import column  # noqa: E402
import patch  # noqa: E402
from picture import draw  # noqa: E402

HERE = Path(__file__).parent
PARTS = {"agents": agents, "column": column, "patch": patch}
RATIOS = {
    "ratio_libroadrunner": "libRoadRunner",
    "ratio_copasi": "COPASI",
    "ratio_cvode": "CVODE",
    "ratio_scipy": "SciPy LSODA",
}
FIGURES = {
    "column": ("subjects_per_second", *RATIOS, "max_error", "two_thread_speedup", "single_run_ms"),
    "patch": ("seconds", "ratio_cvode_gmres", "max_error", "scaling_exponent"),
    "agents": ("ratio_mesa",),
}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def figures(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """The figures of every part, plain numbers in a fixed order."""
    for part in found.values():
        part |= {name: median(part["ratios"][peer]) for name, peer in RATIOS.items() if "points" in part}
    return {part: {name: float(measured[name]) for name in FIGURES[part]} for part, measured in sorted(found.items())}


def tables(found: dict[str, dict[str, Any]]) -> str:
    """Everything measured, as Markdown."""
    lines = table("part", "figure", "value")
    for part, measured in found.items():
        lines += [row(part, name, value) for name, value in measured.items() if name not in ("points", "runs")]
    if "column" in found:
        lines += table("engine", "rtol", "median error", "largest error", "subjects per second", "subjects")
        for name, points in found["column"]["points"].items():
            subjects = found["column"]["subjects"][name]
            for x in points:
                lines.append(row(name, x.rtol, median(x.errors), max(x.errors), 1 / median(x.seconds), subjects))
    if "patch" in found:
        lines += table("patch solver", "rtol", "largest error", "seconds")
        lines += [row(name, *run) for name, runs in found["patch"]["runs"].items() for run in runs]
    return "\n".join(lines[1:]) + "\n"


def table(*names: str) -> list[str]:
    """A new table with these columns."""
    return ["", row(*names), "|" + "---|" * len(names)]


def row(*values: Any) -> str:
    return "| " + " | ".join(map(shown, values)) + " |"


def shown(value: Any) -> str:
    """A number, or numbers by name or in a row, with three digits."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {shown(x)}" for name, x in value.items())
    if isinstance(value, list):
        return " ".join(map(shown, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=PARTS)
    options = parser.parse_args()
    found = {name: part.measure(options.quick, say) for name, part in PARTS.items() if options.only in (None, name)}
    summary = figures(found)
    if options.json:
        print(json.dumps(summary, indent=2))
    else:
        print(tables(found))
    if not options.quick:
        if "column" in found:
            draw(found["column"], HERE / "work_precision.png")
        if not options.only:
            (HERE / "table.md").write_text(tables(found), "utf-8")


if __name__ == "__main__":
    main()
