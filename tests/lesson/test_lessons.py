"""Lessons as data, in both languages; a teacher's own; the sheets and the site that are made of them."""

import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from exosim.cli import app
from exosim.lesson import data, people, sheets
from exosim.lesson.page import page
from exosim.lesson.sides import courses
from exosim.lesson.site import front, site
from exosim.lesson.steps import own_lessons, shipped_lessons
from exosim.lesson.words import LANGUAGES
from exosim.problems import BadInput
from exosim.scenario.file import shipped
from exosim.studies.trial import trial

OWN = """
[[lessons]]
id = "mine"
title = "My lesson"
minutes = 10
about = "One step."

[[lessons.steps]]
title = "One"
text = "Both sides."
state = "preset=fractional_co2"
show = ["improvement"]
controls = ["energy"]
explain = "Why?"
answer = "Because."

[lessons.steps.predict]
question = "What happens?"
options = [{ text = "This", feedback = "Yes.", right = true }, { text = "That", feedback = "No." }]
"""


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_translated_lesson_has_the_same_steps(language):
    names = ("id", "state", "against", "show", "controls", "test", "line", "right", "minutes")

    def kept(x):
        if isinstance(x, dict):
            return {key: kept(v) if isinstance(v, dict | list) and key not in names else v
                    for key, v in x.items() if key in names or isinstance(v, dict | list)}  # fmt: skip
        return [kept(v) for v in x if isinstance(v, dict | list)] if isinstance(x, list) else None

    assert kept(shipped_lessons("en")) == kept(shipped_lessons(language))


def test_no_question_tells_its_answer():
    for lesson in shipped_lessons("en"):
        for step in lesson["steps"]:
            said = {word for x in step["predict"]["options"] if x["right"] for word in re.findall(r"\d+", x["text"])}
            assert not said & set(re.findall(r"\d+", step["predict"]["question"])), step["title"]


def test_a_teachers_lessons_are_read(tmp_path):
    (tmp_path / "own.toml").write_text(OWN)
    [lesson] = own_lessons(tmp_path / "own.toml")
    assert lesson["steps"][0]["sides"] == []
    sheet = sheets.handout([lesson])
    assert "What happens?" in sheet
    assert "What I observed" in sheet
    assert "Because." not in sheet
    assert "Because." in sheets.key([lesson])


def test_a_sheet_gives_the_left_line_and_its_key_the_models(tmp_path):
    drawn = {**shipped_lessons("en")[0], "steps": [shipped_lessons("en")[0]["steps"][2]]}
    sheet, answers = sheets.handout([drawn]), sheets.key([drawn])
    assert "The left side is given" in sheet
    assert 'class="control" d="M' in sheet.split("What I observed")[0]
    assert 'class="run"' not in sheet
    assert "left 19.9, right 32.5 %" in answers
    assert 'class="run" d="M' in answers


@pytest.mark.parametrize(
    ("state", "against"),
    [
        ("preset=fractional_co2&energy=40&sessions=2&spacing=21&weeks=10", ""),
        ("preset=microneedling_exosome&depth=1&dose=2&scar=icepick&set=trials", ""),
        ("preset=fractional_co2_exosome&off=activation_signal&spf=30&phototype=2", "preset=untreated"),
    ],
)
def test_a_line_that_is_given_is_that_of_the_address(state, against):
    left, right = courses(state, against, "melanin")
    asked = dict(x.split("=") for x in state.split("&"))
    assert right.days[-1] == 7 * float(asked.get("weeks", 12))
    assert (left is None) == (asked["preset"] == "fractional_co2")
    if against:
        assert abs(left.values).max() < 1
    other = courses(f"preset={asked['preset']}", "", "melanin")[1]
    assert abs(right.values[-1] - other.values[-1]) > 0.01


def test_the_site_names_no_claim_that_the_page_does_not_list():
    named = {x for name in data.presets() for x in re.findall(r"\b[ACJ]\d+\b", data.explain_scenario(name))}
    assert named <= {*data.SHOWN_CLAIMS}


