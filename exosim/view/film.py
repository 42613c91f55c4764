"""A film of a patch: surface maps day by day with their channels, a section through the skin, a clock."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from exosim.biology.channels import STAGES
from exosim.biology.notation import LAYERS
from exosim.engine.tissue import Array
from exosim.events import Injury, Modulate
from exosim.files import check_free
from exosim.problems import BadInput, Problem
from exosim.results.result import Record
from exosim.view.figures.maps import MAPS, MARKS, side_of, stages_on
from exosim.view.figures.style import LINES, MUTED, WATERMARK, short, style

WITH_CHANNELS = ("map_tnf_alpha", "map_exosome")
CHANNEL_KEY = "channels: disc open; ring barrier back; dot covered"
SLAB = 0.5  # mm on either side of the middle of the patch, from which a section shows channels
FRAMES_PER_SECOND = 8
HOLD = 4  # frames for which the last day stays
SUFFIXES = (".gif", ".mp4")
Report = Callable[[float], None]
Part = tuple[list[Any], Callable[[float], None]]
"""What moves in a part of the figure, and what sets it to a day."""
Stage = tuple[Any, list[Any], Callable[[float], None]]


def film(result: Record, out: Path, *, over: bool = False, progress: Report | None = None) -> Path:
    """Write the film of a patch to `out`, as GIF or MP4 by its name; an existing file only when `over`.

    Raises
    ------
    BadInput
        For a column, another kind of file, an existing file, or MP4 without ffmpeg.
    """
    check(out, over)
    if "map_collagen" not in result.dataset:
        raise BadInput([Problem("a column has no maps to film", remedy="simulate a patch")])
    days = [float(day) for day in result.dataset["day"].values]
    with _placed(out, over) as partial:
        write = _mp4 if out.suffix.lower() == ".mp4" else _gif
        write(partial, frames(result, days, progress))
    return out


def frames(result: Record, days: Sequence[float], progress: Report | None = None) -> Iterator[Any]:
    """The picture of each of `days` as an array (height, width, RGB); what stands still is drawn once."""
    with style() as pyplot:
        figure, moving, draw = _stage(result, pyplot)
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
        pyplot.close(figure)


def _gif(out: Path, pictures: Iterator[Any]) -> None:
    """All pictures with one palette, so that what stands still costs nothing."""
    from PIL import Image

    palette = _palette()
    first, *rest = (Image.fromarray(p).quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures)
    beat = 1000 // FRAMES_PER_SECOND
    duration = [beat] * len(rest) + [HOLD * beat]
    look: dict[str, Any] = {"duration": duration, "loop": 0, "comment": WATERMARK.encode()}
    first.save(out, format="GIF", save_all=True, append_images=rest, **look)


def _palette() -> Any:
    """256 colours: those of the maps, greys, and the two of lines fading to white."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb
    from PIL import Image

    maps = [colormaps[name](np.linspace(0, 1, 95))[:, :3] for name in ("viridis", "cividis")]
    fades = [np.linspace(to_rgb(start), (1, 1, 1), 16) for start in (LINES[0][0], LINES[1][0])]
    greys = np.linspace(0, 1, 256 - 2 * 95 - 2 * 16)[:, None].repeat(3, axis=1)
    picture = Image.new("P", (1, 1))
    picture.putpalette(np.round(255 * np.concatenate([*maps, *fades, greys])).astype(int).ravel().tolist())
    return picture


def _mp4(out: Path, pictures: Iterator[Any]) -> None:
    """Raw pictures into ffmpeg."""
    first = next(pictures)
    high, wide, _ = first.shape
    command = (
        f"ffmpeg -y -loglevel error -f rawvideo -pix_fmt rgb24 -s {wide}x{high} -r {FRAMES_PER_SECOND} -i -"
    )
    coded = f"-vf pad=ceil(iw/2)*2:ceil(ih/2)*2,tpad=stop_mode=clone:stop_duration={HOLD / FRAMES_PER_SECOND}"
    done = subprocess.run(
        [*command.split(), *coded.split(), "-pix_fmt", "yuv420p", "-f", "mp4", str(out)],
        input=b"".join(picture.tobytes() for picture in (first, *pictures)),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"ffmpeg failed: {done.stderr.decode(errors='replace').strip()}")


