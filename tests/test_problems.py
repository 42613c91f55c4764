"""Words: few, short, and nothing in them that steers a terminal."""

import pickle
import time

import pytest
from pydantic import Field
from typer.testing import CliRunner

from exosim.cli import app
from exosim.files.tables import as_csv, cell
from exosim.problems import MOST, STEERING, BadInput, Checked, Problem, brief, printable
from exosim.scenario.file import load, parse
from exosim.scenario.model import Scenario

HOSTILE = "\x1b[31mred\x07\x9b5m\r\u202eabc\u2066\x7f"


class Inner(Checked):
    size: float = Field(1, le=5)


class Outer(Checked):
    name: str = ""
    inner: Inner = Field(default_factory=Inner)


def seconds(read, *arguments):
    begin = time.process_time()
    with pytest.raises(BadInput) as caught:
        read(*arguments)
    return time.process_time() - begin, caught.value


def test_words_are_printable_and_of_one_line_each():
    problem = Problem(HOSTILE + "\nerror: forged", (), HOSTILE, HOSTILE, 3, HOSTILE)
    assert not STEERING.search(str(problem))
    assert len(str(problem).splitlines()) == 3
    assert printable("tab\t, line\n, é, \u05d0") == "tab\t, line\n, é, \u05d0"
    assert brief("x" * 1000, 10) == "xxxxxxx..."


def test_many_problems_are_few():
    took, error = seconds(lambda: Outer(**{f"key_{i}": 1 for i in range(50_000)}))
    assert took < 1
    assert len(error.problems) == MOST + 1
    assert f"{50_000 - MOST} further problems are not shown" in str(error)
    assert len(pickle.loads(pickle.dumps(error)).problems) == MOST + 1


@pytest.mark.parametrize(
    "data",
    [
        {"x" * 100_000: 1},
        {HOSTILE: 1},
        {"name": 10**5000},
        {"name": [[1] * 100_000]},
        {"inner": {"size": 10**400}},
        {"inner": {"x" * 100_000: 1}},
    ],
)
def test_values_and_names_are_cut(data):
    took, error = seconds(lambda: Outer(**data))
    assert took < 0.5
    assert len(str(error)) < 500
    assert not STEERING.search(str(error))


def test_a_record_in_a_record_is_explained_by_its_own_settings():
    _, error = seconds(lambda: Outer(inner={"siz": 1}))
    assert 'inner has no setting "siz"' in str(error)
    assert 'did you mean "size"' in str(error)


LARGE = {
    "treatments without end": '[[treatments]]\nkind = "exosome_serum"\n' * 5000,
    "empty treatments": "[[treatments]]\n" * 16_000,
    "unknown names": "\n".join(f"key_{i} = 1" for i in range(15_000)),
    "unknown parameters": "[assume]\n" + "\n".join(f"tnf_{i} = {{value = 1, why = 'abc'}}" for i in range(5000)),
    "a long kind": f'[[treatments]]\nkind = "{"k" * 100_000}"',
    "a long scar": f'[skin]\nscar = "{"k" * 100_000}"',
    "a far day": '[[treatments]]\nkind = "prp"\nstart_day = 1e308',
    "a large assumption": "[assume]\nil10_signal = {value = 1e308, why = 'abc'}",
    "days in millions": "[sessions]\nnumber = 1000\nevery_days = 0.25\n"
    + ('[[treatments]]\nkind = "exosome_gel"\nafter_days = [' + ", ".join(str(i / 4) for i in range(400)) + "]\n") * 40,
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_a_scenario_of_any_size_is_refused_within_a_second(text):
    took, error = seconds(parse, f"schema = 2\nname = 'x'\n{text}")
    assert took < 1
    assert len(str(error)) < 50_000


def test_python_is_met_with_the_same_words():
    for changes in ({f"k{i}": 1 for i in range(20_000)}, {"il10_signal": 10**5000, "weeks": 10**5000}, ["x" * 9999]):
        took, error = seconds(load, "untreated", changes)
        assert took < 1
        assert len(str(error)) < 50_000
    assert seconds(lambda: Scenario(name="x", treatments=[{"kind": "prp"}] * 20_000))[0] < 1


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\x07"])
def test_names_hold_no_control_characters(letter):
    _, error = seconds(lambda: Scenario(name=f"a{letter}b", note=letter))
    assert [problem.path for problem in error.problems] == [("name",), ("note",)]
    assert f"\\u{ord(letter):04x}" in str(error)
    assert Scenario(name="\u05d0 \u202eb", note="two\nlines").name


def test_no_cell_is_a_formula():
    import pandas as pd

    names = ["=1+1", "+1", "-2", "@x", "\tx", "laser"]
    table = pd.DataFrame({"=arm": names, "value": [-1.5] * 6})
    head, *rows = as_csv(table).decode().splitlines()
    assert head == "'=arm,value"
    assert [row.split(",")[1] for row in rows] == ["-1.5"] * 6
    assert all(row.startswith(("'", "laser")) for row in rows)
    assert cell(-2) == -2


def test_no_text_of_a_person_steers_the_terminal(tmp_path):
    named = tmp_path / "hostile.toml"
    named.write_text('schema = 2\nname = "\\u009b31mred \\u202e \\r"\nweeks = 1\n[[treatments]]\nkind = "prp"\n')
    wrong = tmp_path / "\x1b[31mred\r.toml"
    wrong.write_text('schema = 2\nname = "x"\n"\\u001b[31m" = "\\u009b"\n[skin]\nscar = "\\u001b]0;title\\u0007"\n')
    torn = tmp_path / "torn.toml"
    torn.write_bytes(b'name = "\x1b[31m\n\x9b')
    out = ["--resolution", "column", "--out", str(tmp_path / "\x1b[31mruns")]
    for command in (
        ["validate", str(named)],
        ["validate", str(wrong), str(torn), "\x1b[31m"],
        ["events", str(named)],
        ["events", str(named), "--json"],
        ["run", str(named), *out],
        ["run", str(named), *out, "--json"],
        ["compare", str(named), "untreated", "--set", "weeks=1", *out],
        ["run", str(named), "--set", "\x1b[31m=3"],
        ["run", str(named), "--parameters", "\x1b[31m"],
        ["explain", "\x1b[31m"],
        ["export", str(named), "--out", str(tmp_path / "\x1b[31m.xml")],
        ["cohort", str(named), "-n", "2", *out, "--out", str(tmp_path / "\x1b[31mcohort")],
        ["study", str(tmp_path / "\x1b[31mcohort")],
        ["study", "\x1b[31m"],
    ):
        done = CliRunner().invoke(app, command)
        assert not STEERING.search(done.output), (command, done.output)
        assert done.exit_code in (0, 2), (command, done.output)
        assert "Error" not in done.output.replace("SolverError", ""), (command, done.output)
