"""A film of skin, one or two arms beside each other, written as GIF or MP4; `film_stage` draws what it shows."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from exosim.files.writing import check_free, expanded, write
from exosim.problems import BadInput, Problem, flags
from exosim.results.result import Record
from exosim.view.figures.style import WATERMARK, style
from exosim.view.film_stage import MOST_ARMS, moments, stage
from exosim.view.skin.moments import Drawn
from exosim.view.skin.palette import limited
from exosim.view.skin.pictures import skin_of

FRAMES_PER_SECOND = 8
HOLD = 12  # frames for which the last day stays
PALETTE_FRAMES = 40  # of which the colours of a GIF are chosen: the first session lies within
SUFFIXES = (".gif", ".mp4")
STREAMED = ("-movflags", "frag_keyframe+empty_moov")  # a pipe cannot be rewound
Report = Callable[[float], None]


def film(arms: Sequence[Record], out: str | Path, *, over: bool = False, progress: Report | None = None) -> Path:
    """Write the film of one or two arms beside each other to `out`, as GIF or MP4 by its name.

    Each is drawn as one column of skin under its scenario and parameters. Only `over` replaces an existing file.

    Raises
    ------
    BadInput
        For no arm or more than two, another kind of file, an existing file, or MP4 without ffmpeg.
    NotWritten
        When the file cannot be written.
    """
    out = expanded(out)
    check(out, over, len(arms))
    made = _mp4 if out.suffix.lower() == ".mp4" else _gif
    content = made(frames(list(map(skin_of, arms)), progress=progress))
    check_free(out, over)
    write(out, content)
    return out


def frames(arms: Sequence[Drawn], days: Sequence[float] | None = None, progress: Report | None = None) -> Iterator[Any]:
    """Yield the picture of each of `days` (all moments when left out) as an array (height, width, RGB)."""
    shown = moments(arms) if days is None else days
    with style() as making:
        figure, draw = stage(arms, making)
        for i, day in enumerate(shown, start=1):
            draw(day)
            figure.canvas.draw()
            yield np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
            if progress:
                progress(i / len(shown))


def _gif(pictures: Iterator[Any]) -> bytes:
    """Return all pictures with one palette, so that what does not move takes no space."""
    from PIL import Image

    palette, taken = None, []
    for picture in pictures:
        image = Image.fromarray(picture)
        taken.append(image.quantize(palette=palette, dither=Image.Dither.NONE) if palette else image)
        if palette is None and len(taken) == PALETTE_FRAMES:
            palette = limited(taken)
            taken = [x.quantize(palette=palette, dither=Image.Dither.NONE) for x in taken]
    if palette is None:
        palette = limited(taken)
        taken = [x.quantize(palette=palette, dither=Image.Dither.NONE) for x in taken]
    beat = 1000 // FRAMES_PER_SECOND
    first, *rest = taken
    look: dict[str, Any] = {"duration": [beat] * len(rest) + [HOLD * beat], "loop": 0, "comment": WATERMARK.encode()}
    film = io.BytesIO()
    first.save(film, format="GIF", save_all=True, append_images=rest, **look)
    return film.getvalue()


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


def check(out: Path, over: bool = False, arms: int = 1) -> None:
    """Refuse what `film` could not write before anything is computed."""
    flags(over=over)
    if not 1 <= arms <= MOST_ARMS:
        remedy = "name one scenario, or two to see them beside each other"
        raise BadInput([Problem(f"a film shows one or two arms, not {arms}", remedy=remedy)])
    if out.suffix.lower() not in SUFFIXES:
        raise BadInput([Problem("a film is a .gif or .mp4", source=str(out), remedy="try film.gif")])
    check_free(out, over)
    if out.suffix.lower() == ".mp4" and not _ffmpeg():
        remedy = "install ffmpeg, or choose a name that ends in .gif"
        raise BadInput([Problem("an MP4 needs ffmpeg, which was not found", source=str(out), remedy=remedy)])


def _ffmpeg() -> bool:
    return shutil.which("ffmpeg") is not None
