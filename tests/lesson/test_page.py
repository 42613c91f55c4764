"""The file that the verb writes, without a browser."""

import base64
import hashlib
import re
from importlib.resources import files

import pytest
from typer.testing import CliRunner

import exosim as ex
from exosim.cli import app
from exosim.lesson import data, kept
from exosim.lesson.page import SCRIPTS, STYLES, page, part
from exosim.lesson.steps import shipped_lessons
from exosim.lesson.words import words
from exosim.scenario.file import load


@pytest.fixture(scope="module")
def text():
    return page({})


def digest(code):
    return base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()


def test_is_one_small_file_that_asks_for_nothing(text):
    assert len(text.encode()) < 1_000_000
    assert not re.search(r"<(link|img|iframe|object|script|source)[^>]+(src|href)=", text)
    assert "@@" not in text
    assert "{{" not in text


def test_the_policy_allows_its_own_script_and_style_only(text):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)
    script, style = (re.search(rf"<{tag}>(.*?)</{tag}>", text, re.S).group(1) for tag in ("script", "style"))
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest(script)}';" in policy
    assert f"style-src 'sha256-{digest(style)}';" in policy
    assert "unsafe" not in policy


def test_data_never_becomes_markup():
    for name in SCRIPTS:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", part(f"{name}.js")
        )
    assert not re.search(r'style="|\son\w+="', part("page.html"))


def test_it_says_what_it_is_not_and_what_it_needs(text):
    assert "not FDA-approved" in text
    assert "<noscript>" in text


def test_every_string_is_used():
    code = "".join(part(f"{name}.js") for name in SCRIPTS) + part("page.html")
    made = (
        "card_",
        "test_",
        "design_",
        "effect_",
        "set_",
        "sheet_",
        "read_",
        "side_",
    )  # names that are put together, and those of sheets
    unused = [
        key
        for key in words("en")["text"]
        if not re.search(rf'T\.{key}\b|"{key}"|{{{{{key}}}}}', code) and not key.startswith(made)
    ]
    assert set(unused) <= {"weeks"}


def test_figures_that_a_lesson_tells_are_those_of_the_model():
    def improvement(name, factor=1.0):
        scenario = load(name)
        doses = [f"treatments.{i}.particles_per_ml={factor * x.particles_per_ml}"
                 for i, x in enumerate(scenario.treatments) if hasattr(x, "particles_per_ml")]  # fmt: skip
        return ex.run(name, changes=doses, resolution="column").outcomes["improvement_percent"]

    told = shipped_lessons("en")[1]["steps"][0]["answer"]
    intact = [improvement("exosome_gel_intact_skin", factor) for factor in (1, 2, 4)]
    assert "{:.1f}, {:.1f} and {:.1f} %".format(*intact) in told
    assert f"{improvement('fractional_co2_exosome') - improvement('fractional_co2'):.1f} points" in told


def test_every_state_is_explained_with_grades_and_sources():
    for state in data.states():
        assert state["equation"]
        assert all(p["evidence"] and p["source"] for p in state["parameters"])


def test_the_diagram_follows_the_equations():
    signs = {(a, b): sign for a, b, sign in data.diagram()["edges"]}
    assert signs["macrophage_m2", "tnf_alpha"] == -1
    assert signs["tgf_beta", "myofibroblast"] == 1
    assert signs["exosome_signal", "melanocyte"] == 0  # the parameter sets disagree
    assert ("erythema", "tnf_alpha") not in signs
    assert set(data.diagram()["nodes"]) <= set(data.SHOWN_STATES)
    assert set(data.diagram()["nodes"]) == set(words("en")["diagram"])


def test_every_script_is_part_of_the_page():
    assert {f"{name}.js" for name in SCRIPTS} == {
        x.name for x in files("exosim.lesson").joinpath("web").iterdir() if x.name.endswith(".js")
    }


def test_every_style_is_part_of_the_page_and_no_file_is_long():
    web = list(files("exosim.lesson").joinpath("web").iterdir())
    assert {f"{name}.css" for name in STYLES} == {x.name for x in web if x.name.endswith(".css")}
    assert max(len(x.read_text("utf-8").splitlines()) for x in web) <= 250


def test_the_verb_writes_once_and_replaces_when_told(tmp_path, monkeypatch):
    monkeypatch.setattr("exosim.lesson.films.films", lambda *_: {})
    monkeypatch.setenv("EXOSIM_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "lesson.html"
    runner = CliRunner()
    assert runner.invoke(app, ["lesson", "--out", str(out)]).exit_code == 0
    first = out.read_text("utf-8")
    assert runner.invoke(app, ["lesson", "--out", str(out)]).exit_code == 2
    assert runner.invoke(app, ["lesson", "--out", str(out), "--force"]).exit_code == 0
    assert out.read_text("utf-8") == first


def test_a_page_is_made_once_and_anew_when_what_goes_into_it_changes(tmp_path, monkeypatch):
    monkeypatch.setenv("EXOSIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("exosim.lesson.films.films", lambda *_: 1 / 0)  # no film is wanted
    made = []
    monkeypatch.setattr("exosim.lesson.page.page", lambda films, own: made.append(films) or f"page {len(made)}")

    def lesson(*options):
        command = ["lesson", "--no-film", "--force", "--out", str(tmp_path / "lesson.html"), *options]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0
        return (tmp_path / "lesson.html").read_text("utf-8"), "nothing has changed" in done.stderr

    assert [lesson(), lesson(), lesson("--quiet")] == [("page 1", False), ("page 1", True), ("page 1", False)]
    [entry] = (tmp_path / "cache").iterdir()
    entry.write_bytes(entry.read_bytes() + b"<script>")
    assert lesson() == ("page 2", False)
    (tmp_path / "cache").chmod(0o777)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert lesson() == ("page 3", False)
    monkeypatch.setattr("exosim.lesson.kept.version", lambda _: "2")
    assert lesson() == ("page 4", False)
    assert kept.name(0, film=True) != kept.name(1, film=True) != kept.name(0, film=False)


def test_what_is_said_of_a_scenario_is_the_head_of_its_file_alone():
    assert not any("scar =" in data.explain_scenario(name) for name in data.presets())
