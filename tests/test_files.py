"""Files are whole or absent; what is no plain file stays what it is."""

import os
import sys
from pathlib import Path

import pytest

from exosim.files.writing import check_free, check_writable, expanded, write
from exosim.problems import BadInput


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


def refused(tmp_path):
    """Places that cannot be written, and what is said of them."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "x")
    yield tmp_path / ("n" * 260), "too long"
    yield tmp_path / "loop", "nowhere"
    yield tmp_path / "dangling", "nowhere"
    yield tmp_path / "file" / "x", "folder"
    yield Path("/proc/nothing/x") if sys.platform == "linux" else tmp_path / "file" / "x", "folder|written"
    yield tmp_path / "null\0", "null"


def test_places_that_cannot_be_written_are_refused_in_words(tmp_path):
    for place, said in refused(tmp_path):
        with pytest.raises(BadInput, match=said):
            check_free(place)
        with pytest.raises(BadInput, match=f"{said}|cannot be written"):
            check_writable(place)
    with pytest.raises(BadInput, match="a folder, not a file"):
        check_free(tmp_path, over=True)
    with pytest.raises(BadInput, match="exists already"):
        check_free(tmp_path / "file")
    with pytest.raises(BadInput, match="no home folder"):
        expanded("~nobody-of-this-name/x")
    assert (tmp_path / "file").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 3


def test_nothing_fails_a_file_that_has_its_name(tmp_path, monkeypatch):
    real = os.open

    def no_folders(path, *arguments, **options):
        if os.path.isdir(path):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", no_folders)
    write(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
