"""Figures as files: PNG and SVG, the drawn data as CSV, the alternative text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from exosim.files.tables import as_csv
from exosim.files.writing import NotWritten, write
from exosim.view.figures.style import Drawing, style

DPI = 150


def save_drawings(drawings: Iterable[Drawing], folder: Path) -> None:
    """Write every drawing to `folder`."""
    folder.mkdir(exist_ok=True)
    for drawing in drawings:
        for suffix, content in _files(drawing):
            write(folder / f"{drawing.name}.{suffix}", content)


def _files(drawing: Drawing) -> Iterator[tuple[str, bytes]]:
    """Yield end of the name and content of every file of a drawing, each made in memory."""
    with style():
        drawing.figure.set_dpi(DPI)  # laid out at the resolution at which it is saved, or labels are cut
        drawing.figure.draw_without_rendering()
        drawing.figure.set_layout_engine("none")  # laid out once, not again for every file
        for suffix in ("png", "svg"):
            buffer, metadata = io.BytesIO(), {"Date": None} if suffix == "svg" else {}
            drawing.figure.savefig(buffer, format=suffix, dpi=DPI, metadata=metadata)
            yield suffix, buffer.getvalue()
    yield "csv", as_csv(drawing.data)
    yield "txt", f"{drawing.alt}\n".encode()


def save_beside(drawings: Iterable[Drawing], folder: Path) -> list[str]:
    """Write drawings to `folder` as `save_drawings`, or return why not: results stand without them."""
    try:
        save_drawings(drawings, folder)
    except Exception as error:
        return [f"{type(error).__name__}: {error}" if not isinstance(error, NotWritten) else str(error)]
    return []


def tell(lost: Sequence[str], place: Path) -> None:
    """Raise `NotWritten` when figures are `lost` whose results are saved in `place`."""
    if lost:
        raise NotWritten(f"the results are saved in {place}, but not all figures: {'; '.join(lost)}")
