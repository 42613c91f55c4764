"""The drawing of skin: what is drawn is what is computed, in the page as in Python, and it keeps still where asked."""

import dataclasses
import json
import math

import numpy as np
import pytest

import exosim as ex
from exosim.biology.notation import LAYERS
from exosim.lesson import data
from exosim.parameters import parameter_set
from exosim.skin.scars import SCARS
from exosim.view.skin.moments import BEFORE, drawn
from exosim.view.skin.scene import scene
from exosim.view.skin.table import table
from tests.browser.watched import watched

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
SCENE = """([query, day]) => { exosim.go(query); const moment = exosim.skinMoment(exosim.current.run, day);
return JSON.stringify([moment, exosim.skinScene(moment)]); }"""


def states(number):
    """Random scenarios, skin and days."""
    generator = np.random.default_rng(16)
    names = sorted(data.presets())
    for _ in range(number):
        preset, scar = generator.choice(names), generator.choice(sorted(SCARS))
        yield str(preset), str(scar), float(generator.choice([BEFORE, 0, 0.1, 0.5, 1, 2, 3, 10, 28, 29.4, 60, 84]))


def same(found, expected, where="scene"):
    """Compare what the page gave with what Python gives."""
    if isinstance(found, dict):
        part = (lambda k: getattr(expected, k)) if dataclasses.is_dataclass(expected) else expected.__getitem__
        for name, value in found.items():
            same(value, part(name), f"{where}.{name}")
    elif isinstance(found, list):
        assert len(found) == len(expected), where
        for i, pair in enumerate(zip(found, expected, strict=True)):
            same(*pair, f"{where}[{i}]")
    elif isinstance(found, float | int) and not isinstance(found, bool):
        assert math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-9), where
    else:
        assert found == expected, where


def seen(shapes, **traits):
    """How many shapes with these traits are drawn; one that appears counts as far as it is visible."""
    return sum(x["alpha"] for x in shapes if all(x[name] == value for name, value in traits.items()))


def test_what_is_drawn_is_what_is_computed(opened):
    look, values = table(), parameter_set("article").values()
    piece = look["picture"]["width"] * look["picture"]["slab"]
    for preset, scar, day in states(20):
        moment, shown = json.loads(opened.page.evaluate(SCENE, [f"preset={preset}&scar={scar}", day]))
        same(shown, scene(moment))
        course = drawn(ex.load(preset, [f"skin.scar={scar}"]), values)
        numbers = course.at(day)["numbers"]
        where = f"{preset} {scar} {day}"
        assert shown["surface"]["dip"] == pytest.approx(numbers["missing_collagen"], rel=1e-4, abs=1e-6), where
        for name, symbol in look["symbols"].items():
            if "place" in symbol:
                amount = numbers[symbol["state"]]
            else:
                own = [x for x in LAYERS if f"{symbol['state']}_{x}" in numbers]
                less = values[symbol["above"]] if "above" in symbol else 0
                amount = sum(max(0, numbers[f"{symbol['state']}_{x}"] - less) * values[f"{x}_thickness"] for x in own)
                amount *= piece
            assert seen(shown["symbols"][name]) == pytest.approx(amount / symbol["per"], rel=2e-4, abs=2e-3), where
        wide = 2 * look["scars"][scar]["half"]
        for layer in LAYERS[1:]:
            area = wide * values[f"{layer}_thickness"] * look["picture"]["slab"]
            for kind, fibre in look["fibres"].items():
                dense = sum(numbers[f"{state}_{layer}"] for state in fibre["states"])
                drawn_now = seen(shown["fibres"], kind=kind, layer=layer, scar=True) * fibre["per"] / area
                assert drawn_now == pytest.approx(dense, rel=1e-4), where
        passes = course.passes(day)
        assert [x["depth"] for x in moment["passes"]] == pytest.approx([x["depth"] for x in passes])
        for channel in shown["channels"]:
            deep = next(x["depth"] for x in passes if x["mode"] == channel["mode"])
            assert channel["bottom"] - channel["top"] <= deep + 1e-9
        for stage in look["stages"][:-1]:
            area = (
                sum(math.pi * x["radius"] ** 2 * x["alpha"] for x in shown["channels"] if x["stage"] == stage) / piece
            )
            computed = sum(max(0, numbers[f"{k}_{stage}"]) for k in look["kinds"].values() if shown["channels"])
            assert area == pytest.approx(computed, rel=1e-3, abs=1e-5), (where, stage)


