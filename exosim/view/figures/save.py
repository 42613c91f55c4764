"""Figures as files: PNG, the alternative text, and if wanted SVG and the drawn data as CSV."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from exosim.files.tables import as_csv
from exosim.files.writing import NotWritten, write
from exosim.problems import BadInput, Problem, suggest
from exosim.view.figures.style import Drawing, style

DPI = 150
PNG, ALL = ("png", "txt"), ("png", "svg", "csv", "txt")
FIGURES: dict[str, Sequence[str]] = {"none": (), "png": PNG, "all": ALL}
"""What of each figure is written, by the word that asks for it."""


def files_of(figures: str) -> Sequence[str]:
    """Return the ends of the names of the files of each figure; raise `BadInput` for an unknown word."""
    if figures not in FIGURES:
        remedy = suggest(str(figures), FIGURES)
        raise BadInput([Problem(f'there is no kind of figures "{figures}"', source="`figures`", remedy=remedy)])
    return FIGURES[figures]


def save_drawings(drawings: Iterable[Drawing], folder: Path, files: Sequence[str] = ALL) -> None:
    """Write `files` of every drawing to `folder`; where that is none, nothing is drawn."""
    if not files:
        return
    folder.mkdir(exist_ok=True)
    for drawing in drawings:
        for suffix, content in _files(drawing, files):
            write(folder / f"{drawing.name}.{suffix}", content)


def _files(drawing: Drawing, files: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield end of the name and content of each of `files` of a drawing, made in memory."""
    figure = drawing.figure
    with style():
        figure.set_dpi(DPI)  # laid out at the resolution at which it is saved, or labels are cut
        png = io.BytesIO()
        figure.canvas.print_png(png)  # `savefig` would draw twice, once for the layout
        yield "png", png.getvalue()
        if "svg" in files:
            figure.set_layout_engine(None)  # laid out already
            svg = io.BytesIO()
            figure.savefig(svg, format="svg", dpi=DPI, metadata={"Date": None})
            yield "svg", svg.getvalue()
    if "csv" in files:
        yield "csv", as_csv(drawing.data())
    yield "txt", f"{drawing.alt}\n".encode()


def save_beside(drawings: Iterable[Drawing], folder: Path, files: Sequence[str] = ALL) -> list[str]:
    """Write drawings to `folder` as `save_drawings`, or return why not: results are kept without them."""
    try:
        save_drawings(drawings, folder, files)
    except Exception as error:
        return [f"{type(error).__name__}: {error}" if not isinstance(error, NotWritten) else str(error)]
    return []


def tell(lost: Sequence[str], place: Path) -> None:
    """Raise `NotWritten` when figures are `lost` whose results are saved in `place`."""
    if lost:
        raise NotWritten(f"the results are saved in {place}, but not all figures: {'; '.join(lost)}")
