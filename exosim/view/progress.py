"""Progress in a notebook: a bar that comes where something takes longer than a moment."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

MOMENT = 2.0  # s, before there is a bar


@contextmanager
def bar(name: str, given: Callable[..., None] | None) -> Iterator[Callable[..., None] | None]:
    """Yield what is told the share that is done: `given`, or in a notebook a bar; None elsewhere."""
    if given or not in_notebook():
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of widgets that are not installed: the bar is then a line of text
        from tqdm.auto import tqdm
    with tqdm(
        total=100, desc=name, delay=MOMENT, leave=False, bar_format="{desc}: {percentage:3.0f} %|{bar}|"
    ) as shown:

        def show(share: float, failed: int = 0) -> None:
            shown.update(max(0, round(100 * share) - shown.n))
            if failed:
                shown.set_description(f"{name}, {failed} failed")

        yield show


def of_each(told: Callable[..., None] | None, number: int) -> Callable[[int, float], None] | None:
    """Return what is told the share of each of several pieces, and tells `told` that of the whole."""
    shares = [0.0] * number

    def report(i: int, share: float) -> None:
        shares[i] = share
        if told:
            told(sum(shares) / number)

    return report if told else None


def in_notebook() -> bool:
    """Return whether a kernel of Jupyter runs this."""
    shell: Any = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return "IPKernelApp" in getattr(shell, "config", {})
