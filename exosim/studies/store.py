"""Where a study keeps what it has computed, so that nothing is lost or computed twice.

A folder with the design (`design.json`), a block per unit of work (written to a temporary file, synced, renamed, never
changed) and a log that is only appended to. A line of the log carries a checksum of itself and of its block; a unit
is done if, and only if, both hold. One process writes, under a lock that the system releases when it ends, however.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from exosim.engine.tissue import Array
from exosim.files.reading import there
from exosim.files.writing import check_writable, discard, expanded, in_words, made, write
from exosim.problems import BadInput, Problem
from exosim.studies.kept import checksum, damage, design_file, read_block, read_design, read_log

Arrays = dict[str, Array]
LONGEST = 60  # letters of a value that differs
GIVEN = {"subjects": "`n`", "number": "`n`", "axes": "`vary`"}
"""Fields of a design that are given under another name."""
FOLLOW = {
    "held": "what the arms fix of the skin",
    "replaced": "what the population draws instead of the arms",
    "inputs": "the hash of the numbers that it rests on",
}
"""Fields of a design that follow from others, and what they are called where nothing else differs."""


class StoreError(RuntimeError):
    """The store cannot be written, as where a disk is full, or lacks a unit; what is in it is whole."""


@dataclass(frozen=True)
class Store:
    """A study on disk; only the process that holds its lock may commit."""

    folder: Path

    @cached_property
    def design(self) -> dict[str, Any]:
        """What is studied."""
        return read_design(self.folder / "design.json")

    def log(self) -> Iterator[dict[str, Any]]:
        """Yield every line of the log that is complete."""
        return read_log(self.folder / "log.jsonl")

    def done(self, verify: bool = False) -> dict[str, dict[str, Any]]:
        """Return units that are done, with their lines; with `verify` only those whose block matches its checksum."""
        lines = {line["unit"]: line for line in self.log() if "block" in line}
        return {unit: x for unit, x in lines.items() if not verify or not damage(self._block(unit), x["block"])}

    def damages(self) -> list[Problem]:
        """Return what is not as it was written: the design, the log, blocks of units that are done."""
        problems, lines = list[Problem](), dict[str, dict[str, Any]]()
        try:
            lines = self.done()
        except BadInput as error:
            problems += error.problems
        try:
            self.design  # noqa: B018  (it is read here)
        except BadInput as error:
            problems += error.problems
        found = {self._block(unit): damage(self._block(unit), line["block"]) for unit, line in lines.items()}
        remedy = "go on with `resume`: its unit is computed again"
        return problems + [Problem(wrong, source=str(block), remedy=remedy) for block, wrong in found.items() if wrong]

    def in_order(self) -> list[dict[str, Any]]:
        """Return lines of units that are done, in the order of their subjects or cases."""
        return sorted(self.done().values(), key=lambda line: int(line["first"]))

    def failures(self) -> list[dict[str, Any]]:
        """Return subjects or cases that could not be simulated in units that are done, with the reason."""
        return [failure for line in self.done().values() for failure in line.get("failures", ())]

    def failed(self) -> dict[str, str]:
        """Return units that could not be computed, with the reason."""
        lines = {line["unit"]: line for line in self.log()}
        return {unit: line["error"] for unit, line in lines.items() if "error" in line}

    def read(self, unit: str) -> Any:
        """Return the arrays of a unit by name, each read when it is used; raise `StoreError` when it has none."""
        if not self._block(unit).exists():
            reason = self.failed().get(unit, "it was never computed")
            raise StoreError(f"unit {unit} is missing: {reason}; try again with `resume`")
        try:
            return read_block(self._block(unit))
        except OSError:
            raise StoreError(f"unit {unit} is damaged; `resume` computes it again") from None

    def value(self, unit: str) -> Array:
        """Return the array of a unit that has only one."""
        with self.read(unit) as block:
            [name] = block.files
            array: Array = block[name]
        return array

    def commit(self, unit: str, arrays: Mapping[str, Array], about: Mapping[str, Any]) -> None:
        """Keep what a unit gave."""
        content = _packed(arrays)
        write(self._block(unit), content)
        self._append({"unit": unit, "block": checksum(content), **about})

    def reject(self, unit: str, reason: str) -> None:
        """Note that a unit failed; it is tried again when the study is resumed."""
        self._append({"unit": unit, "error": reason})

    def _block(self, unit: str) -> Path:
        return self.folder / "blocks" / f"{unit}.npz"

    def _append(self, line: Mapping[str, Any]) -> None:
        text = json.dumps(line, sort_keys=True)
        with (self.folder / "log.jsonl").open("ab") as log:
            log.write(f"{text}\t{checksum(text.encode())}\n".encode())
            log.flush()
            os.fsync(log.fileno())


class Memory(Store):
    """A study in memory, which is gone with the object."""

    lines: list[dict[str, Any]]
    blocks: dict[str, bytes]

    def __init__(self, design: Mapping[str, Any]) -> None:
        super().__init__(Path("memory"))
        self.__dict__ |= {"design": json.loads(json.dumps(design)), "lines": [], "blocks": {}}

    def log(self) -> Iterator[dict[str, Any]]:
        """Yield every line of the log."""
        return iter(self.lines)

    def done(self, verify: bool = False) -> dict[str, dict[str, Any]]:
        """Return units that are done, with their lines."""
        return {line["unit"]: line for line in self.lines if "error" not in line}

    def read(self, unit: str) -> Any:
        """Return the arrays of a unit by name; raise `StoreError` when it has none."""
        if unit not in self.blocks:
            raise StoreError(f"unit {unit} is missing: {self.failed().get(unit, 'it was never computed')}")
        return np.load(io.BytesIO(self.blocks[unit]))

    def commit(self, unit: str, arrays: Mapping[str, Array], about: Mapping[str, Any]) -> None:
        """Keep what a unit gave."""
        self.blocks[unit] = _packed(arrays)
        self._append({"unit": unit, **about})

    def _append(self, line: Mapping[str, Any]) -> None:
        self.lines.append(json.loads(json.dumps(line)))


def _packed(arrays: Mapping[str, Array]) -> bytes:
    """Return the content of a block."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


