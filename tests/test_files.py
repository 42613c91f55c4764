"""Files are whole or absent; what is no plain file stays what it is."""

import os

import pytest

from exosim.files.writing import write


def test_a_file_is_replaced_whole(tmp_path, monkeypatch):
    file = tmp_path / "a"
    write(file, b"old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write(file, b"new")
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (b"old", [file])


def test_a_link_is_written_through(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "target")
    write(link, b"text")
    assert link.is_symlink()
    assert (tmp_path / "target").read_bytes() == b"text"
