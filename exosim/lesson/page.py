"""The lesson page as one HTML file: template, style, generated kernel, data, and a policy that allows no more."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from importlib.metadata import version
from importlib.resources import files

from exosim.lesson import data, kernel
from exosim.result import NOTICE


def part(name: str) -> str:
    """The text of a template of this package."""
    return files(__package__).joinpath(name).read_text("utf-8")


def script() -> str:
    """All JavaScript of the page in one function, so that it leaves no names behind but one."""
    literal = json.dumps(data.everything(), ensure_ascii=True, allow_nan=False).replace("<", "\\u003c")
    pieces = [
        f"const DATA = {literal};\n",
        kernel.generated(data.signatures()),
        part("kernel.js"),
        part("app.js"),
    ]
    return "(() => {\n" + "".join(pieces) + "})();\n"


def source(text: str) -> str:
    """How a policy names an inline text: by its hash."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def policy(code: str, style: str) -> str:
    """Nothing may be loaded or sent; this script and this style may run; images only from the page itself."""
    return (
        f"default-src 'none'; script-src {source(code)}; style-src {source(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def page() -> str:
    """The whole page."""
    text, code, style = data.table("strings")["text"], script(), part("style.css")
    filled = {
        "CSP": policy(code, style),
        "STYLE": style,
        "NOTICE": html.escape(NOTICE),
        "VERSION": version("exosim"),
        "SCRIPT": code,
    }
    named = re.sub(r"\{\{(\w+)\}\}", lambda m: html.escape(text[m.group(1)]), part("page.html"))
    return re.sub(r"@@(\w+)@@", lambda m: filled[m.group(1)], named)
