"""Whatever a person or a disk hands us: read within bounds of time and memory, and refused in words.

A file is read once, into memory, and never more of it than its kind may hold; a device is not read.
The text of a table is scanned before it is parsed, and its data after: how deep, how many, how large.
"""

from __future__ import annotations

import json
import os
import select
import stat
import tomllib
from pathlib import Path
from typing import Any

from exosim.files.lines import not_toml
from exosim.files.scan import deep_key
from exosim.problems import DEEPEST, BadInput, Problem, brief

WRITTEN = 256_000  # bytes of a file that a person writes
VALUES = 20_000  # in a file that a person writes
PATIENCE = 10.0  # s for which a pipe may be silent
CHUNK = 1 << 16
LARGEST = 2**63  # whole numbers of TOML are below it


def read_toml(path: Path, what: str) -> tuple[dict[str, Any], str]:
    """Return the data of a TOML file and its text; `what` it is, as in "scenario"; raise `BadInput`."""
    text = read_text(path, what)
    return parse_toml(text, str(path)), text


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """Return the data of TOML `text`; raise `BadInput` with the line where it is none."""
    if len(text) > WRITTEN:
        raise _refused(f"the text is over {WRITTEN // 1000} kB", source)
    if deep_key(text):
        raise _refused(f"a name of more than {DEEPEST} parts with dots between", source)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput([not_toml(error, text, source)]) from None
    except RecursionError:
        raise _refused(_TOO_DEEP, source) from None
    except ValueError:  # what Python says of a whole number of over 4300 digits
        raise _refused(_TOO_LARGE, source) from None
    check_size(data, source)
    return data


def parse_value(text: str) -> Any:
    """Return what a text means as a value of TOML; the text itself where it means nothing."""
    try:
        return parse_toml(f"x = {text}", "")["x"]
    except BadInput:
        return text


def read_json(path: Path, what: str, most: int = 1_000_000) -> dict[str, Any]:
    """Return the object in a JSON file of at most `most` bytes; raise `BadInput` where it holds none."""
    return json_object(read_bytes(path, what, most), path)


def json_object(content: bytes, source: object) -> dict[str, Any]:
    """Return the object that JSON holds; raise `BadInput` where it holds none."""
    if not content.strip():
        raise _refused("damaged: the file is empty", source)
    try:
        data = json.loads(content.decode("utf-8"))
    except RecursionError:
        raise _refused(_TOO_DEEP, source) from None
    except ValueError:  # no UTF-8, no JSON, a number of thousands of digits
        raise _refused("damaged: the file is not JSON", source) from None
    if not isinstance(data, dict):
        raise _refused("damaged: the file holds no table", source)
    check_size(data, str(source), len(content))
    return data


_TOO_DEEP = f"tables and lists are nested over {DEEPEST} deep"
_TOO_LARGE = "a whole number is larger than a computer counts to, 9223372036854775807"


def check_size(data: Any, source: str, most: int = VALUES) -> None:
    """Refuse data that are nested too deeply, too many, or hold a number that is too large."""
    layer, number = [data], 0
    for _ in range(DEEPEST + 1):
        number += len(layer)
        if number > most:
            raise _refused(f"over {most} values", source)
        if any(isinstance(x, int) and not -LARGEST <= x < LARGEST for x in layer):
            raise _refused(_TOO_LARGE, source)
        inner = [x.values() if isinstance(x, dict) else x for x in layer if isinstance(x, dict | list)]
        layer = [x for values in inner for x in values]
        if not layer:
            return
    raise _refused(_TOO_DEEP, source)


def read_text(path: Path, what: str = "scenario") -> str:
    """Return the text of a file that a person wrote; raise `BadInput` where it cannot be read."""
    return as_text(read_bytes(path, what, WRITTEN), path, what)


def as_text(data: bytes, source: object, what: str, remedy: str = "") -> str:
    """Return the text of what a person wrote; raise `BadInput`, with what it should be, where it is none."""
    remedy = remedy or f"a {what} is TOML in UTF-8"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        wide = " in UTF-8 but in UTF-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ""
        raise _refused(f"this is not a text file{wide}", source, remedy)
    if not text.strip():
        begun = "`exosim new` writes a first scenario" if what == "scenario" else remedy
        raise _refused("the file is empty", source, begun)
    return text


def is_folder(path: Path) -> bool:
    """Say whether there is a folder of that name."""
    try:
        return path.is_dir()
    except OSError:
        return False


def there(path: Path) -> bool:
    """Say whether something of that name is there, even a link to nothing."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True


def read_bytes(path: Path, what: str, most: int) -> bytes:
    """Return what a file or a pipe holds, at most `most` bytes; raise `BadInput` where it cannot be read."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _refused(f"this is a folder, not a file with a {what}", path, "name a file in it")
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise _refused(f"this is a device, not a file with a {what}", path)
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            return _bounded(descriptor, path, what, most)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _refused(f"the file cannot be read ({error.strerror})", path) from None
    except ValueError:  # a name that holds what no name can
        raise _refused("there can be no file of this name", brief(path)) from None


def _bounded(descriptor: int, path: Path, what: str, most: int) -> bytes:
    chunks, size = [], 0
    while chunk := _next(descriptor, path):
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            bound = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most // 1000} kB"
            raise _refused(f"the file is over {bound}, too large for a {what}", path)
    return b"".join(chunks)


def _next(descriptor: int, path: Path) -> bytes:
    """Return the next bytes, none at the end; a pipe is waited for."""
    while True:
        try:
            return os.read(descriptor, CHUNK)
        except BlockingIOError:
            if not select.select([descriptor], [], [], PATIENCE)[0]:
                raise _refused(f"nothing came through this pipe within {PATIENCE:g} s", path) from None


def _refused(message: str, source: object, remedy: str = "") -> BadInput:
    return BadInput([Problem(message, source=str(source), remedy=remedy)])