def check(out: Path, over: bool = False) -> None:
    """Refuse before anything is computed what `film` could not write."""
    if out.suffix.lower() not in SUFFIXES:
        raise BadInput([Problem("a film is a .gif or .mp4", source=str(out), remedy="try film.gif")])
    check_free(out, over)
    if out.suffix.lower() == ".mp4" and not _ffmpeg():
        remedy = "install ffmpeg, or choose a name that ends in .gif"
        raise BadInput([Problem("an MP4 needs ffmpeg, which was not found", source=str(out), remedy=remedy)])


def _ffmpeg() -> bool:
    return shutil.which("ffmpeg") is not None


@contextmanager
def _placed(out: Path, over: bool) -> Iterator[Path]:
    """A temporary name that becomes `out` only when the block ends well."""
    partial = out.with_name(f".{out.stem}-{os.getpid()}{out.suffix}")
    try:
        yield partial
        check_free(out, over)
        partial.replace(out)
    except OSError as error:
        raise BadInput([Problem(f"the film cannot be written ({error.strerror})", source=str(out))]) from None
    finally:
        partial.unlink(missing_ok=True)


def _stage(result: Record, pyplot: Any) -> Stage:
    """The figure, laid out once; what moves in it; what sets that to a day."""
    figure = pyplot.figure(figsize=(7.0, 8.9), layout="constrained", dpi=90)
    head = figure.suptitle(" \n ", x=0.012, ha="left", fontsize=11, fontweight="bold")
    rows = figure.subfigures(3, 1, height_ratios=(6.0, 1.9, 1.5))
    parts = [
        _map_panels(rows[0], result),
        _section(rows[1], result),
        _clock(rows[2].subplots(), result),
    ]
    figure.text(0.995, 0.004, WATERMARK, ha="right", va="bottom", fontsize=7, color=MUTED)
    figure.get_layout_engine().set(rect=(0, 0.018, 1, 0.982))
    figure.draw_without_rendering()
    figure.set_layout_engine("none")

    def draw(day: float) -> None:
        head.set_text(_heading(result, day))
        for _, move in parts:
            move(day)

    return figure, [head, *(artist for artists, _ in parts for artist in artists)], draw


def _heading(result: Record, day: float) -> str:
    """Name, clock, and what is done on this day."""
    happening = dict.fromkeys(
        x.treatment.replace("_", " ")
        for x in result.scenario.timeline
        if x.event.day == day and not isinstance(x.event, Modulate)
    )
    done = ": " + ", ".join(happening) if happening else ""
    return f"{short(result.scenario.name, 60)}\nday {day:g}, week {day / 7:.1f}{short(done, 60)}"


def _map_panels(figure: Any, result: Record) -> Part:
    d, side = result.dataset, side_of(result)
    axes = figure.subplots(2, 2, sharex=True, sharey=True)
    images, channels = {}, []
    for axis, (name, look) in zip(axes.flat, MAPS.items(), strict=True):
        images[name] = axis.imshow(
            d[name].values[0].T,
            origin="lower",
            extent=(0, side, 0, side),
            cmap=look.palette,
            norm=look.norm(d[name].values),
        )
        figure.colorbar(images[name], ax=axis, shrink=0.9, format="%g")
        axis.set_title(look.title)
        axis.grid(visible=False)
        if name in WITH_CHANNELS:
            for stage, (marker, face, size) in MARKS.items():
                drawn = axis.scatter(
                    [], [], s=size, marker=marker, facecolors=face, edgecolors="white", linewidths=0.5
                )
                channels.append((stage, drawn))
    for axis in axes[:, 0]:
        axis.set_ylabel("mm")
    axes[1, 1].annotate(
        CHANNEL_KEY, (1, -0.19), xycoords="axes fraction", ha="right", fontsize=7, color=MUTED
    )

    def move(day: float) -> None:
        for name, image in images.items():
            image.set_data(d[name].sel(day=day).values.T)
        stages = stages_on(result, day)
        for stage, dots in channels:
            mine = stages == STAGES.index(stage)
            if mine.size:
                dots.set_offsets(np.c_[d["channel_x"].values[mine], d["channel_y"].values[mine]])

    return [*images.values(), *(dots for _, dots in channels)], move


