"""Figures as files: PNG and SVG, the drawn data as CSV, the alternative text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from exosim.files.tables import as_csv
from exosim.view.figures.style import Drawing, style


def save_drawings(drawings: Iterable[Drawing], folder: Path) -> None:
    """Write every drawing to `folder` and close it."""
    folder.mkdir(exist_ok=True)
    with style() as pyplot:
        for drawing in drawings:
            drawing.figure.draw_without_rendering()
            drawing.figure.set_layout_engine("none")  # laid out once, not again for every file
            for suffix in ("png", "svg"):
                metadata = {"Date": None} if suffix == "svg" else {}
                drawing.figure.savefig(folder / f"{drawing.name}.{suffix}", dpi=150, metadata=metadata)
            pyplot.close(drawing.figure)
            (folder / f"{drawing.name}.csv").write_bytes(as_csv(drawing.data))
            (folder / f"{drawing.name}.txt").write_text(drawing.alt + "\n", "utf-8")
