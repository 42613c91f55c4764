"""Headless Chromium, and the lesson page as a file."""

import os
import shutil

import pytest

from exosim.lesson import data
from exosim.lesson.films import films
from exosim.lesson.page import page as written_page
from tests.browser.watched import watched

BROWSER = os.environ.get("EXOSIM_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    try:
        from playwright.sync_api import sync_playwright

        assert os.path.exists(BROWSER), f"there is no browser at {BROWSER}"
    except (ImportError, AssertionError) as error:
        if os.environ.get("EXOSIM_CI"):
            raise
        pytest.skip(f"{error}")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("lesson") / "lesson.html"
    file.write_text(written_page(films(data.presets())), "utf-8")
    return file.as_uri()


@pytest.fixture
def opened(browser, address):
    with watched(browser, address, viewport={"width": 1366, "height": 768}) as seen:
        yield seen
