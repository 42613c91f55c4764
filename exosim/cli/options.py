"""Arguments and options that several verbs share; an option of one verb is declared where the verb is."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from exosim.cli.completion import scenarios


class Format(str, Enum):
    """What `export` can write; each comes with the extra of its name."""

    sbml = "sbml"


Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="scenario files, or names of shipped scenarios", autocompletion=scenarios),
]
One = Annotated[
    str,
    typer.Argument(metavar="FILE", help="a scenario file, or the name of a shipped scenario", autocompletion=scenarios),
]
Resolution = Annotated[str, typer.Option(help="patch (with agents) or column (faster)")]
Parameters = Annotated[
    str, typer.Option(metavar="SET|FILE", help="article, trials, a TOML file, or the run that used it")
]
Seed = Annotated[int, typer.Option(min=0, help="seed of channel placement and closing; a column has none")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PATH=VALUE", help="change the scenario (skin.phototype=3) or a parameter (il10_signal=0)"
    ),
]
Vary = Annotated[
    list[str] | None,
    typer.Option("--vary", metavar="PATH=A,B,C", help="arms: one scenario with each value; or LOW:HIGH:N, as in sweep"),
]
Against = Annotated[str, typer.Option(help="name of the arm from which the others differ; the first when left out")]
Ensemble = Annotated[bool, typer.Option("--ensemble", help="also simulate the set's ensemble: intervals and bands")]
Courses = Annotated[
    str, typer.Option(metavar="NAME,...", help="with --ensemble: observables of every draw, kept in result.nc")
]
Daily = Annotated[bool, typer.Option("--daily", help="timecourse.csv: one row per day, with all states")]
Figures = Annotated[
    str,
    typer.Option(
        metavar="none|png|print|all", help="draw nothing, PNG, PNG of 300 dpi, or PNG, SVG and the data as CSV"
    ),
]
Outcomes = Annotated[
    list[str] | None,
    typer.Option(
        "--outcome", metavar="NAME=FUNCTION(...)", help="an outcome of your own: tnf_days = days_above(tnf_alpha, 50)"
    ),
]
Times = Annotated[str | None, typer.Option(metavar="DAY,DAY,...", help="the course on these days: 0,1,3,7")]
Out = Annotated[Path, typer.Option(help="folder for run folders")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object")]
Force = Annotated[bool, typer.Option("--force", help="write over an existing file")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress, no notice")]
