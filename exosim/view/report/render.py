"""How the report becomes HTML: Jinja2 templates that escape everything, and the filters that they share."""

from __future__ import annotations

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from exosim.events import rows
from exosim.parameters import parameter_set
from exosim.view import labels, text


def said(value: str) -> Markup:
    """Return what a person wrote with a direction of its own, which ends with it."""
    return Markup('<bdi dir="auto">{}</bdi>').format(text.plain(value))


def code(value: object) -> Markup:
    """Return a name of the program, which may be broken before its longer words."""
    return Markup("<code>{}</code>").format(Markup("_<wbr>").join(re.split("_(?=[a-z]{4})", str(value))))


def heading(name: str) -> Markup:
    """Return the name of an arm as it fits above a column."""
    return said(text.short(name, 60))


TEMPLATES = Environment(
    loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters |= {
    "said": said,
    "code": code,
    "heading": heading,
    "label": labels.label,
    "checked": labels.checked,
    "days": text.days,
    "events": rows,
    "fitted": lambda match, arm: parameter_set(arm.setup.parameters).comes_from(match.published.fitted),
    "general": text.general,
    "outcome": text.outcome,
    "percent": text.percent,
    "plain": text.plain,
    "settings": labels.settings,
    "signed": text.signed,
    "told": text.told,
    "unit": text.unit,
    "words": text.words,
}


def render(template: str, **data: Any) -> Markup:
    """Return a filled template; its HTML is not escaped again where another template takes it."""
    return Markup(TEMPLATES.get_template(f"{template}.html").render(**data))
