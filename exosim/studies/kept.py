"""What a store keeps, read with care: a file that is damaged is refused in words, or its unit computed again."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from exosim.files.names import digest, identity
from exosim.files.reading import json_object, read_bytes, read_json
from exosim.problems import BadInput, Problem

MOST = {"design": 10_000_000, "log": 50_000_000, "block": 200_000_000}  # bytes
CHECKSUM = "checksum"  # key of a design file: of all its other values
UNIT = re.compile(r"[^/\\\0]{1,200}")  # a name that leads nowhere else


def checksum(content: bytes) -> str:
    """Return what a line of the log says of itself and of its block."""
    return digest(content)[:24]


def design_file(design: Mapping[str, Any]) -> bytes:
    """Return what ``design.json`` holds."""
    plain = json.loads(json.dumps(design))
    return json.dumps({**plain, CHECKSUM: identity(plain)}, indent=2).encode()


def read_design(file: Path) -> dict[str, Any]:
    """Return the design in a file; raise `BadInput` where it is not as it was written."""
    design = read_json(file, "design of a study", MOST["design"])
    kept = design.pop(CHECKSUM, None)
    if not isinstance(design.get("study"), str) or (kept is not None and kept != identity(design)):
        raise BadInput([Problem("damaged: this is not the design that the study was begun with", source=str(file))])
    return design


def read_log(file: Path) -> Iterator[dict[str, Any]]:
    """Yield every line of a log that is as it was written; what a crash tore off is none."""
    try:
        file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return  # any other refusal of the system does not mean that nothing was kept
    for line in read_bytes(file, "log of a study", MOST["log"]).split(b"\n"):
        text, _, kept = line.rpartition(b"\t")
        if text and kept == checksum(text).encode():
            data = json_object(text, file)
            if UNIT.fullmatch(str(data.get("unit"))):
                yield data


def read_block(file: Path) -> Any:
    """Return the arrays of a block by name, each read when it is used; raise `OSError` where it is none."""
    try:
        arrays = np.load(io.BytesIO(read_bytes(file, "block of a study", MOST["block"])))
        if any(info.compress_type != zipfile.ZIP_STORED for info in arrays.zip.infolist()):
            raise ValueError("packed arrays, which nothing here writes")
    except (BadInput, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise OSError(str(error)) from None
    return arrays


def damage(block: Path, kept: object) -> str:
    """Return what is wrong with a block whose checksum was noted, or nothing."""
    if not block.is_file():
        return "missing"
    try:
        content = read_bytes(block, "block of a study", MOST["block"])
    except BadInput as error:
        return error.problems[0].message
    return "" if checksum(content) == kept else "damaged or changed since it was written"
