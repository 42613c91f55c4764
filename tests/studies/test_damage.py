"""A damaged store is refused in words, all of it at once; what is damaged is computed again."""

import json
import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from exosim.cli import app
from exosim.problems import BadInput
from exosim.scenario.file import load
from exosim.studies.cohort import Cohort
from exosim.studies.conduct import conduct
from exosim.studies.fit.study import Fit
from exosim.studies.kinds import study_in
from exosim.studies.optimise import Optimise
from exosim.studies.store import existing

SHORT = load("fractional_co2", ["weeks=2", "sessions=1"])
STUDY = Cohort((SHORT,), 6, block=2, resolution="column")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores") / "cohort"
    conduct(STUDY, folder)
    return folder


@pytest.fixture
def store(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "store")


def told(folder):
    done = CliRunner().invoke(app, ["study", str(folder)])
    assert done.exit_code == 2, done.output
    return done.stderr


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff\xfe", b'{"study": 3}', b'{"study": "cohort"}', b"[" * 5000]
)
def test_a_design_that_is_none_is_refused(content, store):
    (store / "design.json").write_bytes(content)
    assert "design.json" in told(store)


def test_a_design_that_was_edited_is_refused(store):
    design = json.loads((store / "design.json").read_text())
    (store / "design.json").write_text(json.dumps(design | {"people": 600}))
    assert "not the design that the study was begun with" in told(store)
    with pytest.raises(BadInput, match="begun with"):
        conduct(STUDY, store, resume=True)


def test_blocks_that_do_not_hold_are_named_and_computed_again(whole, store):
    first, second, third = sorted((store / "blocks").iterdir())
    first.unlink()
    second.write_bytes(second.read_bytes()[:-50])
    third.write_bytes(b"")
    (store / "log.jsonl").write_bytes((store / "log.jsonl").read_bytes()[:-3])
    assert told(store).count(".npz: ") == 2  # the line of the third was torn off
    summary = conduct(STUDY, store, resume=True)
    assert summary == study_in(existing(whole)).summary(existing(whole))


def test_nothing_but_a_file_is_a_block(store):
    for block in (store / "blocks").iterdir():
        block.unlink()
        block.symlink_to("/dev/zero")
    assert told(store).count("missing") == 3


@pytest.mark.parametrize(
    "study",
    [
        Optimise(SHORT, {"redness_tnf": [1, 2]}, {"improvement_percent": "max"}, {}, 4, 2),
        Fit("article", starts=1, members=60),
    ],
    ids=["search", "fit"],
)
@pytest.mark.slow
def test_the_folder_of_any_study_is_shown_however_far_it_is(study, tmp_path):
    conduct(study, tmp_path / "s")
    lines = (tmp_path / "s/log.jsonl").read_text().splitlines(keepends=True)
    for kept in (0, 1, len(lines) // 2, len(lines)):
        (tmp_path / "s/log.jsonl").write_text("".join(lines[:kept]))
        for options in ((), ("--json",)):
            done = CliRunner().invoke(app, ["study", str(tmp_path / "s"), *options])
            assert done.exit_code == 0, done.output
    done = CliRunner().invoke(app, ["study", str(tmp_path / "s"), "--people", "5"])
    assert done.exit_code == 2
    assert "--people: there is a trial, whose people could be counted, only of a cohort" in done.output


def test_other_fields_than_those_of_its_kind_are_refused(store):
    design = replace(STUDY, people=8).to_dict() | {"arms": 3}
    (store / "design.json").write_text(json.dumps(design))
    assert "another version" in told(store)