@contextmanager
def opened(folder: Path | None, design: Mapping[str, Any], resume: bool) -> Iterator[Store]:
    """Open the store of this design, new or resumed, locked for this process; without a folder one in memory.

    A store in which no unit is done is as good as none: it is begun again, whatever its design.

    Raises
    ------
    BadInput
        When the folder holds another study (with what differs), one that `resume` was not given for, something else,
        or a study that another process works on.
    """
    if folder is None:
        if resume:
            message = "there is no folder of a study to go on with"
            raise BadInput([Problem(message, source="`resume`", remedy="give its folder as `out`")])
        yield Memory(design)
        return
    folder = expanded(folder)
    check_writable(folder)
    _check_own(folder)
    store = Store(folder)
    with made(folder), _locked(folder):
        try:
            if begun := bool(store.done()):
                _check_same(store, design, resume)
            with in_words(folder):
                (folder / "blocks").mkdir(exist_ok=True)
                _tidy(store)
            if not begun:
                discard(folder / "log.jsonl")
                write(folder / "design.json", design_file(design))
            yield store
        except BaseException:
            _drop_unborn(store)
            raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a store, which the system releases when this process ends, however it ends."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / "lock", blocking=False)
    with in_words(folder):
        try:
            lock.acquire()
        except Timeout:
            raise BadInput([Problem("another process works on this study", source=str(folder))]) from None
        except OSError:
            if not (folder / "design.json").exists():
                discard(folder / "lock")
            raise
    try:
        yield
    finally:
        with suppress(OSError):
            lock.release()


def _check_own(folder: Path) -> None:
    """Refuse a folder in which there is something else, unless it is hidden or of a file manager."""
    if (folder / "design.json").is_file() or not folder.is_dir():
        return
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    if other := sorted(names - {"blocks", "lock", "log.jsonl", "Thumbs.db", "desktop.ini"}):
        message, remedy = f"the folder holds something else: {', '.join(other[:3])}", "choose another `out`"
        raise BadInput([Problem(message, source=str(folder), remedy=remedy)])


