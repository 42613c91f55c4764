"""Completion in shells: it installs, and offers verbs, options, scenarios and names."""

import os
import stat
import subprocess
import sys

import pytest

SHELL = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}


def offered(line, cwd=None):
    words = {"COMP_WORDS": f"exosim {line}", "COMP_CWORD": str(len(line.split())), "_EXOSIM_COMPLETE": "complete_bash"}
    command = [sys.executable, "-m", "exosim"]
    done = subprocess.run(command, env=os.environ | words, cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("expl", "explain"),
        ("run --res", "--resolution"),
        ("run fractional_co2_e", "fractional_co2_exosome"),
        ("explain tnf_cl", "tnf_clearance"),
        ("list param", "parameters"),
    ],
)
def test_tab_offers(line, found):
    assert found in offered(line)


def test_tab_offers_scenario_files_and_folders(tmp_path):
    (tmp_path / "mine.toml").touch()
    (tmp_path / "mine.csv").touch()
    (tmp_path / "mines").mkdir()
    assert offered("validate mi", tmp_path) == ["microneedling", "microneedling_exosome", "microneedling_prp",
                                                "mine.toml", "mines/"]  # fmt: skip


def test_it_installs_and_works_in_bash(tmp_path):
    program = tmp_path / "exosim"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m exosim "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    environment = os.environ | SHELL | {"HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "exosim", "--install-completion", "bash"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert "bash completion installed" in done.stdout, done.stderr
    lines = """
        shopt -s expand_aliases; source ~/.bashrc
        COMP_WORDS=(exosim run retin) COMP_CWORD=2
        _exosim_completion exosim; echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(["bash", "-c", lines], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["retinoid"], done.stderr