def test_symbols_appear_without_jumps(opened):
    _, early = json.loads(opened.page.evaluate(SCENE, ["preset=fractional_co2_exosome", 0.2]))
    _, late = json.loads(opened.page.evaluate(SCENE, ["preset=fractional_co2_exosome", 0.3]))
    for name in table()["symbols"]:
        few, many = sorted((early["symbols"][name], late["symbols"][name]), key=len)
        for layer in LAYERS:
            places = [[(x["x"], x["depth"]) for x in shapes if x["layer"] == layer] for shapes in (few, many)]
            short, long = sorted(places, key=len)
            assert long[: len(short)] == short


def test_day_0_has_two_moments(opened):
    page = opened.page
    page.evaluate("exosim.go('preset=fractional_co2_exosome&day=-1')")
    page.wait_for_timeout(900)
    before = page.text_content("#skin-spoken")
    page.evaluate("exosim.go('preset=fractional_co2_exosome&day=0')")
    page.wait_for_timeout(900)
    after = page.text_content("#skin-spoken")
    assert ("channels: none" in before, "open" in after) == (True, True)


def test_reduced_motion_shows_four_moments(browser, address):
    with watched(browser, address, viewport={"width": 1366, "height": 768}, reduced_motion="reduce") as calm:
        assert calm.page.locator(".skin.treated canvas").count() == 4
    with watched(browser, address, viewport={"width": 1366, "height": 768}) as lively:
        assert lively.page.locator(".skin.treated canvas").count() == 1


COUNTED = """
window.media = 0;
const { addEventListener: add, removeEventListener: remove } = MediaQueryList.prototype;
MediaQueryList.prototype.addEventListener = function (...x) { window.media++; add.apply(this, x); };
MediaQueryList.prototype.removeEventListener = function (...x) { window.media--; remove.apply(this, x); };
window.painted = [];
const draw = CanvasRenderingContext2D.prototype.drawImage;
CanvasRenderingContext2D.prototype.drawImage = function (picture, ...x) {
  if (this.canvas.closest('.skin') && picture.width === this.canvas.width) painted.push(document.timeline.currentTime);
  draw.call(this, picture, ...x);
};
"""


@pytest.fixture
def counted(browser, address):
    """A page that counts listeners to media, and at what frame each skin is painted."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.add_init_script(COUNTED)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def test_drawings_that_go_hear_nothing_any_more(counted):
    heard = set()
    for step in (0, 1, 2, 3, 2, 1):
        counted.evaluate("q => exosim.go(q)", f"lesson=repair&step={step}")
        heard.add(counted.evaluate("media"))
    assert heard == {4}


def test_a_frame_paints_one_skin_and_rest_paints_none(counted):
    counted.evaluate("exosim.go('preset=fractional_co2_exosome&day=-1')")
    counted.wait_for_timeout(2500)
    counted.evaluate("painted.length = 0")
    counted.click("#play")
    counted.wait_for_timeout(1500)
    painted = counted.evaluate("painted")
    assert len(painted) > 20
    assert len(painted) == len(set(painted))
    counted.click("#play")
    counted.wait_for_timeout(2500)
    before = counted.evaluate("painted.length")
    counted.wait_for_timeout(600)
    assert counted.evaluate("painted.length") == before


def test_time_stands_still_while_nobody_sees_the_page(counted):
    seen = "x => { Object.defineProperty(document, 'hidden', { value: !x, configurable: true });"
    seen += " document.dispatchEvent(new Event('visibilitychange')); return exosim.state.day; }"
    counted.evaluate("exosim.go('preset=fractional_co2_exosome&day=10')")
    counted.click("#play")
    counted.wait_for_function("() => exosim.state.day > 10")
    day = counted.evaluate(seen, False)
    counted.wait_for_timeout(700)
    assert counted.evaluate("exosim.state.day") == day
    counted.evaluate(seen, True)
    counted.wait_for_function("day => exosim.state.day > day", arg=day)
