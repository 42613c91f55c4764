"""What is shown of each kind of study: text, figures, further files; any kind that has no entry is shown as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from exosim.files.writing import write
from exosim.studies.kinds import Study
from exosim.studies.store import Store
from exosim.view.cohort import report
from exosim.view.figures import cohort, ensemble_sweep, fit, one, optimise, own_fit, sensitivity, sweep
from exosim.view.figures.save import save_drawings
from exosim.view.figures.style import Drawing
from exosim.view.terminal import studies as terminal


@dataclass(frozen=True)
class View:
    """What is shown of a kind, by functions of study, store and summary."""

    text: Callable[..., None] = terminal.print_summary  # prints on a console, its first argument
    drawings: Callable[..., Iterable[Drawing]] | None = None
    report: Callable[..., str] | None = None  # gives report.md
    one: Callable[..., Any] | None = None  # draws one column of the table, its third argument, on axes that are given
    figures: str = "figures"  # where the drawings are, inside the folder of the study


VIEWS = {
    "cohort": View(terminal.print_cohort, cohort.drawings, report, one=one.of_cohort),
    "sweep": View(terminal.print_sweep, sweep.drawings, one=one.of_sweep),
    "ensemble_sweep": View(terminal.print_ensemble_sweep, ensemble_sweep.drawings, one=one.of_sweep),
    "sensitivity": View(terminal.print_sensitivity, sensitivity.drawings),
    "optimise": View(terminal.print_optimise, optimise.drawings),
    "fit": View(terminal.print_fit, fit.drawings, figures="."),
    "own fit": View(terminal.print_own_fit, own_fit.drawings, figures="."),
    "posterior": View(terminal.print_posterior, fit.left_out, figures="."),
}


def view(study: Study) -> View:
    """Return what is shown of a study."""
    return VIEWS.get(study.kind, View())


def save(study: Study, store: Store, summary: Mapping[str, Any]) -> None:
    """Write the figures and the report of a study to its folder."""
    shown = view(study)
    if shown.report:
        write(store.folder / "report.md", shown.report(study, store, summary).encode())
    if shown.drawings:
        save_drawings(shown.drawings(study, store, summary), store.folder / shown.figures)
