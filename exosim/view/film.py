"""A film of a patch, written as GIF or MP4; `film_stage` draws what it shows."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from exosim.files.writing import check_free, expanded, write
from exosim.problems import BadInput, Problem
from exosim.results.result import Record
from exosim.view.figures.style import LINES, WATERMARK, style
from exosim.view.film_stage import stage

FRAMES_PER_SECOND = 8
HOLD = 4  # frames for which the last day stays
SUFFIXES = (".gif", ".mp4")
STREAMED = ("-movflags", "frag_keyframe+empty_moov")  # a pipe cannot be rewound
Report = Callable[[float], None]


def film(result: Record, out: str | Path, *, over: bool = False, progress: Report | None = None) -> Path:
    """Write the film of a patch to `out`, as GIF or MP4 by its name; an existing file only when `over`.

    Raises
    ------
    BadInput
        For a column, another kind of file, an existing file, or MP4 without ffmpeg.
    NotWritten
        When the file cannot be written.
    """
    out = expanded(out)
    check(out, over)
    if "map_collagen" not in result.dataset:
        raise BadInput([Problem("a column has no maps to film", remedy="simulate a patch")])
    days = [float(day) for day in result.dataset["day"].values]
    made = _mp4 if out.suffix.lower() == ".mp4" else _gif
    content = made(frames(result, days, progress))
    check_free(out, over)
    write(out, content)
    return out


def frames(result: Record, days: Sequence[float], progress: Report | None = None) -> Iterator[Any]:
    """Yield the picture of each of `days` as an array (height, width, RGB); what does not move is drawn once."""
    with style() as making:
        figure, moving, draw = stage(result, making)
        for artist in moving:
            artist.set_animated(True)
        canvas = figure.canvas
        canvas.draw()
        still = canvas.copy_from_bbox(figure.bbox)
        for i, day in enumerate(days, start=1):
            canvas.restore_region(still)
            draw(day)
            for artist in moving:
                artist.draw(canvas.get_renderer())
            yield np.asarray(canvas.buffer_rgba())[..., :3].copy()
            if progress:
                progress(i / len(days))


def _gif(pictures: Iterator[Any]) -> bytes:
    """Return all pictures with one palette, so that what does not move takes no space."""
    from PIL import Image

    palette = _palette()
    first, *rest = (Image.fromarray(p).quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures)
    beat = 1000 // FRAMES_PER_SECOND
    duration = [beat] * len(rest) + [HOLD * beat]
    look: dict[str, Any] = {"duration": duration, "loop": 0, "comment": WATERMARK.encode()}
    film = io.BytesIO()
    first.save(film, format="GIF", save_all=True, append_images=rest, **look)
    return film.getvalue()


def _palette() -> Any:
    """Return 256 colours: those of the maps, greys, and the two of lines fading to white."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb
    from PIL import Image

    maps = [colormaps[name](np.linspace(0, 1, 95))[:, :3] for name in ("viridis", "cividis")]
    fades = [np.linspace(to_rgb(start), (1, 1, 1), 16) for start in (LINES[0][0], LINES[1][0])]
    greys = np.linspace(0, 1, 256 - 2 * 95 - 2 * 16)[:, None].repeat(3, axis=1)
    picture = Image.new("P", (1, 1))
    picture.putpalette(np.round(255 * np.concatenate([*maps, *fades, greys])).astype(int).ravel().tolist())
    return picture


def _mp4(pictures: Iterator[Any]) -> bytes:
    """Return what ffmpeg makes of raw pictures."""
    first = next(pictures)
    high, wide, _ = first.shape
    command = f"ffmpeg -y -loglevel error -f rawvideo -pix_fmt rgb24 -s {wide}x{high} -r {FRAMES_PER_SECOND} -i -"
    coded = f"-vf pad=ceil(iw/2)*2:ceil(ih/2)*2,tpad=stop_mode=clone:stop_duration={HOLD / FRAMES_PER_SECOND}"
    done = subprocess.run(
        [*command.split(), *coded.split(), "-pix_fmt", "yuv420p", "-f", "mp4", *STREAMED, "-"],
        input=b"".join(picture.tobytes() for picture in (first, *pictures)),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"ffmpeg failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def check(out: Path, over: bool = False) -> None:
    """Refuse what `film` could not write before anything is computed."""
    if out.suffix.lower() not in SUFFIXES:
        raise BadInput([Problem("a film is a .gif or .mp4", source=str(out), remedy="try film.gif")])
    check_free(out, over)
    if out.suffix.lower() == ".mp4" and not _ffmpeg():
        remedy = "install ffmpeg, or choose a name that ends in .gif"
        raise BadInput([Problem("an MP4 needs ffmpeg, which was not found", source=str(out), remedy=remedy)])


def _ffmpeg() -> bool:
    return shutil.which("ffmpeg") is not None
