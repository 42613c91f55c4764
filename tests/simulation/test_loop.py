"""The order of execution, and what a resolution must give to it."""

import numpy as np
import pytest

import exosim as ex
from exosim.engine.tissue import SolverError
from exosim.parameters import parameter_set
from exosim.simulation import loop, setup
from exosim.simulation.column import Column
from exosim.simulation.grid import Grid
from exosim.simulation.skin import SimulatedSkin
from tests.helpers import GEL, LASER, scenario

ARM = scenario(LASER + "days = [0, 3]\n", GEL + "days = [3]\n", weeks=1)


class Stub(SimulatedSkin):
    """A third resolution: it notes what the loop does to it, and gives a column's history."""

    def __init__(self, scenario, values):
        self.scenario, self.values, self.done = scenario, values, []
        self.column = Column(scenario, values)

    @classmethod
    def build(cls, scenario, values, seed, grid, states):
        cls.latest = cls(scenario, values)
        return cls.latest

    def set_parameters(self, parameters):
        self.done.append(("parameters", None))
        self.column.set_parameters(parameters)

    def happen(self, events, day):
        self.done.append((tuple(type(event).__name__ for event in events), day))
        self.column.happen(events, day)

    def advance(self, start, stop):
        self.done.append(("advance", stop))
        yield from self.column.advance(start, stop)

    def history(self):
        return self.column.history()

    def last_good(self, failed):
        return {"day": np.array([failed])}


def test_a_third_resolution_is_one_class_and_one_line(monkeypatch):
    monkeypatch.setitem(setup.RESOLUTIONS, "stub", f"{__name__}:Stub")
    run = ex.run(ARM, resolution="stub")
    assert run.outcomes == ex.run(ARM, resolution="column").outcomes
    assert run.setup.resolution == "stub"


def test_a_window_is_parameters_then_events_then_time(monkeypatch):
    monkeypatch.setitem(setup.RESOLUTIONS, "stub", f"{__name__}:Stub")
    ex.run(scenario(LASER, "[[treatments]]\nkind = 'occlusion'\ndays = [2]\n", weeks=1), resolution="stub")
    kinds = [name for name, _ in Stub.latest.done]
    assert kinds[:2] == [("Injury",), "advance"]
    assert kinds[2:4] == ["parameters", "advance"]
    assert Stub.latest.done[-1] == ("advance", 7.0)


def test_a_failure_says_what_was_simulated(monkeypatch):
    def fails(self, start, stop):
        raise SolverError(start, "tnf_alpha", "the step size collapsed")
        yield

    monkeypatch.setattr(Stub, "advance", fails)
    skin = Stub(ARM, setup.parameter_values(ARM, parameter_set("article").values()))
    with pytest.raises(SolverError) as caught:
        loop.run(skin)
    assert caught.value.scenario == ARM
    assert "Injury" in caught.value.__notes__[0]


def test_the_loop_knows_no_resolution():
    from pathlib import Path

    text = Path(loop.__file__).read_text()
    assert "isinstance(skin" not in text
    assert "resolution ==" not in text
    assert not {"Column", "Patch", "Columns", "Field"} & set(text.replace("(", " ").split())


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"resolution": "Patch"}, 'there is no resolution "Patch"'),
        ({"resolution": None}, "there is no resolution"),
        ({"seed": "7"}, "the seed must be a whole number from 0"),
        ({"seed": -1}, "the seed must be a whole number from 0"),
        ({"grid": Grid(rtol=-1)}, "grid rtol must be a number above 0"),
        ({"parameters": "trial"}, 'there is no parameter set "trial"'),
    ],
)
def test_a_setup_that_cannot_be_is_refused(option, message):
    with pytest.raises(ex.BadInput, match=message):
        setup.Setup(ARM, **option)


def test_all_problems_of_a_setup_are_told_at_once():
    with pytest.raises(ex.BadInput) as caught:
        ex.run(ARM, resolution="colunm", seed=1.5, parameters="trial")
    assert len(caught.value.problems) == 3
    assert 'did you mean "column"' in str(caught.value)
