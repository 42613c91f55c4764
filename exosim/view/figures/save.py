"""Figures as files: PNG, the alternative text, and if wanted SVG and the drawn data as CSV."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from exosim.files.tables import as_csv
from exosim.files.writing import NotWritten, write
from exosim.problems import BadInput, Problem, suggest
from exosim.view.figures.style import Drawing, style


class Kind(NamedTuple):
    """What of each figure is written: ends of names of files, and dots per inch of the PNG."""

    files: Sequence[str] = ("png", "txt")
    dpi: int = 150


FIGURES = {"none": Kind(()), "png": Kind(), "print": Kind(dpi=300), "all": Kind(("png", "svg", "csv", "txt"))}
Wanted = tuple[Callable[..., Iterable[Drawing]], tuple[Any, ...], str]
"""What yields drawings, its arguments, and the folder that the drawings go to."""
Drawn = tuple[list[tuple[str, bytes]], list[str]]
"""Path and content of every file, and why some are lost."""


def kind_of(figures: str) -> Kind:
    """Return what is written of each figure; raise `BadInput` for an unknown word."""
    if figures not in FIGURES:
        remedy = suggest(str(figures), FIGURES)
        raise BadInput([Problem(f'there is no kind of figures "{figures}"', source="`figures`", remedy=remedy)])
    return FIGURES[figures]


def save_drawings(drawings: Iterable[Drawing], folder: Path, kind: Kind = FIGURES["all"]) -> None:
    """Write the files of every drawing to `folder`."""
    folder.mkdir(exist_ok=True)
    for drawing in drawings:
        for suffix, content in _files(drawing, kind):
            write(folder / f"{drawing.name}.{suffix}", content)


def _files(drawing: Drawing, kind: Kind) -> Iterator[tuple[str, bytes]]:
    """Yield end of the name and content of each file of a drawing, made in memory."""
    figure = drawing.figure
    with style():
        figure.set_dpi(kind.dpi)  # laid out at the resolution at which it is saved, or labels are cut
        png = io.BytesIO()
        figure.canvas.print_png(png)  # `savefig` would draw twice, once for the layout
        yield "png", png.getvalue()
        if "svg" in kind.files:
            figure.set_layout_engine(None)  # laid out already
            svg = io.BytesIO()
            figure.savefig(svg, format="svg", dpi=kind.dpi, metadata={"Date": None})
            yield "svg", svg.getvalue()
    if "csv" in kind.files:
        yield "csv", as_csv(drawing.data())
    yield "txt", f"{drawing.alt}\n".encode()


def drawn(wanted: Iterable[Wanted], kind: Kind) -> Drawn:
    """Draw, and return the files of every drawing; a failure loses one of `wanted` and none of the results."""
    done, lost = list[tuple[str, bytes]](), list[str]()
    for drawings, arguments, folder in wanted if kind.files else ():
        try:
            for drawing in drawings(*arguments):
                done += [(f"{folder}/{drawing.name}.{suffix}", x) for suffix, x in _files(drawing, kind)]
        except Exception as error:
            lost.append(f"{type(error).__name__}: {error}")
    return done, lost


def write_drawn(drawn: Drawn, folder: Path) -> list[str]:
    """Write files below `folder`, and return why some are not there: results are kept without them."""
    done, lost = drawn
    for path, content in done:
        try:
            (folder / path).parent.mkdir(exist_ok=True)
            write(folder / path, content)
        except OSError as error:
            return [*lost, f"{path} cannot be written ({error.strerror or type(error).__name__})"]
    return lost


def tell(lost: Sequence[str], place: Path, remedy: str = "make room, or draw none with `figures` none") -> None:
    """Raise `NotWritten` when figures are `lost` whose results are saved in `place`."""
    if lost:
        raise NotWritten(f"the results are saved in {place}, but not all figures: {'; '.join(lost)}\n  {remedy}")
