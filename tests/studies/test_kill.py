"""A study that is killed at any moment goes on to the table that it would have given."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import cache

import pytest

from exosim.studies.kinds import study_in
from exosim.studies.store import existing
from tests.processes import descendants

COMMAND = [
    sys.executable,
    "-c",
    "from exosim.studies import cohort; cohort.BLOCK = 32; from exosim.cli import main; main()",
]
STUDIES = {
    "cohort": ["cohort", "fractional_co2", "microneedling", "-n", "1600"],
    "fit": ["fit", "article", "--starts", "2", "--members", "200"],
}
TRIED = [*(("cohort", seed) for seed in range(5)), ("fit", 0), ("fit", 1)]


def start(kind, out, workers, resume=False):
    options = [*STUDIES[kind], "--quiet", "--json", "--workers", str(workers), "--out", str(out)]
    options += ["--resume"] if resume else []
    return subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What each kind prints when nothing disturbs it."""

    @cache
    def printed_by(kind):
        printed, said = start(kind, tmp_path_factory.mktemp("whole") / "s", 1).communicate(timeout=300)
        return json.loads(printed), said

    return printed_by


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "seed"), TRIED)
def test_the_main_process_is_killed(whole, tmp_path, kind, seed):
    """kill -9 of everything at two random moments, then --resume."""
    out, moment, before = tmp_path / "s", random.Random(seed), {}
    for attempt in range(2):
        process = start(kind, out, 1, resume=attempt > 0)
        time.sleep(moment.uniform(1.0, 5.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if (out / "design.json").is_file():
            done = existing(out).done(verify=True)
            assert before.items() <= done.items()
            before = done
    kept = {unit: (out / f"blocks/{unit}.npz").stat().st_mtime_ns for unit in before}
    printed, said = start(kind, out, 1, resume=True).communicate(timeout=300)
    assert json.loads(printed) == whole(kind)[0], said
    assert all((out / f"blocks/{unit}.npz").stat().st_mtime_ns == when for unit, when in kept.items())


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "seed"), TRIED)
def test_a_worker_is_killed(whole, tmp_path, kind, seed):
    """kill -9 of one process of the cluster; the study ends by itself, or goes on with --resume."""
    out, moment = tmp_path / "s", random.Random(100 + seed)
    process = start(kind, out, 2)
    time.sleep(moment.uniform(4.0, 8.0))
    if below := descendants(process.pid):
        os.kill(moment.choice(below), signal.SIGKILL)
    try:
        process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    printed, said = start(kind, out, 1, resume=True).communicate(timeout=300)
    assert json.loads(printed) == whole(kind)[0], said
    store = existing(out)
    assert study_in(store).summary(store) == whole(kind)[0]
