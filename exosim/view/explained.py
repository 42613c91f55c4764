"""What a name means, as Python shows it: `exosim.explain`."""

from __future__ import annotations

import io
from typing import Any

from exosim.readings.explain import explain as look_up
from exosim.view.html import page_of_explanation


class Explanation(dict[str, Any]):
    """All that is known of a name, as data; a terminal and a notebook show it as text and tables."""

    def __repr__(self) -> str:
        from rich.console import Console

        from exosim.view.terminal.explanations import print_explanation

        text = io.StringIO()
        print_explanation(Console(file=text, width=110, force_jupyter=False), self)
        return text.getvalue().rstrip()

    def _repr_html_(self) -> str:
        return page_of_explanation(self)


def explain(name: str) -> Explanation:
    """Return what is known of a state, parameter, setting, outcome, treatment, claim or word.

    Raises
    ------
    BadInput
        With the nearest name.

    Examples
    --------
    >>> import exosim as ex
    >>> ex.explain("TNF")["name"], ex.explain("depth_mm")["unit"]
    ('tnf_alpha', 'mm')
    """
    return Explanation(look_up(name, functions()))


def functions() -> dict[str, str]:
    """Return the first line of the docstring of every public name of exosim."""
    import inspect
    import sys

    package = sys.modules["exosim"]
    docs = {name: inspect.getdoc(getattr(package, name)) for name in package.__all__}
    return {name: (text or "").split("\n", 1)[0] for name, text in docs.items()}
