"""Photograph every step of the lesson page, before and after the prediction, for the documentation and to be looked at.

Run: ``python docs/make_screenshots.py [FOLDER]``, with the extra `browser` and Chromium. It writes a sheet for every size
and colour scheme to FOLDER, and the two pictures of the documentation to docs/images.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

from exosim.lesson.page import page as written_page
from exosim.lesson.steps import shipped_lessons

IMAGES = Path(__file__).parent / "images"
SIZES = ((1366, 768), (1920, 1080), (768, 1024), (390, 844))
STEPS = [(x["id"], i, step) for x in shipped_lessons("en") for i, step in enumerate(x["steps"])]
TO_DAY_3 = "const day = document.getElementById('day'); day.value = 3; day.dispatchEvent(new Event('input'))"
COLUMNS, WIDE, GAP, HEAD = 4, 480, 8, 18  # px


def predict(page: Page, step: dict[str, Any]) -> None:
    """Choose an option and draw a line, as the step wants."""
    if step["predict"]["options"]:
        page.locator("#panel input[name=option]").first.check()
    if step["predict"]["line"]:
        page.focus("#panel svg[tabindex]")
        for _ in range(8):
            page.keyboard.press("ArrowUp")


def moments(browser: Browser, address: str, size: tuple[int, int], scheme: Any) -> list[tuple[str, Image.Image]]:
    """Return pictures of every step, before and after the prediction."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page, found = context.new_page(), []
    for lesson, i, step in STEPS:
        page.goto("about:blank")
        page.goto(f"{address}#lesson={lesson}&step={i}")
        for moment in ("before", "after"):
            if moment == "after":
                predict(page, step)
                page.click("#onward")
                page.evaluate(TO_DAY_3)
            page.wait_for_timeout(700)
            whole = Image.open(BytesIO(page.screenshot(full_page=size[0] < 1000))).convert("RGB")
            found.append((f"{lesson} {i + 1}, {moment}", whole))
    context.close()
    return found


def sheet(found: list[tuple[str, Image.Image]], wide: int = WIDE) -> Image.Image:
    """Return pictures in rows, each under its name."""
    small = [(name, x.resize((wide, wide * x.height // x.width), Image.Resampling.LANCZOS)) for name, x in found]
    rows = [small[i : i + COLUMNS] for i in range(0, len(small), COLUMNS)]
    heights = [max(x.height for _, x in row) + HEAD + GAP for row in rows]
    whole = Image.new("RGB", (COLUMNS * (wide + GAP), sum(heights)), "#888888")
    draw, top = ImageDraw.Draw(whole), 0
    for row, height in zip(rows, heights, strict=True):
        for column, (name, picture) in enumerate(row):
            draw.text((column * (wide + GAP) + 4, top + 3), name, fill="white")
            whole.paste(picture, (column * (wide + GAP), top + HEAD))
        top += height
    return whole


def main() -> None:
    folder = Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "lesson.html"
    file.write_text(written_page({}), "utf-8")
    chromium = os.environ.get("EXOSIM_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for size in SIZES:
            for scheme in ("light", "dark"):
                found = moments(browser, file.as_uri(), size, scheme)
                sheet(found, min(WIDE, size[0])).save(folder / f"{size[0]}_{scheme}.png")
                if (size, scheme) == (SIZES[0], "light"):
                    _for_docs(found)
                print(f"{size[0]} x {size[1]}, {scheme}: {len(found)} pictures", flush=True)
        browser.close()


def _for_docs(found: list[tuple[str, Image.Image]]) -> None:
    """Write the pictures of the documentation: all moments, and the two of one step."""
    colours = {"colors": 128, "dither": Image.Dither.NONE}
    sheet(found, 360).quantize(**colours).save(IMAGES / "lesson_contact_sheet.png", optimize=True)
    both = [(name, x) for name, x in found if name.startswith(STEPS[2][0] + " 3")]
    pair = Image.new("RGB", (1366, 768 // 2 + 1), "white")
    for i, (_, picture) in enumerate(both):
        pair.paste(picture.resize((680, 382), Image.Resampling.LANCZOS), (i * 686, 0))
    pair.quantize(**colours).save(IMAGES / "lesson_steps.png", optimize=True)


if __name__ == "__main__":
    main()
