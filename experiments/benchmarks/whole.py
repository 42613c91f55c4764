"""How long does a user wait? Whole processes, warm, and their ratios to an earlier version in the same run.

Run it in an environment that holds exosim alone, as a user has it: numba imports `coverage` wherever that is installed.
``python experiments/benchmarks/whole.py [REVISION] [--times 5]`` prints a table: median wall time and processor
time of each task, and the median of paired ratios of processor time to the version `REVISION` of this repository.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
TWO = ["fractional_co2", "fractional_co2_exosome", "--quiet"]
RUN = ["run", "fractional_co2", "--resolution", "column", "--quiet"]
HUNDRED = "import exosim as ex\nfor i in range(100): ex.run('fractional_co2', resolution='column')"
TASKS = {
    "run a column, with figures": RUN,
    "run a column, --figures none": [*RUN, "--figures", "none"],
    "compare two columns": ["compare", *TWO, "--resolution", "column"],
    "compare two patches": ["compare", *TWO],
    "import exosim, first ex.run": "import exosim as ex; ex.run('fractional_co2', resolution='column')",
    "exosim --help": ["--help"],
    "exosim validate": ["validate", "fractional_co2"],
    "a hundred ex.run": HUNDRED,
}


def seconds(task: str | list[str], source: Path, folder: str) -> tuple[float, float] | None:
    """Wall and processor time of a task with the package in `source`; None where that version cannot do it."""
    call = ["-c", task] if isinstance(task, str) else ["-m", "exosim", *task]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, *call], cwd=folder, env=os.environ | {"PYTHONPATH": str(source)},
                          capture_output=True)  # fmt: skip
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return None if done.returncode else (wall, cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision", nargs="?", help="of git, to compare with")
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        versions = [ROOT]
        if given.revision:
            old = Path(folder) / "old"
            archive = subprocess.run(["git", "-C", ROOT, "archive", given.revision], stdout=subprocess.PIPE, check=True)
            old.mkdir()
            subprocess.run(["tar", "x", "-C", old], input=archive.stdout, check=True)
            versions.append(old)
        print("| task | wall, s | processor, s | times as fast as before |\n| --- | --- | --- | --- |", flush=True)
        for name, task in TASKS.items():
            rounds = [[seconds(task, version, folder) for version in versions] for _ in range(given.times + 1)][1:]
            now = [found[0] for found in rounds if found[0]]
            ratios = [found[1][1] / found[0][1] for found in rounds if all(found) and len(found) > 1]
            times = [f"{median(values):.2f}" for values in zip(*now, strict=True)] or ["fails", ""]
            print(f"| {name} | {' | '.join(times)} | {f'{median(ratios):.2f}' if ratios else '-'} |", flush=True)


if __name__ == "__main__":
    main()
