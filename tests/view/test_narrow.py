"""Tables in narrow terminals: nothing is cut, so that no two headings become one."""

import io
import re

import pytest
from rich.console import Console

import exosim as ex
from exosim.view.terminal.runs import print_comparison, print_run
from exosim.view.terminal.studies import print_cohort, print_sweep
from exosim.view.terminal.table import Whole, show

LONG = "a name that is long and differs only at its very end: "


def shown(width, print_it, *given, **options):
    text = io.StringIO()
    print_it(Console(file=text, width=width), *given, **options)
    lines = text.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "\N{HORIZONTAL ELLIPSIS}" not in text.getvalue()
    return lines


def headings(lines):
    """The text of the heading of every column of every table."""
    found = []
    for line in lines:
        if line.startswith("\u250f"):
            found.append([])
        if line.startswith("\u2503"):
            found[-1].append([cell.strip() for cell in line.strip("\u2503").split("\u2503")])
    return [["".join(cells).replace(" ", "") for cells in zip(*rows, strict=True)] for rows in found]


def numbers(lines):
    return re.findall(r"(?<![\w.])-?\d+\.\d+(?![\w.])", "\n".join(lines))


@pytest.fixture(scope="module")
def arms():
    made = [ex.load("fractional_co2", {"name": f"{LONG}{i}", "weeks": 9}) for i in range(8)]
    return ex.compare(made, resolution="column")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_eight_arms_keep_their_names_and_numbers(arms, width):
    lines = shown(width, print_comparison, arms, [[]] * 8)
    heads = [head for table in headings(lines) for head in table if head not in ("outcome", "unit")]
    assert sorted(heads) == [f"{LONG}{i}".replace(" ", "") for i in range(8)]
    assert numbers(lines).count(f"{arms.arms[0].outcomes['improvement_percent']:.1f}") >= 8
    assert len(shown(200, print_run, arms.arms[0])) < len(shown(width, print_run, arms.arms[0]))


@pytest.mark.parametrize("width", [60, 80])
def test_cohorts_and_sweeps_keep_theirs(width):
    made = [ex.load("fractional_co2", {"name": f"{LONG}{i}", "weeks": 9}) for i in range(4)]
    cohort = ex.cohort(made, 4)
    heads = headings(shown(width, print_cohort, cohort.study, cohort.store, cohort.summary))
    found = [head for table in heads for head in table if head != "outcome"]
    assert len(found) == len(set(found)) == 4
    sweep = ex.sweep("fractional_co2", {"redness_tnf": ex.lin(1, 2, 2)}, changes={"weeks": 9})
    lines = shown(width, print_sweep, sweep.study, sweep.store, sweep.summary)
    assert all(
        f"{sweep.summary['outcomes'][name]['low']:.3g}" in "\n".join(lines) for name in ("tnf_auc", "onset_week")
    )


def test_columns_without_room_follow_below_with_names_and_units():
    table = Whole("what", title="t")
    for i in range(20):
        table.add_column(f"particles_per_ml {i}", justify="right")
    table.add_column("unit")
    table.add_row("row", *(f"{1000 + i}.25" for i in range(20)), "mm")
    lines = shown(60, show, table)
    heads = headings(lines)
    assert all(table[0] == "what" and table[-1] == "unit" for table in heads)
    assert [head for table in heads for head in table[1:-1]] == [f"particles_per_ml{i}" for i in range(20)]
    assert numbers(lines) == [f"{1000 + i}.25" for i in range(20)]
