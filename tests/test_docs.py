"""Documentation that runs and links that lead somewhere."""

import doctest
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import exosim

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "experiments").rglob("*.md")),
]
MODULES = [m.name for m in pkgutil.walk_packages(exosim.__path__, "exosim.") if not m.name.endswith("__main__")]


def test_the_readme_code_runs(tmp_path):
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    assert len([line for line in code.splitlines() if line]) <= 12
    code = code.replace('"scenarios/', f'"{ROOT}/scenarios/')
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "taken up by cells" in done.stdout
    assert (tmp_path / "laser_and_exosomes.png").stat().st_size > 10_000


def test_the_code_of_many_subjects_runs():
    page = (ROOT / "docs" / "how-to" / "run_many_subjects.md").read_text()
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert re.fullmatch(r"\[\d+\.\d \d+\.\d \d+\.\d\]", done.stdout.strip()), done.stderr


def test_the_code_of_scenarios_in_python_runs():
    page = (ROOT / "docs" / "how-to" / "write_a_scenario.md").read_text()
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert re.fullmatch(r"(\d+\.\d %\n){4}", done.stdout), done.stderr


def test_the_code_of_studies_in_python_runs(tmp_path):
    page = (ROOT / "docs" / "how-to" / "run_a_study.md").read_text()
    code = re.search(r"## From Python.*?```python\n(.*?)```", page, re.DOTALL)[1]
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    said = [line.rpartition("  # ")[2].strip() for line in code.splitlines() if line.startswith("print(")]
    assert all(line in done.stdout for line in said if line[0] in "(<d"), done.stdout + done.stderr
    assert (tmp_path / "delay.png").stat().st_size > 10_000
    assert {path.name for path in tmp_path.iterdir()} == {"studies", "delay.png", "redness.png"}


@pytest.mark.parametrize(("page", "printed"), [("outcomes_of_your_own", "True\n[1.0, "), ("add_a_treatment", "True\n")])
def test_the_code_of_ones_own_runs(page, printed, tmp_path):
    text = (ROOT / "docs" / "how-to" / f"{page}.md").read_text()
    (tmp_path / "page.py").write_text(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1])
    done = subprocess.run(
        [sys.executable, "-W", "error", "page.py"], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert printed in done.stdout, done.stdout + done.stderr


def test_the_code_of_own_numbers_runs(tmp_path):
    page = (ROOT / "docs" / "how-to" / "use_your_own_numbers.md").read_text()
    blocks = re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL)
    for kind, content in blocks:
        name = "redness.csv" if kind == "csv" else content.splitlines()[0].removeprefix("# ")
        if kind in ("csv", "toml"):
            (tmp_path / name).write_text(content)
    assert exosim.parameter_set(tmp_path / "mine.toml").values()["tnf_clearance"] == 8
    code = "\n".join(content for kind, content in blocks if kind == "python")
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "article with tnf_clearance=8 gives" in done.stdout
    assert exosim.parameter_set(tmp_path / "fits/redness/redness.toml").draws
    assert (tmp_path / "redness.png").stat().st_size > 10_000


def blocks_with_output(page):
    text = (ROOT / "docs" / "tutorials" / page).read_text()
    return re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("number", range(7))
def test_each_of_seven_questions_is_answered_as_printed_in_ten_lines(number, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, printed = blocks_with_output("seven_questions.md")[number]
    assert len([line for line in code.splitlines() if line]) <= 10
    exec(code, {})  # each stands alone
    assert capsys.readouterr().out == printed


@pytest.mark.slow
def test_the_researchers_tutorial_prints_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "tutorials" / "researchers_tutorial.md").read_text()
    exec("\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)), {})
    said = "".join(printed for _, printed in blocks_with_output("researchers_tutorial.md")).split()
    for word, expected in zip(capsys.readouterr().out.split(), said, strict=True):
        if re.match(r"-?\d", expected):  # draws differ a little between machines
            assert float(word) == pytest.approx(float(expected), rel=0.2, abs=0.5)
        else:
            assert word == expected
    drawn = {path.name for path in tmp_path.glob("*.png")}
    assert drawn == {"fit.png", "front.png", "dose.png"}
    assert exosim.parameter_set(tmp_path / "fits/laser/own.toml").draws


def test_the_student_script_runs():
    done = subprocess.run([sys.executable, ROOT / "scenarios/student.py"], capture_output=True, text=True)
    assert done.stdout.count("million particles/mm2 in the dermis") == 3, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_hold(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0


def test_reference_pages_are_fresh():
    done = subprocess.run([sys.executable, ROOT / "docs/generate.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted((ROOT / "experiments").glob("*/run.py")), ids=lambda p: p.parent.name)
def test_every_experiment_runs(script):
    command = [sys.executable, script, "--quick"]
    if script.parent.name == "benchmarks":  # its other parts need an extra, an idle machine and minutes
        command += ["--only", "agents", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


HOW_TOS = {  # page -> for each block of code: the file that it is written into, and what stands before it there
    "add_an_outcome": [
        ("exosim/simulation/history.py", "OBSERVABLES = (\n"),
        ("exosim/simulation/history.py", "OBSERVED_STATES = (\n"),
        ("exosim/results/outcomes.py", "OUTCOMES = (\n"),
    ],
    "add_a_claim": [
        ("exosim/evidence/claims.toml", ""),
        ("exosim/evidence/arms.toml", ""),
        ("exosim/evidence/published.toml", ""),
    ],
    "add_a_scar_type": [("exosim/skin/scars.py", "SCARS = {\n")],
    "add_a_verb": [("exosim/cli/verbs/visits.py", ""), ("exosim/cli/verbs/__init__.py", "")],
}
PRINTED = {
    "add_an_outcome": '"macrophage_m1_peak": ',
    "add_a_claim": '"id": "C22"',
    "add_a_scar_type": '"improvement_percent": ',
    "add_a_verb": "3 visits\n",
}


@pytest.mark.parametrize("page", HOW_TOS)
def test_a_how_to_works_as_written(page, tmp_path):
    text = (ROOT / "docs" / "how-to" / f"{page}.md").read_text()
    blocks = re.findall(r"```(?:python|toml)\n(.*?)```", text, re.DOTALL)
    for folder in ("exosim", "scenarios"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for block, (file, before) in zip(blocks, HOW_TOS[page], strict=True):
        path = tmp_path / file
        old = path.read_text() if path.exists() else ""
        assert before in old
        entry = f"{block.rstrip()},\n" if before.endswith(("(\n", "{\n")) else block
        path.write_text(old.replace(before, before + entry, 1) if before else old + "\n" + block)
    printed = ""
    for line in re.search(r"```sh\n(.*?)```", text, re.DOTALL)[1].splitlines():
        command = [sys.executable, "-m", *line.split()]
        done = subprocess.run(
            command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        printed += done.stdout
    assert PRINTED[page] in printed
