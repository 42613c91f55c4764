"""Whatever is in a file, it is taken or refused in words, within a second and 300 MB.

A tenth by default; all of it with EXOSIM_DRILLS=full. Each prints what it tried and what came of it.
"""

import os
import random
import resource
import shutil
import sys
import time

import pytest

import exosim as ex
from exosim.api import Result
from exosim.problems import STEERING, BadInput
from exosim.results.folder import write_run
from exosim.results.saved import ENSEMBLE, NEEDED, seal
from exosim.scenario.file import load, shipped
from exosim.studies import optimise
from exosim.studies.cohort import Cohort
from exosim.studies.conduct import conduct
from exosim.studies.kinds import study_in
from exosim.studies.optimise import Optimise
from exosim.studies.population import read_population
from exosim.studies.store import existing
from tests.faults.mutations import mutated

pytestmark = pytest.mark.slow
SHARE = 1 if os.environ.get("EXOSIM_DRILLS") == "full" else 10
SECONDS, MEGABYTES = 1.0, 300
PLAIN = 'schema = 2\nname = "drill"\nweeks = 4\n[skin]\nscar = "boxcar"\nphototype = 3\n'
WRITTEN = [
    PLAIN + '[sessions]\nevery_days = 7\nnumber = 3\n[[treatments]]\nkind = "microneedling"\nlabel = "needles"\n'
    '[[treatments]]\nkind = "exosome_gel"\nlabel = "gel"\nafter_days = [0, 1, 2]\nparticles_per_ml = 2e11\n'
    '[assume]\nil10_signal = { value = 1.2, why = "a drill" }\n',
    PLAIN + '[[treatments]]\nkind = "sunscreen"\n[[treatments]]\nkind = "retinoid"\nstart_day = 3\nevery_days = 2\n',
    'schema = 1\nname = "old"\nweeks = 12\n[[treatments]]\nkind = "fractional_co2_laser"\ndays = [0, 21, 42]\n'
    '[[treatments]]\nkind = "exosome_serum"\nstart_day = 1\nevery_days = 1\nsessions = 20\n',
]
STUDY = """scenario = "fractional_co2"
set = ["skin.severity=severe"]
population = 8
generations = 3
[vary]
"skin.phototype" = [1, 6]
"sessions.number" = [1, 3]
[aims]
improvement_percent = "max"
downtime_days = "min"
[limits]
procedures = { at_most = 3 }
"""
POPULATION = """pigment_spread = 0.3
score_error = 5.0
[phototype]
3 = 0.3
4 = 0.7
[scar]
mixed = 0.5
boxcar = 0.5
[severity]
moderate = 0.5
severe = 0.5
"""


class Drill:
    """What is tried, and what came of it."""

    def __init__(self, name):
        self.name, self.refused, self.accepted, self.slowest, self.fallen = name, 0, 0, 0.0, []
        self.before = peak()

    def attempt(self, read, seed):
        """Read once; only success and words will do."""
        begin = time.process_time()
        try:
            read()
            self.accepted += 1
        except BadInput as error:
            self.refused += 1
            if STEERING.search(str(error)) or len(str(error)) > 200_000:
                self.fallen.append((seed, "words that no terminal may be given"))
        except Exception as error:
            self.fallen.append((seed, f"{type(error).__name__}: {error}"[:200]))
        took = time.process_time() - begin
        self.slowest = max(self.slowest, took)
        if took > SECONDS:
            self.fallen.append((seed, f"took {took:.1f} s"))

    def told(self):
        """Print the outcome and judge it."""
        grown = peak() - self.before
        tried = self.refused + self.accepted
        print(
            f"\n{self.name}: {tried} tried, {self.refused} refused in words, {self.accepted} taken, "
            f"{len(self.fallen)} fell; slowest {self.slowest:.2f} s, {grown:.0f} MB more in all"
        )
        assert not self.fallen, self.fallen[:10]
        assert grown < MEGABYTES


def peak():
    """Return the most memory that this process ever had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def read_files(drill, texts, number, read, file):
    for whole in texts:
        file.write_bytes(whole)
        read(file)
    for seed in range(number // SHARE):
        rng = random.Random(seed)
        file.write_bytes(mutated(rng, rng.choice(texts)))
        drill.attempt(lambda: read(file), seed)
    drill.told()


def test_scenarios(tmp_path, caplog):
    caplog.set_level("ERROR")  # files of schema 1 are noted
    texts = [path.read_bytes() for path in shipped().values()] + [text.encode() for text in WRITTEN]

    def read(file):
        scenario = load(file)
        return scenario.timeline, scenario.digest, scenario.to_toml()

    read_files(Drill("scenarios"), texts, 20_000, read, tmp_path / "a.toml")


def test_studies(tmp_path):
    read_files(Drill("studies"), [STUDY.encode()], 1500, optimise.read, tmp_path / "a.toml")


def test_populations(tmp_path):
    read_files(Drill("populations"), [POPULATION.encode()], 1500, read_population, tmp_path / "a.toml")


def damaged(rng, whole, folder, names):
    """Copy a folder with one or two of its files damaged, emptied or lost."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole, folder, copy_function=os.link)
    for name in rng.sample(names, rng.choice((1, 1, 2))):
        data = (whole / name).read_bytes()
        (folder / name).unlink()
        match rng.randrange(8):
            case 0:
                (folder / name).write_bytes(b"")
            case 1 if rng.random() < 0.3:
                (folder / name).mkdir()
            case 1 if rng.random() < 0.5:
                (folder / name).symlink_to("/dev/zero")
            case 1:
                pass
            case _:
                (folder / name).write_bytes(mutated(rng, data))
    return folder


def test_run_folders(tmp_path):
    whole, folder = tmp_path / "whole", tmp_path / "run"
    write_run(ex.run("fractional_co2", resolution="column", changes=["weeks=9"], ensemble=True), whole)
    names = [*NEEDED, ENSEMBLE]
    drill = Drill("run folders")
    drill.attempt(lambda: Result.load(whole), "whole")
    for seed in range(1500 // SHARE):
        rng = random.Random(seed)
        forged = rng.random() < 0.5  # sums that fit: what is inside must be looked at
        damaged(rng, whole, folder, [name for name in names if not forged or name != "result.nc"])
        if forged and all((folder / name).is_file() and not (folder / name).is_symlink() for name in NEEDED):
            (folder / "SHA256SUMS").unlink()
            seal(folder)
        drill.attempt(lambda: Result.load(folder), seed)
    drill.told()


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    short = load("fractional_co2", ["weeks=2", "sessions=1"])
    folder = tmp_path_factory.mktemp("stores")
    conduct(Cohort((short,), 6, block=2, resolution="column"), folder / "cohort")
    aims = {"improvement_percent": "max", "downtime_days": "min"}
    conduct(Optimise(short, {"redness_tnf": [1, 2]}, aims, {}, 4, 2), folder / "optimise")
    return folder


@pytest.mark.parametrize("kind", ["cohort", "optimise"])
def test_stores(kind, stores, tmp_path):
    whole = stores / kind
    names = ["design.json", "log.jsonl", *(f"blocks/{path.name}" for path in (whole / "blocks").iterdir())]
    drill = Drill(f"stores, {kind}")

    def read(folder):
        store = existing(folder)
        return study_in(store).summary(store)

    drill.attempt(lambda: read(whole), "whole")
    for seed in range(1000 // SHARE):
        folder = damaged(random.Random(seed), whole, tmp_path / "store", names)
        drill.attempt(lambda folder=folder: read(folder), seed)
    drill.told()
