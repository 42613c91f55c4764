"""The figures, inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence

import matplotlib
from markupsafe import Markup

from exosim.evidence import Match
from exosim.results.result import Record
from exosim.view.figures.courses import of_arm, of_comparison, of_run
from exosim.view.figures.style import Drawing, style
from exosim.view.report.render import render
from exosim.view.skin.palette import png
from exosim.view.skin.pictures import four_moments

COVER = 3  # arms drawn on the cover


def figures(arms: Sequence[Record], published: Sequence[Sequence[Match]]) -> Markup:
    """Return all figures of a run, or those of a comparison and then of each arm."""
    shown = [
        {"alt": drawing.alt, "arm": arm, "type": "svg+xml", "data": base64.b64encode(_svg(drawing)).decode()}
        for arm, drawing in _drawings(arms, published)
    ]
    return render("figures", figures=shown)


def cover(arms: Sequence[Record]) -> Markup:
    """Return the skin of the first arms at four moments."""
    drawing = four_moments(arms[:COVER])
    with style():
        data = base64.b64encode(png(drawing.figure, 110)).decode()
    return render("figures", figures=[{"alt": drawing.alt, "arm": "", "type": "png", "data": data}])


def _drawings(arms: Sequence[Record], published: Sequence[Sequence[Match]]) -> Iterator[tuple[str, Drawing]]:
    """Yield every drawing with the arm that its caption must name."""
    for drawing in of_run(arms[0]) if len(arms) == 1 else of_comparison(arms, published):
        yield "", drawing
    if len(arms) > 1:
        for run in arms:
            for drawing in of_arm(run):
                yield run.scenario.name, drawing


def _svg(drawing: Drawing) -> bytes:
    """Return a picture with its letters as outlines, so that it looks the same everywhere."""
    with style(), matplotlib.rc_context({"svg.fonttype": "path"}):
        buffer = io.BytesIO()
        drawing.figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()
