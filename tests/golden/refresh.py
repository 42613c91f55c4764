"""Golden numbers: outcomes of every shipped scenario at column resolution, both parameter sets.

Run ``python -m tests.golden.refresh`` after a change that is meant to move results: raise `RESULTS` in
`exosim.simulation.setup`, so that studies do not take old outcomes for new ones, and say so in CHANGELOG.md.
"""

import json
from pathlib import Path

import exosim as ex
from exosim.parameters import names
from exosim.scenario.file import shipped
from exosim.simulation.setup import RESULTS

FILE = Path(__file__).parent / "outcomes.json"


def computed():
    return {
        f"{name} / {parameters}": ex.run(path, resolution="column", parameters=parameters).outcomes
        for name, path in shipped().items()
        for parameters in names()
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps({"results": RESULTS, "cases": computed()}, indent=1) + "\n")
