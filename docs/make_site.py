"""Write docs/site, the lesson page and its sheets for those without Python. Run: ``python docs/make_site.py``."""

import shutil
from pathlib import Path

from exosim.lesson.page import page
from exosim.lesson.site import site

SITE = Path(__file__).parent / "site"


def main() -> None:
    shutil.rmtree(SITE, ignore_errors=True)
    for path, text in site(page({})).items():
        (SITE / path).parent.mkdir(parents=True, exist_ok=True)
        (SITE / path).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
