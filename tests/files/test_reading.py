"""Whatever has a name is read within bounds or refused in words."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from exosim.files import reading
from exosim.files.reading import check_size, parse_toml, parse_value, read_bytes, read_json, read_text
from exosim.files.scan import deep_key
from exosim.problems import BadInput, nearest
from exosim.scenario.file import load

DOTTED = ".".join("a" * 20_000)


def refused(read, *arguments):
    begin = time.process_time()
    with pytest.raises(BadInput) as caught:
        read(*arguments)
    assert time.process_time() - begin < 1
    assert len(str(caught.value)) < 2000
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = " + "[" * 5000 + "]" * 5000, "nested over"),
        ("x = " + "{a = " * 300 + "1" + "}" * 300, "nested over"),
        ("x = " + "9" * 5000, "whole number is larger"),
        ("x = 0x" + "f" * 5000, "whole number is larger"),
        (DOTTED + " = 1", "dots between"),
        (f"[{DOTTED}]", "dots between"),
        ('x = {a = """ " """, ' + DOTTED + " = 1}", "dots between"),
        ("x = '''\n'''\n" + '"a\\".".' * 40 + "b = 1", "dots between"),
        ("x = [" + "[]," * 30_000 + "]", "over 20000 values"),
        ("x" * 300_000, "over 256 kB"),
        ('"""' + '\\"""' * 50_000, "not valid TOML"),
        ("x = '''" + "''\\" * 50_000, "not valid TOML"),
        ("x = \x1b[31m", "\\u001b[31m"),
    ],
)
def test_no_text_takes_long(text, message):
    assert message in refused(parse_toml, text, "a.toml")


def test_what_only_looks_deep_is_read():
    note = "One. Two. " * 100 + "[" * 100 + "a." * 100
    assert parse_toml(f'note = "{note}"  # {"a." * 99}', "")["note"] == note
    assert parse_toml(f"note = '''{note}\n'''", "")["note"] == note + "\n"
    assert not deep_key("x = [" + "1.5, " * 1000 + "]")
    assert parse_value("[0, 1]") == [0, 1]
    assert parse_value("[" * 5000) == "[" * 5000
    assert parse_value("boxcar") == "boxcar"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"[]", "no table"),
        (b'{"a": ', "not JSON"),
        (b"\xff\xfe{", "not JSON"),
        (b"[" * 100_000, "nested"),
        (b'{"a": ' + b"1" * 5000 + b"}", "not JSON"),
        (b'{"a": "' + b"x" * 1_000_000 + b'"}', "over 1 MB"),
        (json.dumps({"a": 2**63}).encode(), "larger"),
    ],
)
def test_json_is_guarded_alike(content, message, tmp_path):
    file = tmp_path / "a.json"
    file.write_bytes(content)
    assert message in refused(read_json, file, "manifest")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_other_encodings_are_named_or_refused(encoding, tmp_path):
    file = tmp_path / "a.toml"
    file.write_bytes('name = "é"'.encode(encoding))
    assert "not a text file" in refused(read_text, file)
    file.write_bytes(b'\xef\xbb\xbfname = "x"')
    assert read_text(file) == 'name = "x"'


def test_what_is_no_file_is_not_read(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    assert "levels of symbolic links" in refused(load, tmp_path / "loop")
    assert "No such file" in refused(load, tmp_path / "nowhere")
    assert "no such file" in refused(load, "x" * 300)
    assert "no such file" in refused(load, "a\0b")
    assert "too long" in refused(read_text, tmp_path / ("x" * 300))
    assert "no file of this name" in refused(read_text, tmp_path / "a\0b")
    assert "folder" in refused(load, tmp_path)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="a system without devices")
@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/dev/full"])
def test_devices_are_not_read(name):
    assert "device" in refused(load, name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes")
def test_pipes_are_welcome_within_bounds(tmp_path, monkeypatch):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def through(content, wait=0.0):
        def send():
            with suppress(BrokenPipeError), pipe.open("wb", buffering=0) as end:
                time.sleep(wait)
                end.write(content)

        writer = threading.Thread(target=send)
        writer.start()
        time.sleep(0.05)
        try:
            return read_bytes(pipe, "scenario", 100_000)
        finally:
            writer.join()

    assert through(b"name = 'x'", wait=0.3) == b"name = 'x'"
    assert "empty" in refused(read_text, pipe)
    monkeypatch.setattr(reading, "PATIENCE", 0.1)
    assert "nothing came" in refused(through, b"x", 0.5)


def test_standard_input_is_a_file_of_a_scenario():
    command = [sys.executable, "-m", "exosim", "validate", "/dev/stdin"]
    done = subprocess.run(command, input="schema = 2\nname = 'x'", capture_output=True, text=True)
    assert "ok" in done.stdout, done.stderr


def test_data_are_measured_without_recursion():
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert "nested" in refused(check_size, deep, "")
    assert "nested" in refused(load, {"name": deep})


def test_nearest_names_are_looked_for_within_bounds():
    begin = time.process_time()
    assert nearest("x" * 1_000_000, ["x"]) == ""
    assert nearest("fractional_co3", [*map(str, range(500)), "fractional_co2", "y" * 1_000_000]) == "fractional_co2"
    assert time.process_time() - begin < 0.2
