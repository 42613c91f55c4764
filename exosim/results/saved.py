"""Run folders that were saved: sealed when they are whole, checked before anything of them is believed."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, Field, create_model

from exosim.files.names import digest
from exosim.files.reading import as_text, is_folder, json_object, read_bytes
from exosim.files.writing import write
from exosim.problems import BadInput, Checked, Problem, every
from exosim.results.dataset import Recorded
from exosim.results.intervals import NUMBERS
from exosim.results.outcomes import OUTCOMES
from exosim.results.own import Own, kept
from exosim.scenario.file import parse
from exosim.simulation.history import COURSES
from exosim.simulation.setup import Setup

SEAL = "SHA256SUMS"  # as `sha256sum --check` reads it
NEEDED = ("scenario.toml", "manifest.json", "outcomes.json", "result.nc")
ENSEMBLE = "ensemble.csv"
MOST = 100_000_000  # bytes of one file of a run, and twice as many of its arrays
_FLAGS = {outcome.name for outcome in OUTCOMES if outcome.kind is bool}
REMNANT = re.compile(r"\.\d{8}-\d{6}-")  # folders that a run has before it is whole


class GridData(Checked):
    """The settings of a grid, as a manifest holds them."""

    size: float
    spacing: float
    horizon: float
    rtol: float | None


class OwnData(Checked):
    """An outcome of one's own, as a manifest holds it."""

    name: str
    unit: str
    definition: str
    text: str = ""
    function: str = ""
    code: str = ""
    states: list[str] = Field(default_factory=list)


class Manifest(Checked):
    """What `manifest.json` must hold; what else it holds is of no consequence."""

    model_config = ConfigDict(extra="ignore", title="a manifest")

    created: str
    resolution: str
    parameters: str
    seed: int
    grid: GridData
    seconds: float
    scenario_hash: str
    versions: dict[str, str] = Field(min_length=1)
    parameter_values: dict[str, float]
    notice: str
    own_outcomes: list[OwnData] = Field(default_factory=list)


class Ledger(Checked):
    """The books of exosomes and melanin."""

    exosome: dict[str, float | dict[str, float]]
    melanin: dict[str, float]


class Numbers(Checked):
    """Outcomes; those that the model does not have are one's own, which the manifest names."""

    model_config = ConfigDict(extra="allow", title="outcomes")
    __pydantic_extra__: dict[str, float | None] = Field(init=False)


if TYPE_CHECKING:
    Outcomes = Numbers
else:
    Outcomes = create_model(
        "Outcomes",
        __base__=Numbers,
        **{outcome.name: (outcome.kind | None, ...) for outcome in OUTCOMES},
        safety_flags=(list[str], ...),
    )


class Books(Checked):
    """What `outcomes.json` holds."""

    model_config = ConfigDict(title="the file")

    outcomes: Outcomes
    ledger: Ledger


def seal(folder: Path) -> None:
    """Write the checksums of the data of a run, last of all; without them it is not whole."""
    names = [*NEEDED, *([ENSEMBLE] if (folder / ENSEMBLE).is_file() else [])]
    lines = [f"{digest((folder / name).read_bytes())}  {name}\n" for name in names]
    write(folder / SEAL, "".join(lines).encode())


def arm_folders(folder: Path) -> list[Path]:
    """Return the run folders of the arms of a comparison, in order."""
    numbered = [x for x in folder.glob("*-*") if x.is_dir() and x.name.partition("-")[0].isdecimal()]
    return sorted(numbered, key=lambda path: int(path.name.partition("-")[0]))


def read_run(folder: Path) -> dict[str, Any]:
    """Return the fields of the record in `folder`; raise `BadInput` when it holds none, or not as it was saved."""
    content = _sealed(folder)
    readers = {"scenario.toml": _scenario, "manifest.json": _manifest, "outcomes.json": _books, "result.nc": _recorded}
    readers |= {ENSEMBLE: _ensemble} if ENSEMBLE in content else {}
    scenario, manifest, books, recorded, *ensemble = every(
        lambda name: readers[name](content[name], folder / name), readers
    )
    own = _own(manifest, books, folder)
    variables = ("time", *(f"course_{name}" for name in COURSES))
    if lacking := [name.removeprefix("course_") for name in variables if name not in recorded]:
        message = f"exosim {manifest['versions'].get('exosim')} made this run, without {', '.join(lacking)}"
        raise BadInput([Problem(message, source=str(folder), remedy=_again(folder))])
    return {
        "setup": Setup.from_dict(scenario, manifest),
        **books,
        "recorded": recorded,
        "manifest": manifest,
        "directory": folder,
        "ensemble": ensemble[0] if ensemble else None,
        "own": own,
    }


