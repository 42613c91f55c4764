"""The exported file in other hands: libRoadRunner and COPASI against an oracle, every shipped scenario."""

import locale

import numpy as np
import pytest

from exosim.events import at
from exosim.scenario.file import load, shipped
from exosim.simulation.equations import equations
from tests.helpers import GEL, NEEDLE, article, scenario
from tests.verification.radau import radau

LAYOUT = equations().layout
RTOL, ATOL, MAX_STEPS = 1e-10, 1e-16, 10**6
AGREE = 1e-5

OCCLUDED = scenario(
    NEEDLE + "days = [0, 7]\n",
    GEL + "days = [0, 7]\n",
    '[[treatments]]\nkind = "occlusion"\nhours = 12\ndays = [0, 7]\n',
    '[[treatments]]\nkind = "sunscreen"\nstart_day = 2\nsessions = 5\n',
    weeks=3,
)
"""Windows that open with an injury and close within a day; a dose under needles."""


def roadrunner(text, days):
    peer = pytest.importorskip("roadrunner")
    peer.Logger.setLevel(peer.Logger.LOG_ERROR)
    model = peer.RoadRunner(text)
    model.integrator.relative_tolerance = RTOL
    model.integrator.absolute_tolerance = ATOL
    model.integrator.maximum_num_steps = MAX_STEPS
    model.timeCourseSelections = list(LAYOUT.entries)
    return np.array(model.simulate(times=days))


def copasi(text, days):
    before = locale.setlocale(locale.LC_ALL)
    basico = pytest.importorskip("basico")
    locale.setlocale(locale.LC_ALL, before)  # COPASI sets its own for the whole process
    model = basico.load_model_from_string(text)
    options = {"r_tol": RTOL, "a_tol": ATOL, "max_steps": MAX_STEPS, "use_sbml_id": True}
    course = basico.run_time_course(model=model, method="lsoda", values=days, duration=days[-1], **options)
    basico.remove_datamodel(model)
    # What stays at zero is a constant to COPASI, and left out.
    return course.reindex(columns=list(LAYOUT.entries), fill_value=0.0).to_numpy()


PEERS = {"libRoadRunner": roadrunner, "COPASI": copasi}


def difference(arm, peer):
    """Largest relative difference at daily samples, and of which entry on which day.

    On day 0 peers have done already what the oracle has yet to do.
    """
    pytest.importorskip("libsbml")
    from exosim.readings.sbml import document

    expected = radau(arm, article())
    found = PEERS[peer](document(arm, article()), [float(day) for day in range(len(expected))])
    first = 1 if at(arm.timeline, 0.0) else 0
    relative = np.abs(found - expected) / (np.abs(expected) + 1e-3 * LAYOUT.scales)
    day, row = np.unravel_index(relative[first:].argmax(), relative[first:].shape)
    return relative[first:].max(), f"{LAYOUT.entries[row]} on day {day + first}"


@pytest.mark.parametrize("peer", PEERS)
def test_peers_agree_where_windows_and_injuries_meet(peer):
    most, where = difference(OCCLUDED, peer)
    assert most < AGREE, where


@pytest.mark.slow
@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("name", shipped())
def test_peers_agree_on_every_shipped_scenario(name, peer):
    most, where = difference(load(name), peer)
    print(f"{name} {peer} {most:.1e} {where}")
    assert most < AGREE, where


def test_the_oracle_has_converged():
    loose, tight = (radau(OCCLUDED, article(), rtol) for rtol in (1e-8, 1e-10))
    assert (np.abs(loose - tight) / (np.abs(tight) + 1e-3 * LAYOUT.scales)).max() < 1e-7
