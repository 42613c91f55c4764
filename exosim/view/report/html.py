"""Pieces of HTML: what a person wrote as text, tables, lists, what is folded away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from exosim.results.result import Record
from exosim.view.figures.style import plain, short


def text(value: object) -> str:
    """Anything, escaped."""
    return escape(str(value))


def said(value: str) -> str:
    """What a person wrote: as text, and with a direction of its own that ends with it."""
    return f'<bdi dir="auto">{text(plain(value))}</bdi>'


def code(value: object) -> str:
    """Names of the program, which may be broken before their longer words."""
    return f"<code>{re.sub('_(?=[a-z]{4})', '_<wbr>', text(value))}</code>"


def heading(run: Record) -> str:
    """The name of an arm as it fits above a column."""
    return said(short(run.scenario.name, 60))


def _cell(value: str, number: bool = False, head: str = "") -> str:
    tag = "th" if head else "td"
    scope = f' scope="{head}"' if head else ""
    kind = ' class="n"' if number else ""
    return f"<{tag}{scope}{kind}>{value}</{tag}>"


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = (), caption: str = ""
) -> str:
    """Cells are HTML already; `numbers` are columns set to the right."""
    right = set(numbers)
    top = "".join(_cell(cell, i in right, "col") for i, cell in enumerate(head))
    lines = (
        "".join(_cell(cell, i in right, "" if i else "row") for i, cell in enumerate(row)) for row in rows
    )
    body = "".join(f"<tr>{line}</tr>\n" for line in lines)
    above = f"<caption>{caption}</caption>" if caption else ""
    whole = f"<table>{above}<thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table>"
    return f'<div class="wide" tabindex="0">{whole}</div>\n'


def items(entries: Iterable[str]) -> str:
    """A list; entries are HTML already."""
    return "<ul>" + "".join(f"<li>{item}</li>\n" for item in entries) + "</ul>\n"


def folded(title: str, body: str) -> str:
    """What opens when asked for."""
    return f"<details><summary>{escape(title)}</summary>{body}</details>\n"