def test_the_key_of_a_site_is_not_beside_the_handout():
    before, _, after = front().partition("For teachers")
    assert "key.html" not in before
    assert "handout.html" in before
    assert "key.html" in after


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        ('"improvement"', '"improvment"', 'did you mean "improvement"?', 12),
        ("fractional_co2", "fractional_c02", 'did you mean "fractional_co2"?', 11),
        ("preset=fractional_co2", "energy=3", "it names no scenario", 11),
        ('controls = ["energy"]', 'controls = ["energie"]', 'did you mean "energy"?', 13),
        ('controls = ["energy"]\n', "", "a step needs something to try", 8),
        ('explain = "Why?"', 'explane = "Why?"', "explain", 8),
        (", right = true", "", "no option is right", 17),
        ("minutes = 10", 'minutes = "10"', "must be a whole number", 5),
        ("show =", 'sides = ["{enrgy} mJ"]\nshow =', 'did you mean "energy"?', 8),
    ],
)
def test_a_fault_in_a_lesson_is_told_with_its_line(tmp_path, old, new, says, line):
    assert old in OWN
    (tmp_path / "own.toml").write_text(OWN.replace(old, new, 1))
    with pytest.raises(BadInput) as refused:
        own_lessons(tmp_path / "own.toml")
    assert says in str(refused.value)
    assert f"own.toml:{line}:" in str(refused.value)


def test_a_sheet_refuses_what_would_have_no_effect(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for wrong in (["--handout", "--key"], ["--handout", "--seed", "3"], ["--key", "--no-film"], ["--language", "de"],
                  ["--key", "--language", "xx"]):  # fmt: skip
        assert CliRunner().invoke(app, ["lesson", *wrong]).exit_code == 2
    assert not list(tmp_path.iterdir())
    assert CliRunner().invoke(app, ["lesson", "--key", "--language", "de"]).exit_code == 0
    assert "Lösungen" in (tmp_path / "key.html").read_text("utf-8")


def test_a_seed_without_films_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for verb in ("lesson", "site"):
        done = CliRunner().invoke(app, [verb, "--no-film", "--seed", "3"])
        assert (done.exit_code, list(tmp_path.iterdir())) == (2, [])


def test_the_site_is_whole_and_asks_for_nothing(tmp_path):
    made = site(page({}))
    assert {"index.html", "lesson.html", "handout.html", "key.html", "handout.de.html", "key.de.html"} < made.keys()
    for name in shipped():
        assert f"scenarios/{name}.toml" in made
        assert f"lesson.html#preset={name}" in made["index.html"]
    for target in re.findall(r'href="([^"#]+)', made["index.html"]):
        assert target in made
    assert not re.search(r"(src|href)=.?https?:", "".join(made.values()).replace("<iframe", ""))


NUMBER = re.compile(r"-?\d+\.?\d*(?:e[+-]?\d+)?")
ROOT = Path(__file__).parents[2]


def test_the_site_in_the_documentation_is_fresh():
    """Numbers may differ in their last digits, as they do between machines."""
    folder, made = ROOT / "docs" / "site", site(page({}))
    kept = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.*")}
    assert kept.keys() == made.keys()
    for path, text in made.items():
        new, old = (re.sub("sha256-[^']+", "", x) for x in (text, kept[path]))
        assert NUMBER.split(new) == NUMBER.split(old), f"docs/site/{path} is stale; run: python docs/make_site.py"
        numbers = [np.array(NUMBER.findall(x), float) for x in (new, old)]
        np.testing.assert_allclose(*numbers, rtol=1e-4, atol=1e-6, err_msg=path)


def test_trials_of_the_page_draw_on_the_cohort():
    for name, found in people.cohort().items():
        gain = np.array(found["run"]) - np.array(found["control"])
        assert len(gain) == people.PEOPLE
        power = trial(gain + found["error"] * np.random.default_rng(1).normal(size=(2, gain.size)).sum(0), 12, 0)[
            "power"
        ]
        assert power > 0.9, name  # of split faces, as the fourth lesson says
