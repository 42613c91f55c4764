"""The lesson page as one HTML file: template, style, generated kernel, data, and a policy that allows no more."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from exosim.lesson import data
from exosim.lesson.films import Film
from exosim.lesson.words import words
from exosim.readings import javascript
from exosim.results.result import NOTICE

KERNEL = ("schedule", "solver", "outcomes")
SCRIPTS = (
    *KERNEL, "dom", "words", "terms", "state", "address", "skin_scene", "skin_moment", "skin_paint", "skin_channels",
    "skin_symbols", "skin", "skin_key", "charts", "film", "diagram", "clock", "published", "results", "controls",
    "downloads", "guess", "stage", "trial", "answers", "lessons", "panel", "observe", "math", "explain", "main",
)  # fmt: skip
STYLES = ("base", "controls", "skin", "step", "cells", "panel", "terms", "film", "charts", "tables",
          "screens", "embed")  # fmt: skip


def part(name: str) -> str:
    """Return the text of a file of the page."""
    return files(__package__).joinpath("web", name).read_text("utf-8")


def script(films: Mapping[str, Film], own: list[dict[str, Any]] | None = None) -> str:
    """Return all JavaScript of the page in one function, so that it defines no global names but one."""
    literal = json.dumps(data.everything(films, own), ensure_ascii=True, allow_nan=False).replace("<", "\\u003c")
    pieces = [
        f"const DATA = {literal};\n",
        javascript.generated(data.signatures()),
        *(part(f"{name}.js") for name in SCRIPTS),
    ]
    return "(() => {\n" + "".join(pieces) + "})();\n"


def source(text: str) -> str:
    """Return how a policy names an inline text: by its hash."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def policy(code: str, style: str) -> str:
    """Return the content security policy: only this script, this style and images inside the page.

    Nothing may be loaded or sent.
    """
    return (
        f"default-src 'none'; script-src {source(code)}; style-src {source(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def page(films: Mapping[str, Film], own: list[dict[str, Any]] | None = None) -> str:
    """Return the whole page with these films, by the name of their scenario, and a teacher's own lessons, if any."""
    text, code = words("en")["text"], script(films, own)
    style = "".join(part(f"{name}.css") for name in STYLES)
    filled = {
        "CSP": policy(code, style),
        "STYLE": style,
        "NOTICE": html.escape(NOTICE),
        "VERSION": version("exosim"),
        "SCRIPT": code,
    }
    named = re.sub(r"\{\{(\w+)\}\}", lambda m: html.escape(text[m.group(1)]), part("page.html"))
    return re.sub(r"@@(\w+)@@", lambda m: filled[m.group(1)], named)
