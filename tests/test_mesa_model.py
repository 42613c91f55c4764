"""The patch as a Mesa model; the page about it runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import mesa
import pytest

import exosim as ex
from exosim.mesa_model import mesa_model
from exosim.simulation.grid import Grid

SHORT = {"changes": ["weeks=1.5", "treatments.0.days=[0, 7]", "treatments.1.days=[0]", "treatments.2.days=[2.5]"]}
SMALL = Grid(size=3.0)
DOCS = Path(__file__).parents[1] / "docs"


def run_code(code):
    environment = os.environ | {"MPLBACKEND": "agg"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def finished():
    model = mesa_model("fractional_co2_exosome", seed=3, grid=SMALL, **SHORT)
    model.run_model()
    return model


def test_the_last_step_gives_the_outcomes_of_a_run(finished):
    run = ex.run("fractional_co2_exosome", seed=3, grid=SMALL, **SHORT)
    stepped = finished.result()
    assert stepped.outcomes == run.outcomes
    assert stepped.ledger == run.ledger
    assert stepped.setup == run.setup
    assert stepped.dataset.equals(run.dataset)


def test_it_is_a_mesa_model_whose_agents_are_channels(finished):
    model = mesa_model("fractional_co2_exosome", grid=SMALL, **SHORT)
    assert isinstance(model, mesa.Model)
    assert (model.day, len(model.agents), model.running) == (0, 0, True)
    model.step()
    assert (model.day, model.steps, len(model.agents)) == (1, 1, 36)
    stages = model.agents.groupby("state").count()
    counted = model.dataframe().iloc[-1]
    assert all(counted[f"channels_{stage}"] == number for stage, number in stages.items())
    with pytest.raises(ex.BadInput, match="not over yet"):
        model.result()
    steps = finished.steps
    finished.step()
    assert (finished.day, finished.running, steps) == (10.5, False, 11)


def test_tables(finished):
    table = finished.dataframe()
    assert list(table.index) == [*range(11), 10.5]
    assert table["erythema"].iloc[0] == pytest.approx(1, abs=0.01)
    assert table["channels_open"].sum() > 0
    assert len(finished.agent_dataframe()) == len(finished.agents) == 72


@pytest.mark.slow
def test_the_page_runs():
    page = (DOCS / "how-to" / "step_the_agents.md").read_text("utf-8")
    assert "channels_stratifying" in run_code(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1])
