"""The figures, inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence

import matplotlib

from exosim.evidence import Published
from exosim.results.result import Record
from exosim.view.figures.courses import of_arm, of_comparison, of_run
from exosim.view.figures.style import Drawing, style
from exosim.view.report import html


def figures(arms: Sequence[Record], published: Sequence[Mapping[int, Published]]) -> str:
    """All of a run, or those of a comparison and then of each arm."""
    if len(arms) == 1:
        return "".join(map(_figure, of_run(arms[0])))
    maps = (_figure(drawing, html.said(run.scenario.name)) for run in arms for drawing in of_arm(run))
    return "".join([*map(_figure, of_comparison(arms, published)), *maps])


def _figure(drawing: Drawing, before: str = "") -> str:
    """A picture with its alternative text; letters as outlines, so that it looks the same everywhere."""
    with style() as pyplot, matplotlib.rc_context({"svg.fonttype": "path"}):
        buffer = io.BytesIO()
        drawing.figure.savefig(buffer, format="svg", metadata={"Date": None})
        pyplot.close(drawing.figure)
    data = base64.b64encode(buffer.getvalue()).decode()
    caption = f"{before + ': ' if before else ''}{html.text(drawing.alt)}"
    image = f'<img alt="{html.text(drawing.alt)}" src="data:image/svg+xml;base64,{data}">'
    return (
        f'<figure><div class="wide" tabindex="0">{image}</div><figcaption>{caption}</figcaption></figure>\n'
    )
