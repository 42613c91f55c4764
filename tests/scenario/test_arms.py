"""Arms: told apart by name, all problems at once, and what makes them unequal."""

import pytest

import exosim as ex
from exosim.problems import BadInput
from exosim.scenario.arms import load_arms, unique
from exosim.scenario.file import load


def test_arms_of_one_name_take_that_of_their_file_or_a_number(tmp_path):
    text = load("microneedling").to_toml()
    files = [tmp_path / name for name in ("left.toml", "right.toml", "other/left.toml")]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert [arm.name for arm in load_arms(files[:2])] == ["left", "right"]
    assert [arm.name for arm in load_arms([files[0], files[2]])] == ["Microneedling", "Microneedling (2)"]
    scenario = load("microneedling")
    assert [arm.name for arm in load_arms([scenario, scenario, "untreated"])] == [
        "Microneedling", "Microneedling (2)", "Untreated",
    ]  # fmt: skip


def test_labels_differ_to_the_eye_and_stay_names():
    assert len({" ".join(x.split()) for x in unique(["a", "a ", " a", "a (2)"])}) == 4
    assert max(map(len, unique(["x" * 200] * 12))) <= 200


def test_a_comparison_of_one_scenario_keeps_both_arms(tmp_path):
    same = ex.compare(["untreated", "untreated"], resolution="column", changes=["weeks=1"]).save(tmp_path)
    assert [arm.scenario.name for arm in same.arms] == ["Untreated", "Untreated (2)"]
    assert len({arm.directory.name for arm in same.arms}) == 2
    assert "warnings" not in same.to_dict()
    other = ex.compare(["untreated", load("untreated", ["weeks=2"])], resolution="column", changes={"name": "x"})
    assert (
        other.to_dict()["warnings"]
        == other.warnings
        == ["the arms differ in length: outcomes at the end are of different days"]
    )


def test_every_problem_of_every_arm_is_raised(tmp_path):
    with pytest.raises(BadInput) as caught:
        load_arms(["untreatd", "microneedling", tmp_path])
    assert len(caught.value.problems) == 2