def _check_same(store: Store, design: Mapping[str, Any], resume: bool) -> None:
    """Refuse a store that was begun with another design, or without `resume`."""
    changed = _changed(store.design, json.loads(json.dumps(design)))
    if changed:
        shown = "; ".join(changed[:5]) + (f"; and {len(changed) - 5} more" if len(changed) > 5 else "")
        message, remedy = f"the store holds another study: {shown}", "give what it was begun with, or another `out`"
    elif not resume:
        message = "the store holds this study already"
        remedy = "go on with `resume`, or choose another `out`"
    else:
        return
    raise BadInput([Problem(message, source=str(store.folder), remedy=remedy)])


def _tidy(store: Store) -> None:
    """End a line that a crash tore off, so that the next one is separate; remove half-written files."""
    log = store.folder / "log.jsonl"
    if log.is_file() and not log.read_bytes().endswith(b"\n"):
        with log.open("ab") as file:
            file.write(b"\n")
    for left in store.folder.rglob(".exosim-*"):
        discard(left)


def _drop_unborn(store: Store) -> None:
    """Remove a study in which nothing was noted, as where its first file could not be written."""
    if not any(store.log()):
        for name in ("log.jsonl", "design.json", "lock"):
            discard(store.folder / name)
        with suppress(OSError):
            (store.folder / "blocks").rmdir()


def existing(folder: Path) -> Store:
    """Return the store in a folder, to read; raise `BadInput` when there is none, or one that is damaged."""
    if not there(folder / "design.json"):
        raise BadInput([Problem("there is no study here", source=str(folder))])
    store = Store(folder)
    if damages := store.damages():
        raise BadInput(damages)
    return store


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what differs between two designs, as text.

    >>> _changed({"held": [[], []]}, {"held": [["severity"], []]})
    ['what the arms fix of the skin was nothing, is severity']
    """
    own, other = ({key: x for key, x in design.items() if key not in FOLLOW} for design in (before, now))
    follows = (key for key in FOLLOW if before.get(key) != now.get(key))
    return [*_differences(own, other)] or [
        f"{FOLLOW[key]} was {_listed(before.get(key))}, is {_listed(now.get(key))}" for key in follows
    ]


def _listed(value: Any) -> str:
    """Return every text in lists of lists, each once."""
    texts = [_listed(x) for x in value] if isinstance(value, list) else [str(value)]
    return ", ".join(dict.fromkeys(text for text in texts if text != "nothing")) or "nothing"


def _differences(before: Any, now: Any, path: str = "") -> Iterator[str]:
    """Yield what differs between two designs, as text."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*before, *now]):
            yield from _differences(before.get(key), now.get(key), f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for i, (a, b) in enumerate(zip(before, now, strict=True)):
            yield from _differences(a, b, f"{path}.{i}")
    elif before != now:
        name, dot, rest = path.partition(".")
        yield f"{GIVEN.get(name, name)}{dot}{rest} {_told(before, now)}"


def _told(before: Any, now: Any) -> str:
    """Return what a value was and is: a long list by its length, a long text from shortly before it differs.

    >>> _told([{}, {"name": 60 * "a"}], [{}]), _told(80 * "a" + "b", 80 * "a" + "c")
    ('were 2, are 1', 'was ...aaaaaaaaaaab", is ...aaaaaaaaaaac"')
    """
    texts = json.dumps(before), json.dumps(now)
    if max(map(len, texts)) < LONGEST:
        return f"was {texts[0]}, is {texts[1]}"
    if isinstance(before, list) and isinstance(now, list):
        return f"were {len(before)}, are {len(now)}"
    same = next(i for i in range(max(map(len, texts))) if texts[0][: i + 1] != texts[1][: i + 1])
    begin = max(0, same - 11)
    cut = [f"{'...' if begin else ''}{text[begin:]}" for text in texts]
    was, now = (text if len(text) < LONGEST else f"{text[: LONGEST - 3]}..." for text in cut)
    return f"was {was}, is {now}"
