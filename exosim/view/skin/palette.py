"""The 256 colours of a picture of skin that is saved with a palette: those of all symbols are among them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from exosim.view.figures.style import arm_lines
from exosim.view.skin.table import table


def limited(pictures: Sequence[Any]) -> Any:
    """Return 256 colours that serve all of these pictures (PIL), as the palette of an image."""
    from matplotlib.colors import to_rgb
    from PIL import Image

    colours = table()["colours"]["light"].values()
    named = [x for colour in colours for x in ([colour] if isinstance(colour, str) else colour)]
    arms = [colour for colour, _ in arm_lines(3)]
    fixed = [round(255 * part) for colour in dict.fromkeys((*named, *arms)) for part in to_rgb(colour)]
    wide, high = pictures[0].size
    tall = Image.new("RGB", (wide, high * len(pictures)))
    for i, picture in enumerate(pictures):
        tall.paste(picture, (0, i * high))
    found = tall.quantize(256 - len(fixed) // 3, dither=Image.Dither.NONE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*fixed, *found][:768])
    return palette


def png(figure: Any, dpi: int) -> bytes:
    """Return a figure as a small PNG."""
    from PIL import Image

    whole, small = io.BytesIO(), io.BytesIO()
    figure.savefig(whole, format="png", dpi=dpi)
    picture = Image.open(whole).convert("RGB")
    picture.quantize(palette=limited([picture]), dither=Image.Dither.NONE).save(small, format="PNG", optimize=True)
    return small.getvalue()
