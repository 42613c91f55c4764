"""Lesson page and report at three widths, light and dark, with names that nobody meant."""

import os

import pytest

import exosim as ex
from exosim.lesson import data
from exosim.lesson.page import page as lesson_page
from exosim.view.report.outcomes import Compared
from exosim.view.report.page import report
from tests.browser.watched import WIDTHS, watched
from tests.view.test_report import HOSTILE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
SEEN = pytest.mark.parametrize(
    ("size", "scheme"),
    [({"width": w, "height": h}, scheme) for w, h in WIDTHS for scheme in ("light", "dark")],
    ids=lambda x: x if isinstance(x, str) else str(x["width"]),
)
AXE = pytest.mark.skipif(
    "EXOSIM_AXE" not in os.environ and "EXOSIM_CI" not in os.environ, reason="EXOSIM_AXE names no axe.min.js"
)
STEP = "lesson=repair&step=2"
FULL = "preset=microneedling_exosome" + 4 * "&pin=preset%3Dpigmented_microneedling_exosome"
FOUND = "axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id))"


@pytest.fixture(scope="module")
def report_address(tmp_path_factory):
    arms = [
        ex.load(name).model_copy(update={"name": HOSTILE + name, "note": HOSTILE * 20})
        for name in ("microneedling", "microneedling_exosome")
    ]
    found = ex.compare(arms, resolution="column", ensemble=True)
    compared = Compared(found.differences, found.difference_intervals, found.warnings)
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(report(found.arms, found.published, compared), "utf-8")
    return file.as_uri()


@pytest.fixture(params=["lesson", "report"])
def shown(request):
    return request.getfixturevalue("address" if request.param == "lesson" else "report_address")


@SEEN
def test_nothing_sticks_out(browser, shown, size, scheme):
    with watched(browser, shown, FULL, viewport=size, color_scheme=scheme) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@AXE
@SEEN
def test_axe_finds_nothing_serious(browser, shown, size, scheme):
    with watched(browser, shown, FULL, viewport=size, color_scheme=scheme, bypass_csp=True) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach(x => { x.open = true; })")
        seen.page.wait_for_timeout(200)
        with open(os.environ["EXOSIM_AXE"], encoding="utf-8") as file:
            seen.page.evaluate(file.read())
        assert not seen.page.evaluate(FOUND)


@AXE
@SEEN
@pytest.mark.parametrize("query", [STEP, "lesson=trial&step=0", STEP + "&lang=de"])
def test_axe_finds_nothing_serious_in_a_step(browser, address, size, scheme, query):
    with watched(browser, address, query, viewport=size, color_scheme=scheme, bypass_csp=True) as seen:
        with open(os.environ["EXOSIM_AXE"], encoding="utf-8") as file:
            seen.page.evaluate(file.read())
        for _ in range(3):
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            assert not seen.page.evaluate(FOUND)
            if seen.page.get_attribute("#panel", "data-phase") == "predict":
                seen.page.locator("#panel input[name=option]").first.check()
                if seen.page.locator("#panel svg[tabindex]").count():
                    seen.page.locator("#panel svg[tabindex]").press("ArrowUp")
            seen.page.click("#onward")


def test_without_javascript_it_says_so(browser, address):
    with watched(browser, address, java_script_enabled=False) as seen:
        assert "needs JavaScript" in seen.page.inner_text("body")


def test_hostile_names_are_text(browser, tmp_path, monkeypatch, report_address):
    named = ex.load("fractional_co2_exosome").model_copy(update={"name": HOSTILE})
    monkeypatch.setattr(data, "presets", lambda: {"fractional_co2_exosome": named})
    file = tmp_path / "hostile.html"
    file.write_text(lesson_page({}), "utf-8")
    for address in (file.as_uri(), report_address):
        with watched(browser, address, "explore=1", viewport={"width": 390, "height": 844}) as seen:
            assert "<script>alert('x')</script>" in seen.page.inner_text("body")
            assert seen.page.locator("img[src=x]").count() == 0
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
