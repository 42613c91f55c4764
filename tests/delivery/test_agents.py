"""Channels as agents: mean behaviour, named streams, exact event times, views."""

from types import SimpleNamespace

import mesa
import numpy as np
import pytest

from exosim.biology.channels import STAGES
from exosim.biology.injury import Pass, ablation
from exosim.delivery.patch import SkinPatch
from exosim.delivery.seam import TissueView
from exosim.delivery.streams import stream
from exosim.engine.lattice import Lattice
from exosim.events import Injury
from exosim.scenario.file import parse
from exosim.simulation.grid import Grid
from exosim.simulation.loop import run, simulate
from exosim.simulation.patch import Patch
from exosim.simulation.setup import parameter_values
from tests.helpers import GEL, article, on_arrays, scenario


def patch(seed=0, density=400.0, size=10.0, day=0.0):
    lattice = Lattice(size, 0.5)
    model = SkinPatch(lattice, seed)
    p, u = on_arrays(article(), np.ones((3, lattice.columns)))
    event = Injury(day, "ablation", 1.0, density, 0.06)
    where = model.place(event, 0)
    [wound] = ablation(p, u, [Pass(event.reach, event.radius_mm, where.density)])
    model.open(event, where, wound)
    view = TissueView(np.full(lattice.columns, 0.3), np.full(lattice.columns, 0.2), SimpleNamespace(**article()))
    return model, view


def test_an_agent_is_a_view_of_its_row():
    model, view = patch()
    agent = next(iter(model.agents))
    assert isinstance(agent, mesa.Agent)
    assert len(model.agents) == 400
    assert agent.state == "open"
    assert agent.kind == "laser"
    assert agent.depth_mm == pytest.approx(0.62)
    model.advance(view, 0, 400)
    assert {a.state for a in model.agents} == {"sealed"}


def test_the_mean_of_many_agents_is_the_expected_behaviour():
    """Fractions per stage against the linear chain that the column integrates."""
    model, view = patch(density=1000, size=40)
    close = 2.0 * 1.24
    heal = article()["laser_healing_rate"] * 1.24 / 1.1
    for start, end in ((0, 0.3), (0.3, 2.0), (2.0, 7.0)):
        model.advance(view, start, end)
        share = np.bincount(model.population.stage, minlength=4) / len(model.population)
        chain = np.array([[-close, 0, 0], [close, -heal, 0], [0, heal, -heal]])
        expected = _expm(chain * end) @ [1, 0, 0]
        assert share[:3] == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 16000))


def _expm(m):
    values, vectors = np.linalg.eig(m + np.diag([0, 0, 1e-9]))
    return (vectors * np.exp(values)) @ np.linalg.inv(vectors)


def test_delivery_is_the_time_average_of_open_channels():
    model, view = patch(density=1000, size=40)
    wall = model.groups[0].wall
    delivered = model.advance(view, 0, 1.0)
    close = 2.0 * 1.24
    assert delivered.channel_wall[1].mean() / wall[1].mean() == pytest.approx((1 - np.exp(-close)) / close, abs=0.01)
    assert delivered.wound_area.mean() / model.groups[0].area.mean() > 0.98


def test_event_times_do_not_depend_on_the_interval():
    """Under constant hazards one long interval and many short ones give the same days."""
    (one, view), (many, _) = patch(), patch()
    one.advance(view, 0, 20)
    for i in range(200):
        many.advance(view, i / 10, (i + 1) / 10)
    assert np.allclose(one.population.since, many.population.since, equal_nan=True, atol=1e-9)


def test_placement_is_even_and_everywhere():
    model, _ = patch()
    counts = np.histogram2d(model.population.x, model.population.y, bins=5, range=[[0, 10], [0, 10]])[0]
    assert counts.min() >= 10
    assert counts.max() <= 22


def test_placement_never_lines_up_with_the_columns():
    """400 zones per cm2 are one per 0.5 mm cell, yet neither density nor outcome may be blind to the seed."""
    densities = [patch(seed)[0].groups[0].density for seed in range(3)]
    assert all(density.std() > 0.05 for density in densities)
    assert np.abs(densities[0] - densities[1]).max() > 0.1


def test_streams_depend_on_their_name_alone():
    assert stream(1, "a", 2).random() == stream(1, "a", 2).random()
    assert len({stream(s, n, 0).random() for s in (0, 1) for n in ("a", "b")}) == 4


def channels_of(*treatments, seed=0, weeks=3):
    s = scenario(*treatments, weeks=weeks)
    patch = Patch.build(s, parameter_values(s, article()), seed, Grid(size=3), states=True)
    run(patch)
    return patch.agents.population


NEEDLES = '[[treatments]]\nkind = "microneedling"\n'


def test_arms_see_the_same_channels_and_a_session_more_changes_no_other_draw():
    two = channels_of(NEEDLES + "days = [0, 14]")
    three = channels_of(NEEDLES + "days = [0, 7, 14]")
    treated = channels_of(NEEDLES + "days = [0, 14]", GEL + "days = [0]")
    for other in (three, treated):
        for day in (0, 14):
            mine, theirs = two.since[:, 0] == day, other.since[:, 0] == day
            assert (two.x[mine] == other.x[theirs]).all()
            assert (two.y[mine] == other.y[theirs]).all()
    assert (channels_of(NEEDLES + "days = [0]", seed=1).x != two.x[two.since[:, 0] == 0]).all()


def test_the_tissue_acts_back_on_its_channels():
    """Two-way coupling: exosome signal closes channels sooner, occlusion later."""
    laser = '[[treatments]]\nkind = "fractional_co2_laser"\ndays = [0]\n'
    plain, treated = channels_of(laser), channels_of(laser, GEL + "days = [0]")
    covered = channels_of(laser, '[[treatments]]\nkind = "occlusion"\ndays = [0]\nhours = 48')
    closing = STAGES.index("closing")
    assert treated.since[:, closing].mean() < 0.9 * plain.since[:, closing].mean()
    assert covered.since[:, closing].mean() > 1.5 * plain.since[:, closing].mean()
    assert np.nanmean(treated.since[:, 3]) < np.nanmean(plain.since[:, 3])


def test_a_small_patch_balances_its_books_and_stays_positive():
    from exosim.results.ledger import balance

    s = parse('name = "x"\nweeks = 2\n' + NEEDLES + "days = [0]\n" + GEL + "days = [0, 1]\n")
    h = simulate(s, article(), "patch", grid=Grid(size=4))
    exosome, melanin = balance(h)
    assert exosome["balance_error"].max() < 1e-12
    assert melanin["balance_error"].max() < 1e-12
    assert (h.means / h.layout.scales[:, None]).min() > -1e-9