def layer_edges(values: Mapping[str, float]) -> Array:
    """Depth of the surface and of the lower edge of every layer, mm."""
    return np.cumsum([0.0, *(values[f"{layer}_thickness"] for layer in LAYERS)])


def _section(figure: Any, result: Record) -> Part:
    """Exosomes by layer (mean of the patch), and the channels of a slab through its middle."""
    d, side = result.dataset, side_of(result)
    edges = layer_edges(result.manifest["parameter_values"])
    axis = figure.subplots()
    look = MAPS["map_exosome"]
    norm = look.norm(d["exosome"].values)
    mesh = axis.pcolormesh([0, side], edges, np.zeros((len(LAYERS), 1)), cmap=look.palette, norm=norm)
    figure.colorbar(mesh, ax=axis, format="%g")
    axis.set(ylim=(edges[-1], -0.04), xlim=(0, side))
    names = [f"{name} to {edge:.2f} mm" for name, edge in zip(LAYERS, edges[1:], strict=True)]
    axis.set_yticks((edges[1:] + edges[:-1]) / 2, names, fontsize=6.5)
    axis.set_title("Section: exosomes, 1e6/mm3 (log); channels open (solid) or closing (dotted)")
    axis.grid(visible=False)
    lines = [
        (stage, axis.vlines([], 0, [], color="white", linestyle=dash, linewidth=1.1))
        for stage, dash in (("open", "-"), ("closing", ":"))
    ]

    def move(day: float) -> None:
        mesh.set_array(d["exosome"].sel(day=day).values[:, None])
        stages = stages_on(result, day)
        for stage, drawn in lines:
            if stages.size:
                mine = (stages == STAGES.index(stage)) & (np.abs(d["channel_y"].values - side / 2) < SLAB)
                x, depth = d["channel_x"].values[mine], d["channel_depth"].values[mine]
                drawn.set_segments([[(a, 0), (a, b)] for a, b in zip(x, depth, strict=True)])

    return [mesh, *(drawn for _, drawn in lines)], move


def _clock(axis: Any, result: Record) -> Part:
    """Improvement so far under a hand that moves, with a tick for every procedure and dose."""
    weeks = result.dataset["step_day"].values / 7
    values = np.nan_to_num(result.dataset["course_improvement_percent"].values)
    axis.plot(weeks, values, color="#C8C8C8")
    (so_far,) = axis.plot([], [], color=LINES[0][0])
    hand = axis.axvline(0, color="#000000", linewidth=1)
    for event in (x.event for x in result.scenario.timeline if not isinstance(x.event, Modulate)):
        height = 0.3 if isinstance(event, Injury) else 0.12
        axis.axvline(event.day / 7, 0, height, color=LINES[1][0], linewidth=1.3)
    axis.set(xlim=(-0.02 * weeks[-1], weeks[-1]))
    axis.margins(y=0.15)
    axis.set_xlabel("week   (orange ticks: long procedures, short doses)", fontsize=8)
    axis.set_title("Improvement, %")

    def move(day: float) -> None:
        past = weeks <= day / 7
        so_far.set_data(weeks[past], values[past])
        hand.set_xdata([day / 7, day / 7])

    return [so_far, hand], move