def _own(manifest: Mapping[str, Any], books: Mapping[str, Any], folder: Path) -> tuple[Own, ...]:
    """Return the outcomes of one's own in a run; raise `BadInput` where its files do not agree on them."""
    own = tuple(map(kept, manifest.get("own_outcomes", ())))
    known = {outcome.name for outcome in (*OUTCOMES, *own)} | {"safety_flags"}
    if differing := sorted(known ^ books["outcomes"].keys()):
        message = f"damaged: manifest.json and outcomes.json differ in {', '.join(differing)}"
        raise BadInput([Problem(message, source=str(folder))])
    return own


def _again(folder: Path) -> str:
    return f"run it again: exosim run {folder / 'scenario.toml'}"


def _sealed(folder: Path) -> dict[str, bytes]:
    """Return the data of a run by the names of its files, each as it was saved."""

    def refused(message: str, remedy: str = "") -> BadInput:
        return BadInput([Problem(message, source=str(folder), remedy=remedy)])

    if not is_folder(folder):
        raise refused("there is no such folder")
    if any(REMNANT.match(path.name) for path in (folder.absolute(), folder.absolute().parent)):
        raise refused("this is what is left of a run that ended while it was saved", "it can be removed")
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        arms = ", ".join(path.name for path in arm_folders(folder))
        remedy = f"this is a comparison; each arm is a run: {arms}" if arms else ""
        raise refused(f"this is not a run folder: {', '.join(missing)} missing", remedy)
    if not (folder / SEAL).is_file():
        message = f"{SEAL} is missing: saving did not come to its end, or an older exosim made this run"
        raise refused(message, _again(folder))
    lines = as_text(read_bytes(folder / SEAL, "list of checksums", 10_000), folder / SEAL, "list").splitlines()
    sums = {name: checksum for checksum, _, name in (line.partition("  ") for line in lines)}
    names = [*NEEDED, *([ENSEMBLE] if ENSEMBLE in sums else [])]
    return dict(zip(names, every(lambda name: _unchanged(folder / name, sums.get(name)), names), strict=True))


def _unchanged(file: Path, checksum: str | None) -> bytes:
    """Return what a file holds; raise `BadInput` where it is not what was saved."""
    content = read_bytes(file, "run", MOST)
    if digest(content) != checksum:
        remedy = "a run is not edited: change a copy of its scenario.toml, and run that"
        raise BadInput([Problem("damaged or changed since the run was saved", source=str(file), remedy=remedy)])
    return content


def _scenario(content: bytes, file: Path) -> Any:
    return parse(as_text(content, file, "scenario"), str(file))


def _manifest(content: bytes, file: Path) -> dict[str, Any]:
    data = json_object(content, file)
    _check(Manifest, data, file)
    return data


def _books(content: bytes, file: Path) -> dict[str, Any]:
    data = json_object(content, file)
    _check(Books, data, file)
    return data


def _check(model: type[Checked], data: Mapping[str, Any], file: Path) -> None:
    try:
        model(**data)
    except BadInput as error:
        raise BadInput([replace(problem, source=str(file)) for problem in error.problems]) from None


def _recorded(content: bytes, file: Path) -> Recorded:
    import h5py
    import xarray as xr

    try:
        with h5py.File(io.BytesIO(content)) as whole:
            whole.visititems(lambda name, item: None)  # opens all: h5netcdf complains twice of what it cannot open
        with xr.open_dataset(io.BytesIO(content), engine="h5netcdf") as stored:
            if stored.nbytes <= 2 * MOST:
                return Recorded.of(stored)
    except Exception:  # whatever HDF5 thinks of it
        raise BadInput([Problem("damaged: this is not the NetCDF of a run", source=str(file))]) from None
    raise BadInput([Problem(f"over {2 * MOST // 1_000_000} MB of arrays", source=str(file))])


def _ensemble(content: bytes, file: Path) -> dict[str, Any]:
    import pandas as pd

    try:
        table = pd.read_csv(io.BytesIO(content), dtype=str)  # not every pandas reads a number to its last bit
        numbers = {name: table[name].to_numpy(float) for name in table if name not in _FLAGS}
    except ValueError:
        numbers = {}
    if lacking := sorted({*NUMBERS} - numbers.keys()):
        raise BadInput([Problem(f"damaged: no numbers of {', '.join(lacking)}", source=str(file))])
    return numbers
