"""The SBML file: valid, with units, the same every time, and nothing of the model left out."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from exosim.biology import system
from exosim.cli import shell
from exosim.results.result import NOTICE
from exosim.scenario.file import load, parse, shipped
from tests.helpers import GEL, LASER, NEEDLE, article, scenario

libsbml = pytest.importorskip("libsbml")
from exosim.readings import sbml  # noqa: E402


def read(arm, **options):
    return libsbml.readSBMLFromString(sbml.document(arm, article(), **options))


def problems(document):
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, True)
    document.checkConsistency()
    return [document.getError(i).getMessage() for i in range(document.getNumErrors())]


def formula(of):
    return libsbml.formulaToL3String(of.getMath())


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_is_valid_with_consistent_units(name):
    assert problems(read(load(name))) == []


def test_a_wrong_unit_is_found():
    """The check above does check."""
    document = read(load("untreated"))
    document.getModel().getParameter("tnf_clearance").setUnits("mm")
    assert problems(document)


def test_everything_has_a_unit_and_every_state_a_rate_or_an_event():
    model = read(load("fractional_co2_exosome")).getModel()
    found = {p.getId(): p for p in model.getListOfParameters()}
    assert set(found) >= {*system.PARAMETERS, *system.state_entries(system.STATES), "melanocyte_rest"}
    assert all(p.isSetUnits() for p in found.values())
    for name, q in system.PARAMETERS.items():
        assert found[name].getConstant()
        assert q.meaning in found[name].getNotesString().replace("&apos;", "'").replace("&lt;", "<")
    rules = {rule.getVariable() for rule in model.getListOfRules()}
    assert rules >= set(system.state_entries(system.STATES)) - {"exosome_applied", "exosome_ablated", "melanin_ablated"}


def test_a_moment_is_one_event_that_also_happens_at_day_0():
    model = read(scenario(NEEDLE + "days = [0, 14]\n", GEL + "days = [0, 14]\n")).getModel()
    events = list(model.getListOfEvents())
    assert [formula(e.getTrigger()) for e in events] == ["time >= 0 d", "time >= 14 d"]
    assert not any(e.getTrigger().getInitialValue() for e in events)
    assert all(e.getUseValuesFromTriggerTime() and e.getTrigger().getPersistent() for e in events)
    gel = formula(events[0].getEventAssignment("gel"))
    assert "exosome_gel_dose" in gel  # partly carried in by the needles before it
    assert "jump" in gel
    assert model.getParameter("microneedling_reach").getUnits() == "mm"


def test_sessions_share_their_numbers_and_different_ones_are_told_apart():
    model = read(scenario(LASER + "days = [0, 14]\n", LASER + "energy_mj = 30\ndays = [28]\n")).getModel()
    names = {p.getId() for p in model.getListOfParameters()}
    assert {"fractional_co2_laser_reach", "fractional_co2_laser_reach_2"} <= names
    assert not {"fractional_co2_laser_reach_3", "fractional_co2_laser_density_2"} & names


def test_a_window_sets_a_factor_and_leaves_the_parameter():
    model = read(scenario('[[treatments]]\nkind = "occlusion"\nhours = 12\ndays = [1]\n')).getModel()
    assert model.getParameter("film_loss").getConstant()
    set_to = {
        formula(e.getTrigger()): formula(e.getEventAssignment("film_loss_factor")) for e in model.getListOfEvents()
    }
    assert set_to == {"time >= 1 d": "0.3 dimensionless", "time >= 1.5 d": "1 dimensionless"}


def test_the_notes_say_what_it_is_and_hold_any_text():
    arm = parse('name = "a <b> & c"\nnote = "1 < 2 & so on"\n')
    model = read(arm, parameters="article").getModel()
    notes = " ".join(ET.fromstring(model.getNotesString()).itertext())
    for text in (NOTICE, "expected behaviour", "a <b> &", "1 < 2 & so on", "exosim ", "set article", "84 days"):
        assert text in notes
    assert problems(read(arm)) == []


def test_the_same_scenario_gives_the_same_bytes():
    code = "from exosim.cli import main; main()"
    command = [sys.executable, "-c", code, "export", "fractional_co2_prp", "--out", "/dev/stdout"]
    runs = [
        subprocess.run([*command, "--force"], capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    ]
    assert runs[0].stdout.startswith("<?xml")
    assert runs[0].stdout == runs[1].stdout


def exosim(folder, *arguments, before="pass", code=0):
    script = f"import sys; {before}; from exosim.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script, *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_the_command_writes_a_file_once(tmp_path):
    exosim(tmp_path, "export", "untreated", "--to", "sbml")
    [file] = tmp_path.iterdir()
    assert file.name == "untreated.xml"
    file.write_text("mine")
    assert "--force" in exosim(tmp_path, "export", "untreated", code=shell.BAD_INPUT).stderr
    assert file.read_text() == "mine"
    exosim(tmp_path, "export", "untreated", "--parameters", "trials", "--force")
    assert "set trials" in file.read_text()


def test_without_the_extra_it_says_how_to_install_it(tmp_path):
    missing = "sys.modules['libsbml'] = None"
    done = exosim(tmp_path, "export", "untreated", before=missing, code=shell.MISSING_EXTRA)
    assert 'pip install ".[sbml]"' in done.stderr
    assert not list(tmp_path.iterdir())
