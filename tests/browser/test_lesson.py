"""The lesson page in headless Chromium, opened from a file."""

import csv
import io
import os
import random
import shutil
import statistics
import time
import tomllib

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import exosim as ex
from exosim.biology.channels import STAGES
from exosim.lesson import data
from exosim.lesson.films import LEVELS, films
from exosim.lesson.page import page as written_page
from exosim.scenario_file import parse
from exosim.view.maps import MAPS
from exosim.view.style import palette
from tests.lesson.reference import differences, expected

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
BROWSER = os.environ.get("EXOSIM_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SLIDERS = ("depth", "energy", "density", "dose", "sessions", "spacing", "phototype", "spf", "weeks", "uv")
WIDTHS = ((1366, 768), (768, 1024), (390, 844))
LATENCY = 50  # ms
MIXED = 6  # corners of all sliders at once, for every preset
RANDOM_SECONDS = float(os.environ.get("EXOSIM_RANDOM_SECONDS", "20"))


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("lesson") / "lesson.html"
    file.write_text(written_page(films(data.presets())), "utf-8")
    return file.as_uri()


class Watched:
    """A page whose requests and complaints are kept."""

    def __init__(self, browser, address, query="", **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests, self.complaints = [], []
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.goto(address + ("#" + query if query else ""))

    def check(self):
        assert not self.complaints
        assert all(url.startswith(("file:", "data:", "blob:")) for url in self.requests)


@pytest.fixture
def opened(browser, address):
    watched = Watched(browser, address, viewport={"width": 1366, "height": 768})
    yield watched
    watched.check()
    watched.context.close()


def results(page, query):
    """Outcomes of the page in a state, and the scenario that it hands out."""
    return page.evaluate("q => { exosim.go(q); return [exosim.current.run.outcomes, exosim.toml()]; }", query)


def corners(page, preset):
    """The preset as it is, with each slider at each end, all sliders at random ends, each mechanism off."""
    yield f"preset={preset}"
    page.evaluate("q => exosim.go(q)", f"preset={preset}")
    ends = {
        name: (limits["low"], limits["high"])
        for name in SLIDERS
        if (limits := page.evaluate("name => exosim.limits(name)", name))
    }
    for name, values in ends.items():
        for value in values:
            yield f"preset={preset}&{name}={value}"
    draw = random.Random(preset)
    for _ in range(MIXED):
        yield f"preset={preset}" + "".join(f"&{name}={draw.choice(values)}" for name, values in ends.items())
    for switch in data.switches():
        yield f"preset={preset}&off={switch['name']}"


@pytest.mark.parametrize("parameters", ["article", "trials"])
@pytest.mark.parametrize("preset", list(data.presets()))
def test_outcomes_equal_python(opened, preset, parameters):
    wrong = {}
    for query in list(corners(opened.page, preset)):
        found, text = results(opened.page, f"{query}&set={parameters}")
        if bad := differences(found, expected(parse(text), parameters)):
            wrong[query] = bad
    assert not wrong


def test_handed_out_scenario_of_a_preset_is_the_shipped_one(opened):
    for name, scenario in data.presets().items():
        _, text = results(opened.page, f"preset={name}")
        assert parse(text).timeline == scenario.timeline


def test_every_control_works_by_keyboard_and_answers_at_once(opened, record_property):
    page, latencies = opened.page, []
    for query in ("preset=fractional_co2_exosome", "preset=microneedling_exosome"):
        page.evaluate("q => exosim.go(q)", query)
        for name in SLIDERS[:8]:
            if page.locator(f"#slider-{name}").is_disabled():
                continue
            page.focus(f"#slider-{name}")
            for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
                before = page.evaluate("[exosim.written(), exosim.timing.total.length]")
                page.keyboard.press(key)
                after = page.evaluate("[exosim.written(), exosim.timing.total.length]")
                if after != before:
                    latencies.append(page.evaluate("exosim.timing.total.at(-1)"))
    assert len(latencies) > 30
    kernel = page.evaluate("exosim.timing.kernel")
    print(
        f"slider to all plots drawn: median {statistics.median(latencies):.1f} ms, slowest {max(latencies):.0f} ms;"
    )
    print(f"kernel, both sides of the face: median {statistics.median(kernel):.1f} ms")
    assert statistics.median(latencies) < LATENCY


def test_a_slider_moves_the_plot_and_a_switch_too(opened):
    page = opened.page
    line = "#charts figure:first-child path.run"
    drawn = [page.get_attribute(line, "d")]
    page.focus("#slider-energy")
    page.keyboard.press("ArrowRight")
    drawn.append(page.get_attribute(line, "d"))
    page.focus("#switch-activation_signal")
    page.keyboard.press("Space")
    drawn.append(page.get_attribute(line, "d"))
    page.focus("input[name=set][value=article]")
    page.keyboard.press("ArrowDown")
    drawn.append(page.get_attribute(line, "d"))
    assert len(set(drawn)) == 4
    for _ in range(5):
        page.focus("#pin")
        page.keyboard.press("Enter")
    assert page.evaluate("exosim.state.pins.length") == 4
    page.focus("#day")
    page.keyboard.press("Home")
    assert page.evaluate("exosim.state.day") == 0
    page.focus("#reset")
    page.keyboard.press("Enter")
    assert page.get_attribute(line, "d") == drawn[0]


def test_tab_reaches_every_enabled_control(opened):
    page = opened.page
    number = page.evaluate(
        "[...document.querySelectorAll('button,select,input,summary')]"
        ".filter(x => !x.disabled && x.checkVisibility() && !(x.type === 'radio' && !x.checked)).length"
    )
    seen = set()
    for _ in range(number + 12):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate("(x => [...document.querySelectorAll('*')].indexOf(x))(document.activeElement)")
        )
    assert len(seen) >= number


def test_the_address_holds_the_state(browser, address, opened):
    query = (
        "preset=microneedling_exosome&set=trials&depth=2.2&sessions=4&spacing=20&spf=30&off=il10_signal+closing_signal"
        "&day=40&pin=preset%3Duntreated&pin=preset%3Dfractional_co2%26energy%3D45&lesson=delivery&step=3"
    )
    opened.page.evaluate("q => exosim.go(q)", query)
    opened.page.wait_for_timeout(600)
    link = opened.page.evaluate("location.href")
    again = Watched(browser, link.split("#")[0], link.split("#")[1])
    same = "[exosim.written(), exosim.current.run.outcomes]"
    assert again.page.evaluate(same) == opened.page.evaluate(same)
    assert "depth=2.2" in link
    again.check()
    again.context.close()


def saved(page, button, tmp_path):
    with page.expect_download() as download:
        page.click(button)
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_downloads_open_in_python(opened, tmp_path):
    opened.page.evaluate(
        "exosim.go('preset=pigmented_microneedling_exosome&off=cargo_melanin&pin=preset%3Duntreated')"
    )
    toml = saved(opened.page, "#save-toml", tmp_path).read_text("utf-8")
    assert parse(toml).assume["cargo_melanin"].value == 0
    assert tomllib.loads(toml)["skin"]["scar"] == "pigmented"
    rows = list(csv.DictReader(io.StringIO(saved(opened.page, "#save-csv", tmp_path).read_text("utf-8"))))
    assert {"arm", "day", *data.OBSERVABLES} == set(rows[0])
    assert len({row["arm"] for row in rows}) == 3
    assert all(float(row["tnf_alpha"]) > 0 for row in rows)
    png = saved(opened.page, "#save-png", tmp_path).read_bytes()
    assert png.startswith(b"\x89PNG")
    assert len(png) > 20_000


def mutated(seed, number):
    """Addresses that nobody meant: bits of good ones, shuffled, cut, and with nonsense put in."""
    draw = random.Random(seed)
    names = [
        *SLIDERS,
        "preset",
        "set",
        "off",
        "pin",
        "day",
        "lesson",
        "step",
        "scar",
        "severity",
        "__proto__",
    ]
    values = [
        *data.presets(), "article", "trials", "NaN", "Infinity", "-1", "1e309", "0", "999999", "0.30000001", "%", "%ff",
        "<img src=x onerror=alert(1)>", "constructor", "toString", "", "\u202eevil", "x" * 3000, "repair", "icepick",
        "none", "il10_signal activation_signal", "preset%3Duntreated", "2", "7", "50",
    ]  # fmt: skip
    for _ in range(number):
        text = "&".join(f"{draw.choice(names)}={draw.choice(values)}" for _ in range(draw.randrange(8)))
        if draw.random() < 0.3 and text:
            at = draw.randrange(len(text))
            text = text[:at] + chr(draw.randrange(33, 0x2FFF)) + text[at + draw.randrange(3) :]
        yield text


CHECKED = """queries => {
  const wrong = [];
  for (const query of queries) {
    try {
      exosim.go(query);
      const drawn = [...document.querySelectorAll('svg *')].flatMap(x => [...x.attributes].map(a => a.value)).join(' ');
      if (/NaN|Infinity|undefined/.test(drawn + document.body.innerText)) wrong.push([query, 'NaN shown']);
      if (document.querySelector('img')) wrong.push([query, 'markup']);
      for (const name of ['tnf_alpha', 'erythema', 'wound_area', 'exosome_signal', 'myofibroblast', 'melanin_index'])
        if (!exosim.current.run.series[name].every(v => v >= -1e-6)) wrong.push([query, 'negative ' + name]);
    } catch (error) { wrong.push([query, String(error)]); }
  }
  return wrong;
}"""


def test_a_thousand_mutated_addresses_do_no_harm(opened):
    queries = list(mutated(6, 1000))
    wrong = []
    for first in range(0, len(queries), 50):
        wrong += opened.page.evaluate(CHECKED, queries[first : first + 50])
    assert not wrong


def test_lessons_can_be_walked_through(opened):
    page = opened.page
    for lesson in data.table("lessons")["lessons"]:
        page.select_option("#lesson-pick", lesson["id"])
        for i, step in enumerate(lesson["steps"]):
            assert page.inner_text("#lesson-title") == step["title"]
            page.click("#lesson-body summary")
            assert page.inner_text("#lesson-body details p") == step["reveal"]
            if i + 1 < len(lesson["steps"]):
                page.click("#lesson-body button.main")


def test_explanations_open(opened):
    page = opened.page
    page.click("#explain > summary")
    for box in page.locator("#explain .state > summary").all():
        box.click()
    page.wait_for_timeout(300)
    assert page.locator("#explain table").count() == len(data.SHOWN_STATES)


def test_the_diagram_opens_explanations_by_keyboard(opened):
    page = opened.page
    for i, name in enumerate(data.diagram()["nodes"]):
        page.locator(".node").nth(i).focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.parentNode.id") == f"state-{name}"
        page.locator(f"#state-{name} code").wait_for(state="visible", timeout=5000)


def test_arrows_of_the_diagram_swell_with_their_flux(opened):
    page = opened.page
    edge = next(
        i for i, (a, b, _) in enumerate(data.diagram()["edges"]) if (a, b) == ("tnf_alpha", "erythema")
    )

    def width(day):
        page.evaluate("q => exosim.go(q)", f"preset=fractional_co2_exosome&day={day}")
        return float(page.locator(".arrow").nth(edge).get_attribute("stroke-width"))

    assert width(1) > 1.5 * width(84)
    assert "Strongest on day 84" in page.inner_text("#strongest")
    page.evaluate("exosim.go('preset=untreated&day=40')")
    assert "nothing is away from rest" in page.inner_text("#strongest")


COLOURS_SHOWN = (
    "m => [...document.querySelectorAll('.map canvas')[m].getContext('2d').getImageData(0, 0, 20, 20).data]"
)


def film_shown(page, preset, day):
    page.evaluate("q => exosim.go(q)", f"preset={preset}&day={day}")
    page.wait_for_function(
        "day => document.getElementById('film-day').textContent.startsWith(`Day ${day}.`)", arg=day
    )


def test_the_film_shows_the_patch(opened):
    page = opened.page
    result = ex.run("microneedling_exosome")
    film_shown(page, "microneedling_exosome", 29)
    for m, (name, look) in enumerate(MAPS.items()):
        values = result.dataset[name].sel(day=29).values
        share = np.asarray(look.norm(result.dataset[name].values)(values.ravel())).reshape(values.shape)
        colours = [
            to_rgb(palette(look.palette, LEVELS)[round(LEVELS * x - x)]) for x in share.T[::-1].ravel()
        ]
        found = np.reshape(page.evaluate(COLOURS_SHOWN, m), (-1, 4))[:, :3]
        assert np.abs(found - np.round(255 * np.array(colours))).max() <= 1
    since = np.stack([result.dataset[f"channel_{stage}_day"].values for stage in STAGES])
    counts = np.bincount((np.nan_to_num(since, nan=np.inf) <= 29).sum(axis=0), minlength=5)[1:]
    words = [f"{n} {text}" for n, text in zip(counts, data.table("strings")["stages"].values(), strict=True)]
    assert page.inner_text("#film-day") == f"Day 29. Channels: {', '.join(words)}."


def test_every_preset_has_a_film_that_says_when_it_does_not_follow(opened):
    page = opened.page
    for preset in data.presets():
        film_shown(page, preset, 3)
        assert page.locator("#film-moved").is_hidden()
    page.evaluate("exosim.go('preset=retinoid&set=trials')")
    assert page.locator("#film-moved").is_visible()
    page.evaluate("exosim.go('preset=retinoid&weeks=30&day=200')")
    page.wait_for_function("() => document.getElementById('film-day').textContent.startsWith('Day 84.')")


def test_the_clock_plays_and_pauses(opened):
    page = opened.page
    page.focus("#play")
    page.keyboard.press("Enter")
    page.wait_for_function("() => exosim.state.day >= 4")
    assert page.inner_text("#play") == "Pause"
    page.keyboard.press("Space")
    day = page.evaluate("exosim.state.day")
    page.wait_for_timeout(400)
    assert page.evaluate("exosim.state.day") == day
    page.focus("#day")
    page.keyboard.press("End")
    page.focus("#play")
    page.keyboard.press("Enter")
    page.wait_for_function("() => exosim.state.day >= 1 && exosim.state.day < 80")
    page.focus("#day")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#play") == "Play"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_nothing_sticks_out(browser, address, width, height, scheme):
    query = "&".join(["preset=microneedling_exosome"] + ["pin=preset%3Dpigmented_microneedling_exosome"] * 4)
    seen = Watched(browser, address, query, viewport={"width": width, "height": height}, color_scheme=scheme)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    seen.check()
    seen.context.close()


def test_without_javascript_it_says_so(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert "needs JavaScript" in page.inner_text("body")
    context.close()


KEYS = [
    "Tab", "Shift+Tab", "ArrowRight", "ArrowLeft", "ArrowDown", "Home", "End", "Enter", "Space", "PageUp", "a",
]  # fmt: skip


def test_random_input_does_no_harm(opened):
    page, draw, end = opened.page, random.Random(8), time.monotonic() + RANDOM_SECONDS
    actions = 0
    while time.monotonic() < end:
        for _ in range(200):
            if draw.random() < 0.3:
                page.mouse.click(draw.randrange(1366), draw.randrange(768))
            elif draw.random() < 0.1:
                page.mouse.move(draw.randrange(1366), draw.randrange(768))
                page.mouse.down()
                page.mouse.move(draw.randrange(1366), draw.randrange(768), steps=3)
                page.mouse.up()
            elif draw.random() < 0.1:
                page.mouse.wheel(0, draw.choice([-600, 600]))
            else:
                page.keyboard.press(draw.choice(KEYS))
        actions += 200
        opened.check()
        assert not page.evaluate(CHECKED, [page.evaluate("exosim.written()")])
    print(f"{actions} random actions in {RANDOM_SECONDS:.0f} s")


@pytest.mark.skipif("EXOSIM_AXE" not in os.environ, reason="EXOSIM_AXE names no axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_axe_finds_nothing_serious(browser, address, width, height, scheme):
    query = "preset=microneedling_exosome&pin=preset%3Duntreated&pin=preset%3Dretinoid&lesson=repair&step=1"
    size = {"width": width, "height": height}
    seen = Watched(browser, address, query, viewport=size, color_scheme=scheme, bypass_csp=True)
    seen.page.evaluate("document.querySelectorAll('details').forEach(x => { x.open = true; })")
    seen.page.wait_for_timeout(200)
    with open(os.environ["EXOSIM_AXE"], encoding="utf-8") as file:
        seen.page.evaluate(file.read())
    found = seen.page.evaluate("axe.run().then(r => r.violations.map(v => [v.impact, v.id]))")
    assert not [x for x in found if x[0] in ("serious", "critical")]
    seen.context.close()
