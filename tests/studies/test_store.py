"""Nothing that was computed is lost, and nothing half-written is believed."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from exosim.files.names import identity
from exosim.problems import BadInput
from exosim.studies.execute import Stalled, execute
from exosim.studies.kinds import Study
from exosim.studies.store import Store, StoreError, existing, opened

DESIGN = {"study": "test", "seed": 0}
UNITS = {identity(i): {"i": i} for i in range(6)}


@dataclass(frozen=True)
class Given(Study):
    """Any units, and any function of them."""

    kind: ClassVar[str] = "test"
    inputs: ClassVar[str] = ""

    function: Any
    units: Any

    @property
    def size(self):
        return len(self.units)

    def rounds(self, store):
        yield self.units

    def work(self, unit):
        return self.function(unit)

    def summary(self, store):
        return {"results": results(store)}


def run(store, function, units, **options):
    execute(Given(function, units), store, **options)


def square(unit):
    return {"square": np.array([unit["i"] ** 2])}, {"i": unit["i"]}


def fragile(unit):
    if unit["i"] == 3:
        raise ValueError("three is too many")
    return square(unit)


def results(store):
    return sorted(int(store.read(unit)["square"][0]) for unit in store.done())


def test_a_unit_is_done_when_line_and_block_hold(tmp_path):
    with opened(tmp_path / "s", DESIGN, False) as store:
        run(store, square, UNITS)
        assert results(store) == [0, 1, 4, 9, 16, 25]
        first, second, *_ = UNITS
        (tmp_path / f"s/blocks/{first}.npz").write_bytes(b"damaged")
        (tmp_path / f"s/blocks/{second}.npz").unlink()
        assert store.done(verify=True).keys() == UNITS.keys() - {first, second}
        run(store, square, UNITS)
        assert store.done(verify=True).keys() == UNITS.keys()


def test_a_torn_line_is_no_line(tmp_path):
    with opened(tmp_path / "s", DESIGN, False) as store:
        run(store, square, dict(list(UNITS.items())[:3]))
    log = tmp_path / "s/log.jsonl"
    log.write_bytes(log.read_bytes()[:-20])
    assert len(existing(tmp_path / "s").done()) == 2
    with opened(tmp_path / "s", DESIGN, True) as store:
        run(store, square, UNITS)
        assert results(store) == [0, 1, 4, 9, 16, 25]


def test_finished_units_are_never_computed_again(tmp_path):
    with opened(tmp_path / "s", DESIGN, False) as store:
        run(store, square, dict(list(UNITS.items())[:4]))
        seen = []
        run(store, lambda unit: (seen.append(unit["i"]), square(unit))[1], UNITS)
    assert seen == [4, 5]


def test_a_failed_unit_is_noted_and_stops_no_other(tmp_path):
    with opened(tmp_path / "s", DESIGN, False) as store:
        run(store, fragile, UNITS)
        assert list(store.failed().values()) == ["ValueError: three is too many"]
        assert results(store) == [0, 1, 4, 16, 25]
        run(store, square, UNITS)
        assert not store.failed()
        assert len(store.done()) == 6


def test_another_design_is_refused_with_what_changed(tmp_path):
    with opened(tmp_path / "s", DESIGN | {"arms": [{"weeks": 12}]}, False) as store:
        store.commit("a", {"x": np.zeros(1)}, {})
    with (
        pytest.raises(BadInput, match=r"arms\.0\.weeks was 12, is 8"),
        opened(tmp_path / "s", DESIGN | {"arms": [{"weeks": 8}]}, True),
    ):
        pass
    with pytest.raises(BadInput, match="`resume`"), opened(tmp_path / "s", DESIGN | {"arms": [{"weeks": 12}]}, False):
        pass


def test_long_values_are_told_where_they_differ(tmp_path):
    before = {"study": "test", "arms": [{"name": 80 * "a"}, {}], "text": 80 * "a" + "b"}
    with opened(tmp_path / "s", before, False) as store:
        store.commit("a", {"x": np.zeros(1)}, {})
    now = before | {"arms": before["arms"][:1], "text": 80 * "a" + "c"}
    with (
        pytest.raises(BadInput, match=r'arms were 2, are 1; text was .*ab", is .*ac"'),
        opened(tmp_path / "s", now, True),
    ):
        pass


BIRTHS = {
    "nothing but folders": {"lock": "", "blocks": None},
    "an empty design": {"lock": "", "blocks": None, "design.json": ""},
    "a torn design": {"lock": "", "blocks": None, "design.json": '{"study": "te'},
    "a design alone": {"design.json": '{"study": "other"}'},
    "a failed first start": {"blocks": None, "design.json": json.dumps(DESIGN), "log.jsonl": ""},
    "what file managers leave": {".DS_Store": "x", "Thumbs.db": "x"},
}


@pytest.mark.parametrize("found", BIRTHS.values(), ids=BIRTHS)
def test_a_study_that_never_came_to_a_unit_is_begun_again(tmp_path, found):
    folder = tmp_path / "s"
    folder.mkdir()
    for name, text in found.items():
        (folder / name).mkdir() if text is None else (folder / name).write_text(text)
    with opened(folder, DESIGN, False) as store:
        run(store, square, UNITS)
    assert Store(folder).design == DESIGN
    assert len(results(existing(folder))) == 6


def test_a_log_that_cannot_be_looked_at_is_not_taken_for_none(tmp_path, monkeypatch):
    with opened(tmp_path / "s", DESIGN, False) as store:
        run(store, square, UNITS)
    real = os.stat

    def bad_disk(path, *arguments, **options):
        if str(path).endswith("log.jsonl"):
            raise OSError(5, "Input/output error", str(path))
        return real(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", bad_disk)
        with pytest.raises(OSError, match="Input/output"), opened(tmp_path / "s", DESIGN, True):
            pass
    assert len(existing(tmp_path / "s").done(verify=True)) == 6


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(BadInput, match=r"something else: thesis\.tex"), opened(tmp_path, DESIGN, False):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_study_that_fails_before_its_first_unit_leaves_nothing(tmp_path):
    with pytest.raises(BadInput), opened(tmp_path / "a" / "s", DESIGN, False):
        raise BadInput([])
    assert list(tmp_path.iterdir()) == []


def test_two_processes_do_not_write_one_store(tmp_path):
    script = (
        "from pathlib import Path\nfrom exosim.studies.store import opened\n"
        f"with opened(Path({str(tmp_path / 's')!r}), {DESIGN!r}, True): pass"
    )
    with opened(tmp_path / "s", DESIGN, False):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "another process works on this study" in done.stderr
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_a_full_disk_leaves_a_whole_store(tmp_path):
    with opened(tmp_path / "s", DESIGN, False) as store:
        run(store, square, dict(list(UNITS.items())[:2]))
        log = tmp_path / "s/log.jsonl"
        kept = log.read_bytes()
        log.unlink()
        os.symlink("/dev/full", log)
        with pytest.raises(StoreError, match="No space left"):
            run(_blind(store), square, UNITS)
        log.unlink()
        log.write_bytes(kept)
        assert results(store) == [0, 1]


def _blind(store):
    """The same store with an empty memory, for a log that cannot be read."""

    class Blind(Store):
        def done(self, verify=False):
            return {}

    return Blind(store.folder)


def test_a_store_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises((BadInput, OSError)), opened(tmp_path / "file" / "s", DESIGN, False):
        pass


def test_dying_workers_are_given_up_and_what_is_done_is_kept(tmp_path, monkeypatch):
    from concurrent.futures import Executor, Future
    from contextlib import contextmanager

    from exosim.studies import execute as module

    class Dead(Executor):
        def submit(self, fn, /, *args, **kwargs):
            return Future()

    @contextmanager
    def dead(workers, address):
        yield module.Team(Dead(), 2, lambda: True)

    monkeypatch.setattr(module, "team", dead)
    with opened(tmp_path / "s", DESIGN, False) as store:
        store.commit(next(iter(UNITS)), {"x": np.zeros(1)}, {})
        with pytest.raises(Stalled, match="1 of 6 units are kept; go on with `resume`"):
            run(store, square, UNITS, workers=2, patience=0.05)


def test_identity_is_of_values_not_of_their_order():
    assert identity({"a": 1, "b": [2, 3]}) == identity(json.loads('{"b": [2, 3], "a": 1}'))
    assert identity({"a": 1}) != identity({"a": 2})
