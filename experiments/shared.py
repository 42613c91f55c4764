"""What the experiments repeat: both parameter sets with their draws, figures as text, tables and pictures on disk."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from exosim.evidence.predict import Forecast
from exosim.parameters import draws, parameter_set
from exosim.results.intervals import between
from exosim.view.figures.style import sign, style
from exosim.view.text import markdown_table

SETS = ("article", "trials")


def with_draws(name: str, quick: bool) -> dict[str, Any]:
    """Return the best fit of a set, followed by its draws (eight of them in a quick run)."""
    base = parameter_set(name).values()
    return base | {key: np.append(base[key], x[: 8 if quick else None]) for key, x in draws(name).items()}


def text(x: Any, digits: int = 1) -> str:
    """Return best fit and 90 % interval."""
    low, high = between(x[1:])
    return f"{x[0]:z.{digits}f} ({low:z.{digits}f} to {high:z.{digits}f})"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return an empty line and a table as lines of Markdown."""
    return ["", *markdown_table(head, rows).splitlines()]


@contextmanager
def picture(path: Path, *panels: int, **options: Any) -> Iterator[tuple[Any, Any]]:
    """Give a figure and its axes in the common style, then sign and save them."""
    with style() as canvas:
        figure, axes = canvas.subplots(*panels, layout="constrained", **options)
        yield figure, axes
        sign(figure)
        figure.savefig(path, dpi=120)


def show(share: float, failures: int) -> None:
    """Print how far a fit is."""
    print(f"{share:.0%}", end="\r")


def against(results: Mapping[str, Sequence[Forecast]], base: str) -> list[tuple[str, tuple[str, str]]]:
    """Return for each forecaster the mean difference of the log score from one of them, with its standard error.

    Differences are taken figure by figure; the error counts studies, not figures.
    """
    table = []
    for name, rows in results.items():
        pairs = [
            (x.study, x.log_score - y.log_score)
            for x, y in zip(rows, results[base], strict=True)
            if x.log_score is not None and y.log_score is not None
        ]
        mean = float(np.mean([gain for _, gain in pairs]))
        studies = {study: sum(gain - mean for own, gain in pairs if own == study) for study, _ in pairs}
        number = len(studies)
        error = np.sqrt(sum(x**2 for x in studies.values()) * number / (number - 1)) / len(pairs)
        if name != base:
            table.append((name, (f"{mean:+.2f}", f"{error:.2f}")))
    return table


def publish(lines: Iterable[str], folder: Path, quick: bool) -> None:
    """Print a table, and write it to ``table.md`` in the folder of the experiment unless the run is quick."""
    table = "\n".join(lines)
    print(table)
    if not quick:
        (folder / "table.md").write_text(table + "\n", "utf-8")


def start(main: Callable[[bool], None], description: str | None) -> None:
    """Run an experiment from the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a short run that writes nothing")
    main(parser.parse_args().quick)
