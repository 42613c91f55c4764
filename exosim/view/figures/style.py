"""The shared look of all figures: colours for the colour-blind (Okabe-Ito), a dash for every colour, no decoration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)), (0, (8, 2)), (0, (1, 2)), (0, (3, 1, 1, 1, 1, 1)))
"""Colours of Okabe-Ito with enough contrast on white, and a dash of its own for each of eight arms."""


def line(i: int) -> tuple[str, Any]:
    """Return colour and dash of arm `i`: forty pairs before one comes again."""
    return COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)]


LINES = tuple(map(line, range(len(DASHES))))
CONTROL = ("#6B6B6B", (0, (4, 2)))


def arm_lines(number: int) -> tuple[tuple[str, Any], ...]:
    """Return colour and dash of each of `number` arms; of several the first is the control, grey as in the page."""
    return LINES[:1] if number == 1 else (CONTROL, *LINES[: number - 1])


POOLS = (("#000000", "-"), ("#009E73", "--"), ("#CC79A7", "-."))
BAND = "#56B4E9"
MUTED = "#767676"
GRADE_COLOURS = {"measured": COLOURS[2], "estimated": COLOURS[0], "assumed": COLOURS[3], "fitted": COLOURS[1]}
"""Colour of every grade of evidence, in figures and in the report."""
WATERMARK = "exosim: hypothetical, not medical advice"
FOOT = 0.15  # in, of the watermark

SETTINGS = {
    "font.size": 9,
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "figure.dpi": 110,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "exosim",
    "text.parse_math": False,
}


@dataclass(frozen=True)
class Drawing:
    """A figure with a text for those who cannot see it, and the data that it shows: a table, made when it is wanted."""

    name: str
    figure: Any
    data: Callable[[], pd.DataFrame]
    alt: str


def stacked(tables: Sequence[Mapping[str, Any]]) -> Callable[[], pd.DataFrame]:
    """Return what makes one table of several, each given by its columns."""

    def data() -> pd.DataFrame:
        import pandas as pd

        return pd.concat([pd.DataFrame(table) for table in tables])

    return data


def rows_of(rows: Sequence[Any], columns: Sequence[str] | None = None) -> Callable[[], pd.DataFrame]:
    """Return what makes a table of rows."""

    def data() -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(rows, columns=columns)

    return data


def palette(name: str, number: int) -> list[str]:
    """Return evenly spaced colours of a colour map as hexadecimal codes."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colormaps[name](i / (number - 1))) for i in range(number)]


def flatten(axis: Any) -> None:
    """Show as flat what changes by rounding errors alone."""
    low, high = axis.get_ylim()
    if high - low < 1e-9 * max(1.0, abs(high)):
        axis.set_ylim(low - 1, high + 1)


def sign(figure: Any) -> None:
    """Write the watermark along the foot of a figure, clear of the labels of axes."""
    foot = FOOT / figure.get_size_inches()[1]
    figure.get_layout_engine().set(rect=(0, foot, 1, 1 - foot))
    figure.text(0.995, foot / 5, WATERMARK, ha="right", va="bottom", fontsize=6.5, color=MUTED)


@contextmanager
def style() -> Iterator[ModuleType]:
    """Yield where figures are made (`canvas`) under the shared settings."""
    import matplotlib

    from exosim.view.figures import canvas

    with matplotlib.rc_context(SETTINGS):  # type: ignore[arg-type]
        yield canvas
